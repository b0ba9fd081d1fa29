package agg

import (
	"math"
	"math/bits"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/kernel"
)

// maxCopied is how many rows may be in a count's copies, so that none of them overflows.
const maxCopied = math.MaxInt32

// count counts rows, or rows whose argument is not NULL.
type count struct {
	state []int64
	// copies are further counts, not yet in state: rows in turn go to them, so that rows of one group do not wait for each other.
	// They are narrow so that those of some thousand groups stay in the nearest cache.
	copies [4][]uint32
	copied int // rows in copies
	rows   rowSet
}

// Resize implements function.Accumulator.
func (a *count) Resize(n int) { a.state = resize(a.state, n) }

// Reserve implements function.Reserver.
func (a *count) Reserve(n int) { a.state = make([]int64, 0, n) }

// Add implements function.Accumulator.
func (a *count) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	state := a.state
	switch {
	case groups == nil:
		state[0] += int64(a.rows.count(n))
	case a.rows.none:
	case a.rows.all && kernel.Same(groups[:n]):
		state[groups[0]] += int64(n)
	case a.rows.all && len(state) <= copiedGroups:
		a.countCopies(groups[:n])
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

func (a *count) countCopies(groups []uint32) {
	if a.copied += len(groups); a.copied > maxCopied {
		a.gather()
		a.copied = len(groups)
	}
	for i := range a.copies {
		a.copies[i] = resize(a.copies[i], len(a.state))
	}
	s, t, u, v := a.copies[0], a.copies[1], a.copies[2], a.copies[3]
	i := 0
	for ; i+4 <= len(groups); i += 4 {
		g := (*[4]uint32)(groups[i:])
		s[g[0]]++
		t[g[1]]++
		u[g[2]]++
		v[g[3]]++
	}
	for _, g := range groups[i:] {
		s[g]++
	}
}

// gather moves the copies to state.
func (a *count) gather() {
	a.copied = 0
	for _, c := range a.copies {
		for i, n := range c {
			a.state[i] += int64(n)
			c[i] = 0
		}
	}
}

// Merge implements function.Accumulator.
func (a *count) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*count)
	if !ok {
		return mergeError(a, other)
	}
	o.gather()
	for i, x := range o.state {
		a.state[target(groups, i)] += x
	}
	return nil
}

// Result implements function.Accumulator.
func (a *count) Result(n int, out *vec.Vector) error {
	a.gather()
	out.Reset(catalog.Long, n)
	copy(out.I64, a.state[:n])
	return nil
}

// Bytes implements function.Accumulator.
func (a *count) Bytes() int { return 8*cap(a.state) + 4*len(a.copies)*cap(a.copies[0]) }
