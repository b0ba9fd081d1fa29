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

// CompactSlack is how many places behind its result Compact may overwrite.
const CompactSlack = 64

// Compact writes the codes whose bits in set are set, ascending, to out and gives their number. Bits past the codes are clear;
// out has room for every code and CompactSlack more.
func Compact[C Code](codes []C, set []uint64, out []C) int {
	done, n := 0, 0
	if len(codes) >= 64 {
		_ = out[len(codes)+CompactSlack-1]
		switch codes := any(codes).(type) {
		case []uint8:
			done, n = wideCompactBytes(codes, set, any(out).([]uint8))
		case []uint16:
			done, n = wideCompactShorts(codes, set, any(out).([]uint16))
		case []uint32:
			done, n = wideCompactWords(codes, set, any(out).([]uint32))
		}
	}
	for w, m := range set[done:] {
		for ; m != 0; m &= m - 1 {
			out[n] = codes[(done+w)<<6+bits.TrailingZeros64(m)]
			n++
		}
	}
	return n
}
