package exec_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/agg"
	"github.com/freshetdb/freshet/query/function/datetime"
	"github.com/freshetdb/freshet/query/function/math"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/query/oracle"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/query/result"
	"github.com/freshetdb/freshet/segment"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// registry holds the families that the tests use.
var registry = sync.OnceValue(func() *function.Registry {
	r, err := function.NewRegistry(append(math.Scalars(), datetime.Scalars()...), agg.Aggregates())
	if err != nil {
		panic(err)
	}
	return r
})

// aggregate binds an aggregate of the registry; ok is false where the registry has none for these arguments.
func aggregate(name string, star bool, args ...expr.Expr) (logical.AggCall, bool) {
	a, ok := registry().Aggregate(name)
	if !ok {
		return logical.AggCall{}, false
	}
	bound := make([]function.Arg, len(args))
	text := make([]string, len(args))
	for i, e := range args {
		bound[i] = function.Arg{Type: e.Type()}
		text[i] = e.String()
	}
	fn, err := a.Bind(bound, false, star)
	if err != nil {
		return logical.AggCall{}, false
	}
	for i, t := range fn.Args {
		if t != args[i].Type() {
			return logical.AggCall{}, false
		}
	}
	return logical.AggCall{Fn: fn, Args: args, Text: name + "(" + strings.Join(text, ", ") + ")"}, true
}

func call(name string, args ...expr.Expr) expr.Expr {
	f, ok := registry().Scalar(name)
	if !ok {
		panic("no function " + name)
	}
	bound := make([]function.Arg, len(args))
	for i, e := range args {
		bound[i] = function.Arg{Type: e.Type()}
		if c, ok := e.(*expr.Const); ok {
			bound[i].Const = &c.Value
		}
	}
	fn, err := f.Bind(bound)
	if err != nil {
		panic(err)
	}
	for i, t := range fn.Args {
		if args[i].Type() != t {
			args[i] = &expr.Cast{Arg: args[i], To: t}
		}
	}
	return &expr.Call{Fn: fn, Args: args, Volatility: f.Volatility}
}

// querygen makes random plans over a scan of every column.
type querygen struct {
	r      *rand.Rand
	schema *catalog.Schema
	scan   *logical.Scan
}

func newQuerygen(r *rand.Rand, schema *catalog.Schema) *querygen {
	g := &querygen{r: r, schema: schema, scan: &logical.Scan{Table: "t"}}
	for _, f := range schema.Fields {
		g.scan.Cols = append(g.scan.Cols, logical.Column{Name: f.Name, Type: f.Type})
	}
	g.scan.Cols = append(g.scan.Cols, logical.Column{Name: "$docId", Type: catalog.Int}, logical.Column{Name: "$segmentName", Type: catalog.String})
	return g
}

func (g *querygen) column(i int) *expr.Column {
	return &expr.Column{Index: i, Name: g.scan.Cols[i].Name, T: g.scan.Cols[i].Type}
}

// pick gives a random column for which ok holds.
func (g *querygen) pick(ok func(t catalog.Type) bool) *expr.Column {
	for {
		if i := g.r.IntN(len(g.scan.Cols)); ok(g.scan.Cols[i].Type) {
			return g.column(i)
		}
	}
}

func single(t catalog.Type) bool { return !t.MultiValue }

func (g *querygen) constant(t catalog.Type) catalog.Value {
	return randomValue(g.r, t.Elem(), profile{})
}

