package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// lengths are sizes around words and blocks.
var lengths = []int{0, 1, 7, 8, 63, 64, 65, 127, 128, 500, 8191, 8192}

// expect narrows in by a predicate, row by row.
func expect(in []uint64, n int, pass func(i int) bool) []uint64 {
	out := make([]uint64, len(in))
	for i := range n {
		if in[i/64]>>(i%64)&1 != 0 && pass(i) {
			out[i/64] |= 1 << (i % 64)
		}
	}
	return out
}

// bitmap draws a bitmap of n bits: full, empty in whole words, sparse or mixed.
func bitmap(t *rapid.T, n int) []uint64 {
	out := make([]uint64, (n+63)/64)
	kind := rapid.IntRange(0, 2).Draw(t, "bitmap")
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
	for i := range n {
		if kind == 0 || kind == 1 && i/64%2 == 0 || kind == 2 && r.IntN(5) == 0 {
			out[i/64] |= 1 << (i % 64)
		}
	}
	return out
}

func check(t *rapid.T, name string, in, want []uint64, run func(out []uint64)) {
	out := append(make([]uint64, 0, len(in)), in...)
	run(out)
	if diff := cmp.Diff(want, out); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", name, diff)
	}
}

func codes[C Code](t *rapid.T, n int) []C {
	out := make([]C, n)
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "codes"), 4))
	span := rapid.SampledFrom([]uint32{2, 10, 256, 1 << 16, math.MaxUint32}).Draw(t, "span")
	for i := range out {
		out[i] = C(r.Uint32N(span))
	}
	return out
}

func checkCodes[C Code](t *rapid.T, name string) {
	n := rapid.SampledFrom(lengths).Draw(t, "n")
	c := codes[C](t, n)
	in := bitmap(t, n)
	lo := uint32(C(rapid.Uint32().Draw(t, "lo") >> rapid.IntRange(0, 31).Draw(t, "shift")))
	hi := lo + rapid.Uint32Range(0, math.MaxUint32-lo).Draw(t, "width")>>rapid.IntRange(0, 31).Draw(t, "shift")
	for _, invert := range []bool{false, true} {
		want := expect(in, n, func(i int) bool { return (uint32(c[i]) >= lo && uint32(c[i]) <= hi) != invert })
		check(t, name, in, want, func(out []uint64) { CodeRange(c, lo, hi, invert, out) })
	}
}

func TestCodeRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkCodes[uint8](t, "u8")
		checkCodes[uint16](t, "u16")
		checkCodes[uint32](t, "u32")
	})
}

func TestByteKernels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom(lengths).Draw(t, "n")
		c := codes[uint8](t, n)
		in := bitmap(t, n)
		x := uint8(rapid.IntRange(0, 255).Draw(t, "x"))
		for _, invert := range []bool{false, true} {
			want := expect(in, n, func(i int) bool { return (c[i] == x) != invert })
			check(t, "ByteEq", in, want, func(out []uint64) { ByteEq(c, x, invert, out) })
		}
		var table [256]uint8
		set := make([]uint64, 4)
		for i := range table {
			if (i*7+int(x))%3 == 0 {
				table[i] = 1
				set[i/64] |= 1 << (i % 64)
			}
		}
		want := expect(in, n, func(i int) bool { return table[c[i]] == 1 })
		check(t, "ByteSet", in, want, func(out []uint64) { ByteSet(c, &table, out) })
		check(t, "CodeSet", in, want, func(out []uint64) { CodeSet(c, set, out) })
	})
}

func TestIntRange(t *testing.T) {
	ends := []int64{math.MinInt64, math.MinInt64 + 1, math.MinInt32, -1, 0, 1, 50, math.MaxInt32, math.MaxInt64 - 1, math.MaxInt64}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom(lengths).Draw(t, "n")
		in := bitmap(t, n)
		lo, hi := rapid.SampledFrom(ends).Draw(t, "lo"), rapid.SampledFrom(ends).Draw(t, "hi")
		v64, v32 := make([]int64, n), make([]int32, n)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 5))
		for i := range n {
			v64[i] = ends[r.IntN(len(ends))]
			v32[i] = int32(v64[i])
		}
		for _, invert := range []bool{false, true} {
			want := expect(in, n, func(i int) bool { return (v64[i] >= lo && v64[i] <= hi) != invert })
			check(t, "int64", in, want, func(out []uint64) { IntRange(v64, lo, hi, invert, out) })
			want = expect(in, n, func(i int) bool { return (int64(v32[i]) >= lo && int64(v32[i]) <= hi) != invert })
			check(t, "int32", in, want, func(out []uint64) { IntRange(v32, lo, hi, invert, out) })
		}
	})
}

