package exec

import (
	"context"
	"sync"

	"github.com/freshetdb/freshet/internal/lifecycle"
	"github.com/freshetdb/freshet/internal/sched"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/result"
	"github.com/freshetdb/freshet/segment"
)

// staticLeaf is a result that is complete: rows in batches that own their memory.
type staticLeaf struct {
	batches []*vec.Batch
	stats   result.Stats
	mem     account
}

// Next implements LeafResult.
func (l *staticLeaf) Next(context.Context) (*vec.Batch, error) {
	if len(l.batches) == 0 {
		return nil, nil
	}
	b := l.batches[0]
	l.batches = l.batches[1:]
	return b, nil
}

// Groups implements LeafResult.
func (l *staticLeaf) Groups() *Groups { return nil }

// Stats implements LeafResult.
func (l *staticLeaf) Stats() *result.Stats { return &l.stats }

// Close implements LeafResult.
func (l *staticLeaf) Close() error {
	l.batches = nil
	l.mem.release()
	return nil
}

// rowMorselBlocks is the number of blocks of a morsel of rows, smaller as its output is held in memory.
const rowMorselBlocks = 4

// runRows starts a leaf of rows. Small scans, and those that a LIMIT without a filter ends early, are computed by the
// reader itself; others by workers that run ahead by a bounded number of morsels.
func runRows(ctx context.Context, r *leafRun) (LeafResult, error) {
	n := r.env.workers(r.rows, parallelRows)
	if r.filter == nil && r.leaf.Limit >= 0 {
		n = 1
	}
	if n == 1 {
		return newPullRows(ctx, r), nil
	}
	return newRowStream(ctx, r, n), nil
}

// pullRows computes rows as they are read.
type pullRows struct {
	run   *leafRun
	w     *worker
	left  int64 // rows of the limit, -1 without
	seg   int
	b     int
	begun bool
	done  bool
	outs  []vec.Vector
	batch vec.Batch
	stats result.Stats
}

func newPullRows(ctx context.Context, r *leafRun) *pullRows {
	return &pullRows{run: r, w: newWorker(ctx, r), left: r.leaf.Limit, outs: make([]vec.Vector, len(r.project)),
		batch: vec.Batch{Cols: make([]*vec.Vector, len(r.project))}, stats: r.mu.stats}
}

// Next implements LeafResult.
func (p *pullRows) Next(ctx context.Context) (b *vec.Batch, err error) {
	if p.done {
		return nil, nil
	}
	err = lifecycle.Guard("query worker", func() error {
		b, err = p.next(ctx)
		return err
	})
	if b == nil || err != nil {
		p.finish()
		return nil, err
	}
	return b, nil
}

func (p *pullRows) next(ctx context.Context) (*vec.Batch, error) {
	for p.left != 0 && p.seg < len(p.run.segs) {
		if err := alive(ctx); err != nil {
			return nil, err
		}
		seg := p.run.segs[p.seg]
		if !p.begun {
			seg.ready(ctx, p.run)
			p.w.seg, p.b, p.begun = seg, 0, true
			p.w.stats.SegmentsProcessed++
			p.w.stats.ConsumingProcessed += boolInt(seg.view.Consuming())
		}
		if p.b == segment.Blocks(seg.rows) {
			p.seg++
			p.begun = false
			continue
		}
		p.w.epoch = p.run.env.Disk.Epoch()
		some, err := p.w.filterBlock(p.b)
		p.b++
		if err != nil {
			return nil, err
		}
		if !some {
			continue
		}
		p.w.matched()
		return p.output()
	}
	return nil, nil
}

func (p *pullRows) output() (*vec.Batch, error) {
	w := p.w
	if p.left >= 0 {
		w.cut(int(min(p.left, vec.BlockRows)))
		p.left -= int64(w.rows)
	}
	w.stats.EntriesScannedPostFilter += int64(w.rows * len(p.run.project))
	if err := w.project(p.run.project, p.outs, p.batch.Cols); err != nil {
		return nil, err
	}
	p.batch.Rows = w.rows
	return &p.batch, nil
}

