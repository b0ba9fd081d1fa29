package kernel

// Unscale writes (base + code) / power to out, for all codes. base + code is below 2^53 in magnitude, power a power of ten up to
// 10^15. The wide form multiplies by the reciprocal, which gives the same.
func Unscale[C Code](codes []C, base int64, power float64, out []float64) {
	out = out[:len(codes)]
	done := 0
	switch codes := any(codes).(type) {
	case []uint8:
		done = wideUnscaleBytes(codes, base, power, out)
	case []uint16:
		done = wideUnscaleShorts(codes, base, power, out)
	case []uint32:
		done = wideUnscaleWords(codes, base, power, out)
	}
	for i := done; i < len(codes); i++ {
		out[i] = float64(base+int64(codes[i])) / power
	}
}

// SumScaled gives high parts and rests (see SumSplit) of the values that Unscale writes, added up. Their magnitudes suit m. The
// wide form splits sums instead of values: what it gives as high may be other multiples of the same unit, and adds up to the
// same with low. It takes up to a block of codes; more are done one by one.
func SumScaled[C Code](codes []C, base int64, power, m float64) (high, low float64) {
	done := 0
	switch codes := any(codes).(type) {
	case []uint8:
		done, high, low = wideSumScaledBytes(codes, base, power, m)
	case []uint16:
		done, high, low = wideSumScaledShorts(codes, base, power, m)
	case []uint32:
		done, high, low = wideSumScaledWords(codes, base, power, m)
	}
	for _, c := range codes[done:] {
		x := float64(base+int64(c)) / power
		q := (x + m) - m
		high += q
		low += x - q
	}
	return high, low
}

// Pick writes codes[sel[i]] to out.
func Pick[T any](codes []T, sel []uint16, out []T) {
	out = out[:len(sel)]
	for i, s := range sel {
		out[i] = codes[s]
	}
}
