package agg

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// callCase is a way to call an aggregate: types of the arguments that are columns, then constants.
type callCase struct {
	cols   []catalog.Type
	params []catalog.Value
}

func one(types []catalog.Type, params ...catalog.Value) []callCase {
	var out []callCase
	for _, t := range types {
		out = append(out, callCase{[]catalog.Type{t}, params})
	}
	return out
}

func two(a, b catalog.Type, params ...catalog.Value) callCase {
	return callCase{[]catalog.Type{a, b}, params}
}

// callsOf gives calls of every aggregate of the family. An aggregate without one fails the test.
func callsOf(name string) []callCase {
	short := []catalog.Type{catalog.Int, catalog.Long, catalog.Double}
	num := append(slices.Clone(short), catalog.Float, catalog.Timestamp, catalog.BigDecimal)
	any := append(slices.Clone(num), catalog.String, catalog.Boolean, catalog.JSON)
	text := func(s string) catalog.Value { return catalog.StringValue(s) }
	switch c := function.Canonical(name); {
	case c == "count", c == "countmv", c == "min", c == "max", c == "distinctcount", c == "anyvalue":
		return one(append(slices.Clone(any), catalog.Bytes))
	case c == "sum", c == "avg", strings.HasPrefix(c, "var"), strings.HasPrefix(c, "stddev"), c == "skewness", c == "kurtosis", c == "minmaxrange",
		c == "distinctsum", c == "distinctavg":
		return one(num)
	case c == "sumprecision":
		return slices.Concat(one([]catalog.Type{catalog.BigDecimal}), one([]catalog.Type{catalog.BigDecimal}, catalog.IntValue(6), catalog.IntValue(2)))
	case c == "booland", c == "boolor":
		return one([]catalog.Type{catalog.Boolean})
	case c == "bitand", c == "bitor", c == "bitxor":
		return one([]catalog.Type{catalog.Int, catalog.Long})
	case c == "mode":
		return slices.Concat(one(num), one([]catalog.Type{catalog.String}), one(short, text("AVG")), one(short, text("MAX")))
	case c == "histogram":
		edges := catalog.Value{Type: catalog.Double.Array(), Elems: []catalog.Value{double(math.Inf(-1)), double(0), double(2), double(math.Inf(1))}}
		return slices.Concat(one(short, edges), one(short, double(-5), double(5), catalog.IntValue(3)))
	case strings.HasPrefix(c, "covar"), c == "corr", strings.HasPrefix(c, "regr"):
		return []callCase{two(catalog.Double, catalog.Double), two(catalog.Long, catalog.Double), two(catalog.Int, catalog.BigDecimal)}
	case c == "firstwithtime", c == "lastwithtime":
		return []callCase{two(catalog.Double, catalog.Long), two(catalog.String, catalog.Timestamp), two(catalog.Int, catalog.Long, text("LONG"))}
	case c == "exprmin", c == "exprmax":
		return []callCase{two(catalog.String, catalog.Double), two(catalog.Int, catalog.String), {cols: []catalog.Type{catalog.Long, catalog.Int, catalog.Boolean}}}
	case c == "arrayagg":
		return slices.Concat(one(append(slices.Clone(any), catalog.Bytes)), one(short, text("DOUBLE"), catalog.BoolValue(true)))
	case c == "listagg":
		return slices.Concat(one(any, text(", ")), one(short, text(""), catalog.BoolValue(true)))
	case strings.HasPrefix(c, "percentile") && (strings.HasSuffix(c, "cont") || strings.HasSuffix(c, "disc")):
		return one(num, double(0.3))
	case strings.HasPrefix(c, "percentile"):
		return one(short, catalog.IntValue(80))
	case strings.Contains(c, "thetasketch"):
		return slices.Concat(one(any), one(short, text("nominalEntries=16")))
	case strings.HasPrefix(c, "distinctcount"):
		return slices.Concat(one(any), one(short, catalog.IntValue(5)))
	}
	return nil
}

