//go:build unix && !race

package offheap

import "golang.org/x/sys/unix"

// reusable says that freed memory may be handed out again.
const reusable = true

// mapAnonymous takes zeroed pages; small mappings cost memory only once they are touched.
func mapAnonymous(size int) ([]byte, error) {
	mem, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err == nil && size >= hugePage && size <= mostFilled {
		fillHuge(mem)
	}
	return mem, err
}

// Mappings from hugePage on get pages of that size. Those of at most mostFilled get all of them at once: whoever takes more
// may have taken it for the worst case.
const (
	hugePage   = 2 << 20
	mostFilled = 64 << 20
)

func unmapAnonymous(mem []byte) error { return unix.Munmap(mem) }
