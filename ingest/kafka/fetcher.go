package kafka

import (
	"context"
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/internal/errs"
)

// fetcher implements ingest.Fetcher: a bounded queue between the dispatcher and a partition's loop.
type fetcher struct {
	s         *stream
	partition int32
	topicID   string        // of the topic when it was opened
	ready     chan struct{} // something was pushed, or failed
	drained   chan struct{} // something was taken, or nothing will be
	buf       []ingest.Record

	mu struct {
		sync.Mutex
		queue     []batch
		bytes     int64
		err       error
		lost      bool // the broker says that the position is out of range; Poll finds out why
		next      int64
		high      int64
		throttled bool // paused because the queue is full
		paused    bool // by the reader
		closed    bool
	}
}

var _ ingest.Fetcher = (*fetcher)(nil)

// batch is one delivery of the client.
type batch struct {
	records []*kgo.Record
	bytes   int64
	high    int64
}

// overhead is what a record costs beside its bytes.
const overhead = 160

// push queues a delivery. At the bound it waits for the reader a little, then pauses the partition.
func (f *fetcher) push(p kgo.FetchPartition) {
	b := batch{records: p.Records, high: p.LastStableOffset}
	if b.high < 0 || b.high > p.HighWatermark {
		b.high = p.HighWatermark
	}
	for _, r := range p.Records {
		b.bytes += int64(len(r.Key)+len(r.Value)) + overhead
	}
	f.mu.Lock()
	if p.Err == nil {
		f.mu.high = b.high
	}
	if len(b.records) == 0 || f.mu.closed || f.mu.err != nil {
		f.mu.Unlock()
		return
	}
	f.mu.queue = append(f.mu.queue, b)
	f.mu.bytes += b.bytes
	f.mu.Unlock()
	f.wake()
	f.throttle()
}

// throttle bounds what is queued. To pause a partition throws away what the client has fetched of it meanwhile, which is
// then fetched and unpacked again: a reader that is at work gets some time to take what is there. The client's next poll
// waits meanwhile, which is why the time is short: other partitions wait with it.
func (f *fetcher) throttle() {
	if !f.full() {
		return
	}
	timeout := f.s.opts.Clock.After(throttleWait)
	for waiting := !f.idle(); waiting; {
		select {
		case <-f.drained:
			waiting = f.full() && !f.idle()
		case <-timeout:
			waiting = false
		case <-f.s.group.Context().Done():
			waiting = false
		}
	}
	f.mu.Lock()
	pause := f.fullLocked()
	f.mu.throttled = f.mu.throttled || pause
	f.mu.Unlock()
	if pause {
		f.s.client.PauseFetchPartitions(f.self())
	}
}

func (f *fetcher) fullLocked() bool {
	return f.mu.bytes >= maxQueuedBytes && !f.mu.throttled && !f.mu.closed
}

func (f *fetcher) full() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fullLocked()
}

// idle tells that nobody reads now.
func (f *fetcher) idle() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mu.paused || f.mu.err != nil
}

func (f *fetcher) self() map[string][]int32 { return map[string][]int32{f.s.topic: {f.partition}} }

func (f *fetcher) wake() { notify(f.ready) }

func notify(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// fail makes Poll return err once what is queued was read. The first error stays.
func (f *fetcher) fail(err error) {
	f.mu.Lock()
	if f.mu.err == nil {
		f.mu.err = err
	}
	f.mu.Unlock()
	notify(f.drained)
	f.wake()
}

func (f *fetcher) outOfRange() {
	f.mu.Lock()
	f.mu.lost = true
	f.mu.Unlock()
	f.wake()
}

func (f *fetcher) position() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mu.next
}

// Poll implements ingest.Fetcher.
func (f *fetcher) Poll(ctx context.Context) (ingest.Polled, error) {
	for {
		if err := ctx.Err(); err != nil {
			return ingest.Polled{}, err
		}
		b, ok, resume := f.pop()
		notify(f.drained)
		if resume {
			f.s.client.ResumeFetchPartitions(f.self())
		}
		if ok {
			return f.convert(b), nil
		}
		if err := f.problem(ctx); err != nil {
			return ingest.Polled{}, err
		}
		select {
		case <-ctx.Done():
			return ingest.Polled{}, ctx.Err()
		case <-f.ready:
		}
	}
}

