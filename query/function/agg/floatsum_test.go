package agg

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
)

// TestFloatSumIsExact: whatever the magnitudes, the order and the blocks, a sum is within rounding of the exact one, but for
// what cancels in the first thirty digits.
func TestFloatSumIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 9))
		groupCount := rapid.SampledFrom([]int{0, 1, 7, 300}).Draw(t, "groups")
		outliers := rapid.SampledFrom([]int{0, 3, 500}).Draw(t, "outliers per thousand")
		spread := rapid.SampledFrom([]int{0, 4, 50, 700}).Draw(t, "powers of two")
		filtered := rapid.Bool().Draw(t, "filtered")
		acc := &floatSum{}
		acc.Resize(max(1, groupCount))
		n := max(1, groupCount)
		want, magnitude := make([]*big.Float, n), make([]float64, n)
		for i := range want {
			want[i] = new(big.Float).SetPrec(4000)
		}
		for range rapid.IntRange(1, 6).Draw(t, "blocks") {
			rows := 1 + r.IntN(vec.BlockRows)
			if groupCount == 0 {
				rows = min(rows, 1000)
			}
			values, groups := make([]float64, rows), make([]uint32, rows)
			sel := vec.NewBitmap(rows)
			for i := range values {
				values[i] = math.Ldexp(float64(r.IntN(20001)-10000)/100, -r.IntN(spread+1))
				if r.IntN(1000) < outliers {
					values[i] = math.Ldexp(values[i], r.IntN(900))
				}
				groups[i] = uint32(r.IntN(n))
				if filtered && r.IntN(3) == 0 {
					values[i] = math.NaN() // not looked at
					continue
				}
				sel.Set(i)
				g := groups[i]
				want[g].Add(want[g], new(big.Float).SetPrec(4000).SetFloat64(values[i]))
				magnitude[g] += math.Abs(values[i])
			}
			if !filtered {
				sel = nil
			}
			if groupCount == 0 {
				groups = nil
			}
			v := vec.Vector{Type: catalog.Double, Len: rows, F64: values}
			if err := acc.Add(groups, []*vec.Vector{&v}, rows, sel); err != nil {
				t.Fatal(err)
			}
		}
		var out vec.Vector
		if err := acc.Result(n, &out); err != nil {
			t.Fatal(err)
		}
		for g := range want {
			exact, _ := want[g].Float64()
			if got := out.F64[g]; math.Abs(got-exact) > math.Abs(exact)*0x1p-51+magnitude[g]*0x1p-80 {
				t.Fatalf("group %d: %v, want %v", g, got, exact)
			}
		}
	})
}

// TestScaledSums: sums and means over scaled values are those over the same values when they are flat.
func TestScaledSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 9))
		n := rapid.SampledFrom([]int{1, 7, 300, copiedGroups + 1}).Draw(t, "groups")
		width := rapid.SampledFrom([]int{1, 2, 4}).Draw(t, "bytes")
		avg := rapid.Bool().Draw(t, "mean")
		one := rapid.Bool().Draw(t, "one group at a time")
		scaled, flat := &floatSum{avg: avg}, &floatSum{avg: avg}
		scaled.Resize(n)
		flat.Resize(n)
		plain, terms := make([]float64, n), make([]float64, n)
		for range rapid.IntRange(1, 4).Draw(t, "blocks") {
			rows := 1 + r.IntN(vec.BlockRows)
			v := vec.Vector{Type: catalog.Double, Form: vec.FormScaled, Len: rows, Base: (r.Int64N(2000) - 1000) << r.IntN(30), Power: 100}
			values, groups := make([]float64, rows), make([]uint32, rows)
			group := uint32(r.IntN(n))
			for i := range values {
				code := r.Uint32()
				switch width {
				case 1:
					code &= math.MaxUint8
					v.U8 = append(v.U8, uint8(code))
				case 2:
					code &= math.MaxUint16
					v.U16 = append(v.U16, uint16(code))
				default:
					v.U32 = append(v.U32, code)
				}
				values[i] = v.ScaledValue(code)
				if groups[i] = group; !one {
					groups[i] = uint32(r.IntN(n))
				}
				plain[groups[i]] += values[i]
				terms[groups[i]]++
			}
			f := vec.Vector{Type: catalog.Double, Len: rows, F64: values}
			if err := scaled.Add(groups, []*vec.Vector{&v}, rows, nil); err != nil {
				t.Fatal(err)
			}
			if err := flat.Add(groups, []*vec.Vector{&f}, rows, nil); err != nil {
				t.Fatal(err)
			}
		}
		var got, want vec.Vector
		if err := scaled.Result(n, &got); err != nil {
			t.Fatal(err)
		}
		if err := flat.Result(n, &want); err != nil {
			t.Fatal(err)
		}
		for g := range n {
			if got.F64[g] != want.F64[g] || got.IsNull(g) != want.IsNull(g) {
				t.Fatalf("group %d: %v of scaled values, %v of flat ones", g, got.F64[g], want.F64[g])
			}
			if avg {
				plain[g] /= max(terms[g], 1)
			}
			if got.IsNull(g) != (terms[g] == 0) || math.Abs(got.F64[g]-plain[g]) > 1 {
				t.Fatalf("group %d: %v, want about %v of %v terms", g, got.F64[g], plain[g], terms[g])
			}
		}
	})
}
