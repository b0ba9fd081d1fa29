package sched

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/freshetdb/freshet/internal/clock"
)

// work holds a slot for total, in pieces of at most a tenth of a millisecond, as a query does.
func work(t *testing.T, h *Hold, total time.Duration) {
	const piece = 100 * time.Microsecond
	for done := time.Duration(0); done < total; done += piece {
		time.Sleep(min(piece, total-done))
		if err := h.Tick(t.Context()); err != nil {
			t.Error(err)
			return
		}
	}
}

func run(t *testing.T, s *Slots, total time.Duration) time.Duration {
	began := time.Now()
	h := s.NewTask().Hold()
	if err := h.Enter(t.Context()); err != nil {
		t.Error(err)
		return 0
	}
	work(t, h, total)
	h.Exit()
	return time.Since(began)
}

// runUsed is run of a statement that has used the express slot up.
func runUsed(t *testing.T, s *Slots, total time.Duration) time.Duration {
	began := time.Now()
	task := s.NewTask()
	task.add(Express)
	h := task.Hold()
	if err := h.Enter(t.Context()); err != nil {
		t.Error(err)
		return 0
	}
	work(t, h, total)
	h.Exit()
	return time.Since(began)
}

func idle(t *testing.T, s *Slots) {
	t.Helper()
	if s.InUse() != 0 || s.Waiting() != 0 || s.waitingShort.Load() != 0 {
		t.Errorf("%d slots in use, %d waiting (%d short), want none", s.InUse(), s.Waiting(), s.waitingShort.Load())
	}
}

// Beside endless scans, a short statement waits for one piece of work of a demoted one, not for its end.
func TestShortBesideScans(t *testing.T) {
	for _, size := range []int{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			s := New(size, clock.Real{})
			var wg sync.WaitGroup
			for range 2 {
				wg.Go(func() {
					task := s.NewTask()
					var workers sync.WaitGroup
					for range size {
						workers.Go(func() {
							h := task.Hold()
							if err := h.Enter(t.Context()); err != nil {
								t.Error(err)
							}
							work(t, h, 400*time.Millisecond)
							h.Exit()
						})
					}
					workers.Wait()
				})
			}
			time.Sleep(100 * time.Millisecond) // both are demoted
			for range 50 {
				if took := run(t, s, 300*time.Microsecond); took > 300*time.Microsecond {
					t.Errorf("%d slots: a statement of 300 us took %v", size, took)
				}
				if took := runUsed(t, s, 300*time.Microsecond); took > 600*time.Microsecond {
					t.Errorf("%d slots: 300 us of a short statement took %v", size, took)
				}
				time.Sleep(time.Millisecond)
			}
			wg.Wait()
			idle(t, s)
		})
	}
}

// Short statements that never end their line leave every eighth grant to a demoted one.
func TestDemotedDoesNotStarve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(1, clock.Real{})
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			took := run(t, s, 60*time.Millisecond)
			// 20 ms in turns with two others, one of which may have the slot beyond their number, then one in eight slices of a
			// millisecond at least.
			if least, most := 120*time.Millisecond, 700*time.Millisecond; took < least || took > most {
				t.Errorf("the long statement took %v, want %v to %v", took, least, most)
			}
			stop()
		})
		for range 2 {
			wg.Go(func() {
				for ctx.Err() == nil {
					run(t, s, time.Millisecond)
				}
			})
		}
		wg.Wait()
		idle(t, s)
		if got := s.counts.demoted.Load(); got != 1 {
			t.Errorf("%d statements demoted, want 1", got)
		}
	})
}

// Among short statements slots go round, first come, first served.
func TestShortTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(1, clock.Real{})
		var mu sync.Mutex
		var ended []string
		var wg sync.WaitGroup
		for i, ms := range []int{5, 3, 1} {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * time.Microsecond)
				run(t, s, time.Duration(ms)*time.Millisecond)
				mu.Lock()
				ended = append(ended, fmt.Sprint(ms))
				mu.Unlock()
			})
		}
		wg.Wait()
		if want := []string{"1", "3", "5"}; !slices.Equal(ended, want) {
			t.Errorf("ended %v, want %v", ended, want)
		}
		idle(t, s)
	})
}

