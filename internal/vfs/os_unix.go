//go:build linux || darwin

package vfs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// mapping is a file mapped read-only, which stays open so that populate can read it. An empty file has no pages and so no mapping.
type mapping struct {
	data []byte
	file *os.File
}

// mapFile maps all of f, which is the mapping's unless there is an error.
func mapFile(f *os.File) (Mapping, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	size := info.Size()
	if !info.Mode().IsRegular() || size > math.MaxInt {
		return nil, fmt.Errorf("cannot map %s: not a regular file of a size this machine can address (%d bytes)", f.Name(), size)
	}
	if size == 0 {
		return &mapping{file: f}, nil
	}
	data, err := unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, &fs.PathError{Op: "mmap", Path: f.Name(), Err: err}
	}
	if err := readExactly(f, data); err != nil {
		return nil, errors.Join(err, unix.Munmap(data))
	}
	return &mapping{data, f}, nil
}

// Bytes implements Mapping.
func (m *mapping) Bytes() []byte { return m.data }

// Populate implements Populator.
func (m *mapping) Populate(offset, length int) error {
	return populate(m.file, m.data, offset, length)
}

// Resident tells whether a range is in memory.
func (m *mapping) Resident(offset, length int) bool { return resident(m.data, offset, length) }

func majorFaults() int64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return int64(u.Majflt)
}

// Close implements Mapping.
func (m *mapping) Close() error {
	if m.file == nil {
		return nil
	}
	err := m.file.Close()
	m.file = nil
	if m.data != nil {
		err = errors.Join(err, unix.Munmap(m.data))
		m.data = nil
	}
	return err
}

// fileLock is a held flock; closing the descriptor gives it back.
type fileLock struct{ f *os.File }

// Close implements io.Closer.
func (l *fileLock) Close() error { return l.f.Close() }

// Lock implements FS. It does not wait.
func (osFS) Lock(name string) (io.Closer, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return nil, err
	}
	for {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, closeAfter(fmt.Errorf("%s: %w", name, ErrLocked), f)
	}
	if err != nil {
		return nil, closeAfter(&fs.PathError{Op: "flock", Path: name, Err: err}, f)
	}
	return &fileLock{f: f}, nil
}

// FreeBytes implements FS.
func (osFS) FreeBytes(name string) (uint64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(name, &st); err != nil {
		return 0, &fs.PathError{Op: "statfs", Path: name, Err: err}
	}
	// The block size is int64 on one platform and uint32 on the other.
	return st.Bavail * uint64(st.Bsize), nil
}
