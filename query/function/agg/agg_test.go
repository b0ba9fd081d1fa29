package agg

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// find gives the descriptor of an aggregate.
func find(t testing.TB, name string) function.Aggregate {
	t.Helper()
	for _, a := range Aggregates() {
		for _, n := range append([]string{a.Name}, a.Aliases...) {
			if function.Canonical(n) == function.Canonical(name) {
				return a
			}
		}
	}
	t.Fatalf("no aggregate %s", name)
	return function.Aggregate{}
}

func constant(v catalog.Value) function.Arg { return function.Arg{Type: v.Type, Const: &v} }

func mustBind(t testing.TB, name string, args ...function.Arg) function.BoundAggregate {
	t.Helper()
	b, err := find(t, name).Bind(args, false, false)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return b
}

// data is one column of rows with groups.
type data struct {
	typ    catalog.Type
	rows   []catalog.Value
	times  []int64
	groups []uint32
}

const groupCount = 5

func random(r *rand.Rand, t catalog.Type, n int) data {
	d := data{typ: t}
	nulls := r.IntN(3)
	for range n {
		v := catalog.Value{Type: t}
		switch t.Kind {
		case catalog.KindInt:
			v.I64 = int64(r.IntN(21)) - 10
		case catalog.KindLong, catalog.KindTimestamp, catalog.KindDuration:
			v.I64 = r.Int64N(1 << 50)
			if r.IntN(2) == 0 {
				v.I64 = int64(r.IntN(5))
			}
		case catalog.KindFloat:
			v.F64 = float64(float32(r.NormFloat64() * 10))
		case catalog.KindDouble:
			v.F64 = math.Round(r.NormFloat64()*1000) / 64
		case catalog.KindBoolean:
			v.I64 = int64(r.IntN(2))
		case catalog.KindBigDecimal:
			v.Str = []string{"0", "1.5", "9.99", "10", "-3", "12345678901234567890.5"}[r.IntN(6)]
		default:
			v.Str = fmt.Sprintf("s%d", r.IntN(30))
		}
		if r.IntN(6) < nulls {
			v = catalog.NullValue(t)
		}
		d.rows = append(d.rows, v)
		d.times = append(d.times, int64(len(d.rows)*7%31))
		d.groups = append(d.groups, uint32(r.IntN(groupCount-1))) // the last group stays empty
	}
	return d
}

func (d data) part(from, to int) data {
	return data{d.typ, d.rows[from:to], d.times[from:to], d.groups[from:to]}
}

// vector gives the rows in one of the forms: 0 flat, 1 dictionary, 2 offset where the type has one.
func (d data) vector(form int) *vec.Vector {
	v := &vec.Vector{}
	v.Reset(d.typ, len(d.rows))
	clear(v.Str)
	var one vec.Vector
	for i, x := range d.rows {
		one.SetConst(x, 1)
		v.CopyRow(i, &one, 0)
	}
	switch {
	case form == 1:
		return d.dictionary(v)
	case form == 2 && isIntLike(d.typ.Kind):
		out := &vec.Vector{}
		out.Alias(d.typ, vec.FormOffset, v.Len)
		out.Nulls, out.Base, out.U32 = v.Nulls, -10, make([]uint32, v.Len)
		for i, x := range d.rows {
			if x.I64 < -10 || x.I64 > math.MaxUint32-10 {
				return v
			}
			out.U32[i] = uint32(x.I64 + 10)
		}
		return out
	}
	return v
}

func (d data) dictionary(v *vec.Vector) *vec.Vector {
	dict := &vec.Dict{Kind: d.typ.Kind, Offsets: []uint32{0}}
	out := &vec.Vector{}
	out.Alias(d.typ, vec.FormDict, v.Len)
	out.Dict, out.Nulls, out.U16 = dict, v.Nulls, make([]uint16, v.Len)
	ids := map[string]uint16{}
	for i, x := range d.rows {
		if x.Null {
			continue
		}
		id, ok := ids[x.String()]
		if !ok {
			id = uint16(dict.Len)
			ids[x.String()] = id
			dict.Len++
			dict.I64 = append(dict.I64, x.I64)
			dict.F64 = append(dict.F64, x.F64)
			dict.Data = append(dict.Data, x.Str...)
			dict.Offsets = append(dict.Offsets, uint32(len(dict.Data)))
		}
		out.U16[i] = id
	}
	if dict.Len == 0 {
		return v
	}
	return out
}

