package mutable

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/offheap"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/segment"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// allTypes is a schema with every stored kind, single and multi-value, named by its type.
func allTypes() *catalog.Schema {
	var fields []catalog.Field
	for kind := catalog.KindInvalid; kind < catalog.KindCount; kind++ {
		if !kind.Stored() {
			continue
		}
		for _, t := range []catalog.Type{{Kind: kind}, {Kind: kind, MultiValue: true}} {
			fields = append(fields, catalog.Field{Name: t.String(), Type: t})
		}
	}
	fields = append(fields, catalog.Field{Name: "unique", Type: catalog.String}, catalog.Field{Name: "uniques", Type: catalog.String.Array()},
		catalog.Field{Name: "raw", Type: catalog.String}, catalog.Field{Name: "ts", Type: catalog.Timestamp})
	return catalog.NewSchema("all", fields)
}

func allTypesTable() *catalog.Table {
	return &catalog.Table{Name: "all", TimeColumn: "ts", Index: catalog.Index{NoDictionary: map[string]bool{"raw": true}}}
}

// ledger holds what was appended, as plain values.
type ledger struct {
	rng     *rand.Rand
	schema  *catalog.Schema
	rows    [][]vec.Value // by column
	offsets []int64
	count   int
	nulls   float64
}

func newLedger(seed uint64, s *catalog.Schema, nulls float64) *ledger {
	return &ledger{rng: rand.New(rand.NewPCG(seed, 1)), schema: s, rows: make([][]vec.Value, len(s.Fields)), nulls: nulls}
}

func (l *ledger) scalar(f *catalog.Field) vec.Value {
	v := vec.Value{Type: f.Type.Elem()}
	if l.rng.Float64() < l.nulls {
		v.Null = true
		return v
	}
	switch f.Type.Kind.Physical() {
	case catalog.PhysInt32:
		v.I64 = int64(int32(l.rng.Uint32())) >> l.rng.IntN(31)
	case catalog.PhysInt64:
		v.I64 = int64(l.rng.Uint64()) >> l.rng.IntN(63)
		if f.Name == "ts" {
			v.I64 = 1_700_000_000_000 + l.rng.Int64N(1e9)
		}
	case catalog.PhysFloat32:
		v.F64 = float64(float32(l.rng.NormFloat64()))
	case catalog.PhysFloat64:
		v.F64 = l.rng.NormFloat64()
	case catalog.PhysBits:
		v.I64 = int64(l.rng.IntN(2))
	case catalog.PhysString:
		v.Str = l.text(f)
	}
	return v
}

func (l *ledger) text(f *catalog.Field) string {
	switch {
	case strings.HasPrefix(f.Name, "unique"):
		return fmt.Sprintf("unique value %d", l.rng.Uint64())
	case l.rng.IntN(100) == 0:
		return ""
	case l.rng.IntN(5000) == 0:
		return strings.Repeat("long", 1+l.rng.IntN(20000))
	default:
		return fmt.Sprint(l.rng.IntN(300))
	}
}

func (l *ledger) value(f *catalog.Field) vec.Value {
	if !f.Type.MultiValue {
		return l.scalar(f)
	}
	v := vec.Value{Type: f.Type}
	if l.rng.Float64() < l.nulls {
		v.Null = true
		return v
	}
	for range l.rng.IntN(4) {
		v.Elems = append(v.Elems, l.scalar(f))
	}
	return v
}

// batch makes n random rows in random forms and notes them; forget drops them again.
func (l *ledger) batch(n int) (*vec.Batch, []int64, []int32) {
	b := &vec.Batch{Rows: n}
	for i := range l.schema.Fields {
		f := &l.schema.Fields[i]
		form := l.rng.IntN(6)
		var v vec.Vector
		switch {
		case form == 0:
			x := l.value(f)
			v.SetConst(x, n)
			for range n {
				l.rows[i] = append(l.rows[i], x)
			}
		default:
			values := make([]vec.Value, n)
			for j := range values {
				values[j] = l.value(f)
			}
			l.rows[i] = append(l.rows[i], values...)
			v = flat(f.Type, values)
			if form == 1 && !f.Type.MultiValue && f.Type.Kind.Physical() == catalog.PhysString {
				v = coded(f.Type, values)
			}
		}
		b.Cols = append(b.Cols, &v)
	}
	offsets, ordinals := make([]int64, n), make([]int32, n)
	for j := range n {
		offsets[j], ordinals[j] = int64(l.count+j)*3+7, int32(j%5)
	}
	l.offsets = append(l.offsets, offsets...)
	l.count += n
	return b, offsets, ordinals
}

