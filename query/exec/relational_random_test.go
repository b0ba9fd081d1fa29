package exec_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/query/oracle"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/query/result"
	"github.com/freshetdb/freshet/segment"
)

// runTree runs a plan of any number of leaves over the same views.
func runTree(ctx context.Context, env *exec.Env, n logical.Node, schema *catalog.Schema, views []segment.View) (out []oracle.Row, st *result.Stats, err error) {
	total := int64(0)
	for _, v := range views {
		total += int64(v.Rows())
	}
	env.Leaves = func(ctx context.Context, leaf *physical.Leaf) (exec.LeafResult, error) {
		return exec.RunLeaf(ctx, env, leaf, exec.Source{Schema: schema, Views: views, TotalRows: total})
	}
	plan, err := exec.Prepare(ctx, env, n)
	if err != nil {
		return nil, nil, err
	}
	rows, err := exec.RunRoot(ctx, env, plan, nil)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for {
		b, err := rows.Next(ctx)
		if err != nil {
			return nil, nil, err
		}
		if b == nil {
			return out, rows.Stats(), nil
		}
		out = append(out, rowsOf(b)...)
	}
}

// treegen makes random trees: joins, set operations, windows, sets and sub-queries over scans of one table.
type treegen struct {
	*querygen
	budget int // nodes that are left
}

func colsOf(n logical.Node) []*expr.Column {
	var out []*expr.Column
	for i, c := range n.Columns() {
		out = append(out, &expr.Column{Index: i, Name: c.Name, T: c.Type})
	}
	return out
}

func named(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprint("c", i)
	}
	return out
}

// base is a few columns of a scan; the first are i, s and d, so that inputs have columns of equal types.
func (g *treegen) base() logical.Node {
	scan := *g.scan
	if g.r.IntN(2) == 0 {
		scan.Filter = g.predicate(1)
	}
	p := &logical.Project{In: &scan, Exprs: []expr.Expr{g.column(0), g.column(6), g.column(2)}}
	for range 1 + g.r.IntN(2) {
		p.Exprs = append(p.Exprs, g.column(g.r.IntN(11)))
	}
	p.Names = named(len(p.Exprs))
	return p
}

// like is a relation of the same types as n.
func (g *treegen) like(n logical.Node) logical.Node {
	p := &logical.Project{In: g.base()}
	for _, c := range n.Columns() {
		from := -1
		for i, f := range g.scan.Cols[:11] {
			if f.Type == c.Type && (from < 0 || g.r.IntN(2) == 0) {
				from = i
			}
		}
		if from < 0 {
			return nil
		}
		p.Exprs = append(p.Exprs, g.column(from))
	}
	scan := *g.scan
	if g.r.IntN(3) == 0 {
		scan.Filter = g.predicate(0)
	}
	p.In, p.Names = &scan, named(len(p.Exprs))
	return p
}

// pair gives columns of one type from two lists; ok is false where there are none.
func (g *treegen) pair(l, r []*expr.Column) (a, b *expr.Column, ok bool) {
	for range 20 {
		a, b = l[g.r.IntN(len(l))], r[g.r.IntN(len(r))]
		if a.T == b.T && !a.T.MultiValue {
			return a, b, true
		}
	}
	return nil, nil, false
}

func (g *treegen) join(depth int) logical.Node {
	l, r := g.tree(depth-1), g.tree(depth-1)
	n := &logical.Join{Kind: logical.JoinKind(1 + g.r.IntN(4)), Left: l, Right: r}
	lc, rc := colsOf(l), colsOf(r)
	var on []expr.Expr
	for range g.r.IntN(3) {
		a, b, ok := g.pair(lc, rc)
		if !ok {
			continue
		}
		op := expr.Eq
		if g.r.IntN(4) == 0 {
			op = g.op()
		}
		on = append(on, &expr.Compare{Op: op, Left: a, Right: &expr.Column{Index: b.Index + len(lc), Name: b.Name, T: b.T}})
	}
	n.On = physical.Conjunction(on)
	return n
}

// lateral joins a sub-tree that is filtered by values of the left side.
func (g *treegen) lateral(depth int) logical.Node {
	l := g.tree(depth - 1)
	right, outer := g.correlated(colsOf(l), depth-1)
	return &logical.Join{Kind: logical.JoinKind(1 + g.r.IntN(2)), Left: l, Right: right, Lateral: true, Outer: outer}
}

// correlated is a tree that reads values of the columns around it, in filters.
func (g *treegen) correlated(around []*expr.Column, depth int) (logical.Node, []expr.Expr) {
	var outer []expr.Expr
	in := g.tree(depth)
	var conds []expr.Expr
	for range 1 + g.r.IntN(2) {
		a, b, ok := g.pair(around, colsOf(in))
		if !ok {
			continue
		}
		op := expr.Eq
		if g.r.IntN(3) == 0 {
			op = g.op()
		}
		conds = append(conds, &expr.Compare{Op: op, Left: b, Right: &expr.Outer{Slot: len(outer), Name: a.Name, T: a.T}})
		outer = append(outer, a)
	}
	if cond := physical.Conjunction(conds); cond != nil {
		in = &logical.Filter{In: in, Cond: cond}
	}
	return in, outer
}

