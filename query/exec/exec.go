// Package exec runs physical plans: leaves over the views of pinned partition versions, and the root that merges
// their results.
//
// A leaf works in morsels, slices of up to 16 blocks of one segment, handed out by a scheduler to workers that each
// keep all state of their own (scratch vectors, group tables, top-n buffers); states are merged once at the end. Per
// block a worker asks metadata first (none, all or some rows can pass), then evaluates the conjuncts of the filter
// from the cheapest on into one bitmap, and only then touches the columns that the output needs, at the rows that
// are left.
//
// Goroutines: a LeafResult of rows may own workers; they end with Close, with the context or with the last row.
// Aggregation and top-n have finished their workers when RunLeaf returns. Locks: scheduler.mu protects the hand-out of
// morsels, rowStream.mu the reorder window between workers and the reader; neither is held while evaluating.
package exec

import (
	"context"
	"sync/atomic"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/coldio"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/memory"
	"github.com/freshetdb/freshet/internal/sched"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/query/result"
	"github.com/freshetdb/freshet/segment"
)

// Env is what one execution of a statement may depend on. It is shared by the leaves and the root of the statement and
// may not be copied once used. The deadline and cancellation are those of the context.
type Env struct {
	// NowMillis is the statement's time, UTC milliseconds.
	NowMillis int64
	// IEEEDivision: x/0 is an infinity or NaN instead of error 22012.
	IEEEDivision bool
	// PinotNulls: NULL cells read as the schema's default; IS NULL still tells them.
	PinotNulls bool
	// Workers is the number of threads of one leaf; below 1 means 1.
	Workers int
	// MemoryLimit bounds what the statement's operators hold, in bytes; 0 is no limit.
	MemoryLimit int64
	// Memory is what all statements of the process draw from; the zero value is no limit.
	Memory memory.Account
	// NumGroupsLimit bounds the groups of one leaf; rows of further groups are dropped and Stats say so. 0 is no limit.
	NumGroupsLimit int
	// GroupsError makes an error of a reached NumGroupsLimit.
	GroupsError bool
	// CPU is the hold of the goroutine that runs the statement, nil where processor slots do not count. Workers have holds of
	// the same task.
	CPU *sched.Hold
	// Disk brings cold data into memory before it is read; nil: reading waits for page faults.
	Disk *coldio.Pool
	// HostName is the value of $hostName.
	HostName string
	// Stats, if set, receives the statistics of the statement from RunRoot's result.
	Stats *result.Stats
	// Clock measures EXPLAIN ANALYZE; nil measures nothing.
	Clock clock.Clock

	// Leaves runs a leaf where the rows are, for plans with several leaves and for sub-queries. The rows of one table are
	// those of one moment in all its leaves.
	Leaves func(ctx context.Context, leaf *physical.Leaf) (LeafResult, error)
	// Relations reads catalog relations; nil where there are none.
	Relations Relations

	// shared are the rows of Shared nodes, from Prepare to the end of RunRoot's result.
	shared map[int]*once
	lists  account // constants that Prepare made of sub-queries

	cold atomic.Int64 // bytes that were asked of Disk
	used atomic.Int64
	peak atomic.Int64
	tune tuning
}

// releaseShared gives back what the parts of the statement shared.
func (e *Env) releaseShared() {
	for _, o := range e.shared {
		o.close()
	}
	e.shared = nil
	e.lists.release()
}

// Relations reads catalog relations. Safe for concurrent use.
type Relations interface {
	// Scan gives all rows of a relation, only the columns at the given positions, in their order, as flat or constant
	// batches of at most vec.BlockRows rows. They are immutable and stay valid.
	Scan(ctx context.Context, schema, name string, columns []int) ([]*vec.Batch, error)
}

// tuning is what tests change so that small data takes the ways of large data. Zero is the default of each.
type tuning struct {
	parallelRows  int64 // estimate from which on a second worker runs
	morselBlocks  int
	partitionRows int64 // rows from which on a grouping is partitioned, however narrow its keys are
	batchRows     int   // rows of the root's batches
}

// PeakMemory is the largest number of bytes that the statement's operators held at once.
func (e *Env) PeakMemory() int64 { return e.peak.Load() }

// take adds n bytes (negative: gives back) to what the statement holds, for operator.
func (e *Env) take(operator string, n int64) error {
	used, process := e.used.Add(n), e.Memory.Take(operator, n)
	for {
		p := e.peak.Load()
		if used <= p || e.peak.CompareAndSwap(p, used) {
			break
		}
	}
	if n > 0 && e.MemoryLimit > 0 && used > e.MemoryLimit {
		return errs.New(errs.ClassExhausted, errs.OutOfMemory, "out of memory: %s needs more than the query's budget of %d bytes",
			operator, e.MemoryLimit).WithHint("Narrow the query, or raise broker.query_memory.")
	}
	return process
}

