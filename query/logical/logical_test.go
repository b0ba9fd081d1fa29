package logical_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/bind"
	"github.com/freshetdb/freshet/query/bind/bindtest"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/query/sql"
)

func plan(t testing.TB, text string, d sql.Dialect) (logical.Node, error) {
	t.Helper()
	r, err := bindtest.Registry()
	if err != nil {
		t.Fatal(err)
	}
	stmts, err := sql.Parse(text, d)
	if err != nil {
		return nil, err
	}
	q, err := bind.Select(stmts[len(stmts)-1].(*sql.Select), bind.Config{Tables: bindtest.Pizza(), Functions: r, Dialect: d})
	if err != nil {
		return nil, err
	}
	return logical.Plan(q)
}

// TestGolden plans the queries of testdata. Commands: plan shows the plan as bound, optimize after all rules (on Pinot
// HTTP with the argument http), rule name=x before and after one rule, params and instantiate with values p=a/b/c.
func TestGolden(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			dialect := sql.Wire
			if d.HasArg("http") {
				dialect = sql.HTTP
			}
			n, err := plan(t, d.Input, dialect)
			if err != nil {
				return errorText(err)
			}
			switch d.Cmd {
			case "plan":
			case "optimize":
				n = logical.Optimize(n)
				wantSameIfFixed(t, d.Input, n)
			case "rule":
				n = oneRule(t, d, n)
			case "params":
				n, err = logical.WithParams(logical.Optimize(n), values(t, d))
			case "instantiate":
				ec := &function.EvalContext{Ctx: context.Background(), NowMillis: 1_700_000_000_000}
				n, err = logical.Instantiate(logical.Optimize(n), values(t, d), ec)
			default:
				t.Fatalf("unknown command %q", d.Cmd)
			}
			if err != nil {
				return errorText(err)
			}
			return strings.Join(logical.Explain(n), "\n") + "\n"
		})
	})
}

// wantSameIfFixed checks that all executions of a plan that is said to be fixed have the same one.
func wantSameIfFixed(t *testing.T, text string, n logical.Node) {
	t.Helper()
	if !logical.Fixed(n) {
		return
	}
	var plans [2][]string
	for i := range plans {
		out, err := logical.Instantiate(n, nil, &function.EvalContext{Ctx: t.Context(), NowMillis: 1_700_000_000_000 + int64(i)})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		plans[i] = logical.Explain(out)
	}
	if diff := cmp.Diff(plans[0], plans[1]); diff != "" {
		t.Errorf("%s: a fixed plan differs by execution (-first +second):\n%s", text, diff)
	}
}

func oneRule(t *testing.T, d *datadriven.TestData, n logical.Node) logical.Node {
	var name string
	d.ScanArgs(t, "name", &name)
	before := strings.Join(logical.Explain(n), "\n")
	for _, r := range logical.Rules() {
		if r.Name != name {
			continue
		}
		out := r.Apply(n)
		if after := strings.Join(logical.Explain(n), "\n"); after != before {
			t.Fatalf("rule %s changed its argument:\n%s\nto\n%s", name, before, after)
		}
		return out
	}
	t.Fatalf("no rule %q", name)
	return nil
}

// values reads p=1/x/null: LONG where it is a number, else STRING.
func values(t *testing.T, d *datadriven.TestData) []catalog.Value {
	if !d.HasArg("p") {
		return nil
	}
	var list string
	d.ScanArgs(t, "p", &list)
	var out []catalog.Value
	for _, s := range strings.Split(list, "/") {
		n, err := strconv.ParseInt(s, 10, 64)
		switch {
		case s == "null":
			out = append(out, catalog.NullValue(catalog.String))
		case err == nil:
			out = append(out, catalog.LongValue(n))
		default:
			out = append(out, catalog.StringValue(s))
		}
	}
	return out
}

func errorText(err error) string {
	var e *errs.Error
	if !errors.As(err, &e) {
		return "not an *errs.Error: " + err.Error() + "\n"
	}
	return fmt.Sprintf("error %s at %d: %s\n", e.Code, e.Pos, e.Msg)
}

