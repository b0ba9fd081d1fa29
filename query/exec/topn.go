package exec

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync/atomic"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/query/result"
	"github.com/freshetdb/freshet/segment"
)

// topSink keeps the first rows of an order: keys and positions only; the other columns are read for the rows that are
// left in the end.
type topSink struct {
	run   *leafRun
	sort  *sorter
	keys  []expr.Expr // what the sort keys are of
	first int         // column of the first key in the scan, -1 if it is an expression
	bound *atomic.Uint64
	cols  []*vec.Vector
	outs  []vec.Vector
	mem   account
}

func newTopSink(r *leafRun, bound *atomic.Uint64) *topSink {
	t := &topSink{run: r, bound: bound, first: firstColumn(r), mem: account{env: r.env, operator: "sort"}}
	keys := make([]logical.SortKey, len(r.leaf.Sort))
	for i, k := range r.leaf.Sort {
		t.keys = append(t.keys, r.project[k.Column])
		keys[i] = k
		keys[i].Column = i
	}
	t.sort = newSorter(keys, r.leaf.Limit)
	t.cols, t.outs = make([]*vec.Vector, len(keys)), make([]vec.Vector, len(keys))
	return t
}

// firstColumn gives the scan column of the first key where metadata can bound it, else -1.
func firstColumn(r *leafRun) int {
	c, ok := r.project[r.leaf.Sort[0].Column].(*expr.Column)
	if !ok || c.T.MultiValue || c.T.Kind.Physical() == catalog.PhysString || r.cols[c.Index].origin != originStored {
		return -1
	}
	return c.Index
}

// bestPrefix is the smallest prefix that rows of a range can have, 0 where that is unknown.
func (t *topSink) bestPrefix(lo, hi catalog.Value, nulls int) uint64 {
	return bestPrefix(t.run.leaf.Sort[0], lo, hi, nulls, t.run.env.PinotNulls)
}

func bestPrefix(k logical.SortKey, lo, hi catalog.Value, nulls int, pinotNulls bool) uint64 {
	if nulls > 0 && (k.NullsFirst || pinotNulls) {
		return 0
	}
	end := lo
	if k.Descending {
		end = hi
	}
	var v vec.Vector
	v.SetConst(end, 1)
	return prefixAt(&v, 0, k)
}

// segment implements sink.
func (t *topSink) segment(w *worker) (bool, error) {
	if err := t.mem.set(t.sort.memory()); err != nil {
		return false, err
	}
	if t.first < 0 || w.seg.cols[t.first].col == nil {
		return false, nil
	}
	st := &w.seg.cols[t.first].stats
	if st.HasRange && t.bestPrefix(st.Min, st.Max, st.NullCount) > t.bound.Load() {
		w.stats.SegmentsPrunedByLimit++
		return true, nil
	}
	return false, nil
}

// skip implements sink.
func (t *topSink) skip(w *worker, b int) bool {
	if t.first < 0 || w.seg.cols[t.first].col == nil {
		return false
	}
	bound := t.bound.Load()
	if bound == math.MaxUint64 {
		return false
	}
	z := w.seg.cols[t.first].col.Zone(b)
	if !z.Known || z.AllNull {
		return false
	}
	typ := w.run.cols[t.first].typ
	lo, hi := catalog.Value{Type: typ, I64: z.MinI64, F64: z.MinF64}, catalog.Value{Type: typ, I64: z.MaxI64, F64: z.MaxF64}
	return t.bestPrefix(lo, hi, z.NullCount) > bound
}

// block implements sink.
func (t *topSink) block(w *worker) error {
	if err := w.project(t.keys, t.outs, t.cols); err != nil {
		return err
	}
	w.stats.EntriesScannedPostFilter += int64(w.rows * len(t.keys))
	sel := w.selection()
	base := arrival(w.seg.ordinal, w.b*vec.BlockRows)
	at := func(i int) uint64 { return base + uint64(rowAt(sel, i)) }
	t.sort.add(t.cols, w.rows, at, at)
	if !t.sort.full() {
		return nil
	}
	if err := t.sort.compact(w.ec.Ctx); err != nil {
		return err
	}
	for {
		old := t.bound.Load()
		if t.sort.worst.prefix >= old || t.bound.CompareAndSwap(old, t.sort.worst.prefix) {
			return t.mem.set(t.sort.memory())
		}
	}
}