// subquery is a random boolean sub-query over the columns around it.
func (g *treegen) subquery(around []*expr.Column, depth int) expr.Expr {
	n, outer := logical.Node(nil), []expr.Expr(nil)
	if g.r.IntN(2) == 0 {
		n = g.tree(depth - 1)
	} else {
		n, outer = g.correlated(around, depth-1)
	}
	sub := &expr.Subquery{Kind: expr.SubqueryExists, Plan: n, Outer: outer, T: catalog.Boolean}
	switch g.r.IntN(4) {
	case 0:
		return sub
	case 1: // compared with a count
		count, _ := aggregate("count", true)
		sub.Kind, sub.T = expr.SubqueryScalar, catalog.Long
		sub.Plan = &logical.Aggregate{In: n, Aggs: []logical.AggCall{count}}
		return &expr.Compare{Op: g.op(), Left: sub, Right: &expr.Const{Value: catalog.LongValue(int64(g.r.IntN(10)))}}
	}
	width := 1 + g.r.IntN(2)
	p := &logical.Project{In: n, Names: named(width)}
	for range width {
		a, b, ok := g.pair(around, colsOf(n))
		if !ok {
			sub.Left = nil
			return sub
		}
		sub.Left, p.Exprs = append(sub.Left, a), append(p.Exprs, b)
	}
	sub.Plan, sub.Kind, sub.Op = p, expr.SubqueryAny, expr.Eq
	if g.r.IntN(2) == 0 {
		sub.Kind, sub.Op = expr.SubqueryAll, expr.Ne
	}
	switch {
	case g.r.IntN(3) > 0:
	case width == 1:
		sub.Op = g.op()
	default:
		sub.Op = expr.CmpOp(1 + g.r.IntN(2))
	}
	return sub
}

// window has a total order, so that results do not depend on the order of arrival.
func (g *treegen) window(depth int) logical.Node {
	in := g.tree(depth - 1)
	cols := colsOf(in)
	n := &logical.Window{In: in}
	for range g.r.IntN(2) {
		n.Partition = append(n.Partition, g.r.IntN(len(cols)))
	}
	frame := g.frame()
	key := logical.SortKey{Column: 0, Descending: g.r.IntN(2) == 0, NullsFirst: g.r.IntN(2) == 0}
	n.Order = []logical.SortKey{key}
	ranged := frame.Mode == logical.FrameRange && (frame.Start.Offset != nil || frame.End.Offset != nil)
	col := func(of int) *expr.Column { return cols[of] }
	count, _ := aggregate("count", true)
	sum, _ := aggregate("sum", false, col(0))
	low, _ := aggregate("max", false, col(0))
	calls := []logical.WindowCall{{Name: "rank", Type: logical.Column{Type: catalog.Long}}, {Name: "denserank", Type: logical.Column{Type: catalog.Long}},
		{Name: "cumedist", Type: logical.Column{Type: catalog.Double}}, {Name: "percentrank", Type: logical.Column{Type: catalog.Double}},
		{Agg: &count.Fn, Frame: frame}, {Agg: &sum.Fn, Args: sum.Args, Frame: frame},
		{Agg: &low.Fn, Args: low.Args, Frame: frame, Filter: compare(expr.Gt, col(0), catalog.IntValue(3))}}
	if !ranged && g.r.IntN(2) == 0 { // a total order, so that single rows can be asked for
		for i := 1; i < len(cols); i++ {
			n.Order = append(n.Order, logical.SortKey{Column: i, Descending: g.r.IntN(2) == 0})
		}
		by := &expr.Const{Value: catalog.LongValue(int64(g.r.IntN(4) - 1))}
		nth := &expr.Const{Value: catalog.LongValue(int64(1 + g.r.IntN(3)))}
		value := func(name string, args ...expr.Expr) logical.WindowCall {
			return logical.WindowCall{Name: name, Args: args, Frame: frame, IgnoreNulls: g.r.IntN(2) == 0, Type: logical.Column{Type: args[0].Type()}}
		}
		c := cols[g.r.IntN(len(cols))]
		calls = append(calls, value("lag", c, by), value("lead", c, by, &expr.Const{Value: catalog.NullValue(c.T)}), value("firstvalue", c),
			value("lastvalue", c), value("nthvalue", c, nth), logical.WindowCall{Name: "rownumber", Type: logical.Column{Type: catalog.Long}},
			logical.WindowCall{Name: "ntile", Args: []expr.Expr{nth}, Type: logical.Column{Type: catalog.Int}})
	}
	for range 1 + g.r.IntN(3) {
		c := calls[g.r.IntN(len(calls))]
		if c.Agg != nil {
			c.Type.Type = c.Agg.Type
		}
		n.Calls = append(n.Calls, c)
	}
	return n
}

