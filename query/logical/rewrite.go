package logical

import (
	"slices"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
)

// withInputs copies a node over other children.
//
// long: one case a node type.
func withInputs(n Node, in []Node) Node {
	if slices.Equal(n.Inputs(), in) {
		return n
	}
	switch n := n.(type) {
	case *Filter:
		c := *n
		c.In = in[0]
		return &c
	case *Project:
		c := *n
		c.In = in[0]
		return &c
	case *Aggregate:
		c := *n
		c.In = in[0]
		return &c
	case *Sort:
		c := *n
		c.In = in[0]
		return &c
	case *Limit:
		c := *n
		c.In = in[0]
		return &c
	case *Join:
		c := *n
		c.Left, c.Right = in[0], in[1]
		return &c
	case *SetOp:
		c := *n
		c.Left, c.Right = in[0], in[1]
		return &c
	case *Window:
		c := *n
		c.In = in[0]
		return &c
	case *ProjectSet:
		c := *n
		c.In = in[0]
		return &c
	case *DistinctOn:
		c := *n
		c.In = in[0]
		return &c
	case *Shared:
		c := *n
		c.In = in[0]
		return &c
	case *Recursive:
		c := *n
		c.Base, c.Step = in[0], in[1]
		return &c
	default:
		return n
	}
}

// withInput copies a node with one child over another.
func withInput(n, in Node) Node { return withInputs(n, []Node{in}) }

// transform rewrites a plan bottom-up. A sub-tree that several Shared nodes of one ID hold is rewritten for each.
func transform(n Node, f func(Node) Node) Node {
	if old := n.Inputs(); len(old) > 0 {
		in := make([]Node, len(old))
		for i := range old {
			in[i] = transform(old[i], f)
		}
		n = withInputs(n, in)
	}
	return f(n)
}

// mapExprs applies value to the expressions of every node, and cond to those that only decide whether a row counts:
// there NULL is as good as false.
//
// long: one case a node type.
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
		case *Values:
			c := *n
			c.Rows = make([][]expr.Expr, len(n.Rows))
			for i, row := range n.Rows {
				c.Rows[i] = mapList(row, value)
			}
			return &c
		case *Filter:
			c := *n
			c.Cond = cond(n.Cond)
			return &c
		case *Project:
			c := *n
			c.Exprs = mapList(n.Exprs, value)
			return &c
		case *ProjectSet:
			c := *n
			c.Exprs = mapList(n.Exprs, value)
			return &c
		case *Join:
			c := *n
			c.On, c.Outer = optional(n.On), mapList(n.Outer, value)
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
		case *Window:
			return mapWindow(n, value, optional)
		default:
			return n
		}
	})
}

// ownExprs shows f the expressions of n itself, not those of its inputs.
func ownExprs(n Node, f func(expr.Expr)) {
	see := func(e expr.Expr) expr.Expr {
		f(e)
		return e
	}
	in := n.Inputs()
	leaves := make([]Node, len(in))
	for i := range in {
		leaves[i] = &Values{}
	}
	mapExprs(withInputs(n, leaves), see, see)
}

func mapWindow(n *Window, value, cond func(expr.Expr) expr.Expr) Node {
	c := *n
	c.Calls = make([]WindowCall, len(n.Calls))
	for i, call := range n.Calls {
		call.Args, call.Filter = mapList(call.Args, value), cond(call.Filter)
		for _, b := range []*FrameBound{&call.Frame.Start, &call.Frame.End} {
			if b.Offset != nil {
				b.Offset = value(b.Offset)
			}
		}
		c.Calls[i] = call
	}
	return &c
}

func mapList(list []expr.Expr, f func(expr.Expr) expr.Expr) []expr.Expr {
	out := make([]expr.Expr, len(list))
	for i, e := range list {
		out[i] = f(e)
	}
	return out
}

// everywhere makes a rule of a bottom-up rewrite of all expressions of one plan.
func everywhere(f func(expr.Expr) expr.Expr) func(Node) Node {
	rewrite := func(e expr.Expr) expr.Expr { return expr.Rewrite(e, f) }
	return func(n Node) Node { return mapExprs(n, rewrite, rewrite) }
}

// nested applies f to the plans of sub-queries, innermost first, and then to n.
func nested(n Node, f func(Node) Node) Node {
	inner := func(p Node) Node { return nested(p, f) }
	rewrite := func(e expr.Expr) expr.Expr {
		if !expr.HasSubquery(e) {
			return e
		}
		return expr.Rewrite(e, func(x expr.Expr) expr.Expr { return withSubplan(x, inner) })
	}
	return f(mapExprs(n, rewrite, rewrite))
}

// withSubplan applies f to the plan of a sub-query.
func withSubplan(e expr.Expr, f func(Node) Node) expr.Expr {
	sub, ok := e.(*expr.Subquery)
	if !ok {
		return e
	}
	n, ok := sub.Plan.(Node)
	if !ok {
		return e
	}
	c := *sub
	c.Plan = f(n)
	return &c
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
