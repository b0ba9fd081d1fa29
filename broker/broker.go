// Package broker turns SQL text into running queries: sessions with settings and transaction state, statements that are
// parsed, bound, planned, admitted and run, their deadlines, cancellation, limits and metrics. The protocols that
// clients speak are in broker/pgwire and broker/httpapi, behind the contract of broker/endpoint.
//
// Concurrency: a Broker is shared, a Session belongs to one client at a time. Locks: registry.mu protects the lists of
// sessions and queries; nothing is called while it is held but context cancellation.
package broker

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/broker/syscat"
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/memory"
	"github.com/freshetdb/freshet/internal/sched"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/builtin"
)

// LeafService runs the leaves of a plan where the rows are. In one process it is *server.Server.
type LeafService interface {
	// Snapshot begins a statement, all of whose leaves see each table at one moment.
	Snapshot() exec.Snapshot
}

// Noticer is what a LeafService may also implement: what a query of a table should know about its rows, such as that
// they are not caught up.
type Noticer interface {
	Notices(table string) []string
}

// Catalog knows the tables. Safe for concurrent use; what it gives is immutable.
type Catalog interface {
	// Schema finds a table by its exact name.
	Schema(name string) (*catalog.Schema, *catalog.Table, bool)
	// Names lists all tables.
	Names() []string
}

// Revisioned is what a Catalog may also implement; the broker then keeps plans. Revision grows with every change of any
// table, before the change shows.
type Revisioned interface{ Revision() int64 }

// Config has the broker's parts and limits. Leaves, Catalog and Functions are required; zero limits become defaults.
type Config struct {
	Leaves     LeafService
	Catalog    Catalog
	Functions  *function.Registry
	Storage    syscat.Storage        // what tables hold, for the catalog; nil: not known
	Clock      clock.Clock           // nil: the machine's
	Logger     *slog.Logger          // nil: silent
	Registerer prometheus.Registerer // nil: metrics are not registered
	Random     io.Reader             // cancel secrets; nil: the system's

	// Version is Freshet's own, as version() shows it.
	Version string
	// ID names this broker in results and query ids.
	ID string

	// QueryTimeout is the deadline of a query that states none: for HTTP clients, and where WireTimeout is not 0 that for
	// wire clients.
	QueryTimeout, WireTimeout time.Duration
	// MaxQueries run at once; MaxQueued more wait, at most QueueTimeout.
	MaxQueries, MaxQueued int
	QueueTimeout          time.Duration
	// MaxResultRows bounds results without LIMIT over the wire.
	MaxResultRows int64
	// QueryMemory bounds the bytes of one query's operators.
	QueryMemory int64
	// PlanCacheBytes bounds the parsed and planned statements that are kept, as estimated; negative keeps none.
	PlanCacheBytes int64
	// Workers is the number of threads of one query on one server; 0: one per slot.
	Workers int
	// MaxConnections is the limit of the wire endpoint, for SHOW max_connections: the endpoint enforces it.
	MaxConnections int
	// Memory is what queries, their responses and the plan cache draw from; nil: only each query's own budget counts.
	Memory *memory.Accountant
	// Slots are the processor slots that queries of tables share; nil: every query runs as it likes.
	Slots *sched.Slots
	// NumGroupsLimit bounds groups where Pinot clients state nothing; 0 is no limit.
	NumGroupsLimit int
	// PinotNulls: queries read default values instead of NULL unless they say otherwise.
	PinotNulls bool
}

// Defaults of Config.
const (
	DefaultQueryTimeout  = 10 * time.Second
	DefaultMaxQueries    = 64
	DefaultMaxQueued     = 256
	DefaultQueueTimeout  = 10 * time.Second
	DefaultMaxResultRows = 1_000_000
	DefaultQueryMemory   = 1 << 30
)

