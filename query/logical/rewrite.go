package logical

import (
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
)

// withInput copies a node over another child.
func withInput(n, in Node) Node {
	if n.Input() == in {
		return n
	}
	switch n := n.(type) {
	case *Filter:
		c := *n
		c.In = in
		return &c
	case *Project:
		c := *n
		c.In = in
		return &c
	case *Aggregate:
		c := *n
		c.In = in
		return &c
	case *Sort:
		c := *n
		c.In = in
		return &c
	case *Limit:
		c := *n
		c.In = in
		return &c
	default:
		return n
	}
}

// transform rewrites a plan bottom-up.
func transform(n Node, f func(Node) Node) Node {
	if in := n.Input(); in != nil {
		n = withInput(n, transform(in, f))
	}
	return f(n)
}

// mapExprs applies value to the expressions of every node, and cond to those that only decide whether a row counts:
// there NULL is as good as false.
func mapExprs(n Node, value, cond func(expr.Expr) expr.Expr) Node {
	optional := func(e expr.Expr) expr.Expr {
		if e == nil {
			return nil
		}
		return cond(e)
	}
	return transform(n, func(n Node) Node {
		switch n := n.(type) {
		case *Scan:
			c := *n
			c.Filter = optional(n.Filter)
			return &c
		case *Filter:
			c := *n
			c.Cond = cond(n.Cond)
			return &c
		case *Project:
			c := *n
			c.Exprs = mapList(n.Exprs, value)
			return &c
		case *Aggregate:
			c := *n
			c.Keys = mapList(n.Keys, value)
			c.Aggs = make([]AggCall, len(n.Aggs))
			for i, a := range n.Aggs {
				a.Args = mapList(a.Args, value)
				a.Filter = optional(a.Filter)
				c.Aggs[i] = a
			}
			return &c
		default:
			return n
		}
	})
}

func mapList(list []expr.Expr, f func(expr.Expr) expr.Expr) []expr.Expr {
	out := make([]expr.Expr, len(list))
	for i, e := range list {
		out[i] = f(e)
	}
	return out
}

// everywhere makes a rule of a bottom-up rewrite of all expressions.
func everywhere(f func(expr.Expr) expr.Expr) func(Node) Node {
	rewrite := func(e expr.Expr) expr.Expr { return expr.Rewrite(e, f) }
	return func(n Node) Node { return mapExprs(n, rewrite, rewrite) }
}

// constant gives e's value where it is a Const.
func constant(e expr.Expr) (*expr.Const, bool) {
	c, ok := e.(*expr.Const)
	return c, ok
}

// rename points the columns of e to their new positions.
func rename(e expr.Expr, to []int) (expr.Expr, error) {
	if e == nil {
		return nil, nil
	}
	var err error
	out := expr.Rewrite(e, func(x expr.Expr) expr.Expr {
		c, ok := x.(*expr.Column)
		if !ok {
			return x
		}
		if c.Index >= len(to) || to[c.Index] < 0 {
			err = errs.Bug("column %d (%s) was pruned but is used", c.Index, c.Name)
			return x
		}
		if to[c.Index] == c.Index {
			return x
		}
		return &expr.Column{Index: to[c.Index], Name: c.Name, T: c.T}
	})
	return out, err
}
