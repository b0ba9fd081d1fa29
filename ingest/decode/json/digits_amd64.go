//go:build goexperiment.simd && amd64

package json

import (
	"math/bits"
	"simd/archsimd"
	"unsafe"
)

// decimalDigits reads b[from:to], 1 to mostQuick characters with mostQuick bytes of b before their end, if they are digits
// with at most one point among them, before the last one and behind the first one: the number without its point, and how many
// digits are behind the point. However many they are, all of them take the same few steps: the point is taken out, then
// digits are joined to pairs, pairs to fours and fours to eights (Langdale and Lemire, "Parsing gigabytes of JSON per second",
// 2019, join eight so).
func decimalDigits(b []byte, from, to int) (mantissa uint64, scale int, ok bool) {
	missing := mostQuick - (to - from)
	v := archsimd.LoadUint8x16((*[mostQuick]uint8)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), to-mostQuick)))
	v = v.Xor(archsimd.LoadUint8x16(&allZeros)).And(archsimd.LoadUint8x16((*[mostQuick]uint8)(fromPlace[mostQuick-missing:])))
	found := uint32(v.Equal(archsimd.LoadUint8x16(&allPoints)).ToBits())
	point := bits.TrailingZeros32(found | 1<<mostQuick)
	if point == missing || point == mostQuick-1 {
		return 0, 0, false
	}
	v = v.PermuteOrZero(archsimd.LoadInt8x16(&withoutPlace[point]))
	if !v.SubSaturated(archsimd.LoadUint8x16(&allNines)).IsZero() {
		return 0, 0, false
	}
	pairs := v.DotProductPairsSaturated(archsimd.LoadInt8x16(&joinDigits))
	fours := pairs.DotProductPairs(archsimd.LoadInt16x8(&joinPairs))
	eights := fours.SaturateToUint16Concat(fours).AsInt16x8().DotProductPairs(archsimd.LoadInt16x8(&joinFours))
	halves := eights.AsUint64x2().GetElem(0)
	return uint64(uint32(halves))*wordDecimal + halves>>32, max(mostQuick-1-point, 0), true
}

// fromPlace has mostQuick places that are left out and then as many that are not.
var fromPlace = [2 * mostQuick]uint8{16: 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// withoutPlace says where each place gets its digit from when one place is taken out, those before it moving up; mostQuick
// takes none out.
var withoutPlace = func() (places [mostQuick + 1][mostQuick]int8) {
	for out := range places {
		for i := range places[out] {
			places[out][i] = int8(i)
			if i <= out && out < mostQuick {
				places[out][i]-- // below 0 is a zero
			}
		}
	}
	return places
}()

// What digits, pairs and fours of digits are multiplied with before two of them are added.
var (
	joinDigits = [mostQuick]int8{10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1}
	joinPairs  = [mostQuick / 2]int16{100, 1, 100, 1, 100, 1, 100, 1}
	joinFours  = [mostQuick / 2]int16{10000, 1, 10000, 1, 10000, 1, 10000, 1}
)

// A character is a digit's value once it is combined with allZeros; then points are allPoints, and digits at most allNines.
var allZeros, allPoints, allNines = same('0'), same('.' ^ '0'), same(9)

func same(x uint8) (all [mostQuick]uint8) {
	for i := range all {
		all[i] = x
	}
	return all
}