func (c Config) withDefaults() (Config, error) {
	if c.Leaves == nil || c.Catalog == nil || c.Functions == nil {
		return c, errs.Bug("broker.Config needs Leaves, Catalog and Functions")
	}
	negative := c.MaxConnections < 0 || c.MaxQueries < 0 || c.MaxQueued < 0 || c.MaxResultRows < 0 || c.QueryMemory < 0 || c.QueryTimeout < 0 ||
		c.WireTimeout < 0 || c.QueueTimeout < 0 || c.NumGroupsLimit < 0
	if negative {
		return c, fmt.Errorf("broker: limits have to be positive, or 0 for the default: %+v", c)
	}
	if c.Clock == nil {
		c.Clock = clock.Real{}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.ID == "" {
		c.ID = "Broker"
	}
	c.QueryTimeout = orDefault(c.QueryTimeout, DefaultQueryTimeout)
	c.MaxConnections = orDefault(c.MaxConnections, endpoint.DefaultMaxConnections)
	c.MaxQueries = orDefault(c.MaxQueries, DefaultMaxQueries)
	c.MaxQueued = orDefault(c.MaxQueued, DefaultMaxQueued)
	c.QueueTimeout = orDefault(c.QueueTimeout, DefaultQueueTimeout)
	c.MaxResultRows = orDefault(c.MaxResultRows, DefaultMaxResultRows)
	c.QueryMemory = orDefault(c.QueryMemory, DefaultQueryMemory)
	c.PlanCacheBytes = orDefault(c.PlanCacheBytes, DefaultPlanCacheBytes)
	c.Workers = orDefault(orDefault(c.Workers, c.Slots.Size()), runtime.GOMAXPROCS(0))
	return c, nil
}

func orDefault[T comparable](x, def T) T {
	var zero T
	if x == zero {
		return def
	}
	return x
}

// Broker prepares and runs statements for sessions. Safe for concurrent use.
type Broker struct {
	cfg       Config
	registry  *registry
	admission *admission
	metrics   *metrics
	settings  settingTable
	catalog   *syscat.Catalog
	functions map[string]sessionFunction
	names     []string // canonical, of all functions of a session
	plans     *planCache
	revisions Revisioned // nil: plans are not kept
}

// New makes a broker.
func New(cfg Config) (*Broker, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	m, err := newMetrics(cfg.Registerer)
	if err != nil {
		return nil, fmt.Errorf("broker: register metrics: %w", err)
	}
	// Ids of queries of an earlier run of this broker must not name those of this one.
	prefix := fmt.Sprintf("%s_%x_", strings.ReplaceAll(cfg.ID, "/", "_"), cfg.Clock.Now().UnixMilli())
	b := &Broker{cfg: cfg, registry: newRegistry(prefix), metrics: m, admission: newAdmission(cfg, m), settings: newSettingTable(cfg.Version, cfg.MaxConnections)}
	b.catalog, err = syscat.New(syscat.Config{Tables: syscat.ListTables(cfg.Catalog), Storage: cfg.Storage, Activity: activity{b}, Registry: cfg.Functions,
		Scalars: builtin.Scalars(), Aggregates: builtin.Aggregates(), Clock: cfg.Clock, Started: cfg.Clock.Now()})
	if err != nil {
		return nil, fmt.Errorf("broker: %w", err)
	}
	b.plans = newPlanCache(cfg.PlanCacheBytes, m, cfg.Memory.Account(memory.Caches))
	cfg.Memory.OnShortage(b.plans.shrink)
	b.revisions, _ = cfg.Catalog.(Revisioned)
	b.functions = sessionFunctions()
	b.names = append(b.catalog.FunctionNames(), slices.Collect(maps.Keys(b.functions))...)
	return b, nil
}

// Warm reads the catalog's facts, which the first statements of clients would otherwise wait for.
func (b *Broker) Warm(ctx context.Context) error { return b.catalog.Warm(ctx) }

// ID names the broker in results.
func (b *Broker) ID() string { return b.cfg.ID }

// Open makes a session for an endpoint: NewSession as the contract's interface.
func (b *Broker) Open(ctx context.Context, cfg endpoint.SessionConfig) (endpoint.Session, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("open session: %w", err)
	}
	return b.NewSession(cfg)
}

func serverVersion(version string) string {
	return "15.0 (freshet " + orDefault(version, "dev") + ")"
}

// versionText is what version() gives. Clients read the PostgreSQL number in it.
func versionText(version string) string {
	arch := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	return fmt.Sprintf("PostgreSQL %s on %s-pc-%s-gnu, compiled by %s, 64-bit", serverVersion(version),
		orDefault(arch, runtime.GOARCH), runtime.GOOS, strings.SplitN(runtime.Version(), " ", 2)[0])
}
