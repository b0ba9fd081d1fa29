package vfs

import (
	"fmt"
	"io"
	"io/fs"
	"os"
)

// dirMode and fileMode are for data that only the server's user reads.
const (
	dirMode  = 0o750
	fileMode = 0o640
)

// osFS is the operating system's file system. What differs between platforms is in os_linux.go, os_darwin.go and os_unix.go.
type osFS struct{}

var _ FS = osFS{}

// OS gives the operating system's file system.
func OS() FS { return osFS{} }

// Create implements FS.
func (osFS) Create(name string) (File, error) {
	return asFile(os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, fileMode))
}

// Open implements FS.
func (osFS) Open(name string) (File, error) { return asFile(os.Open(name)) }

// asFile keeps a nil *os.File from becoming a File that is not nil.
func asFile(f *os.File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Map implements FS.
func (osFS) Map(name string) (Mapping, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	m, err := mapFile(f)
	if err != nil {
		return nil, closeAfter(err, f)
	}
	return m, nil
}

// closeAfter closes c because of err, which it returns.
func closeAfter(err error, c io.Closer) error {
	if closeErr := c.Close(); closeErr != nil {
		return fmt.Errorf("%w (and closing: %w)", err, closeErr)
	}
	return err
}

// Rename implements FS.
func (osFS) Rename(oldName, newName string) error { return os.Rename(oldName, newName) }

// Link implements FS.
func (osFS) Link(oldName, newName string) error { return os.Link(oldName, newName) }

// Remove implements FS.
func (osFS) Remove(name string) error { return os.Remove(name) }

// RemoveAll implements FS.
func (osFS) RemoveAll(name string) error { return os.RemoveAll(name) }

// MkdirAll implements FS.
func (osFS) MkdirAll(name string) error { return os.MkdirAll(name, dirMode) }

// ReadDir implements FS.
func (osFS) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(name) }

// Stat implements FS.
func (osFS) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }

// SyncDir implements FS.
func (osFS) SyncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil {
		return closeAfter(fmt.Errorf("cannot sync directory %s: %w", name, err), d)
	}
	return d.Close()
}
