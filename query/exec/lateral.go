package exec

import (
	"context"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/logical"
)

// lateralBytes is what a lateral join remembers of the right side's rows before it forgets them.
const lateralBytes = 16 << 20

// lateralSide runs the right side of a lateral join once for each distinct tuple of values that it takes from the left.
type lateralSide struct {
	s      *scope // of the right side
	outer  frame
	op     operator
	keys   *tupleTable
	known  [][]uint64 // rows by tuple; nil: not run yet
	rows   rowStore
	mem    account
	groups []uint32
	types  []catalog.Type
}

// frame is the values that a plan takes from the query around it.
type frame struct {
	s     *scope // where they are computed
	evals []*expr.Evaluator
	vals  []vec.Vector
	cols  []*vec.Vector
}

func newFrame(s *scope, exprs []expr.Expr) frame {
	f := frame{s: s, vals: make([]vec.Vector, len(exprs)), cols: make([]*vec.Vector, len(exprs))}
	for _, e := range exprs {
		f.evals = append(f.evals, expr.NewEvaluator(e))
	}
	return f
}

// eval computes the values for every row of b, flat.
func (f *frame) eval(ctx context.Context, b *vec.Batch) error {
	f.s.ec.Ctx = ctx
	for i, e := range f.evals {
		if err := e.EvalFlat(f.s.ec, b, &f.vals[i]); err != nil {
			return err
		}
		f.cols[i] = &f.vals[i]
	}
	return nil
}

// enter makes the values of one row those of a scope.
func (s *scope) enter(cols []*vec.Vector, row int) {
	s.ec.Outer = s.ec.Outer[:0]
	for _, c := range cols {
		s.ec.Outer = append(s.ec.Outer, c.At(row))
	}
	s.restart()
}

func (s *scope) lateral(n *logical.Join) (*lateralSide, error) {
	inner := s.st.scope(true)
	op, err := inner.build(n.Right, -1)
	if err != nil {
		return nil, err
	}
	types := make([]catalog.Type, len(n.Outer))
	for i, e := range n.Outer {
		types[i] = e.Type()
	}
	return &lateralSide{s: inner, outer: newFrame(s, n.Outer), op: op, types: types, keys: newTupleTable(types),
		mem: account{env: s.st.env, operator: "lateral join"}, groups: make([]uint32, vec.BlockRows)}, nil
}

func (l *lateralSide) store() *rowStore            { return &l.rows }
func (l *lateralSide) begin(context.Context) error { return nil }

func (l *lateralSide) load(ctx context.Context, b *vec.Batch, from int) (int, error) {
	if from == 0 {
		if err := l.outer.eval(ctx, b); err != nil {
			return 0, err
		}
	}
	if l.rows.bytes > lateralBytes || l.keys.size() > maxMemo {
		l.forget()
	}
	if from == 0 || l.keys.size() == 0 {
		l.keys.assign(l.outer.cols, b.Rows, l.groups)
		l.known = append(l.known, make([][]uint64, l.keys.size()-len(l.known))...)
	}
	row := from
	for ; row < b.Rows; row++ {
		g := l.groups[row]
		if l.known[g] != nil {
			continue
		}
		if l.rows.bytes > lateralBytes && row > from {
			break
		}
		refs, err := l.run(ctx, row)
		if err != nil {
			return 0, err
		}
		l.known[g] = refs
	}
	return row, l.mem.set(l.rows.bytes + l.keys.bytes())
}

// run gives the rows of the right side for the values of one row.
func (l *lateralSide) run(ctx context.Context, row int) ([]uint64, error) {
	l.s.enter(l.outer.cols, row)
	l.op.reset()
	refs := []uint64{}
	for {
		if err := alive(ctx); err != nil {
			return nil, err
		}
		b, err := l.op.next(ctx)
		if b == nil || err != nil {
			return refs, err
		}
		at := len(l.rows.batches)
		l.rows.add(b.Cols, b.Rows, nil)
		for i := range b.Rows {
			refs = append(refs, arrival(at, i))
		}
		if err := l.mem.set(l.rows.bytes + l.keys.bytes()); err != nil {
			return nil, err
		}
	}
}

func (l *lateralSide) of(row int) []uint64 { return l.known[l.groups[row]] }

func (l *lateralSide) forget() {
	l.keys, l.known, l.rows = newTupleTable(l.types), nil, rowStore{}
	l.mem.release()
}

func (l *lateralSide) reset() { l.forget() }

