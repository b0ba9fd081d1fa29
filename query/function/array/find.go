package array

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// finders are functions that look for elements.
func finders() []function.Scalar {
	ints := catalog.Int.Array()
	return []function.Scalar{
		looking(forms{name: "arrayIndexOf", aliases: allTypes("arrayIndexOf"), signature: "arrayIndexOf(array, x)", doc: "Zero-based position of the first element that equals x; -1 if there is none.",
			example: "arrayIndexOf(split('a,b', ','), 'b') = 1", shapes: []string{"ae"}}, catalog.Int, indexOf),
		looking(forms{name: "arrayIndexesOf", aliases: allTypes("arrayIndexesOf"), signature: "arrayIndexesOf(array, x)", doc: "Zero-based positions of the elements that equal x.",
			example: "arrayToString(arrayIndexesOf(split('a,b,a', ','), 'a'), ' ') = '0 2'", shapes: []string{"ae"}}, ints, positions(0)),
		looking(forms{name: "array_position", signature: "array_position(array, x[, start])", doc: "One-based position of the first element from start on that equals x; NULL if there is none.",
			example: "array_position(split('a,b', ','), 'b') = 2", shapes: []string{"ae", "aei"}, lax: true, fallible: true}, catalog.Int, position),
		looking(forms{name: "array_positions", signature: "array_positions(array, x)", doc: "One-based positions of the elements that equal x.",
			example: "arrayToString(array_positions(split('a,b,a', ','), 'a'), ' ') = '1 3'", shapes: []string{"ae"}, lax: true}, ints, positions(1)),
		looking(forms{name: "arrayContains", aliases: allTypes("arrayContains"), signature: "arrayContains(array, x)", doc: "Whether an element equals x.",
			example: "arrayContains(split('a,b', ','), 'b') = true", shapes: []string{"ae"}}, catalog.Boolean, containing),
		looking(forms{name: "arraysOverlap", signature: "arraysOverlap(array, array)", doc: "Whether the arrays have an element in common.",
			example: "arraysOverlap(split('a,b', ','), split('b,c', ',')) = true", shapes: []string{"aa"}}, catalog.Boolean, overlapping),
		looking(forms{name: "arrayContainsAll", signature: "arrayContainsAll(array, array) or array @> array", doc: "Whether the first array has every element of the second; NULL elements equal nothing.",
			example: "arrayContainsAll(split('a,b', ','), split('b,b', ',')) = true", shapes: []string{"aa"}}, catalog.Boolean, containingAll),
		looking(forms{name: "arrayAnyBetween", signature: "arrayAnyBetween(array, low, high) or column BETWEEN low AND high", doc: "Whether an element is not below low and not above high.",
			example: "arrayAnyBetween(split('a,c', ','), 'b', 'd') = true", shapes: []string{"aee"}}, catalog.Boolean, anyBetween),
		elementAt(),
		mapValue(),
		{Name: "intersectIndices", Family: family, Signature: "intersectIndices(array, array)", Doc: "The numbers that two ascending arrays of positions have in common.",
			Example: "intersectIndices('{1,3,5}', '{3,4,5}') = '{3,5}'",
			Bind:    function.Overloads("intersectIndices", function.Overload{Args: []catalog.Type{ints, ints}, Type: ints, Eval: intersect})},
	}
}

// looking makes the descriptor of a function whose result type is fixed.
func looking(f forms, result catalog.Type, eval func(ec *function.EvalContext, c *call, n int, out *vec.Vector) error) function.Scalar {
	return describe(f, func(elem catalog.Type) (catalog.Type, function.Eval) {
		order := function.OrderOf(elem)
		return result, func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
			return eval(ec, newCall(args, order), n, out)
		}
	})
}

// find gives the first element of argument 0, from one on, that equals argument 1; -1 if there is none.
func (c *call) find(i, from, to int) int {
	for e := from; e < to; e++ {
		if c.same(0, e, 1, i) {
			return e
		}
	}
	return -1
}

func indexOf(_ *function.EvalContext, c *call, n int, out *vec.Vector) error {
	for i := range n {
		from, to := c.span(0, i)
		if e := c.find(i, from, to); e >= 0 {
			out.I32[i] = int32(e - from)
		} else {
			out.I32[i] = -1
		}
	}
	return nil
}

func position(ec *function.EvalContext, c *call, n int, out *vec.Vector) error {
	return function.TryRows(ec, n, out, func(i int) (int32, error) {
		if c.args[0].IsNull(i) {
			out.SetNull(i)
			return 0, nil
		}
		from, to := c.span(0, i)
		begin := from
		if len(c.args) == 3 {
			if c.args[2].IsNull(i) {
				return 0, errs.User("22004", "initial position must not be null")
			}
			if start := c.long(2, i); start > 1 {
				begin += int(min(start-1, int64(to-from)))
			}
		}
		e := c.find(i, begin, to)
		if e < 0 {
			out.SetNull(i)
		}
		return int32(e - from + 1), nil
	})
}

