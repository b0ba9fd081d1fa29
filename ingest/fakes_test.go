package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/ingest/memstream"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/partition"
)

// words is a Transformer: a record is its words, a row each; "bad" rejects, "drop" filters, "boom" breaks the pipeline.
type words struct{ rows ingest.Rows }

func (w *words) Process(recs []ingest.Record) (*ingest.Rows, error) {
	col := &vec.Vector{Type: catalog.String}
	w.rows = ingest.Rows{}
	for i, r := range recs {
		n := int32(0)
		for word := range strings.FieldsSeq(string(r.Value)) {
			switch word {
			case "bad":
				w.rows.Rejects = append(w.rows.Rejects, ingest.Reject{Record: i, Reason: errors.New("it is bad")})
			case "drop":
				w.rows.Filtered++
			case "boom":
				return nil, errs.Bug("boom")
			default:
				col.Str = append(col.Str, strings.Clone(word))
				w.rows.Offsets = append(w.rows.Offsets, r.Offset)
				w.rows.Ordinals = append(w.rows.Ordinals, n)
				n++
			}
		}
		w.rows.NewestMillis = max(w.rows.NewestMillis, r.TimestampMs)
	}
	col.Len = len(col.Str)
	w.rows.Batch = vec.Batch{Rows: col.Len, Cols: []*vec.Vector{col}}
	return &w.rows, nil
}

// rowSet is a segment of words, consuming or stored.
type rowSet struct {
	w        *world
	name     string
	sealed   bool
	mu       sync.Mutex
	words    []string
	released bool
	sizeEach int64
	maxRows  int
}

func (r *rowSet) Append(b *vec.Batch, offsets []int64, ordinals []int32) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(offsets) != b.Rows || len(ordinals) != b.Rows {
		return errs.Bug("%d rows with %d offsets", b.Rows, len(offsets))
	}
	if r.maxRows > 0 && len(r.words)+b.Rows > r.maxRows {
		return errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "segment is full")
	}
	r.words = append(r.words, b.Cols[0].Str...)
	return nil
}

func (r *rowSet) Rows() int    { r.mu.Lock(); defer r.mu.Unlock(); return len(r.words) }
func (r *rowSet) Bytes() int64 { return int64(r.Rows()) * r.sizeEach }

func (r *rowSet) View(rows int) segment.View {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sealed {
		rows = len(r.words)
	}
	return &wordView{r: r, words: r.words[:rows:rows]}
}

func (r *rowSet) Release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.released {
		r.w.t.Errorf("segment %s was released twice", r.name)
	}
	r.released = true
	r.w.live.Add(-1)
}

type wordView struct {
	segment.View
	r     *rowSet
	words []string
}

// world is what survives a consumer: topic, committed records, stored files.
type world struct {
	t     *testing.T
	topic *memstream.Topic
	clock *clock.Fake
	flush catalog.Flush
	live  atomicInt

	mu       sync.Mutex
	head     ingest.Head
	claims   map[int64]int64
	done     []ingest.Sealed
	gaps     []ingest.Gap
	files    map[string][]string
	fail     func(op string) error // nil: nothing fails
	maxRows  int
	slow     chan struct{} // builds wait for it, if not nil
	advances int
}

type atomicInt struct {
	sync.Mutex
	n int
}

func (a *atomicInt) Add(d int) { a.Lock(); a.n += d; a.Unlock() }
func (a *atomicInt) Load() int { a.Lock(); defer a.Unlock(); return a.n }

func newWorld(t *testing.T) *world {
	w := &world{t: t, topic: memstream.NewTopic("words", 1), clock: clock.NewFake(time.UnixMilli(1_700_000_000_000)),
		flush: catalog.Flush{Rows: 10, Age: time.Hour, Bytes: 1 << 30}, claims: map[int64]int64{}, files: map[string][]string{}}
	w.head = ingest.Head{Name: ingest.SegmentName("words", 0, 0, w.clock.Now()), TopicID: "words-id-1", LeaderEpoch: -1}
	return w
}

func (w *world) failing(op string) error {
	w.mu.Lock()
	f := w.fail
	w.mu.Unlock()
	if f == nil {
		return nil
	}
	return f(op)
}

func (w *world) setFail(f func(op string) error) { w.mu.Lock(); w.fail = f; w.mu.Unlock() }

func (w *world) NewConsuming(h ingest.Head) (ingest.Consuming, error) {
	if err := w.failing("consuming"); err != nil {
		return nil, err
	}
	w.live.Add(1)
	return &rowSet{w: w, name: h.Name, sizeEach: 10, maxRows: w.maxRows}, nil
}

func (w *world) Build(ctx context.Context, s ingest.Sealed, rows segment.View) (ingest.Sealed, error) {
	w.mu.Lock()
	slow := w.slow
	w.mu.Unlock()
	if slow != nil {
		select {
		case <-slow:
		case <-ctx.Done():
			return s, ctx.Err()
		}
	}
	if err := w.failing("build"); err != nil {
		return s, err
	}
	s.Path, s.Key = s.Name+".tmp", fmt.Sprintf("%s/%d", s.Name, s.EndOffset)
	w.mu.Lock()
	w.files[s.Path] = slices.Clone(rows.(*wordView).words)
	w.mu.Unlock()
	return s, nil
}

