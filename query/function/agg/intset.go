package agg

import (
	"math/bits"
	"unsafe"

	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/kernel"
)

// intSet is a set of 64-bit keys: a hash table, and beside it, once that is smaller, a bitmap over a window of keys that lie
// close together, as ids do. No key is in both. The zero value is empty.
type intSet struct {
	hash  set64
	dense *denseSet
}

// denseSet is a bitmap of the keys from base on, a multiple of 64. Its arithmetic is modulo 2^64.
type denseSet struct {
	base uint64
	bits vec.Bitmap
}

// windowAlign is the number of keys that windows begin and end at a multiple of.
const windowAlign = 1 << 14

// keyWindow gives the smallest aligned window of the keys lo..hi, as signed integers; words 0 where it is not worth a thought.
func keyWindow(lo, hi int64) (base uint64, words int) {
	base = uint64(lo) &^ (windowAlign - 1)
	span := uint64(hi) - base
	if lo > hi || span >= 1<<36 {
		return 0, 0
	}
	return base, int((span/windowAlign + 1) * (windowAlign / 64))
}

// at gives the place of key, where the window has it.
func (d *denseSet) at(key uint64) (word int, bit uint64, ok bool) {
	off := key - d.base
	return int(off >> 6), 1 << (off & 63), off>>6 < uint64(len(d.bits))
}

func (s *intSet) add(key uint64) {
	if s.dense != nil {
		if w, bit, ok := s.dense.at(key); ok {
			s.dense.bits[w] |= bit
			return
		}
	}
	s.hash.add(key)
}

// addWithin is add where all keys so far, of whatever set, are in lo..hi as signed integers: the set becomes a bitmap over them
// when its hash table would be larger than that.
func (s *intSet) addWithin(key uint64, lo, hi int64) {
	if s.hash.full() {
		s.densify(lo, hi)
	}
	s.add(key)
}

func (s *intSet) densify(lo, hi int64) {
	base, words := keyWindow(lo, hi)
	if words == 0 || words > 2*len(s.hash.slots) {
		return
	}
	d := &denseSet{base: base, bits: make(vec.Bitmap, words)}
	if old := s.dense; old != nil {
		copy(d.bits[(old.base-base)>>6:], old.bits) // the range has only grown
	}
	s.dense = d
	hash := s.hash
	s.hash = set64{}
	hash.each(s.add)
}

func (s *intSet) len() int {
	n := s.hash.len()
	if s.dense != nil {
		n += s.dense.bits.Count()
	}
	return n
}

func (s *intSet) each(f func(uint64)) {
	s.hash.each(f)
	if s.dense == nil {
		return
	}
	for w, m := range s.dense.bits {
		for ; m != 0; m &= m - 1 {
			f(s.dense.base + uint64(w<<6+bits.TrailingZeros64(m)))
		}
	}
}

// place is the address at which key is looked for first.
func (s *intSet) place(key uint64) uintptr {
	if s.dense != nil {
		if w, _, ok := s.dense.at(key); ok {
			return uintptr(unsafe.Pointer(&s.dense.bits[w]))
		}
	}
	if slots := s.hash.slots; len(slots) > 0 {
		return uintptr(unsafe.Pointer(&slots[kernel.Mix(key)&uint64(len(slots)-1)]))
	}
	return uintptr(unsafe.Pointer(s))
}

// bytes is the memory of the set.
func (s *intSet) bytes() int {
	n := 8 * len(s.hash.slots)
	if s.dense != nil {
		n += 32 + 8*len(s.dense.bits)
	}
	return n
}

// merge adds the keys of o, which may not be used afterwards.
func (s *intSet) merge(o *intSet) {
	if o.bytes() > s.bytes() {
		*s, *o = *o, *s
	}
	if s.dense != nil && o.dense != nil && s.dense.covers(o.dense) {
		to := s.dense.bits[(o.dense.base-s.dense.base)>>6:]
		to[:len(o.dense.bits)].Or(o.dense.bits)
		o.dense = nil
	}
	o.each(s.add)
	*o = intSet{}
}

// covers reports whether every key of o's window is in d's.
func (d *denseSet) covers(o *denseSet) bool {
	from := (o.base - d.base) >> 6
	return from <= uint64(len(d.bits)) && uint64(len(o.bits)) <= uint64(len(d.bits))-from
}
