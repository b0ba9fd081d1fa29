// Package sched shares the machine's cores among queries: CPU slots that are held from morsel to morsel, given first to
// statements that have used little, and never held while waiting for anything else.
//
// A statement is a Task; each goroutine that works for it has a Hold. A slot that nobody waits for stays with its holder,
// who pays one atomic load per Tick. Who waits stands in one of two lines, each first come, first served: short
// statements, and demoted ones, which have held slots for DemoteAfter. The short line goes first, but every
// LongEvery-th grant while a demoted statement waits is that line's, so that neither starves. In its first Express of held
// time a statement need not stand in line: it has one slot more than there are, unless another statement has that.
//
// Nil Tasks and Holds take no slots: all their methods do nothing. Whoever may give a slot up (Enter, Tick, Outside) may
// hold no lock meanwhile, sync.Once included: the slot could be with somebody who waits for the lock.
//
// Locks: Slots.mu protects the lines and is held for a few instructions.
package sched

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/freshetdb/freshet/internal/clock"
)

// How slots are shared.
const (
	// DemoteAfter is the held time from which on a statement is not short any more.
	DemoteAfter = 20 * time.Millisecond
	// LongEvery: of so many grants one is a demoted statement's, where one waits.
	LongEvery = 8
	// ShortSlice and LongSlice are how long a slot is kept when others wait: by short statements, and by demoted ones
	// among themselves.
	ShortSlice = time.Millisecond
	LongSlice  = 4 * time.Millisecond
	// Express is the held time in which a statement may have the slot beyond their number at once.
	Express = time.Millisecond
	// Stuck is how long no slot changes hands before a short statement that waits gets one slot more than there are: all
	// holders are in work that cannot be interrupted. The next of them to give its slot up pays that one back.
	Stuck = 5 * time.Millisecond
)

// Slots is a set of CPU slots. Safe for concurrent use.
type Slots struct {
	size  int
	clock clock.Clock
	// waiting counts both lines, waitingShort one of them: what Tick looks at.
	waiting, waitingShort atomic.Int64
	counts                counts
	mu                    struct {
		sync.Mutex
		free        int
		short, long []*Hold
		streak      int       // grants to short statements since a demoted one waits
		over        *Hold     // who has the slot beyond their number; nil: nobody
		granted     time.Time // when a slot of those that there are was last granted
	}
}

// counts is what metrics show.
type counts struct {
	demoted             atomic.Int64
	express, overdrawn  atomic.Int64
	grants, waitedNanos [2]atomic.Int64 // short, demoted; of those who had to wait
}

// New makes n slots, at least one.
func New(n int, c clock.Clock) *Slots {
	s := &Slots{size: max(n, 1), clock: c}
	s.mu.free = s.size
	return s
}

// Size is the number of slots; 0 for nil.
func (s *Slots) Size() int {
	if s == nil {
		return 0
	}
	return s.size
}

// InUse is the number of slots that are held: at most one more than there are.
func (s *Slots) InUse() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.size - s.mu.free
	if s.mu.over != nil {
		n++
	}
	return n
}

// Waiting is the number of holds that wait for a slot.
func (s *Slots) Waiting() int { return int(s.waiting.Load()) }

// Task is one statement. Safe for concurrent use.
type Task struct {
	slots   *Slots
	used    atomic.Int64 // nanoseconds of held slots
	demoted atomic.Bool
}

// NewTask begins a statement; nil of nil slots.
func (s *Slots) NewTask() *Task {
	if s == nil {
		return nil
	}
	return &Task{slots: s}
}

// Used is the time for which the task's goroutines held slots, as far as they have told.
func (t *Task) Used() time.Duration {
	if t == nil {
		return 0
	}
	return time.Duration(t.used.Load())
}

// Hold makes the hold of one more goroutine; nil of a nil task.
func (t *Task) Hold() *Hold {
	if t == nil {
		return nil
	}
	return &Hold{task: t, slots: t.slots}
}

// add counts held time and tells whether the task is demoted.
func (t *Task) add(d time.Duration) bool {
	used := t.used.Add(int64(d))
	if used < int64(DemoteAfter) {
		return false
	}
	if t.demoted.CompareAndSwap(false, true) {
		t.slots.counts.demoted.Add(1)
	}
	return true
}

