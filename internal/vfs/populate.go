package vfs

import (
	"errors"
	"os"
)

// ErrLocked says that another process, or another part of this one, holds a file lock.
var ErrLocked = errors.New("the file is locked by another process")

// Populator is a Mapping that can bring a range into memory before it is read, so that no page fault holds a Go
// processor. It is a hint; its error means that the range cannot be read, for example because the file was cut.
type Populator interface {
	// Populate brings offset..offset+length of the file into memory. The range has to lie within the file.
	Populate(offset, length int) error
}

// Populate brings a range of m into memory where m knows how to.
func Populate(m Mapping, offset, length int) error {
	if p, ok := m.(Populator); ok {
		return p.Populate(offset, length)
	}
	return nil
}

// pageRange widens a range down to the start of its first page, as system calls on mapped memory need.
func pageRange(data []byte, offset, length int) []byte {
	start := offset &^ (os.Getpagesize() - 1)
	return data[start : offset+length]
}
