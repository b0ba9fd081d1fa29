package agg

import (
	"slices"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// exprExtreme is exprMin and exprMax: the first argument in the row where the others, compared one after the other, are
// least or greatest; in the first of such rows.
type exprExtreme struct {
	arrival
	typ   catalog.Type
	max   bool
	state []extremeRow
	rows  rowSet
	bytes int
	buf   []catalog.Value
}

type extremeRow struct {
	measures []catalog.Value // nil before the first row
	value    catalog.Value
	place    uint64
}

// Resize implements function.Accumulator.
func (a *exprExtreme) Resize(n int) { a.state = resize(a.state, n) }

// Add implements function.Accumulator.
func (a *exprExtreme) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.begin(n)
	a.rows.choose(args[1:], n, sel)
	a.rows.each(n, func(i int) {
		to, place := &a.state[target0(groups, i)], a.of(i)
		a.buf = a.buf[:0]
		for _, m := range args[1:] {
			a.buf = append(a.buf, rowValue(m, i))
		}
		if !a.better(to, a.buf, place) {
			return
		}
		a.bytes -= to.size()
		if to.measures == nil {
			to.measures = make([]catalog.Value, len(a.buf))
		}
		for k, m := range a.buf {
			m.Str = strings.Clone(m.Str)
			to.measures[k] = m
		}
		to.value, to.place = rowValue(args[0], i), place
		to.value.Str = strings.Clone(to.value.Str)
		a.bytes += to.size()
	})
	return nil
}

// better reports that a row takes the place of r.
func (a *exprExtreme) better(r *extremeRow, measures []catalog.Value, place uint64) bool {
	if r.measures == nil {
		return true
	}
	for k, m := range measures {
		if c := compareValues(m, r.measures[k]); c != 0 {
			return (c > 0) == a.max
		}
	}
	return place < r.place
}

func (r *extremeRow) size() int {
	n := len(r.value.Str)
	for _, m := range r.measures {
		n += valueBytes + len(m.Str)
	}
	return n
}

// Merge implements function.Accumulator.
func (a *exprExtreme) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*exprExtreme)
	if !ok {
		return mergeError(a, other)
	}
	by := a.join(&o.arrival)
	for i, r := range o.state {
		r.place += by
		if to := &a.state[target(groups, i)]; r.measures != nil && a.better(to, r.measures, r.place) {
			a.bytes += r.size() - to.size()
			r.measures = slices.Clone(r.measures) // both write theirs in place
			*to = r
		}
	}
	return nil
}

// Result implements function.Accumulator.
func (a *exprExtreme) Result(n int, out *vec.Vector) error {
	out.Reset(a.typ, n)
	clear(out.Str)
	for i := range n {
		v := a.state[i].value
		v.Null = v.Null || a.state[i].measures == nil
		setRow(out, i, v)
	}
	return nil
}

// Bytes implements function.Accumulator.
func (a *exprExtreme) Bytes() int { return 112*cap(a.state) + a.bytes }
