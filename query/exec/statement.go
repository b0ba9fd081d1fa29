package exec

import (
	"context"
	"errors"
	"slices"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/query/result"
)

// statement is one execution of a plan at the root: what its operators share. Not safe for concurrent use.
type statement struct {
	env    *Env
	plan   *physical.Plan
	given  []LeafResult // results of the plan's only leaf, run by the caller; nil: leaves are run by env.Leaves
	opened []LeafResult
	stats  *result.Stats
	tables map[logical.Node]*once // sub-trees that are read again and again
	work   map[int]*rowStore      // last rounds of recursive queries
	subs   map[*expr.Subquery]*subquery
	scoped []*once // shared rows of scopes
	facts  factTable
	err    error // of closing leaves early
}

func newStatement(env *Env, plan *physical.Plan, given []LeafResult, stats *result.Stats) *statement {
	return &statement{env: env, plan: plan, given: given, stats: stats, tables: map[logical.Node]*once{}, work: map[int]*rowStore{},
		subs: map[*expr.Subquery]*subquery{}, facts: factTable{}}
}

// close ends leaves that were not read to their ends and gives memory back.
func (st *statement) close() error {
	err := st.err
	for _, l := range append(st.given, st.opened...) {
		err = errors.Join(err, st.closeLeaf(l))
	}
	st.given, st.opened = nil, nil
	for _, t := range st.tables {
		t.close()
	}
	for _, t := range st.scoped {
		t.close()
	}
	for _, q := range st.subs {
		q.close()
	}
	return err
}

// closeLeaf closes a leaf and counts its statistics.
func (st *statement) closeLeaf(l LeafResult) error {
	err := l.Close()
	addStats(st.stats, l.Stats())
	return err
}

// scope is what operators are built for: the statement itself, or a sub-plan with values of the query around it.
type scope struct {
	st *statement
	ec *function.EvalContext
	// rerun says that the operators will be reset and run again: what does not change in between is computed once.
	rerun  bool
	shared map[int]*once // Shared nodes that depend on what changes between runs
}

func (st *statement) scope(rerun bool) *scope {
	ec := st.env.laterContext()
	ec.Subquery = st.evalSubquery
	return &scope{st: st, ec: ec, rerun: rerun, shared: map[int]*once{}}
}

// restart forgets what depends on the values of the last run.
func (s *scope) restart() {
	for _, o := range s.shared {
		o.forget()
	}
}

// facts is what the rows of a plan depend on besides tables.
type facts struct {
	outer bool  // values of the query around it
	work  []int // rounds of recursive queries around it
}

func (f facts) constant() bool { return !f.outer && len(f.work) == 0 }

func (f *facts) add(o facts) {
	f.outer = f.outer || o.outer
	for _, id := range o.work {
		if !slices.Contains(f.work, id) {
			f.work = append(f.work[:len(f.work):len(f.work)], id)
		}
	}
}

// factTable remembers the facts of nodes.
type factTable map[logical.Node]facts

func (t factTable) of(n logical.Node) facts {
	if f, ok := t[n]; ok {
		return f
	}
	var f facts
	logical.OwnExprs(n, func(e expr.Expr) { f.add(t.expr(e)) })
	switch n := n.(type) {
	case *logical.WorkTable:
		f.work = []int{n.ID}
	case *logical.Recursive:
		f.add(t.of(n.Base))
		step := t.of(n.Step)
		step.work = slices.DeleteFunc(slices.Clone(step.work), func(id int) bool { return id == n.ID })
		f.add(step)
	case *logical.Join:
		f.add(t.of(n.Left))
		right := t.of(n.Right)
		right.outer = right.outer && !n.Lateral // its outer values are those of the join
		f.add(right)
	default:
		for _, in := range n.Inputs() {
			f.add(t.of(in))
		}
	}
	t[n] = f
	return f
}

// expr gives what an expression depends on. The Outer of a sub-query's plan are its operands.
func (t factTable) expr(e expr.Expr) facts {
	var f facts
	expr.Walk(e, func(x expr.Expr) bool {
		switch x := x.(type) {
		case *expr.Outer:
			f.outer = true
		case *expr.Subquery:
			if n, ok := x.Plan.(logical.Node); ok {
				f.add(facts{work: t.of(n).work})
			}
		}
		return true
	})
	return f
}

// once is rows that are computed at first use and kept: for the statement, or until forget.
type once struct {
	build func() (operator, error)
	mem   account
	rows  rowStore
	done  bool
	again bool // may be forgotten and computed again
	op    operator
}

func (o *once) get(ctx context.Context) (*rowStore, error) {
	if o.done {
		return &o.rows, nil
	}
	if o.op == nil {
		op, err := o.build()
		if err != nil {
			return nil, err
		}
		o.op = op
	} else {
		o.op.reset()
	}
	if err := materialise(ctx, o.op, &o.rows, &o.mem); err != nil {
		return nil, err
	}
	o.done = true
	if !o.again {
		o.op.close()
	}
	return &o.rows, nil
}

func (o *once) forget() {
	o.done, o.rows = false, rowStore{}
	o.mem.release()
}

func (o *once) close() {
	if o.op != nil {
		o.op.close()
	}
	o.mem.release()
}

// fixed is an operator whose batches stay valid and unchanged until the statement ends.
type fixed interface {
	// fixed says so. held is false where somebody else accounts for their memory.
	fixedBatches()
}

