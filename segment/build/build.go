// Package build seals segments: it reads views column by column and writes one file in the format of segment/FORMAT.md.
//
// One column is in memory at a time, in buffers off the heap that the next column reuses. Equal input gives
// equal bytes. A build runs on the caller's goroutine and yields to others after every block of rows.
package build

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/offheap"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/segment"
)

// Spec says what the file is to be called and which columns it has.
type Spec struct {
	Name, Table, Incarnation         string
	Partition                        int32
	Sequence, StartOffset, EndOffset int64
	SchemaVersion, ConfigVersion     int
	// Schema gives the columns; hidden ones are added where the views have them.
	Schema *catalog.Schema
	// TableConfig gives sorted and no-dictionary columns; nil is a table that asks for nothing.
	TableConfig   *catalog.Table
	CreatedMillis int64
	// Allocator gives the memory in which columns are held meanwhile; nil makes one for the build.
	Allocator *offheap.Allocator
}

// writeBuffer is the size of writes to the file, in bytes. Larger ones save no time, and cost some on file systems that
// put them into large pages of their cache: for those the kernel has to find, and on virtual machines often to get,
// memory that is not warm.
const writeBuffer = 64 << 10

// pieces passes what is written on in writes of writeBuffer at most.
type pieces struct{ w io.Writer }

// Write implements io.Writer.
func (p pieces) Write(b []byte) (n int, err error) {
	for err == nil && n < len(b) {
		var written int
		written, err = p.w.Write(b[n:min(n+writeBuffer, len(b))])
		n += written
	}
	return n, err
}

// maxSlots bounds rows, and elements of a multi-value column, of one segment.
const maxSlots = math.MaxInt32

// Write makes the file at path out of the rows of views, in order, sorted by the table's sorted column if it has one
// (stable, NULLs last). A column of the schema that a view lacks has its default value there. The file appears whole and
// durable or, after an error or when ctx ends, not at all; the views stay pinned by the caller meanwhile.
func Write(ctx context.Context, fsys vfs.FS, path string, spec Spec, views ...segment.View) (segment.Info, error) {
	b, err := newBuilder(ctx, spec, views)
	if err != nil {
		return segment.Info{}, fmt.Errorf("cannot build segment %s: %w", spec.Name, err)
	}
	defer b.data.free()
	info, err := b.writeFile(fsys, path)
	if err != nil {
		return segment.Info{}, fmt.Errorf("cannot build segment %s: %w", spec.Name, err)
	}
	return info, nil
}

// writeFile writes the file under a temporary name, syncs it and renames it. The size limit of one write and the removal
// of what is left after an error are vfs.WriteAtomic's.
func (b *builder) writeFile(fsys vfs.FS, path string) (info segment.Info, err error) {
	err = vfs.WriteAtomic(fsys, path, func(w io.Writer) error {
		buffered := bufio.NewWriterSize(pieces{w}, writeBuffer)
		if info, err = b.write(buffered); err != nil {
			return err
		}
		return buffered.Flush()
	})
	if err != nil {
		return segment.Info{}, diskError(path, err)
	}
	return info, nil
}

// diskError classifies a failure: what is already an errs.Error stays, a full disk is exhausted, and the rest is a file
// system that does not work.
func diskError(path string, err error) error {
	var known *errs.Error
	switch {
	case errors.As(err, &known):
		return err
	case errors.Is(err, syscall.ENOSPC):
		return errs.New(errs.ClassExhausted, errs.DiskFull, "no space left in %s", filepath.Dir(path)).Wrap(err)
	default:
		return errs.New(errs.ClassUnavailable, errs.IOError, "cannot write into %s", filepath.Dir(path)).Wrap(err)
	}
}

// builder writes one segment. Buffers are reused between columns.
type builder struct {
	ctx     context.Context
	spec    Spec
	views   []segment.View
	rows    int
	w       *segment.Writer
	columns []segment.ColumnMeta
	zones   []byte
	// order is the source row of each row of the file, nil where rows keep their order.
	order []uint32
	buf   []byte
	data  columnData
}

func newBuilder(ctx context.Context, spec Spec, views []segment.View) (*builder, error) {
	b := &builder{ctx: ctx, spec: spec, views: views}
	if b.data.allocator = spec.Allocator; spec.Allocator == nil {
		b.data.allocator = offheap.NewAllocator(nil)
	}
	if spec.Schema == nil {
		return nil, errs.Bug("a build without schema")
	}
	for _, v := range views {
		b.rows += v.Rows()
	}
	if b.rows > maxSlots {
		return nil, errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "%d rows are more than a segment can hold, %d", b.rows, maxSlots)
	}
	return b, nil
}

