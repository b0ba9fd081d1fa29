package exec

import (
	"cmp"
	"slices"
)

// aliveComparisons is how many comparisons a sort makes between two looks around: some tenths of a millisecond.
const aliveComparisons = 8 << 10

const (
	// sortedWords is how many words of eight bytes of the keys a sort looks at before it compares what is left as a whole.
	sortedWords = 8
	// fewEntries are sorted by insertion.
	fewEntries = 16
	// radixEntries, for each byte in which their words differ, are sorted by these bytes; fewer by comparing words.
	radixEntries = 32
)

// rank stands for an entry while entries are sorted: a key is looked up once per word, not for nearly every comparison.
type rank struct {
	word uint64 // eight bytes of the key
	at   int    // of the entry
}

// entrySort sorts entries by the first eight bytes of their keys, each run of equal ones by the next eight, and so on (multikey
// sorting after Bentley and Sedgewick, by words).
type entrySort struct {
	entries  []entry
	spare    []rank // for radix
	alive    func() error
	compared int
	ended    error // what alive said: the ranks are of no use
}

// sortEntries brings entries in order. It asks alive now and then; at its error the entries are in any order.
func sortEntries(entries []entry, alive func() error) error {
	s := entrySort{entries: entries, alive: alive}
	ranks := make([]rank, len(entries))
	for i := range ranks {
		ranks[i].at = i
	}
	if s.sort(ranks, 0); s.ended == nil {
		s.place(ranks)
	}
	return s.ended
}

// step counts n comparisons or looks at a rank, and tells whether to go on.
func (s *entrySort) step(n int) bool {
	before := s.compared / aliveComparisons
	if s.compared += n; s.compared/aliveComparisons > before && s.ended == nil {
		s.ended = s.alive()
	}
	return s.ended == nil
}

// pieces runs f over 0..n-1 in pieces, as long as the sort goes on.
func (s *entrySort) pieces(n int, f func(from, to int)) bool {
	for from := 0; from < n; from += aliveComparisons {
		to := min(from+aliveComparisons, n)
		if f(from, to); !s.step(to - from) {
			return false
		}
	}
	return true
}

// sort orders ranks whose keys are equal up to byte done.
func (s *entrySort) sort(ranks []rank, done int) {
	if len(ranks) < 2 {
		return
	}
	if done >= 8*sortedWords || done >= len(s.entries[ranks[0].at].key) {
		s.compare(ranks) // in the last case they are equal: no key is the beginning of another
		return
	}
	differ := uint64(0) // bits in which words differ
	s.pieces(len(ranks), func(from, to int) {
		for i := range ranks[from:to] {
			r := &ranks[from+i]
			key := s.entries[r.at].key
			r.word = leading(key[min(done, len(key)):min(done+8, len(key))])
			differ |= r.word ^ ranks[0].word
		}
	})
	switch {
	case len(ranks) <= fewEntries:
		insert(ranks)
	case len(ranks) >= radixEntries*differingBytes(differ):
		s.radix(ranks, differ)
	default:
		slices.SortFunc(ranks, func(a, b rank) int { return cmp.Compare(a.word, b.word) })
	}
	for from := 0; from < len(ranks) && s.ended == nil; {
		to := from + 1
		for to < len(ranks) && ranks[to].word == ranks[from].word {
			to++
		}
		if to-from > 1 {
			s.sort(ranks[from:to], done+8)
		}
		from = to
	}
}

// insert orders ranks by their words.
func insert(ranks []rank) {
	for i := 1; i < len(ranks); i++ {
		r, at := ranks[i], i
		for ; at > 0 && ranks[at-1].word > r.word; at-- {
			ranks[at] = ranks[at-1]
		}
		ranks[at] = r
	}
}

// differingBytes counts the bytes that are not zero.
func differingBytes(differ uint64) int {
	n := 0
	for ; differ != 0; differ >>= 8 {
		if uint8(differ) != 0 {
			n++
		}
	}
	return n
}

// radix orders ranks by those bytes of their words that differ, from the last one.
func (s *entrySort) radix(ranks []rank, differ uint64) {
	if s.spare == nil {
		s.spare = make([]rank, len(s.entries))
	}
	in, out := ranks, s.spare[:len(ranks)]
	for shift := uint(0); shift < 64; shift += 8 {
		if uint8(differ>>shift) == 0 {
			continue
		}
		var next [256]uint32
		ok := s.pieces(len(in), func(from, to int) {
			for i := range in[from:to] {
				next[uint8(in[from+i].word>>shift)]++
			}
		})
		sum := uint32(0)
		for v, n := range next {
			next[v], sum = sum, sum+n
		}
		ok = ok && s.pieces(len(in), func(from, to int) {
			for _, r := range in[from:to] {
				v := uint8(r.word >> shift)
				out[next[v]] = r
				next[v]++
			}
		})
		if !ok {
			return
		}
		in, out = out, in
	}
	if &in[0] != &ranks[0] {
		copy(ranks, in)
	}
}

// compare orders ranks by their whole entries.
func (s *entrySort) compare(ranks []rank) {
	slices.SortFunc(ranks, func(a, b rank) int {
		if !s.step(1) || a.at == b.at {
			return 0
		}
		if s.entries[a.at].before(&s.entries[b.at]) {
			return -1
		}
		return 1
	})
}

// place moves the entries where their ranks stand, along the cycles of the permutation.
func (s *entrySort) place(ranks []rank) {
	for i := range ranks {
		if ranks[i].at == i {
			continue
		}
		first := s.entries[i]
		at := i
		for ranks[at].at != i {
			next := ranks[at].at
			s.entries[at] = s.entries[next]
			ranks[at].at = at
			at = next
		}
		s.entries[at] = first
		ranks[at].at = at
	}
}