// pop takes the oldest batch; resume says that the partition should be fetched again.
func (f *fetcher) pop() (b batch, ok, resume bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.mu.queue) == 0 {
		return batch{}, false, false
	}
	b = f.mu.queue[0]
	f.mu.queue[0] = batch{}
	f.mu.queue = f.mu.queue[1:]
	f.mu.bytes -= b.bytes
	if f.mu.throttled && f.mu.bytes < maxQueuedBytes/2 {
		f.mu.throttled = false
		resume = !f.mu.paused
	}
	return b, true, resume
}

// convert makes the loop's records of the client's; their bytes are not copied. Control records only move the position.
func (f *fetcher) convert(b batch) ingest.Polled {
	f.buf = f.buf[:0]
	for _, r := range b.records {
		if r.Attrs.IsControl() {
			continue
		}
		rec := ingest.Record{Key: r.Key, Value: r.Value, Partition: r.Partition, Offset: r.Offset, TimestampMs: r.Timestamp.UnixMilli(), LeaderEpoch: r.LeaderEpoch}
		if len(r.Headers) > 0 {
			rec.Headers = make([]ingest.Header, len(r.Headers))
			for i, h := range r.Headers {
				rec.Headers[i] = ingest.Header{Key: h.Key, Value: h.Value}
			}
		}
		f.buf = append(f.buf, rec)
	}
	next := b.records[len(b.records)-1].Offset + 1
	f.mu.Lock()
	f.mu.next = next
	high := max(f.mu.high, b.high)
	f.mu.Unlock()
	return ingest.Polled{Records: f.buf, NextOffset: next, HighWatermark: max(high, next)}
}

// problem gives why nothing more will come.
func (f *fetcher) problem(ctx context.Context) error {
	f.mu.Lock()
	err, lost, next := f.mu.err, f.mu.lost, f.mu.next
	f.mu.Unlock()
	if err != nil || !lost {
		return err
	}
	start, err := f.s.list(ctx, f.partition, f.s.admin.ListStartOffsets)
	if err != nil {
		return err
	}
	end, err := f.s.list(ctx, f.partition, f.s.admin.ListEndOffsets)
	if err != nil {
		return err
	}
	bad := ingest.PositionError{Topic: f.s.topic, Partition: f.partition, Offset: next, Start: start, End: end}
	switch {
	case next < start:
		bad.Reason = ingest.ErrOffsetExpired
	case next > end:
		bad.Reason = ingest.ErrTruncated
	default: // back in range: opening again will tell
		return errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "offset %d of partition %d of topic %s was out of range for a moment",
			next, f.partition, f.s.topic)
	}
	// What replaced the topic may have no such offset either: then that is the reason.
	if topic, err := f.s.Describe(ctx); err == nil && f.topicID != "" && topic.ID != f.topicID {
		bad.Reason, bad.WasID, bad.NowID = ingest.ErrTopicRecreated, f.topicID, topic.ID
	}
	return ingest.NewPositionError(bad)
}

// Pause implements ingest.Fetcher.
func (f *fetcher) Pause() {
	f.mu.Lock()
	f.mu.paused = true
	f.mu.Unlock()
	notify(f.drained)
	f.s.client.PauseFetchPartitions(f.self())
}

// Resume implements ingest.Fetcher.
func (f *fetcher) Resume() {
	f.mu.Lock()
	f.mu.paused = false
	resume := !f.mu.throttled
	f.mu.Unlock()
	if resume {
		f.s.client.ResumeFetchPartitions(f.self())
	}
}

// Close implements ingest.Fetcher.
func (f *fetcher) Close() {
	f.mu.Lock()
	closed := f.mu.closed
	f.mu.closed = true
	f.mu.queue, f.mu.bytes = nil, 0
	f.mu.Unlock()
	notify(f.drained)
	if closed {
		return
	}
	removed := f.s.onDispatcher(func() {
		f.s.client.RemoveConsumePartitions(f.self())
		f.s.client.ResumeFetchPartitions(f.self())
	})
	f.s.mu.Lock()
	delete(f.s.mu.fetchers, f.partition)
	f.s.mu.Unlock()
	if !removed {
		f.s.log.Debug("partition was closed after its stream", "partition", fmt.Sprint(f.partition))
	}
}
