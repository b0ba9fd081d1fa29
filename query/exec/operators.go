package exec

import (
	"context"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/logical"
)

// valuesOp is one row without columns.
type valuesOp struct{ done bool }

func (o *valuesOp) next(context.Context) (*vec.Batch, error) {
	if o.done {
		return nil, nil
	}
	o.done = true
	return &vec.Batch{Rows: 1}, nil
}

func (o *valuesOp) reset() { o.done = false }
func (o *valuesOp) close() {}

// leavesOp reads leaves one after the other: partition by partition, in arrival order.
type leavesOp struct {
	leaves []LeafResult
	at     int
}

func (o *leavesOp) next(ctx context.Context) (*vec.Batch, error) {
	for o.at < len(o.leaves) {
		b, err := o.leaves[o.at].Next(ctx)
		if b != nil || err != nil {
			return b, err
		}
		o.at++
	}
	return nil, nil
}

func (o *leavesOp) reset() {}
func (o *leavesOp) close() {}

// filterOp keeps rows for which a condition is true.
type filterOp struct {
	ec    *function.EvalContext
	in    operator
	eval  *expr.Evaluator
	cond  vec.Vector
	bits  vec.Bitmap
	out   []vec.Vector
	batch vec.Batch
}

func newFilterOp(ec *function.EvalContext, in operator, cond expr.Expr) *filterOp {
	return &filterOp{ec: ec, in: in, eval: expr.NewEvaluator(cond)}
}

func (o *filterOp) next(ctx context.Context) (*vec.Batch, error) {
	for {
		b, err := o.in.next(ctx)
		if b == nil || err != nil {
			return nil, err
		}
		o.ec.Ctx = ctx
		if err := o.eval.Eval(o.ec, b, &o.cond); err != nil {
			return nil, err
		}
		o.bits = truth(&o.cond, b.Rows, o.bits)
		n := o.bits.Count()
		switch n {
		case 0:
			continue
		case b.Rows:
			return b, nil
		}
		if o.out == nil {
			o.out = make([]vec.Vector, len(b.Cols))
			o.batch.Cols = make([]*vec.Vector, len(b.Cols))
		}
		sel := o.bits.Selection(make([]uint16, 0, n))
		for i, c := range b.Cols {
			c.Gather(sel, &o.out[i])
			o.batch.Cols[i] = &o.out[i]
		}
		o.batch.Rows = n
		return &o.batch, nil
	}
}

func (o *filterOp) reset() { o.in.reset() }
func (o *filterOp) close() { o.in.close() }

// projectOp computes expressions.
type projectOp struct {
	ec    *function.EvalContext
	in    operator
	exprs []expr.Expr
	evals []*expr.Evaluator
	out   []vec.Vector
	batch vec.Batch
}

func newProjectOp(ec *function.EvalContext, in operator, exprs []expr.Expr) *projectOp {
	o := &projectOp{ec: ec, in: in, exprs: exprs, out: make([]vec.Vector, len(exprs))}
	o.batch.Cols = make([]*vec.Vector, len(exprs))
	for _, e := range exprs {
		o.evals = append(o.evals, expr.NewEvaluator(e))
	}
	return o
}

func (o *projectOp) next(ctx context.Context) (*vec.Batch, error) {
	b, err := o.in.next(ctx)
	if b == nil || err != nil {
		return nil, err
	}
	o.ec.Ctx = ctx
	for i, e := range o.exprs {
		if c, ok := e.(*expr.Column); ok {
			o.batch.Cols[i] = b.Cols[c.Index]
			continue
		}
		if err := o.evals[i].Eval(o.ec, b, &o.out[i]); err != nil {
			return nil, err
		}
		o.batch.Cols[i] = &o.out[i]
	}
	o.batch.Rows = b.Rows
	return &o.batch, nil
}

func (o *projectOp) reset() { o.in.reset() }
func (o *projectOp) close() { o.in.close() }

// limitOp skips rows, then passes left rows (all where negative).
type limitOp struct {
	in            operator
	skip, left    int64
	offset, count int64 // as they were at the start
}

func newLimitOp(in operator, offset, count int64) *limitOp {
	return &limitOp{in: in, skip: offset, left: count, offset: offset, count: count}
}

