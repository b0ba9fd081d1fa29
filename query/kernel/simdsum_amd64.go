//go:build goexperiment.simd && amd64

package kernel

import (
	"math"
	"simd/archsimd"
	"slices"
)

// wideSumSplit does a multiple of 16 values. Its lanes are variables each: those in a struct go through memory at every step.
func wideSumSplit(values []float64, m float64) (done int, high, low float64, r Magnitudes) {
	done = len(values) &^ 15
	if !wide || done == 0 {
		return 0, 0, 0, noMagnitudes()
	}
	base, split := &values[0], archsimd.BroadcastFloat64x8(m)
	mask, one := archsimd.BroadcastUint64x8(math.MaxInt64), archsimd.BroadcastUint64x8(1)
	var high0, high1, low0, low1 archsimd.Float64x8
	var most archsimd.Uint64x8
	least := archsimd.BroadcastUint64x8(math.MaxUint64)
	for i := 0; i < done; i += 16 {
		a := archsimd.LoadFloat64x8((*[8]float64)(at(base, i)))
		b := archsimd.LoadFloat64x8((*[8]float64)(at(base, i+8)))
		qa, qb := a.Add(split).Sub(split), b.Add(split).Sub(split)
		high0, high1 = high0.Add(qa), high1.Add(qb)
		low0, low1 = low0.Add(a.Sub(qa)), low1.Add(b.Sub(qb))
		x, y := a.AsUint64x8().And(mask), b.AsUint64x8().And(mask)
		most, least = most.Max(x.Max(y)), least.Min(x.Sub(one).Min(y.Sub(one)))
	}
	high, low, r = addLanes(high0.Add(high1)), addLanes(low0.Add(low1)), magnitudesOfLanes(least, most)
	archsimd.ClearAVXUpperBits()
	return done, high, low, r
}

func magnitudesOfLanes(least, most archsimd.Uint64x8) Magnitudes {
	var lo, hi [8]uint64
	least.Store(&lo)
	most.Store(&hi)
	return Magnitudes{Least: slices.Min(lo[:]), Most: slices.Max(hi[:])}
}

func addLanes(v archsimd.Float64x8) float64 {
	var x [8]float64
	v.Store(&x)
	return ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7]))
}

func sumLanes(v archsimd.Uint64x8) uint64 {
	var x [8]uint64
	v.Store(&x)
	return x[0] + x[1] + x[2] + x[3] + x[4] + x[5] + x[6] + x[7]
}

func wideMagnitudes(values []float64) (done int, r Magnitudes) {
	done = len(values) &^ 15
	if !wide || done == 0 {
		return 0, noMagnitudes()
	}
	base, mask, one := &values[0], archsimd.BroadcastUint64x8(math.MaxInt64), archsimd.BroadcastUint64x8(1)
	var most0, most1 archsimd.Uint64x8
	least0 := archsimd.BroadcastUint64x8(math.MaxUint64)
	least1 := least0
	for i := 0; i < done; i += 16 {
		x := archsimd.LoadUint64x8((*[8]uint64)(at(base, i))).And(mask)
		y := archsimd.LoadUint64x8((*[8]uint64)(at(base, i+8))).And(mask)
		most0, most1 = most0.Max(x), most1.Max(y)
		least0, least1 = least0.Min(x.Sub(one)), least1.Min(y.Sub(one))
	}
	r = magnitudesOfLanes(least0.Min(least1), most0.Max(most1))
	archsimd.ClearAVXUpperBits()
	return done, r
}

func wideDoubleKeys(values []float64) (done int, lo, hi int64) {
	return wideKeys(values, archsimd.BroadcastInt64x8(math.MaxInt64))
}

func wideLongKeys(values []int64) (done int, lo, hi int64) {
	return wideKeys(values, archsimd.BroadcastInt64x8(0))
}

