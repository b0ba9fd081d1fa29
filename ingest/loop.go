package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/segment/partition"
)

// runLoop consumes until ctx ends.
func (c *Consumer) runLoop(ctx context.Context) error {
	defer c.failCommands()
	defer c.closeFetcher()
	c.noteHead()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := c.runCommands(ctx); err != nil {
			return err
		}
		if err := c.freezeIfDue(ctx); err != nil {
			return err
		}
		if !c.mayConsume() {
			c.pauseFetcher()
			if !c.idle(ctx, c.cfg.PollWait) {
				return ctx.Err()
			}
			continue
		}
		if err := c.step(ctx); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			c.handle(ctx, err)
		}
	}
}

// dataError marks an error of the pipeline or the segment, in contrast to one of the stream.
type dataError struct{ error }

func (e *dataError) Unwrap() error { return e.error }

// step opens the fetcher if there is none, polls once, and makes rows of what came.
func (c *Consumer) step(ctx context.Context) error {
	if err := c.openFetcher(ctx); err != nil {
		return err
	}
	p, err := c.poll(ctx)
	if err != nil {
		return err
	}
	c.loop.backoff, c.loop.failure = retryMin, nil
	c.setState(StateConsuming, "")
	if err := c.deliver(ctx, p); err != nil {
		return &dataError{err}
	}
	c.notePosition(p)
	return nil
}

// poll waits for records for PollWait at most; commands cut it short. Neither is an error.
func (c *Consumer) poll(ctx context.Context) (Polled, error) {
	pollCtx, cancel := context.WithTimeout(ctx, c.cfg.PollWait)
	defer cancel()
	c.mu.Lock()
	c.mu.cancelPoll = cancel
	if c.mu.woken {
		cancel()
	}
	c.mu.Unlock()
	p, err := c.loop.fetcher.Poll(pollCtx)
	c.mu.Lock()
	c.mu.cancelPoll = nil
	c.mu.Unlock()
	if err != nil && pollCtx.Err() != nil && ctx.Err() == nil && errors.Is(err, pollCtx.Err()) {
		return Polled{NextOffset: -1, HighWatermark: -1}, nil
	}
	return p, err
}

// mayConsume tells whether to poll now, and says why not in the state.
func (c *Consumer) mayConsume() bool {
	c.mu.Lock()
	paused, frozen, size, sealError := c.mu.paused, c.mu.frozen, c.mu.frozenSize, c.mu.status.SealError
	c.mu.Unlock()
	switch {
	case c.loop.failed != nil:
		c.setState(StateError, c.loop.failed.Error(), c.choices()...)
		return false
	case paused != "":
		c.setState(StatePaused, paused)
		return false
	case size >= c.cfg.MaxFrozenBytes || frozen >= maxFrozenSegments:
		reason := fmt.Sprintf("%d frozen segments of %d bytes wait to be sealed, the bound is %d bytes or %d segments",
			frozen, size, c.cfg.MaxFrozenBytes, maxFrozenSegments)
		if sealError != "" {
			reason += ": " + sealError
		}
		c.setState(StateStalled, reason)
		return false
	}
	if reason := c.pressure(); reason != "" {
		c.setState(StateStalled, reason)
		return false
	}
	return true
}

// pressure says why nothing more may be taken into memory, "" where it may.
func (c *Consumer) pressure() string {
	if c.cfg.Pressure == nil {
		return ""
	}
	return c.cfg.Pressure()
}

func (c *Consumer) choices() []string {
	return []string{
		"reset to smallest: go on at the first retained record",
		"reset to largest: skip to the end of the log",
		"stay: keep what was consumed and wait; resume tries the position again",
	}
}

// handle decides what an error of a step means: ERROR for a position that waiting cannot heal, otherwise a retry.
func (c *Consumer) handle(ctx context.Context, err error) {
	c.noteError(err)
	c.closeFetcher()
	if p, ok := AsPositionError(err); ok && !errors.Is(p.Reason, ErrTopicMissing) {
		c.loop.failed, c.loop.failure = err, err
		return
	}
	var data *dataError
	switch {
	case !errors.As(err, &data):
		c.setState(StateUnavailable, err.Error())
	case errs.ClassOf(err) == errs.ClassExhausted || errs.ClassOf(err) == errs.ClassUnavailable:
		c.setState(StateStalled, err.Error())
	default: // the same records would fail again
		c.loop.failed, c.loop.failure = err, err
		return
	}
	c.idle(ctx, c.loop.backoff)
	c.loop.backoff = min(2*c.loop.backoff, retryMax)
}

