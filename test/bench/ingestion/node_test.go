package ingestion

import (
	"context"
	"errors"
	"testing"
)

// TestWaitingEndsWithItsContext waits for what never comes, and is told to end.
func TestWaitingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	looks := 0
	err := until(ctx, "nothing", func() (bool, error) {
		if looks++; looks == 2 {
			cancel()
		}
		return looks > 4, nil // so that it ends in any case
	})
	if !errors.Is(err, context.Canceled) || looks != 2 {
		t.Errorf("after %d looks: %v, want the context's error after 2", looks, err)
	}
}
