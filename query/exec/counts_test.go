package exec_test

import (
	"context"
	"slices"
	"strings"
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

// TestCountedValues: rows are counted by the dictionary's own counts where the filter is about one column that has them, and the answers
// are those of columns without dictionary.
func TestCountedValues(t *testing.T) {
	schema := catalog.NewSchema("orders", []catalog.Field{{Name: "city", Type: catalog.String, Default: catalog.StringValue("Paris")},
		{Name: "n", Type: catalog.Long, Default: catalog.LongValue(0)}})
	cols := make([][]catalog.Value, 2)
	for i := range 300 {
		city := catalog.StringValue(cities[i*i%7%4])
		if i%10 == 0 {
			city = catalog.NullValue(catalog.String)
		}
		cols[0], cols[1] = append(cols[0], city), append(cols[1], catalog.LongValue(int64(i)))
	}
	plain := []segment.View{segtest.NewView("a", schema, cols)}
	counted := map[string][]segment.View{
		"sorted":      {segtest.NewView("a", schema, cols, segtest.WithSortedDict("city"))},
		"in no order": {segtest.NewView("a", schema, cols, segtest.WithDict("city"))},
	}
	city, n := &expr.Column{Name: "city", T: catalog.String}, &expr.Column{Index: 1, Name: "n", T: catalog.Long}
	is := func(op expr.CmpOp, name string) expr.Expr { return compare(op, city, catalog.StringValue(name)) }
	count := mustAggregate(t, "count", true)
	filtered := count
	filtered.Filter = compare(expr.Lt, n, catalog.LongValue(50))
	least := mustAggregate(t, "min", false, n)
	scan := func(filter expr.Expr) logical.Node {
		return &logical.Scan{Table: "orders", Filter: filter, Cols: []logical.Column{{Name: "city", Type: catalog.String}, {Name: "n", Type: catalog.Long}}}
	}
	for _, c := range []struct {
		name   string
		filter expr.Expr
		aggs   []logical.AggCall
		keys   []expr.Expr
		scans  bool // rows have to be read
	}{
		{"=", is(expr.Eq, "Oslo"), []logical.AggCall{count}, nil, false},
		{"twice", is(expr.Eq, "Oslo"), []logical.AggCall{count, count}, nil, false},
		{"<>", is(expr.Ne, "Oslo"), []logical.AggCall{count}, nil, false},
		{"<", is(expr.Lt, "Oslo"), []logical.AggCall{count}, nil, false},
		{"in", &expr.In{Arg: city, List: []catalog.Value{catalog.StringValue("Berlin"), catalog.StringValue("Paris")}}, []logical.AggCall{count}, nil, false},
		{"not in", &expr.In{Arg: city, List: []catalog.Value{catalog.StringValue("Berlin"), catalog.StringValue("Paris")}, Negated: true}, []logical.AggCall{count}, nil, false},
		{"like", &expr.Like{Arg: city, Pattern: "%o%", Escape: '\\'}, []logical.AggCall{count}, nil, false},
		{"none", is(expr.Eq, "Rome"), []logical.AggCall{count}, nil, false},
		{"another aggregate", is(expr.Eq, "Oslo"), []logical.AggCall{count, least}, nil, true},
		{"filtered aggregate", is(expr.Eq, "Oslo"), []logical.AggCall{filtered}, nil, true},
		{"a key", is(expr.Eq, "Oslo"), []logical.AggCall{count}, []expr.Expr{city}, true},
		{"columns compared", &expr.Compare{Op: expr.Eq, Left: city, Right: city}, []logical.AggCall{count}, nil, false},
		{"another filter", &expr.And{Args: []expr.Expr{is(expr.Eq, "Oslo"), compare(expr.Lt, n, catalog.LongValue(50))}}, []logical.AggCall{count}, nil, true},
	} {
		for _, pinot := range []bool{false, true} {
			node := &logical.Aggregate{In: scan(c.filter), Keys: c.keys, Aggs: c.aggs}
			want, _, err := runExec(context.Background(), &exec.Env{PinotNulls: pinot}, node, schema, plain)
			if err != nil {
				t.Fatal(err)
			}
			plan, err := physical.Build(node)
			if err != nil {
				t.Fatal(err)
			}
			lines, err := exec.Explain(context.Background(), &exec.Env{PinotNulls: pinot}, plan, func(*physical.Leaf) (exec.Source, error) {
				return exec.Source{Schema: schema, Views: slices.Concat(counted["sorted"], plain)}, nil
			})
			const answered = "    Answered by statistics, no row is read: 1 segments"
			if err != nil || c.name != "none" && slices.Contains(lines, answered) == c.scans {
				t.Errorf("%s, pinot %v: %v, explained as\n%s", c.name, pinot, err, strings.Join(lines, "\n"))
			}
			for name, views := range counted {
				got, stats, err := runExec(context.Background(), &exec.Env{PinotNulls: pinot, Workers: 2}, node, schema, views)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(texts(want), texts(got)); diff != "" {
					t.Errorf("%s, dictionary %s, pinot %v (-want +got):\n%s", c.name, name, pinot, diff)
				}
				if scans := stats.EntriesScannedInFilter > 0; c.name != "none" && scans != c.scans {
					t.Errorf("%s, dictionary %s, pinot %v: %d values were read for the filter, want any: %v", c.name, name, pinot, stats.EntriesScannedInFilter, c.scans)
				}
				if one := stats.RowsScanned; !c.scans && c.name == "=" && texts(got)[0] != texts([][]catalog.Value{{catalog.LongValue(one)}})[0] {
					t.Errorf("%s: %d rows scanned, want %s", c.name, one, texts(got)[0])
				}
			}
		}
	}
}