func (o *limitOp) reset() {
	o.skip, o.left = o.offset, o.count
	o.in.reset()
}

func (o *limitOp) next(ctx context.Context) (*vec.Batch, error) {
	for o.left != 0 {
		b, err := o.in.next(ctx)
		if b == nil || err != nil {
			return nil, err
		}
		from := min(o.skip, int64(b.Rows))
		o.skip -= from
		to := int64(b.Rows)
		if o.left >= 0 {
			to = min(to, from+o.left)
			o.left -= to - from
		}
		switch {
		case from == to:
			continue
		case from == 0 && to == int64(b.Rows):
			return b, nil
		default:
			return sliceRows(b, int(from), int(to)), nil
		}
	}
	return nil, nil
}

func (o *limitOp) close() { o.in.close() }

// splitOp gives the rows of its input in smaller batches.
type splitOp struct {
	in   operator
	rows int
	b    *vec.Batch
	at   int
}

func (o *splitOp) next(ctx context.Context) (*vec.Batch, error) {
	for o.b == nil || o.at >= o.b.Rows {
		b, err := o.in.next(ctx)
		if b == nil || err != nil {
			return nil, err
		}
		o.b, o.at = b, 0
	}
	from := o.at
	o.at = min(o.b.Rows, from+o.rows)
	return sliceRows(o.b, from, o.at), nil
}

func (o *splitOp) reset() {
	o.b = nil
	o.in.reset()
}

func (o *splitOp) close() { o.in.close() }

// sliceRows copies rows from..to-1 of a batch.
func sliceRows(b *vec.Batch, from, to int) *vec.Batch {
	sel := make([]uint16, to-from)
	for i := range sel {
		sel[i] = uint16(from + i)
	}
	out := &vec.Batch{Rows: to - from, Cols: make([]*vec.Vector, len(b.Cols))}
	for i, c := range b.Cols {
		out.Cols[i] = &vec.Vector{}
		c.Gather(sel, out.Cols[i])
	}
	return out
}

// sortOp orders all rows of its input, or finds the first limit of them.
type sortOp struct {
	in    operator
	sort  *sorter
	types []catalog.Type
	store rowStore
	mem   account
	seq   uint64
	refs  []uint64
	at    int
	begun bool
	out   []vec.Vector
	batch vec.Batch
}

func newSortOp(env *Env, in operator, keys []logical.SortKey, limit int64, types []catalog.Type) *sortOp {
	return &sortOp{in: in, sort: newSorter(keys, limit), types: types, mem: account{env: env, operator: "sort"},
		out: make([]vec.Vector, len(types)), batch: vec.Batch{Cols: make([]*vec.Vector, len(types))}}
}

func (o *sortOp) next(ctx context.Context) (*vec.Batch, error) {
	if !o.begun {
		o.begun = true
		if err := o.fill(ctx); err != nil {
			return nil, err
		}
	}
	n := min(len(o.refs)-o.at, vec.BlockRows)
	if n == 0 {
		return nil, nil
	}
	for i, t := range o.types {
		o.store.gather(i, t, o.refs[o.at:o.at+n], &o.out[i])
		o.batch.Cols[i] = &o.out[i]
	}
	o.at += n
	o.batch.Rows = n
	return &o.batch, nil
}

// fill reads the input to its end.
func (o *sortOp) fill(ctx context.Context) error {
	for {
		if err := alive(ctx); err != nil {
			return err
		}
		b, err := o.in.next(ctx)
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		if err := o.take(ctx, b); err != nil {
			return err
		}
	}
	if err := o.sort.compact(ctx); err != nil {
		return err
	}
	o.refs = make([]uint64, len(o.sort.entries))
	for i := range o.refs {
		o.refs[i] = o.sort.entries[i].ref
	}
	o.sort.entries = nil
	return nil
}

func (o *sortOp) take(ctx context.Context, b *vec.Batch) error {
	if len(o.store.batches) == 0 {
		for i, c := range b.Cols {
			o.types[i] = c.Type
		}
		o.store.lasting = lastingCols(o.in, len(b.Cols))
	}
	var sel []uint16
	first := o.seq
	o.sort.add(b.Cols, b.Rows, func(i int) uint64 { return first + uint64(i) }, func(i int) uint64 {
		sel = append(sel, uint16(i))
		return arrival(len(o.store.batches), len(sel)-1)
	})
	o.seq += uint64(b.Rows)
	if len(sel) > 0 {
		o.store.add(b.Cols, b.Rows, sel)
	}
	if o.sort.full() {
		if err := o.sort.compact(ctx); err != nil {
			return err
		}
		o.rebuild()
	}
	return o.mem.set(o.store.bytes + o.sort.memory())
}

