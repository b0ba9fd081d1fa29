//go:build goexperiment.simd && amd64

package encoding

import (
	"math"
	"simd/archsimd"
)

// wide says that the processor has 512-bit vectors. The functions below do a whole number of vectors from the front and give
// the number of values done, 0 without such vectors; the plain loops do the rest. They clear the upper halves of the registers
// at their end, for which the compiler's own floating-point instructions wait.
var wide = archsimd.X86.AVX512()

// maxWide bounds the integers that the rounding of wideNearest gives.
const maxWide = 1 << 51

// wideNearest is nearest of x times power for results within maxWide, of which ok tells.
func wideNearest(x, power, shifter, limit archsimd.Float64x8) (n archsimd.Float64x8, ok archsimd.Mask64x8) {
	n = x.Mul(power).Add(shifter).Sub(shifter)
	return n, n.Less(limit).And(archsimd.Float64x8{}.Sub(limit).Less(n))
}

// wideScaledRun is scaledRun up to the first vector of which a value fails, or is beyond what wideNearest does.
func wideScaledRun(values []float64, power, reciprocal float64, low, high *float64) (done int) {
	if !wide || len(values) < 8 {
		return 0
	}
	p, r, minus := archsimd.BroadcastFloat64x8(power), archsimd.BroadcastFloat64x8(reciprocal), archsimd.BroadcastFloat64x8(-power)
	shifter, limit := archsimd.BroadcastFloat64x8(3<<51), archsimd.BroadcastFloat64x8(maxWide)
	zero := archsimd.BroadcastInt64x8(math.MinInt64) // the bits of negative zero
	least, most := archsimd.BroadcastFloat64x8(*low), archsimd.BroadcastFloat64x8(*high)
	for ; done+8 <= len(values); done += 8 {
		x := archsimd.LoadFloat64x8((*[8]float64)(values[done:]))
		n, ok := wideNearest(x, p, shifter, limit)
		q := n.Mul(r)
		q = q.MulAdd(minus, n).MulAdd(r, q) // Unscale
		if ok.And(n.Div(p).Equal(x)).And(q.Equal(x)).And(x.AsInt64x8().NotEqual(zero)).ToBits() != 0xff {
			break
		}
		least, most = least.Min(n), most.Max(n)
	}
	var lows, highs [8]float64
	least.Store(&lows)
	most.Store(&highs)
	archsimd.ClearAVXUpperBits()
	for i := range lows {
		*low, *high = min(*low, lows[i]), max(*high, highs[i])
	}
	return done
}

// wideAppendScaled sets out to the integers of values less base, at a width.
func wideAppendScaled(out []byte, width int, power float64, base int64, values []float64) (done int) {
	if !wide {
		return 0
	}
	p, from := archsimd.BroadcastFloat64x8(power), archsimd.BroadcastInt64x8(base)
	shifter, limit := archsimd.BroadcastFloat64x8(3<<51), archsimd.BroadcastFloat64x8(maxWide)
	for ; done+16 <= len(values); done += 8 {
		n, ok := wideNearest(archsimd.LoadFloat64x8((*[8]float64)(values[done:])), p, shifter, limit)
		if ok.ToBits() != 0xff {
			break
		}
		storeLow(out[done*width:], width, n.ConvertToInt64().Sub(from))
	}
	archsimd.ClearAVXUpperBits()
	return done
}

// storeLow stores the lowest width bytes of each of eight integers; up to 8 bytes behind them are overwritten.
func storeLow(out []byte, width int, x archsimd.Int64x8) {
	switch width {
	case 1:
		x.TruncateToInt8().AsUint8x16().Store((*[16]uint8)(out))
	case 2:
		x.TruncateToInt16().AsUint8x16().Store((*[16]uint8)(out))
	default:
		x.TruncateToInt32().AsUint8x32().Store((*[32]uint8)(out))
	}
}

// wideAppendOffsets sets out to values less base, at a width.
func wideAppendOffsets(out []byte, width int, base int64, values []int64) (done int) {
	if !wide {
		return 0
	}
	from := archsimd.BroadcastInt64x8(base)
	for ; done+16 <= len(values); done += 8 {
		storeLow(out[done*width:], width, archsimd.LoadInt64x8((*[8]int64)(values[done:])).Sub(from))
	}
	archsimd.ClearAVXUpperBits()
	return done
}

// wideAppendCodes sets out to codes at width 1 or 2.
func wideAppendCodes(out []byte, width int, codes []uint32) (done int) {
	if !wide {
		return 0
	}
	for ; done+16 <= len(codes); done += 16 {
		x := archsimd.LoadUint32x16((*[16]uint32)(codes[done:]))
		if width == 1 {
			x.TruncateToUint8().Store((*[16]uint8)(out[done:]))
		} else {
			x.TruncateToUint16().AsUint8x32().Store((*[32]uint8)(out[2*done:]))
		}
	}
	archsimd.ClearAVXUpperBits()
	return done
}

// wideDoubleRange gives the range of values, and ends at the first vector with a NaN.
func wideDoubleRange(values []float64) (done int, low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	if !wide || len(values) < 8 {
		return 0, low, high
	}
	least, most := archsimd.BroadcastFloat64x8(low), archsimd.BroadcastFloat64x8(high)
	for ; done+8 <= len(values); done += 8 {
		x := archsimd.LoadFloat64x8((*[8]float64)(values[done:]))
		if x.Equal(x).ToBits() != 0xff {
			break
		}
		least, most = least.Min(x), most.Max(x)
	}
	var lows, highs [8]float64
	least.Store(&lows)
	most.Store(&highs)
	archsimd.ClearAVXUpperBits()
	for i := range lows {
		low, high = min(low, lows[i]), max(high, highs[i])
	}
	return done, low, high
}
