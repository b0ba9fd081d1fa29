// Package immutable serves sealed segments from mapped files (segment/FORMAT.md).
//
// Open checks header, footer, contents and zones. The sections of a column are checked when it is first touched, once,
// by whichever goroutine comes first; from then on scans trust the bytes and read them in place. Damage is an error of
// class corrupt that names file, section and column, and is found again at every touch.
package immutable

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/partition"
)

// Segment is an open segment file: a partition.Member, and the one View that it gives. Safe for concurrent use; its
// views, dictionaries and vectors are gone after Release.
type Segment struct {
	mapping vfs.Mapping
	file    *segment.File
	columns []*column
	byName  map[string]*column
	heap    *heapUse
}

// heapUse counts what a segment keeps on the heap.
type heapUse struct {
	bytes  atomic.Int64
	report func(bytes int64) // nil: nobody asked
}

func (h *heapUse) add(bytes int) {
	h.bytes.Add(int64(bytes))
	if h.report != nil {
		h.report(int64(bytes))
	}
}

var (
	_ partition.Member = (*Segment)(nil)
	_ segment.View     = (*Segment)(nil)
)

// Open maps the file at path and checks its header, footer and contents. Damage is an error of class corrupt; a missing
// file satisfies errors.Is(err, fs.ErrNotExist). The caller owns the segment until Release.
func Open(fs vfs.FS, path string) (*Segment, error) {
	mapping, err := fs.Map(path)
	if err != nil {
		return nil, fmt.Errorf("cannot open segment file %s: %w", path, err)
	}
	if err := populateEnds(mapping); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot open segment file %s: %w", path, err), mapping.Close())
	}
	file, err := segment.Parse(path, mapping.Bytes())
	if err != nil {
		return nil, errors.Join(err, mapping.Close())
	}
	s := &Segment{mapping: mapping, file: file, heap: &heapUse{}}
	s.columns, s.byName = makeColumns(file, mapping, s.heap)
	s.heap.add(file.HeapBytes())
	return s, nil
}

// Count tells report what the segment keeps on the heap beside its mapping, in bytes: at once what is there, then what comes,
// and less than zero at Release for all of it. It is called before the segment is shared; report is called from any goroutine.
func (s *Segment) Count(report func(bytes int64)) {
	s.heap.report = report
	report(s.heap.bytes.Load())
}

// endBytes is how much of either end of a file is read at once when it is opened: zones follow the header, and what
// describes the columns is before the tail.
const endBytes = 64 << 10

// populateEnds brings what Parse will read into memory, most often all of it.
func populateEnds(m vfs.Mapping) error {
	length := len(m.Bytes())
	if err := vfs.Populate(m, 0, min(length, endBytes)); err != nil {
		return err
	}
	at := max(length-endBytes, 0)
	return vfs.Populate(m, at, length-at)
}

func makeColumns(file *segment.File, mapping vfs.Mapping, heap *heapUse) ([]*column, map[string]*column) {
	columns, byName := make([]*column, len(file.Columns)), make(map[string]*column, len(file.Columns))
	for i := range file.Columns {
		c := &column{file: file, mapping: mapping, heap: heap, index: i, meta: &file.Columns[i]}
		columns[i], byName[c.meta.Name] = c, c
	}
	return columns, byName
}

// Info identifies and measures the segment.
func (s *Segment) Info() segment.Info { return s.file.Info }

// Path is the file.
func (s *Segment) Path() string { return s.file.Path }

// View implements partition.Member; a sealed segment is always whole.
func (s *Segment) View(int) segment.View { return s }

// Release implements partition.Resource: it closes the mapping. Nothing of the segment may be used afterwards.
func (s *Segment) Release() {
	if err := s.mapping.Close(); err != nil {
		panic(fmt.Sprintf("immutable: cannot unmap %s: %v", s.file.Path, err)) // only a range that is not mapped fails
	}
	s.heap.add(-int(s.heap.bytes.Load()))
}

// Name implements segment.View.
func (s *Segment) Name() string { return s.file.Info.Name }

// Rows implements segment.View.
func (s *Segment) Rows() int { return s.file.Info.Rows }

// Consuming implements segment.View.
func (s *Segment) Consuming() bool { return false }

// TimeRange implements segment.View.
func (s *Segment) TimeRange() (minMillis, maxMillis int64, ok bool) {
	return s.file.Info.MinMillis, s.file.Info.MaxMillis, s.file.Info.HasTime
}

// Column implements segment.View.
func (s *Segment) Column(name string) (segment.Column, bool) {
	c, ok := s.byName[name]
	if !ok {
		return nil, false
	}
	return c, true
}

// Verify reads and checks every byte of the file, whatever was checked before. It joins the errors of all damaged
// sections; ctx ends it between sections.
func (s *Segment) Verify(ctx context.Context) error {
	file, err := segment.Parse(s.file.Path, s.mapping.Bytes())
	if err != nil {
		return err
	}
	all := []error{file.CheckPadding()}
	columns, _ := makeColumns(file, s.mapping, &heapUse{})
	for _, c := range columns {
		if err := ctx.Err(); err != nil {
			return errs.New(errs.ClassCancelled, errs.QueryCanceled, "verification of %s was cancelled", s.file.Path).Wrap(err)
		}
		all = append(all, c.verify())
	}
	return errors.Join(all...)
}

// verify checks all of a column.
func (c *column) verify() error {
	if err := c.loadDict(); err != nil {
		return err
	}
	if err := c.loadData(); err != nil {
		return err
	}
	counted := c.dict != nil && c.dict.Counts != nil
	if c.chunks == nil && !counted {
		return nil
	}
	var out vec.Vector
	var counts []uint32
	if counted {
		counts = make([]uint32, c.dict.Len)
	}
	for b := range segment.Blocks(c.file.Info.Rows) {
		if err := c.Block(b, &out); err != nil {
			return err
		}
		for i := 0; counted && i < out.Len; i++ {
			if !out.IsNull(i) {
				counts[out.Code(i)]++
			}
		}
	}
	if counted && !slices.Equal(counts, c.dict.Counts) {
		return c.structural(segment.RoleCounts, errors.New("they are not the numbers of rows"))
	}
	return nil
}
