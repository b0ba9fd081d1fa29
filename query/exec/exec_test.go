package exec_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/query/oracle"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/segtest"
)

// shop is a small schema for tests of single behaviours.
var shop = catalog.NewSchema("orders", []catalog.Field{
	{Name: "ts", Type: catalog.Timestamp, Default: catalog.TimestampValue(0)},
	{Name: "id", Type: catalog.Long, Default: catalog.LongValue(0)},
	{Name: "city", Type: catalog.String, Default: catalog.StringValue("null")},
	{Name: "later", Type: catalog.Int, Default: catalog.IntValue(7)},
})

var cities = []string{"Berlin", "London", "Oslo", "Paris"}

// orders makes a segment of rows whose ts and id count up from first; the column later is missing.
func orders(name string, first, rows int) segment.View {
	cols := make([][]catalog.Value, 3)
	for i := first; i < first+rows; i++ {
		cols[0] = append(cols[0], catalog.TimestampValue(int64(i)))
		cols[1] = append(cols[1], catalog.LongValue(int64(i)*3))
		cols[2] = append(cols[2], catalog.StringValue(cities[i%4]))
	}
	return segtest.NewView(name, shop, cols, segtest.WithSortedDict("city"))
}

func shopScan(filter expr.Expr) *logical.Scan {
	s := &logical.Scan{Table: "orders", Filter: filter}
	for _, f := range shop.Fields {
		s.Cols = append(s.Cols, logical.Column{Name: f.Name, Type: f.Type})
	}
	return s
}

func shopCol(name string) *expr.Column {
	i := shop.Index(name)
	return &expr.Column{Index: i, Name: name, T: shop.Fields[i].Type}
}

func compare(op expr.CmpOp, l expr.Expr, v catalog.Value) expr.Expr {
	return &expr.Compare{Op: op, Left: l, Right: &expr.Const{Value: v}}
}

func mustAggregate(t *testing.T, name string, star bool, args ...expr.Expr) logical.AggCall {
	t.Helper()
	c, ok := aggregate(name, star, args...)
	if !ok {
		t.Fatalf("no aggregate %s", name)
	}
	return c
}

func texts(rows []oracle.Row) []string {
	var out []string
	for _, r := range rows {
		var parts []string
		for _, v := range r {
			parts = append(parts, oracle.Text(v))
		}
		out = append(out, strings.Join(parts, " "))
	}
	return out
}

func wantCode(t *testing.T, err error, code, part string) {
	t.Helper()
	var e *errs.Error
	if !errors.As(err, &e) || e.Code != code || !strings.Contains(err.Error()+e.Hint, part) {
		t.Fatalf("error %v, want code %s and %q", err, code, part)
	}
}

func TestPruning(t *testing.T) {
	views := []segment.View{orders("a", 0, 20000), orders("b", 20000, 20000), orders("empty", 0, 0), orders("c", 40000, 9000)}
	filter := &expr.And{Args: []expr.Expr{
		compare(expr.Ge, shopCol("ts"), catalog.TimestampValue(38000)), compare(expr.Lt, shopCol("ts"), catalog.TimestampValue(40100))}}
	count := mustAggregate(t, "count", true)
	got, st, err := runExec(context.Background(), &exec.Env{}, &logical.Aggregate{In: shopScan(filter), Aggs: []logical.AggCall{count}}, shop, views)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"2100"}, texts(got)); diff != "" {
		t.Error(diff)
	}
	type seen struct{ Queried, Processed, Matched, ByServer, ByValue, Pruned, Scanned, Rows int64 }
	want := seen{Queried: 4, Processed: 2, Matched: 2, ByServer: 2, ByValue: 1, Pruned: 3, Scanned: 2, Rows: 2100}
	have := seen{st.SegmentsQueried, st.SegmentsProcessed, st.SegmentsMatched, st.SegmentsPrunedByServer, st.SegmentsPrunedByValue,
		st.BlocksPruned, st.BlocksScanned, st.RowsScanned}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("statistics (-want +got):\n%s", diff)
	}
}

