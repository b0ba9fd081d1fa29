package broker

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/lifecycle"
	"github.com/freshetdb/freshet/internal/memory"
	"github.com/freshetdb/freshet/query/bind"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/query/result"
	"github.com/freshetdb/freshet/query/sql"
)

// query is a SELECT, or an EXPLAIN of one.
type query struct {
	s          *Session
	ast        *sql.Select
	explain    *sql.Explain // nil: run it
	text       string
	paramTypes []catalog.Type
	key        planKey // but for what the session has at the time
	bound      *binding
}

// binding is a bound query and what it was bound against.
type binding struct {
	query   *bind.Query
	plan    logical.Node   // optimized; parameters are still in it
	fixed   bool           // all executions run plan itself
	ready   *physical.Plan // of a fixed plan without sub-queries, else nil
	options options
	desc    endpoint.Description
	effects []func() error // of session functions, done when the statement runs
	table   *catalog.Table // the first table of the query, whose settings count; nil without one
	// personal: a function of the session was called, whose values or whose view of the catalog are the session's own.
	personal bool
	// Stale where one of these changed.
	versions   []version
	generation int
}

// version is a table as a query was bound against it.
type version struct {
	name   string
	schema *catalog.Schema
	table  *catalog.Table
}

// Bind implements endpoint.Statement.
func (q *query) Bind(context.Context) error {
	if err := q.s.checkUsable(); err != nil {
		return err
	}
	b, err := q.bind()
	if err != nil {
		return err
	}
	q.bound = b
	for _, text := range b.query.Notices {
		q.s.notice("%s", text)
	}
	return nil
}

// Describe implements endpoint.Statement.
func (q *query) Describe() endpoint.Description { return q.bound.desc }

// bind gives the query bound and planned, against the present settings and tables: a kept plan, or a new one.
func (q *query) bind() (*binding, error) {
	s := q.s
	if s.b.revisions == nil {
		return q.bindNew()
	}
	revision, key := s.b.revisions.Revision(), q.key
	key.settings = s.fingerprint()
	if kept := s.b.plans.plan(key, s, revision); kept != nil && kept.current(s.b.cfg.Catalog) {
		b := *kept
		b.generation, b.options.clientQueryID = s.settings.generation, s.clientQueryID(q.ast.Options)
		return &b, nil
	}
	b, err := q.bindNew()
	if err != nil {
		return nil, err
	}
	// A plan with effects is made anew each time. One over tables that changed meanwhile is of no revision.
	if len(b.effects) > 0 || s.b.revisions.Revision() != revision {
		return b, nil
	}
	if b.personal {
		if s.dialect == sql.HTTP {
			return b, nil // the session ends with the request
		}
		key.session, key.generation, s.kept = s, s.settings.generation, true
	}
	s.b.plans.keep(key, b, revision)
	return b, nil
}

// bindNew binds and plans the query.
func (q *query) bindNew() (*binding, error) {
	s := q.s
	opts, err := s.queryOptions(q.ast.Options)
	if err != nil {
		return nil, err
	}
	b := &binding{options: opts, generation: s.settings.generation}
	s.binding = b
	defer func() { s.binding = nil }()
	b.query, err = bind.Select(q.ast, bind.Config{Tables: tables{s.b.cfg.Catalog}, Relations: relations{s.b.catalog}, Functions: s.functions, Dialect: s.dialect,
		Options: s.settings.options(), ParamTypes: q.paramTypes,
		NowMillis: s.b.cfg.Clock.Now().UnixMilli(), IEEEDivision: opts.ieeeDivision, IntegerDivision: opts.integerDivision})
	if err != nil {
		return nil, err
	}
	node, err := logical.Plan(b.query)
	if err != nil {
		return nil, err
	}
	b.plan = logical.Optimize(node)
	if b.fixed = logical.Fixed(b.plan); b.fixed {
		ec := &function.EvalContext{Ctx: context.Background(), IEEEDivision: opts.ieeeDivision}
		if b.plan, err = logical.Instantiate(b.plan, nil, ec); err != nil {
			return nil, err
		}
		if b.ready, err = exec.PrepareOnce(b.plan); err != nil {
			return nil, err
		}
	}
	for _, name := range b.query.Tables {
		v := version{name: name}
		v.schema, v.table, _ = s.b.cfg.Catalog.Schema(name)
		b.versions = append(b.versions, v)
		if b.table == nil {
			b.table = v.table
		}
	}
	b.desc = endpoint.Description{Kind: endpoint.KindRows, Params: b.query.Params, ParamOIDs: b.query.ParamOIDs, Columns: s.outputColumns(b.query)}
	if q.explain != nil {
		b.desc.Columns = explainColumns(q.explain)
	}
	return b, nil
}

