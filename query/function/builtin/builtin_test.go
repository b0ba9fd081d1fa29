package builtin

import "testing"

func TestRegistry(t *testing.T) {
	if len(Registry().Names()) < 100 {
		t.Fatal("functions are missing")
	}
}
