//go:build goexperiment.simd && amd64

package json

import (
	"math/bits"
	"simd/archsimd"
	"unsafe"
)

// Masks of the places of four numbers, 16 bits for each: the first and the last place of every one.
const (
	firstPlace = 0x0001000100010001
	lastPlace  = 0x8000800080008000
)

// join reads the first n numbers, four at a time. Those that are not 1 to mostQuick digits with at most one point among them,
// before the last one and behind the first one, are odd. However many digits there are, all of them take the same few steps:
// the point is taken out, then digits are joined to pairs, pairs to fours and fours to eights (Langdale and Lemire, "Parsing
// gigabytes of JSON per second", 2019, join eight so).
func (s *numbers) join(n int) {
	zeros, point, nine := archsimd.BroadcastUint8x64('0'), archsimd.BroadcastUint8x64('.'^'0'), archsimd.BroadcastUint8x64(9)
	digits, pairs, fours := archsimd.LoadInt8x64(&joinDigits), archsimd.LoadInt16x32(&joinPairs), archsimd.LoadInt16x32(&joinFours)
	places, ones, even := archsimd.LoadUint8x64(&placesOfFour), archsimd.BroadcastUint8x64(1), archsimd.LoadUint64x8(&evenWords)
	for i := 0; i < n; i += 4 {
		characters := *(*uint64)(unsafe.Pointer(&s.places[i]))
		v := archsimd.LoadUint8x64((*[4 * mostQuick]uint8)(s.chars[i*mostQuick:])).Xor(zeros).Masked(archsimd.Mask8x64FromBits(characters))
		behind, wrong := uint32(0), uint64(0)
		if points := v.Equal(point).ToBits(); points != 0 {
			upTo := upToPoint(points)
			behind = behindPoint(upTo)
			wrong = points & characters &^ (characters << 1 &^ firstPlace) // a point at a number's first place
			v = v.PermuteOrZeroGrouped(places.Sub(ones.Masked(archsimd.Mask8x64FromBits(upTo))).AsInt8x64())
		}
		*(*uint32)(unsafe.Pointer(&s.behind[i])) = behind
		if wrong |= v.Greater(nine).ToBits(); wrong != 0 {
			s.odd |= wrongOfFour(wrong) << i
		}
		f := v.DotProductPairsSaturated(digits).DotProductPairs(pairs)
		eights := f.SaturateToUint16ConcatGrouped(f).AsInt16x32().DotProductPairs(fours)
		eights.AsUint64x8().Permute(even).GetLo().Store((*[4]uint64)(s.halves[i:]))
	}
	archsimd.ClearAVXUpperBits()
}

// upToPoint gives the places of each of four numbers up to its first point, none where it has none before its last place.
func upToPoint(points uint64) uint64 {
	with := ((points &^ lastPlace) + (lastPlace - firstPlace)) & lastPlace // the last place of those with a point
	guarded := points | lastPlace                                          // so that no number borrows from the next
	return (guarded ^ (guarded - firstPlace)) & (with<<1 - with>>15)
}

// behindPoint gives how many places follow those up to the point in each of four numbers, a byte for each, 0 without a point.
func behindPoint(upTo uint64) (behind uint32) {
	for n := range 4 {
		length := bits.Len16(uint16(upTo >> (mostQuick * n)))
		behind |= uint32((mostQuick-length)&(mostQuick-1)) << (8 * n)
	}
	return behind
}

// wrongOfFour gives a bit for each of four numbers with a wrong place.
func wrongOfFour(wrong uint64) (odd uint64) {
	for n := range 4 {
		if uint16(wrong>>(mostQuick*n)) != 0 {
			odd |= 1 << n
		}
	}
	return odd
}

// placesOfFour are the places of four numbers, each counted from 0.
var placesOfFour = func() (places [4 * mostQuick]uint8) {
	for i := range places {
		places[i] = uint8(i % mostQuick)
	}
	return places
}()

// evenWords are the words of each number that hold its two halves, once.
var evenWords = [8]uint64{0, 2, 4, 6, 0, 2, 4, 6}

// What digits, pairs and fours of digits are multiplied with before two of them are added.
var (
	joinDigits = [64]int8(factors[int8](64, 10))
	joinPairs  = [32]int16(factors[int16](32, 100))
	joinFours  = [32]int16(factors[int16](32, 10_000))
)

func factors[T int8 | int16](n int, first T) (all []T) {
	for range n / 2 {
		all = append(all, first, 1)
	}
	return all
}
