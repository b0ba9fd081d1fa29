package function_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

func flat(values ...int64) *vec.Vector {
	v := &vec.Vector{}
	v.Reset(catalog.Long, len(values))
	copy(v.I64, values)
	return v
}

func constant(x catalog.Value, n int) *vec.Vector {
	v := &vec.Vector{}
	v.SetConst(x, n)
	return v
}

func out(t catalog.Type, n int) *vec.Vector {
	v := &vec.Vector{}
	v.Reset(t, n)
	return v
}

func TestMaps(t *testing.T) {
	ec := &function.EvalContext{Ctx: context.Background()}
	rows, ten := flat(1, 2, 3), constant(catalog.LongValue(10), 3)
	sum, big, texts := out(catalog.Long, 3), out(catalog.Boolean, 3), out(catalog.String, 3)
	must(t, function.Map2(func(a, b int64) int64 { return a + b })(ec, []*vec.Vector{ten, rows}, 3, sum))
	must(t, function.Map2(func(a, b int64) bool { return a*5 >= b })(ec, []*vec.Vector{rows, ten}, 3, big))
	must(t, function.Text1(func(dst []byte, x int64) ([]byte, error) { return append(dst, byte('a'+x)), nil })(ec, []*vec.Vector{rows}, 3, texts))
	if !cmp.Equal(sum.I64, []int64{11, 12, 13}) || big.Bits[0] != 0b110 || !cmp.Equal(texts.Str, []string{"b", "c", "d"}) {
		t.Errorf("%v %b %v", sum.I64, big.Bits[0], texts.Str)
	}
	same := out(catalog.Long, 3)
	must(t, function.Map1(func(a int64) int64 { return -a })(ec, []*vec.Vector{ten}, 3, same))
	if !cmp.Equal(same.I64, []int64{-10, -10, -10}) {
		t.Error(same.I64)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestTry: NULL rows are not computed, failed rows end the query or become NULL.
func TestTry(t *testing.T) {
	odd := errors.New("odd")
	eval := function.Try1(func(x int64) (int64, error) {
		if x%2 == 1 {
			return 0, odd
		}
		return x / 2, nil
	})
	v := out(catalog.Long, 4)
	v.SetNull(1)
	if err := eval(&function.EvalContext{}, []*vec.Vector{flat(2, 3, 4, 6)}, 4, v); err != nil || !cmp.Equal(v.I64, []int64{1, 0, 2, 3}) {
		t.Errorf("%v %v", v.I64, err)
	}
	if err := eval(&function.EvalContext{}, []*vec.Vector{flat(2, 3)}, 2, out(catalog.Long, 2)); !errors.Is(err, odd) {
		t.Errorf("%v", err)
	}
	var failed []int
	ec := &function.EvalContext{OnRowError: func(row int, _ error) { failed = append(failed, row) }}
	w := out(catalog.Long, 3)
	must(t, eval(ec, []*vec.Vector{flat(1, 4, 5)}, 3, w))
	if !cmp.Equal(failed, []int{0, 2}) || !w.IsNull(0) || w.IsNull(1) || !w.IsNull(2) {
		t.Errorf("failed %v", failed)
	}
}

func TestOverloads(t *testing.T) {
	bind := function.Overloads("f",
		function.Overload{Args: []catalog.Type{catalog.Long}, Type: catalog.Long},
		function.Overload{Args: []catalog.Type{catalog.Double}, Type: catalog.Double},
		function.Overload{Args: []catalog.Type{catalog.BigDecimal}, Type: catalog.BigDecimal},
		function.Overload{Args: []catalog.Type{catalog.Timestamp}, Type: catalog.Timestamp},
		function.Overload{Args: []catalog.Type{catalog.String, catalog.String}, Variadic: true, Type: catalog.String})
	for _, c := range []struct {
		args []catalog.Type
		want catalog.Type
	}{
		{[]catalog.Type{catalog.Int}, catalog.Long},
		{[]catalog.Type{catalog.Float}, catalog.Double},
		{[]catalog.Type{catalog.BigDecimal}, catalog.BigDecimal},
		{[]catalog.Type{catalog.TimestampTZ}, catalog.Timestamp},
		{[]catalog.Type{catalog.Duration}, catalog.Long},
		{[]catalog.Type{catalog.String}, catalog.Double},
		{[]catalog.Type{catalog.Null}, catalog.Long},
		{[]catalog.Type{catalog.String, catalog.Long, catalog.JSON}, catalog.String},
	} {
		args := make([]function.Arg, len(c.args))
		for i, a := range c.args {
			args[i].Type = a
		}
		b, err := bind(args)
		if err != nil || b.Type != c.want || len(b.Args) != len(args) {
			t.Errorf("%v binds %v %v, want %v", c.args, b.Type, err, c.want)
		}
	}
	for _, args := range [][]function.Arg{nil, {{Type: catalog.Bytes}, {Type: catalog.Long}, {Type: catalog.Long.Array()}}, {{Type: catalog.Long.Array()}}} {
		if _, err := bind(args); err == nil || errs.As(err).Code != errs.UndefinedFunction {
			t.Errorf("%v: %v", args, err)
		}
	}
}

func TestRegistryRefusesDuplicates(t *testing.T) {
	s := []function.Scalar{{Name: "dateTrunc"}, {Name: "x", Aliases: []string{"DATE_TRUNC"}}}
	if _, err := function.NewRegistry(s, nil); err == nil {
		t.Error("a name is declared twice")
	}
}

func TestConstants(t *testing.T) {
	v := catalog.StringValue("day")
	args := []function.Arg{{Type: catalog.String, Const: &v}, {Type: catalog.String}}
	if s, err := function.Constant("f", "unit", args, 0); s != "day" || err != nil {
		t.Errorf("%q %v", s, err)
	}
	if _, err := function.Constant("f", "unit", args, 1); err == nil {
		t.Error("a column is constant")
	}
	if _, err := function.ConstantLong("f", "size", args, 0); err == nil {
		t.Error("a text is a number")
	}
}

func TestPattern(t *testing.T) {
	var p function.Pattern
	a, err := p.Compile("a+", false)
	must(t, err)
	if b, err := p.Compile("a+", false); b != a || err != nil {
		t.Error("compiled twice")
	}
	fold, err := p.Compile("a+", true)
	must(t, err)
	if !fold.MatchString("AA") {
		t.Error("case counts")
	}
	if _, err := p.Compile("(", false); err == nil || errs.As(err).Code != errs.InvalidRegexp {
		t.Errorf("%v", err)
	}
}

func TestBuildArrays(t *testing.T) {
	v := out(catalog.String.Array(), 3)
	v.SetNull(1)
	must(t, function.BuildArrays(&function.EvalContext{}, 3, v, func(dst []string, i int) ([]string, error) {
		return append(dst, "x", string(rune('a'+i))), nil
	}))
	if !cmp.Equal(v.Offsets, []uint32{0, 2, 2, 4}) || !cmp.Equal(v.Elems.Str, []string{"x", "a", "x", "c"}) {
		t.Errorf("%v %v", v.Offsets, v.Elems.Str)
	}
}
