package logical

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/bind"
	"github.com/freshetdb/freshet/query/expr"
)

// simplifyFilters uses that a filter takes NULL for false: such operands vanish, repeated conjuncts too, and a filter
// that is true goes away.
func simplifyFilters(n Node) Node {
	keep := func(e expr.Expr) expr.Expr { return e }
	n = mapExprs(n, keep, simplify)
	return transform(n, func(n Node) Node {
		switch n := n.(type) {
		case *Scan:
			if n.Filter != nil && isBool(n.Filter, true) {
				c := *n
				c.Filter = nil
				return &c
			}
		case *Filter:
			if isBool(n.Cond, true) {
				return n.In
			}
		case *Aggregate:
			for i := range n.Aggs { // mapExprs has made the slice our own
				if f := n.Aggs[i].Filter; f != nil && isBool(f, true) {
					n.Aggs[i].Filter = nil
				}
			}
		}
		return n
	})
}

// simplify rewrites a condition of which only true matters.
func simplify(e expr.Expr) expr.Expr {
	switch c := e.(type) {
	case *expr.Const:
		if c.Value.Null {
			return boolConst(false)
		}
	case *expr.And:
		return junction(distinctArgs(mapList(c.Args, simplify)), true)
	case *expr.Or:
		return junction(distinctArgs(mapList(c.Args, simplify)), false)
	case *expr.In: // a NULL in the list makes what is not found unknown
		switch {
		case c.HasNull && c.Negated:
			return boolConst(false)
		case c.HasNull:
			set := *c
			set.HasNull = false
			return &set
		}
	case *expr.Coalesce: // x IS TRUE
		if len(c.Args) == 2 && c.T == catalog.Boolean && isBool(c.Args[1], false) {
			return simplify(c.Args[0])
		}
	}
	return e
}

// maxDistinct bounds the operands that are compared pairwise.
const maxDistinct = 32

// distinctArgs drops operands that repeat an earlier one.
func distinctArgs(args []expr.Expr) []expr.Expr {
	if len(args) > maxDistinct {
		return args
	}
	out := args[:0]
	for _, a := range args {
		known := false
		for _, b := range out {
			known = known || bind.Equal(a, b)
		}
		if !known {
			out = append(out, a)
		}
	}
	return out
}
