package function

import (
	"github.com/freshetdb/freshet/internal/vec"
)

// Value lists the Go types of vector elements that the Map functions read and write.
type Value interface {
	int32 | int64 | float32 | float64 | string | bool
}

// Slice views a flat or constant vector as one value per row: row i is at i&mask, so that a constant costs no branch.
type Slice[T any] struct {
	values []T
	mask   int
}

// At gives row i.
func (s Slice[T]) At(i int) T { return s.values[i&s.mask] }

// Const reports whether all rows have one value, and gives it.
func (s Slice[T]) Const() (T, bool) {
	if s.mask == 0 && len(s.values) > 0 {
		return s.values[0], true
	}
	var zero T
	return zero, false
}

// Flat gives the values of a vector that is not constant, one per row, and nil for a constant one.
func (s Slice[T]) Flat() []T {
	if s.mask == 0 {
		return nil
	}
	return s.values
}

// View views a flat or constant vector. T has to be the Go type of the vector's physical form; booleans are unpacked.
func View[T Value](v *vec.Vector) Slice[T] {
	mask := -1
	if v.Form == vec.FormConst {
		mask = 0
	}
	return Slice[T]{values: values[T](v), mask: mask}
}

func values[T Value](v *vec.Vector) []T {
	var out any
	var zero T
	switch any(zero).(type) {
	case int32:
		out = v.I32
	case int64:
		out = v.I64
	case float32:
		out = v.F32
	case float64:
		out = v.F64
	case string:
		out = v.Str
	case bool:
		n := v.Len
		if v.Form == vec.FormConst {
			n = 1
		}
		unpacked := make([]bool, n)
		for i := range unpacked {
			unpacked[i] = v.Bits.Get(i)
		}
		out = unpacked
	}
	typed, ok := out.([]T)
	if !ok {
		return nil
	}
	return typed
}

// Map1 lifts a function of one value that cannot fail.
func Map1[A, R Value](f func(A) R) Eval {
	if pred, ok := any(f).(func(A) bool); ok {
		return func(_ *EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
			a := View[A](args[0])
			for i := range n {
				if pred(a.At(i)) {
					out.Bits.Set(i)
				}
			}
			return nil
		}
	}
	return func(_ *EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		a, dst := View[A](args[0]), values[R](out)[:n]
		if flat := a.Flat(); flat != nil {
			for i, x := range flat[:n] {
				dst[i] = f(x)
			}
			return nil
		}
		for i := range dst {
			dst[i] = f(a.At(i))
		}
		return nil
	}
}

// Map2 lifts a function of two values that cannot fail.
func Map2[A, B, R Value](f func(A, B) R) Eval {
	if pred, ok := any(f).(func(A, B) bool); ok {
		return func(_ *EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
			a, b := View[A](args[0]), View[B](args[1])
			for i := range n {
				if pred(a.At(i), b.At(i)) {
					out.Bits.Set(i)
				}
			}
			return nil
		}
	}
	return func(_ *EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		a, b, dst := View[A](args[0]), View[B](args[1]), values[R](out)[:n]
		for i := range dst {
			dst[i] = f(a.At(i), b.At(i))
		}
		return nil
	}
}

// Map3 lifts a function of three values that cannot fail.
func Map3[A, B, C, R Value](f func(A, B, C) R) Eval {
	return func(_ *EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		a, b, c := View[A](args[0]), View[B](args[1]), View[C](args[2])
		return each(n, out, func(i int) R { return f(a.At(i), b.At(i), c.At(i)) })
	}
}

func each[R Value](n int, out *vec.Vector, f func(i int) R) error {
	if pred, ok := any(f).(func(int) bool); ok {
		for i := range n {
			if pred(i) {
				out.Bits.Set(i)
			}
		}
		return nil
	}
	dst := values[R](out)[:n]
	for i := range dst {
		dst[i] = f(i)
	}
	return nil
}

// Try1 lifts a function of one value that may fail. Rows that are already NULL are not computed.
func Try1[A, R Value](f func(A) (R, error)) Eval {
	return func(ec *EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		a := View[A](args[0])
		return TryRows(ec, n, out, func(i int) (R, error) { return f(a.At(i)) })
	}
}

// Try2 lifts a function of two values that may fail.
func Try2[A, B, R Value](f func(A, B) (R, error)) Eval {
	return func(ec *EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		a, b := View[A](args[0]), View[B](args[1])
		return TryRows(ec, n, out, func(i int) (R, error) { return f(a.At(i), b.At(i)) })
	}
}

// Try3 lifts a function of three values that may fail.
func Try3[A, B, C, R Value](f func(A, B, C) (R, error)) Eval {
	return func(ec *EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		a, b, c := View[A](args[0]), View[B](args[1]), View[C](args[2])
		return TryRows(ec, n, out, func(i int) (R, error) { return f(a.At(i), b.At(i), c.At(i)) })
	}
}

// TryRows computes every row of out that is not NULL with f and reports the rows that fail.
func TryRows[R Value](ec *EvalContext, n int, out *vec.Vector, f func(i int) (R, error)) error {
	dst := values[R](out)
	_, isBool := any(dst).([]bool)
	for i := range n {
		var x R
		if !out.IsNull(i) {
			var err error
			if x, err = f(i); err != nil {
				if err = ec.Fail(out, i, err); err != nil {
					return err
				}
			}
		}
		if !isBool {
			dst[i] = x
		} else if b, ok := any(x).(bool); ok && b {
			out.Bits.Set(i)
		}
	}
	return nil
}

// ConstSlice views one value as that of every row.
func ConstSlice[T any](x T) Slice[T] { return Slice[T]{values: []T{x}} }

// Store writes one value per row to a flat vector whose physical form T is.
func Store[T Value](out *vec.Vector, rows []T) {
	if flags, ok := any(rows).([]bool); ok {
		for i, f := range flags {
			if f {
				out.Bits.Set(i)
			}
		}
		return
	}
	copy(values[T](out), rows)
}
