package logical

import (
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
)

// pushFilters moves conditions down, into the scans where they can get there: through projections, joins, set operations,
// and to the groups and partitions that they choose. Only conditions move that cannot fail, give the same whenever they
// are asked, and read no sub-query and nothing from the query around; what tells NULLs stays, since a leaf may read
// defaults instead of NULLs and yet tell them.
func pushFilters(n Node) Node {
	return transform(n, func(n Node) Node {
		f, ok := n.(*Filter)
		if !ok {
			return n
		}
		var stay, move []expr.Expr
		for _, c := range conjuncts(f.Cond) {
			if movable(c) {
				move = append(move, c)
			} else {
				stay = append(stay, c)
			}
		}
		if len(move) == 0 {
			return n
		}
		in, left := push(f.In, move)
		if in == f.In {
			return n
		}
		return filterOf(in, append(left, stay...))
	})
}

func filterOf(in Node, conds []expr.Expr) Node {
	if len(conds) == 0 {
		return in
	}
	return &Filter{In: in, Cond: conjunction(conds)}
}

func movable(e expr.Expr) bool {
	if !early(e) {
		return false
	}
	ok := len(expr.Columns(e)) > 0
	expr.Walk(e, func(x expr.Expr) bool {
		switch x := x.(type) {
		case *expr.Outer:
			ok = false
		case *expr.IsNull:
			ok = ok && x.OfValue
		case *expr.Call:
			ok = ok && x.Volatility != function.Volatile
		}
		return ok
	})
	return ok
}

// push gives n with those conditions in it that it can take, and the others; n itself where it takes none.
func push(n Node, conds []expr.Expr) (Node, []expr.Expr) {
	switch n := n.(type) {
	case *Scan:
		c := *n
		c.Filter = conjunction(append(conjuncts(n.Filter), conds...))
		return &c, nil
	case *Filter:
		in, left := push(n.In, conds)
		return filterOf(in, append(conjuncts(n.Cond), left...)), nil
	case *Join:
		return pushJoin(n, conds)
	case *SetOp:
		c := *n
		c.Left, c.Right = pushed(n.Left, conds), pushed(n.Right, conds)
		return &c, nil
	case *Sort:
		if n.Limit >= 0 {
			return n, conds
		}
	}
	in, take := Only(n), taken(n)
	if in == nil || take == nil {
		return n, conds
	}
	var down, left []expr.Expr
	for _, c := range conds {
		if below, ok := take(c); ok && movable(below) {
			down = append(down, below)
		} else {
			left = append(left, c)
		}
	}
	if len(down) == 0 {
		return n, conds
	}
	return withInput(n, pushed(in, down)), left
}

// pushed is n with all conditions in it or above it.
func pushed(n Node, conds []expr.Expr) Node {
	if len(conds) == 0 {
		return n
	}
	return filterOf(push(n, conds))
}

// taken gives what turns a condition over the output of a node into one over its input; nil for nodes that pass none.
func taken(n Node) func(expr.Expr) (expr.Expr, bool) {
	switch n := n.(type) {
	case *Project:
		return func(e expr.Expr) (expr.Expr, bool) { return substitute(e, n.Exprs, nil), true }
	case *ProjectSet:
		return func(e expr.Expr) (expr.Expr, bool) { return substitute(e, n.Exprs, nil), !reads(e, n.Set) }
	case *Aggregate: // the keys choose groups, but those of an array's elements do not choose rows
		arrays := make([]bool, len(n.Columns()))
		for i := range arrays {
			arrays[i] = i >= len(n.Keys) || n.Keys[i].Type().MultiValue
		}
		return func(e expr.Expr) (expr.Expr, bool) {
			if reads(e, arrays) {
				return nil, false
			}
			return substitute(e, n.Keys, nil), true
		}
	case *Window:
		return only(n.Partition, len(n.Columns()))
	case *DistinctOn:
		return only(n.Keys, len(n.Columns()))
	case *Sort:
		return func(e expr.Expr) (expr.Expr, bool) { return e, true }
	default:
		return nil
	}
}

// only takes the conditions that read nothing but some columns.
func only(columns []int, width int) func(expr.Expr) (expr.Expr, bool) {
	others := make([]bool, width)
	for i := range others {
		others[i] = true
	}
	for _, c := range columns {
		others[c] = false
	}
	return func(e expr.Expr) (expr.Expr, bool) { return e, !reads(e, others) }
}

// reads reports expressions that read one of the marked columns.
func reads(e expr.Expr, marked []bool) bool {
	for _, c := range expr.Columns(e) {
		if c >= len(marked) || marked[c] {
			return true
		}
	}
	return false
}

// substitute puts expressions in the place of the columns of e; where they are nil, columns move by a distance.
func substitute(e expr.Expr, by []expr.Expr, move func(int) int) expr.Expr {
	return expr.Rewrite(e, func(x expr.Expr) expr.Expr {
		c, ok := x.(*expr.Column)
		switch {
		case !ok:
			return x
		case move != nil:
			return &expr.Column{Index: move(c.Index), Name: c.Name, T: c.T}
		default:
			return by[c.Index]
		}
	})
}

// pushJoin gives conditions to the sides of a join. One that holds for no row without a partner makes an outer join an
// inner one first.
func pushJoin(n *Join, conds []expr.Expr) (Node, []expr.Expr) {
	c := *n
	width := len(n.Left.Columns())
	for _, e := range conds {
		left, right := strictSides(e, width)
		if left && (c.Kind == JoinRight || c.Kind == JoinFull) {
			c.Kind = map[JoinKind]JoinKind{JoinRight: JoinInner, JoinFull: JoinLeft}[c.Kind]
		}
		if right && (c.Kind == JoinLeft || c.Kind == JoinFull) {
			c.Kind = map[JoinKind]JoinKind{JoinLeft: JoinInner, JoinFull: JoinRight}[c.Kind]
		}
	}
	var toLeft, toRight, on, stay []expr.Expr
	for _, e := range conds {
		cols := expr.Columns(e)
		switch {
		case cols[len(cols)-1] < width && (c.Kind == JoinInner || c.Kind == JoinLeft):
			toLeft = append(toLeft, e)
		case cols[0] >= width && (c.Kind == JoinInner || c.Kind == JoinRight) && !c.Lateral:
			toRight = append(toRight, substitute(e, nil, func(i int) int { return i - width }))
		case cols[0] < width && cols[len(cols)-1] >= width && c.Kind == JoinInner:
			on = append(on, e)
		default:
			stay = append(stay, e)
		}
	}
	if c.Kind == n.Kind && len(stay) == len(conds) {
		return n, conds
	}
	c.Left, c.Right = pushed(n.Left, toLeft), pushed(n.Right, toRight)
	c.On = conjunction(append(conjuncts(n.On), on...))
	return &c, stay
}

// strictSides reports the sides of a join whose rows have to exist for a condition to hold: it compares a column of them.
func strictSides(e expr.Expr, width int) (left, right bool) {
	see := func(operands ...expr.Expr) {
		for _, x := range operands {
			if c, ok := x.(*expr.Column); ok {
				left, right = left || c.Index < width, right || c.Index >= width
			}
		}
	}
	switch e := e.(type) {
	case *expr.Compare:
		see(e.Left, e.Right)
	case *expr.In:
		see(e.Arg)
	case *expr.Like:
		see(e.Arg)
	case *expr.Column:
		see(e)
	}
	return left, right
}