func TestFloatRange(t *testing.T) {
	ends := []float64{math.Inf(-1), -1.5, math.Copysign(0, -1), 0, 2.25, math.Inf(1), math.NaN()}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom(lengths).Draw(t, "n")
		in := bitmap(t, n)
		lo, hi := rapid.SampledFrom(ends[:6]).Draw(t, "lo"), rapid.SampledFrom(ends[:6]).Draw(t, "hi")
		f64, f32 := make([]float64, n), make([]float32, n)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 6))
		for i := range n {
			f64[i] = ends[r.IntN(len(ends))]
			f32[i] = float32(f64[i])
		}
		for _, invert := range []bool{false, true} {
			want := expect(in, n, func(i int) bool { return (f64[i] >= lo && f64[i] <= hi) != invert })
			check(t, "float64", in, want, func(out []uint64) { FloatRange(f64, lo, hi, invert, out) })
			check(t, "float32", in, want, func(out []uint64) { FloatRange(f32, lo, hi, invert, out) })
		}
	})
}

func TestCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom(lengths).Draw(t, "n")
		set := bitmap(t, n)
		want := 0
		for i := range n {
			want += int(set[i/64] >> (i % 64) & 1)
		}
		if got := Count(set); got != want {
			t.Fatalf("%d bits: %d set, want %d", n, got, want)
		}
	})
}

func TestLookup(t *testing.T) {
	table := []uint32{5, Missing, 7}
	out := make([]uint32, 3)
	if Lookup(table, []uint8{0, 2, 0}, out) {
		t.Error("nothing is missing")
	}
	if diff := cmp.Diff([]uint32{5, 7, 5}, out); diff != "" {
		t.Error(diff)
	}
	if !Lookup(table, []uint8{0, 1, 2}, out) {
		t.Error("code 1 is missing")
	}
	for at := range 64 {
		shorts, words := make([]uint16, 64), make([]uint32, 64)
		shorts[at], words[at] = 1, 1
		out := make([]uint32, 64)
		if !Lookup(table, shorts, out) || NextMissing(out) != at || !Lookup(table, words, out) || NextMissing(out) != at {
			t.Errorf("the code of row %d is missing", at)
		}
	}
}

// nearSpan is how many codes the wide form has in a register.
const nearSpan = 16

// TestLookupForms: every width of codes, few and many groups, with and without missing ones, gives what a loop gives.
func TestLookupForms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom(lengths).Draw(t, "n")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		table := make([]uint32, rapid.SampledFrom([]int{1, 7, 200, 256}).Draw(t, "codes"))
		span := min(rapid.SampledFrom([]int{1, nearSpan, nearSpan + 1, len(table)}).Draw(t, "codes in the block"), len(table))
		least := r.IntN(len(table) - span + 1)
		most := rapid.SampledFrom([]uint32{1, 254, 255, 256, 1 << 20}).Draw(t, "groups")
		missing := rapid.SampledFrom([]int{0, 1, 50}).Draw(t, "missing percent")
		for i := range table {
			if table[i] = r.Uint32N(most + 1); r.IntN(100) < missing {
				table[i] = Missing
			}
		}
		codes, shorts, words := make([]uint8, n), make([]uint16, n), make([]uint32, n)
		want, lacks := make([]uint32, n), false
		for i := range codes {
			c := least + r.IntN(span)
			codes[i], shorts[i], words[i], want[i] = uint8(c), uint16(c), uint32(c), table[c]
			lacks = lacks || want[i] == Missing
		}
		for _, lookup := range []func(out []uint32) bool{
			func(out []uint32) bool { return Lookup(table, codes, out) },
			func(out []uint32) bool { return Lookup(table, shorts, out) },
			func(out []uint32) bool { return Lookup(table, words, out) },
		} {
			out := make([]uint32, n)
			if got := lookup(out); got != lacks || !slices.Equal(out, want) {
				t.Fatalf("missing %t, want %t; %v, want %v", got, lacks, out, want)
			}
			at := slices.Index(out, Missing)
			if !lacks {
				at = n
			}
			if got := NextMissing(out); got != at {
				t.Fatalf("first missing at %d, want %d of %v", got, at, out)
			}
		}
	})
}