func (l *ledger) forget(n int) {
	l.count -= n
	for i := range l.rows {
		l.rows[i] = l.rows[i][:l.count]
	}
	l.offsets = l.offsets[:l.count]
}

// flat makes a flat vector; rows that are NULL keep elements and values that may never be seen.
func flat(t catalog.Type, values []vec.Value) vec.Vector {
	var v vec.Vector
	v.Reset(t, len(values))
	if !t.MultiValue {
		fill(&v, values)
		return v
	}
	var elems []vec.Value
	for i, x := range values {
		if x.Null {
			elems = append(elems, vec.Value{Type: t.Elem(), Str: "never seen", I64: 1, F64: 2})
			v.SetNull(i)
		}
		elems = append(elems, x.Elems...)
		v.Offsets[i+1] = uint32(len(elems))
	}
	v.Elems.Reset(t.Elem(), len(elems))
	fill(v.Elems, elems)
	return v
}

func fill(v *vec.Vector, values []vec.Value) {
	for i, x := range values {
		switch v.Type.Kind.Physical() {
		case catalog.PhysInt32:
			v.I32[i] = int32(x.I64)
		case catalog.PhysInt64:
			v.I64[i] = x.I64
		case catalog.PhysFloat32:
			v.F32[i] = float32(x.F64)
		case catalog.PhysFloat64:
			v.F64[i] = x.F64
		case catalog.PhysBits:
			if x.I64 != 0 {
				v.Bits.Set(i)
			}
		case catalog.PhysString:
			v.Str[i] = x.Str
			if x.Null {
				v.Str[i] = "never seen"
			}
		}
		if x.Null {
			v.SetNull(i)
		}
	}
}

// coded makes a vector in dictionary form.
func coded(t catalog.Type, values []vec.Value) vec.Vector {
	d := &vec.Dict{Kind: t.Kind, Offsets: []uint32{0}}
	v := vec.Vector{Type: t, Form: vec.FormDict, Len: len(values), Dict: d}
	for i, x := range values {
		d.Data = append(d.Data, x.Str...)
		d.Offsets = append(d.Offsets, uint32(len(d.Data)))
		d.Len++
		v.U32 = append(v.U32, uint32(i))
		if x.Null {
			v.SetNull(i)
		}
	}
	return v
}

// check compares a view with the ledger's first rows: values, statistics, zones, dictionaries.
func (l *ledger) check(t *testing.T, v segment.View, rows int) {
	t.Helper()
	if v.Rows() != rows {
		t.Fatalf("view has %d rows, want %d", v.Rows(), rows)
	}
	for i := range l.schema.Fields {
		c, ok := v.Column(l.schema.Fields[i].Name)
		if !ok {
			t.Fatalf("no column %q", l.schema.Fields[i].Name)
		}
		l.checkColumn(t, c, l.schema.Fields[i], l.rows[i][:rows])
	}
	c, _ := v.Column(segment.OffsetColumn)
	var out vec.Vector
	for b := range segment.Blocks(rows) {
		if err := c.Block(b, &out); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(l.offsets[b*vec.BlockRows:min(rows, (b+1)*vec.BlockRows)], out.I64); diff != "" {
			t.Fatal(diff)
		}
	}
}

func (l *ledger) checkColumn(t *testing.T, c segment.Column, f catalog.Field, want []vec.Value) {
	t.Helper()
	var out vec.Vector
	for b := range segment.Blocks(len(want)) {
		if err := c.Block(b, &out); err != nil {
			t.Fatal(err)
		}
		if out.Type != f.Type || out.Len != min(vec.BlockRows, len(want)-b*vec.BlockRows) {
			t.Fatalf("column %q, block %d: type %v, %d rows", f.Name, b, out.Type, out.Len)
		}
		checkCodes(t, f.Name, c, &out)
		for i := range out.Len {
			if got, w := out.At(i), want[b*vec.BlockRows+i]; !equal(got, w) {
				t.Fatalf("column %q, row %d of %d: got %v, want %v", f.Name, b*vec.BlockRows+i, len(want), got, w)
			}
		}
	}
	checkStats(t, c, f, want)
}

func equal(a, b vec.Value) bool {
	if a.Null || b.Null {
		return a.Null == b.Null
	}
	if len(a.Elems) != len(b.Elems) || a.Type != b.Type {
		return false
	}
	for i := range a.Elems {
		if !equal(a.Elems[i], b.Elems[i]) {
			return false
		}
	}
	return a.I64 == b.I64 && a.Str == b.Str && (a.F64 == b.F64 || a.F64 != a.F64 && b.F64 != b.F64)
}

