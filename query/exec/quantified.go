package exec

import (
	"context"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/kernel"
	"github.com/freshetdb/freshet/query/logical"
)

// quantified is the rows that ANY or ALL compares with.
type quantified struct {
	rows  rowStore
	n     int
	keys  *tupleTable // of the rows without NULL, where the comparison is one of equality
	nulls bool        // a row has a NULL
}

// prepareCompare compiles the comparison with one row: the left sides are outer values of it, the row is the batch.
func (q *subquery) prepareCompare() {
	e := q.e
	args := make([]expr.Expr, len(e.Left))
	types := make([]catalog.Type, len(e.Left))
	for i, l := range e.Left {
		types[i] = l.Type()
		args[i] = &expr.Compare{Op: e.Op, Left: &expr.Outer{Slot: i, T: l.Type()}, Right: &expr.Column{Index: i, T: q.columnType(i)}}
	}
	cond := args[0]
	switch {
	case len(args) == 1:
	case e.Op == expr.Ne:
		cond = &expr.Or{Args: args}
	default:
		cond = &expr.And{Args: args}
	}
	q.compare = expr.NewEvaluator(cond)
	q.cmpEC = q.st.env.laterContext()
	q.lefts = newTupleTable(types)
}

func (q *subquery) columnType(i int) catalog.Type {
	cols := q.e.Plan.(logical.Node).Columns()
	if i < len(cols) {
		return cols[i].Type
	}
	return q.e.Left[i].Type()
}

// byHash reports comparisons that a hash table answers: = ANY and <> ALL.
func (q *subquery) byHash() bool {
	e := q.e
	if !(e.Kind == expr.SubqueryAny && e.Op == expr.Eq || e.Kind == expr.SubqueryAll && e.Op == expr.Ne) {
		return false
	}
	for i, l := range e.Left {
		if !hashable(l, &expr.Column{T: q.columnType(i)}) {
			return false
		}
	}
	return true
}

// collect reads the rows of one run.
func (q *subquery) collect(ctx context.Context) (*quantified, error) {
	set := &quantified{}
	held := account{env: q.st.env, operator: "sub-query"}
	defer held.release() // from then on they are among what the sub-query remembers
	if err := materialise(ctx, q.op, &set.rows, &held); err != nil {
		return nil, err
	}
	set.n = set.rows.rows()
	for _, b := range set.rows.batches {
		if len(b) != len(q.e.Left) {
			return nil, errs.Bug("sub-query of %d columns is compared with %d values", len(b), len(q.e.Left))
		}
		for _, c := range b {
			set.nulls = set.nulls || c.HasNulls()
		}
	}
	const few = 16 // rows that are compared as fast as they are hashed
	if q.byHash() && (set.n > few || len(q.e.Outer) == 0) {
		set.keys = newTupleTable(q.leftTypes())
		groups := make([]uint32, vec.BlockRows)
		for i, b := range set.rows.batches {
			sel := make([]uint16, 0, set.rows.sizes[i])
			for row := range set.rows.sizes[i] {
				if !unmatchable(b, row) {
					sel = append(sel, uint16(row))
				}
			}
			cols := make([]*vec.Vector, len(b))
			for j, c := range b {
				cols[j] = &vec.Vector{}
				c.Gather(sel, cols[j])
			}
			set.keys.assign(cols, len(sel), groups)
		}
		q.bytes += set.keys.bytes()
	}
	q.bytes += set.rows.bytes
	return set, nil
}

func (q *subquery) leftTypes() []catalog.Type {
	types := make([]catalog.Type, len(q.e.Left))
	for i, l := range q.e.Left {
		types[i] = l.Type()
	}
	return types
}

// three is SQL's truth.
type three uint8

const (
	no three = iota
	yes
	unknown
)

