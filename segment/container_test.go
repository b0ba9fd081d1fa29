package segment

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/segment/encoding"
)

func TestContentsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.IntRange(0, maxRows).Draw(t, "rows")
		var columns []ColumnMeta
		for range rapid.IntRange(0, 4).Draw(t, "columns") {
			columns = append(columns, drawColumn(t, rows))
		}
		zones := Section{Role: RoleZones, Offset: 64, Length: 7, CRC: 9}
		data := encodeContents(zones, columns)
		z, got, err := decodeContents(data, rows)
		if err != nil || z != zones {
			t.Fatalf("%v, zones %+v", err, z)
		}
		if d := cmp.Diff(columns, got); d != "" {
			t.Fatal(d)
		}
		if cut := rapid.IntRange(0, len(data)-1).Draw(t, "cut"); decodes(data[:cut], rows) {
			t.Fatalf("%d of %d bytes decode", cut, len(data))
		}
		if decodes(append(data, 0), rows) {
			t.Fatal("a byte too many decodes")
		}
	})
}

func decodes(data []byte, rows int) bool {
	_, _, err := decodeContents(data, rows)
	return err == nil
}

func drawColumn(t *rapid.T, rows int) ColumnMeta {
	kind := catalog.Kind(rapid.IntRange(int(catalog.KindInt), int(catalog.KindBytes)).Draw(t, "kind"))
	c := ColumnMeta{Name: rapid.String().Draw(t, "name"), Type: catalog.Type{Kind: kind, MultiValue: rapid.Bool().Draw(t, "multi")},
		Encoding: encoding.Encoding(rapid.IntRange(1, int(encoding.EncodingCount)-1).Draw(t, "encoding")), Width: rapid.IntRange(0, 8).Draw(t, "width"),
		Base: rapid.Int64().Draw(t, "base"), Slots: rows, DictSorted: rapid.Bool().Draw(t, "strict")}
	if c.Type.MultiValue {
		c.Slots = rapid.IntRange(0, 1000).Draw(t, "slots")
		c.ElemNulls = c.Slots / 2
	}
	c.Stats = Stats{NullCount: rows / 2, Distinct: c.Slots / 3, Sorted: rapid.Bool().Draw(t, "sorted"), HasRange: rapid.Bool().Draw(t, "range")}
	if c.Stats.HasRange {
		for _, x := range []*vec.Value{&c.Stats.Min, &c.Stats.Max} {
			x.Type = c.Type
			switch kind.Physical() {
			case catalog.PhysString:
				x.Str = rapid.StringN(-1, -1, maxStatText).Draw(t, "text")
			case catalog.PhysFloat32, catalog.PhysFloat64:
				x.F64 = rapid.Float64().Draw(t, "float")
			default:
				x.I64 = rapid.Int64().Draw(t, "int")
			}
		}
	}
	c.DictCounts = c.Encoding == encoding.Dict && !c.Type.MultiValue && rapid.Bool().Draw(t, "counts")
	for range rapid.IntRange(0, 3).Draw(t, "sections") {
		c.Sections = append(c.Sections, Section{Role: RoleValues, Offset: rapid.Int64Range(0, 1<<40).Draw(t, "offset"), Length: 5, CRC: 77})
	}
	return c
}

func TestFooterRoundTrip(t *testing.T) {
	info := Info{Name: "n", Table: "t", Incarnation: "i", Partition: -1, Sequence: 4, StartOffset: 5, EndOffset: math.MaxInt64, SchemaVersion: 7,
		ConfigVersion: 8, CreatedMillis: -9, Rows: 10, MinMillis: math.MinInt64, MaxMillis: 12, HasTime: true}
	contents := Section{Offset: 128, Length: 9, CRC: 3}
	got, where, err := decodeFooter(encodeFooter(&info, contents))
	if err != nil || got != info || where != contents {
		t.Errorf("%+v at %+v (%v), want %+v at %+v", got, where, err, info, contents)
	}
}

