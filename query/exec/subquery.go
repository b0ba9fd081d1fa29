package exec

import (
	"context"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/logical"
)

// Bounds of what a sub-query remembers: tuples of outer values, and bytes of results.
const (
	maxMemo   = 1 << 16
	memoBytes = 32 << 20
)

// subquery runs one sub-query of a statement and remembers its results by the values that it takes from outside.
type subquery struct {
	st   *statement
	e    *expr.Subquery
	s    *scope
	op   operator
	once bool // results hold for the statement; else only within one evaluation
	keys *tupleTable
	// By tuple: the result of a scalar, EXISTS or ARRAY sub-query, or the rows that ANY and ALL compare with.
	known   []bool
	values  []catalog.Value
	sets    []*quantified
	bytes   int64
	mem     account
	groups  []uint32
	compare *expr.Evaluator // of ANY and ALL, row by row
	cmpEC   *function.EvalContext
	lefts   *tupleTable // brings left sides into the form of keys
}

// evalSubquery is EvalContext.Subquery of the root.
func (st *statement) evalSubquery(ec *function.EvalContext, node any, operands []*vec.Vector, n int, out *vec.Vector) error {
	e, ok := node.(*expr.Subquery)
	if !ok {
		return errs.Bug("sub-query %T", node)
	}
	q := st.subs[e]
	if q == nil {
		var err error
		if q, err = st.newSubquery(e); err != nil {
			return err
		}
		st.subs[e] = q
	}
	return q.eval(ec.Ctx, operands, n, out)
}

func (st *statement) newSubquery(e *expr.Subquery) (*subquery, error) {
	n, ok := e.Plan.(logical.Node)
	if !ok {
		return nil, errs.Bug("sub-query without a plan: %T", e.Plan)
	}
	if quantified := e.Kind == expr.SubqueryAny || e.Kind == expr.SubqueryAll; e.Kind == expr.SubqueryInvalid || quantified != (len(e.Left) > 0) {
		return nil, errs.Bug("sub-query of kind %d with %d left sides", e.Kind, len(e.Left))
	}
	rounds := len(st.facts.of(n).work) > 0
	again := rounds || len(e.Outer) > 0
	q := &subquery{st: st, e: e, s: st.scope(again), mem: account{env: st.env, operator: "sub-query"},
		once: !rounds && (len(e.Outer) == 0 || !volatilePlan(n))}
	q.forget()
	if len(e.Left) > 0 {
		q.prepareCompare()
	}
	var err error
	q.op, err = q.s.build(n, -1)
	return q, err
}

// volatilePlan reports plans that may give other rows for the same values.
func volatilePlan(n logical.Node) bool {
	found := false
	logical.OwnExprs(n, func(e expr.Expr) {
		found = found || volatileExpr(e)
		expr.Walk(e, func(x expr.Expr) bool {
			if sub, ok := x.(*expr.Subquery); ok {
				if p, ok := sub.Plan.(logical.Node); ok {
					found = found || volatilePlan(p)
				}
			}
			return !found
		})
	})
	for _, in := range n.Inputs() {
		found = found || volatilePlan(in)
	}
	return found
}

// forget drops every result.
func (q *subquery) forget() {
	types := make([]catalog.Type, len(q.e.Outer))
	for i, e := range q.e.Outer {
		types[i] = e.Type()
	}
	q.keys = newTupleTable(types)
	q.known, q.values, q.sets, q.bytes = nil, nil, nil, 0
	q.mem.release()
}

func (q *subquery) close() {
	q.op.close()
	q.mem.release()
}

// eval evaluates the sub-query for n rows of operands.
func (q *subquery) eval(ctx context.Context, operands []*vec.Vector, n int, out *vec.Vector) error {
	if n == 0 {
		out.Reset(q.e.T, 0)
		return nil
	}
	lefts, outers := operands[:len(q.e.Left)], operands[len(q.e.Left):]
	if !q.once || q.keys.size() > maxMemo || q.bytes > memoBytes {
		q.forget()
	}
	if cap(q.groups) < n {
		q.groups = make([]uint32, max(n, vec.BlockRows))
	}
	groups := q.groups[:n]
	q.number(outers, n, groups)
	for row, g := range groups {
		if q.known[g] {
			continue
		}
		if err := q.run(ctx, outers, row, g); err != nil {
			return err
		}
		q.known[g] = true
		if err := q.mem.set(q.bytes + q.keys.bytes()); err != nil {
			return err
		}
	}
	if len(lefts) > 0 {
		return q.quantify(ctx, lefts, groups, out)
	}
	if len(outers) == 0 && q.once {
		out.SetConst(q.values[0], n)
		return nil
	}
	fillValues(out, q.e.T, n, func(row int) *catalog.Value { return &q.values[groups[row]] })
	return nil
}

// number gives each row the number of its tuple of outer values, and makes room for results.
func (q *subquery) number(outers []*vec.Vector, n int, groups []uint32) {
	size := n
	if !q.once && len(outers) > 0 && volatilePlan(q.e.Plan.(logical.Node)) {
		for i := range groups { // each row runs on its own
			groups[i] = uint32(i)
		}
	} else {
		q.keys.assign(outers, n, groups)
		size = q.keys.size()
	}
	for len(q.known) < size {
		q.known = append(q.known, false)
		if len(q.e.Left) > 0 {
			q.sets = append(q.sets, nil)
		} else {
			q.values = append(q.values, catalog.Value{})
		}
	}
}

