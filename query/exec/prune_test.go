package exec_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/segtest"
)

// watchedView counts who looks at its columns.
type watchedView struct {
	segment.View
	looks *int
}

// Column implements segment.View.
func (v watchedView) Column(name string) (segment.Column, bool) {
	*v.looks++
	return v.View.Column(name)
}

// TestBoundsPrune: segments outside of the filter's ranges are left out by their bounds, without a look at them, and counted.
func TestBoundsPrune(t *testing.T) {
	null := catalog.NullValue(catalog.Long)
	withNull := segtest.NewView("d", shop, [][]catalog.Value{{catalog.TimestampValue(400), catalog.TimestampValue(401)}, {null, catalog.LongValue(1200)},
		{catalog.StringValue("Oslo"), catalog.StringValue("Oslo")}})
	ts, id := shopCol("ts"), shopCol("id")
	at := func(ms int64) catalog.Value { return catalog.TimestampValue(ms) }
	asDouble := &expr.Cast{Arg: shopCol("id"), To: catalog.Double}
	flipped := &expr.Compare{Op: expr.Lt, Left: &expr.Const{Value: at(299)}, Right: ts} // 299 < ts
	for _, c := range []struct {
		name    string
		filter  expr.Expr
		pinot   bool
		rows    int
		looked  []int // at segments
		skipped int   // by bounds, or by the segment's own ranges
	}{
		{"all", compare(expr.Ge, ts, at(0)), false, 302, []int{0, 1, 2, 3}, 0},
		{"from the second on", compare(expr.Ge, ts, at(150)), false, 152, []int{1, 2, 3}, 1},
		{"constant first", flipped, false, 2, []int{3}, 3},
		{"one value", compare(expr.Eq, ts, at(250)), false, 1, []int{2}, 3},
		{"not one value", compare(expr.Ne, ts, at(250)), false, 301, []int{0, 1, 2, 3}, 0},
		{"two ranges", &expr.And{Args: []expr.Expr{compare(expr.Gt, ts, at(99)), compare(expr.Le, id, catalog.LongValue(400))}}, false, 34, []int{1}, 3},
		{"either range", &expr.Or{Args: []expr.Expr{compare(expr.Lt, ts, at(1)), compare(expr.Gt, ts, at(400))}}, false, 2, []int{0, 1, 2, 3}, 2},
		{"as doubles", compare(expr.Gt, asDouble, catalog.DoubleValue(899)), false, 1, []int{0, 1, 2, 3}, 0},
		{"absent column", compare(expr.Gt, shopCol("later"), catalog.IntValue(7)), false, 0, []int{0, 1, 2, 3}, 4},
		{"NULL is not below", compare(expr.Lt, id, catalog.LongValue(30)), false, 10, []int{0}, 3},
		{"NULL reads as 0", compare(expr.Lt, id, catalog.LongValue(30)), true, 11, []int{0, 1, 2, 3}, 2},
		{"none", compare(expr.Gt, ts, at(1000)), false, 0, nil, 4},
	} {
		looks := make([]int, 4)
		plain := []segment.View{orders("a", 0, 100), orders("b", 100, 100), orders("c", 200, 100), withNull}
		views := make([]segment.View, len(plain))
		for i := range views {
			views[i] = watchedView{plain[i], &looks[i]}
		}
		plan, err := physical.Build(&logical.Aggregate{In: shopScan(c.filter), Aggs: []logical.AggCall{mustAggregate(t, "count", true)}})
		if err != nil {
			t.Fatal(err)
		}
		r, err := exec.RunLeaf(context.Background(), &exec.Env{PinotNulls: c.pinot}, plan.Only(), exec.Source{Schema: shop, Views: views, TotalRows: 302,
			Bounds: func(column string) *segment.Bounds { return segment.BoundsOf(plain, column) }})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		st := r.Stats()
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		var looked []int
		for i, n := range looks {
			if n > 0 {
				looked = append(looked, i)
			}
		}
		got := fmt.Sprint("looked at ", looked, ", queried ", st.SegmentsQueried, ", pruned ", st.SegmentsPrunedByServer, " ", st.SegmentsPrunedByValue)
		want := fmt.Sprint("looked at ", c.looked, ", queried 4, pruned ", c.skipped, " ", c.skipped)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		rows, _, err := runExec(context.Background(), &exec.Env{PinotNulls: c.pinot}, &logical.Project{In: shopScan(c.filter), Exprs: []expr.Expr{ts}, Names: named(1)}, shop, plain)
		if err != nil || len(rows) != c.rows {
			t.Errorf("%s: %d rows, %v, want %d", c.name, len(rows), err, c.rows)
		}
	}
}

// BenchmarkPrune asks for the rows of one of 2,000 segments.
func BenchmarkPrune(b *testing.B) {
	const segments = 2000
	views := make([]segment.View, segments)
	for i := range views {
		views[i] = orders(fmt.Sprint("s", i), 10*i, 10)
	}
	plan, err := physical.Build(&logical.Project{In: shopScan(&expr.And{Args: []expr.Expr{compare(expr.Ge, shopCol("ts"), catalog.TimestampValue(5000)),
		compare(expr.Lt, shopCol("ts"), catalog.TimestampValue(5010)), compare(expr.Eq, shopCol("city"), catalog.StringValue("Oslo"))}},
	), Exprs: []expr.Expr{shopCol("id")}, Names: named(1)})
	if err != nil {
		b.Fatal(err)
	}
	bounds := map[string]*segment.Bounds{}
	for _, name := range []string{"ts", "city"} {
		bounds[name] = segment.BoundsOf(views, name)
	}
	for _, c := range []struct {
		name   string
		bounds func(string) *segment.Bounds
	}{{"bounds", func(column string) *segment.Bounds { return bounds[column] }}, {"segments", nil}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				r, err := exec.RunLeaf(context.Background(), &exec.Env{}, plan.Only(), exec.Source{Schema: shop, Views: views, Bounds: c.bounds})
				if err != nil {
					b.Fatal(err)
				}
				if err := r.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
