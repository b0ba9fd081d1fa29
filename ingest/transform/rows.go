package transform

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
)

// Plausible event times, Pinot's bounds: 1971 to 2071.
var (
	minPlausible = time.Date(1971, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	maxPlausible = time.Date(2071, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
)

// timeColumn is how the time column counts: its value times unit is milliseconds. unit 0: no numbers (a text format).
type timeColumn struct {
	index int // -1: none
	unit  float64
}

func (p *Pipeline) setTime(s *catalog.Schema, name string) error {
	p.time = timeColumn{index: s.Index(name)}
	if p.time.index < 0 {
		return nil
	}
	f := s.Fields[p.time.index]
	switch f.Type.Kind {
	case catalog.KindTimestamp:
		p.time.unit = 1
	case catalog.KindInt, catalog.KindLong:
		unit, ok := catalog.EpochUnit(f.Format)
		if ok {
			p.time.unit = float64(unit) / float64(time.Millisecond)
		}
	case catalog.KindString:
	default:
		return errs.User(errs.InvalidParameterValue, "time column %q is %s, want TIMESTAMP, LONG, INT or STRING", name, f.Type)
	}
	return nil
}

// finishTime gives rows without a time the record's, and counts times that cannot be right.
func (p *Pipeline) finishTime() {
	if p.time.index < 0 || p.time.unit == 0 || p.work.Rows == 0 {
		return
	}
	v := p.work.Cols[p.time.index]
	if v.HasNulls() {
		out := &p.owned[p.time.index]
		if v != out {
			v.Gather(nil, out)
			v = out
			p.work.Cols[p.time.index] = v
		}
		for row := range v.Len {
			if v.IsNull(row) {
				setTime(v, row, int64(float64(p.now[row])/p.time.unit))
			}
		}
		v.Nulls = nil
	}
	for row := range v.Len {
		millis := v.Int64At(row)
		if p.time.unit != 1 {
			x := float64(millis) * p.time.unit
			if millis = math.MinInt64; math.Abs(x) < math.MaxInt64 {
				millis = int64(x)
			}
		}
		if millis < minPlausible || millis >= maxPlausible {
			p.rows.ImplausibleTimes++
			if p.rowTimeCheck {
				p.fail(row, fmt.Errorf("time column %q: %d is outside 1971 to 2071", p.schema.Fields[p.time.index].Name, v.Int64At(row)))
			}
		} else if p.bad[row] == nil && millis > p.rows.NewestMillis {
			p.rows.NewestMillis = millis
		}
	}
}

func setTime(v *vec.Vector, row int, value int64) {
	if v.I32 != nil {
		v.I32[row] = int32(value)
	} else {
		v.I64[row] = value
	}
}

// notNull stores the default where a column that has no NULLs got none.
func (p *Pipeline) notNull() {
	for i := range p.schema.Fields {
		f := &p.schema.Fields[i]
		v := p.work.Cols[i]
		if !f.NotNull || !v.HasNulls() {
			continue
		}
		var constant, out vec.Vector
		constant.SetConst(f.Default, v.Len)
		out.Reset(f.Type, 0)
		mix(&out, v, &constant)
		out.Nulls = nil
		p.owned[i] = out
		p.work.Cols[i] = &p.owned[i]
	}
}

// rejectRows reports rows that failed.
func (p *Pipeline) rejectRows(first int) {
	if !p.hasBad {
		return
	}
	for row, err := range p.bad {
		if err != nil && err != error(errFiltered) {
			p.rows.Rejects = append(p.rows.Rejects, ingest.Reject{Record: first + int(p.records[row]), Reason: err})
		}
	}
}

// emit adds the chunk's good rows to the result; the only chunk of a call is given without copying where all are good.
func (p *Pipeline) emit(only bool) {
	n := len(p.schema.Fields)
	p.sel = p.sel[:0]
	for row := range p.work.Rows {
		if p.bad[row] == nil {
			p.sel = append(p.sel, uint16(row))
			p.rows.Offsets = append(p.rows.Offsets, p.recs[p.records[row]].Offset)
			p.rows.Ordinals = append(p.rows.Ordinals, p.ordinal[row])
		}
	}
	p.rows.Batch.Rows += len(p.sel)
	all := len(p.sel) == p.work.Rows
	if only && all {
		p.rows.Batch.Cols = p.work.Cols[:n:n]
		return
	}
	if p.rows.Batch.Cols == nil {
		p.rows.Batch.Cols = make([]*vec.Vector, n)
		for i := range n {
			p.out[i].Reset(p.schema.Fields[i].Type, 0)
			p.rows.Batch.Cols[i] = &p.out[i]
		}
	}
	for i := range n {
		p.work.Cols[i].Gather(p.sel, &p.scratch[0])
		appendRows(p.rows.Batch.Cols[i], &p.scratch[0])
		ownText(p.rows.Batch.Cols[i], len(p.sel))
	}
}

// ownText copies text that lies in a decoder's arena, which the next chunk reuses.
func ownText(v *vec.Vector, last int) {
	if v.Elems != nil {
		from := v.Offsets[v.Len-last]
		for i := int(from); i < v.Elems.Len && v.Elems.Str != nil; i++ {
			v.Elems.Str[i] = strings.Clone(v.Elems.Str[i])
		}
		return
	}
	for i := v.Len - last; i < v.Len && v.Str != nil; i++ {
		v.Str[i] = strings.Clone(v.Str[i])
	}
}

// appendRows adds the rows of src, flat, to dst, flat, of the same type.
func appendRows(dst, src *vec.Vector) {
	n := dst.Len
	nulls := dst.Nulls
	dst.I32, dst.I64 = append(dst.I32, src.I32...), append(dst.I64, src.I64...)
	dst.F32, dst.F64 = append(dst.F32, src.F32...), append(dst.F64, src.F64...)
	dst.Str = append(dst.Str, src.Str...)
	dst.Len += src.Len
	if src.Bits != nil || dst.Type.Kind == catalog.KindBoolean && !dst.Type.MultiValue {
		bits := vec.NewBitmap(dst.Len)
		copy(bits, dst.Bits)
		for i := range src.Len {
			if src.Bits.Get(i) {
				bits.Set(n + i)
			}
		}
		dst.Bits = bits
	}
	if nulls != nil || src.HasNulls() {
		grown := vec.NewBitmap(dst.Len)
		copy(grown, nulls)
		for i := range src.Len {
			if src.IsNull(i) {
				grown.Set(n + i)
			}
		}
		dst.Nulls = grown
	}
	if src.Elems == nil {
		return
	}
	base := uint32(dst.Elems.Len)
	for i := range src.Len {
		dst.Offsets = append(dst.Offsets, base+src.Offsets[i+1])
	}
	appendRows(dst.Elems, src.Elems)
}

// conform makes arrays of single values, or single values of arrays of one. Longer arrays fail their row.
func conform(in, out *vec.Vector, toArray bool, fail func(row int, err error)) {
	n := in.Len
	if toArray {
		out.Reset(in.Type.Array(), n)
		for i := range n {
			step := uint32(1)
			if in.IsNull(i) {
				out.SetNull(i)
				step = 0
			}
			out.Offsets[i+1] = out.Offsets[i] + step
		}
		out.Elems.Reset(in.Type, int(out.Offsets[n]))
		for i := range n {
			if !in.IsNull(i) {
				out.Elems.CopyRow(int(out.Offsets[i]), in, i)
			}
		}
		return
	}
	out.Reset(in.Type.Elem(), n)
	clear(out.Str)
	for i := range n {
		from, to := in.Offsets[i], in.Offsets[i+1]
		switch {
		case in.IsNull(i) || from == to:
			out.SetNull(i)
		case to-from == 1:
			out.CopyRow(i, in.Elems, int(from))
		default:
			out.SetNull(i)
			fail(i, fmt.Errorf("got an array of %d values, want one", to-from))
		}
	}
}

// mix gives a's row where it is not NULL, else b's. Both have out's type; out is none of them.
func mix(out, a, b *vec.Vector) {
	n := a.Len
	t := b.Type
	out.Reset(t, n)
	pick := func(i int) *vec.Vector {
		if a.IsNull(i) {
			return b
		}
		return a
	}
	if !t.MultiValue {
		clear(out.Str)
		for i := range n {
			out.CopyRow(i, pick(i), i)
		}
		return
	}
	at := func(v *vec.Vector, i int) (uint32, uint32) {
		if v.Form == vec.FormConst {
			i = 0
		}
		return v.Offsets[i], v.Offsets[i+1]
	}
	for i := range n {
		v := pick(i)
		from, to := at(v, i)
		if v.IsNull(i) {
			out.SetNull(i)
			from = to
		}
		out.Offsets[i+1] = out.Offsets[i] + to - from
	}
	out.Elems.Reset(t.Elem(), int(out.Offsets[n]))
	for i := range n {
		v := pick(i)
		from, _ := at(v, i)
		for e := out.Offsets[i]; e < out.Offsets[i+1]; e++ {
			out.Elems.CopyRow(int(e), v.Elems, int(from+e-out.Offsets[i]))
		}
	}
}

// trim cuts computed text at the column's longest.
func trim(v *vec.Vector, limit int) {
	if v.Elems != nil {
		v = v.Elems
	}
	if limit <= 0 || v.Type.Kind != catalog.KindString {
		return
	}
	for i, s := range v.Str {
		if len(s) <= limit || v.IsNull(i) || utf8.RuneCountInString(s) <= limit {
			continue
		}
		end := 0
		for range limit {
			_, size := utf8.DecodeRuneInString(s[end:])
			end += size
		}
		v.Str[i] = s[:end]
	}
}
