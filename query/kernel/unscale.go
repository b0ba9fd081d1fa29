package kernel

// Unscale writes (base + code) / power to out, for all codes. base + code is below 2^53 in magnitude. The wide form multiplies
// by the reciprocal and corrects the result, which gives the same for what segments store (segment/encoding.Unscale).
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

// SumScaled adds up the high parts and the rests (see SumSplit) of the values that Unscale writes. Their magnitudes suit m.
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
