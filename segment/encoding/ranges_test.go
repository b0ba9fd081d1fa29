package encoding

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// lengths are those around whole vectors.
func lengths(rng *rand.Rand) int { return rng.IntN(40) + 64*rng.IntN(2) }

func TestDoubleRange(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		n := lengths(rng)
		doubles := make([]float64, n)
		for i := range n {
			doubles[i] = math.Round(rng.NormFloat64() * 3)
		}
		nan := n > 0 && rng.IntN(2) == 0
		if nan {
			doubles[rng.IntN(n)] = math.NaN()
		}
		numbers := slices.DeleteFunc(slices.Clone(doubles), func(x float64) bool { return x != x })
		wantMin, wantMax := math.Inf(1), math.Inf(-1)
		if len(numbers) > 0 {
			wantMin, wantMax = slices.Min(numbers)+0, slices.Max(numbers)+0
		}
		low, high, gotNaN := DoubleRange(doubles)
		if math.Float64bits(low) != math.Float64bits(wantMin+0) || math.Float64bits(high) != math.Float64bits(wantMax+0) || gotNaN != nan {
			t.Fatalf("%v: %v to %v, NaN %t; want %v to %v", doubles, low, high, gotNaN, wantMin, wantMax)
		}
	}
}

// TestAppends compares with bytes put one value at a time, behind bytes that stay and before room that is not used.
func TestAppends(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		n, base := lengths(rng), int64(rng.Uint64())>>(8+rng.IntN(50))
		for _, width := range []int{1, 2, 4} {
			longs, codes, doubles := make([]int64, n), make([]uint32, n), make([]float64, n)
			near := base % (1 << 40)
			if rng.IntN(4) == 0 {
				near += 1<<52 - 1<<51*rng.Int64N(2) - 1<<30 // rounding of larger ones is another
			}
			for i := range n {
				codes[i] = rng.Uint32() >> (32 - 8*width)
				longs[i] = base + int64(codes[i])
				doubles[i] = float64(near + int64(codes[i]))
			}
			want := []byte("kept")
			for _, c := range codes {
				want = append(want, binary.LittleEndian.AppendUint32(nil, c)[:width]...)
			}
			dst := append(make([]byte, 0, 4+rng.IntN(300)), "kept"...)
			if got := AppendCodes(dst, width, codes); string(got) != string(want) {
				t.Fatalf("codes of width %d: % x, want % x", width, got, want)
			}
			if got := AppendOffsets(dst, width, base, longs); string(got) != string(want) {
				t.Fatalf("offsets of width %d: % x, want % x", width, got, want)
			}
			if got := AppendScaled(dst, width, 0, near, doubles); string(got) != string(want) {
				t.Fatalf("scaled of width %d from %d: % x, want % x", width, near, got, want)
			}
		}
	}
}

// TestScaledRuns compares the length and the range of a run with those of its values one at a time.
func TestScaledRuns(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	odd := []float64{math.NaN(), math.Inf(1), math.Copysign(0, -1), math.Pi, 1 << 52, 1<<53 + 2, 1 << 51, -(1 << 51), 1e300, 0.1 + 0.2, -0.001, 5e-324}
	for range 20_000 {
		scale := rng.IntN(MaxScale + 1)
		values := make([]float64, lengths(rng))
		for i := range values {
			values[i] = float64(int64(rng.Uint64())>>(12+rng.IntN(52))) / powersOfTen[scale]
		}
		if len(values) > 0 && rng.IntN(2) == 0 {
			values[rng.IntN(len(values))] = odd[rng.IntN(len(odd))]
		}
		wantLow, wantHigh, want := math.Inf(1), math.Inf(-1), 0
		for want < len(values) && scaledRun(values[want:want+1], scale, &wantLow, &wantHigh) == 1 {
			want++
		}
		low, high := math.Inf(1), math.Inf(-1)
		if got := scaledRun(values, scale, &low, &high); got != want || low != wantLow || high != wantHigh {
			t.Fatalf("%v at scale %d: run of %d from %v to %v, want %d from %v to %v", values, scale, got, low, high, want, wantLow, wantHigh)
		}
	}
}
