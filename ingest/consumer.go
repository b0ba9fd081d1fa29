package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/lifecycle"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/partition"
)

// Defaults and limits of a Consumer.
const (
	// DefaultMaxFrozenBytes bounds frozen segments that are not committed yet, per partition.
	DefaultMaxFrozenBytes = 400 << 20
	// maxFrozenSegments bounds their number: tiny thresholds must not pile up segments during an outage.
	maxFrozenSegments = 64
	// DefaultPollWait is how long a poll waits at most before the loop looks at thresholds and commands again.
	DefaultPollWait = 250 * time.Millisecond
	// maxChunkRecords is how many records are decoded and published at once: so few that usual ones, their columns and what
	// is often looked up in dictionaries are in the processor's own cache together, also where other machines use the shared
	// one.
	maxChunkRecords = 256
	retryMin        = 100 * time.Millisecond
	retryMax        = 10 * time.Second
)

// Runtime is what a schema or config version determines. It is replaced as a whole by Reconfigure.
type Runtime struct {
	Transformer Transformer
	Segments    Segments
	Flush       catalog.Flush
}

// Config says what a Consumer consumes, from where, and with what.
type Config struct {
	Table     string // raw name
	Topic     string
	Partition int32
	// Head is the consuming segment as recorded; ClaimEnd its claimed end offset, below 0 if it is not claimed.
	Head     Head
	ClaimEnd int64
	// Sealed are the opened segments before it, in order. The consumer takes references of its own.
	Sealed []partition.Entry

	Runtime   Runtime
	Stream    Stream
	Committer Committer
	Clock     clock.Clock
	Logger    *slog.Logger
	Hooks     Hooks

	// BuildSlots bounds how many segments of the process are built at once; nil: no bound.
	BuildSlots chan struct{}
	// MaxFrozenBytes and PollWait default as above.
	MaxFrozenBytes int64
	PollWait       time.Duration
	// Pressure says why the process cannot take more rows into memory, "" where it can; nil: it always can. The consumer then
	// freezes what it has, which sealing gives back, and waits.
	Pressure    func() string
	DeadLetters DeadLetters // nil: rejected records are only counted and sampled
	// PauseReason starts the consumer paused, if not empty.
	PauseReason string
}

func (c *Config) check() error {
	switch {
	case c.Runtime.Transformer == nil || c.Runtime.Segments == nil:
		return errs.Bug("consumer of %s/%d without a runtime", c.Table, c.Partition)
	case c.Stream == nil || c.Committer == nil || c.Clock == nil || c.Logger == nil:
		return errs.Bug("consumer of %s/%d without stream, committer, clock or logger", c.Table, c.Partition)
	case c.Head.Name == "" || c.Head.StartOffset < 0:
		return errs.Bug("consumer of %s/%d without a head: %+v", c.Table, c.Partition, c.Head)
	case c.Runtime.Flush.Rows <= 0 || c.Runtime.Flush.Age <= 0 || c.Runtime.Flush.Bytes <= 0:
		return errs.Bug("consumer of %s/%d without thresholds: %+v", c.Table, c.Partition, c.Runtime.Flush)
	}
	if c.MaxFrozenBytes <= 0 {
		c.MaxFrozenBytes = DefaultMaxFrozenBytes
	}
	if c.PollWait <= 0 {
		c.PollWait = DefaultPollWait
	}
	return nil
}

