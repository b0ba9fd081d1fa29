// Package bits is the family of functions on the bits of whole numbers: two's complement of 64 bits, or of 32 where all
// operands are INT. Bit 0 is the lowest.
package bits

import (
	gobits "math/bits"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function"
)

const family = "Bitwise"

// Scalars lists the functions of the family.
func Scalars() []function.Scalar {
	return append(logical(), shifts()...)
}

func binary(name, signature, doc, example string, ints func(a, b int32) int32, longs func(a, b int64) int64) function.Scalar {
	return function.Scalar{Name: name, Family: family, Signature: signature, Doc: doc, Example: example,
		Bind: function.Overloads(name,
			function.Overload{Args: []catalog.Type{catalog.Int, catalog.Int}, Type: catalog.Int, Eval: function.Map2(ints)},
			function.Overload{Args: []catalog.Type{catalog.Long, catalog.Long}, Type: catalog.Long, Eval: function.Map2(longs)})}
}

func logical() []function.Scalar {
	return []function.Scalar{
		binary("bitAnd", "bitAnd(a, b)", "The bits that are set in both.", "bitAnd(12, 10) = 8",
			func(a, b int32) int32 { return a & b }, func(a, b int64) int64 { return a & b }),
		binary("bitOr", "bitOr(a, b)", "The bits that are set in one or both.", "bitOr(12, 10) = 14",
			func(a, b int32) int32 { return a | b }, func(a, b int64) int64 { return a | b }),
		binary("bitXor", "bitXor(a, b)", "The bits that are set in exactly one.", "bitXor(12, 10) = 6",
			func(a, b int32) int32 { return a ^ b }, func(a, b int64) int64 { return a ^ b }),
		{Name: "bitNot", Family: family, Signature: "bitNot(x)", Doc: "All bits inverted.", Example: "bitNot(5) = -6",
			Bind: function.Overloads("bitNot",
				function.Overload{Args: []catalog.Type{catalog.Int}, Type: catalog.Int, Eval: function.Map1(func(x int32) int32 { return ^x })},
				function.Overload{Args: []catalog.Type{catalog.Long}, Type: catalog.Long, Eval: function.Map1(func(x int64) int64 { return ^x })})},
		{Name: "bitMask", Family: family, Signature: "bitMask(n)", Doc: "1 shifted left by n, which is taken modulo 64, as LONG.", Example: "bitMask(3) = 8",
			Bind: function.Overloads("bitMask", function.Overload{Args: []catalog.Type{catalog.Long}, Type: catalog.Long,
				Eval: function.Map1(func(n int64) int64 { return 1 << (uint64(n) & 63) })})},
		{Name: "bitExtract", Family: family, Signature: "bitExtract(x, n)", Doc: "Bit n of x: 0 or 1; 0 outside of 0 to 63.", Example: "bitExtract(5, 2) = 1",
			Bind: function.Overloads("bitExtract", function.Overload{Args: []catalog.Type{catalog.Long, catalog.Long}, Type: catalog.Int,
				Eval: function.Map2(extract)})},
		{Name: "bitCount", Family: family, Signature: "bitCount(x)", Doc: "Number of bits that are set, in a number or in the octets of a BYTES value.", Example: "bitCount(7) = 3",
			Bind: function.Overloads("bitCount",
				function.Overload{Args: []catalog.Type{catalog.Int}, Type: catalog.Int, Eval: function.Map1(func(x int32) int32 { return int32(gobits.OnesCount32(uint32(x))) })},
				function.Overload{Args: []catalog.Type{catalog.Long}, Type: catalog.Int, Eval: function.Map1(func(x int64) int32 { return int32(gobits.OnesCount64(uint64(x))) })},
				function.Overload{Args: []catalog.Type{catalog.Bytes}, Type: catalog.Int, Eval: function.Map1(countBytes)})},
	}
}

func extract(x, n int64) int32 {
	if n < 0 || n > 63 {
		return 0
	}
	return int32(uint64(x) >> uint(n) & 1)
}

func countBytes(s string) int32 {
	n := 0
	for i := range len(s) {
		n += gobits.OnesCount8(s[i])
	}
	return int32(n)
}