// wideKeys gives the range of 8-byte values as integers whose bits in flip are turned over where they are negative.
func wideKeys[T int64 | float64](values []T, flip archsimd.Int64x8) (done int, lo, hi int64) {
	done = len(values) &^ 15
	lo, hi = math.MaxInt64, math.MinInt64
	if !wide || done == 0 {
		return 0, lo, hi
	}
	base := &values[0]
	lo0, hi0 := archsimd.BroadcastInt64x8(lo), archsimd.BroadcastInt64x8(hi)
	lo1, hi1 := lo0, hi0
	for i := 0; i < done; i += 16 {
		a := archsimd.LoadInt64x8((*[8]int64)(at(base, i)))
		b := archsimd.LoadInt64x8((*[8]int64)(at(base, i+8)))
		a = a.Xor(a.ShiftAllRight(63).And(flip))
		b = b.Xor(b.ShiftAllRight(63).And(flip))
		lo0, lo1, hi0, hi1 = lo0.Min(a), lo1.Min(b), hi0.Max(a), hi1.Max(b)
	}
	var x, y [8]int64
	lo0.Min(lo1).Store(&x)
	hi0.Max(hi1).Store(&y)
	archsimd.ClearAVXUpperBits()
	for i := range x {
		lo, hi = min(lo, x[i]), max(hi, y[i])
	}
	return done, lo, hi
}

func wideExtremesBytes(codes []uint8) (done int, lo, hi uint32) {
	done = len(codes) &^ 63
	if !wide || done == 0 {
		return 0, math.MaxUint32, 0
	}
	base := &codes[0]
	least, most := archsimd.BroadcastUint8x64(math.MaxUint8), archsimd.BroadcastUint8x64(0)
	for i := 0; i < done; i += 64 {
		v := archsimd.LoadUint8x64((*[64]uint8)(at(base, i)))
		least, most = least.Min(v), most.Max(v)
	}
	var x, y [64]uint8
	least.Store(&x)
	most.Store(&y)
	archsimd.ClearAVXUpperBits()
	return done, uint32(slices.Min(x[:])), uint32(slices.Max(y[:]))
}

func wideExtremesShorts(codes []uint16) (done int, lo, hi uint32) {
	done = len(codes) &^ 31
	if !wide || done == 0 {
		return 0, math.MaxUint32, 0
	}
	base := &codes[0]
	least, most := archsimd.BroadcastUint16x32(math.MaxUint16), archsimd.BroadcastUint16x32(0)
	for i := 0; i < done; i += 32 {
		v := archsimd.LoadUint16x32((*[32]uint16)(at(base, i)))
		least, most = least.Min(v), most.Max(v)
	}
	var x, y [32]uint16
	least.Store(&x)
	most.Store(&y)
	archsimd.ClearAVXUpperBits()
	return done, uint32(slices.Min(x[:])), uint32(slices.Max(y[:]))
}

func wideExtremesWords(codes []uint32) (done int, lo, hi uint32) {
	done = len(codes) &^ 15
	if !wide || done == 0 {
		return 0, math.MaxUint32, 0
	}
	base := &codes[0]
	least, most := archsimd.BroadcastUint32x16(math.MaxUint32), archsimd.BroadcastUint32x16(0)
	for i := 0; i < done; i += 16 {
		v := archsimd.LoadUint32x16((*[16]uint32)(at(base, i)))
		least, most = least.Min(v), most.Max(v)
	}
	var x, y [16]uint32
	least.Store(&x)
	most.Store(&y)
	archsimd.ClearAVXUpperBits()
	return done, slices.Min(x[:]), slices.Max(y[:])
}

func wideSumBytes(codes []uint8) (done int, sum uint64) {
	done = len(codes) &^ 63
	if !wide || done == 0 {
		return 0, 0
	}
	base := &codes[0]
	var total archsimd.Uint64x8
	var zero archsimd.Uint8x64
	for i := 0; i < done; i += 64 {
		total = total.Add(archsimd.LoadUint8x64((*[64]uint8)(at(base, i))).SumAbsDiff(zero).AsUint64x8())
	}
	sum = sumLanes(total)
	archsimd.ClearAVXUpperBits()
	return done, sum
}

