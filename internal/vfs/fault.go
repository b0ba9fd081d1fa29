package vfs

import (
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
)

// OpKind names an operation that a Fault can fail.
type OpKind uint8

// Operations. OpWrite and OpSync are those of files that were opened through the Fault.
const (
	OpInvalid OpKind = iota
	OpCreate
	OpOpen
	OpMap
	OpRead
	OpWrite
	OpSync
	OpClose
	OpRename
	OpLink
	OpRemove
	OpMkdir
	OpReadDir
	OpStat
	OpSyncDir
	OpLock
	OpFree

	// OpCount is the number of operations, for exhaustive tests.
	OpCount
)

var opNames = [OpCount]string{"invalid", "create", "open", "map", "read", "write", "sync", "close", "rename", "link", "remove",
	"mkdir", "readdir", "stat", "syncdir", "lock", "free"}

// String names the operation.
func (k OpKind) String() string {
	if k < OpCount {
		return opNames[k]
	}
	return "unknown"
}

// Op is one operation about to be done.
type Op struct {
	Kind OpKind
	// Path is the file; the old name of a rename or link.
	Path  string
	Bytes int // of a read or write
}

// Fault wraps a file system and fails the operations that fail chooses, before they have any effect; a failed write
// writes nothing. fail is called concurrently.
type Fault struct {
	fs   FS
	fail func(Op) error
}

var _ FS = (*Fault)(nil)

// NewFault wraps fsys. An error that fail returns is given to the caller wrapped in a fs.PathError.
func NewFault(fsys FS, fail func(Op) error) *Fault { return &Fault{fs: fsys, fail: fail} }

// DiskFull is a rule that lets limit bytes be written and fails every later write with ENOSPC.
func DiskFull(limit int64) func(Op) error {
	var written atomic.Int64
	return func(op Op) error {
		if op.Kind == OpWrite && written.Add(int64(op.Bytes)) > limit {
			return syscall.ENOSPC
		}
		return nil
	}
}

// FailNth is a rule that fails the nth (from 1) operation of a kind on paths with a suffix, once.
func FailNth(kind OpKind, suffix string, nth int64, err error) func(Op) error {
	var seen atomic.Int64
	return func(op Op) error {
		if op.Kind == kind && strings.HasSuffix(filepath.ToSlash(op.Path), suffix) && seen.Add(1) == nth {
			return err
		}
		return nil
	}
}

func (f *Fault) check(kind OpKind, path string, n int) error {
	if err := f.fail(Op{Kind: kind, Path: path, Bytes: n}); err != nil {
		return pathError(kind.String(), path, err)
	}
	return nil
}

// Create implements FS.
func (f *Fault) Create(name string) (File, error) {
	if err := f.check(OpCreate, name, 0); err != nil {
		return nil, err
	}
	return f.wrap(name)(f.fs.Create(name))
}

// Open implements FS.
func (f *Fault) Open(name string) (File, error) {
	if err := f.check(OpOpen, name, 0); err != nil {
		return nil, err
	}
	return f.wrap(name)(f.fs.Open(name))
}

func (f *Fault) wrap(name string) func(File, error) (File, error) {
	return func(inner File, err error) (File, error) {
		if err != nil {
			return nil, err
		}
		return &faultFile{File: inner, fault: f, name: name}, nil
	}
}

// Map implements FS.
func (f *Fault) Map(name string) (Mapping, error) {
	if err := f.check(OpMap, name, 0); err != nil {
		return nil, err
	}
	return f.fs.Map(name)
}

// Rename implements FS.
func (f *Fault) Rename(oldName, newName string) error {
	if err := f.check(OpRename, oldName, 0); err != nil {
		return err
	}
	return f.fs.Rename(oldName, newName)
}

// Link implements FS.
func (f *Fault) Link(oldName, newName string) error {
	if err := f.check(OpLink, oldName, 0); err != nil {
		return err
	}
	return f.fs.Link(oldName, newName)
}

// Remove implements FS.
func (f *Fault) Remove(name string) error {
	if err := f.check(OpRemove, name, 0); err != nil {
		return err
	}
	return f.fs.Remove(name)
}

// RemoveAll implements FS.
func (f *Fault) RemoveAll(name string) error {
	if err := f.check(OpRemove, name, 0); err != nil {
		return err
	}
	return f.fs.RemoveAll(name)
}

// MkdirAll implements FS.
func (f *Fault) MkdirAll(name string) error {
	if err := f.check(OpMkdir, name, 0); err != nil {
		return err
	}
	return f.fs.MkdirAll(name)
}

// ReadDir implements FS.
func (f *Fault) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := f.check(OpReadDir, name, 0); err != nil {
		return nil, err
	}
	return f.fs.ReadDir(name)
}

// Stat implements FS.
func (f *Fault) Stat(name string) (fs.FileInfo, error) {
	if err := f.check(OpStat, name, 0); err != nil {
		return nil, err
	}
	return f.fs.Stat(name)
}

// SyncDir implements FS.
func (f *Fault) SyncDir(name string) error {
	if err := f.check(OpSyncDir, name, 0); err != nil {
		return err
	}
	return f.fs.SyncDir(name)
}

// Lock implements FS.
func (f *Fault) Lock(name string) (io.Closer, error) {
	if err := f.check(OpLock, name, 0); err != nil {
		return nil, err
	}
	return f.fs.Lock(name)
}

// FreeBytes implements FS.
func (f *Fault) FreeBytes(name string) (uint64, error) {
	if err := f.check(OpFree, name, 0); err != nil {
		return 0, err
	}
	return f.fs.FreeBytes(name)
}

// faultFile fails the operations of an open file; Stat always works.
type faultFile struct {
	File
	fault *Fault
	name  string
}

// Read implements File.
func (f *faultFile) Read(p []byte) (int, error) {
	if err := f.fault.check(OpRead, f.name, len(p)); err != nil {
		return 0, err
	}
	return f.File.Read(p)
}

// ReadAt implements File.
func (f *faultFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.fault.check(OpRead, f.name, len(p)); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, off)
}

// Write implements File.
func (f *faultFile) Write(p []byte) (int, error) {
	if err := f.fault.check(OpWrite, f.name, len(p)); err != nil {
		return 0, err
	}
	return f.File.Write(p)
}

// Sync implements File.
func (f *faultFile) Sync() error {
	if err := f.fault.check(OpSync, f.name, 0); err != nil {
		return err
	}
	return f.File.Sync()
}

// Close implements File. The descriptor is closed even where the close is made to fail.
func (f *faultFile) Close() error {
	err := f.File.Close()
	if failed := f.fault.check(OpClose, f.name, 0); failed != nil {
		return failed
	}
	return err
}
