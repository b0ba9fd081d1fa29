package exec

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/sched"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/kernel"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/query/result"
	"github.com/freshetdb/freshet/segment"
)

func errorAs(err error, target any) bool { return errors.As(err, target) }

// worker is the state of one goroutine of a run: the current block, its columns as loaded so far, the rows that
// passed, scratch vectors and evaluators. Everything is reused from block to block.
type worker struct {
	run   *leafRun
	hold  *sched.Hold // of the goroutine; nil: slots do not count
	ec    *function.EvalContext
	evals map[expr.Expr]*expr.Evaluator
	stats result.Stats

	seg   *segState
	b, n  int // block and its rows
	until int // end of the morsel where blocks are read upwards
	bytes int64

	// Of cold data.
	epoch uint64 // 0: nobody asks
	fresh int    // morsels that are still looked at whatever was found before
	last  []int  // block of each column that was asked for last
	spans []vfs.Span
	runs  []blockRun
	// covered has a bit for each block from coveredFrom on, per column, that was looked at for this morsel of up to 64 blocks.
	covered     []uint64
	coveredFrom int

	loaded []bool // of cols, for the current block
	cols   []vec.Vector
	bits   vec.Bitmap // rows that pass, where !all
	all    bool
	rows   int // rows that pass
	sel    []uint16
	// selected is the number of rows in sel, where selDone.
	selected int
	selDone  bool

	out     gatherer // columns of the rows that pass
	filterG gatherer // columns for filter expressions
	scratch []vec.Bitmap
	proofs  []proof // of the filter's conjunctions
	exprOut vec.Vector
	picked  vec.Vector // codes at the rows that passed
}

// gatherer is a batch of flat or constant columns at chosen rows, and the vectors that back it.
type gatherer struct {
	batch vec.Batch
	own   []vec.Vector
	have  []bool
}

func (g *gatherer) reset(width, rows int) {
	if len(g.own) < width {
		g.own = make([]vec.Vector, width)
		g.have = make([]bool, width)
		g.batch.Cols = make([]*vec.Vector, width)
	}
	clear(g.have)
	clear(g.batch.Cols)
	g.batch.Rows = rows
}

func newWorker(ctx context.Context, r *leafRun) *worker {
	w := &worker{run: r, epoch: r.env.Disk.Epoch(), fresh: freshMorsels, hold: sched.From(ctx), ec: r.env.evalContext(ctx), evals: map[expr.Expr]*expr.Evaluator{},
		cols: make([]vec.Vector, len(r.cols)), loaded: make([]bool, len(r.cols)),
		bits: vec.NewBitmap(vec.BlockRows), last: make([]int, len(r.cols)),
		covered: make([]uint64, len(r.cols)), coveredFrom: noMorsel}
	for i := range w.last {
		w.last[i] = -2
	}
	return w
}

// sink consumes the rows of a block that passed: w.rows of them, all or those in w.bits.
type sink interface {
	block(w *worker) error
	// skip reports, before block b is filtered, that the sink needs none of its rows.
	skip(w *worker, b int) bool
	// segment is told before the first block of a segment. It may answer for the whole segment, without reading blocks.
	segment(w *worker) (done bool, err error)
}

// scan runs the blocks from..to-1 of seg into out.
func (w *worker) scan(ctx context.Context, seg *segState, from, to int, out sink) error {
	if w.seg != seg {
		seg.ready(ctx, w.run)
		w.seg = seg
	}
	w.until, w.epoch = to, w.run.env.Disk.Epoch()
	if w.run.reverse {
		w.until = 0
	}
	done, err := out.segment(w)
	if done || err != nil {
		return err
	}
	if w.run.reverse {
		last := segment.Blocks(seg.rows)
		err = w.ahead(last-to, last-from)
	} else {
		err = w.ahead(from, to)
	}
	if err != nil {
		return err
	}
	for b := from; b < to; b++ {
		if ctx.Err() != nil {
			return ctxError(ctx)
		}
		if err := tick(ctx, w.hold); err != nil {
			return err
		}
		b := b
		if w.run.reverse {
			b = segment.Blocks(seg.rows) - 1 - b
		}
		if out.skip(w, b) {
			w.stats.BlocksPruned++
			continue
		}
		some, err := w.filterBlock(b)
		if err != nil {
			return err
		}
		if !some {
			continue
		}
		if err := out.block(w); err != nil {
			return err
		}
	}
	return nil
}

