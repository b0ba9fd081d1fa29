package build_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/build"
	"github.com/freshetdb/freshet/segment/immutable"
	"github.com/freshetdb/freshet/segment/segtest"
)

// kinds are all that a column can have.
var kinds = []catalog.Kind{catalog.KindInt, catalog.KindLong, catalog.KindFloat, catalog.KindDouble, catalog.KindBigDecimal,
	catalog.KindBoolean, catalog.KindTimestamp, catalog.KindString, catalog.KindJSON, catalog.KindBytes}

// scalar draws one value of a kind that is not NULL. narrow asks for few distinct ones.
func scalar(t *rapid.T, k catalog.Kind, narrow bool) catalog.Value {
	x := catalog.Value{Type: catalog.Type{Kind: k}}
	n := rapid.Int64()
	if narrow {
		n = rapid.Int64Range(-3, 40)
	}
	switch k {
	case catalog.KindInt:
		x.I64 = int64(int32(n.Draw(t, "int")))
	case catalog.KindLong, catalog.KindTimestamp:
		x.I64 = n.Draw(t, "long")
	case catalog.KindBoolean:
		x.I64 = rapid.Int64Range(0, 1).Draw(t, "bool")
	case catalog.KindFloat:
		x.F64 = float64(rapid.SampledFrom([]float32{0, 1.5, -2, 0.1, 123.45, math.MaxFloat32, float32(math.Inf(-1)), 1e-30}).Draw(t, "float"))
	case catalog.KindDouble:
		x.F64 = rapid.SampledFrom([]float64{0, 1.5, -2, 550.9, -0.07, 12.800001, 1e12, math.Inf(1), 1e300, 5e-324}).Draw(t, "double")
		if !narrow {
			x.F64 = rapid.SampledFrom([]float64{x.F64, math.NaN(), math.Copysign(0, -1)}).Draw(t, "odd")
		}
	case catalog.KindBigDecimal:
		x.Str = rapid.SampledFrom([]string{"0", "-1.50", "1.5", "1.50", "100", "99.999", "-0.001"}).Draw(t, "decimal")
	default:
		if narrow {
			x.Str = rapid.SampledFrom([]string{"", "a", "b", "ü", "\x00", "aa"}).Draw(t, "word")
		} else {
			x.Str = rapid.String().Draw(t, "text")
		}
	}
	return x
}

// column draws the values of a column.
func column(t *rapid.T, typ catalog.Type, rows int) []catalog.Value {
	nulls := rapid.SampledFrom([]int{0, 0, 30, 100}).Draw(t, "null percent")
	narrow := rapid.Bool().Draw(t, "narrow")
	pool := make([]catalog.Value, rapid.SampledFrom([]int{1, 2, 5, 5, 20}).Draw(t, "pool"))
	for i := range pool {
		pool[i] = scalar(t, typ.Kind, narrow)
	}
	step := rapid.IntRange(1, 7).Draw(t, "step")
	values := make([]catalog.Value, rows)
	for i := range values {
		switch {
		case (i*37+11)%100 < nulls:
			values[i] = catalog.NullValue(typ)
		case !typ.MultiValue:
			values[i] = pool[i*step%len(pool)]
		default:
			values[i] = catalog.Value{Type: typ}
			for e := range (i * step) % 5 {
				x := pool[(i+e)%len(pool)]
				if (i+e)*13%100 < nulls/2 {
					x = catalog.NullValue(typ.Elem())
				}
				values[i].Elems = append(values[i].Elems, x)
			}
		}
	}
	return values
}

func schemaOf(multi bool) *catalog.Schema {
	var fields []catalog.Field
	for _, k := range kinds {
		fields = append(fields, catalog.Field{Name: k.String(), Type: catalog.Type{Kind: k}})
		if multi {
			fields = append(fields, catalog.Field{Name: k.String() + "s", Type: catalog.Type{Kind: k, MultiValue: true}})
		}
	}
	return catalog.NewSchema("t", fields)
}

