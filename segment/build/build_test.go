package build_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/build"
	"github.com/freshetdb/freshet/segment/immutable"
	"github.com/freshetdb/freshet/segment/segtest"
)

// manyColumns have more than 256 and more than 65,536 distinct values, for wider codes.
func manyColumns(rows int) (*catalog.Schema, [][]catalog.Value) {
	schema := catalog.NewSchema("t", []catalog.Field{
		{Name: "words", Type: catalog.String}, {Name: "unique", Type: catalog.String}, {Name: "spread", Type: catalog.Long},
		{Name: "u32", Type: catalog.Long}, {Name: "floats", Type: catalog.Float}, {Name: "tags", Type: catalog.String.Array()},
	})
	columns := make([][]catalog.Value, len(schema.Fields))
	for i := range rows {
		k := int64(i * 7919 % rows)
		tags := catalog.Value{Type: catalog.String.Array()}
		for t := range i % 3 {
			tag := catalog.StringValue(fmt.Sprint("t", (i+t)%700))
			if i%5 == 0 {
				tag = catalog.NullValue(catalog.String)
			}
			tags.Elems = append(tags.Elems, tag)
		}
		for c, x := range []catalog.Value{catalog.StringValue(fmt.Sprint("w", k%900)), catalog.StringValue(fmt.Sprintf("unique-%d", k)),
			catalog.LongValue(k % 500 << 33), catalog.LongValue(k * 100_000), {Type: catalog.Float, F64: float64(k % 300)}, tags} {
			columns[c] = append(columns[c], x)
		}
	}
	return schema, columns
}

func TestWideCodesAndManyBlocks(t *testing.T) {
	rows := 2*vec.BlockRows + 1234
	schema, columns := manyColumns(rows)
	for _, sortBy := range []string{"", "unique", "words", "u32"} {
		table := &catalog.Table{Index: catalog.Index{SortedColumn: sortBy}}
		s := sealed(t, build.Spec{Name: "s", Schema: schema, TableConfig: table}, segtest.NewView("v", schema, columns, segtest.WithHidden(0)))
		origin := segtest.ReadColumn(t, s, segment.OffsetColumn)
		for i, f := range schema.Fields {
			want := make([]catalog.Value, rows)
			for row, o := range origin {
				want[row] = columns[i][o.I64]
			}
			if d := segtest.DiffValues(want, segtest.ReadColumn(t, s, f.Name)); d != "" {
				t.Fatalf("%s sorted by %q: %.1000s", f.Name, sortBy, d)
			}
			c, _ := s.Column(f.Name)
			if (f.Name == sortBy) != c.Stats().Sorted {
				t.Errorf("%s sorted by %q says sorted=%v", f.Name, sortBy, c.Stats().Sorted)
			}
		}
		var out vec.Vector
		c, _ := s.Column("words")
		if err := c.Block(1, &out); err != nil || out.Form != vec.FormDict || out.U16 == nil {
			t.Errorf("900 words are %v with codes %v, want dictionary ids of two bytes (%v)", out.Form, out.U8, err)
		}
		s.Release()
	}
}

func TestColumnsAddedLaterHaveTheirDefault(t *testing.T) {
	old := catalog.NewSchema("t", []catalog.Field{{Name: "a", Type: catalog.Int}})
	schema := catalog.NewSchema("t", []catalog.Field{
		{Name: "a", Type: catalog.Int},
		{Name: "b", Type: catalog.String, Default: catalog.StringValue("none")},
		{Name: "c", Type: catalog.Long.Array(), Default: catalog.Value{Type: catalog.Long.Array(), Elems: []catalog.Value{catalog.LongValue(7)}}},
	})
	one := segtest.NewView("one", old, [][]catalog.Value{{catalog.IntValue(1), catalog.IntValue(2)}})
	two := segtest.NewView("two", schema, [][]catalog.Value{{catalog.IntValue(3)}, {catalog.StringValue("x")}, {{Type: catalog.Long.Array()}}})
	s := sealed(t, build.Spec{Name: "s", Schema: schema}, one, two)
	defer s.Release()
	none, seven := catalog.StringValue("none"), schema.Fields[2].Default
	if d := segtest.DiffValues([]catalog.Value{none, none, catalog.StringValue("x")}, segtest.ReadColumn(t, s, "b")); d != "" {
		t.Error(d)
	}
	if d := segtest.DiffValues([]catalog.Value{seven, seven, {Type: catalog.Long.Array()}}, segtest.ReadColumn(t, s, "c")); d != "" {
		t.Error(d)
	}
	if _, ok := s.Column(segment.OffsetColumn); ok {
		t.Error("a hidden column that no view has is there")
	}
}