// materialise reads op to its end.
func materialise(ctx context.Context, op operator, rows *rowStore, mem *account) error {
	_, stable := op.(fixed)
	for {
		if err := alive(ctx); err != nil {
			return err
		}
		b, err := op.next(ctx)
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		if stable {
			rows.addFixed(b)
		} else {
			rows.add(b.Cols, b.Rows, nil)
		}
		if err := mem.set(rows.bytes); err != nil {
			return err
		}
	}
	return nil
}

// rowsOp gives rows that are computed once.
type rowsOp struct {
	from  *once
	at    int
	batch vec.Batch
}

func (o *rowsOp) next(ctx context.Context) (*vec.Batch, error) {
	rows, err := o.from.get(ctx)
	if err != nil || o.at >= len(rows.batches) {
		return nil, err
	}
	o.batch = vec.Batch{Rows: rows.sizes[o.at], Cols: rows.batches[o.at]}
	o.at++
	return &o.batch, nil
}

func (o *rowsOp) reset()        { o.at = 0 }
func (o *rowsOp) close()        {}
func (o *rowsOp) fixedBatches() {}

// workOp gives the rows of the last round of a recursive query.
type workOp struct {
	st    *statement
	id    int
	at    int
	batch vec.Batch
}

func (o *workOp) next(context.Context) (*vec.Batch, error) {
	rows := o.st.work[o.id]
	if rows == nil {
		return nil, errs.Bug("work table %d is read outside of its query", o.id)
	}
	if o.at >= len(rows.batches) {
		return nil, nil
	}
	o.batch = vec.Batch{Rows: rows.sizes[o.at], Cols: rows.batches[o.at]}
	o.at++
	return &o.batch, nil
}

func (o *workOp) reset() { o.at = 0 }
func (o *workOp) close() {}

// relationOp reads a catalog relation.
type relationOp struct {
	env     *Env
	n       *logical.Relation
	batches []*vec.Batch
	begun   bool
	at      int
}

func (o *relationOp) next(ctx context.Context) (*vec.Batch, error) {
	if !o.begun {
		if o.env.Relations == nil {
			return nil, errs.Bug("relation %s.%s is read where there are none", o.n.Schema, o.n.Name)
		}
		var err error
		if o.batches, err = o.env.Relations.Scan(ctx, o.n.Schema, o.n.Name, o.n.Positions); err != nil {
			return nil, err
		}
		o.begun = true
	}
	for o.at < len(o.batches) {
		b := o.batches[o.at]
		o.at++
		if b.Rows > 0 {
			return b, nil
		}
	}
	return nil, nil
}

func (o *relationOp) reset()        { o.at = 0 }
func (o *relationOp) close()        {}
func (o *relationOp) fixedBatches() {}

// leafOp runs a leaf when it is first asked for rows.
type leafOp struct {
	st   *statement
	leaf *physical.Leaf
	res  []LeafResult
	in   operator
}

func (o *leafOp) next(ctx context.Context) (*vec.Batch, error) {
	if o.in == nil {
		if err := o.open(ctx); err != nil {
			return nil, err
		}
	}
	return o.in.next(ctx)
}

func (o *leafOp) open(ctx context.Context) error {
	switch {
	case o.st.given != nil:
		o.res, o.st.given = o.st.given, nil
	case o.st.env.Leaves == nil:
		return errs.Bug("exec.RunRoot: nobody runs the leaf over %s", o.leaf.Scan.Table)
	default:
		r, err := o.st.env.Leaves(ctx, o.leaf)
		if err != nil {
			return err
		}
		o.res = []LeafResult{r}
	}
	o.st.opened = append(o.st.opened, o.res...)
	in, err := o.st.mergeLeaves(o.leaf, o.res)
	o.in = in
	return err
}

// close ends the leaf: nothing of it is read any more.
func (o *leafOp) close() {
	if o.in == nil || o.res == nil {
		return
	}
	o.in.close()
	st := o.st
	for _, l := range o.res {
		if at := slices.Index(st.opened, l); at >= 0 {
			st.opened = slices.Delete(st.opened, at, at+1)
			st.err = errors.Join(st.err, st.closeLeaf(l))
		}
	}
	o.res = nil
}

// reset makes the leaf run again.
func (o *leafOp) reset() {
	o.close()
	o.in, o.res = nil, nil
}

// mergeLeaves is the operator that stands for the results of one leaf.
func (st *statement) mergeLeaves(leaf *physical.Leaf, leaves []LeafResult) (operator, error) {
	if leaf.Kind == physical.LeafAggregate {
		return mergeGroups(st.env, leaf, leaves)
	}
	in := &leavesOp{leaves: leaves}
	if leaf.Kind == physical.LeafTopN && len(leaves) != 1 {
		return newSortOp(st.env, in, leaf.Sort, leaf.Limit, columnTypes(leaf.Columns)), nil
	}
	return in, nil
}

// mergeGroups merges the states of the leaves.
func mergeGroups(env *Env, leaf *physical.Leaf, leaves []LeafResult) (operator, error) {
	if len(leaves) == 0 {
		return newGroupsOp(&Groups{states: []*groupState{newGroupState(env, newAggPlan(leaf.Keys, leaf.Aggs, len(leaf.Scan.Cols)))}}), nil
	}
	var total *Groups
	for _, l := range leaves {
		g := l.Groups()
		switch {
		case g == nil:
			return nil, errs.Bug("exec.RunRoot: a leaf of an aggregation gave rows")
		case total == nil:
			total = g
		default:
			if err := total.merge(g); err != nil {
				return nil, err
			}
		}
	}
	return newGroupsOp(total), nil
}

func columnTypes(cols []logical.Column) []catalog.Type {
	out := make([]catalog.Type, len(cols))
	for i, c := range cols {
		out[i] = c.Type
	}
	return out
}
