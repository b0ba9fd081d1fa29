//go:build goexperiment.simd && amd64

package kernel

// The loops are in assembly: a pair is read, added to and written at once (two scalar sums take twice as long), and archsimd spends
// an instruction on every lower half of a register and on every address, 8.4 a row instead of 5.5. They do not check groups.

// wideAddSplit does a multiple of 8 values.
func wideAddSplit(copies *[PairCopies][]Pair, groups []uint32, values []float64, m float64) (done int) {
	done = splitRows(copies, groups, len(values))
	if done == 0 {
		return 0
	}
	addSplit(&copies[0][0], &copies[1][0], &copies[2][0], &copies[3][0], &groups[0], &values[0], done, m)
	return done
}

// wideAddScaledBytes does a multiple of 8 values, as its siblings do.
func wideAddScaledBytes(copies *[PairCopies][]Pair, groups []uint32, codes []uint8, base int64, power, m float64) (done int) {
	done = splitRows(copies, groups, len(codes))
	if done == 0 {
		return 0
	}
	high, low := reciprocal(power)
	addScaledBytes(&copies[0][0], &copies[1][0], &copies[2][0], &copies[3][0], &groups[0], &codes[0], done, m, float64(base), high, low)
	return done
}

func wideAddScaledShorts(copies *[PairCopies][]Pair, groups []uint32, codes []uint16, base int64, power, m float64) (done int) {
	done = splitRows(copies, groups, len(codes))
	if done == 0 {
		return 0
	}
	high, low := reciprocal(power)
	addScaledShorts(&copies[0][0], &copies[1][0], &copies[2][0], &copies[3][0], &groups[0], &codes[0], done, m, float64(base), high, low)
	return done
}

func wideAddScaledWords(copies *[PairCopies][]Pair, groups []uint32, codes []uint32, base int64, power, m float64) (done int) {
	done = splitRows(copies, groups, len(codes))
	if done == 0 {
		return 0
	}
	high, low := reciprocal(power)
	addScaledWords(&copies[0][0], &copies[1][0], &copies[2][0], &copies[3][0], &groups[0], &codes[0], done, m, float64(base), high, low)
	return done
}

// splitRows is how many of n rows the loops may do: 0 where a group has no pair, for the plain loop fails at the right place.
func splitRows(copies *[PairCopies][]Pair, groups []uint32, n int) int {
	n &^= 7
	if !wide || n == 0 {
		return 0
	}
	if limit := min(len(copies[0]), len(copies[1]), len(copies[2]), len(copies[3])); limit == 0 || !allBelow(groups[:n], limit) {
		return 0
	}
	return n
}

// allBelow reports whether all groups are below a limit.
func allBelow(groups []uint32, limit int) bool {
	_, greatest := CodeExtremes(groups)
	return uint64(greatest) < uint64(limit)
}

// addSplit adds n values, a positive multiple of 8, to the sums of their groups in a, b, c and d in turn.
//
//go:noescape
func addSplit(a, b, c, d *Pair, groups *uint32, values *float64, n int, m float64)

// addScaledBytes is addSplit for the values that codes stand for (Unscale); high and low are power's reciprocal. It asks for the next block's codes as it goes.
//
//go:noescape
func addScaledBytes(a, b, c, d *Pair, groups *uint32, values *uint8, n int, m, base, high, low float64)

//go:noescape
func addScaledShorts(a, b, c, d *Pair, groups *uint32, values *uint16, n int, m, base, high, low float64)

//go:noescape
func addScaledWords(a, b, c, d *Pair, groups *uint32, values *uint32, n int, m, base, high, low float64)
