package agg

import (
	"math"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// moment is the mean of values and the sum of their squared distances from it.
type moment struct {
	n, mean, m2 float64
}

func (m *moment) add(x float64) {
	m.n++
	d := x - m.mean
	m.mean += d / m.n
	m.m2 += d * (x - m.mean)
}

func (m *moment) merge(o moment) {
	if o.n == 0 {
		return
	}
	n := m.n + o.n
	d := o.mean - m.mean
	m.m2 += o.m2 + d*d*m.n*o.n/n
	m.mean += d * o.n / n
	m.n = n
}

// variance is the variance and standard deviation, of a population or a sample.
type variance struct {
	sample, root bool
	state        []moment
	rows         rowSet
	in           floatInput
}

// Resize implements function.Accumulator.
func (a *variance) Resize(n int) { a.state = resize(a.state, n) }

// Add implements function.Accumulator.
func (a *variance) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	if a.rows.none {
		return nil
	}
	values := a.in.read(args[0], n)
	a.rows.each(n, func(i int) { a.state[target0(groups, i)].add(values[i]) })
	return nil
}

// Merge implements function.Accumulator.
func (a *variance) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*variance)
	if !ok {
		return mergeError(a, other)
	}
	for i := range o.state {
		a.state[target(groups, i)].merge(o.state[i])
	}
	return nil
}

// Result implements function.Accumulator.
func (a *variance) Result(n int, out *vec.Vector) error {
	out.Reset(catalog.Double, n)
	for i := range n {
		m := a.state[i]
		by := m.n
		if a.sample {
			by--
		}
		if by <= 0 {
			clearRow(out, i)
			continue
		}
		x := m.m2 / by
		if a.root {
			x = math.Sqrt(x)
		}
		out.F64[i] = x
	}
	return nil
}

// Bytes implements function.Accumulator.
func (a *variance) Bytes() int { return 24*cap(a.state) + 8*cap(a.in.buf) }

// mode is the most frequent number; ties go to the least, the greatest or their average.
type mode struct {
	ties  string // MIN, MAX, AVG
	state []map[float64]int64
	rows  rowSet
	in    floatInput
	size  int
}

// Resize implements function.Accumulator.
func (a *mode) Resize(n int) { a.state = resize(a.state, n) }

// Add implements function.Accumulator.
func (a *mode) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	if a.rows.none {
		return nil
	}
	values := a.in.read(args[0], n)
	a.rows.each(n, func(i int) { a.count(target0(groups, i), values[i], 1) })
	return nil
}

func (a *mode) count(group int, x float64, by int64) {
	if x != x {
		return // NaN is no key of a map
	}
	m := a.state[group]
	if m == nil {
		m = map[float64]int64{}
		a.state[group] = m
	}
	before := len(m)
	m[x] += by
	a.size += len(m) - before
}

// Merge implements function.Accumulator.
func (a *mode) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*mode)
	if !ok {
		return mergeError(a, other)
	}
	for i, m := range o.state {
		for x, n := range m {
			a.count(target(groups, i), x, n)
		}
	}
	return nil
}

// Result implements function.Accumulator.
func (a *mode) Result(n int, out *vec.Vector) error {
	out.Reset(catalog.Double, n)
	for i := range n {
		most, tied := int64(0), int64(0)
		lo, hi, sum := 0.0, 0.0, 0.0
		for x, n := range a.state[i] {
			switch {
			case n > most:
				most, tied, lo, hi, sum = n, 1, x, x, x
			case n == most:
				tied++
				lo, hi, sum = min(lo, x), max(hi, x), sum+x
			}
		}
		switch {
		case most == 0:
			clearRow(out, i)
		case a.ties == "MAX":
			out.F64[i] = hi
		case a.ties == "AVG":
			out.F64[i] = sum / float64(tied)
		default:
			out.F64[i] = lo
		}
	}
	return nil
}

// Bytes implements function.Accumulator.
func (a *mode) Bytes() int { return 8*cap(a.state) + 48*a.size }
