// Package node composes the roles of a process: cluster store, deep store, server, controller, broker and their ports,
// in that order, and stops them in reverse.
//
// Shutdown: the endpoints stop accepting and let running statements finish, then the server stops consuming, then the
// stores are closed and the data directory is unlocked.
package node

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/freshetdb/freshet/broker"
	"github.com/freshetdb/freshet/broker/httpapi"
	"github.com/freshetdb/freshet/broker/pgwire"
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/cluster/etcd"
	"github.com/freshetdb/freshet/cluster/tables"
	"github.com/freshetdb/freshet/controller"
	"github.com/freshetdb/freshet/controller/adminapi"
	"github.com/freshetdb/freshet/deepstore/fs"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/ingest/kafka"
	"github.com/freshetdb/freshet/ingest/transform"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/coldio"
	"github.com/freshetdb/freshet/internal/config"
	"github.com/freshetdb/freshet/internal/lifecycle"
	"github.com/freshetdb/freshet/internal/memory"
	"github.com/freshetdb/freshet/internal/offheap"
	"github.com/freshetdb/freshet/internal/sched"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/builtin"
	"github.com/freshetdb/freshet/server"
)

// Options of a node.
type Options struct {
	Config  config.Config
	Version string
	Logger  *slog.Logger
	// Hooks are the named points of sealing, for crash tests.
	Hooks ingest.Hooks
	// FS is where data lives; nil: the operating system's.
	FS vfs.FS
	// Streams connects tables to their topics; nil: to Kafka. Measurements take records from memory by it.
	Streams server.StreamFactory
}

// Addrs are the addresses that a node listens on.
type Addrs struct{ Controller, Postgres, BrokerHTTP, ServerHTTP string }

// Node is a running process of all roles.
type Node struct {
	opts      Options
	log       *slog.Logger
	clock     clock.Clock
	fs        vfs.FS
	registry  *prometheus.Registry
	functions *function.Registry
	closers   []func() error // in order of opening
	group     *lifecycle.Group
	slots     *sched.Slots
	disk      *coldio.Pool
	memory    *memory.Accountant
	offheap   *offheap.Allocator

	store      *etcd.Store
	tables     *tables.Cache
	server     *server.Server
	controller *controller.Controller
	broker     *broker.Broker
	listeners  struct{ controller, postgres, broker, server net.Listener }
}

// Start opens everything and begins to serve. ctx ends the node, as Stop does. On error what was opened is closed again.
func Start(ctx context.Context, opts Options) (n *Node, err error) {
	made := &Node{opts: opts, log: opts.Logger, clock: clock.Real{}, fs: opts.FS, registry: prometheus.NewRegistry(), functions: builtin.Registry()}
	if made.fs == nil {
		made.fs = vfs.OS()
	}
	made.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	defer func() {
		if err != nil {
			err = errors.Join(err, made.close())
		}
	}()
	for _, step := range []func(context.Context) error{made.lock, made.makeSlots, made.makeMemory, made.listen, made.openStore, made.makeServer, made.makeBroker, made.serve} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return made, nil
}

func (n *Node) onClose(f func() error) { n.closers = append(n.closers, f) }

func (n *Node) dir(parts ...string) string {
	return filepath.Join(append([]string{n.opts.Config.DataDir}, parts...)...)
}

// lock makes the data directory this process's own.
func (n *Node) lock(context.Context) error {
	if err := n.fs.MkdirAll(n.dir()); err != nil {
		return fmt.Errorf("cannot make data_dir %s: %w", n.dir(), err)
	}
	lock, err := n.fs.Lock(n.dir("lock"))
	if err != nil {
		return fmt.Errorf("data_dir %s is in use by another process: stop it, or choose another with --data-dir: %w", n.dir(), err)
	}
	n.onClose(lock.Close)
	return nil
}

func (n *Node) listen(context.Context) error {
	c := n.opts.Config
	for _, p := range []struct {
		setting string
		port    int
		into    *net.Listener
	}{{"controller.http_port", c.Controller.HTTPPort, &n.listeners.controller}, {"broker.postgres_port", c.Broker.PostgresPort, &n.listeners.postgres},
		{"broker.http_port", c.Broker.HTTPPort, &n.listeners.broker}, {"server.http_port", c.Server.HTTPPort, &n.listeners.server}} {
		l, err := listen(p.setting, c.Addr(p.port))
		if err != nil {
			return err
		}
		*p.into = l
		n.onClose(func() error {
			if err := l.Close(); !errors.Is(err, net.ErrClosed) {
				return err
			}
			return nil
		})
	}
	return nil
}