// yield lets other goroutines run and reports a cancelled build. It is called after every block.
func (b *builder) yield() error {
	runtime.Gosched()
	if err := b.ctx.Err(); err != nil {
		return errs.New(errs.ClassCancelled, errs.QueryCanceled, "the build was cancelled").Wrap(context.Cause(b.ctx))
	}
	return nil
}

func (b *builder) write(out io.Writer) (segment.Info, error) {
	var err error
	if b.w, err = segment.NewWriter(out); err != nil {
		return segment.Info{}, err
	}
	if err := b.sortRows(); err != nil {
		return segment.Info{}, err
	}
	for _, s := range b.sources() {
		if err := b.writeColumn(s); err != nil {
			return segment.Info{}, fmt.Errorf("column %q: %w", s.name, err)
		}
	}
	zones, err := b.w.Section(segment.RoleZones, b.zones)
	if err != nil {
		return segment.Info{}, err
	}
	return b.w.Finish(b.info(), zones, b.columns)
}

func (b *builder) info() segment.Info {
	s := &b.spec
	info := segment.Info{Name: s.Name, Table: s.Table, Incarnation: s.Incarnation, Partition: s.Partition, Sequence: s.Sequence,
		StartOffset: s.StartOffset, EndOffset: s.EndOffset, SchemaVersion: s.SchemaVersion, ConfigVersion: s.ConfigVersion,
		CreatedMillis: s.CreatedMillis, Rows: b.rows}
	for _, v := range b.views {
		if v.Rows() == 0 {
			continue
		}
		lo, hi, ok := v.TimeRange()
		switch {
		case !ok:
			// Rows of this view lie anywhere: the range of the others would hide them.
			info.MinMillis, info.MaxMillis, info.HasTime = 0, 0, false
			return info
		case !info.HasTime:
			info.MinMillis, info.MaxMillis, info.HasTime = lo, hi, true
		default:
			info.MinMillis, info.MaxMillis = min(info.MinMillis, lo), max(info.MaxMillis, hi)
		}
	}
	return info
}

// sources lists the columns of the file: the schema's, in its order, then the hidden ones that a view has.
func (b *builder) sources() []source {
	var out []source
	for i := range b.spec.Schema.Fields {
		f := &b.spec.Schema.Fields[i]
		out = append(out, source{name: f.Name, typ: f.Type, absent: f.Default, noDictionary: b.noDictionary(f.Name)})
	}
	for _, h := range []source{
		{name: segment.OffsetColumn, typ: catalog.Long, absent: catalog.NullValue(catalog.Long), noDictionary: true},
		{name: segment.OrdinalColumn, typ: catalog.Int, absent: catalog.NullValue(catalog.Int), noDictionary: true},
	} {
		for _, v := range b.views {
			if _, ok := v.Column(h.name); ok {
				out = append(out, h)
				break
			}
		}
	}
	return out
}

func (b *builder) noDictionary(column string) bool {
	return b.spec.TableConfig != nil && b.spec.TableConfig.Index.NoDictionary[column]
}

// section writes a section of the column that is being written.
func (b *builder) section(meta *segment.ColumnMeta, role segment.Role, data []byte) error {
	s, err := b.w.Section(role, data)
	if err != nil {
		return err
	}
	meta.Sections = append(meta.Sections, s)
	return nil
}

// stream writes a section block by block: fill appends slots lo..hi-1 to a buffer that is reused.
func (b *builder) stream(meta *segment.ColumnMeta, role segment.Role, slots int, fill func(dst []byte, lo, hi int) []byte) error {
	b.w.Begin()
	for lo := 0; lo < slots; lo += streamSlots {
		b.buf = fill(b.buf[:0], lo, min(lo+streamSlots, slots))
		if _, err := b.w.Write(b.buf); err != nil {
			return err
		}
		if err := b.yield(); err != nil {
			return err
		}
	}
	s, err := b.w.End(role)
	if err != nil {
		return err
	}
	meta.Sections = append(meta.Sections, s)
	return nil
}

// streamSlots is how many values are encoded between two yields.
const streamSlots = 8192