// outputColumns are the columns as the client sees them: on Pinot HTTP a time that a function computed is a LONG.
func (s *Session) outputColumns(q *bind.Query) []result.Column {
	out, oids := make([]result.Column, len(q.Outputs)), map[string]uint32{}
	for i, o := range q.Outputs {
		out[i] = result.Column{Name: o.Name, Type: o.Type, OID: o.OID, Table: o.Table, Attribute: o.Attribute}
		if o.Table != "" && s.dialect == sql.Wire {
			if _, known := oids[o.Table]; !known {
				oids[o.Table] = s.b.catalog.TableOID(o.Table)
			}
			out[i].TableOID = oids[o.Table]
		}
		if s.dialect == sql.HTTP && o.TimeCall && o.Type.Kind.IsTime() {
			out[i].Type.Kind = catalog.KindLong
		}
	}
	return out
}

// stale reports whether the query has to be bound again.
func (q *query) stale() bool {
	b := q.bound
	return b == nil || b.generation != q.s.settings.generation || !b.current(q.s.b.cfg.Catalog)
}

// current reports whether the tables are those that the query was bound against.
func (b *binding) current(c Catalog) bool {
	for _, v := range b.versions {
		schema, table, ok := c.Schema(v.name)
		if !ok || schema != v.schema || table != v.table {
			return false
		}
	}
	return true
}

// refresh binds again after a change. What the client was told about columns and parameters has to hold still.
func (q *query) refresh() error {
	if !q.stale() {
		return nil
	}
	b, err := q.bind()
	if err != nil {
		return err
	}
	if q.bound != nil {
		q.s.b.metrics.replans.Inc()
		sameColumns := slices.EqualFunc(b.desc.Columns, q.bound.desc.Columns, func(x, y result.Column) bool {
			return x.Name == y.Name && x.Type == y.Type
		})
		if !sameColumns || !slices.Equal(b.desc.Params, q.bound.desc.Params) {
			return endpoint.StalePlan()
		}
	}
	q.bound = b
	return nil
}

// Execute implements endpoint.Statement.
func (q *query) Execute(ctx context.Context, params []catalog.Value) (*endpoint.Execution, error) {
	s := q.s
	if err := s.checkUsable(); err != nil {
		return nil, err
	}
	if err := q.refresh(); err != nil {
		return nil, err
	}
	b := q.bound
	for _, effect := range b.effects {
		if err := effect(); err != nil {
			return nil, err
		}
	}
	now := s.b.cfg.Clock.Now()
	node, err := b.instantiate(ctx, params, now)
	if err != nil {
		return nil, err
	}
	if q.explain != nil && !q.explain.Analyze {
		lines, err := s.explain(ctx, b, node, now)
		return &endpoint.Execution{Tag: "EXPLAIN", Rows: explainRows(q.explain, b.desc.Columns, lines)}, err
	}
	rows, err := s.start(ctx, q, node, now)
	if err != nil {
		return nil, err
	}
	if q.explain != nil {
		lines, err := s.explain(ctx, b, node, now)
		if err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		analyzed, err := analyze(ctx, q.explain, b.desc.Columns, lines, rows)
		return &endpoint.Execution{Tag: "EXPLAIN", Rows: analyzed}, err
	}
	return &endpoint.Execution{ID: rows.id, Rows: rows, Tag: "SELECT", CountRows: true}, nil
}

// instantiate makes the plan of one execution; sub-queries are still in it.
func (b *binding) instantiate(ctx context.Context, params []catalog.Value, now time.Time) (logical.Node, error) {
	if b.fixed {
		return b.plan, nil
	}
	ec := &function.EvalContext{Ctx: ctx, NowMillis: now.UnixMilli(), IEEEDivision: b.options.ieeeDivision}
	return logical.Instantiate(b.plan, params, ec)
}