// cut keeps the first n of the rows that passed.
func (w *worker) cut(n int) {
	if w.rows <= n {
		return
	}
	w.stats.RowsScanned -= int64(w.rows - n)
	if w.all {
		w.bits = w.bits[:vec.Words(w.n)]
		w.bits.SetAll(n)
	} else {
		sel := w.selection()
		w.bits.Trim(int(sel[n]))
	}
	w.all, w.selDone, w.rows = false, false, n
	w.out.reset(len(w.run.cols), n)
}

func (p *pullRows) finish() {
	if p.done {
		return
	}
	p.done = true
	p.w.stats.SegmentsPrunedByLimit += int64(max(0, len(p.run.segs)-p.seg-1)) * boolInt(p.left == 0)
	p.w.finish()
	p.stats = p.run.mu.stats
}

// Groups implements LeafResult.
func (p *pullRows) Groups() *Groups { return nil }

// Stats implements LeafResult.
func (p *pullRows) Stats() *result.Stats { return &p.stats }

// Close implements LeafResult.
func (p *pullRows) Close() error {
	p.finish()
	return nil
}

// rowStream has workers compute morsels ahead of the reader, who takes them in arrival order.
type rowStream struct {
	run    *leafRun
	group  *lifecycle.Group
	tokens chan struct{} // one per morsel in work or waiting for the reader: the bound of read-ahead
	out    []chan []*vec.Batch
	parts  []rowMorsel
	next   int // morsel that the reader is at
	have   []*vec.Batch
	left   int64
	stats  result.Stats
	closed bool
	err    error

	mu struct {
		sync.Mutex
		next int // morsel that a worker takes next
	}
}

type rowMorsel struct {
	seg      *segState
	from, to int
}

func newRowStream(ctx context.Context, r *leafRun, workers int) *rowStream {
	s := &rowStream{run: r, group: lifecycle.NewGroup(ctx), tokens: make(chan struct{}, 2*workers), left: r.leaf.Limit}
	for _, seg := range r.segs {
		for b := 0; b < segment.Blocks(seg.rows); b += rowMorselBlocks {
			s.parts = append(s.parts, rowMorsel{seg, b, min(b+rowMorselBlocks, segment.Blocks(seg.rows))})
			s.out = append(s.out, make(chan []*vec.Batch, 1))
		}
	}
	for range workers {
		s.group.Go("query worker", s.work)
	}
	return s
}

// work computes morsels until none is left or the stream is closed.
func (s *rowStream) work(ctx context.Context) error {
	hold := s.run.env.CPU.Task().Hold()
	ctx = sched.With(ctx, hold)
	w := newWorker(ctx, s.run)
	defer w.finish()
	collect := &rowSink{run: s.run, outs: make([]vec.Vector, len(s.run.project)), cols: make([]*vec.Vector, len(s.run.project)),
		mem: account{env: s.run.env, operator: "select"}}
	defer collect.mem.release()
	for {
		select {
		case s.tokens <- struct{}{}:
		case <-ctx.Done():
			return ctxError(ctx)
		}
		s.mu.Lock()
		i := s.mu.next
		s.mu.next++
		s.mu.Unlock()
		if i >= len(s.parts) {
			return nil
		}
		m := s.parts[i]
		w.stats.SegmentsProcessed += boolInt(m.from == 0)
		w.stats.ConsumingProcessed += boolInt(m.from == 0 && m.seg.view.Consuming())
		collect.store, collect.rows, collect.limit = rowStore{}, 0, s.run.leaf.Limit
		err := holding(ctx, hold, func(ctx context.Context) error { return w.scan(ctx, m.seg, m.from, m.to, collect) })
		if err != nil {
			return err
		}
		if collect.rows > 0 {
			w.matched()
		}
		s.out[i] <- collect.batches()
	}
}

