package logical

import (
	"strings"
)

var joinTexts = [...]string{JoinInvalid: "?", JoinInner: "Join", JoinLeft: "Left Join", JoinRight: "Right Join", JoinFull: "Full Join"}

var setOpTexts = [...]string{SetOpInvalid: "?", Union: "Union", Intersect: "Intersect", Except: "Except"}

// describeRelational is describe for the nodes that only the root runs.
func describeRelational(n Node) string {
	switch n := n.(type) {
	case *Relation:
		return "Relation " + n.Schema + "." + n.Name + " [" + names(n.Cols) + "]"
	case *Join:
		text := joinTexts[n.Kind]
		if n.Lateral {
			text = "Lateral " + text + " of [" + texts(n.Outer) + "]"
		}
		if n.On != nil {
			text += " on " + n.On.String()
		}
		return text
	case *SetOp:
		if n.All {
			return setOpTexts[n.Kind] + " All"
		}
		return setOpTexts[n.Kind]
	case *Window:
		return describeWindow(n)
	case *ProjectSet:
		items := make([]string, len(n.Exprs))
		for i, e := range n.Exprs {
			items[i] = e.String()
			if n.Set[i] {
				items[i] = "each of " + items[i]
			}
		}
		return "Project Set " + strings.Join(items, ", ")
	case *DistinctOn:
		return "Distinct On [" + columnNames(n.In, n.Keys) + "]"
	case *Shared:
		return "Shared " + n.Name
	case *Recursive:
		return "Recursive " + n.Name
	case *WorkTable:
		return "Work Table " + n.Name
	default:
		return "?"
	}
}

func names(cols []Column) string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = c.Name
	}
	return strings.Join(out, ", ")
}

func columnNames(in Node, positions []int) string {
	cols := in.Columns()
	out := make([]string, len(positions))
	for i, p := range positions {
		out[i] = cols[p].Name
	}
	return strings.Join(out, ", ")
}

func describeWindow(n *Window) string {
	calls := make([]string, len(n.Calls))
	for i, c := range n.Calls {
		calls[i] = c.Type.Name
	}
	text := "Window [" + strings.Join(calls, ", ") + "]"
	if len(n.Partition) > 0 {
		text += " by [" + columnNames(n.In, n.Partition) + "]"
	}
	if len(n.Order) > 0 {
		text += " order " + strings.TrimPrefix(describeSort(&Sort{In: n.In, Keys: n.Order, Limit: -1}), "Sort ")
	}
	return text
}
