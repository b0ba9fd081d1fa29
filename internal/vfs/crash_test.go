package vfs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
)

// write appends without syncing.
func write(t *testing.T, f File, text string) {
	t.Helper()
	if _, err := io.WriteString(f, text); err != nil {
		t.Fatal(err)
	}
}

func TestCrashLosesWhatWasNotSynced(t *testing.T) {
	m := NewMem()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(m.MkdirAll("d"))
	must(m.SyncDir("/"))
	f, err := m.Create("d/f")
	must(err)
	write(t, f, "synced")
	must(f.Sync())
	if _, err := m.CrashClone(nil).Stat("d/f"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file survives though its directory was not synced: %v", err)
	}
	must(m.SyncDir("d"))
	write(t, f, " and lost")
	if got := get(t, m.CrashClone(nil), "d/f"); got != "synced" {
		t.Errorf("after a crash the file holds %q", got)
	}
	if got := get(t, m, "d/f"); got != "synced and lost" {
		t.Errorf("the crash harmed the original: %q", got)
	}
	must(m.Rename("d/f", "d/g"))
	c := m.CrashClone(nil)
	if got := get(t, c, "d/f"); got != "synced" {
		t.Errorf("an unsynced rename is durable: %q", got)
	}
	must(m.SyncDir("d"))
	must(m.Remove("d/g"))
	if got := get(t, m.CrashClone(nil), "d/g"); got != "synced" {
		t.Errorf("an unsynced removal is durable: %q", got)
	}
	must(m.SyncDir("d"))
	if entries, err := m.CrashClone(nil).ReadDir("d"); err != nil || len(entries) != 0 {
		t.Errorf("entries %v, %v", entries, err)
	}
}

func TestCrashOfATruncatedFile(t *testing.T) {
	m := NewMem()
	put(t, m, "f", "first content")
	if err := m.SyncDir("/"); err != nil {
		t.Fatal(err)
	}
	f, err := m.Create("f")
	if err != nil {
		t.Fatal(err)
	}
	write(t, f, "2nd")
	if got := get(t, m.CrashClone(nil), "f"); got != "first content" {
		t.Errorf("unsynced truncation: %q", got)
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	if got := get(t, m.CrashClone(nil), "f"); got != "2nd" {
		t.Errorf("synced truncation: %q", got)
	}
}

func TestRandomCrashesKeepPrefixes(t *testing.T) {
	m := NewMem()
	for i := range 6 {
		name := fmt.Sprint("f", i)
		put(t, m, name, "synced")
		f, err := m.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		f.(*memFile).writable = true
		write(t, f, " tail")
	}
	if err := m.Link("f0", "link"); err != nil {
		t.Fatal(err)
	}
	survivors, whole := map[int]bool{}, 0
	for seed := range uint64(60) {
		c := m.CrashClone(rand.New(rand.NewPCG(seed, 1)))
		again := m.CrashClone(rand.New(rand.NewPCG(seed, 1)))
		entries, err := c.ReadDir("/")
		if err != nil {
			t.Fatal(err)
		}
		survivors[len(entries)] = true
		for _, e := range entries {
			got := get(t, c, e.Name())
			if !strings.HasPrefix("synced tail", got) || !strings.HasPrefix(got, "synced") {
				t.Fatalf("seed %d: %s holds %q", seed, e.Name(), got)
			}
			if got == "synced tail" {
				whole++
			}
			if get(t, again, e.Name()) != got {
				t.Fatalf("seed %d gives two results", seed)
			}
		}
	}
	if len(survivors) < 3 || whole == 0 {
		t.Errorf("crashes are not random: %v, %d whole files", survivors, whole)
	}
}

func TestMappedBytesDieWithTheirMapping(t *testing.T) {
	m := NewMem()
	put(t, m, "f", "content")
	mapping, err := m.Map("f")
	if err != nil {
		t.Fatal(err)
	}
	b := mapping.Bytes()
	if err := mapping.Close(); err != nil {
		t.Fatal(err)
	}
	if string(b) == "content" {
		t.Error("bytes of a closed mapping are still right")
	}
}

func TestDiskFull(t *testing.T) {
	mem := NewMem()
	full := NewFault(mem, DiskFull(10))
	f, err := full.Create("f")
	if err != nil {
		t.Fatal(err)
	}
	write(t, f, "12345")
	if _, err := f.Write([]byte("1234567")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error %v, want ENOSPC", err)
	}
	if err := f.Sync(); err != nil {
		t.Error(err)
	}
	if got := get(t, mem, "f"); got != "12345" {
		t.Errorf("a failed write wrote: %q", got)
	}
}

func TestFaultsReachTheirOperation(t *testing.T) {
	broken := errors.New("broken")
	mem := NewMem()
	put(t, mem, "f", "x")
	ops := map[OpKind]func(fsys FS) error{
		OpCreate: func(fsys FS) error { return second(fsys.Create("new")) },
		OpOpen:   func(fsys FS) error { return second(fsys.Open("f")) },
		OpMap:    func(fsys FS) error { return second(fsys.Map("f")) },
		OpRead:   func(fsys FS) error { return second(ReadFile(fsys, "f", 9)) },
		OpWrite: func(fsys FS) error {
			return WriteAtomic(fsys, "w", func(w io.Writer) error { return second(w.Write([]byte("x"))) })
		},
		OpSync:    func(fsys FS) error { return WriteAtomic(fsys, "w", func(io.Writer) error { return nil }) },
		OpClose:   func(fsys FS) error { return second(ReadFile(fsys, "f", 9)) },
		OpRename:  func(fsys FS) error { return fsys.Rename("f", "g") },
		OpLink:    func(fsys FS) error { return fsys.Link("f", "h") },
		OpRemove:  func(fsys FS) error { return errors.Join(fsys.Remove("f"), fsys.RemoveAll("f")) },
		OpMkdir:   func(fsys FS) error { return fsys.MkdirAll("d") },
		OpReadDir: func(fsys FS) error { return second(fsys.ReadDir("/")) },
		OpStat:    func(fsys FS) error { return second(fsys.Stat("f")) },
		OpSyncDir: func(fsys FS) error { return fsys.SyncDir("/") },
		OpLock:    func(fsys FS) error { return second(fsys.Lock("l")) },
		OpFree:    func(fsys FS) error { return second(fsys.FreeBytes("/")) },
	}
	for k := OpInvalid + 1; k < OpCount; k++ {
		fsys := NewFault(mem, func(op Op) error {
			if op.Kind == k {
				return broken
			}
			return nil
		})
		if ops[k] == nil {
			t.Errorf("no test for %s", k)
		} else if err := ops[k](fsys); !errors.Is(err, broken) {
			t.Errorf("%s: error %v", k, err)
		}
	}
	if get(t, mem, "f") != "x" {
		t.Error("a failed operation had an effect")
	}
}
