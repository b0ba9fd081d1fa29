//go:build goexperiment.simd && amd64

package kernel

import (
	"simd/archsimd"
	"unsafe"
)

// wideAddSplit does a multiple of 8 values. A pair is read, added to and written at once: two scalar sums took twice as long.
func wideAddSplit(copies *[PairCopies][]Pair, groups []uint32, values []float64, m float64) (done int) {
	done = len(values) &^ 7
	if !wide || done == 0 {
		return 0
	}
	if limit := min(len(copies[0]), len(copies[1]), len(copies[2]), len(copies[3])); limit == 0 || !allBelow(groups[:done], limit) {
		return 0 // the plain loop fails at the right place
	}
	split, from, ids := archsimd.BroadcastFloat64x8(m), &values[0], &groups[0]
	a, b, c, d := &copies[0][0], &copies[1][0], &copies[2][0], &copies[3][0]
	for i := 0; i < done; i += 8 {
		g := (*[8]uint32)(at(ids, i))
		x := archsimd.LoadFloat64x8((*[8]float64)(at(from, i)))
		high := x.Add(split).Sub(split)
		low := x.Sub(high).AsInt64x8()
		even := high.AsInt64x8().InterleaveLoGrouped(low).AsFloat64x8() // pairs 0, 2, 4, 6
		odd := high.AsInt64x8().InterleaveHiGrouped(low).AsFloat64x8()
		evenLow, evenHigh, oddLow, oddHigh := even.GetLo(), even.GetHi(), odd.GetLo(), odd.GetHi()
		addPair(at(a, int(g[0])), evenLow.GetLo())
		addPair(at(b, int(g[1])), oddLow.GetLo())
		addPair(at(c, int(g[2])), evenLow.GetHi())
		addPair(at(d, int(g[3])), oddLow.GetHi())
		addPair(at(a, int(g[4])), evenHigh.GetLo())
		addPair(at(b, int(g[5])), oddHigh.GetLo())
		addPair(at(c, int(g[6])), evenHigh.GetHi())
		addPair(at(d, int(g[7])), oddHigh.GetHi())
	}
	archsimd.ClearAVXUpperBits()
	return done
}

func addPair(sum unsafe.Pointer, x archsimd.Float64x2) {
	p := (*[2]float64)(sum)
	archsimd.LoadFloat64x2(p).Add(x).Store(p)
}

// allBelow reports whether all groups are below a limit.
func allBelow(groups []uint32, limit int) bool {
	_, greatest := CodeExtremes(groups)
	return uint64(greatest) < uint64(limit)
}
