package agg

import (
	"math/bits"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// count counts rows, or rows whose argument is not NULL.
type count struct {
	state []int64
	rows  rowSet
}

// Resize implements function.Accumulator.
func (a *count) Resize(n int) { a.state = resize(a.state, n) }

// Add implements function.Accumulator.
func (a *count) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	state := a.state
	switch {
	case groups == nil:
		state[0] += int64(a.rows.count(n))
	case a.rows.none:
	case a.rows.all:
		for _, g := range groups[:n] {
			state[g]++
		}
	default:
		for w, m := range a.rows.bits {
			for ; m != 0; m &= m - 1 {
				state[groups[w<<6+bits.TrailingZeros64(m)]]++
			}
		}
	}
	return nil
}

// Merge implements function.Accumulator.
func (a *count) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*count)
	if !ok {
		return mergeError(a, other)
	}
	for i, x := range o.state {
		a.state[target(groups, i)] += x
	}
	return nil
}

// Result implements function.Accumulator.
func (a *count) Result(n int, out *vec.Vector) error {
	out.Reset(catalog.Long, n)
	copy(out.I64, a.state[:n])
	return nil
}

// Bytes implements function.Accumulator.
func (a *count) Bytes() int { return 8 * cap(a.state) }
