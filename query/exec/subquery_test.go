package exec_test

import (
	"context"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/query/oracle"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/segment"
)

// TestLeavesRunOnce: what does not depend on the outer row is read once, however many rows there are.
func TestLeavesRunOnce(t *testing.T) {
	views := []segment.View{orders("a", 0, 2000)}
	inner := &logical.Filter{In: shopScan(nil), Cond: &expr.Compare{Op: expr.Eq, Left: shopCol("id"), Right: &expr.Outer{T: catalog.Long, Name: "id"}}}
	count := mustAggregate(t, "count", true)
	sub := &expr.Subquery{Kind: expr.SubqueryScalar, T: catalog.Long, Outer: []expr.Expr{shopCol("id")},
		Plan: &logical.Aggregate{In: inner, Aggs: []logical.AggCall{count}}}
	n := &logical.Filter{In: shopScan(nil), Cond: compare(expr.Eq, sub, catalog.LongValue(1))}
	runs := 0
	got, st := runCounting(t, &exec.Env{}, n, views, &runs)
	if len(got) != 2000 || runs != 2 || st != 4000 {
		t.Errorf("%d rows of %d leaves that scanned %d rows; want 2000, 2, 4000", len(got), runs, st)
	}
	cte := &logical.Shared{ID: 1, Name: "c", In: shopScan(compare(expr.Lt, shopCol("id"), catalog.LongValue(30)))}
	runs = 0
	both := &logical.SetOp{Kind: logical.Union, All: true, Left: cte, Right: cte}
	if got, _ := runCounting(t, &exec.Env{}, both, views, &runs); len(got) != 20 || runs != 1 {
		t.Errorf("%d rows of %d leaves, want 20, 1", len(got), runs)
	}
}

