package main

import (
	"errors"
	"testing"
)

// TestLeastDisturbed gives runs in which the host took shares of the processors' time, and looks which one counts.
func TestLeastDisturbed(t *testing.T) {
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
			l, err := b.leastDisturbed("load", measure)
			if err != nil || l.Seals != c.want || runs != c.runs {
				t.Errorf("%v: run %d of %d counts (%v), want %d of %d", c.stolen, l.Seals, runs, err, c.want, c.runs)
			}
		}
	}
	broken := errors.New("broken")
	b := &bench{loads: map[string]load{}}
	if _, err := b.leastDisturbed("load", func() (load, error) { return load{}, broken }); !errors.Is(err, broken) || len(b.loads) != 0 {
		t.Errorf("a load that fails: %v, kept %v", err, b.loads)
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