// predicate gives a random boolean expression that cannot fail.
func (g *querygen) predicate(depth int) expr.Expr {
	if depth > 0 && g.r.IntN(2) == 0 {
		args := []expr.Expr{g.predicate(depth - 1), g.predicate(depth - 1)}
		switch g.r.IntN(3) {
		case 0:
			return &expr.And{Args: args}
		case 1:
			return &expr.Or{Args: args}
		default:
			return &expr.Not{Arg: args[0]}
		}
	}
	switch g.r.IntN(8) {
	case 0:
		return &expr.IsNull{Arg: g.pick(func(catalog.Type) bool { return true }), Negated: g.r.IntN(2) == 0}
	case 1:
		c := g.pick(func(t catalog.Type) bool { return t.Kind != catalog.KindBigDecimal })
		in := &expr.In{Arg: c, Negated: g.r.IntN(2) == 0, HasNull: !c.T.MultiValue && g.r.IntN(4) == 0}
		for range 1 + g.r.IntN(4) {
			in.List = append(in.List, g.constant(c.T))
		}
		return in
	case 2:
		patterns := []string{"%", "a%", "%b%", "_", "a_c", "%z", "p%a"}
		return &expr.Like{Arg: g.pick(func(t catalog.Type) bool { return t == catalog.String }), Pattern: patterns[g.r.IntN(len(patterns))],
			Escape: '\\', Negated: g.r.IntN(2) == 0}
	case 3:
		return g.pick(func(t catalog.Type) bool { return t == catalog.Boolean })
	case 4:
		i := g.pick(func(t catalog.Type) bool { return t == catalog.Int })
		return &expr.Compare{Op: g.op(), Left: &expr.Cast{Arg: i, To: catalog.Double},
			Right: &expr.Const{Value: catalog.DoubleValue(float64(g.r.IntN(60)-20) / 2)}}
	default:
		c := g.pick(func(catalog.Type) bool { return true })
		op := g.op()
		if c.T.Kind == catalog.KindBoolean && op > expr.Ne {
			op = expr.Eq
		}
		var l, r expr.Expr = c, &expr.Const{Value: g.constant(c.T)}
		if g.r.IntN(3) == 0 && !c.T.MultiValue {
			l, r = r, l
		}
		return &expr.Compare{Op: op, Left: l, Right: r}
	}
}

func (g *querygen) op() expr.CmpOp { return expr.CmpOp(1 + g.r.IntN(int(expr.CmpOpCount)-1)) }

// scalar gives a random output expression.
func (g *querygen) scalar() expr.Expr {
	switch g.r.IntN(6) {
	case 0:
		return call("plus", g.column(0), g.column(0))
	case 1:
		return &expr.Case{T: catalog.String, Whens: []expr.When{{Cond: g.predicate(1), Then: g.column(6)}}, Else: g.column(7)}
	case 2:
		return &expr.Coalesce{T: catalog.Int, Args: []expr.Expr{g.column(0), &expr.Const{Value: catalog.IntValue(5)}}}
	default:
		return g.pick(func(catalog.Type) bool { return true })
	}
}

var (
	moreAggregates = []string{"minmaxrange", "distinctsum", "distinctavg", "varpop", "varsamp", "stddevpop", "stddevsamp", "skewness", "kurtosis", "booland", "boolor",
		"bitand", "bitor", "bitxor", "mode", "anyvalue", "firstwithtime", "lastwithtime", "exprmin", "exprmax", "arrayagg", "covarpop", "covarsamp", "corr", "regrslope",
		"regrintercept", "regrr2", "regrcount", "regravgx", "regrsxy", "distinctcounthll", "distinctcountull", "distinctcountthetasketch", "countmv", "summv", "minmv",
		"maxmv", "avgmv", "distinctcountmv", "minmaxrangemv", "distinctsummv"}
	twoArguments = map[string]bool{"firstwithtime": true, "lastwithtime": true, "exprmin": true, "exprmax": true, "covarpop": true, "covarsamp": true, "corr": true,
		"regrslope": true, "regrintercept": true, "regrr2": true, "regrcount": true, "regravgx": true, "regrsxy": true}
)

func (g *querygen) calls() []logical.AggCall {
	var out []logical.AggCall
	for len(out) < 1+g.r.IntN(3) {
		name := []string{"count", "sum", "min", "max", "avg", "distinctcount"}[g.r.IntN(6)]
		if g.r.IntN(3) == 0 {
			name = moreAggregates[g.r.IntN(len(moreAggregates))]
		}
		var c logical.AggCall
		ok := false
		if name == "count" && g.r.IntN(2) == 0 {
			c, ok = aggregate(name, true)
		} else if name == "sum" || name == "avg" {
			c, ok = aggregate(name, false, g.column([]int{0, 2, 3}[g.r.IntN(3)]))
		} else if twoArguments[name] {
			c, ok = aggregate(name, false, g.pick(single), g.pick(single))
		} else if strings.HasSuffix(name, "mv") {
			c, ok = aggregate(name, false, g.pick(func(t catalog.Type) bool { return t.MultiValue }))
		} else {
			c, ok = aggregate(name, false, g.pick(single))
		}
		if !ok {
			continue
		}
		if g.r.IntN(4) == 0 {
			c.Filter = g.predicate(1)
		}
		out = append(out, c)
	}
	return out
}

