package agg

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
)

// scaledVector makes decimals of short codes.
func scaledVector(base int64, power float64, codes []uint16, bytes bool) *vec.Vector {
	v := &vec.Vector{Type: catalog.Double, Form: vec.FormScaled, Len: len(codes), Base: base, Power: power, U16: codes}
	if bytes {
		v.U16, v.U8 = nil, make([]uint8, len(codes))
		for i, c := range codes {
			v.U8[i] = uint8(c)
		}
	}
	return v
}

// TestCodedPercentiles: what is counted by codes makes the histograms that the values make, over segments whose codes mean
// different things, whose rows are few or many, and over merged halves.
func TestCodedPercentiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		groups := rapid.SampledFrom([]int{1, 3, codedPercentiles, codedPercentiles + 1}).Draw(t, "groups")
		make1 := func() *percentileEst {
			a := &percentileEst{typ: catalog.String, rank: 50}
			a.Resize(groups)
			return a
		}
		halves, want := []*percentileEst{make1(), make1()}, make1()
		counted := 0
		for range rapid.IntRange(1, 4).Draw(t, "segments") {
			base := rapid.SampledFrom([]int64{-70_000, -100, -1, 0, 1, 5, 1 << 40}).Draw(t, "base")
			power := rapid.SampledFrom([]float64{1, 100, 1e6}).Draw(t, "power")
			short := rapid.Bool().Draw(t, "bytes")
			for range rapid.SampledFrom([]int{1, 2, 40}).Draw(t, "blocks") {
				codes := rapid.SliceOfN(rapid.Uint16(), 1, 20).Draw(t, "codes")
				for len(codes) < 4000 {
					codes = append(codes, codes...)
				}
				if short {
					for i := range codes {
						codes[i] &= 255
					}
				}
				gs := make([]uint32, len(codes))
				for i := range gs {
					gs[i] = uint32(i*7+i/50) % uint32(groups)
				}
				if groups == 1 && rapid.Bool().Draw(t, "no groups") {
					gs = nil
				}
				v := scaledVector(base, power, codes, short)
				flat := &vec.Vector{}
				flat.Reset(catalog.Double, len(codes))
				for i, c := range codes {
					flat.F64[i] = v.ScaledValue(uint32(c))
				}
				half := halves[rapid.IntRange(0, 1).Draw(t, "half")]
				if half.coded.rows > 0 && rapid.Bool().Draw(t, "counts are full") {
					half.coded.rows += maxCopied
				}
				for _, add := range []struct {
					to *percentileEst
					v  *vec.Vector
				}{{half, v}, {want, flat}} {
					if err := add.to.Add(gs, []*vec.Vector{add.v}, len(codes), nil); err != nil {
						t.Fatal(err)
					}
				}
				counted = max(counted, half.coded.rows)
			}
		}
		if (counted > 0) != (groups <= codedPercentiles) {
			t.Fatalf("%d groups: %d rows counted by code", groups, counted)
		}
		if err := halves[0].Merge(halves[1], nil); err != nil {
			t.Fatal(err)
		}
		var got, expected vec.Vector
		if err := halves[0].Result(groups, &got); err != nil {
			t.Fatal(err)
		}
		if err := want.Result(groups, &expected); err != nil {
			t.Fatal(err)
		}
		for g := range groups {
			if got.Str[g] != expected.Str[g] {
				t.Fatalf("group %d: histograms differ", g)
			}
		}
	})
}
