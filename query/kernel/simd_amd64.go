//go:build goexperiment.simd && amd64

package kernel

import (
	"math/bits"
	"simd/archsimd"
	"unsafe"

	"github.com/freshetdb/freshet/internal/prefetch"
)

// Wide reports whether this process runs the 512-bit forms of the kernels.
func Wide() bool { return wide }

var wide = archsimd.X86.AVX512() && archsimd.X86.AVX512VBMI2()

// counts says that the processor counts bits in wide registers too.
var counts = wide && archsimd.X86.AVX512VPOPCNTDQ()

// The functions below do whole words of 64 rows and give the number of words done; the plain loops do the rest. They step by
// unsafe.Pointer: the slices hold 64 rows for every word, which the callers' word counts guarantee. Each clears the upper halves of
// the registers at its end: the compiler's own floating-point instructions wait for them, which made the loops that follow a wide
// one up to twice as slow.

func at[T any](base *T, i int) unsafe.Pointer {
	return unsafe.Add(unsafe.Pointer(base), uintptr(i)*unsafe.Sizeof(*base))
}

// ahead begins to read the part of the next block that stands where row i is in this one, of n rows: blocks of a stored
// column lie one behind the other. The processor's own prefetching ends with each page, and with the block while other work
// is done. A loop calls it once for each 1,024 bytes, as a burst of it would only wait.
func ahead[T any](base *T, n, i int) {
	prefetch.Kilobyte(unsafe.Pointer(base), uintptr(n+i)*unsafe.Sizeof(*base))
}

func wideByteRange(codes []uint8, lo, width uint8, flip uint64, out []uint64) int {
	words := len(codes) >> 6
	if !wide || words == 0 {
		return 0
	}
	from, span, base := archsimd.BroadcastUint8x64(lo), archsimd.BroadcastUint8x64(width), &codes[0]
	out = out[:words]
	for w := range out {
		if out[w] == 0 {
			continue
		}
		if w&15 == 0 {
			ahead(base, len(codes), w<<6)
		}
		v := archsimd.LoadUint8x64((*[64]uint8)(at(base, w<<6)))
		out[w] &= v.Sub(from).LessEqual(span).ToBits() ^ flip
	}
	archsimd.ClearAVXUpperBits()
	return words
}

func wideShortRange(codes []uint16, lo, width uint16, flip uint64, out []uint64) int {
	words := len(codes) >> 6
	if !wide || words == 0 {
		return 0
	}
	from, span, base := archsimd.BroadcastUint16x32(lo), archsimd.BroadcastUint16x32(width), &codes[0]
	out = out[:words]
	for w := range out {
		if out[w] == 0 {
			continue
		}
		if w&7 == 0 {
			ahead(base, len(codes), w<<6)
		}
		a := archsimd.LoadUint16x32((*[32]uint16)(at(base, w<<6)))
		b := archsimd.LoadUint16x32((*[32]uint16)(at(base, w<<6+32)))
		m := uint64(a.Sub(from).LessEqual(span).ToBits()) | uint64(b.Sub(from).LessEqual(span).ToBits())<<32
		out[w] &= m ^ flip
	}
	archsimd.ClearAVXUpperBits()
	return words
}

func wideWordRange(codes []uint32, lo, width uint32, flip uint64, out []uint64) int {
	words := len(codes) >> 6
	if !wide || words == 0 {
		return 0
	}
	from, span, base := archsimd.BroadcastUint32x16(lo), archsimd.BroadcastUint32x16(width), &codes[0]
	out = out[:words]
	for w := range out {
		if out[w] == 0 {
			continue
		}
		if w&3 == 0 {
			ahead(base, len(codes), w<<6)
		}
		var m uint64
		for q := 0; q < 64; q += 16 {
			v := archsimd.LoadUint32x16((*[16]uint32)(at(base, w<<6+q)))
			m |= uint64(v.Sub(from).LessEqual(span).ToBits()) << (uint(q) & 63)
		}
		out[w] &= m ^ flip
	}
	archsimd.ClearAVXUpperBits()
	return words
}

func wideLongRange(values []int64, lo int64, width uint64, flip uint64, out []uint64) int {
	words := len(values) >> 6
	if !wide || words == 0 {
		return 0
	}
	from, span, base := archsimd.BroadcastUint64x8(uint64(lo)), archsimd.BroadcastUint64x8(width), &values[0]
	out = out[:words]
	for w := range out {
		if out[w] == 0 {
			continue
		}
		if w&1 == 0 {
			ahead(base, len(values), w<<6)
		}
		var m uint64
		for q := 0; q < 64; q += 8 {
			v := archsimd.LoadUint64x8((*[8]uint64)(at(base, w<<6+q)))
			m |= uint64(v.Sub(from).LessEqual(span).ToBits()) << (uint(q) & 63)
		}
		out[w] &= m ^ flip
	}
	archsimd.ClearAVXUpperBits()
	return words
}

func wideDoubleRange(values []float64, lo, hi float64, flip uint64, out []uint64) int {
	words := len(values) >> 6
	if !wide || words == 0 {
		return 0
	}
	from, to, base := archsimd.BroadcastFloat64x8(lo), archsimd.BroadcastFloat64x8(hi), &values[0]
	out = out[:words]
	for w := range out {
		if out[w] == 0 {
			continue
		}
		if w&1 == 0 {
			ahead(base, len(values), w<<6)
		}
		var m uint64
		for q := 0; q < 64; q += 8 {
			v := archsimd.LoadFloat64x8((*[8]float64)(at(base, w<<6+q)))
			m |= uint64(v.GreaterEqual(from).And(v.LessEqual(to)).ToBits()) << (uint(q) & 63)
		}
		out[w] &= m ^ flip
	}
	archsimd.ClearAVXUpperBits()
	return words
}

// lanes are 0 to 31: what Select compresses.
var lanes = func() (out [32]uint16) {
	for i := range out {
		out[i] = uint16(i)
	}
	return out
}()

// wideSelect writes the positions of the set bits of words and gives their number. Up to 32 places behind them are overwritten.
func wideSelect(words []uint64, out []uint16) int {
	n, base := 0, &out[0]
	first := archsimd.LoadUint16x32(&lanes)
	for w, m := range words {
		for half := range 2 {
			part := uint32(m >> (32 * uint(half)))
			if part == 0 {
				continue
			}
			rows := first.Add(archsimd.BroadcastUint16x32(uint16(w<<6 + half<<5)))
			rows.Compress(archsimd.Mask16x32FromBits(part)).Store((*[32]uint16)(at(base, n)))
			n += bits.OnesCount32(part)
		}
	}
	archsimd.ClearAVXUpperBits()
	return n
}

func wideCount(set []uint64) (done, n int) {
	done = len(set) &^ 7
	if !counts || done == 0 {
		return 0, 0
	}
	base := &set[0]
	var sum archsimd.Uint64x8
	for i := 0; i < done; i += 8 {
		sum = sum.Add(archsimd.LoadUint64x8((*[8]uint64)(at(base, i))).OnesCount())
	}
	var lanes [8]uint64
	sum.Store(&lanes)
	archsimd.ClearAVXUpperBits()
	for _, l := range lanes {
		n += int(l)
	}
	return done, n
}
