package logical

import (
	"github.com/freshetdb/freshet/query/expr"
)

// pruneColumns makes every node produce only what is used above it; a Scan then reads only those columns. A plan that
// the rule does not understand stays as it is.
func pruneColumns(n Node) Node {
	need := make([]bool, len(n.Columns()))
	for i := range need {
		need[i] = true
	}
	out, _, err := prune(n, need)
	if err != nil {
		return n
	}
	return out
}

// prune gives n without the output columns that are not needed, and where the others went (-1: gone).
func prune(n Node, need []bool) (Node, []int, error) {
	switch n := n.(type) {
	case *Scan:
		return pruneScan(n, need)
	case *Filter:
		return pruneFilter(n, need)
	case *Project:
		return pruneProject(n, need)
	case *Aggregate:
		return pruneAggregate(n, need)
	case *Sort:
		return pruneSort(n, need)
	case *Limit:
		in, to, err := prune(n.In, need)
		return withInput(n, in), to, err
	default:
		return pruneRelational(n, need)
	}
}

func identity(n int) []int {
	to := make([]int, n)
	for i := range to {
		to[i] = i
	}
	return to
}

// use marks the columns of e.
func use(need []bool, e expr.Expr) {
	if e == nil {
		return
	}
	expr.Walk(e, func(x expr.Expr) bool {
		if c, ok := x.(*expr.Column); ok && c.Index < len(need) {
			need[c.Index] = true
		}
		return true
	})
}

// positions numbers the needed columns.
func positions(need []bool) []int {
	to := make([]int, len(need))
	next := 0
	for i, used := range need {
		to[i] = -1
		if used {
			to[i] = next
			next++
		}
	}
	return to
}

func renameAll(list []expr.Expr, to []int) ([]expr.Expr, error) {
	out := make([]expr.Expr, len(list))
	for i, e := range list {
		var err error
		if out[i], err = rename(e, to); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func pruneScan(n *Scan, need []bool) (Node, []int, error) {
	used := append([]bool(nil), need...)
	use(used, n.Filter)
	to := positions(used)
	c := &Scan{Table: n.Table}
	for i, col := range n.Cols {
		if used[i] {
			c.Cols = append(c.Cols, col)
		}
	}
	var err error
	c.Filter, err = rename(n.Filter, to)
	return c, to, err
}

func pruneFilter(n *Filter, need []bool) (Node, []int, error) {
	used := append([]bool(nil), need...)
	use(used, n.Cond)
	in, to, err := prune(n.In, used)
	if err != nil {
		return nil, nil, err
	}
	cond, err := rename(n.Cond, to)
	return &Filter{In: in, Cond: cond}, to, err
}

func pruneProject(n *Project, need []bool) (Node, []int, error) {
	used := make([]bool, len(n.In.Columns()))
	for i, e := range n.Exprs {
		if need[i] {
			use(used, e)
		}
	}
	in, to, err := prune(n.In, used)
	if err != nil {
		return nil, nil, err
	}
	c := &Project{In: in}
	for i, e := range n.Exprs {
		if !need[i] {
			continue
		}
		e, err := rename(e, to)
		if err != nil {
			return nil, nil, err
		}
		c.Exprs, c.Names = append(c.Exprs, e), append(c.Names, n.Names[i])
	}
	return c, positions(need), nil
}

// pruneAggregate drops aggregates that are not used. Keys stay: they make the groups.
func pruneAggregate(n *Aggregate, need []bool) (Node, []int, error) {
	kept := append([]bool(nil), need...)
	used := make([]bool, len(n.In.Columns()))
	for i, k := range n.Keys {
		kept[i] = true
		use(used, k)
	}
	for i, a := range n.Aggs {
		if !kept[len(n.Keys)+i] {
			continue
		}
		for _, e := range a.Args {
			use(used, e)
		}
		use(used, a.Filter)
	}
	in, to, err := prune(n.In, used)
	if err != nil {
		return nil, nil, err
	}
	c := &Aggregate{In: in}
	if c.Keys, err = renameAll(n.Keys, to); err != nil {
		return nil, nil, err
	}
	for i, a := range n.Aggs {
		if !kept[len(n.Keys)+i] {
			continue
		}
		if a.Args, err = renameAll(a.Args, to); err != nil {
			return nil, nil, err
		}
		if a.Filter, err = rename(a.Filter, to); err != nil {
			return nil, nil, err
		}
		c.Aggs = append(c.Aggs, a)
	}
	return c, positions(kept), nil
}

func pruneSort(n *Sort, need []bool) (Node, []int, error) {
	used := append([]bool(nil), need...)
	for _, k := range n.Keys {
		used[k.Column] = true
	}
	in, to, err := prune(n.In, used)
	if err != nil {
		return nil, nil, err
	}
	c := &Sort{In: in, Keys: make([]SortKey, len(n.Keys)), Limit: n.Limit}
	for i, k := range n.Keys {
		k.Column = to[k.Column]
		c.Keys[i] = k
	}
	return c, to, nil
}