// feed adds the rows in blocks.
func feed(t testing.TB, acc function.Accumulator, b function.BoundAggregate, d data, form int, grouped bool, sel func(i int) bool) {
	t.Helper()
	const block = 70
	for from := 0; from < len(d.rows); from += block {
		part := d.part(from, min(from+block, len(d.rows)))
		n := len(part.rows)
		var groups []uint32
		if grouped {
			groups = part.groups
		}
		var keep vec.Bitmap
		if sel != nil {
			keep = vec.NewBitmap(n)
			for i := range n {
				if sel(from + i) {
					keep.Set(i)
				}
			}
		}
		var args []*vec.Vector
		if len(b.Args) > 0 {
			args = append(args, part.vector(form))
		}
		if len(b.Args) > 1 {
			times := &vec.Vector{}
			times.Reset(catalog.Long, n)
			copy(times.I64, part.times)
			args = append(args, times)
		}
		if err := acc.Add(groups, args, n, keep); err != nil {
			t.Fatal(err)
		}
	}
}

func results(t testing.TB, acc function.Accumulator, n int) []catalog.Value {
	t.Helper()
	var out vec.Vector
	if err := acc.Result(n, &out); err != nil {
		t.Fatal(err)
	}
	list := make([]catalog.Value, n)
	for i := range list {
		list[i] = out.At(i)
	}
	return list
}

// caseOf is an aggregate with what it should give for values that are not NULL. nil: no reference, merging is tested.
type caseOf struct {
	name  string
	args  []function.Arg
	types []catalog.Type
	want  func(rows []catalog.Value, times []int64) catalog.Value
	eps   float64 // relative difference that is allowed
}

var (
	integers = []catalog.Type{catalog.Int, catalog.Long, catalog.Timestamp, catalog.Duration}
	floats   = []catalog.Type{catalog.Float, catalog.Double}
	numbers  = append(append([]catalog.Type(nil), integers...), floats...)
	all      = append(append([]catalog.Type(nil), numbers...), catalog.String, catalog.Boolean, catalog.BigDecimal, catalog.JSON, catalog.Bytes)
)

func number(v catalog.Value) float64 {
	if isFloatLike(v.Type.Kind) {
		return v.F64
	}
	return float64(v.I64)
}

func order(a, b catalog.Value) int {
	if a.Type.Kind == catalog.KindBigDecimal {
		x, _ := new(big.Rat).SetString(a.Str)
		y, _ := new(big.Rat).SetString(b.Str)
		return x.Cmp(y)
	}
	return cmp.Or(cmp.Compare(a.I64, b.I64), cmp.Compare(a.F64, b.F64), strings.Compare(a.Str, b.Str))
}

func extreme(sign int) func([]catalog.Value, []int64) catalog.Value {
	return func(rows []catalog.Value, _ []int64) catalog.Value {
		best := rows[0]
		for _, v := range rows {
			if order(v, best)*sign > 0 {
				best = v
			}
		}
		return best
	}
}

func distinctOf(rows []catalog.Value) []catalog.Value {
	var out []catalog.Value
	for _, v := range rows {
		if !slices.ContainsFunc(out, func(o catalog.Value) bool { return order(o, v) == 0 }) {
			out = append(out, v)
		}
	}
	return out
}

func total(rows []catalog.Value) float64 {
	sum := new(big.Float).SetPrec(200)
	for _, v := range rows {
		sum.Add(sum, new(big.Float).SetFloat64(number(v)))
	}
	f, _ := sum.Float64()
	return f
}

func double(x float64) catalog.Value { return catalog.DoubleValue(x) }

