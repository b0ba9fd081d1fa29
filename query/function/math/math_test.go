package math

import (
	gomath "math"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

func bind(t failer, name string, args ...function.Arg) (function.Bound, error) {
	t.Helper()
	for _, s := range Scalars() {
		for _, n := range append([]string{s.Name}, s.Aliases...) {
			if n == name {
				return s.Bind(args)
			}
		}
	}
	t.Fatalf("no function %s", name)
	return function.Bound{}, nil
}

// call evaluates a function of values that already have a type that it takes without a cast, or are small integers.
func call(t failer, ec *function.EvalContext, name string, args ...catalog.Value) (catalog.Value, error) {
	t.Helper()
	info := make([]function.Arg, len(args))
	for i := range args {
		info[i] = function.Arg{Type: args[i].Type}
	}
	b, err := bind(t, name, info...)
	if err != nil {
		return catalog.Value{}, err
	}
	vecs := make([]*vec.Vector, len(args))
	for i, a := range args {
		vecs[i] = &vec.Vector{}
		vecs[i].SetConst(convertTo(a, b.Args[i]), 1)
	}
	var out vec.Vector
	out.Reset(b.Type, 1)
	err = b.Eval(ec, vecs, 1, &out)
	return out.At(0), err
}

// convertTo makes the casts that the binder would.
func convertTo(v catalog.Value, to catalog.Type) catalog.Value {
	from := v.Type.Kind
	switch {
	case to.Kind == catalog.KindDouble && from.Physical() != catalog.PhysFloat64:
		v.F64 = float64(v.I64)
	case to.Kind == catalog.KindBigDecimal && from != catalog.KindBigDecimal && from != catalog.KindDouble:
		v.Str = big.NewInt(v.I64).String()
	case to.Kind == catalog.KindBigDecimal && from == catalog.KindDouble:
		v.Str = new(big.Float).SetFloat64(v.F64).Text('f', -1)
	}
	v.Type = to
	return v
}

func of(t catalog.Type, x int64) catalog.Value { return catalog.Value{Type: t, I64: x} }
func dec(s string) catalog.Value               { return catalog.Value{Type: catalog.BigDecimal, Str: s} }
func dbl(x float64) catalog.Value              { return catalog.DoubleValue(x) }
func long(x int64) catalog.Value               { return catalog.LongValue(x) }
func small(x int64) catalog.Value              { return catalog.IntValue(x) }

func TestOperators(t *testing.T) {
	stamp, tz, interval, duration := of(catalog.Timestamp, 5000), of(catalog.TimestampTZ, 7000), of(catalog.Interval, 1000), of(catalog.Duration, 2000)
	for _, c := range []struct {
		name string
		args []catalog.Value
		want string
		typ  catalog.Type
	}{
		{"plus", []catalog.Value{small(gomath.MaxInt32), small(1)}, "2147483648", catalog.Long},
		{"plus", []catalog.Value{small(1), dbl(0.5)}, "1.5", catalog.Double},
		{"plus", []catalog.Value{dec("0.1"), dec("0.2")}, "0.3", catalog.BigDecimal},
		{"plus", []catalog.Value{dec("0.1"), small(2)}, "2.1", catalog.BigDecimal},
		{"times", []catalog.Value{dec("99999999999999999999"), dec("0.5")}, "49999999999999999999.5", catalog.BigDecimal},
		{"divide", []catalog.Value{small(1), small(2)}, "0.5", catalog.Double},
		{"divide", []catalog.Value{dec("1"), dec("8")}, "0.125", catalog.BigDecimal},
		{"mod", []catalog.Value{small(-7), small(3)}, "-1", catalog.Long},
		{"mod", []catalog.Value{dbl(7.5), small(2)}, "1.5", catalog.Double},
		{"mod", []catalog.Value{dec("7.5"), dec("2")}, "1.5", catalog.BigDecimal},
		{"mod", []catalog.Value{long(gomath.MinInt64), long(-1)}, "0", catalog.Long},
		{"minus", []catalog.Value{tz, stamp}, "2000", catalog.Duration},
		{"minus", []catalog.Value{stamp, interval}, "4000", catalog.Timestamp},
		{"minus", []catalog.Value{tz, interval}, "6000", catalog.TimestampTZ},
		{"plus", []catalog.Value{interval, stamp}, "6000", catalog.Timestamp},
		{"plus", []catalog.Value{stamp, long(1)}, "5001", catalog.Long},
		{"plus", []catalog.Value{interval, interval}, "2000", catalog.Interval},
		{"times", []catalog.Value{interval, dbl(1.5)}, "1500", catalog.Interval},
		{"times", []catalog.Value{small(3), interval}, "3000", catalog.Interval},
		{"divide", []catalog.Value{interval, small(4)}, "250", catalog.Interval},
		{"divide", []catalog.Value{duration, small(1000)}, "2", catalog.Double},
		{"plus", []catalog.Value{duration, duration}, "4000", catalog.Long},
		{"negate", []catalog.Value{small(5)}, "-5", catalog.Int},
		{"negate", []catalog.Value{dec("1.5")}, "-1.5", catalog.BigDecimal},
		{"negate", []catalog.Value{interval}, "-1000", catalog.Interval},
		{"abs", []catalog.Value{dbl(-1.5)}, "1.5", catalog.Double},
		{"abs", []catalog.Value{dec("-1.5")}, "1.5", catalog.BigDecimal},
		{"ceil", []catalog.Value{dec("1.2")}, "2", catalog.BigDecimal},
		{"floor", []catalog.Value{dec("-1.2")}, "-2", catalog.BigDecimal},
		{"floor", []catalog.Value{long(7)}, "7", catalog.Long},
		{"sign", []catalog.Value{dec("-3")}, "-1", catalog.BigDecimal},
		{"round", []catalog.Value{dbl(2.5)}, "3", catalog.Double},
		{"round", []catalog.Value{dbl(-2.5)}, "-3", catalog.Double},
		{"round", []catalog.Value{dbl(2.675), small(2)}, "2.68", catalog.Double},
		{"round", []catalog.Value{dbl(1.005), small(2)}, "1.01", catalog.Double},
		{"round", []catalog.Value{dbl(1234.5), small(-2)}, "1200", catalog.Double},
		{"round", []catalog.Value{dec("2.345"), small(2)}, "2.35", catalog.BigDecimal},
		{"round", []catalog.Value{dec("1250"), small(-2)}, "1300", catalog.BigDecimal},
		{"round", []catalog.Value{long(1250), small(-2)}, "1300", catalog.Long},
		{"round", []catalog.Value{long(-1250), small(-2)}, "-1300", catalog.Long},
		{"round", []catalog.Value{long(7), small(2)}, "7", catalog.Long},
		{"truncate", []catalog.Value{dbl(2.999), small(1)}, "2.9", catalog.Double},
		{"truncate", []catalog.Value{dbl(0.3), small(1)}, "0.3", catalog.Double},
		{"intDiv", []catalog.Value{long(-7), long(2)}, "-3", catalog.Long},
		{"intDivOrZero", []catalog.Value{long(-7), long(0)}, "0", catalog.Long},
		{"positiveModulo", []catalog.Value{long(-7), long(-3)}, "2", catalog.Long},
		{"gcd", []catalog.Value{long(-12), long(18)}, "6", catalog.Long},
		{"greatest", []catalog.Value{long(1), catalog.NullValue(catalog.Long), long(3)}, "3", catalog.Long},
		{"least", []catalog.Value{dec("2"), dec("10")}, "2", catalog.BigDecimal},
		{"greatest", []catalog.Value{small(1), dbl(1.5)}, "1.5", catalog.Double},
		{"greatest", []catalog.Value{catalog.StringValue("b"), catalog.StringValue("a")}, "'b'", catalog.String},
		{"least", []catalog.Value{catalog.NullValue(catalog.Long), catalog.NullValue(catalog.Long)}, "NULL", catalog.Long},
		{"power", []catalog.Value{small(2), dbl(0.5)}, "1.4142135623730951", catalog.Double},
	} {
		got, err := call(t, &function.EvalContext{}, c.name, c.args...)
		if err != nil || got.String() != c.want || got.Type != c.typ {
			t.Errorf("%s%v is %v %v %v, want %v %v", c.name, c.args, got, got.Type, err, c.want, c.typ)
		}
	}
}

func TestErrors(t *testing.T) {
	most, least := long(gomath.MaxInt64), long(gomath.MinInt64)
	for _, c := range []struct {
		name string
		args []catalog.Value
		code string
	}{
		{"plus", []catalog.Value{most, long(1)}, errs.NumericOutOfRange},
		{"minus", []catalog.Value{least, long(1)}, errs.NumericOutOfRange},
		{"times", []catalog.Value{most, long(2)}, errs.NumericOutOfRange},
		{"times", []catalog.Value{least, long(-1)}, errs.NumericOutOfRange},
		{"negate", []catalog.Value{least}, errs.NumericOutOfRange},
		{"negate", []catalog.Value{small(gomath.MinInt32)}, errs.NumericOutOfRange},
		{"abs", []catalog.Value{least}, errs.NumericOutOfRange},
		{"intDiv", []catalog.Value{least, long(-1)}, errs.NumericOutOfRange},
		{"divide", []catalog.Value{small(1), small(0)}, errs.DivisionByZero},
		{"divide", []catalog.Value{dec("1"), dec("0")}, errs.DivisionByZero},
		{"mod", []catalog.Value{small(1), small(0)}, errs.DivisionByZero},
		{"mod", []catalog.Value{dbl(1), dbl(0)}, errs.DivisionByZero},
		{"mod", []catalog.Value{dec("1"), dec("0")}, errs.DivisionByZero},
		{"sqrt", []catalog.Value{dbl(-1)}, "2201F"},
		{"ln", []catalog.Value{dbl(0)}, "2201E"},
		{"plus", []catalog.Value{of(catalog.Timestamp, 1), of(catalog.Timestamp, 1)}, errs.UndefinedFunction},
		{"times", []catalog.Value{of(catalog.Interval, 1), of(catalog.Interval, 1)}, errs.UndefinedFunction},
		{"plus", []catalog.Value{{Type: catalog.Bytes}, long(1)}, errs.UndefinedFunction},
		{"plus", []catalog.Value{long(1)}, errs.UndefinedFunction},
		{"greatest", []catalog.Value{{Type: catalog.Bytes}, long(1)}, errs.UndefinedFunction},
		{"times", []catalog.Value{of(catalog.Interval, 1), dbl(1e30)}, errs.NumericOutOfRange},
		{"round", []catalog.Value{dec("1"), long(1 << 40)}, errs.InvalidParameterValue},
	} {
		got, err := call(t, &function.EvalContext{}, c.name, c.args...)
		if err == nil || errs.As(err).Code != c.code {
			t.Errorf("%s%v is %v %v, want %s", c.name, c.args, got, err, c.code)
		}
	}
}

func TestIEEEDivision(t *testing.T) {
	ec := &function.EvalContext{IEEEDivision: true}
	for _, c := range []struct {
		a, b, want float64
	}{{1, 0, gomath.Inf(1)}, {-1, 0, gomath.Inf(-1)}, {0, 0, gomath.NaN()}} {
		got, err := call(t, ec, "divide", dbl(c.a), dbl(c.b))
		if err != nil || (got.F64 != c.want && !(gomath.IsNaN(got.F64) && gomath.IsNaN(c.want))) {
			t.Errorf("%v/%v is %v %v, want %v", c.a, c.b, got, err, c.want)
		}
	}
}

// TestLongsAgainstBig compares the integer kernels with big integers: the right number or an error.
func TestLongsAgainstBig(t *testing.T) {
	ops := map[string]func(z, x, y *big.Int) *big.Int{"plus": (*big.Int).Add, "minus": (*big.Int).Sub, "times": (*big.Int).Mul}
	rapid.Check(t, func(t *rapid.T) {
		edge := rapid.SampledFrom([]int64{0, 1, -1, gomath.MaxInt64, gomath.MinInt64, 1 << 31, 1 << 32, -1 << 31, 3037000500})
		value := rapid.OneOf(edge, rapid.Int64())
		x, y := value.Draw(t, "x"), value.Draw(t, "y")
		for name, op := range ops {
			want := op(new(big.Int), big.NewInt(x), big.NewInt(y))
			got, err := call(t, &function.EvalContext{}, name, long(x), long(y))
			if want.IsInt64() != (err == nil) || (err == nil && got.I64 != want.Int64()) {
				t.Fatalf("%s(%d, %d) is %v %v, want %v", name, x, y, got, err, want)
			}
		}
	})
}

// TestOverflowOfNullRows: the value under a NULL is undefined and fails nothing; a row that fails is named.
func TestOverflowOfNullRows(t *testing.T) {
	a, out := &vec.Vector{}, &vec.Vector{}
	a.Reset(catalog.Long, 3)
	copy(a.I64, []int64{1, gomath.MaxInt64, 3})
	out.Reset(catalog.Long, 3)
	out.SetNull(1)
	eval := longEval(addLongs)
	if err := eval(&function.EvalContext{}, []*vec.Vector{a, a}, 3, out); err != nil || out.I64[0] != 2 || out.I64[2] != 6 {
		t.Errorf("%v %v", out.I64, err)
	}
	out.Reset(catalog.Long, 3)
	var failed []int
	ec := &function.EvalContext{OnRowError: func(row int, _ error) { failed = append(failed, row) }}
	if err := eval(ec, []*vec.Vector{a, a}, 3, out); err != nil || !cmp.Equal(failed, []int{1}) || !out.IsNull(1) {
		t.Errorf("%v %v", failed, err)
	}
}

func TestFallible(t *testing.T) {
	zero, two := dbl(0), dbl(2)
	for _, c := range []struct {
		name string
		args []function.Arg
		want bool
	}{
		{"plus", []function.Arg{{Type: catalog.Int}, {Type: catalog.Int}}, false},
		{"plus", []function.Arg{{Type: catalog.Long}, {Type: catalog.Int}}, true},
		{"plus", []function.Arg{{Type: catalog.Double}, {Type: catalog.Double}}, false},
		{"divide", []function.Arg{{Type: catalog.Double}, {Type: catalog.Double}}, true},
		{"divide", []function.Arg{{Type: catalog.Double}, {Type: catalog.Double, Const: &two}}, false},
		{"divide", []function.Arg{{Type: catalog.Double}, {Type: catalog.Double, Const: &zero}}, true},
	} {
		b, err := bind(t, c.name, c.args...)
		if err != nil || b.Fallible != c.want {
			t.Errorf("%s%v: fallible %v %v", c.name, c.args, b.Fallible, err)
		}
	}
}
