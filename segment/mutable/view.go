package mutable

import (
	"sync"
	"sync/atomic"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/segment"
)

// view is the first rows of a segment. What it tells of a column is exact for these rows: it is computed from the
// statistics of full blocks and the rows after them, at first use.
type view struct {
	segment *Segment
	rows    int
	columns []atomic.Pointer[columnView] // made at first use, the same for all callers
}

var _ segment.View = (*view)(nil)

// Name implements segment.View.
func (v *view) Name() string { return v.segment.name }

// Rows implements segment.View.
func (v *view) Rows() int { return v.rows }

// Consuming implements segment.View.
func (v *view) Consuming() bool { return true }

// TimeRange implements segment.View. Rows without a time or with an implausible one do not take part: one such row must
// not keep a segment for ever, or drop it at once.
func (v *view) TimeRange() (minMillis, maxMillis int64, ok bool) {
	s := v.segment
	if s.timeColumn < 0 || v.rows == 0 {
		return 0, 0, false
	}
	column := v.column(s.timeColumn)
	stats := column.Stats()
	if !stats.HasRange {
		return 0, 0, false
	}
	minMillis, minOK := s.timeUnit.plausible(stats.Min.I64)
	maxMillis, maxOK := s.timeUnit.plausible(stats.Max.I64)
	if minOK && maxOK {
		return minMillis, maxMillis, true
	}
	return column.plausibleRange(s.timeUnit)
}

// plausibleRange looks at every value.
func (c *columnView) plausibleRange(unit timeUnit) (minMillis, maxMillis int64, found bool) {
	var block vec.Vector
	for b := range segment.Blocks(c.rows) {
		if err := c.Block(b, &block); err != nil { // blocks of the view exist: a range that is not known is the safe answer
			return 0, 0, false
		}
		for i := range block.Len {
			value := block.At(i)
			ms, ok := unit.plausible(value.I64)
			switch {
			case value.Null || !ok:
			case !found:
				minMillis, maxMillis, found = ms, ms, true
			default:
				minMillis, maxMillis = min(minMillis, ms), max(maxMillis, ms)
			}
		}
	}
	return minMillis, maxMillis, found
}

// Column implements segment.View.
func (v *view) Column(name string) (segment.Column, bool) {
	i, ok := v.segment.byName[name]
	if !ok {
		return nil, false
	}
	return v.column(i), true
}

func (v *view) column(i int) *columnView {
	if c := v.columns[i].Load(); c != nil {
		return c
	}
	column := v.segment.columns[i]
	c := &columnView{column: column, chunks: *column.directory.Load(), rows: v.rows}
	if !v.columns[i].CompareAndSwap(nil, c) {
		return v.columns[i].Load()
	}
	return c
}

// columnView is one column of a view.
type columnView struct {
	column *column
	chunks []*chunk
	rows   int

	measured sync.Once
	total    blockMeta // over all rows, valid after measured
	dict     *vec.Dict
}

var _ segment.Column = (*columnView)(nil)

// measure fills total and dict.
func (c *columnView) measure() {
	c.measured.Do(func() {
		full := c.rows / vec.BlockRows
		for b := range full {
			number, within := chunkOf(b)
			c.total.add(&c.chunks[number].meta[within])
		}
		if rest := c.rows % vec.BlockRows; rest > 0 {
			number, within := chunkOf(full)
			m := c.column.measure(c.chunks[number], within, rest)
			c.total.add(&m)
		}
		if c.coded() && c.total.codes > 0 {
			c.dict = c.column.dict.first(c.total.codes)
		}
	})
}

// coded tells whether all rows are in chunks with codes.
func (c *columnView) coded() bool {
	return c.column.dict != nil && int64(c.rows) <= c.column.rawFrom.Load()
}

// add widens m by another block.
func (m *blockMeta) add(o *blockMeta) {
	m.bounds.merge(o.bounds)
	m.nulls += o.nulls
	m.codes = max(m.codes, o.codes)
}

// Type implements segment.Column.
func (c *columnView) Type() catalog.Type { return c.column.typ }

// Dict implements segment.Column. It has exactly the values of the view's rows; nil where all of them are NULL.
func (c *columnView) Dict() *vec.Dict {
	if !c.coded() {
		return nil
	}
	c.measure()
	return c.dict
}

