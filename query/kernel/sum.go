package kernel

import "math"

// Sums of doubles that do not depend on the order of their terms. Every term x is split, with a constant m that is a power of
// two times 1.5, into a high part (x + m) - m, a multiple of ulp(m), and the rest. High parts of as many terms as m leaves
// room for add up exactly; so does almost all of the rests. The idea is that of J. Demmel and H. D. Nguyen, "Fast Reproducible
// Floating-Point Summation" (2013), with two bins.

// SplitTerms is how many terms may be added to one pair of sums.
const SplitTerms = 1 << 20

// MaxSplit is the largest magnitude that terms of such sums may have.
const MaxSplit = 0x1p900

// Splitter gives the constant for terms of magnitudes up to most, which is finite, positive and at most MaxSplit: high parts
// of SplitTerms terms add up to less than 2^53 times their unit.
func Splitter(most float64) float64 {
	_, e := math.Frexp(most) // most < 2^e
	return math.Ldexp(1.5, e+21)
}

// SplitLimit is the largest magnitude that m is for.
func SplitLimit(m float64) float64 { return m / 1.5 / (1 << 21) }

// Magnitudes is the range of the magnitudes of doubles, as their bits: NaN is greater than infinity. Least is of those that are
// not zero, math.MaxUint64 where all are.
type Magnitudes struct{ Least, Most uint64 }

func (r *Magnitudes) add(x float64) {
	b := math.Float64bits(x) &^ signBit
	r.Most, r.Least = max(r.Most, b), min(r.Least, b-1)
}

// noMagnitudes is the range of nothing while it is computed: Least is one less then, so that zero is above all.
func noMagnitudes() Magnitudes { return Magnitudes{Least: math.MaxUint64} }

func (r Magnitudes) done() Magnitudes {
	if r.Least != math.MaxUint64 {
		r.Least++
	}
	return r
}

const signBit = 1 << 63

// SumSplit adds up the high parts and the rests of values, and gives the range of their magnitudes: where Most is above
// SplitLimit(m) the sums mean nothing.
func SumSplit(values []float64, m float64) (high, low float64, r Magnitudes) {
	done, high, low, r := wideSumSplit(values, m)
	for _, x := range values[done:] {
		q := (x + m) - m
		high += q
		low += x - q
		r.add(x)
	}
	return high, low, r.done()
}

// MagnitudesOf gives the range of the magnitudes of values.
func MagnitudesOf(values []float64) Magnitudes {
	done, r := wideMagnitudes(values)
	for _, x := range values[done:] {
		r.add(x)
	}
	return r.done()
}

// DoubleKey orders doubles as integers: -Inf, ..., -0, 0, ..., Inf, NaN. NaNs with a sign come before -Inf.
func DoubleKey(x float64) int64 {
	k := int64(math.Float64bits(x))
	return k ^ int64(uint64(k>>63)>>1)
}

// DoubleOfKey is the double with that key.
func DoubleOfKey(k int64) float64 { return math.Float64frombits(uint64(k ^ int64(uint64(k>>63)>>1))) }

// DoubleRange gives the least and greatest DoubleKey of values, which are not empty.
func DoubleRange(values []float64) (lo, hi int64) {
	done, lo, hi := wideDoubleKeys(values)
	for _, x := range values[done:] {
		k := DoubleKey(x)
		lo, hi = min(lo, k), max(hi, k)
	}
	return lo, hi
}

// LongRange gives the least and greatest of values, which are not empty.
func LongRange(values []int64) (lo, hi int64) {
	done, lo, hi := wideLongKeys(values)
	for _, x := range values[done:] {
		lo, hi = min(lo, x), max(hi, x)
	}
	return lo, hi
}

// CodeExtremes gives the least and greatest of codes, which are not empty.
func CodeExtremes[C Code](codes []C) (least, greatest uint32) {
	done, lo, hi := 0, uint32(math.MaxUint32), uint32(0)
	switch codes := any(codes).(type) {
	case []uint8:
		done, lo, hi = wideExtremesBytes(codes)
	case []uint16:
		done, lo, hi = wideExtremesShorts(codes)
	case []uint32:
		done, lo, hi = wideExtremesWords(codes)
	}
	for _, c := range codes[done:] {
		lo, hi = min(lo, uint32(c)), max(hi, uint32(c))
	}
	return lo, hi
}

// SumCodes adds up codes.
func SumCodes[C Code](codes []C) uint64 {
	var done int
	var sum uint64
	switch codes := any(codes).(type) {
	case []uint8:
		done, sum = wideSumBytes(codes)
	case []uint16:
		done, sum = wideSumShorts(codes)
	case []uint32:
		done, sum = wideSumWords(codes)
	}
	var a, b, c, d uint64
	codes = codes[done:]
	for ; len(codes) >= 4; codes = codes[4:] {
		a, b, c, d = a+uint64(codes[0]), b+uint64(codes[1]), c+uint64(codes[2]), d+uint64(codes[3])
	}
	for _, x := range codes {
		a += uint64(x)
	}
	return sum + a + b + c + d
}
