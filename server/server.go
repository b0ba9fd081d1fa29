// Package server is the server role: it owns stream partitions, hosts their segments, and runs query fragments.
//
// The cluster store says which tables exist; a watch of it starts and stops them. Per table there is one goroutine that
// discovers partitions, and per partition an ingest.Consumer that is run again from committed state when it loses its
// ownership. Housekeeping (retention, collection of unnamed objects, verification of files) is one goroutine more.
//
// Lock order: Server.mu, then table.mu; both are held for map look-ups and pins only, never across a call that may
// block. Shutdown: the context ends, every goroutine is waited for, then partitions are released, then the data
// directory is unlocked.
package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/cluster"
	"github.com/freshetdb/freshet/deepstore"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/coldio"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/lifecycle"
	"github.com/freshetdb/freshet/internal/memory"
	"github.com/freshetdb/freshet/internal/offheap"
	"github.com/freshetdb/freshet/internal/vfs"
)

// Defaults of Config.
const (
	DefaultLeaseSeconds  = 10
	DefaultDiscoverEvery = 30 * time.Second
	DefaultMaintainEvery = time.Minute
	DefaultCollectEvery  = time.Hour
	DefaultScrubEvery    = 24 * time.Hour
	DefaultRetryDelay    = time.Second
	// keptMemory bounds the freed memory that is held for the next consuming segment or build, in bytes: a segment of a
	// million rows has about so much. Housekeeping gives it back once nothing wants it.
	keptMemory = 256 << 20
	// collectAge is how old an object that no record names has to be before it is removed.
	collectAge = 24 * time.Hour
)

// StreamFactory connects to a table's topic. The server closes what it gets.
type StreamFactory func(t *catalog.Table) (ingest.Stream, error)

// DeadLetterFactory connects to a table's dead-letter topic; close flushes it.
type DeadLetterFactory func(t *catalog.Table) (d ingest.DeadLetters, close func(), err error)

// Config is what a Server works with. Every field without a default is required.
type Config struct {
	Instance  string            // id of this process in the cluster
	Roles     []string          // of the process; default server
	Addresses map[string]string // service -> host:port, for the instance record
	Build     string
	DataDir   string
	FS        vfs.FS
	Store     cluster.Store
	Bucket    deepstore.Bucket
	Streams   StreamFactory
	// DeadLetters may be nil: then freshet.deadLetterTopic is not served and a warning says so.
	DeadLetters DeadLetterFactory
	// Transforms compiles what happens between records and rows, for one partition loop.
	Transforms func(*catalog.Schema, *catalog.Table) (ingest.Transformer, error)
	Clock      clock.Clock
	Logger     *slog.Logger
	Registerer prometheus.Registerer // nil: no metrics
	Hooks      ingest.Hooks

	LeaseSeconds                                           int64
	DiscoverEvery, MaintainEvery, CollectEvery, ScrubEvery time.Duration
	// RetryDelay is how long a failed call to the cluster store or a stream waits before the next.
	RetryDelay time.Duration
	// MaxFrozenBytes bounds what a partition may hold frozen and uncommitted; BuildSlots how many segments are built at once.
	MaxFrozenBytes int64
	BuildSlots     int
	PollWait       time.Duration
	// Allocator gives consuming segments and builds their memory; nil: one of the server's own, not accounted.
	Allocator *offheap.Allocator
	// Memory is the process's accountant, with which Allocator counts; nil: ingestion never pauses for memory.
	Memory *memory.Accountant
	// Disk brings cold data into memory for queries; nil: they wait in page faults.
	Disk *coldio.Pool
}

func (c *Config) check() error {
	if c.Instance == "" || c.DataDir == "" || c.FS == nil || c.Store == nil || c.Bucket == nil || c.Streams == nil ||
		c.Transforms == nil || c.Clock == nil || c.Logger == nil {
		return errs.Bug("server config needs Instance, DataDir, FS, Store, Bucket, Streams, Transforms, Clock and Logger")
	}
	if len(c.Roles) == 0 {
		c.Roles = []string{"server"}
	}
	setDefault(&c.LeaseSeconds, DefaultLeaseSeconds)
	setDefault(&c.DiscoverEvery, DefaultDiscoverEvery)
	setDefault(&c.MaintainEvery, DefaultMaintainEvery)
	setDefault(&c.CollectEvery, DefaultCollectEvery)
	setDefault(&c.ScrubEvery, DefaultScrubEvery)
	setDefault(&c.RetryDelay, DefaultRetryDelay)
	setDefault(&c.MaxFrozenBytes, ingest.DefaultMaxFrozenBytes)
	setDefault(&c.BuildSlots, 1)
	setDefault(&c.PollWait, ingest.DefaultPollWait)
	if c.Allocator == nil {
		c.Allocator = offheap.NewAllocator(nil)
	}
	c.Allocator.Keep(keptMemory)
	return nil
}

