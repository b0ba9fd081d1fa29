// Package ingestion measures how fast records become queryable, sealed rows: from memory and from a real Kafka, through a
// node as it runs in production, and stage by stage.
package ingestion

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/internal/offheap"
	"github.com/freshetdb/freshet/internal/quickstart"
	"github.com/freshetdb/freshet/test/events"
)

// pollRecords is how many records one poll of the memory stream gives, about what a broker's fetch holds.
const pollRecords = 4096

// Workload is a table and the records of its topic. The records of one cycle are made; Render repeats them with new
// numbers where rows of a topic would never be the same: the events' times, the orders' ids.
type Workload struct {
	Table       string
	Schema      []byte
	Config      []byte // its broker is never called
	DefaultRows int64
	renumber    func(record []byte, index int, cycle int64)

	cycle    []byte   // the text of the first cycle, until it is rendered
	ends     []uint32 // of its records, beginning with a 0
	rendered []byte   // the text of all cycles, off the heap, as it is in a topic: on it, it would make the collector idle
}

// maxCycle and maxText bound the text of one cycle and of all records, in bytes.
const (
	maxCycle = 1 << 30
	maxText  = 8 << 30
)

// Events is the event table, rows of which make one cycle.
func Events(rows int) (*Workload, error) {
	w := &Workload{Table: "events", Schema: []byte(events.Schema), Config: fmt.Appendf(nil, events.Table, "127.0.0.1:1"), DefaultRows: 20_000_000}
	total := max(w.DefaultRows, int64(rows))
	g := events.New(1, total)
	var row events.Row
	times, buf := make([]int64, 0, rows), []byte(nil)
	for len(times) < rows && g.Next(&row) {
		buf = row.AppendJSON(buf[:0])
		if err := w.add(buf); err != nil {
			return nil, err
		}
		times = append(times, row.TS)
	}
	const from, digits = len(`{"ts":`), 13
	span := int64(float64(24*time.Hour/time.Millisecond) * float64(rows) / float64(total))
	w.renumber = func(record []byte, index int, cycle int64) {
		writeDigits(record[from:from+digits], uint64(times[index]+cycle*span))
	}
	return w, nil
}

// writeDigits fills dst with the last digits of x.
func writeDigits(dst []byte, x uint64) {
	for i := len(dst) - 1; i >= 0; i-- {
		dst[i] = byte('0' + x%10)
		x /= 10
	}
}

// Orders is the Book's table of orders with its transforms, rows of which make one cycle.
func Orders(rows int) (*Workload, error) {
	w := &Workload{Table: "orders", DefaultRows: 4_000_000}
	var err error
	if w.Schema, w.Config, err = quickstart.Configs("orders", "127.0.0.1:1"); err != nil {
		return nil, err
	}
	if w.Config, err = withoutRetention(w.Config); err != nil {
		return nil, err
	}
	sim := quickstart.NewSimulator(1, 0, time.UnixMilli(events.StartMillis), 1000, -1)
	for made := 0; made < rows; {
		r, _ := sim.Next()
		if r.Topic != quickstart.TopicOrders {
			continue
		}
		if err := w.add(r.Value); err != nil {
			return nil, err
		}
		made++
	}
	const from, digits = len(`{"id": "`), 8
	w.renumber = func(record []byte, _ int, cycle int64) {
		for i := range digits {
			record[from+i] = "0123456789abcdef"[(cycle>>(4*(digits-1-i)))&15]
		}
	}
	return w, nil
}

// withoutRetention gives a table config whose rows stay, however old they are: the orders are of a day long ago, and a run
// that lasts until retention looks at them would never have all of them.
func withoutRetention(config []byte) ([]byte, error) {
	var table map[string]any
	if err := json.Unmarshal(config, &table); err != nil {
		return nil, err
	}
	if segments, ok := table["segmentsConfig"].(map[string]any); ok {
		delete(segments, "retentionTimeUnit")
		delete(segments, "retentionTimeValue")
	}
	return json.Marshal(table)
}

func (w *Workload) add(record []byte) error {
	if len(w.ends) == 0 {
		w.ends = []uint32{0}
	}
	if len(w.cycle)+len(record) > maxCycle {
		return fmt.Errorf("%d records have more than %d bytes, give a shorter cycle", w.Cycle(), maxCycle)
	}
	w.cycle = append(w.cycle, record...)
	w.ends = append(w.ends, uint32(len(w.cycle)))
	return nil
}

