package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/freshetdb/freshet/test/bench/ingestion"
)

// TestQuietLoad gives runs in which the host took shares of the processors' time, and looks which one counts.
func TestQuietLoad(t *testing.T) {
	for _, c := range []struct {
		stolen []float64
		want   int
		runs   int
	}{
		{[]float64{0}, 0, 1},
		{[]float64{disturbed}, 0, 1},
		{[]float64{0.2, 0.005}, 1, 2},
		{[]float64{0.2, 0.1, 0.3, 0.4}, 1, 4},
		{[]float64{0.1, 0.2, 0.3, 0.4}, 0, 4},
		{[]float64{0.4, 0.3, 0.2, 0.1}, 3, 4},
	} {
		b := &bench{loads: map[string]load{}}
		runs := 0
		measure := func() (l load, err error) {
			l.stolen, l.Seals = c.stolen[runs], runs
			// The better figure is that of the run that the host disturbed more.
			l.Freshness.P99 = 1 - l.stolen
			runs++
			return l, nil
		}
		for range 2 { // the second time nothing is measured
			l, err := b.quietLoad("load", measure)
			if err != nil || l.Seals != c.want || runs != c.runs {
				t.Errorf("%v: run %d of %d counts (%v), want %d of %d", c.stolen, l.Seals, runs, err, c.want, c.runs)
			}
		}
	}
	broken := errors.New("broken")
	b := &bench{loads: map[string]load{}}
	if _, err := b.quietLoad("load", func() (load, error) { return load{}, broken }); !errors.Is(err, broken) || len(b.loads) != 0 {
		t.Errorf("a load that fails: %v, kept %v", err, b.loads)
	}
}

// TestCountedRun gives runs of ingestion on two processors, each of 10 s until its rows were sealed.
func TestCountedRun(t *testing.T) {
	run := func(queryable, stolen float64) ingestion.Figures {
		seconds := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
		return ingestion.Figures{Rows: 1, Queryable: seconds(queryable), Sealed: 10 * time.Second, Stolen: seconds(stolen)}
	}
	for _, c := range []struct {
		name string
		runs []ingestion.Figures
		want float64
	}{
		{"the middle", []ingestion.Figures{run(9, 0), run(7, 0.1), run(8, 0)}, 8},
		{"the later of two", []ingestion.Figures{run(9, 3), run(7, 0), run(8, 0.4)}, 8},
		{"the only one", []ingestion.Figures{run(9, 0.4), run(7, 0.5), run(8, 3)}, 9},
		{"the least disturbed", []ingestion.Figures{run(7, 3), run(9, 1), run(8, 2)}, 9},
		{"one run", []ingestion.Figures{run(7, 3)}, 7},
	} {
		n := len(c.runs)
		f, others := counted(c.runs, 2)
		if f.Queryable.Seconds() != c.want || strings.Count(others, "another run") != n-1 {
			t.Errorf("%s: the run of %v counts beside%s, want that of %v s", c.name, f.Queryable, others, c.want)
		}
	}
}

func TestStolenDuring(t *testing.T) {
	broken := errors.New("broken")
	if _, err := stolenDuring(func() error { return broken }); !errors.Is(err, broken) {
		t.Errorf("f fails: %v", err)
	}
	ran := false
	share, err := stolenDuring(func() error { ran = true; return nil })
	if err != nil || !ran || share < 0 {
		t.Errorf("f ran %v: %v, %v", ran, share, err)
	}
}
