package server

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/freshetdb/freshet/cluster"
	deepfs "github.com/freshetdb/freshet/deepstore/fs"
	deepmem "github.com/freshetdb/freshet/deepstore/mem"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/memory"
	"github.com/freshetdb/freshet/internal/vfs"
)

func TestServeATable(t *testing.T) {
	w := newWorld(t, 3)
	s := w.open()
	if ready, _ := s.Ready(); ready {
		w.eventually("ready without tables", func() bool { ready, _ := s.Ready(); return ready })
	}
	w.produce(200)
	w.table("inc-1", 1)
	w.check(s)
	w.eventually("segments committed", func() bool { return w.done(s) == 3 })
	w.eventually("ready", func() bool { ready, _ := s.Ready(); return ready })
	w.produce(100)
	w.check(s)
	st, _ := s.Status("orders")
	if len(st.Partitions) != 3 || !st.Ready || st.Problem != "" {
		t.Fatalf("%+v", st)
	}
	for _, p := range st.Partitions {
		if p.State != ingest.StateConsuming || p.LagOffsets != 0 || p.NextOffset != 100 || p.TotalRows != 100 {
			t.Errorf("%+v", p.Status)
		}
	}
	if n := s.Notices("orders"); len(n) != 0 {
		t.Errorf("notices %q", n)
	}
	w.close(s)
}

func TestUnknownTable(t *testing.T) {
	w := newWorld(t, 1)
	s := w.open()
	w.eventually("listed", func() bool { ready, _ := s.Ready(); return ready })
	_, err := s.Rejected("nothing")
	if e := errs.As(err); e.Code != errs.UndefinedTable {
		t.Fatal(err)
	}
	w.close(s)
}

// TestExactlyOnce kills the server at every named point, several times, with a disk that forgets what was not synced,
// and compares every column of every row with what was produced.
func TestExactlyOnce(t *testing.T) {
	points := []string{ingest.PointAfterClaim, ingest.PointAfterBuild, ingest.PointAfterUpload, ingest.PointBeforeCommit, ingest.PointAfterCommit}
	for _, power := range []bool{false, true} {
		for _, point := range points {
			t.Run(fmt.Sprintf("%s, power loss %v", point, power), func(t *testing.T) {
				w := newWorld(t, 2)
				w.table("inc-1", 1)
				w.produce(120)
				for round := range 4 {
					var killing atomic.Bool
					died := make(chan struct{})
					resume := make(chan struct{})
					var hits atomic.Int32
					s := w.open(func(c *Config) {
						c.Hooks.Point = func(p string) {
							if p == point && hits.Add(1) == int32(1+round%2) && killing.CompareAndSwap(false, true) {
								close(died)
								<-resume // until the context has ended
							}
						}
					})
					w.produce(60)
					<-died
					stopped := make(chan struct{})
					go func() { w.kill(s); close(stopped) }()
					<-s.group.Context().Done()
					close(resume)
					<-stopped
					w.produce(40)
					if power {
						w.losePower(uint64(round))
					}
				}
				s := w.open()
				w.check(s)
				w.close(s)
			})
		}
	}
}

// losePower replaces the disk by what is left of it.
func (w *world) losePower(seed uint64) {
	w.disk = w.disk.CrashClone(rand.New(rand.NewPCG(seed, 1)))
	disk := w.disk
	w.fs = vfs.NewFault(disk, func(op vfs.Op) error {
		if f := w.fault.Load(); f != nil {
			return (*f)(op)
		}
		return nil
	})
	var err error
	if w.bucket, err = deepfs.New(w.fs, "/data/deep", clock.Real{}); err != nil {
		w.t.Fatal(err)
	}
}

func TestRestartFromRemoteDeepStore(t *testing.T) {
	w := newWorld(t, 1)
	w.bucket = deepmem.New(w.fs, clock.Real{})
	w.table("inc-1", 1)
	w.produce(130)
	s := w.open()
	w.check(s)
	w.eventually("committed", func() bool { return w.done(s) == 2 })
	w.close(s)
	if err := w.fs.RemoveAll("/data/server"); err != nil { // a new machine
		t.Fatal(err)
	}
	s = w.open()
	w.check(s)
	w.close(s)
}

func TestPartitionsFoundLaterStartAtSmallest(t *testing.T) {
	w := newWorld(t, 1)
	w.reset = "largest"
	w.produce(10) // before the table: not consumed
	w.ledger = nil
	w.table("inc-1", 1)
	s := w.open()
	w.eventually("partition begun", func() bool { return w.partition(s, 0).State == ingest.StateConsuming })
	w.kill(s)
	w.topic.AddPartitions(2)
	w.produce(30) // while the server is away
	s = w.open()
	w.check(s)
	w.close(s)
}

