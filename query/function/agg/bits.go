package agg

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// bitFold is bitAnd, bitOr and bitXor of integers.
type bitFold struct {
	typ   catalog.Type
	fold  func(x, y int64) int64
	state []int64
	some  []bool
	rows  rowSet
	in    intInput
}

// Resize implements function.Accumulator.
func (a *bitFold) Resize(n int) { a.state, a.some = resize(a.state, n), resize(a.some, n) }

// Add implements function.Accumulator.
func (a *bitFold) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	if a.rows.none {
		return nil
	}
	values := a.in.read(args[0], n)
	a.rows.each(n, func(i int) { a.add(target0(groups, i), values[i]) })
	return nil
}

func (a *bitFold) add(group int, x int64) {
	if a.some[group] {
		x = a.fold(a.state[group], x)
	}
	a.state[group], a.some[group] = x, true
}

// Merge implements function.Accumulator.
func (a *bitFold) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*bitFold)
	if !ok {
		return mergeError(a, other)
	}
	for i, x := range o.state {
		if o.some[i] {
			a.add(target(groups, i), x)
		}
	}
	return nil
}

// Result implements function.Accumulator.
func (a *bitFold) Result(n int, out *vec.Vector) error {
	out.Reset(a.typ, n)
	for i := range n {
		setRow(out, i, catalog.Value{Type: a.typ, Null: !a.some[i], I64: a.state[i]})
	}
	return nil
}

// Bytes implements function.Accumulator.
func (a *bitFold) Bytes() int { return 9*cap(a.state) + 8*cap(a.in.buf) }