// Holders that never tick do not keep short statements out: one goes on beside them after a while, and then the next.
func TestStuckHolders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(2, clock.Real{})
		var wg sync.WaitGroup
		for range 3 { // two of them merge for long, the third waits, demoted
			wg.Go(func() {
				h := s.NewTask().Hold()
				h.task.add(DemoteAfter)
				if err := h.Enter(t.Context()); err != nil {
					t.Error(err)
				}
				time.Sleep(200 * time.Millisecond)
				h.Exit()
			})
		}
		time.Sleep(time.Millisecond)
		for i := range 20 {
			took, want := runUsed(t, s, 500*time.Microsecond), 2*Stuck
			if took > want {
				t.Errorf("statement %d took %v, want %v at most", i, took, want)
			}
			if n := s.InUse(); n > 3 {
				t.Errorf("%d slots in use, want 3 at most", n)
			}
		}
		if n := s.counts.overdrawn.Load(); n == 0 {
			t.Error("no slot was overdrawn")
		}
		wg.Wait()
		idle(t, s)
		if s.mu.free != 2 || s.mu.over != nil {
			t.Errorf("%d slots are free, want 2", s.mu.free)
		}
	})
}

func TestHold(t *testing.T) {
	s := New(1, clock.Real{})
	h := s.NewTask().Hold()
	enter := func() {
		t.Helper()
		if err := h.Enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	enter()
	enter()
	h.Exit()
	if s.InUse() != 1 {
		t.Error("the inner Exit gave the slot back")
	}
	// Outside another can have the slot; an Enter in there is an outermost one.
	failed := errors.New("failed")
	err := h.Outside(t.Context(), func() error {
		other := s.NewTask().Hold()
		if err := other.Enter(t.Context()); err != nil {
			t.Error(err)
		}
		other.Exit()
		enter()
		h.Exit()
		return nil
	})
	if err != nil || s.InUse() != 1 {
		t.Errorf("after Outside: %v, %d in use, want 1", err, s.InUse())
	}
	if err := h.Outside(t.Context(), func() error { return failed }); !errors.Is(err, failed) {
		t.Errorf("Outside gave %v", err)
	}
	h.Exit()
	idle(t, s)
	// A panic in Outside leaves nothing behind.
	enter()
	func() {
		defer func() { _ = recover() }()
		defer h.Exit()
		_ = h.Outside(t.Context(), func() error { panic("boom") })
	}()
	idle(t, s)
	var none *Slots
	nothing := none.NewTask().Hold()
	if nothing != nil || nothing.Enter(t.Context()) != nil || nothing.Tick(t.Context()) != nil || nothing.Task() != nil || none.Size() != 0 {
		t.Error("nil slots do something")
	}
	nothing.Exit()
}

// A statement that is cancelled while it waits leaves the line, whenever that happens.
func TestCancelWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(2, clock.Real{})
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				ctx, cancel := context.WithCancelCause(t.Context())
				gone := errors.New("gone")
				defer time.AfterFunc(time.Duration(i*i)*37*time.Microsecond, func() { cancel(gone) }).Stop()
				h := s.NewTask().Hold()
				err := h.Enter(ctx)
				for range 30 {
					if err != nil {
						break
					}
					time.Sleep(100 * time.Microsecond)
					err = h.Tick(ctx)
				}
				if err != nil && !errors.Is(err, gone) {
					t.Errorf("got %v", err)
				}
				if h.depth > 0 {
					h.Exit()
				}
			})
		}
		wg.Wait()
		idle(t, s)
	})
}

// Under the race detector, with real threads.
func TestManyThreads(t *testing.T) {
	s := New(3, clock.Real{})
	var inUse, most int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			task := s.NewTask()
			for range 300 {
				h := task.Hold()
				if err := h.Enter(t.Context()); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				inUse++
				most = max(most, inUse)
				mu.Unlock()
				for n := range 200 {
					_ = n
				}
				mu.Lock()
				inUse--
				mu.Unlock()
				if err := h.Tick(t.Context()); err != nil {
					t.Error(err)
				}
				h.Exit()
			}
		})
	}
	wg.Wait()
	if most > 4 { // one may be overdrawn on a busy machine
		t.Errorf("%d slots were held at once, want 4 at most", most)
	}
	idle(t, s)
}

func TestRegister(t *testing.T) {
	reg := prometheus.NewRegistry()
	s := New(2, clock.Real{})
	if err := s.Register(reg); err != nil {
		t.Fatal(err)
	}
	if err := s.Register(reg); err == nil {
		t.Error("registered twice")
	}
	families, err := reg.Gather()
	if err != nil || len(families) != 8 {
		t.Errorf("%d families, %v; want 8", len(families), err)
	}
}

func BenchmarkTick(b *testing.B) {
	s := New(1, clock.Real{})
	h := s.NewTask().Hold()
	if err := h.Enter(b.Context()); err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	for b.Loop() {
		if err := h.Tick(ctx); err != nil {
			b.Fatal(err)
		}
	}
	h.Exit()
}

func BenchmarkEnterExit(b *testing.B) {
	s := New(1, clock.Real{})
	h := s.NewTask().Hold()
	ctx := context.Background()
	for b.Loop() {
		if err := h.Enter(ctx); err != nil {
			b.Fatal(err)
		}
		h.Exit()
	}
}
