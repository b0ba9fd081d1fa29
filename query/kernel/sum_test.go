package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

var sumLengths = []int{0, 1, 3, 15, 16, 17, 31, 32, 63, 64, 65, 1000, 8192}

// TestSumSplit: as exact as a sum with a thousand bits, of terms whose magnitudes are far apart and cancel.
func TestSumSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom(sumLengths).Draw(t, "n")
		scale := math.Ldexp(1, rapid.IntRange(-900, 800).Draw(t, "scale"))
		spread := rapid.IntRange(0, 60).Draw(t, "spread")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		values := make([]float64, n)
		most := scale
		want := new(big.Float).SetPrec(3000)
		magnitudes := 0.0
		for i := range values {
			values[i] = (r.Float64()*2 - 1) * scale * math.Ldexp(1, -r.IntN(spread+1))
			want.Add(want, new(big.Float).SetPrec(3000).SetFloat64(values[i]))
			magnitudes += math.Abs(values[i])
		}
		m := Splitter(most)
		high, low, bits := SumSplit(values, m)
		if bits != MagnitudesOf(values) || math.Float64frombits(bits.Most) > SplitLimit(m) {
			t.Fatalf("most is %v of at most %v", math.Float64frombits(bits.Most), SplitLimit(m))
		}
		got := new(big.Float).SetPrec(3000).SetFloat64(high)
		got.Add(got, new(big.Float).SetPrec(3000).SetFloat64(low))
		off, _ := new(big.Float).Sub(got, want).Float64()
		if math.Abs(off) > most*math.Ldexp(float64(n), -60) {
			t.Fatalf("off by %g of %g", off, magnitudes)
		}
		shuffled := slices.Clone(values)
		r.Shuffle(n, func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if again, _, _ := SumSplit(shuffled, m); again != high {
			t.Fatalf("high parts add up to %g and, in another order, %g", high, again)
		}
	})
}

// TestSplitterRoom: SplitTerms terms of the largest magnitude still add up exactly.
func TestSplitterRoom(t *testing.T) {
	for _, most := range []float64{1, 1.5, math.Nextafter(2, 0), 550.9, 0x1p-1000, MaxSplit} {
		m := Splitter(most)
		if SplitLimit(m) < most || SplitLimit(m) > 2*most {
			t.Errorf("limit for %g is %g", most, SplitLimit(m))
		}
		unit := math.Nextafter(m, math.Inf(1)) - m
		q := (most + m) - m
		if total := q * SplitTerms; total/unit > 1<<53 || total+unit == total {
			t.Errorf("%g: %d terms reach %g units", most, SplitTerms, total/unit)
		}
	}
}

func TestLargestAndRanges(t *testing.T) {
	special := []float64{math.Inf(-1), -math.MaxFloat64, -1, -5e-324, math.Copysign(0, -1), 0, 5e-324, 1, math.MaxFloat64, math.Inf(1), math.NaN()}
	for i, x := range special[1:] {
		if DoubleKey(special[i]) >= DoubleKey(x) {
			t.Errorf("%v is not before %v", special[i], x)
		}
	}
	if DoubleKey(math.Copysign(math.NaN(), -1)) >= DoubleKey(math.Inf(-1)) {
		t.Error("a NaN with a sign is not first")
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom(sumLengths[1:]).Draw(t, "n")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		values, longs := make([]float64, n), make([]int64, n)
		lo, hi, want := int64(math.MaxInt64), int64(math.MinInt64), Magnitudes{Least: math.MaxUint64}
		least, greatest := lo, hi
		for i := range values {
			values[i] = special[r.IntN(len(special))]
			if r.IntN(2) == 0 {
				values[i] = r.NormFloat64()
			}
			longs[i] = int64(r.Uint64()) >> r.IntN(64)
			k := DoubleKey(values[i])
			if back := DoubleOfKey(k); math.Float64bits(back) != math.Float64bits(values[i]) {
				t.Fatalf("%v comes back as %v", values[i], back)
			}
			lo, hi = min(lo, k), max(hi, k)
			if b := math.Float64bits(math.Abs(values[i])); b != 0 {
				want.Least, want.Most = min(want.Least, b), max(want.Most, b)
			}
			least, greatest = min(least, longs[i]), max(greatest, longs[i])
		}
		if a, b := DoubleRange(values); a != lo || b != hi {
			t.Fatalf("range of %v", values)
		}
		if a, b := LongRange(longs); a != least || b != greatest {
			t.Fatalf("range of %v", longs)
		}
		if got := MagnitudesOf(values); got != want {
			t.Fatalf("magnitudes of %v are %+v, want %+v", values, got, want)
		}
	})
}

