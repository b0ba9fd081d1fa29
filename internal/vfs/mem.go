package vfs

import (
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

// Mem is a file system in memory that can lose power: CrashClone gives what a machine would find after it. Only file
// contents that were synced and directory entries whose directory was synced are sure to be there. Safe for concurrent use.
type Mem struct {
	mu struct {
		sync.Mutex
		root  *node
		locks map[string]bool
		// free is what FreeBytes reports.
		free uint64
		// ticks stands for modification times: it grows with every change.
		ticks int64
	}
}

// node is a file or a directory. Content is append-only between truncations, so synced may share memory with data.
type node struct {
	isDir    bool
	data     []byte
	synced   []byte
	entries  map[string]*node
	durable  map[string]*node // entries at the last SyncDir
	modified int64
}

var _ FS = (*Mem)(nil)

// NewMem makes an empty file system with a root directory, whose FreeBytes is 1 TiB.
func NewMem() *Mem {
	m := &Mem{}
	m.mu.root = newDir()
	m.mu.locks = map[string]bool{}
	m.mu.free = 1 << 40
	return m
}

func newDir() *node {
	return &node{isDir: true, entries: map[string]*node{}, durable: map[string]*node{}}
}

// SetFreeBytes sets what FreeBytes reports.
func (m *Mem) SetFreeBytes(n uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mu.free = n
}

// CrashClone gives the file system as found after a power loss at this moment; m goes on unharmed. With a nil rng
// everything that was not synced is lost; otherwise each such entry may have survived, and file contents up to some length.
func (m *Mem) CrashClone(rng *rand.Rand) *Mem {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := NewMem()
	c.mu.root = crashNode(m.mu.root, rng, map[*node]*node{})
	c.mu.free, c.mu.ticks = m.mu.free, m.mu.ticks
	return c
}

// crashNode copies what survives of n. Hard links stay links through seen.
func crashNode(n *node, rng *rand.Rand, seen map[*node]*node) *node {
	if c, ok := seen[n]; ok {
		return c
	}
	c := &node{isDir: n.isDir, modified: n.modified}
	seen[n] = c
	if !n.isDir {
		c.data = slices.Clone(n.synced)
		if unsynced := len(n.data) - len(n.synced); rng != nil && unsynced > 0 && strings.HasPrefix(string(n.data), string(n.synced)) {
			c.data = slices.Clone(n.data[:len(n.synced)+rng.IntN(unsynced+1)])
		}
		c.synced = c.data
		return c
	}
	survive := maps.Clone(n.durable)
	if rng != nil {
		for _, name := range unionKeys(n.entries, n.durable) {
			if rng.IntN(2) == 0 {
				continue
			}
			if child, ok := n.entries[name]; ok {
				survive[name] = child
			} else {
				delete(survive, name)
			}
		}
	}
	c.entries = make(map[string]*node, len(survive))
	for _, name := range slices.Sorted(maps.Keys(survive)) {
		c.entries[name] = crashNode(survive[name], rng, seen)
	}
	c.durable = maps.Clone(c.entries)
	return c
}

// unionKeys gives the names of both maps, sorted so that a seed gives the same result every time.
func unionKeys(a, b map[string]*node) []string {
	keys := slices.Collect(maps.Keys(a))
	for k := range b {
		if _, ok := a[k]; !ok {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys
}

func pathError(op, name string, err error) error { return &fs.PathError{Op: op, Path: name, Err: err} }

// parts splits a path into its elements; absolute and relative paths share the root.
func parts(name string) []string {
	clean := strings.Trim(filepath.ToSlash(filepath.Clean(name)), "/")
	if clean == "" || clean == "." {
		return nil
	}
	return strings.Split(clean, "/")
}

// find gives the node at name. m.mu is held.
func (m *Mem) find(op, name string) (*node, error) {
	n := m.mu.root
	for _, p := range parts(name) {
		if !n.isDir {
			return nil, pathError(op, name, syscall.ENOTDIR)
		}
		child, ok := n.entries[p]
		if !ok {
			return nil, pathError(op, name, fs.ErrNotExist)
		}
		n = child
	}
	return n, nil
}

// parent gives the directory that holds name, and the last element. m.mu is held.
func (m *Mem) parent(op, name string) (*node, string, error) {
	ps := parts(name)
	if len(ps) == 0 {
		return nil, "", pathError(op, name, fs.ErrInvalid)
	}
	dir, err := m.find(op, strings.Join(ps[:len(ps)-1], "/"))
	if err != nil {
		return nil, "", pathError(op, name, fs.ErrNotExist)
	}
	if !dir.isDir {
		return nil, "", pathError(op, name, syscall.ENOTDIR)
	}
	return dir, ps[len(ps)-1], nil
}

// Create implements FS.
func (m *Mem) Create(name string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, base, err := m.parent("create", name)
	if err != nil {
		return nil, err
	}
	n, ok := dir.entries[base]
	switch {
	case ok && n.isDir:
		return nil, pathError("create", name, syscall.EISDIR)
	case ok:
		n.data = nil
	default:
		n = &node{}
		dir.entries[base] = n
	}
	m.touch(n)
	return &memFile{fs: m, node: n, name: name, writable: true}, nil
}

// touch advances a node's modification time. m.mu is held.
func (m *Mem) touch(n *node) {
	m.mu.ticks++
	n.modified = m.mu.ticks
}

// Open implements FS.
func (m *Mem) Open(name string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := m.find("open", name)
	if err != nil {
		return nil, err
	}
	return &memFile{fs: m, node: n, name: name}, nil
}

// Map implements FS. The bytes are a copy, aligned like those of a real mapping, and overwritten at Close so that a use
// after it shows.
func (m *Mem) Map(name string) (Mapping, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := m.find("open", name)
	if err != nil {
		return nil, err
	}
	if n.isDir {
		return nil, pathError("mmap", name, syscall.EISDIR)
	}
	data := AlignedBytes(len(n.data))
	copy(data, n.data)
	return &memMapping{data: data}, nil
}

// mapAlignment is what the formats of mapped files may rely on.
const mapAlignment = 64

// AlignedBytes makes n zero bytes that start at a multiple of 64, as mapped files do.
func AlignedBytes(n int) []byte {
	raw := make([]byte, n+mapAlignment)
	shift := -int(uintptr(unsafe.Pointer(&raw[0]))) & (mapAlignment - 1)
	return raw[shift : shift+n : shift+n]
}

// Rename implements FS.
func (m *Mem) Rename(oldName, newName string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	from, oldBase, err := m.parent("rename", oldName)
	if err != nil {
		return err
	}
	n, ok := from.entries[oldBase]
	if !ok {
		return pathError("rename", oldName, fs.ErrNotExist)
	}
	to, newBase, err := m.parent("rename", newName)
	if err != nil {
		return err
	}
	if old, ok := to.entries[newBase]; ok && old.isDir {
		return pathError("rename", newName, fs.ErrExist)
	}
	delete(from.entries, oldBase)
	to.entries[newBase] = n
	return nil
}

// Link implements FS.
func (m *Mem) Link(oldName, newName string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := m.find("link", oldName)
	if err != nil {
		return err
	}
	if n.isDir {
		return pathError("link", oldName, fs.ErrPermission)
	}
	dir, base, err := m.parent("link", newName)
	if err != nil {
		return err
	}
	if _, ok := dir.entries[base]; ok {
		return pathError("link", newName, fs.ErrExist)
	}
	dir.entries[base] = n
	return nil
}

// Remove implements FS.
func (m *Mem) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, base, err := m.parent("remove", name)
	if err != nil {
		return err
	}
	n, ok := dir.entries[base]
	if !ok {
		return pathError("remove", name, fs.ErrNotExist)
	}
	if n.isDir && len(n.entries) > 0 {
		return pathError("remove", name, syscall.ENOTEMPTY)
	}
	delete(dir.entries, base)
	return nil
}

// RemoveAll implements FS. A missing name is success.
func (m *Mem) RemoveAll(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if dir, base, err := m.parent("removeall", name); err == nil {
		delete(dir.entries, base)
	}
	return nil
}

// MkdirAll implements FS.
func (m *Mem) MkdirAll(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.mu.root
	for _, p := range parts(name) {
		child, ok := n.entries[p]
		if !ok {
			child = newDir()
			n.entries[p] = child
		}
		if !child.isDir {
			return pathError("mkdir", name, syscall.ENOTDIR)
		}
		n = child
	}
	return nil
}

// ReadDir implements FS.
func (m *Mem) ReadDir(name string) ([]fs.DirEntry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := m.find("readdir", name)
	if err != nil {
		return nil, err
	}
	if !n.isDir {
		return nil, pathError("readdir", name, syscall.ENOTDIR)
	}
	var out []fs.DirEntry
	for _, base := range slices.Sorted(maps.Keys(n.entries)) {
		out = append(out, fs.FileInfoToDirEntry(infoOf(n.entries[base], base)))
	}
	return out, nil
}

// Stat implements FS.
func (m *Mem) Stat(name string) (fs.FileInfo, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := m.find("stat", name)
	if err != nil {
		return nil, err
	}
	return infoOf(n, filepath.Base(name)), nil
}

// SyncDir implements FS.
func (m *Mem) SyncDir(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := m.find("syncdir", name)
	if err != nil {
		return err
	}
	if !n.isDir {
		return pathError("syncdir", name, syscall.ENOTDIR)
	}
	n.durable = maps.Clone(n.entries)
	return nil
}

// Lock implements FS.
func (m *Mem) Lock(name string) (io.Closer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, base, err := m.parent("lock", name)
	if err != nil {
		return nil, err
	}
	key := strings.Join(parts(name), "/")
	if m.mu.locks[key] {
		return nil, fmt.Errorf("%s: %w", name, ErrLocked)
	}
	if _, ok := dir.entries[base]; !ok {
		dir.entries[base] = &node{}
	}
	m.mu.locks[key] = true
	return &memLock{fs: m, key: key}, nil
}

// FreeBytes implements FS.
func (m *Mem) FreeBytes(name string) (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := m.find("statfs", name); err != nil {
		return 0, err
	}
	return m.mu.free, nil
}

type memLock struct {
	fs  *Mem
	key string
}

// Close implements io.Closer.
func (l *memLock) Close() error {
	l.fs.mu.Lock()
	defer l.fs.mu.Unlock()
	if !l.fs.mu.locks[l.key] {
		return fs.ErrClosed
	}
	delete(l.fs.mu.locks, l.key)
	return nil
}

type memMapping struct{ data []byte }

// Bytes implements Mapping.
func (m *memMapping) Bytes() []byte { return m.data }

// Close implements Mapping.
func (m *memMapping) Close() error {
	for i := range m.data {
		m.data[i] = 0xdb
	}
	m.data = nil
	return nil
}

// memInfo implements fs.FileInfo.
type memInfo struct {
	name     string
	size     int64
	isDir    bool
	modified time.Time
}

// infoOf describes n. The file system's lock is held. Times count changes, in milliseconds after the epoch.
func infoOf(n *node, name string) memInfo {
	return memInfo{name: name, size: int64(len(n.data)), isDir: n.isDir, modified: time.UnixMilli(n.modified)}
}

// Name implements fs.FileInfo.
func (i memInfo) Name() string { return i.name }

// Size implements fs.FileInfo.
func (i memInfo) Size() int64 { return i.size }

// ModTime implements fs.FileInfo.
func (i memInfo) ModTime() time.Time { return i.modified }

// IsDir implements fs.FileInfo.
func (i memInfo) IsDir() bool { return i.isDir }

// Sys implements fs.FileInfo.
func (i memInfo) Sys() any { return nil }

// Mode implements fs.FileInfo.
func (i memInfo) Mode() fs.FileMode {
	if i.isDir {
		return fs.ModeDir | dirMode
	}
	return fileMode
}
