package exec

import (
	"context"
	"errors"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/lifecycle"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/query/result"
)

// operator is a node of the root: pull, a batch at a time. A batch is valid until the next call of next; columns are
// flat or constant. close is idempotent.
//
// reset prepares an operator and its inputs to be read again from the first row, after values that the query around it
// gives have changed; what does not depend on them is kept.
type operator interface {
	next(ctx context.Context) (*vec.Batch, error)
	reset()
	close()
}

// RunRoot merges leaves and runs the rest of plan. leaves are the results of the plan's only leaf where the caller has
// run it; other leaves are run by env.Leaves when their rows are needed. RunRoot takes the leaves over: closing the rows,
// or an error, closes them. The rows come as they are computed.
func RunRoot(ctx context.Context, env *Env, plan *physical.Plan, leaves []LeafResult) (result.Rows, error) {
	stats := env.Stats
	if stats == nil {
		stats = &result.Stats{}
	}
	r := &rootRows{st: newStatement(env, plan, leaves, stats)}
	for _, c := range plan.Columns() {
		r.columns = append(r.columns, result.Column{Name: c.Name, Type: c.Type})
	}
	op, err := r.st.scope(false).build(plan.Root, -1)
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	r.op = op
	return r, nil
}

// rootRows is the result of a statement.
type rootRows struct {
	columns []result.Column
	op      operator
	st      *statement
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
	err := lifecycle.Guard("query root", func() error {
		return r.st.env.onSlot(ctx, func(ctx context.Context) (err error) {
			in, err = r.op.next(ctx)
			return err
		})
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
			own(c, in.Rows, nil, lasting(r.op, i), &r.out[i])
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
	r.err = errors.Join(r.st.close(), r.err)
	r.st.env.releaseShared()
}

// Stats implements result.Rows.
func (r *rootRows) Stats() *result.Stats { return r.st.stats }

// Notices implements result.Rows.
func (r *rootRows) Notices() []string {
	if r.st.stats.GroupsLimitReached {
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