func checkSum[C Code](t *rapid.T, r *rand.Rand, n int) {
	codes := make([]C, n)
	want := uint64(0)
	for i := range codes {
		codes[i] = ^C(0)
		if r.IntN(3) > 0 {
			codes[i] = C(r.Uint32())
		}
		want += uint64(codes[i])
	}
	if got := SumCodes(codes); got != want {
		t.Fatalf("sum of %d codes is %d, want %d", n, got, want)
	}
	if n == 0 {
		return
	}
	if lo, hi := CodeExtremes(codes); lo != uint32(slices.Min(codes)) || hi != uint32(slices.Max(codes)) {
		t.Fatalf("range of %d codes is %d to %d", n, lo, hi)
	}
}

func TestSumCodes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom(append(sumLengths, 1<<20+77)).Draw(t, "n")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		checkSum[uint8](t, r, n)
		checkSum[uint16](t, r, n)
		checkSum[uint32](t, r, n)
	})
	all := make([]uint16, 3<<20)
	for i := range all {
		all[i] = math.MaxUint16
	}
	if got := SumCodes(all); got != uint64(len(all))*math.MaxUint16 {
		t.Errorf("largest codes: %d", got)
	}
}

func TestSelect(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom(lengths).Draw(t, "n")
		in := bitmap(t, n)
		var want []uint16
		for i := range n {
			if in[i/64]>>(i%64)&1 != 0 {
				want = append(want, uint16(i))
			}
		}
		out := make([]uint16, len(in)*64+SelectSlack)
		if got := out[:Select(in, out)]; !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func checkCompact[C Code](t *rapid.T, codes []C, set []uint64) {
	var want []C
	for i, c := range codes {
		if set[i/64]>>(i%64)&1 != 0 {
			want = append(want, c)
		}
	}
	out := make([]C, len(codes)+CompactSlack)
	if got := out[:Compact(codes, set, out)]; !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func TestCompact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom(lengths).Draw(t, "n")
		set := bitmap(t, n)
		u8, u16, u32 := make([]uint8, n), make([]uint16, n), make([]uint32, n)
		for i := range n {
			u8[i], u16[i], u32[i] = uint8(i*7), uint16(i*3001), uint32(i*300001)
		}
		checkCompact(t, u8, set)
		checkCompact(t, u16, set)
		checkCompact(t, u32, set)
	})
}

// checkUnscale compares codes' values with divisions, and sums of them with one of a thousand bits.
func checkUnscale[C Code](t interface{ Fatalf(string, ...any) }, r *rand.Rand, n int, base int64, power float64) {
	codes, out := make([]C, n), make([]float64, n)
	for i := range codes {
		codes[i] = C(r.Uint32())
	}
	Unscale(codes, base, power, out)
	want := new(big.Float).SetPrec(3000)
	for i, c := range codes {
		if x := float64(base+int64(c)) / power; out[i] != x {
			t.Fatalf("%v / %v is %v, want %v", base+int64(c), power, out[i], x)
		}
		want.Add(want, new(big.Float).SetPrec(3000).SetFloat64(out[i]))
	}
	if n == 0 {
		return
	}
	m := Splitter(math.Float64frombits(max(MagnitudesOf(out).Most, 1)) * math.Ldexp(1, r.IntN(20)))
	high, low := SumScaled(codes, base, power, m)
	if multiple := (high + m) - m; multiple != high {
		t.Fatalf("%g is no multiple of the unit of %g", high, m)
	}
	got := new(big.Float).SetPrec(3000).SetFloat64(high)
	got.Add(got, new(big.Float).SetPrec(3000).SetFloat64(low))
	if off, _ := new(big.Float).Sub(got, want).Float64(); math.Abs(off) > m*math.Ldexp(float64(n), -106) {
		t.Fatalf("%d codes from %d by %g add up to %g and %g, off by %g with %g", n, base, power, high, low, off, m)
	}
	if unit := m * 0x1p-52; math.Abs(low) > float64(n)*unit {
		t.Fatalf("%g is left of %d codes, more than a unit of %g each", low, n, unit)
	}
}

func TestUnscale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom(append(sumLengths, 8192+77)).Draw(t, "n")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		base := max(r.Int64N(1<<r.IntN(53))*(1-2*r.Int64N(2)), -1<<53+1<<32)
		power := math.Pow10(r.IntN(16))
		checkUnscale[uint8](t, r, n, base, power)
		checkUnscale[uint16](t, r, n, base, power)
		checkUnscale[uint32](t, r, n, base, power)
	})
	// More of large integers than add up exactly.
	checkUnscale[uint32](t, rand.New(rand.NewPCG(1, 1)), 1<<17, 1<<39-1, 100)
}

