// Package array is the family of functions on multi-value columns. Elements that are NULL do not count.
package array

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

const family = "Array"

// Scalars lists the functions of the family.
func Scalars() []function.Scalar {
	number := func(name, doc, example string, f func(values []float64) (float64, bool)) function.Scalar {
		return function.Scalar{Name: name, Family: family, Signature: name + "(array)", Doc: doc + " As DOUBLE; NULL of an empty array.", Example: example,
			Bind: bindNumbers(name, f)}
	}
	list := []function.Scalar{
		{Name: "arrayLength", Aliases: []string{"cardinality"}, Family: family, Signature: "arrayLength(array[, dimension])",
			Doc:     "Number of elements. PostgreSQL's form names the dimension, 1: it is NULL for an empty array.",
			Example: "arrayLength(split('a,b', ',')) = 2", Bind: bindLength},
		number("arrayMin", "Least element.", "arrayMin(split('3,1,2', ',')) = 1", least),
		number("arrayMax", "Greatest element.", "arrayMax(split('3,1,2', ',')) = 3", greatest),
		number("arraySum", "Sum of the elements.", "arraySum(split('3,1,2', ',')) = 6", sum),
		number("arrayAverage", "Average of the elements.", "arrayAverage(split('3,1,2', ',')) = 2", average),
		{Name: "arraySumLong", Aliases: []string{"arraySumInt"}, Family: family, Signature: "arraySumLong(array)", Doc: "Sum of whole numbers, as LONG; 0 of an empty array.",
			Example: "arraySumLong('{1,2}') = 3", Bind: function.Overloads("arraySumLong",
				function.Overload{Args: []catalog.Type{catalog.Long.Array()}, Type: catalog.Long, Fallible: true, Eval: evalSumLong})},
		{Name: "arrayToString", Aliases: []string{"arrayToStr"}, Family: family, Signature: "arrayToString(array, separator[, null])",
			Doc:     "The elements as text with a separator between them. NULL elements are left out, or written as the third argument.",
			Example: "arrayToString(split('a,b', ','), '-') = 'a-b'", Bind: bindToString},
	}
	list = append(list, makers()...)
	list = append(list, finders()...)
	list = append(list, bounds()...)
	list = append(list, ranges()...)
	return append(list, vectors()...)
}

func isArray(args []function.Arg, n int) bool { return len(args) == n && args[0].Type.MultiValue }

func bindLength(args []function.Arg) (function.Bound, error) {
	if len(args) == 2 {
		return bindDimension("arrayLength", func(from, to int) (int32, bool) { return int32(to - from), to > from })(args)
	}
	if !isArray(args, 1) {
		return function.Bound{}, function.NoMatch("arrayLength", args)
	}
	eval := func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		r := function.RowsOf(args[0])
		for i := range n {
			from, to := r.Span(i)
			out.I32[i] = int32(to - from)
		}
		return nil
	}
	return function.Bound{Name: "arraylength", Type: catalog.Int, Args: []catalog.Type{args[0].Type}, Strict: true, Eval: eval}, nil
}

// bindNumbers reads the elements as DOUBLE.
func bindNumbers(name string, f func(values []float64) (float64, bool)) func([]function.Arg) (function.Bound, error) {
	return func(args []function.Arg) (function.Bound, error) {
		if !isArray(args, 1) {
			return function.Bound{}, function.NoMatch(name, args)
		}
		eval := func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
			r := function.RowsOf(args[0])
			var values []float64
			for i := range n {
				values = values[:0]
				from, to := r.Span(i)
				for e := from; e < to; e++ {
					if !r.Elems.IsNull(e) {
						values = append(values, r.Elems.Float64At(e))
					}
				}
				x, ok := f(values)
				if out.F64[i] = x; !ok {
					out.SetNull(i)
				}
			}
			return nil
		}
		return function.Bound{Name: function.Canonical(name), Type: catalog.Double, Args: []catalog.Type{catalog.Double.Array()}, Strict: true,
			Fallible: args[0].Type.Kind.IsText(), Eval: eval}, nil
	}
}

func least(values []float64) (float64, bool) {
	if len(values) == 0 {
		return 0, false
	}
	m := values[0]
	for _, x := range values {
		m = min(m, x)
	}
	return m, true
}

func greatest(values []float64) (float64, bool) {
	if len(values) == 0 {
		return 0, false
	}
	m := values[0]
	for _, x := range values {
		m = max(m, x)
	}
	return m, true
}

func sum(values []float64) (float64, bool) {
	total := 0.0
	for _, x := range values {
		total += x
	}
	return total, len(values) > 0
}

func average(values []float64) (float64, bool) {
	total, ok := sum(values)
	if !ok {
		return 0, false
	}
	return total / float64(len(values)), true
}

// bindToString is lax for its third argument: NULL there leaves NULL elements out.
func bindToString(args []function.Arg) (function.Bound, error) {
	if (!isArray(args, 2) && !isArray(args, 3)) || args[1].Type.MultiValue {
		return function.Bound{}, function.NoMatch("arrayToString", args)
	}
	eval := func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		r, sep := function.RowsOf(args[0]), function.View[string](args[1])
		for i := range n {
			if args[0].IsNull(i) || args[1].IsNull(i) {
				out.SetNull(i)
			}
		}
		return function.BuildTexts(ec, n, out, func(dst []byte, i int) ([]byte, error) {
			from, to := r.Span(i)
			first := true
			for e := from; e < to; e++ {
				null := r.Elems.IsNull(e)
				if null && (len(args) < 3 || args[2].IsNull(i)) {
					continue
				}
				if !first {
					dst = append(dst, sep.At(i)...)
				}
				first = false
				if null {
					dst = append(dst, args[2].StrAt(i)...)
				} else {
					dst = append(dst, r.Elems.StrAt(e)...)
				}
			}
			return dst, nil
		})
	}
	types := []catalog.Type{catalog.String.Array(), catalog.String, catalog.String}[:len(args)]
	return function.Bound{Name: "arraytostring", Type: catalog.String, Args: types, Eval: eval}, nil
}

func evalSumLong(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	r := function.RowsOf(args[0])
	return function.TryRows(ec, n, out, func(i int) (int64, error) {
		total := int64(0)
		from, to := r.Span(i)
		for e := from; e < to; e++ {
			if r.Elems.IsNull(e) {
				continue
			}
			x := r.Elems.Int64At(e)
			next := total + x
			if (total^next)&(x^next) < 0 {
				return 0, errs.User(errs.NumericOutOfRange, "bigint out of range")
			}
			total = next
		}
		return total, nil
	})
}
