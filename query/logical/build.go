package logical

import (
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/bind"
	"github.com/freshetdb/freshet/query/expr"
)

// Plan makes the plan of a bound query, without rewriting it:
//
//	Scan(filter) -> [Aggregate -> [Filter]] -> Project -> [Aggregate] -> [Sort] -> [Limit] -> [Project]
//
// The second Aggregate is DISTINCT; the last Project removes sort keys that are not part of the result.
func Plan(q *bind.Query) (Node, error) {
	n := source(q)
	if q.Grouped {
		n = &Aggregate{In: n, Keys: q.Keys, Aggs: aggCalls(q.Aggs)}
	}
	if q.Having != nil {
		n = &Filter{In: n, Cond: q.Having}
	}
	n = project(n, q)
	if q.Distinct {
		n = distinct(n)
	}
	if len(q.Sort) > 0 {
		s := &Sort{In: n, Keys: make([]SortKey, len(q.Sort)), Limit: -1}
		for i, k := range q.Sort {
			s.Keys[i] = SortKey{Column: k.Column, Descending: k.Descending, NullsFirst: k.NullsFirst}
		}
		n = s
	}
	if q.Limit != nil || q.Offset != nil {
		l, err := limit(n, q)
		if err != nil {
			return nil, err
		}
		n = l
	}
	if len(q.Hidden) > 0 {
		n = head(n, len(q.Items))
	}
	return n, nil
}

// source is the Scan, or the single row of a SELECT without FROM.
func source(q *bind.Query) Node {
	if q.Table == "" {
		if q.Where != nil {
			return &Filter{In: &Values{}, Cond: q.Where}
		}
		return &Values{}
	}
	s := &Scan{Table: q.Table, Cols: make([]Column, len(q.Inputs)), Filter: q.Where}
	for i, c := range q.Inputs {
		s.Cols[i] = Column{Name: c.Name, Type: c.Type}
	}
	return s
}

func aggCalls(aggs []bind.Agg) []AggCall {
	out := make([]AggCall, len(aggs))
	for i, a := range aggs {
		out[i] = AggCall{Fn: a.Fn, Args: a.Args, Filter: a.Filter, Text: a.Text}
	}
	return out
}

// project computes the items, then the hidden sort keys.
func project(in Node, q *bind.Query) Node {
	p := &Project{In: in, Exprs: append(q.Items[:len(q.Items):len(q.Items)], q.Hidden...), Names: make([]string, 0, len(q.Items)+len(q.Hidden))}
	for _, o := range q.Outputs {
		p.Names = append(p.Names, o.Name)
	}
	for _, h := range q.Hidden {
		p.Names = append(p.Names, h.String())
	}
	return p
}

// distinct groups by all columns of its input.
func distinct(in Node) Node {
	cols := in.Columns()
	keys := make([]expr.Expr, len(cols))
	for i, c := range cols {
		keys[i] = &expr.Column{Index: i, Name: c.Name, T: c.Type}
	}
	return &Aggregate{In: in, Keys: keys}
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