// plan gives a random plan and whether the order of its rows is determined.
func (g *querygen) plan() (n logical.Node, ordered bool) {
	scan := *g.scan
	if g.r.IntN(4) > 0 {
		scan.Filter = g.predicate(2)
	}
	if g.r.IntN(3) == 0 {
		return g.rows(&scan)
	}
	agg := &logical.Aggregate{In: &scan}
	for range g.r.IntN(3) {
		switch g.r.IntN(8) {
		case 0, 1:
			agg.Keys = append(agg.Keys, g.scalar())
		case 2:
			unit := []string{"second", "minute", "hour", "month"}[g.r.IntN(4)]
			agg.Keys = append(agg.Keys, call("dateTrunc", &expr.Const{Value: catalog.StringValue(unit)}, g.column(5)))
		default:
			agg.Keys = append(agg.Keys, g.column([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13}[g.r.IntN(13)]))
		}
	}
	if len(agg.Keys) == 0 || g.r.IntN(5) > 0 {
		agg.Aggs = g.calls()
	}
	n = agg
	if cols := agg.Columns(); g.r.IntN(4) == 0 && cols[len(cols)-1].Type == catalog.Long {
		n = &logical.Filter{In: n, Cond: &expr.Compare{Op: g.op(), Left: &expr.Column{Index: len(cols) - 1, Name: "x", T: catalog.Long},
			Right: &expr.Const{Value: catalog.LongValue(int64(g.r.IntN(50)))}}}
	}
	if g.r.IntN(2) == 0 && len(agg.Keys) > 0 {
		return g.sorted(n, len(agg.Keys)), true
	}
	return n, false
}

// sorted orders by the first keys columns, which are distinct, and perhaps limits.
func (g *querygen) sorted(n logical.Node, keys int) logical.Node {
	s := &logical.Sort{In: n, Limit: -1}
	for i := range keys {
		s.Keys = append(s.Keys, logical.SortKey{Column: i, Descending: g.r.IntN(2) == 0, NullsFirst: g.r.IntN(2) == 0})
	}
	if g.r.IntN(2) == 0 {
		return &logical.Limit{In: s, Offset: int64(g.r.IntN(3)), Count: int64(g.r.IntN(12))}
	}
	return s
}

// rows is a plan without aggregation. With several workers its rows come in order of arrival all the same.
func (g *querygen) rows(scan *logical.Scan) (logical.Node, bool) {
	p := &logical.Project{In: scan}
	for i := range 1 + g.r.IntN(4) {
		p.Exprs = append(p.Exprs, g.scalar())
		p.Names = append(p.Names, fmt.Sprint("c", i))
	}
	switch g.r.IntN(3) {
	case 0:
		return p, true
	case 1:
		return &logical.Limit{In: p, Offset: int64(g.r.IntN(20)), Count: int64(g.r.IntN(200))}, true
	default:
		return g.sorted(p, 1+g.r.IntN(len(p.Exprs))), true
	}
}

// runExec runs a plan, the views split over leaves in order.
func runExec(ctx context.Context, env *exec.Env, n logical.Node, schema *catalog.Schema, leaves ...[]segment.View) ([]oracle.Row, *result.Stats, error) {
	plan, err := physical.Build(n)
	if err != nil {
		return nil, nil, err
	}
	var results []exec.LeafResult
	for _, views := range leaves {
		total := int64(0)
		for _, v := range views {
			total += int64(v.Rows())
		}
		r, err := exec.RunLeaf(ctx, env, plan.Only(), exec.Source{Schema: schema, Views: views, TotalRows: total,
			Bounds: func(column string) *segment.Bounds { return segment.BoundsOf(views, column) }})
		if err != nil {
			for _, r := range results {
				if err := r.Close(); err != nil {
					return nil, nil, err
				}
			}
			return nil, nil, err
		}
		results = append(results, r)
	}
	rows, err := exec.RunRoot(ctx, env, plan, results)
	if err != nil {
		return nil, nil, err
	}
	var out []oracle.Row
	for {
		b, err := rows.Next(ctx)
		if err != nil {
			if closeErr := rows.Close(); closeErr != nil {
				return nil, nil, closeErr
			}
			return nil, nil, err
		}
		if b == nil {
			return out, rows.Stats(), rows.Close()
		}
		out = append(out, rowsOf(b)...)
	}
}

