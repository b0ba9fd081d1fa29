package ingest

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/segment/partition"
)

// taskKind says what the sealer has to write.
type taskKind uint8

const (
	taskSeal taskKind = iota + 1
	taskAdvance
	taskReset
)

// task is one step of the partition's committed history. Tasks are done in the order in which the loop made them.
type task struct {
	kind     taskKind
	head     Head // the segment that begins after it
	sealed   Sealed
	member   *partition.Shared // the frozen segment; the task owns a reference
	segments Segments          // of the version under which the rows came
	frozenAt time.Time
	gap      Gap
	done     chan error
}

func (t task) release() {
	if t.member != nil {
		t.member.Release()
	}
	if t.done != nil {
		t.done <- errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "the partition is no longer consumed here")
	}
}

func (c *Consumer) enqueue(t task) {
	c.mu.Lock()
	c.mu.queue = append(c.mu.queue, t)
	if t.kind == taskSeal {
		c.mu.frozen++
		c.mu.frozenSize += t.sealed.Bytes
	}
	c.mu.Unlock()
	notify(c.wakeSealer)
}

func (c *Consumer) head() (task, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.mu.queue) == 0 {
		return task{}, false
	}
	return c.mu.queue[0], true
}

// pop forgets the first task, whose member the sealer has released.
func (c *Consumer) pop() {
	c.mu.Lock()
	t := c.mu.queue[0]
	c.mu.queue[0] = task{}
	c.mu.queue = c.mu.queue[1:]
	if t.kind == taskSeal {
		c.mu.frozen--
		c.mu.frozenSize -= t.sealed.Bytes
	}
	c.mu.status.SealError = ""
	c.mu.Unlock()
	c.wake()
}

// runSealer does the tasks in order until ctx ends. It returns an error when ownership was lost.
func (c *Consumer) runSealer(ctx context.Context) error {
	for {
		t, ok := c.head()
		if !ok {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-c.wakeSealer:
			}
			continue
		}
		if err := c.runTask(ctx, t); err != nil {
			return err
		}
		c.pop()
	}
}

func (c *Consumer) runTask(ctx context.Context, t task) error {
	switch t.kind {
	case taskAdvance:
		err := c.retry(ctx, "move the start of segment "+t.head.Name, func() error { return c.cfg.Committer.Advance(ctx, t.head) })
		if err == nil {
			c.count(func(n *Counters) { n.Advances++ })
		}
		return err
	case taskReset:
		err := c.retry(ctx, "record a gap before segment "+t.head.Name, func() error { return c.cfg.Committer.Reset(ctx, t.head, t.gap) })
		if err == nil {
			t.done <- nil
		}
		return err
	default:
		return c.seal(ctx, t)
	}
}

func (c *Consumer) count(f func(*Counters)) {
	c.mu.Lock()
	f(&c.mu.status.Counters)
	c.mu.Unlock()
}

// reached calls the hook of a named point; the hook may have ended ctx.
func (c *Consumer) reached(ctx context.Context, point string) error {
	c.cfg.Hooks.point(point)
	return ctx.Err()
}

// seal claims, builds, uploads and commits one frozen segment and puts the stored file in its place.
func (c *Consumer) seal(ctx context.Context, t task) error {
	s := t.sealed
	if err := c.retry(ctx, "claim the end of segment "+s.Name, func() error { return c.claim(ctx, s) }); err != nil {
		return err
	}
	if err := c.reached(ctx, PointAfterClaim); err != nil {
		return err
	}
	built := s
	if err := c.retry(ctx, "build segment "+s.Name, func() (err error) {
		built, err = c.build(ctx, t)
		return err
	}); err != nil {
		return err
	}
	if err := c.reached(ctx, PointAfterBuild); err != nil {
		return err
	}
	if err := c.retry(ctx, "upload segment "+s.Name, func() error { return t.segments.Upload(ctx, built) }); err != nil {
		return err
	}
	if err := c.reached(ctx, PointAfterUpload); err != nil {
		return err
	}
	if err := c.reached(ctx, PointBeforeCommit); err != nil {
		return err
	}
	if err := c.retry(ctx, "commit segment "+s.Name, func() error { return c.cfg.Committer.Commit(ctx, built, t.head) }); err != nil {
		return err
	}
	if err := c.reached(ctx, PointAfterCommit); err != nil {
		return err
	}
	return c.retry(ctx, "open segment "+s.Name, func() error { return c.takeOver(ctx, t, built) })
}

func (c *Consumer) claim(ctx context.Context, s Sealed) error {
	end, err := c.cfg.Committer.Claim(ctx, s.Sequence, s.EndOffset)
	if err == nil && end != s.EndOffset {
		return fmt.Errorf("segment %s ends at %d here and was claimed to end at %d: %w", s.Name, s.EndOffset, end, ErrConflict)
	}
	return err
}

