package agg

import (
	"math"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// statistic is what is computed from the moments of one variable.
type statistic uint8

const (
	varPop statistic = iota
	varSamp
	stdDevPop
	stdDevSamp
	skewness
	kurtosis
)

// order is the highest power that a statistic needs.
func (s statistic) order() int {
	switch s {
	case skewness:
		return 3
	case kurtosis:
		return 4
	default:
		return 2
	}
}

// moments computes statistics from sums of powers of x - shift, where shift is one of the values. That value itself bounds
// how much the powers can cancel, by the number of rows, so that sums of 106 bits leave more digits than a double has.
type moments struct {
	what  statistic
	n     []int64
	shift []float64 // NaN once a value was not finite
	sums  []twin    // order per group: of the first power, of the second ...
	rows  rowSet
	in    floatInput
}

// Resize implements function.Accumulator.
func (a *moments) Resize(n int) {
	a.n, a.shift, a.sums = resize(a.n, n), resize(a.shift, n), resize(a.sums, n*a.what.order())
}

// Add implements function.Accumulator.
func (a *moments) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	if a.rows.none {
		return nil
	}
	values := a.in.read(args[0], n)
	a.rows.each(n, func(i int) { a.add(target0(groups, i), values[i]) })
	return nil
}

func (a *moments) add(g int, x float64) {
	if a.n[g] == 0 {
		a.shift[g] = x
	}
	a.n[g]++
	d := twoSum(x, -a.shift[g])
	if d.hi-d.hi != 0 {
		if x-x != 0 {
			a.shift[g] = math.NaN()
			return
		}
	}
	order := a.what.order()
	sums := a.sums[g*order : (g+1)*order]
	power := d
	for k := range sums {
		if k > 0 {
			power = power.times(d)
		}
		sums[k] = sums[k].plus(power)
	}
}

// Merge implements function.Accumulator.
func (a *moments) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*moments)
	if !ok || o.what != a.what {
		return mergeError(a, other)
	}
	order := a.what.order()
	for i, n := range o.n {
		g := target(groups, i)
		from, to := o.sums[i*order:(i+1)*order], a.sums[g*order:(g+1)*order]
		switch {
		case n == 0:
			continue
		case a.n[g] == 0:
			a.shift[g] = o.shift[i]
			copy(to, from)
		default:
			shifted := shiftPowers(from, n, twoSum(o.shift[i], -a.shift[g]))
			for k := range to {
				to[k] = to[k].plus(shifted[k])
			}
			if o.shift[i] != o.shift[i] {
				a.shift[g] = math.NaN()
			}
		}
		a.n[g] += n
	}
	return nil
}

// shiftPowers turns sums of powers of y over n values into sums of powers of y + d.
func shiftPowers(sums []twin, n int64, d twin) [4]twin {
	var out, powers [4]twin // powers[k] is d to the k+1
	binomial := [4][4]float64{{1}, {2, 1}, {3, 3, 1}, {4, 6, 4, 1}}
	for k := range sums {
		if powers[k] = d; k > 0 {
			powers[k] = powers[k-1].times(d)
		}
		out[k] = sums[k].plus(powers[k].scaled(float64(n)))
		for j := range k { // binomial(k+1, j+1) d^(j+1) sum of y^(k-j)
			out[k] = out[k].plus(sums[k-1-j].times(powers[j]).scaled(binomial[k][j]))
		}
	}
	return out
}

// central gives the sum of the k-th powers of the distances from the mean.
func central(sums []twin, n int64, k int) twin {
	mean := sums[0].over(twin{float64(n), 0})
	return shiftPowers(sums[:k], n, mean.negated())[k-1]
}

// Result implements function.Accumulator.
func (a *moments) Result(n int, out *vec.Vector) error {
	out.Reset(catalog.Double, n)
	order := a.what.order()
	for i := range n {
		switch {
		case a.n[i] < a.atLeast():
			clearRow(out, i)
		case a.shift[i] != a.shift[i]:
			out.F64[i] = math.NaN()
		default:
			x := a.of(a.sums[i*order:(i+1)*order], a.n[i])
			if x-x != 0 {
				return errs.User(errs.NumericOutOfRange, "value out of range: overflow")
			}
			out.F64[i] = x
		}
	}
	return nil
}

// atLeast is the number of values below which the result is NULL.
func (a *moments) atLeast() int64 {
	switch a.what {
	case varSamp, stdDevSamp:
		return 2
	case skewness:
		return 3
	case kurtosis:
		return 4
	default:
		return 1
	}
}

// of computes the statistic of n values.
func (a *moments) of(sums []twin, n int64) float64 {
	m2 := positive(central(sums, n, 2))
	count := float64(n)
	switch a.what {
	case varPop:
		return m2.over(twin{count, 0}).value()
	case varSamp:
		return m2.over(twin{count - 1, 0}).value()
	case stdDevPop:
		return m2.over(twin{count, 0}).sqrt()
	case stdDevSamp:
		return m2.over(twin{count - 1, 0}).sqrt()
	}
	variance := m2.over(twin{count - 1, 0})
	if variance.hi == 0 {
		return 0
	}
	if a.what == skewness {
		m3 := central(sums, n, 3).over(variance).value() / variance.sqrt()
		return count / ((count - 1) * (count - 2)) * m3
	}
	m4 := central(sums, n, 4).over(variance.times(variance)).value()
	return count*(count+1)/((count-1)*(count-2)*(count-3))*m4 - 3*(count-1)*(count-1)/((count-2)*(count-3))
}

// positive drops a negative rest that rounding left of a sum of squares.
func positive(x twin) twin {
	if x.hi < 0 {
		return twin{}
	}
	return x
}

// Bytes implements function.Accumulator.
func (a *moments) Bytes() int {
	return 8*(cap(a.n)+cap(a.shift)+cap(a.in.buf)) + 16*cap(a.sums)
}