func rowsOf(b *vec.Batch) []oracle.Row {
	out := make([]oracle.Row, b.Rows)
	for i := range out {
		for _, c := range b.Cols {
			v := c.At(i)
			v.Str = strings.Clone(v.Str)
			for j := range v.Elems {
				v.Elems[j].Str = strings.Clone(v.Elems[j].Str)
			}
			out[i] = append(out[i], v)
		}
	}
	return out
}

// moreSeeds is for longer runs: go test ./query/exec -run Oracle -more-seeds 500
var moreSeeds = flag.Uint64("more-seeds", 0, "further seeds of random queries")

// TestAgainstOracle compares random queries over random segments with the naive engine.
func TestAgainstOracle(t *testing.T) {
	// The last ones have found mistakes once. Those divisible by six have segments around block sizes.
	seeds := []uint64{0, 18, 1, 2, 3, 4, 5, 6, 7, 8, 16, 59, 110, 1024, 1034, 1071, 1089}
	for seed := range *moreSeeds {
		seeds = append(seeds, 1000+seed)
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) { compareWithOracle(t, seed) })
	}
}

func compareWithOracle(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	schema := testSchema()
	p := profile{nulls: []float64{0, 0.1, 0.9}[r.IntN(3)], extremes: r.IntN(2) == 0}
	var views []segment.View
	for i := range 1 + r.IntN(4) {
		rows := r.IntN(200)
		if seed%6 == 0 {
			rows = []int{0, 1, 8191, 8192, 8193, 20000}[r.IntN(6)]
		}
		views = append(views, randomView(r, fmt.Sprint("t__0__", i), schema, rows, p))
	}
	queries := 100
	if seed%6 == 0 {
		queries = 3
	}
	g := newQuerygen(r, schema)
	for q := range queries {
		n, ordered := g.plan()
		pinot := r.IntN(3) == 0
		want, err := oracle.Run(n, oracle.Config{Schema: schema, Views: views, PinotNulls: pinot})
		if err != nil {
			t.Fatalf("seed %d query %d: oracle: %v", seed, q, err)
		}
		env := &exec.Env{PinotNulls: pinot, Workers: 1 + r.IntN(4), MemoryLimit: 1 << 30}
		if r.IntN(2) == 0 {
			exec.Tune(env, 1, 1, int64(r.IntN(2)))
		}
		cut := r.IntN(len(views) + 1)
		got, _, err := runExec(context.Background(), env, n, schema, views[:cut], views[cut:])
		if err != nil {
			t.Fatalf("seed %d query %d: %v\n%s", seed, q, err, describe(n))
		}
		if diff := oracle.Diff(want, got, ordered); diff != "" {
			t.Fatalf("seed %d query %d (pinot nulls %t): %s\n%s", seed, q, pinot, diff, describe(n))
		}
	}
}

func describe(n logical.Node) string {
	var out []string
	for ; n != nil; n = logical.Only(n) {
		switch n := n.(type) {
		case *logical.Scan:
			if n.Filter != nil {
				out = append(out, "filter "+n.Filter.String())
			}
		case *logical.Aggregate:
			out = append(out, fmt.Sprintf("aggregate keys %v", n.Keys))
			for _, a := range n.Aggs {
				if a.Filter != nil {
					a.Text += " filter " + a.Filter.String()
				}
				out = append(out, a.Text)
			}
		case *logical.Project:
			out = append(out, fmt.Sprintf("project %v", n.Exprs))
		default:
			out = append(out, fmt.Sprintf("%T %+v", n, n))
		}
	}
	return strings.Join(out, "\n")
}