// Stats implements segment.Column. Everything is exact for the view's rows.
func (c *columnView) Stats() segment.Stats {
	c.measure()
	s := segment.Stats{
		NullCount: c.total.nulls,
		HasRange:  c.total.bounds.some && !c.total.bounds.nan,
		Sorted:    c.rows > 0 && int64(c.rows) <= c.column.sortedRows.Load(),
	}
	if s.HasRange {
		b := &c.total.bounds
		s.Min, s.Max = c.column.value(b.minI, b.minF), c.column.value(b.maxI, b.maxF)
	}
	if c.dict != nil {
		s.Distinct = c.dict.Len
	}
	return s
}

// Zone implements segment.Column: known for full blocks of numbers, times and booleans.
func (c *columnView) Zone(b int) segment.Zone {
	if b < 0 || (b+1)*vec.BlockRows > c.rows {
		return segment.Zone{}
	}
	number, within := chunkOf(b)
	return c.chunks[number].meta[within].zone(c.column)
}

// Block implements segment.Column. Numbers, codes and offsets alias the segment; texts are new headers of aliased
// bytes; booleans and null bitmaps are made in out.
func (c *columnView) Block(b int, out *vec.Vector) error {
	n := min(c.rows-b*vec.BlockRows, vec.BlockRows)
	if b < 0 || n <= 0 {
		return errs.Bug("block %d of column %q does not exist in a view of %d rows", b, c.column.name, c.rows)
	}
	number, within := chunkOf(b)
	ch := c.chunks[number]
	lo := within * vec.BlockRows
	rows := ch.values.Load()
	if c.column.typ.MultiValue {
		out.Reset(c.column.typ, 0)
		out.Len = n
		out.Offsets = ch.blockOffsets(within)[: n+1 : n+1]
		elements := int(out.Offsets[n])
		if elements == 0 {
			out.Elems.Reset(c.column.typ.Elem(), 0)
		} else {
			c.values(ch.elems[within].Load(), ch.layout, 0, elements, out.Elems)
		}
		setNulls(out, rows.nulls, lo, n)
		return nil
	}
	c.values(rows, ch.layout, lo, n, out)
	return nil
}

// values makes out the n values of r from lo on.
func (c *columnView) values(r *run, l layout, lo, n int, out *vec.Vector) {
	t := c.column.typ.Elem()
	hi := lo + n
	switch l {
	case layoutBool:
		out.Reset(t, n)
		packBits(out.Bits, r.bools[lo:hi])
	case layoutText:
		out.Reset(t, n)
		c.column.pages.decode(r.ends[lo:hi+1], out.Str)
	case layoutCode:
		c.codedValues(r.codes[lo:hi:hi], out)
	default:
		out.Reset(t, 0)
		out.Len = n
		switch l {
		case layoutI32:
			out.I32 = r.i32[lo:hi:hi]
		case layoutI64:
			out.I64 = r.i64[lo:hi:hi]
		case layoutF32:
			out.F32 = r.f32[lo:hi:hi]
		case layoutF64:
			out.F64 = r.f64[lo:hi:hi]
		}
	}
	setNulls(out, r.nulls, lo, n)
}

// codedValues gives codes with their dictionary. Where the column has none as a whole, later chunks being raw or all
// values NULL, it gives texts: a reader that asked Dict meets no codes.
func (c *columnView) codedValues(codes []uint32, out *vec.Vector) {
	t := c.column.typ.Elem()
	if d := c.Dict(); d != nil {
		out.Reset(t, 0)
		out.Form, out.Len, out.U32, out.Dict = vec.FormDict, len(codes), codes, d
		return
	}
	out.Reset(t, len(codes))
	d := c.column.dict.published.Load()
	if d.Len == 0 {
		clear(out.Str)
		return
	}
	for i, code := range codes {
		out.Str[i] = d.Str(code)
	}
}

// setNulls makes the null bitmap of out, nil where there are no NULLs.
func setNulls(out *vec.Vector, nulls []uint8, lo, n int) {
	if nulls == nil || countOnes(nulls, lo, lo+n) == 0 {
		return
	}
	packBits(out.MutableNulls(), nulls[lo:lo+n])
}
