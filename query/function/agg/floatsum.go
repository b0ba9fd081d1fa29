package agg

import (
	"math"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/kernel"
)

// floatSum sums floats. Rows go to pending sums, split by a constant that suits their magnitudes (kernel.SumSplit), which join
// the exact sums when the constant changes; until then there are no exact sums. With very many groups, or terms that have no
// place there, rows go to the exact sums one by one.
type floatSum struct {
	groups  int
	state   []exactSum                       // of all groups, or none
	pending [kernel.PairCopies][]kernel.Pair // one slice, or copies of it
	terms   count                            // of the pending sums, where a mean is wanted
	split   splitter
	rows    rowSet
	in      floatInput
	avg     bool
}

// Pending sums have copies while those of all groups stay in the second-level cache.
const copiedGroups = 8 << 10

// scaledPart is how many scaled values are decoded at once, in the first-level cache.
const scaledPart = 512

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
func (a *floatSum) Resize(n int) {
	if a.groups = n; len(a.state) > 0 {
		a.state = resize(a.state, n)
	}
}

// Reserve implements function.Reserver.
func (a *floatSum) Reserve(n int) {
	if n > copiedGroups && n <= maxPending {
		a.pending[0] = make([]kernel.Pair, 0, n)
	}
}

// exact gives the exact sums.
func (a *floatSum) exact() []exactSum {
	if len(a.state) < a.groups {
		a.state = resize(a.state, a.groups)
	}
	return a.state
}

// TakesScaled implements function.ScaledReader.
func (a *floatSum) TakesScaled() bool { return true }

// Add implements function.Accumulator.
func (a *floatSum) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	if a.rows.none {
		return nil
	}
	if v := args[0]; v.Form == vec.FormScaled && v.Type.Kind == catalog.KindDouble && a.rows.all {
		a.addScaled(groups, v, n)
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
	case a.groups > maxPending || !a.prepare(kernel.MagnitudesOf(values), len(values)):
		a.addEach(groups[:len(values)], values)
	default:
		a.addPending(groups[:len(values)], values)
	}
	return nil
}

// addScaled adds scaled values.
func (a *floatSum) addScaled(groups []uint32, v *vec.Vector, n int) {
	r := scaledMagnitudes(v, n)
	if groups == nil || kernel.Same(groups[:n]) {
		group := uint32(0)
		if groups != nil {
			group = groups[0]
		}
		a.addScaledAll(group, v, n, r)
		return
	}
	if a.groups > maxPending || !a.prepare(r, n) {
		for from := 0; from < n; from += scaledPart {
			to := min(from+scaledPart, n)
			a.addEach(groups[from:to], a.in.scaled(v, from, to))
		}
		return
	}
	switch m := a.split.m; {
	case v.U8 != nil:
		kernel.AddScaled(&a.pending, groups, v.U8[:n], v.Base, v.Power, m)
	case v.U16 != nil:
		kernel.AddScaled(&a.pending, groups, v.U16[:n], v.Base, v.Power, m)
	default:
		kernel.AddScaled(&a.pending, groups, v.U32[:n], v.Base, v.Power, m)
	}
	a.countTerms(groups[:n])
}

// addScaledAll adds scaled values of those magnitudes to one group.
func (a *floatSum) addScaledAll(group uint32, v *vec.Vector, n int, r kernel.Magnitudes) {
	if !a.settle(r) {
		for from := 0; from < n; from += scaledPart {
			a.addEachTo(group, a.in.scaled(v, from, min(from+scaledPart, n)))
		}
		return
	}
	var sum kernel.Pair
	switch m := a.split.m; {
	case v.U8 != nil:
		sum.High, sum.Low = kernel.SumScaled(v.U8[:n], v.Base, v.Power, m)
	case v.U16 != nil:
		sum.High, sum.Low = kernel.SumScaled(v.U16[:n], v.Base, v.Power, m)
	default:
		sum.High, sum.Low = kernel.SumScaled(v.U32[:n], v.Base, v.Power, m)
	}
	a.exact()[group].take(sum, int64(n))
}

// scaledMagnitudes is a range that holds the magnitudes of scaled values. All that short codes may stand for lie less than
// splitSpan apart, so that there is nothing to be won by looking at them.
func scaledMagnitudes(v *vec.Vector, n int) kernel.Magnitudes {
	lo, hi := uint32(0), uint32(math.MaxUint16)
	switch {
	case v.U8 != nil:
		hi = math.MaxUint8
	case v.U16 == nil:
		lo, hi = kernel.CodeExtremes(v.U32[:n])
	}
	least, most := v.ScaledValue(lo), v.ScaledValue(hi)
	r := kernel.Magnitudes{Least: math.Float64bits(min(math.Abs(least), math.Abs(most))), Most: math.Float64bits(max(math.Abs(least), math.Abs(most)))}
	if least <= 0 && most >= 0 {
		r.Least = math.Float64bits(1 / v.Power)
	}
	return r
}

// addAll adds terms to one group.
func (a *floatSum) addAll(group uint32, values []float64) {
	high, low, r := kernel.SumSplit(values, a.split.m)
	if !a.split.takes(r, 0) {
		if !a.settle(r) {
			a.addEachTo(group, values)
			return
		}
		high, low, _ = kernel.SumSplit(values, a.split.m)
	}
	a.exact()[group].take(kernel.Pair{High: high, Low: low}, int64(len(values)))
}

