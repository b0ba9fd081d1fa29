package encoding

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/zeebo/xxh3"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
)

// Texts gives distinct strings numbers in order of first appearance. Its memory holds no pointers per value, so that
// sealing a segment costs the garbage collector nothing. Not safe for concurrent use.
type Texts struct {
	arena   []byte
	offsets []uint32 // one more than there are values
	hashes  []uint64
	slots   []uint32 // value number + 1, 0 is free; a power of two, at most half full
	limit   int
}

// NewTexts makes an empty set that refuses more than limit values.
func NewTexts(limit int) *Texts {
	return &Texts{offsets: []uint32{0}, slots: make([]uint32, 1024), limit: limit}
}

// TextsOf views the distinct strings of a dictionary as a set, numbered as there. It is not added to; d stays the caller's
// and may not change.
func TextsOf(d *vec.Dict) *Texts { return &Texts{arena: d.Data, offsets: d.Offsets[:d.Len+1]} }

// Len is the number of values.
func (t *Texts) Len() int { return len(t.offsets) - 1 }

// Bytes is the size of all values.
func (t *Texts) Bytes() int64 { return int64(len(t.arena)) }

// At gives value id; it is valid until the next Add.
func (t *Texts) At(id uint32) []byte { return t.arena[t.offsets[id]:t.offsets[id+1]] }

// Add gives the number of s; ok is false where s is new and does not fit, and then t is unchanged.
func (t *Texts) Add(s string) (id uint32, ok bool) {
	h := xxh3.HashString(s)
	mask := uint64(len(t.slots) - 1)
	at := h & mask
	for ; t.slots[at] != 0; at = (at + 1) & mask {
		id := t.slots[at] - 1
		if t.hashes[id] == h && string(t.At(id)) == s {
			return id, true
		}
	}
	if t.Len() >= t.limit || int64(len(t.arena))+int64(len(s)) > maxDictText {
		return 0, false
	}
	id = uint32(t.Len())
	t.arena = append(t.arena, s...)
	t.offsets = append(t.offsets, uint32(len(t.arena)))
	t.hashes = append(t.hashes, h)
	t.slots[at] = id + 1
	if 2*t.Len() > len(t.slots) {
		t.grow()
	}
	return id, true
}

func (t *Texts) grow() {
	t.slots = make([]uint32, 2*len(t.slots))
	mask := uint64(len(t.slots) - 1)
	var y yielding
	for id, h := range t.hashes {
		y.step(1)
		at := h & mask
		for t.slots[at] != 0 {
			at = (at + 1) & mask
		}
		t.slots[at] = uint32(id) + 1
	}
}

// TextDict is a set of texts in sorted order.
type TextDict struct {
	texts *Texts
	order []uint32 // id -> number in texts
	// Rank maps numbers of the set to ids.
	Rank []uint32
	// Strict says that ids ascend strictly with values. It is false only for decimals of which two are the same number.
	Strict bool
}

// SortTexts gives the dictionary of a set: by bytes, or, for decimals, by number and then by bytes.
func SortTexts(kind catalog.Kind, t *Texts) TextDict {
	d := TextDict{texts: t, order: sortedTexts(kind, t), Rank: make([]uint32, t.Len()), Strict: true}
	var y yielding
	for id, n := range d.order {
		y.step(1)
		d.Rank[n] = uint32(id)
		if kind == catalog.KindBigDecimal && id > 0 && CompareDecimals(t.At(d.order[id-1]), t.At(n)) == 0 {
			d.Strict = false
		}
	}
	return d
}

// Len is the number of values.
func (d TextDict) Len() int { return len(d.order) }

// At gives value id.
func (d TextDict) At(id uint32) []byte { return d.texts.At(d.order[id]) }

// AppendOffsets appends the dictionary's offsets section, Len+1 positions.
func (d TextDict) AppendOffsets(dst []byte) []byte {
	at := uint32(0)
	dst = binary.LittleEndian.AppendUint32(dst, at)
	for _, n := range d.order {
		at += uint32(len(d.texts.At(n)))
		dst = binary.LittleEndian.AppendUint32(dst, at)
	}
	return dst
}

// Distinct counts distinct values from below: never more than there are, and hardly fewer up to its limit. It is far cheaper
// than a set, to find out that there are too many for one. Not safe for concurrent use.
type Distinct struct {
	bits  []uint64
	shift uint
	count int
	limit int
}