// run runs the plan for the outer values of one row.
func (q *subquery) run(ctx context.Context, outers []*vec.Vector, row int, g uint32) error {
	if err := alive(ctx); err != nil {
		return err
	}
	q.s.enter(outers, row)
	q.op.reset()
	switch q.e.Kind {
	case expr.SubqueryExists:
		found, err := q.exists(ctx)
		q.values[g] = catalog.BoolValue(found)
		return err
	case expr.SubqueryScalar:
		v, err := q.scalar(ctx)
		q.values[g] = v
		q.bytes += valueBytes(v)
		return err
	case expr.SubqueryArray:
		v, err := q.array(ctx)
		q.values[g] = v
		q.bytes += valueBytes(v)
		return err
	default:
		set, err := q.collect(ctx)
		q.sets[g] = set
		return err
	}
}

func valueBytes(v catalog.Value) int64 {
	n := int64(80 + len(v.Str))
	for _, e := range v.Elems {
		n += valueBytes(e)
	}
	return n
}

func (q *subquery) exists(ctx context.Context) (bool, error) {
	for {
		b, err := q.op.next(ctx)
		if b == nil || err != nil {
			return false, err
		}
		if b.Rows > 0 {
			return true, nil
		}
	}
}

func (q *subquery) scalar(ctx context.Context) (catalog.Value, error) {
	return scalarOf(ctx, q.op, q.e.T)
}

// scalarOf reads the only row.
func scalarOf(ctx context.Context, op operator, t catalog.Type) (catalog.Value, error) {
	v, rows := catalog.NullValue(t), 0
	for {
		b, err := op.next(ctx)
		if b == nil || err != nil {
			return v, err
		}
		if b.Rows == 0 {
			continue
		}
		if rows += b.Rows; rows > 1 {
			return v, errs.User(errs.CardinalityViolation, "more than one row returned by a subquery used as an expression")
		}
		if len(b.Cols) != 1 {
			return v, errs.Bug("scalar sub-query of %d columns", len(b.Cols))
		}
		v = cloneDeep(b.Cols[0].At(0))
		v.Type = t
	}
}

// cloneDeep copies a value and what its texts alias.
func cloneDeep(v catalog.Value) catalog.Value {
	v = cloneValue(v)
	if v.Elems != nil {
		elems := make([]catalog.Value, len(v.Elems))
		for i, e := range v.Elems {
			elems[i] = cloneValue(e)
		}
		v.Elems = elems
	}
	return v
}

func (q *subquery) array(ctx context.Context) (catalog.Value, error) {
	return arrayOf(ctx, q.op, q.e.T, q.st.env)
}

// arrayOf collects the only column.
func arrayOf(ctx context.Context, op operator, t catalog.Type, env *Env) (catalog.Value, error) {
	v, held := catalog.Value{Type: t}, account{env: env, operator: "sub-query"}
	defer held.release()
	for {
		b, err := op.next(ctx)
		if b == nil || err != nil {
			return v, err
		}
		if len(b.Cols) != 1 || b.Cols[0].Type.MultiValue {
			return v, errs.User(errs.FeatureNotSupported, "an ARRAY sub-query takes one column that is no array")
		}
		bytes := held.held
		for i := range b.Rows {
			e := cloneValue(b.Cols[0].At(i))
			bytes += valueBytes(e)
			v.Elems = append(v.Elems, e)
		}
		if err := held.set(bytes); err != nil {
			return v, err
		}
	}
}

// fillValues makes out a flat vector of values.
func fillValues(out *vec.Vector, t catalog.Type, n int, at func(row int) *catalog.Value) {
	out.Reset(t, n)
	if !t.MultiValue {
		clear(out.Str)
		for i := range n {
			setValue(out, i, at(i))
		}
		return
	}
	total := 0
	for i := range n {
		total += len(at(i).Elems)
		out.Offsets[i+1] = uint32(total)
	}
	out.Elems.Reset(t.Elem(), total)
	clear(out.Elems.Str)
	next := 0
	for i := range n {
		v := at(i)
		if v.Null {
			out.SetNull(i)
		}
		for j := range v.Elems {
			setValue(out.Elems, next, &v.Elems[j])
			next++
		}
	}
}

// setValue stores v in row i of a flat single-value vector.
func setValue(out *vec.Vector, i int, v *catalog.Value) {
	if v.Null {
		out.SetNull(i)
		return
	}
	switch out.Type.Kind.Physical() {
	case catalog.PhysInt32:
		out.I32[i] = int32(v.I64)
	case catalog.PhysInt64:
		out.I64[i] = v.I64
	case catalog.PhysFloat32:
		out.F32[i] = float32(v.F64)
	case catalog.PhysFloat64:
		out.F64[i] = v.F64
	case catalog.PhysBits:
		if v.I64 != 0 {
			out.Bits.Set(i)
		}
	default:
		out.Str[i] = v.Str
	}
}
