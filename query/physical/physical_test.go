package physical

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/logical"
)

func column(i int, name string, t catalog.Type) *expr.Column {
	return &expr.Column{Index: i, Name: name, T: t}
}

func long(x int64) expr.Expr { return &expr.Const{Value: catalog.LongValue(x)} }

func compare(op expr.CmpOp, l, r expr.Expr) expr.Expr {
	return &expr.Compare{Op: op, Left: l, Right: r}
}

var (
	a = column(0, "a", catalog.Long)
	b = column(1, "b", catalog.Long)
)

func scan(filter expr.Expr) *logical.Scan {
	return &logical.Scan{Table: "t", Cols: []logical.Column{{Name: "a", Type: catalog.Long}, {Name: "b", Type: catalog.Long}}, Filter: filter}
}

func rand1(volatility function.Volatility) expr.Expr {
	return &expr.Call{Fn: function.Bound{Name: "rand", Type: catalog.Double}, Volatility: volatility}
}

// show prints a plan: the leaf, then the type of the node that it replaces.
func show(p *Plan) string {
	if len(p.Leaves) == 0 {
		return "no leaf"
	}
	var parts []string
	for _, l := range p.Leaves {
		parts = append(parts, showLeaf(p, l))
	}
	return strings.Join(parts, "; ")
}

func showLeaf(p *Plan, l *Leaf) string {
	out := map[LeafKind]string{LeafRows: "rows", LeafTopN: "top", LeafAggregate: "aggregate"}[l.Kind]
	for _, e := range append(append([]expr.Expr(nil), l.Project...), l.Keys...) {
		out += " " + e.String()
	}
	for _, c := range l.Aggs {
		out += " " + c.Text
		for _, e := range c.Args {
			out += "(" + e.String() + ")"
		}
		if c.Filter != nil {
			out += " where " + c.Filter.String()
		}
	}
	if l.Scan.Filter != nil {
		out += " filter " + l.Scan.Filter.String()
	}
	if l.Limit >= 0 {
		out += " limit " + catalog.LongValue(l.Limit).String()
	}
	return out + " cut " + strings.TrimPrefix(strings.TrimPrefix(typeName(cutOf(p, l)), "*"), "logical.")
}

func cutOf(p *Plan, l *Leaf) logical.Node {
	for n, leaf := range p.cuts {
		if leaf == l {
			return n
		}
	}
	return nil
}

func typeName(n logical.Node) string {
	switch n.(type) {
	case *logical.Scan:
		return "Scan"
	case *logical.Filter:
		return "Filter"
	case *logical.Project:
		return "Project"
	case *logical.Aggregate:
		return "Aggregate"
	case *logical.Sort:
		return "Sort"
	default:
		return "?"
	}
}