// start admits a planned query and runs it up to its first row.
func (s *Session) start(ctx context.Context, q *query, node logical.Node, now time.Time) (*rows, error) {
	b := q.bound
	r := &rows{s: s, columns: b.desc.Columns, outputs: b.query.Outputs, table: b.query.Table, started: now}
	if s.dialect == sql.Wire && q.ast.Limit == nil && !q.ast.LimitAll {
		r.maxRows = b.options.maxRows
	}
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	r.timeout = s.timeout(b)
	r.watch()
	application, _ := s.settings.get("application_name")
	r.id = s.b.registry.begin(endpoint.QueryInfo{ClientID: b.options.clientQueryID, PID: s.pid, SQL: q.text, User: s.cfg.User,
		Database: s.cfg.Database, Remote: s.cfg.Remote, Application: application, Started: r.started}, r.cancel)
	s.b.metrics.running.Inc()
	var err error
	if len(b.query.Tables) > 0 { // the catalog answers also when memory is short
		if err = s.b.cfg.Memory.Admit(); err != nil {
			s.b.metrics.rejected.Inc()
		}
	}
	if err == nil {
		err = s.b.admission.enter(r.ctx)
	}
	if err == nil {
		r.admitted = true
		err = lifecycle.Guard("query", func() error { return r.run(b, node) })
	}
	if err == nil {
		return r, nil
	}
	err = r.translate(err)
	r.outcome = err
	if closeErr := r.Close(); closeErr != nil {
		s.b.cfg.Logger.Warn("query did not close cleanly", "query", r.id, "error", closeErr)
	}
	return nil, err
}

// timeout is the time that a query has: its own option, the session's, the table's, the broker's. 0 is no end.
func (s *Session) timeout(b *binding) time.Duration {
	if b.options.timeout > 0 {
		return b.options.timeout
	}
	if b.table != nil && b.table.TimeoutMillis > 0 && s.dialect == sql.HTTP {
		return time.Duration(b.table.TimeoutMillis) * time.Millisecond
	}
	if s.dialect == sql.HTTP {
		return s.b.cfg.QueryTimeout
	}
	return s.b.cfg.WireTimeout
}

// env is what an execution of a binding depends on.
func (s *Session) env(b *binding, now time.Time) *exec.Env {
	cfg := s.b.cfg
	env := &exec.Env{NowMillis: now.UnixMilli(), IEEEDivision: b.options.ieeeDivision, PinotNulls: s.pinotNulls(b),
		Workers: cfg.Workers, MemoryLimit: cfg.QueryMemory, NumGroupsLimit: b.options.numGroups, GroupsError: b.options.groupsError, HostName: cfg.ID, Clock: cfg.Clock}
	if b.options.workers > 0 {
		env.Workers = min(env.Workers, b.options.workers)
	}
	return env
}

// run prepares the plan, starts its only leaf, if it has one, and the root. Other leaves start when their rows are needed.
func (r *rows) run(b *binding, node logical.Node) error {
	cfg := r.s.b.cfg
	env := r.s.env(b, r.started)
	env.Relations = r.s.b.catalog.For(who{r.s})
	if len(b.query.Tables) > 0 { // catalog queries are small, and have to answer when nothing else does
		env.CPU, env.Memory = cfg.Slots.NewTask().Hold(), cfg.Memory.Account(memory.Queries)
	}
	snapshot := cfg.Leaves.Snapshot()
	r.snapshot = snapshot
	env.Leaves = func(ctx context.Context, leaf *physical.Leaf) (exec.LeafResult, error) {
		return snapshot.Execute(ctx, env, leaf)
	}
	plan := b.ready
	if plan == nil {
		var err error
		if plan, err = exec.Prepare(r.ctx, env, node); err != nil {
			return err
		}
	}
	var leaves []exec.LeafResult
	if leaf := plan.Only(); leaf != nil {
		result, err := snapshot.Execute(r.ctx, env, leaf)
		if err != nil {
			return err
		}
		leaves = append(leaves, result)
	}
	r.note(plan)
	var err error
	r.inner, err = exec.RunRoot(r.ctx, env, plan, leaves)
	return err
}

// note collects what clients should know about the tables of a plan.
func (r *rows) note(plan *physical.Plan) {
	n, ok := r.s.b.cfg.Leaves.(Noticer)
	var seen []string
	for _, leaf := range plan.Leaves {
		name := leaf.Scan.Table
		if ok && !slices.Contains(seen, name) {
			r.notices = append(r.notices, n.Notices(name)...)
		}
		seen = append(seen, name)
	}
	if r.table == "" && len(seen) > 0 {
		r.table = seen[0]
	}
}

// pinotNulls says whether NULL reads as a default value: the query's option, the table's metadata, the broker's default.
func (s *Session) pinotNulls(b *binding) bool {
	if b.options.nulls != nil {
		return !*b.options.nulls
	}
	if b.table != nil {
		switch b.table.Metadata["freshet.nulls"] {
		case "pinot":
			return true
		case "sql":
			return false
		}
	}
	return s.b.cfg.PinotNulls
}

// tables is the catalog as the binder wants it.
type tables struct{ Catalog }

// Table implements bind.Tables.
func (t tables) Table(name string) (*catalog.Schema, bool) {
	s, _, ok := t.Schema(name)
	return s, ok
}

// TableNames implements bind.Tables.
func (t tables) TableNames() []string { return t.Names() }
