//go:build goexperiment.simd && amd64 && !race

package mutable

import (
	"simd/archsimd"
	"unsafe"
)

// wide says that the functions below may be called: the processor has 512-bit vectors.
var wide = archsimd.X86.AVX512()

// firstBytes is the mask of n bytes, 0 to 64.
func firstBytes(n int) archsimd.Mask8x64 { return archsimd.Mask8x64FromBits(^uint64(0) >> uint(64-n)) }

// wideEqual tells whether n bytes, 1 to 128, are the same at a and at b. Bytes behind them are not read, wherever they are.
func wideEqual(a, b unsafe.Pointer, n int) bool {
	if n <= 64 {
		mask := firstBytes(n)
		return archsimd.LoadMaskedUint8x64((*[64]uint8)(a), mask).NotEqual(archsimd.LoadMaskedUint8x64((*[64]uint8)(b), mask)).ToBits() == 0
	}
	last := n - 64
	first := archsimd.LoadUint8x64((*[64]uint8)(a)).Xor(archsimd.LoadUint8x64((*[64]uint8)(b)))
	rest := archsimd.LoadUint8x64((*[64]uint8)(unsafe.Add(a, last))).Xor(archsimd.LoadUint8x64((*[64]uint8)(unsafe.Add(b, last))))
	return first.Or(rest).NotEqual(archsimd.Uint8x64{}).ToBits() == 0
}

// wideWords is shortWords of n bytes at p.
func wideWords(p unsafe.Pointer, n int) (low, high uint64) {
	words := archsimd.LoadMaskedUint8x64((*[64]uint8)(p), firstBytes(n)).AsUint64x8().GetLo().GetLo()
	return words.GetElem(0), words.GetElem(1)
}

// endWide ends a sequence of calls.
func endWide() { archsimd.ClearAVXUpperBits() }
