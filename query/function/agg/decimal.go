package agg

import (
	"errors"
	"math"

	"github.com/cockroachdb/apd/v3"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
)

// decimalSum sums decimals exactly.
type decimalSum struct {
	avg, text bool
	precision uint32 // of texts, 0 for all digits
	scale     int32  // of texts, -1 for what there is
	state     []*apd.Decimal
	terms     []int64
	rows      rowSet
}

// Resize implements function.Accumulator.
func (a *decimalSum) Resize(n int) { a.state, a.terms = resize(a.state, n), resize(a.terms, n) }

// Add implements function.Accumulator.
func (a *decimalSum) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	var x apd.Decimal
	var failed error
	v := args[0]
	a.rows.each(n, func(i int) {
		if failed != nil {
			return
		}
		if failed = convert.ParseDecimal(&x, v.StrAt(i)); failed == nil {
			failed = a.add(target0(groups, i), &x, 1)
		}
	})
	return failed
}

func (a *decimalSum) add(group int, x *apd.Decimal, terms int64) error {
	a.terms[group] += terms
	if a.state[group] == nil {
		a.state[group] = new(apd.Decimal).Set(x)
		return nil
	}
	// All digits of both sides of the point, and those by which 2^63 terms may grow.
	ctx := apd.BaseContext.WithPrecision(2*convert.MaxDecimalDigits + 20)
	cond, err := ctx.Add(a.state[group], a.state[group], x)
	if err == nil && cond.Inexact() {
		err = errors.New("inexact")
	}
	if err != nil {
		return errs.User(errs.NumericOutOfRange, "numeric out of range: sum").Wrap(err)
	}
	return nil
}

// Merge implements function.Accumulator.
func (a *decimalSum) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*decimalSum)
	if !ok {
		return mergeError(a, other)
	}
	for i, x := range o.state {
		if x == nil {
			continue
		}
		if err := a.add(target(groups, i), x, o.terms[i]); err != nil {
			return err
		}
	}
	return nil
}

// Result implements function.Accumulator.
func (a *decimalSum) Result(n int, out *vec.Vector) error {
	switch {
	case a.avg:
		out.Reset(catalog.Double, n)
	case a.text:
		out.Reset(catalog.String, n)
	default:
		out.Reset(catalog.BigDecimal, n)
	}
	for i := range n {
		x := a.state[i]
		switch {
		case x == nil && a.avg:
			clearRow(out, i)
		case x == nil:
			out.Str[i] = ""
			out.SetNull(i)
		case a.avg:
			f, err := x.Float64()
			if err != nil || math.IsInf(f, 0) {
				return errs.User(errs.NumericOutOfRange, "average of %s is out of range for type double precision", convert.Shown(x.String()))
			}
			out.F64[i] = f / float64(a.terms[i])
		default:
			text, err := a.format(new(apd.Decimal).Set(x))
			if err != nil {
				return err
			}
			out.Str[i] = text
		}
	}
	return nil
}

// format rounds a sum, half to even, and writes it.
func (a *decimalSum) format(x *apd.Decimal) (string, error) {
	ctx := apd.BaseContext.WithPrecision(3 * convert.MaxDecimalDigits)
	ctx.Rounding = apd.RoundHalfEven
	if a.text && a.precision > 0 {
		if _, err := ctx.WithPrecision(a.precision).Round(x, x); err != nil {
			return "", errs.User(errs.NumericOutOfRange, "numeric out of range: sum").Wrap(err)
		}
	}
	if !a.text || a.scale < 0 {
		return convert.FormatDecimal(x), nil
	}
	if _, err := ctx.Quantize(x, x, -a.scale); err != nil {
		return "", errs.User(errs.NumericOutOfRange, "numeric out of range: sum").Wrap(err)
	}
	return x.Text('f'), nil
}

// Bytes implements function.Accumulator.
func (a *decimalSum) Bytes() int {
	total := 16 * cap(a.state)
	for _, x := range a.state {
		if x != nil {
			total += 80 + x.Coeff.BitLen()/8
		}
	}
	return total
}
