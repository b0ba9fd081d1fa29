// Package mem is a deep store in memory, for tests: a remote bucket, in that it has no local paths.
package mem

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/freshetdb/freshet/deepstore"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/vfs"
)

// Bucket implements deepstore.Bucket. Safe for concurrent use.
type Bucket struct {
	fs    vfs.FS
	clock clock.Clock
	mu    struct {
		sync.Mutex
		objects map[string]object
	}
}

type object struct {
	data []byte // never changed once stored
	info deepstore.Object
}

var _ deepstore.Bucket = (*Bucket)(nil)

// New makes an empty bucket; PutFile reads local files from fs.
func New(fs vfs.FS, c clock.Clock) *Bucket {
	b := &Bucket{fs: fs, clock: c}
	b.mu.objects = map[string]object{}
	return b
}

// PutFile implements deepstore.Bucket.
func (b *Bucket) PutFile(ctx context.Context, key, localPath string) (err error) {
	f, err := b.fs.Open(localPath)
	if err != nil {
		return fmt.Errorf("cannot put %q: %w", key, err)
	}
	defer func() {
		if closeErr := f.Close(); err == nil && closeErr != nil {
			err = fmt.Errorf("cannot put %q: %w", key, closeErr)
		}
	}()
	return b.Put(ctx, key, f)
}

// Put implements deepstore.Bucket.
func (b *Bucket) Put(ctx context.Context, key string, r io.Reader) error {
	if err := deepstore.CheckKey(key); err != nil {
		return err
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("cannot put %q: %w", key, err)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("cannot put %q: %w", key, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if old, ok := b.mu.objects[key]; ok {
		if len(old.data) != len(data) {
			return deepstore.Exists(key)
		}
		return nil
	}
	b.mu.objects[key] = object{data: data, info: deepstore.Object{Key: key, Size: int64(len(data)), Modified: b.clock.Now()}}
	return nil
}

// Open implements deepstore.Bucket.
func (b *Bucket) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	if err := deepstore.CheckKey(key); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("cannot open %q: %w", key, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	o, ok := b.mu.objects[key]
	if !ok {
		return nil, deepstore.NotFound(key)
	}
	return io.NopCloser(bytes.NewReader(o.data)), nil
}

// LocalPath implements deepstore.Bucket: there are none.
func (b *Bucket) LocalPath(string) (string, bool) { return "", false }

// List implements deepstore.Bucket. Objects are in order of their keys.
func (b *Bucket) List(ctx context.Context, prefix string) ([]deepstore.Object, error) {
	if err := deepstore.CheckPrefix(prefix); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("cannot list %q: %w", prefix, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []deepstore.Object
	for key, o := range b.mu.objects {
		if strings.HasPrefix(key, prefix) {
			out = append(out, o.info)
		}
	}
	slices.SortFunc(out, func(a, b deepstore.Object) int { return strings.Compare(a.Key, b.Key) })
	return out, nil
}

// Delete implements deepstore.Bucket.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	if err := deepstore.CheckKey(key); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("cannot delete %q: %w", key, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.mu.objects, key)
	return nil
}
