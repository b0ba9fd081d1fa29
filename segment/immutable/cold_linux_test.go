package immutable_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/coldio"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/build"
	"github.com/freshetdb/freshet/segment/immutable"
	"github.com/freshetdb/freshet/segment/segtest"
)

// A file that the system has evicted is found missing, brought by the pool, and read without waiting for the disk.
func TestEvictedFile(t *testing.T) {
	schema := catalog.NewSchema("t", []catalog.Field{{Name: "raw", Type: catalog.Long}})
	rng := rand.New(rand.NewPCG(3, 4))
	values := make([]catalog.Value, 200_000)
	for i := range values {
		values[i] = catalog.LongValue(rng.Int64())
	}
	path := filepath.Join(t.TempDir(), "segment")
	if _, err := build.Write(t.Context(), vfs.OS(), path, build.Spec{Name: "n", Schema: schema}, segtest.NewView("v", schema, [][]catalog.Value{values})); err != nil {
		t.Fatal(err)
	}
	s, err := immutable.Open(vfs.OS(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Release()
	f, err := os.Open(path) // opening may have read far ahead
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED), f.Close()); err != nil {
		t.Fatal(err)
	}
	col, _ := s.Column("raw")
	p := col.(segment.Prefetcher)
	spans := p.Missing(0, 1, 1, nil)
	if len(spans) == 0 {
		t.Skip("this file system keeps what it was told to evict")
	}
	pool := coldio.New(4, clock.Real{})
	defer func() {
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := pool.Fetch(t.Context(), spans, false); err != nil {
		t.Fatal(err)
	}
	if n := pool.Bytes(); n < int64(8*len(values)) {
		t.Errorf("%d bytes were brought, want the column's %d", n, 8*len(values))
	}
	before := vfs.MajorFaults()
	var v vec.Vector
	for b := range segment.Blocks(len(values)) {
		if rest := p.Missing(b, 1, 1, nil); len(rest) != 0 {
			t.Errorf("block %d: %v is missing", b, rest)
		}
		if err := col.Block(b, &v); err != nil {
			t.Fatal(err)
		}
		sum := int64(0)
		for i, x := range v.I64 {
			sum += x ^ values[b*vec.BlockRows+i].I64
		}
		if sum != 0 {
			t.Errorf("block %d has other values", b)
		}
	}
	if n := vfs.MajorFaults() - before; n > 0 {
		t.Logf("%d page faults waited for the disk, of this process or test", n)
	}
}
