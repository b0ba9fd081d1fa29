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

// Span is a range of a mapped file.
type Span struct {
	Mapping        Mapping
	Offset, Length int
}

// Resident tells whether the whole span is in memory; true where the mapping does not know.
func (s Span) Resident() bool {
	if r, ok := s.Mapping.(interface{ Resident(offset, length int) bool }); ok {
		return r.Resident(s.Offset, s.Length)
	}
	return true
}

// MajorFaults is the number of page faults of this process that waited for the disk; 0 where the system does not say.
func MajorFaults() int64 { return majorFaults() }

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
