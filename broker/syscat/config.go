package syscat

import (
	"context"
	"time"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/query/function"
)

// Config is what the relations tell about.
type Config struct {
	Tables Tables
	// Storage knows rows, segments and partitions; nil: unknown.
	Storage Storage
	// Activity knows sessions and queries; nil: there are none.
	Activity Activity
	// Registry is the functions that pg_proc and freshet.functions list; nil lists none.
	Registry *function.Registry
	// Scalars and Aggregates describe the registry's functions for freshet.functions.
	Scalars    []function.Scalar
	Aggregates []function.Aggregate
	Clock      clock.Clock // nil: the machine's
	Started    time.Time   // of the server; zero: when the catalog was made
}

// Table is one table.
type Table struct {
	Schema *catalog.Schema
	Config *catalog.Table
}

// Tables gives the tables as they are now, in any order; entries of a table that did not change have the same pointers.
// Safe for concurrent use.
type Tables interface {
	Tables() []Table
}

// Lister is how the broker knows tables.
type Lister interface {
	Schema(name string) (*catalog.Schema, *catalog.Table, bool)
	Names() []string
}

// ListTables gives a Lister's tables.
func ListTables(l Lister) Tables { return listed{l} }

type listed struct{ Lister }

// Tables implements Tables.
func (l listed) Tables() []Table {
	names := l.Names()
	out := make([]Table, 0, len(names))
	for _, name := range names {
		if s, t, ok := l.Schema(name); ok {
			out = append(out, Table{Schema: s, Config: t})
		}
	}
	return out
}

// Storage knows what tables hold. Safe for concurrent use.
type Storage interface {
	// Size gives a table's rows and bytes; -1 is unknown.
	Size(ctx context.Context, table string) (rows, bytes int64)
	// Segments lists a table's segments, by partition and sequence.
	Segments(ctx context.Context, table string) ([]Segment, error)
	// Partitions lists a table's partitions in order.
	Partitions(ctx context.Context, table string) ([]Partition, error)
	// Status says in a word how a table is (READY, LOADING, PAUSED, ERROR) and why.
	Status(table string) (state, reason string)
}

// Segment is one segment of a table. Times are UTC milliseconds.
type Segment struct {
	Name, Status          string
	Partition             int32
	Sequence, StartOffset int64
	EndOffset             int64 // -1 while it is consumed
	Rows, Bytes           int64
	MinMillis, MaxMillis  int64
	HasTime               bool
	CreatedMillis         int64
}

// Partition is one stream partition of a table. Offsets, lags and times are -1 where they are not known.
type Partition struct {
	Partition      int32
	State, Reason  string
	Segment        string // consuming segment
	Segments       int    // of all states
	StartOffset    int64  // of the consuming segment
	NextOffset     int64  // after the last record whose rows are visible
	HighWatermark  int64
	LagOffsets     int64 // records between the two
	LagMillis      int64
	Rows           int64
	ConsumedMillis int64 // when the last record was consumed
	NewestMillis   int64 // newest event time
}

// Activity knows what goes on. Safe for concurrent use.
type Activity interface {
	Sessions() []SessionInfo
	Queries() []endpoint.QueryInfo
}

// SessionInfo describes an open session.
type SessionInfo struct {
	PID                                 int32
	User, Database, Application, Remote string
	Protocol                            string // wire or http
	Started                             time.Time
}

// Setting is a parameter of SET and SHOW.
type Setting struct {
	Name, Value, About string
	Initial            string // what the server starts sessions with
	Reset              string // what RESET goes back to
	Fixed              bool   // cannot be set
}

// Session is who asks. A scan or a function calls it on the session's own goroutine.
type Session interface {
	Info() SessionInfo
	// Settings lists all settings in any order.
	Settings() []Setting
}