func TestBuild(t *testing.T) {
	test := func(n logical.Node, want string) {
		t.Helper()
		p, err := Build(n)
		if err != nil {
			t.Errorf("%v", err)
			return
		}
		if diff := cmp.Diff(want, show(p)); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
	project := func(in logical.Node, es ...expr.Expr) *logical.Project {
		return &logical.Project{In: in, Exprs: es, Names: make([]string, len(es))}
	}
	sortBy := func(in logical.Node, limit int64) *logical.Sort {
		return &logical.Sort{In: in, Keys: []logical.SortKey{{Column: 0}}, Limit: limit}
	}
	sum := logical.AggCall{Fn: function.BoundAggregate{Name: "sum", Type: catalog.Long}, Args: []expr.Expr{a}, Text: "sum"}
	filter := compare(expr.Gt, a, long(3))
	test(&logical.Values{}, "no leaf")
	test(scan(nil), "rows a b cut Scan")
	test(&logical.Filter{In: scan(filter), Cond: compare(expr.Lt, b, long(1))}, "rows a b filter (a > 3) AND (b < 1) cut Filter")
	test(&logical.Limit{In: project(scan(nil), b), Offset: 5, Count: 10}, "rows b limit 15 cut Project")
	test(&logical.Limit{In: scan(nil), Offset: 5, Count: -1}, "rows a b cut Scan")
	test(&logical.Limit{In: sortBy(project(scan(filter), b, a), -1), Count: 10}, "top b a filter a > 3 limit 10 cut Sort")
	test(&logical.Limit{In: project(sortBy(scan(nil), 7), b), Count: 10}, "top a b limit 7 cut Sort")
	test(sortBy(scan(nil), -1), "rows a b cut Scan")
	test(&logical.Limit{In: sortBy(scan(nil), -1), Count: MaxTopN + 1}, "rows a b cut Scan")
	// Column 0 of the projection is b: the aggregate's argument and key see through it.
	agg := &logical.Aggregate{In: project(scan(filter), b, a), Keys: []expr.Expr{column(1, "a", catalog.Long)}, Aggs: []logical.AggCall{sum}}
	test(agg, "aggregate a sum(b) filter a > 3 cut Aggregate")
	test(&logical.Limit{In: sortBy(agg, -1), Count: 3}, "aggregate a sum(b) filter a > 3 cut Aggregate")
	distinct := &logical.Aggregate{In: scan(nil), Keys: []expr.Expr{a}}
	test(&logical.Limit{In: distinct, Count: 3, Offset: 1}, "aggregate a limit 4 cut Aggregate")
	test(&logical.Limit{In: &logical.Filter{In: distinct, Cond: filter}, Count: 3}, "aggregate a cut Aggregate")
	test(&logical.Limit{In: agg, Count: 3}, "aggregate a sum(b) filter a > 3 cut Aggregate")
	// A volatile expression is computed once per row, so nothing above it is composed.
	test(&logical.Aggregate{In: project(scan(nil), rand1(function.Volatile)), Keys: []expr.Expr{column(0, "r", catalog.Double)}}, "rows rand() cut Project")
	test(&logical.Aggregate{In: project(scan(nil), rand1(function.Stable)), Keys: []expr.Expr{column(0, "r", catalog.Double)}}, "aggregate rand() cut Aggregate")
	if _, err := Build(nil); err == nil {
		t.Error("Build(nil) gives no error")
	}
}

// TestTrees cuts every chain of a tree; what holds a sub-query stays at the root.
func TestTrees(t *testing.T) {
	test := func(n logical.Node, want string) {
		t.Helper()
		p, err := Build(n)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, show(p)); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
	filter := compare(expr.Gt, a, long(3))
	distinct := &logical.Aggregate{In: scan(nil), Keys: []expr.Expr{b}}
	join := &logical.Join{Kind: logical.JoinInner, Left: &logical.Filter{In: scan(nil), Cond: filter}, Right: distinct}
	test(join, "rows a b filter a > 3 cut Filter; aggregate b cut Aggregate")
	test(&logical.Limit{In: join, Count: 1}, "rows a b filter a > 3 cut Filter; aggregate b cut Aggregate")
	outer := compare(expr.Eq, b, &expr.Outer{Name: "x", T: catalog.Long})
	sub := &expr.Subquery{Kind: expr.SubqueryExists, T: catalog.Boolean, Plan: &logical.Limit{In: scan(&expr.And{Args: []expr.Expr{filter, outer}}), Count: 1}}
	test(&logical.Filter{In: scan(nil), Cond: sub}, "rows a b cut Scan; rows a b filter a > 3 cut Scan")
	test(scan(&expr.And{Args: []expr.Expr{filter, sub}}), "rows a b filter a > 3 cut Scan; rows a b filter a > 3 cut Scan")
	test(&logical.Project{In: scan(nil), Exprs: []expr.Expr{sub}, Names: []string{""}}, "rows a b cut Scan; rows a b filter a > 3 cut Scan")
	test(&logical.Aggregate{In: scan(nil), Keys: []expr.Expr{sub}}, "rows a b cut Scan; rows a b filter a > 3 cut Scan")
	s := scan(nil) // one node in two places: the larger need counts
	test(&logical.SetOp{Kind: logical.Union, Left: &logical.Limit{In: s, Count: 2}, Right: s}, "rows a b cut Scan")
}

func TestArrayKeyGivesElements(t *testing.T) {
	s := &logical.Scan{Table: "t", Cols: []logical.Column{{Name: "tags", Type: catalog.String.Array()}}}
	p, err := Build(&logical.Aggregate{In: s, Keys: []expr.Expr{column(0, "tags", catalog.String.Array())}})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Only().Columns[0].Type; got != catalog.String {
		t.Errorf("the key column is %s, want STRING", got)
	}
}

func TestNeeded(t *testing.T) {
	for _, c := range []struct {
		n          logical.Node
		need, want int64
	}{
		{&logical.Limit{Offset: 2, Count: 3}, -1, 5},
		{&logical.Limit{Offset: 2, Count: 3}, 1, 3},
		{&logical.Limit{Offset: 2, Count: -1}, -1, -1},
		{&logical.Limit{Offset: 2, Count: -1}, 4, 6},
		{&logical.Project{}, 4, 4},
		{&logical.Filter{}, 4, -1},
	} {
		if got := Needed(c.n, c.need); got != c.want {
			t.Errorf("%T of %d rows needs %d, want %d", c.n, c.need, got, c.want)
		}
	}
}

// row is the values of a and b; nil is NULL.
type row [2]*int64

// truth evaluates e for a row: 1, 0, or -1 for NULL.
func truth(e expr.Expr, r row) int {
	value := func(e expr.Expr) *int64 {
		switch e := e.(type) {
		case *expr.Column:
			return r[e.Index]
		case *expr.Const:
			if e.Value.Null {
				return nil
			}
			return &e.Value.I64
		}
		panic("operand")
	}
	boolean := func(x bool) int {
		if x {
			return 1
		}
		return 0
	}
	switch e := e.(type) {
	case *expr.Compare:
		l, r := value(e.Left), value(e.Right)
		if l == nil || r == nil {
			return -1
		}
		return boolean(map[expr.CmpOp]bool{expr.Eq: *l == *r, expr.Ne: *l != *r, expr.Lt: *l < *r, expr.Le: *l <= *r, expr.Gt: *l > *r, expr.Ge: *l >= *r}[e.Op])
	case *expr.In:
		x := value(e.Arg)
		if x == nil {
			return -1
		}
		for _, v := range e.List {
			if v.I64 == *x {
				return boolean(!e.Negated)
			}
		}
		if e.HasNull {
			return -1
		}
		return boolean(e.Negated)
	case *expr.IsNull:
		return boolean((value(e.Arg) == nil) != e.Negated)
	case *expr.Not:
		if x := truth(e.Arg, r); x >= 0 {
			return 1 - x
		}
		return -1
	case *expr.And, *expr.Or:
		strong, out := 0, 1
		if _, or := e.(*expr.Or); or {
			strong, out = 1, 0
		}
		for _, arg := range e.Children() {
			switch x := truth(arg, r); x {
			case strong:
				return strong
			case -1:
				out = -1
			}
		}
		return out
	}
	panic("expression")
}

func randomPredicate(r *rand.Rand, depth int) expr.Expr {
	col := []*expr.Column{a, b}[r.IntN(2)]
	if depth > 0 && r.IntN(3) > 0 {
		args := []expr.Expr{randomPredicate(r, depth-1), randomPredicate(r, depth-1), randomPredicate(r, depth-1)}
		return []expr.Expr{&expr.And{Args: args}, &expr.Or{Args: args}, &expr.Not{Arg: args[0]}}[r.IntN(3)]
	}
	switch r.IntN(5) {
	case 0:
		return &expr.IsNull{Arg: col, Negated: r.IntN(2) == 0}
	case 1:
		in := &expr.In{Arg: col, Negated: r.IntN(2) == 0, HasNull: r.IntN(3) == 0}
		for range 1 + r.IntN(3) {
			in.List = append(in.List, catalog.LongValue(int64(r.IntN(12)-3)))
		}
		return in
	case 2:
		return compare(expr.CmpOp(1+r.IntN(6)), long(int64(r.IntN(12)-3)), col)
	default:
		return compare(expr.CmpOp(1+r.IntN(6)), col, long(int64(r.IntN(12)-3)))
	}
}

// TestFoldIsSound folds random predicates against the ranges of random rows: None and All have to hold for every row.
func TestFoldIsSound(t *testing.T) {
	decided := 0
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 9))
		rows := make([]row, 1+r.IntN(5))
		base := int64(r.IntN(6))
		for i := range rows {
			for c := range rows[i] {
				if r.IntN(4) > 0 || c == 0 && base%2 == 0 {
					x := base + int64(r.IntN(3))
					rows[i][c] = &x
				}
			}
		}
		meta := func(c int) Range {
			m := Range{NoNulls: true, AllNull: true}
			for _, x := range rows {
				if x[c] == nil {
					m.NoNulls = false
					continue
				}
				v := catalog.LongValue(*x[c])
				if m.AllNull || v.I64 < m.Min.I64 {
					m.Min = v
				}
				if m.AllNull || v.I64 > m.Max.I64 {
					m.Max = v
				}
				m.AllNull, m.HasRange = false, true
			}
			return m
		}
		e := randomPredicate(r, 2)
		verdict := Fold(e, meta)
		if verdict != Some {
			decided++
		}
		for _, x := range rows {
			got := truth(e, x) == 1
			if verdict == None && got || verdict == All && !got {
				t.Fatalf("%s folds to %s, but a row gives %t", e, verdict, got)
			}
		}
		if blind := Fold(e, func(int) Range { return Range{} }); blind != Some {
			if verdict != blind {
				t.Fatalf("%s folds to %s without metadata, %s with", e, blind, verdict)
			}
		}
	})
	if decided == 0 {
		t.Error("no predicate was decided")
	}
}

