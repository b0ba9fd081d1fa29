package exec_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/segment"
)

// table makes VALUES of LONG and STRING columns: nil is NULL.
func table(types []catalog.Type, rows ...[]any) *logical.Values {
	n := &logical.Values{Rows: [][]expr.Expr{}}
	for i, t := range types {
		n.Cols = append(n.Cols, logical.Column{Name: fmt.Sprint("c", i), Type: t})
	}
	for _, r := range rows {
		var row []expr.Expr
		for i, v := range r {
			row = append(row, &expr.Const{Value: valueOf(types[i], v)})
		}
		n.Rows = append(n.Rows, row)
	}
	return n
}

// nothing is a relation without rows: VALUES without rows is one row without columns.
func nothing(types []catalog.Type) logical.Node {
	return &logical.Filter{In: table(types, make([]any, len(types))), Cond: boolConst(false)}
}

func valueOf(t catalog.Type, v any) catalog.Value {
	out := catalog.Value{Type: t}
	switch v := v.(type) {
	case nil:
		return catalog.NullValue(t)
	case int:
		out.I64 = int64(v)
	case float64:
		out.F64 = v
	case string:
		out.Str = v
	case []any:
		for _, e := range v {
			out.Elems = append(out.Elems, valueOf(t.Elem(), e))
		}
	}
	return out
}

var (
	longs   = []catalog.Type{catalog.Long}
	pairs   = []catalog.Type{catalog.Long, catalog.String}
	numbers = []catalog.Type{catalog.Long.Array()}
)

func at(n logical.Node, i int) *expr.Column { return colsOf(n)[i] }

// runValues runs a plan that reads no table, in batches of several sizes: all have to give the same rows, whose order is
// that of whole batches.
func runValues(t *testing.T, n logical.Node) []string {
	t.Helper()
	var first []string
	for i, size := range []int{0, 1, 2} {
		env := &exec.Env{MemoryLimit: 1 << 30}
		exec.TuneBatches(env, size)
		rows, _, err := runTree(context.Background(), env, n, shop, nil)
		if err != nil {
			t.Fatalf("batches of %d: %v", size, err)
		}
		got := texts(rows)
		if i == 0 {
			first = got
		} else if diff := cmp.Diff(slices.Sorted(slices.Values(first)), slices.Sorted(slices.Values(got))); diff != "" {
			t.Errorf("batches of %d (-whole +split):\n%s", size, diff)
		}
		if used := exec.Used(env); used != 0 {
			t.Errorf("%d bytes were not given back", used)
		}
	}
	return first
}

func wantRows(t *testing.T, n logical.Node, want ...string) {
	t.Helper()
	got := runValues(t, n)
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", strings.Join(logical.Explain(n), "\n"), diff)
	}
}

