// Package vfs is the file system as a parameter: the operating system's, and one in memory that can lose power
// (Crashable) or fail by rule (Fault). Everything durable goes through it. Paths are those of the operating system.
package vfs

import (
	"io"
	"io/fs"
)

// File is an open file.
type File interface {
	io.Reader
	io.ReaderAt
	io.Writer
	io.Closer
	Sync() error
	Stat() (fs.FileInfo, error)
}

// Mapping is the read-only bytes of a file, mapped where the platform can. Close unmaps: no slice of it may be used after.
type Mapping interface {
	Bytes() []byte
	Close() error
}

// FS is a file system. Safe for concurrent use. Errors satisfy errors.Is with io/fs's sentinels; a full disk is syscall.ENOSPC.
type FS interface {
	Files
	Dirs
	// Lock takes an exclusive lock on a file until Close; one holder among all processes. It does not wait: a lock that
	// is held elsewhere is ErrLocked.
	Lock(name string) (io.Closer, error)
	// FreeBytes is the space left for unprivileged writes where name is.
	FreeBytes(name string) (uint64, error)
}

// Files makes, reads and names files. Changes of names are durable after SyncDir of the directories.
type Files interface {
	// Create makes or truncates a file for writing.
	Create(name string) (File, error)
	// Open opens for reading.
	Open(name string) (File, error)
	// Map maps a file for reading.
	Map(name string) (Mapping, error)
	Rename(oldName, newName string) error
	Link(oldName, newName string) error
	Remove(name string) error
	// RemoveAll removes a file or a tree; a missing one is success.
	RemoveAll(name string) error
}

// Dirs makes and reads directories.
type Dirs interface {
	MkdirAll(name string) error
	ReadDir(name string) ([]fs.DirEntry, error)
	Stat(name string) (fs.FileInfo, error)
	// SyncDir makes the directory's entries durable.
	SyncDir(name string) error
}
