package immutable_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/build"
	"github.com/freshetdb/freshet/segment/encoding"
	"github.com/freshetdb/freshet/segment/immutable"
	"github.com/freshetdb/freshet/segment/segtest"
)

func openBytes(t testing.TB, file []byte) *immutable.Segment {
	t.Helper()
	s, err := immutable.Open(bytesFS{data: aligned(file)}, "s")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEveryEncodingIsExercised(t *testing.T) {
	_, file := writeSmall(t, 500)
	parsed, err := segment.Parse("s", aligned(file))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]encoding.Encoding{}
	seen := map[encoding.Encoding]bool{}
	for _, c := range parsed.Columns {
		got[c.Name] = c.Encoding
		seen[c.Encoding] = true
	}
	for e := encoding.EncodingInvalid + 1; e < encoding.EncodingCount; e++ {
		if !seen[e] {
			t.Errorf("no column is stored as %s", e)
		}
	}
	for name, want := range map[string]encoding.Encoding{"dict": encoding.Dict, "chunks": encoding.Chunks, "offset": encoding.Offset,
		"raw": encoding.Raw, "numbers": encoding.Dict, "double": encoding.Raw, "flag": encoding.Bits, "null": encoding.AllNull,
		"tags": encoding.Dict, "texts": encoding.Chunks, "flags": encoding.Bits, "price": encoding.Scaled, "weights": encoding.Scaled, segment.OffsetColumn: encoding.Offset} {
		if got[name] != want {
			t.Errorf("column %s is stored as %s, want %s", name, got[name], want)
		}
	}
}

