package build

import (
	"encoding/binary"
	"math"
	"runtime"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/encoding"
)

// maxRangeText is the longest minimum or maximum that statistics keep, in bytes.
const maxRangeText = 1024

// writeColumn loads a column, chooses its form and writes its sections, statistics and zones.
func (b *builder) writeColumn(s source) error {
	textLimit := 0
	if !s.noDictionary {
		// Elements are not counted yet: the limit follows from rows, which errs towards no dictionary.
		textLimit = encoding.DictLimit(b.rows)
	}
	if err := b.load(s, textLimit); err != nil {
		return err
	}
	slotOrder := b.reorder()
	d := &b.data
	meta := &segment.ColumnMeta{Name: s.name, Type: s.typ, Slots: d.slots}
	meta.Stats.NullCount = d.nullCount
	if d.multi {
		meta.Stats.NullCount, meta.ElemNulls = d.rowNullCount, d.nullCount
	}
	plan := b.plan(s, meta)
	if err := b.writeRows(meta); err != nil {
		return err
	}
	if err := b.writeNulls(meta); err != nil {
		return err
	}
	if err := b.writeValues(s, meta, plan, slotOrder); err != nil {
		return err
	}
	b.columns = append(b.columns, *meta)
	b.appendZones(meta)
	return nil
}

// valuePlan is what was found out about a column on the way to its form.
type valuePlan struct {
	min, max int64
	scale    int
	texts    encoding.TextDict
	numbers  []uint64 // sorted dictionary of numbers
}

// plan chooses the form and fills in the statistics that the values in memory give.
func (b *builder) plan(s source, meta *segment.ColumnMeta) *valuePlan {
	d := &b.data
	p := &valuePlan{}
	m := encoding.Measures{Kind: d.typ.Kind, Slots: d.slots, Values: d.slots - d.nullCount, NoDictionary: s.noDictionary}
	var rank []uint32
	switch d.typ.Kind.Physical() {
	case catalog.PhysString:
		if m.Values > 0 && !d.textsFull && (d.typ.Kind != catalog.KindBigDecimal || d.allDecimals()) {
			m.Distinct, m.DictText = d.texts.Len(), d.texts.Bytes()
		}
	case catalog.PhysInt32, catalog.PhysInt64:
		p.min, p.max = d.intRange()
		m.Min, m.Max = p.min, p.max
		if limit := encoding.UsefulDistinct(m); m.Values > 0 && !m.NoDictionary && limit > 0 {
			m.Distinct, p.numbers, rank = d.countInts(limit)
		}
	case catalog.PhysFloat32, catalog.PhysFloat64:
		if scales, ok := d.scales(); ok && m.Values > 0 {
			m.Scaled, m.Min, m.Max = true, scales.Min, scales.Max
			p.scale = scales.Scale
		}
		if limit := encoding.UsefulDistinct(m); m.Values > 0 && !m.NoDictionary && limit > 0 {
			m.Distinct, p.numbers, rank = d.countFloats(limit)
		}
	}
	c := encoding.Choose(m)
	meta.Encoding, meta.Width = c.Encoding, c.Width
	switch c.Encoding {
	case encoding.Offset:
		meta.Base = p.min
	case encoding.Scaled:
		meta.Base, meta.Scale = m.Min, p.scale
	}
	if c.Encoding == encoding.Dict {
		meta.Stats.Distinct, meta.DictSorted = m.Distinct, true
		if d.typ.Kind.Physical() == catalog.PhysString {
			p.texts = encoding.SortTexts(d.typ.Kind, d.texts)
			rank, meta.DictSorted = p.texts.Rank, p.texts.Strict
		}
		for i, n := range d.ids {
			d.ids[i] = rank[n]
			if d.isNull(i) {
				d.ids[i] = 0
			}
		}
	}
	if !d.multi && m.Values > 0 {
		d.stats(meta, p)
	}
	return p
}

// intRange gives the range of the integers that are not NULL.
func (d *columnData) intRange() (minimum, maximum int64) {
	minimum, maximum = math.MaxInt64, math.MinInt64
	for i, x := range d.i64 {
		if d.nullCount > 0 && d.isNull(i) {
			continue
		}
		minimum, maximum = min(minimum, x), max(maximum, x)
	}
	return minimum, maximum
}

// countInts numbers the distinct integers; none where there are too many for a dictionary.
func (d *columnData) countInts(limit int) (distinct int, sorted []uint64, rank []uint32) {
	return d.count(limit, false, func(i int) uint64 { return uint64(d.i64[i]) })
}