// container writes a file with one column and the given sections' data.
func container(t *testing.T, change func(c *ColumnMeta, zones *Section, info *Info)) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	values, err := w.Section(RoleValues, []byte{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	zones, err := w.Section(RoleZones, encoding.AppendZone(nil, encoding.Zone{Known: true, Min: 1, Max: 3}))
	if err != nil {
		t.Fatal(err)
	}
	info := Info{Name: "n", Rows: 3}
	c := ColumnMeta{Name: "c", Type: catalog.Int, Encoding: encoding.Offset, Width: 1, Slots: 3, Sections: []Section{values}}
	if change != nil {
		change(&c, &zones, &info)
	}
	if _, err := w.Finish(info, zones, []ColumnMeta{c}); err != nil {
		t.Fatal(err)
	}
	data := vfs.AlignedBytes(out.Len())
	copy(data, out.Bytes())
	return data
}

func TestParse(t *testing.T) {
	data := container(t, nil)
	f, err := Parse("p", data)
	if err != nil {
		t.Fatal(err)
	}
	s, ok := f.Columns[0].Section(RoleValues)
	if !ok || string(f.Bytes(s)) != "\x01\x02\x03" || s.Offset%alignment != 0 {
		t.Errorf("values %v at %d", f.Bytes(s), s.Offset)
	}
	if room := len(data) - int(s.Offset+s.Length); room < alignment {
		t.Errorf("%d bytes may be read past the section, want %d", room, alignment)
	}
	if z := f.Zone(0, 0); !z.Known || z.MinI64 != 1 || z.MaxI64 != 3 {
		t.Errorf("zone %+v", z)
	}
	if _, ok := f.Columns[0].Section(RoleDict); ok {
		t.Error("a section that is not there is found")
	}
	if err := f.CheckPadding(); err != nil {
		t.Error(err)
	}
}

func TestParseRefusesWrongLayouts(t *testing.T) {
	for name, c := range map[string]struct {
		want   string
		change func(c *ColumnMeta, zones *Section, info *Info)
	}{
		"overlap":       {"lies at", func(c *ColumnMeta, z *Section, _ *Info) { c.Sections[0].Offset = z.Offset }},
		"hole":          {"lies at", func(c *ColumnMeta, _ *Section, _ *Info) { c.Sections[0].Offset += 64 }},
		"too long":      {"lies at", func(c *ColumnMeta, _ *Section, _ *Info) { c.Sections[0].Length = 1 << 40 }},
		"header":        {"lies at", func(c *ColumnMeta, _ *Section, _ *Info) { c.Sections[0].Offset = 0 }},
		"missing":       {"0 sections, want 1", func(c *ColumnMeta, _ *Section, _ *Info) { c.Sections = nil }},
		"other role":    {"want values", func(c *ColumnMeta, _ *Section, _ *Info) { c.Sections[0].Role = RoleNulls }},
		"rows":          {"one for each of 4 rows", func(_ *ColumnMeta, _ *Section, i *Info) { i.Rows = 4 }},
		"zones":         {"is not that of zones", func(_ *ColumnMeta, _ *Section, i *Info) { i.Rows = 3 }},
		"kind":          {"no column can have", func(c *ColumnMeta, _ *Section, _ *Info) { c.Type = catalog.Interval }},
		"encoding":      {"does not know", func(c *ColumnMeta, _ *Section, _ *Info) { c.Encoding = 77 }},
		"name too long": {"above", func(c *ColumnMeta, _ *Section, _ *Info) { c.Name = strings.Repeat("x", maxName+1) }},
	} {
		if name == "zones" {
			change := c.change
			c.change = func(m *ColumnMeta, z *Section, i *Info) { change(m, z, i); z.Role = RoleDict }
		}
		f, err := Parse("dir/p", container(t, c.change))
		if f != nil || errs.ClassOf(err) != errs.ClassCorrupt || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "dir/p") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestParseRefusesOtherVersions(t *testing.T) {
	for _, at := range []int{8, -16} {
		data := container(t, nil)
		if at < 0 {
			at += len(data)
		}
		data[at] = FormatVersion + 1
		if _, err := Parse("p", data); err == nil || !strings.Contains(err.Error(), "this build reads") {
			t.Errorf("a newer version gives %v", err)
		}
	}
}

func TestWriterReportsErrors(t *testing.T) {
	for limit := range 12 {
		w := &failAfter{left: limit * 64}
		c, err := NewWriter(w)
		var s Section
		if err == nil {
			s, err = c.Section(RoleZones, nil)
		}
		if err == nil {
			_, err = c.Finish(Info{}, s, nil)
		}
		if (err == nil) != (w.left >= 0) {
			t.Errorf("a writer that takes %d bytes: error %v", limit*64, err)
		}
	}
}

// failAfter is a writer with little room.
type failAfter struct{ left int }

func (w *failAfter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, bytes.ErrTooLarge
	}
	return len(p), nil
}

func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for r := RoleInvalid; r < RoleCount; r++ {
		if n := r.String(); n == "" || seen[n] {
			t.Errorf("role %d is called %q", r, n)
		}
		seen[r.String()] = true
	}
	if Role(200).String() != "role(200)" {
		t.Error("an unknown role has a name")
	}
}