func cases() []caseOf {
	spread := func(sample, root bool) func([]catalog.Value, []int64) catalog.Value {
		return func(rows []catalog.Value, _ []int64) catalog.Value {
			mean, sum := total(rows)/float64(len(rows)), 0.0
			for _, v := range rows {
				sum += (number(v) - mean) * (number(v) - mean)
			}
			n := float64(len(rows))
			if sample {
				n--
			}
			if n == 0 {
				return catalog.NullValue(catalog.Double)
			}
			if root {
				return double(math.Sqrt(sum / n))
			}
			return double(sum / n)
		}
	}
	rank := func(p float64) func([]catalog.Value, []int64) catalog.Value {
		return func(rows []catalog.Value, _ []int64) catalog.Value {
			sorted := slices.SortedFunc(slices.Values(rows), order)
			return double(number(sorted[min(int(float64(len(rows))*p/100), len(rows)-1)]))
		}
	}
	withTime := func(last bool) func([]catalog.Value, []int64) catalog.Value {
		return func(rows []catalog.Value, times []int64) catalog.Value {
			best := 0
			for i := range rows {
				if (last && times[i] >= times[best]) || (!last && times[i] < times[best]) {
					best = i
				}
			}
			return rows[best]
		}
	}
	long := func(x int) catalog.Value { return catalog.LongValue(int64(x)) }
	timeArg := function.Arg{Type: catalog.Long}
	return []caseOf{
		{name: "count", types: all, want: func(rows []catalog.Value, _ []int64) catalog.Value { return long(len(rows)) }},
		{name: "sum", types: integers, want: func(rows []catalog.Value, _ []int64) catalog.Value {
			sum := int64(0)
			for _, v := range rows {
				sum += v.I64
			}
			return catalog.LongValue(sum)
		}},
		{name: "sum", types: floats, eps: 1e-12, want: func(rows []catalog.Value, _ []int64) catalog.Value { return double(total(rows)) }},
		{name: "sum", types: []catalog.Type{catalog.BigDecimal}, want: decimalTotal(catalog.BigDecimal)},
		{name: "sumPrecision", types: []catalog.Type{catalog.BigDecimal}, want: decimalTotal(catalog.String)},
		{name: "avg", types: numbers, eps: 1e-12, want: func(rows []catalog.Value, _ []int64) catalog.Value { return double(total(rows) / float64(len(rows))) }},
		{name: "avg", types: []catalog.Type{catalog.BigDecimal}},
		{name: "min", types: all, want: extreme(-1)},
		{name: "max", types: all, want: extreme(1)},
		{name: "minMaxRange", types: numbers, want: func(rows []catalog.Value, _ []int64) catalog.Value {
			return double(number(extreme(1)(rows, nil)) - number(extreme(-1)(rows, nil)))
		}},
		{name: "boolAnd", types: []catalog.Type{catalog.Boolean}, want: func(rows []catalog.Value, _ []int64) catalog.Value { return extreme(-1)(rows, nil) }},
		{name: "boolOr", types: []catalog.Type{catalog.Boolean}, want: func(rows []catalog.Value, _ []int64) catalog.Value { return extreme(1)(rows, nil) }},
		{name: "distinctCount", types: all, want: func(rows []catalog.Value, _ []int64) catalog.Value { return long(len(distinctOf(rows))) }},
		{name: "distinctSum", types: floats, eps: 1e-12, want: func(rows []catalog.Value, _ []int64) catalog.Value { return double(total(distinctOf(rows))) }},
		{name: "distinctSum", types: []catalog.Type{catalog.Int}, want: func(rows []catalog.Value, _ []int64) catalog.Value { return long(int(total(distinctOf(rows)))) }},
		{name: "distinctAvg", types: numbers, eps: 1e-12, want: func(rows []catalog.Value, _ []int64) catalog.Value {
			d := distinctOf(rows)
			return double(total(d) / float64(len(d)))
		}},
		{name: "distinctCountHLL", types: all[:len(all)-1], eps: 0.15, want: func(rows []catalog.Value, _ []int64) catalog.Value { return long(len(distinctOf(rows))) }},
		{name: "percentile", args: []function.Arg{constant(double(95))}, types: numbers, want: rank(95)},
		{name: "percentile", args: []function.Arg{constant(catalog.IntValue(100))}, types: numbers, want: rank(100)},
		{name: "percentile", args: []function.Arg{constant(catalog.IntValue(0))}, types: numbers, want: rank(0)},
		{name: "percentileFast", args: []function.Arg{constant(double(50))}, types: numbers, want: rank(50), eps: 0.004},
		{name: "percentileEst", args: []function.Arg{constant(double(50))}, types: integers, eps: 0.004, want: rank(50)},
		{name: "percentileTDigest", args: []function.Arg{constant(double(90))}, types: numbers},
		{name: "varPop", types: numbers, eps: 1e-9, want: spread(false, false)},
		{name: "varSamp", types: numbers, eps: 1e-9, want: spread(true, false)},
		{name: "stdDevPop", types: numbers, eps: 1e-9, want: spread(false, true)},
		{name: "stdDevSamp", types: numbers, eps: 1e-9, want: spread(true, true)},
		{name: "mode", types: numbers, want: mostFrequent},
		{name: "firstWithTime", args: []function.Arg{timeArg}, types: all, want: withTime(false)},
		{name: "lastWithTime", args: []function.Arg{timeArg}, types: all, want: withTime(true)},
		{name: "anyValue", types: all, want: func(rows []catalog.Value, _ []int64) catalog.Value { return rows[0] }},
	}
}

