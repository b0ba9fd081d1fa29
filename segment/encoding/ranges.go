package encoding

import "math"

// LongRange gives the smallest and the largest of values, an empty range (of which low is above high) for none.
func LongRange(values []int64) (low, high int64) {
	done, low, high := wideLongRange(values)
	for _, x := range values[done:] {
		low, high = min(low, x), max(high, x)
	}
	return low, high
}

// CodeRange is LongRange for codes.
func CodeRange(codes []uint32) (low, high uint32) {
	done, low, high := wideCodeRange(codes)
	for _, x := range codes[done:] {
		low, high = min(low, x), max(high, x)
	}
	return low, high
}

// DoubleRange gives the smallest and the largest of values that are not NaN, from infinity to minus infinity for none, and
// whether one is NaN. Zero has no sign.
func DoubleRange(values []float64) (low, high float64, nan bool) {
	done, low, high := wideDoubleRange(values)
	for _, x := range values[done:] {
		// Comparisons with NaN are false, so it reaches neither bound.
		if x < low {
			low = x
		}
		if x > high {
			high = x
		}
		nan = nan || math.IsNaN(x)
	}
	return low + 0, high + 0, nan
}
