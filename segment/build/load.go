package build

import (
	"fmt"
	"slices"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/offheap"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/encoding"
)

// source says where a column's values come from.
type source struct {
	name string
	typ  catalog.Type
	// absent stands for the column in views that lack it; a zero Value is NULL.
	absent       catalog.Value
	noDictionary bool
}

// columnData holds the values of one column: slots are rows or, for multi-value columns, elements. Which of the value
// slices is used follows from the physical type. Slots of NULLs hold zeros.
type columnData struct {
	typ       catalog.Type // of a slot
	multi     bool
	slots     int
	nulls     vec.Bitmap // as long as needed for the last NULL
	nullCount int

	// Numbers and ids lie in wide and narrow, off the heap.
	i64          []int64
	f32          []float32
	f64          []float64
	bits         vec.Bitmap
	allocator    *offheap.Allocator
	wide, narrow buffer
	ranges       []encoding.Zone // of the blocks of a number column, once measured
	compact      encoding.Floats // scratch
	// Strings: numbers in texts, unless textsFull, when there are too many distinct ones and none are kept.
	ids       []uint32
	texts     *encoding.Texts
	textsFull bool

	// Multi-value columns: the end of each row's elements, preceded by a 0, and NULL rows.
	ends         []uint32
	rowNulls     vec.Bitmap
	rowNullCount int

	scratch, flat vec.Vector
	remap         []uint32 // ids of lastDict -> numbers in texts + 1, 0 where not met yet
	lastDict      *vec.Dict
}

// reset empties d for another column and keeps its buffers.
func (d *columnData) reset(s source, textLimit int) {
	d.typ, d.multi, d.slots, d.nullCount, d.rowNullCount = s.typ.Elem(), s.typ.MultiValue, 0, 0, 0
	d.i64, d.f32, d.f64, d.ids = d.i64[:0], d.f32[:0], d.f64[:0], d.ids[:0]
	d.nulls, d.rowNulls, d.bits = d.nulls[:0], d.rowNulls[:0], d.bits[:0]
	d.ends = append(d.ends[:0], 0)
	d.lastDict, d.texts, d.textsFull = nil, nil, textLimit == 0
	if d.typ.Kind.Physical() == catalog.PhysString && !d.textsFull {
		d.texts = encoding.NewTexts(textLimit)
	}
}

// each reads a column of all views block by block. f may not keep the vector.
func (b *builder) each(s source, f func(v *vec.Vector) error) error {
	var block vec.Vector
	for _, view := range b.views {
		c, ok := view.Column(s.name)
		if ok && c.Type() != s.typ {
			return errs.Bug("segment %s has the column as %s, the schema as %s", view.Name(), c.Type(), s.typ)
		}
		for i := range segment.Blocks(view.Rows()) {
			n := min(vec.BlockRows, view.Rows()-i*vec.BlockRows)
			if ok {
				if err := c.Block(i, &block); err != nil {
					return fmt.Errorf("cannot read block %d of segment %s: %w", i, view.Name(), err)
				}
			} else {
				block.SetConst(absentValue(s), n)
			}
			if block.Len != n {
				return errs.Bug("block %d of segment %s has %d rows, want %d", i, view.Name(), block.Len, n)
			}
			if err := f(&block); err != nil {
				return err
			}
			if err := b.yield(); err != nil {
				return err
			}
		}
	}
	return nil
}

func absentValue(s source) catalog.Value {
	if s.absent.Type.Kind == catalog.KindInvalid || s.absent.Null {
		return catalog.NullValue(s.typ)
	}
	return s.absent
}

// load reads all values of a column. textLimit bounds the distinct strings that are kept.
func (b *builder) load(s source, textLimit int) error {
	d := &b.data
	d.reset(s, textLimit)
	if err := d.reserve(b.rows); err != nil {
		return err
	}
	if b.loadCodes(s, textLimit) {
		return nil
	}
	if err := b.countTexts(s, textLimit); err != nil {
		return err
	}
	return b.each(s, func(v *vec.Vector) error {
		if !s.typ.MultiValue {
			d.add(v)
			return nil
		}
		return d.addRows(v)
	})
}

// addRows appends the rows of a multi-value vector.
func (d *columnData) addRows(v *vec.Vector) error {
	if v.Form != vec.FormFlat {
		v.Flatten(&d.flat)
		v = &d.flat
	}
	row := len(d.ends) - 1
	for i := range v.Len {
		if v.IsNull(i) {
			d.rowNulls = setBit(d.rowNulls, row+i)
			d.rowNullCount++
		}
	}
	if rowsAreDense(v) {
		if int64(d.slots)+int64(v.Elems.Len) > maxSlots {
			return tooManyElements()
		}
		for _, end := range v.Offsets[1 : v.Len+1] {
			d.ends = append(d.ends, uint32(d.slots)+end-v.Offsets[0])
		}
		if err := d.reserve(d.slots + v.Elems.Len); err != nil {
			return err
		}
		d.add(v.Elems)
		return nil
	}
	return d.addSparseRows(v)
}