// must gives v, or ends the test.
func must[T any](t testing.TB, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

type tb interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// sealed writes and opens a segment.
func sealed(t tb, spec build.Spec, views ...segment.View) *immutable.Segment {
	t.Helper()
	fs := vfs.NewMem()
	info, err := build.Write(context.Background(), fs, "seg", spec, views...)
	if err != nil {
		t.Fatal(err)
	}
	s, err := immutable.Open(fs, "seg")
	if err != nil {
		t.Fatal(err)
	}
	if s.Info() != info {
		t.Fatalf("the file says %+v, its builder %+v", s.Info(), info)
	}
	return s
}

func TestRoundTrip(t *testing.T) {
	schema := schemaOf(true)
	rapid.Check(t, func(rt *rapid.T) {
		rows := rapid.SampledFrom([]int{0, 1, 63, 64, 65, 300, vec.BlockRows - 1, vec.BlockRows, vec.BlockRows + 1}).Draw(rt, "rows")
		if rows > 1000 && rapid.IntRange(0, 5).Draw(rt, "long") > 0 {
			rows = 100
		}
		columns := make([][]catalog.Value, len(schema.Fields))
		table := &catalog.Table{Index: catalog.Index{NoDictionary: map[string]bool{}}}
		for i, f := range schema.Fields {
			columns[i] = column(rt, f.Type, rows)
			table.Index.NoDictionary[f.Name] = rapid.IntRange(0, 3).Draw(rt, "no dictionary") == 0
		}
		v := segtest.NewView("v", schema, columns, segtest.WithHidden(100))
		s := sealed(rt, build.Spec{Name: "s", Schema: schema, TableConfig: table}, v)
		defer s.Release()
		for i, f := range schema.Fields {
			if d := segtest.DiffValues(columns[i], segtest.ReadColumn(t, s, f.Name)); d != "" {
				rt.Fatalf("%s (%d rows): %s", f.Name, rows, d)
			}
			checkColumn(rt, s, f.Name, columns[i], table.Index.NoDictionary[f.Name])
		}
		if rows > 0 {
			if got := segtest.ReadColumn(t, s, segment.OffsetColumn); got[rows-1].I64 != 99+int64(rows) {
				rt.Fatalf("offset of the last row is %v", got[rows-1])
			}
		}
		if err := s.Verify(context.Background()); err != nil {
			rt.Fatal(err)
		}
	})
}

// checkColumn compares statistics, zones and dictionary with the values.
func checkColumn(t tb, s segment.View, name string, values []catalog.Value, noDictionary bool) {
	c, _ := s.Column(name)
	st, d := c.Stats(), c.Dict()
	if noDictionary && d != nil {
		t.Fatalf("%s has a dictionary against the table's wish", name)
	}
	if (d == nil) != (st.Distinct == 0) {
		t.Fatalf("%s: %d distinct values, dictionary %v", name, st.Distinct, d != nil)
	}
	nulls, distinct := 0, map[string]bool{}
	for i, x := range values {
		z := c.Zone(i / vec.BlockRows)
		if x.Null {
			nulls++
			continue
		}
		if x.Type.MultiValue {
			for _, e := range x.Elems {
				if !e.Null {
					distinct[e.String()] = true
				}
			}
			continue
		}
		distinct[x.String()] = true
		checkZone(t, name, z, d, x)
		if st.HasRange && c.Type().Kind != catalog.KindBigDecimal && (segtest.Compare(st.Min, x) > 0 || segtest.Compare(st.Max, x) < 0) {
			t.Fatalf("%s: %v is outside of %v to %v", name, x, st.Min, st.Max)
		}
		if st.Sorted && i > 0 && c.Type().Kind != catalog.KindBigDecimal && segtest.Compare(values[i-1], x) > 0 {
			t.Fatalf("%s says that it is sorted, row %d is %v after %v", name, i, x, values[i-1])
		}
	}
	if st.NullCount != nulls {
		t.Fatalf("%s: %d NULLs, want %d", name, st.NullCount, nulls)
	}
	if d != nil && d.Len != len(distinct) {
		t.Fatalf("%s: dictionary of %d values, want %d", name, d.Len, len(distinct))
	}
}

func checkZone(t tb, name string, z segment.Zone, d *vec.Dict, x catalog.Value) {
	switch {
	case !z.Known:
	case z.AllNull:
		t.Fatalf("%s: %v lies in a block that claims to be NULL", name, x)
	case z.ByID:
		if d == nil || !d.Sorted || x.Str < d.Str(uint32(z.MinI64)) && x.Type.Kind != catalog.KindBigDecimal {
			t.Fatalf("%s: %v is outside of the zone by id %+v", name, x, z)
		}
	case z.MinI64 > x.I64 || z.MaxI64 < x.I64 || z.MinF64 > x.F64 || z.MaxF64 < x.F64:
		t.Fatalf("%s: %v is outside of the zone %+v", name, x, z)
	}
}

func TestEqualInputGivesEqualBytes(t *testing.T) {
	schema := schemaOf(true)
	rapid.Check(t, func(rt *rapid.T) {
		columns := make([][]catalog.Value, len(schema.Fields))
		for i, f := range schema.Fields {
			columns[i] = column(rt, f.Type, 200)
		}
		spec := build.Spec{Name: "s", Schema: schema}
		dicts := []segtest.Option{segtest.WithDict("STRING", "INT", "STRINGs", "BIG_DECIMAL")}
		fs := vfs.NewMem()
		one, err := build.Write(context.Background(), fs, "one", spec, segtest.NewView("v", schema, columns))
		if err != nil {
			rt.Fatal(err)
		}
		two, err := build.Write(context.Background(), fs, "two", spec, segtest.NewView("w", schema, columns, dicts...))
		if err != nil {
			rt.Fatal(err)
		}
		a, b := readAll(t, fs, "one"), readAll(t, fs, "two")
		if string(a) != string(b) || one != two {
			rt.Fatalf("the same rows in other forms give other bytes: %+v and %+v", one, two)
		}
	})
}

func readAll(t testing.TB, fs vfs.FS, path string) []byte {
	t.Helper()
	return must2(t)(vfs.ReadFile(fs, path, 1<<30))
}

func must2(t testing.TB) func([]byte, error) []byte {
	return func(b []byte, err error) []byte { t.Helper(); return must(t, b, err) }
}

func TestSortedAndMerged(t *testing.T) {
	schema := schemaOf(true)
	rapid.Check(t, func(rt *rapid.T) {
		sortBy := schema.Fields[2*rapid.IntRange(0, len(kinds)-1).Draw(rt, "sort by")].Name
		var all []catalog.Value
		var views []segment.View
		perColumn := make([][]catalog.Value, len(schema.Fields))
		for n := range rapid.IntRange(1, 3).Draw(rt, "views") {
			columns := make([][]catalog.Value, len(schema.Fields))
			rows := rapid.IntRange(0, 400).Draw(rt, "rows")
			for i, f := range schema.Fields {
				columns[i] = column(rt, f.Type, rows)
				perColumn[i] = append(perColumn[i], columns[i]...)
			}
			var v segment.View = segtest.NewView(fmt.Sprint(n), schema, columns, segtest.WithHidden(int64(len(all))))
			if rapid.Bool().Draw(rt, "sealed first") {
				v = sealed(rt, build.Spec{Name: "part", Schema: schema}, v)
			}
			views = append(views, v)
			all = append(all, columns[0]...)
		}
		table := &catalog.Table{Index: catalog.Index{SortedColumn: sortBy}}
		s := sealed(rt, build.Spec{Name: "s", Schema: schema, TableConfig: table}, views...)
		if s.Rows() != len(all) {
			rt.Fatalf("%d rows, want %d", s.Rows(), len(all))
		}
		checkSorted(t, rt, s, schema, perColumn, sortBy)
	})
}

// checkSorted checks that rows are whole, in order of the column, and stable: $offset says where each came from.
func checkSorted(t *testing.T, rt *rapid.T, s segment.View, schema *catalog.Schema, want [][]catalog.Value, sortBy string) {
	origin := segtest.ReadColumn(t, s, segment.OffsetColumn)
	for i, f := range schema.Fields {
		expected := make([]catalog.Value, len(origin))
		for row, o := range origin {
			expected[row] = want[i][o.I64]
		}
		if d := segtest.DiffValues(expected, segtest.ReadColumn(t, s, f.Name)); d != "" {
			rt.Fatalf("%s sorted by %s: %s", f.Name, sortBy, d)
		}
		if f.Name != sortBy {
			continue
		}
		for row := 1; row < len(expected); row++ {
			a, b := expected[row-1], expected[row]
			stable := origin[row-1].I64 < origin[row].I64
			switch {
			case a.Null && !b.Null:
				rt.Fatalf("row %d: NULL before %v", row, b)
			case a.Null || b.Null, math.IsNaN(a.F64) || math.IsNaN(b.F64), f.Type.Kind == catalog.KindBigDecimal:
				if a.Null && b.Null && !stable {
					rt.Fatalf("row %d: NULLs changed places", row)
				}
			case segtest.Compare(a, b) > 0 || segtest.Compare(a, b) == 0 && !stable:
				rt.Fatalf("row %d: %v (row %v) before %v (row %v)", row, a, origin[row-1], b, origin[row])
			}
		}
	}
}