func TestMissingColumnReadsAsDefault(t *testing.T) {
	plan := &logical.Aggregate{In: shopScan(compare(expr.Eq, shopCol("later"), catalog.IntValue(7))), Keys: []expr.Expr{shopCol("later")},
		Aggs: []logical.AggCall{mustAggregate(t, "sum", false, shopCol("later"))}}
	got, _, err := runExec(context.Background(), &exec.Env{}, plan, shop, []segment.View{orders("a", 0, 10)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"7 70"}, texts(got)); diff != "" {
		t.Error(diff)
	}
}

// TestFallibleLast casts text that is no number: an error only where a row that the other conjuncts keep has it.
func TestFallibleLast(t *testing.T) {
	schema := catalog.NewSchema("t", []catalog.Field{{Name: "k", Type: catalog.Int}, {Name: "s", Type: catalog.String}})
	view := segtest.NewView("t", schema, [][]catalog.Value{
		{catalog.IntValue(1), catalog.IntValue(2)}, {catalog.StringValue("12"), catalog.StringValue("x")}})
	cast := &expr.Compare{Op: expr.Gt, Left: &expr.Cast{Arg: &expr.Column{Index: 1, Name: "s", T: catalog.String}, To: catalog.Long},
		Right: &expr.Const{Value: catalog.LongValue(3)}}
	run := func(k int64) ([]oracle.Row, error) {
		key := compare(expr.Eq, &expr.Column{Index: 0, Name: "k", T: catalog.Int}, catalog.IntValue(k))
		plan := &logical.Scan{Table: "t", Cols: []logical.Column{{Name: "k", Type: catalog.Int}, {Name: "s", Type: catalog.String}},
			Filter: &expr.And{Args: []expr.Expr{cast, key}}}
		got, _, err := runExec(context.Background(), &exec.Env{}, plan, schema, []segment.View{view})
		return got, err
	}
	got, err := run(1)
	if err != nil || len(got) != 1 {
		t.Errorf("k = 1 gives %v, %v", got, err)
	}
	_, err = run(2)
	wantCode(t, err, errs.InvalidText, "x")
}

func TestCancellation(t *testing.T) {
	views := []segment.View{orders("a", 0, 20000)}
	count := mustAggregate(t, "count", false, shopCol("id"))
	plan := &logical.Aggregate{In: shopScan(nil), Keys: []expr.Expr{shopCol("id")}, Aggs: []logical.AggCall{count}}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, _, err := runExec(ctx, &exec.Env{}, plan, shop, views)
	wantCode(t, err, errs.QueryCanceled, "user request")
	ctx, cancel = context.WithTimeout(context.Background(), time.Nanosecond)
	defer cancel()
	<-ctx.Done()
	_, _, err = runExec(ctx, &exec.Env{}, plan, shop, views)
	wantCode(t, err, errs.QueryCanceled, "statement timeout")
}

// slowView cancels a context when block number at is read.
type slowView struct {
	segment.View
	at   int
	stop func()
}

func (v slowView) Column(name string) (segment.Column, bool) {
	c, ok := v.View.Column(name)
	return slowColumn{c, v}, ok
}

type slowColumn struct {
	segment.Column
	v slowView
}

func (c slowColumn) Block(b int, out *vec.Vector) error {
	if b == c.v.at {
		c.v.stop()
	}
	if b > c.v.at {
		return errs.Bug("block %d was read after the end of the query", b)
	}
	return c.Column.Block(b, out)
}

// TestCancelBetweenBlocks ends a query in the middle of a segment: no further block is read.
func TestCancelBetweenBlocks(t *testing.T) {
	for _, plan := range []logical.Node{
		&logical.Aggregate{In: shopScan(nil), Keys: []expr.Expr{shopCol("id")}},
		shopScan(nil),
		&logical.Sort{In: shopScan(nil), Keys: []logical.SortKey{{Column: 2}}, Limit: 5},
	} {
		ctx, cancel := context.WithCancel(context.Background())
		_, _, err := runExec(ctx, &exec.Env{}, plan, shop, []segment.View{slowView{orders("a", 0, 40000), 2, cancel}})
		cancel()
		wantCode(t, err, errs.QueryCanceled, "user request")
	}
}