// Consumer owns one stream partition: its loop appends and publishes rows, its sealer turns frozen segments into
// committed files, in order.
//
// Goroutines: Run starts the loop and the sealer and ends with both. Everything under "loop" is touched by the loop only.
// Locks: versions.mu orders the structural changes of the partition's version and is held for a pointer store, never
// while a segment is built, released or a reader waited for; mu protects commands and the status. mu is never taken
// while versions.mu is held, nor the other way round.
type Consumer struct {
	cfg      Config
	part     *partition.Partition
	errorLog ErrorLog

	loop struct {
		rt        Runtime
		head      Head
		claimEnd  int64
		segment   *partition.Shared
		consuming Consuming
		next      int64 // after the last delivered record
		epoch     int32
		firstAt   time.Time // when the consuming segment made its first progress; zero: none
		fetcher   Fetcher
		fetching  bool // the fetcher is not paused
		resolved  bool // the ready offset is known
		rowRatio  float64
		backoff   time.Duration
		failed    error // ERROR until an operator chooses
		failure   error // the last one, until records come again
	}
	versions struct {
		sync.Mutex
		entries []partition.Entry
	}
	mu struct {
		sync.Mutex
		status     Status
		cancelPoll context.CancelFunc
		woken      bool
		commands   []command
		queue      []task
		frozen     int
		frozenSize int64
		paused     string // reason, "" not paused
		lastMillis int64  // timestamp of the newest consumed record
		position   int64  // fetch position, beyond next where the log has gaps
	}
	closing struct { // taken by readers and Close only, never by the loop
		sync.RWMutex
		done bool
	}
	wakeLoop   chan struct{}
	wakeSealer chan struct{}
}

// NewConsumer makes a consumer with its partition, whose version shows the sealed segments at once. Run starts it;
// Close has to be called after Run, or instead.
func NewConsumer(cfg Config) (*Consumer, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	c := &Consumer{cfg: cfg, wakeLoop: make(chan struct{}, 1), wakeSealer: make(chan struct{}, 1)}
	consuming, err := cfg.Runtime.Segments.NewConsuming(cfg.Head)
	if err != nil {
		return nil, fmt.Errorf("cannot begin segment %s: %w", cfg.Head.Name, err)
	}
	l := &c.loop
	l.rt, l.head, l.claimEnd, l.consuming = cfg.Runtime, cfg.Head, cfg.ClaimEnd, consuming
	l.next, l.epoch, l.rowRatio, l.backoff = cfg.Head.StartOffset, cfg.Head.LeaderEpoch, 1, retryMin
	l.segment = partition.NewShared(consuming)
	entries := append(append([]partition.Entry(nil), cfg.Sealed...), partition.Entry{Member: l.segment, Sequence: l.head.Sequence, Consuming: true})
	c.versions.entries = entries
	c.part = partition.New(entries, 0, l.next)
	c.mu.paused, c.mu.position = cfg.PauseReason, l.next
	c.mu.status = Status{Partition: cfg.Partition, State: StateStarting, HighWatermark: -1, ReadyOffset: -1}
	return c, nil
}

// Pin pins the current version of the partition; ok is false once the consumer is closed.
func (c *Consumer) Pin() (v *partition.Version, ok bool) {
	c.closing.RLock()
	defer c.closing.RUnlock()
	if c.closing.done {
		return nil, false
	}
	return c.part.Pin(), true
}

// Errors gives the newest rejected records, oldest first.
func (c *Consumer) Errors() []ErrorSample { return c.errorLog.Samples() }

// Run consumes until ctx ends (nil) or ownership is lost (ErrFenced, ErrConflict). It is called once.
func (c *Consumer) Run(ctx context.Context) error {
	g := lifecycle.NewGroup(ctx)
	g.Go("partition loop", c.runLoop)
	g.Go("sealer", c.runSealer)
	err := g.Wait()
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = nil
	}
	c.mu.Lock()
	c.mu.status.State, c.mu.status.Reason = StateStopped, ""
	if err != nil {
		c.mu.status.Reason = err.Error()
		c.noteErrorLocked(err)
	}
	tasks := c.mu.queue
	c.mu.queue = nil
	c.mu.Unlock()
	for _, t := range tasks {
		t.release()
	}
	return err
}

// Close releases the partition's segments; queries that pinned a version keep theirs. Run has returned.
func (c *Consumer) Close() {
	c.versions.Lock()
	defer c.versions.Unlock()
	c.closing.Lock()
	done := c.closing.done
	c.closing.done = true
	c.closing.Unlock()
	if done {
		return
	}
	c.part.Close()
	c.loop.segment.Release()
}

