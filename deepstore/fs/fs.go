// Package fs is a deep store in a folder. Objects are files at their key's path and are mapped from there.
//
// A put makes the object's bytes durable first, then its name: the file is synced, hard-linked to its final path (which
// fails if the path exists, so nothing is ever overwritten), and the directories are synced. A local file on the same
// file system is linked itself; anything else is copied to a temporary file first. Where links are not supported the
// temporary file is renamed, guarded by a lock that only this process sees. Temporary files live in one directory of
// the bucket and are removed by the next New when they are older than a day.
package fs

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/freshetdb/freshet/deepstore"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vfs"
)

const (
	tempDir   = deepstore.ReservedElement + "put"
	tempAge   = 24 * time.Hour // what is younger may belong to another process that is writing
	copyBytes = 1 << 20        // bytes between two looks at the context
	maxDepth  = 64             // of directories under List; keys have fewer elements in practice
)

// Bucket implements deepstore.Bucket. Safe for concurrent use.
type Bucket struct {
	fs   vfs.FS
	root string
	mu   struct {
		sync.Mutex
		durable map[string]bool // directories whose names are known to be durable
	}
	rename sync.Mutex // held from the look at a path to the rename to it, where links are not supported
}

var _ deepstore.Bucket = (*Bucket)(nil)

// New opens the bucket in the folder root and makes the folder if needed. Nothing has to be closed.
func New(fsys vfs.FS, root string, c clock.Clock) (*Bucket, error) {
	b := &Bucket{fs: fsys, root: filepath.Clean(root)}
	b.mu.durable = map[string]bool{}
	temp := filepath.Join(b.root, tempDir)
	if err := fsys.MkdirAll(temp); err != nil {
		return nil, wrap(err, "cannot open the deep store in %q", root)
	}
	if err := b.syncAncestors(); err != nil {
		return nil, wrap(err, "cannot open the deep store in %q", root)
	}
	if err := b.sweep(temp, c.Now().Add(-tempAge)); err != nil {
		return nil, wrap(err, "cannot remove old temporary files of the deep store in %q", root)
	}
	return b, nil
}

