package stalls

import (
	"testing"
	"time"
)

func TestStolenTime(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"cpu  1846919 0 257232 2220691 56396 0 8990 216839 0 0\ncpu0 1 2 3 4 5 6 7 8 9\n": 2168390 * time.Millisecond,
		"cpu 1 2 3 4 5 6 7 8":      80 * time.Millisecond,
		"cpu 1 2 3 4 5 6 7":        0,
		"cpu0 1 2 3 4 5 6 7 8":     0,
		"cpu 1 2 3 4 5 6 7 many 9": 0,
		"":                         0,
	} {
		if got := stolenTime(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
