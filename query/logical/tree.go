package logical

import (
	"strings"

	"github.com/freshetdb/freshet/query/expr"
)

// WithInputs copies a node over other children, in the order of Inputs; n itself where they are the same.
func WithInputs(n Node, in []Node) Node { return withInputs(n, in) }

// OwnExprs shows f the expressions of n itself: not those of its inputs, nor those within the plans of sub-queries.
func OwnExprs(n Node, f func(expr.Expr)) {
	if len(n.Inputs()) == 0 {
		see := func(e expr.Expr) expr.Expr {
			f(e)
			return e
		}
		mapExprs(n, see, see)
		return
	}
	ownExprs(n, func(e expr.Expr) {
		if e != nil {
			f(e)
		}
	})
}

// MapOwn applies f to the expressions of n itself; n stays as it is where f changes nothing.
func MapOwn(n Node, f func(expr.Expr) expr.Expr) Node {
	in := n.Inputs()
	leaves := make([]Node, len(in))
	for i := range in {
		leaves[i] = &Values{Cols: in[i].Columns()}
	}
	changed := false
	apply := func(e expr.Expr) expr.Expr {
		if e == nil {
			return nil
		}
		out := f(e)
		changed = changed || out != e
		return out
	}
	out := mapExprs(withInputs(n, leaves), apply, apply)
	if !changed {
		return n
	}
	return withInputs(out, in)
}

// Describe is the line of one node in EXPLAIN.
func Describe(n Node) string { return describe(n) }

// Subplans are the plans of the sub-queries in a node's own expressions.
func Subplans(n Node) []Node { return subplans(n) }

// ExplainWith is Explain with a note behind the line of each node for which note gives one. Below it the sub-tree is
// described as without.
func ExplainWith(n Node, note func(Node) string) []string {
	var lines []string
	var walk func(n Node, depth int)
	walk = func(n Node, depth int) {
		line := strings.Repeat("  ", depth) + describe(n)
		if text := note(n); text != "" {
			line += "  " + text
		}
		lines = append(lines, line)
		for _, sub := range subplans(n) {
			lines = append(lines, strings.Repeat("  ", depth+1)+"SubPlan")
			walk(sub, depth+2)
		}
		for _, in := range n.Inputs() {
			walk(in, depth+1)
		}
	}
	walk(n, 0)
	return lines
}
