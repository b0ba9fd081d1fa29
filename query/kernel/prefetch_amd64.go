//go:build goexperiment.simd && amd64

package kernel

import "unsafe"

// Prefetches reports whether PrefetchAll does anything.
func Prefetches() bool { return wide }

// PrefetchAll begins to read the memory at all of the addresses into the caches, without waiting for it. Any address will do.
func PrefetchAll(addresses []uintptr) {
	if wide {
		prefetchAll(addresses)
	}
}

//go:noescape
func prefetchAll(addresses []uintptr)

// prefetch begins to read the 1,024 bytes at an offset from base.
//
//go:noescape
func prefetch(base unsafe.Pointer, offset uintptr)

// ahead begins to read the part of the next block that stands where row i is in this one, of n rows: blocks of a stored
// column lie one behind the other. The processor's own prefetching ends with each page, and with the block while other work
// is done. A loop calls it once for each 1,024 bytes, as a burst of it would only wait.
func ahead[T any](base *T, n, i int) {
	prefetch(unsafe.Pointer(base), uintptr(n+i)*unsafe.Sizeof(*base))
}
