//go:build goexperiment.simd && amd64

package sketch

import (
	"math/bits"
	"simd/archsimd"
	"unsafe"
)

var wide = archsimd.X86.AVX512()

// above moves the values whose rank is above floor to the front, and gives them; or gives all.
func above(ranks []uint32, floor byte) []uint32 {
	if !wide || floor == 0 || len(ranks) < 16 {
		return ranks
	}
	base, n, done := unsafe.Pointer(&ranks[0]), 0, len(ranks)&^15
	low, least := archsimd.BroadcastUint32x16(1<<RankBits-1), archsimd.BroadcastUint32x16(uint32(floor))
	for i := 0; i < done; i += 16 {
		v := archsimd.LoadUint32x16((*[16]uint32)(unsafe.Add(base, 4*i)))
		keep := v.And(low).Greater(least)
		v.Compress(keep).Store((*[16]uint32)(unsafe.Add(base, 4*n))) // n is at most i
		n += bits.OnesCount16(keep.ToBits())
	}
	archsimd.ClearAVXUpperBits()
	return ranks[:n+copy(ranks[n:], ranks[done:])]
}

// wideRaiseTo does a multiple of 64 values.
func wideRaiseTo(values, others []byte) int {
	done := len(others) &^ 63
	if !wide || done == 0 {
		return 0
	}
	for i := 0; i < done; i += 64 {
		v := (*[64]uint8)(values[i:])
		archsimd.LoadUint8x64(v).Max(archsimd.LoadUint8x64((*[64]uint8)(others[i:]))).Store(v)
	}
	archsimd.ClearAVXUpperBits()
	return done
}
