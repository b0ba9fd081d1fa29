// Package array is the family of functions on multi-value columns. Elements that are NULL do not count.
package array

import (
	"strings"

	"github.com/freshetdb/freshet/catalog"
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
	return []function.Scalar{
		{Name: "arrayLength", Aliases: []string{"cardinality"}, Family: family, Signature: "arrayLength(array)", Doc: "Number of elements.",
			Example: "arrayLength(split('a,b', ',')) = 2", Bind: bindLength},
		number("arrayMin", "Least element.", "arrayMin(split('3,1,2', ',')) = 1", least),
		number("arrayMax", "Greatest element.", "arrayMax(split('3,1,2', ',')) = 3", greatest),
		number("arraySum", "Sum of the elements.", "arraySum(split('3,1,2', ',')) = 6", sum),
		number("arrayAverage", "Average of the elements.", "arrayAverage(split('3,1,2', ',')) = 2", average),
		{Name: "arrayToString", Aliases: []string{"arrayToStr"}, Family: family, Signature: "arrayToString(array, separator)", Doc: "The elements as text with a separator between them.",
			Example: "arrayToString(split('a,b', ','), '-') = 'a-b'", Bind: bindToString},
		{Name: "arrayContains", Aliases: []string{"arrayContainsString", "arrayContainsInt"}, Family: family, Signature: "arrayContains(array, x)", Doc: "Whether an element equals x.",
			Example: "arrayContains(split('a,b', ','), 'b') = true", Bind: bindContains},
	}
}

// rows views a multi-value vector; a constant one has the same elements in every row.
type rows struct {
	v     *vec.Vector
	fixed bool
}

func rowsOf(v *vec.Vector) rows { return rows{v, v.Form == vec.FormConst} }

func (r rows) span(i int) (from, to int) {
	if r.fixed {
		i = 0
	}
	return int(r.v.Offsets[i]), int(r.v.Offsets[i+1])
}

func isArray(args []function.Arg, n int) bool { return len(args) == n && args[0].Type.MultiValue }

func bindLength(args []function.Arg) (function.Bound, error) {
	if !isArray(args, 1) {
		return function.Bound{}, function.NoMatch("arrayLength", args)
	}
	eval := func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		r := rowsOf(args[0])
		for i := range n {
			from, to := r.span(i)
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
			r := rowsOf(args[0])
			var values []float64
			for i := range n {
				values = values[:0]
				from, to := r.span(i)
				for e := from; e < to; e++ {
					if !r.v.Elems.IsNull(e) {
						values = append(values, r.v.Elems.Float64At(e))
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

func bindToString(args []function.Arg) (function.Bound, error) {
	if !isArray(args, 2) || args[1].Type.MultiValue {
		return function.Bound{}, function.NoMatch("arrayToString", args)
	}
	eval := func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		r, sep := rowsOf(args[0]), function.View[string](args[1])
		return function.BuildTexts(ec, n, out, func(dst []byte, i int) ([]byte, error) {
			from, to := r.span(i)
			first := true
			for e := from; e < to; e++ {
				if r.v.Elems.IsNull(e) {
					continue
				}
				if !first {
					dst = append(dst, sep.At(i)...)
				}
				dst, first = append(dst, r.v.Elems.StrAt(e)...), false
			}
			return dst, nil
		})
	}
	return function.Bound{Name: "arraytostring", Type: catalog.String, Args: []catalog.Type{catalog.String.Array(), catalog.String}, Strict: true, Eval: eval}, nil
}

// bindContains compares as the array's kind: numbers as DOUBLE or LONG, others as text.
func bindContains(args []function.Arg) (function.Bound, error) {
	if !isArray(args, 2) || args[1].Type.MultiValue {
		return function.Bound{}, function.NoMatch("arrayContains", args)
	}
	elem := catalog.String
	switch k := args[0].Type.Kind; {
	case k.IsInteger() || k.IsTime():
		elem = catalog.Long
	case k == catalog.KindFloat || k == catalog.KindDouble:
		elem = catalog.Double
	}
	same := func(a *vec.Vector, i int, b *vec.Vector, j int) bool {
		switch elem {
		case catalog.Long:
			return a.Int64At(i) == b.Int64At(j)
		case catalog.Double:
			return a.Float64At(i) == b.Float64At(j)
		}
		return strings.Compare(a.StrAt(i), b.StrAt(j)) == 0
	}
	eval := func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		r := rowsOf(args[0])
		for i := range n {
			from, to := r.span(i)
			for e := from; e < to; e++ {
				if !r.v.Elems.IsNull(e) && same(r.v.Elems, e, args[1], i) {
					out.Bits.Set(i)
					break
				}
			}
		}
		return nil
	}
	return function.Bound{Name: "arraycontains", Type: catalog.Boolean, Args: []catalog.Type{elem.Array(), elem}, Strict: true, Eval: eval}, nil
}
