package math

import (
	gomath "math"
	"math/rand/v2"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

func double1Named(name, doc, example string, o function.Overload, aliases ...string) function.Scalar {
	return function.Scalar{Name: name, Aliases: aliases, Family: family, Signature: name + "(x)", Doc: doc, Example: example, Bind: function.Overloads(name, o)}
}

func outsideUnit(x float64) bool { return x < -1 || x > 1 }

// furtherReals are hyperbolic inverses, degrees and logistic curves.
func furtherReals() []function.Scalar {
	const outOfRange = "input is out of range"
	inDegrees := func(f func(float64) float64) func(float64) float64 {
		return func(x float64) float64 { return f(x) * (180 / gomath.Pi) }
	}
	return []function.Scalar{
		double1Named("asinh", "Inverse hyperbolic sine.", "asinh(0) = 0", double1(gomath.Asinh)),
		double1Named("acosh", "Inverse hyperbolic cosine of a number from 1 on.", "acosh(1) = 0", partial(errs.NumericOutOfRange, gomath.Acosh, func(x float64) bool { return x < 1 }, outOfRange)),
		double1Named("atanh", "Inverse hyperbolic tangent of a number from -1 to 1.", "atanh(0) = 0", partial(errs.NumericOutOfRange, gomath.Atanh, outsideUnit, outOfRange)),
		double1Named("sind", "Sine of degrees.", "sind(30) = 0.5", double1(sind)),
		double1Named("cosd", "Cosine of degrees.", "cosd(60) = 0.5", double1(func(x float64) float64 { return sind(x + 90) })),
		double1Named("tand", "Tangent of degrees.", "tand(45) = 1", double1(func(x float64) float64 { return sind(x) / sind(x+90) })),
		double1Named("cotd", "Cotangent of degrees.", "cotd(45) = 1", double1(func(x float64) float64 { return sind(x+90) / sind(x) })),
		{Name: "atan2d", Family: family, Signature: "atan2d(y, x)", Doc: "Arc tangent of y/x, in degrees.", Example: "atan2d(1, 1) = 45",
			Bind: function.Overloads("atan2d", function.Overload{Args: []catalog.Type{catalog.Double, catalog.Double}, Type: catalog.Double,
				Eval: function.Map2(func(y, x float64) float64 { return gomath.Atan2(y, x) * (180 / gomath.Pi) })})},
		double1Named("asind", "Arc sine, in degrees.", "round(asind(0.5), 9) = 30", partial(errs.NumericOutOfRange, inDegrees(gomath.Asin), outsideUnit, outOfRange)),
		double1Named("acosd", "Arc cosine, in degrees.", "round(acosd(0.5), 9) = 60", partial(errs.NumericOutOfRange, inDegrees(gomath.Acos), outsideUnit, outOfRange)),
		double1Named("atand", "Arc tangent, in degrees.", "atand(1) = 45", double1(inDegrees(gomath.Atan))),
		double1Named("sigmoid", "1 / (1 + exp(-x)).", "sigmoid(0) = 0.5", double1(func(x float64) float64 { return 1 / (1 + gomath.Exp(-x)) })),
		double1Named("isFinite", "Whether x is neither infinite nor NaN. A time always is.", "isFinite(1) = true",
			function.Overload{Args: []catalog.Type{catalog.Double}, Type: catalog.Boolean, Eval: function.Map1(finite)}),
		double1Named("isInfinite", "Whether x is infinite.", "isInfinite(1) = false",
			function.Overload{Args: []catalog.Type{catalog.Double}, Type: catalog.Boolean, Eval: function.Map1(func(x float64) bool { return gomath.IsInf(x, 0) })}),
		{Name: "ifNotFinite", Family: family, Signature: "ifNotFinite(x, default)", Doc: "x, or the default where x is infinite or NaN.", Example: "ifNotFinite(1, 0) = 1",
			Bind: function.Overloads("ifNotFinite", function.Overload{Args: []catalog.Type{catalog.Double, catalog.Double}, Type: catalog.Double,
				Eval: function.Map2(func(x, otherwise float64) float64 {
					if finite(x) {
						return x
					}
					return otherwise
				})})},
	}
}

func finite(x float64) bool { return !gomath.IsNaN(x) && !gomath.IsInf(x, 0) }

// sind is exact at multiples of 30 degrees, where the sine of radians is not.
func sind(x float64) float64 {
	r := gomath.Mod(x, 360)
	if r < 0 {
		r += 360
	}
	switch r {
	case 0, 180:
		return 0
	case 30, 150:
		return 0.5
	case 90:
		return 1
	case 210, 330:
		return -0.5
	case 270:
		return -1
	case 45, 135:
		return gomath.Sqrt2 / 2
	case 225, 315:
		return -gomath.Sqrt2 / 2
	}
	return gomath.Sin(r * (gomath.Pi / 180))
}

func furtherIntegers() []function.Scalar {
	long2 := []catalog.Type{catalog.Long, catalog.Long}
	double4 := []catalog.Type{catalog.Double, catalog.Double, catalog.Double, catalog.Long}
	return []function.Scalar{
		{Name: "lcm", Family: family, Signature: "lcm(a, b)", Doc: "Least common multiple.", Example: "lcm(4, 6) = 12",
			Bind: function.Overloads("lcm", function.Overload{Args: long2, Type: catalog.Long, Fallible: true, Eval: function.Try2(lcm)})},
		{Name: "factorial", Family: family, Signature: "factorial(n)", Doc: "Product of the whole numbers from 1 to n, for n up to 20.", Example: "factorial(5) = 120",
			Bind: function.Overloads("factorial", function.Overload{Args: long2[:1], Type: catalog.Long, Fallible: true, Eval: function.Try1(factorial)})},
		{Name: "widthBucket", Family: family, Signature: "widthBucket(x, low, high, n) or widthBucket(x, thresholds)", Example: "widthBucket(5.35, 0.024, 10.06, 5) = 3",
			Doc: "Which of n buckets of equal width between low and high x falls into: 0 below, n + 1 above. With an ascending array of thresholds, how many x has reached.",
			Bind: function.Overloads("widthBucket",
				function.Overload{Args: double4, Type: catalog.Int, Fallible: true, Eval: evalWidthBucket},
				function.Overload{Args: []catalog.Type{catalog.Double, catalog.Double.Array()}, Type: catalog.Int, Eval: evalThresholds})},
		{Name: "rand", Aliases: []string{"random"}, Family: family, Signature: "rand([seed])", Volatility: function.Volatile, Example: "rand() < 1",
			Doc: "A random DOUBLE from 0 on and below 1; with a seed always the same one, Java's.",
			Bind: function.Overloads("rand", function.Overload{Type: catalog.Double, Eval: evalRand},
				function.Overload{Args: long2[:1], Type: catalog.Double, Eval: function.Map1(seeded)})},
		{Name: "scale", Aliases: []string{"minScale"}, Family: family, Signature: "scale(x)", Doc: "Digits behind the point of a BIG_DECIMAL, which has no zeros at the end.", Example: "scale('1.25') = 2",
			Bind: function.Overloads("scale", function.Overload{Args: []catalog.Type{catalog.BigDecimal}, Type: catalog.Int, Eval: function.Map1(scaleOf)})},
		{Name: "trimScale", Family: family, Signature: "trimScale(x)", Doc: "A BIG_DECIMAL without zeros at the end, as it always is.", Example: "trimScale('1.250') = '1.25'",
			Bind: function.Overloads("trimScale", function.Overload{Args: []catalog.Type{catalog.BigDecimal}, Type: catalog.BigDecimal, Eval: function.Map1(func(s string) string { return s })})},
	}
}

func scaleOf(s string) int32 {
	if dot := strings.IndexByte(s, '.'); dot >= 0 {
		return int32(len(s) - dot - 1)
	}
	return 0
}

func lcm(a, b int64) (int64, error) {
	if a == 0 || b == 0 {
		return 0, nil
	}
	g, err := gcd(a, b)
	if err != nil {
		return 0, err
	}
	q := a / g
	r := q * b
	if r/b != q || b == -1 && q == gomath.MinInt64 || r == gomath.MinInt64 {
		return 0, errOverflow()
	}
	return max(r, -r), nil
}

func factorial(n int64) (int64, error) {
	switch {
	case n < 0:
		return 0, errs.User(errs.NumericOutOfRange, "factorial of a negative number is undefined")
	case n > 20:
		return 0, errOverflow()
	}
	r := int64(1)
	for ; n > 1; n-- {
		r *= n
	}
	return r, nil
}

func evalWidthBucket(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	x, low, high := function.View[float64](args[0]), function.View[float64](args[1]), function.View[float64](args[2])
	count := function.View[int64](args[3])
	return function.TryRows(ec, n, out, func(i int) (int32, error) { return widthBucket(x.At(i), low.At(i), high.At(i), count.At(i)) })
}

func widthBucket(x, low, high float64, count int64) (int32, error) {
	const code = "2201G"
	switch {
	case count <= 0 || count >= gomath.MaxInt32:
		return 0, errs.User(code, "count must be greater than zero and below 2147483647, not %d", count)
	case gomath.IsNaN(x) || gomath.IsNaN(low) || gomath.IsNaN(high):
		return 0, errs.User(code, "operand, lower bound, and upper bound cannot be NaN")
	case gomath.IsInf(low, 0) || gomath.IsInf(high, 0):
		return 0, errs.User(code, "lower and upper bounds must be finite")
	case low == high:
		return 0, errs.User(code, "lower bound cannot equal upper bound")
	case low > high: // buckets count downward
		x, low, high = -x, -low, -high
	}
	switch {
	case x < low:
		return 0, nil
	case x >= high:
		return int32(count) + 1, nil
	}
	share := x/2 - low/2 // halves, so that the width of all doubles does not overflow
	bucket := share / (high/2 - low/2) * float64(count)
	return min(int32(bucket), int32(count)-1) + 1, nil
}

func evalThresholds(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	x, rows := function.View[float64](args[0]), function.RowsOf(args[1])
	for i := range n {
		from, to := rows.Span(i)
		lo, hi := from, to
		for lo < hi { // the first threshold above x
			if mid := int(uint(lo+hi) >> 1); rows.Elems.Float64At(mid) <= x.At(i) {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		out.I32[i] = int32(lo - from)
	}
	return nil
}

func evalRand(_ *function.EvalContext, _ []*vec.Vector, n int, out *vec.Vector) error {
	for i := range n {
		out.F64[i] = rand.Float64() //nolint:gosec // a function of the dialect, not a secret
	}
	return nil
}

// seeded is the first double of java.util.Random: a linear congruence of 48 bits.
func seeded(seed int64) float64 {
	const multiplier, mask = 0x5DEECE66D, 1<<48 - 1
	state := (uint64(seed) ^ multiplier) & mask
	next := func(bits uint) uint64 {
		state = (state*multiplier + 11) & mask
		return state >> (48 - bits)
	}
	high := next(26) << 27
	return float64(high+next(27)) / (1 << 53)
}

// divideOr is divide with a default for a divisor of 0.
func divideOr(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	a, b, otherwise := function.View[float64](args[0]), function.View[float64](args[1]), function.View[float64](args[2])
	for i := range n {
		if y := b.At(i); y != 0 {
			out.F64[i] = a.At(i) / y
		} else {
			out.F64[i] = otherwise.At(i)
		}
	}
	return nil
}

// bindLog is the natural logarithm of one argument, or that of the second to the base of the first.
func bindLog(natural function.Overload) func([]function.Arg) (function.Bound, error) {
	base := function.Overload{Args: []catalog.Type{catalog.Double, catalog.Double}, Type: catalog.Double, Fallible: true,
		Eval: function.Try2(func(base, x float64) (float64, error) {
			switch {
			case base <= 0 || x <= 0:
				return 0, errs.User("2201E", "cannot take logarithm of zero or a negative number")
			case base == 1:
				return 0, errZero()
			}
			switch base {
			case 2:
				return gomath.Log2(x), nil
			case 10:
				return gomath.Log10(x), nil
			}
			return gomath.Log(x) / gomath.Log(base), nil
		})}
	return function.Overloads("log", natural, base)
}