func TestJoin(t *testing.T) {
	l := table(pairs, []any{1, "a"}, []any{2, "b"}, []any{2, "B"}, []any{nil, "n"}, []any{4, "d"})
	r := table(pairs, []any{2, "x"}, []any{2, "y"}, []any{nil, "z"}, []any{5, "w"})
	none := nothing(pairs)
	key := &expr.Compare{Op: expr.Eq, Left: at(l, 0), Right: &expr.Column{Index: 2, T: catalog.Long}}
	rest := &expr.Compare{Op: expr.Ne, Left: &expr.Column{Index: 3, T: catalog.String}, Right: &expr.Const{Value: catalog.StringValue("y")}}
	join := func(kind logical.JoinKind, l, r logical.Node, on ...expr.Expr) logical.Node {
		return &logical.Join{Kind: kind, Left: l, Right: r, On: physical.Conjunction(on)}
	}
	matches := []string{`2 "b" 2 "x"`, `2 "b" 2 "y"`, `2 "B" 2 "x"`, `2 "B" 2 "y"`}
	leftOnly := []string{`1 "a" NULL NULL`, `NULL "n" NULL NULL`, `4 "d" NULL NULL`}
	rightOnly := []string{`NULL NULL NULL "z"`, `NULL NULL 5 "w"`}
	for _, on := range [][]expr.Expr{{key}, {&expr.Or{Args: []expr.Expr{key, boolConst(false)}}}} { // by hash, and in a loop
		wantRows(t, join(logical.JoinInner, l, r, on...), matches...)
		wantRows(t, join(logical.JoinLeft, l, r, on...), slices.Concat(matches, leftOnly)...)
		wantRows(t, join(logical.JoinRight, l, r, on...), slices.Concat(matches, rightOnly)...)
		wantRows(t, join(logical.JoinFull, l, r, on...), slices.Concat(matches, leftOnly, rightOnly)...)
	}
	wantRows(t, join(logical.JoinLeft, l, r, key, rest), slices.Concat([]string{matches[0], matches[2]}, leftOnly)...)
	wantRows(t, join(logical.JoinFull, l, r, key, rest),
		slices.Concat([]string{matches[0], matches[2]}, leftOnly, rightOnly, []string{`NULL NULL 2 "y"`})...)
	for kind, rows := range map[logical.JoinKind]int{logical.JoinInner: 0, logical.JoinLeft: 5, logical.JoinRight: 0, logical.JoinFull: 5} {
		if got := runValues(t, join(kind, l, none, key)); len(got) != rows {
			t.Errorf("join %d with nothing: %d rows, want %d", kind, len(got), rows)
		}
		if got := runValues(t, join(kind, none, none)); len(got) != 0 {
			t.Errorf("join %d of nothing: %d rows", kind, len(got))
		}
	}
	if got := runValues(t, join(logical.JoinInner, l, r)); len(got) != 20 {
		t.Errorf("cross join: %d rows, want 20", len(got))
	}
}

func boolConst(v bool) expr.Expr { return &expr.Const{Value: catalog.BoolValue(v)} }

// TestJoinKeys: keys that are equal by value, though not by their bytes, and keys that equal nothing.
func TestJoinKeys(t *testing.T) {
	for _, c := range []struct {
		t           catalog.Type
		left, right []any
		want        int
	}{
		{catalog.BigDecimal, []any{"1.0", "2"}, []any{"1", "2.00", "3"}, 2},
		{catalog.Double, []any{0.0, nan(), nil}, []any{negativeZero(), nan(), nil}, 1},
		{catalog.Timestamp, []any{5}, []any{5}, 1},
		{catalog.Boolean, []any{0, 1, 1}, []any{1}, 2},
	} {
		types := []catalog.Type{c.t}
		var l, r [][]any
		for _, v := range c.left {
			l = append(l, []any{v})
		}
		for _, v := range c.right {
			r = append(r, []any{v})
		}
		left, right := table(types, l...), table(types, r...)
		on := &expr.Compare{Op: expr.Eq, Left: at(left, 0), Right: &expr.Column{Index: 1, T: c.t}}
		if got := runValues(t, &logical.Join{Kind: logical.JoinInner, Left: left, Right: right, On: on}); len(got) != c.want {
			t.Errorf("%s: %v, want %d rows", c.t, got, c.want)
		}
	}
}

func nan() float64          { return zero() / zero() }
func negativeZero() float64 { return -1 / inf() }
func inf() float64          { return 1 / zero() }
func zero() float64         { return float64(len("")) }

func TestSetOps(t *testing.T) {
	l := table(pairs, []any{1, "a"}, []any{1, "a"}, []any{1, "a"}, []any{nil, nil}, []any{nil, nil}, []any{2, nil})
	r := table(pairs, []any{1, "a"}, []any{1, "a"}, []any{nil, nil}, []any{3, "c"})
	op := func(kind logical.SetOpKind, all bool) logical.Node {
		return &logical.SetOp{Kind: kind, All: all, Left: l, Right: r}
	}
	one, null, two, three := `1 "a"`, "NULL NULL", "2 NULL", `3 "c"`
	wantRows(t, op(logical.Union, false), one, null, two, three)
	wantRows(t, op(logical.Union, true), one, one, one, null, null, two, one, one, null, three)
	wantRows(t, op(logical.Intersect, false), one, null)
	wantRows(t, op(logical.Intersect, true), one, one, null)
	wantRows(t, op(logical.Except, false), two)
	wantRows(t, op(logical.Except, true), one, null, two)
	arrays := table(numbers, []any{[]any{1, 2}}, []any{[]any{1}}, []any{nil}, []any{[]any{}}, []any{[]any{1, 2}}, []any{[]any{1, nil}}, []any{[]any{1, nil}})
	wantRows(t, &logical.SetOp{Kind: logical.Union, Left: arrays, Right: arrays}, "[1, 2]", "[1]", "NULL", "[]", "[1, NULL]")
	if got := runValues(t, &logical.SetOp{Kind: logical.Except, All: true, Left: arrays, Right: arrays}); len(got) != 0 {
		t.Errorf("arrays except themselves: %v", got)
	}
}

