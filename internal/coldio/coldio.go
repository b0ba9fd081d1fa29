// Package coldio brings ranges of mapped files into memory by system calls, in a bounded pool of goroutines, so that the
// page faults of readers neither hold Go processors nor come one by one.
//
// Whether ranges are looked at depends on the epoch, which moves only when something may have been evicted: at most once a
// second, where the process had page faults that waited for the disk since, and every ten seconds in any case.
package coldio

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/lifecycle"
	"github.com/freshetdb/freshet/internal/vfs"
)

const (
	// DefaultThreads is the number of system calls at once.
	DefaultThreads = 16
	// pieceBytes is how much one call brings at most.
	pieceBytes = 1 << 20
	lookEvery  = time.Second
	moveEvery  = 10 * time.Second
)

// Pool brings ranges into memory. Safe for concurrent use. A nil Pool brings nothing: readers wait in page faults.
type Pool struct {
	clock clock.Clock
	group *lifecycle.Group
	jobs  chan job

	epoch    atomic.Uint64
	lookAt   atomic.Int64 // nanoseconds of the clock
	moveAt   atomic.Int64
	faults   atomic.Int64 // when the epoch moved last
	bytes    atomic.Int64
	requests atomic.Int64
	waited   atomic.Int64 // nanoseconds
}

// job is a piece of a request.
type job struct {
	ctx  context.Context
	span vfs.Span
	done *request
}

// request is what one Fetch waits for.
type request struct {
	sync.WaitGroup
	mu  sync.Mutex
	err error
}

// New makes a pool of threads goroutines; Close ends them.
func New(threads int, c clock.Clock) *Pool {
	p := &Pool{clock: c, group: lifecycle.NewGroup(context.Background()), jobs: make(chan job, 4*threads)}
	p.epoch.Store(1)
	p.faults.Store(vfs.MajorFaults())
	for range threads {
		p.group.Go("cold read", p.work)
	}
	return p
}

// Close ends the goroutines. No Fetch may run or follow.
func (p *Pool) Close() error { return p.group.Stop() }

// Epoch is the present epoch, above 0; 0 for nil. It costs a look at the clock.
func (p *Pool) Epoch() uint64 {
	if p == nil {
		return 0
	}
	now := p.clock.Now().UnixNano()
	if at := p.lookAt.Load(); now >= at && p.lookAt.CompareAndSwap(at, now+int64(lookEvery)) {
		faults := vfs.MajorFaults()
		if p.faults.Swap(faults) != faults || now >= p.moveAt.Load() {
			p.moveAt.Store(now + int64(moveEvery))
			p.epoch.Add(1)
		}
	}
	return p.epoch.Load()
}

// Fetch brings spans into memory and waits for them. The mappings have to stay open until it returns; it does so without the
// rest soon after ctx ended. An error means that a range cannot be read.
func (p *Pool) Fetch(ctx context.Context, spans []vfs.Span) error {
	began := p.clock.Now()
	var r request
	for _, s := range spans {
		for s.Length > 0 {
			piece := s
			piece.Length = min(s.Length, pieceBytes)
			s.Offset += piece.Length
			s.Length -= piece.Length
			r.Add(1)
			p.jobs <- job{ctx: ctx, span: piece, done: &r}
		}
	}
	r.Wait()
	p.requests.Add(1)
	p.waited.Add(int64(p.clock.Now().Sub(began)))
	return r.err
}

// work does jobs until the pool is closed. A job always ends, so that Fetch does.
func (p *Pool) work(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case j := <-p.jobs:
			err := lifecycle.Guard("cold read", func() error { return p.bring(j) })
			if err != nil {
				j.done.mu.Lock()
				j.done.err = errors.Join(j.done.err, err)
				j.done.mu.Unlock()
			}
			j.done.Done()
		}
	}
}

func (p *Pool) bring(j job) error {
	if j.ctx.Err() != nil {
		return nil // whoever asked looks at its context
	}
	p.bytes.Add(int64(j.span.Length))
	return vfs.Populate(j.span.Mapping, j.span.Offset, j.span.Length)
}

// Bytes is how much was brought into memory so far.
func (p *Pool) Bytes() int64 { return p.bytes.Load() }

// Register shows the pool in reg.
func (p *Pool) Register(reg prometheus.Registerer) error {
	var failed error
	for _, m := range []struct {
		name, help string
		value      func() float64
	}{
		{"freshet_cold_read_bytes_total", "Bytes of segments that were brought into memory for queries.", func() float64 { return float64(p.bytes.Load()) }},
		{"freshet_cold_reads_total", "Times that a query waited for them.", func() float64 { return float64(p.requests.Load()) }},
		{"freshet_cold_read_seconds_total", "Time that queries waited for them.", func() float64 { return float64(p.waited.Load()) / 1e9 }},
	} {
		failed = errors.Join(failed, reg.Register(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: m.name, Help: m.help}, m.value)))
	}
	return failed
}
