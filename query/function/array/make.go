package array

import (
	"slices"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function"
)

// builder is the loop of a function that gives an array.
type builder = func(dst []function.Pick, i int) ([]function.Pick, error)

// makers are functions that give an array of elements of their arguments.
func makers() []function.Scalar {
	list := append(changers(), joiners()...)
	out := make([]function.Scalar, len(list))
	for i, f := range list {
		out[i] = f.scalar()
	}
	return out
}

// changers take one array.
func changers() []forms {
	return []forms{
		{name: "arrayReverse", aliases: typed("arrayReverse", "Int", "String"), signature: "arrayReverse(array)", doc: "The elements backwards.",
			example: "arrayReverse(split('a,b', ',')) = '{b,a}'", shapes: []string{"a"}, build: reverse},
		{name: "arraySort", aliases: typed("arraySort", "Int", "String"), signature: "arraySort(array)", doc: "The elements in ascending order, NULL last.",
			example: "arraySort(split('b,a', ',')) = '{a,b}'", shapes: []string{"a"}, build: sorted},
		{name: "arrayDistinct", aliases: typed("arrayDistinct", "Int", "String"), signature: "arrayDistinct(array)", doc: "The different elements, in the order of their first occurrence.",
			example: "arrayDistinct(split('b,a,b', ',')) = '{b,a}'", shapes: []string{"a"}, build: distinct(0)},
		{name: "arraySlice", aliases: typed("arraySlice", "Int", "Long", "String"), signature: "arraySlice(array, begin, end)",
			doc:     "The elements from a zero-based position up to, but not including, another; what lies outside of the array is left out.",
			example: "arraySlice(split('a,b,c', ','), 1, 3) = '{b,c}'", shapes: []string{"aii"}, build: slice},
		{name: "trim_array", signature: "trim_array(array, n)", doc: "The array without its last n elements.", example: "trim_array(split('a,b,c', ','), 2) = '{a}'", shapes: []string{"ai"}, fallible: true, build: trimmed},
		{name: "array_remove", signature: "array_remove(array, x)", doc: "The array without the elements that equal x.", example: "array_remove(split('a,b,a', ','), 'a') = '{b}'",
			shapes: []string{"ae"}, lax: true, build: remove(true)},
		{name: "arrayRemoveInt", aliases: []string{"arrayRemoveString"}, signature: "arrayRemoveInt(array, x)", doc: "The array without its first element that equals x, as in Pinot.",
			example: "arrayRemoveString(split('a,b,a', ','), 'a') = '{b,a}'", shapes: []string{"ae"}, lax: true, build: remove(false)},
		{name: "array_replace", signature: "array_replace(array, x, y)", doc: "The array with y for every element that equals x.", example: "array_replace(split('a,b', ','), 'a', 'c') = '{c,b}'",
			shapes: []string{"aee"}, lax: true, build: replaced},
		{name: "valueIn", signature: "valueIn(array, x, y, ...)", doc: "The elements that equal one of the other arguments.", example: "valueIn(split('a,b,c', ','), 'a', 'c') = '{a,c}'",
			shapes: []string{"ae+"}, build: valueIn},
		{name: "arrayToMV", signature: "arrayToMV(array)", doc: "The array itself, whose elements count one by one.", example: "arrayToMV(split('a,b', ',')) = '{a,b}'", shapes: []string{"a"},
			build: func(c *call) builder {
				return func(dst []function.Pick, i int) ([]function.Pick, error) {
					from, to := c.span(0, i)
					return c.append(dst, 0, from, to), nil
				}
			}},
	}
}

func reverse(c *call) builder {
	return func(dst []function.Pick, i int) ([]function.Pick, error) {
		begin := len(dst)
		from, to := c.span(0, i)
		dst = c.append(dst, 0, from, to)
		slices.Reverse(dst[begin:])
		return dst, nil
	}
}

func sorted(c *call) builder {
	return func(dst []function.Pick, i int) ([]function.Pick, error) {
		begin := len(dst)
		from, to := c.span(0, i)
		dst = c.append(dst, 0, from, to)
		slices.SortStableFunc(dst[begin:], func(x, y function.Pick) int {
			switch a, b := c.sources[0].IsNull(x.At), c.sources[0].IsNull(y.At); {
			case a && b:
				return 0
			case a:
				return 1
			case b:
				return -1
			}
			return c.order(c.sources[0], x.At, c.sources[0], y.At)
		})
		return dst, nil
	}
}

// distinct keeps the first of equal elements of arguments 0 to last. Long arrays are compared in order, short ones each
// with each.
func distinct(last int) func(c *call) builder {
	return func(c *call) builder {
		return func(dst []function.Pick, i int) ([]function.Pick, error) {
			begin := len(dst)
			for k := 0; k <= last; k++ {
				from, to := c.span(k, i)
				dst = c.append(dst, k, from, to)
			}
			return dst[:begin+c.dedupe(dst[begin:])], nil
		}
	}
}

