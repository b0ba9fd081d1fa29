package ingest_test

import (
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/ingest"
)

// Short of memory a partition freezes what it has, which sealing gives back, stops and says why; then it goes on, and every
// row shows once.
func TestMemoryPressure(t *testing.T) {
	w := newWorld(t)
	w.flush.Rows = 1000
	var short atomic.Bool
	r := w.start(func(c *ingest.Config) {
		c.Pressure = func() string {
			if short.Load() {
				return "the process is short of memory"
			}
			return ""
		}
	})
	want := w.produce(0, 15)
	w.eventually("the first rows are visible", func() bool { return len(r.visible()) == 15 })
	short.Store(true)
	w.eventually("it says why it waits", func() bool {
		st := r.Status()
		return st.State == ingest.StateStalled && st.Reason == "the process is short of memory"
	})
	w.eventually("what it had is sealed", func() bool { return w.doneCount() == 1 })
	want = append(want, w.produce(15, 40)...)
	if n := len(r.visible()); n != 15 {
		t.Errorf("%d rows while it is paused, want 15", n)
	}
	short.Store(false)
	w.eventually("it goes on", func() bool {
		st := r.Status()
		return len(r.visible()) == 40 && st.State == ingest.StateConsuming && st.Reason == ""
	})
	if diff := cmp.Diff(want, r.visible()); diff != "" {
		t.Error(diff)
	}
	if w.doneCount() != 1 {
		t.Errorf("%d segments, want one: an empty one is not frozen again", w.doneCount())
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
}