// openFetcher checks the topic's identity, and starts to fetch after the last delivered record.
func (c *Consumer) openFetcher(ctx context.Context) error {
	l := &c.loop
	if l.fetcher != nil {
		if !l.fetching {
			l.fetcher.Resume()
			l.fetching = true
		}
		return nil
	}
	topic, err := c.cfg.Stream.Describe(ctx)
	if err != nil {
		return err
	}
	if l.head.TopicID != "" && topic.ID != "" && topic.ID != l.head.TopicID {
		return NewPositionError(PositionError{Reason: ErrTopicRecreated, Topic: c.cfg.Topic, Partition: c.cfg.Partition, Offset: l.next,
			Start: -1, End: -1, WasID: l.head.TopicID, NowID: topic.ID})
	}
	if l.head.TopicID == "" {
		l.head.TopicID = topic.ID
	}
	if !l.resolved {
		_, end, err := c.cfg.Stream.Offsets(ctx, c.cfg.Partition)
		if err != nil {
			return err
		}
		l.resolved = true
		c.mu.Lock()
		c.mu.status.ReadyOffset, c.mu.status.HighWatermark = end, end
		c.mu.status.Ready = max(c.mu.position, l.next) >= end
		c.mu.Unlock()
	}
	l.fetcher, err = c.cfg.Stream.Open(c.cfg.Partition, l.next, l.epoch)
	l.fetching = err == nil
	return err
}

func (c *Consumer) pauseFetcher() {
	if c.loop.fetcher != nil && c.loop.fetching {
		c.loop.fetcher.Pause()
		c.loop.fetching = false
	}
}

func (c *Consumer) closeFetcher() {
	if c.loop.fetcher != nil {
		c.loop.fetcher.Close()
		c.loop.fetcher = nil
	}
}

// deliver makes visible rows of polled records, chunk by chunk, each chunk at a record's end.
func (c *Consumer) deliver(ctx context.Context, p Polled) error {
	for recs := p.Records; len(recs) > 0; {
		n := c.chunk(recs)
		if n == 0 { // the claimed end lies before the next record
			if err := c.freeze(ctx); err != nil {
				return err
			}
			continue
		}
		if err := c.appendRecords(ctx, recs[:n]); err != nil {
			return err
		}
		recs = recs[n:]
		if err := c.freezeIfDue(ctx); err != nil {
			return err
		}
		c.giveWay()
		if err := c.waitRoom(ctx); err != nil {
			return err
		}
	}
	return nil
}

// chunk is how many of recs to take at once: a bounded number, not beyond the claimed end, and as few as the rows
// that fit below the threshold make likely, so that records that give many rows do not overshoot it.
func (c *Consumer) chunk(recs []Record) int {
	l := &c.loop
	n := min(len(recs), maxChunkRecords)
	if room := l.rt.Flush.Rows - l.consuming.Rows(); float64(n)*l.rowRatio > float64(room) {
		n = max(1, min(n, int(float64(room)/max(l.rowRatio, 1))))
	}
	if l.claimEnd >= 0 {
		for i := range n {
			if recs[i].Offset >= l.claimEnd {
				return i
			}
		}
	}
	return n
}

// appendRecords makes rows of recs, appends and publishes them.
func (c *Consumer) appendRecords(ctx context.Context, recs []Record) error {
	l := &c.loop
	rows, err := l.rt.Transformer.Process(recs)
	if err != nil {
		return fmt.Errorf("cannot transform records %d to %d: %w", recs[0].Offset, recs[len(recs)-1].Offset, err)
	}
	if n := rows.Batch.Rows; n > 0 {
		if err := c.appendRows(ctx, rows); err != nil {
			return fmt.Errorf("cannot append the rows of records %d to %d: %w", recs[0].Offset, recs[len(recs)-1].Offset, err)
		}
	}
	last := &recs[len(recs)-1]
	l.next, l.epoch = last.Offset+1, last.LeaderEpoch
	if l.firstAt.IsZero() {
		l.firstAt = c.cfg.Clock.Now()
	}
	l.rowRatio = max(1, 0.5*l.rowRatio+0.5*float64(rows.Batch.Rows)/float64(len(recs)))
	c.publish(rows.NewestMillis)
	c.account(recs, rows)
	return nil
}