func TestTimeRange(t *testing.T) {
	schema := catalog.NewSchema("t", []catalog.Field{{Name: "a", Type: catalog.Int}})
	rows := [][]catalog.Value{{catalog.IntValue(1)}}
	view := func(options ...segtest.Option) segment.View { return segtest.NewView("v", schema, rows, options...) }
	none := segtest.NewView("v", schema, [][]catalog.Value{{}})
	check := func(want string, views ...segment.View) {
		t.Helper()
		s := sealed(t, build.Spec{Schema: schema}, views...)
		defer s.Release()
		lo, hi, ok := s.TimeRange()
		if got := fmt.Sprint(lo, hi, ok); got != want {
			t.Errorf("time range %s, want %s", got, want)
		}
	}
	check("3 9 true", view(segtest.WithTimeRange(5, 9)), view(segtest.WithTimeRange(3, 4)), none)
	check("0 0 false", view(segtest.WithTimeRange(5, 9)), view())
	check("0 0 false", none)
	check("0 0 false")
}

func TestWriteErrors(t *testing.T) {
	schema := catalog.NewSchema("t", []catalog.Field{{Name: "a", Type: catalog.Int}, {Name: "m", Type: catalog.Int.Array()}})
	mv := catalog.Value{Type: catalog.Int.Array()}
	v := segtest.NewView("v", schema, [][]catalog.Value{{catalog.IntValue(1), catalog.IntValue(2)}, {mv, mv}})
	other := catalog.NewSchema("t", []catalog.Field{{Name: "a", Type: catalog.String}})
	sortedBy := func(c string) *catalog.Table { return &catalog.Table{Index: catalog.Index{SortedColumn: c}} }
	for name, c := range map[string]struct {
		spec  build.Spec
		class errs.Class
	}{
		"no schema":        {build.Spec{}, errs.ClassBug},
		"other type":       {build.Spec{Schema: other}, errs.ClassBug},
		"no sorted column": {build.Spec{Schema: schema, TableConfig: sortedBy("x")}, errs.ClassUser},
		"multi sorted":     {build.Spec{Schema: schema, TableConfig: sortedBy("m")}, errs.ClassUser},
	} {
		fsys := vfs.NewMem()
		if _, err := build.Write(context.Background(), fsys, "s", c.spec, v); errs.ClassOf(err) != c.class {
			t.Errorf("%s: %v, want class %s", name, err, c.class)
		}
		expectNoFiles(t, name, fsys)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	fsys := vfs.NewMem()
	if _, err := build.Write(ctx, fsys, "s", build.Spec{Schema: schema}, v); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled build gives %v", err)
	}
	expectNoFiles(t, "cancelled", fsys)
}

func expectNoFiles(t *testing.T, name string, fsys vfs.FS) {
	t.Helper()
	entries, err := fsys.ReadDir("/")
	if err != nil || len(entries) > 0 {
		t.Errorf("%s: files %v are left (%v)", name, entries, err)
	}
}

// TestDiskFaults fails every file system operation of a build in turn: an error each time, no half file, and after a
// power loss at the end of a successful build the file is there and whole.
func TestDiskFaults(t *testing.T) {
	schema, columns := manyColumns(300)
	v := segtest.NewView("v", schema, columns)
	spec := build.Spec{Name: "s", Schema: schema}
	for _, kind := range []vfs.OpKind{vfs.OpCreate, vfs.OpWrite, vfs.OpSync, vfs.OpClose, vfs.OpRename, vfs.OpSyncDir} {
		mem := vfs.NewMem()
		_, err := build.Write(context.Background(), vfs.NewFault(mem, vfs.FailNth(kind, "", 1, syscall.EIO)), "s", spec, v)
		if errs.ClassOf(err) != errs.ClassUnavailable || !errors.Is(err, syscall.EIO) {
			t.Errorf("a failed %s gives %v", kind, err)
		}
		if _, err := immutable.Open(mem.CrashClone(nil), "s"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("after a failed %s and a power loss the file is there: %v", kind, err)
		}
		if kind != vfs.OpSyncDir {
			expectNoFiles(t, kind.String(), mem)
		}
	}
	mem := vfs.NewMem()
	_, err := build.Write(context.Background(), vfs.NewFault(mem, vfs.DiskFull(1000)), "s", spec, v)
	if errs.ClassOf(err) != errs.ClassExhausted || errs.As(err).Code != errs.DiskFull {
		t.Errorf("a full disk gives %v", err)
	}
	expectNoFiles(t, "full disk", mem)
	if _, err := build.Write(context.Background(), mem, "s", spec, v); err != nil {
		t.Fatal(err)
	}
	s, err := immutable.Open(mem.CrashClone(nil), "s")
	if err != nil {
		t.Fatalf("a segment that was written is gone after a power loss: %v", err)
	}
	if err := s.Verify(context.Background()); err != nil {
		t.Error(err)
	}
	s.Release()
}