func TestProjectSet(t *testing.T) {
	types := []catalog.Type{catalog.Long, catalog.Long.Array(), catalog.Long.Array()}
	in := table(types, []any{1, []any{1, 2, 3}, []any{7}}, []any{2, []any{}, nil}, []any{3, nil, []any{8, nil}})
	set := func(outer bool) logical.Node {
		return &logical.ProjectSet{In: in, Exprs: []expr.Expr{at(in, 0), at(in, 1), at(in, 2)}, Names: named(3), Set: []bool{false, true, true}, Outer: outer}
	}
	rows := []string{"1 1 7", "1 2 NULL", "1 3 NULL", "3 NULL 8", "3 NULL NULL"}
	wantRows(t, set(false), rows...)
	wantRows(t, set(true), append(rows, "2 NULL NULL")...)
}

func TestDistinctOnKeepsTheFirst(t *testing.T) {
	in := table(pairs, []any{1, "a"}, []any{nil, "b"}, []any{1, "c"}, []any{2, "d"}, []any{nil, "e"})
	if diff := cmp.Diff([]string{`1 "a"`, `NULL "b"`, `2 "d"`}, runValues(t, &logical.DistinctOn{In: in, Keys: []int{0}})); diff != "" {
		t.Error(diff)
	}
}

// counting is n < limit UNION n + 1: the numbers from 1 to limit, or the rests of a division, which come again.
func counting(all bool, step func(n expr.Expr) expr.Expr, stop func(n expr.Expr) expr.Expr) *logical.Recursive {
	work := &logical.WorkTable{ID: 1, Name: "t", Cols: []logical.Column{{Name: "n", Type: catalog.Long}}}
	n := at(work, 0)
	return &logical.Recursive{ID: 1, Name: "t", All: all, Base: table(longs, []any{1}),
		Step: &logical.Project{In: &logical.Filter{In: work, Cond: stop(n)}, Exprs: []expr.Expr{step(n)}, Names: []string{"n"}}}
}

func next(n expr.Expr) expr.Expr { return call("plus", n, &expr.Const{Value: catalog.LongValue(1)}) }

func TestRecursive(t *testing.T) {
	below := func(limit int64) func(expr.Expr) expr.Expr {
		return func(n expr.Expr) expr.Expr { return compare(expr.Lt, n, catalog.LongValue(limit)) }
	}
	wantRows(t, counting(true, next, below(4)), "1", "2", "3", "4")
	mod := func(n expr.Expr) expr.Expr { return call("mod", next(n), &expr.Const{Value: catalog.LongValue(3)}) }
	forever := func(expr.Expr) expr.Expr { return boolConst(true) }
	got := counting(false, mod, forever)
	rows := runValues(t, got)
	if len(rows) != 3 {
		t.Errorf("rests of a division by 3: %v", rows)
	}
	// Without an end: a limit is enough, a cancelled statement ends, memory does in the end.
	if got := runValues(t, &logical.Limit{In: counting(true, next, forever), Count: 20}); len(got) != 20 {
		t.Errorf("%d rows, want 20", len(got))
	}
	env := &exec.Env{MemoryLimit: 1 << 20}
	_, _, err := runTree(context.Background(), env, counting(false, next, forever), shop, nil)
	wantCode(t, err, errs.OutOfMemory, "recursive query")
	// The work table twice, joined with itself.
	work := &logical.WorkTable{ID: 1, Name: "t", Cols: []logical.Column{{Name: "n", Type: catalog.Long}}}
	pair := &logical.Join{Kind: logical.JoinInner, Left: work, Right: work, On: &expr.And{Args: []expr.Expr{
		&expr.Compare{Op: expr.Eq, Left: at(work, 0), Right: &expr.Column{Index: 1, T: catalog.Long}},
		compare(expr.Lt, at(work, 0), catalog.LongValue(3))}}}
	twice := &logical.Recursive{ID: 1, All: true, Base: table(longs, []any{1}),
		Step: &logical.Project{In: pair, Exprs: []expr.Expr{next(at(pair, 0))}, Names: []string{"n"}}}
	wantRows(t, twice, "1", "2", "3")
}

