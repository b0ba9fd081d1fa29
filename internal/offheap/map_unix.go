//go:build unix && !race

package offheap

import "golang.org/x/sys/unix"

// reusable says that freed memory may be handed out again.
const reusable = true

// mapAnonymous takes zeroed pages; they cost memory only once they are touched.
func mapAnonymous(size int) ([]byte, error) {
	return unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
}

func unmapAnonymous(mem []byte) error { return unix.Munmap(mem) }