func (g *treegen) frame() logical.Frame {
	f := logical.Frame{Mode: logical.FrameMode(1 + g.r.IntN(3)), Exclude: logical.FrameExclude(g.r.IntN(4))}
	if g.r.IntN(2) == 0 {
		f.Exclude = logical.ExcludeNone
	}
	bound := func(kind logical.BoundKind) logical.FrameBound {
		b := logical.FrameBound{Kind: kind}
		if kind == logical.Preceding || kind == logical.Following {
			v := catalog.LongValue(int64(g.r.IntN(4)))
			if f.Mode == logical.FrameRange {
				v.Type = catalog.Int
			}
			b.Offset = &expr.Const{Value: v}
		}
		return b
	}
	start := logical.BoundKind(1 + g.r.IntN(4))
	f.Start, f.End = bound(start), bound(max(start, logical.BoundKind(2+g.r.IntN(4))))
	return f
}

// narrow projects a tree to its first columns, all single-value, so that depth does not multiply widths.
func (g *treegen) narrow(n logical.Node) logical.Node {
	cols := colsOf(n)
	p := &logical.Project{In: n}
	for i, c := range cols {
		if i < 3 || g.r.IntN(3) == 0 && len(p.Exprs) < 6 {
			p.Exprs = append(p.Exprs, c)
		}
	}
	p.Names = named(len(p.Exprs))
	return p
}

// tree is a random relation whose first columns are INT, STRING and DOUBLE.
func (g *treegen) tree(depth int) logical.Node {
	if g.budget--; depth <= 0 || g.budget < 0 {
		return g.base()
	}
	switch g.r.IntN(9) {
	case 0, 1:
		return g.narrow(g.join(depth))
	case 2:
		return g.narrow(g.lateral(depth))
	case 3:
		l := g.tree(depth - 1)
		if r := g.like(l); r != nil {
			return &logical.SetOp{Kind: logical.SetOpKind(1 + g.r.IntN(3)), All: g.r.IntN(2) == 0, Left: l, Right: r}
		}
		return l
	case 4:
		return g.narrow(g.window(depth))
	case 5:
		in := g.tree(depth - 1)
		s := &logical.Sort{In: in, Limit: -1}
		for i := range in.Columns() {
			s.Keys = append(s.Keys, logical.SortKey{Column: i})
		}
		if g.r.IntN(2) == 0 {
			return &logical.Limit{In: s, Count: int64(g.r.IntN(50)), Offset: int64(g.r.IntN(3))}
		}
		return &logical.DistinctOn{In: s, Keys: []int{g.r.IntN(len(s.Keys))}}
	case 6:
		in := g.base()
		cols := colsOf(in)
		p := &logical.ProjectSet{In: in, Names: named(len(cols)), Set: make([]bool, len(cols)), Outer: g.r.IntN(2) == 0}
		for i, c := range cols {
			p.Exprs, p.Set[i] = append(p.Exprs, c), c.T.MultiValue
		}
		return p
	case 7:
		in := g.base()
		return &logical.Shared{ID: 1000 + g.r.IntN(1<<20), Name: "cte", In: in}
	default:
		in := g.tree(depth - 1)
		return &logical.Filter{In: in, Cond: g.subquery(colsOf(in), depth)}
	}
}

// TestTreesAgainstOracle compares random trees with the naive engine, also in tiny batches.
func TestTreesAgainstOracle(t *testing.T) {
	seeds := []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	for seed := range *moreSeeds {
		seeds = append(seeds, 2000+seed)
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) { compareTrees(t, seed) })
	}
}

func compareTrees(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 2))
	schema := testSchema()
	p := profile{nulls: []float64{0, 0.1, 0.4}[r.IntN(3)], extremes: r.IntN(3) == 0}
	var views []segment.View
	for i := range 1 + r.IntN(2) {
		views = append(views, randomView(r, fmt.Sprint("t__0__", i), schema, r.IntN(14), p))
	}
	for q := range 40 {
		g := &treegen{querygen: newQuerygen(r, schema), budget: 7}
		n := g.tree(2 + r.IntN(2))
		want, err := oracle.Run(n, oracle.Config{Schema: schema, Views: views})
		if err != nil {
			if strings.Contains(err.Error(), "too many") {
				continue
			}
			t.Fatalf("seed %d query %d: oracle: %v\n%s", seed, q, err, strings.Join(logical.Explain(n), "\n"))
		}
		env := &exec.Env{Workers: 1, MemoryLimit: 1 << 30}
		if r.IntN(2) == 0 {
			exec.TuneBatches(env, 1+r.IntN(5))
		}
		got, _, err := runTree(context.Background(), env, n, schema, views)
		if err != nil {
			t.Fatalf("seed %d query %d: %v\n%s\n%s", seed, q, err, strings.Join(logical.Explain(n), "\n"), errs.As(err).Detail)
		}
		if diff := oracle.Diff(want, got, false); diff != "" {
			t.Fatalf("seed %d query %d: %s\n%s", seed, q, diff, strings.Join(logical.Explain(n), "\n"))
		}
		if used := exec.Used(env); used != 0 {
			t.Fatalf("seed %d query %d: %d bytes were not given back\n%s", seed, q, used, strings.Join(logical.Explain(n), "\n"))
		}
	}
}