func shifts() []function.Scalar {
	const doc = " The distance is taken modulo 64, for INT modulo 32, as in Java."
	three := []catalog.Type{catalog.Bytes, catalog.Long, catalog.Long}
	set := func(name, doc, example string, f func(s string, n, x int64) (string, error)) function.Scalar {
		return function.Scalar{Name: name, Family: family, Signature: name + "(bytes, n, value)", Doc: doc, Example: example,
			Bind: function.Overloads(name, function.Overload{Args: three, Type: catalog.Bytes, Fallible: true, Eval: function.Try3(f)})}
	}
	octet := func(name, signature, doc, example string, args []catalog.Type, eval function.Eval) function.Scalar {
		return function.Scalar{Name: name, Family: family, Signature: signature, Doc: doc, Example: example,
			Bind: function.Overloads(name, function.Overload{Args: args, Type: catalog.Int, Fallible: true, Eval: eval})}
	}
	return []function.Scalar{
		binary("bitShiftLeft", "bitShiftLeft(x, n)", "x shifted left by n bits."+doc, "bitShiftLeft(1, 4) = 16",
			func(x, n int32) int32 { return x << (uint32(n) & 31) }, func(x, n int64) int64 { return x << (uint64(n) & 63) }),
		binary("bitShiftRight", "bitShiftRight(x, n)", "x shifted right by n bits, keeping the sign."+doc, "bitShiftRight(-16, 2) = -4",
			func(x, n int32) int32 { return x >> (uint32(n) & 31) }, func(x, n int64) int64 { return x >> (uint64(n) & 63) }),
		binary("bitShiftRightUnsigned", "bitShiftRightUnsigned(x, n)", "x shifted right by n bits, zeros coming in."+doc, "bitShiftRightUnsigned(16, 2) = 4",
			func(x, n int32) int32 { return int32(uint32(x) >> (uint32(n) & 31)) }, func(x, n int64) int64 { return int64(uint64(x) >> (uint64(n) & 63)) }),
		{Name: "byteswapInt", Family: family, Signature: "byteswapInt(x)", Doc: "The four octets of an INT in the other order.", Example: "byteswapInt(1) = 16777216",
			Bind: function.Overloads("byteswapInt", function.Overload{Args: []catalog.Type{catalog.Int}, Type: catalog.Int,
				Eval: function.Map1(func(x int32) int32 { return int32(gobits.ReverseBytes32(uint32(x))) })})},
		{Name: "byteswapLong", Family: family, Signature: "byteswapLong(x)", Doc: "The eight octets of a LONG in the other order.", Example: "byteswapLong(1) = 72057594037927936",
			Bind: function.Overloads("byteswapLong", function.Overload{Args: []catalog.Type{catalog.Long}, Type: catalog.Long,
				Eval: function.Map1(func(x int64) int64 { return int64(gobits.ReverseBytes64(uint64(x))) })})},
		octet("getByte", "getByte(bytes, n)", "Octet n, from 0, of a BYTES value.", "get_byte(X'0aff', 1) = 255",
			[]catalog.Type{catalog.Bytes, catalog.Long}, function.Try2(getByte)),
		set("setByte", "The BYTES value with octet n, from 0, replaced.", "bytesToHex(set_byte(X'0aff', 1, 0)) = '0a00'", setByte),
		set("setBit", "The BYTES value with bit n replaced, counted from the lowest bit of the first octet.", "bytesToHex(set_bit(X'05', 1, 1)) = '07'", setBit),
		octet("getBit", "getBit(bytes, n)", "Bit n of a BYTES value, counted from the lowest bit of the first octet.", "get_bit(X'05', 2) = 1",
			[]catalog.Type{catalog.Bytes, catalog.Long}, function.Try2(getBit)),
	}
}

func getByte(s string, n int64) (int32, error) {
	if n < 0 || n >= int64(len(s)) {
		return 0, errs.User("2202E", "index %d out of valid range, 0..%d", n, len(s)-1)
	}
	return int32(s[n]), nil
}

func getBit(s string, n int64) (int32, error) {
	if n < 0 || n>>3 >= int64(len(s)) {
		return 0, errs.User("2202E", "index %d out of valid range, 0..%d", n, int64(len(s))*8-1)
	}
	return int32(s[n>>3] >> uint(n&7) & 1), nil
}

func setByte(s string, n, x int64) (string, error) {
	if _, err := getByte(s, n); err != nil {
		return "", err
	}
	return s[:n] + string([]byte{byte(x)}) + s[n+1:], nil
}

func setBit(s string, n, x int64) (string, error) {
	if _, err := getBit(s, n); err != nil {
		return "", err
	}
	if x != 0 && x != 1 {
		return "", errs.User(errs.InvalidParameterValue, "new bit must be 0 or 1")
	}
	octet := int64(s[n>>3]) &^ (1 << uint(n&7))
	return setByte(s, n>>3, octet|x<<uint(n&7))
}
