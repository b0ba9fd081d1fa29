package exec

import (
	"context"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/lifecycle"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/query/result"
)

// operator is a node of the root: pull, a batch at a time. A batch is valid until the next call of next; columns are
// flat or constant. close is idempotent.
type operator interface {
	next(ctx context.Context) (*vec.Batch, error)
	close()
}

// RunRoot merges leaves and runs the rest of plan. It takes over the leaves: closing the rows, or an error, closes
// them. The rows come as they are computed.
func RunRoot(ctx context.Context, env *Env, plan *physical.Plan, leaves []LeafResult) (result.Rows, error) {
	r := &rootRows{leaves: leaves, stats: env.Stats}
	if r.stats == nil {
		r.stats = &result.Stats{}
	}
	for _, c := range plan.Columns() {
		r.columns = append(r.columns, result.Column{Name: c.Name, Type: c.Type})
	}
	b := &rootBuilder{ctx: ctx, env: env, plan: plan, leaves: leaves}
	op, err := b.build(plan.Root)
	if err != nil {
		if closeErr := r.Close(); closeErr != nil {
			return nil, closeErr
		}
		return nil, err
	}
	r.op = op
	return r, nil
}

// rootRows is the result of a statement.
type rootRows struct {
	columns []result.Column
	op      operator
	leaves  []LeafResult
	stats   *result.Stats
	out     []vec.Vector
	batch   vec.Batch
	done    bool // no further batch; leaves are closed
	err     error
	closed  bool
}

// Columns implements result.Rows.
func (r *rootRows) Columns() []result.Column { return r.columns }

// Next implements result.Rows.
func (r *rootRows) Next(ctx context.Context) (*vec.Batch, error) {
	if r.done {
		return nil, nil
	}
	if ctx.Err() != nil {
		return nil, ctxError(ctx)
	}
	var in *vec.Batch
	err := lifecycle.Guard("query root", func() (err error) {
		in, err = r.op.next(ctx)
		return err
	})
	if err != nil || in == nil {
		r.finish()
		return nil, err
	}
	if r.out == nil {
		r.out = make([]vec.Vector, len(in.Cols))
		r.batch.Cols = make([]*vec.Vector, len(in.Cols))
	}
	r.batch.Rows = in.Rows
	for i, c := range in.Cols {
		if c.Form == vec.FormConst && !c.Type.MultiValue {
			r.out[i].SetConst(cloneValue(c.At(0)), in.Rows)
		} else {
			own(c, in.Rows, nil, &r.out[i])
		}
		r.batch.Cols[i] = &r.out[i]
	}
	return &r.batch, nil
}

func cloneValue(v catalog.Value) catalog.Value {
	v.Str = string(append([]byte(nil), v.Str...))
	return v
}

// finish closes the leaves, which may not have been read to their ends, and collects their statistics. What Next gave
// last owns its memory and stays.
func (r *rootRows) finish() {
	if r.done {
		return
	}
	r.done = true
	if r.op != nil {
		r.op.close()
	}
	for _, l := range r.leaves {
		if err := l.Close(); err != nil && r.err == nil {
			r.err = err
		}
		addStats(r.stats, l.Stats())
	}
}

// Stats implements result.Rows.
func (r *rootRows) Stats() *result.Stats { return r.stats }

// Notices implements result.Rows.
func (r *rootRows) Notices() []string {
	if r.stats.GroupsLimitReached {
		return []string{"the limit on groups was reached: some groups are missing from the result"}
	}
	return nil
}

// Close implements result.Rows.
func (r *rootRows) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	r.finish()
	return r.err
}

// rootBuilder makes operators from the root of the tree down to the cut.
type rootBuilder struct {
	ctx    context.Context
	env    *Env
	plan   *physical.Plan
	leaves []LeafResult
}

func (b *rootBuilder) build(n logical.Node) (operator, error) {
	if n == b.plan.Cut && b.plan.Leaf != nil {
		return b.source()
	}
	switch n := n.(type) {
	case *logical.Values:
		return &valuesOp{}, nil
	case *logical.Filter:
		in, err := b.build(n.In)
		if err != nil {
			return nil, err
		}
		return newFilterOp(b.env.evalContext(b.ctx), in, n.Cond), nil
	case *logical.Project:
		in, err := b.build(n.In)
		if err != nil {
			return nil, err
		}
		return newProjectOp(b.env.evalContext(b.ctx), in, n.Exprs), nil
	case *logical.Aggregate:
		in, err := b.build(n.In)
		if err != nil {
			return nil, err
		}
		return newAggregateOp(b.env, b.env.evalContext(b.ctx), in, n), nil
	case *logical.Sort:
		in, err := b.build(n.In)
		if err != nil {
			return nil, err
		}
		return newSortOp(b.env, in, n.Keys, b.sortLimit(n), columnTypes(n.Columns())), nil
	case *logical.Limit:
		in, err := b.build(n.In)
		if err != nil {
			return nil, err
		}
		return &limitOp{in: in, skip: n.Offset, left: n.Count}, nil
	default:
		return nil, errs.Bug("exec.RunRoot: a plan has node %T below the root", n)
	}
}

// sortLimit is how many rows of a sort are needed: what a rule noted, or the LIMIT above it.
func (b *rootBuilder) sortLimit(s *logical.Sort) int64 {
	if need := physical.Needed(b.plan.Root, s); need >= 0 && (s.Limit < 0 || need < s.Limit) {
		return need
	}
	return s.Limit
}

func columnTypes(cols []logical.Column) []catalog.Type {
	out := make([]catalog.Type, len(cols))
	for i, c := range cols {
		out[i] = c.Type
	}
	return out
}

// source is the operator that stands for the leaves.
func (b *rootBuilder) source() (operator, error) {
	leaf := b.plan.Leaf
	switch leaf.Kind {
	case physical.LeafAggregate:
		return b.groups()
	case physical.LeafTopN:
		in := &leavesOp{leaves: b.leaves}
		if len(b.leaves) == 1 {
			return in, nil
		}
		return newSortOp(b.env, in, leaf.Sort, leaf.Limit, columnTypes(leaf.Columns)), nil
	default:
		return &leavesOp{leaves: b.leaves}, nil
	}
}

// groups merges the states of the leaves.
func (b *rootBuilder) groups() (operator, error) {
	if len(b.leaves) == 0 {
		plan := newAggPlan(b.plan.Leaf.Keys, b.plan.Leaf.Aggs, len(b.plan.Leaf.Scan.Cols))
		return newGroupsOp(&Groups{[]*groupState{newGroupState(b.env, plan)}}), nil
	}
	var total *Groups
	for _, l := range b.leaves {
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