// rebuild keeps only the rows that are still among the first.
func (o *sortOp) rebuild() {
	refs := make([]uint64, len(o.sort.entries))
	for i := range refs {
		refs[i] = o.sort.entries[i].ref
	}
	next := rowStore{lasting: o.store.lasting}
	for _, b := range o.store.batchesOf(refs, o.types) {
		next.add(b.Cols, b.Rows, nil)
	}
	for i := range o.sort.entries {
		o.sort.entries[i].ref = arrival(i/vec.BlockRows, i%vec.BlockRows)
	}
	o.store = next
}

func (o *sortOp) reset() {
	o.in.reset()
	o.sort = newSorter(o.sort.keys, o.sort.limit)
	o.store, o.refs = rowStore{}, nil
	o.seq, o.at, o.begun = 0, 0, false
	o.mem.release()
}

func (o *sortOp) close() {
	o.mem.release()
	o.in.close()
}

// aggregateOp aggregates rows at the root.
type aggregateOp struct {
	ec    *function.EvalContext
	in    operator
	state *groupState
	evals map[expr.Expr]*expr.Evaluator
	outs  []vec.Vector
	out   *groupsOp

	explode *exploder // of arrays as keys
}

func newAggregateOp(env *Env, ec *function.EvalContext, in operator, n *logical.Aggregate) *aggregateOp {
	plan := newAggPlan(n.Keys, n.Aggs, len(n.In.Columns()))
	return &aggregateOp{ec: ec, in: in, state: newGroupState(env, plan), evals: map[expr.Expr]*expr.Evaluator{},
		outs: make([]vec.Vector, len(plan.exprs)+len(plan.keys))}
}

func (o *aggregateOp) next(ctx context.Context) (*vec.Batch, error) {
	if o.out == nil {
		for {
			if err := alive(ctx); err != nil {
				return nil, err
			}
			b, err := o.in.next(ctx)
			if err != nil {
				return nil, err
			}
			if b == nil {
				break
			}
			if err := o.take(ctx, b); err != nil {
				return nil, err
			}
		}
		if err := o.state.account(); err != nil {
			return nil, err
		}
		o.out = newGroupsOp(&Groups{states: []*groupState{o.state}})
	}
	return o.out.next(ctx)
}

func (o *aggregateOp) take(ctx context.Context, b *vec.Batch) error {
	o.ec.Ctx = ctx
	plan := o.state.plan
	have := make([]bool, len(plan.exprs))
	keys := make([]*vec.Vector, len(plan.keys))
	for i, k := range plan.keys {
		v, err := o.eval(k, b, &o.outs[len(plan.exprs)+i])
		if err != nil {
			return err
		}
		keys[i] = v
	}
	value := func(i int, _ argForm) (*vec.Vector, error) {
		if have[i] {
			if c, ok := plan.exprs[i].(*expr.Column); ok {
				return b.Cols[c.Index], nil
			}
			return &o.outs[i], nil
		}
		have[i] = true
		return o.eval(plan.exprs[i], b, &o.outs[i])
	}
	if plan.multi {
		if o.explode == nil {
			o.explode = newExploder(plan)
		}
		x := o.explode
		return x.explode(keys, b.Rows, func(keys []*vec.Vector) error {
			groups := o.state.groups[:len(x.rows)]
			o.state.table.assign(keys, len(x.rows), groups)
			return o.state.add(groups, len(x.rows), func(i int, _ argForm) (*vec.Vector, error) { return x.value(i, value) })
		})
	}
	var groups []uint32
	if len(keys) > 0 {
		groups = o.state.groups[:b.Rows]
		o.state.table.assign(flattenMixed(keys, o.outs[len(plan.exprs):]), b.Rows, groups)
	}
	return o.state.add(groups, b.Rows, value)
}

