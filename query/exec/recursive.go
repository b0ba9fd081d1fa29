package exec

import (
	"context"

	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/logical"
)

// recursive builds the operator of a recursive query. Its step runs in a scope of its own, once a round.
func (s *scope) recursive(n *logical.Recursive) (operator, error) {
	base, err := s.build(n.Base, -1)
	if err != nil {
		return nil, err
	}
	step := &scope{st: s.st, ec: s.ec, rerun: true, shared: map[int]*once{}}
	o := &recursiveOp{st: s.st, n: n, scope: step, base: base, mem: account{env: s.st.env, operator: "recursive query"},
		groups: make([]uint32, vec.BlockRows)}
	if o.step, err = step.build(n.Step, -1); err != nil {
		return nil, err
	}
	o.forget()
	return o, nil
}

// recursiveOp gives the rows of the base and then of each round of the step.
type recursiveOp struct {
	st    *statement
	n     *logical.Recursive
	scope *scope
	base  operator
	step  operator

	table  *tupleTable // without ALL: every row so far
	round  *rowStore   // what the present round gave so far
	last   *rowStore   // what the step reads
	inStep bool
	done   bool
	mem    account
	groups []uint32
	sel    []uint16
	chosen chosen
}

func (o *recursiveOp) next(ctx context.Context) (*vec.Batch, error) {
	for !o.done {
		if err := alive(ctx); err != nil {
			return nil, err
		}
		// A recursive query within the step, or another use of this one, must not see this work table.
		outer := o.st.work[o.n.ID]
		in := o.base
		if o.inStep {
			in = o.step
			o.st.work[o.n.ID] = o.last
		}
		b, err := in.next(ctx)
		o.st.work[o.n.ID] = outer
		if err != nil {
			return nil, err
		}
		if b == nil {
			o.endRound()
			continue
		}
		if b, err = o.keep(b); b != nil || err != nil {
			return b, err
		}
	}
	return nil, nil
}

// keep notes the rows of a batch for the next round and gives those that are new.
func (o *recursiveOp) keep(b *vec.Batch) (*vec.Batch, error) {
	if b.Rows == 0 {
		return nil, nil
	}
	if o.table != nil {
		o.sel = newTuples(o.table, b.Cols, b.Rows, o.groups, o.sel[:0])
		if len(o.sel) == 0 {
			return nil, nil
		}
		b = o.chosen.rows(b, o.sel)
	}
	o.round.add(b.Cols, b.Rows, nil)
	bytes := o.round.bytes
	if o.last != nil {
		bytes += o.last.bytes
	}
	if o.table != nil {
		bytes += o.table.bytes()
	}
	return b, o.mem.set(bytes)
}

// endRound makes what the round gave the input of the next one.
func (o *recursiveOp) endRound() {
	o.last, o.round = o.round, &rowStore{}
	o.done = len(o.last.batches) == 0
	if !o.done {
		o.inStep = true
		o.scope.restart()
		o.step.reset()
	}
}

func (o *recursiveOp) forget() {
	o.round, o.last, o.inStep, o.done = &rowStore{}, nil, false, false
	o.table = nil
	if !o.n.All {
		o.table = newTupleTable(columnTypes(o.n.Columns()))
	}
	o.mem.release()
}

func (o *recursiveOp) reset() {
	o.forget()
	o.base.reset()
}

func (o *recursiveOp) close() {
	o.base.close()
	o.step.close()
	o.mem.release()
}