// NewDistinct makes a counter for a limit.
func NewDistinct(limit int) *Distinct {
	size := bits.Len(uint(max(limit, 64) * 8))
	return &Distinct{bits: make([]uint64, 1<<size/64), shift: uint(64 - size), limit: limit}
}

// AddNumber takes a value in and reports whether there may be no more than limit.
func (d *Distinct) AddNumber(x uint64) bool { return d.add(mix(x)) }

// AddText is AddNumber for a string.
func (d *Distinct) AddText(s string) bool { return d.add(xxh3.HashString(s)) }

func (d *Distinct) add(hash uint64) bool {
	at := hash >> d.shift
	word, bit := &d.bits[at>>6], uint64(1)<<(at&63)
	d.count += int(^*word >> (at & 63) & 1)
	*word |= bit
	return d.count <= d.limit
}

// Numbers gives distinct 64-bit patterns numbers in order of first appearance, like Texts.
type Numbers struct {
	Values []uint64
	slots  []uint32
	limit  int
}

// NewNumbers makes an empty set that refuses more than limit values.
func NewNumbers(limit int) *Numbers { return &Numbers{slots: make([]uint32, 1024), limit: limit} }

// mix spreads the bits of a number over the slots: twice a multiplication by 2^64 divided by the golden ratio, and between
// them the high bits brought down, which are all that doubles of few digits have.
func mix(x uint64) uint64 {
	x *= 0x9e3779b97f4a7c15
	x = (x ^ x>>32) * 0x9e3779b97f4a7c15
	return x ^ x>>32
}

// Add gives the number of x; ok is false where x is new and does not fit.
func (t *Numbers) Add(x uint64) (id uint32, ok bool) {
	mask := uint64(len(t.slots) - 1)
	at := mix(x) & mask
	for ; t.slots[at] != 0; at = (at + 1) & mask {
		if id := t.slots[at] - 1; t.Values[id] == x {
			return id, true
		}
	}
	if len(t.Values) >= t.limit {
		return 0, false
	}
	id = uint32(len(t.Values))
	t.Values = append(t.Values, x)
	t.slots[at] = id + 1
	if 2*len(t.Values) > len(t.slots) {
		t.grow()
	}
	return id, true
}

func (t *Numbers) grow() {
	t.slots = make([]uint32, 2*len(t.slots))
	mask := uint64(len(t.slots) - 1)
	var y yielding
	for id, x := range t.Values {
		y.step(1)
		at := mix(x) & mask
		for t.slots[at] != 0 {
			at = (at + 1) & mask
		}
		t.slots[at] = uint32(id) + 1
	}
}

// AppendNumbers appends 64-bit patterns.
func AppendNumbers(dst []byte, values []uint64) []byte { return AppendWhole(dst, values) }

// ViewDict reads a dictionary of n values in place; offsets is nil unless kind is stored as strings. What a query would
// trust is checked: the count and, for strings, that offsets ascend within the text.
func ViewDict(kind catalog.Kind, n int, sorted bool, values, offsets []byte) (*vec.Dict, error) {
	d := &vec.Dict{Kind: kind, Len: n, Sorted: sorted}
	var err error
	var got int
	switch kind.Physical() {
	case catalog.PhysInt32, catalog.PhysInt64:
		d.I64, err = View[int64](values)
		got = len(d.I64)
	case catalog.PhysFloat32, catalog.PhysFloat64:
		d.F64, err = View[float64](values)
		got = len(d.F64)
	case catalog.PhysString:
		d.Data = values
		if d.Offsets, err = View[uint32](offsets); err == nil {
			err = CheckOffsets(d.Offsets, len(values))
		}
		got = len(d.Offsets) - 1
	default:
		err = fmt.Errorf("%s has no dictionary", kind)
	}
	if err == nil && got != n {
		err = fmt.Errorf("dictionary of %d values, want %d", got, n)
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// CheckOffsets checks that offsets rise from 0 to end.
func CheckOffsets(offsets []uint32, end int) error {
	if len(offsets) == 0 || offsets[0] != 0 || uint64(offsets[len(offsets)-1]) != uint64(end) {
		return fmt.Errorf("offsets do not span the %d bytes or elements", end)
	}
	for i := 1; i < len(offsets); i++ {
		if offsets[i] < offsets[i-1] {
			return fmt.Errorf("offset %d is %d, below the one before, %d", i, offsets[i], offsets[i-1])
		}
	}
	return nil
}
