// Package deepstoretest is the acceptance suite of deep stores: every backend runs it. Tests only.
package deepstoretest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/deepstore"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/lifecycle"
	"github.com/freshetdb/freshet/internal/vfs"
)

// Harness makes what the suite needs: an empty bucket, and a folder of local files that it reads through FS.
type Harness struct {
	FS     vfs.FS
	Folder string
	Bucket deepstore.Bucket
}

// Run runs the suite; each test gets a harness of its own.
func Run(t *testing.T, open func(t *testing.T) Harness) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, h Harness)
	}{
		{"PutAndOpen", testPutAndOpen},
		{"PutFile", testPutFile},
		{"NeverOverwritten", testNeverOverwritten},
		{"Missing", testMissing},
		{"List", testList},
		{"BadKeys", testBadKeys},
		{"FailingReader", testFailingReader},
		{"EndedContext", testEndedContext},
		{"Concurrent", testConcurrent},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
	}
}

// local writes a local file.
func (h Harness) local(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(h.Folder, name)
	f, err := h.FS.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func (h Harness) put(t *testing.T, key, data string) {
	t.Helper()
	if err := h.Bucket.Put(t.Context(), key, strings.NewReader(data)); err != nil {
		t.Fatal(err)
	}
}

func (h Harness) want(t *testing.T, key string, data []byte) {
	t.Helper()
	r, err := h.Bucket.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, data) {
		t.Fatalf("object %q has %d bytes, want %d with the same content", key, len(got), len(data))
	}
}

func (h Harness) keys(t *testing.T, prefix string) []string {
	t.Helper()
	objects, err := h.Bucket.List(t.Context(), prefix)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, o := range objects {
		keys = append(keys, o.Key)
	}
	return keys
}

