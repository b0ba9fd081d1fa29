package vec

import "math/bits"

// Bitmap is a dense bitmap, bit i in word i/64. Bits past the length it stands for are zero.
type Bitmap []uint64

// Words gives the number of words for n bits.
func Words(n int) int { return (n + 63) >> 6 }

// NewBitmap makes a bitmap for n bits, all clear.
func NewBitmap(n int) Bitmap { return make(Bitmap, Words(n)) }

// Get reports bit i.
func (b Bitmap) Get(i int) bool { return b[i>>6]>>(uint(i)&63)&1 != 0 }

// Set sets bit i.
func (b Bitmap) Set(i int) { b[i>>6] |= 1 << (uint(i) & 63) }

// Clear clears bit i.
func (b Bitmap) Clear(i int) { b[i>>6] &^= 1 << (uint(i) & 63) }

// Count gives the number of set bits.
func (b Bitmap) Count() int {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// Any reports whether a bit is set.
func (b Bitmap) Any() bool {
	for _, w := range b {
		if w != 0 {
			return true
		}
	}
	return false
}

// ones are the words of a block whose bits are all set; copying them is faster than a loop.
var ones = func() (out [BlockRows / 64]uint64) {
	for i := range out {
		out[i] = ^uint64(0)
	}
	return out
}()

// SetAll sets the first n bits and clears the rest.
func (b Bitmap) SetAll(n int) {
	for done := 0; done < len(b); {
		done += copy(b[done:], ones[:])
	}
	b.Trim(n)
}

// Trim clears every bit from n on.
func (b Bitmap) Trim(n int) {
	w := n >> 6
	if w >= len(b) {
		return
	}
	b[w] &= 1<<(uint(n)&63) - 1
	for i := w + 1; i < len(b); i++ {
		b[i] = 0
	}
}

// Zero clears every bit.
func (b Bitmap) Zero() {
	for i := range b {
		b[i] = 0
	}
}

// And keeps the bits that are also in o.
func (b Bitmap) And(o Bitmap) {
	for i := range b {
		b[i] &= o[i]
	}
}

// Or adds the bits of o.
func (b Bitmap) Or(o Bitmap) {
	for i := range b {
		b[i] |= o[i]
	}
}

// AndNot drops the bits of o.
func (b Bitmap) AndNot(o Bitmap) {
	for i := range b {
		b[i] &^= o[i]
	}
}

// Selection appends the positions of the set bits to sel, which has to have room for a block.
// Positions are those within one block of BlockRows rows.
func (b Bitmap) Selection(sel []uint16) []uint16 {
	for wi, w := range b {
		base := wi << 6
		for w != 0 {
			sel = append(sel, uint16(base+bits.TrailingZeros64(w)))
			w &= w - 1
		}
	}
	return sel
}
