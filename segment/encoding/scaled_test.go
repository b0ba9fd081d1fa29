package encoding

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
)

// floatsOf gives values as a column of a kind holds them.
func floatsOf(kind catalog.Kind, values []float64) (f Floats) {
	if kind == catalog.KindDouble {
		return Floats{F64: values}
	}
	for _, x := range values {
		f.F32 = append(f.F32, float32(x))
	}
	return f
}

// scalesOf takes values in one by one, as blocks of a column.
func scalesOf(kind catalog.Kind, values []float64) (s Scales, ok bool) {
	again := 0
	for i := range values {
		raised, ok := s.Add(floatsOf(kind, values[i:i+1]))
		if !ok {
			return s, false
		}
		if raised {
			again = i + 1
		}
	}
	return s, s.Measure(floatsOf(kind, values[:again]))
}

func TestScales(t *testing.T) {
	for _, c := range []struct {
		kind     catalog.Kind
		values   []float64
		scale    int
		min, max int64
		ok       bool
	}{
		{catalog.KindDouble, []float64{1, 2, -7}, 0, -7, 2, true},
		{catalog.KindDouble, []float64{0.5, 12, 550.9, 0.01}, 2, 1, 55090, true},
		{catalog.KindDouble, []float64{12.800001, 13.2}, 6, 12800001, 13200000, true},
		{catalog.KindDouble, []float64{1e15, 0.1}, 1, 1, 1e16, false}, // 1e16 is beyond exact integers
		{catalog.KindDouble, []float64{1e12, 0.1}, 1, 1, 1e13, true},
		{catalog.KindDouble, []float64{math.Sqrt2 / 100}, 0, 0, 0, false},
		{catalog.KindDouble, []float64{1, math.NaN()}, 0, 0, 0, false},
		{catalog.KindDouble, []float64{1, math.Inf(1)}, 0, 0, 0, false},
		{catalog.KindDouble, []float64{1, math.Copysign(0, -1)}, 0, 0, 0, false},
		{catalog.KindDouble, []float64{1e300}, 0, 0, 0, false},
		{catalog.KindFloat, []float64{float64(float32(0.1)), float64(float32(123.45))}, 2, 10, 12345, true},
		{catalog.KindDouble, []float64{float64(float32(0.1))}, 0, 0, 0, false},
		{catalog.KindFloat, []float64{100000.0078125, 100000.015625}, 3, 100000008, 100000016, true}, // 100000.01 at two places
	} {
		s, ok := scalesOf(c.kind, c.values)
		if ok != c.ok || ok && (s.Scale != c.scale || s.Min != c.min || s.Max != c.max) {
			t.Errorf("%v: %+v, %t", c.values, s, ok)
		}
	}
}

// TestScaledRoundTrip: decimal fractions come back with the same bits, from both ways to divide.
func TestScaledRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]catalog.Kind{catalog.KindDouble, catalog.KindFloat}).Draw(t, "kind")
		scale := rapid.IntRange(0, 9).Draw(t, "scale")
		low := rapid.Int64Range(-1e9, 1e9).Draw(t, "low")
		span := rapid.SampledFrom([]int64{1, 200, 60000, 1 << 31}).Draw(t, "span")
		var values []float64
		for range rapid.IntRange(1, 50).Draw(t, "rows") {
			x := float64(low+rapid.Int64Range(0, span).Draw(t, "x")) / math.Pow10(scale)
			if kind == catalog.KindFloat {
				x = float64(float32(x))
			}
			values = append(values, x)
		}
		s, ok := scalesOf(kind, values)
		if !ok {
			return // two forms of the division differ, or it is no decimal as a FLOAT
		}
		whole := Scales{}
		if _, ok := whole.Add(floatsOf(kind, values)); !ok || !whole.Measure(floatsOf(kind, values)) || whole != s {
			t.Fatalf("%v at once, want %v", whole, s)
		}
		width := offsetWidth(Measures{Kind: kind, Scaled: true, Min: s.Min, Max: s.Max})
		if width == 0 || !ScaledBase(s.Min) {
			return
		}
		codes, err := ViewCodes(aligned(AppendScaled(nil, width, s.Scale, s.Min, values)), width, len(values))
		if err != nil {
			t.Fatal(err)
		}
		v, flat := vec.Vector{Type: catalog.Type{Kind: kind}, Form: vec.FormScaled, Base: s.Min, Power: PowerOfTen(s.Scale), Len: len(values)}, vec.Vector{}
		codes.Slice(0, len(values), &v)
		v.Gather(nil, &flat)
		for i, x := range values {
			if got := v.Float64At(i); math.Float64bits(got) != math.Float64bits(x) || flat.Float64At(i) != x {
				t.Fatalf("row %d: %v and %v, want %v", i, got, flat.Float64At(i), x)
			}
			corrected := Unscale(float64(s.Min+int64(v.Code(i))), v.Power, 1/v.Power)
			if kind == catalog.KindFloat {
				corrected = float64(float32(corrected))
			}
			if corrected != x {
				t.Fatalf("row %d: corrected %v, want %v", i, corrected, x)
			}
		}
	})
}