func TestMemoryLimit(t *testing.T) {
	views := []segment.View{orders("a", 0, 60000)}
	for name, plan := range map[string]logical.Node{
		"aggregation": &logical.Aggregate{In: shopScan(nil), Keys: []expr.Expr{shopCol("id")}},
		"sort":        &logical.Sort{In: shopScan(nil), Keys: []logical.SortKey{{Column: 2}}, Limit: -1},
	} {
		env := &exec.Env{MemoryLimit: 500_000}
		_, _, err := runExec(context.Background(), env, plan, shop, views)
		wantCode(t, err, errs.OutOfMemory, "broker.query_memory")
		wantCode(t, err, errs.OutOfMemory, name)
		if exec.Used(env) != 0 {
			t.Errorf("%s: %d bytes were not given back", name, exec.Used(env))
		}
		env = &exec.Env{MemoryLimit: 64 << 20}
		got, _, err := runExec(context.Background(), env, plan, shop, views)
		if err != nil || len(got) != 60000 {
			t.Errorf("%s with enough memory: %d rows, %v", name, len(got), err)
		}
		if exec.Used(env) != 0 || env.PeakMemory() < 500_000 {
			t.Errorf("%s: %d bytes were not given back, peak %d", name, exec.Used(env), env.PeakMemory())
		}
	}
}

func TestNumGroupsLimit(t *testing.T) {
	count := mustAggregate(t, "count", true)
	for _, key := range []expr.Expr{shopCol("id"), shopCol("city")} {
		plan := &logical.Aggregate{In: shopScan(nil), Keys: []expr.Expr{key}, Aggs: []logical.AggCall{count}}
		env := &exec.Env{NumGroupsLimit: 3, Workers: 2}
		exec.Tune(env, 1, 1, 0)
		got, st, err := runExec(context.Background(), env, plan, shop, []segment.View{orders("a", 0, 9000)}, []segment.View{orders("b", 9000, 9000)})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 3 || !st.GroupsLimitReached {
			t.Errorf("%s: %d groups, reached %t; want 3, true", key, len(got), st.GroupsLimitReached)
		}
	}
}

func TestLimitStopsEarly(t *testing.T) {
	views := []segment.View{orders("a", 0, 9000), orders("b", 9000, 9000)}
	got, st, err := runExec(context.Background(), &exec.Env{Workers: 4}, &logical.Limit{In: shopScan(nil), Offset: 2, Count: 3}, shop, views)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`2 6 "Oslo" 7`, `3 9 "Paris" 7`, `4 12 "Berlin" 7`}, texts(got)); diff != "" {
		t.Error(diff)
	}
	if st.BlocksScanned != 1 || st.SegmentsProcessed != 1 || st.SegmentsPrunedByLimit != 1 || st.RowsScanned != 5 {
		t.Errorf("statistics %+v", *st)
	}
}

// TestTopSkipsOldSegments: the newest rows are in the last segment; the others are not read.
func TestTopSkipsOldSegments(t *testing.T) {
	views := []segment.View{orders("a", 0, 9000), orders("b", 9000, 9000), orders("c", 18000, 20000)}
	plan := &logical.Limit{In: &logical.Sort{In: shopScan(nil), Keys: []logical.SortKey{{Column: 0, Descending: true}}, Limit: -1}, Count: 2}
	got, st, err := runExec(context.Background(), &exec.Env{}, plan, shop, views)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`37999 113997 "Paris" 7`, `37998 113994 "Oslo" 7`}, texts(got)); diff != "" {
		t.Error(diff)
	}
	if st.SegmentsPrunedByLimit != 2 || st.BlocksScanned != 1 {
		t.Errorf("%d segments skipped, %d blocks scanned; want 2, 1", st.SegmentsPrunedByLimit, st.BlocksScanned)
	}
}

