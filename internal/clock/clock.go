// Package clock is time as a parameter. It is the only place that reads the wall clock.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time and waits. Safe for concurrent use.
type Clock interface {
	Now() time.Time
	// After gives a channel that receives once d has passed.
	After(d time.Duration) <-chan time.Time
}

// Real is the machine's clock.
type Real struct{}

// Now implements Clock.
func (Real) Now() time.Time { return time.Now() }

// After implements Clock.
func (Real) After(d time.Duration) <-chan time.Time { return time.After(d) }

// Fake is a clock that tests move.
type Fake struct {
	mu struct {
		sync.Mutex
		now     time.Time
		waiters []waiter
	}
}

type waiter struct {
	at time.Time
	ch chan time.Time
}

// NewFake makes a clock that stands at now.
func NewFake(now time.Time) *Fake {
	f := &Fake{}
	f.mu.now = now
	return f
}

// Now implements Clock.
func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mu.now
}

// After implements Clock.
func (f *Fake) After(d time.Duration) <-chan time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	ch := make(chan time.Time, 1)
	if d <= 0 {
		ch <- f.mu.now
		return ch
	}
	f.mu.waiters = append(f.mu.waiters, waiter{at: f.mu.now.Add(d), ch: ch})
	return ch
}

// Advance moves the clock and wakes whoever waited for it.
func (f *Fake) Advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mu.now = f.mu.now.Add(d)
	kept := f.mu.waiters[:0]
	for _, w := range f.mu.waiters {
		if w.at.After(f.mu.now) {
			kept = append(kept, w)
			continue
		}
		w.ch <- f.mu.now
	}
	f.mu.waiters = kept
}