func setDefault[T ~int | ~int64](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}

// Server is the server role. Safe for concurrent use.
type Server struct {
	cfg        Config
	log        *slog.Logger
	lock       io.Closer
	buildSlots chan struct{}
	group      *lifecycle.Group
	// instanceRevision is the revision of this server's instance record, 0 while it has no lease.
	instanceRevision atomic.Int64
	collector        *collector

	mu struct {
		sync.RWMutex
		tables map[string]*table // by raw name
		listed bool              // the tables of the cluster store were seen once
		failed map[string]string // tables that cannot be served, and why
	}
}

// New locks the data directory and makes a server; Start starts it, Close ends it.
func New(cfg Config) (*Server, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, log: cfg.Logger, buildSlots: make(chan struct{}, cfg.BuildSlots)}
	s.mu.tables, s.mu.failed = map[string]*table{}, map[string]string{}
	if err := cfg.FS.MkdirAll(cfg.DataDir); err != nil {
		return nil, fmt.Errorf("cannot make the data directory: %w", err)
	}
	lock, err := cfg.FS.Lock(filepath.Join(cfg.DataDir, "server.lock"))
	if err != nil {
		return nil, errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "data directory %s is in use by another process", cfg.DataDir).Wrap(err)
	}
	s.lock = lock
	// Files of builds that a crash cut short name nothing.
	err = errors.Join(cfg.FS.RemoveAll(s.buildDir()), cfg.FS.MkdirAll(s.buildDir()), cfg.FS.MkdirAll(s.cacheDir()))
	if err != nil {
		return nil, closeWith(lock, fmt.Errorf("cannot prepare the data directory: %w", err))
	}
	cfg.Memory.OnShortage(func(int64) { // what is free and kept for the next segment
		cfg.Allocator.Keep(0)
		cfg.Allocator.Keep(keptMemory)
	})
	s.collector = newCollector(s)
	if cfg.Registerer != nil {
		if err := cfg.Registerer.Register(s.collector); err != nil {
			return nil, closeWith(lock, fmt.Errorf("cannot register metrics: %w", err))
		}
	}
	return s, nil
}

func closeWith(c io.Closer, err error) error {
	if cerr := c.Close(); cerr != nil {
		return fmt.Errorf("%w (and cannot unlock: %w)", err, cerr)
	}
	return err
}

func (s *Server) buildDir() string { return filepath.Join(s.cfg.DataDir, "build") }
func (s *Server) cacheDir() string { return filepath.Join(s.cfg.DataDir, "segments") }

// Start begins to watch the cluster store and to serve its tables. ctx ends everything, as Close does.
func (s *Server) Start(ctx context.Context) error {
	if s.group != nil {
		return errs.Bug("server started twice")
	}
	s.group = lifecycle.NewGroup(ctx)
	s.group.Go("instance lease", s.keepInstance)
	s.group.Go("table watch", s.watchTables)
	s.group.Go("housekeeping", s.housekeep)
	return nil
}

// Close stops consuming, waits for every goroutine, and releases partitions and the data directory. Queries that run
// keep the segments that they pinned. What is not committed is consumed again at the next start.
func (s *Server) Close() error {
	err := s.stop()
	if s.instanceRevision.Load() != 0 {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		key := cluster.InstanceKey(s.cfg.Instance)
		if _, _, terr := s.cfg.Store.Txn(ctx, []cluster.Cond{{Key: key, Revision: s.instanceRevision.Load()}},
			[]cluster.Op{{Key: key, Delete: true}}); terr != nil {
			s.log.Warn("instance record stays until its lease ends", "error", terr)
		}
	}
	return err
}

// stop ends all work and gives everything back, and tells nobody: what is left is what a killed process leaves.
func (s *Server) stop() error {
	var err error
	if s.group != nil {
		err = s.group.Stop()
	}
	s.mu.Lock()
	tables := s.mu.tables
	s.mu.tables = map[string]*table{}
	s.mu.Unlock()
	for _, t := range tables {
		t.stop()
	}
	s.cfg.Allocator.Keep(0)
	if s.cfg.Registerer != nil {
		s.cfg.Registerer.Unregister(s.collector)
	}
	if s.lock != nil {
		if cerr := s.lock.Close(); cerr != nil && err == nil {
			err = fmt.Errorf("cannot unlock the data directory: %w", cerr)
		}
		s.lock = nil
	}
	return err
}

func (s *Server) table(name string) (*table, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, ok := s.mu.tables[name]
	return t, ok
}

func (s *Server) allTables() []*table {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]*table, 0, len(s.mu.tables))
	for _, t := range s.mu.tables {
		out = append(out, t)
	}
	return out
}

// wait waits for d; it reports false when ctx ended.
func (s *Server) wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-s.cfg.Clock.After(d):
		return ctx.Err() == nil
	}
}
