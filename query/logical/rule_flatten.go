package logical

import (
	"github.com/freshetdb/freshet/query/expr"
)

// flattenJunction joins nested ANDs and ORs, drops operands that change nothing, and decides the junction where one
// operand does. NULL operands stay: they matter where the result is not a filter.
func flattenJunction(e expr.Expr) expr.Expr {
	switch j := e.(type) {
	case *expr.And:
		return junction(j.Args, true)
	case *expr.Or:
		return junction(j.Args, false)
	case *expr.Not:
		return negated(j)
	}
	return e
}

// negated pushes NOT into operators that have a negated form of their own.
func negated(n *expr.Not) expr.Expr {
	switch a := n.Arg.(type) {
	case *expr.Not:
		return a.Arg
	case *expr.IsNull:
		return &expr.IsNull{Arg: a.Arg, Negated: !a.Negated, OfValue: a.OfValue}
	case *expr.In:
		c := *a
		c.Negated = !a.Negated
		return &c
	case *expr.Like:
		c := *a
		c.Negated = !a.Negated
		return &c
	case *expr.Compare:
		switch a.Op {
		case expr.Eq:
			return &expr.Compare{Op: expr.Ne, Left: a.Left, Right: a.Right}
		case expr.Ne:
			return &expr.Compare{Op: expr.Eq, Left: a.Left, Right: a.Right}
		}
	}
	return n
}

// junction is the AND (neutral true) or OR (neutral false) of args.
func junction(args []expr.Expr, neutral bool) expr.Expr {
	var out []expr.Expr
	for _, a := range args {
		switch {
		case isBool(a, neutral):
		case isBool(a, !neutral):
			return boolConst(!neutral)
		default:
			out = appendOperands(out, a, neutral)
		}
	}
	switch len(out) {
	case 0:
		return boolConst(neutral)
	case 1:
		return out[0]
	}
	if neutral {
		return &expr.And{Args: out}
	}
	return &expr.Or{Args: out}
}

// appendOperands appends a, or its operands where it is the same junction.
func appendOperands(out []expr.Expr, a expr.Expr, and bool) []expr.Expr {
	switch j := a.(type) {
	case *expr.And:
		if and {
			return append(out, j.Args...)
		}
	case *expr.Or:
		if !and {
			return append(out, j.Args...)
		}
	}
	return append(out, a)
}
