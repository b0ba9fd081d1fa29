package encoding

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"runtime"
	"slices"

	"github.com/freshetdb/freshet/catalog"
)

// stepsPerYield is how many comparisons of a sort, or entries of a table, are worked through before other goroutines may run:
// some tens of microseconds. A partition's consumer may wait for the processor that a build has.
const stepsPerYield = 1 << 13

// yielding counts steps and lets other goroutines run now and then.
type yielding int

func (y *yielding) step(n int) {
	if *y += yielding(n); *y >= stepsPerYield {
		*y = 0
		runtime.Gosched()
	}
}

// wordKey is a number of a set with a word to sort by, so that most comparisons touch no other memory.
type wordKey struct {
	word   uint64
	number uint32
}

func (y *yielding) compareWords(a, b wordKey) int {
	y.step(1)
	return cmp.Compare(a.word, b.word)
}

// leastRadix is how many words are sorted by their bytes instead of by comparing.
const leastRadix = 256

// sortWords sorts by word: many by one byte after the other, from the lowest on, but for those that all words share.
func (y *yielding) sortWords(keys []wordKey) {
	if len(keys) < leastRadix {
		slices.SortFunc(keys, y.compareWords)
		return
	}
	var places [8][256]uint32
	for part := range slices.Chunk(keys, stepsPerYield) {
		for _, k := range part {
			for b := range places {
				places[b][uint8(k.word>>(8*b))]++
			}
		}
		y.step(len(part))
	}
	from, to := keys, make([]wordKey, len(keys))
	for b := range places {
		next, shift := &places[b], 8*b
		if next[uint8(keys[0].word>>shift)] == uint32(len(keys)) {
			continue
		}
		sum := uint32(0)
		for i, n := range next {
			next[i], sum = sum, sum+n
		}
		for part := range slices.Chunk(from, stepsPerYield) {
			for _, k := range part {
				at := &next[uint8(k.word>>shift)]
				to[*at] = k
				*at++
			}
			y.step(len(part))
		}
		from, to = to, from
	}
	if &from[0] != &keys[0] {
		copy(keys, from)
	}
}

// sortedTexts gives the numbers of a set in the order of their values.
func sortedTexts(kind catalog.Kind, t *Texts) []uint32 {
	var y yielding
	order := make([]uint32, t.Len())
	if kind == catalog.KindBigDecimal {
		for i := range order {
			order[i] = uint32(i)
		}
		slices.SortFunc(order, func(a, b uint32) int {
			y.step(8) // decimals take longer
			if c := CompareDecimals(t.At(a), t.At(b)); c != 0 {
				return c
			}
			return compareBytes(t.At(a), t.At(b))
		})
		return order
	}
	keys := make([]wordKey, t.Len())
	for i := range keys {
		keys[i].number = uint32(i)
	}
	y.sortTexts(t, keys, 0)
	for i, k := range keys {
		order[i] = k.number
	}
	return order
}

// smallSort is a number of texts below which they are compared as they are.
const smallSort = 12

// sortTexts sorts texts that agree in their first depth bytes: by the next eight, then each run of equals by what follows.
func (y *yielding) sortTexts(t *Texts, keys []wordKey, depth int) {
	for len(keys) > smallSort {
		equal := true
		for i := range keys {
			y.step(1)
			keys[i].word = wordAt(t.At(keys[i].number), depth)
			equal = equal && keys[i].word == keys[0].word
		}
		if equal {
			if keys = y.skipEnded(t, keys, depth+8); len(keys) == 0 {
				return
			}
			depth += 8
			continue
		}
		y.sortWords(keys)
		for from := 0; from < len(keys); {
			to := from + 1
			for to < len(keys) && keys[to].word == keys[from].word {
				to++
			}
			if to-from > 1 {
				y.sortTexts(t, y.skipEnded(t, keys[from:to], depth+8), depth+8)
			}
			from = to
		}
		return
	}
	slices.SortFunc(keys, func(a, b wordKey) int {
		y.step(1)
		return bytes.Compare(t.At(a.number), t.At(b.number))
	})
}

// wordAt gives eight bytes of s, the first one highest, zeros behind its end.
func wordAt(s []byte, at int) uint64 {
	if at+8 <= len(s) {
		return binary.BigEndian.Uint64(s[at:])
	}
	var word [8]byte
	if at < len(s) {
		copy(word[:], s[at:])
	}
	return binary.BigEndian.Uint64(word[:])
}

// skipEnded brings the texts that have no more than depth bytes to the front, in order, and gives the others. All agree in
// their first depth bytes, where those behind an end count as zeros: the shorter text comes first.
func (y *yielding) skipEnded(t *Texts, keys []wordKey, depth int) []wordKey {
	ended := 0
	for i := range keys {
		if len(t.At(keys[i].number)) <= depth {
			keys[i], keys[ended] = keys[ended], keys[i]
			ended++
		}
	}
	y.step(len(keys))
	if ended > 1 {
		slices.SortFunc(keys[:ended], func(a, b wordKey) int { return len(t.At(a.number)) - len(t.At(b.number)) })
	}
	return keys[ended:]
}

// SortNumbers gives the values in ascending order, as integers or as the bits of doubles, and the map from numbers of
// the set to positions. Doubles may hold no NaN and no negative zero, which have no place in a sorted dictionary.
func SortNumbers(t *Numbers, float bool) (sorted []uint64, rank []uint32) {
	keys := make([]wordKey, len(t.Values))
	for i, x := range t.Values {
		keys[i] = wordKey{orderedWord(x, float), uint32(i)}
	}
	var y yielding
	y.sortWords(keys)
	sorted, rank = make([]uint64, len(keys)), make([]uint32, len(keys))
	for id, k := range keys {
		y.step(1)
		sorted[id], rank[k.number] = t.Values[k.number], uint32(id)
	}
	return sorted, rank
}

// orderedWord maps a value to an unsigned number of the same order.
func orderedWord(x uint64, float bool) uint64 {
	const sign = 1 << 63
	if float && math.Signbit(math.Float64frombits(x)) {
		return ^x
	}
	return x ^ sign
}
