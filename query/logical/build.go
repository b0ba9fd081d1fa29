package logical

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/bind"
	"github.com/freshetdb/freshet/query/expr"
)

// Plan makes the plan of a bound query, without rewriting it. That of a SELECT is
//
//	sources(filter) -> [Aggregate -> [Filter]] -> [Window ...] -> [ProjectSet] -> Project -> [Aggregate] -> [Sort] ->
//	[DistinctOn] -> [Limit] -> [Project]
//
// The second Aggregate is DISTINCT; the last Project removes sort keys that are not part of the result.
func Plan(q *bind.Query) (Node, error) {
	p := &planner{ctes: map[int]Node{}}
	return p.query(q)
}

// planner makes the plan of one statement, sub-queries included.
type planner struct {
	ctes map[int]Node // by id: those that are referred to more than once
}

// query plans a query of any form.
func (p *planner) query(q *bind.Query) (Node, error) {
	n, err := p.body(q)
	if err != nil {
		return nil, err
	}
	if len(q.Sort) > 0 {
		s := &Sort{In: n, Keys: make([]SortKey, len(q.Sort)), Limit: -1}
		for i, k := range q.Sort {
			s.Keys[i] = SortKey{Column: k.Column, Descending: k.Descending, NullsFirst: k.NullsFirst}
		}
		n = s
	}
	if len(q.DistinctOn) > 0 {
		n = &DistinctOn{In: n, Keys: q.DistinctOn}
	}
	if q.Limit != nil || q.Offset != nil {
		if n, err = limit(n, q); err != nil {
			return nil, err
		}
	}
	if len(q.Hidden) > 0 {
		n = head(n, len(q.Items))
	}
	return castOutputs(n, q.Cast), nil
}

// body plans what a query's ORDER BY and LIMIT work on.
func (p *planner) body(q *bind.Query) (Node, error) {
	switch {
	case q.SetOp != nil:
		kinds := map[string]SetOpKind{"UNION": Union, "INTERSECT": Intersect, "EXCEPT": Except}
		l, r, err := p.pair(q.SetOp.Left, q.SetOp.Right)
		return &SetOp{Kind: kinds[q.SetOp.Op], All: q.SetOp.All, Left: l, Right: r}, err
	case q.Recursive != nil:
		l, r, err := p.pair(q.Recursive.Base, q.Recursive.Step)
		return &Recursive{ID: q.Recursive.CTE.ID, Name: q.Recursive.CTE.Name, Base: l, Step: r, All: q.Recursive.All}, err
	case q.Values != nil:
		return p.values(q)
	default:
		s := &selectPlan{planner: p, q: q}
		return s.plan()
	}
}

func (p *planner) pair(l, r *bind.Query) (Node, Node, error) {
	left, err := p.query(l)
	if err != nil {
		return nil, nil, err
	}
	right, err := p.query(r)
	return left, right, err
}

func (p *planner) values(q *bind.Query) (Node, error) {
	v := &Values{Rows: make([][]expr.Expr, len(q.Values)), Cols: make([]Column, len(q.Outputs))}
	for i, o := range q.Outputs {
		v.Cols[i] = Column{Name: o.Name, Type: o.Type}
	}
	for i, row := range q.Values {
		var err error
		if v.Rows[i], err = p.exprs(row, nil); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// castOutputs gives the columns of n other types.
func castOutputs(n Node, to []catalog.Type) Node {
	cols := n.Columns()
	p := &Project{In: n, Exprs: identityExprs(cols), Names: make([]string, len(cols))}
	changed := false
	for i, c := range cols {
		p.Names[i] = c.Name
		if i < len(to) && c.Type != to[i] {
			p.Exprs[i], changed = &expr.Cast{Arg: p.Exprs[i], To: to[i]}, true
		}
	}
	if !changed {
		return n
	}
	return p
}

func identityExprs(cols []Column) []expr.Expr {
	out := make([]expr.Expr, len(cols))
	for i, c := range cols {
		out[i] = &expr.Column{Index: i, Name: c.Name, T: c.Type}
	}
	return out
}

// expr makes a bound expression one of the plan: columns go to their positions (nil: they stay), and the queries of
// sub-queries are planned.
func (p *planner) expr(e expr.Expr, place func(index int) int) (expr.Expr, error) {
	if e == nil {
		return nil, nil
	}
	var failed error
	out := expr.Rewrite(e, func(x expr.Expr) expr.Expr {
		switch x := x.(type) {
		case *expr.Column:
			if place == nil {
				return x
			}
			to := place(x.Index)
			if to == x.Index {
				return x
			}
			if to < 0 && failed == nil {
				failed = errs.Bug("column %d (%s) has no place in the plan", x.Index, x.Name)
			}
			return &expr.Column{Index: to, Name: x.Name, T: x.T}
		case *expr.Subquery:
			q, ok := x.Plan.(*bind.Query)
			if !ok {
				return x
			}
			n, err := p.query(q)
			if err != nil && failed == nil {
				failed = err
			}
			c := *x
			c.Plan = n
			return &c
		}
		return x
	})
	return out, failed
}

func (p *planner) exprs(list []expr.Expr, place func(int) int) ([]expr.Expr, error) {
	out := make([]expr.Expr, len(list))
	for i, e := range list {
		var err error
		if out[i], err = p.expr(e, place); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// distinct groups by all columns of its input.
func distinct(in Node) Node {
	return &Aggregate{In: in, Keys: identityExprs(in.Columns())}
}

// head keeps the first n columns.
func head(in Node, n int) Node {
	cols := in.Columns()
	p := &Project{In: in, Exprs: make([]expr.Expr, n), Names: make([]string, n)}
	for i := range n {
		p.Exprs[i] = &expr.Column{Index: i, Name: cols[i].Name, T: cols[i].Type}
		p.Names[i] = cols[i].Name
	}
	return p
}

func limit(in Node, q *bind.Query) (Node, error) {
	l := &Limit{In: in, Count: -1}
	var err error
	if q.Limit != nil {
		if l.Count, l.CountParam, err = rowCount(q.Limit); err != nil {
			return nil, err
		}
	}
	if q.Offset != nil {
		if l.Offset, l.OffsetParam, err = rowCount(q.Offset); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// rowCount splits a bound row count into a number or a parameter.
func rowCount(e expr.Expr) (int64, *expr.Param, error) {
	switch e := e.(type) {
	case *expr.Const:
		return e.Value.I64, nil, nil
	case *expr.Param:
		return 0, e, nil
	default:
		return 0, nil, errs.Bug("row count is a %T", e)
	}
}