// checkCodes: a reader that asks Dict meets codes of exactly that dictionary, or none.
func checkCodes(t *testing.T, name string, c segment.Column, out *vec.Vector) {
	t.Helper()
	values := out
	if out.Type.MultiValue {
		values = out.Elems
	}
	if values.Len == 0 {
		return
	}
	d := c.Dict()
	if (d != nil) != (values.Form == vec.FormDict) || values.Dict != d {
		t.Fatalf("column %q: form %v, dictionary %v of the column, %v of the block", name, values.Form, d, values.Dict)
	}
	if d != nil {
		for i := range values.Len {
			if int(values.Code(i)) >= d.Len {
				t.Fatalf("column %q: code %d in a dictionary of %d", name, values.Code(i), d.Len)
			}
		}
	}
}

func checkStats(t *testing.T, c segment.Column, f catalog.Field, want []vec.Value) {
	t.Helper()
	s := c.Stats()
	if nulls := countNulls(want); s.NullCount != nulls {
		t.Fatalf("column %q: %d nulls, want %d", f.Name, s.NullCount, nulls)
	}
	distinct := map[string]bool{}
	for _, x := range want {
		for _, e := range append(x.Elems, x) {
			if !e.Null && !e.Type.MultiValue {
				distinct[e.Str] = true
			}
		}
	}
	if s.Distinct != 0 && s.Distinct != len(distinct) {
		t.Fatalf("column %q: %d distinct values, want %d", f.Name, s.Distinct, len(distinct))
	}
	if s.Distinct == 0 && c.Dict() != nil {
		t.Fatalf("column %q: no count of a dictionary of %d", f.Name, c.Dict().Len)
	}
	lo, hi, some := rangeOf(want)
	numeric := !f.Type.MultiValue && f.Type.Kind.Physical() != catalog.PhysString
	if s.HasRange != (some && numeric) {
		t.Fatalf("column %q: HasRange %v", f.Name, s.HasRange)
	}
	if s.HasRange && (!equal(s.Min, lo) || !equal(s.Max, hi)) {
		t.Fatalf("column %q: range %v to %v, want %v to %v", f.Name, s.Min, s.Max, lo, hi)
	}
	for b := range segment.Blocks(len(want)) {
		checkZone(t, c.Zone(b), f, want[b*vec.BlockRows:min(len(want), (b+1)*vec.BlockRows)])
	}
}

func checkZone(t *testing.T, z segment.Zone, f catalog.Field, want []vec.Value) {
	t.Helper()
	if !z.Known {
		if len(want) == vec.BlockRows && !f.Type.MultiValue && f.Type.Kind.Physical() != catalog.PhysString {
			t.Fatalf("column %q: nothing is known of a full block", f.Name)
		}
		return
	}
	lo, hi, some := rangeOf(want)
	if z.NullCount != countNulls(want) || z.AllNull != !some {
		t.Fatalf("column %q: zone %+v, want %d nulls", f.Name, z, countNulls(want))
	}
	if some && (z.MinI64 != lo.I64 || z.MaxI64 != hi.I64 || z.MinF64 != lo.F64 || z.MaxF64 != hi.F64) {
		t.Fatalf("column %q: zone %+v, want %v to %v", f.Name, z, lo, hi)
	}
}

func countNulls(values []vec.Value) int {
	n := 0
	for _, x := range values {
		if x.Null {
			n++
		}
	}
	return n
}

func rangeOf(values []vec.Value) (lo, hi vec.Value, some bool) {
	for _, x := range values {
		if x.Null {
			continue
		}
		if !some {
			lo, hi, some = x, x, true
		}
		lo.I64, hi.I64 = min(lo.I64, x.I64), max(hi.I64, x.I64)
		lo.F64, hi.F64 = math.Min(lo.F64, x.F64), math.Max(hi.F64, x.F64)
	}
	return lo, hi, some
}

func open(t *testing.T, cfg Config) (*Segment, *offheap.Allocator) {
	t.Helper()
	cfg.Allocator = offheap.NewAllocator(nil)
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if held, counted := s.Bytes(), cfg.Allocator.InUse(); held != counted && counted != 0 {
			t.Errorf("the segment says %d bytes, the allocator %d", held, counted)
		}
		s.Release()
		s.Release()
		if n := cfg.Allocator.InUse(); n != 0 {
			t.Errorf("%d bytes are still in use after Release", n)
		}
	})
	return s, cfg.Allocator
}
