package kernel

import "math/bits"

// SelectSlack is how many places behind its result Select may overwrite.
const SelectSlack = 32

// Select writes the positions of the set bits of words, ascending, to out and gives their number. out has room for every bit
// of words and SelectSlack more.
func Select(words []uint64, out []uint16) int {
	if wide && len(words) > 0 {
		return wideSelect(words, out[:len(words)<<6+SelectSlack])
	}
	return plainSelect(words, out)
}

func plainSelect(words []uint64, out []uint16) int {
	n := 0
	for w, m := range words {
		for ; m != 0; m &= m - 1 {
			out[n] = uint16(w<<6 + bits.TrailingZeros64(m))
			n++
		}
	}
	return n
}

// Count gives the number of set bits.
func Count(set []uint64) int {
	done, n := wideCount(set)
	for _, w := range set[done:] {
		n += bits.OnesCount64(w)
	}
	return n
}