func (n *Node) openStore(ctx context.Context) error {
	c := n.opts.Config.Cluster
	cfg := etcd.Config{Endpoints: c.Endpoints, Prefix: c.Prefix, Logger: n.log}
	if len(c.Endpoints) == 0 {
		cfg.Dir = n.dir("cluster")
	}
	store, err := etcd.Open(ctx, cfg)
	if err != nil {
		return fmt.Errorf("cannot open the cluster store: %w", err)
	}
	n.store = store
	n.onClose(store.Close)
	n.tables = tables.New(store, n.clock, n.log)
	if _, err := n.tables.Load(ctx); err != nil {
		return err
	}
	return nil
}

// instanceID names this data directory in the cluster, over restarts.
func (n *Node) instanceID() (string, error) {
	path := n.dir("instance")
	if f, err := n.fs.Open(path); err == nil {
		id, err := io.ReadAll(io.LimitReader(f, 256))
		if err = errors.Join(err, f.Close()); err != nil {
			return "", fmt.Errorf("cannot read %s: %w", path, err)
		}
		if text := strings.TrimSpace(string(id)); text != "" {
			return text, nil
		}
	}
	var random [6]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", err
	}
	id := "Server_" + hex.EncodeToString(random[:])
	f, err := n.fs.Create(path)
	if err != nil {
		return "", fmt.Errorf("cannot write %s: %w", path, err)
	}
	_, err = f.Write([]byte(id + "\n"))
	if err = errors.Join(err, f.Sync(), f.Close(), n.fs.SyncDir(n.dir())); err != nil {
		return "", fmt.Errorf("cannot write %s: %w", path, err)
	}
	return id, nil
}

func (n *Node) makeServer(ctx context.Context) error {
	c := n.opts.Config.Server
	bucket, err := fs.New(n.fs, n.dir("deepstore"), n.clock)
	if err != nil {
		return err
	}
	id, err := n.instanceID()
	if err != nil {
		return err
	}
	stream := kafka.Options{FS: n.fs, Clock: n.clock, Logger: n.log}
	streams := n.opts.Streams
	if streams == nil {
		streams = func(t *catalog.Table) (ingest.Stream, error) { return kafka.Open(t, stream) }
	}
	n.server, err = server.New(server.Config{Instance: id, Roles: []string{"controller", "broker", "server"}, Build: n.opts.Version,
		Addresses: map[string]string{"http": n.listeners.server.Addr().String(), "postgres": n.listeners.postgres.Addr().String()},
		DataDir:   n.dir("server"), FS: n.fs, Store: n.store, Bucket: bucket, Clock: n.clock, Logger: n.log, Registerer: n.registry, Hooks: n.opts.Hooks,
		Streams:     streams,
		DeadLetters: func(t *catalog.Table) (ingest.DeadLetters, func(), error) { return kafka.OpenDeadLetters(t, stream) },
		Transforms: func(s *catalog.Schema, t *catalog.Table) (ingest.Transformer, error) {
			return transform.Compile(s, t, n.functions)
		},
		DiscoverEvery: c.DiscoveryInterval, MaintainEvery: c.RetentionInterval, MaxFrozenBytes: config.Size(c.FrozenLimit), Disk: n.disk, Memory: n.memory, Allocator: n.offheap})
	if err != nil {
		return err
	}
	n.onClose(n.server.Close)
	return n.server.Start(ctx)
}

// tableCatalog is the snapshot of tables as the broker wants it.
type tableCatalog struct{ cache *tables.Cache }

// Schema implements broker.Catalog.
func (t tableCatalog) Schema(name string) (*catalog.Schema, *catalog.Table, bool) {
	e, ok := t.cache.Lookup(name)
	if !ok || e.Table.Name != name {
		return nil, nil, false
	}
	return e.Schema, e.Table, true
}

// Revision implements broker.Revisioned.
func (t tableCatalog) Revision() int64 { return t.cache.Revision() }

// Names implements broker.Catalog.
func (t tableCatalog) Names() []string { return t.cache.Names() }