// filterBlock makes b the current block and finds the rows that pass; false if there is none.
func (w *worker) filterBlock(b int) (bool, error) {
	w.b, w.n = b, min(w.seg.rows-b*vec.BlockRows, vec.BlockRows)
	clear(w.loaded)
	w.selDone = false
	w.all, w.rows = true, w.n
	if f := w.seg.filter; f != nil {
		switch f.zone(w, b) {
		case physical.None:
			w.stats.BlocksPruned++
			return false, nil
		case physical.Some:
			w.all = false
			w.bits = w.bits[:vec.Words(w.n)]
			w.bits.SetAll(w.n)
			if err := f.eval(w, w.bits); err != nil {
				return false, err
			}
			w.rows = kernel.Count(w.bits)
			w.all = w.rows == w.n
		}
	}
	w.stats.BlocksScanned++
	w.stats.RowsScanned += int64(w.rows)
	w.out.reset(len(w.run.cols), w.rows)
	return w.rows > 0, nil
}

// selection gives the positions of the rows that passed, nil for all.
func (w *worker) selection() []uint16 {
	if w.all {
		return nil
	}
	if !w.selDone {
		if w.sel == nil {
			w.sel = make([]uint16, vec.BlockRows+kernel.SelectSlack)
		}
		w.selected = kernel.Select(w.bits, w.sel)
		w.selDone = true
	}
	return w.sel[:w.selected]
}

// load gives column i of the current block in its stored form. NULLs are as stored, also with PinotNulls.
func (w *worker) load(i int) (*vec.Vector, error) {
	v := &w.cols[i]
	if w.loaded[i] {
		return v, nil
	}
	c, sc := &w.run.cols[i], &w.seg.cols[i]
	switch {
	case sc.constant != nil:
		v.SetConst(*sc.constant, w.n)
	case c.origin == originDocID:
		v.Reset(catalog.Int, w.n)
		first := int32(w.b * vec.BlockRows)
		for j := range v.I32 {
			v.I32[j] = first + int32(j)
		}
	case c.origin == originNullFlag:
		of, err := w.load(c.of)
		if err != nil {
			return nil, err
		}
		v.Reset(catalog.Boolean, w.n)
		if of.Nulls != nil {
			copy(v.Bits, of.Nulls)
			v.Bits.Trim(w.n)
		}
	default:
		if w.epoch != 0 && sc.cold != nil && !w.covers(i) {
			if err := w.warm(i, sc.cold); err != nil {
				return nil, err
			}
		}
		if err := sc.col.Block(w.b, v); err != nil {
			return nil, fmt.Errorf("segment %s, column %s, block %d: %w", w.seg.view.Name(), c.name, w.b, err)
		}
		if v.Len != w.n {
			return nil, errs.New(errs.ClassCorrupt, errs.DataCorrupted, "segment %s, column %s, block %d: %d rows, want %d",
				w.seg.view.Name(), c.name, w.b, v.Len, w.n)
		}
		w.bytes += storedBytes(v)
	}
	w.loaded[i] = true
	return v, nil
}

// gather puts column i at the rows of sel (nil: all) into g, flat or constant.
func (w *worker) gather(g *gatherer, i int, sel []uint16) (*vec.Vector, error) {
	if g.have[i] {
		return g.batch.Cols[i], nil
	}
	v, err := w.load(i)
	if err != nil {
		return nil, err
	}
	replace := w.run.env.PinotNulls && w.run.cols[i].hasDef && v.HasNulls()
	own := &g.own[i]
	switch {
	case v.Form == vec.FormConst && sel == nil:
		own = v
	case v.Form == vec.FormConst:
		own.SetConst(v.At(0), len(sel))
	case sel == nil && v.Form == vec.FormFlat && !replace && !v.Type.MultiValue:
		own = v
	default:
		if !decodeCodes(v, sel, own, &w.picked) {
			v.Gather(sel, own)
		}
		if replace {
			fillNulls(own, w.run.cols[i].def)
		}
	}
	g.batch.Cols[i], g.have[i] = own, true
	return own, nil
}

