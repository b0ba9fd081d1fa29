package agg

import (
	"math"
	"math/bits"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/kernel"
)

// nearCounts is how many counts stay in the nearest cache, beside what else is there.
const nearCounts = 8 << 10

// maxCopied is how many rows may be in a count's copies, so that none of them overflows.
const maxCopied = math.MaxInt32

// count counts rows, or rows whose argument is not NULL.
type count struct {
	state []int64
	// copies are further counts, not yet in state (see kernel.CountGroups). They are narrow, and fewer for many groups, so that
	// they stay in the nearest cache; then some are the same slice.
	copies   [kernel.CountCopies][]uint32
	distinct int // slices in copies
	copied   int // rows in copies
	few      [kernel.FewGroups]uint32
	rows     rowSet
}

// Resize implements function.Accumulator.
func (a *count) Resize(n int) { a.state = resize(a.state, n) }

// Reserve implements function.Reserver.
func (a *count) Reserve(n int) { a.state = make([]int64, 0, n) }

// Add implements function.Accumulator. Without groups, arguments and sel n may be negative: so many rows were counted too much.
func (a *count) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	state := a.state
	switch {
	case groups == nil:
		state[0] += int64(a.rows.count(n))
	case a.rows.none:
	case a.rows.all:
		a.countAll(groups[:n])
	default:
		for w, m := range a.rows.bits {
			for ; m != 0; m &= m - 1 {
				state[groups[w<<6+bits.TrailingZeros64(m)]]++
			}
		}
	}
	return nil
}

func (a *count) countAll(groups []uint32) {
	if kernel.Same(groups) {
		a.state[groups[0]] += int64(len(groups))
		return
	}
	if least, ok := kernel.CountFew(groups, &a.few); ok {
		for k, n := range a.few {
			if n > 0 {
				a.state[int(least)+k] += int64(n)
			}
		}
		return
	}
	if len(a.state) > copiedGroups {
		for _, g := range groups {
			a.state[g]++
		}
		return
	}
	if a.copied += len(groups); a.copied > maxCopied || len(a.copies[0]) < len(a.state) {
		a.gather()
		a.grow()
		a.copied = len(groups)
	}
	kernel.CountGroups(&a.copies, groups)
}

// grow makes room in the copies, which are empty, for all groups.
func (a *count) grow() {
	a.distinct = min(max(nearCounts/len(a.state), 1), len(a.copies))
	for i := range a.copies {
		if i < a.distinct {
			a.copies[i] = resize(a.copies[i], len(a.state))
		} else {
			a.copies[i] = a.copies[i%a.distinct]
		}
	}
}

// gather moves the copies to state.
func (a *count) gather() {
	a.copied = 0
	for _, c := range a.copies[:a.distinct] {
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
func (a *count) Bytes() int { return 8*cap(a.state) + 4*a.distinct*cap(a.copies[0]) }
