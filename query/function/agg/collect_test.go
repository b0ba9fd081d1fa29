package agg

import (
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

func texts(list ...string) *vec.Vector {
	v := &vec.Vector{}
	v.Reset(catalog.String, len(list))
	for i, s := range list {
		v.Str[i] = s
		if s == "NULL" {
			v.SetNull(i)
		}
	}
	return v
}

// shown prints a result.
func shown(v catalog.Value) string {
	if v.Null {
		return "NULL"
	}
	if v.Type.MultiValue {
		var parts []string
		for _, e := range v.Elems {
			parts = append(parts, shown(e))
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	if v.Type.Kind.Physical() == catalog.PhysString {
		return v.Str
	}
	return v.String()
}

func argOf(v *vec.Vector) function.Arg { return function.Arg{Type: v.Type} }

// TestOrderWithin: DISTINCT and ORDER BY within aggregates.
func TestOrderWithin(t *testing.T) {
	text := catalog.StringValue
	values := texts("b", "a", "NULL", "b", "c", "a")
	keys := longs(3, 1, 0, 2, 1, 5)
	keys.SetNull(4)
	for _, c := range []struct {
		name     string
		params   []catalog.Value
		distinct bool
		keys     []function.OrderKey
		args     []*vec.Vector
		want     string
	}{
		{"listAgg", []catalog.Value{text("-")}, false, nil, []*vec.Vector{values}, "b-a-b-c-a"},
		{"listAgg", []catalog.Value{text("-")}, true, nil, []*vec.Vector{values}, "a-b-c"},
		{"listAgg", []catalog.Value{text("-"), catalog.BoolValue(true)}, false, nil, []*vec.Vector{values}, "a-b-c"},
		{"stringAgg", []catalog.Value{text("")}, false, []function.OrderKey{{Type: catalog.Long}}, []*vec.Vector{values, keys}, "abbac"},
		{"stringAgg", []catalog.Value{text("")}, false, []function.OrderKey{{Type: catalog.Long, Descending: true, NullsFirst: true}}, []*vec.Vector{values, keys}, "cabba"},
		{"stringAgg", []catalog.Value{text("")}, true, []function.OrderKey{{Type: catalog.String, Descending: true}}, []*vec.Vector{values, values}, "cba"},
		{"arrayAgg", nil, false, nil, []*vec.Vector{values}, "{b,a,b,c,a}"},
		{"arrayAgg", []catalog.Value{text("STRING"), catalog.BoolValue(true)}, false, nil, []*vec.Vector{values}, "{a,b,c}"},
		{"arrayAgg", nil, false, []function.OrderKey{{Type: catalog.String}, {Type: catalog.Long, Descending: true, NullsFirst: true}}, []*vec.Vector{keys, values, keys}, "{5,1,3,2,0}"},
	} {
		args := []function.Arg{argOf(c.args[0])}
		for i := range c.params {
			args = append(args, function.Arg{Type: c.params[i].Type, Const: &c.params[i]})
		}
		f := find(t, c.name)
		b, err := f.Bind(args, c.distinct, false)
		if c.keys != nil {
			b, err = f.BindOrdered(args, c.distinct, c.keys)
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		acc := b.New()
		acc.Resize(1)
		if err := acc.Add(nil, c.args, 6, nil); err != nil {
			t.Fatal(err)
		}
		for range 2 { // a result can be asked for again
			if got := shown(results(t, acc, 1)[0]); got != c.want {
				t.Errorf("%s distinct %v keys %v: %s, want %s", c.name, c.distinct, c.keys, got, c.want)
			}
		}
	}
}

// TestDistinctOfAny: DISTINCT within an aggregate that has none of its own.
func TestDistinctOfAny(t *testing.T) {
	for name, want := range map[string]string{"varPop": "2.25", "percentile": "4", "bit_xor": "5", "mode": "1", "histogram": "{2}"} {
		args := []function.Arg{{Type: catalog.Long}}
		switch name {
		case "percentile":
			args = append(args, constant(double(50)))
		case "histogram":
			args = append(args, constant(double(0)), constant(double(10)), constant(double(1)))
		}
		b, err := find(t, name).Bind(args, true, false)
		if err != nil {
			t.Fatal(name, err)
		}
		acc := b.New()
		acc.Resize(1)
		if err := acc.Add(nil, []*vec.Vector{longs(1, 4, 4, 1, 4, 4)}, 6, nil); err != nil {
			t.Fatal(err)
		}
		if got := shown(results(t, acc, 1)[0]); got != want {
			t.Errorf("%s(DISTINCT x) is %s, want %s", name, got, want)
		}
	}
}

func arrays(list ...[]int64) *vec.Vector {
	v := &vec.Vector{}
	v.Reset(catalog.Long.Array(), len(list))
	fillArrays(v, func(i int) catalog.Value {
		out := catalog.Value{Type: v.Type, Null: list[i] == nil}
		for _, x := range list[i] {
			out.Elems = append(out.Elems, catalog.LongValue(x))
		}
		return out
	})
	return v
}

// TestElements: aggregates of arrays take every element as a row, under both names.
func TestElements(t *testing.T) {
	v := arrays([]int64{1, 2}, nil, []int64{}, []int64{2, 7, 2}, []int64{100})
	for _, c := range []struct{ name, want, first string }{
		{"countMV", "6", "2"}, {"sumMV", "114", "3"}, {"sum", "114", "3"}, {"minMV", "1", "1"}, {"max", "100", "2"}, {"avgMV", "19", "1.5"}, {"minMaxRangeMV", "99", "1"},
		{"distinctCountMV", "4", "2"}, {"distinctSumMV", "110", "3"}, {"distinctAvgMV", "27.5", "1.5"}, {"distinctCountBitmapMV", "4", "2"}, {"distinctCountHLLMV", "4", "2"},
		{"distinctCountHLLPlusMV", "4", "2"}, {"percentileMV", "2", "2"}, {"percentileEstMV", "2", "2"}, {"percentileKLLMV", "2.0078125", "2"},
		{"arrayAgg", "{1,2,2,7,2,100}", "{1,2}"}, {"listAgg", "1,2,2,7,2,100", "1,2"}, {"count", "4", "1"},
	} {
		args := []function.Arg{argOf(v)}
		if strings.HasPrefix(c.name, "percentile") {
			args = append(args, constant(double(50)))
		}
		if c.name == "listAgg" {
			args = append(args, constant(catalog.StringValue(",")))
		}
		b := mustBind(t, c.name, args...)
		in := v
		if b.Args[0] != v.Type {
			in = &vec.Vector{}
			in.Reset(b.Args[0], v.Len)
			fillArrays(in, func(i int) catalog.Value { return castTo(v.At(i), b.Args[0]) })
			for i := range in.Elems.Str {
				in.Elems.Str[i] = v.Elems.At(i).String()
			}
		}
		whole, first := b.New(), b.New()
		whole.Resize(1)
		first.Resize(2)
		if err := whole.Add(nil, []*vec.Vector{in}, v.Len, nil); err != nil {
			t.Fatal(err)
		}
		if err := first.Add([]uint32{1, 0, 0, 0, 0}, []*vec.Vector{in}, v.Len, nil); err != nil {
			t.Fatal(err)
		}
		if got := shown(results(t, whole, 1)[0]); got != c.want {
			t.Errorf("%s is %s, want %s", c.name, got, c.want)
		}
		if got := shown(results(t, first, 2)[1]); got != c.first {
			t.Errorf("%s of the first row is %s, want %s", c.name, got, c.first)
		}
	}
}

// TestPlaces: the order of rows is that of their positions, whichever accumulator takes them.
func TestPlaces(t *testing.T) {
	for _, c := range []struct {
		name string
		args []function.Arg
		want string
	}{
		{"arrayAgg", nil, "{a,b,c,d}"},
		{"listAgg", []function.Arg{constant(catalog.StringValue(""))}, "abcd"},
		{"anyValue", nil, "a"},
		{"firstWithTime", []function.Arg{{Type: catalog.Long}}, "a"},
		{"lastWithTime", []function.Arg{{Type: catalog.Long}}, "d"},
		{"exprMin", []function.Arg{{Type: catalog.Long}}, "a"},
		{"exprMax", []function.Arg{{Type: catalog.Long}}, "a"},
	} {
		b := mustBind(t, c.name, append([]function.Arg{{Type: catalog.String}}, c.args...)...)
		add := func(acc function.Accumulator, first uint64, rows []uint16, values ...string) {
			if p, ok := acc.(function.Positioned); ok {
				p.At(first, rows)
			}
			args := []*vec.Vector{texts(values...)}
			if len(b.Args) > 1 {
				args = append(args, longs(make([]int64, len(values))...))
			}
			if err := acc.Add(nil, args, len(values), nil); err != nil {
				t.Fatal(err)
			}
		}
		left, right := b.New(), b.New()
		left.Resize(1)
		right.Resize(1)
		add(left, 100, []uint16{3, 7}, "b", "d")
		add(right, 105, nil, "c")
		add(right, 0, []uint16{9}, "a")
		if err := left.Merge(right, nil); err != nil {
			t.Fatal(err)
		}
		if got := shown(results(t, left, 1)[0]); got != c.want {
			t.Errorf("%s is %s, want %s", c.name, got, c.want)
		}
	}
}

// TestLimits: collected values have limits that say so.
func TestLimits(t *testing.T) {
	b := mustBind(t, "listAgg", function.Arg{Type: catalog.String}, constant(catalog.StringValue(",")))
	acc := b.New()
	acc.Resize(1)
	block := make([]string, 64)
	for i := range block {
		block[i] = strings.Repeat("x", 1<<20)
	}
	if err := acc.Add(nil, []*vec.Vector{texts(block...)}, len(block), nil); err != nil {
		t.Fatal(err)
	}
	if acc.Bytes() < 64<<20 {
		t.Errorf("Bytes is %d for %d bytes of text", acc.Bytes(), 64<<20)
	}
	var out vec.Vector
	err := acc.Result(1, &out)
	if err == nil || errs.As(err).Code != errs.ProgramLimitExceeded {
		t.Errorf("error %v, want 54000", err)
	}
}

func TestHistogram(t *testing.T) {
	b := mustBind(t, "histogram", function.Arg{Type: catalog.Double}, constant(double(0)), constant(double(1)), constant(catalog.IntValue(10)))
	got, err := compute(t, b, 3, []float64{-0.1, 0, 0.05, 0.1, 0.95, 1, 1.01, 0.45})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("{2,1,0,0,1,0,0,0,0,2}", shown(got)); diff != "" {
		t.Error(diff)
	}
}

func TestPercentileFractions(t *testing.T) {
	for _, c := range []struct {
		name string
		p    float64
		want string
	}{
		{"percentileCont", 0.5, "2.5"}, {"percentileCont", 0, "1"}, {"percentileCont", 1, "10"}, {"percentileCont", 0.9, "7.900000000000001"},
		{"percentileDisc", 0.5, "2"}, {"percentileDisc", 0.51, "3"}, {"percentileDisc", 0, "1"}, {"percentileDisc", 1, "10"},
	} {
		b := mustBind(t, c.name, function.Arg{Type: catalog.Long}, constant(double(c.p)))
		acc := b.New()
		acc.Resize(1)
		if err := acc.Add(nil, []*vec.Vector{longs(3, 10, 1, 2)}, 4, nil); err != nil {
			t.Fatal(err)
		}
		if got := shown(results(t, acc, 1)[0]); got != c.want {
			t.Errorf("%s(%v) is %s, want %s", c.name, c.p, got, c.want)
		}
	}
}

func TestSumPrecision(t *testing.T) {
	for _, c := range []struct {
		params []int64
		want   string
	}{{nil, "1234.565"}, {[]int64{5}, "1234.6"}, {[]int64{10, 2}, "1234.56"}, {[]int64{0, 5}, "1234.56500"}, {[]int64{3, 1}, "1230.0"}} {
		args := []function.Arg{{Type: catalog.BigDecimal}}
		for _, p := range c.params {
			args = append(args, constant(catalog.IntValue(p)))
		}
		acc := mustBind(t, "sumPrecision", args...).New()
		acc.Resize(1)
		v := texts("1234.5", "0.065")
		v.Type = catalog.BigDecimal
		if err := acc.Add(nil, []*vec.Vector{v}, 2, nil); err != nil {
			t.Fatal(err)
		}
		if got := shown(results(t, acc, 1)[0]); got != c.want {
			t.Errorf("sumPrecision%v is %s, want %s", c.params, got, c.want)
		}
	}
}

// TestSettled: what is merged after Settle stands behind, whatever its positions.
func TestSettled(t *testing.T) {
	b := mustBind(t, "arrayAgg", function.Arg{Type: catalog.String})
	var accs []function.Accumulator
	for i, text := range []string{"a", "b", "c"} {
		acc := b.New()
		acc.Resize(1)
		p, ok := acc.(function.Positioned)
		if !ok {
			t.Fatal("an array does not depend on the order of rows")
		}
		p.At(uint64(100-i), nil)
		if err := acc.Add(nil, []*vec.Vector{texts(text)}, 1, nil); err != nil {
			t.Fatal(err)
		}
		p.Settle()
		accs = append(accs, acc)
	}
	for _, other := range accs[1:] {
		if err := accs[0].Merge(other, nil); err != nil {
			t.Fatal(err)
		}
	}
	if got := shown(results(t, accs[0], 1)[0]); got != "{a,b,c}" {
		t.Errorf("array %s", got)
	}
}

// TestModeOwnsTexts: texts of a batch may change once it was added.
func TestModeOwnsTexts(t *testing.T) {
	acc := mustBind(t, "mode", function.Arg{Type: catalog.String}).New()
	acc.Resize(1)
	memory := []byte("pizza")
	v := texts("pizza", "pizza")
	v.Str[1] = unsafe.String(&memory[0], len(memory))
	if err := acc.Add(nil, []*vec.Vector{v}, 2, nil); err != nil {
		t.Fatal(err)
	}
	copy(memory, "other")
	if got := shown(results(t, acc, 1)[0]); got != "pizza" {
		t.Errorf("mode is %s", got)
	}
}
