package offheap

import (
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/freshetdb/freshet/internal/errs"
)

type accountant struct{ atomic.Int64 }

func (a *accountant) Add(bytes int64) { a.Int64.Add(bytes) }

func TestAllocatorCounts(t *testing.T) {
	var acc accountant
	a := NewAllocator(&acc)
	var held [][]byte
	want := int64(0)
	for _, size := range []int{1, 63, 64, 65, 4096, 5000, 1 << 20, 0} {
		mem, err := a.Alloc(size)
		if err != nil || len(mem) != size {
			t.Fatalf("%d bytes: got %d, %v", size, len(mem), err)
		}
		for i, x := range mem {
			if x != 0 {
				t.Fatalf("%d bytes: byte %d is %d", size, i, x)
			}
			mem[i] = 0xff
		}
		want += int64(size)
		if a.InUse() != want || acc.Load() != want {
			t.Fatalf("%d bytes in use, %d accounted, want %d", a.InUse(), acc.Load(), want)
		}
		held = append(held, mem)
	}
	for _, mem := range held {
		a.Free(mem)
	}
	if a.InUse() != 0 || acc.Load() != 0 {
		t.Fatalf("%d bytes in use, %d accounted after the last free", a.InUse(), acc.Load())
	}
}

func TestAllocatorRefuses(t *testing.T) {
	var a Allocator
	for _, size := range []int{-1, MaxBytes + 1} {
		if _, err := a.Alloc(size); errs.ClassOf(err) != errs.ClassBug {
			t.Errorf("%d bytes: got %v, want an error", size, err)
		}
	}
	if a.InUse() != 0 {
		t.Errorf("%d bytes in use", a.InUse())
	}
}

// TestArena fills random allocations with a number each and looks at the end whether any was overwritten.
func TestArena(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	a := NewAllocator(nil)
	r := NewArena(a)
	var held [][]byte
	total := int64(0)
	for i := range 500 {
		size := rng.IntN(1 << rng.IntN(18))
		mem, err := r.Alloc(size)
		if err != nil || len(mem) != size || cap(mem) != size {
			t.Fatalf("%d bytes: got %d of %d, %v", size, len(mem), cap(mem), err)
		}
		if size > 0 && uintptr(unsafe.Pointer(&mem[0]))%Align != 0 {
			t.Fatalf("%d bytes at %p", size, &mem[0])
		}
		for j, x := range mem {
			if x != 0 {
				t.Fatalf("allocation %d: byte %d is %d", i, j, x)
			}
			mem[j] = byte(i)
		}
		held = append(held, mem)
		total += int64(size)
	}
	for i, mem := range held {
		for j, x := range mem {
			if x != byte(i) {
				t.Fatalf("allocation %d: byte %d is %d", i, j, x)
			}
		}
	}
	if r.Bytes() != a.InUse() || r.Bytes() < total || r.Bytes() > 2*total+2*largestRegion {
		t.Fatalf("arena holds %d, allocator %d, handed out %d", r.Bytes(), a.InUse(), total)
	}
	r.Release()
	r.Release()
	if r.Bytes() != 0 || a.InUse() != 0 {
		t.Fatalf("arena holds %d, allocator %d after the release", r.Bytes(), a.InUse())
	}
	if _, err := r.Alloc(1); errs.ClassOf(err) != errs.ClassBug {
		t.Fatalf("alloc after release: got %v", err)
	}
}

func TestSmallArenaStaysSmall(t *testing.T) {
	r := NewArena(NewAllocator(nil))
	defer r.Release()
	if _, err := r.Alloc(100); err != nil {
		t.Fatal(err)
	}
	if r.Bytes() > firstRegion {
		t.Fatalf("%d bytes for one allocation of 100", r.Bytes())
	}
}

func TestSlice(t *testing.T) {
	r := NewArena(NewAllocator(nil))
	defer r.Release()
	s, err := Slice[uint64](r, 10)
	if err != nil || len(s) != 10 || cap(s) != 10 {
		t.Fatalf("got %d of %d, %v", len(s), cap(s), err)
	}
	s[9] = 1<<64 - 1
	if none, err := Slice[int32](r, 0); err != nil || none != nil {
		t.Fatalf("got %v, %v", none, err)
	}
	for _, n := range []int{-1, MaxBytes} {
		if _, err := Slice[uint64](r, n); err == nil {
			t.Errorf("%d values: want an error", n)
		}
	}
	if _, err := r.Alloc(-1); err == nil {
		t.Error("want an error")
	}
	if got := View[uint32](make([]byte, 7)); len(got) != 1 {
		t.Errorf("7 bytes are %d values of 4 bytes", len(got))
	}
	if got := View[uint64](make([]byte, 7)); got != nil {
		t.Errorf("7 bytes are %v", got)
	}
}

// TestKeep takes and frees the same sizes: what is kept is given again, zeroed, within the limit, until nobody wants it.
func TestKeep(t *testing.T) {
	if !reusable {
		t.Skip("freed memory is left to the collector")
	}
	var acc accountant
	a := NewAllocator(&acc)
	a.Keep(3 << 20)
	take := func(size int) []byte {
		t.Helper()
		mem, err := a.Alloc(size)
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range mem {
			if x != 0 {
				t.Fatalf("byte %d of %d is %d", i, size, x)
			}
			mem[i] = 0xff
		}
		return mem
	}
	want := func(inUse, kept, accounted int64) {
		t.Helper()
		if a.InUse() != inUse || a.Kept() != kept || acc.Load() != accounted {
			t.Fatalf("in use %d, kept %d, accounted %d, want %d, %d, %d", a.InUse(), a.Kept(), acc.Load(), inUse, kept, accounted)
		}
	}
	first, second, small := take(2<<20), take(2<<20), take(4096)
	want(4<<20+4096, 0, 4<<20+4096)
	a.Free(small)
	a.Free(first)
	a.Free(second) // beyond the limit
	want(0, 2<<20, 2<<20)
	again := take(2 << 20)
	if &again[0] != &first[0] {
		t.Error("the kept memory was not given again")
	}
	other := take(1 << 20)
	want(3<<20, 0, 3<<20)
	a.Free(other)
	a.Trim()
	a.Free(again)
	want(0, 3<<20, 3<<20)
	a.Trim() // other was free at the last one
	want(0, 2<<20, 2<<20)
	a.Trim()
	want(0, 0, 0)
	a.Free(take(2 << 20))
	want(0, 2<<20, 2<<20)
	a.Keep(0)
	want(0, 0, 0)
}