func TestLookupBeyondTable(t *testing.T) {
	for _, least := range []uint8{0, 8} {
		codes, words := slices.Repeat([]uint8{least}, 100), slices.Repeat([]uint32{uint32(least)}, 100)
		codes[70], words[70] = 9, 9
		panics(t, "a code without a place in the table", func() { Lookup(make([]uint32, 9), codes, make([]uint32, 100)) })
		panics(t, "a wide code without a place in the table", func() { Lookup(make([]uint32, 9), words, make([]uint32, 100)) })
	}
}

func panics(t interface{ Errorf(string, ...any) }, what string, f func()) {
	defer func() {
		if recover() == nil {
			t.Errorf("%s is not noticed", what)
		}
	}()
	f()
}

// TestCountGroups: all copies together count what a loop counts, and so does CountFew where the groups are few.
func TestCountGroups(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom(append(lengths, 3*8192+70)).Draw(t, "n")
		span := rapid.SampledFrom([]int{1, 2, 5, FewGroups, FewGroups + 1, 5000}).Draw(t, "groups")
		least := rapid.SampledFrom([]int{0, 3, 70000}).Draw(t, "least")
		distinct := rapid.IntRange(1, CountCopies).Draw(t, "distinct copies")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 4))
		var copies [CountCopies][]uint32
		for i := range copies {
			if copies[i] = copies[i%distinct]; i < distinct {
				copies[i] = make([]uint32, least+span)
			}
		}
		groups, want := make([]uint32, n), make([]uint32, least+span)
		for i := range groups {
			groups[i] = uint32(least + r.IntN(span))
			want[groups[i]]++
		}
		CountGroups(&copies, groups)
		got := make([]uint32, len(want))
		for _, c := range copies[:distinct] {
			for g, x := range c {
				got[g] += x
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("counts of %v are %v, want %v", groups, got, want)
		}
		few := [FewGroups]uint32{1, 2, 3}
		first, ok := CountFew(groups, &few)
		if n == 0 {
			if ok {
				t.Fatal("no rows were counted")
			}
			return
		}
		if near := slices.Max(groups)-slices.Min(groups) < FewGroups; ok != (near && Wide()) {
			t.Fatalf("few groups: %t; wide: %t; counted: %t", near, Wide(), ok)
		}
		if !ok {
			return
		}
		clear(got)
		for k, x := range few {
			if x > 0 {
				got[int(first)+k] += x
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("few counts of %v are %v, want %v", groups, got, want)
		}
	})
	groups := make([]uint32, 100)
	groups[50] = 9
	short := make([]uint32, 9)
	panics(t, "a group without a count", func() { CountGroups(&[CountCopies][]uint32{short, short, short, short}, groups) })
}

// TestCountSlots: with and without groups, codes of either width count what a loop counts; nothing is counted elsewhere.
func TestCountSlots(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom(lengths).Draw(t, "n")
		groups := rapid.SampledFrom([]int{0, 1, 7}).Draw(t, "groups")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 5))
		of := make([]uint16, rapid.SampledFrom([]int{1, 200, 256}).Draw(t, "codes"))
		for i := range of {
			of[i] = uint16(r.IntN(1 + r.IntN(700)))
		}
		slots := SlotsOf(of)
		if slots.Count != int(slices.Max(of))+1 {
			t.Fatalf("%d slots, want %d", slots.Count, int(slices.Max(of))+1)
		}
		bytes, shorts, ids := make([]uint8, n), make([]uint16, n), make([]uint32, n)
		want := make([]uint32, max(groups, 1)*slots.Count)
		for i := range ids {
			code := r.IntN(len(of))
			bytes[i], shorts[i], ids[i] = uint8(code), uint16(code), uint32(r.IntN(max(groups, 1)))
			want[int(ids[i])*slots.Count+int(of[code])] += 2
		}
		if groups == 0 {
			ids = nil
		}
		got := make([]uint32, len(want))
		CountSlots(got, ids, bytes, slots)
		CountSlots(got, ids, shorts, slots)
		if !slices.Equal(got, want) {
			t.Fatalf("counts %v, want %v", got, want)
		}
	})
	slots := SlotsOf([]uint16{0, 1, 2})
	codes, groups := make([]uint8, 100), make([]uint32, 100)
	codes[50] = 2
	panics(t, "too little room", func() { CountSlots(make([]uint32, 2), nil, codes, slots) })
	groups[70] = 2
	panics(t, "a group without counts", func() { CountSlots(make([]uint32, 6), groups, codes, slots) })
	codes[60] = 3
	panics(t, "a code without a slot", func() { CountSlots(make([]uint32, 6), nil, codes, slots) })
}

