package exec

import (
	"context"

	"github.com/freshetdb/freshet/internal/lifecycle"
	"github.com/freshetdb/freshet/internal/sched"
)

// alive is called between two pieces of work: it reports the end of ctx, and lets other statements have the processor slot
// where it is their turn. Nobody who calls it may hold a lock.
func alive(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctxError(ctx)
	}
	return tick(ctx, sched.From(ctx))
}

// tick is alive without a look at ctx, for a hold at hand.
func tick(ctx context.Context, h *sched.Hold) error {
	if err := h.Tick(ctx); err != nil {
		return ctxError(ctx)
	}
	return nil
}

// onSlot runs f with a processor slot for the statement's own goroutine, unless it has one. f's context carries the hold.
func (e *Env) onSlot(ctx context.Context, f func(ctx context.Context) error) error {
	if e.CPU == nil {
		return f(ctx)
	}
	return holding(ctx, e.CPU, f)
}

func holding(ctx context.Context, h *sched.Hold, f func(ctx context.Context) error) error {
	if err := h.Enter(ctx); err != nil {
		return ctxError(ctx)
	}
	defer h.Exit()
	return f(sched.With(ctx, h))
}

// parallel runs f for 0..n-1, each in a goroutine with a hold of its own, and waits without the caller's slot. Where there is
// one only it is the caller's goroutine and slot.
func parallel(ctx context.Context, name string, n int, f func(ctx context.Context, i int) error) error {
	if n == 1 {
		return lifecycle.Guard(name, func() error { return f(ctx, 0) })
	}
	h := sched.From(ctx)
	err := h.Outside(ctx, func() error {
		g := lifecycle.NewGroup(ctx)
		for i := range n {
			g.Go(name, func(ctx context.Context) error {
				return holding(ctx, h.Task().Hold(), func(ctx context.Context) error { return f(ctx, i) })
			})
		}
		return g.Wait()
	})
	if ctx.Err() != nil && err == nil {
		return ctxError(ctx)
	}
	return err
}