// dedupe moves the first of equal elements to the front, in their order, and gives how many they are. It sorts, so that
// a long array costs no square.
func (c *call) dedupe(all []function.Pick) int {
	type place struct {
		function.Pick
		at int
	}
	places := make([]place, len(all))
	for i, p := range all {
		places[i] = place{p, i}
	}
	compare := func(x, y place) int {
		a, b := c.sources[x.Source], c.sources[y.Source]
		switch m, n := a.IsNull(x.At), b.IsNull(y.At); {
		case m && n:
			return 0
		case m:
			return 1
		case n:
			return -1
		}
		return c.order(a, x.At, b, y.At)
	}
	slices.SortStableFunc(places, compare)
	firsts := slices.CompactFunc(places, func(x, y place) bool { return compare(x, y) == 0 })
	slices.SortFunc(firsts, func(x, y place) int { return x.at - y.at })
	for i, p := range firsts {
		all[i] = p.Pick
	}
	return len(firsts)
}

func slice(c *call) builder {
	return func(dst []function.Pick, i int) ([]function.Pick, error) {
		from, to := c.span(0, i)
		begin, end := max(c.long(1, i), 0), min(c.long(2, i), int64(to-from))
		if begin >= end {
			return dst, nil
		}
		return c.append(dst, 0, from+int(begin), from+int(end)), nil
	}
}

func trimmed(c *call) builder {
	return func(dst []function.Pick, i int) ([]function.Pick, error) {
		from, to := c.span(0, i)
		n := c.long(1, i)
		if n < 0 || n > int64(to-from) {
			return dst, errs.User("2202E", "number of elements to trim must be between 0 and %d", to-from)
		}
		return c.append(dst, 0, from, to-int(n)), nil
	}
}

func remove(all bool) func(c *call) builder {
	return func(c *call) builder {
		return func(dst []function.Pick, i int) ([]function.Pick, error) {
			from, to := c.span(0, i)
			removed := false
			for e := from; e < to; e++ {
				if (all || !removed) && c.same(0, e, 1, i) {
					removed = true
					continue
				}
				dst = append(dst, function.Pick{Source: 0, At: e})
			}
			return dst, nil
		}
	}
}

func replaced(c *call) builder {
	return func(dst []function.Pick, i int) ([]function.Pick, error) {
		from, to := c.span(0, i)
		for e := from; e < to; e++ {
			if c.same(0, e, 1, i) {
				dst = append(dst, function.Pick{Source: 2, At: i})
			} else {
				dst = append(dst, function.Pick{Source: 0, At: e})
			}
		}
		return dst, nil
	}
}

func valueIn(c *call) builder {
	return func(dst []function.Pick, i int) ([]function.Pick, error) {
		from, to := c.span(0, i)
		for e := from; e < to; e++ {
			for k := 1; k < len(c.args); k++ {
				if c.same(0, e, k, i) {
					dst = append(dst, function.Pick{Source: 0, At: e})
					break
				}
			}
		}
		return dst, nil
	}
}

// joiners put arrays and elements together. A NULL array is an empty one to them.
func joiners() []forms {
	all := func(c *call) builder {
		return func(dst []function.Pick, i int) ([]function.Pick, error) {
			for k, a := range c.args {
				if !a.Type.MultiValue {
					dst = append(dst, function.Pick{Source: k, At: i})
					continue
				}
				from, to := c.span(k, i)
				dst = c.append(dst, k, from, to)
			}
			return dst, nil
		}
	}
	front := func(c *call) builder {
		return func(dst []function.Pick, i int) ([]function.Pick, error) {
			from, to := c.span(0, i)
			return c.append(append(dst, function.Pick{Source: 1, At: i}), 0, from, to), nil
		}
	}
	return []forms{
		{name: "arrayConcat", aliases: append(allTypes("arrayConcat"), "array_cat"), signature: "arrayConcat(array, array, ...) or array || array", doc: "The elements of the arrays, and single elements, one after the other; a NULL array has none.",
			example: "arrayConcat(split('a,b', ','), split('c', ',')) = '{a,b,c}'", shapes: []string{"aa+", "ae", "ea"}, lax: true, build: all},
		{name: "arrayPushBack", aliases: append(allTypes("arrayPushBack"), "array_append"), signature: "arrayPushBack(array, x)", doc: "The array with x behind its elements; a NULL array has none.",
			example: "array_append(split('a,b', ','), 'c') = '{a,b,c}'", shapes: []string{"ae"}, lax: true, build: all},
		{name: "arrayPushFront", aliases: allTypes("arrayPushFront"), signature: "arrayPushFront(array, x)", doc: "The array with x before its elements; a NULL array has none.",
			example: "arrayPushFront(split('a,b', ','), 'c') = '{c,a,b}'", shapes: []string{"ae"}, lax: true, build: front},
		{name: "array_prepend", signature: "array_prepend(x, array)", doc: "The array with x before its elements; a NULL array has none.",
			example: "array_prepend('c', split('a,b', ',')) = '{c,a,b}'", shapes: []string{"ea"}, lax: true, build: all},
		{name: "arrayUnion", aliases: typed("arrayUnion", "Int", "String"), signature: "arrayUnion(array, array)", doc: "The different elements of both arrays, in the order of their first occurrence.",
			example: "arrayUnion(split('b,a', ','), split('a,c', ',')) = '{b,a,c}'", shapes: []string{"aa"}, build: distinct(1)},
		{name: "arrayValueConstructor", aliases: []string{"array"}, signature: "arrayValueConstructor(a, b, ...) or ARRAY[a, b, ...]", doc: "An array of the arguments.",
			example: "arrayValueConstructor('a', 'b') = '{a,b}'", shapes: []string{"e+"}, lax: true, build: all},
	}
}
