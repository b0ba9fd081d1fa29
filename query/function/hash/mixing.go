package hash

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// mixing are hashes that are no digests.
func mixing() []function.Scalar {
	h32 := func(name, doc, example string, f func(s string) int32, aliases ...string) function.Scalar {
		return function.Scalar{Name: name, Aliases: aliases, Family: family, Signature: name + "(x)", Doc: doc + " as INT.", Example: example,
			Bind: function.Overloads(name, octets(catalog.Int, false, function.Map1(f))...)}
	}
	h64 := func(name, doc, example string, f func(s string) int64, aliases ...string) function.Scalar {
		return function.Scalar{Name: name, Aliases: aliases, Family: family, Signature: name + "(x)", Doc: doc + " as LONG.", Example: example,
			Bind: function.Overloads(name, octets(catalog.Long, false, function.Map1(f))...)}
	}
	return []function.Scalar{
		h32("murmurHash2", "MurmurHash2, the hash of Kafka's partitioner,", "murmurHash2('21') = -973932308", murmur2, "murmurHash2UTF8", "murmur2"),
		seeded("murmurHash2Bit64", "MurmurHash64A as LONG.", "murmurHash2Bit64('a') = murmurHash2Bit64('a', 3782874213)", catalog.Long, murmur2Seed64,
			func(out *vec.Vector, i int, s string, seed int64) { out.I64[i] = murmur64(s, seed) }),
		seeded("murmurHash3Bit32", "MurmurHash3 of 32 bits as INT.", "murmurHash3Bit32('hello', 0) = 613153351", catalog.Int, 0,
			func(out *vec.Vector, i int, s string, seed int64) { out.I32[i] = murmur3(s, seed) }, "murmur3_32"),
		seeded("murmurHash3Bit64", "The first half of MurmurHash3 of 128 bits as LONG.", "murmurHash3Bit64('hello', 0) = -3758069500696749310", catalog.Long, 0,
			func(out *vec.Vector, i int, s string, seed int64) {
				h1, _ := murmur128(s, seed)
				out.I64[i] = int64(h1)
			}),
		{Name: "murmurHash3Bit128", Family: family, Signature: "murmurHash3Bit128(x[, seed])", Doc: "MurmurHash3 of 128 bits as BYTES.",
			Example: "bytesToHex(murmurHash3Bit128('hello', 0)) = '029bbd41b3a7d8cb191dae486a901e5b'", Bind: function.Overloads("murmurHash3Bit128", withSeed(catalog.Bytes, evalMurmur128)...)},
		h32("fnv1Hash32", "FNV-1 of 32 bits", "fnv1Hash32('a') = 84696446", func(s string) int32 { return fnv32(s, false) }, "fnv1Hash32UTF8", "fnv1_32"),
		h32("fnv1aHash32", "FNV-1a of 32 bits", "fnv1aHash32('a') = -468965076", func(s string) int32 { return fnv32(s, true) }, "fnv1aHash32UTF8", "fnv1a_32"),
		h64("fnv1Hash64", "FNV-1 of 64 bits", "fnv1Hash64('a') = -5808590958014384194", func(s string) int64 { return fnv64(s, false) }, "fnv1Hash64UTF8", "fnv1_64"),
		h64("fnv1aHash64", "FNV-1a of 64 bits", "fnv1aHash64('a') = -5808556873153909620", func(s string) int64 { return fnv64(s, true) }, "fnv1aHash64UTF8", "fnv1a_64"),
	}
}

// seeded is a hash that takes a seed, or seed where there is none.
func seeded(name, doc, example string, result catalog.Type, seed int64, store func(out *vec.Vector, i int, s string, seed int64), aliases ...string) function.Scalar {
	eval := func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		s, seeds := function.View[string](args[0]), function.ConstSlice(seed)
		if len(args) == 2 {
			seeds = function.View[int64](args[1])
		}
		for i := range n {
			store(out, i, s.At(i), seeds.At(i))
		}
		return nil
	}
	return function.Scalar{Name: name, Aliases: aliases, Family: family, Signature: name + "(x[, seed])", Doc: doc, Example: example,
		Bind: function.Overloads(name, withSeed(result, eval)...)}
}

// withSeed lists the overloads of a hash with and without a seed.
func withSeed(result catalog.Type, eval function.Eval) []function.Overload {
	var list []function.Overload
	for _, t := range []catalog.Type{catalog.Bytes, catalog.String} {
		list = append(list, function.Overload{Args: []catalog.Type{t}, Type: result, Eval: eval}, function.Overload{Args: []catalog.Type{t, catalog.Long}, Type: result, Eval: eval})
	}
	return list
}

func evalMurmur128(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	s, seeds := function.View[string](args[0]), function.ConstSlice(int64(0))
	if len(args) == 2 {
		seeds = function.View[int64](args[1])
	}
	return function.BuildTexts(ec, n, out, func(dst []byte, i int) ([]byte, error) { return appendMurmur128(dst, s.At(i), seeds.At(i)), nil })
}
