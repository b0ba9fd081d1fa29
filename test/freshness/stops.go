package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"golang.org/x/exp/trace"
)

// stops is what the collector stopped the world for.
type stops struct {
	Count int // two of a cycle
	// MostMs is the longest time in which no goroutine could run.
	MostMs float64
	// EndedMs is the longest until the thread that ended the stop goes on: when it has woken the others it may have to wait for a core,
	// while they run already.
	EndedMs float64
	// Each is all stops.
	Each []stop
}

// stop is one stop of the world.
type stop struct {
	At time.Time
	Ms float64 // in which no goroutine could run
}

// saveTrace writes an execution trace of the node to a file. It is read when the load is over: reading takes a processor.
func (n *nodeProcess) saveTrace(path string, d time.Duration) (err error) {
	resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/debug/pprof/trace?seconds=%d", n.server, max(1, int(d.Seconds()))))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("trace: %s", resp.Status)
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, resp.Body)
	return errors.Join(err, f.Close())
}

// savedStops finds the collector's stops in a file of saveTrace's; none where there is no path.
func savedStops(path string) (found stops, err error) {
	if path == "" {
		return stops{}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return stops{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return readStops(bufio.NewReaderSize(f, 1<<20))
}

// readStops finds the collector's stops in an execution trace.
func readStops(in io.Reader) (found stops, err error) {
	events, err := trace.NewReader(in)
	if err != nil {
		return stops{}, fmt.Errorf("trace: %w", err)
	}
	var s stopReader
	for {
		e, err := events.ReadEvent()
		if errors.Is(err, io.EOF) {
			return s.stops, nil
		}
		if err != nil {
			return stops{}, fmt.Errorf("trace: %w", err)
		}
		s.event(&e)
	}
}

// stopReader follows the processors through stops.
type stopReader struct {
	stops
	clock   trace.ClockSnapshot
	began   trace.Time            // of the present stop, if stopped
	over    bool                  // a goroutine runs again
	stopped bool                  // whoever stopped the world has not gone on
	started map[trace.ProcID]bool // processors that were started since the stop began
}

func (s *stopReader) event(e *trace.Event) {
	switch e.Kind() {
	case trace.EventSync:
		if c := e.Sync().ClockSnapshot; c != nil {
			s.clock = *c
		}
	case trace.EventRangeBegin:
		if r := e.Range(); strings.HasPrefix(r.Name, "stop-the-world (GC") {
			s.began, s.stopped, s.over, s.started = e.Time(), true, false, map[trace.ProcID]bool{}
		}
	case trace.EventRangeEnd:
		if r := e.Range(); s.stopped && strings.HasPrefix(r.Name, "stop-the-world (GC") {
			s.Count++
			s.EndedMs = max(s.EndedMs, s.since(e))
			s.again(e)
			s.stopped = false
		}
	case trace.EventStateTransition:
		if s.stopped {
			s.transition(e)
		}
	}
}

// transition ends a stop when a processor that was started in it runs a goroutine: while the world is being stopped, processors
// only give up what they run.
func (s *stopReader) transition(e *trace.Event) {
	t := e.StateTransition()
	switch t.Resource.Kind {
	case trace.ResourceProc:
		_, to := t.Proc()
		s.started[t.Resource.Proc()] = to == trace.ProcRunning
	case trace.ResourceGoroutine:
		if _, to := t.Goroutine(); to == trace.GoRunning && s.started[e.Proc()] {
			s.again(e)
		}
	}
}

// again notes that goroutines run.
func (s *stopReader) again(e *trace.Event) {
	if !s.over {
		s.over = true
		took := s.since(e)
		s.MostMs = max(s.MostMs, took)
		s.Each = append(s.Each, stop{s.clock.Wall.Add(s.began.Sub(s.clock.Trace)), took})
	}
}

// since is the milliseconds since the stop began.
func (s *stopReader) since(e *trace.Event) float64 {
	return float64(e.Time().Sub(s.began)) / float64(time.Millisecond)
}