// rowsAreDense reports whether Elems holds the elements of the rows, and nothing else.
func rowsAreDense(v *vec.Vector) bool {
	if v.Offsets[0] != 0 || int(v.Offsets[v.Len]) != v.Elems.Len {
		return false
	}
	if v.Nulls == nil {
		return true
	}
	for i := range v.Len {
		if v.IsNull(i) && v.Offsets[i] != v.Offsets[i+1] {
			return false
		}
	}
	return true
}

// addSparseRows appends rows whose elements are part of Elems; NULL rows have none, whatever their offsets say.
func (d *columnData) addSparseRows(v *vec.Vector) error {
	var all, part vec.Vector
	v.Elems.Flatten(&all)
	for i := range v.Len {
		lo, hi := v.Offsets[i], v.Offsets[i+1]
		if v.IsNull(i) {
			hi = lo
		}
		if int64(d.slots)+int64(hi-lo) > maxSlots {
			return tooManyElements()
		}
		part.Reset(d.typ, int(hi-lo))
		for e := lo; e < hi; e++ {
			part.CopyRow(int(e-lo), &all, int(e))
		}
		if err := d.reserve(d.slots + part.Len); err != nil {
			return err
		}
		d.add(&part)
		d.ends = append(d.ends, uint32(d.slots))
	}
	return nil
}

func tooManyElements() error {
	return errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "more multi-value elements than a segment can hold, %d", maxSlots)
}

// setBit sets bit i of b, which grows as needed.
func setBit(b vec.Bitmap, i int) vec.Bitmap {
	b = growBits(b, i+1)
	b.Set(i)
	return b
}

// growBits makes b long enough for n bits.
func growBits(b vec.Bitmap, n int) vec.Bitmap {
	if missing := vec.Words(n) - len(b); missing > 0 {
		b = slices.Grow(b, missing)
		for range missing {
			b = append(b, 0)
		}
	}
	return b
}

// add appends the slots of a single-value vector in any form.
func (d *columnData) add(v *vec.Vector) {
	from := d.slots
	d.slots += v.Len
	switch d.typ.Kind.Physical() {
	case catalog.PhysString:
		d.addTexts(v)
	case catalog.PhysBits:
		d.bits = growBits(d.bits, d.slots)
		for i := range v.Len {
			if !v.IsNull(i) && v.BoolAt(i) {
				d.bits.Set(from + i)
			}
		}
	default:
		d.addNumbers(v)
	}
	if !v.HasNulls() {
		return
	}
	for i := range v.Len {
		if v.IsNull(i) {
			d.nulls = setBit(d.nulls, from+i)
			d.nullCount++
			d.zero(from + i)
		}
	}
}

// zero clears the slot of a NULL, so that its bytes do not depend on what was there.
func (d *columnData) zero(i int) {
	switch d.typ.Kind.Physical() {
	case catalog.PhysInt32, catalog.PhysInt64:
		d.i64[i] = 0
	case catalog.PhysFloat32:
		d.f32[i] = 0
	case catalog.PhysFloat64:
		d.f64[i] = 0
	}
}

func (d *columnData) addNumbers(v *vec.Vector) {
	if v.Form != vec.FormFlat {
		v.Flatten(&d.scratch)
		v = &d.scratch
	}
	switch d.typ.Kind.Physical() {
	case catalog.PhysInt32:
		for _, x := range v.I32[:v.Len] {
			d.i64 = append(d.i64, int64(x))
		}
	case catalog.PhysInt64:
		d.i64 = append(d.i64, v.I64[:v.Len]...)
	case catalog.PhysFloat32:
		d.f32 = append(d.f32, v.F32[:v.Len]...)
	case catalog.PhysFloat64:
		d.f64 = append(d.f64, v.F64[:v.Len]...)
	}
}

// addTexts appends the numbers of strings. Strings of a dictionary are looked up once per distinct value.
func (d *columnData) addTexts(v *vec.Vector) {
	if d.textsFull {
		return
	}
	if v.Form == vec.FormDict && v.Dict != d.lastDict {
		d.lastDict = v.Dict
		d.remap = append(d.remap[:0], make([]uint32, v.Dict.Len)...)
	}
	for i := range v.Len {
		if v.IsNull(i) {
			d.ids = append(d.ids, 0)
			continue
		}
		id, ok := d.textNumber(v, i)
		if !ok {
			d.tooManyTexts()
			return
		}
		d.ids = append(d.ids, id)
	}
}

// tooManyTexts gives up on a dictionary.
func (d *columnData) tooManyTexts() { d.textsFull, d.texts, d.ids = true, nil, d.ids[:0] }

// textNumber gives the number of row i's string, which is not NULL.
func (d *columnData) textNumber(v *vec.Vector, i int) (id uint32, ok bool) {
	if v.Form != vec.FormDict {
		return d.texts.Add(v.StrAt(i))
	}
	code := v.Code(i)
	if d.remap[code] != 0 {
		return d.remap[code] - 1, true
	}
	if id, ok = d.texts.Add(v.Dict.Str(code)); ok {
		d.remap[code] = id + 1
	}
	return id, ok
}

// isNull reports whether slot i is NULL.
func (d *columnData) isNull(i int) bool {
	w := i >> 6
	return w < len(d.nulls) && d.nulls.Get(i)
}