func testPutAndOpen(t *testing.T, h Harness) {
	large := bytes.Repeat([]byte("0123456789abcdef"), 200_000)
	for key, data := range map[string][]byte{"a": []byte("x"), "b/c/d.seg": large, "empty": nil} {
		if err := h.Bucket.Put(t.Context(), key, bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		h.want(t, key, data)
	}
}

func testPutFile(t *testing.T, h Harness) {
	data := bytes.Repeat([]byte("segment"), 1000)
	path := h.local(t, "local.seg", data)
	for range 2 { // the second put of the same file is success
		if err := h.Bucket.PutFile(t.Context(), "t/0/1.seg", path); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.FS.Remove(path); err != nil {
		t.Fatal(err)
	}
	h.want(t, "t/0/1.seg", data)
	if objects, err := h.Bucket.List(t.Context(), "t/"); err != nil || len(objects) != 1 || objects[0].Size != int64(len(data)) {
		t.Fatalf("got %v, %v", objects, err)
	}
	if path, ok := h.Bucket.LocalPath("t/0/1.seg"); ok {
		m, err := h.FS.Map(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(m.Bytes(), data) {
			t.Error("the mapped object differs")
		}
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Bucket.PutFile(t.Context(), "t/0/2.seg", filepath.Join(h.Folder, "nothing")); err == nil {
		t.Error("put a file that does not exist")
	}
	if got := h.keys(t, ""); len(got) != 1 {
		t.Errorf("a failed put left %q", got)
	}
}

func testNeverOverwritten(t *testing.T, h Harness) {
	h.put(t, "k", "first")
	if err := h.Bucket.Put(t.Context(), "k", strings.NewReader("another size")); !errors.Is(err, deepstore.ErrExists) {
		t.Fatalf("got %v, want ErrExists", err)
	}
	if err := h.Bucket.PutFile(t.Context(), "k", h.local(t, "f", []byte("another size"))); !errors.Is(err, deepstore.ErrExists) {
		t.Fatalf("got %v, want ErrExists", err)
	}
	h.put(t, "k", "FIRST") // the same size is taken for the same object, and ignored
	h.want(t, "k", []byte("first"))
}

func testMissing(t *testing.T, h Harness) {
	h.put(t, "dir/k", "x")
	for _, key := range []string{"nothing", "dir", "dir/nothing", "dir/k/below"} {
		if r, err := h.Bucket.Open(t.Context(), key); !errors.Is(err, deepstore.ErrNotFound) {
			if err == nil {
				err = r.Close()
			}
			t.Errorf("open %q: got %v, want ErrNotFound", key, err)
		}
	}
	for _, key := range []string{"nothing", "dir/nothing", "dir/k/below", "dir/k", "dir/k"} {
		if err := h.Bucket.Delete(t.Context(), key); err != nil {
			t.Errorf("delete %q: %v", key, err)
		}
	}
	if got := h.keys(t, ""); got != nil {
		t.Errorf("%q are left", got)
	}
	h.put(t, "dir/k", "again, of another size")
	h.want(t, "dir/k", []byte("again, of another size"))
}

func testList(t *testing.T, h Harness) {
	for _, key := range []string{"a/b/2", "a/b/10", "a/bc", "a/b-1", "ab", "z"} {
		h.put(t, key, key)
	}
	for _, c := range []struct {
		prefix string
		want   []string
	}{
		{"", []string{"a/b-1", "a/b/10", "a/b/2", "a/bc", "ab", "z"}},
		{"a", []string{"a/b-1", "a/b/10", "a/b/2", "a/bc", "ab"}},
		{"a/", []string{"a/b-1", "a/b/10", "a/b/2", "a/bc"}},
		{"a/b", []string{"a/b-1", "a/b/10", "a/b/2", "a/bc"}},
		{"a/b/", []string{"a/b/10", "a/b/2"}},
		{"a/b/1", []string{"a/b/10"}},
		{"a/b/2", []string{"a/b/2"}},
		{"a/b/2/", nil},
		{"nothing/at/all", nil},
	} {
		if diff := cmp.Diff(c.want, h.keys(t, c.prefix)); diff != "" {
			t.Errorf("prefix %q:\n%s", c.prefix, diff)
		}
	}
}

func testBadKeys(t *testing.T, h Harness) {
	long := strings.Repeat("x", deepstore.MaxElementBytes+1)
	for _, key := range []string{"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", "a\\b", "a b", "a\x00", "ä", "a:b", long,
		strings.Repeat("abcdefgh/", 120) + "x", deepstore.ReservedElement + "x"} {
		refused := func(what string, err error) {
			t.Helper()
			if errs.ClassOf(err) != errs.ClassUser || errors.Is(err, deepstore.ErrNotFound) {
				t.Errorf("%s %.50q: got %v, want an error of class user", what, key, err)
			}
		}
		refused("put", h.Bucket.Put(t.Context(), key, strings.NewReader("x")))
		refused("put file", h.Bucket.PutFile(t.Context(), key, h.local(t, "f", []byte("x"))))
		refused("delete", h.Bucket.Delete(t.Context(), key))
		_, err := h.Bucket.Open(t.Context(), key)
		refused("open", err)
		if _, ok := h.Bucket.LocalPath(key); ok {
			t.Errorf("local path of %.50q", key)
		}
	}
	for _, prefix := range []string{"..", "/", "../x/", "a//"} {
		if _, err := h.Bucket.List(t.Context(), prefix); errs.ClassOf(err) != errs.ClassUser {
			t.Errorf("list %q: got %v, want an error of class user", prefix, err)
		}
	}
	if got := h.keys(t, ""); got != nil {
		t.Errorf("%q are stored", got)
	}
}

var errReader = errors.New("the reader failed")

// failing gives some bytes, then an error.
type failing struct{ left int }

func (f *failing) Read(p []byte) (int, error) {
	if f.left == 0 {
		return 0, errReader
	}
	n := min(f.left, len(p))
	f.left -= n
	return n, nil
}

func testFailingReader(t *testing.T, h Harness) {
	for _, bytes := range []int{0, 10, 3 << 20} {
		if err := h.Bucket.Put(t.Context(), "k", &failing{bytes}); !errors.Is(err, errReader) {
			t.Fatalf("got %v, want the reader's error", err)
		}
	}
	if got := h.keys(t, ""); got != nil {
		t.Fatalf("%q are stored", got)
	}
}

func testEndedContext(t *testing.T, h Harness) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, openErr := h.Bucket.Open(ctx, "k")
	_, listErr := h.Bucket.List(ctx, "")
	for i, err := range []error{h.Bucket.Put(ctx, "k", strings.NewReader("x")), h.Bucket.PutFile(ctx, "k", h.local(t, "f", nil)),
		h.Bucket.Delete(ctx, "k"), openErr, listErr} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("call %d: got %v, want context.Canceled", i, err)
		}
	}
	if got := h.keys(t, ""); got != nil {
		t.Errorf("%q are stored", got)
	}
}

// testConcurrent puts the same and different keys at once: each object is whole, and one of those that were put.
func testConcurrent(t *testing.T, h Harness) {
	const writers, keys = 6, 10
	group := lifecycle.NewGroup(t.Context())
	for w := range writers {
		group.Go("put", func(ctx context.Context) error {
			for k := range keys {
				if err := h.Bucket.Put(ctx, fmt.Sprintf("d%d/k", k), strings.NewReader(strings.Repeat(string(rune('a'+w)), 5000))); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := h.keys(t, ""); len(got) != keys {
		t.Fatalf("%d objects, want %d", len(got), keys)
	}
	for k := range keys {
		r, err := h.Bucket.Open(t.Context(), fmt.Sprintf("d%d/k", k))
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil {
			t.Fatal(err)
		}
		if len(data) != 5000 || strings.Count(string(data), string(data[:1])) != 5000 {
			t.Fatalf("object %d is a mixture", k)
		}
	}
}