func (w *world) Upload(_ context.Context, s ingest.Sealed) error {
	if err := w.failing("upload"); err != nil {
		return err
	}
	w.mu.Lock()
	w.files[s.Key] = w.files[s.Path]
	w.mu.Unlock()
	return nil
}

func (w *world) Open(_ context.Context, s ingest.Sealed) (partition.Member, error) {
	if err := w.failing("open"); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.live.Add(1)
	return &rowSet{w: w, name: s.Name, sealed: true, words: w.files[s.Key]}, nil
}

func (w *world) Claim(_ context.Context, sequence, end int64) (int64, error) {
	if err := w.failing("claim"); err != nil {
		return 0, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if c, ok := w.claims[sequence]; ok {
		return c, nil
	}
	w.claims[sequence] = end
	return end, nil
}

func (w *world) Commit(_ context.Context, s ingest.Sealed, next ingest.Head) error {
	if err := w.failing("commit"); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if s.Sequence != w.head.Sequence || s.StartOffset != w.head.StartOffset || w.claims[s.Sequence] != s.EndOffset || next.StartOffset != s.EndOffset {
		return fmt.Errorf("commit of %+v at head %+v: %w", s, w.head, ingest.ErrConflict)
	}
	w.done, w.head = append(w.done, s), next
	return nil
}

func (w *world) Advance(_ context.Context, h ingest.Head) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if h.Sequence != w.head.Sequence || h.StartOffset < w.head.StartOffset {
		return fmt.Errorf("advance to %+v at head %+v: %w", h, w.head, ingest.ErrConflict)
	}
	delete(w.claims, h.Sequence)
	w.head = h
	w.advances++
	return nil
}

func (w *world) Reset(ctx context.Context, h ingest.Head, gap ingest.Gap) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.claims, h.Sequence)
	w.head, w.gaps = h, append(w.gaps, gap)
	return nil
}

// running is a consumer that runs, and how to end it.
type running struct {
	*ingest.Consumer
	w      *world
	stream ingest.Stream
	cancel context.CancelFunc
	ended  chan error
}

func (w *world) start(change ...func(*ingest.Config)) *running {
	w.t.Helper()
	w.mu.Lock()
	claim, ok := w.claims[w.head.Sequence]
	if !ok {
		claim = -1
	}
	r := &running{w: w, stream: w.topic.Stream(), ended: make(chan error, 1)}
	var entries []partition.Entry
	for _, s := range w.done {
		w.live.Add(1)
		entries = append(entries, partition.Entry{Member: partition.NewShared(&rowSet{w: w, name: s.Name, sealed: true, words: w.files[s.Key]}),
			Sequence: s.Sequence, Rows: s.Rows})
	}
	cfg := ingest.Config{Table: "words", Topic: "words", Head: w.head, ClaimEnd: claim, Sealed: entries,
		Runtime: ingest.Runtime{Transformer: &words{}, Segments: w, Flush: w.flush}, Stream: r.stream, Committer: w, Clock: w.clock,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), PollWait: 2 * time.Millisecond}
	w.mu.Unlock()
	for _, f := range change {
		f(&cfg)
	}
	var err error
	if r.Consumer, err = ingest.NewConsumer(cfg); err != nil {
		w.t.Fatal(err)
	}
	for _, e := range entries {
		e.Member.Release()
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	go func() { r.ended <- r.Run(ctx) }()
	return r
}

// stop ends the consumer as a kill does: nothing is written any more.
func (r *running) stop() error {
	r.cancel()
	err := <-r.ended
	r.Close()
	r.stream.Close()
	if n := r.w.live.Load(); n != 0 {
		r.w.t.Errorf("%d segments are not released", n)
	}
	return err
}

// visible gives all words that a query sees now, in order.
func (r *running) visible() []string {
	v, ok := r.Pin()
	if !ok {
		r.w.t.Fatal("consumer is closed")
	}
	defer v.Unpin()
	var out []string
	for _, view := range v.Views() {
		out = append(out, view.(*wordView).words...)
	}
	if len(out) != v.Rows() {
		r.w.t.Errorf("version says %d rows and shows %d", v.Rows(), len(out))
	}
	return out
}

// eventually waits until ok says true; the fake clock moves on meanwhile, so that back-offs end.
func (w *world) eventually(what string, ok func() bool) {
	w.t.Helper()
	for range 2000 {
		if ok() {
			return
		}
		time.Sleep(time.Millisecond)
		w.clock.Advance(10 * time.Millisecond)
	}
	w.t.Fatalf("never: %s", what)
}

func (w *world) produce(from, to int) (all []string) {
	for i := from; i < to; i++ {
		word := fmt.Sprintf("w%04d", i)
		w.topic.Produce(0, word, w.clock.Now().UnixMilli())
		all = append(all, word)
	}
	return all
}

func (w *world) doneCount() int { w.mu.Lock(); defer w.mu.Unlock(); return len(w.done) }