func (n *Node) makeBroker(context.Context) error {
	c := n.opts.Config
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	n.broker, err = broker.New(broker.Config{Leaves: n.server, Catalog: tableCatalog{n.tables}, Functions: n.functions, Storage: storage{n.server}, Clock: n.clock, Logger: n.log,
		Registerer: n.registry, Version: n.opts.Version, ID: fmt.Sprintf("Broker_%s_%d", host, port(n.listeners.broker)),
		QueryTimeout: c.Broker.QueryTimeout, WireTimeout: c.Broker.QueryTimeout, MaxQueries: c.Broker.MaxQueries, MaxResultRows: c.Broker.MaxResultRows,
		QueryMemory: config.Size(c.Broker.QueryMemory), PlanCacheBytes: config.Size(c.Broker.PlanCache), Workers: c.Server.Workers, Slots: n.slots, Memory: n.memory, MaxConnections: c.Broker.MaxConnections, PinotNulls: c.Broker.PinotNullDefault})
	if err != nil {
		return err
	}
	check := func(s *catalog.Schema, t *catalog.Table) error {
		_, err := transform.Compile(s, t, n.functions)
		return err
	}
	seen := func(ctx context.Context) error {
		_, err := n.tables.Load(ctx)
		n.group.Go("catalog", n.broker.Warm) // the rows of the new tables
		return err
	}
	n.controller = controller.New(n.store, check, seen, n.clock, n.log)
	return nil
}

func port(l net.Listener) int {
	if a, ok := l.Addr().(*net.TCPAddr); ok {
		return a.Port
	}
	return 0
}

// serve starts the endpoints.
func (n *Node) serve(ctx context.Context) error {
	c := n.opts.Config
	query, err := httpapi.New(httpapi.Config{Backend: n.broker, Memory: n.memory.Account(memory.Responses), Logger: n.log, Clock: n.clock})
	if err != nil {
		return err
	}
	postgres, err := pgwire.New(pgwire.Config{Backend: n.broker, Logger: n.log, Clock: n.clock, Registerer: n.registry, MaxConnections: c.Broker.MaxConnections})
	if err != nil {
		return err
	}
	host, _, err := net.SplitHostPort(n.listeners.broker.Addr().String())
	if err != nil {
		return err
	}
	admin := adminapi.New(adminapi.Config{Controller: n.controller, Ingestion: ingestion{n.server}, SQL: asQuery(query), Version: n.opts.Version, Log: n.log,
		Self: adminapi.Node{Host: host, ControllerPort: port(n.listeners.controller), BrokerPort: port(n.listeners.broker), ServerHTTPPort: port(n.listeners.server)}})
	n.group = lifecycle.NewGroup(ctx)
	n.onClose(n.group.Stop)
	n.group.Go("table cache", n.tables.Run)
	n.group.Go("catalog", n.broker.Warm)
	n.group.Go("heap limit", n.limitHeap)
	ready := func() []string { _, reasons := n.server.Ready(); return reasons }
	serveHTTP(n.group, "controller", n.listeners.controller, withHealth(admin, n.registry, ready), n.log)
	serveHTTP(n.group, "broker", n.listeners.broker, withHealth(query, n.registry, ready), n.log)
	var profiled http.Handler
	if c.Server.Profiles {
		profiled = profiles()
	}
	serveHTTP(n.group, "server", n.listeners.server, withHealth(profiled, n.registry, ready), n.log)
	n.group.Go("postgres", func(ctx context.Context) error { return postgres.Serve(ctx, n.listeners.postgres) })
	return nil
}

// Addrs gives the addresses that the node listens on.
func (n *Node) Addrs() Addrs {
	l := n.listeners
	return Addrs{Controller: l.controller.Addr().String(), Postgres: l.postgres.Addr().String(), BrokerHTTP: l.broker.Addr().String(), ServerHTTP: l.server.Addr().String()}
}

// Broker gives the broker, for callers in the same process.
func (n *Node) Broker() *broker.Broker { return n.broker }

// Controller gives the controller, for callers in the same process.
func (n *Node) Controller() *controller.Controller { return n.controller }

// Ready tells whether every table has caught up with what its topic held at start; if not, why.
func (n *Node) Ready() (bool, []string) { return n.server.Ready() }

// Wait blocks until the node's context ends or an endpoint fails, then stops.
func (n *Node) Wait() error {
	<-n.group.Context().Done()
	began := n.clock.Now()
	err := n.close()
	n.log.Info("stopped", "after", n.clock.Now().Sub(began).Round(time.Millisecond))
	return err
}

// Stop stops the node and gives everything back.
func (n *Node) Stop() error { return n.close() }

// close runs the closers in reverse, once.
func (n *Node) close() error {
	var all []error
	for i := len(n.closers) - 1; i >= 0; i-- {
		all = append(all, n.closers[i]())
	}
	n.closers = nil
	return errors.Join(all...)
}
