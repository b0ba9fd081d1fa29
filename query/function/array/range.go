package array

import (
	"math"
	"strconv"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// maxGenerated bounds the elements of one generated array.
const maxGenerated = 1 << 20

// bindDimension binds PostgreSQL's functions of an array and the number of a dimension, of which arrays have one.
func bindDimension(name string, of func(from, to int) (int32, bool)) func([]function.Arg) (function.Bound, error) {
	return func(args []function.Arg) (function.Bound, error) {
		if !isArray(args, 2) || args[1].Type.MultiValue || !args[1].Type.Kind.IsNumeric() {
			return function.Bound{}, function.NoMatch(name, args)
		}
		return function.Bound{Name: function.Canonical(name), Type: catalog.Int, Args: []catalog.Type{args[0].Type, catalog.Long}, Strict: true,
			Eval: func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
				r, dimension := function.RowsOf(args[0]), function.View[int64](args[1])
				return function.MaybeRows(n, out, func(i int) (int32, bool) {
					x, ok := of(r.Span(i))
					return x, ok && dimension.At(i) == 1
				})
			}}, nil
	}
}

// bounds are PostgreSQL's functions of the shape of an array.
func bounds() []function.Scalar {
	one := func(name, doc, example string, result catalog.Type, eval func(r function.Rows) func(i int) (int32, bool)) function.Scalar {
		return function.Scalar{Name: name, Family: family, Signature: name + "(array)", Doc: doc, Example: example, Bind: func(args []function.Arg) (function.Bound, error) {
			if !isArray(args, 1) {
				return function.Bound{}, function.NoMatch(name, args)
			}
			return function.Bound{Name: function.Canonical(name), Type: result, Args: []catalog.Type{args[0].Type}, Strict: true,
				Eval: func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
					return function.MaybeRows(n, out, eval(function.RowsOf(args[0])))
				}}, nil
		}}
	}
	return []function.Scalar{
		{Name: "array_lower", Family: family, Signature: "array_lower(array, dimension)", Doc: "Position of the first element, 1; NULL for an empty array and for dimensions but 1.",
			Example: "array_lower(split('a,b', ','), 1) = 1", Bind: bindDimension("array_lower", func(from, to int) (int32, bool) { return 1, to > from })},
		{Name: "array_upper", Family: family, Signature: "array_upper(array, dimension)", Doc: "Position of the last element; NULL for an empty array and for dimensions but 1.",
			Example: "array_upper(split('a,b', ','), 1) = 2", Bind: bindDimension("array_upper", func(from, to int) (int32, bool) { return int32(to - from), to > from })},
		one("array_ndims", "Number of dimensions, 1; NULL for an empty array.", "array_ndims(split('a,b', ',')) = 1", catalog.Int, func(r function.Rows) func(i int) (int32, bool) {
			return func(i int) (int32, bool) { from, to := r.Span(i); return 1, to > from }
		}),
		{Name: "array_dims", Family: family, Signature: "array_dims(array)", Doc: "The bounds of an array as text; NULL for an empty array.", Example: "array_dims(split('a,b', ',')) = '[1:2]'",
			Bind: func(args []function.Arg) (function.Bound, error) {
				if !isArray(args, 1) {
					return function.Bound{}, function.NoMatch("array_dims", args)
				}
				return function.Bound{Name: "arraydims", Type: catalog.String, Args: []catalog.Type{args[0].Type}, Strict: true,
					Eval: func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
						r := function.RowsOf(args[0])
						return function.MaybeRows(n, out, func(i int) (string, bool) {
							from, to := r.Span(i)
							return "[1:" + strconv.Itoa(to-from) + "]", to > from
						})
					}}, nil
			}},
	}
}

// ranges generate arrays of numbers.
func ranges() []function.Scalar {
	const doc = "The numbers from start to end, end included, in steps."
	list := []function.Scalar{generator("generateIntArray", doc, "arrayToString(generateIntArray(1, 5, 2), ' ') = '1 3 5'", catalog.Int, generate[int32](stepsOfLong)),
		generator("generateLongArray", doc, "arrayToString(generateLongArray(5, 1, -2), ' ') = '5 3 1'", catalog.Long, generate[int64](stepsOfLong)),
		generator("generateFloatArray", doc, "arrayToString(generateFloatArray(0, 1, 0.5), ' ') = '0 0.5 1'", catalog.Float, generate[float32](stepsOfDouble)),
		generator("generateDoubleArray", doc, "arrayToString(generateDoubleArray(0, 1, 0.5), ' ') = '0 0.5 1'", catalog.Double, generate[float64](stepsOfDouble))}
	return list
}

func generator(name, doc, example string, t catalog.Type, eval function.Eval) function.Scalar {
	return function.Scalar{Name: name, Family: family, Signature: name + "(start, end, step)", Doc: doc, Example: example,
		Bind: function.Overloads(name, function.Overload{Args: []catalog.Type{t, t, t}, Type: t.Array(), Fallible: true, Eval: eval})}
}

// number is a type of elements that can be generated.
type number interface {
	int32 | int64 | float32 | float64
}

// generate makes each array by multiplying, so that fractions do not add up their errors.
func generate[T number](steps func(start, end, step T) (int64, error)) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		start, end, step := function.View[T](args[0]), function.View[T](args[1]), function.View[T](args[2])
		return function.BuildValues(ec, n, out, func(dst []T, i int) ([]T, error) {
			count, err := steps(start.At(i), end.At(i), step.At(i))
			if err != nil {
				return dst, err
			}
			for k := range count {
				dst = append(dst, start.At(i)+T(k)*step.At(i))
			}
			return dst, nil
		})
	}
}

func errTooLong() error {
	return errs.User(errs.ProgramLimitExceeded, "a generated array has more than %d elements", maxGenerated)
}

func stepsOfLong[T int32 | int64](start, end, step T) (int64, error) {
	s := int64(step)
	from, to := int64(start), int64(end)
	if s < 0 {
		from, to = to, from
	}
	switch {
	case s == 0:
		return 0, errs.User(errs.InvalidParameterValue, "step size cannot equal zero")
	case from > to:
		return 0, nil
	}
	width := uint64(s)
	if s < 0 {
		width = -width
	}
	count := (uint64(to)-uint64(from))/width + 1
	if count == 0 || count > maxGenerated {
		return 0, errTooLong()
	}
	return int64(count), nil
}

func stepsOfDouble[T float32 | float64](start, end, step T) (int64, error) {
	count := math.Floor((float64(end)-float64(start))/float64(step)) + 1
	switch {
	case step == 0 || math.IsNaN(count):
		return 0, errs.User(errs.InvalidParameterValue, "step size cannot equal zero or NaN")
	case count > maxGenerated:
		return 0, errTooLong()
	}
	return max(int64(count), 0), nil
}
