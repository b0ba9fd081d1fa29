//go:build !unix || race

package offheap

import "unsafe"

// reusable says that freed memory may be handed out again; here it is for the race detector to watch.
const reusable = false

// mapAnonymous takes memory from the heap: there is no mmap, or the race detector has to see the accesses.
func mapAnonymous(size int) ([]byte, error) {
	mem := make([]byte, size+Align-1)
	skip := -int(uintptr(unsafe.Pointer(&mem[0]))) & (Align - 1)
	return mem[skip : skip+size : skip+size], nil
}

// unmapAnonymous overwrites the memory, so that a use after the free shows, and leaves it to the collector.
func unmapAnonymous(mem []byte) error {
	for i := range mem {
		mem[i] = 0xdb
	}
	return nil
}
