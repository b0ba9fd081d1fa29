package exec_test

import (
	"context"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/segment"
)

// joinTables are facts, 100,000 rows with a LONG and a STRING key, and dims, 1,000 rows with both.
var joinTables = map[string]*catalog.Schema{
	"facts": catalog.NewSchema("facts", []catalog.Field{{Name: "k", Type: catalog.Long}, {Name: "s", Type: catalog.String},
		{Name: "price", Type: catalog.Double}}),
	"dims": catalog.NewSchema("dims", []catalog.Field{{Name: "id", Type: catalog.Long}, {Name: "name", Type: catalog.String},
		{Name: "size", Type: catalog.Long}}),
}

func joinViews() map[string][]segment.View {
	const facts, dims = 100_000, 1000
	names := textDict("name-", dims)
	k, s, price := &benchColumn{typ: catalog.Long, i64: make([]int64, facts)}, &benchColumn{typ: catalog.String, dict: names, u16: make([]uint16, facts)},
		&benchColumn{typ: catalog.Double, f64: make([]float64, facts)}
	for i := range facts {
		at := i * 7919 % dims
		k.i64[i], s.u16[i], price.f64[i] = int64(at)*1_000_003, uint16(at), float64(i%100)
	}
	id, name, size := &benchColumn{typ: catalog.Long, i64: make([]int64, dims)}, &benchColumn{typ: catalog.String, dict: names, u16: make([]uint16, dims)},
		&benchColumn{typ: catalog.Long, i64: make([]int64, dims)}
	for i := range dims {
		id.i64[i], name.u16[i], size.i64[i] = int64(i)*1_000_003, uint16(i), int64(i%10)
	}
	return map[string][]segment.View{
		"facts": {&benchView{name: "facts__0__0", rows: facts, cols: map[string]*benchColumn{"k": k, "s": s, "price": price}}},
		"dims":  {&benchView{name: "dims__0__0", rows: dims, cols: map[string]*benchColumn{"id": id, "name": name, "size": size}}},
	}
}

// joinScan reads columns of one of the tables.
func joinScan(table string, columns ...string) *logical.Scan {
	n := &logical.Scan{Table: table}
	for _, c := range columns {
		f, _ := joinTables[table].Field(c)
		n.Cols = append(n.Cols, logical.Column{Name: c, Type: f.Type})
	}
	return n
}

func runJoined(tb testing.TB, env *exec.Env, n logical.Node, views map[string][]segment.View) (rows int) {
	ctx := context.Background()
	env.Leaves = func(ctx context.Context, leaf *physical.Leaf) (exec.LeafResult, error) {
		own := views[leaf.Scan.Table]
		return exec.RunLeaf(ctx, env, leaf, exec.Source{Schema: joinTables[leaf.Scan.Table], Views: own, TotalRows: int64(own[0].Rows())})
	}
	plan, err := exec.Prepare(ctx, env, n)
	if err != nil {
		tb.Fatal(err)
	}
	r, err := exec.RunRoot(ctx, env, plan, nil)
	if err != nil {
		tb.Fatal(err)
	}
	for {
		b, err := r.Next(ctx)
		if err != nil {
			tb.Fatal(err)
		}
		if b == nil {
			break
		}
		rows += b.Rows
	}
	if err := r.Close(); err != nil {
		tb.Fatal(err)
	}
	return rows
}

// BenchmarkJoin joins 100,000 rows with 1,000: under 50 ms each.
func BenchmarkJoin(b *testing.B) {
	views := joinViews()
	equal := func(l, r logical.Node, i, j int) expr.Expr {
		right := at(r, j)
		return &expr.Compare{Op: expr.Eq, Left: at(l, i), Right: &expr.Column{Index: len(l.Columns()) + j, Name: right.Name, T: right.T}}
	}
	join := func(kind logical.JoinKind, l, r logical.Node, i, j int) logical.Node {
		return &logical.Join{Kind: kind, Left: l, Right: r, On: equal(l, r, i, j)}
	}
	bind := func(name string, args ...expr.Expr) logical.AggCall {
		c, ok := aggregate(name, len(args) == 0, args...)
		if !ok {
			b.Fatalf("no aggregate %s", name)
		}
		return c
	}
	facts, dims := joinScan("facts", "k", "s", "price"), joinScan("dims", "id", "name", "size")
	byNumber, byText := join(logical.JoinInner, facts, dims, 0, 0), join(logical.JoinInner, facts, dims, 1, 1)
	exists := &expr.Subquery{Kind: expr.SubqueryExists, T: catalog.Boolean, Outer: []expr.Expr{at(facts, 0)},
		Plan: &logical.Filter{In: joinScan("dims", "id"), Cond: &expr.Compare{Op: expr.Eq, Left: at(dims, 0), Right: &expr.Outer{T: catalog.Long}}}}
	largest := &expr.Subquery{Kind: expr.SubqueryScalar, T: catalog.Long, Outer: []expr.Expr{at(facts, 0)},
		Plan: &logical.Aggregate{In: &logical.Filter{In: dims, Cond: &expr.Compare{Op: expr.Eq, Left: at(dims, 0), Right: &expr.Outer{T: catalog.Long}}},
			Aggs: []logical.AggCall{bind("max", at(dims, 2))}}}
	for _, c := range []struct {
		name string
		plan logical.Node
		rows int
	}{
		{"count by number", &logical.Aggregate{In: join(logical.JoinInner, joinScan("facts", "k"), joinScan("dims", "id"), 0, 0), Aggs: []logical.AggCall{bind("count")}}, 1},
		{"sum by name", &logical.Aggregate{In: byNumber, Keys: []expr.Expr{at(byNumber, 4)}, Aggs: []logical.AggCall{bind("sum", at(byNumber, 2))}}, 1000},
		{"sum by size, text keys", &logical.Aggregate{In: byText, Keys: []expr.Expr{at(byText, 5)}, Aggs: []logical.AggCall{bind("sum", at(byText, 2))}}, 10},
		{"all rows", byNumber, 100_000},
		{"left join", join(logical.JoinLeft, facts, dims, 0, 0), 100_000},
		{"large side right", join(logical.JoinInner, dims, facts, 0, 0), 100_000},
		{"correlated exists", &logical.Filter{In: facts, Cond: exists}, 100_000},
		{"correlated scalar", &logical.Project{In: facts, Exprs: []expr.Expr{at(facts, 0), largest}, Names: named(2)}, 100_000},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if rows := runJoined(b, &exec.Env{Workers: 1, MemoryLimit: 1 << 30}, c.plan, views); rows != c.rows {
					b.Fatalf("%d rows, want %d", rows, c.rows)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/op")
		})
	}
}

// TestJoinOfTables: every fact has its dimension, with one worker and with two.
func TestJoinOfTables(t *testing.T) {
	views := joinViews()
	facts, dims := joinScan("facts", "s", "price"), joinScan("dims", "name", "size")
	n := &logical.Join{Kind: logical.JoinInner, Left: facts, Right: dims, On: &expr.Compare{Op: expr.Eq, Left: at(facts, 0), Right: &expr.Column{Index: 2, T: catalog.String}}}
	for _, workers := range []int{1, 2} {
		if rows := runJoined(t, &exec.Env{Workers: workers}, n, views); rows != 100_000 {
			t.Errorf("%d workers: %d rows", workers, rows)
		}
	}
}
