package immutable_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/build"
	"github.com/freshetdb/freshet/segment/encoding"
	"github.com/freshetdb/freshet/segment/immutable"
	"github.com/freshetdb/freshet/segment/segtest"
)

// coldFS gives mappings that know which bytes are in memory, and whose values may be read at any time all the same.
type coldFS struct {
	vfs.FS
	at *coldMapping
}

type coldMapping struct {
	vfs.Mapping
	resident []bool // by byte
	asked    int
}

func (f *coldFS) Map(name string) (vfs.Mapping, error) {
	m, err := f.FS.Map(name)
	if err == nil {
		f.at = &coldMapping{Mapping: m, resident: make([]bool, len(m.Bytes()))}
	}
	return f.at, err
}

func (m *coldMapping) Resident(offset, length int) bool {
	m.asked++
	for _, r := range m.resident[offset : offset+length] {
		if !r {
			return false
		}
	}
	return true
}

func (m *coldMapping) Populate(offset, length int) error {
	for i := range length {
		m.resident[offset+i] = true
	}
	return nil
}

func openCold(t *testing.T, rows int) (*immutable.Segment, *coldFS) {
	fs := &coldFS{FS: vfs.NewMem()}
	spec := build.Spec{Name: "n", Schema: smallSchema()}
	view := segtest.NewView("v", smallSchema(), smallColumns(rows), segtest.WithTimeRange(5, 9))
	if _, err := build.Write(t.Context(), fs.FS, "s", spec, view); err != nil {
		t.Fatal(err)
	}
	s, err := immutable.Open(fs, "s")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Release)
	clear(fs.at.resident) // as if opening had been long ago
	return s, fs
}

func length(spans []vfs.Span) (n int) {
	for _, s := range spans {
		n += s.Length
	}
	return n
}

// bring is what a pool does.
func bring(t *testing.T, spans []vfs.Span) {
	for _, s := range spans {
		if err := vfs.Populate(s.Mapping, s.Offset, s.Length); err != nil {
			t.Fatal(err)
		}
	}
}

// At first touch a column is wanted whole; after an eviction only what the blocks need; in memory nothing, and nobody asks again
// before the next epoch.
func TestMissing(t *testing.T) {
	const rows = 4*vec.BlockRows + 100
	s, fs := openCold(t, rows)
	for _, f := range smallSchema().Fields {
		col, _ := s.Column(f.Name)
		p := col.(segment.Prefetcher)
		first := p.Missing(0, 1, 1, nil)
		whole := length(first)
		if f.Name != "null" && whole == 0 {
			t.Errorf("%s: nothing is missing at first", f.Name)
		}
		bring(t, first)
		if rest := p.Missing(0, 1, 1, nil); len(rest) != 0 {
			t.Errorf("%s: %v is missing after all was brought", f.Name, rest)
		}
		var v vec.Vector
		if err := col.Block(0, &v); err != nil {
			t.Fatal(err)
		}
		asked := fs.at.asked
		if rest := p.Missing(2, 1, 1, nil); len(rest) != 0 || fs.at.asked != asked {
			t.Errorf("%s: looked again within an epoch, %v", f.Name, rest)
		}
		clear(fs.at.resident) // evicted
		var all []vfs.Span
		for b := range segment.Blocks(rows) {
			one := p.Missing(b, 1, 2, nil)
			if f.Name != "null" && len(one) == 0 {
				t.Errorf("%s: block %d lacks nothing after the eviction", f.Name, b)
			}
			all = append(all, one...)
		}
		if dict := length(p.MissingDict(2, nil)); dict != 0 {
			t.Errorf("%s: the dictionary was read and is missing", f.Name)
		}
		if one := length(p.Missing(1, 1, 2, nil)); f.Name == "raw" && (one < 8*vec.BlockRows || one > 8*vec.BlockRows+16) {
			t.Errorf("%s: a block needs %d bytes, want its %d", f.Name, one, 8*vec.BlockRows)
		}
		bring(t, all)
		if rest := p.Missing(0, segment.Blocks(rows), 3, nil); length(rest) > 64*len(rest) {
			t.Errorf("%s: the parts of all blocks leave out %v of %d bytes", f.Name, rest, whole)
		}
	}
}