// Render writes the text of at least total records, once, before any of them is given: what is measured is the way of
// the records, not their making.
func (w *Workload) Render(total int64) error {
	cycles := (total + int64(w.Cycle()) - 1) / int64(w.Cycle())
	size := cycles * w.cycleBytes()
	if size > maxText {
		return fmt.Errorf("%d records have %d bytes, more than %d: give fewer rows", total, size, int64(maxText))
	}
	var err error
	if w.rendered, err = offheap.NewAllocator(nil).Alloc(int(size)); err != nil {
		return err
	}
	for cycle := range cycles {
		text := w.rendered[cycle*int64(len(w.cycle)):][:len(w.cycle)]
		copy(text, w.cycle)
		for i := range w.Cycle() {
			w.renumber(text[w.ends[i]:w.ends[i+1]], i, cycle)
		}
	}
	w.cycle, w.renumber = nil, nil
	return nil
}

func (w *Workload) cycleBytes() int64 { return int64(w.ends[w.Cycle()]) }

// Cycle is the number of records before they come again.
func (w *Workload) Cycle() int { return len(w.ends) - 1 }

// BytesPerRecord is the mean size of a record.
func (w *Workload) BytesPerRecord() float64 { return float64(w.cycleBytes()) / float64(w.Cycle()) }

// stream is an ingest.Stream of one partition that holds total records of a workload.
type stream struct {
	w     *Workload
	total int64
	ended chan struct{}
	once  sync.Once
}

var _ ingest.Stream = (*stream)(nil)

func (w *Workload) stream(total int64) *stream {
	return &stream{w: w, total: total, ended: make(chan struct{})}
}

// Describe implements ingest.Stream.
func (s *stream) Describe(context.Context) (ingest.Topic, error) {
	return ingest.Topic{Name: s.w.Table, ID: "memory", Partitions: []int32{0}}, nil
}

// ResolveOffset implements ingest.Stream.
func (s *stream) ResolveOffset(_ context.Context, _ int32, from ingest.Position) (int64, error) {
	if from == ingest.Largest {
		return s.total, nil
	}
	return 0, nil
}

// Offsets implements ingest.Stream.
func (s *stream) Offsets(context.Context, int32) (start, end int64, err error) {
	return 0, s.total, nil
}

// Open implements ingest.Stream.
func (s *stream) Open(_ int32, offset int64, _ int32) (ingest.Fetcher, error) {
	return &fetcher{s: s, next: offset, buf: make([]ingest.Record, 0, pollRecords)}, nil
}

// Close implements ingest.Stream.
func (s *stream) Close() { s.once.Do(func() { close(s.ended) }) }

// fetcher implements ingest.Fetcher.
type fetcher struct {
	s    *stream
	next int64
	buf  []ingest.Record
}

// Poll implements ingest.Fetcher.
func (f *fetcher) Poll(ctx context.Context) (ingest.Polled, error) {
	if f.next >= f.s.total {
		select {
		case <-ctx.Done():
			return ingest.Polled{}, ctx.Err()
		case <-f.s.ended:
			return ingest.Polled{}, ingest.ErrClosed
		}
	}
	f.buf = f.s.w.batch(f.buf[:0], f.next, min(pollRecords, int(f.s.total-f.next)))
	f.next += int64(len(f.buf))
	return ingest.Polled{Records: f.buf, NextOffset: f.next, HighWatermark: f.s.total}, nil
}

// batch appends n of the rendered records from an offset on.
func (w *Workload) batch(dst []ingest.Record, offset int64, n int) []ingest.Record {
	index, text := int(offset%int64(w.Cycle())), w.rendered[offset/int64(w.Cycle())*w.cycleBytes():]
	for range n {
		if index == w.Cycle() {
			index, text = 0, text[w.cycleBytes():]
		}
		value := text[w.ends[index]:w.ends[index+1]:w.ends[index+1]]
		dst = append(dst, ingest.Record{Value: value, Offset: offset, TimestampMs: events.StartMillis, LeaderEpoch: -1})
		offset++
		index++
	}
	return dst
}

// Pause implements ingest.Fetcher.
func (f *fetcher) Pause() {}

// Resume implements ingest.Fetcher.
func (f *fetcher) Resume() {}

// Close implements ingest.Fetcher.
func (f *fetcher) Close() {}