// TestRowStream reads rows from several workers: they come in order of arrival, and an early close ends the workers.
func TestRowStream(t *testing.T) {
	var views []segment.View
	for i := range 5 {
		views = append(views, orders(fmt.Sprint(i), i*40000, 40000))
	}
	plan, err := physical.Build(shopScan(compare(expr.Ne, shopCol("city"), catalog.StringValue("Oslo"))))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	for _, stop := range []int{0, 1, 1 << 30} {
		leaf, err := exec.RunLeaf(ctx, &exec.Env{Workers: 3}, plan.Only(), exec.Source{Schema: shop, Views: views})
		if err != nil {
			t.Fatal(err)
		}
		last, rows := int64(-1), 0
		for i := 0; i < stop; i++ {
			b, err := leaf.Next(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if b == nil {
				break
			}
			for r := range b.Rows {
				if x := b.Cols[0].At(r).I64; x <= last {
					t.Fatalf("%d after %d", x, last)
				} else {
					last = x
				}
			}
			rows += b.Rows
		}
		if stop > 1 && rows != 150000 {
			t.Errorf("%d rows, want 150000", rows)
		}
		if err := leaf.Close(); err != nil {
			t.Error(err)
		}
		if err := leaf.Close(); err != nil {
			t.Error(err)
		}
	}
}

// brokenView fails at block 1 of every column.
type brokenView struct{ segment.View }

func (v brokenView) Column(name string) (segment.Column, bool) {
	c, ok := v.View.Column(name)
	return brokenColumn{c}, ok
}

type brokenColumn struct{ segment.Column }

func (c brokenColumn) Block(b int, out *vec.Vector) error {
	if b == 1 {
		return errs.New(errs.ClassCorrupt, errs.DataCorrupted, "checksum does not match")
	}
	return c.Column.Block(b, out)
}

func TestDamageNamesThePlace(t *testing.T) {
	for _, workers := range []int{1, 2} {
		env := &exec.Env{Workers: workers}
		exec.Tune(env, 1, 1, 0)
		_, _, err := runExec(context.Background(), env, shopScan(nil), shop, []segment.View{orders("a", 0, 10), brokenView{orders("b", 0, 20000)}})
		wantCode(t, err, errs.DataCorrupted, "segment b, column ts, block 1")
	}
}

func TestVirtualColumns(t *testing.T) {
	scan := &logical.Scan{Table: "orders", Cols: []logical.Column{{Name: "$docId", Type: catalog.Int}, {Name: "$segmentName", Type: catalog.String},
		{Name: "$hostName", Type: catalog.String}}}
	scan.Filter = compare(expr.Eq, &expr.Column{Index: 1, Name: "$segmentName", T: catalog.String}, catalog.StringValue("b"))
	got, st, err := runExec(context.Background(), &exec.Env{HostName: "here"}, scan, shop, []segment.View{orders("a", 0, 2), orders("b", 0, 2)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`0 "b" "here"`, `1 "b" "here"`}, texts(got)); diff != "" {
		t.Error(diff)
	}
	if st.SegmentsPrunedByValue != 1 {
		t.Errorf("%d segments pruned, want 1", st.SegmentsPrunedByValue)
	}
}

func TestValues(t *testing.T) {
	plan := &logical.Project{In: &logical.Values{}, Exprs: []expr.Expr{&expr.Const{Value: catalog.IntValue(1)}, call("plus",
		&expr.Const{Value: catalog.LongValue(2)}, &expr.Const{Value: catalog.LongValue(3)})}, Names: []string{"a", "b"}}
	got, _, err := runExec(context.Background(), &exec.Env{}, plan, shop)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1 5"}, texts(got)); diff != "" {
		t.Error(diff)
	}
}

// TestResultOwnsItsMemory: a batch stays as it is while the leaf reads on, and Close releases what the leaf pins.
func TestResultOwnsItsMemory(t *testing.T) {
	plan, err := physical.Build(&logical.Project{In: shopScan(nil), Exprs: []expr.Expr{shopCol("city")}, Names: []string{"city"}})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	view := orders("a", 0, 8192+1)
	plain := segtest.NewView("p", shop, [][]catalog.Value{segtest.ReadColumn(t, view, "ts"), segtest.ReadColumn(t, view, "id"), segtest.ReadColumn(t, view, "city")})
	leaf, err := exec.RunLeaf(ctx, &exec.Env{}, plan.Only(), exec.Source{Schema: shop, Views: []segment.View{plain}})
	if err != nil {
		t.Fatal(err)
	}
	released := 0
	rows, err := exec.RunRoot(ctx, &exec.Env{}, plan, []exec.LeafResult{exec.OnClose(leaf, func() { released++ })})
	if err != nil {
		t.Fatal(err)
	}
	b, err := rows.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	first := b.Cols[0].Str[0]
	if _, err := leaf.Next(ctx); err != nil { // overwrites the column's strings with those of block 1
		t.Fatal(err)
	}
	if first != "Berlin" {
		t.Errorf("the first city is %q, want Berlin", first)
	}
	for range 2 {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}
	if released != 1 {
		t.Errorf("released %d times, want once", released)
	}
}

