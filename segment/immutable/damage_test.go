package immutable_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

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

// smallSchema has a column of every encoding and both shapes.
func smallSchema() *catalog.Schema {
	return catalog.NewSchema("t", []catalog.Field{
		{Name: "dict", Type: catalog.String}, {Name: "chunks", Type: catalog.String}, {Name: "offset", Type: catalog.Int},
		{Name: "raw", Type: catalog.Long}, {Name: "numbers", Type: catalog.Long}, {Name: "double", Type: catalog.Double},
		{Name: "flag", Type: catalog.Boolean}, {Name: "null", Type: catalog.Float}, {Name: "tags", Type: catalog.String.Array()},
		{Name: "texts", Type: catalog.JSON.Array()}, {Name: "flags", Type: catalog.Boolean.Array()},
		{Name: "price", Type: catalog.Double}, {Name: "weights", Type: catalog.Float.Array()},
	})
}

func smallColumns(rows int) [][]catalog.Value {
	rng := rand.New(rand.NewPCG(1, 2))
	columns := make([][]catalog.Value, 13)
	add := func(i int, x catalog.Value) { columns[i] = append(columns[i], x) }
	for i := range rows {
		text := fmt.Sprintf("text %d of the row with the number %d", rng.Int64(), i)
		add(0, catalog.StringValue(fmt.Sprint("word", i%17)))
		add(1, catalog.StringValue(text))
		if i%7 == 3 {
			add(2, catalog.NullValue(catalog.Int))
		} else {
			add(2, catalog.IntValue(int64(1000+i%300)))
		}
		add(3, catalog.LongValue(rng.Int64()))
		add(4, catalog.LongValue(int64(i%3)<<40))
		add(5, catalog.DoubleValue(rng.Float64()))
		add(6, catalog.BoolValue(i%3 == 0))
		add(7, catalog.NullValue(catalog.Float))
		tags, texts, flags := catalog.Value{Type: catalog.String.Array()}, catalog.Value{Type: catalog.JSON.Array()}, catalog.Value{Type: catalog.Boolean.Array()}
		for k := range i % 4 {
			tags.Elems = append(tags.Elems, catalog.StringValue(fmt.Sprint("tag", k)))
			texts.Elems = append(texts.Elems, catalog.Value{Type: catalog.JSON, Str: text})
			flags.Elems = append(flags.Elems, catalog.BoolValue((i+k)%2 == 0))
		}
		if i%5 == 4 {
			tags = catalog.NullValue(tags.Type)
		}
		add(8, tags)
		add(9, texts)
		add(10, flags)
		price, weights := catalog.DoubleValue(float64(rng.IntN(60000)-100)/100), catalog.Value{Type: catalog.Float.Array()}
		if i%11 == 6 {
			price = catalog.NullValue(catalog.Double)
		}
		add(11, price)
		for range i % 3 {
			weights.Elems = append(weights.Elems, catalog.Value{Type: catalog.Float, F64: float64(float32(rng.IntN(3000)) / 10)})
		}
		add(12, weights)
	}
	return columns
}

