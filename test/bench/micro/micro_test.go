package micro

import "testing"

// TestMeasure passes over every kernel once.
func TestMeasure(t *testing.T) {
	set, err := New(100_000)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, name := range set.Names() {
		if seen[name] {
			t.Errorf("two kernels are named %q", name)
		}
		seen[name] = true
		if took, err := set.Measure(name); err != nil || took <= 0 {
			t.Errorf("%s: %v ns/row, %v", name, took, err)
		}
	}
	if _, err := set.Measure("nothing, memory"); err == nil {
		t.Error("a kernel that does not exist was measured")
	}
}
