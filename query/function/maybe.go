package function

import "github.com/freshetdb/freshet/internal/vec"

// Maybe1 lifts a function of one value that has no result, NULL, for some values. Rows that are already NULL are not
// computed.
func Maybe1[A, R Value](f func(A) (R, bool)) Eval {
	return func(_ *EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		a := View[A](args[0])
		return MaybeRows(n, out, func(i int) (R, bool) { return f(a.At(i)) })
	}
}

// Maybe2 lifts a function of two values that has no result for some.
func Maybe2[A, B, R Value](f func(A, B) (R, bool)) Eval {
	return func(_ *EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		a, b := View[A](args[0]), View[B](args[1])
		return MaybeRows(n, out, func(i int) (R, bool) { return f(a.At(i), b.At(i)) })
	}
}

// MaybeRows computes every row of out that is not NULL with f; rows without a result become NULL.
func MaybeRows[R Value](n int, out *vec.Vector, f func(i int) (R, bool)) error {
	dst := values[R](out)
	_, isBool := any(dst).([]bool)
	for i := range n {
		var x R
		if !out.IsNull(i) {
			var ok bool
			if x, ok = f(i); !ok {
				out.SetNull(i)
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