func decimalTotal(t catalog.Type) func([]catalog.Value, []int64) catalog.Value {
	return func(rows []catalog.Value, _ []int64) catalog.Value {
		sum := new(big.Rat)
		for _, v := range rows {
			x, _ := new(big.Rat).SetString(v.Str)
			sum.Add(sum, x)
		}
		s := sum.FloatString(10)
		return catalog.Value{Type: t, Str: strings.TrimSuffix(strings.TrimRight(s, "0"), ".")}
	}
}

func mostFrequent(rows []catalog.Value, _ []int64) catalog.Value {
	best, most := 0.0, 0
	for _, v := range rows {
		n := 0
		for _, o := range rows {
			if number(o) == number(v) {
				n++
			}
		}
		if n > most || (n == most && number(v) < best) {
			best, most = number(v), n
		}
	}
	return double(best)
}

func close(a, b catalog.Value, eps float64) bool {
	if a.Null || b.Null {
		return a.Null == b.Null
	}
	if eps == 0 {
		a.Type, b.Type = catalog.Type{}, catalog.Type{}
		return gocmp.Equal(a, b)
	}
	x, y := number(a), number(b)
	return math.Abs(x-y) <= eps*max(math.Abs(x), math.Abs(y))+1e-9
}

// TestAggregates compares every aggregate with a reference, for all forms of input, with and without groups and FILTER;
// one pass, and parts that are merged with their groups in another order, have to agree.
func TestAggregates(t *testing.T) {
	for _, c := range cases() {
		for _, typ := range c.types {
			for seed := range uint64(12) {
				checkCase(t, c, typ, seed)
			}
			if t.Failed() {
				return
			}
		}
	}
}

func checkCase(t *testing.T, c caseOf, typ catalog.Type, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 3))
	d := random(r, typ, []int{0, 1, 64, 300}[seed%4])
	form, grouped := int(seed%3), seed%5 != 0
	var sel func(int) bool
	if seed%2 == 1 {
		sel = func(i int) bool { return i%3 != 0 }
	}
	b := mustBind(t, c.name, append([]function.Arg{{Type: typ}}, c.args...)...)
	groups := 1
	if grouped {
		groups = groupCount
	}
	one := b.New()
	one.Resize(groups)
	feed(t, one, b, d, form, grouped, sel)
	got := results(t, one, groups)
	place := fmt.Sprintf("%s(%s) seed %d form %d grouped %v", c.name, typ, seed, form, grouped)
	for g := range groups {
		var rows []catalog.Value
		var times []int64
		for i, v := range d.rows {
			if !v.Null && (sel == nil || sel(i)) && (!grouped || int(d.groups[i]) == g) {
				rows, times = append(rows, v), append(times, d.times[i])
			}
		}
		checkGroup(t, place, c, rows, times, got[g])
	}
	checkMerge(t, place, c, b, d, form, grouped, sel, got)
	if one.Bytes() < 0 {
		t.Errorf("%s: bytes %d", place, one.Bytes())
	}
}

func checkGroup(t *testing.T, place string, c caseOf, rows []catalog.Value, times []int64, got catalog.Value) {
	t.Helper()
	counts := strings.Contains(strings.ToLower(c.name), "count")
	switch {
	case len(rows) == 0 && counts:
		if got.Null || got.I64 != 0 {
			t.Errorf("%s: %v of no rows, want 0", place, got)
		}
	case len(rows) == 0:
		if !got.Null {
			t.Errorf("%s: %v of no rows, want NULL", place, got)
		}
	case c.want != nil:
		if want := c.want(rows, times); !close(got, want, c.eps) {
			t.Errorf("%s: %v, want %v of %v", place, got, want, rows)
		}
	}
}

