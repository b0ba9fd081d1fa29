//go:build !race

package offheap

import "golang.org/x/sys/unix"

// fillHuge takes the memory of a mapping now, in huge pages where the system has some: hash tables and columns of that size
// are read and written all over, and every small page wants an entry of its own in the processor's table of translations.
// Taking a huge page may last milliseconds, where a host gives the memory; within a call to the system nobody waits for that
// but the caller, where a page fault would also keep the garbage collector from stopping the world. That the system knows
// neither kind of advice only means that it gives pages as they are touched.
func fillHuge(mem []byte) {
	_ = unix.Madvise(mem, unix.MADV_HUGEPAGE)
	_ = unix.Madvise(mem, unix.MADV_POPULATE_WRITE)
}
