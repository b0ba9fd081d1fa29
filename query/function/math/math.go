package math

import (
	gomath "math"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function"
)

// Scalars lists the functions of the family.
func Scalars() []function.Scalar {
	list := operators()
	list = append(list, rounding()...)
	list = append(list, realFunctions()...)
	list = append(list, furtherReals()...)
	list = append(list, extremes()...)
	list = append(list, integers()...)
	return append(list, furtherIntegers()...)
}

func operators() []function.Scalar {
	return []function.Scalar{
		{Name: "plus", Aliases: []string{"add"}, Family: family, Signature: "plus(a, b)", Example: "plus(1, 2) = 3",
			Doc:  "Sum of two numbers; a time plus an INTERVAL is a time, a time plus a LONG is milliseconds.",
			Bind: bindPlus},
		{Name: "minus", Aliases: []string{"sub"}, Family: family, Signature: "minus(a, b)", Example: "minus(5, 2) = 3",
			Doc:  "Difference of two numbers. The difference of two times is LONG milliseconds, which compare with an INTERVAL.",
			Bind: bindMinus},
		{Name: "times", Aliases: []string{"mult"}, Family: family, Signature: "times(a, b)", Example: "times(6, 7) = 42",
			Doc: "Product of two numbers, or of an INTERVAL and a number.", Bind: bindTimes},
		{Name: "divide", Family: family, Signature: "divide(a, b[, default])", Example: "divide(1, 2) = 0.5",
			Doc: "Quotient as DOUBLE, also of integers. Division by zero gives the default; without one it is an error unless IEEE division is on.", Bind: bindDivide},
		{Name: "mod", Aliases: []string{"modulo"}, Family: family, Signature: "mod(a, b)", Example: "mod(7, 3) = 1",
			Doc: "Remainder, with the sign of the dividend.", Bind: bindMod},
		{Name: "negate", Family: family, Signature: "negate(x)", Example: "negate(5) = -5", Doc: "The number with the other sign, of the argument's type.", Bind: bindNegate},
	}
}

func integers() []function.Scalar {
	long2 := []catalog.Type{catalog.Long, catalog.Long}
	return []function.Scalar{
		{Name: "intDiv", Aliases: []string{"div"}, Family: family, Signature: "intDiv(a, b)", Example: "intDiv(7, 2) = 3",
			Doc:  "Quotient of two integers, truncated toward zero, as LONG.",
			Bind: function.Overloads("intDiv", function.Overload{Args: long2, Type: catalog.Long, Fallible: true, Eval: function.Try2(divLong)})},
		{Name: "intDivOrZero", Family: family, Signature: "intDivOrZero(a, b)", Example: "intDivOrZero(7, 0) = 0", Doc: "intDiv that gives 0 for a divisor of 0.",
			Bind: function.Overloads("intDivOrZero", function.Overload{Args: long2, Type: catalog.Long, Fallible: true, Eval: function.Try2(orZero(divLong))})},
		{Name: "moduloOrZero", Family: family, Signature: "moduloOrZero(a, b)", Example: "moduloOrZero(7, 0) = 0", Doc: "mod of integers that gives 0 for a divisor of 0.",
			Bind: function.Overloads("moduloOrZero", function.Overload{Args: long2, Type: catalog.Long, Fallible: true, Eval: function.Try2(orZero(modLong))})},
		{Name: "positiveModulo", Family: family, Signature: "positiveModulo(a, b)", Example: "positiveModulo(-7, 3) = 2", Doc: "Remainder that is never negative.",
			Bind: function.Overloads("positiveModulo", function.Overload{Args: long2, Type: catalog.Long, Fallible: true, Eval: function.Try2(positiveMod)})},
		{Name: "gcd", Family: family, Signature: "gcd(a, b)", Example: "gcd(12, 18) = 6", Doc: "Greatest common divisor.",
			Bind: function.Overloads("gcd", function.Overload{Args: long2, Type: catalog.Long, Fallible: true, Eval: function.Try2(gcd)})},
		{Name: "pi", Family: family, Signature: "pi()", Example: "round(pi(), 5) = 3.14159", Doc: "The number pi.", Bind: constant("pi", gomath.Pi)},
		{Name: "e", Family: family, Signature: "e()", Example: "round(e(), 5) = 2.71828", Doc: "Euler's number.", Bind: constant("e", gomath.E)},
	}
}

func orZero(f func(a, b int64) (int64, error)) func(a, b int64) (int64, error) {
	return func(a, b int64) (int64, error) {
		if b == 0 {
			return 0, nil
		}
		return f(a, b)
	}
}

func positiveMod(a, b int64) (int64, error) {
	r, err := modLong(a, b)
	if err == nil && r < 0 {
		if b < 0 {
			r -= b
		} else {
			r += b
		}
	}
	return r, err
}

func gcd(a, b int64) (int64, error) {
	for b != 0 {
		if b == -1 {
			return 1, nil // MinInt64 % -1 overflows in hardware
		}
		a, b = b, a%b
	}
	if a < 0 {
		a = -a
	}
	if a < 0 {
		return 0, errOverflow()
	}
	return a, nil
}

func constant(name string, x float64) func([]function.Arg) (function.Bound, error) {
	return function.Overloads(name, function.Overload{Type: catalog.Double, Eval: fill(x)})
}