// Hold is one goroutine's claim to a slot. It belongs to one goroutine at a time.
type Hold struct {
	task    *Task
	slots   *Slots
	depth   int
	held    bool
	since   time.Time // of the grant
	counted time.Time // up to which held time is the task's
	express bool      // has the slot beyond their number, or had it until it became one of them
	ready   chan struct{}

	// Guarded by Slots.mu until the grant is seen.
	granted bool
	long    bool // stands in the line of the demoted
	whole   bool // granted ahead of short statements: keeps ShortSlice
}

// Task is the statement, nil for nil.
func (h *Hold) Task() *Task {
	if h == nil {
		return nil
	}
	return h.task
}

// Enter takes a slot unless this hold has one, waiting for it as long as ctx lives; the error is ctx's cause. Each Enter without error
// needs an Exit.
func (h *Hold) Enter(ctx context.Context) error {
	if h == nil {
		return nil
	}
	if h.depth == 0 {
		if err := h.acquire(ctx); err != nil {
			return err
		}
	}
	h.depth++
	return nil
}

// Exit ends an Enter; the outermost gives the slot back.
func (h *Hold) Exit() {
	if h == nil {
		return
	}
	h.depth--
	if h.depth == 0 {
		h.release()
	}
}

// Tick is called between two pieces of work, at most some hundred microseconds apart, by the holder of a slot. It lets others
// have the slot where it is their turn, and waits for the next. The error is ctx's cause, and then the slot is gone.
func (h *Hold) Tick(ctx context.Context) error {
	if h == nil || !h.held || h.slots.waiting.Load() == 0 && !h.express {
		return nil
	}
	now := h.slots.clock.Now()
	demoted := h.task.add(now.Sub(h.counted))
	h.counted = now
	if h.express {
		if h.task.used.Load() < int64(Express) {
			return nil
		}
		return h.yield(ctx)
	}
	slice := ShortSlice
	if demoted && !h.whole {
		slice = LongSlice
		if h.slots.waitingShort.Load() > 0 {
			slice = 0
		}
	}
	if now.Sub(h.since) < slice {
		return nil
	}
	return h.yield(ctx)
}

// Outside runs f, which waits for something else than this slot, without the slot.
func (h *Hold) Outside(ctx context.Context, f func() error) error {
	if h == nil || h.depth == 0 {
		return f()
	}
	depth := h.depth
	h.depth = 0
	h.release()
	defer func() { h.depth = depth }() // also where f panics: Exit then has nothing to give back
	if err := f(); err != nil {
		return err
	}
	return h.acquire(ctx)
}

// release counts the time, and gives the slot to whose turn it is.
func (h *Hold) release() {
	if !h.held {
		return
	}
	h.held = false
	s := h.slots
	now := s.clock.Now()
	h.task.add(now.Sub(h.counted))
	s.mu.Lock()
	defer s.mu.Unlock()
	next, free := s.pass(h, now)
	if next != nil {
		next.grant()
	}
	if free {
		s.mu.free++
	}
}

func (h *Hold) acquire(ctx context.Context) error {
	s := h.slots
	now := s.clock.Now()
	s.mu.Lock()
	if s.mu.free > 0 {
		s.mu.free--
		s.mu.granted = now
		s.mu.Unlock()
		h.whole = false
		h.start(now)
		return nil
	}
	if s.mu.over == nil && h.task.used.Load() < int64(Express) {
		s.mu.over = h
		s.counts.express.Add(1)
		s.mu.Unlock()
		h.whole = false
		h.start(now)
		h.express = true
		return nil
	}
	s.queue(h)
	s.mu.Unlock()
	return h.wait(ctx)
}

// yield stands in line again and gives the slot to whose turn it is, which may be its own.
func (h *Hold) yield(ctx context.Context) error {
	s := h.slots
	now := s.clock.Now()
	s.mu.Lock()
	s.queue(h)
	next, _ := s.pass(h, now)
	if next == h {
		s.mu.Unlock()
		h.start(now)
		return nil
	}
	if next != nil {
		next.grant()
	}
	s.mu.Unlock()
	h.held = false
	return h.wait(ctx)
}

func (h *Hold) start(now time.Time) { h.held, h.since, h.counted, h.express = true, now, now, false }

