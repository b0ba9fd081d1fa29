// Package memstream is a stream in memory for tests: a Topic that tests produce to, damage and take down, and any number
// of ingest.Streams over it that behave like those of a real broker.
package memstream

import (
	"context"
	"fmt"
	"sort"
	"sync"

	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/internal/errs"
)

// defaultMaxPoll is how many records one Poll gives at most.
const defaultMaxPoll = 500

// Topic is a topic and its brokers. Safe for concurrent use.
type Topic struct {
	name string
	mu   struct {
		sync.Mutex
		id         string
		creations  int
		missing    bool
		down       error
		partitions []*log
		changed    chan struct{} // closed and replaced at every change
		maxPoll    int
		open       map[int32]int // fetchers per partition
		polls      int
	}
}

// log is one partition: records in offset order, with gaps.
type log struct {
	records    []ingest.Record
	start, end int64
	epoch      int32
}

// find gives the index of the first record at or after offset.
func (l *log) find(offset int64) int {
	return sort.Search(len(l.records), func(i int) bool { return l.records[i].Offset >= offset })
}

// diverged tells whether the record before offset was written by another leader than the one that the reader saw.
func (l *log) diverged(offset int64, epoch int32) bool {
	at := l.find(offset)
	return epoch >= 0 && at > 0 && l.records[at-1].LeaderEpoch != epoch
}

// NewTopic makes a topic with empty partitions.
func NewTopic(name string, partitions int) *Topic {
	t := &Topic{name: name}
	t.mu.changed, t.mu.maxPoll, t.mu.open = make(chan struct{}), defaultMaxPoll, map[int32]int{}
	t.create(partitions)
	return t
}

func (t *Topic) create(partitions int) {
	t.mu.creations++
	t.mu.id, t.mu.missing, t.mu.partitions = fmt.Sprintf("%s-id-%d", t.name, t.mu.creations), false, nil
	for range partitions {
		t.mu.partitions = append(t.mu.partitions, &log{})
	}
}

// change runs f under the lock and wakes whoever waits.
func (t *Topic) change(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f()
	close(t.mu.changed)
	t.mu.changed = make(chan struct{})
}

// Produce appends a record and gives its offset. It copies value.
func (t *Topic) Produce(partition int32, value string, timestampMs int64) int64 {
	return t.ProduceRecord(partition, ingest.Record{Value: []byte(value), TimestampMs: timestampMs})
}

// ProduceRecord appends r, whose offset and epoch it sets. The topic keeps r's slices.
func (t *Topic) ProduceRecord(partition int32, r ingest.Record) (offset int64) {
	t.change(func() {
		l := t.mu.partitions[partition]
		offset = l.end
		r.Partition, r.Offset, r.LeaderEpoch = partition, offset, l.epoch
		l.records = append(l.records, r)
		l.end++
	})
	return offset
}

// Skip leaves n offsets without a record, as transactions and compaction do.
func (t *Topic) Skip(partition int32, n int64) {
	t.change(func() { t.mu.partitions[partition].end += n })
}

// Expire removes the records below offset, as retention does.
func (t *Topic) Expire(partition int32, offset int64) {
	t.change(func() {
		l := t.mu.partitions[partition]
		l.start = max(l.start, min(offset, l.end))
		for len(l.records) > 0 && l.records[0].Offset < l.start {
			l.records = l.records[1:]
		}
	})
}

// Truncate removes the records from offset on under a new leader, as an unclean election does.
func (t *Topic) Truncate(partition int32, offset int64) {
	t.change(func() {
		l := t.mu.partitions[partition]
		l.end = offset
		l.epoch++
		for len(l.records) > 0 && l.records[len(l.records)-1].Offset >= offset {
			l.records = l.records[:len(l.records)-1]
		}
	})
}

// Delete removes the topic.
func (t *Topic) Delete() { t.change(func() { t.mu.missing = true }) }

// Recreate deletes the topic and makes it again, with another id and nothing in it.
func (t *Topic) Recreate(partitions int) { t.change(func() { t.create(partitions) }) }

// AddPartitions makes n partitions more.
func (t *Topic) AddPartitions(n int) {
	t.change(func() {
		for range n {
			t.mu.partitions = append(t.mu.partitions, &log{})
		}
	})
}

// SetDown makes every call fail with err, as brokers that are down; nil brings them back.
func (t *Topic) SetDown(err error) { t.change(func() { t.mu.down = err }) }

// SetMaxPoll bounds the records of one Poll.
func (t *Topic) SetMaxPoll(n int) { t.change(func() { t.mu.maxPoll = n }) }

// End gives the end of a partition's log.
func (t *Topic) End(partition int32) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.mu.partitions[partition].end
}

// Polls counts the polls so far.
func (t *Topic) Polls() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.mu.polls
}

// Stream connects to the topic.
func (t *Topic) Stream() ingest.Stream {
	s := &stream{t: t}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// problem is why nothing can be read now. Called with the lock held.
func (t *Topic) problem(partition int32) error {
	switch {
	case t.mu.down != nil:
		return errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "brokers of topic %s are down", t.name).Wrap(t.mu.down)
	case t.mu.missing || partition >= int32(len(t.mu.partitions)):
		return ingest.NewPositionError(ingest.PositionError{Reason: ingest.ErrTopicMissing, Topic: t.name, Partition: partition, Offset: -1, Start: -1, End: -1})
	}
	return nil
}