func positions(base int) func(ec *function.EvalContext, c *call, n int, out *vec.Vector) error {
	return func(ec *function.EvalContext, c *call, n int, out *vec.Vector) error {
		for i := range n {
			if c.args[0].IsNull(i) {
				out.SetNull(i)
			}
		}
		return function.BuildValues(ec, n, out, func(dst []int32, i int) ([]int32, error) {
			from, to := c.span(0, i)
			for e := c.find(i, from, to); e >= 0; e = c.find(i, e+1, to) {
				dst = append(dst, int32(e-from+base))
			}
			return dst, nil
		})
	}
}

func containing(_ *function.EvalContext, c *call, n int, out *vec.Vector) error {
	for i := range n {
		if from, to := c.span(0, i); c.find(i, from, to) >= 0 {
			out.Bits.Set(i)
		}
	}
	return nil
}

// overlapping does not take NULL elements for equal.
func overlapping(_ *function.EvalContext, c *call, n int, out *vec.Vector) error {
	for i := range n {
		from, to := c.span(0, i)
		otherFrom, otherTo := c.span(1, i)
	search:
		for e := from; e < to; e++ {
			for o := otherFrom; o < otherTo; o++ {
				if !c.sources[0].IsNull(e) && c.same(0, e, 1, o) {
					out.Bits.Set(i)
					break search
				}
			}
		}
	}
	return nil
}

func containingAll(_ *function.EvalContext, c *call, n int, out *vec.Vector) error {
	for i := range n {
		from, to := c.span(0, i)
		wanted, end := c.span(1, i)
		for ; wanted < end; wanted++ {
			if c.sources[1].IsNull(wanted) {
				break
			}
			found := false
			for e := from; e < to && !found; e++ {
				found = c.same(0, e, 1, wanted)
			}
			if !found {
				break
			}
		}
		if wanted == end {
			out.Bits.Set(i)
		}
	}
	return nil
}

func anyBetween(_ *function.EvalContext, c *call, n int, out *vec.Vector) error {
	array := c.sources[0]
	for i := range n {
		if out.IsNull(i) {
			continue
		}
		from, to := c.span(0, i)
		for e := from; e < to; e++ {
			if !array.IsNull(e) && c.order(array, e, c.sources[1], i) >= 0 && c.order(array, e, c.sources[2], i) <= 0 {
				out.Bits.Set(i)
				break
			}
		}
	}
	return nil
}

func intersect(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	a, b := function.RowsOf(args[0]), function.RowsOf(args[1])
	return function.BuildValues(ec, n, out, func(dst []int32, i int) ([]int32, error) {
		from, to := a.Span(i)
		other, end := b.Span(i)
		for e := from; e < to; e++ {
			x := a.Elems.Int64At(e)
			for other < end && b.Elems.Int64At(other) < x {
				other++
			}
			if other < end && b.Elems.Int64At(other) == x {
				dst = append(dst, int32(x))
			}
		}
		return dst, nil
	})
}

// elementAt gives 0 or the empty text where there is no such element, as Pinot does.
func elementAt() function.Scalar {
	f := forms{name: "arrayElementAt", aliases: allTypes("arrayElementAt"), signature: "arrayElementAt(array, n)", doc: "The element at a one-based position; 0, false or the empty text outside of the array.",
		example: "arrayElementAtString(split('a,b', ','), 2) = 'b'", shapes: []string{"ai"}}
	return describe(f, func(elem catalog.Type) (catalog.Type, function.Eval) {
		var zero vec.Vector
		x := catalog.Value{Type: elem}
		if elem.Kind == catalog.KindBigDecimal || elem.Kind == catalog.KindJSON {
			x.Str = "0"
		}
		zero.SetConst(x, 1)
		return elem, func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
			c := newCall(args, nil)
			for i := range n {
				if out.IsNull(i) {
					continue
				}
				from, to := c.span(0, i)
				if at := c.long(1, i); at >= 1 && at <= int64(to-from) {
					out.CopyRow(i, c.sources[0], from+int(at)-1)
				} else {
					out.CopyRow(i, &zero, 0)
				}
			}
			return nil
		}
	})
}

// mapValue reads a map that is kept as two arrays.
func mapValue() function.Scalar {
	const name = "mapValue"
	return function.Scalar{Name: name, Family: family, Signature: "mapValue(keys, key, values)", Doc: "The element of values at the place that key has in keys; NULL if it has none.",
		Example: "mapValue(split('a,b', ','), 'b', split('1,2', ',')) = '2'",
		Bind: func(args []function.Arg) (function.Bound, error) {
			if len(args) != 3 || !args[2].Type.MultiValue {
				return function.Bound{}, function.NoMatch(name, args)
			}
			types, elem, err := bindShape(name, "ae", args[:2])
			if err != nil {
				return function.Bound{}, err
			}
			order, result := function.OrderOf(elem), args[2].Type.Elem()
			return function.Bound{Name: "mapvalue", Type: result, Args: append(types, args[2].Type), Strict: true,
				Eval: func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
					c := newCall(args, order)
					for i := range n {
						if out.IsNull(i) {
							continue
						}
						from, to := c.span(0, i)
						values, end := c.span(2, i)
						if e := c.find(i, from, to); e >= 0 && values+e-from < end {
							out.CopyRow(i, c.sources[2], values+e-from)
						} else {
							out.SetNull(i)
						}
					}
					return nil
				}}, nil
		}}
}
