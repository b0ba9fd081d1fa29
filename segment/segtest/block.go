package segtest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/segment"
)

// Block implements segment.Column.
func (c *column) Block(b int, out *vec.Vector) error {
	from := b * vec.BlockRows
	rows := c.values[from:min(from+vec.BlockRows, len(c.values))]
	if !c.typ.MultiValue {
		c.fill(rows, from, out)
		return nil
	}
	skip := 0
	for _, x := range c.values[:from] {
		skip += len(x.Elems)
	}
	var elems []catalog.Value
	out.Reset(c.typ, len(rows))
	for i, x := range rows {
		if x.Null {
			out.SetNull(i)
		} else {
			elems = append(elems, x.Elems...)
		}
		out.Offsets[i+1] = uint32(len(elems))
	}
	ec := &column{typ: c.typ.Elem(), values: elems, dict: c.dict, ids: c.ids}
	ec.fill(elems, skip, out.Elems)
	return nil
}

// fill writes single values; ids of the first one are at from.
func (c *column) fill(rows []catalog.Value, from int, out *vec.Vector) {
	if c.dict == nil {
		fillFlat(c.typ, rows, out)
		return
	}
	out.Alias(c.typ, vec.FormDict, len(rows))
	out.Dict = c.dict
	out.U32 = c.ids[from : from+len(rows) : from+len(rows)]
	setNulls(rows, out)
}

func setNulls(rows []catalog.Value, out *vec.Vector) {
	for i, x := range rows {
		if x.Null {
			out.SetNull(i)
		}
	}
}

func fillFlat(t catalog.Type, rows []catalog.Value, out *vec.Vector) {
	size := 0
	for _, x := range rows {
		size += len(x.Str)
	}
	out.Reset(t, len(rows))
	text := out.OwnBytes(size)
	at := 0
	for i, x := range rows {
		switch t.Kind.Physical() {
		case catalog.PhysInt32:
			out.I32[i] = int32(x.I64)
		case catalog.PhysInt64:
			out.I64[i] = x.I64
		case catalog.PhysFloat32:
			out.F32[i] = float32(x.F64)
		case catalog.PhysFloat64:
			out.F64[i] = x.F64
		case catalog.PhysBits:
			if x.I64 != 0 && !x.Null {
				out.Bits.Set(i)
			}
		case catalog.PhysString:
			n := copy(text[at:], x.Str)
			out.Str[i] = unsafe.String(unsafe.SliceData(text[at:]), n)
			at += n
		}
	}
	setNulls(rows, out)
}

// Zone implements segment.Column, without string ids.
func (c *column) Zone(b int) segment.Zone {
	from := b * vec.BlockRows
	rows := c.values[from:min(from+vec.BlockRows, len(c.values))]
	part := &column{typ: c.typ, values: rows}
	part.measure()
	z := segment.Zone{NullCount: part.stats.NullCount}
	if z.NullCount == len(rows) {
		z.Known, z.AllNull = true, true
		return z
	}
	if !part.stats.HasRange || c.typ.Kind.Physical() == catalog.PhysString {
		return segment.Zone{}
	}
	z.Known = true
	z.MinI64, z.MaxI64, z.MinF64, z.MaxF64 = part.stats.Min.I64, part.stats.Max.I64, part.stats.Min.F64, part.stats.Max.F64
	return z
}

// ReadColumn gives all values of a column of any view, read block by block into one reused vector. Strings are copies.
func ReadColumn(t testing.TB, v segment.View, name string) []catalog.Value {
	t.Helper()
	c, ok := v.Column(name)
	if !ok {
		t.Fatalf("%s has no column %s", v.Name(), name)
	}
	var values []catalog.Value
	var out vec.Vector
	for b := range segment.Blocks(v.Rows()) {
		if err := c.Block(b, &out); err != nil {
			t.Fatalf("%s column %s block %d: %v", v.Name(), name, b, err)
		}
		if want := min(vec.BlockRows, v.Rows()-b*vec.BlockRows); out.Len != want {
			t.Fatalf("%s column %s block %d has %d rows, want %d", v.Name(), name, b, out.Len, want)
		}
		checkBits(t, name, &out)
		for i := range out.Len {
			values = append(values, clone(out.At(i)))
		}
	}
	return values
}

// checkBits checks that bitmaps have their length and no bits past it.
func checkBits(t testing.TB, name string, v *vec.Vector) {
	t.Helper()
	for _, bits := range []vec.Bitmap{v.Nulls, v.Bits} {
		if bits == nil {
			continue
		}
		trimmed := slices.Clone(bits)
		trimmed.Trim(v.Len)
		if len(bits) != vec.Words(v.Len) || trimmed.Count() != bits.Count() {
			t.Fatalf("column %s: a bitmap of %d words for %d values, %d of %d bits past the end", name, len(bits), v.Len,
				bits.Count()-trimmed.Count(), bits.Count())
		}
	}
	if v.Elems != nil {
		checkBits(t, name, v.Elems)
	}
}

func clone(x catalog.Value) catalog.Value {
	x.Str = strings.Clone(x.Str)
	for i := range x.Elems {
		x.Elems[i] = clone(x.Elems[i])
	}
	return x
}

// diffRows is how many rows DiffValues shows from the first different one on.
const diffRows = 5

// DiffValues compares rows exactly: floats by bits, empty strings unlike NULL. It gives "" where they are equal, else the
// difference from the first row that differs.
func DiffValues(want, got []catalog.Value) string {
	if len(want) != len(got) {
		return fmt.Sprintf("%d rows, want %d", len(got), len(want))
	}
	for i := range want {
		if !same(want[i], got[i]) {
			end := min(i+diffRows, len(want))
			return fmt.Sprintf("from row %d: %s", i, cmp.Diff(normal(want[i:end]), normal(got[i:end])))
		}
	}
	return ""
}

// same reports whether two values are equal to the bit.
func same(a, b catalog.Value) bool {
	if a.Type != b.Type || a.Null != b.Null {
		return false
	}
	if a.Null {
		return true
	}
	return a.I64 == b.I64 && math.Float64bits(a.F64) == math.Float64bits(b.F64) && a.Str == b.Str &&
		slices.EqualFunc(a.Elems, b.Elems, same)
}

// plain is a value in a form that cmp compares bit by bit.
type plain struct {
	Kind  string
	Null  bool
	I64   int64
	F64   uint64
	Str   string
	Elems []plain
}

func normal(values []catalog.Value) []plain {
	out := make([]plain, 0, len(values))
	for _, x := range values {
		p := plain{Kind: x.Type.String(), Null: x.Null}
		if !x.Null {
			p.I64, p.F64, p.Str = x.I64, math.Float64bits(x.F64), x.Str
			p.Elems = normal(x.Elems)
		}
		out = append(out, p)
	}
	return out
}