func TestFoldValues(t *testing.T) {
	text := func(s string) expr.Expr { return &expr.Const{Value: catalog.StringValue(s)} }
	name := column(0, "name", catalog.String)
	meta := func(int) Range {
		return Range{Min: catalog.StringValue("b"), Max: catalog.StringValue("d"), HasRange: true, NoNulls: true}
	}
	test := func(e expr.Expr, want Verdict) {
		t.Helper()
		if got := Fold(e, meta); got != want {
			t.Errorf("%s folds to %s, want %s", e, got, want)
		}
	}
	test(compare(expr.Eq, name, text("a")), None)
	test(compare(expr.Eq, name, text("c")), Some)
	test(compare(expr.Gt, name, text("a")), All)
	test(compare(expr.Eq, name, &expr.Const{Value: catalog.NullValue(catalog.String)}), None)
	test(&expr.Const{Value: catalog.BoolValue(true)}, All)
	test(&expr.Const{Value: catalog.NullValue(catalog.Boolean)}, None)
	test(compare(expr.Eq, column(0, "n", catalog.BigDecimal), &expr.Const{Value: catalog.Value{Type: catalog.BigDecimal, Str: "1"}}), Some)
	test(compare(expr.Eq, column(0, "tags", catalog.String.Array()), text("a")), Some)
	test(&expr.Like{Arg: name, Pattern: "x%"}, Some)
	for v := range VerdictCount {
		if v.String() == "" {
			t.Errorf("verdict %d has no name", v)
		}
	}
}
