package mutable

import "github.com/freshetdb/freshet/internal/vec"

// commit stores the staged batch behind row; it cannot fail. Readers see the rows once the segment's row count grew.
func (c *column) commit(row int) {
	w := &c.w
	w.before = w.startEnd
	dir := *c.directory.Load()
	for from := 0; from < w.in.Len; {
		p := pieceAt(dir, row, from, w.in.Len)
		if c.typ.MultiValue {
			c.commitMulti(p)
		} else {
			c.store(p.chunk.values.Load(), p.within*vec.BlockRows+p.at, w.in, p.from, p.from+p.rows)
		}
		from += p.rows
		if p.at+p.rows == vec.BlockRows {
			c.finishBlock(p)
		}
	}
	c.trackOrder(row)
	if c.dict != nil {
		c.dict.publish()
		if int64(row+w.in.Len) >= c.rawFrom.Load() && c.dict.slots != nil {
			c.dict.freeSlots()
		}
	}
	w.staged, w.in = false, nil
}

// store copies values lo to hi of v to position at of r.
func (c *column) store(r *run, at int, v *vec.Vector, lo, hi int) {
	w := &c.w
	switch {
	case r.i32 != nil:
		copy(r.i32[at:], v.I32[lo:hi])
	case r.i64 != nil:
		copy(r.i64[at:], v.I64[lo:hi])
	case r.f32 != nil:
		copy(r.f32[at:], v.F32[lo:hi])
	case r.f64 != nil:
		copy(r.f64[at:], v.F64[lo:hi])
	case r.bools != nil:
		unpackBits(r.bools[at:at+hi-lo], v.Bits, lo)
	case r.codes != nil:
		copy(r.codes[at:], w.codes[lo:hi])
	case r.ends != nil && hi > lo:
		if at == 0 {
			r.ends[0] = uint64(w.before)
		}
		copy(r.ends[at+1:], w.ends[lo:hi])
		w.before = location(w.ends[hi-1])
	}
	nulls := 0
	if r.nulls != nil && v.Nulls != nil {
		nulls = unpackBits(r.nulls[at:at+hi-lo], v.Nulls, lo)
	}
	w.nonNull += hi - lo - nulls
}

func (c *column) commitMulti(p piece) {
	w := &c.w
	lo, hi := int(w.in.Offsets[p.from]), int(w.in.Offsets[p.from+p.rows])
	used := 0
	if p.at > 0 {
		used = w.elemsUsed
	}
	offsets := p.chunk.blockOffsets(p.within)
	for i := range p.rows {
		offsets[p.at+i+1] = uint32(used+int(w.in.Offsets[p.from+i+1])) - uint32(lo)
	}
	c.store(p.chunk.elems[p.within].Load(), used, w.in.Elems, lo, hi)
	w.elemsUsed = used + hi - lo
	if rowNulls := p.chunk.values.Load().nulls; rowNulls != nil && w.in.Nulls != nil {
		at := p.within*vec.BlockRows + p.at
		unpackBits(rowNulls[at:at+p.rows], w.in.Nulls, p.from)
	}
}

// finishBlock measures a block that has become full.
func (c *column) finishBlock(p piece) {
	p.chunk.meta[p.within] = c.measure(p.chunk, p.within, vec.BlockRows)
	c.w.elemsGuess = c.w.elemsUsed
}

// trackOrder follows whether an integer column ascends so far.
func (c *column) trackOrder(row int) {
	w := &c.w
	l := rawLayout(c.typ.Kind)
	if w.unsorted || c.typ.MultiValue || (l != layoutI32 && l != layoutI64) {
		return
	}
	if row == 0 && w.in.Len > 0 {
		w.last = w.in.Int64At(0)
	}
	if w.in.HasNulls() {
		w.unsorted = true
		return
	}
	if l == layoutI32 {
		w.last, w.unsorted = ascends(w.last, w.in.I32[:w.in.Len])
	} else {
		w.last, w.unsorted = ascends(w.last, w.in.I64[:w.in.Len])
	}
	if !w.unsorted {
		c.sortedRows.Store(int64(row + w.in.Len))
	}
}

// ascends gives the last of values, or broken where one is below its predecessor.
func ascends[T int32 | int64](last int64, values []T) (newLast int64, broken bool) {
	for _, x := range values {
		if int64(x) < last {
			return 0, true
		}
		last = int64(x)
	}
	return last, false
}

// unpackBits sets dst to the bits of b from position from on, a byte each, and counts the set ones.
func unpackBits(dst []uint8, b vec.Bitmap, from int) int {
	ones := 0
	for i := range dst {
		at := from + i
		bit := uint8(b[at>>6]>>(uint(at)&63)) & 1
		dst[i] = bit
		ones += int(bit)
	}
	return ones
}

// packBits sets dst to the bytes of src, each 0 or 1, a bit each; bits after them are cleared.
func packBits(dst vec.Bitmap, src []uint8) {
	word := 0
	for ; len(src) >= 64; src = src[64:] {
		var bits uint64
		for i := range 8 {
			s := src[8*i : 8*i+8 : 8*i+8]
			// Eight bytes of 0 or 1 become eight bits: the product gathers them in its top byte.
			x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
				uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
			bits |= x * 0x0102040810204080 >> 56 << (8 * i)
		}
		dst[word] = bits
		word++
	}
	clear(dst[word:])
	for i, x := range src {
		dst[word] |= uint64(x) << i
	}
}