// checkMerge splits the rows over three accumulators whose groups are numbered backwards.
func checkMerge(t *testing.T, place string, c caseOf, b function.BoundAggregate, d data, form int, grouped bool, sel func(int) bool, want []catalog.Value) {
	t.Helper()
	whole := b.New()
	whole.Resize(len(want))
	cuts := []int{0, len(d.rows) / 3, len(d.rows) * 2 / 3, len(d.rows)}
	for p := range 3 {
		part := d.part(cuts[p], cuts[p+1])
		part.groups = slices.Clone(part.groups)
		back := make([]uint32, len(want))
		for g := range back {
			back[g] = uint32(len(want) - 1 - g)
		}
		for i, g := range part.groups {
			if grouped {
				part.groups[i] = back[g]
			}
		}
		acc := b.New()
		acc.Resize(len(want))
		partSel := sel
		if sel != nil {
			partSel = func(i int) bool { return sel(i + cuts[p]) }
		}
		feed(t, acc, b, part, form, grouped, partSel)
		groups := back
		if !grouped {
			groups = nil
		}
		if err := whole.Merge(acc, groups); err != nil {
			t.Fatal(err)
		}
	}
	eps := c.eps
	if c.want == nil {
		eps = 0.05
	}
	if eps > 0 {
		eps = max(eps, 1e-12)
	}
	for g, got := range results(t, whole, len(want)) {
		if !close(got, want[g], eps) {
			t.Errorf("%s: merged %v, one pass %v", place, got, want[g])
		}
	}
}

func TestCountStar(t *testing.T) {
	b, err := find(t, "count").Bind(nil, false, true)
	if err != nil {
		t.Fatal(err)
	}
	acc := b.New()
	acc.Resize(2)
	if err := acc.Add(nil, nil, 8000, nil); err != nil {
		t.Fatal(err)
	}
	if err := acc.Add([]uint32{1, 1, 0}, nil, 3, vec.Bitmap{0b011}); err != nil {
		t.Fatal(err)
	}
	if got := results(t, acc, 2); got[0].I64 != 8000 || got[1].I64 != 2 {
		t.Errorf("counts %v", got)
	}
}

// TestCountCopies: the narrow counts move to the wide ones before they could overflow.
func TestCountCopies(t *testing.T) {
	acc := countStar(t)
	acc.Resize(90)
	groups := []uint32{0, 40, 89, 40, 89, 89, 0}
	for round := range 3 {
		if round == 1 { // as after many more rows of group 40
			acc.copied += maxCopied - 10
			acc.copies[1][40] += maxCopied - 10
		}
		if err := acc.Add(groups, nil, len(groups), nil); err != nil {
			t.Fatal(err)
		}
		if acc.copied > maxCopied {
			t.Fatalf("round %d: %d rows in narrow counts", round, acc.copied)
		}
	}
	got := results(t, acc, 90)
	if got[0].I64 != 6 || got[40].I64 != 6+maxCopied-10 || got[89].I64 != 9 {
		t.Errorf("counts %v", got)
	}
}

func countStar(t *testing.T) *count {
	b, err := find(t, "count").Bind(nil, false, true)
	if err != nil {
		t.Fatal(err)
	}
	return b.New().(*count)
}

// TestCountGrowing: counts stay right while groups come to be too many for as many copies, or any.
func TestCountGrowing(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	acc := countStar(t)
	var want []int64
	copies := map[int]bool{}
	for _, n := range []int{3, 20, 90, nearCounts/4 - 1, nearCounts / 4, nearCounts/4 + 1, nearCounts / 2, nearCounts/2 + 1, nearCounts, copiedGroups + 1} {
		want = resize(want, n)
		acc.Resize(n)
		for _, span := range []int{1, 3, 17, n} {
			groups := make([]uint32, 1000)
			least := r.IntN(n - min(span, n) + 1)
			for i := range groups {
				groups[i] = uint32(least + r.IntN(min(span, n)))
				want[groups[i]]++
			}
			if err := acc.Add(groups, nil, len(groups), nil); err != nil {
				t.Fatal(err)
			}
		}
		copies[acc.distinct] = true
	}
	for g, v := range results(t, acc, len(want)) {
		if v.I64 != want[g] {
			t.Fatalf("group %d has %d rows, want %d", g, v.I64, want[g])
		}
	}
	if delete(copies, 0); len(copies) != 4 { // 0: there were few groups so far
		t.Errorf("numbers of copies: %v, want 1 to 4", copies)
	}
}

