//go:build !goexperiment.simd || !amd64

package kernel

import "math"

// Wide reports whether this process runs the 512-bit forms of the kernels.
func Wide() bool { return false }

const wide = false

func wideByteRange([]uint8, uint8, uint8, uint64, []uint64) int         { return 0 }
func wideShortRange([]uint16, uint16, uint16, uint64, []uint64) int     { return 0 }
func wideWordRange([]uint32, uint32, uint32, uint64, []uint64) int      { return 0 }
func wideLongRange([]int64, int64, uint64, uint64, []uint64) int        { return 0 }
func wideDoubleRange([]float64, float64, float64, uint64, []uint64) int { return 0 }
func wideSelect([]uint64, []uint16) int                                 { return 0 }
func wideCount([]uint64) (done, n int)                                  { return 0, 0 }

func wideSumSplit([]float64, float64) (done int, high, low float64, r Magnitudes) {
	return 0, 0, 0, noMagnitudes()
}
func wideMagnitudes([]float64) (done int, r Magnitudes) { return 0, noMagnitudes() }
func wideDoubleKeys([]float64) (done int, lo, hi int64) { return 0, math.MaxInt64, math.MinInt64 }
func wideLongKeys([]int64) (done int, lo, hi int64)     { return 0, math.MaxInt64, math.MinInt64 }
func wideSumBytes([]uint8) (done int, sum uint64)       { return 0, 0 }
func wideSumShorts([]uint16) (done int, sum uint64)     { return 0, 0 }
func wideSumWords([]uint32) (done int, sum uint64)      { return 0, 0 }

func wideAddSplit(*[PairCopies][]Pair, []uint32, []float64, float64) int { return 0 }
func wideAddScaledBytes(*[PairCopies][]Pair, []uint32, []uint8, int64, float64, float64) int {
	return 0
}
func wideAddScaledShorts(*[PairCopies][]Pair, []uint32, []uint16, int64, float64, float64) int {
	return 0
}
func wideAddScaledWords(*[PairCopies][]Pair, []uint32, []uint32, int64, float64, float64) int {
	return 0
}

func wideCountGroups(*[CountCopies][]uint32, []uint32) int                { return 0 }
func wideCountSlots[C uint8 | uint16]([]uint32, []uint32, []C, Slots) int { return 0 }
func wideCountFew([]uint32, *[FewGroups]uint32) (least uint32, ok bool)   { return 0, false }

func wideExtremesBytes([]uint8) (done int, lo, hi uint32)   { return 0, math.MaxUint32, 0 }
func wideExtremesShorts([]uint16) (done int, lo, hi uint32) { return 0, math.MaxUint32, 0 }
func wideExtremesWords([]uint32) (done int, lo, hi uint32)  { return 0, math.MaxUint32, 0 }

func wideLookupBytes([]uint32, []uint8, []uint32) (done int, high uint32)   { return 0, 0 }
func wideLookupShorts([]uint32, []uint16, []uint32) (done int, high uint32) { return 0, 0 }
func wideLookupWords([]uint32, []uint32, []uint32) (done int, high uint32)  { return 0, 0 }

func wideNextMissing([]uint32) int { return 0 }

func wideOffsetBytes([]uint8, int64, []int64) int                    { return 0 }
func wideOffsetShorts([]uint16, int64, []int64) int                  { return 0 }
func wideOffsetWords([]uint32, int64, []int64) int                   { return 0 }
func wideBucketAdd([]uint32, float64, float64, uint32, []uint32) int { return 0 }
func wideMix([]int64, uint64, []uint64) int                          { return 0 }
func wideDistances([]int64, int64, []uint32) int                     { return 0 }
func wideRanks([]uint64, uint, uint, []uint32) int                   { return 0 }

func wideWidenBytes([]uint8, uint32, []uint32) int   { return 0 }
func wideWidenShorts([]uint16, uint32, []uint32) int { return 0 }

func wideFindTexts([]byte, []uint32, string, []uint64) int          { return 0 }
func looseCodeSet[C Code](codes []C, set, out []uint64) (words int) { return 0 }

func wideUnscaleBytes([]uint8, int64, float64, []float64) int   { return 0 }
func wideUnscaleShorts([]uint16, int64, float64, []float64) int { return 0 }
func wideUnscaleWords([]uint32, int64, float64, []float64) int  { return 0 }

func wideSumScaledBytes([]uint8, int64, float64, float64) (done int, high, low float64) {
	return 0, 0, 0
}
func wideSumScaledShorts([]uint16, int64, float64, float64) (done int, high, low float64) {
	return 0, 0, 0
}
func wideSumScaledWords([]uint32, int64, float64, float64) (done int, high, low float64) {
	return 0, 0, 0
}

func wideCompactBytes([]uint8, []uint64, []uint8) (words, n int)    { return 0, 0 }
func wideCompactShorts([]uint16, []uint64, []uint16) (words, n int) { return 0, 0 }
func wideCompactWords([]uint32, []uint64, []uint32) (words, n int)  { return 0, 0 }
