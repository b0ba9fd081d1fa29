package coldio

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/vfs"
)

// mapping notes what is populated.
type mapping struct {
	mu     sync.Mutex
	ranges [][2]int
	now    int // calls that run
	most   int
	wait   chan struct{} // nil: calls return at once
	err    error
}

func (m *mapping) Bytes() []byte { return nil }
func (m *mapping) Close() error  { return nil }

func (m *mapping) Populate(offset, length int) error {
	m.mu.Lock()
	m.ranges = append(m.ranges, [2]int{offset, length})
	m.now++
	m.most = max(m.most, m.now)
	m.mu.Unlock()
	if m.wait != nil {
		<-m.wait
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now--
	return m.err
}

func newPool(t *testing.T, threads int) (*Pool, *clock.Fake) {
	c := clock.NewFake(time.Unix(1000, 0))
	p := New(threads, c)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p, c
}

func TestFetch(t *testing.T) {
	p, _ := newPool(t, 3)
	m := &mapping{}
	if err := p.Fetch(t.Context(), []vfs.Span{{Mapping: m, Offset: 100, Length: 2*pieceBytes + 7}, {Mapping: m, Offset: 5, Length: 1}, {Mapping: m}}, false); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(m.ranges, func(a, b [2]int) int { return a[0] - b[0] })
	want := [][2]int{{5, 1}, {100, pieceBytes}, {100 + pieceBytes, pieceBytes}, {100 + 2*pieceBytes, 7}}
	if !slices.Equal(m.ranges, want) {
		t.Errorf("populated %v, want %v", m.ranges, want)
	}
	if got := p.Bytes(); got != 2*pieceBytes+8 {
		t.Errorf("%d bytes", got)
	}
	m.err = errors.New("cut")
	if err := p.Fetch(t.Context(), []vfs.Span{{Mapping: m, Length: 1}}, true); err == nil || !strings.Contains(err.Error(), "cut") {
		t.Errorf("got %v", err)
	}
}

// Scans have a quarter of the goroutines, what is urgent has all; a cancelled request ends without the calls that had not begun.
func TestFetchIsBounded(t *testing.T) {
	for _, c := range []struct {
		urgent bool
		most   int
	}{{false, 2}, {true, 8}} {
		p, _ := newPool(t, 8)
		m := &mapping{wait: make(chan struct{})}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		var wg sync.WaitGroup
		wg.Go(func() { ended <- p.Fetch(ctx, []vfs.Span{{Mapping: m, Length: 60 * pieceBytes}}, c.urgent) })
		for m.running() < c.most {
			runtime.Gosched()
		}
		cancel()
		close(m.wait)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		wg.Wait()
		if m.most != c.most || len(m.ranges) != c.most || m.now != 0 {
			t.Errorf("urgent %v: %d calls at once, %d in all, %d still run; want %d, %d, 0", c.urgent, m.most, len(m.ranges), m.now, c.most, c.most)
		}
	}
}

func (m *mapping) running() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// What is urgent does not wait for scans, however much these want, and is done first where both wait.
func TestUrgentGoesFirst(t *testing.T) {
	p, _ := newPool(t, scanShare)
	scan, small := &mapping{wait: make(chan struct{})}, &mapping{}
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := p.Fetch(t.Context(), []vfs.Span{{Mapping: scan, Length: 100 * pieceBytes}}, false); err != nil {
			t.Error(err)
		}
	})
	for scan.running() < 1 {
		runtime.Gosched()
	}
	if err := p.Fetch(t.Context(), []vfs.Span{{Mapping: small, Length: 20 * pieceBytes}}, true); err != nil {
		t.Error(err)
	}
	if n := scan.running(); n != 1 || len(small.ranges) != 20 {
		t.Errorf("%d calls for scans run, %d urgent ones are done; want 1, 20", n, len(small.ranges))
	}
	close(scan.wait)
	wg.Wait()

	one, _ := newPool(t, 1) // a single goroutine does both
	order := &mapping{wait: make(chan struct{})}
	fetch := func(offset, pieces int, urgent bool) {
		wg.Go(func() {
			if err := one.Fetch(t.Context(), []vfs.Span{{Mapping: order, Offset: offset, Length: pieces * pieceBytes}}, urgent); err != nil {
				t.Error(err)
			}
		})
	}
	fetch(0, 1, false)
	for order.running() < 1 {
		runtime.Gosched()
	}
	fetch(1<<30, 1, false)
	fetch(2<<30, 3, true)
	for len(one.urgent) < 3 || len(one.bulk) < 1 {
		runtime.Gosched()
	}
	close(order.wait)
	wg.Wait()
	if last := order.ranges[len(order.ranges)-1]; last[0] != 1<<30 {
		t.Errorf("done in the order %v, want the scan's second piece last", order.ranges)
	}
}

func TestEpoch(t *testing.T) {
	p, c := newPool(t, 1)
	first := p.Epoch()
	if got := p.Epoch(); got != first || first == 0 {
		t.Errorf("epochs %d, %d, want the same above 0", first, got)
	}
	moves := func(d int64, what string, want bool) {
		before := p.Epoch()
		p.faults.Store(vfs.MajorFaults()) // those of the test itself do not count
		c.Advance(time.Duration(d))
		if got := p.Epoch(); got > before != want {
			t.Errorf("%s: epoch %d, %d before", what, got, before)
		}
	}
	moves(epochNanos, "in calm", false)
	moves(calmNanos, "a second later", true)
	if err := p.Fetch(t.Context(), []vfs.Span{{Mapping: &mapping{}, Length: 1}}, true); err != nil {
		t.Fatal(err)
	}
	moves(epochNanos, "after something was missing", true)
	moves(epochNanos-1, "within the epoch", false)
	c.Advance(time.Duration(alertNanos))
	moves(calmNanos, "long after", true)
	moves(epochNanos, "in calm again", false)
	before := p.Epoch()
	p.faults.Add(-1) // as if one had happened
	c.Advance(time.Duration(epochNanos))
	if got := p.Epoch(); got <= before {
		t.Errorf("epoch %d after a page fault, %d before", got, before)
	}
	if (*Pool)(nil).Epoch() != 0 {
		t.Error("no pool has an epoch")
	}
	reg := prometheus.NewRegistry()
	if err := p.Register(reg); err != nil {
		t.Fatal(err)
	}
	if families, err := reg.Gather(); err != nil || len(families) != 3 {
		t.Errorf("%d families, %v", len(families), err)
	}
}
