package stalls

import (
	"fmt"
	"os"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	served, err := ServeIfAsked()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if !served {
		os.Exit(m.Run())
	}
}

// A stop counts as far as it lies between the two moments.
func TestWithin(t *testing.T) {
	w := &Watcher{cpus: 2, stops: map[int][]stop{0: {{10, 20}, {30, 40}, {50, 90}}, 1: {{5, 12}, {35, 60}, {70, 75}}}}
	for _, c := range []struct{ from, to, all, some int64 }{
		{0, 100, 2 + 5 + 10 + 5, 15 + 60},
		{11, 100, 1 + 5 + 10 + 5, 9 + 60},
		{0, 55, 2 + 5 + 5, 15 + 25},
		{20, 35, 0, 5},
		{72, 73, 1, 1},
		{95, 99, 0, 0},
	} {
		all, some := w.Within(time.Unix(0, c.from), time.Unix(0, c.to))
		if int64(all) != c.all || int64(some) != c.some {
			t.Errorf("from %d to %d: all %d ns, some %d ns, want %d and %d", c.from, c.to, int64(all), int64(some), c.all, c.some)
		}
	}
	delete(w.stops, 1)
	if all, some := w.Within(time.Unix(0, 0), time.Unix(0, 100)); all != 0 || some != 60 {
		t.Errorf("one processor never stopped, but all did for %d ns, some for %d ns (want 60)", int64(all), int64(some))
	}
}

// The watching process starts, watches and ends; it does not report more than the time that passed.
func TestWatch(t *testing.T) {
	w, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	time.Sleep(100 * time.Millisecond)
	if all, some := w.Within(began, time.Now()); all > some || some > time.Since(began) {
		t.Errorf("all processors stood still for %v, some for %v of %v", all, some, time.Since(began))
	}
	if w.Unwatched == "" && w.cpus == 0 {
		t.Error("no processor is watched, but no reason given")
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}
