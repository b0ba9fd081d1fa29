package agg

import (
	"math"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/kernel"
)

// floatSum sums floats. Rows go to pending sums, split by a constant that suits their magnitudes (kernel.SumSplit), which join
// the exact sums when the constant changes. With very many groups, or terms that have no place there, rows go to the exact
// sums one by one.
type floatSum struct {
	state   []exactSum
	pending [pendingCopies][]pendingSum
	split   splitter
	rows    rowSet
	in      floatInput
	avg     bool
}

// pendingSum is the high parts and the rests of a group's terms.
type pendingSum struct {
	high, low float64
	terms     int64
}

// Rows in turn go to copies of the pending sums, so that rows of one group do not wait for each other, where the copies stay in
// the first-level cache.
const (
	pendingCopies = 4
	copiedGroups  = 512
)

// maxPending is the number of groups from which on waiting for memory costs more than adding exactly.
const maxPending = 64 << 10

// splitter is the constant that terms are split by.
type splitter struct {
	m     float64           // 0: none yet
	suits kernel.Magnitudes // that it is good for
	terms int64             // since it was chosen
}

// splitSpan is how far apart, in powers of two, the magnitudes may be that a constant is good for: smaller terms would be
// nothing but rests, whose additions round.
const splitSpan = 30

// takes reports whether n terms may be added.
func (s *splitter) takes(r kernel.Magnitudes, n int) bool {
	return s.m != 0 && r.Most <= s.suits.Most && r.Least >= s.suits.Least && s.terms+int64(n) <= kernel.SplitTerms
}

// choose finds a constant for terms like those, with some room; false where there is none.
func (s *splitter) choose(r kernel.Magnitudes) bool {
	most := math.Float64frombits(r.Most)
	if r.Most == 0 {
		most = 1
	}
	if !(most <= kernel.MaxSplit/4) {
		return false
	}
	most *= 4
	suits := kernel.Magnitudes{Most: math.Float64bits(most), Least: math.Float64bits(math.Ldexp(most, -splitSpan))}
	if r.Least < suits.Least {
		return false
	}
	*s = splitter{m: kernel.Splitter(most), suits: suits}
	return true
}

// Resize implements function.Accumulator.
func (a *floatSum) Resize(n int) { a.state = resize(a.state, n) }

// Add implements function.Accumulator.
func (a *floatSum) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	if a.rows.none {
		return nil
	}
	values := a.in.read(args[0], n)
	if !a.rows.all {
		groups, values = a.rows.pick(groups, values)
	}
	switch {
	case len(values) == 0:
	case groups == nil:
		a.addAll(0, values)
	case kernel.Same(groups[:len(values)]):
		a.addAll(groups[0], values)
	case len(a.state) <= maxPending:
		a.addPending(groups[:len(values)], values)
	default:
		a.addEach(groups[:len(values)], values)
	}
	return nil
}

// addAll adds terms to one group.
func (a *floatSum) addAll(group uint32, values []float64) {
	high, low, r := kernel.SumSplit(values, a.split.m)
	if !a.split.takes(r, 0) {
		if !a.split.choose(r) {
			for _, x := range values {
				a.state[group].add(x)
			}
			return
		}
		high, low, _ = kernel.SumSplit(values, a.split.m)
	}
	a.state[group].take(pendingSum{high, low, int64(len(values))})
}

func (a *floatSum) addPending(groups []uint32, values []float64) {
	if r := kernel.MagnitudesOf(values); !a.split.takes(r, len(values)) {
		a.flush()
		if !a.split.choose(r) {
			a.split = splitter{}
			a.addEach(groups, values)
			return
		}
	}
	a.split.terms += int64(len(values))
	a.pending[0] = resize(a.pending[0], len(a.state))
	if len(a.state) <= copiedGroups {
		for i := range a.pending {
			a.pending[i] = resize(a.pending[i], len(a.state))
		}
		done := len(values) &^ (pendingCopies - 1)
		addSplitCopies(&a.pending, groups[:done], values[:done], a.split.m)
		groups, values = groups[done:], values[done:]
	}
	sums, m := a.pending[0], a.split.m
	for i, x := range values {
		sums[groups[i]].add(x, m)
	}
}

func (s *pendingSum) add(x, m float64) {
	q := (x + m) - m
	s.high += q
	s.low += x - q
	s.terms++
}

// addSplitCopies adds a multiple of pendingCopies rows.
func addSplitCopies(sums *[pendingCopies][]pendingSum, groups []uint32, values []float64, m float64) {
	groups = groups[:len(values)]
	a, b, c, d := sums[0], sums[1], sums[2], sums[3]
	for i := 0; i+4 <= len(values); i += 4 {
		g, x := (*[4]uint32)(groups[i:]), (*[4]float64)(values[i:])
		a[g[0]].add(x[0], m)
		b[g[1]].add(x[1], m)
		c[g[2]].add(x[2], m)
		d[g[3]].add(x[3], m)
	}
}

func (a *floatSum) addEach(groups []uint32, values []float64) {
	groups, state := groups[:len(values)], a.state
	for i, x := range values {
		state[groups[i]].add(x)
	}
}

// flush moves what is pending to the exact sums.
func (a *floatSum) flush() {
	for _, sums := range a.pending {
		for i := range sums {
			if p := &sums[i]; p.terms > 0 {
				a.state[i].take(*p)
				*p = pendingSum{}
			}
		}
	}
}

// Merge implements function.Accumulator.
func (a *floatSum) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*floatSum)
	if !ok {
		return mergeError(a, other)
	}
	a.flush()
	o.flush()
	for i := range o.state {
		a.state[target(groups, i)].merge(o.state[i])
	}
	return nil
}

// Result implements function.Accumulator.
func (a *floatSum) Result(n int, out *vec.Vector) error {
	a.flush()
	out.Reset(catalog.Double, n)
	for i := range n {
		s := &a.state[i]
		switch {
		case s.terms == 0:
			out.F64[i] = 0
			out.SetNull(i)
		case a.avg:
			out.F64[i] = s.mean()
		default:
			out.F64[i] = s.value()
		}
	}
	return nil
}

// Bytes implements function.Accumulator. Sums with terms beyond 2^1000 hold 48 bytes more, which are not counted.
func (a *floatSum) Bytes() int {
	n := 0
	for _, sums := range a.pending {
		n += 24 * cap(sums)
	}
	return n + 32*cap(a.state) + 8*(cap(a.in.buf)+cap(a.rows.values)) + 4*cap(a.rows.groups)
}
