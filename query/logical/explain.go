package logical

import (
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/query/expr"
)

// Explain describes a plan, one line per node, the root first and each input indented below its consumer.
func Explain(n Node) []string {
	return explainInto(nil, n, 0)
}

func explainInto(lines []string, n Node, depth int) []string {
	lines = append(lines, strings.Repeat("  ", depth)+describe(n))
	for _, sub := range subplans(n) {
		lines = append(lines, strings.Repeat("  ", depth+1)+"SubPlan")
		lines = explainInto(lines, sub, depth+2)
	}
	for _, in := range n.Inputs() {
		lines = explainInto(lines, in, depth+1)
	}
	return lines
}

// subplans are the plans of the sub-queries in a node's own expressions.
func subplans(n Node) []Node {
	var out []Node
	ownExprs(n, func(e expr.Expr) {
		expr.Walk(e, func(x expr.Expr) bool {
			if s, ok := x.(*expr.Subquery); ok {
				if p, ok := s.Plan.(Node); ok {
					out = append(out, p)
				}
			}
			return true
		})
	})
	return out
}

func describe(n Node) string {
	switch n := n.(type) {
	case *Scan:
		names := make([]string, len(n.Cols))
		for i, c := range n.Cols {
			names[i] = c.Name
		}
		text := "Scan " + n.Table + " [" + strings.Join(names, ", ") + "]"
		if n.Filter != nil {
			text += " filter: " + n.Filter.String()
		}
		return text
	case *Values:
		if len(n.Rows) > 0 {
			return "Values (" + strconv.Itoa(len(n.Rows)) + " rows)"
		}
		return "Values"
	case *Filter:
		return "Filter " + n.Cond.String()
	case *Project:
		items := make([]string, len(n.Exprs))
		for i, e := range n.Exprs {
			items[i] = e.String()
			if items[i] != n.Names[i] {
				items[i] += " AS " + n.Names[i]
			}
		}
		return strings.TrimSuffix("Project "+strings.Join(items, ", "), " ")
	case *Aggregate:
		return describeAggregate(n)
	case *Sort:
		return describeSort(n)
	case *Limit:
		text := "Limit "
		switch {
		case n.CountParam != nil:
			text += n.CountParam.String()
		case n.Count < 0:
			text += "all"
		default:
			text += strconv.FormatInt(n.Count, 10)
		}
		if n.OffsetParam != nil {
			return text + " offset " + n.OffsetParam.String()
		}
		if n.Offset > 0 {
			text += " offset " + strconv.FormatInt(n.Offset, 10)
		}
		return text
	default:
		return describeRelational(n)
	}
}

func describeAggregate(n *Aggregate) string {
	if len(n.Aggs) == 0 {
		return "Distinct [" + texts(n.Keys) + "]"
	}
	calls := make([]string, len(n.Aggs))
	for i, a := range n.Aggs {
		calls[i] = a.Text
	}
	text := "Aggregate [" + strings.Join(calls, ", ") + "]"
	if len(n.Keys) > 0 {
		text += " by [" + texts(n.Keys) + "]"
	}
	return text
}

func texts(list []expr.Expr) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = e.String()
	}
	return strings.Join(parts, ", ")
}

func describeSort(n *Sort) string {
	cols := n.In.Columns()
	keys := make([]string, len(n.Keys))
	for i, k := range n.Keys {
		keys[i] = cols[k.Column].Name
		if k.Descending {
			keys[i] += " DESC"
		}
		if k.NullsFirst != k.Descending {
			keys[i] += map[bool]string{true: " NULLS FIRST", false: " NULLS LAST"}[k.NullsFirst]
		}
	}
	text := "Sort " + strings.Join(keys, ", ")
	if n.Limit >= 0 {
		text += " (top " + strconv.FormatInt(n.Limit, 10) + ")"
	}
	return text
}
