package agg

import (
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// elements is an aggregate over the elements of arrays: every element counts as a row.
type elements struct {
	inner  function.Accumulator
	rows   rowSet
	groups []uint32
	keep   vec.Bitmap
	flat   vec.Vector

	told  bool // the position of the rows of the next Add
	first uint64
	at    []uint16
	spots []uint16
}

// At implements function.Positioned.
func (a *elements) At(first uint64, rows []uint16) { a.told, a.first, a.at = true, first, rows }

// Settle implements function.Positioned.
func (a *elements) Settle() {
	if p, ok := a.inner.(function.Positioned); ok {
		p.Settle()
	}
}

// Resize implements function.Accumulator.
func (a *elements) Resize(n int) { a.inner.Resize(n) }

// Add implements function.Accumulator.
func (a *elements) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	told := a.told
	a.told = false
	a.rows.choose(args, n, sel)
	if a.rows.none {
		return nil
	}
	v := args[0]
	if v.Form == vec.FormConst {
		v.Gather(nil, &a.flat)
		v = &a.flat
	}
	total := int(v.Offsets[n])
	if total == 0 {
		return nil
	}
	var keep vec.Bitmap
	if !a.rows.all || v.Offsets[0] > 0 {
		keep = a.kept(v.Offsets, n)
	}
	if groups != nil {
		groups = a.spread(groups, v.Offsets, n)
	}
	if p, ok := a.inner.(function.Positioned); ok && told {
		p.At(a.first, a.places(v.Offsets, n))
	}
	return a.inner.Add(groups, []*vec.Vector{v.Elems}, total, keep)
}

// places gives every element the place of its row.
func (a *elements) places(offsets []uint32, n int) []uint16 {
	a.spots = resize(a.spots[:0], int(offsets[n]))
	for i := range n {
		at := uint16(i)
		if a.at != nil {
			at = a.at[i]
		}
		for e := offsets[i]; e < offsets[i+1]; e++ {
			a.spots[e] = at
		}
	}
	return a.spots
}

// kept gives the elements of the chosen rows.
func (a *elements) kept(offsets []uint32, n int) vec.Bitmap {
	words := vec.Words(int(offsets[n]))
	if cap(a.keep) < words {
		a.keep = make(vec.Bitmap, words)
	}
	a.keep = a.keep[:words]
	a.keep.Zero()
	a.rows.each(n, func(i int) {
		for e := offsets[i]; e < offsets[i+1]; e++ {
			a.keep.Set(int(e))
		}
	})
	return a.keep
}

// spread gives the group of every element.
func (a *elements) spread(groups, offsets []uint32, n int) []uint32 {
	total := int(offsets[n])
	if cap(a.groups) < total {
		a.groups = make([]uint32, total)
	}
	a.groups = a.groups[:total]
	clear(a.groups[:offsets[0]])
	for i, g := range groups[:n] {
		for e := offsets[i]; e < offsets[i+1]; e++ {
			a.groups[e] = g
		}
	}
	return a.groups
}

// Merge implements function.Accumulator.
func (a *elements) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*elements)
	if !ok {
		return mergeError(a, other)
	}
	return a.inner.Merge(o.inner, groups)
}

// Result implements function.Accumulator.
func (a *elements) Result(n int, out *vec.Vector) error { return a.inner.Result(n, out) }

// Bytes implements function.Accumulator.
func (a *elements) Bytes() int { return a.inner.Bytes() + 4*cap(a.groups) + 8*cap(a.keep) }
