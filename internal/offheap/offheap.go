// Package offheap gives zeroed memory that the garbage collector neither scans nor counts: anonymous mappings on Unix,
// ordinary byte slices elsewhere and under the race detector (which only watches the heap).
//
// Memory from here has to be freed explicitly, may hold no Go pointers, and may not be touched after it was freed.
// Every byte in use is counted, also with the process-wide accountant that the owner passes in.
package offheap

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/freshetdb/freshet/internal/errs"
)

// Align is the alignment of every allocation: a cache line, and enough for any vector load.
const Align = 64

const (
	// MaxBytes bounds one allocation, far above any column chunk.
	MaxBytes       = 1 << 40
	firstRegion    = 64 << 10
	largestRegion  = 4 << 20
	regionFraction = 4 // an allocation above 1/regionFraction of the next region gets a mapping of its own
)

// Accountant is told of memory taken (positive) and given back (negative). Safe for concurrent use; it may not block.
type Accountant interface{ Add(bytes int64) }

// Allocator takes memory from the system and counts it. Safe for concurrent use. The zero value works without accountant.
type Allocator struct {
	accountant Accountant
	inUse      atomic.Int64
	kept       kept
}

// NewAllocator makes an allocator that reports to a, which may be nil.
func NewAllocator(a Accountant) *Allocator { return &Allocator{accountant: a} }

// InUse is the number of bytes allocated and not yet freed.
func (a *Allocator) InUse() int64 { return a.inUse.Load() }

// Alloc gives size zeroed bytes, aligned to Align; nil for 0. The error is of class exhausted.
func (a *Allocator) Alloc(size int) ([]byte, error) {
	if size == 0 {
		return nil, nil
	}
	if size < 0 || size > MaxBytes {
		return nil, errs.Bug("cannot allocate %d bytes off the heap, at most %d are allowed", size, MaxBytes)
	}
	if mem := a.kept.take(size); mem != nil {
		clear(mem)
		a.inUse.Add(int64(size))
		return mem, nil
	}
	mem, err := mapAnonymous(size)
	if err != nil {
		return nil, errs.New(errs.ClassExhausted, errs.OutOfMemory, "cannot get %d bytes from the operating system", size).Wrap(err)
	}
	a.inUse.Add(int64(size))
	a.account(int64(size))
	return mem, nil
}

// Free gives back what Alloc gave: exactly that slice, once. nil is allowed. Memory that the system does not take back,
// which only a wrong slice can cause, stays counted as in use.
func (a *Allocator) Free(mem []byte) {
	if mem == nil {
		return
	}
	if a.kept.keep(mem) || a.unmap(mem) {
		a.inUse.Add(-int64(len(mem)))
	}
}

// unmap gives memory back to the system and tells whether it was taken.
func (a *Allocator) unmap(mem []byte) bool {
	if err := unmapAnonymous(mem); err != nil {
		return false
	}
	a.account(-int64(len(mem)))
	return true
}

func (a *Allocator) account(bytes int64) {
	if a.accountant != nil {
		a.accountant.Add(bytes)
	}
}

// Arena hands out memory that is freed all at once, from regions that double in size: few mappings, little waste for
// small owners. Alloc is for one goroutine at a time; Bytes may be called by any.
type Arena struct {
	allocator *Allocator
	bytes     atomic.Int64
	mu        struct {
		sync.Mutex
		regions  [][]byte
		free     []byte // rest of the last region
		next     int    // size of the next region
		released bool
	}
}

// NewArena makes an empty arena over a.
func NewArena(a *Allocator) *Arena {
	r := &Arena{allocator: a}
	r.mu.next = firstRegion
	return r
}

// Bytes is the memory held, handed out or not.
func (r *Arena) Bytes() int64 { return r.bytes.Load() }

// Alloc gives size zeroed bytes, aligned to Align, valid until Release.
func (r *Arena) Alloc(size int) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.mu.released {
		return nil, errs.Bug("memory arena used after its release")
	}
	if size <= 0 || size > MaxBytes {
		if size == 0 {
			return nil, nil
		}
		return nil, errs.Bug("cannot allocate %d bytes off the heap, at most %d are allowed", size, MaxBytes)
	}
	rounded := (size + Align - 1) &^ (Align - 1)
	if rounded > len(r.mu.free) {
		if rounded > r.mu.next/regionFraction {
			mem, err := r.region(rounded)
			if err != nil {
				return nil, err
			}
			return mem[:size:size], nil
		}
		mem, err := r.region(r.mu.next)
		if err != nil {
			return nil, err
		}
		r.mu.free = mem
		r.mu.next = min(2*r.mu.next, largestRegion)
	}
	mem := r.mu.free[:size:size]
	r.mu.free = r.mu.free[rounded:]
	return mem, nil
}

// region takes a mapping from the allocator; the lock is held.
func (r *Arena) region(size int) ([]byte, error) {
	mem, err := r.allocator.Alloc(size)
	if err != nil {
		return nil, err
	}
	r.mu.regions = append(r.mu.regions, mem)
	r.bytes.Add(int64(size))
	return mem, nil
}

// Release frees everything. Calls after the first do nothing.
func (r *Arena) Release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mu.released = true
	for _, mem := range r.mu.regions {
		r.allocator.Free(mem)
	}
	r.bytes.Store(0)
	r.mu.regions, r.mu.free = nil, nil
}

// Fixed are the element types that Slice can view memory as: of fixed size, without pointers.
type Fixed interface {
	~uint8 | ~uint16 | ~uint32 | ~uint64 | ~int8 | ~int16 | ~int32 | ~int64 | ~float32 | ~float64
}

// Slice allocates n zeroed values from the arena.
func Slice[T Fixed](r *Arena, n int) ([]T, error) {
	var zero T
	if n < 0 || n > MaxBytes/int(unsafe.Sizeof(zero)) {
		return nil, errs.Bug("cannot allocate %d values off the heap", n)
	}
	mem, err := r.Alloc(n * int(unsafe.Sizeof(zero)))
	if err != nil || len(mem) == 0 {
		return nil, err
	}
	return View[T](mem), nil
}

// View gives aligned bytes as values. Bytes after the last whole value are left out.
func View[T Fixed](mem []byte) []T {
	var zero T
	n := len(mem) / int(unsafe.Sizeof(zero))
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&mem[0])), n)
}