// decodeCodes is v.Gather for scaled doubles and offset integers of 8 bytes without NULLs; false for others. picked is scratch.
func decodeCodes(v *vec.Vector, sel []uint16, out, picked *vec.Vector) bool {
	scaled := v.Form == vec.FormScaled && v.Type == catalog.Double
	if !scaled && (v.Form != vec.FormOffset || v.Type.Kind.Physical() != catalog.PhysInt64) || v.HasNulls() || v.Type.MultiValue {
		return false
	}
	if sel != nil {
		gatherCodes(v, sel, picked)
		v = picked
	}
	out.Reset(v.Type, v.Len)
	switch {
	case v.U8 != nil:
		decodeAs(v, v.U8, out, scaled)
	case v.U16 != nil:
		decodeAs(v, v.U16, out, scaled)
	default:
		decodeAs(v, v.U32, out, scaled)
	}
	return true
}

func decodeAs[C kernel.Code](v *vec.Vector, codes []C, out *vec.Vector, scaled bool) {
	if scaled {
		kernel.Unscale(codes[:v.Len], v.Base, v.Power, out.F64)
		return
	}
	kernel.Offsets(codes[:v.Len], v.Base, out.I64)
}

// column gives column i at the rows that passed, flat or constant.
func (w *worker) column(i int) (*vec.Vector, error) {
	if w.out.have[i] {
		return w.out.batch.Cols[i], nil
	}
	return w.gather(&w.out, i, w.selection())
}

// columns readies the given columns at the rows that passed and gives the batch.
func (w *worker) columns(cols []int) (*vec.Batch, error) {
	for _, i := range cols {
		if _, err := w.column(i); err != nil {
			return nil, err
		}
	}
	return &w.out.batch, nil
}

// project gives expressions at the rows that passed, flat or constant; out backs those that are computed.
func (w *worker) project(exprs []expr.Expr, out []vec.Vector, cols []*vec.Vector) error {
	for i, e := range exprs {
		if c, ok := e.(*expr.Column); ok {
			v, err := w.column(c.Index)
			if err != nil {
				return err
			}
			cols[i] = v
			continue
		}
		in, err := w.columns(expr.Columns(e))
		if err != nil {
			return err
		}
		if err := w.evaluator(e).Eval(w.ec, in, &out[i]); err != nil {
			return err
		}
		cols[i] = &out[i]
	}
	return nil
}

// evaluator gives this worker's evaluator of e.
func (w *worker) evaluator(e expr.Expr) *expr.Evaluator {
	ev := w.evals[e]
	if ev == nil {
		ev = expr.NewEvaluator(e)
		w.evals[e] = ev
	}
	return ev
}

// fillNulls replaces the NULLs of a flat vector that v owns by def.
func fillNulls(v *vec.Vector, def catalog.Value) {
	if v.Type.MultiValue {
		fillNullArrays(v, def)
		return
	}
	for i := range v.Len {
		if !v.Nulls.Get(i) {
			continue
		}
		switch v.Type.Kind.Physical() {
		case catalog.PhysInt32:
			v.I32[i] = int32(def.I64)
		case catalog.PhysInt64:
			v.I64[i] = def.I64
		case catalog.PhysFloat32:
			v.F32[i] = float32(def.F64)
		case catalog.PhysFloat64:
			v.F64[i] = def.F64
		case catalog.PhysBits:
			if def.I64 != 0 {
				v.Bits.Set(i)
			} else {
				v.Bits.Clear(i)
			}
		case catalog.PhysString:
			v.Str[i] = def.Str
		}
	}
	v.Nulls = nil
}

