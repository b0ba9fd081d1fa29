package physical

import (
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/logical"
)

// isolate moves conditions that only the root can evaluate from scans into filters above them, in the plans of
// sub-queries too. Nodes where nothing changes are kept.
func isolate(n logical.Node) logical.Node {
	if old := n.Inputs(); len(old) > 0 {
		in := make([]logical.Node, len(old))
		for i := range old {
			in[i] = isolate(old[i])
		}
		n = logical.WithInputs(n, in)
	}
	if hasSubplans(n) {
		n = logical.MapOwn(n, func(e expr.Expr) expr.Expr { return expr.Rewrite(e, isolateSubplan) })
	}
	scan, ok := n.(*logical.Scan)
	if !ok || scan.Filter == nil || !expr.HasSubquery(scan.Filter) {
		return n
	}
	var leaf, root []expr.Expr
	for _, c := range Conjuncts(scan.Filter) {
		if expr.HasSubquery(c) {
			root = append(root, c)
		} else {
			leaf = append(leaf, c)
		}
	}
	below := *scan
	below.Filter = Conjunction(leaf)
	return &logical.Filter{In: &below, Cond: Conjunction(root)}
}

func hasSubplans(n logical.Node) bool {
	found := false
	logical.OwnExprs(n, func(e expr.Expr) { found = found || expr.HasSubquery(e) })
	return found
}

func isolateSubplan(e expr.Expr) expr.Expr {
	sub, ok := e.(*expr.Subquery)
	if !ok {
		return e
	}
	n, ok := sub.Plan.(logical.Node)
	if !ok {
		return e
	}
	plan := isolate(n)
	if plan == n {
		return e
	}
	c := *sub
	c.Plan = plan
	return &c
}

// Conjunction is the AND of conjuncts, nil for none.
func Conjunction(args []expr.Expr) expr.Expr {
	switch len(args) {
	case 0:
		return nil
	case 1:
		return args[0]
	default:
		return &expr.And{Args: args}
	}
}

func anySubquery(list []expr.Expr) bool {
	for _, e := range list {
		if e != nil && expr.HasSubquery(e) {
			return true
		}
	}
	return false
}

func aggregatesSubquery(n *logical.Aggregate) bool {
	for _, a := range n.Aggs {
		if anySubquery(a.Args) || a.Filter != nil && expr.HasSubquery(a.Filter) {
			return true
		}
	}
	return anySubquery(n.Keys)
}
