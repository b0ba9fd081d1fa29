package bindtest

import (
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// Registry is a registry of the functions that tests of binding use. Few can be evaluated: arithmetic of integers and
// doubles, concat and upper.
func Registry() (*function.Registry, error) {
	scalars := []function.Scalar{
		arithmetic("plus", func(a, b float64) float64 { return a + b }), arithmetic("minus", func(a, b float64) float64 { return a - b }),
		arithmetic("times", func(a, b float64) float64 { return a * b }),
		{Name: "divide", Bind: bindDivide}, {Name: "intDiv", Bind: fixed("intDiv", catalog.Long, catalog.Long, catalog.Long)},
		{Name: "mod", Bind: arithmetic("mod", nil).Bind}, {Name: "negate", Bind: bindNegate},
		text("concat", func(s []string) string { return strings.Join(s, "") }, 2), text("upper", func(s []string) string { return strings.ToUpper(s[0]) }, 1),
		{Name: "now", Volatility: function.Stable, Bind: clock("now", 0, catalog.TimestampTZ)},
		{Name: "ago", Volatility: function.Stable, Bind: clock("ago", 60_000, catalog.Timestamp, catalog.String)},
		{Name: "rand", Volatility: function.Volatile, Bind: fixed("rand", catalog.Double)},
		{Name: "dateTrunc", Aliases: []string{"date_trunc2"}, Bind: bindTrunc},
		{Name: "toDateTime", Bind: fixed("toDateTime", catalog.String, catalog.Timestamp, catalog.String)},
		{Name: "toTimestamp", Bind: fixed("toTimestamp", catalog.Timestamp, catalog.Long)},
		{Name: "extract", Bind: fixed("extract", catalog.Double, catalog.String, catalog.Timestamp)},
		{Name: "timezone", Bind: fixed("timezone", catalog.Timestamp, catalog.String, catalog.Timestamp)},
		{Name: "floor", Bind: fixed("floor", catalog.Double, catalog.Double)},
		{Name: "regexpLike", Bind: optional(fixed("regexpLike", catalog.Boolean, catalog.String, catalog.String), fixed("regexpLike", catalog.Boolean, catalog.String, catalog.String, catalog.String))},
		{Name: "substring", Bind: fixed("substring", catalog.String, catalog.String, catalog.Int, catalog.Int)},
	}
	aggregates := []function.Aggregate{
		{Name: "count", Bind: bindCount}, {Name: "sum", Bind: bindSum}, {Name: "min", Bind: bindSame("min")}, {Name: "max", Bind: bindSame("max")},
		{Name: "avg", Bind: fixedAgg("avg", catalog.Double, catalog.Double)},
		{Name: "distinctCount", Bind: bindDistinctCount}, {Name: "percentile", Bind: bindPercentile},
		{Name: "arrayAgg", Bind: bindSame("arrayagg"), BindOrdered: bindArrayAgg},
	}
	return function.NewRegistry(scalars, aggregates)
}

// fits reports whether an argument can be cast to a parameter type.
func fits(from, to catalog.Type) bool {
	if from == to || from == catalog.Null {
		return true
	}
	if from.MultiValue || to.MultiValue {
		return false
	}
	f, t := from.Kind, to.Kind
	return f.IsNumeric() && t.IsNumeric() || f.IsTime() && t.IsTime() || f == catalog.KindLong && t.IsTime() || f.IsText() && t.IsText()
}

// fixed binds a function with one signature.
func fixed(name string, result catalog.Type, params ...catalog.Type) func([]function.Arg) (function.Bound, error) {
	return func(args []function.Arg) (function.Bound, error) {
		if len(args) != len(params) {
			return function.Bound{}, function.NoMatch(name, args)
		}
		for i, a := range args {
			if !fits(a.Type, params[i]) {
				return function.Bound{}, function.NoMatch(name, args)
			}
		}
		return function.Bound{Name: name, Type: result, Args: params, Strict: true}, nil
	}
}

// clock is a function of the statement's time: ms milliseconds before it, whatever its arguments say.
func clock(name string, ms int64, result catalog.Type, params ...catalog.Type) func([]function.Arg) (function.Bound, error) {
	return func(args []function.Arg) (function.Bound, error) {
		b, err := fixed(name, result, params...)(args)
		b.Eval = func(ec *function.EvalContext, _ []*vec.Vector, n int, out *vec.Vector) error {
			for i := range n {
				out.I64[i] = ec.NowMillis - ms
			}
			return nil
		}
		return b, err
	}
}

// optional tries signatures in order.
func optional(binds ...func([]function.Arg) (function.Bound, error)) func([]function.Arg) (function.Bound, error) {
	return func(args []function.Arg) (b function.Bound, err error) {
		for _, bind := range binds {
			if b, err = bind(args); err == nil {
				return b, nil
			}
		}
		return b, err
	}
}

// arithmetic follows the dialect: integers give LONG, times move by milliseconds and intervals.
func arithmetic(name string, f func(a, b float64) float64) function.Scalar {
	return function.Scalar{Name: name, Bind: func(args []function.Arg) (function.Bound, error) {
		if len(args) != 2 {
			return function.Bound{}, function.NoMatch(name, args)
		}
		a, b := args[0].Type, args[1].Type
		bound := function.Bound{Name: name, Strict: true, Fallible: true}
		switch {
		case a.Kind.IsTime() && b.Kind.IsTime():
			bound.Type, bound.Args = catalog.Duration, []catalog.Type{catalog.Timestamp, catalog.Timestamp}
		case a.Kind.IsTime() && (b.Kind == catalog.KindInterval || b.Kind.IsInteger()):
			bound.Type, bound.Args = a, []catalog.Type{a, b}
		case a.Kind.IsInteger() && b.Kind.IsInteger():
			bound.Type, bound.Args = catalog.Long, []catalog.Type{catalog.Long, catalog.Long}
		case a.Kind == catalog.KindBigDecimal || b.Kind == catalog.KindBigDecimal:
			bound.Type, bound.Args = catalog.BigDecimal, []catalog.Type{catalog.BigDecimal, catalog.BigDecimal}
		case a.Kind.IsNumeric() && b.Kind.IsNumeric():
			bound.Type, bound.Args = catalog.Double, []catalog.Type{catalog.Double, catalog.Double}
		default:
			return function.Bound{}, function.NoMatch(name, args)
		}
		if f != nil && bound.Type != catalog.BigDecimal {
			bound.Eval = evalNumbers(f)
		}
		return bound, nil
	}}
}

func evalNumbers(f func(a, b float64) float64) function.Eval {
	return func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		for i := range n {
			if out.IsNull(i) {
				continue
			}
			if out.Type.Kind == catalog.KindDouble {
				out.F64[i] = f(args[0].Float64At(i), args[1].Float64At(i))
			} else {
				out.I64[i] = int64(f(float64(args[0].Int64At(i)), float64(args[1].Int64At(i))))
			}
		}
		return nil
	}
}

