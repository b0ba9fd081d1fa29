//go:build goexperiment.simd && amd64

package json

import (
	"math"
	"math/bits"
	"simd/archsimd"
	"unsafe"
)

// numbers are gathered, and then joined: halves is a number without its point, 10^8 times the lower half and the upper half; behind
// is how many digits are behind the point, those of the last eight being read and not used.
type numbers struct {
	gathered
	halves [runRecords]uint64
	behind [runRecords + 8]uint8
}

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

// mantissas gives eight numbers from the i-th one on without their points and signs.
func (s *numbers) mantissas(i int) archsimd.Uint64x8 {
	halves := archsimd.LoadUint64x8((*[8]uint64)(s.halves[i:]))
	lower := halves.And(archsimd.BroadcastUint64x8(math.MaxUint32))
	return lower.Mul(archsimd.BroadcastUint64x8(wordDecimal)).Add(halves.ShiftAllRight(32))
}

// integers sets out to the numbers. Those that are no integers become odd.
func (s *numbers) integers(out []int64) {
	zero := archsimd.Int64x8{}
	for i := 0; i < len(out); i += 8 {
		x := s.mantissas(i).AsInt64x8()
		x = zero.Sub(x).Merge(x, archsimd.Mask64x8FromBits(uint8(s.negative>>i)))
		fractions := archsimd.LoadUint8x16((*[16]uint8)(s.behind[i:])).Greater(archsimd.Uint8x16{}).ToBits()
		s.odd |= uint64(uint8(fractions)) << i
		if i+8 <= len(out) {
			x.Store((*[8]int64)(out[i:]))
		} else {
			x.StoreSlicePart(out[i:])
		}
	}
	archsimd.ClearAVXUpperBits()
}

// floats sets out to the numbers, as decimal.float64 gives them. Those of too many digits for it become odd.
func (s *numbers) floats(out []float64) {
	lowPowers, highPowers := archsimd.LoadFloat64x8((*[8]float64)(pow10[:8])), archsimd.LoadFloat64x8((*[8]float64)(pow10[8:16]))
	zero, limit := archsimd.Float64x8{}, archsimd.BroadcastUint64x8(pow10u[maxQuickDigits])
	for i := 0; i < len(out); i += 8 {
		mantissas := s.mantissas(i)
		s.odd |= uint64(mantissas.GreaterEqual(limit).ToBits()) << i
		scales := archsimd.LoadUint8x16((*[16]uint8)(s.behind[i:])).ExtendLo8ToUint64()
		x := mantissas.ConvertToFloat64().Div(lowPowers.ConcatPermute(highPowers, scales))
		x = zero.Sub(x).Merge(x, archsimd.Mask64x8FromBits(uint8(s.negative>>i)))
		if i+8 <= len(out) {
			x.Store((*[8]float64)(out[i:]))
		} else {
			x.StoreSlicePart(out[i:])
		}
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
