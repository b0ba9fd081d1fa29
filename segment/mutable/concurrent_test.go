package mutable

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/lifecycle"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/partition"
)

// valueAt is what the concurrent test stores in a row: computed, so that readers need no shared ledger.
func valueAt(row int) (long int64, longNull bool, text string, unique string, flag bool, elems int) {
	return int64(row) * 7, row%11 == 10 && row > 3000, fmt.Sprint(row % 97), fmt.Sprintf("key-%d", row*31), row%3 == 0, row % 4
}

func concurrentBatch(from, n int) *vec.Batch {
	var cols [5]vec.Vector
	for i, t := range []catalog.Type{catalog.Long, catalog.String, catalog.String, catalog.Boolean, catalog.String.Array()} {
		cols[i].Reset(t, n)
	}
	elems := &vec.Vector{}
	var texts []string
	for i := range n {
		long, null, text, unique, flag, count := valueAt(from + i)
		cols[0].I64[i], cols[1].Str[i], cols[2].Str[i] = long, text, unique
		if null {
			cols[0].SetNull(i)
		}
		if flag {
			cols[3].Bits.Set(i)
		}
		for e := range count {
			texts = append(texts, fmt.Sprint(text, e))
		}
		cols[4].Offsets[i+1] = uint32(len(texts))
	}
	elems.Reset(catalog.String, len(texts))
	copy(elems.Str, texts)
	cols[4].Elems = elems
	return &vec.Batch{Rows: n, Cols: []*vec.Vector{&cols[0], &cols[1], &cols[2], &cols[3], &cols[4]}}
}

func concurrentSchema() *catalog.Schema {
	return catalog.NewSchema("c", []catalog.Field{{Name: "long", Type: catalog.Long}, {Name: "text", Type: catalog.String},
		{Name: "unique", Type: catalog.String}, {Name: "flag", Type: catalog.Boolean}, {Name: "many", Type: catalog.String.Array()}})
}

// checkConcurrent reads all rows of a view and compares them with what they have to be.
func checkConcurrent(v segment.View) error {
	var out [5]vec.Vector
	var columns [5]segment.Column
	for i, name := range []string{"long", "text", "unique", "flag", "many"} {
		columns[i], _ = v.Column(name)
	}
	nulls := 0
	for b := range segment.Blocks(v.Rows()) {
		for i, c := range columns {
			if err := c.Block(b, &out[i]); err != nil {
				return err
			}
		}
		for i := range out[0].Len {
			row := b*vec.BlockRows + i
			long, null, text, unique, flag, count := valueAt(row)
			elems := out[4].Offsets[i+1] - out[4].Offsets[i]
			if out[0].IsNull(i) != null || !null && out[0].I64[i] != long || out[1].StrAt(i) != text || out[2].StrAt(i) != unique ||
				out[3].Bits.Get(i) != flag || int(elems) != count {
				return fmt.Errorf("row %d of %d is wrong", row, v.Rows())
			}
			if count > 0 && out[4].Elems.StrAt(int(out[4].Offsets[i+1])-1) != fmt.Sprint(text, count-1) {
				return fmt.Errorf("elements of row %d of %d are wrong", row, v.Rows())
			}
			if null {
				nulls++
			}
		}
	}
	if got := columns[0].Stats().NullCount; got != nulls {
		return fmt.Errorf("%d nulls in %d rows, want %d", got, v.Rows(), nulls)
	}
	return nil
}

// TestReadersWhileWriting has one writer append and publish while readers pin versions and check every row, across
// chunk borders, first NULLs, dictionary growth and the switch from dictionary to raw text. Run with -race.
func TestReadersWhileWriting(t *testing.T) {
	s, allocator := open(t, Config{Schema: concurrentSchema()})
	released := atomic.Bool{}
	shared := partition.NewShared(member{s, &released})
	p := partition.New([]partition.Entry{{Member: shared, Consuming: true}}, 0, 0)
	shared.Release() // the partition has its own reference
	const rows, batch, readers = 40_000, 701, 3
	var done atomic.Bool
	group := lifecycle.NewGroup(context.Background())
	group.Go("writer", func(context.Context) error {
		defer done.Store(true)
		for from := 0; from < rows; from += batch {
			if err := s.Append(concurrentBatch(from, batch), make([]int64, batch), make([]int32, batch)); err != nil {
				return err
			}
			p.Publish(from+batch, int64(from+batch), 0)
		}
		return nil
	})
	for range readers {
		group.Go("reader", func(context.Context) error {
			for last := false; !last; {
				last = done.Load()
				v := p.Pin()
				before := v.Rows()
				err := checkConcurrent(v.Views()[0])
				if v.Rows() != before {
					err = fmt.Errorf("a version grew from %d to %d rows", before, v.Rows())
				}
				v.Unpin()
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	pinned := p.Pin()
	p.Close()
	if released.Load() {
		t.Fatal("released while pinned")
	}
	if err := checkConcurrent(pinned.Views()[0]); err != nil {
		t.Fatal(err)
	}
	pinned.Unpin()
	if !released.Load() || allocator.InUse() != 0 {
		t.Fatalf("released %v, %d bytes in use after the last pin", released.Load(), allocator.InUse())
	}
}

// member notes the release.
type member struct {
	*Segment
	released *atomic.Bool
}

func (m member) Release() {
	m.released.Store(true)
	m.Segment.Release()
}

// TestAppendAllocatesNothingPerRow: once dictionaries know the values, a batch costs no heap memory except, now and
// then, a chunk.
func TestAppendAllocatesNothingPerRow(t *testing.T) {
	fields := []catalog.Field{}
	for _, f := range allTypes().Fields {
		if f.Name != "unique" && f.Name != "uniques" {
			fields = append(fields, f)
		}
	}
	l := newLedger(5, catalog.NewSchema("x", fields), 0.02)
	s, _ := open(t, Config{Schema: l.schema, Table: allTypesTable()})
	const rows = 1024
	b, offsets, ordinals := l.batch(rows)
	appendOnce := func() {
		if err := s.Append(b, offsets, ordinals); err != nil {
			t.Fatal(err)
		}
	}
	for s.Rows() < 16*vec.BlockRows {
		appendOnce()
	}
	// Of a run of eight appends one fills a block; no chunk begins between block 16 and 24.
	if perRun := testing.AllocsPerRun(7, appendOnce); perRun > float64(len(fields)) {
		t.Errorf("%v allocations per batch of %d rows and %d columns", perRun, rows, len(fields))
	}
}

func BenchmarkAppend(b *testing.B) {
	s, err := New(Config{Schema: concurrentSchema()})
	if err != nil {
		b.Fatal(err)
	}
	const rows = 4096
	batch, offsets, ordinals := concurrentBatch(0, rows), make([]int64, rows), make([]int32, rows)
	b.SetBytes(rows)
	b.ReportAllocs()
	for b.Loop() {
		if s.Rows() > 1_000_000 {
			s.Release()
			if s, err = New(Config{Schema: concurrentSchema()}); err != nil {
				b.Fatal(err)
			}
		}
		if err := s.Append(batch, offsets, ordinals); err != nil {
			b.Fatal(err)
		}
	}
	s.Release()
}