// wake makes the loop look at commands and limits now.
func (c *Consumer) wake() {
	c.mu.Lock()
	c.mu.woken = true
	if c.mu.cancelPoll != nil {
		c.mu.cancelPoll()
	}
	c.mu.Unlock()
	notify(c.wakeLoop)
}

func notify(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// idle waits until the loop is woken or d passed; it reports false when ctx ended.
func (c *Consumer) idle(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-c.wakeLoop:
	case <-c.cfg.Clock.After(d):
	}
	return ctx.Err() == nil
}

func (c *Consumer) log() *slog.Logger {
	return c.cfg.Logger.With("table", c.cfg.Table, "partition", c.cfg.Partition)
}

// setState records the state; a change is logged once.
func (c *Consumer) setState(s State, reason string, choices ...string) {
	c.mu.Lock()
	old := c.mu.status.State
	changed := old != s || c.mu.status.Reason != reason
	c.mu.status.State, c.mu.status.Reason, c.mu.status.Choices = s, reason, choices
	c.mu.Unlock()
	if !changed {
		return
	}
	switch s {
	case StateError, StateStalled:
		c.log().Error("partition changed state", "state", s.String(), "from", old.String(), "reason", reason, "choices", choices)
	case StateUnavailable:
		c.log().Warn("partition changed state", "state", s.String(), "from", old.String(), "reason", reason)
	default:
		if old != s {
			c.log().Info("partition changed state", "state", s.String(), "from", old.String(), "reason", reason)
		}
	}
}

func (c *Consumer) noteErrorLocked(err error) {
	c.mu.status.LastError = excerpt([]byte(err.Error()), 2*maxReasonBytes)
	c.mu.status.LastErrorMillis = c.cfg.Clock.Now().UnixMilli()
}

func (c *Consumer) noteError(err error) {
	c.mu.Lock()
	c.noteErrorLocked(err)
	c.mu.Unlock()
}

// Status gives a snapshot.
func (c *Consumer) Status() Status {
	v, ok := c.Pin()
	if !ok {
		return Status{Partition: c.cfg.Partition, State: StateStopped, HighWatermark: -1, LagOffsets: -1, LagMillis: -1, ReadyOffset: -1}
	}
	rows, consuming, next, newest := int64(v.Rows()), v.ConsumingRows, v.NextOffset, v.NewestMillis
	stored, files := len(v.Entries())-1, fileBytes(v)
	v.Unpin()
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.mu.status
	s.TotalRows, s.SegmentRows, s.NextOffset, s.NewestMillis = rows, consuming, next, newest
	s.FrozenSegments, s.FrozenBytes, s.SealedSegments = c.mu.frozen, c.mu.frozenSize, max(stored-c.mu.frozen, 0)
	s.StoredBytes = files
	s.LagOffsets, s.LagMillis = -1, -1
	if s.HighWatermark >= 0 {
		s.LagOffsets = max(s.HighWatermark-max(next, c.mu.position), 0)
		switch {
		case s.LagOffsets == 0:
			s.LagMillis = 0
		case c.mu.lastMillis > 0:
			s.LagMillis = max(c.cfg.Clock.Now().UnixMilli()-c.mu.lastMillis, 0)
		}
	}
	if s.State == StateConsuming {
		if h, ok := c.cfg.Stream.(HealthReporter); ok {
			if err := h.Health(); err != nil {
				s.State, s.Reason = StateUnavailable, err.Error()
			}
		}
	}
	return s
}

// fileBytes is the size of a version's sealed segments.
func fileBytes(v *partition.Version) int64 {
	total := int64(0)
	for _, e := range v.Entries() {
		if sealed, ok := e.Member.Member.(interface{ Info() segment.Info }); ok {
			total += sealed.Info().Bytes
		}
	}
	return total
}
