package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestMedianAndQuantile(t *testing.T) {
	values := []float64{5, 1, 4, 2}
	if got := Median(values); got != 3 {
		t.Errorf("median %v, want 3", got)
	}
	if got := Median(values[:3]); got != 4 {
		t.Errorf("median of three %v, want 4", got)
	}
	if values[0] != 5 {
		t.Error("the values were sorted in place")
	}
	for q, want := range map[float64]float64{0: 1, 0.25: 1, 0.26: 2, 0.99: 5, 1: 5} {
		if got := Quantile(values, q); got != want {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
}

// TestMannWhitney compares with figures worked out by the definition: U of disjoint samples is 0.
func TestMannWhitney(t *testing.T) {
	a, b := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9}, []float64{11, 12, 13, 14, 15, 16, 17, 18, 19}
	z := (81.0/2 - 0.5) / math.Sqrt(81.0/12*19)
	if got, want := MannWhitney(a, b), math.Erfc(z/math.Sqrt2); math.Abs(got-want) > 1e-12 || got > 0.001 {
		t.Errorf("p of disjoint samples %v, want %v", got, want)
	}
	if got := MannWhitney(a, a); got < 0.99 {
		t.Errorf("p of the same samples %v, want 1", got)
	}
	if got := MannWhitney([]float64{3, 3}, []float64{3, 3}); got != 1 {
		t.Errorf("p of equal values %v, want 1", got)
	}
	if p, q := MannWhitney(a, b), MannWhitney(b, a); p != q {
		t.Errorf("p depends on the order of samples: %v and %v", p, q)
	}
}

// TestMedianInterval: of many samples with a known median, about 95 % of the ranges hold it.
func TestMedianInterval(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	const runs = 200
	held := 0
	for range runs {
		values := make([]float64, 15)
		for i := range values {
			values[i] = 10 + rng.NormFloat64()
		}
		if lo, hi := MedianInterval(values); lo <= 10 && 10 <= hi {
			held++
		}
	}
	if held < runs*88/100 || held == runs {
		t.Errorf("%d of %d ranges hold the median", held, runs)
	}
}
