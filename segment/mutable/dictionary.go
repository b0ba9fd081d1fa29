package mutable

import (
	"sync/atomic"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/offheap"
	"github.com/freshetdb/freshet/internal/vec"
)

const (
	firstDictEntries = 256
	firstDictBytes   = 4 << 10
	firstDictSlots   = 512 // at most half of the slots are used
)

// dictionary gives the distinct values of a column codes in order of their first appearance. One writer; readers use
// the published snapshots, which share its arrays. An array that is full is copied to one of twice the size; the old
// one stays in the arena, as snapshots may still use it.
type dictionary struct {
	kind      catalog.Kind
	arena     *offheap.Arena
	allocator *offheap.Allocator

	count   int
	offsets []uint32 // count+1 are set
	data    []byte   // offsets[count] are set
	// slots is the writer's hash table: hash in the upper half, code + 1 in the lower, 0 for an empty slot.
	slots    []uint64
	slotsMem []byte
	// recent is nil where it does not help, and before that was judged. Of the short texts seen since, missed were not there.
	recent       *recentTexts
	judged       bool
	seen, missed int
	touched      uint8 // keeps the loads of touch

	published atomic.Pointer[vec.Dict]
	slotBytes atomic.Int64
}

func newDictionary(kind catalog.Kind, arena *offheap.Arena, allocator *offheap.Allocator) *dictionary {
	d := &dictionary{kind: kind, arena: arena, allocator: allocator}
	d.published.Store(&vec.Dict{Kind: kind, Offsets: make([]uint32, 1)})
	return d
}

// bytesUsed is the size of the distinct values.
func (d *dictionary) bytesUsed() int {
	if d.offsets == nil {
		return 0
	}
	return int(d.offsets[d.count])
}

// str gives value code; it aliases the data.
func (d *dictionary) str(code uint32) []byte { return d.data[d.offsets[code]:d.offsets[code+1]] }

// encode sets out[i] to the code of values[i], 0 for NULLs, adding values that are new. nulls is over positions from
// nullsAt on; nil is none. After an error the caller truncates.
func (d *dictionary) encode(values []string, nulls vec.Bitmap, nullsAt int, out []uint32) error {
	out = out[:len(values)]
	for len(values) > 0 {
		n := min(len(values), probeGroup)
		var err error
		if nulls == nil {
			err = d.encodeGroup(values[:n], out[:n])
		} else {
			err = d.encodeSome(values[:n], nulls, nullsAt, out[:n])
		}
		if err != nil {
			return err
		}
		values, nullsAt, out = values[n:], nullsAt+n, out[n:]
	}
	return nil
}

// encodeSome is encode for at most probeGroup values with NULLs between them.
func (d *dictionary) encodeSome(values []string, nulls vec.Bitmap, nullsAt int, out []uint32) error {
	var some [probeGroup]string
	var codes [probeGroup]uint32
	n := 0
	for i, s := range values {
		some[n] = s
		if !nulls.Get(nullsAt + i) {
			n++
		}
	}
	if err := d.encodeGroup(some[:n], codes[:n]); err != nil {
		return err
	}
	n = 0
	for i := range out {
		out[i] = 0
		if !nulls.Get(nullsAt + i) {
			out[i] = codes[n]
			n++
		}
	}
	return nil
}

// find finds or adds a value with a hash.
func (d *dictionary) find(s string, hash uint64) (uint32, error) {
	if 2*(d.count+1) > len(d.slots) {
		if err := d.growSlots(); err != nil {
			return 0, err
		}
	}
	tag, mask := uint32(hash>>32), uint32(len(d.slots)-1)
	at := tag & mask
	for {
		slot := d.slots[at]
		if slot == 0 {
			break
		}
		if uint32(slot>>32) == tag {
			if code := uint32(slot) - 1; string(d.str(code)) == s {
				return code, nil
			}
		}
		at = (at + 1) & mask
	}
	if err := d.add(s); err != nil {
		return 0, err
	}
	d.slots[at] = uint64(tag)<<32 | uint64(d.count)
	return uint32(d.count - 1), nil
}

// add appends a value.
func (d *dictionary) add(s string) error {
	used := d.bytesUsed()
	if d.count >= maxDictEntries || used+len(s) > maxDictBytes {
		return errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "a dictionary has %d values of %d bytes and cannot take one of %d more",
			d.count, used, len(s))
	}
	if d.count+2 > len(d.offsets) {
		if err := growArray(d.arena, &d.offsets, d.count+1, max(d.count+2, firstDictEntries)); err != nil {
			return err
		}
	}
	if used+len(s) > len(d.data) {
		if err := growArray(d.arena, &d.data, used, max(used+len(s), firstDictBytes)); err != nil {
			return err
		}
	}
	copy(d.data[used:], s)
	d.count++
	d.offsets[d.count] = uint32(used + len(s))
	return nil
}

// growArray replaces a by an array of at least want and twice the length, with the first used values.
func growArray[T offheap.Fixed](arena *offheap.Arena, a *[]T, used, want int) error {
	bigger, err := offheap.Slice[T](arena, max(want, 2*len(*a)))
	if err != nil {
		return err
	}
	copy(bigger, (*a)[:min(used, len(*a))])
	*a = bigger
	return nil
}

// growSlots doubles the hash table. Only the writer sees it, so the old one is freed at once.
func (d *dictionary) growSlots() error {
	size := max(2*len(d.slots), firstDictSlots)
	mem, err := d.allocator.Alloc(8 * size)
	if err != nil {
		return err
	}
	slots := offheap.View[uint64](mem)
	mask := uint32(size - 1)
	for _, slot := range d.slots {
		if slot == 0 {
			continue
		}
		at := uint32(slot>>32) & mask
		for slots[at] != 0 {
			at = (at + 1) & mask
		}
		slots[at] = slot
	}
	old := d.slotsMem
	d.slots, d.slotsMem = slots, mem
	d.slotBytes.Store(int64(len(mem)))
	d.allocator.Free(old)
	return nil
}

// truncate drops the values from count on, none of which is published.
func (d *dictionary) truncate(count int) {
	if count == d.count {
		return
	}
	d.count = count
	if d.recent != nil {
		*d.recent = recentTexts{}
	}
	clear(d.slots)
	mask := uint32(len(d.slots) - 1)
	for code := range count {
		tag := uint32(hashText(aliasString(d.str(uint32(code)))) >> 32)
		at := tag & mask
		for d.slots[at] != 0 {
			at = (at + 1) & mask
		}
		d.slots[at] = uint64(tag)<<32 | uint64(code+1)
	}
}

// publish makes the values visible to readers, before the rows that use them.
func (d *dictionary) publish() {
	if d.published.Load().Len == d.count {
		return
	}
	d.published.Store(d.snapshot(d.offsets, d.data, d.count))
}

func (d *dictionary) snapshot(offsets []uint32, data []byte, count int) *vec.Dict {
	bytes := offsets[count]
	return &vec.Dict{Kind: d.kind, Len: count, Offsets: offsets[: count+1 : count+1], Data: data[:bytes:bytes]}
}

// first gives the published dictionary cut to its first count values.
func (d *dictionary) first(count int) *vec.Dict {
	p := d.published.Load()
	if p.Len == count {
		return p
	}
	return d.snapshot(p.Offsets, p.Data, count)
}

// freeSlots gives the hash table back: no more values will be added.
func (d *dictionary) freeSlots() {
	d.allocator.Free(d.slotsMem)
	d.slots, d.slotsMem, d.recent = nil, nil, nil
	d.slotBytes.Store(0)
}
