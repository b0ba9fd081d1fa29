//go:build goexperiment.simd && amd64

package kernel

import (
	"math/bits"
	"simd/archsimd"
)

// The loops of Compact do whole words of set, and give their number and that of the codes written. Each store is of a whole
// register: what is too much is overwritten by the next.

func wideCompactBytes(codes []uint8, set []uint64, out []uint8) (words, n int) {
	if words = len(codes) >> 6; !wide {
		return 0, 0
	}
	base, to := &codes[0], &out[0]
	for w, m := range set[:words] {
		if w&15 == 0 {
			ahead(base, len(codes), w<<6)
		}
		if m == 0 {
			continue
		}
		x := archsimd.LoadUint8x64((*[64]uint8)(at(base, w<<6)))
		x.Compress(archsimd.Mask8x64FromBits(m)).Store((*[64]uint8)(at(to, n)))
		n += bits.OnesCount64(m)
	}
	archsimd.ClearAVXUpperBits()
	return words, n
}

func wideCompactShorts(codes []uint16, set []uint64, out []uint16) (words, n int) {
	if words = len(codes) >> 6; !wide {
		return 0, 0
	}
	base, to := &codes[0], &out[0]
	for w, m := range set[:words] {
		if w&7 == 0 {
			ahead(base, len(codes), w<<6)
		}
		if m == 0 {
			continue
		}
		low, high := archsimd.Mask16x32FromBits(uint32(m)), archsimd.Mask16x32FromBits(uint32(m>>32))
		archsimd.LoadUint16x32((*[32]uint16)(at(base, w<<6))).Compress(low).Store((*[32]uint16)(at(to, n)))
		n += bits.OnesCount32(uint32(m))
		archsimd.LoadUint16x32((*[32]uint16)(at(base, w<<6+32))).Compress(high).Store((*[32]uint16)(at(to, n)))
		n += bits.OnesCount32(uint32(m >> 32))
	}
	archsimd.ClearAVXUpperBits()
	return words, n
}

func wideCompactWords(codes []uint32, set []uint64, out []uint32) (words, n int) {
	if words = len(codes) >> 6; !wide {
		return 0, 0
	}
	base, to := &codes[0], &out[0]
	for w, m := range set[:words] {
		if w&3 == 0 {
			ahead(base, len(codes), w<<6)
		}
		if m == 0 {
			continue
		}
		for q := 0; q < 64; q += 16 {
			part := uint16(m >> (uint(q) & 63))
			x := archsimd.LoadUint32x16((*[16]uint32)(at(base, w<<6+q)))
			x.Compress(archsimd.Mask32x16FromBits(part)).Store((*[16]uint32)(at(to, n)))
			n += bits.OnesCount16(part)
		}
	}
	archsimd.ClearAVXUpperBits()
	return words, n
}
