package main

import (
	"bytes"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"runtime/trace"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestReadStops: in a trace of a busy program both stops of each cycle are found, and the longest is at least as long as the runtime
// took to stop all processors.
func TestReadStops(t *testing.T) {
	var stop atomic.Bool
	var busy sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		busy.Go(func() {
			for n := 0; !stop.Load(); n++ {
				_ = make([]byte, n%1000)
			}
		})
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // no cycles but ours
	runtime.GC()
	const cycles = 4
	var out bytes.Buffer
	if err := trace.Start(&out); err != nil {
		t.Skip(err) // the tests themselves are traced
	}
	began, before := time.Now(), stopping()
	for range cycles {
		runtime.GC()
	}
	after, ended := stopping(), time.Now()
	trace.Stop()
	stop.Store(true)
	busy.Wait()
	got, err := readStops(&out)
	if err != nil {
		t.Fatal(err)
	}
	if got.Count != 2*cycles || len(got.Each) != got.Count {
		t.Errorf("%d stops, %d of them listed, want two for each of %d cycles", got.Count, len(got.Each), cycles)
	}
	for _, s := range got.Each {
		// The clocks are read one after the other.
		if s.At.Before(began.Add(-10*time.Millisecond)) || s.At.After(ended) || s.Ms > got.MostMs {
			t.Errorf("a stop of %v ms at %v; the cycles were from %v to %v, and %v ms is the longest", s.Ms, s.At, began, ended, got.MostMs)
		}
	}
	least := 0.0 // seconds that the longest took to begin
	for i := range after.Counts {
		if after.Counts[i] > before.Counts[i] {
			least = after.Buckets[i]
		}
	}
	if least <= 0 || got.MostMs < 1000*least || got.MostMs > got.EndedMs {
		t.Errorf("the longest stop is %v ms, want at least %v and at most %v", got.MostMs, 1000*least, got.EndedMs)
	}
}

// stopping is how long the runtime took to stop all processors for the collector.
func stopping() *metrics.Float64Histogram {
	sample := []metrics.Sample{{Name: "/sched/pauses/stopping/gc:seconds"}}
	metrics.Read(sample)
	return sample[0].Value.Float64Histogram()
}
