// Package kernel holds the innermost loops of query execution: comparisons that give bitmaps, sums, ranges and lookups
// over plain slices. Nothing here knows columns, NULLs or plans.
//
// A filter kernel narrows a bitmap: bit i stays set if it was set and row i passes. Bits past the rows are left clear.
// Words without a set bit are skipped, so that a later conjunct costs what is left. All loops are branch-free within a
// word of 64 rows. The functions are pure and safe for concurrent use.
//
// Where the build and the processor have 512-bit vectors, wide forms (simd_amd64.go) do the whole words of the comparisons,
// selections, sums and ranges; the loops beside them do the rest, or all of it elsewhere, with the same results.
package kernel

import (
	"encoding/binary"
	"math/bits"
)

// Code is the unsigned integers of dictionary ids and offsets.
type Code interface{ ~uint8 | ~uint16 | ~uint32 }

// Int is the signed integers of plain columns.
type Int interface{ ~int32 | ~int64 }

// Float is the floating columns.
type Float interface{ ~float32 | ~float64 }

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// CodeRange keeps rows with lo <= code <= hi. Where invert is set it keeps the others.
func CodeRange[C Code](codes []C, lo, hi uint32, invert bool, out []uint64) {
	width := uint64(hi - lo)
	flip := -bit(invert)
	for w := wideCodeRange(codes, lo, hi, flip, out); w < len(out); w++ {
		if out[w] == 0 {
			continue
		}
		part := codes[w<<6 : min(w<<6+64, len(codes))]
		var m uint64
		if len(part) == 64 {
			m = codeWord((*[64]C)(part), lo, width)
		} else {
			for i, c := range part {
				m |= bit(uint64(uint32(c)-lo) <= width) << (uint(i) & 63)
			}
		}
		out[w] &= m ^ flip
	}
}

// wideCodeRange gives the number of words that were done in the wide form.
func wideCodeRange[C Code](codes []C, lo, hi uint32, flip uint64, out []uint64) int {
	if top := uint32(^C(0)); lo > top || lo > hi {
		return 0
	} else if hi > top {
		hi = top
	}
	switch codes := any(codes).(type) {
	case []uint8:
		return wideByteRange(codes, uint8(lo), uint8(hi-lo), flip, out)
	case []uint16:
		return wideShortRange(codes, uint16(lo), uint16(hi-lo), flip, out)
	case []uint32:
		return wideWordRange(codes, lo, hi-lo, flip, out)
	default:
		return 0
	}
}

// codeWord compares 64 codes; 8 at a time keep their bits apart, so that the chain of ORs is short.
func codeWord[C Code](p *[64]C, lo uint32, width uint64) uint64 {
	var m uint64
	for i := 0; i < 64; i += 8 {
		q := (*[8]C)(p[i : i+8])
		a := bit(uint64(uint32(q[0])-lo) <= width) | bit(uint64(uint32(q[1])-lo) <= width)<<1
		b := bit(uint64(uint32(q[2])-lo) <= width)<<2 | bit(uint64(uint32(q[3])-lo) <= width)<<3
		c := bit(uint64(uint32(q[4])-lo) <= width)<<4 | bit(uint64(uint32(q[5])-lo) <= width)<<5
		d := bit(uint64(uint32(q[6])-lo) <= width)<<6 | bit(uint64(uint32(q[7])-lo) <= width)<<7
		m |= (a | b | c | d) << (uint(i) & 63)
	}
	return m
}

const (
	low7  = 0x7f7f7f7f7f7f7f7f
	high1 = 0x8080808080808080
	ones8 = 0x0101010101010101
	// pack gathers the top bits of eight bytes, moved to their lowest places, into one byte.
	pack = 0x0102040810204080
)

// ByteEq keeps rows whose code is x (invert: is not x), eight codes per step.
func ByteEq(codes []uint8, x uint8, invert bool, out []uint64) {
	pattern := uint64(x) * ones8
	flip := -bit(invert)
	for w := wideByteRange(codes, x, 0, flip, out); w < len(out); w++ {
		if out[w] == 0 {
			continue
		}
		part := codes[w<<6 : min(w<<6+64, len(codes))]
		var m uint64
		if len(part) == 64 {
			for i := 0; i < 64; i += 8 {
				v := binary.LittleEndian.Uint64(part[i:i+8]) ^ pattern
				zero := ^((v&low7 + low7) | v | low7) // 0x80 in every byte of v that is zero
				m |= ((zero >> 7) * pack >> 56) << (uint(i) & 63)
			}
		} else {
			for i, c := range part {
				m |= bit(c == x) << (uint(i) & 63)
			}
		}
		out[w] &= m ^ flip
	}
}

