// Package coldio brings ranges of mapped files into memory by system calls, in a bounded pool of goroutines, so that the
// page faults of readers neither hold Go processors nor come one by one.
//
// There are two lines. What a statement asks for first is urgent, up to UrgentBytes; the rest stands in the line of scans, of which
// only a quarter of the goroutines read. A disk answers a small read in a millisecond while few large ones are under way, and in
// hundreds where its queue is full of them: schedulers prefer reads that go on where the last one ended.
//
// What was found in memory in one epoch is taken to be there until the next. An epoch lasts a second, but four milliseconds while
// something is being evicted: for five seconds after anything was missing, or the process had a page fault that waited for the disk.
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
	// pieceBytes is how much one call brings at most. Virtual disks take a few hundred pages at once from the system; what does not
	// fit waits, and small reads with it.
	pieceBytes = 256 << 10
	// UrgentBytes is how much of what one statement reads goes before the reads of scans.
	UrgentBytes = 1 << 20
	// scanShare: of so many goroutines one reads for scans too.
	scanShare = 4
	// epochNanos is the length of an epoch while something is being evicted, calmNanos in other times: a look at a column of a
	// million rows takes up to five microseconds. alertNanos is how long evictions are expected to go on.
	epochNanos = int64(4 * time.Millisecond)
	calmNanos  = int64(time.Second)
	alertNanos = int64(5 * time.Second)
)

// Pool brings ranges into memory. Safe for concurrent use. A nil Pool brings nothing: readers wait in page faults.
type Pool struct {
	clock        clock.Clock
	group        *lifecycle.Group
	urgent, bulk chan job

	epoch    atomic.Uint64
	lookAt   atomic.Int64 // nanoseconds of the clock: when faults are counted next
	moveAt   atomic.Int64 // when the epoch moves in calm times
	alert    atomic.Int64 // until when something is being evicted
	faults   atomic.Int64
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
	p := &Pool{clock: c, group: lifecycle.NewGroup(context.Background()), urgent: make(chan job, 4*threads), bulk: make(chan job, threads)}
	p.epoch.Store(1)
	p.faults.Store(vfs.MajorFaults())
	scans := max(threads/scanShare, 1)
	for i := range threads {
		if i < scans {
			p.group.Go("cold read", p.work)
		} else {
			p.group.Go("urgent cold read", p.workUrgent)
		}
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
	if at := p.lookAt.Load(); now >= at && p.lookAt.CompareAndSwap(at, now+epochNanos) {
		if faults := vfs.MajorFaults(); p.faults.Swap(faults) != faults {
			p.alert.Store(now + alertNanos)
		}
		if now < p.alert.Load() || now >= p.moveAt.Load() {
			p.moveAt.Store(now + calmNanos)
			p.epoch.Add(1)
		}
	}
	return p.epoch.Load()
}

// Fetch brings spans into memory and waits for them. The mappings have to stay open until it returns; it does so without the
// rest soon after ctx ended. An error means that a range cannot be read.
func (p *Pool) Fetch(ctx context.Context, spans []vfs.Span, urgent bool) error {
	began := p.clock.Now()
	p.alert.Store(began.UnixNano() + alertNanos)
	line := p.bulk
	if urgent {
		line = p.urgent
	}
	var r request
	for _, s := range spans {
		for s.Length > 0 && ctx.Err() == nil {
			piece := s
			piece.Length = min(s.Length, pieceBytes)
			s.Offset += piece.Length
			s.Length -= piece.Length
			r.Add(1)
			select {
			case line <- job{ctx: ctx, span: piece, done: &r}:
			case <-ctx.Done():
				r.Done()
			}
		}
	}
	r.Wait()
	p.requests.Add(1)
	p.waited.Add(int64(p.clock.Now().Sub(began)))
	return r.err
}

// work does jobs of both lines until the pool is closed, urgent ones first. A job always ends, so that Fetch does.
func (p *Pool) work(ctx context.Context) error {
	for {
		select {
		case j := <-p.urgent:
			p.do(j)
			continue
		default:
		}
		select {
		case <-ctx.Done():
			return nil
		case j := <-p.urgent:
			p.do(j)
		case j := <-p.bulk:
			p.do(j)
		}
	}
}

// workUrgent does urgent jobs until the pool is closed.
func (p *Pool) workUrgent(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case j := <-p.urgent:
			p.do(j)
		}
	}
}

func (p *Pool) do(j job) {
	err := lifecycle.Guard("cold read", func() error { return p.bring(j) })
	if err != nil {
		j.done.mu.Lock()
		j.done.err = errors.Join(j.done.err, err)
		j.done.mu.Unlock()
	}
	j.done.Done()
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

// Requests is how many times a query waited so far.
func (p *Pool) Requests() int64 { return p.requests.Load() }

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