// workers is the number of threads for a leaf that expects rows rows, of which a second one wants threshold at least.
func (e *Env) workers(rows, threshold int64) int {
	n := max(e.Workers, 1)
	if e.tune.parallelRows > 0 {
		threshold = e.tune.parallelRows
	}
	if rows < threshold {
		return 1
	}
	return int(min(int64(n), max(1, 2*rows/threshold)))
}

// From so many rows on a second worker pays. To wake it takes the first one 30 us, and it comes 100 us later.
const (
	parallelRows = 128 << 10
	// countingRows is for rows that are only counted, at some 0.05 ns for each and condition.
	countingRows = 8 << 20
)

func (e *Env) evalContext(ctx context.Context) *function.EvalContext {
	ec := e.laterContext()
	ec.Ctx = ctx
	return ec
}

// laterContext has no context.Context yet: an operator of the root sets that of each call.
func (e *Env) laterContext() *function.EvalContext {
	return &function.EvalContext{NowMillis: e.NowMillis, IEEEDivision: e.IEEEDivision}
}

// account is the memory of one operator of one worker: it tells the statement about changes only.
type account struct {
	env      *Env
	operator string
	held     int64
}

// set says that the operator holds n bytes now.
func (a *account) set(n int64) error {
	d := n - a.held
	if d == 0 {
		return nil
	}
	a.held = n
	return a.env.take(a.operator, d)
}

// release gives everything back.
func (a *account) release() {
	if a.held != 0 && a.env != nil {
		a.env.used.Add(-a.held)
		a.env.Memory.Add(-a.held)
		a.held = 0
	}
}

// Source is the rows of one leaf: the views of pinned versions, partition by partition in order.
type Source struct {
	Schema *catalog.Schema
	Views  []segment.View
	// Bounds gives the bounds of a stored column in each of Views, never nil; nil where nothing keeps them.
	Bounds func(column string) *segment.Bounds
	// TotalRows is the rows of the table that the leaf stands for, before any pruning.
	TotalRows int64
}

// LeafResult is what a leaf gives: the state of an aggregation, or a stream of rows. Not safe for concurrent use.
type LeafResult interface {
	// Next gives the next batch of rows, nil at the end; valid until the next call. The batch may alias pinned
	// segments. For an aggregation Next gives nothing: its state is in Groups.
	Next(ctx context.Context) (*vec.Batch, error)
	// Groups is the state of an aggregation, nil for rows.
	Groups() *Groups
	// Stats are the leaf's statistics, complete once Next returned nil.
	Stats() *result.Stats
	// Close ends workers and gives memory back. Idempotent.
	Close() error
}

// Snapshot runs the leaves of one statement: they see each table as it was when the first of them read it.
type Snapshot interface {
	// Execute runs a leaf. Its result has to be closed before the snapshot is.
	Execute(ctx context.Context, env *Env, leaf *physical.Leaf) (LeafResult, error)
	// Missing says which rows of the tables read so far are in no answer, a sentence for each damaged segment. It is
	// about the very versions that the leaves read, and may be asked after Close.
	Missing() []string
	// Close releases the tables. Idempotent.
	Close()
}

// OnClose adds a function that Close of r calls once, after r itself is closed: the server releases its pins there.
func OnClose(r LeafResult, release func()) LeafResult {
	return &closing{LeafResult: r, release: release}
}

type closing struct {
	LeafResult
	release func()
}

// Close implements LeafResult.
func (c *closing) Close() error {
	err := c.LeafResult.Close()
	if c.release != nil {
		c.release()
		c.release = nil
	}
	return err
}

// RunLeaf runs leaf over src. Aggregations and top-n are complete when it returns; rows are computed as they are read,
// with bounded read-ahead. The views of src must stay pinned until the result is closed.
func RunLeaf(ctx context.Context, env *Env, leaf *physical.Leaf, src Source) (r LeafResult, err error) {
	if err := ctx.Err(); err != nil {
		return nil, ctxError(ctx)
	}
	err = env.onSlot(ctx, func(ctx context.Context) error {
		r, err = runLeaf(ctx, env, leaf, src)
		return err
	})
	return r, err
}

func runLeaf(ctx context.Context, env *Env, leaf *physical.Leaf, src Source) (LeafResult, error) {
	s, err := compileLeaf(ctx, env, leaf, src)
	if err != nil {
		return nil, err
	}
	switch leaf.Kind {
	case physical.LeafAggregate:
		return runAggregate(ctx, s)
	case physical.LeafTopN:
		return runTopN(ctx, s)
	case physical.LeafRows:
		return runRows(ctx, s)
	default:
		return nil, errs.Bug("exec.RunLeaf: leaf kind %d", leaf.Kind)
	}
}

// ctxError translates the end of a context.
func ctxError(ctx context.Context) error {
	cause := context.Cause(ctx)
	if e := (*errs.Error)(nil); errorAs(cause, &e) {
		return e
	}
	if ctx.Err() == context.DeadlineExceeded {
		return errs.New(errs.ClassCancelled, errs.QueryCanceled, "canceling statement due to statement timeout").Wrap(cause)
	}
	return errs.New(errs.ClassCancelled, errs.QueryCanceled, "canceling statement due to user request").Wrap(cause)
}