// syncAncestors makes the folder's own path durable, as MkdirAll may just have made any part of it. Directories that
// this user may not read were there before.
func (b *Bucket) syncAncestors() error {
	for dir := b.root; ; dir = filepath.Dir(dir) {
		if err := b.fs.SyncDir(dir); err != nil && (dir == b.root || !errors.Is(err, fs.ErrPermission)) {
			return err
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// sweep removes temporary files that were last written before a time.
func (b *Bucket) sweep(temp string, before time.Time) error {
	entries, err := b.fs.ReadDir(temp)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if info.ModTime().Before(before) {
			if err := b.fs.Remove(filepath.Join(temp, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

func (b *Bucket) path(key string) string { return filepath.Join(b.root, filepath.FromSlash(key)) }

// PutFile implements deepstore.Bucket. The local file is linked where that is possible: it may not be changed later.
func (b *Bucket) PutFile(ctx context.Context, key, localPath string) error {
	if err := b.checkCall(ctx, "put", key); err != nil {
		return err
	}
	size, err := b.syncFile(localPath)
	if err != nil {
		return wrap(err, "cannot put %q as object %q", localPath, key)
	}
	if done, err := b.existing(key, size); done || err != nil {
		return err
	}
	if err := b.makeParents(key); err != nil {
		return err
	}
	err = b.fs.Link(localPath, b.path(key))
	if err == nil {
		return b.syncParent(key)
	}
	if errors.Is(err, fs.ErrExist) { // another put was faster
		return b.mustExist(key, size)
	}
	f, err := b.fs.Open(localPath)
	if err != nil {
		return wrap(err, "cannot put %q as object %q", localPath, key)
	}
	return errors.Join(b.put(ctx, key, f), f.Close())
}

// syncFile makes a local file's bytes durable and gives its size.
func (b *Bucket) syncFile(path string) (int64, error) {
	f, err := b.fs.Open(path)
	if err != nil {
		return 0, err
	}
	info, statErr := f.Stat()
	if err := errors.Join(statErr, f.Sync(), f.Close()); err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, fmt.Errorf("%q is not a regular file", path)
	}
	return info.Size(), nil
}

// Put implements deepstore.Bucket.
func (b *Bucket) Put(ctx context.Context, key string, r io.Reader) error {
	if err := b.checkCall(ctx, "put", key); err != nil {
		return err
	}
	return b.put(ctx, key, r)
}

// put writes a temporary file and publishes it.
func (b *Bucket) put(ctx context.Context, key string, r io.Reader) (err error) {
	var unique [12]byte
	if _, err := rand.Read(unique[:]); err != nil {
		return wrap(err, "cannot put object %q", key)
	}
	temp := filepath.Join(b.root, tempDir, hex.EncodeToString(unique[:]))
	defer func() {
		if removeErr := b.fs.Remove(temp); err == nil && removeErr != nil && !errors.Is(removeErr, fs.ErrNotExist) {
			err = wrap(removeErr, "cannot remove the temporary file of object %q", key)
		}
	}()
	size, err := b.write(ctx, temp, r)
	if err != nil {
		return wrap(err, "cannot put object %q", key)
	}
	if done, err := b.existing(key, size); done || err != nil {
		return err
	}
	if err := b.makeParents(key); err != nil {
		return err
	}
	if err := b.publish(temp, key); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return b.mustExist(key, size)
		}
		return wrap(err, "cannot put object %q", key)
	}
	return b.syncParent(key)
}

// write copies r to a new file and makes it durable.
func (b *Bucket) write(ctx context.Context, path string, r io.Reader) (size int64, err error) {
	f, err := b.fs.Create(path)
	if err != nil {
		return 0, err
	}
	buf := make([]byte, copyBytes)
	for err == nil {
		if err = ctx.Err(); err != nil {
			break
		}
		var n int
		if n, err = io.ReadFull(r, buf); n > 0 {
			written, writeErr := f.Write(buf[:n])
			size += int64(written)
			if writeErr == nil && written < n {
				writeErr = io.ErrShortWrite
			}
			if writeErr != nil {
				err = writeErr
			}
		}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = f.Sync()
	}
	return size, errors.Join(err, f.Close())
}

// publish gives the temporary file its final name, unless that exists.
func (b *Bucket) publish(temp, key string) error {
	final := b.path(key)
	err := b.fs.Link(temp, final)
	if err == nil || errors.Is(err, fs.ErrExist) || !linkUnsupported(err) {
		return err
	}
	b.rename.Lock()
	defer b.rename.Unlock()
	if _, err := b.fs.Stat(final); err == nil {
		return fs.ErrExist
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return b.fs.Rename(temp, final)
}

// linkUnsupported tells whether the file system has no hard links (FAT, some network mounts).
func linkUnsupported(err error) bool {
	for _, target := range []error{errors.ErrUnsupported, syscall.EPERM, syscall.ENOSYS, syscall.EMLINK} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// existing tells whether the object is stored already, with the same size; with another one it is an error.
func (b *Bucket) existing(key string, size int64) (bool, error) {
	info, err := b.fs.Stat(b.path(key))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, wrap(err, "cannot put object %q", key)
	case info.IsDir() || info.Size() != size:
		return false, deepstore.Exists(key)
	}
	// The put that made it may have failed between the name and its durability.
	return true, b.syncParent(key)
}

func (b *Bucket) mustExist(key string, size int64) error {
	done, err := b.existing(key, size)
	if err == nil && !done {
		return errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "object %q appeared and vanished while it was put", key)
	}
	return err
}

// makeParents makes the directories of a key, durably.
func (b *Bucket) makeParents(key string) error {
	dir := filepath.Dir(b.path(key))
	if b.knownDurable(dir) {
		return nil
	}
	if err := b.fs.MkdirAll(dir); err != nil {
		return wrap(err, "cannot put object %q", key)
	}
	var made []string
	for d := dir; d != b.root && !b.knownDurable(d); d = filepath.Dir(d) {
		if err := b.fs.SyncDir(filepath.Dir(d)); err != nil {
			return wrap(err, "cannot put object %q", key)
		}
		made = append(made, d)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, d := range made {
		b.mu.durable[d] = true
	}
	return nil
}

func (b *Bucket) knownDurable(dir string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.mu.durable[dir]
}

func (b *Bucket) syncParent(key string) error {
	if err := b.fs.SyncDir(filepath.Dir(b.path(key))); err != nil {
		return wrap(err, "cannot make object %q durable", key)
	}
	return nil
}

// Open implements deepstore.Bucket.
func (b *Bucket) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	if err := b.checkCall(ctx, "open", key); err != nil {
		return nil, err
	}
	f, err := b.fs.Open(b.path(key))
	if missing(err) {
		return nil, deepstore.NotFound(key)
	}
	if err != nil {
		return nil, wrap(err, "cannot open object %q", key)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = deepstore.NotFound(key)
	}
	if err != nil {
		return nil, wrap(errors.Join(err, f.Close()), "cannot open object %q", key)
	}
	return f, nil
}

// LocalPath implements deepstore.Bucket. It does not look whether the object exists.
func (b *Bucket) LocalPath(key string) (string, bool) {
	if deepstore.CheckKey(key) != nil {
		return "", false
	}
	return b.path(key), true
}

// List implements deepstore.Bucket. Objects are in order of their keys.
func (b *Bucket) List(ctx context.Context, prefix string) ([]deepstore.Object, error) {
	if err := deepstore.CheckPrefix(prefix); err != nil {
		return nil, err
	}
	start := ""
	if i := strings.LastIndexByte(prefix, '/'); i >= 0 {
		start = prefix[:i]
	}
	var out []deepstore.Object
	if err := b.walk(ctx, start, prefix, 0, &out); err != nil {
		return nil, wrap(err, "cannot list objects with prefix %q", prefix)
	}
	slices.SortFunc(out, func(a, b deepstore.Object) int { return strings.Compare(a.Key, b.Key) })
	return out, nil
}

// walk appends the objects in the directory dir (a key's beginning, without slash at its end) that have the prefix.
func (b *Bucket) walk(ctx context.Context, dir, prefix string, depth int, out *[]deepstore.Object) error {
	if depth > maxDepth {
		return errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "directory %q is more than %d levels deep", dir, maxDepth)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	entries, err := b.fs.ReadDir(b.path(dir))
	if missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		key := e.Name()
		if dir != "" {
			key = dir + "/" + key
		}
		if strings.HasPrefix(e.Name(), deepstore.ReservedElement) {
			continue
		}
		if e.IsDir() {
			if strings.HasPrefix(key+"/", prefix) || strings.HasPrefix(prefix, key+"/") {
				if err := b.walk(ctx, key, prefix, depth+1, out); err != nil {
					return err
				}
			}
			continue
		}
		if !strings.HasPrefix(key, prefix) || deepstore.CheckKey(key) != nil {
			continue // files that others put here are not objects
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted meanwhile
		}
		if err != nil {
			return err
		}
		*out = append(*out, deepstore.Object{Key: key, Size: info.Size(), Modified: info.ModTime()})
	}
	return nil
}

// Delete implements deepstore.Bucket. Directories stay.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	if err := b.checkCall(ctx, "delete", key); err != nil {
		return err
	}
	err := b.fs.Remove(b.path(key))
	if missing(err) {
		return nil
	}
	if err != nil {
		return wrap(err, "cannot delete object %q", key)
	}
	return b.syncParent(key)
}

// missing tells whether err says that a path does not exist, an object in the place of one of its directories included.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

func (b *Bucket) checkCall(ctx context.Context, what, key string) error {
	if err := deepstore.CheckKey(key); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return wrap(err, "cannot %s object %q", what, key)
	}
	return nil
}

// wrap gives err a class by its cause: a full disk, an ended context, else an unavailable store.
func wrap(err error, format string, args ...any) error {
	var classified *errs.Error
	if errors.As(err, &classified) {
		return fmt.Errorf(format+": %w", append(args, err)...)
	}
	class, code := errs.ClassUnavailable, errs.CannotConnectNow
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		class, code = errs.ClassExhausted, errs.DiskFull
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		class, code = errs.ClassCancelled, errs.QueryCanceled
	}
	return errs.New(class, code, format, args...).Wrap(err)
}