func TestExplain(t *testing.T) {
	filter := &expr.And{Args: []expr.Expr{
		compare(expr.Ge, shopCol("ts"), catalog.TimestampValue(5000)),
		compare(expr.Eq, shopCol("city"), catalog.StringValue("Oslo")),
		&expr.Like{Arg: shopCol("city"), Pattern: "%o%", Escape: '\\'},
		compare(expr.Lt, shopCol("id"), catalog.LongValue(1<<40)),
		&expr.Compare{Op: expr.Gt, Left: &expr.Cast{Arg: shopCol("city"), To: catalog.Long}, Right: &expr.Const{Value: catalog.LongValue(3)}},
	}}
	plan, err := physical.Build(&logical.Limit{In: &logical.Sort{In: &logical.Aggregate{In: shopScan(filter), Keys: []expr.Expr{shopCol("city")},
		Aggs: []logical.AggCall{mustAggregate(t, "count", true)}}, Keys: []logical.SortKey{{Column: 1, Descending: true, NullsFirst: true}}, Limit: -1}, Count: 10})
	if err != nil {
		t.Fatal(err)
	}
	src := exec.Source{Schema: shop, Views: []segment.View{orders("a", 0, 100), orders("b", 4000, 2000), orders("c", 6000, 100)}}
	got, err := exec.Explain(context.Background(), &exec.Env{}, plan, func(*physical.Leaf) (exec.Source, error) { return src, nil })
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"Limit 10",
		"  Sort by count() desc",
		"    Leaf: partial aggregate by city: count()",
		"      Scan orders: 2100 rows in 2 of 3 segments, 1 pruned by column ranges",
		"always true by column range (1 segments); range scan, block ranges (1 segments)",
		"dictionary: range of ids",
		"dictionary, once per value",
		"always true by column range",
		"expression on the rows that the rest keeps",
	} {
		if i >= len(got) || !strings.HasSuffix(got[i], want) {
			t.Errorf("line %d of\n%s\nwant %q at its end", i, strings.Join(got, "\n"), want)
		}
	}
}

// TestNullOfValue: where NULLs read as defaults, IS NULL still tells them, and a test of the value that is read does not.
func TestNullOfValue(t *testing.T) {
	cols := [][]catalog.Value{{catalog.TimestampValue(1), catalog.TimestampValue(2)}, {catalog.LongValue(7), catalog.NullValue(catalog.Long)},
		{catalog.StringValue("a"), catalog.StringValue("b")}}
	views := []segment.View{segtest.NewView("a", shop, cols)}
	unknown := &expr.Const{Value: catalog.NullValue(catalog.Boolean)}
	for _, c := range []struct {
		pinot, ofValue bool
		want           []string
	}{{false, false, []string{"1"}}, {false, true, []string{"1"}}, {true, false, []string{"1"}}, {true, true, []string{"1", "2"}}} {
		never := &expr.Or{Args: []expr.Expr{&expr.IsNull{Arg: shopCol("id"), Negated: true, OfValue: c.ofValue}, unknown}} // id <> 0.5
		for _, n := range []logical.Node{
			&logical.Project{In: shopScan(never), Exprs: []expr.Expr{shopCol("ts")}, Names: named(1)},
			&logical.Project{In: &logical.Filter{In: shopScan(&expr.Not{Arg: &expr.Not{Arg: never}}), Cond: never}, Exprs: []expr.Expr{shopCol("ts")}, Names: named(1)},
		} {
			got, _, err := runExec(context.Background(), &exec.Env{PinotNulls: c.pinot}, n, shop, views)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, texts(got)); diff != "" {
				t.Errorf("%+v (-want +got):\n%s", c, diff)
			}
		}
	}
}