// fillNullArrays replaces NULL arrays by def, which is an array or a single element.
func fillNullArrays(v *vec.Vector, def catalog.Value) {
	elems := def.Elems
	if !def.Type.MultiValue {
		elems = []catalog.Value{def}
	}
	var one, old vec.Vector
	one.SetConst(catalog.Value{Type: v.Type, Elems: elems}, 1)
	v.Elems.Gather(nil, &old)
	offsets := append([]uint32(nil), v.Offsets...)
	nulls := append(vec.Bitmap(nil), v.Nulls...)
	n := v.Len
	v.Reset(v.Type, n)
	total := 0
	for i := range n {
		if nulls.Get(i) {
			total += len(elems)
		} else {
			total += int(offsets[i+1] - offsets[i])
		}
		v.Offsets[i+1] = uint32(total)
	}
	v.Elems.Reset(v.Type.Elem(), total)
	at := 0
	for i := range n {
		if nulls.Get(i) {
			for j := range elems {
				v.Elems.CopyRow(at, one.Elems, j)
				at++
			}
			continue
		}
		for j := offsets[i]; j < offsets[i+1]; j++ {
			v.Elems.CopyRow(at, &old, int(j))
			at++
		}
	}
}

// finish adds the worker's statistics to the run's.
func (w *worker) finish() {
	r := w.run
	r.mu.Lock()
	defer r.mu.Unlock()
	w.stats.Scans = addScans(nil, result.Scan{Table: r.leaf.Scan.Table, Rows: w.stats.RowsScanned, Bytes: w.bytes})
	addStats(&r.mu.stats, &w.stats)
}

// matched notes that a row of the current segment passed.
func (w *worker) matched() {
	r := w.run
	r.mu.Lock()
	defer r.mu.Unlock()
	if !w.seg.matched {
		w.seg.matched = true
		r.mu.stats.SegmentsMatched++
		if w.seg.view.Consuming() {
			r.mu.stats.ConsumingMatched++
		}
	}
}

// scheduler hands out morsels: first segments that no worker has, then slices of those that one has.
type scheduler struct {
	mu struct {
		sync.Mutex
		segs []*segState
		next []int // first block not handed out
		busy []int // workers that took a part
	}
	morsel int // blocks
}

// morselBlocks is the number of blocks of a morsel.
const morselBlocks = 16

func newScheduler(segs []*segState, morsel int) *scheduler {
	s := &scheduler{morsel: morsel}
	s.mu.segs, s.mu.next, s.mu.busy = segs, make([]int, len(segs)), make([]int, len(segs))
	return s
}

// take gives the next morsel to a worker whose last segment was at index last (-1: none); seg is -1 at the end.
func (s *scheduler) take(last int) (seg, from, to int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	pick := -1
	if last >= 0 && s.left(last) > 0 {
		pick = last
	} else {
		for i := range s.mu.segs {
			left := s.left(i)
			if left == 0 {
				continue
			}
			if s.mu.busy[i] == 0 {
				pick = i
				break
			}
			if pick < 0 || left > s.left(pick) {
				pick = i
			}
		}
		if pick < 0 {
			return -1, 0, 0
		}
		s.mu.busy[pick]++
	}
	from = s.mu.next[pick]
	to = min(from+s.morsel, segment.Blocks(s.mu.segs[pick].rows))
	s.mu.next[pick] = to
	return pick, from, to
}

func (s *scheduler) left(i int) int { return segment.Blocks(s.mu.segs[i].rows) - s.mu.next[i] }

// runMorsels runs sinks, one worker each, until no morsel is left.
func runMorsels[S sink](ctx context.Context, r *leafRun, segs []*segState, sinks []S) error {
	morsel := morselBlocks
	if r.env.tune.morselBlocks > 0 {
		morsel = r.env.tune.morselBlocks
	}
	sched := newScheduler(segs, morsel)
	one := func(ctx context.Context, out sink) error {
		w := newWorker(ctx, r)
		w.fresh = (freshMorsels + len(sinks) - 1) / len(sinks)
		defer w.finish()
		last := -1
		for {
			seg, from, to := sched.take(last)
			if seg < 0 {
				return nil
			}
			if seg != last {
				w.stats.SegmentsProcessed += boolInt(from == 0)
				w.stats.ConsumingProcessed += boolInt(from == 0 && segs[seg].view.Consuming())
			}
			last = seg
			before := w.stats.RowsScanned
			if err := w.scan(ctx, segs[seg], from, to, out); err != nil {
				return err
			}
			if w.stats.RowsScanned > before {
				w.matched()
			}
		}
	}
	return parallel(ctx, "query worker", len(sinks), func(ctx context.Context, i int) error { return one(ctx, sinks[i]) })
}

func boolInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