func bindDivide(args []function.Arg) (function.Bound, error) {
	b, err := fixed("divide", catalog.Double, catalog.Double, catalog.Double)(args)
	b.Fallible = true
	b.Eval = func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		for i := range n {
			if out.IsNull(i) {
				continue
			}
			if args[1].Float64At(i) == 0 && !ec.IEEEDivision {
				if err := ec.Fail(out, i, errs.User(errs.DivisionByZero, "division by zero")); err != nil {
					return err
				}
				continue
			}
			out.F64[i] = args[0].Float64At(i) / args[1].Float64At(i)
		}
		return nil
	}
	return b, err
}

func bindNegate(args []function.Arg) (function.Bound, error) {
	if len(args) != 1 || !args[0].Type.Kind.IsNumeric() {
		return function.Bound{}, function.NoMatch("negate", args)
	}
	return function.Bound{Name: "negate", Type: args[0].Type, Args: []catalog.Type{args[0].Type}, Strict: true}, nil
}

func bindTrunc(args []function.Arg) (function.Bound, error) {
	if len(args) != 2 || args[0].Type != catalog.String || !args[1].Type.Kind.IsTime() && args[1].Type.Kind != catalog.KindLong {
		return function.Bound{}, function.NoMatch("dateTrunc", args)
	}
	t := args[1].Type
	return function.Bound{Name: "dateTrunc", Type: t, Args: []catalog.Type{catalog.String, t}, Strict: true}, nil
}