// quantify compares the left side of each row with the rows of its set.
func (q *subquery) quantify(ctx context.Context, lefts []*vec.Vector, groups []uint32, out *vec.Vector) error {
	n := len(groups)
	out.Reset(catalog.Boolean, n)
	flat := make([]vec.Vector, len(lefts))
	lefts = append([]*vec.Vector(nil), lefts...) // the caller uses its own again
	for i, l := range lefts {
		if l.Form != vec.FormFlat {
			l.Gather(nil, &flat[i])
			lefts[i] = &flat[i]
		}
	}
	p := probe{lefts: lefts, ids: make([]uint32, n)}
	if set := q.sets[groups[0]]; len(q.sets) == 1 && set.keys != nil {
		set.keys.find(lefts, n, p.ids)
	} else {
		p.prepared, p.one = q.lefts.prepare(lefts, n), make([]vec.Vector, len(lefts))
		p.view = make([]*vec.Vector, len(lefts))
	}
	for row, g := range groups {
		t, err := q.test(ctx, q.sets[g], &p, row)
		if err != nil {
			return err
		}
		switch t {
		case yes:
			out.Bits.Set(row)
		case unknown:
			out.SetNull(row)
		}
	}
	return nil
}

// probe looks left sides up in sets.
type probe struct {
	lefts    []*vec.Vector
	ids      []uint32      // by row, where all look into one set
	prepared []*vec.Vector // else
	view     []*vec.Vector
	one      []vec.Vector
}

func (p *probe) found(set *quantified, row int) bool {
	if unmatchable(p.lefts, row) {
		return false
	}
	if p.prepared == nil {
		return p.ids[row] != kernel.Missing
	}
	for i, v := range p.prepared {
		v.Gather([]uint16{uint16(row)}, &p.one[i])
		p.view[i] = &p.one[i]
	}
	set.keys.table.find1(p.view, 1, p.ids[:1])
	return p.ids[0] != kernel.Missing
}

// test compares the left side of one row with a set.
func (q *subquery) test(ctx context.Context, set *quantified, p *probe, row int) (three, error) {
	all := q.e.Kind == expr.SubqueryAll
	miss, hit := no, yes // what no row and one row mean
	if all {
		miss, hit = yes, no
	}
	switch null := anyNull(p.lefts, row); {
	case set.n == 0:
		return miss, nil
	case set.keys == nil || null && len(p.lefts) > 1:
		return q.compareAll(ctx, p.lefts, row, set)
	case null:
		return unknown, nil
	case p.found(set, row):
		return hit, nil
	case set.nulls && len(p.lefts) > 1:
		return q.compareAll(ctx, p.lefts, row, set)
	case set.nulls:
		return unknown, nil
	default:
		return miss, nil
	}
}

func anyNull(cols []*vec.Vector, row int) bool {
	for _, c := range cols {
		if c.IsNull(row) {
			return true
		}
	}
	return false
}

// compareAll compares one left side with every row.
func (q *subquery) compareAll(ctx context.Context, lefts []*vec.Vector, row int, set *quantified) (three, error) {
	q.cmpEC.Ctx = ctx
	q.cmpEC.Outer = q.cmpEC.Outer[:0]
	for _, l := range lefts {
		q.cmpEC.Outer = append(q.cmpEC.Outer, l.At(row))
	}
	anyKind := q.e.Kind == expr.SubqueryAny
	nulls := false
	var out vec.Vector
	for i, b := range set.rows.batches {
		if err := alive(ctx); err != nil {
			return no, err
		}
		n := set.rows.sizes[i]
		if err := q.compare.EvalFlat(q.cmpEC, &vec.Batch{Rows: n, Cols: b}, &out); err != nil {
			return no, err
		}
		for r := range n {
			switch {
			case out.IsNull(r):
				nulls = true
			case out.Bits.Get(r) == anyKind:
				if anyKind {
					return yes, nil
				}
				return no, nil
			}
		}
	}
	switch {
	case nulls:
		return unknown, nil
	case anyKind:
		return no, nil
	default:
		return yes, nil
	}
}
