package coldio

import (
	"context"
	"errors"
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
	if err := p.Fetch(t.Context(), []vfs.Span{{Mapping: m, Offset: 100, Length: 2*pieceBytes + 7}, {Mapping: m, Offset: 5, Length: 1}, {Mapping: m}}); err != nil {
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
	if err := p.Fetch(t.Context(), []vfs.Span{{Mapping: m, Length: 1}}); err == nil || !strings.Contains(err.Error(), "cut") {
		t.Errorf("got %v", err)
	}
}

// No more than threads calls run at once, and a cancelled request ends without those that had not begun.
func TestFetchIsBounded(t *testing.T) {
	p, _ := newPool(t, 2)
	m := &mapping{wait: make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	var wg sync.WaitGroup
	wg.Go(func() { ended <- p.Fetch(ctx, []vfs.Span{{Mapping: m, Length: 40 * pieceBytes}}) })
	for running := 0; running < 2; {
		m.mu.Lock()
		running = m.now
		m.mu.Unlock()
	}
	cancel()
	close(m.wait)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	wg.Wait()
	if m.most != 2 || len(m.ranges) != 2 || m.now != 0 {
		t.Errorf("%d calls at once, %d in all, %d still run; want 2, 2, 0", m.most, len(m.ranges), m.now)
	}
}

func TestEpoch(t *testing.T) {
	p, c := newPool(t, 1)
	first := p.Epoch()
	if got := p.Epoch(); got != first || first == 0 {
		t.Errorf("epochs %d, %d, want the same above 0", first, got)
	}
	c.Advance(moveEvery + lookEvery)
	if got := p.Epoch(); got <= first {
		t.Errorf("epoch %d after ten seconds, %d before", got, first)
	}
	p.faults.Add(-1) // as if one had happened
	before := p.Epoch()
	c.Advance(lookEvery)
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
