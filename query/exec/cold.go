package exec

import (
	"context"
	"fmt"
	"slices"

	"github.com/freshetdb/freshet/internal/coldio"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/sched"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/query/result"
	"github.com/freshetdb/freshet/segment"
)

const (
	// freshMorsels: in so many morsels a scan looks whether what it reads is in memory, whatever was found before: a small
	// query would pay dearly for what was evicted meanwhile, and a large one does not notice the looks.
	freshMorsels = 4
	// noMorsel stands for the first block of a morsel where blocks come otherwise: none is covered.
	noMorsel = -1 << 30
	// fewBlocks: of a morsel that needs no more all columns come at once; of others the output's only where all rows pass.
	fewBlocks = 4
	// fewSegments is freshMorsels for dictionaries: as many segments or fewer are looked at in any case.
	fewSegments = 4
)

// asking is the epoch for which the worker asks: 0, which no earlier look satisfies, in its first morsels.
func (w *worker) asking() uint64 {
	if w.fresh > 0 {
		return 0
	}
	return w.epoch
}

// coldColumns says which columns of a leaf are stored, by what reads them.
type coldColumns struct {
	all    []int
	filter []int
	out    []int // that every row that passes needs; nil where only some of these do
}

func (r *leafRun) findColdColumns() {
	all := make([]bool, len(r.cols))
	list := func(es ...expr.Expr) (out []int) {
		for _, i := range columnsOf(len(r.cols), es...) {
			if r.cols[i].origin == originNullFlag {
				i = r.cols[i].of
			}
			if r.cols[i].origin == originStored && !slices.Contains(out, i) {
				out = append(out, i)
				all[i] = true
			}
		}
		return out
	}
	reads := slices.Concat(r.project, r.keys)
	for _, a := range r.aggs {
		reads = append(append(reads, a.Args...), a.Filter)
	}
	r.cold.filter, r.cold.out = list(r.filter), list(reads...)
	for i, used := range all {
		if used {
			r.cold.all = append(r.cold.all, i)
		}
	}
	if r.leaf.Kind == physical.LeafTopN || r.leaf.Limit >= 0 {
		r.cold.out = nil
	}
}

// blockRun is blocks in a row of which metadata say the same.
type blockRun struct {
	from, to int
	verdict  physical.Verdict
}

// ahead brings what the blocks from..to-1 surely need into memory, all at once and without the processor slot.
func (w *worker) ahead(from, to int) error {
	clear(w.covered)
	w.coveredFrom = from
	if w.epoch == 0 || len(w.run.cold.all) == 0 || w.seg.view.Consuming() {
		return nil
	}
	w.spans = w.spans[:0]
	if w.fresh == 0 {
		sure := w.run.cold.filter
		if w.seg.filter == nil {
			sure = w.run.cold.out
		}
		if w.spans = w.missing(sure, from, to, w.spans); len(w.spans) == 0 {
			for _, i := range sure {
				w.cover(i, from, to)
			}
			return nil
		}
		w.spans = w.spans[:0]
	}
	count := w.needed(from, to)
	for _, r := range w.runs {
		cols := w.run.cold.out
		switch {
		case count <= fewBlocks:
			cols = w.run.cold.all
		case r.verdict == physical.Some:
			cols = w.run.cold.filter
		}
		w.spans = w.missing(cols, r.from, r.to, w.spans)
		for _, i := range cols {
			w.cover(i, r.from, r.to)
		}
	}
	if count > 0 && w.fresh > 0 {
		w.fresh--
	}
	return w.run.env.fetch(w.ec.Ctx, w.spans, func() string {
		return fmt.Sprintf("segment %s, data of %s", w.seg.view.Name(), w.run.leaf.Scan.Table)
	})
}

// needed finds the runs among blocks from..to-1 that metadata do not rule out, and counts their blocks.
func (w *worker) needed(from, to int) (count int) {
	w.runs = w.runs[:0]
	for b := from; b < to; b++ {
		verdict := physical.All
		if w.seg.filter != nil {
			verdict = w.seg.filter.zone(w, b)
		}
		if verdict == physical.None {
			continue
		}
		count++
		if n := len(w.runs); n > 0 && w.runs[n-1].to == b && w.runs[n-1].verdict == verdict {
			w.runs[n-1].to++
		} else {
			w.runs = append(w.runs, blockRun{b, b + 1, verdict})
		}
	}
	return count
}

// missing appends what blocks from..to-1 of the given columns lack.
func (w *worker) missing(cols []int, from, to int, out []vfs.Span) []vfs.Span {
	for _, i := range cols {
		if p := w.seg.cols[i].cold; p != nil {
			out = p.Missing(from, to-from, w.asking(), out)
		}
	}
	return out
}

// cover notes that blocks from..to-1 of column i are in memory as far as this morsel is concerned.
func (w *worker) cover(i, from, to int) {
	w.covered[i] |= (1<<uint(to-from) - 1) << uint(from-w.coveredFrom)
}

// covers tells whether cover was told of the current block.
func (w *worker) covers(i int) bool { return w.covered[i]>>uint(w.b-w.coveredFrom)&1 != 0 }

// warm brings what column i needs of the current block into memory, without the processor slot. Who reads a column block by block
// gets the rest of its morsel at once: all but the output of a selective filter does.
func (w *worker) warm(i int, p segment.Prefetcher) error {
	n := 1
	if next := w.b + 1; next < w.until && (w.last[i] == w.b-1 || w.seg.filter == nil) {
		n = w.until - w.b
	}
	w.last[i] = w.b
	w.cover(i, w.b, w.b+n)
	w.spans = p.Missing(w.b, n, w.asking(), w.spans[:0])
	return w.run.env.fetch(w.ec.Ctx, w.spans, func() string {
		return fmt.Sprintf("segment %s, column %s", w.seg.view.Name(), w.run.cols[i].name)
	})
}

// fetch brings spans into memory. What a statement asks for first goes before the reads of scans. place says for an error whose they are.
func (e *Env) fetch(ctx context.Context, spans []vfs.Span, place func() string) error {
	if len(spans) == 0 {
		return nil
	}
	bytes := int64(0)
	for i := range spans {
		bytes += int64(spans[i].Length)
	}
	urgent := e.cold.Add(bytes) <= coldio.UrgentBytes
	err := sched.From(ctx).Outside(ctx, func() error { return e.Disk.Fetch(ctx, spans, urgent) })
	switch {
	case ctx.Err() != nil:
		return ctxError(ctx)
	case err != nil:
		return errs.New(errs.ClassCorrupt, errs.DataCorrupted, "%s: cannot read the file", place()).Wrap(err)
	}
	return nil
}

// warmDicts brings the dictionaries of the leaf's segments into memory, all of them at once.
func (r *leafRun) warmDicts(ctx context.Context) error {
	if r.env.Disk == nil || len(r.segs) == 0 {
		return nil
	}
	var spans []vfs.Span
	epoch := r.env.Disk.Epoch()
	if len(r.segs) <= fewSegments {
		epoch = 0
	}
	for _, s := range r.segs {
		for i := range s.cols {
			if p := s.cols[i].cold; p != nil {
				spans = p.MissingDict(epoch, spans)
			}
		}
	}
	return r.env.fetch(ctx, spans, func() string {
		return fmt.Sprintf("segment %s and others, dictionaries of %s", r.segs[0].view.Name(), r.leaf.Scan.Table)
	})
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