// wild gives a value of a type, NULLs and extremes included; few different ones, so that there are ties.
func wild(r *rand.Rand, t catalog.Type, extreme bool) catalog.Value {
	if r.IntN(8) == 0 {
		return catalog.NullValue(t)
	}
	if t.MultiValue {
		v := catalog.Value{Type: t}
		for range r.IntN(4) {
			if e := wild(r, t.Elem(), extreme); !e.Null {
				v.Elems = append(v.Elems, e)
			}
		}
		return v
	}
	v := catalog.Value{Type: t}
	switch t.Kind {
	case catalog.KindInt:
		v.I64 = int64(r.IntN(9)) - 4
		if extreme {
			v.I64 = []int64{math.MinInt32, math.MaxInt32, -1, 0}[r.IntN(4)]
		}
	case catalog.KindFloat, catalog.KindDouble:
		v.F64 = []float64{0, math.Copysign(0, -1), 1.5, -2.25, float64(r.IntN(1000)) / 8, r.NormFloat64()}[r.IntN(6)]
		if extreme {
			v.F64 = []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, 5e-324, 1e16, 1, -1e16}[r.IntN(9)]
		}
		if t.Kind == catalog.KindFloat {
			v.F64 = float64(float32(v.F64))
		}
	case catalog.KindBoolean:
		v.I64 = int64(r.IntN(2))
	case catalog.KindBigDecimal:
		v.Str = []string{"0", "1.5", "-9.99", "10", "12345678901234567890.5"}[r.IntN(5)]
	case catalog.KindString, catalog.KindJSON, catalog.KindBytes:
		v.Str = []string{"", "a", "ab", "b", "ä", fmt.Sprint(r.IntN(40))}[r.IntN(6)]
	default:
		v.I64 = r.Int64N(12)
		if extreme {
			v.I64 = []int64{math.MinInt64, math.MaxInt64, 0, 1 << 53, 1<<53 + 1}[r.IntN(5)]
		}
	}
	return v
}

// table is rows of several columns, with their groups.
type table struct {
	cols   [][]catalog.Value
	groups []uint32
	keep   []bool
}

func newTable(r *rand.Rand, types []catalog.Type, n int, extreme bool) table {
	tab := table{cols: make([][]catalog.Value, len(types))}
	for i := range n {
		for c, t := range types {
			v := wild(r, t, extreme && r.IntN(3) == 0)
			if i > 0 && r.IntN(4) == 0 {
				v = tab.cols[c][i-1] // runs, of which some blocks are constant
			}
			tab.cols[c] = append(tab.cols[c], v)
		}
		tab.groups = append(tab.groups, uint32(r.IntN(groupCount-1)))
		tab.keep = append(tab.keep, r.IntN(5) > 0)
	}
	return tab
}

// vectors gives the rows from..to-1 as arguments.
func (tab table) vectors(from, to, form int) []*vec.Vector {
	out := make([]*vec.Vector, len(tab.cols))
	for c, col := range tab.cols {
		rows := col[from:to]
		d := data{typ: rows[0].Type, rows: rows}
		same := !slices.ContainsFunc(rows, func(v catalog.Value) bool { return oneText(v) != oneText(rows[0]) })
		switch {
		case same && form != 0:
			out[c] = &vec.Vector{}
			out[c].SetConst(rows[0], len(rows))
		case d.typ.MultiValue:
			out[c] = &vec.Vector{}
			out[c].Reset(d.typ, len(rows))
			fillArrays(out[c], func(i int) catalog.Value { return rows[i] })
		default:
			out[c] = d.vector(form)
		}
	}
	return out
}

func oneText(v catalog.Value) string {
	return fmt.Sprintf("%v %v %v %v %v", v.Null, v.I64, math.Float64bits(v.F64), v.Str, v.Elems)
}