// TestCounts: of few values it is known how many rows have each, and of a column of the wrong numbers Verify says so.
func TestCounts(t *testing.T) {
	schema := catalog.NewSchema("t", []catalog.Field{{Name: "few", Type: catalog.String}, {Name: "nulls", Type: catalog.Long}, {Name: "doubles", Type: catalog.Double},
		{Name: "many", Type: catalog.String}, {Name: "array", Type: catalog.String.Array()}})
	const rows = vec.BlockRows + 500
	columns := make([][]catalog.Value, 5)
	for i := range rows {
		number := catalog.LongValue(int64(i%7) << 40)
		if i%3 == 0 {
			number = catalog.NullValue(catalog.Long)
		}
		word := catalog.StringValue(fmt.Sprint("word", i%17))
		for k, x := range []catalog.Value{word, number, catalog.DoubleValue(math.Pow(math.Pi, float64(i%5))), catalog.StringValue(fmt.Sprint("one of many ", i%(rows/15))),
			{Type: catalog.String.Array(), Elems: []catalog.Value{word}}} {
			columns[k] = append(columns[k], x)
		}
	}
	disk := vfs.NewMem()
	if _, err := build.Write(t.Context(), disk, "s", build.Spec{Name: "n", Schema: schema}, segtest.NewView("v", schema, columns)); err != nil {
		t.Fatal(err)
	}
	file, err := vfs.ReadFile(disk, "s", 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	s := openBytes(t, file)
	for i, f := range schema.Fields {
		col, _ := s.Column(f.Name)
		d := col.Dict()
		if d == nil {
			t.Fatalf("%s has no dictionary", f.Name)
		}
		if known := d.Counts != nil; known != (i < 3) {
			t.Errorf("%s: counts are known: %v", f.Name, known)
		}
		var values vec.Vector
		d.Values(&values)
		for id, got := range d.Counts {
			want := 0
			for _, x := range columns[i] {
				if !x.Null && segtest.Compare(x, values.At(id)) == 0 {
					want++
				}
			}
			if int(got) != want {
				t.Errorf("%s: %d rows of value %d, want %d", f.Name, got, id, want)
			}
		}
	}
	parsed, err := segment.Parse("s", aligned(file))
	if err != nil {
		t.Fatal(err)
	}
	counts, _ := parsed.Columns[0].Section(segment.RoleCounts)
	wrong := openBytes(t, withSection(t, file, counts.Offset, func(data []byte) { data[0]++; data[4]-- })) // as many rows in all
	if err := wrong.Verify(t.Context()); errs.ClassOf(err) != errs.ClassCorrupt || !strings.Contains(err.Error(), `counts`) || !strings.Contains(err.Error(), `"few"`) {
		t.Errorf("wrong counts: Verify says %v", err)
	}
	more := openBytes(t, withSection(t, file, counts.Offset, func(data []byte) { data[0]++ }))
	few, _ := more.Column("few")
	var out vec.Vector
	if err := few.Block(0, &out); few.Dict() != nil || errs.ClassOf(err) != errs.ClassCorrupt || !strings.Contains(err.Error(), "8693 rows, want 17 of 8692") {
		t.Errorf("counts of a row too many: %v", err)
	}
}

func TestRowsOverSeveralBlocks(t *testing.T) {
	columns, file := writeSmall(t, 2*vec.BlockRows+77)
	s := openBytes(t, file)
	defer s.Release()
	for i, f := range smallSchema().Fields {
		if d := segtest.DiffValues(columns[i], segtest.ReadColumn(t, s, f.Name)); d != "" {
			t.Errorf("%s: %.2000s", f.Name, d)
		}
	}
	if s.Consuming() || s.Name() != "t__0__1__20260101T0000Z" || s.View(3).Rows() != s.Rows() {
		t.Errorf("view %+v", s.Info())
	}
	if _, ok := s.Column("nothing"); ok {
		t.Error("a column that does not exist is found")
	}
}

func TestBlockAllocatesNothingInSteadyState(t *testing.T) {
	_, file := writeSmall(t, vec.BlockRows+100)
	s := openBytes(t, file)
	defer s.Release()
	for _, f := range smallSchema().Fields {
		c, _ := s.Column(f.Name)
		var out vec.Vector
		read := func() {
			for b := range 2 {
				if err := c.Block(b, &out); err != nil {
					t.Fatal(err)
				}
			}
		}
		read()
		if n := testing.AllocsPerRun(20, read); n > 0 {
			t.Errorf("%s: %.0f allocations per two blocks", f.Name, n)
		}
	}
}

func TestScanColumnsAliasTheFile(t *testing.T) {
	_, file := writeSmall(t, 1000)
	data := aligned(file)
	s, err := immutable.Open(bytesFS{data: data}, "s")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Release()
	var out vec.Vector
	block := func(name string) *vec.Vector {
		c, _ := s.Column(name)
		if err := c.Block(0, &out); err != nil {
			t.Fatal(err)
		}
		return &out
	}
	before := map[string]any{"dict": block("dict").U8[0], "offset": block("offset").U16[0], "raw": block("raw").I64[0], "double": block("double").F64[0]}
	parsed, err := segment.Parse("s", data)
	if err != nil {
		t.Fatal(err)
	}
	for i := range parsed.Columns {
		if values, ok := parsed.Columns[i].Section(segment.RoleValues); ok {
			data[values.Offset] ^= 1
		}
	}
	after := map[string]any{"dict": block("dict").U8[0], "offset": block("offset").U16[0], "raw": block("raw").I64[0], "double": block("double").F64[0]}
	for name := range before {
		if before[name] == after[name] {
			t.Errorf("%s is copied out of the file", name)
		}
	}
}

func TestConcurrentFirstTouch(t *testing.T) {
	columns, file := writeSmall(t, 3000)
	s := openBytes(t, file)
	defer s.Release()
	var g errgroup.Group
	for range 8 {
		g.Go(func() error {
			var out vec.Vector
			for i, f := range smallSchema().Fields {
				c, _ := s.Column(f.Name)
				if err := c.Block(0, &out); err != nil {
					return err
				}
				if first := c.Dict(); first != nil && first != c.Dict() {
					return errors.New("two dictionaries of one column")
				}
				if d := segtest.DiffValues(columns[i][77:78], []catalog.Value{out.At(77)}); d != "" {
					return errors.New(d)
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}

func TestOnDisk(t *testing.T) {
	columns := smallColumns(700)
	path := filepath.Join(t.TempDir(), "segment")
	spec := build.Spec{Name: "n", Schema: smallSchema()}
	info, err := build.Write(context.Background(), vfs.OS(), path, spec, segtest.NewView("v", smallSchema(), columns, segtest.WithTimeRange(5, 9)))
	if err != nil {
		t.Fatal(err)
	}
	s, err := immutable.Open(vfs.OS(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Release()
	if lo, hi, ok := s.TimeRange(); !ok || lo != 5 || hi != 9 || s.Info() != info {
		t.Errorf("info %+v, want %+v", s.Info(), info)
	}
	if err := s.Verify(context.Background()); err != nil {
		t.Error(err)
	}
	for i, f := range smallSchema().Fields {
		if d := segtest.DiffValues(columns[i], segtest.ReadColumn(t, s, f.Name)); d != "" {
			t.Errorf("%s: %s", f.Name, d)
		}
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Verify(cancelled); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled verification says %v", err)
	}
	if _, err := immutable.Open(vfs.OS(), path+"x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file gives %v", err)
	}
}

func TestOddValuesSurvive(t *testing.T) {
	schema := catalog.NewSchema("t", []catalog.Field{{Name: "d", Type: catalog.Double}, {Name: "f", Type: catalog.Float}, {Name: "s", Type: catalog.String}})
	d := []float64{math.NaN(), math.Copysign(0, -1), 0, math.Inf(1), math.Inf(-1), math.MaxFloat64, 5e-324}
	columns := make([][]catalog.Value, 3)
	for i, x := range d {
		columns[0] = append(columns[0], catalog.DoubleValue(x))
		columns[1] = append(columns[1], catalog.Value{Type: catalog.Float, F64: float64(float32(x))})
		columns[2] = append(columns[2], catalog.StringValue([]string{"", "\x00", "\xff\xfe", "ü", "", "a", "A"}[i]))
	}
	fs := vfs.NewMem()
	if _, err := build.Write(context.Background(), fs, "s", build.Spec{Schema: schema}, segtest.NewView("v", schema, columns)); err != nil {
		t.Fatal(err)
	}
	s, err := immutable.Open(fs, "s")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Release()
	for i, f := range schema.Fields {
		if diff := segtest.DiffValues(columns[i], segtest.ReadColumn(t, s, f.Name)); diff != "" {
			t.Errorf("%s: %s", f.Name, diff)
		}
	}
	c, _ := s.Column("d")
	if c.Zone(0).Known || c.Stats().HasRange || c.Dict() != nil {
		t.Errorf("NaN has a range or a dictionary: %+v %+v", c.Zone(0), c.Stats())
	}
}
