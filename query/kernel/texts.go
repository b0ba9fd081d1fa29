package kernel

import "bytes"

// FindTexts sets bit i of set for every text i that holds needle, which is not empty. Text i is data[offsets[i]:offsets[i+1]], and
// the texts follow one another.
func FindTexts(data []byte, offsets []uint32, needle string, set []uint64) {
	if len(offsets) < 2 {
		return
	}
	text := []byte(needle)
	for i := wideFindTexts(data, offsets, needle, set); i < len(offsets)-1; i++ {
		if bytes.Contains(data[offsets[i]:offsets[i+1]], text) {
			set[i>>6] |= 1 << (i & 63)
		}
	}
}