func (l *lateralSide) close() {
	l.op.close()
	l.mem.release()
}

// lookupOp is a filter over rows that are kept, with equalities that are looked up.
type lookupOp struct {
	s      *scope
	from   *once
	inner  []*expr.Evaluator
	outer  frame
	types  []catalog.Type
	rest   *expr.Evaluator
	index  *rowIndex
	mem    account
	refs   []uint64
	group  []uint32
	begun  bool
	truth  vec.Vector
	bits   vec.Bitmap
	out    []vec.Vector
	kept   []vec.Vector
	batch  vec.Batch
	result vec.Batch
}

func newLookupOp(s *scope, from *once, keys []keyPair, rest expr.Expr) *lookupOp {
	o := &lookupOp{s: s, from: from, mem: account{env: s.st.env, operator: "sub-query"}, group: make([]uint32, 1)}
	var outer []expr.Expr
	for _, k := range keys {
		o.inner, outer = append(o.inner, expr.NewEvaluator(k.inner)), append(outer, k.outer)
		o.types = append(o.types, k.inner.Type())
	}
	o.outer = newFrame(s, outer)
	if rest != nil {
		o.rest = expr.NewEvaluator(rest)
	}
	return o
}

func (o *lookupOp) next(ctx context.Context) (*vec.Batch, error) {
	rows, err := o.from.get(ctx)
	if err != nil || len(rows.batches) == 0 {
		return nil, err
	}
	if !o.begun {
		o.begun = true
		if err := o.begin(ctx, rows); err != nil {
			return nil, err
		}
	}
	for len(o.refs) > 0 {
		if err := alive(ctx); err != nil {
			return nil, err
		}
		n := min(len(o.refs), vec.BlockRows)
		if o.out == nil {
			o.out, o.kept = make([]vec.Vector, len(rows.batches[0])), make([]vec.Vector, len(rows.batches[0]))
			o.batch.Cols, o.result.Cols = make([]*vec.Vector, len(o.out)), make([]*vec.Vector, len(o.out))
		}
		for i := range o.out {
			rows.gather(i, rows.batches[0][i].Type, o.refs[:n], &o.out[i])
			o.batch.Cols[i] = &o.out[i]
		}
		o.batch.Rows = n
		o.refs = o.refs[n:]
		b, err := o.residual(ctx)
		if b != nil || err != nil {
			return b, err
		}
	}
	return nil, nil
}

// begin finds the rows of this run.
func (o *lookupOp) begin(ctx context.Context, rows *rowStore) error {
	if o.index == nil {
		o.s.ec.Ctx = ctx
		vals, cols := make([]vec.Vector, len(o.inner)), make([]*vec.Vector, len(o.inner))
		index, err := newRowIndex(rows, o.types, func(b *vec.Batch) ([]*vec.Vector, error) {
			for i, e := range o.inner {
				if err := e.EvalFlat(o.s.ec, b, &vals[i]); err != nil {
					return nil, err
				}
				cols[i] = &vals[i]
			}
			return cols, nil
		})
		if err != nil {
			return err
		}
		o.index = index
		if err := o.mem.set(index.bytes()); err != nil {
			return err
		}
	}
	if err := o.outer.eval(ctx, &vec.Batch{Rows: 1}); err != nil {
		return err
	}
	o.index.find(o.outer.cols, 1, o.group)
	o.refs = o.index.of(o.group[0])
	return nil
}

// residual keeps the rows of the batch for which the rest of the condition is true.
func (o *lookupOp) residual(ctx context.Context) (*vec.Batch, error) {
	if o.rest == nil {
		return &o.batch, nil
	}
	o.s.ec.Ctx = ctx
	if err := o.rest.Eval(o.s.ec, &o.batch, &o.truth); err != nil {
		return nil, err
	}
	o.bits = truth(&o.truth, o.batch.Rows, o.bits)
	n := o.bits.Count()
	if n == 0 || n == o.batch.Rows {
		if n == 0 {
			return nil, nil
		}
		return &o.batch, nil
	}
	sel := o.bits.Selection(make([]uint16, 0, n))
	for i := range o.out {
		o.out[i].Gather(sel, &o.kept[i])
		o.result.Cols[i] = &o.kept[i]
	}
	o.result.Rows = n
	return &o.result, nil
}

func (o *lookupOp) reset() { o.begun, o.refs = false, nil }
func (o *lookupOp) close() { o.mem.release() }