// double1 is the overload of a function of one DOUBLE that cannot fail.
func double1(f func(float64) float64) function.Overload {
	return function.Overload{Args: []catalog.Type{catalog.Double}, Type: catalog.Double, Eval: function.Map1(f)}
}

// partial is the overload of a function that has no value where bad holds: error code.
func partial(code string, f func(float64) float64, bad func(float64) bool, message string) function.Overload {
	return function.Overload{Args: []catalog.Type{catalog.Double}, Type: catalog.Double, Fallible: true,
		Eval: function.Try1(func(x float64) (float64, error) {
			if bad(x) {
				return 0, errs.User(code, "%s: %g", message, x)
			}
			return f(x), nil
		})}
}

func negative(x float64) bool    { return x < 0 }
func notPositive(x float64) bool { return x <= 0 }

func realFunctions() []function.Scalar {
	const noLog = "cannot take logarithm of zero or a negative number"
	ln := partial("2201E", gomath.Log, notPositive, noLog)
	unary := func(name, doc, example string, o function.Overload, aliases ...string) function.Scalar {
		return function.Scalar{Name: name, Aliases: aliases, Family: family, Signature: name + "(x)", Doc: doc, Example: example, Bind: function.Overloads(name, o)}
	}
	double2 := func(f func(a, b float64) float64) function.Overload {
		return function.Overload{Args: []catalog.Type{catalog.Double, catalog.Double}, Type: catalog.Double, Eval: function.Map2(f)}
	}
	list := []function.Scalar{
		unary("sqrt", "Square root.", "sqrt(9) = 3", partial("2201F", gomath.Sqrt, negative, "cannot take square root of a negative number")),
		unary("cbrt", "Cube root.", "cbrt(27) = 3", double1(gomath.Cbrt)),
		unary("exp", "e raised to x.", "exp(0) = 1", double1(gomath.Exp)),
		unary("exp2", "2 raised to x.", "exp2(10) = 1024", double1(gomath.Exp2)),
		unary("exp10", "10 raised to x.", "exp10(2) = 100", double1(func(x float64) float64 { return gomath.Pow(10, x) })),
		unary("ln", "Natural logarithm.", "ln(1) = 0", ln),
		{Name: "log", Family: family, Signature: "log(x) or log(base, x)", Doc: "Natural logarithm, as in Pinot; with two arguments the logarithm of the second.", Example: "log(2, 64) = 6",
			Bind: bindLog(ln)},
		unary("log2", "Logarithm to base 2.", "log2(8) = 3", partial("2201E", gomath.Log2, notPositive, noLog)),
		unary("log10", "Logarithm to base 10.", "log10(1000) = 3", partial("2201E", gomath.Log10, notPositive, noLog)),
		unary("log1p", "Natural logarithm of 1 + x.", "log1p(0) = 0", double1(gomath.Log1p)),
		unary("sin", "Sine of radians.", "sin(0) = 0", double1(gomath.Sin)),
		unary("cos", "Cosine of radians.", "cos(0) = 1", double1(gomath.Cos)),
		unary("tan", "Tangent of radians.", "tan(0) = 0", double1(gomath.Tan)),
		unary("cot", "Cotangent of radians.", "round(cot(1), 4) = 0.6421", double1(func(x float64) float64 { return 1 / gomath.Tan(x) })),
		unary("asin", "Arc sine, in radians.", "asin(0) = 0", double1(gomath.Asin)),
		unary("acos", "Arc cosine, in radians.", "acos(1) = 0", double1(gomath.Acos)),
		unary("atan", "Arc tangent, in radians.", "atan(0) = 0", double1(gomath.Atan)),
		unary("sinh", "Hyperbolic sine.", "sinh(0) = 0", double1(gomath.Sinh)),
		unary("cosh", "Hyperbolic cosine.", "cosh(0) = 1", double1(gomath.Cosh)),
		unary("tanh", "Hyperbolic tangent.", "tanh(0) = 0", double1(gomath.Tanh)),
		unary("degrees", "Radians to degrees.", "degrees(0) = 0", double1(func(x float64) float64 { return x * (180 / gomath.Pi) })),
		unary("radians", "Degrees to radians.", "radians(0) = 0", double1(func(x float64) float64 { return x * (gomath.Pi / 180) })),
		{Name: "atan2", Family: family, Signature: "atan2(y, x)", Doc: "Arc tangent of y/x, in radians.", Example: "atan2(0, 1) = 0",
			Bind: function.Overloads("atan2", double2(gomath.Atan2))},
		{Name: "power", Aliases: []string{"pow"}, Family: family, Signature: "power(x, y)", Doc: "x raised to y, as DOUBLE.", Example: "power(2, 10) = 1024",
			Bind: function.Overloads("power", double2(gomath.Pow))},
		{Name: "hypot", Family: family, Signature: "hypot(x, y)", Doc: "Square root of x*x + y*y.", Example: "hypot(3, 4) = 5",
			Bind: function.Overloads("hypot", double2(gomath.Hypot))},
		{Name: "isNaN", Family: family, Signature: "isNaN(x)", Doc: "Whether x is not a number.", Example: "isNaN(1) = false",
			Bind: function.Overloads("isNaN", function.Overload{Args: []catalog.Type{catalog.Double}, Type: catalog.Boolean, Eval: function.Map1(gomath.IsNaN)})},
	}
	return list
}