func TestCancelRecursion(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	endless := counting(true, func(n expr.Expr) expr.Expr { return n }, func(expr.Expr) expr.Expr { return boolConst(true) })
	count := mustAggregate(t, "count", true)
	env := &exec.Env{Relations: relations(func() { cancel() })}
	cancelled := &logical.Join{Kind: logical.JoinInner, Left: &logical.Relation{Schema: "s", Name: "r", Positions: []int{0},
		Cols: []logical.Column{{Name: "n", Type: catalog.Long}}}, Right: &logical.Aggregate{In: endless, Aggs: []logical.AggCall{count}}}
	_, _, err := runTree(ctx, env, &logical.SetOp{Kind: logical.Union, All: true, Left: cancelled.Left, Right: &logical.Project{In: cancelled,
		Exprs: []expr.Expr{at(cancelled, 0)}, Names: []string{"n"}}}, shop, nil)
	wantCode(t, err, errs.QueryCanceled, "user request")
}

// relations calls a function when it is read and gives three rows.
type relations func()

func (f relations) Scan(_ context.Context, _, _ string, columns []int) ([]*vec.Batch, error) {
	f()
	v := &vec.Vector{}
	v.Reset(catalog.Long, 3)
	copy(v.I64, []int64{7, 8, 9})
	b := &vec.Batch{Rows: 3}
	for range columns {
		b.Cols = append(b.Cols, v)
	}
	return []*vec.Batch{b}, nil
}

