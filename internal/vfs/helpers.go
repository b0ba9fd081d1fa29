package vfs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
)

// TempSuffix ends the names of files that are being written. Whoever owns a directory may remove them at start.
const TempSuffix = ".tmp"

// ReadFile reads a whole file of at most maxBytes.
func ReadFile(fsys FS, name string, maxBytes int64) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		return nil, closeAfter(fmt.Errorf("cannot read %s: %w", name, err), f)
	}
	if int64(len(data)) > maxBytes {
		return nil, closeAfter(fmt.Errorf("cannot read %s: it is larger than %d bytes", name, maxBytes), f)
	}
	return data, f.Close()
}

// WriteAtomic makes name's content what write produces: all of it or, after an error or a power loss, nothing of it.
// The content goes to name+TempSuffix, is synced, renamed and made durable. One writer per name at a time.
func WriteAtomic(fsys FS, name string, write func(w io.Writer) error) error {
	temp := name + TempSuffix
	err := writeSynced(fsys, temp, write)
	if err == nil {
		err = fsys.Rename(temp, name)
	}
	if err != nil {
		if rmErr := fsys.Remove(temp); rmErr != nil && !errors.Is(rmErr, fs.ErrNotExist) {
			return errors.Join(err, fmt.Errorf("cannot remove unfinished %s: %w", temp, rmErr))
		}
		return fmt.Errorf("cannot write %s: %w", name, err)
	}
	if err := fsys.SyncDir(filepath.Dir(name)); err != nil {
		return fmt.Errorf("cannot make %s durable: %w", name, err)
	}
	return nil
}

func writeSynced(fsys FS, name string, write func(w io.Writer) error) error {
	f, err := fsys.Create(name)
	if err != nil {
		return fmt.Errorf("cannot create %s: %w", name, err)
	}
	if err := write(f); err != nil {
		return closeAfter(err, f)
	}
	if err := f.Sync(); err != nil {
		return closeAfter(fmt.Errorf("cannot sync %s: %w", name, err), f)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("cannot close %s: %w", name, err)
	}
	return nil
}
