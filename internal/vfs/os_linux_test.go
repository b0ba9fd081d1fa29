package vfs

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// Populate brings what was asked for, and no more than that.
func TestPopulateReadsExactly(t *testing.T) {
	const size, offset, length = 32 << 20, 16<<20 + 100, 3<<20 + 50
	name := filepath.Join(t.TempDir(), "f")
	content := make([]byte, size)
	for i := range content {
		content[i] = byte(i % 251)
	}
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(unix.Fsync(int(f.Fd())), unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED), f.Close()); err != nil {
		t.Fatal(err)
	}
	m, err := OS().Map(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}()
	page := os.Getpagesize()
	there := func(offset, length int) bool { return Span{Mapping: m, Offset: offset, Length: length}.Resident() }
	if there(0, 1) || there(offset, 1) || there(size-1, 1) {
		t.Skip("this file system keeps what it was told to evict")
	}
	if err := Populate(m, offset, length); err != nil {
		t.Fatal(err)
	}
	if !there(offset, length) {
		t.Error("the range is not in memory")
	}
	before, after := offset&^(page-1)-1, (offset+length+page-1)&^(page-1)
	if there(before, 1) || there(after, 1) {
		t.Errorf("its neighbours are in memory too: before %v, after %v", there(before, 1), there(after, 1))
	}
	if real, ok := m.(*mapping); ok && readAheadOf(real.file) >= largeReadAhead {
		if m.Bytes()[1<<20] != content[1<<20] || there(2<<20, 1) {
			t.Errorf("a page fault reads a megabyte around itself on a disk of %d bytes of read-ahead", readAheadOf(real.file))
		}
	}
	if got := m.Bytes()[offset+length-1]; got != content[offset+length-1] {
		t.Errorf("it ends with %d, want %d", got, content[offset+length-1])
	}
}
