package build

import (
	"math/bits"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/offheap"
)

// buffer is memory off the heap that one column after the other uses.
type buffer struct{ mem []byte }

// reserve makes the buffer at least size bytes long and keeps its first used ones.
func (b *buffer) reserve(a *offheap.Allocator, size, used int) error {
	if size <= len(b.mem) {
		return nil
	}
	if used > 0 {
		size = max(size, 2*used) // it grows as it is filled
	}
	mem, err := a.Alloc(roomy(size))
	if err != nil {
		return err
	}
	copy(mem, b.mem[:used])
	a.Free(b.mem)
	b.mem = mem
	return nil
}

// roomy rounds a size up by at most an eighth, so that segments of about the same size ask for the same memory.
func roomy(size int) int {
	step := max(1<<max(bits.Len(uint(size))-4, 0), 4096)
	return (size + step - 1) &^ (step - 1)
}

func (b *buffer) free(a *offheap.Allocator) {
	a.Free(b.mem)
	b.mem = nil
}

// reserve makes room for slots values of the column.
func (d *columnData) reserve(slots int) error {
	switch d.typ.Kind.Physical() {
	case catalog.PhysInt32, catalog.PhysInt64:
		err := d.wide.reserve(d.allocator, 8*slots, 8*len(d.i64))
		d.i64 = offheap.View[int64](d.wide.mem)[:len(d.i64)]
		return err
	case catalog.PhysFloat32:
		err := d.wide.reserve(d.allocator, 4*slots, 4*len(d.f32))
		d.f32 = offheap.View[float32](d.wide.mem)[:len(d.f32)]
		return err
	case catalog.PhysFloat64:
		err := d.wide.reserve(d.allocator, 8*slots, 8*len(d.f64))
		d.f64 = offheap.View[float64](d.wide.mem)[:len(d.f64)]
		return err
	case catalog.PhysString:
		if d.texts != nil {
			return d.reserveIDs(slots)
		}
	}
	return nil
}

// reserveIDs makes room for slots ids.
func (d *columnData) reserveIDs(slots int) error {
	err := d.narrow.reserve(d.allocator, 4*slots, 4*len(d.ids))
	d.ids = offheap.View[uint32](d.narrow.mem)[:len(d.ids)]
	return err
}

// free gives the memory back. Nothing of the column may be used any more.
func (d *columnData) free() {
	d.i64, d.f32, d.f64, d.ids = nil, nil, nil, nil
	d.wide.free(d.allocator)
	d.narrow.free(d.allocator)
}
