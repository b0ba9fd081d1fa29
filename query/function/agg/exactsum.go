package agg

import (
	"math"

	"github.com/freshetdb/freshet/query/kernel"
)

// twin is an unevaluated sum of two doubles, hi + lo, where hi is the sum rounded: about 106 bits.
type twin struct{ hi, lo float64 }

// twoSum adds two doubles; hi + lo is exactly a + b.
func twoSum(a, b float64) twin {
	s := a + b
	back := s - a
	return twin{s, (a - (s - back)) + (b - back)}
}

// fastTwoSum is twoSum where a is not smaller in magnitude than b.
func fastTwoSum(a, b float64) twin {
	s := a + b
	return twin{s, b - (s - a)}
}

func (x twin) plus(y twin) twin {
	s, t := twoSum(x.hi, y.hi), twoSum(x.lo, y.lo)
	s = fastTwoSum(s.hi, s.lo+t.hi)
	return fastTwoSum(s.hi, s.lo+t.lo)
}

func (x twin) negated() twin { return twin{-x.hi, -x.lo} }

func (x twin) times(y twin) twin {
	p := x.hi * y.hi
	e := math.FMA(x.hi, y.hi, -p)
	e += math.FMA(x.hi, y.lo, x.lo*y.hi)
	return fastTwoSum(p, e)
}

func (x twin) scaled(by float64) twin { return x.times(twin{by, 0}) }

func (x twin) over(y twin) twin {
	q := x.hi / y.hi
	rest := x.plus(y.scaled(q).negated())
	r := rest.hi / y.hi
	rest = rest.plus(y.scaled(r).negated())
	return fastTwoSum(q, r).plus(twin{rest.hi / y.hi, 0})
}

func (x twin) sqrt() float64 {
	s := math.Sqrt(x.hi)
	if s == 0 || math.IsInf(s, 0) || math.IsNaN(s) {
		return s
	}
	rest := x.plus(twin{s, 0}.times(twin{s, 0}).negated())
	return s + rest.hi/(2*s)
}

// value is the twin rounded to a double.
func (x twin) value() float64 { return x.hi + x.lo }

// Terms of farLimit or more, infinities and NaN are kept apart by a sum: scaled by farScale they cannot overflow.
const (
	farLimit = 0x1p1000
	farScale = 0x1p-600
)

// farSum is the part of a sum that doubles might not hold.
type farSum struct {
	up, down, nan bool // an infinity of either sign, a NaN
	sum           twin // of terms times farScale
}

// exactSum is a floating sum that keeps the rounding errors of its additions and does not overflow on the way, so that
// neither the order of the terms nor how they are split shows in the result, unless they cancel in their first thirty
// digits.
type exactSum struct {
	sum, lost float64 // |sum| stays below farLimit
	terms     int64
	far       *farSum // nil unless needed
}

func (s *exactSum) add(x float64) {
	s.terms++
	t := s.sum + x
	if !(t < farLimit && t > -farLimit) || x >= farLimit || x <= -farLimit {
		s.addFar(x)
		return
	}
	back := t - s.sum
	s.lost += (s.sum - (t - back)) + (x - back)
	s.sum = t
}

// addFar adds a term that is large, or that would make the sum so.
func (s *exactSum) addFar(x float64) {
	if s.far == nil {
		s.far = &farSum{}
	}
	f := s.far
	switch {
	case x != x:
		f.nan = true
	case math.IsInf(x, 1):
		f.up = true
	case math.IsInf(x, -1):
		f.down = true
	default:
		f.sum = f.sum.plus(twin{s.sum * farScale, 0}).plus(twin{x * farScale, 0})
		s.sum = 0
	}
}

// take adds the sum of that many terms.
func (s *exactSum) take(p kernel.Pair, terms int64) {
	terms += s.terms
	s.add(p.High)
	s.lost += p.Low
	s.terms = terms
}

func (s *exactSum) merge(o exactSum) {
	terms := s.terms + o.terms
	s.add(o.sum)
	s.lost += o.lost
	s.terms = terms
	if o.far == nil {
		return
	}
	if s.far == nil {
		s.far = &farSum{}
	}
	s.far.up, s.far.down, s.far.nan = s.far.up || o.far.up, s.far.down || o.far.down, s.far.nan || o.far.nan
	s.far.sum = s.far.sum.plus(o.far.sum)
}

// special gives the sum where infinities or NaN are among the terms.
func (s *exactSum) special() (float64, bool) {
	f := s.far
	switch {
	case f == nil:
		return 0, false
	case f.nan || f.up && f.down:
		return math.NaN(), true
	case f.up:
		return math.Inf(1), true
	case f.down:
		return math.Inf(-1), true
	}
	return 0, false
}

// total gives the sum times scale.
func (s *exactSum) total() (sum twin, scale float64) {
	near := twoSum(s.sum, s.lost)
	if s.far == nil || s.far.sum.hi == 0 {
		return near, 1
	}
	return s.far.sum.plus(twin{near.hi * farScale, near.lo * farScale}), farScale
}

// value is the sum as a double: an infinity where it is beyond them.
func (s *exactSum) value() float64 {
	if x, ok := s.special(); ok {
		return x
	}
	t, scale := s.total()
	return t.value() / scale
}

// mean is the sum divided by the number of terms.
func (s *exactSum) mean() float64 {
	if x, ok := s.special(); ok {
		return x
	}
	t, scale := s.total()
	return t.over(twin{float64(s.terms), 0}).value() / scale
}
