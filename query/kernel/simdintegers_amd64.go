//go:build goexperiment.simd && amd64

package kernel

import (
	"math"
	"simd/archsimd"
)

func wideOffsetBytes(codes []uint8, base int64, out []int64) int {
	done := len(codes) &^ 15
	if !wide || done == 0 {
		return 0
	}
	from, to, add := &codes[0], &out[0], archsimd.BroadcastUint64x8(uint64(base))
	for i := 0; i < done; i += 16 {
		v := archsimd.LoadUint8x16((*[16]uint8)(at(from, i))).ExtendToUint32()
		v.GetLo().ExtendToUint64().Add(add).Store((*[8]uint64)(at(to, i)))
		v.GetHi().ExtendToUint64().Add(add).Store((*[8]uint64)(at(to, i+8)))
	}
	archsimd.ClearAVXUpperBits()
	return done
}

func wideOffsetShorts(codes []uint16, base int64, out []int64) int {
	done := len(codes) &^ 7
	if !wide || done == 0 {
		return 0
	}
	from, to, add := &codes[0], &out[0], archsimd.BroadcastUint64x8(uint64(base))
	for i := 0; i < done; i += 8 {
		archsimd.LoadUint16x8((*[8]uint16)(at(from, i))).ExtendToUint64().Add(add).Store((*[8]uint64)(at(to, i)))
	}
	archsimd.ClearAVXUpperBits()
	return done
}

func wideOffsetWords(codes []uint32, base int64, out []int64) int {
	done := len(codes) &^ 7
	if !wide || done == 0 {
		return 0
	}
	from, to, add := &codes[0], &out[0], archsimd.BroadcastUint64x8(uint64(base))
	for i := 0; i < done; i += 8 {
		archsimd.LoadUint32x8((*[8]uint32)(at(from, i))).ExtendToUint64().Add(add).Store((*[8]uint64)(at(to, i)))
	}
	archsimd.ClearAVXUpperBits()
	return done
}

func wideMix(values []int64, salt uint64, out []uint64) int {
	done := len(values) &^ 7
	if !wide || done == 0 {
		return 0
	}
	from, to, add := &values[0], &out[0], archsimd.BroadcastUint64x8(salt)
	first, second := archsimd.BroadcastUint64x8(mixFirst), archsimd.BroadcastUint64x8(mixSecond)
	for i := 0; i < done; i += 8 {
		x := archsimd.LoadUint64x8((*[8]uint64)(at(from, i))).Add(add)
		x = x.Xor(x.ShiftAllRight(30)).Mul(first)
		x = x.Xor(x.ShiftAllRight(27)).Mul(second)
		x.Xor(x.ShiftAllRight(31)).Store((*[8]uint64)(at(to, i)))
	}
	archsimd.ClearAVXUpperBits()
	return done
}

func wideDistances(values []int64, base int64, out []uint32) int {
	done := len(values) &^ 7
	if !wide || done == 0 {
		return 0
	}
	from, to := &values[0], &out[0]
	start, most := archsimd.BroadcastUint64x8(uint64(base)), archsimd.BroadcastUint64x8(math.MaxUint32)
	for i := 0; i < done; i += 8 {
		x := archsimd.LoadUint64x8((*[8]uint64)(at(from, i))).Sub(start)
		x.Min(most).TruncateToUint32().Store((*[8]uint32)(at(to, i)))
	}
	archsimd.ClearAVXUpperBits()
	return done
}

func wideRanks(hashes []uint64, p, rankBits uint, out []uint32) int {
	done := len(hashes) &^ 7
	if !wide || done == 0 {
		return 0
	}
	from, to := &hashes[0], &out[0]
	guard, one := archsimd.BroadcastUint64x8(1<<(p-1)), archsimd.BroadcastUint64x8(1)
	for i := 0; i < done; i += 8 {
		h := archsimd.LoadUint64x8((*[8]uint64)(at(from, i)))
		rank := h.ShiftAllLeft(uint64(p)).Or(guard).LeadingZeros().Add(one)
		place := h.ShiftAllRight(uint64(64 - p)).ShiftAllLeft(uint64(rankBits))
		place.Or(rank).TruncateToUint32().Store((*[8]uint32)(at(to, i)))
	}
	archsimd.ClearAVXUpperBits()
	return done
}

func wideBucketAdd(codes []uint32, half, reciprocal float64, stride uint32, out []uint32) int {
	done := len(codes) &^ 7
	if !wide || done == 0 {
		return 0
	}
	from, to := &codes[0], &out[0]
	add, factor, step := archsimd.BroadcastFloat64x8(half), archsimd.BroadcastFloat64x8(reciprocal), archsimd.BroadcastUint64x8(uint64(stride))
	for i := 0; i < done; i += 8 {
		if i&255 == 0 {
			ahead(from, len(codes), i)
		}
		x := archsimd.LoadUint32x8((*[8]uint32)(at(from, i))).ConvertToFloat64().Add(add).Mul(factor).ConvertToUint64().Mul(step)
		old := archsimd.LoadUint32x8((*[8]uint32)(at(to, i)))
		old.Add(x.TruncateToUint32()).Store((*[8]uint32)(at(to, i)))
	}
	archsimd.ClearAVXUpperBits()
	return done
}