// runTopN runs a top-n leaf to its end and reads the columns of the rows that are left.
func runTopN(ctx context.Context, r *leafRun) (LeafResult, error) {
	var bound atomic.Uint64
	bound.Store(math.MaxUint64)
	segs := orderSegments(r)
	sinks := make([]*topSink, min(r.env.workers(r.rows, parallelRows), max(1, len(segs)*4)))
	for i := range sinks {
		sinks[i] = newTopSink(r, &bound)
	}
	defer func() {
		for _, s := range sinks {
			s.mem.release()
		}
	}()
	if r.leaf.Limit > 0 {
		if err := runMorsels(ctx, r, segs, sinks); err != nil {
			return nil, err
		}
	}
	total := sinks[0].sort
	for _, s := range sinks[1:] {
		total.entries = append(total.entries, s.sort.entries...)
		total.bytes += s.sort.bytes
	}
	if err := total.compact(ctx); err != nil {
		return nil, err
	}
	l := &staticLeaf{mem: account{env: r.env, operator: "sort"}, stats: r.mu.stats}
	if err := l.materialise(ctx, r, total.entries); err != nil {
		l.mem.release()
		return nil, err
	}
	return l, nil
}

// orderSegments puts the segments with the best first keys in front, so that the rest can be skipped.
func orderSegments(r *leafRun) []*segState {
	col := firstColumn(r)
	if col < 0 {
		return r.segs
	}
	k := r.leaf.Sort[0]
	best := func(s *segState) uint64 {
		st := &s.cols[col].stats
		if s.cols[col].col == nil || !st.HasRange {
			return 0
		}
		return bestPrefix(k, st.Min, st.Max, st.NullCount, r.env.PinotNulls)
	}
	segs := slices.Clone(r.segs)
	slices.SortStableFunc(segs, func(a, b *segState) int { return cmp.Compare(best(a), best(b)) })
	if k.Descending && len(segs) > 0 && segs[0].cols[col].col != nil {
		// Rising values: the best are at the end. Where all blocks look alike the order of arrival is better, as then
		// the first rows already are the answer.
		c, last := segs[0].cols[col].col, segment.Blocks(segs[0].rows)-1
		first, end := c.Zone(0), c.Zone(max(last-1, 0))
		r.reverse = first.Known && end.Known && (end.MaxI64 > first.MaxI64 || end.MaxF64 > first.MaxF64)
	}
	return segs
}

// materialise reads and projects the rows of entries, in their order, into batches of l.
func (l *staticLeaf) materialise(ctx context.Context, r *leafRun, entries []entry) error {
	order := make([]int, len(entries))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(entries[a].ord, entries[b].ord) })
	bySegment := map[int]*segState{}
	for _, s := range r.segs {
		bySegment[s.ordinal] = s
	}
	w := newWorker(ctx, r)
	refs := make([]uint64, len(entries))
	outs, cols := make([]vec.Vector, len(r.project)), make([]*vec.Vector, len(r.project))
	var store rowStore
	for at := 0; at < len(order); {
		if err := alive(ctx); err != nil {
			return err
		}
		seg, row := int(entries[order[at]].ord>>32), int(uint32(entries[order[at]].ord))
		b := row / vec.BlockRows
		w.seek(bySegment[seg], b)
		for ; at < len(order) && entries[order[at]].ord < arrival(seg, (b+1)*vec.BlockRows); at++ {
			refs[order[at]] = arrival(len(store.batches), w.rows)
			w.bits.Set(int(uint32(entries[order[at]].ord)) - b*vec.BlockRows)
			w.rows++
		}
		w.all = w.rows == w.n
		w.out.reset(len(r.cols), w.rows)
		if err := w.project(r.project, outs, cols); err != nil {
			return err
		}
		store.add(cols, w.rows, nil)
		if err := l.mem.set(store.bytes); err != nil {
			return err
		}
	}
	l.stats.EntriesScannedPostFilter += int64(len(entries) * len(r.project))
	l.stats.Scans = addScans(l.stats.Scans, result.Scan{Table: r.leaf.Scan.Table, Bytes: w.bytes})
	l.batches = store.batchesOf(refs, projectTypes(r.project))
	return nil
}

// seek makes block b of seg current with no row selected.
func (w *worker) seek(seg *segState, b int) {
	w.seg, w.b, w.n = seg, b, min(seg.rows-b*vec.BlockRows, vec.BlockRows)
	clear(w.loaded)
	w.selDone, w.all, w.rows = false, false, 0
	w.bits = w.bits[:vec.Words(w.n)]
	w.bits.Zero()
}

func projectTypes(es []expr.Expr) []catalog.Type {
	out := make([]catalog.Type, len(es))
	for i, e := range es {
		out[i] = e.Type()
	}
	return out
}

var _ sink = (*topSink)(nil)

func rowAt(sel []uint16, i int) int {
	if sel == nil {
		return i
	}
	return int(sel[i])
}