// TestAddSplit: the sums of all copies are those of a loop; groups that no value has stay empty.
func TestAddSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom(lengths).Draw(t, "n")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
		values := make([]float64, n)
		for i := range values {
			values[i] = []float64{0, math.Copysign(0, -1), 0.01, -999.99, r.NormFloat64()}[r.IntN(5)]
		}
		m := Splitter(1000)
		checkSums(t, r, values, m, func(copies *[PairCopies][]Pair, groups []uint32) { AddSplit(copies, groups, values, m) })
	})
}

// TestAddScaled: so are those of values that are stored as codes.
func TestAddScaled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom(lengths).Draw(t, "n")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
		base, power := r.Int64N(2_000_000)-1_000_000, math.Pow10(r.IntN(10))
		checkScaledSums[uint8](t, r, n, base, power)
		checkScaledSums[uint16](t, r, n, base, power)
		checkScaledSums[uint32](t, r, n, base, power)
	})
}

func checkScaledSums[C Code](t *rapid.T, r *rand.Rand, n int, base int64, power float64) {
	codes, values := make([]C, n), make([]float64, n)
	for i := range codes {
		codes[i] = C(r.Uint32())
	}
	Unscale(codes, base, power, values)
	m := Splitter(math.Float64frombits(MagnitudesOf(values).Most))
	checkSums(t, r, values, m, func(copies *[PairCopies][]Pair, groups []uint32) { AddScaled(copies, groups, codes, base, power, m) })
}

// checkSums compares what add does for some groups with a loop over values.
func checkSums(t *rapid.T, r *rand.Rand, values []float64, m float64, add func(copies *[PairCopies][]Pair, groups []uint32)) {
	groups := rapid.SampledFrom([]int{1, 3, 300}).Draw(t, "groups")
	shared := rapid.Bool().Draw(t, "one copy")
	var copies [PairCopies][]Pair
	for i := range copies {
		if copies[i] = make([]Pair, groups+1); shared && i > 0 {
			copies[i] = copies[0]
		}
		for g := range copies[i] {
			copies[i][g] = NoPair()
		}
	}
	ids, want := make([]uint32, len(values)), make([]Pair, PairCopies*groups)
	for i := range want {
		want[i] = NoPair()
	}
	for i, x := range values {
		ids[i] = uint32(r.IntN(groups))
		w := &want[ids[i]]
		if !shared {
			w = &want[i%PairCopies*groups+int(ids[i])]
		}
		q := (x + m) - m
		w.High += q
		w.Low += x - q
	}
	add(&copies, ids)
	for i, w := range want {
		copied, g := i/groups, i%groups
		if shared && copied > 0 {
			break
		}
		got := copies[copied][g]
		if got.High != w.High || math.Abs(got.Low-w.Low) > m*0x1p-90 || got.Empty() != w.Empty() {
			t.Fatalf("copy %d, group %d: %v, want %v", copied, g, got, w)
		}
	}
	if !copies[0][groups].Empty() {
		t.Fatal("a group without values is not empty")
	}
	for i := range copies {
		copies[i] = copies[i][:groups-1]
	}
	if slices.Contains(ids, uint32(groups-1)) {
		panics(t, "a group without a sum", func() { add(&copies, ids) })
	}
}

