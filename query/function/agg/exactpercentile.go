package agg

import (
	"math"
	"slices"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// rankRule says which value of a sorted list stands at a rank p from 0 to 1.
type rankRule uint8

const (
	rankPinot      rankRule = iota // the one at position floor(n * p / 100), the last for p = 100
	rankDiscrete                   // the first below or at which n * p values are
	rankContinuous                 // between the two around position (n - 1) * p
)

// percentile keeps every value.
type percentile[T int64 | float64] struct {
	p     float64 // 0 to 1, for rankPinot to 100
	rule  rankRule
	desc  bool // the list is in descending order
	typ   catalog.Type
	state [][]T
	rows  rowSet
	ints  intInput
	flts  floatInput
}

// Resize implements function.Accumulator.
func (a *percentile[T]) Resize(n int) { a.state = resize(a.state, n) }

// Add implements function.Accumulator.
func (a *percentile[T]) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	if a.rows.none {
		return nil
	}
	values := readNumbers[T](args[0], n, &a.ints, &a.flts)
	if groups == nil && a.rows.all {
		a.state[0] = append(a.state[0], values...)
		return nil
	}
	a.rows.each(n, func(i int) {
		g := target0(groups, i)
		a.state[g] = append(a.state[g], values[i])
	})
	return nil
}

// Merge implements function.Accumulator.
func (a *percentile[T]) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*percentile[T])
	if !ok {
		return mergeError(a, other)
	}
	for i, values := range o.state {
		to := target(groups, i)
		a.state[to] = append(a.state[to], values...)
	}
	return nil
}

// Result implements function.Accumulator.
func (a *percentile[T]) Result(n int, out *vec.Vector) error {
	out.Reset(a.typ, n)
	for i := range n {
		values := a.state[i]
		if len(values) == 0 {
			setRow(out, i, catalog.NullValue(a.typ))
			continue
		}
		slices.Sort(values)
		first := 0 // NaN sorts first there, last here
		for first < len(values) && values[first] != values[first] {
			first++
		}
		at := func(i int) T {
			if a.desc {
				i = len(values) - 1 - i
			}
			return values[(i+first)%len(values)]
		}
		v := a.of(len(values), at)
		v.F64 += 0 // the zeros are not in an order of their own
		setRow(out, i, v)
	}
	return nil
}

// of gives the result for n values in order.
func (a *percentile[T]) of(n int, at func(int) T) catalog.Value {
	v := catalog.Value{Type: a.typ}
	switch a.rule {
	case rankContinuous:
		place := a.p * float64(n-1)
		lo := math.Floor(place)
		below, above := float64(at(int(lo))), float64(at(int(math.Ceil(place))))
		v.F64 = below
		if above != below {
			v.F64 = below + (above-below)*(place-lo)
		}
	case rankDiscrete:
		x := at(discreteRank(a.p, n))
		v.I64, v.F64 = int64(x), float64(x)
		if isFloatLike(a.typ.Kind) {
			v.I64 = 0
		}
	default:
		v.F64 = float64(at(min(int(float64(n)*a.p/100), n-1)))
	}
	return v
}

// discreteRank is the position of the first of n values at which a share p of them is reached.
func discreteRank(p float64, n int) int { return max(int(math.Ceil(p*float64(n)))-1, 0) }

// anyPercentile is percentile_disc of values that are no numbers of the machine: texts, decimals, booleans.
type anyPercentile struct {
	arrayAgg // keeps the values
	p        float64
	desc     bool
}

// Merge implements function.Accumulator.
func (a *anyPercentile) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*anyPercentile)
	if !ok {
		return mergeError(a, other)
	}
	return a.arrayAgg.Merge(&o.arrayAgg, groups)
}

// Result implements function.Accumulator.
func (a *anyPercentile) Result(n int, out *vec.Vector) error {
	out.Reset(a.elem, n)
	for i := range n {
		rows := a.state[i]
		if len(rows) == 0 {
			setRow(out, i, catalog.NullValue(a.elem))
			continue
		}
		key := function.OrderKey{Descending: a.desc}
		slices.SortFunc(rows, func(x, y uint32) int { return compareKeys(key, a.col.value(int(x)), a.col.value(int(y))) })
		setRow(out, i, a.col.value(int(rows[discreteRank(a.p, len(rows))])))
	}
	return nil
}

// Bytes implements function.Accumulator.
func (a *percentile[T]) Bytes() int {
	total := 24*cap(a.state) + 8*(cap(a.ints.buf)+cap(a.flts.buf))
	for _, values := range a.state {
		total += 8 * cap(values)
	}
	return total
}