// rowSink copies the projected rows of one morsel.
type rowSink struct {
	run   *leafRun
	store rowStore
	rows  int64
	limit int64
	outs  []vec.Vector
	cols  []*vec.Vector
	mem   account
}

func (c *rowSink) segment(*worker) (bool, error) { return false, nil }

func (c *rowSink) skip(*worker, int) bool { return c.limit >= 0 && c.rows >= c.limit }

func (c *rowSink) block(w *worker) error {
	if c.limit >= 0 {
		w.cut(int(min(c.limit-c.rows, vec.BlockRows)))
	}
	w.stats.EntriesScannedPostFilter += int64(w.rows * len(c.run.project))
	if err := w.project(c.run.project, c.outs, c.cols); err != nil {
		return err
	}
	c.rows += int64(w.rows)
	c.store.add(c.cols, w.rows, nil)
	return c.mem.set(c.store.bytes)
}

// batches gives what was collected.
func (c *rowSink) batches() []*vec.Batch {
	out := make([]*vec.Batch, len(c.store.batches))
	for i, cols := range c.store.batches {
		out[i] = &vec.Batch{Rows: c.store.sizes[i], Cols: cols}
	}
	return out
}

// Next implements LeafResult.
func (s *rowStream) Next(ctx context.Context) (*vec.Batch, error) {
	for {
		if s.err != nil || s.closed || s.left == 0 {
			return nil, s.finish()
		}
		if len(s.have) > 0 {
			b := s.have[0]
			s.have = s.have[1:]
			if s.left >= 0 && int64(b.Rows) > s.left {
				b = firstRows(b, int(s.left))
			}
			if s.left >= 0 {
				s.left -= int64(b.Rows)
			}
			return b, nil
		}
		if s.next == len(s.parts) {
			return nil, s.finish()
		}
		select {
		case s.have = <-s.out[s.next]:
			s.next++
			<-s.tokens
			continue
		default:
		}
		if err := sched.From(ctx).Outside(ctx, func() error { return s.wait(ctx) }); err != nil {
			if ctx.Err() != nil {
				err = ctxError(ctx)
			}
			return nil, err
		}
	}
}

// wait waits for the next morsel, or for the end of the workers.
func (s *rowStream) wait(ctx context.Context) error {
	select {
	case s.have = <-s.out[s.next]:
		s.next++
		<-s.tokens
	case <-s.group.Context().Done():
		s.err = s.group.Wait()
		if s.err == nil {
			s.err = ctxError(s.group.Context())
		}
	case <-ctx.Done():
		return ctxError(ctx)
	}
	return nil
}

// firstRows copies the first n rows of a batch.
func firstRows(b *vec.Batch, n int) *vec.Batch {
	sel := make([]uint16, n)
	for i := range sel {
		sel[i] = uint16(i)
	}
	out := &vec.Batch{Rows: n, Cols: make([]*vec.Vector, len(b.Cols))}
	for i, c := range b.Cols {
		out.Cols[i] = &vec.Vector{}
		c.Gather(sel, out.Cols[i])
	}
	return out
}

// finish ends the workers and collects statistics; it gives the error that ended the stream.
func (s *rowStream) finish() error {
	if s.closed {
		return s.err
	}
	s.closed = true
	if err := s.group.Stop(); err != nil && s.err == nil && s.left != 0 && s.next < len(s.parts) {
		s.err = err
	}
	s.run.mu.Lock()
	s.stats = s.run.mu.stats
	s.run.mu.Unlock()
	return s.err
}

// Groups implements LeafResult.
func (s *rowStream) Groups() *Groups { return nil }

// Stats implements LeafResult.
func (s *rowStream) Stats() *result.Stats { return &s.stats }

// Close implements LeafResult.
func (s *rowStream) Close() error {
	s.left = 0
	return s.finish()
}