// addRows adds rows, told where they stand if place is.
func addRows(acc function.Accumulator, tab table, from, to, form int, grouped bool, place bool) error {
	var groups []uint32
	if grouped {
		groups = tab.groups[from:to]
	}
	sel := vec.NewBitmap(to - from)
	for i, keep := range tab.keep[from:to] {
		if keep {
			sel.Set(i)
		}
	}
	if p, ok := acc.(function.Positioned); ok && place {
		p.At(uint64(from), nil)
	}
	return acc.Add(groups, tab.vectors(from, to, form), to-from, sel)
}

// resultText is the results of all groups, or the error.
func resultText(acc function.Accumulator, n int) ([]catalog.Value, error) {
	var out vec.Vector
	if err := acc.Result(n, &out); err != nil {
		return nil, err
	}
	list := make([]catalog.Value, n)
	for i := range list {
		list[i] = out.At(i)
	}
	return list, nil
}

// TestSplits: however rows are cut into blocks, dealt to workers and merged, every aggregate gives what it gives for
// them one after the other: the same bits, but for floating sums, which agree in twelve digits. t-digests
// are exact up to their buffer; TestDigestError has more values.
func TestSplits(t *testing.T) {
	for _, f := range Aggregates() {
		calls := callsOf(f.Name)
		if len(calls) == 0 {
			t.Errorf("%s: no call to test", f.Name)
		}
		for _, c := range calls {
			for seed := range uint64(6) {
				checkSplits(t, f, c, seed, seed == 5)
			}
			if takesElements(f.Name) && len(c.cols) == 1 {
				array := callCase{[]catalog.Type{c.cols[0].Array()}, c.params}
				checkSplits(t, f, array, 1, false)
				checkSplits(t, f, array, 2, true)
			}
			if t.Failed() {
				return
			}
		}
	}
}

func checkSplits(t *testing.T, f function.Aggregate, c callCase, seed uint64, distinct bool) {
	t.Helper()
	var args []function.Arg
	for _, typ := range c.cols {
		args = append(args, function.Arg{Type: typ})
	}
	for i := range c.params {
		args = append(args, function.Arg{Type: c.params[i].Type, Const: &c.params[i]})
	}
	place := fmt.Sprintf("%s(%v %v) distinct %v seed %d", f.Name, c.cols, c.params, distinct, seed)
	b, err := f.Bind(args, distinct, false)
	if err != nil {
		t.Errorf("%s: %v", place, err)
		return
	}
	r := rand.New(rand.NewPCG(seed, 99))
	tab := castTable(newTable(r, c.cols, []int{0, 5, 200, 90, 200, 60}[seed%6], seed%3 == 2), b.Args)
	grouped, n := seed%2 == 0, 1
	if grouped {
		n = groupCount
	}
	whole := b.New()
	whole.Resize(n)
	wholeErr := error(nil)
	if len(tab.keep) > 0 {
		wholeErr = addRows(whole, tab, 0, len(tab.keep), 0, grouped, false)
	}
	want, resultErr := resultText(whole, n)
	if wholeErr == nil {
		wholeErr = resultErr
	}
	got, err := splitResults(r, b, tab, grouped, n)
	if wholeErr != nil || err != nil {
		if wholeErr == nil || err == nil || errs.As(err).Code != errs.As(wholeErr).Code {
			t.Errorf("%s: split error %v, one pass %v", place, err, wholeErr)
		}
		return
	}
	for g := range want {
		if !sameResult(f.Name, want[g], got[g]) {
			t.Errorf("%s group %d: split\n%+v, one pass\n%+v", place, g, got[g], want[g])
		}
	}
	if whole.Bytes() <= 0 {
		t.Errorf("%s: Bytes is %d", place, whole.Bytes())
	}
}

// castTable gives the columns the types that the aggregate takes.
func castTable(tab table, types []catalog.Type) table {
	for c, t := range types {
		for i, v := range tab.cols[c] {
			tab.cols[c][i] = castTo(v, t)
		}
	}
	tab.cols = tab.cols[:len(types)]
	return tab
}

