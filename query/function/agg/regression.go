package agg

import (
	"math"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// pairStatistic is what is computed from pairs of values. The arguments are (y, x), as in PostgreSQL.
type pairStatistic uint8

const (
	covarPop pairStatistic = iota
	covarSamp
	correlation
	regrSlope
	regrIntercept
	regrR2
	regrCount
	regrAvgX
	regrAvgY
	regrSXX
	regrSYY
	regrSXY
)

// pairSums is the sums over pairs, each variable less its shift: see moments.
type pairSums struct {
	n                int64
	shiftX, shiftY   float64
	x, y, xx, yy, xy twin
	notFinite        bool
}

func (s *pairSums) add(y, x float64) {
	if s.n == 0 {
		s.shiftX, s.shiftY = x, y
	}
	s.n++
	if x-x != 0 || y-y != 0 {
		s.notFinite = true
		return
	}
	if s.notFinite {
		return // the result is known
	}
	dx, dy := twoSum(x, -s.shiftX), twoSum(y, -s.shiftY)
	s.x, s.y = s.x.plus(dx), s.y.plus(dy)
	s.xx, s.yy, s.xy = s.xx.plus(dx.times(dx)), s.yy.plus(dy.times(dy)), s.xy.plus(dx.times(dy))
}

func (s *pairSums) merge(o *pairSums) {
	switch {
	case o.n == 0:
		return
	case s.n == 0:
		*s = *o
		return
	}
	n := float64(o.n)
	dx, dy := twoSum(o.shiftX, -s.shiftX), twoSum(o.shiftY, -s.shiftY)
	s.xx = s.xx.plus(o.xx).plus(o.x.times(dx).scaled(2)).plus(dx.times(dx).scaled(n))
	s.yy = s.yy.plus(o.yy).plus(o.y.times(dy).scaled(2)).plus(dy.times(dy).scaled(n))
	s.xy = s.xy.plus(o.xy).plus(o.x.times(dy)).plus(o.y.times(dx)).plus(dx.times(dy).scaled(n))
	s.x, s.y = s.x.plus(o.x).plus(dx.scaled(n)), s.y.plus(o.y).plus(dy.scaled(n))
	s.n += o.n
	s.notFinite = s.notFinite || o.notFinite
}

// result computes a statistic; false for NULL.
func (s *pairSums) result(what pairStatistic) (float64, bool) {
	if what == regrCount {
		return float64(s.n), true
	}
	if s.n == 0 || what == covarSamp && s.n < 2 {
		return 0, false
	}
	if s.notFinite {
		return math.NaN(), true
	}
	n := twin{float64(s.n), 0}
	meanX, meanY := s.x.over(n), s.y.over(n)
	sxx := positive(s.xx.plus(s.x.times(meanX).negated()))
	syy := positive(s.yy.plus(s.y.times(meanY).negated()))
	sxy := s.xy.plus(s.x.times(meanY).negated())
	meanX, meanY = meanX.plus(twin{s.shiftX, 0}), meanY.plus(twin{s.shiftY, 0})
	switch what {
	case covarPop:
		return sxy.over(n).value(), true
	case covarSamp:
		return sxy.over(twin{n.hi - 1, 0}).value(), true
	case regrAvgX:
		return meanX.value(), true
	case regrAvgY:
		return meanY.value(), true
	case regrSXX:
		return sxx.value(), true
	case regrSYY:
		return syy.value(), true
	case regrSXY:
		return sxy.value(), true
	}
	return related(what, sxx, syy, sxy, meanX, meanY)
}

// related computes what divides by the spread of a variable; false where that is zero.
func related(what pairStatistic, sxx, syy, sxy, meanX, meanY twin) (float64, bool) {
	switch {
	case sxx.hi == 0 || what == correlation && syy.hi == 0:
		return 0, false
	case what == regrSlope:
		return sxy.over(sxx).value(), true
	case what == regrIntercept:
		return meanY.plus(meanX.times(sxy.over(sxx)).negated()).value(), true
	case what == regrR2 && syy.hi == 0:
		return 1, true
	case what == regrR2:
		return min(sxy.over(sxx).times(sxy.over(syy)).value(), 1), true
	}
	r := sxy.value() / sxx.sqrt() / syy.sqrt()
	return max(-1, min(1, r)), true
}

// pairs computes statistics of two variables.
type pairs struct {
	what   pairStatistic
	state  []pairSums
	rows   rowSet
	ys, xs floatInput
}

// Resize implements function.Accumulator.
func (a *pairs) Resize(n int) { a.state = resize(a.state, n) }

// Add implements function.Accumulator.
func (a *pairs) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	if a.rows.none {
		return nil
	}
	ys, xs := a.ys.read(args[0], n), a.xs.read(args[1], n)
	a.rows.each(n, func(i int) { a.state[target0(groups, i)].add(ys[i], xs[i]) })
	return nil
}

// Merge implements function.Accumulator.
func (a *pairs) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*pairs)
	if !ok {
		return mergeError(a, other)
	}
	for i := range o.state {
		a.state[target(groups, i)].merge(&o.state[i])
	}
	return nil
}

// Result implements function.Accumulator.
func (a *pairs) Result(n int, out *vec.Vector) error {
	if a.what == regrCount {
		out.Reset(catalog.Long, n)
		for i := range n {
			out.I64[i] = a.state[i].n
		}
		return nil
	}
	out.Reset(catalog.Double, n)
	for i := range n {
		x, ok := a.state[i].result(a.what)
		switch {
		case !ok:
			clearRow(out, i)
			continue
		case x-x != 0 && !a.state[i].notFinite:
			return errs.User(errs.NumericOutOfRange, "value out of range: overflow")
		}
		out.F64[i] = x
	}
	return nil
}

// Bytes implements function.Accumulator.
func (a *pairs) Bytes() int { return 112*cap(a.state) + 8*(cap(a.ys.buf)+cap(a.xs.buf)) }