// TestFindTexts: texts of few letters, empty ones among them, hold what strings.Contains finds; what two texts hold together
// does not count.
func TestFindTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 4))
		n, longest := rapid.SampledFrom([]int{0, 1, 3, 70, 500}).Draw(t, "texts"), rapid.SampledFrom([]int{1, 5, 200}).Draw(t, "longest")
		letters := rapid.IntRange(1, 4).Draw(t, "letters")
		text := func(length int) string {
			b := make([]byte, length)
			for i := range b {
				b[i] = byte('a' + r.IntN(letters))
			}
			return string(b)
		}
		data, offsets := text(r.IntN(9)), []uint32{}
		offsets = append(offsets, uint32(len(data)))
		var texts []string
		for range n {
			texts = append(texts, text(r.IntN(longest+1)))
			data += texts[len(texts)-1]
			offsets = append(offsets, uint32(len(data)))
		}
		data += text(r.IntN(9))
		needle := text(1 + r.IntN(9))
		set := make([]uint64, (n+63)/64)
		FindTexts([]byte(data), offsets, needle, set)
		for i, s := range texts {
			if got := set[i>>6]>>(i&63)&1 == 1; got != strings.Contains(s, needle) {
				t.Fatalf("%q in text %d, %q: %t", needle, i, s, got)
			}
		}
	})
}

func TestSame(t *testing.T) {
	for _, n := range lengths {
		groups := make([]uint32, n)
		for i := range groups {
			groups[i] = 7
		}
		if Same(groups) != (n > 0) {
			t.Errorf("%d equal groups", n)
		}
		for i := range groups {
			if i > 0 && i < n-1 && i%61 != 0 {
				continue
			}
			groups[i] = 6
			if n > 1 && Same(groups) {
				t.Errorf("group %d of %d differs", i, n)
			}
			groups[i] = 7
		}
	}
}

func TestAddKernels(t *testing.T) {
	out := []uint32{1, 1}
	WidenAdd([]uint16{4, 3}, 10, out)
	MapAdd([]uint8{0, 1}, []uint32{100, 200}, out)
	AddOffsets([]int64{-5, -4}, -5, 1000, out)
	if diff := cmp.Diff([]uint32{41 + 100, 31 + 200 + 1000}, out); diff != "" {
		t.Error(diff)
	}
	bits := []uint64{0b1111}
	AndBits([]uint64{0b0101}, true, bits)
	AndBits([]uint64{0b0001}, false, bits)
	if bits[0] != 0b0100 {
		t.Errorf("AndBits left %b", bits[0])
	}
}

// BenchmarkFilter measures the comparison kernels over a block in cache.
func BenchmarkFilter(b *testing.B) {
	const n = 8192
	u8, u16, u32 := make([]uint8, n), make([]uint16, n), make([]uint32, n)
	i64, f64 := make([]int64, n), make([]float64, n)
	set := make([]uint64, 1024)
	for i := range n {
		x := rand.Uint32N(200)
		u8[i], u16[i], u32[i], i64[i], f64[i] = uint8(x), uint16(x), x, int64(x), float64(x)
		set[x%4] |= 1 << (x % 64)
	}
	var table [256]uint8
	out := make([]uint64, n/64)
	full := func() {
		for i := range out {
			out[i] = math.MaxUint64
		}
	}
	counted := 0
	for _, k := range []struct {
		name string
		run  func()
	}{
		{"u8 eq", func() { ByteEq(u8, 7, false, out) }},
		{"u8 range", func() { CodeRange(u8, 7, 20, false, out) }},
		{"u8 set", func() { ByteSet(u8, &table, out) }},
		{"u16 range", func() { CodeRange(u16, 7, 20, false, out) }},
		{"u16 set", func() { CodeSet(u16, set, out) }},
		{"u32 range", func() { CodeRange(u32, 7, 20, false, out) }},
		{"i64 range", func() { IntRange(i64, 7, 20, false, out) }},
		{"f64 range", func() { FloatRange(f64, 7, 20, false, out) }},
		{"count", func() { counted = Count(out) }},
	} {
		b.Run(k.name, func(b *testing.B) {
			for b.Loop() {
				full()
				k.run()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
		})
	}
	if testing.Verbose() {
		b.Log(fmt.Sprint("rows that pass: ", out[0], counted))
	}
}