// countFloats numbers the distinct floats; none where there are too many, or one has no place in a sorted dictionary.
func (d *columnData) countFloats(limit int) (distinct int, sorted []uint64, rank []uint32) {
	for i := range d.slots {
		if x := d.float(i); math.IsNaN(x) || x == 0 && math.Signbit(x) {
			return 0, nil, nil
		}
	}
	return d.count(limit, true, func(i int) uint64 { return math.Float64bits(d.float(i)) })
}

// pause lets other goroutines run once per block of slots, where a loop goes over all: a partition's consumer may wait for a
// processor that the build has.
func pause(slot int) {
	if slot&(vec.BlockRows-1) == vec.BlockRows-1 {
		runtime.Gosched()
	}
}

// scales finds the decimal places of the floats that are not NULL; false where one of them is no scaled integer.
func (d *columnData) scales() (encoding.Scales, bool) {
	var s encoding.Scales
	for _, take := range []func(catalog.Kind, float64) bool{s.Add, s.Measure} {
		for i := range d.slots {
			pause(i)
			if d.nullCount > 0 && d.isNull(i) {
				continue
			}
			if !take(d.typ.Kind, d.float(i)) {
				return s, false
			}
		}
	}
	return s, true
}

// float gives slot i of a float column.
func (d *columnData) float(i int) float64 {
	if d.typ.Kind.Physical() == catalog.PhysFloat32 {
		return float64(d.f32[i])
	}
	return d.f64[i]
}

// count numbers distinct values into d.ids.
func (d *columnData) count(limit int, float bool, at func(i int) uint64) (distinct int, sorted []uint64, rank []uint32) {
	set := encoding.NewNumbers(limit)
	d.ids = d.ids[:0]
	for i := range d.slots {
		pause(i)
		if d.nullCount > 0 && d.isNull(i) {
			d.ids = append(d.ids, 0)
			continue
		}
		id, ok := set.Add(at(i))
		if !ok {
			return 0, nil, nil
		}
		d.ids = append(d.ids, id)
	}
	sorted, rank = encoding.SortNumbers(set, float)
	return len(sorted), sorted, rank
}

// stats fills range and order of a single-value column with at least one value; those of chunks come from writeChunks.
func (d *columnData) stats(meta *segment.ColumnMeta, p *valuePlan) {
	st := &meta.Stats
	switch d.typ.Kind.Physical() {
	case catalog.PhysInt32, catalog.PhysInt64:
		st.HasRange, st.Min.I64, st.Max.I64 = true, p.min, p.max
		st.Sorted = d.ascends(func(i int) bool { return d.i64[i-1] <= d.i64[i] })
	case catalog.PhysFloat32, catalog.PhysFloat64:
		z := d.floatZone(0, d.slots)
		st.HasRange = z.Known
		st.Min.F64, st.Max.F64 = z.Floats()
		st.Sorted = z.Known && d.ascends(func(i int) bool { return d.float(i-1) <= d.float(i) })
	case catalog.PhysBits:
		z := d.bitZone(0, d.slots)
		st.HasRange, st.Min.I64, st.Max.I64 = true, z.Min, z.Max
		st.Sorted = d.ascends(func(i int) bool { return d.bits.Get(i) || !d.bits.Get(i-1) })
	case catalog.PhysString:
		if meta.Encoding != encoding.Dict {
			return
		}
		first, last := p.texts.At(0), p.texts.At(uint32(p.texts.Len()-1))
		if st.HasRange = max(len(first), len(last)) <= maxRangeText; st.HasRange {
			st.Min.Str, st.Max.Str = string(first), string(last)
		}
		st.Sorted = d.ascends(func(i int) bool { return d.ids[i-1] <= d.ids[i] })
	}
	if !st.HasRange {
		st.Min, st.Max = vec.Value{}, vec.Value{}
		return
	}
	st.Min.Type, st.Max.Type = d.typ, d.typ
}

// ascends reports whether a column has no NULLs and every value but the first is ordered after the one before it.
func (d *columnData) ascends(ordered func(i int) bool) bool {
	if d.nullCount > 0 {
		return false
	}
	for i := 1; i < d.slots; i++ {
		if !ordered(i) {
			return false
		}
	}
	return true
}

// writeRows writes where the rows of a multi-value column lie.
func (b *builder) writeRows(meta *segment.ColumnMeta) error {
	d := &b.data
	if !d.multi {
		return nil
	}
	var starts []byte
	b.w.Begin()
	for lo := 0; lo < b.rows; lo += vec.BlockRows {
		hi := min(lo+vec.BlockRows, b.rows)
		starts = binary.LittleEndian.AppendUint64(starts, uint64(d.ends[lo]))
		b.buf = b.buf[:0]
		for _, end := range d.ends[lo : hi+1] {
			b.buf = binary.LittleEndian.AppendUint32(b.buf, end-d.ends[lo])
		}
		if _, err := b.w.Write(b.buf); err != nil {
			return err
		}
	}
	s, err := b.w.End(segment.RoleRowOffsets)
	if err != nil {
		return err
	}
	meta.Sections = append(meta.Sections, s)
	starts = binary.LittleEndian.AppendUint64(starts, uint64(d.slots))
	return b.section(meta, segment.RoleBlockStarts, starts)
}

