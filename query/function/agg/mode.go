package agg

import (
	"math"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// mode is the most frequent number; ties go to the least, the greatest or their average.
type mode struct {
	ties  string             // MIN, MAX, AVG
	state []map[uint64]int64 // by floatKey
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
	a.rows.each(n, func(i int) { a.size += tally(a.state, target0(groups, i), floatKey(values[i]), 1) })
	return nil
}

// tally counts a number, and gives how many numbers are new.
func tally(state []map[uint64]int64, group int, key uint64, by int64) int {
	m := state[group]
	if m == nil {
		m = map[uint64]int64{}
		state[group] = m
	}
	before := len(m)
	m[key] += by
	return len(m) - before
}

// Merge implements function.Accumulator.
func (a *mode) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*mode)
	if !ok {
		return mergeError(a, other)
	}
	for i, m := range o.state {
		for key, n := range m {
			a.size += tally(a.state, target(groups, i), key, n)
		}
	}
	return nil
}

// Result implements function.Accumulator.
func (a *mode) Result(n int, out *vec.Vector) error {
	out.Reset(catalog.Double, n)
	for i := range n {
		most, tied := int64(0), extremes[float64]{}
		var sum exactSum
		for key, n := range a.state[i] {
			if n > most {
				most, tied, sum = n, extremes[float64]{}, exactSum{}
			}
			if n == most {
				x := math.Float64frombits(key)
				tied.add(x)
				sum.add(x)
			}
		}
		switch {
		case most == 0:
			clearRow(out, i)
		case a.ties == "MAX":
			out.F64[i] = tied.hi
		case a.ties == "AVG":
			out.F64[i] = sum.mean()
		default:
			out.F64[i] = tied.lo
		}
	}
	return nil
}

// Bytes implements function.Accumulator.
func (a *mode) Bytes() int { return 8*cap(a.state) + 48*a.size + 8*cap(a.in.buf) }

// textMode is the most frequent text, the first (or last) by bytes among equals.
type textMode struct {
	typ   catalog.Type
	last  bool
	state []map[string]*int64 // assigning to a map would replace its key by a text that is not ours
	rows  rowSet
	text  arena
	size  int
}

// Resize implements function.Accumulator.
func (a *textMode) Resize(n int) { a.state = resize(a.state, n) }

// Add implements function.Accumulator.
func (a *textMode) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	a.rows.each(n, func(i int) {
		a.count(target0(groups, i), args[0].StrAt(i), 1)
	})
	return nil
}

func (a *textMode) count(group int, s string, by int64) {
	m := a.state[group]
	if m == nil {
		m = map[string]*int64{}
		a.state[group] = m
	}
	n := m[s]
	if n == nil {
		n = new(int64)
		m[a.text.keep(s)] = n
		a.size++
	}
	*n += by
}

// Merge implements function.Accumulator.
func (a *textMode) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*textMode)
	if !ok {
		return mergeError(a, other)
	}
	for i, m := range o.state {
		for s, n := range m {
			a.count(target(groups, i), s, *n)
		}
	}
	return nil
}

// Result implements function.Accumulator.
func (a *textMode) Result(n int, out *vec.Vector) error {
	out.Reset(a.typ, n)
	for i := range n {
		most, best := int64(0), ""
		for s, n := range a.state[i] {
			if *n > most || *n == most && (s > best) == a.last {
				most, best = *n, s
			}
		}
		out.Str[i] = best
		if most == 0 {
			out.SetNull(i)
		}
	}
	return nil
}

// Bytes implements function.Accumulator.
func (a *textMode) Bytes() int { return 8*cap(a.state) + 64*a.size + a.text.size }
