package etcd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	"go.etcd.io/etcd/server/v3/embed"
	"go.uber.org/zap"

	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/lifecycle"
	"github.com/freshetdb/freshet/internal/vfs"
)

const (
	quotaBytes   = 2 << 30
	startTimeout = 60 * time.Second // a large log on a slow disk; usual is 0.1 to 0.4 s
	memberName   = "freshet"

	lockTimeout    = 5 * time.Second // of the database file; the directory's lock is ours, so nobody else should hold it
	fullCheckBytes = 64 << 20        // larger databases are only opened before the start, to keep it fast
)

// embedded is an etcd server in this process, with its data directory locked.
type embedded struct {
	server *embed.Etcd
	lock   io.Closer
	muted  *atomic.Bool
	zap    *zap.Logger
}

// startEmbedded starts a member of its own cluster on a data directory. It listens on loopback, at ports that the
// operating system chooses; nothing of ours connects there.
func startEmbedded(ctx context.Context, cfg Config) (_ *embedded, err error) {
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, errs.New(errs.ClassUser, errs.InvalidParameterValue, "cannot use cluster data directory %q", cfg.Dir).Wrap(err)
	}
	fsys := vfs.OS()
	if err := fsys.MkdirAll(dir); err != nil {
		return nil, errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "cannot make cluster data directory %q", dir).Wrap(err)
	}
	lock, err := fsys.Lock(filepath.Join(dir, "LOCK"))
	if err != nil {
		return nil, errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "cluster data directory %q cannot be locked", dir).Wrap(err).
			WithHint("Another freshet process uses this directory. Stop it, or give this one a directory of its own.")
	}
	e := &embedded{lock: lock, muted: &atomic.Bool{}}
	e.zap = newZap(cfg.Logger, e.muted)
	defer func() {
		if err != nil {
			err = errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "cannot start the cluster store on %q", dir).Wrap(err).
				WithHint("If the directory is damaged, restore it from a backup, or move it away and run freshet doctor --rebuild.")
			if closeErr := e.close(); closeErr != nil {
				cfg.Logger.Error("cannot unlock the cluster data directory", "dir", dir, "error", closeErr)
			}
		}
	}()
	if err := checkDatabase(fsys, filepath.Join(dir, "etcd", "member", "snap", "db")); err != nil {
		return nil, err
	}
	server, err := start(serverConfig(filepath.Join(dir, "etcd"), e.zap))
	if err != nil {
		return nil, err
	}
	e.server = server
	timeout := clock.Real{}.After(startTimeout)
	select {
	case <-server.Server.ReadyNotify():
		return e, nil
	case err := <-server.Err():
		return nil, err
	case <-server.Server.StopNotify():
		return nil, errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "the embedded etcd stopped while it started")
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-timeout:
		return nil, errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "the embedded etcd was not ready after %v", startTimeout)
	}
}

// checkDatabase reads etcd's database if there is one. etcd itself opens it in a goroutine of its own, where damage is
// a panic that nobody can catch.
func checkDatabase(fsys vfs.FS, path string) error {
	info, err := fsys.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	err = lifecycle.Guard("database check", func() (err error) {
		// A file that is shorter than its pages say faults when it is read through its mapping.
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
		db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: lockTimeout})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, db.Close()) }()
		return db.View(func(tx *bbolt.Tx) error { return walkDatabase(tx, info.Size() <= fullCheckBytes) })
	})
	if err != nil {
		return errs.New(errs.ClassCorrupt, errs.DataCorrupted, "cannot read database file %q", path).Wrap(err)
	}
	return nil
}

// walkDatabase visits the buckets and, where deep, every entry of them.
func walkDatabase(tx *bbolt.Tx, deep bool) error {
	return tx.ForEach(func(name []byte, bucket *bbolt.Bucket) error {
		if !deep {
			return nil
		}
		entries := 0
		if err := bucket.ForEach(func(key, value []byte) error {
			if len(key) > 0 {
				entries++
			}
			return nil
		}); err != nil {
			return fmt.Errorf("bucket %q after %d entries: %w", name, entries, err)
		}
		return nil
	})
}

// start calls StartEtcd, which panics on some damages.
func start(cfg *embed.Config) (server *embed.Etcd, err error) {
	err = lifecycle.Guard("etcd start", func() error {
		var startErr error
		server, startErr = embed.StartEtcd(cfg)
		return startErr
	})
	return server, err
}

func serverConfig(dir string, logger *zap.Logger) *embed.Config {
	loopback := url.URL{Scheme: "http", Host: "127.0.0.1:0"}
	cfg := embed.NewConfig()
	cfg.Name, cfg.Dir = memberName, dir
	cfg.ListenClientUrls, cfg.AdvertiseClientUrls = []url.URL{loopback}, []url.URL{loopback}
	cfg.ListenPeerUrls, cfg.AdvertisePeerUrls = []url.URL{loopback}, []url.URL{loopback}
	cfg.InitialCluster = cfg.InitialClusterFromName(memberName)
	// The only member elects itself up to an election's time after its start, so that this is most of the start of a node.
	// There is nobody whose silence could be mistaken for an end, which is what longer times are for.
	cfg.TickMs, cfg.ElectionMs = 20, 200
	cfg.AutoCompactionMode, cfg.AutoCompactionRetention = embed.CompactorModePeriodic, "1h"
	cfg.QuotaBackendBytes = quotaBytes
	cfg.EnableGRPCGateway = false
	cfg.LogLevel = "error"
	cfg.ZapLoggerBuilder = embed.NewZapLoggerBuilder(logger)
	return cfg
}

// close stops the server, if it runs, and gives the directory free. Clients have to be closed before.
func (e *embedded) close() error {
	e.muted.Store(true)
	if e.server != nil {
		e.server.Close()
	}
	return e.lock.Close()
}

// trimPrefix brings a prefix into the form /name, "" for none.
func trimPrefix(prefix string) string {
	if prefix = strings.Trim(prefix, "/"); prefix != "" {
		return "/" + prefix
	}
	return ""
}
