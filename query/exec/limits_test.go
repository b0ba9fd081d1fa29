package exec_test

import (
	"context"
	"testing"
	"time"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/segment"
)

// right is a column of the right side of a join whose left side has some columns.
func right(width, i int, t catalog.Type) *expr.Column { return &expr.Column{Index: width + i, T: t} }

// TestMemoryOfTheRest: what TestMemoryOfOperators does not show, each operator with an input that is larger than its budget.
func TestMemoryOfTheRest(t *testing.T) {
	views := []segment.View{orders("a", 0, 60000)}
	scan := &logical.Project{In: shopScan(nil), Exprs: []expr.Expr{shopCol("id"), shopCol("ts")}, Names: named(2)}
	joined := &logical.Join{Kind: logical.JoinInner, Left: scan, Right: table(longs, []any{1}), On: boolConst(true)}
	outer := &expr.Outer{T: catalog.Long}
	few := table(longs, []any{-1}, []any{-2}, []any{-3}, []any{-4})
	lateral := &logical.Filter{In: few, Cond: &expr.Compare{Op: expr.Lt, Left: at(few, 0), Right: outer}}
	array := &expr.Subquery{Kind: expr.SubqueryArray, T: catalog.Long.Array(),
		Plan: &logical.Project{In: scan, Exprs: []expr.Expr{at(scan, 0)}, Names: named(1)}}
	for name, n := range map[string]logical.Node{
		"sort":            &logical.Sort{In: joined, Keys: []logical.SortKey{{Column: 1}}, Limit: -1},
		"aggregation":     &logical.Aggregate{In: joined, Keys: []expr.Expr{at(joined, 0)}},
		"lateral join":    &logical.Join{Kind: logical.JoinInner, Left: scan, Right: lateral, Lateral: true, Outer: []expr.Expr{at(scan, 0)}},
		"sub-query":       &logical.Project{In: table(longs, []any{0}), Exprs: []expr.Expr{array}, Names: named(1)},
		"recursive query": &logical.Recursive{ID: 7, All: true, Base: scan, Step: &logical.WorkTable{ID: 7, Cols: scan.Columns()}},
	} {
		env := &exec.Env{MemoryLimit: 300_000}
		_, _, err := runTree(context.Background(), env, n, shop, views)
		wantCode(t, err, errs.OutOfMemory, name)
		wantCode(t, err, errs.OutOfMemory, "broker.query_memory")
		if used := exec.Used(env); used != 0 {
			t.Errorf("%s: %d bytes were not given back", name, used)
		}
	}
}

// TestDeadlineWithin: operators that would work for hours between two batches end at the deadline.
func TestDeadlineWithin(t *testing.T) {
	const rows = 60000
	views := []segment.View{orders("a", 0, rows)}
	scan := &logical.Project{In: shopScan(nil), Exprs: []expr.Expr{shopCol("id")}, Names: named(1)}
	id := at(scan, 0)
	never := &expr.Compare{Op: expr.Lt, Left: call("plus", id, right(1, 0, catalog.Long)), Right: &expr.Const{Value: catalog.LongValue(-1)}}
	more := call("plus", id, &expr.Const{Value: catalog.LongValue(1 << 40)})
	less := func(r expr.Expr) expr.Expr { return &expr.Compare{Op: expr.Lt, Left: more, Right: r} }
	quantified := &expr.Subquery{Kind: expr.SubqueryAny, Op: expr.Lt, Left: []expr.Expr{more}, Plan: scan, T: catalog.Boolean}
	exists := &expr.Subquery{Kind: expr.SubqueryExists, T: catalog.Boolean, Outer: []expr.Expr{id},
		Plan: &logical.Filter{In: scan, Cond: less(&expr.Outer{T: catalog.Long})}}
	lateral := &logical.Filter{In: scan, Cond: less(&expr.Outer{T: catalog.Long})}
	max := mustAggregate(t, "max", false, id)
	frame := logical.Frame{Mode: logical.FrameRows, Exclude: logical.ExcludeCurrent, Start: logical.FrameBound{Kind: logical.UnboundedPreceding},
		End: logical.FrameBound{Kind: logical.UnboundedFollowing}}
	same := &logical.WorkTable{ID: 1, Name: "t", Cols: scan.Columns()}
	for name, n := range map[string]logical.Node{
		"nested loops": &logical.Join{Kind: logical.JoinInner, Left: scan, Right: scan, On: never},
		"full join":    &logical.Join{Kind: logical.JoinFull, Left: scan, Right: scan, On: never},
		"ANY":          &logical.Filter{In: scan, Cond: quantified},
		"EXISTS":       &logical.Filter{In: scan, Cond: exists},
		"lateral join": &logical.Join{Kind: logical.JoinInner, Left: scan, Right: lateral, Lateral: true, Outer: []expr.Expr{id}},
		"window": &logical.Window{In: scan, Order: []logical.SortKey{{}},
			Calls: []logical.WindowCall{{Agg: &max.Fn, Args: max.Args, Frame: frame, Type: logical.Column{Type: catalog.Long}}}},
		"recursion": &logical.Aggregate{In: &logical.Recursive{ID: 1, All: true, Base: scan, Step: same}, Aggs: []logical.AggCall{max}},
		"recursion without new rows": &logical.Aggregate{Aggs: []logical.AggCall{max}, In: &logical.Recursive{ID: 1, All: true,
			Base: table(longs, []any{1}), Step: &logical.Filter{In: &logical.WorkTable{ID: 1, Cols: scan.Columns()}, Cond: boolConst(true)}}},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
		began := time.Now()
		env := &exec.Env{}
		_, _, err := runTree(ctx, env, n, shop, views)
		cancel()
		if err == nil {
			t.Errorf("%s ended by itself", name)
			continue
		}
		wantCode(t, err, errs.QueryCanceled, "statement timeout")
		if d := time.Since(began); d > 5*time.Second {
			t.Errorf("%s took %s to end", name, d)
		}
		if used := exec.Used(env); used != 0 {
			t.Errorf("%s: %d bytes were not given back", name, used)
		}
	}
}
