//go:build goexperiment.simd && amd64

package kernel

import (
	"math/bits"
	"simd/archsimd"
	"sort"
)

// wideFindTexts looks at 64 places at once for the first and the last byte of needle, whatever text they are in, and compares
// what lies between. The method is W. Muła's ("SIMD-friendly algorithms for substring searching", 2016). It gives the number of
// texts that are done.
func wideFindTexts(data []byte, offsets []uint32, needle string, set []uint64) int {
	texts := len(offsets) - 1
	from, to := int(offsets[0]), int(offsets[texts])
	if !wide || len(needle) == 0 || to > len(data) || to-from < 64+len(needle) {
		return 0
	}
	first, last := archsimd.BroadcastUint8x64(needle[0]), archsimd.BroadcastUint8x64(needle[len(needle)-1])
	base, tail := &data[0], len(needle)-1
	text, next := 0, from // next is the first place that matters: matches in a text that has one do not
	at0 := from
	for ; at0+64+tail <= to; at0 += 64 {
		a := archsimd.LoadUint8x64((*[64]uint8)(at(base, at0)))
		b := archsimd.LoadUint8x64((*[64]uint8)(at(base, at0+tail)))
		m := a.Equal(first).ToBits() & b.Equal(last).ToBits()
		for ; m != 0; m &= m - 1 {
			p := at0 + bits.TrailingZeros64(m)
			if p < next || string(data[p:p+len(needle)]) != needle {
				continue
			}
			text = textAt(offsets, text, uint32(p))
			if p+len(needle) > int(offsets[text+1]) {
				continue // it runs into the next text
			}
			set[text>>6] |= 1 << (text & 63)
			next = int(offsets[text+1])
		}
	}
	archsimd.ClearAVXUpperBits()
	// What begins in the last bytes was not looked at: its texts are done again.
	return textAt(offsets, text, uint32(at0-1))
}

// textAt gives the last text from text on that begins at or before place, and is not empty unless it is the first.
func textAt(offsets []uint32, text int, place uint32) int {
	for step := 1; ; step *= 2 {
		if text+step >= len(offsets)-1 || offsets[text+step] > place {
			end := min(text+step, len(offsets)-1)
			return text + sort.Search(end-text, func(i int) bool { return offsets[text+i] > place }) - 1
		}
		text += step
	}
}

// looseCodeSet is CodeSet for whole words of 64 rows whose codes are all in set; it gives the number of words.
func looseCodeSet[C Code](codes []C, set, out []uint64) int {
	words := len(codes) >> 6
	if !wide || words == 0 || words > len(out) {
		return 0
	}
	if _, greatest := CodeExtremes(codes[:words<<6]); uint64(greatest>>6) >= uint64(len(set)) {
		return 0 // the plain loop fails at the right place
	}
	base, table := &codes[0], &set[0]
	has := func(c C) uint64 { return *(*uint64)(at(table, int(c>>6))) >> (uint(c) & 63) & 1 }
	for w := range out[:words] {
		if out[w] == 0 {
			continue
		}
		var m uint64
		for i := 0; i < 64; i += 4 {
			p := (*[4]C)(at(base, w<<6+i))
			m |= (has(p[0]) | has(p[1])<<1 | has(p[2])<<2 | has(p[3])<<3) << (uint(i) & 63)
		}
		out[w] &= m
	}
	return words
}
