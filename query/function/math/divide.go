package math

import (
	gomath "math"

	"github.com/cockroachdb/apd/v3"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
)

var quotient = apd.BaseContext.WithPrecision(decimalPrecision)

// nonZeroConst reports a divisor that is known not to be zero: the division then cannot fail.
func nonZeroConst(a function.Arg) bool {
	return a.Const != nil && !a.Const.Null && (a.Const.I64 != 0 || a.Const.F64 != 0)
}

// bindDivide is floating division; decimals divide to 50 significant digits.
func bindDivide(args []function.Arg) (function.Bound, error) {
	if len(args) == 3 {
		three := []catalog.Type{catalog.Double, catalog.Double, catalog.Double}
		return function.Overloads("divide", function.Overload{Args: three, Type: catalog.Double, Eval: divideOr})(args)
	}
	if len(args) != 2 || isInterval(args[1]) {
		return function.Bound{}, function.NoMatch("divide", args)
	}
	if isInterval(args[0]) {
		return function.Bound{Name: "divide", Type: catalog.Interval, Args: []catalog.Type{catalog.Interval, catalog.Double}, Strict: true,
			Fallible: true, Eval: divideInterval}, nil
	}
	class, ok := commonClass(args)
	switch {
	case !ok:
		return function.Bound{}, function.NoMatch("divide", args)
	case class == catalog.KindBigDecimal:
		return function.Bound{Name: "divide", Type: catalog.BigDecimal, Args: []catalog.Type{catalog.BigDecimal, catalog.BigDecimal},
			Strict: true, Fallible: true, Eval: decimalEval(divideDecimals)}, nil
	}
	return function.Bound{Name: "divide", Type: catalog.Double, Args: []catalog.Type{catalog.Double, catalog.Double}, Strict: true,
		Fallible: !nonZeroConst(args[1]), Eval: divideDoubles}, nil
}

func divideInterval(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	x, by := function.View[int64](args[0]), function.View[float64](args[1])
	return function.TryRows(ec, n, out, func(i int) (int64, error) {
		if by.At(i) == 0 {
			return 0, errZero()
		}
		return convert.LongOfDouble(gomath.Round(float64(x.At(i)) / by.At(i)))
	})
}

func divideDecimals(r, a, b *apd.Decimal) error {
	if b.IsZero() {
		return errZero()
	}
	return decimalCondition(quotient.Quo(r, a, b))
}

func divideDoubles(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	a, b, dst := function.View[float64](args[0]), function.View[float64](args[1]), out.F64[:n]
	zero := false
	if c, ok := b.Const(); ok {
		zero = c == 0
		for i := range dst {
			dst[i] = a.At(i) / c
		}
	} else {
		for i := range dst {
			y := b.At(i)
			zero = zero || y == 0
			dst[i] = a.At(i) / y
		}
	}
	if !zero || ec.IEEEDivision {
		return nil
	}
	return failZeros(ec, b, n, out)
}

func failZeros[T int64 | float64](ec *function.EvalContext, b function.Slice[T], n int, out *vec.Vector) error {
	for i := range n {
		if out.IsNull(i) || b.At(i) != 0 {
			continue
		}
		if err := ec.Fail(out, i, errZero()); err != nil {
			return err
		}
	}
	return nil
}

// divLong truncates toward zero.
func divLong(a, b int64) (int64, error) {
	switch {
	case b == 0:
		return 0, errZero()
	case b == -1 && a == gomath.MinInt64:
		return 0, errOverflow()
	}
	return a / b, nil
}

// modLong has the sign of the dividend.
func modLong(a, b int64) (int64, error) {
	switch b {
	case 0:
		return 0, errZero()
	case -1:
		return 0, nil
	}
	return a % b, nil
}

func modDouble(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	a, b := function.View[float64](args[0]), function.View[float64](args[1])
	for i := range n {
		out.F64[i] = gomath.Mod(a.At(i), b.At(i))
	}
	if ec.IEEEDivision {
		return nil
	}
	return failZeros(ec, b, n, out)
}

// bindMod keeps the operands' class.
func bindMod(args []function.Arg) (function.Bound, error) {
	if len(args) != 2 {
		return function.Bound{}, function.NoMatch("mod", args)
	}
	class, ok := commonClass(args)
	if !ok {
		return function.Bound{}, function.NoMatch("mod", args)
	}
	b := function.Bound{Name: "mod", Strict: true, Fallible: !nonZeroConst(args[1])}
	switch class {
	case catalog.KindBigDecimal:
		b.Type, b.Fallible = catalog.BigDecimal, true
		b.Eval = decimalEval(func(r, x, y *apd.Decimal) error {
			if y.IsZero() {
				return errZero()
			}
			return decimalCondition(exact.Rem(r, x, y))
		})
	case catalog.KindDouble:
		b.Type, b.Eval = catalog.Double, modDouble
	default:
		b.Type, b.Eval = catalog.Long, function.Try2(modLong)
	}
	b.Args = []catalog.Type{b.Type, b.Type}
	return b, nil
}
