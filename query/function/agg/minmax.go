package agg

import (
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
	"github.com/freshetdb/freshet/query/kernel"
)

// extremes is the least and greatest integer so far.
type extremes[T int64 | float64] struct {
	lo, hi T
	seen   bool
}

// add widens the range; NaN is greater than every number, as in PostgreSQL.
func (e *extremes[T]) add(x T) {
	if !e.seen {
		e.lo, e.hi, e.seen = x, x, true
		return
	}
	if x < e.lo || e.lo != e.lo {
		e.lo = x
	}
	if x > e.hi || x != x {
		e.hi = x
	}
}

func (e *extremes[T]) merge(o extremes[T]) {
	if o.seen {
		e.add(o.lo)
		e.add(o.hi)
	}
}

// want says which end of a range an aggregate gives.
type want uint8

const (
	wantMin want = iota
	wantMax
	wantRange
)

// numericRange is min, max and minMaxRange of numbers.
type numericRange[T int64 | float64] struct {
	want  want
	typ   catalog.Type
	state []extremes[T]
	rows  rowSet
	ints  intInput
	flts  floatInput
}

// Resize implements function.Accumulator.
func (a *numericRange[T]) Resize(n int) { a.state = resize(a.state, n) }

// Add implements function.Accumulator.
func (a *numericRange[T]) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	if a.rows.none {
		return nil
	}
	if v := args[0]; v.Form == vec.FormScaled && groups == nil && a.rows.all {
		lo, hi := codeExtremes(v, n)
		a.state[0].merge(extremes[T]{lo: T(v.ScaledValue(lo)), hi: T(v.ScaledValue(hi)), seen: true})
		return nil
	}
	values := readNumbers[T](args[0], n, &a.ints, &a.flts)
	switch {
	case groups == nil && a.rows.all:
		a.state[0].merge(rangeOf(values))
	case groups == nil:
		a.rows.each(n, func(i int) { a.state[0].add(values[i]) })
	case a.rows.all:
		for i, x := range values {
			a.state[groups[i]].add(x)
		}
	default:
		a.rows.each(n, func(i int) { a.state[groups[i]].add(values[i]) })
	}
	return nil
}

// TakesScaled implements function.ScaledReader.
func (a *numericRange[T]) TakesScaled() bool { return a.typ.Kind == catalog.KindDouble }

// readNumbers reads a vector as flat numbers of type T.
func readNumbers[T int64 | float64](v *vec.Vector, n int, ints *intInput, flts *floatInput) []T {
	var zero T
	var values any
	if _, ok := any(zero).(int64); ok {
		values = ints.read(v, n)
	} else {
		values = flts.read(v, n)
	}
	typed, ok := values.([]T)
	if !ok {
		return make([]T, n) // not reached: T is one of the two
	}
	return typed
}

// rangeOf finds the range of values, which are not empty.
func rangeOf[T int64 | float64](values []T) extremes[T] {
	var e any
	switch values := any(values).(type) {
	case []int64:
		lo, hi := kernel.LongRange(values)
		e = extremes[int64]{lo: lo, hi: hi, seen: true}
	case []float64:
		lo, hi := kernel.DoubleRange(values)
		x := extremes[float64]{lo: kernel.DoubleOfKey(lo), hi: kernel.DoubleOfKey(hi), seen: true}
		if x.lo != x.lo { // a NaN with a sign, or nothing but NaN
			x = extremes[float64]{}
			for _, value := range values {
				x.add(value)
			}
		}
		e = x
	}
	typed, _ := e.(extremes[T])
	return typed
}

// Merge implements function.Accumulator.
func (a *numericRange[T]) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*numericRange[T])
	if !ok {
		return mergeError(a, other)
	}
	for i := range o.state {
		a.state[target(groups, i)].merge(o.state[i])
	}
	return nil
}

// Result implements function.Accumulator.
func (a *numericRange[T]) Result(n int, out *vec.Vector) error {
	out.Reset(a.typ, n)
	for i := range n {
		e := &a.state[i]
		x := e.lo
		if a.want == wantMax {
			x = e.hi
		}
		switch a.typ.Kind.Physical() {
		case catalog.PhysInt32:
			out.I32[i] = int32(x)
		case catalog.PhysInt64:
			out.I64[i] = int64(x)
		case catalog.PhysFloat32:
			out.F32[i] = float32(x + 0) // zero has no sign: which zero came first does not show
		default:
			out.F64[i] = float64(x + 0)
			if a.want == wantRange {
				out.F64[i] = float64(e.hi) - float64(e.lo)
			}
		}
		if !e.seen {
			out.SetNull(i)
		}
	}
	return nil
}