// CodeSet keeps rows whose code is in set, one bit per code.
func CodeSet[C Code](codes []C, set []uint64, out []uint64) {
	done := 0
	if dense(out) {
		done = looseCodeSet(codes, set, out)
	}
	for w := done; w < len(out); w++ {
		live := out[w]
		if live == 0 {
			continue
		}
		part := codes[w<<6 : min(w<<6+64, len(codes))]
		if bits.OnesCount64(live) < 16 {
			for rest := live; rest != 0; rest &= rest - 1 {
				i := bits.TrailingZeros64(rest)
				c := part[i]
				live &^= (^(set[c>>6] >> (uint(c) & 63)) & 1) << (uint(i) & 63)
			}
			out[w] = live
			continue
		}
		var m uint64
		if len(part) == 64 {
			p := (*[64]C)(part)
			for i := 0; i < 64; i += 4 {
				q := (*[4]C)(p[i : i+4])
				a := set[q[0]>>6]>>(uint(q[0])&63)&1 | set[q[1]>>6]>>(uint(q[1])&63)&1<<1
				b := set[q[2]>>6]>>(uint(q[2])&63)&1<<2 | set[q[3]>>6]>>(uint(q[3])&63)&1<<3
				m |= (a | b) << (uint(i) & 63)
			}
		} else {
			for i, c := range part {
				m |= (set[c>>6] >> (uint(c) & 63) & 1) << (uint(i) & 63)
			}
		}
		out[w] &= m
	}
}

// dense reports whether a quarter of the rows are still in, so that looking at all of them costs less than choosing.
func dense(out []uint64) bool {
	n := 0
	for _, m := range out {
		n += bits.OnesCount64(m)
	}
	return n >= len(out)*16
}

// ByteSet is CodeSet for ids of one byte, through a table of 0 and 1.
func ByteSet(codes []uint8, table *[256]uint8, out []uint64) {
	for w := range out {
		if out[w] == 0 {
			continue
		}
		part := codes[w<<6 : min(w<<6+64, len(codes))]
		var m uint64
		if len(part) == 64 {
			p := (*[64]uint8)(part)
			for i := 0; i < 64; i += 4 {
				q := (*[4]uint8)(p[i : i+4])
				a := uint64(table[q[0]]) | uint64(table[q[1]])<<1
				b := uint64(table[q[2]])<<2 | uint64(table[q[3]])<<3
				m |= (a | b) << (uint(i) & 63)
			}
		} else {
			for i, c := range part {
				m |= uint64(table[c]) << (uint(i) & 63)
			}
		}
		out[w] &= m
	}
}

// IntRange keeps rows with lo <= x <= hi; invert keeps the others. lo > hi is an empty range.
func IntRange[T Int](values []T, lo, hi int64, invert bool, out []uint64) {
	flip := -bit(invert)
	if lo > hi {
		for w := range out {
			out[w] &= flip
		}
		return
	}
	width := uint64(hi) - uint64(lo)
	done := 0
	if longs, ok := any(values).([]int64); ok {
		done = wideLongRange(longs, lo, width, flip, out)
	}
	for w := done; w < len(out); w++ {
		if out[w] == 0 {
			continue
		}
		part := values[w<<6 : min(w<<6+64, len(values))]
		var m uint64
		if len(part) == 64 {
			p := (*[64]T)(part)
			for i := 0; i < 64; i += 4 {
				q := (*[4]T)(p[i : i+4])
				a := bit(uint64(int64(q[0]))-uint64(lo) <= width) | bit(uint64(int64(q[1]))-uint64(lo) <= width)<<1
				b := bit(uint64(int64(q[2]))-uint64(lo) <= width)<<2 | bit(uint64(int64(q[3]))-uint64(lo) <= width)<<3
				m |= (a | b) << (uint(i) & 63)
			}
		} else {
			for i, x := range part {
				m |= bit(uint64(int64(x))-uint64(lo) <= width) << (uint(i) & 63)
			}
		}
		out[w] &= m ^ flip
	}
}

// FloatRange keeps rows with lo <= x <= hi, which NaN never is; invert keeps the others.
func FloatRange[T Float](values []T, lo, hi float64, invert bool, out []uint64) {
	flip := -bit(invert)
	done := 0
	if doubles, ok := any(values).([]float64); ok {
		done = wideDoubleRange(doubles, lo, hi, flip, out)
	}
	for w := done; w < len(out); w++ {
		if out[w] == 0 {
			continue
		}
		part := values[w<<6 : min(w<<6+64, len(values))]
		var m uint64
		if len(part) == 64 {
			p := (*[64]T)(part)
			for i := 0; i < 64; i += 4 {
				q := (*[4]T)(p[i : i+4])
				x0, x1, x2, x3 := float64(q[0]), float64(q[1]), float64(q[2]), float64(q[3])
				a := bit(x0 >= lo)&bit(x0 <= hi) | (bit(x1 >= lo)&bit(x1 <= hi))<<1
				b := (bit(x2 >= lo)&bit(x2 <= hi))<<2 | (bit(x3 >= lo)&bit(x3 <= hi))<<3
				m |= (a | b) << (uint(i) & 63)
			}
		} else {
			for i, v := range part {
				x := float64(v)
				m |= (bit(x >= lo) & bit(x <= hi)) << (uint(i) & 63)
			}
		}
		out[w] &= m ^ flip
	}
}