// wait waits in line for the grant.
func (h *Hold) wait(ctx context.Context) error {
	s := h.slots
	began := s.clock.Now()
	for granted := false; !granted; {
		var patience <-chan time.Time
		if !h.long {
			patience = s.clock.After(Stuck)
		}
		select {
		case <-h.ready:
			granted = true
		case <-patience:
			granted = s.overdraw(h)
		case <-ctx.Done():
			h.giveUp()
			return context.Cause(ctx)
		}
	}
	now := s.clock.Now()
	class := classOf(h.long)
	s.counts.grants[class].Add(1)
	s.counts.waitedNanos[class].Add(int64(now.Sub(began)))
	h.start(now)
	return nil
}

// giveUp leaves the line; a grant that came meanwhile is the next one's.
func (h *Hold) giveUp() {
	s := h.slots
	s.mu.Lock()
	granted := h.granted
	if !granted {
		s.leave(h)
	}
	s.mu.Unlock()
	if granted {
		<-h.ready
		h.start(s.clock.Now())
		h.release()
	}
}

func classOf(long bool) int {
	if long {
		return 1
	}
	return 0
}

// grant hands the slot over. Slots.mu is held.
func (h *Hold) grant() {
	h.granted = true
	h.ready <- struct{}{}
}

// queue puts h at the end of its line. mu is held.
func (s *Slots) queue(h *Hold) {
	if h.ready == nil {
		h.ready = make(chan struct{}, 1)
	}
	h.granted, h.whole = false, false
	h.long = h.task.used.Load() >= int64(DemoteAfter)
	s.waiting.Add(1)
	if h.long {
		s.mu.long = append(s.mu.long, h)
		return
	}
	s.waitingShort.Add(1)
	s.mu.short = append(s.mu.short, h)
}

// pass says to whom the slot of h goes, nil for nobody; then free tells whether it is one of those that there are. mu is held.
func (s *Slots) pass(h *Hold, now time.Time) (next *Hold, free bool) {
	switch s.mu.over {
	case nil:
		if next = s.next(); next != nil {
			s.mu.granted = now
		}
		return next, next == nil
	case h:
		s.mu.over = nil
		return s.extra(now), false
	default: // the other's slot is from now on this one
		s.mu.over, s.mu.granted = nil, now
		return nil, false
	}
}

// extra gives a slot more than there are to the first short statement in line, where all slots are stuck. mu is held.
func (s *Slots) extra(now time.Time) *Hold {
	if s.mu.over != nil || len(s.mu.short) == 0 || now.Sub(s.mu.granted) < Stuck {
		return nil
	}
	h := s.mu.short[0]
	s.leave(h)
	s.mu.over = h
	s.counts.overdrawn.Add(1)
	return h
}

// overdraw is called by h, which has waited for long: where slots are stuck the first in line goes on. It tells whether that is h.
func (s *Slots) overdraw(h *Hold) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h.granted {
		return false // by now: the grant is in the channel
	}
	next := s.extra(s.clock.Now())
	if next != nil && next != h {
		next.grant()
	}
	return next != nil && next == h
}

// next takes the hold whose turn it is out of its line, nil where both are empty. mu is held.
func (s *Slots) next() *Hold {
	switch {
	case len(s.mu.long) > 0 && (len(s.mu.short) == 0 || s.mu.streak >= LongEvery-1):
		h := s.mu.long[0]
		h.whole = len(s.mu.short) > 0
		s.leave(h)
		s.mu.streak = 0
		return h
	case len(s.mu.short) > 0:
		h := s.mu.short[0]
		s.leave(h)
		if len(s.mu.long) > 0 {
			s.mu.streak++
		}
		return h
	default:
		return nil
	}
}

// leave takes h out of its line. mu is held.
func (s *Slots) leave(h *Hold) {
	line := &s.mu.short
	if h.long {
		line = &s.mu.long
	} else {
		s.waitingShort.Add(-1)
	}
	s.waiting.Add(-1)
	for i, w := range *line {
		if w == h {
			copy((*line)[i:], (*line)[i+1:])
			(*line)[len(*line)-1] = nil
			*line = (*line)[:len(*line)-1]
			return
		}
	}
}

type holdKey struct{}

// With gives ctx the hold of the goroutine that works under it, nil for none.
func With(ctx context.Context, h *Hold) context.Context {
	if h == nil && From(ctx) == nil {
		return ctx
	}
	return context.WithValue(ctx, holdKey{}, h)
}

// From gives the hold of ctx, nil where there is none.
func From(ctx context.Context) *Hold {
	h, _ := ctx.Value(holdKey{}).(*Hold)
	return h
}