// writeNulls writes the bitmaps of NULL rows and elements, those that have a bit set.
func (b *builder) writeNulls(meta *segment.ColumnMeta) error {
	d := &b.data
	if d.rowNullCount > 0 {
		if err := b.section(meta, segment.RoleNulls, encoding.AppendBitmap(nil, growBits(d.rowNulls, b.rows))); err != nil {
			return err
		}
	}
	if d.nullCount == 0 || meta.Encoding == encoding.AllNull {
		return nil
	}
	role := segment.RoleNulls
	if d.multi {
		role = segment.RoleElemNulls
	}
	return b.section(meta, role, encoding.AppendBitmap(nil, growBits(d.nulls, d.slots)))
}

// writeValues writes the values in the form that was chosen.
func (b *builder) writeValues(s source, meta *segment.ColumnMeta, p *valuePlan, slotOrder []uint32) error {
	d := &b.data
	switch meta.Encoding {
	case encoding.AllNull:
		return nil
	case encoding.Chunks:
		return b.writeChunks(s, meta, slotOrder)
	case encoding.Bits:
		return b.section(meta, segment.RoleValues, encoding.AppendBitmap(nil, d.bits))
	case encoding.Dict:
		if err := b.writeDict(meta, p); err != nil {
			return err
		}
		return b.stream(meta, segment.RoleValues, d.slots, func(dst []byte, lo, hi int) []byte {
			return encoding.AppendCodes(dst, meta.Width, d.ids[lo:hi])
		})
	case encoding.Offset:
		for i := range d.i64 {
			if d.nullCount > 0 && d.isNull(i) {
				d.i64[i] = meta.Base
			}
		}
		return b.stream(meta, segment.RoleValues, d.slots, func(dst []byte, lo, hi int) []byte {
			return encoding.AppendOffsets(dst, meta.Width, meta.Base, d.i64[lo:hi])
		})
	case encoding.Scaled:
		return b.stream(meta, segment.RoleValues, d.slots, func(dst []byte, lo, hi int) []byte { return d.appendScaled(dst, meta, lo, hi) })
	}
	return b.stream(meta, segment.RoleValues, d.slots, d.appendRaw)
}

// appendScaled appends slots as distances from the base; NULLs are at the base.
func (d *columnData) appendScaled(dst []byte, meta *segment.ColumnMeta, lo, hi int) []byte {
	if d.nullCount > 0 {
		least := float64(meta.Base) / encoding.PowerOfTen(meta.Scale)
		for i := lo; i < hi; i++ {
			switch single := d.typ.Kind.Physical() == catalog.PhysFloat32; {
			case !d.isNull(i):
			case single:
				d.f32[i] = float32(least)
			default:
				d.f64[i] = least
			}
		}
	}
	if d.typ.Kind.Physical() == catalog.PhysFloat32 {
		return encoding.AppendScaled(dst, meta.Width, meta.Scale, meta.Base, d.f32[lo:hi])
	}
	return encoding.AppendScaled(dst, meta.Width, meta.Scale, meta.Base, d.f64[lo:hi])
}

func (d *columnData) appendRaw(dst []byte, lo, hi int) []byte {
	switch d.typ.Kind.Physical() {
	case catalog.PhysFloat32:
		for _, x := range d.f32[lo:hi] {
			dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(x))
		}
	case catalog.PhysFloat64:
		for _, x := range d.f64[lo:hi] {
			dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(x))
		}
	case catalog.PhysInt32:
		dst = encoding.AppendInts(dst, 4, d.i64[lo:hi])
	default:
		dst = encoding.AppendInts(dst, 8, d.i64[lo:hi])
	}
	return dst
}

func (b *builder) writeDict(meta *segment.ColumnMeta, p *valuePlan) error {
	if p.numbers != nil {
		return b.section(meta, segment.RoleDict, encoding.AppendNumbers(nil, p.numbers))
	}
	b.w.Begin()
	for id := range p.texts.Len() {
		if _, err := b.w.Write(p.texts.At(uint32(id))); err != nil {
			return err
		}
	}
	s, err := b.w.End(segment.RoleDict)
	if err != nil {
		return err
	}
	meta.Sections = append(meta.Sections, s)
	return b.section(meta, segment.RoleDictOffsets, p.texts.AppendOffsets(nil))
}
