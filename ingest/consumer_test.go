package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/segment/partition"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRowsBecomeVisibleAndSegmentsCommit(t *testing.T) {
	w := newWorld(t)
	r := w.start()
	want := w.produce(0, 25)
	w.eventually("all rows visible", func() bool { return len(r.visible()) == 25 })
	w.eventually("two segments committed", func() bool { return w.doneCount() == 2 })
	if diff := cmp.Diff(want, r.visible()); diff != "" {
		t.Fatal(diff)
	}
	if w.done[0].StartOffset != 0 || w.done[0].EndOffset != 10 || w.done[1].EndOffset != 20 || w.head.StartOffset != 20 {
		t.Fatalf("committed %+v, head %+v", w.done, w.head)
	}
	w.eventually("status is current", func() bool {
		st := r.Status()
		return st.State == ingest.StateConsuming && st.NextOffset == 25 && st.LagOffsets == 0 && st.LagMillis == 0 && st.Ready &&
			st.SealedSegments == 2 && st.SegmentRows == 5 && st.Counters.Seals == 2 && st.Counters.Records == 25
	})
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
}

func TestRestartLosesAndDoublesNothing(t *testing.T) {
	points := []string{ingest.PointAfterClaim, ingest.PointAfterBuild, ingest.PointAfterUpload, ingest.PointBeforeCommit, ingest.PointAfterCommit}
	for _, point := range points {
		t.Run(point, func(t *testing.T) {
			w := newWorld(t)
			want := w.produce(0, 35)
			w.topic.Skip(0, 3) // an aborted transaction
			var r *running
			killed := make(chan struct{})
			started := make(chan struct{})
			var count atomic.Int32
			r = w.start(func(c *ingest.Config) {
				c.Hooks.Point = func(p string) {
					<-started
					if p == point && count.Add(1) == 2 {
						r.cancel()
						close(killed)
					}
				}
			})
			close(started)
			<-killed
			if err := r.stop(); err != nil {
				t.Fatal(err)
			}
			if n := w.doneCount(); n != 1 && (n != 2 || point != ingest.PointAfterCommit) {
				t.Fatalf("%d segments are committed after a kill at the second %s", n, point)
			}
			want = append(want, w.produce(35, 47)...)
			r = w.start()
			w.eventually("all rows are back", func() bool { return len(r.visible()) == 47 })
			w.eventually("all full segments committed", func() bool { return w.doneCount() == 4 })
			if diff := cmp.Diff(want, r.visible()); diff != "" {
				t.Fatal(diff)
			}
			if err := r.stop(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestAClaimFromBeforeARestartIsHonoured(t *testing.T) {
	w := newWorld(t)
	w.claims[0] = 7
	want := w.produce(0, 12)
	r := w.start()
	w.eventually("committed at the claim", func() bool { return w.doneCount() == 1 })
	if got := w.done[0].EndOffset; got != 7 {
		t.Fatalf("segment 0 ends at %d, claimed was 7", got)
	}
	w.eventually("all rows visible", func() bool { return slices.Equal(want, r.visible()) })
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
}

func TestAClaimOfSomebodyElseEndsTheOwner(t *testing.T) {
	w := newWorld(t)
	r := w.start()
	w.eventually("consuming", func() bool { return r.Status().State == ingest.StateConsuming || r.Status().Ready })
	w.mu.Lock()
	w.claims[0] = 3
	w.mu.Unlock()
	w.produce(0, 10)
	if err := <-r.ended; !errors.Is(err, ingest.ErrConflict) {
		t.Fatalf("got %v, want a conflict", err)
	}
	r.ended <- nil
	if st := r.Status(); st.State != ingest.StateStopped || !strings.Contains(st.Reason, "claimed to end at 3") {
		t.Fatalf("%v: %s", st.State, st.Reason)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
}

func TestCountNeverDecreases(t *testing.T) {
	w := newWorld(t)
	w.flush.Rows = 3
	r := w.start()
	stop := make(chan struct{})
	result := make(chan error, 1)
	go func() {
		last := 0
		for {
			select {
			case <-stop:
				result <- nil
				return
			default:
			}
			v, _ := r.Pin()
			rows := v.Rows()
			v.Unpin()
			if rows < last {
				result <- fmt.Errorf("count went from %d to %d", last, rows)
				return
			}
			last = rows
		}
	}()
	const n = 600
	for i := 0; i < n; i += 20 {
		w.produce(i, i+20)
		time.Sleep(100 * time.Microsecond)
	}
	w.eventually("all sealed", func() bool { return w.doneCount() == n/3 && r.Status().FrozenSegments == 0 })
	close(stop)
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
}

func TestAStuckReaderBlocksNobody(t *testing.T) {
	w := newWorld(t)
	r := w.start()
	first := w.produce(0, 5)
	w.eventually("first rows", func() bool { return len(r.visible()) == 5 })
	v, _ := r.Pin()
	w.produce(5, 95)
	w.eventually("sealed meanwhile", func() bool { return w.doneCount() == 9 && len(r.visible()) == 95 })
	var seen []string
	for _, view := range v.Views() {
		seen = append(seen, view.(*wordView).words...)
		if view.(*wordView).r.released {
			t.Error("a pinned segment was released")
		}
	}
	if diff := cmp.Diff(first, seen); diff != "" {
		t.Error(diff)
	}
	v.Unpin()
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
}

func TestFrozenSegmentsAreBounded(t *testing.T) {
	w := newWorld(t)
	var full atomic.Bool
	full.Store(true)
	w.fail = func(op string) error {
		if op == "build" && full.Load() {
			return fmt.Errorf("write segment: %w", syscall.ENOSPC)
		}
		return nil
	}
	r := w.start(func(c *ingest.Config) { c.MaxFrozenBytes = 350 }) // a segment of 10 rows has 100 bytes
	want := w.produce(0, 200)
	w.eventually("stalled", func() bool {
		return r.Status().State == ingest.StateStalled && strings.Contains(r.Status().Reason, "disk full")
	})
	st := r.Status()
	if st.FrozenSegments != 4 || st.FrozenBytes != 400 || st.TotalRows != 40 {
		t.Fatalf("%+v", st)
	}
	if got := len(r.visible()); got != 40 {
		t.Fatalf("%d rows are visible", got)
	}
	full.Store(false)
	w.eventually("healed", func() bool { return w.doneCount() == 20 && slices.Equal(want, r.visible()) })
	w.eventually("consuming again", func() bool { return r.Status().State == ingest.StateConsuming && r.Status().SealError == "" })
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
}

func TestLostAnswersAndOutagesAreRetried(t *testing.T) {
	w := newWorld(t)
	var mu sync.Mutex
	calls := map[string]int{}
	w.setFail(func(op string) error { // two of three calls of each operation fail
		mu.Lock()
		defer mu.Unlock()
		if calls[op]++; calls[op]%3 != 0 && op != "consuming" {
			return fmt.Errorf("%s is unavailable", op)
		}
		return nil
	})
	r := w.start()
	want := w.produce(0, 50)
	w.eventually("committed in spite of it", func() bool { return w.doneCount() == 5 && slices.Equal(want, r.visible()) })
	if st := r.Status(); st.Counters.SealFailures == 0 || st.LastError == "" {
		t.Fatalf("%+v", st)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
}

func TestBrokersDown(t *testing.T) {
	w := newWorld(t)
	r := w.start()
	want := w.produce(0, 5)
	w.eventually("first rows", func() bool { return len(r.visible()) == 5 })
	w.topic.SetDown(errors.New("connection refused"))
	w.eventually("unavailable", func() bool {
		st := r.Status()
		return st.State == ingest.StateUnavailable && strings.Contains(st.Reason, "connection refused")
	})
	w.topic.SetDown(nil)
	want = append(want, w.produce(5, 12)...)
	w.eventually("goes on", func() bool { return slices.Equal(want, r.visible()) && r.Status().State == ingest.StateConsuming })
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
}

func TestPositionErrorsNeedAChoice(t *testing.T) {
	cases := []struct {
		name   string
		damage func(w *world)
		text   string
		reason string
		to     ingest.Position
		want   func(before []string) []string
		gap    ingest.Gap
	}{
		{"recreated", func(w *world) { w.topic.Recreate(1); w.produce(100, 103) }, "words-id-2", "deleted and created again", ingest.Smallest,
			func(before []string) []string { return append(before, "w0100", "w0101", "w0102") }, ingest.Gap{Sequence: 1, From: 5, To: 0}},
		{"truncated", func(w *world) { w.topic.Truncate(0, 2); w.produce(100, 102) }, "offset 5", "truncated", ingest.Largest,
			func(before []string) []string { return before }, ingest.Gap{Sequence: 1, From: 5, To: 4}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			r := w.start()
			before := w.produce(0, 5)
			w.eventually("first rows", func() bool { return len(r.visible()) == 5 })
			c.damage(w)
			w.eventually("error", func() bool { return r.Status().State == ingest.StateError })
			st := r.Status()
			if !strings.Contains(st.Reason, c.text) || !strings.Contains(st.Reason, c.reason) || len(st.Choices) == 0 {
				t.Fatalf("reason %q, choices %q", st.Reason, st.Choices)
			}
			r.Resume() // the position is not better now
			w.eventually("still in error", func() bool { return r.Status().State == ingest.StateError })
			if err := r.Reset(context.Background(), c.to); err != nil {
				t.Fatal(err)
			}
			want := c.want(before)
			w.eventually("goes on", func() bool { return slices.Equal(want, r.visible()) && r.Status().State == ingest.StateConsuming })
			if len(w.gaps) != 1 || !strings.Contains(w.gaps[0].Reason, c.reason) {
				t.Fatalf("gaps %+v", w.gaps)
			}
			got := w.gaps[0]
			got.Reason, got.Millis = "", 0
			if diff := cmp.Diff(c.gap, got); diff != "" {
				t.Fatal(diff)
			}
			if err := r.stop(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestExpiredOffsetAfterARestart(t *testing.T) {
	w := newWorld(t)
	r := w.start()
	w.produce(0, 15)
	w.eventually("one committed", func() bool { return w.doneCount() == 1 })
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	w.produce(15, 30)
	w.topic.Expire(0, 20) // 10..19 are gone
	r = w.start()
	w.eventually("error", func() bool { return r.Status().State == ingest.StateError })
	if st := r.Status(); !strings.Contains(st.Reason, "no longer retained") || !strings.Contains(st.Reason, "starts at 20") {
		t.Fatal(st.Reason)
	}
	if err := r.Reset(context.Background(), ingest.Smallest); err != nil {
		t.Fatal(err)
	}
	w.eventually("goes on", func() bool { return len(r.visible()) == 20 })
	if g := w.gaps[0]; g.From != 10 || g.To != 20 || g.Sequence != 1 {
		t.Fatalf("%+v", g)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
}

func TestProgressWithoutRowsIsCommittedByAge(t *testing.T) {
	w := newWorld(t)
	r := w.start()
	for range 7 {
		w.topic.Produce(0, "drop", 0)
	}
	w.eventually("consumed", func() bool { return r.Status().NextOffset == 7 })
	if w.head.StartOffset != 0 {
		t.Fatal("committed before its age")
	}
	w.clock.Advance(time.Hour)
	w.eventually("advanced", func() bool { w.mu.Lock(); defer w.mu.Unlock(); return w.head.StartOffset == 7 && w.head.Sequence == 0 })
	want := w.produce(0, 3)
	w.eventually("rows", func() bool { return slices.Equal(want, r.visible()) })
	w.clock.Advance(time.Hour)
	w.eventually("committed by age", func() bool { return w.doneCount() == 1 })
	if s := w.done[0]; s.StartOffset != 7 || s.EndOffset != 10 {
		t.Fatalf("%+v", s)
	}
	w.clock.Advance(3 * time.Hour)
	time.Sleep(20 * time.Millisecond)
	if w.doneCount() != 1 || w.advances != 1 {
		t.Fatal("an idle partition commits")
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
}

func TestRejectedRecords(t *testing.T) {
	w := newWorld(t)
	r := w.start()
	for i := range 150 {
		w.topic.Produce(0, fmt.Sprintf("bad %d", i), 0)
	}
	w.eventually("consumed", func() bool { return r.Status().NextOffset == 150 })
	st := r.Status()
	if st.Counters.Rejected != 150 || st.Counters.Rows != 150 {
		t.Fatalf("%+v", st.Counters)
	}
	samples := r.Errors()
	if len(samples) != ingest.MaxErrorSamples || samples[0].Offset != 50 || samples[99].Offset != 149 {
		t.Fatalf("%d samples", len(samples))
	}
	if s := samples[0]; s.Topic != "words" || s.Reason != "it is bad" || s.Excerpt != "bad 50" {
		t.Fatalf("%+v", s)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
}

func TestARecordThatBreaksThePipelineStopsVisibly(t *testing.T) {
	w := newWorld(t)
	w.topic.SetMaxPoll(1)
	r := w.start()
	w.topic.Produce(0, "one", 0)
	w.topic.Produce(0, "boom", 0)
	w.topic.Produce(0, "two", 0)
	w.eventually("error", func() bool { return r.Status().State == ingest.StateError })
	if got := r.visible(); !slices.Equal(got, []string{"one"}) {
		t.Fatal(got)
	}
	if st := r.Status(); !strings.Contains(st.Reason, "records 1 to 1") || !strings.Contains(st.Reason, "boom") {
		t.Fatal(st.Reason)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
}

func TestPauseResumeForceCommit(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	r := w.start(func(c *ingest.Config) { c.PauseReason = "maintenance" })
	want := w.produce(0, 4)
	w.eventually("paused", func() bool { return r.Status().State == ingest.StatePaused && r.Status().Reason == "maintenance" })
	if len(r.visible()) != 0 {
		t.Fatal("a paused partition consumes")
	}
	r.Resume()
	w.eventually("rows", func() bool { return slices.Equal(want, r.visible()) })
	r.Pause("")
	w.eventually("paused", func() bool { return r.Status().State == ingest.StatePaused })
	name, err := r.ForceCommit(ctx) // works while paused
	if err != nil || !strings.HasPrefix(name, "words__0__0__2023") {
		t.Fatalf("%q, %v", name, err)
	}
	w.eventually("committed", func() bool { return w.doneCount() == 1 })
	if name, err = r.ForceCommit(ctx); err != nil || name != "" {
		t.Fatalf("nothing to commit: %q, %v", name, err)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.ForceCommit(ctx); err == nil {
		t.Fatal("a stopped consumer commits")
	}
}

func TestReconfigureFreezes(t *testing.T) {
	w := newWorld(t)
	r := w.start()
	w.produce(0, 4)
	w.eventually("rows", func() bool { return len(r.visible()) == 4 })
	flush := w.flush
	flush.Rows = 2
	if err := r.Reconfigure(context.Background(), ingest.Runtime{Transformer: &words{}, Segments: w, Flush: flush}); err != nil {
		t.Fatal(err)
	}
	w.produce(4, 8)
	w.eventually("committed under both", func() bool { return w.doneCount() == 3 && len(r.visible()) == 8 })
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
}

func TestAFullSegmentFreezesEarly(t *testing.T) {
	w := newWorld(t)
	w.maxRows = 4
	w.topic.SetMaxPoll(2)
	r := w.start()
	want := w.produce(0, 14)
	w.eventually("rows", func() bool { return slices.Equal(want, r.visible()) && w.doneCount() == 3 })
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
}

func TestConsumingGoesOnWhileASegmentSeals(t *testing.T) {
	w := newWorld(t)
	w.slow = make(chan struct{})
	r := w.start()
	want := w.produce(0, 57)
	w.eventually("all visible while nothing is sealed", func() bool { return slices.Equal(want, r.visible()) })
	if w.doneCount() != 0 || r.Status().FrozenSegments != 5 {
		t.Fatalf("%d committed, %+v", w.doneCount(), r.Status())
	}
	close(w.slow)
	w.eventually("sealed in order", func() bool { return w.doneCount() == 5 })
	for i, s := range w.done {
		if s.Sequence != int64(i) {
			t.Fatalf("segment %d is at place %d", s.Sequence, i)
		}
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
}

func TestRemoveAndInsert(t *testing.T) {
	w := newWorld(t)
	r := w.start()
	want := w.produce(0, 25)
	w.eventually("sealed", func() bool { return w.doneCount() == 2 && r.Status().FrozenSegments == 0 })
	if !r.Remove(0) || r.Remove(0) || r.Remove(2) {
		t.Fatal("segment 0 can be removed once, the consuming one never")
	}
	if diff := cmp.Diff(want[10:], r.visible()); diff != "" {
		t.Fatal(diff)
	}
	w.live.Add(1)
	repaired := partition.NewShared(&rowSet{w: w, name: "repaired", sealed: true, words: want[:10]})
	r.Insert(partition.Entry{Member: repaired, Sequence: 0, Rows: 10})
	repaired.Release()
	if diff := cmp.Diff(want, r.visible()); diff != "" {
		t.Fatal(diff)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
}