// appendRows appends, and when the segment cannot take the rows tries once more in a fresh one: what a segment can
// hold is bounded.
func (c *Consumer) appendRows(ctx context.Context, rows *Rows) error {
	err := c.loop.consuming.Append(&rows.Batch, rows.Offsets, rows.Ordinals)
	if err == nil || c.loop.consuming.Rows() == 0 || errs.ClassOf(err) == errs.ClassBug {
		return err
	}
	c.log().Warn("consuming segment is full before its thresholds", "segment", c.loop.head.Name, "error", err)
	if err := c.freeze(ctx); err != nil {
		return err
	}
	return c.loop.consuming.Append(&rows.Batch, rows.Offsets, rows.Ordinals)
}

// publish installs the rows appended so far: one pointer store.
func (c *Consumer) publish(newestMillis int64) {
	c.versions.Lock()
	c.part.Publish(c.loop.consuming.Rows(), c.loop.next, newestMillis)
	c.versions.Unlock()
}

// account counts a chunk and keeps its rejects.
func (c *Consumer) account(recs []Record, rows *Rows) {
	now := c.cfg.Clock.Now().UnixMilli()
	var bytes int64
	for i := range recs {
		bytes += int64(len(recs[i].Value))
	}
	for _, r := range rows.Rejects {
		if r.Record < 0 || r.Record >= len(recs) {
			continue
		}
		rec := &recs[r.Record]
		c.errorLog.add(ErrorSample{Topic: c.cfg.Topic, Partition: c.cfg.Partition, Offset: rec.Offset, Millis: now,
			Reason: excerpt([]byte(r.Reason.Error()), maxReasonBytes), Excerpt: excerpt(rec.Value, maxSampleBytes)})
		if c.cfg.DeadLetters != nil {
			c.cfg.DeadLetters.Send(c.cfg.Partition, *rec, r.Reason)
		}
	}
	size := c.loop.consuming.Bytes()
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &c.mu.status
	s.Counters.Records += int64(len(recs))
	s.Counters.Rows += int64(rows.Batch.Rows)
	s.Counters.Bytes += bytes
	s.Counters.Filtered += int64(rows.Filtered)
	s.Counters.Rejected += int64(len(rows.Rejects))
	s.Counters.Tombstones += int64(rows.Tombstones)
	s.Counters.ImplausibleTimes += int64(rows.ImplausibleTimes)
	s.ConsumedMillis, s.SegmentBytes = now, size
	c.mu.lastMillis = recs[len(recs)-1].TimestampMs
	c.mu.position = max(c.mu.position, c.loop.next)
	c.noteReadyLocked()
}

// notePosition takes over the fetch position, which may be beyond the last record (control records, gaps).
func (c *Consumer) notePosition(p Polled) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mu.position = max(c.mu.position, p.NextOffset, c.loop.next)
	if p.HighWatermark >= 0 {
		c.mu.status.HighWatermark = p.HighWatermark
	}
	c.noteReadyLocked()
}

func (c *Consumer) noteReadyLocked() {
	s := &c.mu.status
	if !s.Ready && s.ReadyOffset >= 0 && c.mu.position >= s.ReadyOffset {
		s.Ready = true
	}
}

// noteHead shows the consuming segment in the status.
func (c *Consumer) noteHead() {
	size := c.loop.consuming.Bytes()
	c.mu.Lock()
	s := &c.mu.status
	s.Segment, s.Sequence, s.StartOffset, s.SegmentBytes = c.loop.head.Name, c.loop.head.Sequence, c.loop.head.StartOffset, size
	c.mu.Unlock()
}

// freezeIfDue freezes when a threshold is reached, or the claimed end.
func (c *Consumer) freezeIfDue(ctx context.Context) error {
	l := &c.loop
	due := l.consuming.Rows() >= l.rt.Flush.Rows || l.consuming.Bytes() >= l.rt.Flush.Bytes && l.consuming.Rows() > 0 ||
		l.claimEnd >= 0 && l.next >= l.claimEnd || l.consuming.Rows() > 0 && c.pressure() != "" ||
		!l.firstAt.IsZero() && c.cfg.Clock.Now().Sub(l.firstAt) >= l.rt.Flush.Age
	if !due {
		return nil
	}
	return c.freeze(ctx)
}

