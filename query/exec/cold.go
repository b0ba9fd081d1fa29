package exec

import (
	"context"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/sched"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/query/result"
	"github.com/freshetdb/freshet/segment"
)

// warm brings what column i needs of the current block into memory, without the processor slot. Who reads a column block by block
// gets the rest of its morsel at once: all but the output of a selective filter does.
func (w *worker) warm(i int, p segment.Prefetcher) error {
	n := 1
	if next := w.b + 1; next < w.until && (w.last[i] == w.b-1 || w.seg.filter == nil) {
		n = w.until - w.b
	}
	w.last[i] = w.b
	w.spans = p.Missing(w.b, n, w.epoch, w.spans[:0])
	if len(w.spans) == 0 {
		return nil
	}
	return w.run.env.fetch(w.ec.Ctx, w.spans, w.seg.view.Name(), w.run.cols[i].name)
}

// fetch brings spans of a column into memory.
func (e *Env) fetch(ctx context.Context, spans []vfs.Span, segment, column string) error {
	err := sched.From(ctx).Outside(ctx, func() error { return e.Disk.Fetch(ctx, spans) })
	switch {
	case ctx.Err() != nil:
		return ctxError(ctx)
	case err != nil:
		return errs.New(errs.ClassCorrupt, errs.DataCorrupted, "segment %s, column %s: cannot read the file", segment, column).Wrap(err)
	}
	return nil
}

// warmMeta brings the dictionaries and zones that a leaf looks at before it reads blocks into memory, all of them at once.
func (r *leafRun) warmMeta(ctx context.Context, views []segment.View) error {
	if r.env.Disk == nil {
		return nil
	}
	var spans []vfs.Span
	epoch := r.env.Disk.Epoch()
	for _, v := range views {
		for i := range r.cols {
			if r.cols[i].origin != originStored {
				continue
			}
			if col, ok := v.Column(r.cols[i].name); ok {
				if p, ok := col.(segment.Prefetcher); ok {
					spans = p.MissingMeta(epoch, spans)
				}
			}
		}
	}
	if len(spans) == 0 {
		return nil
	}
	return r.env.fetch(ctx, spans, views[0].Name()+" and others", "dictionaries and zones of "+r.leaf.Scan.Table)
}

// storedBytes is the size of a block as a segment gives it: codes, raw values, text, NULLs and the places of elements.
func storedBytes(v *vec.Vector) int64 {
	n := len(v.I32)*4 + len(v.I64)*8 + len(v.F32)*4 + len(v.F64)*8 + len(v.Bits)*8 + len(v.U8) + len(v.U16)*2 + len(v.U32)*4 +
		len(v.Nulls)*8 + len(v.Offsets)*4
	for _, s := range v.Str {
		n += len(s)
	}
	bytes := int64(n)
	if v.Elems != nil {
		bytes += storedBytes(v.Elems)
	}
	return bytes
}

// addScans adds what the scans of one table read.
func addScans(to []result.Scan, from ...result.Scan) []result.Scan {
next:
	for _, f := range from {
		for i := range to {
			if to[i].Table == f.Table {
				to[i].Leaves += f.Leaves
				to[i].Rows += f.Rows
				to[i].Bytes += f.Bytes
				continue next
			}
		}
		to = append(to, f)
	}
	return to
}
