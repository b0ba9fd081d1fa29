package array

import (
	"math"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

const vectorFamily = "Vector"

var vector2 = []catalog.Type{catalog.Double.Array(), catalog.Double.Array()}

// vectors are measures of arrays of numbers. NULL elements are not allowed: a vector has a number in each dimension.
func vectors() []function.Scalar {
	pair := func(name, doc, example string, add func(sum *sums, x, y float64), result func(s *sums) float64, more ...function.Overload) function.Scalar {
		o := function.Overload{Args: vector2, Type: catalog.Double, Fallible: true, Eval: evalPair(name, add, result)}
		return function.Scalar{Name: name, Family: vectorFamily, Signature: name + "(a, b)", Doc: doc, Example: example, Bind: function.Overloads(name, append(more, o)...)}
	}
	dot := func(s *sums, x, y float64) { s.dot += x * y }
	squares := func(s *sums, x, y float64) { s.dot += (x - y) * (x - y) }
	cosine := func(s *sums, x, y float64) { s.dot += x * y; s.a += x * x; s.b += y * y }
	total := func(s *sums) float64 { return s.dot }
	withDefault := function.Overload{Args: append(vector2[:2:2], catalog.Double), Type: catalog.Double, Fallible: true, Eval: evalPair("cosineDistance", cosine, cosineDistance)}
	return []function.Scalar{
		pair("cosineDistance", "1 less the cosine of the angle between two vectors; a third argument is the result where one has no length, NaN without it.",
			"cosineDistance('{1,0}', '{0,1}') = 1", cosine, cosineDistance, withDefault),
		pair("innerProduct", "Inner product of two vectors.", "innerProduct('{1,2}', '{3,4}') = 11", dot, total),
		pair("dotProduct", "Inner product of two vectors.", "dotProduct('{1,2}', '{3,4}') = 11", dot, total),
		pair("l1Distance", "Sum of the absolute differences.", "l1Distance('{1,2}', '{4,6}') = 7", func(s *sums, x, y float64) { s.dot += math.Abs(x - y) }, total),
		pair("l2Distance", "Root of the sum of the squared differences.", "l2Distance('{1,2}', '{4,6}') = 5", squares, func(s *sums) float64 { return math.Sqrt(s.dot) }),
		pair("euclideanDistance", "Sum of the squared differences, without the root, as in Pinot.", "euclideanDistance('{1,2}', '{4,6}') = 25", squares, total),
		one("vectorDims", "Number of dimensions.", "vectorDims('{3,4}') = 2", catalog.Int, func(out *vec.Vector, i int, values []float64) { out.I32[i] = int32(len(values)) }),
		one("vectorNorm", "Length of the vector.", "vectorNorm('{3,4}') = 5", catalog.Double, func(out *vec.Vector, i int, values []float64) {
			s := 0.0
			for _, x := range values {
				s += x * x
			}
			out.F64[i] = math.Sqrt(s)
		}),
	}
}

// sums are what the measures of two vectors add up.
type sums struct{ dot, a, b, otherwise float64 }

func cosineDistance(s *sums) float64 {
	if s.a == 0 || s.b == 0 {
		return s.otherwise
	}
	return 1 - s.dot/(math.Sqrt(s.a)*math.Sqrt(s.b))
}

func evalPair(name string, add func(s *sums, x, y float64), result func(s *sums) float64) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		a, b := function.RowsOf(args[0]), function.RowsOf(args[1])
		return function.TryRows(ec, n, out, func(i int) (float64, error) {
			from, to := a.Span(i)
			other, end := b.Span(i)
			if to-from != end-other {
				return 0, errs.User(errs.InvalidParameterValue, "%s: vectors of %d and %d dimensions", name, to-from, end-other)
			}
			s := sums{otherwise: math.NaN()}
			if len(args) == 3 {
				s.otherwise = args[2].Float64At(i)
			}
			for e := range to - from {
				if a.Elems.IsNull(from+e) || b.Elems.IsNull(other+e) {
					return 0, errNullElement(name)
				}
				add(&s, a.Elems.Float64At(from+e), b.Elems.Float64At(other+e))
			}
			return result(&s), nil
		})
	}
}

func errNullElement(name string) error {
	return errs.User(errs.InvalidParameterValue, "%s: a vector has a NULL element", name)
}

func one(name, doc, example string, result catalog.Type, store func(out *vec.Vector, i int, values []float64)) function.Scalar {
	eval := func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		r := function.RowsOf(args[0])
		var values []float64
		for i := range n {
			if out.IsNull(i) {
				continue
			}
			values = values[:0]
			var err error
			for e, to := r.Span(i); e < to; e++ {
				if r.Elems.IsNull(e) {
					err = errNullElement(name)
				}
				values = append(values, r.Elems.Float64At(e))
			}
			if err == nil && len(values) == 0 {
				err = errs.User(errs.InvalidParameterValue, "%s: an empty vector", name)
			}
			if err != nil {
				if err := ec.Fail(out, i, err); err != nil {
					return err
				}
				continue
			}
			store(out, i, values)
		}
		return nil
	}
	return function.Scalar{Name: name, Family: vectorFamily, Signature: name + "(a)", Doc: doc, Example: example,
		Bind: function.Overloads(name, function.Overload{Args: vector2[:1], Type: result, Fallible: true, Eval: eval})}
}