// waitRoom keeps frozen segments, and the memory of all, bounded also within one poll, however small the thresholds are.
func (c *Consumer) waitRoom(ctx context.Context) error {
	for !c.hasRoom() {
		c.pauseFetcher()
		c.mayConsume()
		if !c.idle(ctx, c.cfg.PollWait) {
			return ctx.Err()
		}
	}
	return nil
}

func (c *Consumer) hasRoom() bool {
	if c.pressure() != "" {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mu.frozenSize < c.cfg.MaxFrozenBytes && c.mu.frozen < maxFrozenSegments
}

// SegmentName gives the name of a consuming segment: table, partition, sequence and the minute of its creation.
func SegmentName(table string, partition int32, sequence int64, created time.Time) string {
	return fmt.Sprintf("%s__%d__%d__%s", table, partition, sequence, created.UTC().Format("20060102T1504Z"))
}

// freeze ends the consuming segment at the last delivered record, hands it to the sealer, and begins the next one.
// Without rows only the start moves.
func (c *Consumer) freeze(ctx context.Context) error {
	l := &c.loop
	if l.consuming.Rows() == 0 {
		c.advance()
		return nil
	}
	now := c.cfg.Clock.Now()
	next := Head{Sequence: l.head.Sequence + 1, StartOffset: l.next, TopicID: l.head.TopicID, LeaderEpoch: l.epoch,
		Name: SegmentName(c.cfg.Table, c.cfg.Partition, l.head.Sequence+1, now), CreatedMillis: now.UnixMilli()}
	sealed := Sealed{Head: l.head, EndOffset: l.next, EndEpoch: l.epoch, Rows: l.consuming.Rows(), Bytes: l.consuming.Bytes()}
	frozen, segments := l.segment, l.rt.Segments
	if err := c.beginSegment(ctx, next, sealed.Rows); err != nil {
		return err
	}
	c.mu.Lock()
	c.mu.status.Counters.Freezes++
	c.mu.Unlock()
	c.enqueue(task{kind: taskSeal, sealed: sealed, head: next, member: frozen, segments: segments, frozenAt: now})
	c.noteHead()
	return nil
}

// beginSegment puts an empty consuming segment behind the frozen one, whose creator's reference passes to the caller.
// It is repeated until there is memory for it.
func (c *Consumer) beginSegment(ctx context.Context, head Head, frozenRows int) error {
	for {
		consuming, err := c.loop.rt.Segments.NewConsuming(head)
		if err == nil {
			c.install(consuming, head, frozenRows)
			return nil
		}
		c.noteError(err)
		c.setState(StateStalled, fmt.Sprintf("cannot begin segment %s: %v", head.Name, err))
		if !c.idle(ctx, c.loop.backoff) {
			return ctx.Err()
		}
	}
}

func (c *Consumer) install(consuming Consuming, head Head, frozenRows int) {
	l := &c.loop
	l.consuming, l.segment, l.head = consuming, partition.NewShared(consuming), head
	l.claimEnd, l.firstAt = -1, time.Time{}
	c.versions.Lock()
	defer c.versions.Unlock()
	entries := append([]partition.Entry(nil), c.versions.entries...)
	last := &entries[len(entries)-1]
	last.Consuming, last.Rows = false, frozenRows
	c.versions.entries = append(entries, partition.Entry{Member: l.segment, Sequence: head.Sequence, Consuming: true})
	c.part.Replace(c.versions.entries, 0, l.next)
}

// swapConsuming replaces the empty consuming segment by another empty one.
func (c *Consumer) swapConsuming(head Head) error {
	consuming, err := c.loop.rt.Segments.NewConsuming(head)
	if err != nil {
		return fmt.Errorf("cannot begin segment %s: %w", head.Name, err)
	}
	l := &c.loop
	old := l.segment
	l.consuming, l.segment = consuming, partition.NewShared(consuming)
	c.versions.Lock()
	entries := append([]partition.Entry(nil), c.versions.entries...)
	entries[len(entries)-1].Member = l.segment
	c.versions.entries = entries
	c.part.Replace(entries, 0, l.next)
	c.versions.Unlock()
	old.Release()
	c.noteHead()
	return nil
}

// advance commits progress that gave no rows.
func (c *Consumer) advance() {
	l := &c.loop
	l.firstAt, l.claimEnd = time.Time{}, -1
	if l.next == l.head.StartOffset {
		return
	}
	l.head.StartOffset, l.head.LeaderEpoch = l.next, l.epoch
	c.enqueue(task{kind: taskAdvance, head: l.head})
	c.noteHead()
}