// stream implements ingest.Stream.
type stream struct {
	t      *Topic
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
}

var _ ingest.Stream = (*stream)(nil)

// Describe implements ingest.Stream.
func (s *stream) Describe(ctx context.Context) (ingest.Topic, error) {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	if err := s.t.problem(-1); err != nil {
		return ingest.Topic{}, err
	}
	out := ingest.Topic{Name: s.t.name, ID: s.t.mu.id}
	for i := range s.t.mu.partitions {
		out.Partitions = append(out.Partitions, int32(i))
	}
	return out, ctx.Err()
}

// ResolveOffset implements ingest.Stream.
func (s *stream) ResolveOffset(ctx context.Context, partition int32, from ingest.Position) (int64, error) {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	if err := s.t.problem(partition); err != nil {
		return 0, err
	}
	l := s.t.mu.partitions[partition]
	switch from {
	case ingest.Smallest:
		return l.start, ctx.Err()
	case ingest.Largest:
		return l.end, ctx.Err()
	}
	for _, r := range l.records {
		if r.TimestampMs >= int64(from) {
			return r.Offset, ctx.Err()
		}
	}
	return l.end, ctx.Err()
}

// Offsets implements ingest.Stream.
func (s *stream) Offsets(ctx context.Context, partition int32) (start, end int64, err error) {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	if err := s.t.problem(partition); err != nil {
		return 0, 0, err
	}
	l := s.t.mu.partitions[partition]
	return l.start, l.end, ctx.Err()
}

// Open implements ingest.Stream.
func (s *stream) Open(partition int32, offset int64, leaderEpoch int32) (ingest.Fetcher, error) {
	if s.ctx.Err() != nil {
		return nil, errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "stream of topic %s", s.t.name).Wrap(ingest.ErrClosed)
	}
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	if err := s.t.problem(partition); err != nil {
		return nil, err
	}
	s.t.mu.open[partition]++
	return &fetcher{s: s, id: s.t.mu.id, partition: partition, next: offset, epoch: leaderEpoch}, nil
}

// Close implements ingest.Stream.
func (s *stream) Close() { s.cancel() }

// fetcher implements ingest.Fetcher.
type fetcher struct {
	s         *stream
	id        string
	partition int32
	next      int64
	epoch     int32
	paused    bool
	buf       []ingest.Record
}

// Poll implements ingest.Fetcher.
func (f *fetcher) Poll(ctx context.Context) (ingest.Polled, error) {
	t := f.s.t
	for {
		t.mu.Lock()
		t.mu.polls++
		p, ready, err := f.read()
		changed := t.mu.changed
		t.mu.Unlock()
		if ready || err != nil {
			return p, err
		}
		select {
		case <-ctx.Done():
			return ingest.Polled{}, ctx.Err()
		case <-f.s.ctx.Done():
			return ingest.Polled{}, errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "stream of topic %s", t.name).Wrap(ingest.ErrClosed)
		case <-changed:
		}
	}
}

// read gives what there is at the position. Called with the topic's lock held.
func (f *fetcher) read() (p ingest.Polled, ready bool, err error) {
	t := f.s.t
	if err := t.problem(f.partition); err != nil {
		return p, false, err
	}
	l := t.mu.partitions[f.partition]
	bad := ingest.PositionError{Topic: t.name, Partition: f.partition, Offset: f.next, Start: l.start, End: l.end}
	switch {
	case t.mu.id != f.id:
		bad.Reason, bad.WasID, bad.NowID = ingest.ErrTopicRecreated, f.id, t.mu.id
		return p, false, ingest.NewPositionError(bad)
	case f.next < l.start:
		bad.Reason = ingest.ErrOffsetExpired
		return p, false, ingest.NewPositionError(bad)
	case f.next > l.end || l.diverged(f.next, f.epoch):
		bad.Reason = ingest.ErrTruncated
		return p, false, ingest.NewPositionError(bad)
	case f.paused || f.next == l.end:
		return p, false, nil
	}
	f.buf = f.buf[:0]
	at := l.find(f.next)
	f.buf = append(f.buf, l.records[at:min(len(l.records), at+t.mu.maxPoll)]...)
	f.next = l.end
	if n := len(f.buf); n > 0 {
		f.epoch = f.buf[n-1].LeaderEpoch
	}
	if len(f.buf) == t.mu.maxPoll {
		f.next = f.buf[len(f.buf)-1].Offset + 1
	}
	return ingest.Polled{Records: f.buf, NextOffset: f.next, HighWatermark: l.end}, true, nil
}

// Pause implements ingest.Fetcher.
func (f *fetcher) Pause() { f.paused = true }

// Resume implements ingest.Fetcher.
func (f *fetcher) Resume() { f.paused = false }

// Close implements ingest.Fetcher.
func (f *fetcher) Close() {
	f.s.t.mu.Lock()
	f.s.t.mu.open[f.partition]--
	f.s.t.mu.Unlock()
}