func castTo(v catalog.Value, t catalog.Type) catalog.Value {
	switch {
	case v.Type == t:
		return v
	case v.Null:
		return catalog.NullValue(t)
	case t.MultiValue:
		out := catalog.Value{Type: t}
		for _, e := range v.Elems {
			out.Elems = append(out.Elems, castTo(e, t.Elem()))
		}
		return out
	case isFloatLike(t.Kind):
		x := number(v)
		if v.Type.Kind == catalog.KindBigDecimal {
			if _, err := fmt.Sscan(v.Str, &x); err != nil {
				panic(err)
			}
		}
		return catalog.Value{Type: t, F64: x}
	case t.Kind == catalog.KindString:
		return catalog.Value{Type: t, Str: fmt.Sprint(v.I64, v.F64, v.Str)}
	default:
		v.Type = t
		return v
	}
}

// splitResults deals blocks of the rows to workers, whose groups have numbers of their own, and merges them in any order.
func splitResults(r *rand.Rand, b function.BoundAggregate, tab table, grouped bool, n int) ([]catalog.Value, error) {
	workers := make([]function.Accumulator, 1+r.IntN(5))
	shuffles := make([][]uint32, len(workers))
	for w := range workers {
		workers[w] = b.New()
		workers[w].Resize(n)
		shuffles[w] = make([]uint32, n)
		for i, g := range r.Perm(n) {
			shuffles[w][i] = uint32(g)
		}
	}
	for from := 0; from < len(tab.keep); {
		to := min(from+1+r.IntN(40), len(tab.keep))
		w := r.IntN(len(workers))
		own := tab
		own.groups = slices.Clone(tab.groups)
		for i, g := range own.groups {
			if grouped {
				own.groups[i] = shuffles[w][g]
			}
		}
		if err := addRows(workers[w], own, from, to, r.IntN(3), grouped, true); err != nil {
			return nil, err
		}
		from = to
	}
	for len(workers) > 1 { // any tree of merges
		i := r.IntN(len(workers) - 1)
		groups := make([]uint32, n) // the group of the left side for each of the right
		for g := range n {
			groups[shuffles[i+1][g]] = shuffles[i][g]
		}
		if err := workers[i].Merge(workers[i+1], groups); err != nil {
			return nil, err
		}
		workers, shuffles = slices.Delete(workers, i+1, i+2), slices.Delete(shuffles, i+1, i+2)
	}
	list, err := resultText(workers[0], n)
	if err != nil {
		return nil, err
	}
	out := make([]catalog.Value, n)
	for g := range n {
		out[g] = list[shuffles[0][g]]
	}
	return out, nil
}

func sameResult(name string, a, b catalog.Value) bool {
	if a.Null || b.Null || len(a.Elems) != len(b.Elems) || a.Type != b.Type {
		return a.Null == b.Null && len(a.Elems) == len(b.Elems) && a.Type == b.Type
	}
	for i := range a.Elems {
		if !sameResult("", a.Elems[i], b.Elems[i]) {
			return false
		}
	}
	near := 0.0
	switch name := function.Canonical(name); {
	case name == "sum", name == "avg", name == "corr", name == "skewness", name == "kurtosis", name == "mode", strings.HasPrefix(name, "distinct"),
		strings.HasPrefix(name, "var"), strings.HasPrefix(name, "stddev"), strings.HasPrefix(name, "covar"), strings.HasPrefix(name, "regr"):
		near = 1e-12
	}
	if a.I64 != b.I64 || a.Str != b.Str {
		return false
	}
	if math.Float64bits(a.F64) == math.Float64bits(b.F64) || a.F64 != a.F64 && b.F64 != b.F64 {
		return true
	}
	return near > 0 && math.Abs(a.F64-b.F64) <= near*max(math.Abs(a.F64), math.Abs(b.F64))+1e-13
}
