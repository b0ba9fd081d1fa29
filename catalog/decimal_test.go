package catalog_test

import (
	"testing"

	"github.com/freshetdb/freshet/catalog"
)

func TestCanonicalDecimal(t *testing.T) {
	for in, want := range map[string]string{"0": "0", "-0": "0", "0.00": "0", "-0.0": "0", "": "0", "1": "1", "1.0": "1", "1.50": "1.5", "-1.50": "-1.5",
		"100": "100", "-100": "-100", "007": "7", "-007.10": "-7.1", "+3": "3", "0.10": "0.1", ".5": "0.5", "-.5": "-0.5", "00.5": "0.5", "-00.50": "-0.5",
		"-0.001": "-0.001", "12345678901234567890.100": "12345678901234567890.1"} {
		if got := catalog.CanonicalDecimal(in); got != want {
			t.Errorf("CanonicalDecimal(%q) is %q, want %q", in, got, want)
		}
	}
}
