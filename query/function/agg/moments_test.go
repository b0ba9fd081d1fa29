package agg

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

func doubles(values ...float64) *vec.Vector {
	v := &vec.Vector{}
	v.Reset(catalog.Double, len(values))
	copy(v.F64, values)
	return v
}

// compute gives the result of one group, in blocks of a size, each added to an accumulator of its own.
func compute(t testing.TB, b function.BoundAggregate, block int, cols ...[]float64) (catalog.Value, error) {
	t.Helper()
	whole := b.New()
	whole.Resize(1)
	for from := 0; from < len(cols[0]); from += block {
		to := min(from+block, len(cols[0]))
		var args []*vec.Vector
		for _, c := range cols {
			args = append(args, doubles(c[from:to]...))
		}
		part := b.New()
		part.Resize(1)
		if err := part.Add(nil, args, to-from, nil); err != nil {
			return catalog.Value{}, err
		}
		if err := whole.Merge(part, nil); err != nil {
			t.Fatal(err)
		}
	}
	list, err := resultText(whole, 1)
	if err != nil {
		return catalog.Value{}, err
	}
	return list[0], nil
}

// powers gives the sums of the products of distances from the means, to 600 bits: the a-th power of x and the b-th of y.
func powers(xs, ys []float64, a, b int) *big.Float {
	f := func() *big.Float { return new(big.Float).SetPrec(600) }
	mean := func(values []float64) *big.Float {
		sum := f()
		for _, x := range values {
			sum.Add(sum, big.NewFloat(x))
		}
		return sum.Quo(sum, f().SetInt64(int64(len(values))))
	}
	mx, my := mean(xs), mean(ys)
	total := f()
	for i := range xs {
		term := f().SetInt64(1)
		for range a {
			term.Mul(term, f().Sub(big.NewFloat(xs[i]), mx))
		}
		for range b {
			term.Mul(term, f().Sub(big.NewFloat(ys[i]), my))
		}
		total.Add(total, term)
	}
	return total
}

// TestMomentsExact compares with 600 bits: numbers whose mean is ten million times their spread, numbers of very
// different size, and an outlier in front.
func TestMomentsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const n = 3000
	shapes := map[string]func(i int) float64{
		"times":   func(int) float64 { return 1.7e12 + float64(r.IntN(200)) },
		"sizes":   func(int) float64 { return math.Abs(r.NormFloat64()) * math.Pow(10, float64(r.IntN(12))) },
		"outlier": func(i int) float64 { return []float64{float64(r.IntN(9)), 1e15}[min(1, max(0, 1-i))] },
	}
	for shape, next := range shapes {
		xs, ys := make([]float64, n), make([]float64, n)
		for i := range xs {
			xs[i], ys[i] = next(i), next(i+1)+float64(i)
		}
		float := func(x *big.Float) float64 { f, _ := x.Float64(); return f }
		quo := func(x *big.Float, by float64) float64 { return float(new(big.Float).Quo(x, big.NewFloat(by))) }
		m2, m3, m4 := powers(xs, xs, 2, 0), powers(xs, xs, 3, 0), powers(xs, xs, 4, 0)
		sxy, syy := powers(xs, ys, 1, 1), powers(ys, ys, 2, 0)
		variance := quo(m2, n-1)
		for name, want := range map[string]float64{
			"varPop": quo(m2, n), "varSamp": variance, "stdDevPop": math.Sqrt(quo(m2, n)), "stdDevSamp": math.Sqrt(variance),
			"skewness": n / float64((n-1)*(n-2)) * quo(m3, math.Pow(variance, 1.5)),
			"kurtosis": float64(n*(n+1))/float64((n-1)*(n-2)*(n-3))*quo(m4, variance*variance) - 3*float64((n-1)*(n-1))/float64((n-2)*(n-3)),
		} {
			b := mustBind(t, name, function.Arg{Type: catalog.Double})
			for _, block := range []int{1, 7, n} {
				if got, err := compute(t, b, block, xs); err != nil || math.Abs(got.F64-want) > 1e-12*math.Abs(want) {
					t.Errorf("%s of %s in blocks of %d: %v %v, want %v", name, shape, block, got.F64, err, want)
				}
			}
		}
		slope := float(new(big.Float).Quo(sxy, m2))
		for name, want := range map[string]float64{
			"covarPop": quo(sxy, n), "covarSamp": quo(sxy, n-1), "regrSxx": float(m2), "regrSyy": float(syy), "regrSxy": float(sxy), "regrSlope": slope,
			"regrR2": float(new(big.Float).Quo(new(big.Float).Mul(sxy, sxy), new(big.Float).Mul(m2, syy))),
			"corr":   float(sxy) / math.Sqrt(float(m2)) / math.Sqrt(float(syy)),
		} {
			b := mustBind(t, name, function.Arg{Type: catalog.Double}, function.Arg{Type: catalog.Double})
			for _, block := range []int{1, 7, n} {
				if got, err := compute(t, b, block, ys, xs); err != nil || math.Abs(got.F64-want) > 1e-12*math.Abs(want) {
					t.Errorf("%s of %s in blocks of %d: %v %v, want %v", name, shape, block, got.F64, err, want)
				}
			}
		}
	}
}