// build runs one build at a time per slot. It runs beside the loop, which does not wait for it.
func (c *Consumer) build(ctx context.Context, t task) (Sealed, error) {
	if slots := c.cfg.BuildSlots; slots != nil {
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
		case <-ctx.Done():
			return Sealed{}, ctx.Err()
		}
	}
	return t.segments.Build(ctx, t.sealed, t.member.Member.View(t.sealed.Rows))
}

// takeOver replaces the frozen segment by its file in the partition's version.
func (c *Consumer) takeOver(ctx context.Context, t task, built Sealed) error {
	member, err := t.segments.Open(ctx, built)
	if err != nil {
		return err
	}
	stored := partition.NewShared(member)
	entry := partition.Entry{Member: stored, Sequence: built.Sequence, Rows: built.Rows}
	c.editEntries(func(entries []partition.Entry) []partition.Entry {
		for i := range entries {
			if entries[i].Sequence == built.Sequence {
				entries[i] = entry
			}
		}
		return entries
	})
	stored.Release()
	t.member.Release()
	c.count(func(n *Counters) {
		n.Seals++
		n.SealedBytes += built.Bytes
		n.SealedMillis += c.cfg.Clock.Now().Sub(t.frozenAt).Milliseconds()
	})
	c.log().Info("segment committed", "segment", built.Name, "rows", built.Rows, "bytes", built.Bytes, "startOffset", built.StartOffset,
		"endOffset", built.EndOffset)
	return nil
}

// editEntries installs a changed copy of the segment list. What edit leaves out is released after the lock.
func (c *Consumer) editEntries(edit func([]partition.Entry) []partition.Entry) {
	c.versions.Lock()
	v, ok := c.Pin()
	if !ok {
		c.versions.Unlock()
		return
	}
	old := c.versions.entries
	for _, e := range old { // keeps the last release, which unmaps, out of the lock
		e.Member.Retain()
	}
	c.versions.entries = edit(append([]partition.Entry(nil), old...))
	c.part.Replace(c.versions.entries, v.ConsumingRows, v.NextOffset)
	v.Unpin()
	c.versions.Unlock()
	for _, e := range old {
		e.Member.Release()
	}
}

// Remove takes a sealed segment out of the version: retention, or damage. Queries that pinned it keep it. It reports
// whether the segment was there.
func (c *Consumer) Remove(sequence int64) bool {
	if c.isFrozen(sequence) {
		return false
	}
	found := false
	c.editEntries(func(entries []partition.Entry) []partition.Entry {
		kept := entries[:0]
		for i, e := range entries {
			if e.Sequence == sequence && i < len(entries)-1 {
				found = true
				continue
			}
			kept = append(kept, e)
		}
		return kept
	})
	return found
}

func (c *Consumer) isFrozen(sequence int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.mu.queue {
		if c.mu.queue[i].kind == taskSeal && c.mu.queue[i].sealed.Sequence == sequence {
			return true
		}
	}
	return false
}

// Insert puts a repaired sealed segment at its place, replacing one of the same sequence. It takes its own reference.
func (c *Consumer) Insert(entry partition.Entry) {
	c.editEntries(func(entries []partition.Entry) []partition.Entry {
		at := 0
		for at < len(entries) && entries[at].Sequence < entry.Sequence {
			at++
		}
		if at < len(entries) && entries[at].Sequence == entry.Sequence {
			entries[at] = entry
			return entries
		}
		entries = append(entries, partition.Entry{})
		copy(entries[at+1:], entries[at:])
		entries[at] = entry
		return entries
	})
}

// retry repeats f until it succeeds, ctx ends or ownership is lost. What keeps failing is shown in the status; each
// new reason is logged once.
func (c *Consumer) retry(ctx context.Context, what string, f func() error) error {
	wait := retryMin
	for {
		err := f()
		switch {
		case err == nil:
			c.sealFailure("")
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrFenced), errors.Is(err, ErrConflict):
			return fmt.Errorf("cannot %s: %w", what, err)
		}
		reason := fmt.Sprintf("cannot %s: %v", what, err)
		if errors.Is(err, syscall.ENOSPC) {
			reason = fmt.Sprintf("disk full: %s", reason)
		}
		c.sealFailure(reason)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.cfg.Clock.After(wait):
		}
		wait = min(2*wait, retryMax)
	}
}

func (c *Consumer) sealFailure(reason string) {
	c.mu.Lock()
	old := c.mu.status.SealError
	c.mu.status.SealError = reason
	if reason != "" {
		c.mu.status.Counters.SealFailures++
		c.mu.status.LastError, c.mu.status.LastErrorMillis = reason, c.cfg.Clock.Now().UnixMilli()
	}
	c.mu.Unlock()
	switch {
	case reason != "" && reason != old:
		c.log().Error("sealing waits", "reason", reason)
	case reason == "" && old != "":
		c.log().Info("sealing goes on")
	}
}
