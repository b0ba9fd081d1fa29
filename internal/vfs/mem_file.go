package vfs

import (
	"io"
	"io/fs"
	"syscall"
)

// memFile is an open file of Mem. Its fields are guarded by fs.mu.
type memFile struct {
	fs       *Mem
	node     *node
	name     string
	at       int
	writable bool
	closed   bool
}

var _ File = (*memFile)(nil)

// check refuses operations on closed files and on directories. f.fs.mu is held.
func (f *memFile) check(op string) error {
	if f.closed {
		return pathError(op, f.name, fs.ErrClosed)
	}
	if f.node.isDir {
		return pathError(op, f.name, syscall.EISDIR)
	}
	return nil
}

// Read implements File.
func (f *memFile) Read(p []byte) (int, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.check("read"); err != nil {
		return 0, err
	}
	if len(p) > 0 && f.at >= len(f.node.data) {
		return 0, io.EOF
	}
	n := copy(p, f.node.data[min(f.at, len(f.node.data)):])
	f.at += n
	return n, nil
}

// ReadAt implements File.
func (f *memFile) ReadAt(p []byte, off int64) (int, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.check("read"); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, pathError("read", f.name, fs.ErrInvalid)
	}
	if off >= int64(len(f.node.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.node.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Write implements File. It appends.
func (f *memFile) Write(p []byte) (int, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.check("write"); err != nil {
		return 0, err
	}
	if !f.writable {
		return 0, pathError("write", f.name, syscall.EBADF)
	}
	f.node.data = append(f.node.data, p...)
	f.fs.touch(f.node)
	return len(p), nil
}

// Sync implements File.
func (f *memFile) Sync() error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.check("sync"); err != nil {
		return err
	}
	f.node.synced = f.node.data[:len(f.node.data):len(f.node.data)]
	return nil
}

// Stat implements File.
func (f *memFile) Stat() (fs.FileInfo, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if f.closed {
		return nil, pathError("stat", f.name, fs.ErrClosed)
	}
	return infoOf(f.node, f.name), nil
}

// Close implements File.
func (f *memFile) Close() error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if f.closed {
		return pathError("close", f.name, fs.ErrClosed)
	}
	f.closed = true
	return nil
}
