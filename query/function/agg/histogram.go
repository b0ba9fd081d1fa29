package agg

import (
	"sort"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// maxBins bounds the bins of a histogram.
const maxBins = 10_000

// histogram counts values by bins: each from its edge up to but without the next, the last with its upper edge. Values
// outside of all bins are not counted.
type histogram struct {
	edges []float64 // ascending, one more than bins
	width float64   // of all bins where they are equal, else 0
	state []int64   // bins per group
	rows  rowSet
	in    floatInput
}

func (a *histogram) bins() int { return len(a.edges) - 1 }

// Resize implements function.Accumulator.
func (a *histogram) Resize(n int) { a.state = resize(a.state, n*a.bins()) }

// Add implements function.Accumulator.
func (a *histogram) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	if a.rows.none {
		return nil
	}
	values, bins := a.in.read(args[0], n), a.bins()
	a.rows.each(n, func(i int) {
		if b := a.bin(values[i]); b >= 0 {
			a.state[target0(groups, i)*bins+b]++
		}
	})
	return nil
}

// bin is the bin of a value, -1 for none.
func (a *histogram) bin(x float64) int {
	bins := a.bins()
	lo, hi := a.edges[0], a.edges[bins]
	switch {
	case !(x >= lo && x <= hi):
		return -1
	case x == hi:
		return bins - 1
	case a.width > 0:
		return min(int((x-lo)/a.width), bins-1)
	}
	return sort.Search(bins, func(b int) bool { return a.edges[b+1] > x })
}

// Merge implements function.Accumulator.
func (a *histogram) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*histogram)
	if !ok || o.bins() != a.bins() {
		return mergeError(a, other)
	}
	bins := a.bins()
	for i, n := range o.state {
		a.state[target(groups, i/bins)*bins+i%bins] += n
	}
	return nil
}

// Result implements function.Accumulator. The counts of no rows are zeros.
func (a *histogram) Result(n int, out *vec.Vector) error {
	bins := a.bins()
	out.Reset(catalog.Double.Array(), n)
	out.Elems.Reset(catalog.Double, n*bins)
	for i := range n {
		out.Offsets[i+1] = uint32((i + 1) * bins)
	}
	for i, c := range a.state[:n*bins] {
		out.Elems.F64[i] = float64(c)
	}
	return nil
}

// Bytes implements function.Accumulator.
func (a *histogram) Bytes() int { return 8 * (cap(a.state) + cap(a.edges) + cap(a.in.buf)) }
