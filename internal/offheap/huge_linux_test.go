//go:build !race

package offheap

import (
	"os"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// TestHugeMappings: the memory of a mapping of a few huge pages is there before it is touched; that of a smaller one, and of
// one that may be for the worst case, is not.
func TestHugeMappings(t *testing.T) {
	a := NewAllocator(nil)
	for _, c := range []struct {
		size  int
		there bool
	}{{hugePage - os.Getpagesize(), false}, {hugePage, true}, {2*hugePage + 64, true}, {mostFilled + 1, false}} {
		mem, err := a.Alloc(c.size)
		if err != nil {
			t.Fatal(err)
		}
		pages := make([]byte, (c.size+os.Getpagesize()-1)/os.Getpagesize())
		if _, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&mem[0])), uintptr(len(mem)), uintptr(unsafe.Pointer(&pages[0]))); errno != 0 {
			t.Fatal(errno)
		}
		there := 0
		for _, p := range pages {
			there += int(p & 1)
		}
		if want := len(pages); c.there && there != want || !c.there && there != 0 {
			t.Errorf("of %d pages of a mapping of %d bytes %d are there", want, c.size, there)
		}
		for i := 0; i < len(mem); i += os.Getpagesize() / 2 {
			if mem[i] != 0 {
				t.Fatalf("byte %d of %d is %d", i, c.size, mem[i])
			}
		}
		a.Free(mem)
	}
}