// TestPruneKeepsColumns: whatever is pruned below, the columns of the result stay.
func TestPruneKeepsColumns(t *testing.T) {
	for _, text := range []string{"select * from orders", "select count(*) from orders", "select price from orders order by ts",
		"select distinct status from orders order by status", "select upper(status), count(*) from orders group by 1 having sum(price) > 1 order by max(ts)"} {
		n, err := plan(t, text, sql.Wire)
		if err != nil {
			t.Fatal(err)
		}
		before, after := fmt.Sprint(n.Columns()), fmt.Sprint(logical.Optimize(n).Columns())
		if before != after {
			t.Errorf("%s: columns %s became %s", text, before, after)
		}
	}
}

// TestOptimizeTwice: a second round finds nothing to do.
func TestOptimizeTwice(t *testing.T) {
	for _, text := range []string{"select * from orders where userId = 1 or userId = 2 or userId in (3, null)",
		"select count(*) from orders where not (not (status = 'x')) and dateTrunc('hour', ts) = '2024-01-01' and price > 1 and price > 1",
		"select id from orders where userId > 5.5 or userId < 5000000000 order by ts desc limit 5"} {
		n, err := plan(t, text, sql.Wire)
		if err != nil {
			t.Fatal(err)
		}
		once := logical.Optimize(n)
		a, b := strings.Join(logical.Explain(once), "\n"), strings.Join(logical.Explain(logical.Optimize(once)), "\n")
		if a != b {
			t.Errorf("%s:\n%s\nbecame\n%s", text, a, b)
		}
	}
}

// BenchmarkPlanDashboard measures text to optimized plan of a dashboard's query: about 200 microseconds at most.
func BenchmarkPlanDashboard(b *testing.B) {
	const text = `select ToDateTime(DATETRUNC('minute', ts), 'yyyy-MM-dd HH:mm:ss') AS dateMin, count(*) AS orders, sum(price) AS revenue
from orders where ts > ago('PT5M') group by dateMin order by dateMin desc LIMIT 10000`
	r, err := bindtest.Registry()
	if err != nil {
		b.Fatal(err)
	}
	cfg := bind.Config{Tables: bindtest.Pizza(), Functions: r, Dialect: sql.HTTP}
	b.ReportAllocs()
	for b.Loop() {
		stmts, err := sql.Parse(text, sql.HTTP)
		if err != nil {
			b.Fatal(err)
		}
		q, err := bind.Select(stmts[0].(*sql.Select), cfg)
		if err != nil {
			b.Fatal(err)
		}
		n, err := logical.Plan(q)
		if err != nil {
			b.Fatal(err)
		}
		logical.Optimize(n)
	}
}

// TestFixed: a plan that is the same in every execution is known, and Instantiate would not change it.
func TestFixed(t *testing.T) {
	for text, want := range map[string]bool{
		"SELECT count(*) FROM orders WHERE status = 'x' AND price > 2 * 3":                  true,
		"SELECT id FROM orders WHERE price > $1":                                            false,
		"SELECT id FROM orders LIMIT $1":                                                    false,
		"SELECT id FROM orders LIMIT 5 OFFSET $1":                                           false,
		"SELECT id FROM orders WHERE ts > now()":                                            false,
		"SELECT id FROM orders WHERE ts > ago('PT1H') LIMIT 3":                              false,
		"SELECT id FROM (SELECT id, now() AS n FROM orders) o":                              true, // nobody reads n
		"SELECT id, n FROM (SELECT id, now() AS n FROM orders) o":                           false,
		"SELECT id FROM orders WHERE price > (SELECT avg(price) FROM orders)":               true,
		"SELECT id FROM orders WHERE price > (SELECT avg(price) FROM orders WHERE id = $1)": false,
	} {
		n, err := plan(t, text, sql.Wire)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		n = logical.Optimize(n)
		if got := logical.Fixed(n); got != want {
			t.Errorf("%s: fixed %v, want %v", text, got, want)
		}
	}
}
