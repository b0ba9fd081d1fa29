package fs

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/freshetdb/freshet/deepstore"
	"github.com/freshetdb/freshet/deepstore/deepstoretest"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vfs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, fsys vfs.FS, root string) *Bucket {
	t.Helper()
	b, err := New(fsys, root, clock.Real{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAcceptanceOS(t *testing.T) {
	deepstoretest.Run(t, func(t *testing.T) deepstoretest.Harness {
		return deepstoretest.Harness{FS: vfs.OS(), Folder: t.TempDir(), Bucket: open(t, vfs.OS(), filepath.Join(t.TempDir(), "bucket"))}
	})
}

func TestAcceptanceMemory(t *testing.T) {
	deepstoretest.Run(t, func(t *testing.T) deepstoretest.Harness {
		fsys := vfs.NewMem()
		return deepstoretest.Harness{FS: fsys, Folder: "/", Bucket: open(t, fsys, "/bucket")}
	})
}

// noLinks is a file system without hard links.
func noLinks(fsys vfs.FS) vfs.FS {
	return vfs.NewFault(fsys, func(op vfs.Op) error {
		if op.Kind == vfs.OpLink {
			return syscall.EPERM
		}
		return nil
	})
}

func TestAcceptanceWithoutLinks(t *testing.T) {
	deepstoretest.Run(t, func(t *testing.T) deepstoretest.Harness {
		fsys := noLinks(vfs.NewMem())
		return deepstoretest.Harness{FS: fsys, Folder: "/", Bucket: open(t, fsys, "/bucket")}
	})
}

func put(b *Bucket, t *testing.T, key, data string) error {
	return b.Put(t.Context(), key, strings.NewReader(data))
}

// TestPowerLoss cuts the power after every put, many times: what Put returned for is there, whole.
func TestPowerLoss(t *testing.T) {
	for _, links := range []bool{true, false} {
		for seed := range uint64(20) {
			mem := vfs.NewMem()
			fsys := vfs.FS(mem)
			if !links {
				fsys = noLinks(mem)
			}
			b := open(t, fsys, "/data/bucket")
			want := map[string]string{}
			for i := range 5 {
				key, data := fmt.Sprintf("t%d/%d/x.seg", i%2, i), strings.Repeat(fmt.Sprint(i), 3000)
				if i%2 == 0 {
					if err := put(b, t, key, data); err != nil {
						t.Fatal(err)
					}
				} else if err := putFile(t, fsys, b, key, data); err != nil {
					t.Fatal(err)
				}
				want[key] = data
				checkAfterCrash(t, mem.CrashClone(rand.New(rand.NewPCG(seed, uint64(i)))), want)
			}
		}
	}
}

// putFile puts a local file that nobody synced.
func putFile(t *testing.T, fsys vfs.FS, b *Bucket, key, data string) error {
	f, err := fsys.Create("/local")
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, data)
	return errors.Join(err, f.Close(), b.PutFile(t.Context(), key, "/local"), fsys.Remove("/local"))
}

func checkAfterCrash(t *testing.T, fsys vfs.FS, want map[string]string) {
	t.Helper()
	b := open(t, fsys, "/data/bucket")
	objects, err := b.List(t.Context(), "")
	if err != nil || len(objects) != len(want) {
		t.Fatalf("after the crash there are %v, %v, want %d objects", objects, err, len(want))
	}
	for key, data := range want {
		r, err := b.Open(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil || string(got) != data {
			t.Fatalf("object %q has %d bytes after the crash, want %d; %v", key, len(got), len(data), err)
		}
	}
}

// TestFaults lets each operation of a put fail once: there is an error, nothing half-made, and the next try succeeds.
func TestFaults(t *testing.T) {
	fault := errors.New("injected")
	for _, kind := range []vfs.OpKind{vfs.OpCreate, vfs.OpWrite, vfs.OpSync, vfs.OpSyncDir, vfs.OpMkdir, vfs.OpLink, vfs.OpStat} {
		armed := false
		fsys := vfs.NewFault(vfs.NewMem(), func(op vfs.Op) error {
			if armed && op.Kind == kind {
				armed = false
				return fault
			}
			return nil
		})
		b := open(t, fsys, "/bucket")
		armed = true
		if err := put(b, t, "a/b", "data"); !errors.Is(err, fault) {
			t.Errorf("%v: got %v, want the fault", kind, err)
		}
		objects, err := b.List(t.Context(), "")
		if err != nil || len(objects) > 1 || len(objects) == 1 && objects[0].Size != 4 {
			t.Errorf("%v: the failed put left %v, %v", kind, objects, err)
		}
		if err := put(b, t, "a/b", "data"); err != nil {
			t.Errorf("%v: the second put: %v", kind, err)
		}
	}
}

func TestFullDisk(t *testing.T) {
	fsys := vfs.NewFault(vfs.NewMem(), vfs.DiskFull(10))
	b := open(t, fsys, "/bucket")
	err := put(b, t, "k", strings.Repeat("x", 100))
	if e := errs.As(err); e.Class != errs.ClassExhausted || e.Code != errs.DiskFull {
		t.Fatalf("got %v, want disk full", err)
	}
	if entries, err := fsys.ReadDir(filepath.Join("/bucket", tempDir)); err != nil || len(entries) != 0 {
		t.Errorf("the failed put left %v, %v", entries, err)
	}
}

func TestOldTemporaryFilesAreRemoved(t *testing.T) {
	root := t.TempDir()
	fsys := vfs.OS()
	open(t, fsys, root)
	temp := filepath.Join(root, tempDir, "left")
	f, err := fsys.Create(temp)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	open(t, fsys, root)
	if _, err := fsys.Stat(temp); err != nil {
		t.Fatalf("a young temporary file: %v, want it to stay", err)
	}
	if _, err := New(fsys, root, clock.NewFake(time.Now().Add(2*tempAge))); err != nil {
		t.Fatal(err)
	}
	if _, err := fsys.Stat(temp); err == nil {
		t.Fatal("an old temporary file stays")
	}
}

// TestForeignFilesAreNotObjects: what somebody else put into the folder is neither listed nor overwritten.
func TestForeignFilesAreNotObjects(t *testing.T) {
	fsys := vfs.NewMem()
	b := open(t, fsys, "/bucket")
	f, err := fsys.Create("/bucket/not a key")
	if err := errors.Join(err, f.Close(), fsys.MkdirAll("/bucket/dir")); err != nil {
		t.Fatal(err)
	}
	if objects, err := b.List(t.Context(), ""); err != nil || len(objects) != 0 {
		t.Fatalf("got %v, %v", objects, err)
	}
	if err := put(b, t, "dir", "x"); !errors.Is(err, deepstore.ErrExists) {
		t.Fatalf("put over a directory: got %v, want ErrExists", err)
	}
}