func longs(values ...int64) *vec.Vector {
	v := &vec.Vector{}
	v.Reset(catalog.Long, len(values))
	copy(v.I64, values)
	return v
}

func TestSumOverflow(t *testing.T) {
	b := mustBind(t, "sum", function.Arg{Type: catalog.Long})
	acc := b.New()
	acc.Resize(1)
	if err := acc.Add(nil, []*vec.Vector{longs(math.MaxInt64, math.MaxInt64, 5, math.MaxInt64, 9)}, 5, nil); err != nil {
		t.Fatal(err)
	}
	var out vec.Vector
	if err := acc.Result(1, &out); err == nil || errs.As(err).Code != errs.NumericOutOfRange {
		t.Errorf("error %v, want 22003", err)
	}
	// What leaves LONG on the way and comes back is right.
	if err := acc.Add(nil, []*vec.Vector{longs(math.MinInt64, math.MinInt64, math.MinInt64)}, 3, nil); err != nil {
		t.Fatal(err)
	}
	if got := results(t, acc, 1); got[0].I64 != 11 {
		t.Errorf("sum %v, want 11", got[0])
	}
}

// TestFloatSumSplits: the sum of numbers of very different size does not depend on how they are split.
func TestFloatSumSplits(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	values := make([]float64, 20000)
	for i := range values {
		values[i] = r.NormFloat64() * math.Pow(10, float64(r.IntN(12)))
	}
	exact := new(big.Float).SetPrec(500)
	for _, x := range values {
		exact.Add(exact, big.NewFloat(x))
	}
	want, _ := exact.Float64()
	b := mustBind(t, "sum", function.Arg{Type: catalog.Double})
	for _, block := range []int{1, 7, 100, 8192} {
		whole := b.New()
		whole.Resize(1)
		for from := 0; from < len(values); from += block {
			v := &vec.Vector{}
			part := values[from:min(from+block, len(values))]
			v.Reset(catalog.Double, len(part))
			copy(v.F64, part)
			acc := b.New()
			acc.Resize(1)
			if err := acc.Add(nil, []*vec.Vector{v}, len(part), nil); err != nil {
				t.Fatal(err)
			}
			if err := whole.Merge(acc, nil); err != nil {
				t.Fatal(err)
			}
		}
		if got := results(t, whole, 1)[0].F64; math.Abs(got-want) > 1e-12*math.Abs(want) {
			t.Errorf("blocks of %d: %v, want %v", block, got, want)
		}
	}
}