func wideSumShorts(codes []uint16) (done int, sum uint64) {
	done = len(codes) &^ 31
	if !wide || done == 0 {
		return 0, 0
	}
	const run = 1 << 20 // 2^15 additions of less than 2^16 to each lane of 32 bits
	base, low := &codes[0], archsimd.BroadcastUint32x16(math.MaxUint16)
	for from := 0; from < done; from += run {
		var even, odd archsimd.Uint32x16
		for i := from; i < min(done, from+run); i += 32 {
			if i&511 == 0 {
				ahead(base, len(codes), i)
			}
			v := archsimd.LoadUint32x16((*[16]uint32)(at(base, i)))
			even, odd = even.Add(v.And(low)), odd.Add(v.ShiftAllRight(16))
		}
		var x, y [16]uint32
		even.Store(&x)
		odd.Store(&y)
		for i := range x {
			sum += uint64(x[i]) + uint64(y[i])
		}
	}
	archsimd.ClearAVXUpperBits()
	return done, sum
}

func wideSumWords(codes []uint32) (done int, sum uint64) {
	done = len(codes) &^ 15
	if !wide || done == 0 {
		return 0, 0
	}
	base, low := &codes[0], archsimd.BroadcastUint64x8(math.MaxUint32)
	var even, odd archsimd.Uint64x8
	for i := 0; i < done; i += 16 {
		if i&255 == 0 {
			ahead(base, len(codes), i)
		}
		v := archsimd.LoadUint64x8((*[8]uint64)(at(base, i)))
		even, odd = even.Add(v.And(low)), odd.Add(v.ShiftAllRight(32))
	}
	sum = sumLanes(even.Add(odd))
	archsimd.ClearAVXUpperBits()
	return done, sum
}

// reciprocal gives 1/power as the sum of two doubles, of which the first is the closest to it.
func reciprocal(power float64) (high, low float64) {
	high = 1 / power
	return high, math.FMA(-high, power, 1) / power
}

// unscaled divides eight integers by a power of ten, given as its reciprocal. It rounds as a division does: before rounding it is off
// by less than 2^-105 of the quotient, and no quotient of an integer below 2^53 by a power of ten from 10 to 10^15 lies that close
// to the middle between two doubles. The method is that of N. Brisebarre and J.-M. Muller, "Correctly Rounded Multiplication by
// Arbitrary Precision Constants" (2008).
func unscaled(n, high, low archsimd.Float64x8) archsimd.Float64x8 { return n.MulAdd(high, n.Mul(low)) }

// integerBias is a double whose last bit counts ones, with room for integers below 2^51 on both sides.
const integerBias = 0x1.8p52

func wideUnscaleBytes(codes []uint8, base int64, power float64, out []float64) int {
	done := len(codes) &^ 15
	if !wide || done == 0 {
		return 0
	}
	from, to := &codes[0], &out[0]
	h, l := reciprocal(power)
	zero, high, low := archsimd.BroadcastFloat64x8(float64(base)), archsimd.BroadcastFloat64x8(h), archsimd.BroadcastFloat64x8(l)
	for i := 0; i < done; i += 16 {
		if i&1023 == 0 {
			ahead(from, len(codes), i)
		}
		v := archsimd.LoadUint8x16((*[16]uint8)(at(from, i))).ExtendToUint32()
		unscaled(v.GetLo().ConvertToFloat64().Add(zero), high, low).Store((*[8]float64)(at(to, i)))
		unscaled(v.GetHi().ConvertToFloat64().Add(zero), high, low).Store((*[8]float64)(at(to, i+8)))
	}
	archsimd.ClearAVXUpperBits()
	return done
}

func wideUnscaleShorts(codes []uint16, base int64, power float64, out []float64) int {
	done := len(codes) &^ 7
	if !wide || done == 0 {
		return 0
	}
	from, to := &codes[0], &out[0]
	h, l := reciprocal(power)
	zero, high, low := archsimd.BroadcastFloat64x8(float64(base)), archsimd.BroadcastFloat64x8(h), archsimd.BroadcastFloat64x8(l)
	for i := 0; i < done; i += 8 {
		if i&511 == 0 {
			ahead(from, len(codes), i)
		}
		n := archsimd.LoadUint16x8((*[8]uint16)(at(from, i))).ExtendToUint32().ConvertToFloat64().Add(zero)
		unscaled(n, high, low).Store((*[8]float64)(at(to, i)))
	}
	archsimd.ClearAVXUpperBits()
	return done
}

