package offheap

import "sync"

// leastKept is the smallest mapping that is worth keeping: a page fault costs a microsecond or two on many machines, far
// more than to clear a page that is there.
const leastKept = 64 << 10

// kept holds freed mappings for whoever next wants one of the same size: one consuming segment after the other takes the
// same sizes.
type kept struct {
	sync.Mutex
	limit  int64
	bytes  int64
	age    int // counts calls of Trim
	bySize map[int][]keptMapping
}

type keptMapping struct {
	mem []byte
	age int // when it was freed
}

// Keep lets the allocator hold up to limit bytes of freed memory for later allocations of the same size. They stay
// counted with the accountant, not in InUse. Whoever calls it also calls Trim from time to time, and Keep(0) at the end,
// which gives everything back.
func (a *Allocator) Keep(limit int64) {
	k := &a.kept
	k.Lock()
	defer k.Unlock()
	k.limit = limit
	if k.bytes <= limit {
		return
	}
	for _, mappings := range k.bySize {
		for _, m := range mappings {
			a.unmap(m.mem)
		}
	}
	k.bySize, k.bytes = nil, 0
}

// Kept is the number of bytes that are held and not in use.
func (a *Allocator) Kept() int64 {
	a.kept.Lock()
	defer a.kept.Unlock()
	return a.kept.bytes
}

// Trim gives the system what was already free at the last Trim and nobody has wanted since.
func (a *Allocator) Trim() {
	k := &a.kept
	k.Lock()
	defer k.Unlock()
	for size, mappings := range k.bySize {
		old := 0 // mappings are in the order in which they were freed
		for old < len(mappings) && mappings[old].age < k.age {
			a.unmap(mappings[old].mem)
			old++
		}
		k.bytes -= int64(old * size)
		if k.bySize[size] = append(mappings[:0], mappings[old:]...); len(k.bySize[size]) == 0 {
			delete(k.bySize, size)
		}
	}
	k.age++
}

// keep takes a freed mapping; false if it is too small or there is no room.
func (k *kept) keep(mem []byte) bool {
	if len(mem) < leastKept || !reusable {
		return false
	}
	k.Lock()
	defer k.Unlock()
	if k.bytes+int64(len(mem)) > k.limit {
		return false
	}
	if k.bySize == nil {
		k.bySize = map[int][]keptMapping{}
	}
	k.bySize[len(mem)] = append(k.bySize[len(mem)], keptMapping{mem, k.age})
	k.bytes += int64(len(mem))
	return true
}

// take gives a kept mapping of exactly size bytes, with whatever is in it; nil if there is none.
func (k *kept) take(size int) []byte {
	if size < leastKept {
		return nil
	}
	k.Lock()
	defer k.Unlock()
	mappings := k.bySize[size]
	if len(mappings) == 0 {
		return nil
	}
	mem := mappings[len(mappings)-1].mem
	k.bySize[size] = mappings[:len(mappings)-1]
	k.bytes -= int64(size)
	return mem
}