// settle finds a constant for terms of those magnitudes, which are not added to pending sums; false where there is none.
func (a *floatSum) settle(r kernel.Magnitudes) bool {
	if a.split.takes(r, 0) {
		return true
	}
	a.flush()
	return a.split.choose(r)
}

func (a *floatSum) addEachTo(group uint32, values []float64) {
	sum := &a.exact()[group]
	for _, x := range values {
		sum.add(x)
	}
}

// prepare makes the pending sums ready for n terms of those magnitudes; false where they cannot take them.
func (a *floatSum) prepare(r kernel.Magnitudes, n int) bool {
	if !a.split.takes(r, n) {
		a.flush()
		if !a.split.choose(r) {
			a.split = splitter{}
			return false
		}
	}
	a.split.terms += int64(n)
	if len(a.pending[0]) < a.groups {
		a.grow()
	}
	return true
}

// grow makes room in the pending sums for all groups.
func (a *floatSum) grow() {
	single := a.groups > copiedGroups
	if single && len(a.pending[0]) > 0 && &a.pending[0][0] != &a.pending[1][0] {
		a.gather()
	}
	for i := range a.pending {
		if i > 0 && single {
			a.pending[i] = a.pending[0]
			continue
		}
		from := len(a.pending[i])
		a.pending[i] = resize(a.pending[i], a.groups)
		for g := from; g < a.groups; g++ {
			a.pending[i][g] = kernel.NoPair()
		}
	}
	if a.avg {
		a.terms.Resize(a.groups)
	}
}

// gather adds the other copies of the pending sums to the first.
func (a *floatSum) gather() {
	for _, sums := range a.pending[1:] {
		for g := range sums {
			if p := &sums[g]; p != &a.pending[0][g] {
				a.pending[0][g].Add(*p)
				*p = kernel.NoPair()
			}
		}
	}
}

func (a *floatSum) addPending(groups []uint32, values []float64) {
	kernel.AddSplit(&a.pending, groups, values, a.split.m)
	a.countTerms(groups)
}

// countTerms counts the terms of each group, where that matters.
func (a *floatSum) countTerms(groups []uint32) {
	if a.avg {
		a.terms.countAll(groups)
	}
}

func (a *floatSum) addEach(groups []uint32, values []float64) {
	groups, state := groups[:len(values)], a.exact()
	for i, x := range values {
		state[groups[i]].add(x)
	}
}

// flush moves what is pending to the exact sums.
func (a *floatSum) flush() {
	a.gather()
	terms := int64(1) // a sum only asks whether there are any
	if a.avg {
		terms = 0
	}
	for g := range a.pending[0] {
		if p := &a.pending[0][g]; !p.Empty() {
			a.exact()[g].take(*p, terms)
			*p = kernel.NoPair()
		}
	}
	a.terms.gather()
	for g, n := range a.terms.state {
		if n > 0 {
			a.exact()[g].terms += n
			a.terms.state[g] = 0
		}
	}
}

// Merge implements function.Accumulator.
func (a *floatSum) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*floatSum)
	if !ok {
		return mergeError(a, other)
	}
	if a.mergePending(o, groups) {
		return nil
	}
	a.flush()
	o.flush()
	if len(o.state) == 0 {
		return nil
	}
	state := a.exact()
	for i := range o.state {
		state[target(groups, i)].merge(o.state[i])
	}
	return nil
}

// mergePending adds o's pending sums to a's; false where either has others, or they were split otherwise.
func (a *floatSum) mergePending(o *floatSum, groups []uint32) bool {
	if len(a.state) > 0 || len(o.state) > 0 || a.avg || a.split.m == 0 || a.split.m != o.split.m || a.split.terms+o.split.terms > kernel.SplitTerms || a.groups > maxPending {
		return false
	}
	o.gather()
	a.split.terms += o.split.terms
	if len(a.pending[0]) < a.groups {
		a.grow()
	}
	for i, p := range o.pending[0] {
		a.pending[0][target(groups, i)].Add(p)
	}
	return true
}

// Result implements function.Accumulator.
func (a *floatSum) Result(n int, out *vec.Vector) error {
	out.Reset(catalog.Double, n)
	if len(a.state) == 0 && !a.avg {
		a.pendingResult(n, out)
		return nil
	}
	a.flush()
	state := a.exact()
	for i := range n {
		s := &state[i]
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

// pendingResult is Result where there are no exact sums.
func (a *floatSum) pendingResult(n int, out *vec.Vector) {
	a.gather()
	for i := range n {
		if i >= len(a.pending[0]) || a.pending[0][i].Empty() {
			out.F64[i] = 0
			out.SetNull(i)
			continue
		}
		out.F64[i] = a.pending[0][i].Value()
	}
}

// Bytes implements function.Accumulator. Sums with terms beyond 2^1000 hold 48 bytes more, which are not counted.
func (a *floatSum) Bytes() int {
	n := 16 * cap(a.pending[0])
	if len(a.pending[0]) <= copiedGroups {
		n *= kernel.PairCopies
	}
	n += 64 + a.terms.Bytes()
	return n + 32*cap(a.state) + 8*(cap(a.in.buf)+cap(a.rows.values)) + 4*cap(a.rows.groups)
}