// A large dictionary is wanted again after each eviction, a small one is never.
func TestMissingDict(t *testing.T) {
	schema := catalog.NewSchema("t", []catalog.Field{{Name: "large", Type: catalog.String}, {Name: "small", Type: catalog.String}})
	columns := make([][]catalog.Value, 2)
	for i := range 40_000 {
		columns[0] = append(columns[0], catalog.StringValue(fmt.Sprint("one of many texts ", i%2000)))
		columns[1] = append(columns[1], catalog.StringValue(fmt.Sprint("one of few texts ", i%20)))
	}
	fs := &coldFS{FS: vfs.NewMem()}
	if _, err := build.Write(t.Context(), fs.FS, "s", build.Spec{Name: "n", Schema: schema}, segtest.NewView("v", schema, columns)); err != nil {
		t.Fatal(err)
	}
	s, err := immutable.Open(fs, "s")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Release()
	clear(fs.at.resident)
	for i, name := range []string{"large", "small"} {
		large := i == 0
		col, _ := s.Column(name)
		p := col.(segment.Prefetcher)
		spans := p.MissingDict(1, nil)
		if length(spans) == 0 {
			t.Fatalf("%s: nothing is missing at first", name)
		}
		bring(t, spans)
		if rest := p.MissingDict(1, nil); len(rest) != 0 {
			t.Errorf("%s: %v is missing after it was brought", name, rest)
		}
		dict := col.Dict()
		want := dict.Str(7)
		bring(t, p.Missing(0, 1, 1, nil))
		var v vec.Vector
		if err := col.Block(0, &v); err != nil {
			t.Fatal(err)
		}
		clear(fs.at.resident) // evicted
		asked := fs.at.asked
		if rest := p.MissingDict(1, nil); len(rest) != 0 || fs.at.asked != asked {
			t.Errorf("%s: looked again within an epoch, %v", name, rest)
		}
		for _, epoch := range []uint64{0, 2} {
			if rest := p.MissingDict(epoch, nil); len(rest) > 0 != large {
				t.Errorf("%s, epoch %d: %v is missing after the eviction", name, epoch, rest)
			}
		}
		if one := length(p.Missing(0, 1, 0, nil)); large && one < 40_000 || !large && one > vec.BlockRows+8 {
			t.Errorf("%s: a block needs %d bytes", name, one)
		}
		if got := dict.Str(7); got != want || dict.Len != map[bool]int{true: 2000, false: 20}[large] {
			t.Errorf("%s: the dictionary of %d has %q, want %q", name, dict.Len, got, want)
		}
	}
}

// The operating system's mappings know what they have.
func TestResidentOnDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "segment")
	spec := build.Spec{Name: "n", Schema: smallSchema()}
	if _, err := build.Write(context.Background(), vfs.OS(), path, spec, segtest.NewView("v", smallSchema(), smallColumns(9000), segtest.WithTimeRange(5, 9))); err != nil {
		t.Fatal(err)
	}
	s, err := immutable.Open(vfs.OS(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Release()
	col, _ := s.Column("raw")
	bring(t, col.(segment.Prefetcher).Missing(0, 1, 1, nil))
	if rest := col.(segment.Prefetcher).Missing(0, 2, 2, nil); len(rest) != 0 {
		t.Errorf("%v is missing after it was brought", rest)
	}
}

func BenchmarkMissingWarm(b *testing.B) {
	fs := vfs.NewMem()
	spec := build.Spec{Name: "n", Schema: smallSchema()}
	if _, err := build.Write(b.Context(), fs, "s", spec, segtest.NewView("v", smallSchema(), smallColumns(9000), segtest.WithTimeRange(5, 9))); err != nil {
		b.Fatal(err)
	}
	s, err := immutable.Open(fs, "s")
	if err != nil {
		b.Fatal(err)
	}
	defer s.Release()
	col, _ := s.Column("raw")
	p := col.(segment.Prefetcher)
	for b.Loop() {
		if len(p.Missing(0, 1, 1, nil)) != 0 {
			b.Fatal("missing")
		}
	}
}

// TestCount: what a segment keeps on the heap is told: zones at once, a small dictionary when it is copied, and that it is gone.
func TestCount(t *testing.T) {
	schema := catalog.NewSchema("t", []catalog.Field{{Name: "large", Type: catalog.String}, {Name: "small", Type: catalog.String}})
	columns := make([][]catalog.Value, 2)
	for i := range 40_000 {
		columns[0] = append(columns[0], catalog.StringValue(fmt.Sprint("one of many texts ", i%2000)))
		columns[1] = append(columns[1], catalog.StringValue(fmt.Sprint("one of few texts ", i%20)))
	}
	fs := vfs.NewMem()
	if _, err := build.Write(t.Context(), fs, "s", build.Spec{Name: "n", Schema: schema}, segtest.NewView("v", schema, columns)); err != nil {
		t.Fatal(err)
	}
	s, err := immutable.Open(fs, "s")
	if err != nil {
		t.Fatal(err)
	}
	var held int64
	s.Count(func(bytes int64) { held += bytes })
	zones := int64(2 * segment.Blocks(40_000) * encoding.ZoneSize)
	if held != zones {
		t.Errorf("%d bytes after opening, want %d of zones", held, zones)
	}
	for _, name := range []string{"large", "small", "small"} {
		col, _ := s.Column(name)
		if col.Dict() == nil {
			t.Fatalf("%s has no dictionary", name)
		}
	}
	texts := int64(20 * len("one of few texts 10"))
	counts := int64(4 * (2000 + 20))
	if want := zones + texts + counts; held < want || held > want+texts+512 {
		t.Errorf("%d bytes with a small dictionary and the counts of both, want about %d", held, want)
	}
	s.Release()
	if held != 0 {
		t.Errorf("%d bytes after release", held)
	}
}
