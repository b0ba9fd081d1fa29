package mutable

import (
	"slices"
	"sync/atomic"
	"unsafe"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/offheap"
	"github.com/freshetdb/freshet/internal/vec"
)

const (
	firstPageBytes   = 16 << 10
	largestPageBytes = 1 << 20
)

// location is where a raw string ends: page in the upper half, offset in the lower. It begins where its predecessor
// ends, or at 0 where that is in another page. NULLs and empty strings have their predecessor's location.
type location uint64

func (l location) page() uint32 { return uint32(l >> 32) }
func (l location) end() uint32  { return uint32(l) }

// pages hold the bytes of a column's raw strings. One writer; the directory is copied when it grows.
type pages struct {
	arena     *offheap.Arena
	directory atomic.Pointer[[][]byte]
	at        location // writer: after the last value
	next      int      // writer: size of the next page
}

func newPages(arena *offheap.Arena) *pages {
	p := &pages{arena: arena, next: firstPageBytes}
	p.directory.Store(&[][]byte{})
	return p
}

// encode copies values and sets out[i] to their locations. The caller restores p.at after an error.
func (p *pages) encode(values []string, nulls vec.Bitmap, nullsAt int, out []uint64) error {
	out = out[:len(values)]
	for i, s := range values {
		if len(s) != 0 && (nulls == nil || !nulls.Get(nullsAt+i)) {
			if err := p.add(s); err != nil {
				return err
			}
		}
		out[i] = uint64(p.at)
	}
	return nil
}

func (p *pages) add(s string) error {
	dir := *p.directory.Load()
	page, end := p.at.page(), p.at.end()
	if int(page) >= len(dir) || len(dir[page])-int(end) < len(s) {
		// The rest of the page is smaller than s: at most half of the memory is lost.
		if err := p.addPage(len(s)); err != nil {
			return err
		}
		dir = *p.directory.Load()
		page, end = uint32(len(dir)-1), 0
	}
	copy(dir[page][end:], s)
	p.at = location(uint64(page)<<32 | uint64(end) + uint64(len(s)))
	return nil
}

// addPage adds a page for at least size bytes.
func (p *pages) addPage(size int) error {
	old := *p.directory.Load()
	if len(old) >= maxPages {
		return errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "a column has %d pages of text, no more are allowed", len(old))
	}
	mem, err := p.arena.Alloc(max(p.next, size))
	if err != nil {
		return err
	}
	p.next = min(2*p.next, largestPageBytes)
	dir := append(slices.Clone(old), mem)
	p.directory.Store(&dir)
	return nil
}

// decode sets out[i] to the string that ends at ends[i+1], as an alias.
func (p *pages) decode(ends []uint64, out []string) {
	if len(out) == 0 {
		return // ends[0] may still be written
	}
	dir := *p.directory.Load()
	prev := location(ends[0])
	for i, e := range ends[1 : len(out)+1] {
		loc := location(e)
		if loc == prev {
			out[i] = ""
			continue
		}
		from := prev.end()
		if prev.page() != loc.page() {
			from = 0
		}
		out[i] = aliasString(dir[loc.page()][from:loc.end()])
		prev = loc
	}
}

// aliasString views bytes as a string without copying.
func aliasString(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	return unsafe.String(&b[0], len(b))
}
