package math

import (
	gomath "math"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
)

// fill gives one value for every row.
func fill(x float64) function.Eval {
	return func(_ *function.EvalContext, _ []*vec.Vector, n int, out *vec.Vector) error {
		for i := range n {
			out.F64[i] = x
		}
		return nil
	}
}

// decimal1 lifts a function of one decimal.
func decimal1(f func(r, x *apd.Decimal) error) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		a := function.View[string](args[0])
		var x, r apd.Decimal
		return function.TryRows(ec, n, out, func(i int) (string, error) {
			if err := convert.ParseDecimal(&x, a.At(i)); err != nil {
				return "", err
			}
			if err := f(&r, &x); err != nil {
				return "", err
			}
			return formatChecked(&r)
		})
	}
}

func overload1(t catalog.Type, fallible bool, eval function.Eval) function.Overload {
	return function.Overload{Args: []catalog.Type{t}, Type: t, Fallible: fallible, Eval: eval}
}

// sameType lists the overloads of a numeric function of one argument that keeps its type.
func sameType(ints func(int64) (int64, error), floats func(float64) float64, decimals func(r, x *apd.Decimal) error) []function.Overload {
	narrow := func(x int32) (int32, error) {
		y, err := ints(int64(x))
		if err == nil {
			y, err = convert.IntOfLong(y)
		}
		return int32(y), err
	}
	return []function.Overload{
		overload1(catalog.Int, true, function.Try1(narrow)),
		overload1(catalog.Long, true, function.Try1(ints)),
		overload1(catalog.Duration, true, function.Try1(ints)),
		overload1(catalog.Interval, true, function.Try1(ints)),
		overload1(catalog.Float, false, function.Map1(func(x float32) float32 { return float32(floats(float64(x))) })),
		overload1(catalog.Double, false, function.Map1(floats)),
		overload1(catalog.BigDecimal, true, decimal1(decimals)),
	}
}

func negateLong(x int64) (int64, error) {
	if x == gomath.MinInt64 {
		return 0, errOverflow()
	}
	return -x, nil
}

func absLong(x int64) (int64, error) {
	if x < 0 {
		return negateLong(x)
	}
	return x, nil
}

func identity(x int64) (int64, error) { return x, nil }

func bindNegate(args []function.Arg) (function.Bound, error) {
	return function.Overloads("negate", sameType(negateLong, func(x float64) float64 { return -x },
		func(r, x *apd.Decimal) error { r.Neg(x); return nil })...)(args)
}

// decimalToward rounds to an integer with one of apd's modes.
func decimalToward(mode apd.Rounder) func(r, x *apd.Decimal) error {
	return func(r, x *apd.Decimal) error { return rescale(r, x, 0, mode) }
}

// rescale rounds to places digits behind the point, or before it where places is negative.
func rescale(r, x *apd.Decimal, places int32, mode apd.Rounder) error {
	if x.Exponent >= -places {
		r.Set(x)
		return nil
	}
	ctx := apd.BaseContext.WithPrecision(2 * convert.MaxDecimalDigits)
	ctx.Rounding = mode
	return decimalCondition(ctx.Quantize(r, x, -places))
}

// roundHalfAway rounds to the nearest integer, halves away from zero.
func roundHalfAway(x float64) float64 { return gomath.Round(x) }

