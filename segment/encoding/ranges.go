package encoding

import "math"

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
