package build

import (
	"encoding/binary"

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
	plan, err := b.plan(s, meta)
	if err != nil {
		return err
	}
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
	floats   encoding.Zone // the range of floats
	scale    int
	texts    encoding.TextDict
	numbers  []uint64 // sorted dictionary of numbers
}

// plan chooses the form and fills in the statistics that the values in memory give.
func (b *builder) plan(s source, meta *segment.ColumnMeta) (p *valuePlan, err error) {
	d := &b.data
	p = &valuePlan{}
	m := encoding.Measures{Kind: d.typ.Kind, Slots: d.slots, Values: d.slots - d.nullCount, NoDictionary: s.noDictionary}
	var rank []uint32
	switch d.typ.Kind.Physical() {
	case catalog.PhysString:
		if m.Values > 0 && !d.textsFull && (d.typ.Kind != catalog.KindBigDecimal || d.allDecimals()) {
			m.Distinct, m.DictText = d.texts.Len(), d.texts.Bytes()
		}
	case catalog.PhysInt32, catalog.PhysInt64:
		p.min, p.max = d.measureInts()
		m.Min, m.Max = p.min, p.max
		if limit := encoding.UsefulDistinct(m); m.Values > 0 && !m.NoDictionary && limit > 0 {
			if m.Distinct, p.numbers, rank, err = d.countInts(limit); err != nil {
				return nil, err
			}
		}
	case catalog.PhysFloat32, catalog.PhysFloat64:
		p.floats = d.measureFloats()
		if scales, ok := d.scales(); ok && m.Values > 0 {
			m.Scaled, m.Min, m.Max = true, scales.Min, scales.Max
			p.scale = scales.Scale
		}
		if limit := encoding.UsefulDistinct(m); m.Values > 0 && !m.NoDictionary && limit > 0 {
			if m.Distinct, p.numbers, rank, err = d.countFloats(limit); err != nil {
				return nil, err
			}
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
		d.rankIDs(rank)
	}
	if !d.multi && m.Values > 0 {
		d.stats(meta, p)
	}
	return p, nil
}

// stats fills range and order of a single-value column with at least one value; those of chunks come from writeChunks.
func (d *columnData) stats(meta *segment.ColumnMeta, p *valuePlan) {
	st := &meta.Stats
	switch d.typ.Kind.Physical() {
	case catalog.PhysInt32, catalog.PhysInt64:
		st.HasRange, st.Min.I64, st.Max.I64 = true, p.min, p.max
		st.Sorted = d.ascends()
	case catalog.PhysFloat32, catalog.PhysFloat64:
		st.HasRange = p.floats.Known
		st.Min.F64, st.Max.F64 = p.floats.Floats()
		st.Sorted = p.floats.Known && d.ascends()
	case catalog.PhysBits:
		z := d.bitZone(0, d.slots)
		st.HasRange, st.Min.I64, st.Max.I64 = true, z.Min, z.Max
		st.Sorted = d.ascends()
	case catalog.PhysString:
		if meta.Encoding != encoding.Dict {
			return
		}
		first, last := p.texts.At(0), p.texts.At(uint32(p.texts.Len()-1))
		if st.HasRange = max(len(first), len(last)) <= maxRangeText; st.HasRange {
			st.Min.Str, st.Max.Str = string(first), string(last)
		}
		st.Sorted = d.ascends()
	}
	if !st.HasRange {
		st.Min, st.Max = vec.Value{}, vec.Value{}
		return
	}
	st.Min.Type, st.Max.Type = d.typ, d.typ
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
		if err := b.yield(); err != nil {
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
		if err := b.writeCounts(meta); err != nil {
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
		dst = encoding.AppendWhole(dst, d.f32[lo:hi])
	case catalog.PhysFloat64:
		dst = encoding.AppendWhole(dst, d.f64[lo:hi])
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
	b.buf = b.buf[:0]
	for id := range p.texts.Len() {
		b.buf = append(b.buf, p.texts.At(uint32(id))...)
		if len(b.buf) < dictBytes && id < p.texts.Len()-1 {
			continue
		}
		if _, err := b.w.Write(b.buf); err != nil {
			return err
		}
		if err := b.yield(); err != nil {
			return err
		}
		b.buf = b.buf[:0]
	}
	s, err := b.w.End(segment.RoleDict)
	if err != nil {
		return err
	}
	meta.Sections = append(meta.Sections, s)
	return b.section(meta, segment.RoleDictOffsets, p.texts.AppendOffsets(nil))
}

// Values are counted where they are few: queries that count rows by them need not read the rows then, and the counts take little.
const (
	maxCounted   = 4096
	countedSlots = 16 // a value has so many on average
)

// writeCounts writes how many rows have each value of the dictionary.
func (b *builder) writeCounts(meta *segment.ColumnMeta) error {
	d := &b.data
	if d.multi || meta.Stats.Distinct > maxCounted || meta.Stats.Distinct > d.slots/countedSlots {
		return nil
	}
	counts := make([]uint32, meta.Stats.Distinct)
	for i, id := range d.ids {
		if d.nullCount == 0 || !d.isNull(i) {
			counts[id]++
		}
	}
	meta.DictCounts = true
	return b.section(meta, segment.RoleCounts, encoding.AppendWhole(nil, counts))
}

// dictBytes is how much text of a dictionary is written at once.
const dictBytes = 64 << 10