func rounding() []function.Scalar {
	return []function.Scalar{
		{Name: "abs", Family: family, Signature: "abs(x)", Doc: "Absolute value, of the argument's type.", Example: "abs(-5) = 5",
			Bind: function.Overloads("abs", sameType(absLong, gomath.Abs, func(r, x *apd.Decimal) error { r.Abs(x); return nil })...)},
		{Name: "ceil", Aliases: []string{"ceiling"}, Family: family, Signature: "ceil(x)", Doc: "Least whole number that is not below x, of the argument's type.",
			Example: "ceil(1.2) = 2", Bind: function.Overloads("ceil", sameType(identity, gomath.Ceil, decimalToward(apd.RoundCeiling))...)},
		{Name: "floor", Family: family, Signature: "floor(x)", Doc: "Greatest whole number that is not above x, of the argument's type.", Example: "floor(1.8) = 1",
			Bind: function.Overloads("floor", sameType(identity, gomath.Floor, decimalToward(apd.RoundFloor))...)},
		{Name: "sign", Family: family, Signature: "sign(x)", Doc: "-1, 0 or 1, of the argument's type.", Example: "sign(-3) = -1",
			Bind: function.Overloads("sign", sameType(signLong, signDouble, func(r, x *apd.Decimal) error { r.SetInt64(int64(x.Sign())); return nil })...)},
		{Name: "round", Aliases: []string{"roundDecimal"}, Family: family, Signature: "round(x[, digits])", Example: "round(2.345, 2) = 2.35",
			Doc:  "x rounded to digits behind the point (0 unless stated; negative: before it), halves away from zero.",
			Bind: bindDigits("round", roundHalfAway, apd.RoundHalfUp)},
		{Name: "truncate", Aliases: []string{"trunc"}, Family: family, Signature: "truncate(x[, digits])", Example: "truncate(2.349, 2) = 2.34",
			Doc: "x without the digits behind the given one, toward zero.", Bind: bindDigits("truncate", gomath.Trunc, apd.RoundDown)},
		{Name: "toDecimal", Family: family, Signature: "toDecimal(x, precision, scale) or x::numeric(precision, scale)", Example: "toDecimal(1.005, 10, 2) = 1.01",
			Doc: "x as BIG_DECIMAL, rounded to scale digits behind the point; error 22003 where it then has more than precision digits.",
			Bind: function.Overloads("toDecimal", function.Overload{Args: []catalog.Type{catalog.BigDecimal, catalog.Long, catalog.Long}, Type: catalog.BigDecimal,
				Fallible: true, Eval: function.Try3(toDecimal)})},
	}
}

func signLong(x int64) (int64, error) {
	switch {
	case x > 0:
		return 1, nil
	case x < 0:
		return -1, nil
	}
	return 0, nil
}

func signDouble(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x
}

// bindDigits is round and truncate, of one or two arguments.
func bindDigits(name string, whole func(float64) float64, mode apd.Rounder) func([]function.Arg) (function.Bound, error) {
	list := sameType(identity, whole, decimalToward(mode))
	long := func(x, digits int64) (int64, error) { return digitsOfLong(x, digits, mode) }
	list = append(list,
		function.Overload{Args: []catalog.Type{catalog.Long, catalog.Long}, Type: catalog.Long, Fallible: true, Eval: function.Try2(long)},
		function.Overload{Args: []catalog.Type{catalog.Double, catalog.Long}, Type: catalog.Double,
			Eval: function.Map2(func(x float64, digits int64) float64 { return digitsOfDouble(x, digits, whole) })},
		function.Overload{Args: []catalog.Type{catalog.BigDecimal, catalog.Long}, Type: catalog.BigDecimal, Fallible: true,
			Eval: function.Try2(func(s string, digits int64) (string, error) { return digitsOfDecimal(s, digits, mode) })})
	return function.Overloads(name, list...)
}

// digitsOfLong rounds a whole number to a power of ten.
func digitsOfLong(x, digits int64, mode apd.Rounder) (int64, error) {
	if digits >= 0 {
		return x, nil
	}
	s, err := digitsOfDecimal(apd.New(x, 0).Text('f'), max(digits, -20), mode)
	if err != nil {
		return 0, err
	}
	return convert.LongOfDecimal(s)
}

// digitsOfDouble rounds by the decimal text where scaling is not exact, so that round(2.675, 2) is 2.68 as written.
func digitsOfDouble(x float64, digits int64, whole func(float64) float64) float64 {
	switch {
	case gomath.IsNaN(x) || gomath.IsInf(x, 0) || digits > 300:
		return x
	case digits < -308:
		return 0
	}
	scale := gomath.Pow(10, gomath.Abs(float64(digits)))
	if digits < 0 {
		return whole(x/scale) * scale
	}
	if gomath.Abs(x) >= 1<<52 || gomath.IsInf(x*scale, 0) {
		return x
	}
	scaled := x * scale
	// What is within a few roundings of a half or a whole number was meant as one.
	if near := gomath.Round(scaled*2) / 2; gomath.Abs(scaled-near) <= 4*2.220446049250313e-16*gomath.Abs(scaled) {
		scaled = near
	}
	return whole(scaled) / scale
}

