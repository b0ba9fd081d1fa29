package logical

import (
	"github.com/freshetdb/freshet/query/expr"
)

func needAll(n Node) []bool {
	need := make([]bool, len(n.Columns()))
	for i := range need {
		need[i] = true
	}
	return need
}

// pruneRelational prunes the nodes that only the root runs. What is computed once for several readers (Shared) or again and
// again (Recursive) keeps its columns.
func pruneRelational(n Node, need []bool) (Node, []int, error) {
	switch n := n.(type) {
	case *Relation:
		to := positions(need)
		c := &Relation{Schema: n.Schema, Name: n.Name}
		for i, col := range n.Cols {
			if need[i] {
				c.Cols, c.Positions = append(c.Cols, col), append(c.Positions, n.Positions[i])
			}
		}
		return c, to, nil
	case *Join:
		return pruneJoin(n, need)
	case *SetOp:
		return pruneSetOp(n, need)
	case *Window:
		return pruneWindow(n, need)
	case *ProjectSet:
		return pruneProjectSet(n, need)
	case *DistinctOn:
		return pruneDistinctOn(n, need)
	}
	in := n.Inputs()
	out := make([]Node, len(in))
	for i := range in {
		var err error
		if out[i], err = exactly(in[i], needAll(in[i])); err != nil {
			return nil, nil, err
		}
	}
	return withInputs(n, out), identity(len(need)), nil
}

// exactly prunes n to the needed columns and no others.
func exactly(n Node, need []bool) (Node, error) {
	cols := n.Columns()
	out, to, err := prune(n, need)
	if err != nil {
		return nil, err
	}
	p, same := &Project{In: out}, true
	for i, want := range need {
		if want {
			same = same && to[i] == len(p.Exprs)
			p.Exprs = append(p.Exprs, &expr.Column{Index: to[i], Name: cols[i].Name, T: cols[i].Type})
			p.Names = append(p.Names, cols[i].Name)
		}
	}
	if same && len(out.Columns()) == len(p.Exprs) {
		return out, nil
	}
	return p, nil
}

func pruneJoin(n *Join, need []bool) (Node, []int, error) {
	used := append([]bool(nil), need...)
	use(used, n.On)
	width := len(n.Left.Columns())
	for _, e := range n.Outer {
		use(used[:width], e)
	}
	left, toLeft, err := prune(n.Left, used[:width])
	if err != nil {
		return nil, nil, err
	}
	right, toRight, err := prune(n.Right, used[width:])
	if err != nil {
		return nil, nil, err
	}
	shift := len(left.Columns())
	to := append([]int(nil), toLeft...)
	for _, at := range toRight {
		if at >= 0 {
			at += shift
		}
		to = append(to, at)
	}
	c := *n
	c.Left, c.Right = left, right
	if c.On, err = rename(n.On, to); err != nil {
		return nil, nil, err
	}
	c.Outer, err = renameAll(n.Outer, toLeft)
	return &c, to, err
}

// pruneSetOp: all columns tell rows apart, unless all rows stay.
func pruneSetOp(n *SetOp, need []bool) (Node, []int, error) {
	if n.Kind != Union || !n.All {
		need = needAll(n)
	}
	c := *n
	var err error
	if c.Left, err = exactly(n.Left, need); err != nil {
		return nil, nil, err
	}
	if c.Right, err = exactly(n.Right, need); err != nil {
		return nil, nil, err
	}
	return &c, positions(need), nil
}

// pruneWindow drops calls that nobody reads.
func pruneWindow(n *Window, need []bool) (Node, []int, error) {
	width := len(n.In.Columns())
	used := append([]bool(nil), need[:width]...)
	any := false
	for i, call := range n.Calls {
		if !need[width+i] {
			continue
		}
		any = true
		for _, e := range call.Args {
			use(used, e)
		}
		use(used, call.Filter)
	}
	if any {
		for _, k := range n.Partition {
			used[k] = true
		}
		for _, k := range n.Order {
			used[k.Column] = true
		}
	}
	in, to, err := prune(n.In, used)
	if err != nil {
		return nil, nil, err
	}
	next := len(in.Columns())
	c := &Window{In: in}
	for i, call := range n.Calls {
		if !need[width+i] {
			to = append(to, -1)
			continue
		}
		if call.Args, err = renameAll(call.Args, to[:width]); err != nil {
			return nil, nil, err
		}
		if call.Filter, err = rename(call.Filter, to[:width]); err != nil {
			return nil, nil, err
		}
		c.Calls, to = append(c.Calls, call), append(to, next)
		next++
	}
	if !any {
		return in, to, nil
	}
	for _, k := range n.Partition {
		c.Partition = append(c.Partition, to[k])
	}
	for _, k := range n.Order {
		k.Column = to[k.Column]
		c.Order = append(c.Order, k)
	}
	return c, to, nil
}

// pruneProjectSet keeps the sets: they make the rows.
func pruneProjectSet(n *ProjectSet, need []bool) (Node, []int, error) {
	kept := append([]bool(nil), need...)
	used := make([]bool, len(n.In.Columns()))
	for i, e := range n.Exprs {
		kept[i] = kept[i] || n.Set[i]
		if kept[i] {
			use(used, e)
		}
	}
	in, to, err := prune(n.In, used)
	if err != nil {
		return nil, nil, err
	}
	c := &ProjectSet{In: in, Outer: n.Outer}
	for i, e := range n.Exprs {
		if !kept[i] {
			continue
		}
		if e, err = rename(e, to); err != nil {
			return nil, nil, err
		}
		c.Exprs, c.Names, c.Set = append(c.Exprs, e), append(c.Names, n.Names[i]), append(c.Set, n.Set[i])
	}
	return c, positions(kept), nil
}

func pruneDistinctOn(n *DistinctOn, need []bool) (Node, []int, error) {
	used := append([]bool(nil), need...)
	for _, k := range n.Keys {
		used[k] = true
	}
	in, to, err := prune(n.In, used)
	if err != nil {
		return nil, nil, err
	}
	c := &DistinctOn{In: in}
	for _, k := range n.Keys {
		c.Keys = append(c.Keys, to[k])
	}
	return c, to, nil
}

// pruneExists: EXISTS reads no columns.
func pruneExists(e expr.Expr) expr.Expr {
	sub, ok := e.(*expr.Subquery)
	if !ok || sub.Kind != expr.SubqueryExists {
		return e
	}
	return withSubplan(e, func(n Node) Node {
		if len(n.Columns()) == 0 {
			return n
		}
		out, err := exactly(n, make([]bool, len(n.Columns())))
		if err != nil {
			return n
		}
		return out
	})
}
