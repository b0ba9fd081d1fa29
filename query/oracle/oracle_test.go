package oracle

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/segtest"
)

var schema = catalog.NewSchema("t", []catalog.Field{
	{Name: "k", Type: catalog.String, Default: catalog.StringValue("null")},
	{Name: "x", Type: catalog.Long, Default: catalog.LongValue(-1)},
	{Name: "tags", Type: catalog.String.Array(), Default: catalog.Value{Type: catalog.String.Array(), Elems: []catalog.Value{catalog.StringValue("none")}}},
})

func tags(names ...string) catalog.Value {
	v := catalog.Value{Type: catalog.String.Array()}
	for _, n := range names {
		v.Elems = append(v.Elems, catalog.StringValue(n))
	}
	return v
}

func config(pinot bool) Config {
	view := segtest.NewView("s", schema, [][]catalog.Value{
		{catalog.StringValue("a"), catalog.StringValue("b"), catalog.NullValue(catalog.String), catalog.StringValue("a")},
		{catalog.LongValue(1), catalog.LongValue(2), catalog.LongValue(4), catalog.NullValue(catalog.Long)},
		{tags("p"), tags("p", "q"), tags("q"), catalog.NullValue(catalog.String.Array())},
	})
	return Config{Schema: schema, Views: []segment.View{view}, PinotNulls: pinot}
}

func scan(filter expr.Expr) *logical.Scan {
	s := &logical.Scan{Table: "t", Filter: filter}
	for _, f := range schema.Fields {
		s.Cols = append(s.Cols, logical.Column{Name: f.Name, Type: f.Type})
	}
	return s
}

func col(i int) *expr.Column {
	return &expr.Column{Index: i, Name: schema.Fields[i].Name, T: schema.Fields[i].Type}
}

func aggregate(name string, args ...expr.Expr) logical.AggCall {
	return logical.AggCall{Fn: function.BoundAggregate{Name: name, Type: catalog.Long}, Args: args, Text: name}
}

func lines(rows []Row) []string {
	var out []string
	for _, r := range rows {
		out = append(out, rowText(r))
	}
	return out
}

