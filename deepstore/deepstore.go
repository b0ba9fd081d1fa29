// Package deepstore is durable storage of sealed segments: immutable objects by key. Backends: deepstore/fs (a folder,
// over internal/vfs with fsync), deepstore/mem (tests); one acceptance suite runs on all.
package deepstore

import (
	"context"
	"io"
	"time"
)

// Object describes a stored object.
type Object struct {
	Key      string
	Size     int64
	Modified time.Time
}

// Bucket stores objects. Keys are slash-separated relative paths. Objects become visible whole or not at all, survive
// power loss once Put returned, and are never overwritten. Safe for concurrent use.
type Bucket interface {
	// PutFile stores the file at a local path under key; an existing key with the same size is success, else an error
	// that wraps ErrExists. Standalone the bucket may link or rename the file instead of copying it.
	PutFile(ctx context.Context, key, localPath string) error
	// Put stores the bytes of r.
	Put(ctx context.Context, key string, r io.Reader) error
	// Open reads an object; a missing one wraps ErrNotFound.
	Open(ctx context.Context, key string) (io.ReadCloser, error)
	// LocalPath gives a path to map the object from, ok false where the bucket is remote.
	LocalPath(key string) (path string, ok bool)
	List(ctx context.Context, prefix string) ([]Object, error)
	// Delete removes an object; a missing one is success.
	Delete(ctx context.Context, key string) error
}
