package agg

import (
	"math"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
)

// picked is the value that a group keeps, and the time at which it was.
type picked struct {
	value catalog.Value
	at    int64
	seen  bool
}

// pick is anyValue, firstWithTime and lastWithTime. Among rows of equal time the last added wins for last, the first
// for first.
type pick struct {
	typ   catalog.Type
	timed bool
	last  bool
	state []picked
	rows  rowSet
	times intInput
	bytes int
}

// Resize implements function.Accumulator.
func (a *pick) Resize(n int) { a.state = resize(a.state, n) }

// Add implements function.Accumulator.
func (a *pick) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	if a.rows.none {
		return nil
	}
	var times []int64
	if a.timed {
		times = a.times.read(args[1], n)
	}
	v := args[0]
	a.rows.each(n, func(i int) {
		p, at := &a.state[target0(groups, i)], int64(0)
		if times != nil {
			at = times[i]
		}
		if a.better(p, at) {
			x := v.At(i)
			x.Str = strings.Clone(x.Str)
			a.bytes += len(x.Str)
			*p = picked{x, at, true}
		}
	})
	return nil
}

func (a *pick) better(p *picked, at int64) bool {
	switch {
	case !p.seen:
		return true
	case !a.timed:
		return false
	case a.last:
		return at >= p.at
	default:
		return at < p.at
	}
}

// Merge implements function.Accumulator.
func (a *pick) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*pick)
	if !ok {
		return mergeError(a, other)
	}
	for i, p := range o.state {
		if to := &a.state[target(groups, i)]; p.seen && a.better(to, p.at) {
			*to = p
			a.bytes += len(p.value.Str)
		}
	}
	return nil
}

// Result implements function.Accumulator.
func (a *pick) Result(n int, out *vec.Vector) error {
	out.Reset(a.typ, n)
	var one vec.Vector
	for i := range n {
		v := catalog.NullValue(a.typ)
		if a.state[i].seen {
			v = a.state[i].value
		}
		v.Type = a.typ
		one.SetConst(v, 1)
		out.CopyRow(i, &one, 0)
	}
	return nil
}

// Bytes implements function.Accumulator.
func (a *pick) Bytes() int { return 120*cap(a.state) + a.bytes }

// decimalSum sums decimals exactly.
type decimalSum struct {
	avg, text bool
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
	ctx := apd.BaseContext.WithPrecision(2 * convert.MaxDecimalDigits)
	if _, err := ctx.Add(a.state[group], a.state[group], x); err != nil {
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
			out.Str[i] = convert.FormatDecimal(new(apd.Decimal).Set(x))
		}
	}
	return nil
}

// Bytes implements function.Accumulator.
func (a *decimalSum) Bytes() int { return 80 * cap(a.state) }
