package exec_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/segtest"
)

// TestCountOutside: where a range holds in most blocks of a segment, the values that another column counts are counted less the rows
// out of the range, and only the other blocks are read; the answer is that of columns without dictionary.
func TestCountOutside(t *testing.T) {
	schema := catalog.NewSchema("orders", []catalog.Field{{Name: "city", Type: catalog.String, Default: catalog.StringValue("Paris")},
		{Name: "n", Type: catalog.Long, Default: catalog.LongValue(0)}, {Name: "m", Type: catalog.Long, Default: catalog.LongValue(0)}})
	const blocks = 6
	rows := blocks*vec.BlockRows - 100
	cols := make([][]catalog.Value, 3)
	for i := range rows {
		city, m := catalog.StringValue(cities[i*i%7%4]), catalog.LongValue(int64(i%50))
		if i%10 == 0 {
			city = catalog.NullValue(catalog.String)
		}
		if i < 5 {
			m = catalog.NullValue(catalog.Long)
		}
		cols[0], cols[1], cols[2] = append(cols[0], city), append(cols[1], catalog.LongValue(int64(i))), append(cols[2], m)
	}
	plain := []segment.View{segtest.NewView("a", schema, cols)}
	counted := []segment.View{segtest.NewView("a", schema, cols, segtest.WithSortedDict("city"))}
	city, n, m := &expr.Column{Name: "city", T: catalog.String}, &expr.Column{Index: 1, Name: "n", T: catalog.Long}, &expr.Column{Index: 2, Name: "m", T: catalog.Long}
	is := func(name string) expr.Expr { return compare(expr.Eq, city, catalog.StringValue(name)) }
	from := func(i int) expr.Expr { return compare(expr.Ge, n, catalog.LongValue(int64(i))) }
	to := func(i int) expr.Expr { return compare(expr.Lt, n, catalog.LongValue(int64(i))) }
	b := vec.BlockRows
	count := mustAggregate(t, "count", true)
	for i, c := range []struct {
		filter []expr.Expr
		blocks int // that are read, where the others need not be
	}{
		{[]expr.Expr{is("Oslo"), from(b + 77)}, 2},
		{[]expr.Expr{is("Oslo"), to(5*b - 1)}, 2},
		{[]expr.Expr{is("Berlin"), from(b), to(5 * b)}, 2},
		{[]expr.Expr{is("Berlin"), from(3), to(rows - 3)}, 2},
		{[]expr.Expr{is("Rome"), from(b + 77)}, 0},
		{[]expr.Expr{&expr.Like{Arg: city, Pattern: "%a%", Escape: '\\'}, from(b + 77)}, 2}, // with PinotNulls NULL too
		{[]expr.Expr{&expr.In{Arg: city, List: []catalog.Value{catalog.StringValue("Berlin"), catalog.StringValue("Paris")}}, from(2 * b)}, 2},
		{[]expr.Expr{is("Oslo"), from(b + 77), compare(expr.Lt, m, catalog.LongValue(60))}, 2},
		// Where most blocks fail, or none is sure, the rows that pass are read.
		{[]expr.Expr{is("Oslo"), from(4 * b)}, 0},
		{[]expr.Expr{is("Oslo"), compare(expr.Lt, m, catalog.LongValue(20))}, 0},
	} {
		for _, pinot := range []bool{false, true} {
			filter := expr.Expr(&expr.And{Args: c.filter})
			node := &logical.Aggregate{In: &logical.Scan{Table: "orders", Filter: filter, Cols: []logical.Column{{Name: "city", Type: catalog.String},
				{Name: "n", Type: catalog.Long}, {Name: "m", Type: catalog.Long}}}, Aggs: []logical.AggCall{count, count}}
			want, _, err := runExec(context.Background(), &exec.Env{PinotNulls: pinot}, node, schema, plain)
			if err != nil {
				t.Fatal(err)
			}
			for _, workers := range []int{1, 2, 4} {
				place := fmt.Sprintf("%d: %s, pinot %v, %d workers", i, filter, pinot, workers)
				env := &exec.Env{PinotNulls: pinot, Workers: workers}
				exec.Tune(env, 1, 1, 0)
				got, stats, err := runExec(context.Background(), env, node, schema, counted)
				if err != nil {
					t.Fatal(place, err)
				}
				if diff := cmp.Diff(texts(want), texts(got)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", place, diff)
				}
				if one := texts([][]catalog.Value{{catalog.LongValue(stats.RowsScanned), catalog.LongValue(stats.RowsScanned)}}); !slices.Equal(one, texts(got)) {
					t.Errorf("%s: %v rows scanned, want %v", place, one, texts(got))
				}
				if c.blocks > 0 && int(stats.BlocksScanned) != c.blocks {
					t.Errorf("%s: %d blocks read, want %d", place, stats.BlocksScanned, c.blocks)
				}
			}
			plan, err := physical.Build(node)
			if err != nil {
				t.Fatal(err)
			}
			lines, err := exec.Explain(context.Background(), &exec.Env{PinotNulls: pinot}, plan, func(*physical.Leaf) (exec.Source, error) {
				return exec.Source{Schema: schema, Views: slices.Concat(counted, plain)}, nil
			})
			const said = "    Counted by statistics, less rows that are read and do not pass: 1 segments"
			if err != nil || slices.Contains(lines, said) != (c.blocks > 0) {
				t.Errorf("%s, pinot %v: %v, explained as\n%s", filter, pinot, err, strings.Join(lines, "\n"))
			}
		}
	}
}