func TestRun(t *testing.T) {
	by := func(key expr.Expr) logical.Node {
		return &logical.Aggregate{In: scan(nil), Keys: []expr.Expr{key}, Aggs: []logical.AggCall{aggregate("count"), aggregate("sum", col(1))}}
	}
	isNull := func(i int) expr.Expr { return &expr.IsNull{Arg: col(i)} }
	test := func(name string, n logical.Node, pinot bool, want ...string) {
		t.Helper()
		rows, err := Run(n, config(pinot))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if diff := cmp.Diff(want, lines(rows)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	test("group by text", by(col(0)), false, `"a" | 2 | 1`, `"b" | 1 | 2`, `NULL | 1 | 4`)
	test("group by text, defaults", by(col(0)), true, `"a" | 2 | 0`, `"b" | 1 | 2`, `"null" | 1 | 4`)
	test("group by array", by(col(2)), false, `"p" | 2 | 3`, `"q" | 2 | 6`, `NULL | 1 | NULL`)
	test("is null", scan(isNull(1)), false, `"a" | NULL | NULL`)
	test("is null, defaults", scan(isNull(1)), true, `"a" | -1 | ["none"]`)
	test("any element", scan(&expr.Compare{Op: expr.Eq, Left: col(2), Right: &expr.Const{Value: catalog.StringValue("q")}}), false,
		`"b" | 2 | ["p", "q"]`, `NULL | 4 | ["q"]`)
	test("no element", scan(&expr.Compare{Op: expr.Ne, Left: col(2), Right: &expr.Const{Value: catalog.StringValue("q")}}), false, `"a" | 1 | ["p"]`)
	test("order", &logical.Limit{In: &logical.Sort{In: scan(nil), Keys: []logical.SortKey{{Column: 0, Descending: true, NullsFirst: true}}, Limit: -1},
		Offset: 1, Count: 2}, false, `"b" | 2 | ["p", "q"]`, `"a" | 1 | ["p"]`)
}

// TestPlantedMistake: a comparer that misses a wrong sum would make every comparison worthless.
func TestPlantedMistake(t *testing.T) {
	n := &logical.Aggregate{In: scan(nil), Keys: []expr.Expr{col(0)}, Aggs: []logical.AggCall{aggregate("sum", col(1))}}
	want, err := Run(n, config(false))
	if err != nil {
		t.Fatal(err)
	}
	got, err := Run(n, config(false))
	if err != nil {
		t.Fatal(err)
	}
	for _, ordered := range []bool{false, true} {
		if diff := Diff(want, got, ordered); diff != "" {
			t.Errorf("equal results differ: %s", diff)
		}
	}
	got[1] = Row{got[1][0], catalog.LongValue(got[1][1].I64 + 1)}
	for _, ordered := range []bool{false, true} {
		if diff := Diff(want, got, ordered); !strings.Contains(diff, "is 3, want 2") {
			t.Errorf("ordered %t: a wrong sum gives %q", ordered, diff)
		}
	}
}

func TestDiff(t *testing.T) {
	one := func(v ...catalog.Value) []Row {
		var rows []Row
		for _, x := range v {
			rows = append(rows, Row{x})
		}
		return rows
	}
	d := catalog.DoubleValue
	test := func(want, got []Row, ordered, same bool) {
		t.Helper()
		if diff := Diff(want, got, ordered); (diff == "") != same {
			t.Errorf("Diff(%v, %v) is %q", lines(want), lines(got), diff)
		}
	}
	test(one(d(1)), one(d(1+1e-13)), true, true)
	test(one(d(1)), one(d(1+1e-11)), true, false)
	test(one(d(math.NaN())), one(d(math.NaN())), true, true)
	test(one(d(math.NaN())), one(d(0)), true, false)
	test(one(d(1), d(2)), one(d(2), d(1)), true, false)
	test(one(d(1), d(2)), one(d(2), d(1)), false, true)
	test(one(d(1), d(1)), one(d(1), d(2)), false, false)
	test(one(d(1)), nil, false, false)
	test(one(catalog.NullValue(catalog.String)), one(catalog.StringValue("")), true, false)
	test(one(catalog.StringValue("a")), one(catalog.StringValue("b")), true, false)
	test(one(tags("a")), one(tags("a", "b")), true, false)
	test(one(tags("a")), one(tags("b")), true, false)
	test([]Row{{d(1), d(2)}}, one(d(1)), true, false)
}

func TestOrder(t *testing.T) {
	decimal := func(s string) catalog.Value { return catalog.Value{Type: catalog.BigDecimal, Str: s} }
	ascending := [][]catalog.Value{
		{catalog.LongValue(math.MinInt64), catalog.LongValue(-1), catalog.LongValue(0), catalog.LongValue(math.MaxInt64)},
		{catalog.DoubleValue(math.Inf(-1)), catalog.DoubleValue(-1), catalog.DoubleValue(0), catalog.DoubleValue(math.Inf(1)), catalog.DoubleValue(math.NaN())},
		{decimal("-10"), decimal("-9.5"), decimal("0"), decimal("0.02"), decimal("0.1"), decimal("9"), decimal("10")},
		{catalog.StringValue(""), catalog.StringValue("a"), catalog.StringValue("ab"), catalog.StringValue("b")},
		{tags(), tags("a"), tags("a", "b"), tags("b")},
	}
	for _, list := range ascending {
		for i, a := range list {
			for j, b := range list {
				if c := Order(a, b); c != sign(i-j) {
					t.Errorf("Order(%s, %s) is %d", Text(a), Text(b), c)
				}
			}
		}
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		s, p string
		want bool
	}{{"", "", true}, {"", "%", true}, {"a", "", false}, {"abc", "a%c", true}, {"abc", "a_c", true}, {"abc", "%b", false}, {"a%", `a\%`, true}, {"ab", `a\%`, false}} {
		if got := matches([]rune(c.s), []rune(c.p), '\\'); got != c.want {
			t.Errorf("%q LIKE %q is %t", c.s, c.p, got)
		}
	}
}