func TestInfinitiesAndNaN(t *testing.T) {
	v := &vec.Vector{}
	v.Reset(catalog.Double, 3)
	copy(v.F64, []float64{1, math.Inf(1), 2})
	for name, want := range map[string]float64{"sum": math.Inf(1), "max": math.Inf(1), "min": 1} {
		acc := mustBind(t, name, function.Arg{Type: catalog.Double}).New()
		acc.Resize(1)
		if err := acc.Add(nil, []*vec.Vector{v}, 3, nil); err != nil {
			t.Fatal(err)
		}
		if got := results(t, acc, 1)[0].F64; got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	for at := range 4 { // NaN is the greatest, wherever it stands
		w := &vec.Vector{}
		w.Reset(catalog.Double, 4)
		copy(w.F64, []float64{3, 1, 2, 5})
		w.F64[at] = math.NaN()
		hi, lo := mustBind(t, "max", function.Arg{Type: catalog.Double}).New(), mustBind(t, "min", function.Arg{Type: catalog.Double}).New()
		hi.Resize(1)
		lo.Resize(1)
		if err := hi.Add(nil, []*vec.Vector{w}, 4, nil); err != nil {
			t.Fatal(err)
		}
		if err := lo.Add(nil, []*vec.Vector{w}, 4, nil); err != nil {
			t.Fatal(err)
		}
		if got := results(t, hi, 1)[0].F64; !math.IsNaN(got) {
			t.Errorf("max with NaN at %d is %v", at, got)
		}
		if got := results(t, lo, 1)[0].F64; math.IsNaN(got) {
			t.Errorf("min with NaN at %d is NaN", at)
		}
	}
}

func TestHLLError(t *testing.T) {
	for _, n := range []int{100, 5000, 200000} {
		acc := mustBind(t, "distinctCountHLL", function.Arg{Type: catalog.Long}).New()
		acc.Resize(1)
		for from := 0; from < n; from += 8192 {
			values := make([]int64, min(8192, n-from))
			for i := range values {
				values[i] = int64(from + i)
			}
			if err := acc.Add(nil, []*vec.Vector{longs(values...)}, len(values), nil); err != nil {
				t.Fatal(err)
			}
		}
		got := results(t, acc, 1)[0].I64
		if e := math.Abs(float64(got)-float64(n)) / float64(n); e > 0.05 {
			t.Errorf("%d distinct values estimated as %d", n, got)
		}
	}
}

func TestBindErrors(t *testing.T) {
	long := function.Arg{Type: catalog.Long}
	for _, c := range []struct {
		name     string
		args     []function.Arg
		distinct bool
		star     bool
		code     string
	}{
		{"sum", nil, false, true, errs.UndefinedFunction},
		{"sum", []function.Arg{long, long}, false, false, errs.UndefinedFunction},
		{"sum", []function.Arg{{Type: catalog.Bytes}}, false, false, errs.UndefinedFunction},
		{"sum", []function.Arg{{Type: catalog.Boolean}}, false, false, errs.UndefinedFunction},
		{"percentile", []function.Arg{long, constant(double(101))}, false, false, errs.InvalidParameterValue},
		{"percentile", []function.Arg{long, long}, false, false, errs.InvalidParameterValue},
		{"histogram", []function.Arg{long, constant(double(5)), constant(double(5)), constant(double(1))}, false, false, errs.InvalidParameterValue},
		{"histogram", []function.Arg{long, long}, false, false, errs.InvalidParameterValue},
		{"percentileCont", []function.Arg{long, constant(double(50))}, false, false, errs.NumericOutOfRange},
		{"percentileCont", []function.Arg{long, long}, false, false, errs.InvalidParameterValue},
		{"arrayAgg", []function.Arg{long, constant(catalog.StringValue("POINT"))}, false, false, errs.InvalidParameterValue},
		{"listAgg", []function.Arg{long, long}, false, false, errs.InvalidParameterValue},
		{"corr", []function.Arg{long}, false, false, errs.UndefinedFunction},
		{"bit_and", []function.Arg{{Type: catalog.Double}}, false, false, errs.UndefinedFunction},
		{"distinctCountHLL", []function.Arg{long, constant(catalog.IntValue(40))}, false, false, errs.InvalidParameterValue},
		{"mode", []function.Arg{long, constant(catalog.StringValue("MEDIAN"))}, false, false, errs.InvalidParameterValue},
		{"firstWithTime", []function.Arg{long, long, constant(catalog.StringValue("POINT"))}, false, false, errs.InvalidParameterValue},
		{"count", []function.Arg{long, long}, false, false, errs.UndefinedFunction},
	} {
		_, err := find(t, c.name).Bind(c.args, c.distinct, c.star)
		if err == nil || errs.As(err).Code != c.code {
			t.Errorf("%s%v: %v, want %s", c.name, c.args, err, c.code)
		}
	}
}

func TestDistinctArguments(t *testing.T) {
	long := []function.Arg{{Type: catalog.Long}}
	for name, want := range map[string]string{"count": "distinctcount", "sum": "distinctsum", "avg": "distinctavg", "min": "min"} {
		b, err := find(t, name).Bind(long, true, false)
		if err != nil || b.Name != want {
			t.Errorf("%s(DISTINCT x): %s %v, want %s", name, b.Name, err, want)
		}
	}
}

// TestMergeOfOthers: accumulators refuse others of another kind.
func TestMergeOfOthers(t *testing.T) {
	a := mustBind(t, "sum", function.Arg{Type: catalog.Long}).New()
	b := mustBind(t, "count", function.Arg{Type: catalog.Long}).New()
	if err := a.Merge(b, nil); err == nil {
		t.Error("sum merges count")
	}
}

// TestDictionarySwitch: marks of one dictionary survive the next.
func TestDictionarySwitch(t *testing.T) {
	acc := mustBind(t, "distinctCount", function.Arg{Type: catalog.String}).New()
	acc.Resize(1)
	text := func(list ...string) data {
		d := data{typ: catalog.String, groups: make([]uint32, len(list)), times: make([]int64, len(list))}
		for _, s := range list {
			d.rows = append(d.rows, catalog.StringValue(s))
		}
		return d
	}
	for _, d := range []data{text("a", "b", "a"), text("b", "c"), text("d", "a")} {
		v := d.vector(1)
		if err := acc.Add(nil, []*vec.Vector{v}, v.Len, nil); err != nil {
			t.Fatal(err)
		}
	}
	flat := text("e", "a").vector(0)
	if err := acc.Add(nil, []*vec.Vector{flat}, 2, nil); err != nil {
		t.Fatal(err)
	}
	if got := results(t, acc, 1)[0].I64; got != 5 {
		t.Errorf("%d distinct values, want 5", got)
	}
}

func BenchmarkSum(b *testing.B) {
	v := &vec.Vector{}
	v.Reset(catalog.Double, 8192)
	groups := make([]uint32, 8192)
	for i := range v.F64 {
		v.F64[i], groups[i] = float64(i), uint32(i*7%1000)
	}
	for _, g := range []struct {
		name   string
		groups []uint32
	}{{"ungrouped", nil}, {"grouped", groups}} {
		b.Run(g.name, func(b *testing.B) {
			acc := mustBind(b, "sum", function.Arg{Type: catalog.Double}).New()
			acc.Resize(1000)
			b.SetBytes(8 * 8192)
			for b.Loop() {
				if err := acc.Add(g.groups, []*vec.Vector{v}, 8192, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkAdd shows the cost of a row of aggregates that are not sums.
func BenchmarkAdd(b *testing.B) {
	v, l := &vec.Vector{}, &vec.Vector{}
	v.Reset(catalog.Double, 8192)
	l.Reset(catalog.Long, 8192)
	groups := make([]uint32, 8192)
	for i := range v.F64 {
		v.F64[i], l.I64[i], groups[i] = float64(i)*1.25, int64(i*i), uint32(i*7%1000)
	}
	for _, name := range []string{"min", "varPop", "kurtosis", "corr", "distinctCountHLL", "distinctCountULL", "distinctCountThetaSketch", "percentileTDigest", "percentileEst",
		"mode", "arrayAgg"} {
		args, in := []function.Arg{{Type: catalog.Double}}, []*vec.Vector{v}
		switch {
		case name == "corr":
			args, in = append(args, args[0]), append(in, v)
		case strings.HasPrefix(name, "distinct"):
			args, in = []function.Arg{{Type: catalog.Long}}, []*vec.Vector{l}
		case strings.HasPrefix(name, "percentile"):
			args = append(args, constant(double(90)))
		}
		for _, g := range []struct {
			name   string
			groups []uint32
		}{{"ungrouped", nil}, {"grouped", groups}} {
			b.Run(name+"/"+g.name, func(b *testing.B) {
				bound := mustBind(b, name, args...)
				acc := bound.New()
				acc.Resize(1000)
				for i := 0; b.Loop(); i++ {
					if i%100 == 99 { // what is kept stays small
						acc = bound.New()
						acc.Resize(1000)
					}
					if err := acc.Add(g.groups, in, 8192, nil); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/8192, "ns/row")
			})
		}
	}
}

// TestNthKey: every position of lists of every size, with keys that share digits and repeat, is what sorting gives.
func TestNthKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 5))
		n := rapid.SampledFrom([]int{1, 100, fewKeys, fewKeys + 1, 3 * fewKeys}).Draw(t, "n")
		mask := rapid.SampledFrom([]uint64{0, 0xff, 0xffff0000, 0xf00000000000000f, math.MaxUint64}).Draw(t, "mask")
		var l keyList
		var all []uint64
		for range n {
			k := r.Uint64() & mask
			if len(l.last) == cap(l.last) {
				l.next()
			}
			l.last, all = append(l.last, k), append(all, k)
		}
		slices.Sort(all)
		for _, i := range []int{0, n / 100, n / 2, n - 1} {
			if got := nthKey(l.chunks(), l.len(), i); got != all[i] {
				t.Fatalf("key %d of %d is %x, want %x", i, n, got, all[i])
			}
		}
	})
}
