package vfs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"
	"unsafe"
)

// put writes a file through an FS, synced.
func put(t *testing.T, fsys FS, name, content string) {
	t.Helper()
	if err := writeSynced(fsys, name, func(w io.Writer) error {
		_, err := io.WriteString(w, content)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, fsys FS, name string) string {
	t.Helper()
	data, err := ReadFile(fsys, name, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestAcceptance holds for every file system.
func TestAcceptance(t *testing.T) {
	for name, make := range map[string]func(t *testing.T) (FS, string){
		"os":    func(t *testing.T) (FS, string) { return OS(), t.TempDir() },
		"mem":   func(t *testing.T) (FS, string) { return NewMem(), "/root" },
		"fault": func(t *testing.T) (FS, string) { return NewFault(NewMem(), func(Op) error { return nil }), "/root" },
	} {
		t.Run(name, func(t *testing.T) {
			fsys, dir := make(t)
			if err := fsys.MkdirAll(filepath.Join(dir, "a", "b")); err != nil {
				t.Fatal(err)
			}
			t.Run("files", func(t *testing.T) { checkFiles(t, fsys, filepath.Join(dir, "a")) })
			t.Run("names", func(t *testing.T) { checkNames(t, fsys, filepath.Join(dir, "a", "b")) })
			t.Run("errors", func(t *testing.T) { checkErrors(t, fsys, dir) })
			t.Run("map", func(t *testing.T) { checkMap(t, fsys, dir) })
			t.Run("lock", func(t *testing.T) { checkLock(t, fsys, dir) })
		})
	}
}

func checkFiles(t *testing.T, fsys FS, dir string) {
	name := filepath.Join(dir, "f")
	put(t, fsys, name, "hello world")
	if got := get(t, fsys, name); got != "hello world" {
		t.Fatalf("read %q", got)
	}
	put(t, fsys, name, "short")
	if got := get(t, fsys, name); got != "short" {
		t.Fatalf("after truncation %q", got)
	}
	f, err := fsys.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4)
	if n, err := f.ReadAt(buf, 2); n != 3 || err != io.EOF || string(buf[:n]) != "ort" {
		t.Errorf("ReadAt gives %q, %v", buf[:n], err)
	}
	if n, err := f.ReadAt(buf[:2], 1); n != 2 || err != nil {
		t.Errorf("ReadAt gives %d, %v", n, err)
	}
	if _, err := f.Write([]byte("x")); err == nil {
		t.Error("a file that was opened for reading is written")
	}
	if info, err := f.Stat(); err != nil || info.Size() != 5 || info.IsDir() {
		t.Errorf("stat %v, %v", info, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if err := f.Close(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a second close gives %v", err)
	}
	if _, err := ReadFile(fsys, name, 4); err == nil {
		t.Error("a file above the limit is read")
	}
}

func checkNames(t *testing.T, fsys FS, dir string) {
	at := func(n string) string { return filepath.Join(dir, n) }
	put(t, fsys, at("one"), "1")
	put(t, fsys, at("two"), "2")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(fsys.Link(at("one"), at("three")))
	if err := fsys.Link(at("one"), at("two")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a link over a file gives %v", err)
	}
	must(fsys.Rename(at("two"), at("one")))
	must(fsys.SyncDir(dir))
	if one, three := get(t, fsys, at("one")), get(t, fsys, at("three")); one != "2" || three != "1" {
		t.Errorf("one is %q, three %q", one, three)
	}
	entries, err := fsys.ReadDir(dir)
	must(err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if !slices.Equal(names, []string{"one", "three"}) {
		t.Errorf("names %v", names)
	}
	if err := fsys.Remove(dir); err == nil {
		t.Error("a directory with files is removed")
	}
	must(fsys.Remove(at("three")))
	must(fsys.RemoveAll(dir))
	must(fsys.RemoveAll(dir))
	if free, err := fsys.FreeBytes(filepath.Dir(dir)); err != nil || free == 0 {
		t.Errorf("free %d, %v", free, err)
	}
}

func checkErrors(t *testing.T, fsys FS, dir string) {
	missing := filepath.Join(dir, "missing", "x")
	file := filepath.Join(dir, "file")
	put(t, fsys, file, "")
	for what, err := range map[string]error{
		"open":    second(fsys.Open(missing)),
		"create":  second(fsys.Create(missing)),
		"map":     second(fsys.Map(missing)),
		"stat":    second(fsys.Stat(missing)),
		"readdir": second(fsys.ReadDir(missing)),
		"rename":  fsys.Rename(missing, file),
		"link":    fsys.Link(missing, file+"2"),
		"remove":  fsys.Remove(missing),
		"syncdir": fsys.SyncDir(missing),
		"free":    second(fsys.FreeBytes(missing)),
	} {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s of a missing file gives %v", what, err)
		}
	}
	if f, err := fsys.Open(missing); f != nil || err == nil {
		t.Errorf("a failed open gives a file: %v", f)
	}
	if err := fsys.MkdirAll(filepath.Join(file, "sub")); err == nil {
		t.Error("a directory is made below a file")
	}
	if _, err := fsys.Create(dir); err == nil {
		t.Error("a directory is opened for writing")
	}
	if _, err := fsys.Map(dir); err == nil {
		t.Error("a directory is mapped")
	}
}

func second[T any](_ T, err error) error { return err }

func checkMap(t *testing.T, fsys FS, dir string) {
	for _, content := range []string{"", "x", string(bytes.Repeat([]byte("0123456789"), 2000))} {
		name := filepath.Join(dir, "mapped")
		put(t, fsys, name, content)
		m, err := fsys.Map(name)
		if err != nil {
			t.Fatal(err)
		}
		if string(m.Bytes()) != content {
			t.Errorf("%d bytes are mapped as %d others", len(content), len(m.Bytes()))
		}
		if p := uintptr(unsafe.Pointer(unsafe.SliceData(m.Bytes()))); len(content) > 0 && p%mapAlignment != 0 {
			t.Errorf("mapped at %#x, which is not aligned", p)
		}
		if err := Populate(m, len(content)/3, len(content)/2); err != nil {
			t.Error(err)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
		if err := m.Close(); err != nil {
			t.Errorf("a second close gives %v", err)
		}
	}
}

func checkLock(t *testing.T, fsys FS, dir string) {
	name := filepath.Join(dir, "LOCK")
	held, err := fsys.Lock(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fsys.Lock(name); !errors.Is(err, ErrLocked) {
		t.Errorf("a second lock gives %v", err)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := fsys.Lock(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestPopulateFindsACutFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	put(t, OS(), name, string(make([]byte, 1<<20)))
	m, err := OS().Map(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}()
	put(t, OS(), name, "")
	if err := Populate(m, 1<<19, 100); err == nil {
		t.Skip("this platform cannot tell before the page is read")
	}
}

func TestWriteAtomic(t *testing.T) {
	broken := errors.New("broken")
	content := func(text string, err error) func(w io.Writer) error {
		return func(w io.Writer) error {
			if _, werr := io.WriteString(w, text); werr != nil {
				return werr
			}
			return err
		}
	}
	mem := NewMem()
	if err := WriteAtomic(mem, "f", content("old", nil)); err != nil {
		t.Fatal(err)
	}
	if err := WriteAtomic(mem, "f", content("half", broken)); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
	for kind := OpCreate; kind < OpCount; kind++ {
		err := WriteAtomic(NewFault(mem, FailNth(kind, "", 1, broken)), "f", content("new", nil))
		after := get(t, mem.CrashClone(nil), "f")
		if err != nil && after == "new" || err == nil && after != "new" {
			t.Errorf("%s fails: error %v, after a power loss the file holds %q", kind, err, after)
		}
		if err == nil {
			err = WriteAtomic(mem, "f", content("old", nil))
		} else {
			err = nil
		}
		if err != nil {
			t.Fatal(err)
		}
		if entries, err := mem.ReadDir("/"); err != nil || len(entries) != 1 {
			t.Errorf("%s: files %v (%v)", kind, entries, err)
		}
		if kind == OpSyncDir {
			// The rename has happened but is not durable: undo it for the next round.
			if err := WriteAtomic(mem, "f", content("old", nil)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestOpNames(t *testing.T) {
	seen := map[string]bool{}
	for k := OpInvalid; k < OpCount; k++ {
		if n := k.String(); n == "" || seen[n] {
			t.Errorf("operation %d is called %q", k, n)
		}
		seen[k.String()] = true
	}
	if fmt.Sprint(OpCount) != "unknown" {
		t.Error("an operation beyond the last has a name")
	}
}
