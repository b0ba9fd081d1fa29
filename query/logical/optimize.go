package logical

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/expr"
)

// Rule is one named rewrite. Apply gives an equivalent plan and leaves its argument as it is.
type Rule struct {
	Name  string
	Apply func(Node) Node
}

// Rules are all rewrites, in the order in which Optimize applies them.
func Rules() []Rule {
	return []Rule{
		{"push-filters", pushFilters},
		{"fold-constants", everywhere(foldConstant)},
		{"flatten-junctions", everywhere(flattenJunction)},
		{"constant-on-the-right", everywhere(constantRight)},
		{"unwrap-cast", everywhere(unwrapCast)},
		{"unwrap-time-difference", everywhere(unwrapDifference)},
		{"unwrap-date-trunc", everywhere(unwrapDateTrunc)},
		{"junction-to-in", everywhere(junctionToIn)},
		{"simplify-filters", simplifyFilters},
		{"top-n", topN},
		{"prune-columns", pruneColumns},
		{"prune-exists", everywhere(pruneExists)},
	}
}

// Optimize applies every rule once, in order, to the plans of sub-queries and then to n.
func Optimize(n Node) Node {
	rules := Rules()
	return nested(n, func(n Node) Node {
		for _, r := range rules {
			n = r.Apply(n)
		}
		return n
	})
}

func boolConst(v bool) expr.Expr { return &expr.Const{Value: catalog.BoolValue(v)} }

func isBool(e expr.Expr, v bool) bool {
	c, ok := constant(e)
	return ok && !c.Value.Null && c.Value.Type == catalog.Boolean && (c.Value.I64 != 0) == v
}