func runCounting(t *testing.T, env *exec.Env, n logical.Node, views []segment.View, runs *int) ([]oracle.Row, int64) {
	t.Helper()
	ctx := context.Background()
	env.Leaves = func(ctx context.Context, leaf *physical.Leaf) (exec.LeafResult, error) {
		*runs++
		return exec.RunLeaf(ctx, env, leaf, exec.Source{Schema: shop, Views: views})
	}
	plan, err := exec.Prepare(ctx, env, n)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := exec.RunRoot(ctx, env, plan, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out []oracle.Row
	for {
		b, err := rows.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if b == nil {
			break
		}
		out = append(out, rowsOf(b)...)
	}
	if err := rows.Close(); err != nil {
		t.Error(err)
	}
	return out, rows.Stats().RowsScanned
}

// TestPrepare shows what becomes of the sub-queries of a condition before the plan is cut.
func TestPrepare(t *testing.T) {
	views := []segment.View{orders("a", 0, 2000)}
	ids := func(cond expr.Expr) logical.Node {
		return &logical.Project{In: shopScan(cond), Exprs: []expr.Expr{shopCol("id")}, Names: []string{"id"}}
	}
	few := compare(expr.Lt, shopCol("id"), catalog.LongValue(7))
	none := compare(expr.Lt, shopCol("id"), catalog.LongValue(-7))
	max := mustAggregate(t, "max", false, shopCol("id"))
	sub := func(kind expr.SubqueryKind, op expr.CmpOp, plan logical.Node) *expr.Subquery {
		s := &expr.Subquery{Kind: kind, Op: op, Plan: plan, T: catalog.Boolean}
		if op != expr.CmpInvalid {
			s.Left = []expr.Expr{shopCol("id")}
		}
		return s
	}
	scalar := func(plan logical.Node) expr.Expr {
		s := sub(expr.SubqueryScalar, expr.CmpInvalid, plan)
		s.T = catalog.Long
		return &expr.Compare{Op: expr.Eq, Left: shopCol("id"), Right: s}
	}
	for _, c := range []struct {
		cond   expr.Expr
		filter string
		rows   int
	}{
		{sub(expr.SubqueryAny, expr.Eq, ids(few)), "id IN (0, 3, 6)", 3},
		{sub(expr.SubqueryAll, expr.Ne, ids(few)), "id NOT IN (0, 3, 6)", 1997},
		{sub(expr.SubqueryAny, expr.Eq, ids(none)), "false", 0},
		{sub(expr.SubqueryAll, expr.Ne, ids(none)), "", 2000},
		{sub(expr.SubqueryExists, 0, ids(few)), "", 2000},
		{sub(expr.SubqueryExists, 0, ids(none)), "false", 0},
		{scalar(&logical.Aggregate{In: shopScan(few), Aggs: []logical.AggCall{max}}), "id = 6", 1},
		{scalar(ids(none)), "false", 0},
		{sub(expr.SubqueryAny, expr.Lt, ids(few)), "-", 2}, // stays at the root
	} {
		env := &exec.Env{}
		runs := 0
		n := &logical.Filter{In: shopScan(nil), Cond: c.cond}
		rows, _ := runCounting(t, env, n, views, &runs)
		if len(rows) != c.rows {
			t.Errorf("%s: %d rows, want %d", c.cond, len(rows), c.rows)
		}
		env.Leaves = func(ctx context.Context, leaf *physical.Leaf) (exec.LeafResult, error) {
			return exec.RunLeaf(ctx, env, leaf, exec.Source{Schema: shop, Views: views})
		}
		plan, err := exec.Prepare(context.Background(), env, n)
		if err != nil {
			t.Fatal(err)
		}
		filter := ""
		if len(plan.Leaves) > 1 {
			filter = "-"
		} else if f := plan.Only().Scan.Filter; f != nil {
			filter = f.String()
		}
		if filter != c.filter {
			t.Errorf("%s became %q, want %q", c.cond, filter, c.filter)
		}
	}
	// Two rows: an error, but only where the value is needed.
	two := scalar(ids(few))
	_, _, err := runTree(context.Background(), &exec.Env{}, &logical.Filter{In: shopScan(nil), Cond: two}, shop, views)
	wantCode(t, err, errs.CardinalityViolation, "more than one row")
	lazy := &expr.And{Args: []expr.Expr{boolConst(false), two}}
	if rows, _, err := runTree(context.Background(), &exec.Env{}, &logical.Filter{In: shopScan(nil), Cond: lazy}, shop, views); err != nil || len(rows) != 0 {
		t.Errorf("a sub-query that is not needed: %d rows, %v", len(rows), err)
	}
}

// TestQuantified is SQL's table of NULLs for IN and NOT IN, and row values.
func TestQuantified(t *testing.T) {
	test := func(want string, kind expr.SubqueryKind, op expr.CmpOp, left []any, rows ...[]any) {
		t.Helper()
		types := make([]catalog.Type, len(left))
		for i := range types {
			types[i] = catalog.Long
		}
		one := table(types, left)
		sub := &expr.Subquery{Kind: kind, Op: op, Plan: nothing(types), T: catalog.Boolean}
		if len(rows) > 0 {
			sub.Plan = table(types, rows...)
		}
		for i := range left {
			sub.Left = append(sub.Left, at(one, i))
		}
		got := runValues(t, &logical.Project{In: one, Exprs: []expr.Expr{sub}, Names: []string{"x"}})
		if len(got) != 1 || got[0] != want {
			t.Errorf("%v %s %d of %v is %v, want %s", left, op, kind, rows, got, want)
		}
	}
	isIn, notIn := expr.SubqueryAny, expr.SubqueryAll
	test("1", isIn, expr.Eq, []any{1}, []any{1}, []any{nil})
	test("NULL", isIn, expr.Eq, []any{2}, []any{1}, []any{nil})
	test("0", isIn, expr.Eq, []any{2}, []any{1})
	test("NULL", isIn, expr.Eq, []any{nil}, []any{1})
	test("0", isIn, expr.Eq, []any{nil})
	test("0", notIn, expr.Ne, []any{1}, []any{1}, []any{nil})
	test("NULL", notIn, expr.Ne, []any{2}, []any{1}, []any{nil})
	test("1", notIn, expr.Ne, []any{2}, []any{1})
	test("1", notIn, expr.Ne, []any{nil})
	test("1", isIn, expr.Lt, []any{2}, []any{1}, []any{nil}, []any{3})
	test("NULL", isIn, expr.Lt, []any{2}, []any{1}, []any{nil})
	test("0", notIn, expr.Ge, []any{2}, []any{1}, []any{nil}, []any{3})
	test("1", isIn, expr.Eq, []any{1, 2}, []any{1, 2}, []any{nil, 2})
	test("NULL", isIn, expr.Eq, []any{1, 2}, []any{1, nil})
	test("0", isIn, expr.Eq, []any{1, 2}, []any{3, nil})
	test("NULL", isIn, expr.Eq, []any{1, nil}, []any{1, 2})
	test("0", isIn, expr.Eq, []any{1, nil}, []any{3, 2})
	test("1", notIn, expr.Ne, []any{1, 2}, []any{3, nil})
	test("NULL", notIn, expr.Ne, []any{1, 2}, []any{nil, 2})
}

// TestNestedCorrelation: the innermost query reads a value of the outermost through the middle one, whose own values it
// gets as operands.
func TestNestedCorrelation(t *testing.T) {
	x := table(longs, []any{1}, []any{2}, []any{nil})
	y, z := table(longs, []any{1}, []any{2}, []any{3}), table(longs, []any{1}, []any{2}, []any{3}, []any{4}, []any{5})
	long := func(slot int) expr.Expr { return &expr.Outer{Slot: slot, T: catalog.Long} }
	max := mustAggregate(t, "max", false, at(z, 0))
	// max(z) where z < y + x
	inner := &expr.Subquery{Kind: expr.SubqueryScalar, T: catalog.Long, Outer: []expr.Expr{at(y, 0), long(0)},
		Plan: &logical.Aggregate{In: &logical.Filter{In: z, Cond: &expr.Compare{Op: expr.Lt, Left: at(z, 0), Right: call("plus", long(0), long(1))}},
			Aggs: []logical.AggCall{max}}}
	// that, for y = x
	middle := &expr.Subquery{Kind: expr.SubqueryScalar, T: catalog.Long, Outer: []expr.Expr{at(x, 0)},
		Plan: &logical.Project{In: &logical.Filter{In: y, Cond: &expr.Compare{Op: expr.Eq, Left: at(y, 0), Right: long(0)}}, Exprs: []expr.Expr{inner}, Names: []string{"m"}}}
	wantRows(t, &logical.Project{In: x, Exprs: []expr.Expr{at(x, 0), middle}, Names: named(2)}, "1 1", "2 3", "NULL NULL")
}

func TestArraySubquery(t *testing.T) {
	x := table(longs, []any{1}, []any{9})
	y := table(pairs, []any{1, "a"}, []any{1, nil}, []any{2, "c"})
	plan := &logical.Project{In: &logical.Filter{In: y, Cond: &expr.Compare{Op: expr.Eq, Left: at(y, 0), Right: &expr.Outer{T: catalog.Long}}},
		Exprs: []expr.Expr{at(y, 1)}, Names: []string{"s"}}
	sub := &expr.Subquery{Kind: expr.SubqueryArray, T: catalog.String.Array(), Outer: []expr.Expr{at(x, 0)}, Plan: plan}
	wantRows(t, &logical.Project{In: x, Exprs: []expr.Expr{sub}, Names: named(1)}, `["a", NULL]`, `[]`)
}