func (o *aggregateOp) eval(e expr.Expr, b *vec.Batch, out *vec.Vector) (*vec.Vector, error) {
	if c, ok := e.(*expr.Column); ok {
		return b.Cols[c.Index], nil
	}
	ev := o.evals[e]
	if ev == nil {
		ev = expr.NewEvaluator(e)
		o.evals[e] = ev
	}
	return out, ev.Eval(o.ec, b, out)
}

func (o *aggregateOp) reset() {
	o.in.reset()
	o.state.reset()
	o.out = nil
}

func (o *aggregateOp) close() {
	o.state.mem.release()
	o.in.close()
}

// groupsOp gives the groups of a finished aggregation as rows, one state after the other.
type groupsOp struct {
	states []*groupState
	aggs   []vec.Vector // results of all groups of states[0]
	begun  bool
	at, n  int
	cols   []vec.Vector
	batch  vec.Batch
}

func newGroupsOp(g *Groups) *groupsOp { return &groupsOp{states: g.states} }

func (o *groupsOp) next(ctx context.Context) (*vec.Batch, error) {
	for len(o.states) > 0 {
		if err := alive(ctx); err != nil {
			return nil, err
		}
		if !o.begun {
			if err := o.begin(); err != nil {
				return nil, err
			}
		}
		if o.at < o.n {
			return o.rows(), nil
		}
		o.states, o.begun = o.states[1:], false
	}
	return nil, nil
}

// rows gives the next rows of the current state.
func (o *groupsOp) rows() *vec.Batch {
	g := o.states[0]
	rows := min(o.n-o.at, vec.BlockRows)
	keys := len(g.plan.keys)
	if keys > 0 {
		g.table.columns(o.at, o.at+rows, o.batch.Cols[:keys])
	}
	for i := range o.aggs {
		sliceVector(&o.aggs[i], o.at, rows, &o.cols[keys+i])
	}
	o.at += rows
	o.batch.Rows = rows
	return &o.batch
}

func (o *groupsOp) begin() error {
	g := o.states[0]
	o.begun, o.at, o.n = true, 0, 1
	if g.table != nil {
		o.n = g.table.groups()
		g.size(g.table.size())
	}
	if o.cols == nil {
		o.aggs = make([]vec.Vector, len(g.accs))
		o.cols = make([]vec.Vector, len(g.plan.keys)+len(g.accs))
		for i := range o.cols {
			o.batch.Cols = append(o.batch.Cols, &o.cols[i])
		}
	}
	for i, a := range g.accs {
		if err := a.Result(o.n, &o.aggs[i]); err != nil {
			return err
		}
	}
	return nil
}

// sliceVector makes out n rows of the flat or constant vector v from from on, a multiple of 64.
func sliceVector(v *vec.Vector, from, n int, out *vec.Vector) {
	out.Alias(v.Type, v.Form, n)
	out.Nulls = nil
	if v.Form == vec.FormConst {
		out.I32, out.I64, out.F32, out.F64, out.Str, out.Bits = v.I32, v.I64, v.F32, v.F64, v.Str, v.Bits
		out.Nulls, out.Offsets, out.Elems = v.Nulls, v.Offsets, v.Elems
		return
	}
	if v.Nulls != nil {
		out.Nulls = sliceBits(v.Nulls, from, n)
	}
	switch {
	case v.Type.MultiValue:
		out.Offsets, out.Elems = v.Offsets[from:from+n+1], v.Elems
	case v.I32 != nil:
		out.I32 = v.I32[from : from+n]
	case v.I64 != nil:
		out.I64 = v.I64[from : from+n]
	case v.F32 != nil:
		out.F32 = v.F32[from : from+n]
	case v.F64 != nil:
		out.F64 = v.F64[from : from+n]
	case v.Str != nil:
		out.Str = v.Str[from : from+n]
	case v.Bits != nil:
		out.Bits = sliceBits(v.Bits, from, n)
	}
}

// sliceBits copies n bits from a position that is a multiple of 64; bits behind them are clear.
func sliceBits(b vec.Bitmap, from, n int) vec.Bitmap {
	out := append(vec.Bitmap(nil), b[from>>6:from>>6+vec.Words(n)]...)
	out.Trim(n)
	return out
}

func (o *groupsOp) reset() {}
func (o *groupsOp) close() {}
