package encoding

import (
	"encoding/binary"
	"math"
)

// MaxScale is the largest number of decimal places of scaled columns.
const MaxScale = 15

var powersOfTen = [MaxScale + 1]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// PowerOfTen gives 10^scale for 0 to MaxScale, and 1 for others.
func PowerOfTen(scale int) float64 {
	if scale < 0 || scale > MaxScale {
		return 1
	}
	return powersOfTen[scale]
}

// maxScaled bounds the integers of scaled columns: beyond it doubles skip integers.
const maxScaled = 1 << 53

// Scales finds the decimal places of floats: how many make every one of them, exactly, an integer divided by a power of ten.
// The idea is ALP's (A. Afroozeh and others, "ALP: Adaptive Lossless floating-Point Compression", 2023). Add finds the places
// and measures the integers; where it had to take more places than before, the values up to there have to be measured again,
// as the range of their integers does not follow from that at fewer places (of a FLOAT, 100000.01 is the shortest form of
// 100000.0078125, which at three places is 100000.008). The zero value has seen nothing.
type Scales struct {
	Scale    int
	Min, Max int64 // of the integers measured at Scale; only where a value was measured
	measured bool
}

// Add takes values in, and reports whether each can be a scaled integer. NaN, infinities and negative zero are not. raised
// says that Scale grew, and that Measure has to see everything again up to the end of values.
func (s *Scales) Add(values Floats) (raised, ok bool) {
	for n := s.measure(values, 0); n < values.len(); n = s.measure(values, n) {
		scale := s.Scale + 1
		for ; scale <= MaxScale; scale++ {
			if _, ok := values.scaled(n, scale); ok {
				break
			}
		}
		if scale > MaxScale {
			return raised, false
		}
		*s, raised = Scales{Scale: scale}, true
	}
	return raised, true
}

// Measure takes the range of values' integers in, and reports whether each is one at s.Scale.
func (s *Scales) Measure(values Floats) bool { return s.measure(values, 0) == values.len() }

// measure goes over values from n on to the first one that is no integer at s.Scale, and gives its position.
func (s *Scales) measure(values Floats, n int) int {
	low, high := math.Inf(1), math.Inf(-1)
	start := n
	if values.F32 != nil {
		n += scaledRun(values.F32[n:], s.Scale, &low, &high)
	} else {
		n += scaledRun(values.F64[n:], s.Scale, &low, &high)
	}
	if n == start {
		return n
	}
	if !s.measured {
		s.Min, s.Max, s.measured = int64(low), int64(high), true
	}
	s.Min, s.Max = min(s.Min, int64(low)), max(s.Max, int64(high))
	return n
}

// Floats are values of a FLOAT or a DOUBLE column; one slice is set.
type Floats struct {
	F32 []float32
	F64 []float64
}

func (f Floats) len() int { return max(len(f.F32), len(f.F64)) }

// scaled gives the integer of value i at a scale.
func (f Floats) scaled(i, scale int) (n int64, ok bool) {
	low, high := math.Inf(1), math.Inf(-1)
	if f.F32 != nil {
		ok = scaledRun(f.F32[i:i+1], scale, &low, &high) == 1
	} else {
		ok = scaledRun(f.F64[i:i+1], scale, &low, &high) == 1
	}
	if !ok {
		return 0, false
	}
	return int64(low), true
}

// scaledRun counts the leading values x that are n / 10^scale for an integer n, in both forms that readers compute, and
// widens low and high by the integers.
func scaledRun[T float32 | float64](values []T, scale int, low, high *float64) int {
	power := powersOfTen[scale]
	reciprocal := 1 / power
	done := 0
	if doubles, ok := any(values).([]float64); ok {
		done = wideScaledRun(doubles, power, reciprocal, low, high)
	}
	least, most := *low, *high
	at := len(values)
	for i := done; i < len(values); i++ {
		x := values[i]
		n := nearest(float64(float64(x) * power))
		if T(n/power) != x || T(Unscale(n, power, reciprocal)) != x || !(math.Abs(n) <= maxScaled-1<<32) || x == 0 && math.Signbit(float64(x)) {
			at = i
			break
		}
		if n < least {
			least = n
		}
		if n > most {
			most = n
		}
	}
	*low, *high = least, most
	return at
}

// nearest gives the integer nearest to x. Halves may go either way, since no half times a power of ten comes back from an
// integer; whoever measures and whoever writes has to use this function, on a product that was rounded.
func nearest(x float64) float64 {
	const shifter = 3 << 51 // from here on doubles have no fraction: adding it rounds
	if math.Abs(x) < 1<<51 {
		return float64(x+shifter) - shifter
	}
	return math.Round(x)
}

// Unscale divides by multiplying with the reciprocal and correcting the result once, which vectors do faster. Writers store
// only what this and a division agree on.
func Unscale(n, power, reciprocal float64) float64 {
	q := n * reciprocal
	return math.FMA(math.FMA(-q, power, n), reciprocal, q)
}

// ScaledBase reports whether distances from base, which are below 2^32, are integers that doubles hold.
func ScaledBase(base int64) bool { return -maxScaled <= base && base <= maxScaled-1<<32 }

// AppendScaled appends the distances from base of the integers of values at width 1, 2 or 4.
func AppendScaled[T float32 | float64](dst []byte, width, scale int, base int64, values []T) []byte {
	power := PowerOfTen(scale)
	dst, out := extend(dst, width*len(values))
	if doubles, ok := any(values).([]float64); ok {
		done := wideAppendScaled(out, width, power, base, doubles)
		values, out = values[done:], out[width*done:]
	}
	switch width {
	case 1:
		for i, x := range values {
			out[i] = uint8(int64(nearest(float64(float64(x)*power))) - base)
		}
	case 2:
		for i, x := range values {
			binary.LittleEndian.PutUint16(out[2*i:], uint16(int64(nearest(float64(float64(x)*power)))-base))
		}
	default:
		for i, x := range values {
			binary.LittleEndian.PutUint32(out[4*i:], uint32(int64(nearest(float64(float64(x)*power)))-base))
		}
	}
	return dst
}
