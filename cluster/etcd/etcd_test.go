package etcd

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3client"
	"go.uber.org/goleak"

	"github.com/freshetdb/freshet/cluster"
	"github.com/freshetdb/freshet/cluster/clustertest"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/lifecycle"
	"github.com/freshetdb/freshet/internal/vfs"
)

func TestMain(m *testing.M) {
	// A start that fails on a damaged log leaves two goroutines of etcd behind; the process that tried it ends anyway.
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("go.etcd.io/etcd/server/v3/storage/backend.(*backend).run"),
		goleak.IgnoreAnyFunction("go.etcd.io/etcd/server/v3/storage/wal.(*filePipeline).run"))
}

func open(t *testing.T, cfg Config) *Store {
	t.Helper()
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// harness gives stores on one server, each with a prefix of its own.
func harness(open func(t *testing.T, prefix string) cluster.Store) clustertest.Harness {
	var count atomic.Int64
	return clustertest.Harness{
		New: func(t *testing.T) cluster.Store { return open(t, fmt.Sprintf("cluster-%d", count.Add(1))) },
		Compact: func(t *testing.T, s cluster.Store, revision int64) {
			if _, err := s.(*Store).client.Compact(t.Context(), revision, clientv3.WithCompactPhysical()); err != nil {
				t.Fatal(err)
			}
		},
		ExpireLease: func(t *testing.T, s cluster.Store, id cluster.LeaseID) {
			if _, err := s.(*Store).client.Revoke(t.Context(), clientv3.LeaseID(id)); err != nil {
				t.Fatal(err)
			}
		},
	}
}

// TestAcceptanceEmbedded runs the suite through the client without sockets, on one server, as starting one takes long.
func TestAcceptanceEmbedded(t *testing.T) {
	server := open(t, Config{Dir: t.TempDir()}).embedded
	clustertest.Run(t, harness(func(t *testing.T, prefix string) cluster.Store {
		s := &Store{client: v3client.New(server.server.Server), prefix: trimPrefix(prefix), muted: &atomic.Bool{},
			group: lifecycle.NewGroup(t.Context())}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		return s
	}))
}

// TestAcceptanceExternal runs the suite through sockets, all stores on one server with a prefix each.
func TestAcceptanceExternal(t *testing.T) {
	server := open(t, Config{Dir: t.TempDir()})
	endpoint := server.embedded.server.Clients[0].Addr().String()
	clustertest.Run(t, harness(func(t *testing.T, prefix string) cluster.Store {
		return open(t, Config{Endpoints: []string{endpoint}, Prefix: prefix})
	}))
}

func write(t *testing.T, s cluster.Store, key, value string) {
	t.Helper()
	if ok, _, err := s.Txn(t.Context(), nil, []cluster.Op{{Key: key, Value: []byte(value)}}); err != nil || !ok {
		t.Fatal(ok, err)
	}
}

func TestRestartKeepsState(t *testing.T) {
	dir := t.TempDir()
	var logged bytes.Buffer
	cfg := Config{Dir: dir, Prefix: "p", Logger: slog.New(slog.NewTextHandler(&logged, nil))}
	for round := range 3 {
		began := time.Now()
		s := open(t, cfg)
		for i := range round {
			kv, found, err := s.Get(t.Context(), fmt.Sprintf("/round/%d", i))
			if err != nil || !found || string(kv.Value) != fmt.Sprint(i) {
				t.Fatalf("round %d finds %q, %v, %v", round, kv.Value, found, err)
			}
		}
		write(t, s, fmt.Sprintf("/round/%d", round), fmt.Sprint(round))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("round %d took %v: is something closed in the wrong order?", round, took)
		}
	}
	if logged.Len() > 0 {
		t.Errorf("a normal life is not quiet:\n%s", logged.String())
	}
}

func TestPrefixesAreApart(t *testing.T) {
	server := open(t, Config{Dir: t.TempDir(), Prefix: "/one/"})
	endpoint := server.embedded.server.Clients[0].Addr().String()
	other := open(t, Config{Endpoints: []string{endpoint}, Prefix: "on"})
	same := open(t, Config{Endpoints: []string{endpoint}, Prefix: "one"})
	write(t, server, "/k", "v")
	if kvs, _, err := other.List(t.Context(), "/"); err != nil || len(kvs) != 0 {
		t.Fatalf("prefix on sees %v, %v", kvs, err)
	}
	if kv, found, err := same.Get(t.Context(), "/k"); err != nil || !found || kv.Key != "/k" {
		t.Fatalf("prefix one sees %v, %v, %v", kv, found, err)
	}
}

func TestLockedDirectory(t *testing.T) {
	dir := t.TempDir()
	open(t, Config{Dir: dir})
	began := time.Now()
	_, err := Open(t.Context(), Config{Dir: dir})
	if errs.ClassOf(err) != errs.ClassUnavailable || !strings.Contains(err.Error(), dir) || errs.As(err).Hint == "" {
		t.Fatalf("got %v, want an error that names the directory and what to do", err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("the error took %v", took)
	}
}

// TestDamagedDirectory overwrites the database: starting has to fail with an error, not with the end of the process,
// and has to leave the directory unlocked.
func TestDamagedDirectory(t *testing.T) {
	for _, file := range []string{"etcd/member/snap/db", "etcd/member/wal"} {
		dir := t.TempDir()
		s := open(t, Config{Dir: dir})
		write(t, s, "/k", "v")
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		damage(t, filepath.Join(dir, file))
		_, err := Open(t.Context(), Config{Dir: dir})
		if err == nil || !strings.Contains(err.Error(), dir) || errs.As(err).Hint == "" {
			t.Fatalf("%s: got %v, want an error that names the directory and what to do", file, err)
		}
		lock, err := vfs.OS().Lock(filepath.Join(dir, "LOCK"))
		if err != nil {
			t.Fatalf("%s: the directory stays locked: %v", file, err)
		}
		if err := lock.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// damage fills the file, or the files of the directory, with noise of the same length.
func damage(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	files := []string{path}
	if info.IsDir() {
		if files, err = filepath.Glob(filepath.Join(path, "*.wal")); err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
	}
	for _, file := range files {
		if err := os.WriteFile(file, bytes.Repeat([]byte{0xa5}, 64<<10), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCutDatabase cuts the database at many places: the check before the start tells, and never ends the process.
func TestCutDatabase(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Config{Dir: dir})
	write(t, s, "/k", strings.Repeat("v", 20<<10))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "etcd/member/snap/db")
	full, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	failed := 0
	for size := 0; size < len(full); size += max(os.Getpagesize(), len(full)/16) {
		if err := os.WriteFile(path, full[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := checkDatabase(vfs.OS(), path); err != nil {
			failed++
		}
	}
	if failed == 0 {
		t.Errorf("no cut of a database of %d bytes is noticed", len(full))
	}
}

func TestOpenRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		cfg   Config
		class errs.Class
	}{
		{"neither", Config{}, errs.ClassUser},
		{"both", Config{Dir: file, Endpoints: []string{"127.0.0.1:1"}}, errs.ClassUser},
		{"a file for a directory", Config{Dir: filepath.Join(file, "x")}, errs.ClassUnavailable},
	} {
		if _, err := Open(t.Context(), c.cfg); errs.ClassOf(err) != c.class {
			t.Errorf("%s: got %v, want class %v", c.name, err, c.class)
		}
	}
}