// text is a function over strings.
func text(name string, f func([]string) string, arity int) function.Scalar {
	params := make([]catalog.Type, arity)
	for i := range params {
		params[i] = catalog.String
	}
	return function.Scalar{Name: name, Bind: func(args []function.Arg) (function.Bound, error) {
		b, err := fixed(name, catalog.String, params...)(args)
		b.Eval = func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
			for i := range n {
				var values []string
				for _, a := range args {
					values = append(values, a.StrAt(i))
				}
				out.Str[i] = f(values)
			}
			return nil
		}
		return b, err
	}}
}

func bindCount(args []function.Arg, distinct, star bool) (function.BoundAggregate, error) {
	switch {
	case star || len(args) == 0 && !distinct:
		return function.BoundAggregate{Name: "count", Type: catalog.Long}, nil
	case len(args) != 1:
		return function.BoundAggregate{}, function.NoMatch("count", args)
	case distinct:
		return function.BoundAggregate{Name: "distinctCount", Type: catalog.Long, Args: []catalog.Type{args[0].Type}}, nil
	}
	return function.BoundAggregate{Name: "count", Type: catalog.Long, Args: []catalog.Type{args[0].Type}}, nil
}

func bindSum(args []function.Arg, _, _ bool) (function.BoundAggregate, error) {
	if len(args) != 1 || !args[0].Type.Kind.IsNumeric() {
		return function.BoundAggregate{}, function.NoMatch("sum", args)
	}
	t := catalog.Double
	if args[0].Type.Kind.IsInteger() {
		t = catalog.Long
	}
	return function.BoundAggregate{Name: "sum", Type: t, Args: []catalog.Type{t}}, nil
}

func bindSame(name string) func([]function.Arg, bool, bool) (function.BoundAggregate, error) {
	return func(args []function.Arg, _, _ bool) (function.BoundAggregate, error) {
		if len(args) != 1 {
			return function.BoundAggregate{}, function.NoMatch(name, args)
		}
		return function.BoundAggregate{Name: name, Type: args[0].Type, Args: []catalog.Type{args[0].Type}}, nil
	}
}

func bindArrayAgg(args []function.Arg, _ bool, keys []function.OrderKey) (function.BoundAggregate, error) {
	b, err := bindSame("arrayagg")(args, false, false)
	for _, k := range keys {
		b.Args = append(b.Args, k.Type)
	}
	return b, err
}

func fixedAgg(name string, result catalog.Type, param catalog.Type) func([]function.Arg, bool, bool) (function.BoundAggregate, error) {
	return func(args []function.Arg, _, _ bool) (function.BoundAggregate, error) {
		if len(args) != 1 || !fits(args[0].Type, param) {
			return function.BoundAggregate{}, function.NoMatch(name, args)
		}
		return function.BoundAggregate{Name: name, Type: result, Args: []catalog.Type{param}}, nil
	}
}

func bindDistinctCount(args []function.Arg, _, _ bool) (function.BoundAggregate, error) {
	if len(args) != 1 {
		return function.BoundAggregate{}, function.NoMatch("distinctCount", args)
	}
	return function.BoundAggregate{Name: "distinctCount", Type: catalog.Long, Args: []catalog.Type{args[0].Type}}, nil
}

func bindPercentile(args []function.Arg, _, _ bool) (function.BoundAggregate, error) {
	if len(args) != 2 || !fits(args[0].Type, catalog.Double) {
		return function.BoundAggregate{}, function.NoMatch("percentile", args)
	}
	if args[1].Const == nil {
		return function.BoundAggregate{}, errs.User(errs.InvalidParameterValue, "the rank of percentile must be a constant")
	}
	return function.BoundAggregate{Name: "percentile", Type: catalog.Double, Args: []catalog.Type{catalog.Double}}, nil
}