// BenchmarkSum measures sums, ranges and selections over a block in cache.
func BenchmarkSum(b *testing.B) {
	const n = 8192
	values, longs, u8, u16, u32 := make([]float64, n), make([]int64, n), make([]uint8, n), make([]uint16, n), make([]uint32, n)
	tenth := make([]uint64, n/64)
	for i := range n {
		x := rand.Uint32N(50000)
		values[i], longs[i], u8[i], u16[i], u32[i] = float64(x)/100, int64(x), uint8(x), uint16(x), x
		if x%10 == 0 {
			tenth[i/64] |= 1 << (i % 64)
		}
	}
	out := make([]uint16, n+SelectSlack)
	m := Splitter(600)
	for _, k := range []struct {
		name string
		run  func()
	}{
		{"double sum", func() { SumSplit(values, m) }},
		{"double range", func() { DoubleRange(values) }},
		{"long range", func() { LongRange(longs) }},
		{"u8 sum", func() { SumCodes(u8) }},
		{"u16 sum", func() { SumCodes(u16) }},
		{"u32 sum", func() { SumCodes(u32) }},
		{"unscale u16", func() { Unscale(u16, 5, 100, values) }},
		{"unscale u32", func() { Unscale(u32, 5, 1e6, values) }},
		{"scaled u8 sum", func() { SumScaled(u8, 5, 100, m) }},
		{"scaled u16 sum", func() { SumScaled(u16, 5, 100, m) }},
		{"scaled u32 sum", func() { SumScaled(u32, 5, 100, m) }},
		{"select a tenth", func() { Select(tenth, out) }},
	} {
		b.Run(k.name, func(b *testing.B) {
			for b.Loop() {
				k.run()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
		})
	}
}

func checkIntegers[C Code](t *rapid.T, r *rand.Rand, n int) {
	codes, longs, adds := make([]C, n), make([]int64, n), make([]uint32, n)
	for i := range codes {
		if codes[i] = ^C(0); r.IntN(4) > 0 {
			codes[i] = C(r.Uint32())
		}
		adds[i] = r.Uint32()
	}
	base := int64(r.Uint64()) >> r.IntN(60)
	Offsets(codes, base, longs)
	for i, c := range codes {
		if longs[i] != base+int64(c) {
			t.Fatalf("%d from %d on is %d", c, base, longs[i])
		}
	}
	hashes := make([]uint64, n)
	MixAll(longs, 77, hashes)
	width := uint64(1 + r.Int64N(1<<r.IntN(40)))
	shift, stride := uint64(r.Int64N(int64(width))), r.Uint32N(100)
	if r.IntN(3) == 0 && n > 0 { // around the ends of buckets
		k := uint64(r.IntN(n))
		codes[k] = C(width * (uint64(codes[k]) / width))
	}
	sums := slices.Clone(adds)
	BucketAdd(codes, shift, width, stride, sums)
	for i, c := range codes {
		if hashes[i] != Mix(uint64(longs[i])+77) {
			t.Fatalf("hash of %d is %d", longs[i], hashes[i])
		}
		if want := adds[i] + uint32((uint64(c)+shift)/width)*stride; sums[i] != want {
			t.Fatalf("(%d + %d) / %d gives %d, want %d", c, shift, width, sums[i], want)
		}
	}
	widened := slices.Clone(adds)
	WidenAdd(codes, stride, widened)
	for i, c := range codes {
		if want := adds[i] + uint32(c)*stride; widened[i] != want {
			t.Fatalf("%d * %d gives %d, want %d", c, stride, widened[i], want)
		}
	}
}

// TestIntegers: the forms of every width give what a loop of integers gives, at the ends of buckets too.
func TestIntegers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom(sumLengths).Draw(t, "n")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		checkIntegers[uint8](t, r, n)
		checkIntegers[uint16](t, r, n)
		checkIntegers[uint32](t, r, n)
	})
}

// TestDistances: also below the base, and farther than 32 bits.
func TestDistances(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for _, n := range sumLengths {
		for _, base := range []int64{0, -5, math.MinInt64, math.MaxInt64, 1 << 40} {
			values, out := make([]int64, n), make([]uint32, n)
			for i := range values {
				values[i] = base + r.Int64N(1<<r.IntN(40)) - int64(r.IntN(2)) // may wrap
			}
			Distances(values, base, out)
			for i, x := range values {
				if far := uint64(x) - uint64(base); uint64(out[i]) != min(far, math.MaxUint32) {
					t.Fatalf("%d from %d is %d, want %d", x, base, out[i], far)
				}
			}
		}
	}
}

// TestRanks: hashes with any number of zeros after the first p bits, and with zeros only.
func TestRanks(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for p := uint(4); p <= 18; p++ {
		for _, n := range sumLengths {
			hashes, ranks := make([]uint64, n), make([]uint32, n)
			for i := range hashes {
				hashes[i] = r.Uint64()&^(1<<(64-p)-1) | r.Uint64()>>p>>r.IntN(64)
			}
			Ranks(hashes, p, 6, ranks)
			for i, h := range hashes {
				rank := uint32(1)
				for bit := int(63 - p); bit >= 0 && h>>bit&1 == 0; bit-- {
					rank++
				}
				if want := uint32(h>>(64-p))*64 + rank; ranks[i] != want {
					t.Fatalf("p %d: %#x gives register %d rank %d, want %d and %d", p, h, ranks[i]/64, ranks[i]%64, want/64, rank)
				}
			}
		}
	}
}