func TestMemoryOfOperators(t *testing.T) {
	views := []segment.View{orders("a", 0, 60000)}
	scan := &logical.Project{In: shopScan(nil), Exprs: []expr.Expr{shopCol("id"), shopCol("ts")}, Names: named(2)}
	id := at(scan, 0)
	key := &expr.Compare{Op: expr.Eq, Left: id, Right: &expr.Column{Index: 2, T: id.T}}
	sum := mustAggregate(t, "sum", false, id)
	in := &expr.Subquery{Kind: expr.SubqueryAny, Op: expr.Lt, Left: []expr.Expr{id}, T: catalog.Boolean,
		Plan: &logical.Project{In: shopScan(nil), Exprs: []expr.Expr{shopCol("id")}, Names: named(1)}}
	for name, n := range map[string]logical.Node{
		"join":                    &logical.Join{Kind: logical.JoinInner, Left: scan, Right: scan, On: key},
		"union":                   &logical.SetOp{Kind: logical.Union, Left: scan, Right: scan},
		"set operation":           &logical.SetOp{Kind: logical.Intersect, Left: scan, Right: scan},
		"distinct on":             &logical.DistinctOn{In: scan, Keys: []int{0}},
		"window":                  &logical.Window{In: scan, Calls: []logical.WindowCall{{Agg: &sum.Fn, Args: sum.Args, Type: logical.Column{Type: sum.Fn.Type}}}},
		"common table expression": &logical.Shared{ID: 1, In: scan},
		"sub-query":               &logical.Project{In: scan, Exprs: []expr.Expr{in}, Names: named(1)},
	} {
		env := &exec.Env{MemoryLimit: 300_000}
		_, _, err := runTree(context.Background(), env, n, shop, views)
		wantCode(t, err, errs.OutOfMemory, name)
		wantCode(t, err, errs.OutOfMemory, "broker.query_memory")
		if used := exec.Used(env); used != 0 {
			t.Errorf("%s: %d bytes were not given back", name, used)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, _, err = runTree(ctx, &exec.Env{}, n, shop, views)
		wantCode(t, err, errs.QueryCanceled, "user request")
	}
}

func TestWindowErrors(t *testing.T) {
	in := table(longs, []any{1}, []any{2})
	sum := mustAggregate(t, "sum", false, at(in, 0))
	framed := func(offset catalog.Value) logical.WindowCall {
		return logical.WindowCall{Agg: &sum.Fn, Args: sum.Args, Type: logical.Column{Type: sum.Fn.Type}, Frame: logical.Frame{Mode: logical.FrameRows,
			Start: logical.FrameBound{Kind: logical.Preceding, Offset: &expr.Const{Value: offset}}, End: logical.FrameBound{Kind: logical.CurrentRow}}}
	}
	named := func(name string, args ...expr.Expr) logical.WindowCall {
		return logical.WindowCall{Name: name, Args: args, Type: logical.Column{Type: catalog.Long}}
	}
	zero := &expr.Const{Value: catalog.LongValue(0)}
	for _, c := range []struct {
		call       logical.WindowCall
		code, part string
	}{
		{framed(catalog.LongValue(-1)), errs.InvalidFrameSize, "frame starting offset must not be negative"},
		{framed(catalog.NullValue(catalog.Long)), errs.NullNotAllowed, "frame starting offset must not be null"},
		{named("ntile", zero), errs.InvalidNtile, "ntile"},
		{named("nthvalue", at(in, 0), zero), errs.InvalidNthValue, "nth_value"},
		{named("median"), errs.Internal, "median"},
	} {
		n := &logical.Window{In: in, Order: []logical.SortKey{{}}, Calls: []logical.WindowCall{c.call}}
		_, _, err := runTree(context.Background(), &exec.Env{}, n, shop, nil)
		wantCode(t, err, c.code, c.part)
	}
}

// TestLargeJoin crosses block boundaries on both sides.
func TestLargeJoin(t *testing.T) {
	views := []segment.View{orders("a", 0, 30000)}
	l := &logical.Project{In: shopScan(nil), Exprs: []expr.Expr{shopCol("id"), shopCol("city")}, Names: named(2)}
	r := &logical.Project{In: shopScan(nil), Exprs: []expr.Expr{call("times", shopCol("id"), &expr.Const{Value: catalog.LongValue(2)}), shopCol("city")}, Names: named(2)}
	on := &expr.Compare{Op: expr.Eq, Left: at(l, 0), Right: &expr.Column{Index: 2, T: catalog.Long}}
	for kind, want := range map[logical.JoinKind]int{logical.JoinInner: 15000, logical.JoinLeft: 30000, logical.JoinRight: 30000, logical.JoinFull: 45000} {
		rows, _, err := runTree(context.Background(), &exec.Env{}, &logical.Join{Kind: kind, Left: l, Right: r, On: on}, shop, views)
		if err != nil || len(rows) != want {
			t.Errorf("join %d: %d rows, %v; want %d", kind, len(rows), err, want)
		}
		// The smaller side is kept, on whichever side it stands: with both kept, this budget would not do.
		few := table(longs, []any{3}, []any{6}, []any{7})
		small := &logical.Join{Kind: logical.JoinInner, Left: few, Right: l, On: &expr.Compare{Op: expr.Eq, Left: at(few, 0), Right: &expr.Column{Index: 1, T: catalog.Long}}}
		rows, _, err = runTree(context.Background(), &exec.Env{MemoryLimit: 1_200_000}, small, shop, views)
		if diff := cmp.Diff([]string{`3 3 "London"`, `6 6 "Oslo"`}, texts(rows)); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
}

// TestJoinSwapped: within a correlated sub-query, a join whose left side never changes hashes that one. Columns stay where
// they were.
func TestJoinSwapped(t *testing.T) {
	outer := table(longs, []any{1}, []any{2}, []any{3}, []any{nil})
	l := table(pairs, []any{10, "a"}, []any{20, "b"}, []any{20, "c"}, []any{nil, "n"}, []any{30, "d"})
	r := &logical.Filter{In: table([]catalog.Type{catalog.Long, catalog.Long}, []any{1, 10}, []any{2, 20}, []any{2, nil}, []any{3, 99}, []any{2, 30}),
		Cond: &expr.Compare{Op: expr.Eq, Left: &expr.Column{Index: 0, T: catalog.Long}, Right: &expr.Outer{T: catalog.Long}}}
	on := &expr.And{Args: []expr.Expr{&expr.Compare{Op: expr.Eq, Left: at(l, 0), Right: &expr.Column{Index: 3, T: catalog.Long}},
		&expr.Compare{Op: expr.Ne, Left: &expr.Column{Index: 1, T: catalog.String}, Right: &expr.Const{Value: catalog.StringValue("c")}}}}
	for _, side := range []struct {
		column int
		typ    catalog.Type
		want   []string
	}{{1, catalog.String, []string{`1 ["a"]`, `2 ["b", "d"]`, "3 []", "NULL []"}}, {3, catalog.Long, []string{"1 [10]", "2 [20, 30]", "3 []", "NULL []"}}} {
		column := &expr.Column{Index: side.column, T: side.typ}
		join := &logical.Join{Kind: logical.JoinInner, Left: l, Right: r, On: on}
		sorted := &logical.Sort{In: &logical.Project{In: join, Exprs: []expr.Expr{column}, Names: []string{"x"}}, Keys: []logical.SortKey{{Column: 0}}, Limit: -1}
		sub := &expr.Subquery{Kind: expr.SubqueryArray, T: side.typ.Array(), Outer: []expr.Expr{at(outer, 0)}, Plan: sorted}
		wantRows(t, &logical.Project{In: outer, Exprs: []expr.Expr{at(outer, 0), sub}, Names: []string{"o", "x"}}, side.want...)
	}
}

// TestGroupsOfArrays: above a join, too, a row counts in the group of each element of an array.
func TestGroupsOfArrays(t *testing.T) {
	in := table([]catalog.Type{catalog.Long, catalog.Long.Array()}, []any{1, []any{7, 8}}, []any{2, []any{8}}, []any{3, nil}, []any{4, []any{}})
	both := &logical.Join{Kind: logical.JoinInner, Left: in, Right: table(longs, []any{1}, []any{2}), On: boolConst(true)}
	count, sum := mustAggregate(t, "count", true), mustAggregate(t, "sum", false, at(both, 0))
	groups := &logical.Aggregate{In: both, Keys: []expr.Expr{at(both, 1), at(both, 2)}, Aggs: []logical.AggCall{count, sum}}
	wantRows(t, groups, "7 1 1 1", "7 2 1 1", "8 1 2 3", "8 2 2 3", "NULL 1 1 3", "NULL 2 1 3")
	if got := groups.Columns()[0].Type; got != catalog.Long {
		t.Errorf("the key has type %s", got)
	}
}

// TestDecimalsByNumber: texts of one number are one group.
func TestDecimalsByNumber(t *testing.T) {
	decimals := []catalog.Type{catalog.BigDecimal, catalog.Long}
	in := table(decimals, []any{"1.0", 1}, []any{"1", 1}, []any{"01.00", 2}, []any{"-0.0", 1}, []any{"0", 2}, []any{nil, 1})
	count := mustAggregate(t, "count", true)
	distinct := mustAggregate(t, "distinctcount", false, at(in, 0))
	wantRows(t, &logical.Aggregate{In: in, Keys: []expr.Expr{at(in, 0)}, Aggs: []logical.AggCall{count}}, `"1" 3`, `"0" 2`, "NULL 1")
	wantRows(t, &logical.Aggregate{In: in, Keys: []expr.Expr{at(in, 0), at(in, 1)}, Aggs: []logical.AggCall{count}},
		`"1" 1 2`, `"1" 2 1`, `"0" 1 1`, `"0" 2 1`, "NULL 1 1")
	wantRows(t, &logical.Aggregate{In: in, Aggs: []logical.AggCall{distinct}}, "2")
	list := &expr.In{Arg: at(in, 0), List: []catalog.Value{valueOf(catalog.BigDecimal, "1.000")}}
	wantRows(t, &logical.Project{In: &logical.Filter{In: in, Cond: list}, Exprs: []expr.Expr{at(in, 1)}, Names: named(1)}, "1", "1", "2")
}
