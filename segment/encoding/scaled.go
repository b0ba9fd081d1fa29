package encoding

import (
	"math"

	"github.com/freshetdb/freshet/catalog"
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
// The idea is ALP's (A. Afroozeh and others, "ALP: Adaptive Lossless floating-Point Compression", 2023). It takes two passes
// over the values: Add finds the places, Measure checks them on every value and finds the integers' range, which does not
// follow from the range at fewer places (of a FLOAT, 100000.01 is the shortest form of 100000.0078125, which at three places
// is 100000.008). The zero value has seen nothing.
type Scales struct {
	Scale    int
	Min, Max int64 // of the integers, at Scale; only where a value was measured
	measured bool
}

// Add takes a value in and reports whether it can be a scaled integer. NaN, infinities and negative zero are not.
func (s *Scales) Add(kind catalog.Kind, x float64) bool {
	for scale := s.Scale; scale <= MaxScale; scale++ {
		if _, ok := scaled(kind, x, scale); ok {
			s.Scale = scale
			return true
		}
	}
	return false
}

// Measure takes the range of a value's integer in, after all values were added, and reports whether x is one at s.Scale.
func (s *Scales) Measure(kind catalog.Kind, x float64) bool {
	n, ok := scaled(kind, x, s.Scale)
	if !s.measured {
		s.Min, s.Max, s.measured = n, n, true
	}
	s.Min, s.Max = min(s.Min, n), max(s.Max, n)
	return ok
}

// scaled gives the integer n with n / 10^scale = x, in both forms that readers compute.
func scaled(kind catalog.Kind, x float64, scale int) (int64, bool) {
	power := powersOfTen[scale]
	rounded := math.Round(x * power)
	if !(math.Abs(rounded) <= maxScaled-1<<32) || x == 0 && math.Signbit(x) {
		return 0, false
	}
	quotient, corrected := rounded/power, Unscale(rounded, power, 1/power)
	if kind.Physical() == catalog.PhysFloat32 {
		quotient, corrected = float64(float32(quotient)), float64(float32(corrected))
	}
	return int64(rounded), quotient == x && corrected == x
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
	for _, x := range values {
		dst = AppendCode(dst, width, uint32(int64(math.Round(float64(x)*power))-base))
	}
	return dst
}