// Bytes implements function.Accumulator.
func (a *numericRange[T]) Bytes() int { return 24*cap(a.state) + 8*(cap(a.ints.buf)+cap(a.flts.buf)) }

// textExtreme is min or max of texts, bytes and decimals. It keeps copies of the texts.
type textExtreme struct {
	max   bool
	typ   catalog.Type
	state []*string
	rows  rowSet
	bytes int
}

// Resize implements function.Accumulator.
func (a *textExtreme) Resize(n int) { a.state = resize(a.state, n) }

// Add implements function.Accumulator.
func (a *textExtreme) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	if a.rows.none {
		return nil
	}
	v := args[0]
	if groups == nil && v.Form == vec.FormDict && v.Dict.Sorted && a.typ.Kind != catalog.KindBigDecimal {
		best, first := uint32(0), true
		a.rows.each(n, func(i int) {
			if c := v.Code(i); first || (c > best) == a.max {
				best, first = c, false
			}
		})
		if first {
			return nil
		}
		return a.offer(0, v.Dict.Str(best))
	}
	var failed error
	a.rows.each(n, func(i int) {
		if err := a.offer(target0(groups, i), v.StrAt(i)); err != nil && failed == nil {
			failed = err
		}
	})
	return failed
}

// target0 is the group of row i: 0 without groups.
func target0(groups []uint32, i int) int {
	if groups == nil {
		return 0
	}
	return int(groups[i])
}

func (a *textExtreme) offer(group int, s string) error {
	old := a.state[group]
	if old != nil {
		c, err := a.compare(s, *old)
		if err != nil || c == 0 || (c > 0) != a.max {
			return err
		}
		a.bytes -= len(*old)
	}
	kept := strings.Clone(s)
	a.state[group] = &kept
	a.bytes += len(kept)
	return nil
}

func (a *textExtreme) compare(x, y string) (int, error) {
	if a.typ.Kind != catalog.KindBigDecimal {
		return strings.Compare(x, y), nil
	}
	var p, q apd.Decimal
	if err := convert.ParseDecimal(&p, x); err != nil {
		return 0, err
	}
	if err := convert.ParseDecimal(&q, y); err != nil {
		return 0, err
	}
	return p.Cmp(&q), nil
}

// Merge implements function.Accumulator.
func (a *textExtreme) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*textExtreme)
	if !ok {
		return mergeError(a, other)
	}
	for i, s := range o.state {
		if s == nil {
			continue
		}
		if err := a.offer(target(groups, i), *s); err != nil {
			return err
		}
	}
	return nil
}

// Result implements function.Accumulator.
func (a *textExtreme) Result(n int, out *vec.Vector) error {
	out.Reset(a.typ, n)
	for i := range n {
		if s := a.state[i]; s != nil {
			out.Str[i] = *s
		} else {
			out.Str[i] = ""
			out.SetNull(i)
		}
	}
	return nil
}

// Bytes implements function.Accumulator.
func (a *textExtreme) Bytes() int { return 24*cap(a.state) + a.bytes }

// boolFold is boolAnd and boolOr, and so min and max of booleans.
type boolFold struct {
	or    bool
	state []uint8 // 0: no row yet, 1: false, 2: true
	rows  rowSet
}

// Resize implements function.Accumulator.
func (a *boolFold) Resize(n int) { a.state = resize(a.state, n) }

// Add implements function.Accumulator.
func (a *boolFold) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	v := args[0]
	a.rows.each(n, func(i int) {
		x := uint8(1)
		if v.BoolAt(i) {
			x = 2
		}
		a.fold(target0(groups, i), x)
	})
	return nil
}

func (a *boolFold) fold(group int, x uint8) {
	switch old := a.state[group]; {
	case x == 0:
	case old == 0:
		a.state[group] = x
	case a.or:
		a.state[group] = max(old, x)
	default:
		a.state[group] = min(old, x)
	}
}

// Merge implements function.Accumulator.
func (a *boolFold) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*boolFold)
	if !ok {
		return mergeError(a, other)
	}
	for i, x := range o.state {
		a.fold(target(groups, i), x)
	}
	return nil
}

// Result implements function.Accumulator.
func (a *boolFold) Result(n int, out *vec.Vector) error {
	out.Reset(catalog.Boolean, n)
	for i := range n {
		switch a.state[i] {
		case 0:
			out.SetNull(i)
		case 2:
			out.Bits.Set(i)
		}
	}
	return nil
}

// Bytes implements function.Accumulator.
func (a *boolFold) Bytes() int { return cap(a.state) }
