package prefetch_test

import (
	"testing"
	"unsafe"

	"github.com/freshetdb/freshet/internal/prefetch"
)

// TestAnyAddressWillDo asks for memory that is not there: it may not be touched.
func TestAnyAddressWillDo(t *testing.T) {
	here := [2]byte{1, 2}
	base := unsafe.Pointer(&here)
	prefetch.All(nil)
	prefetch.All([]uintptr{uintptr(base), 0, 1, 1 << 46, ^uintptr(0)})
	for _, offset := range []uintptr{0, 1 << 20, 1 << 46, ^uintptr(base)} {
		prefetch.Kilobyte(base, offset)
	}
	if here != [2]byte{1, 2} {
		t.Errorf("%v was changed", here)
	}
}
