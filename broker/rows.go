package broker

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/lifecycle"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/bind"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/result"
	"github.com/freshetdb/freshet/query/sql"
)

// rows is a running query: the engine's rows with a slot, a deadline, an entry in the registry and limits. It implements
// result.Rows and endpoint.Suspender.
type rows struct {
	s       *Session
	id      string
	columns []result.Column
	outputs []bind.Output
	table   string      // "" for a SELECT without FROM
	notices []string    // of the table
	inner   result.Rows // nil until it runs
	ctx     context.Context
	cancel  context.CancelCauseFunc
	started time.Time
	timeout time.Duration // 0: none
	unwatch func()
	// snapshot holds the tables; nil until it runs.
	snapshot exec.Snapshot
	// admitted: the query holds a slot of admission.
	admitted bool
	maxRows  int64 // 0: no limit
	count    int64
	outcome  error // why it ended early
	closed   bool
	shown    vec.Batch // the batch with the types that the client was told
}

var (
	_ result.Rows        = (*rows)(nil)
	_ endpoint.Suspender = (*rows)(nil)
)

// watch starts the clock of the deadline; it stops by unwatch.
func (r *rows) watch() {
	if r.timeout <= 0 {
		r.unwatch = func() {}
		return
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(r.ctx), r.timeout)
	unhook := context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			r.cancel(endpoint.Timeout())
		}
	})
	r.unwatch = sync.OnceFunc(func() {
		unhook()
		stop()
	})
}

// Columns implements result.Rows.
func (r *rows) Columns() []result.Column { return r.columns }

// Next implements result.Rows.
func (r *rows) Next(ctx context.Context) (*vec.Batch, error) {
	if r.closed {
		return nil, errs.Bug("Next after Close")
	}
	if err := ctx.Err(); err != nil {
		r.outcome = endOf(ctx)
		return nil, r.outcome
	}
	var batch *vec.Batch
	err := lifecycle.Guard("query", func() (err error) {
		batch, err = r.inner.Next(r.ctx)
		return err
	})
	if err != nil {
		r.outcome = r.translate(err)
		return nil, r.outcome
	}
	if batch == nil {
		return nil, nil
	}
	r.count += int64(batch.Rows)
	if r.maxRows > 0 && r.count > r.maxRows {
		r.outcome = errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "result has more than %d rows", r.maxRows).
			WithHint("Add a LIMIT, or raise the bound with SET %s (0 for the default) or broker.max_result_rows.", optMaxRows)
		return nil, r.outcome
	}
	return r.show(batch), nil
}

// show gives the batch the types that the client was told: on Pinot HTTP a computed timestamp is a LONG.
func (r *rows) show(b *vec.Batch) *vec.Batch {
	if r.s.dialect != sql.HTTP || len(r.columns) != len(b.Cols) {
		return b
	}
	var changed bool
	for i, c := range r.columns {
		changed = changed || c.Type != b.Cols[i].Type && c.Type == catalog.Long && r.outputs[i].TimeCall
	}
	if !changed {
		return b
	}
	r.shown.Rows = b.Rows
	r.shown.Cols = append(r.shown.Cols[:0], b.Cols...)
	for i, c := range r.columns {
		if c.Type != b.Cols[i].Type && r.outputs[i].TimeCall {
			v := *b.Cols[i] // both are 64-bit integers: only the name of the type differs
			v.Type = c.Type
			r.shown.Cols[i] = &v
		}
	}
	return &r.shown
}

// translate says why the query ended where the engine only knows that its context did.
func (r *rows) translate(err error) error {
	var e *errs.Error
	if r.ctx.Err() != nil && (!errors.As(err, &e) || e.Class == errs.ClassCancelled || errors.Is(err, context.Canceled)) {
		return endOf(r.ctx)
	}
	return err
}

// Stats implements result.Rows.
func (r *rows) Stats() *result.Stats {
	if r.inner == nil {
		return &result.Stats{}
	}
	st := r.inner.Stats()
	if r.table != "" && st.ServersQueried == 0 {
		// The one leaf was answered, else there would be no rows. Clients refuse a result without these.
		st.ServersQueried, st.ServersResponded = 1, 1
	}
	if r.table != "" && len(st.Tables) == 0 {
		st.Tables = []string{r.table}
	}
	st.Missing = r.snapshot.Missing()
	return st
}

// Notices implements result.Rows.
func (r *rows) Notices() []string {
	if r.inner == nil {
		return nil
	}
	return append(r.notices, r.inner.Notices()...)
}

// Suspend implements endpoint.Suspender.
func (r *rows) Suspend() {
	r.unwatch()
	r.leave()
	r.s.b.registry.suspend(r.id, true)
}

// Resume implements endpoint.Suspender.
func (r *rows) Resume(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return endOf(ctx)
	}
	if r.closed || r.admitted {
		return nil
	}
	r.s.b.registry.suspend(r.id, false)
	r.watch()
	if err := r.s.b.admission.enter(r.ctx); err != nil {
		r.outcome = r.translate(err)
		return r.outcome
	}
	r.admitted = true
	return nil
}

func (r *rows) leave() {
	if r.admitted {
		r.admitted = false
		r.s.b.admission.leave()
	}
}

// Close implements result.Rows.
func (r *rows) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	var err error
	groups := false
	if r.inner != nil {
		groups = r.inner.Stats().GroupsLimitReached
		err = lifecycle.Guard("query close", r.inner.Close)
	}
	if r.snapshot != nil {
		r.snapshot.Close()
	}
	r.unwatch()
	r.cancel(nil)
	r.leave()
	b := r.s.b
	b.registry.end(r.id)
	dialect := "wire"
	if r.s.dialect == sql.HTTP {
		dialect = "http"
	}
	outcome := "ok"
	if r.outcome != nil {
		outcome = errs.ClassOf(r.outcome).String()
	}
	b.metrics.running.Dec()
	if limit := limitOf(r.outcome, groups); limit != "" {
		b.metrics.limits.WithLabelValues(limit).Inc()
	}
	b.metrics.queries.WithLabelValues(dialect, outcome).Inc()
	b.metrics.seconds.WithLabelValues(dialect).Observe(b.cfg.Clock.Now().Sub(r.started).Seconds())
	b.metrics.rows.Add(float64(r.count))
	return err
}