// TestMomentsByHand: values that are known, edges of NULL, and what is not finite.
func TestMomentsByHand(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	null := math.Inf(-1) // stands for NULL below
	for _, c := range []struct {
		name string
		ys   []float64
		xs   []float64 // nil for aggregates of one argument
		want float64
	}{
		{"varSamp", []float64{4}, nil, null},
		{"varPop", []float64{4}, nil, 0},
		{"varPop", []float64{1, inf}, nil, nan},
		{"stdDevSamp", []float64{2, 4}, nil, math.Sqrt2},
		{"skewness", []float64{1, 2}, nil, null},
		{"skewness", []float64{7, 7, 7}, nil, 0},
		{"skewness", []float64{1, 2, 6}, nil, 1.457862967321305},
		{"kurtosis", []float64{1, 2, 6}, nil, null},
		{"kurtosis", []float64{1, 2, 6, 7}, nil, -4.890532544378698},
		{"corr", []float64{1, 2, 3}, []float64{2, 4, 6}, 1},
		{"corr", []float64{1, 2, 3}, []float64{-2, -4, -6}, -1},
		{"corr", []float64{1, 1}, []float64{2, 4}, null},
		{"regrR2", []float64{1, 1}, []float64{2, 4}, 1},
		{"regrR2", []float64{1, 2}, []float64{4, 4}, null},
		{"regrSlope", []float64{5, 7, 9}, []float64{1, 2, 3}, 2},
		{"regrIntercept", []float64{5, 7, 9}, []float64{1, 2, 3}, 3},
		{"regrAvgx", []float64{5, 7, 9}, []float64{1, 2, 3}, 2},
		{"regrAvgy", []float64{5, 7, 9}, []float64{1, 2, 3}, 7},
		{"covarSamp", []float64{5}, []float64{1}, null},
		{"covarPop", []float64{5, nan}, []float64{1, 2}, nan},
	} {
		cols, args := [][]float64{c.ys}, []function.Arg{{Type: catalog.Double}}
		if c.xs != nil {
			cols, args = append(cols, c.xs), append(args, args[0])
		}
		for _, block := range []int{1, 10} {
			got, err := compute(t, mustBind(t, c.name, args...), block, cols...)
			switch {
			case err != nil:
				t.Errorf("%s%v: %v", c.name, cols, err)
			case got.Null != (c.want == null), c.want != c.want && got.F64 == got.F64, !got.Null && math.Abs(got.F64-c.want) > 1e-13:
				t.Errorf("%s%v is %v, want %v", c.name, cols, got, c.want)
			}
		}
	}
}

func TestMomentsOverflow(t *testing.T) {
	for _, name := range []string{"varPop", "kurtosis"} {
		for _, block := range []int{1, 10} {
			_, err := compute(t, mustBind(t, name, function.Arg{Type: catalog.Double}), block, []float64{1e300, -1e300, 1, 2})
			if err == nil || errs.As(err).Code != errs.NumericOutOfRange {
				t.Errorf("%s: %v, want 22003", name, err)
			}
		}
	}
}

// TestExactSums: terms that cancel or overflow on the way do not show in the sum.
func TestExactSums(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		values    []float64
		sum, mean float64
	}{
		{[]float64{1e16, 1, -1e16}, 1, 1.0 / 3},
		{[]float64{math.MaxFloat64, math.MaxFloat64, -math.MaxFloat64}, math.MaxFloat64, math.MaxFloat64 / 3},
		{[]float64{math.MaxFloat64, math.MaxFloat64}, inf, math.MaxFloat64},
		{[]float64{math.MaxFloat64, 1, -math.MaxFloat64}, 1, 1.0 / 3},
		{[]float64{1e300, 1e-300, -1e300, 2}, 2, 0.5},
		{[]float64{inf, 1}, inf, inf},
		{[]float64{inf, -inf, 1}, math.NaN(), math.NaN()},
		{[]float64{inf, math.NaN()}, math.NaN(), math.NaN()},
		{[]float64{math.MaxFloat64, inf, -math.MaxFloat64}, inf, inf},
		{[]float64{0.1, 0.2, 0.3, -0.6}, 2.7755575615628914e-17, 2.7755575615628914e-17 / 4},
	} {
		for range 20 {
			rand.Shuffle(len(c.values), func(i, j int) { c.values[i], c.values[j] = c.values[j], c.values[i] })
			for name, want := range map[string]float64{"sum": c.sum, "avg": c.mean} {
				for _, block := range []int{1, 2, 10} {
					got, err := compute(t, mustBind(t, name, function.Arg{Type: catalog.Double}), block, c.values)
					if err != nil || !(got.F64 == want || want != want && got.F64 != got.F64 || math.Abs(got.F64-want) <= 1e-15*math.Abs(want)) {
						t.Errorf("%s of %v in blocks of %d: %v %v, want %v", name, c.values, block, got.F64, err, want)
					}
				}
			}
		}
	}
}
