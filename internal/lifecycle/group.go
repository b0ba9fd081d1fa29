// Package lifecycle owns goroutines. A Group starts them, turns their panics into errors, cancels all when one fails,
// and waits. No other package has a naked go statement (errgroup excepted).
package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/freshetdb/freshet/internal/errs"
)

// Group is a set of goroutines with one owner. Safe for concurrent use.
type Group struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup
	mu     struct {
		sync.Mutex
		errs []error
	}
}

// NewGroup makes a group whose context ends with parent, with Stop, or with the first error.
func NewGroup(parent context.Context) *Group {
	ctx, cancel := context.WithCancelCause(parent)
	return &Group{ctx: ctx, cancel: cancel}
}

// Context is the group's context.
func (g *Group) Context() context.Context { return g.ctx }

// Go runs f. Its error, other than the group's own cancellation, ends the group. A panic is an error of class bug.
func (g *Group) Go(name string, f func(ctx context.Context) error) {
	g.wg.Add(1)
	go func() {
		defer g.wg.Done()
		err := Guard(name, func() error { return f(g.ctx) })
		if err == nil || (errors.Is(err, context.Canceled) && g.ctx.Err() != nil) {
			return
		}
		err = fmt.Errorf("%s: %w", name, err)
		g.mu.Lock()
		g.mu.errs = append(g.mu.errs, err)
		g.mu.Unlock()
		g.cancel(err)
	}()
}

// Stop cancels the context and waits; it returns what Wait returns.
func (g *Group) Stop() error {
	g.cancel(context.Canceled)
	return g.Wait()
}

// Wait waits for every goroutine and joins their errors.
func (g *Group) Wait() error {
	g.wg.Wait()
	g.cancel(context.Canceled)
	g.mu.Lock()
	defer g.mu.Unlock()
	return errors.Join(g.mu.errs...)
}

// Guard calls f and gives its panic as an error of class bug, with the stack as detail.
func Guard(name string, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errs.Bug("%s panicked: %v", name, p).WithDetail("%s", debug.Stack())
		}
	}()
	return f()
}
