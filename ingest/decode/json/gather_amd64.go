//go:build goexperiment.simd && amd64

package json

import (
	"simd/archsimd"
	"unsafe"
)

// A member whose lead is all that stands before its values is found in most records by a comparison of 16 bytes. The loops below do
// without bounds of slices: the marks of a record are places in it, in ascending order, and the last one is its length.

// gatherNumbers puts the characters of a member's numbers beside each other, as numbers.put does. It gives a bit for each record
// whose number is left: one that does not begin with a digit above 0, is too long or too near the record's beginning, or not
// behind the member's key.
func (r *run) gatherNumbers(m *member) (left uint64) {
	s, text, want := &r.numbers, archsimd.LoadUint8x16(&m.lead.text), m.lead.bits
	gap, before, behind := m.gap, len(m.before), m.behind
	marks, step := unsafe.Pointer(unsafe.SliceData(r.marks[m.mark:][:r.n*r.stride])), 2*r.stride
	for i, b := range r.records[:r.n] {
		start, to := int(*(*uint16)(marks))-gap, int(*(*uint16)(unsafe.Add(marks, 4)))-behind
		marks = unsafe.Add(marks, step)
		p, last := unsafe.Pointer(unsafe.SliceData(b)), uint(len(b)-mostQuick)
		from := start + before
		if uint(start) > last || uint(to-mostQuick) > last || uint(to-from-1) >= mostQuick ||
			archsimd.LoadUint8x16((*[mostLead]uint8)(unsafe.Add(p, start))).Equal(text).ToBits()&want != want ||
			*(*uint8)(unsafe.Add(p, from))-'1' > 8 {
			left |= 1 << (i % runRecords)
			continue
		}
		chars := (*[mostQuick]uint8)(unsafe.Add(unsafe.Pointer(&s.chars), i*mostQuick))
		archsimd.LoadUint8x16((*[mostQuick]uint8)(unsafe.Add(p, to-mostQuick))).Store(chars)
		s.places[uint(i)%runRecords] = ^uint16(0) << ((from - to) & (mostQuick - 1))
	}
	return left
}

// gatherTexts sets out, which nobody wants if it is nil, to a member's texts of at most longest bytes. It gives a bit for each record
// whose text is left: one that is longer, or not behind the member's key or before the next one.
func (r *run) gatherTexts(m *member, out []string, longest int) (left uint64) {
	text, want := archsimd.LoadUint8x16(&m.lead.text), m.lead.bits
	gap, before, behind := m.gap, len(m.before), m.behind+1
	marks, step := unsafe.Pointer(unsafe.SliceData(r.marks[m.mark:][:r.n*r.stride])), 2*r.stride
	for i, b := range r.records[:r.n] {
		start, end, next := int(*(*uint16)(marks))-gap, int(*(*uint16)(unsafe.Add(marks, 6))), int(*(*uint16)(unsafe.Add(marks, 8)))
		marks = unsafe.Add(marks, step)
		p, last := unsafe.Pointer(unsafe.SliceData(b)), uint(len(b)-mostLead)
		from := start + before
		if uint(start) > last || next-end != behind || uint(end-from) > uint(longest) ||
			archsimd.LoadUint8x16((*[mostLead]uint8)(unsafe.Add(p, start))).Equal(text).ToBits()&want != want {
			left |= 1 << (i % runRecords)
			continue
		}
		if i < len(out) {
			out[i] = unsafe.String((*byte)(unsafe.Add(p, from)), end-from)
		}
	}
	return left
}
