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
	before := stopping()
	for range cycles {
		runtime.GC()
	}
	after := stopping()
	trace.Stop()
	stop.Store(true)
	busy.Wait()
	got, err := readStops(&out)
	if err != nil {
		t.Fatal(err)
	}
	if got.Count != 2*cycles {
		t.Errorf("%d stops, want two for each of %d cycles", got.Count, cycles)
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