func digitsOfDecimal(s string, digits int64, mode apd.Rounder) (string, error) {
	if digits > convert.MaxDecimalDigits || digits < -convert.MaxDecimalDigits {
		return "", errs.User(errs.InvalidParameterValue, "%d digits; at most %d", digits, convert.MaxDecimalDigits)
	}
	var x, r apd.Decimal
	if err := convert.ParseDecimal(&x, s); err != nil {
		return "", err
	}
	if err := rescale(&r, &x, int32(digits), mode); err != nil {
		return "", err
	}
	return formatChecked(&r)
}

// toDecimal is what PostgreSQL's numeric(precision, scale) does to a value.
func toDecimal(s string, precision, scale int64) (string, error) {
	if precision < 1 || precision > 1000 {
		return "", errs.User(errs.InvalidParameterValue, "NUMERIC precision %d must be between 1 and 1000", precision)
	}
	rounded, err := digitsOfDecimal(s, scale, apd.RoundHalfUp)
	if err != nil {
		return "", err
	}
	var x apd.Decimal
	if err := convert.ParseDecimal(&x, rounded); err != nil {
		return "", err
	}
	if !x.IsZero() && x.NumDigits()+int64(x.Exponent) > precision-scale {
		return "", errs.User(errs.NumericOutOfRange, "numeric field overflow").
			WithDetail("A field with precision %d, scale %d must round to an absolute value less than 10^%d.", precision, scale, precision-scale)
	}
	return rounded, nil
}

// extremes are greatest and least: of the arguments that are not NULL, as in PostgreSQL.
func extremes() []function.Scalar {
	return []function.Scalar{
		{Name: "greatest", Family: family, Signature: "greatest(a, b, ...)", Example: "greatest(1, 3, 2) = 3",
			Doc: "Greatest of the arguments that are not NULL: numbers, times or texts.", Bind: bindPick("greatest", 1)},
		{Name: "least", Family: family, Signature: "least(a, b, ...)", Example: "least(3, 1, 2) = 1",
			Doc: "Least of the arguments that are not NULL.", Bind: bindPick("least", -1)},
	}
}

func bindPick(name string, sign int) func([]function.Arg) (function.Bound, error) {
	return func(args []function.Arg) (function.Bound, error) {
		t, ok := function.CommonType(args)
		if !ok || t == catalog.Boolean {
			return function.Bound{}, function.NoMatch(name, args)
		}
		b := function.Bound{Name: name, Type: t}
		for range args {
			b.Args = append(b.Args, t)
		}
		switch t.Kind.Physical() {
		case catalog.PhysInt32:
			b.Eval = pick(func(x, y int32) bool { return (x > y) == (sign > 0) })
		case catalog.PhysInt64:
			b.Eval = pick(func(x, y int64) bool { return (x > y) == (sign > 0) })
		case catalog.PhysFloat32:
			b.Eval = pick(func(x, y float32) bool { return (x > y) == (sign > 0) })
		case catalog.PhysFloat64:
			b.Eval = pick(func(x, y float64) bool { return (x > y) == (sign > 0) })
		default:
			if t == catalog.BigDecimal {
				b.Eval = pick(func(x, y string) bool { return compareDecimals(x, y) == sign })
			} else {
				b.Eval = pick(func(x, y string) bool { return strings.Compare(x, y) == sign })
			}
		}
		return b, nil
	}
}

func compareDecimals(x, y string) int {
	var a, b apd.Decimal
	if convert.ParseDecimal(&a, x) != nil || convert.ParseDecimal(&b, y) != nil {
		return 0 // canonical texts parse
	}
	return a.Cmp(&b)
}

// pick keeps the argument that is better than those before it.
func pick[T function.Value](better func(x, y T) bool) function.Eval {
	return func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		views := make([]function.Slice[T], len(args))
		for i, a := range args {
			views[i] = function.View[T](a)
		}
		best := make([]T, n)
		for i := range n {
			found := false
			for a, v := range views {
				if args[a].IsNull(i) {
					continue
				}
				if x := v.At(i); !found || better(x, best[i]) {
					best[i], found = x, true
				}
			}
			if !found {
				out.SetNull(i)
			}
		}
		function.Store(out, best)
		return nil
	}
}