func TestAllocationsDoNotGrowWithRows(t *testing.T) {
	count := func(rows int) float64 {
		schema, columns := manyColumns(rows)
		source := sealed(t, build.Spec{Name: "s", Schema: schema}, segtest.NewView("v", schema, columns))
		defer source.Release()
		fsys := vfs.NewFault(vfs.NewMem(), func(vfs.Op) error { return nil })
		return testing.AllocsPerRun(1, func() {
			if _, err := build.Write(context.Background(), fsys, "s", build.Spec{Name: "s", Schema: schema}, source); err != nil {
				t.Fatal(err)
			}
		})
	}
	small, large := count(vec.BlockRows), count(4*vec.BlockRows)
	if large > 2*small+200 {
		t.Errorf("%.0f allocations for one block of rows, %.0f for four", small, large)
	}
}

// oddView serves one multi-value column whose NULL rows have elements, whose first offset is not 0, and whose block is
// constant, by form.
type oddView struct {
	segment.View
	form vec.Form
}

func (v oddView) Column(name string) (segment.Column, bool) {
	c, ok := v.View.Column(name)
	return oddColumn{Column: c, form: v.form}, ok
}

type oddColumn struct {
	segment.Column
	form vec.Form
}

func (c oddColumn) Block(_ int, out *vec.Vector) error {
	out.Reset(c.Type(), 3)
	out.Elems.Reset(c.Type().Elem(), 6)
	for i := range 6 {
		out.Elems.Str[i] = fmt.Sprint("e", i)
	}
	copy(out.Offsets, []uint32{1, 2, 4, 5})
	if out.Form = c.form; c.form == vec.FormFlat {
		out.SetNull(1)
	}
	return nil
}

func TestOddMultiValueVectors(t *testing.T) {
	typ := catalog.String.Array()
	schema := catalog.NewSchema("t", []catalog.Field{{Name: "m", Type: typ}})
	row := func(xs ...string) catalog.Value {
		v := catalog.Value{Type: typ}
		for _, x := range xs {
			v.Elems = append(v.Elems, catalog.StringValue(x))
		}
		return v
	}
	base := segtest.NewView("v", schema, [][]catalog.Value{{row(), row(), row()}})
	for form, want := range map[vec.Form][]catalog.Value{
		vec.FormFlat:  {row("e1"), catalog.NullValue(typ), row("e4")},
		vec.FormConst: {row("e1"), row("e1"), row("e1")},
	} {
		for _, noDictionary := range []bool{false, true} {
			table := &catalog.Table{Index: catalog.Index{NoDictionary: map[string]bool{"m": noDictionary}}}
			s := sealed(t, build.Spec{Schema: schema, TableConfig: table}, oddView{View: base, form: form})
			if d := segtest.DiffValues(want, segtest.ReadColumn(t, s, "m")); d != "" {
				t.Errorf("form %d, no dictionary %v: %s", form, noDictionary, d)
			}
			s.Release()
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	rows := 32 * vec.BlockRows
	schema, columns := manyColumns(rows)
	for _, sortBy := range []string{"", "words"} {
		b.Run("sorted="+sortBy, func(b *testing.B) {
			source := sealed(b, build.Spec{Name: "s", Schema: schema}, segtest.NewView("v", schema, columns))
			defer source.Release()
			spec := build.Spec{Name: "s", Schema: schema, TableConfig: &catalog.Table{Index: catalog.Index{SortedColumn: sortBy}}}
			fsys := vfs.OS()
			path := b.TempDir() + "/s"
			b.ReportAllocs()
			for b.Loop() {
				if _, err := build.Write(context.Background(), fsys, path, spec, source); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rows), "ns/row")
		})
	}
}