func writeSmall(t testing.TB, rows int) (columns [][]catalog.Value, file []byte) {
	t.Helper()
	fs := vfs.NewMem()
	columns = smallColumns(rows)
	spec := build.Spec{Name: "t__0__1__20260101T0000Z", Table: "t", Incarnation: "i", Partition: 3, Sequence: 1, StartOffset: 5, EndOffset: 99,
		SchemaVersion: 1, ConfigVersion: 2, CreatedMillis: 7, Schema: smallSchema(),
		TableConfig: &catalog.Table{Index: catalog.Index{NoDictionary: map[string]bool{"chunks": true, "texts": true, "raw": true, "double": true}}}}
	if _, err := build.Write(context.Background(), fs, "s", spec, segtest.NewView("v", smallSchema(), columns, segtest.WithHidden(5))); err != nil {
		t.Fatal(err)
	}
	file, err := vfs.ReadFile(fs, "s", 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	return columns, file
}

// bytesFS serves one file from memory without copying it, aligned.
type bytesFS struct {
	vfs.FS
	data []byte
}

type bytesMapping []byte

func (m bytesMapping) Bytes() []byte { return m }
func (m bytesMapping) Close() error  { return nil }

func (f bytesFS) Map(string) (vfs.Mapping, error) { return bytesMapping(f.data), nil }

func aligned(file []byte) []byte {
	data := vfs.AlignedBytes(len(file))
	copy(data, file)
	return data
}

// readEverything opens a file and reads all columns. It gives the first error, and the values in one text.
func readEverything(data []byte) (string, error) {
	s, err := immutable.Open(bytesFS{data: data}, "s")
	if err != nil {
		return "", err
	}
	defer s.Release()
	var text strings.Builder
	fmt.Fprintf(&text, "%+v", s.Info())
	var out vec.Vector
	for _, f := range append(smallSchema().Fields, catalog.Field{Name: segment.OffsetColumn}, catalog.Field{Name: segment.OrdinalColumn}) {
		c, ok := s.Column(f.Name)
		if !ok {
			return "", fmt.Errorf("column %s is gone", f.Name)
		}
		fmt.Fprintf(&text, "\n%s %+v", f.Name, c.Stats())
		for b := range segment.Blocks(s.Rows()) {
			if err := c.Block(b, &out); err != nil {
				return "", err
			}
			fmt.Fprintf(&text, " %+v", c.Zone(b))
			for i := range out.Len {
				fmt.Fprintf(&text, " %v", out.At(i))
			}
		}
	}
	return text.String(), s.Verify(context.Background())
}

func TestEveryFlippedByteIsFound(t *testing.T) {
	_, file := writeSmall(t, 40)
	data := aligned(file)
	want, err := readEverything(data)
	if err != nil {
		t.Fatal(err)
	}
	if want == "" || len(file) > 1<<16 {
		t.Fatalf("file of %d bytes", len(file))
	}
	for i := range data {
		data[i] ^= 1 << (i % 8)
		if got, err := readEverything(data); err == nil {
			t.Errorf("byte %d of %d: a flipped bit is not found (data equal: %v)", i, len(data), got == want)
		} else if errs.ClassOf(err) != errs.ClassCorrupt {
			t.Errorf("byte %d: class %s, want corrupt: %v", i, errs.ClassOf(err), err)
		}
		data[i] ^= 1 << (i % 8)
	}
}

func TestEveryCutIsFound(t *testing.T) {
	_, file := writeSmall(t, 20)
	for n := range file {
		if _, err := immutable.Open(bytesFS{data: aligned(file[:n])}, "s"); errs.ClassOf(err) != errs.ClassCorrupt {
			t.Fatalf("the first %d of %d bytes: %v, want an error of class corrupt", n, len(file), err)
		}
	}
}

func TestDamageNamesFileSectionAndColumn(t *testing.T) {
	_, file := writeSmall(t, 500)
	parsed, err := segment.Parse("s", aligned(file))
	if err != nil {
		t.Fatal(err)
	}
	for i := range parsed.Columns {
		c := &parsed.Columns[i]
		for _, section := range c.Sections {
			data := aligned(file)
			data[section.Offset+section.Length/2] ^= 0x10
			s, err := immutable.Open(bytesFS{data: data}, "dir/s")
			if err != nil {
				t.Fatalf("%s %s: damage of a section is found at open already: %v", c.Name, section.Role, err)
			}
			column, _ := s.Column(c.Name)
			if d := column.Dict(); d != nil && section.Role == segment.RoleDict {
				t.Errorf("%s: a damaged dictionary is served", c.Name)
			}
			var out vec.Vector
			for range 2 {
				err = column.Block(0, &out)
				for _, part := range []string{"dir/s", section.Role.String(), `"` + c.Name + `"`} {
					if errs.ClassOf(err) != errs.ClassCorrupt || !strings.Contains(err.Error(), part) {
						t.Errorf("%s %s: error %v, want class corrupt and %q in it", c.Name, section.Role, err, part)
					}
				}
			}
			if err := s.Verify(context.Background()); errs.ClassOf(err) != errs.ClassCorrupt {
				t.Errorf("%s %s: Verify says %v", c.Name, section.Role, err)
			}
			s.Release()
		}
	}
}

// TestWrongContentWithRightChecksums damages sections and contents and makes their checksums right: reads may give an
// error or other values, but never leave their bounds.
func TestWrongContentWithRightChecksums(t *testing.T) {
	_, file := writeSmall(t, 60)
	rng := rand.New(rand.NewPCG(3, 4))
	refused := 0
	for range 3000 {
		_, err := readEverything(resealed(t, file, rng))
		if err != nil {
			refused++
			if errs.ClassOf(err) != errs.ClassCorrupt {
				t.Fatalf("class %s, want corrupt: %v", errs.ClassOf(err), err)
			}
		}
	}
	if refused < 500 {
		t.Errorf("only %d of 3000 damaged files were refused: the structural checks do little", refused)
	}
}

// resealed gives a copy of a file with one thing changed, written by the container's own writer.
func resealed(t *testing.T, file []byte, rng *rand.Rand) []byte {
	t.Helper()
	f, err := segment.Parse("s", aligned(file))
	if err != nil {
		t.Fatal(err)
	}
	damageMeta(&f.Columns[rng.IntN(len(f.Columns))], rng)
	target := rng.IntN(sectionsOf(f))
	return rewritten(t, f, func(i int, _ segment.Section, data []byte) []byte {
		if i != target || len(data) == 0 {
			return data
		}
		data[rng.IntN(len(data))] ^= byte(1 + rng.IntN(255))
		if rng.IntN(4) == 0 {
			data = data[:rng.IntN(len(data))]
		}
		return data
	})
}

// withSection gives a copy of a file in which the section at an offset is changed and has the right checksum.
func withSection(t *testing.T, file []byte, offset int64, change func(data []byte)) []byte {
	t.Helper()
	f, err := segment.Parse("s", aligned(file))
	if err != nil {
		t.Fatal(err)
	}
	return rewritten(t, f, func(_ int, s segment.Section, data []byte) []byte {
		if s.Offset == offset {
			change(data)
		}
		return data
	})
}

// TestOlderVersions: files of the versions before, which have no counts, are read; others are refused.
func TestOlderVersions(t *testing.T) {
	_, file := writeSmall(t, 60)
	parsed, err := segment.Parse("s", aligned(file))
	if err != nil {
		t.Fatal(err)
	}
	for i := range parsed.Columns {
		c := &parsed.Columns[i]
		c.DictCounts = false
		c.Sections = slices.DeleteFunc(c.Sections, func(s segment.Section) bool { return s.Role == segment.RoleCounts })
	}
	old := rewritten(t, parsed, func(_ int, _ segment.Section, data []byte) []byte { return data })
	for version := range uint32(segment.FormatVersion + 2) {
		data, tail := aligned(old), len(old)-32
		crc := func(at, of int) {
			binary.LittleEndian.PutUint32(data[at+of:], crc32.Checksum(data[at:at+of], crc32.MakeTable(crc32.Castagnoli)))
		}
		binary.LittleEndian.PutUint32(data[8:], version)
		binary.LittleEndian.PutUint32(data[tail+16:], version)
		crc(0, 60)
		crc(tail, 20)
		_, err := readEverything(data)
		if known := version >= segment.OldestReadable && version <= segment.FormatVersion; known != (err == nil) {
			t.Errorf("version %d: %v", version, err)
		}
	}
}

// sectionsOf counts the sections, zones included.
func sectionsOf(f *segment.File) int {
	n := 1
	for i := range f.Columns {
		n += len(f.Columns[i].Sections)
	}
	return n
}

// rewritten writes a file again; change is given the sections in their order and copies of their bytes.
func rewritten(t *testing.T, f *segment.File, change func(i int, s segment.Section, data []byte) []byte) []byte {
	t.Helper()
	columns := slices.Clone(f.Columns)
	var sections []*segment.Section
	for i := range columns {
		columns[i].Sections = slices.Clone(columns[i].Sections)
		for k := range columns[i].Sections {
			sections = append(sections, &columns[i].Sections[k])
		}
	}
	zones := f.Zones
	sections = append(sections, &zones)
	slices.SortFunc(sections, func(a, b *segment.Section) int { return int(a.Offset - b.Offset) })
	var out bytes.Buffer
	w, err := segment.NewWriter(&out)
	for i, section := range sections {
		data := change(i, *section, slices.Clone(f.Bytes(*section)))
		if err == nil {
			*section, err = w.Section(section.Role, data)
		}
	}
	if err == nil {
		_, err = w.Finish(f.Info, zones, columns)
	}
	if err != nil {
		t.Fatal(err)
	}
	return aligned(out.Bytes())
}

// damageMeta changes what the contents say of a column, sometimes.
func damageMeta(c *segment.ColumnMeta, rng *rand.Rand) {
	switch rng.IntN(12) {
	case 0:
		c.Width = rng.IntN(10)
	case 1:
		c.Slots = rng.IntN(200)
	case 2:
		c.Stats.Distinct = rng.IntN(70)
	case 3:
		c.Stats.NullCount = rng.IntN(70)
	case 4:
		c.Encoding = encoding.Encoding(rng.IntN(9))
	case 5:
		c.Type.Kind = catalog.Kind(rng.IntN(16))
		c.Stats.HasRange = false
	case 6:
		c.Type.MultiValue = !c.Type.MultiValue
	case 7:
		c.ElemNulls = rng.IntN(70)
	}
}

func FuzzOpen(f *testing.F) {
	_, file := writeSmall(f, 30)
	f.Add(file)
	f.Add(file[:len(file)/2])
	_, empty := writeSmall(f, 0)
	f.Add(empty)
	f.Fuzz(func(t *testing.T, data []byte) {
		text, err := readEverything(aligned(data))
		if err == nil && text == "" {
			t.Error("neither values nor an error")
		}
	})
}