func TestTheStartIsResolvedOnce(t *testing.T) {
	w := newWorld(t, 1)
	w.reset = "largest"
	w.produce(10)
	w.ledger = nil
	w.table("inc-1", 1)
	s := w.open(func(c *Config) { c.PollWait = time.Second })
	w.eventually("start committed", func() bool { return len(w.segmentsOf(s)) == 1 })
	w.kill(s)
	w.produce(20) // after the start was resolved: belongs to the table
	s = w.open()
	w.check(s)
	w.close(s)
}

func (w *world) segmentsOf(s *Server) []cluster.SegmentRecord {
	r, err := s.Segments(context.Background(), "orders")
	if err != nil {
		return nil
	}
	return r
}

func TestDiskFullStallsAndHeals(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(200)
	w.table("inc-1", 1)
	full := func(op vfs.Op) error {
		if op.Kind == vfs.OpWrite {
			return syscall.ENOSPC
		}
		return nil
	}
	w.setFault(full)
	s := w.open(func(c *Config) { c.MaxFrozenBytes = 1 })
	w.eventually("stalled", func() bool {
		p := w.partition(s, 0)
		return p.State == ingest.StateStalled && strings.Contains(p.Reason, "disk full") && p.TotalRows == 50
	})
	if ready, reasons := s.Ready(); ready || !strings.Contains(strings.Join(reasons, " "), "disk full") {
		t.Errorf("ready %v: %q", ready, reasons)
	}
	if n := s.Notices("orders"); len(n) != 1 || !strings.Contains(n[0], "STALLED") {
		t.Errorf("notices %q", n)
	}
	w.setFault(nil)
	w.check(s)
	w.eventually("consuming", func() bool { return w.partition(s, 0).State == ingest.StateConsuming })
	w.close(s)
}

func TestTopicRecreated(t *testing.T) {
	w := newWorld(t, 1)
	w.table("inc-1", 1)
	w.produce(70)
	s := w.open()
	w.check(s)
	w.topic.Recreate(1)
	w.eventually("error", func() bool { return w.partition(s, 0).State == ingest.StateError })
	p := w.partition(s, 0)
	if !strings.Contains(p.Reason, "deleted and created again") || !strings.Contains(p.Reason, "orders-id-2") || len(p.Choices) != 3 {
		t.Fatalf("%q %q", p.Reason, p.Choices)
	}
	w.produce(5)
	if err := s.Reset(context.Background(), "orders", nil, ingest.Smallest); err != nil {
		t.Fatal(err)
	}
	w.check(s)
	gaps, err := s.Gaps(context.Background(), "orders")
	if err != nil || len(gaps) != 1 || gaps[0].From != 70 || gaps[0].To != 0 || !strings.Contains(gaps[0].Reason, "orders-id-2") {
		t.Fatalf("%+v, %v", gaps, err)
	}
	w.close(s)
	s = w.open() // the choice is durable
	w.check(s)
	if p := w.partition(s, 0); p.State == ingest.StateError {
		t.Fatal(p.Reason)
	}
	w.close(s)
}

func TestMissingTopicIsSaid(t *testing.T) {
	w := newWorld(t, 1)
	w.topic.Delete()
	w.table("inc-1", 1)
	s := w.open()
	w.eventually("problem", func() bool {
		st, ok := s.Status("orders")
		return ok && strings.Contains(st.Problem, "topic is missing")
	})
	if ready, reasons := s.Ready(); ready || !strings.Contains(strings.Join(reasons, " "), "missing") {
		t.Fatalf("%v %q", ready, reasons)
	}
	w.topic.Recreate(1)
	w.produce(5)
	w.check(s)
	w.close(s)
}

// damage changes a byte of, or removes, every segment file.
func (w *world) damage(s *Server, remove bool) (n int) {
	stored, _, err := cluster.ListSegments(context.Background(), w.store, "inc-1")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range stored {
		if r.Record.Key == "" {
			continue
		}
		path, _ := s.localPath(r.Record.Key)
		if err := w.fs.Remove(path); err != nil {
			w.t.Fatal(err)
		}
		n++
		if remove {
			continue
		}
		f, err := w.fs.Create(path)
		if err != nil {
			w.t.Fatal(err)
		}
		_, err = f.Write([]byte("this is not a segment"))
		if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
			w.t.Fatal(err)
		}
	}
	return n
}