func wideUnscaleWords(codes []uint32, base int64, power float64, out []float64) int {
	done := len(codes) &^ 7
	if !wide || done == 0 {
		return 0
	}
	from, to := &codes[0], &out[0]
	h, l := reciprocal(power)
	zero, high, low := archsimd.BroadcastFloat64x8(float64(base)), archsimd.BroadcastFloat64x8(h), archsimd.BroadcastFloat64x8(l)
	for i := 0; i < done; i += 8 {
		if i&255 == 0 {
			ahead(from, len(codes), i)
		}
		n := archsimd.LoadUint32x8((*[8]uint32)(at(from, i))).ConvertToFloat64().Add(zero)
		unscaled(n, high, low).Store((*[8]float64)(at(to, i)))
	}
	archsimd.ClearAVXUpperBits()
	return done
}

// Sums of scaled values x = n / power, as rounded, are not taken from the values: with high and low for the reciprocal, x is
// high n + (x - high n), where the difference is exact and of the size of what rounding takes. So the integers are added up exactly,
// the differences beside them, and the product of the first sum with high is taken in two parts at the end.

// scaledTerms is how many integers add up exactly, and scaledRoom bounds their base for that: 2^13 times 2^40 is 2^53.
const (
	scaledTerms = 1 << 13
	scaledRoom  = 1 << 39
)

// scaledSums gives how many of n codes are summed by lanes, 0 if none.
func scaledSums(n int, base int64) int {
	if !wide || base >= scaledRoom || base <= -scaledRoom {
		return 0
	}
	return min(n, scaledTerms) &^ 15
}

// splitScaled makes of a sum of integers and of the rests beside their products with high what SumSplit gives: a multiple of the
// unit of m's high parts, and what is left.
func splitScaled(integers, rests, high, m float64) (multiple, left float64) {
	product := integers * high
	multiple = (product + m) - m
	return multiple, (product - multiple) + (math.FMA(integers, high, -product) + rests)
}

// wideSumScaledBytes does a multiple of 16 values, as its siblings do.
func wideSumScaledBytes(codes []uint8, base int64, power, m float64) (done int, high, low float64) {
	if done = scaledSums(len(codes), base); done == 0 {
		return 0, 0, 0
	}
	h, l := reciprocal(power)
	integers, rests := sumScaledBytes(&codes[0], done, integerBias+float64(base), h, l, integerBias)
	high, low = splitScaled(integers, rests, h, m)
	return done, high, low
}

func wideSumScaledShorts(codes []uint16, base int64, power, m float64) (done int, high, low float64) {
	if done = scaledSums(len(codes), base); done == 0 {
		return 0, 0, 0
	}
	h, l := reciprocal(power)
	integers, rests := sumScaledShorts(&codes[0], done, integerBias+float64(base), h, l, integerBias)
	high, low = splitScaled(integers, rests, h, m)
	return done, high, low
}

func wideSumScaledWords(codes []uint32, base int64, power, m float64) (done int, high, low float64) {
	if done = scaledSums(len(codes), base); done == 0 {
		return 0, 0, 0
	}
	h, l := reciprocal(power)
	integers, rests := sumScaledWords(&codes[0], done, float64(base), h, l)
	high, low = splitScaled(integers, rests, h, m)
	return done, high, low
}

// sumScaledBytes adds up n integers, a positive multiple of 16, and the rests beside their products with high: high and low are
// the reciprocal of a power of ten. An integer is a code added to the last bits of biased. It asks for the next block's codes as it
// goes (see ahead; calls of it out of a loop of archsimd spill all that the loop holds).
//
//go:noescape
func sumScaledBytes(codes *uint8, n int, biased, high, low, bias float64) (integers, rests float64)

//go:noescape
func sumScaledShorts(codes *uint16, n int, biased, high, low, bias float64) (integers, rests float64)

// sumScaledWords adds base to the codes.
//
//go:noescape
func sumScaledWords(codes *uint32, n int, base, high, low float64) (integers, rests float64)
