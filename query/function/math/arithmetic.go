// Package math is the family of arithmetic and numeric functions.
//
// Types follow one rule for all operators: BIG_DECIMAL if an operand is one, else DOUBLE if an operand is FLOAT or
// DOUBLE, else LONG. Integers that leave LONG are error 22003; division by zero is error 22012, or IEEE's infinities
// where the context asks for them.
package math

import (
	gomath "math"
	"math/bits"

	"github.com/cockroachdb/apd/v3"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
)

const family = "Arithmetic"

// decimalPrecision is the number of significant digits of a decimal quotient.
const decimalPrecision = 50

func errOverflow() error { return errs.User(errs.NumericOutOfRange, "bigint out of range") }
func errZero() error     { return errs.User(errs.DivisionByZero, "division by zero") }

// longLoop computes rows of two LONGs and gives a negative number if a row may have overflowed.
type longLoop func(a, b function.Slice[int64], dst []int64) (overflow int64)

func addLongs(a, b function.Slice[int64], dst []int64) int64 {
	var overflow int64
	for i := range dst {
		x, y := a.At(i), b.At(i)
		r := x + y
		overflow |= (x ^ r) & (y ^ r)
		dst[i] = r
	}
	return overflow
}

func subLongs(a, b function.Slice[int64], dst []int64) int64 {
	var overflow int64
	for i := range dst {
		x, y := a.At(i), b.At(i)
		r := x - y
		overflow |= (x ^ y) & (x ^ r)
		dst[i] = r
	}
	return overflow
}

func mulLongs(a, b function.Slice[int64], dst []int64) int64 {
	var overflow int64
	for i := range dst {
		x, y := a.At(i), b.At(i)
		hi, lo := bits.Mul64(uint64(x), uint64(y))
		// The signed high word differs from the unsigned one by the operands' signs.
		high := int64(hi) - x>>63&y - y>>63&x
		r := int64(lo)
		if high != r>>63 {
			overflow = -1
		}
		dst[i] = r
	}
	return overflow
}

// longEval runs loop over all rows and looks for the row that overflowed only if one did: the values of NULL rows are
// undefined and may overflow without being an error.
func longEval(loop longLoop) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		a, b := function.View[int64](args[0]), function.View[int64](args[1])
		if loop(a, b, out.I64[:n]) >= 0 {
			return nil
		}
		var one [1]int64
		for i := range n {
			if out.IsNull(i) || loop(function.ConstSlice(a.At(i)), function.ConstSlice(b.At(i)), one[:]) >= 0 {
				continue
			}
			if err := ec.Fail(out, i, errOverflow()); err != nil {
				return err
			}
		}
		return nil
	}
}

// decimalOp computes r from a and b.
type decimalOp func(r, a, b *apd.Decimal) error

var exact = apd.BaseContext.WithPrecision(2 * convert.MaxDecimalDigits)

func decimalCondition(_ apd.Condition, err error) error {
	if err != nil {
		return errs.User(errs.NumericOutOfRange, "numeric value out of range").Wrap(err)
	}
	return nil
}

func decimalEval(op decimalOp) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		x, y := function.View[string](args[0]), function.View[string](args[1])
		var a, b, r apd.Decimal
		return function.TryRows(ec, n, out, func(i int) (string, error) {
			if err := convert.ParseDecimal(&a, x.At(i)); err != nil {
				return "", err
			}
			if err := convert.ParseDecimal(&b, y.At(i)); err != nil {
				return "", err
			}
			if err := op(&r, &a, &b); err != nil {
				return "", err
			}
			return formatChecked(&r)
		})
	}
}

// formatChecked refuses results with more digits than a decimal may have.
func formatChecked(r *apd.Decimal) (string, error) {
	if int64(r.Exponent)+r.NumDigits() > convert.MaxDecimalDigits || -int64(r.Exponent) > 2*convert.MaxDecimalDigits {
		return "", errs.User(errs.NumericOutOfRange, "value overflows numeric format")
	}
	return convert.FormatDecimal(r), nil
}

// operator is + - or * with a meaning for each numeric form.
type operator struct {
	name    string
	longs   longLoop
	decimal decimalOp
}

var ( // read-only
	plus = operator{"plus", addLongs,
		func(r, a, b *apd.Decimal) error { return decimalCondition(exact.Add(r, a, b)) }}
	minus = operator{"minus", subLongs,
		func(r, a, b *apd.Decimal) error { return decimalCondition(exact.Sub(r, a, b)) }}
	times = operator{"times", mulLongs,
		func(r, a, b *apd.Decimal) error { return decimalCondition(exact.Mul(r, a, b)) }}
)