func TestDamagedSegmentsAreConsumedAgain(t *testing.T) {
	for _, remove := range []bool{false, true} {
		t.Run(fmt.Sprintf("removed %v", remove), func(t *testing.T) {
			w := newWorld(t, 1)
			w.table("inc-1", 1)
			w.produce(130)
			s := w.open()
			w.check(s)
			w.eventually("committed", func() bool { return w.done(s) == 2 && w.partition(s, 0).FrozenSegments == 0 })
			w.close(s)
			if n := w.damage(s, remove); n != 2 {
				t.Fatalf("%d files", n)
			}
			s = w.open()
			w.check(s)
			w.eventually("repaired", func() bool { return len(w.partition(s, 0).Damaged) == 0 })
			w.close(s)
			s = w.open()
			w.check(s)
			if d := w.partition(s, 0).Damaged; len(d) != 0 {
				t.Fatalf("%+v", d)
			}
			w.close(s)
		})
	}
}

// TestAStatementSaysWhatItsOwnVersionLacks: a segment that is repaired, or found damaged, after a statement pinned its
// tables does not change what the statement says of its rows.
func TestAStatementSaysWhatItsOwnVersionLacks(t *testing.T) {
	w := newWorld(t, 1)
	w.table("inc-1", 1)
	w.produce(60)
	s := w.open()
	w.check(s)
	w.eventually("committed", func() bool { return w.done(s) == 1 && w.partition(s, 0).FrozenSegments == 0 })
	tab, _ := s.table("orders")
	h := tab.partitionList()[0]
	whole := w.snapshot(s)
	defer whole.Close()
	r, _, err := cluster.GetSegment(t.Context(), s.cfg.Store, "inc-1", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	h.noteDamage(r.Record, errors.New("for the test"))
	between := w.snapshot(s) // noted, but its rows are still there
	defer between.Close()
	h.consumer().Remove(0)
	lacking := w.snapshot(s)
	h.repairLater()
	w.eventually("repaired", func() bool { return len(w.partition(s, 0).Damaged) == 0 && len(w.rows(s)) == 60 })
	lacking.Close() // what it says stays
	for name, n := range map[string]*Snapshot{"before": whole, "between": between, "after": w.snapshot(s)} {
		defer n.Close()
		if got := n.Missing(); len(got) != 0 {
			t.Errorf("%s: %q is missing, want nothing", name, got)
		}
	}
	if got := lacking.Missing(); len(got) != 1 || !strings.Contains(got[0], "50 rows are missing: for the test") {
		t.Errorf("the statement that lacked the segment says %q", got)
	}
	w.close(s)
}

// snapshot pins the table orders.
func (w *world) snapshot(s *Server) *Snapshot {
	w.t.Helper()
	n, ok := s.Snapshot().(*Snapshot)
	if !ok {
		w.t.Fatal("another kind of snapshot")
	}
	if _, err := n.pin(w.t.Context(), "orders"); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// missing is what a statement that reads the table orders now would lack.
func (w *world) missing(s *Server) []string {
	w.t.Helper()
	n := w.snapshot(s)
	defer n.Close()
	return n.Missing()
}

func TestDamageThatTheStreamNoLongerHoldsIsReported(t *testing.T) {
	w := newWorld(t, 1)
	w.table("inc-1", 1)
	w.produce(130)
	s := w.open()
	w.check(s)
	w.eventually("committed", func() bool { return w.done(s) == 2 && w.partition(s, 0).FrozenSegments == 0 })
	w.close(s)
	w.damage(s, false)
	w.topic.Expire(0, 20) // of segment 0, the end is retained, of segment 1 everything
	s = w.open()
	w.ledger = w.ledger[50:]
	w.check(s)
	w.eventually("reported", func() bool {
		d := w.partition(s, 0).Damaged
		return len(d) == 1 && d[0].Sequence == 0 && strings.Contains(d[0].Repair, "no longer retained") && d[0].Rows == 50
	})
	n := w.missing(s)
	if len(n) != 1 || !strings.Contains(n[0], "orders__0__0__") || !strings.Contains(n[0], "50 rows are missing") {
		t.Fatalf("missing %q", n)
	}
	w.close(s)
}

func TestRetention(t *testing.T) {
	w := newWorld(t, 1)
	w.start = w.start.Add(-48 * time.Hour)
	w.produce(50)
	w.start = w.start.Add(48 * time.Hour)
	w.produce(60)
	w.table("inc-1", 1)
	s := w.open()
	w.check(s)
	w.eventually("committed", func() bool { return w.done(s) == 2 })
	objects, err := w.bucket.List(context.Background(), "")
	if err != nil || len(objects) != 2 {
		t.Fatalf("%d objects, %v", len(objects), err)
	}
	tab, _ := s.table("orders")
	tab.mu.Lock()
	changed := *tab.mu.entry.Table
	changed.Retention = 24 * time.Hour
	tab.mu.entry.Table = &changed
	tab.mu.Unlock()
	w.ledger = w.ledger[50:]
	w.eventually("old rows gone", func() bool { return len(w.rows(s)) == 60 })
	w.check(s)
	w.eventually("file gone", func() bool { o, err := w.bucket.List(context.Background(), ""); return err == nil && len(o) == 1 })
	w.produce(50) // the next commit finds no predecessor
	w.check(s)
	w.eventually("committed on", func() bool { return w.done(s) == 2 })
	w.close(s)
}

func TestDropAndCreateAgain(t *testing.T) {
	w := newWorld(t, 1)
	w.table("inc-1", 1)
	w.produce(120)
	m := memory.New(1 << 30)
	s := w.open(func(c *Config) { c.Memory = m })
	w.check(s)
	w.eventually("committed, and its block ranges are counted", func() bool { return w.done(s) == 2 && m.Used(memory.Sealed) > 0 })
	w.dropTable()
	w.eventually("dropped", func() bool { _, ok := s.Status("orders"); return !ok })
	w.eventually("nothing is left", func() bool {
		o, err := w.bucket.List(context.Background(), "")
		kvs, _, err2 := w.store.List(context.Background(), cluster.SegmentsPrefix)
		return err == nil && err2 == nil && len(o) == 0 && len(kvs) == 0 && m.Used(memory.Sealed) == 0
	})
	w.table("inc-2", 1)
	w.check(s)
	w.close(s)
}

func TestRemainsOfATableDroppedWhileAway(t *testing.T) {
	w := newWorld(t, 1)
	w.table("inc-1", 1)
	w.produce(60)
	s := w.open()
	w.check(s)
	w.eventually("committed", func() bool { return w.done(s) == 1 })
	w.kill(s)
	w.dropTable()
	s = w.open(func(c *Config) { c.CollectEvery = time.Millisecond })
	w.eventually("collected", func() bool {
		o, err := w.bucket.List(context.Background(), "")
		kvs, _, err2 := w.store.List(context.Background(), cluster.SegmentsPrefix)
		return err == nil && err2 == nil && len(o) == 0 && len(kvs) == 0
	})
	w.close(s)
}

func TestConfigChangeFreezes(t *testing.T) {
	w := newWorld(t, 1)
	w.table("inc-1", 1)
	w.produce(20)
	s := w.open()
	w.check(s)
	w.flush = 10
	w.table("inc-1", 2)
	w.eventually("committed under version 1", func() bool { return w.done(s) == 1 })
	w.produce(30)
	w.check(s)
	w.eventually("committed under version 2", func() bool { return w.done(s) == 4 })
	for _, r := range w.segmentsOf(s) {
		want := 2
		if r.Sequence == 0 {
			want = 1
		}
		if r.ConfigVersion != want {
			t.Errorf("segment %d has config version %d, want %d", r.Sequence, r.ConfigVersion, want)
		}
	}
	w.close(s)
}

func TestPauseSurvivesARestart(t *testing.T) {
	w := newWorld(t, 1)
	ctx := context.Background()
	w.table("inc-1", 1)
	s := w.open()
	w.eventually("consuming", func() bool { return w.partition(s, 0).State == ingest.StateConsuming })
	if err := s.Pause(ctx, "orders", "migration"); err != nil {
		t.Fatal(err)
	}
	w.produce(10)
	w.close(s)
	s = w.open()
	w.eventually("paused", func() bool { p := w.partition(s, 0); return p.State == ingest.StatePaused && p.Reason == "migration" })
	if len(w.rows(s)) != 0 {
		t.Fatal("paused and consuming")
	}
	if err := s.Resume(ctx, "orders"); err != nil {
		t.Fatal(err)
	}
	w.check(s)
	names, err := s.ForceCommit(ctx, "orders", []int32{0})
	if err != nil || len(names) != 1 {
		t.Fatal(names, err)
	}
	w.eventually("committed", func() bool { return w.done(s) == 1 })
	if _, err := s.ForceCommit(ctx, "orders", []int32{7}); err == nil {
		t.Fatal("partition 7 does not exist")
	}
	w.close(s)
}

func TestLostLeaseStopsCommitsOnly(t *testing.T) {
	w := newWorld(t, 1)
	w.table("inc-1", 1)
	s := w.open()
	w.produce(10)
	w.check(s)
	key := cluster.InstanceKey("server-1")
	kv, _, err := w.store.Get(context.Background(), key)
	if err != nil {
		t.Fatal(err)
	}
	// Somebody wrote the record: whoever holds the old revision may not commit.
	if _, _, err := w.store.Txn(context.Background(), nil, []cluster.Op{{Key: key, Value: kv.Value}}); err != nil {
		t.Fatal(err)
	}
	w.produce(60)
	w.check(s) // consuming goes on
	w.eventually("commit waits", func() bool { return strings.Contains(w.partition(s, 0).SealError, "keep changing") })
	if w.done(s) != 0 {
		t.Fatal("committed without its lease")
	}
	kv, _, err = w.store.Get(context.Background(), key)
	if err != nil {
		t.Fatal(err)
	}
	s.instanceRevision.Store(kv.Revision)
	w.eventually("committed with it", func() bool { return w.done(s) == 1 })
	w.close(s)
}

func TestRejectedRecordsAndMetrics(t *testing.T) {
	w := newWorld(t, 1)
	w.table("inc-1", 1)
	reg := prometheus.NewRegistry()
	s := w.open(func(c *Config) { c.Registerer = reg })
	w.topic.Produce(0, "{not json", 0)
	w.produce(10)
	w.check(s)
	samples, err := s.Rejected("orders")
	if err != nil || len(samples) != 1 || samples[0].Offset != 0 || samples[0].Topic != "orders" || samples[0].Excerpt != "{not json" || samples[0].Reason == "" {
		t.Fatalf("%+v, %v", samples, err)
	}
	w.eventually("metrics", func() bool {
		got := map[string]float64{}
		families, err := reg.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			m := f.GetMetric()[0]
			got[f.GetName()] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
		return got["freshet_ingest_rows_total"] == 10 && got["freshet_ingest_rejected_records_total"] == 1 && got["freshet_segment_rows"] == 10 &&
			got["freshet_server_ready"] == 1 && got["freshet_ingest_lag_offsets"] == 0 && got["freshet_ingest_state"] == 1
	})
	w.close(s)
	if families, err := reg.Gather(); err != nil || len(families) != 0 {
		t.Fatalf("%d families stay registered, %v", len(families), err)
	}
}

func TestUnnamedObjectsAreCollected(t *testing.T) {
	w := newWorld(t, 1)
	w.bucket = deepmem.New(w.fs, clock.Real{})
	ctx := context.Background()
	w.table("inc-1", 1)
	if err := w.bucket.Put(ctx, "orders/inc-1/0/9-9-00000000.seg", strings.NewReader("left by a crash")); err != nil {
		t.Fatal(err)
	}
	if err := w.bucket.Put(ctx, "orders/notes.txt", strings.NewReader("not ours")); err != nil {
		t.Fatal(err)
	}
	w.produce(60)
	s := w.open()
	w.check(s)
	w.eventually("committed", func() bool { return w.done(s) == 1 })
	now := clock.Real{}.Now()
	if err := s.collect(ctx, now); err != nil {
		t.Fatal(err)
	}
	if o, err := w.bucket.List(ctx, ""); err != nil || len(o) != 3 {
		t.Fatalf("young objects are gone: %v, %v", o, err)
	}
	if err := s.collect(ctx, now.Add(48*time.Hour)); err != nil {
		t.Fatal(err)
	}
	o, err := w.bucket.List(ctx, "")
	if err != nil || len(o) != 2 {
		t.Fatalf("%v, %v", o, err)
	}
	w.check(s)
	w.close(s)
}

func TestScrubFindsDamage(t *testing.T) {
	w := newWorld(t, 1)
	w.table("inc-1", 1)
	w.produce(60)
	s := w.open()
	w.check(s)
	w.eventually("committed", func() bool { return w.done(s) == 1 && w.partition(s, 0).FrozenSegments == 0 })
	tab, _ := s.table("orders")
	tab.partitionList()[0].damageFound(context.Background(), 0, errs.New(errs.ClassCorrupt, errs.DataCorrupted, "a section's checksum is wrong"))
	w.eventually("repaired", func() bool { return len(w.partition(s, 0).Damaged) == 0 && len(w.rows(s)) == 60 })
	w.check(s)
	s.scrub(context.Background())
	if d := w.partition(s, 0).Damaged; len(d) != 0 {
		t.Fatalf("sound files are called damaged: %+v", d)
	}
	w.close(s)
}

func TestTheDataDirectoryIsLocked(t *testing.T) {
	w := newWorld(t, 1)
	s := w.open()
	cfg := s.cfg
	if _, err := New(cfg); err == nil || errs.ClassOf(err) != errs.ClassUnavailable || !strings.Contains(err.Error(), "in use") {
		t.Fatalf("got %v", err)
	}
	w.close(s)
	w.close(w.open())
}
