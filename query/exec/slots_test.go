package exec

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/lifecycle"
	"github.com/freshetdb/freshet/internal/sched"
)

// A slot is given back however the work under it ends, and workers run while their owner waits, also with one slot.
func TestSlotsComeBack(t *testing.T) {
	slots := sched.New(1, clock.Real{})
	failed := errors.New("failed")
	for name, f := range map[string]func(ctx context.Context, i int) error{
		"ok":     func(ctx context.Context, _ int) error { return alive(ctx) },
		"error":  func(context.Context, int) error { return failed },
		"panic":  func(context.Context, int) error { panic("boom") },
		"cancel": func(ctx context.Context, _ int) error { <-ctx.Done(); return ctxError(ctx) },
	} {
		for _, workers := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s, %d workers", name, workers), func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				e := &Env{CPU: slots.NewTask().Hold()}
				err := e.onSlot(ctx, func(ctx context.Context) error {
					if slots.InUse() != 1 {
						t.Errorf("%d slots in use, want 1", slots.InUse())
					}
					if name == "cancel" {
						cancel()
					}
					return parallel(ctx, "work", workers, f)
				})
				if (err != nil) != (name != "ok") || name == "error" && !errors.Is(err, failed) {
					t.Errorf("got %v", err)
				}
				if name == "cancel" && errs.As(err).Code != errs.QueryCanceled {
					t.Errorf("got %v, want a cancelled query", err)
				}
				if slots.InUse() != 0 || slots.Waiting() != 0 {
					t.Errorf("%d slots in use, %d wait", slots.InUse(), slots.Waiting())
				}
			})
		}
	}
}

// A statement that waits for its slot ends with its context.
func TestWaitingForASlotEnds(t *testing.T) {
	slots := sched.New(1, clock.Real{})
	var busy []*sched.Hold
	for range 2 { // the second has the slot beyond their number
		busy = append(busy, slots.NewTask().Hold())
		if err := busy[len(busy)-1].Enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		e := &Env{CPU: slots.NewTask().Hold()}
		err := lifecycle.Guard("query", func() error {
			return e.onSlot(ctx, func(context.Context) error { return errors.New("it has a slot") })
		})
		if errs.As(err).Code != errs.QueryCanceled {
			t.Errorf("got %v, want a cancelled query", err)
		}
	})
	for deadline := time.Now().Add(10 * time.Second); slots.Waiting() == 0; {
		if time.Now().After(deadline) {
			t.Fatal("nobody waits for the slot")
		}
		runtime.Gosched()
	}
	cancel()
	wg.Wait()
	for _, h := range busy {
		h.Exit()
	}
	if slots.InUse() != 0 || slots.Waiting() != 0 {
		t.Errorf("%d slots in use, %d wait", slots.InUse(), slots.Waiting())
	}
}