// long makes the LONG form, with the types that the arguments and the result are known by. INT operands cannot
// overflow.
func (o operator) long(args []function.Arg, result catalog.Type, types ...catalog.Type) function.Bound {
	small := args[0].Type.Kind == catalog.KindInt && args[1].Type.Kind == catalog.KindInt
	return function.Bound{Name: o.name, Type: result, Args: types, Strict: true, Fallible: !small, Eval: longEval(o.longs)}
}

func (o operator) double() function.Bound {
	return function.Bound{Name: o.name, Type: catalog.Double, Args: []catalog.Type{catalog.Double, catalog.Double}, Strict: true,
		Eval: doubleEval(o.name)}
}

// doubleEval has loops of its own for the commonest operators: a call per row would cost more than the operation.
func doubleEval(name string) function.Eval {
	return func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		a, b, dst := function.View[float64](args[0]), function.View[float64](args[1]), out.F64[:n]
		switch name {
		case "plus":
			for i := range dst {
				dst[i] = a.At(i) + b.At(i)
			}
		case "minus":
			for i := range dst {
				dst[i] = a.At(i) - b.At(i)
			}
		default:
			for i := range dst {
				dst[i] = a.At(i) * b.At(i)
			}
		}
		return nil
	}
}

func (o operator) bind(args []function.Arg) (function.Bound, error) {
	class, ok := commonClass(args)
	if !ok {
		return function.Bound{}, function.NoMatch(o.name, args)
	}
	switch class {
	case catalog.KindBigDecimal:
		return function.Bound{Name: o.name, Type: catalog.BigDecimal, Args: []catalog.Type{catalog.BigDecimal, catalog.BigDecimal},
			Strict: true, Fallible: true, Eval: decimalEval(o.decimal)}, nil
	case catalog.KindDouble:
		return o.double(), nil
	default:
		return o.long(args, catalog.Long, catalog.Long, catalog.Long), nil
	}
}

// commonClass is what two operands are computed as.
func commonClass(args []function.Arg) (catalog.Kind, bool) { return function.CommonClass(args) }

func isTime(a function.Arg) bool { return a.Type.Kind.IsTime() && !a.Type.MultiValue }
func isInterval(a function.Arg) bool {
	return a.Type.Kind == catalog.KindInterval && !a.Type.MultiValue
}

// bindPlus adds times and intervals besides numbers.
func bindPlus(args []function.Arg) (function.Bound, error) {
	if len(args) != 2 {
		return function.Bound{}, function.NoMatch("plus", args)
	}
	a, b := args[0], args[1]
	switch {
	case isTime(a) && isInterval(b):
		return plus.long(args, a.Type, a.Type, catalog.Interval), nil
	case isInterval(a) && isTime(b):
		return plus.long(args, b.Type, catalog.Interval, b.Type), nil
	case isInterval(a) && isInterval(b):
		return plus.long(args, catalog.Interval, catalog.Interval, catalog.Interval), nil
	case isTime(a) && isTime(b):
		return function.Bound{}, function.NoMatch("plus", args)
	}
	return plus.bind(args)
}

// bindMinus gives a duration for two times.
func bindMinus(args []function.Arg) (function.Bound, error) {
	if len(args) != 2 {
		return function.Bound{}, function.NoMatch("minus", args)
	}
	a, b := args[0], args[1]
	switch {
	case isTime(a) && isTime(b):
		return minus.long(args, catalog.Duration, a.Type, b.Type), nil
	case isTime(a) && isInterval(b):
		return minus.long(args, a.Type, a.Type, catalog.Interval), nil
	case isInterval(a) && isInterval(b):
		return minus.long(args, catalog.Interval, catalog.Interval, catalog.Interval), nil
	}
	return minus.bind(args)
}

// bindTimes scales intervals besides multiplying numbers.
func bindTimes(args []function.Arg) (function.Bound, error) {
	if len(args) != 2 || (isInterval(args[0]) && isInterval(args[1])) {
		return function.Bound{}, function.NoMatch("times", args)
	}
	for i := range args {
		if !isInterval(args[i]) {
			continue
		}
		types := []catalog.Type{catalog.Double, catalog.Double}
		types[i] = catalog.Interval
		number := 1 - i
		return function.Bound{Name: "times", Type: catalog.Interval, Args: types, Strict: true, Fallible: true,
			Eval: scaleInterval(i, number, func(x, by float64) float64 { return x * by })}, nil
	}
	return times.bind(args)
}

// scaleInterval computes an interval from one and a DOUBLE.
func scaleInterval(interval, number int, op func(x, by float64) float64) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		x, by := function.View[int64](args[interval]), function.View[float64](args[number])
		return function.TryRows(ec, n, out, func(i int) (int64, error) {
			return convert.LongOfDouble(gomath.Round(op(float64(x.At(i)), by.At(i))))
		})
	}
}
