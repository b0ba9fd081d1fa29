package text

import (
	"strings"
	"unicode/utf8"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

func searching() []function.Scalar {
	pred := func(name, doc, example string, f func(s, t string) bool) function.Scalar {
		return function.Scalar{Name: name, Family: family, Signature: name + "(s, t)", Doc: doc, Example: example,
			Bind: function.Overloads(name, overload(catalog.Boolean, function.Map2(f), str2...))}
	}
	nth := []catalog.Type{catalog.String, catalog.String, catalog.Long}
	return []function.Scalar{
		pred("startsWith", "Whether s begins with t.", "startsWith('abc', 'ab') = true", strings.HasPrefix),
		pred("endsWith", "Whether s ends with t.", "endsWith('abc', 'bc') = true", strings.HasSuffix),
		pred("contains", "Whether t occurs in s.", "contains('abc', 'b') = true", strings.Contains),
		{Name: "strpos", Family: family, Signature: "strpos(s, t[, n])", Example: "strpos('abcb', 'b') = 1",
			Doc: "Zero-based position of the first, or n-th, occurrence of t in s; -1 if there is none.",
			Bind: function.Overloads("strpos",
				overload(catalog.Int, function.Map2(func(s, t string) int32 { return position(s, t, 1) }), str2...),
				overload(catalog.Int, function.Map3(position), nth...))},
		{Name: "strrpos", Family: family, Signature: "strrpos(s, t[, last])", Example: "strrpos('abcb', 'b') = 3",
			Doc: "Zero-based position of the last occurrence of t in s, that begins no later than the position last; -1 if there is none.",
			Bind: function.Overloads("strrpos", overload(catalog.Int, function.Map2(lastPosition), str2...),
				overload(catalog.Int, function.Map3(func(s, t string, last int64) int32 {
					if last < 0 {
						return -1
					}
					return lastPosition(s[:min(runeOffset(s, last)+len(t), len(s))], t)
				}), nth...))},
		{Name: "position", Family: family, Signature: "position(t IN s)", Example: "position('b' IN 'abc') = 2",
			Doc:  "One-based position of t in s, 0 if there is none: the SQL standard's form of strpos.",
			Bind: function.Overloads("position", overload(catalog.Int, function.Map2(func(s, t string) int32 { return position(s, t, 1) + 1 }), str2...))},
		{Name: "replace", Family: family, Signature: "replace(s, from, to)", Example: "replace('abab', 'b', 'x') = 'axax'", Doc: "s with every occurrence of from replaced by to.",
			Bind: function.Overloads("replace", overload(catalog.String, replace, str3...))},
		{Name: "remove", Family: family, Signature: "remove(s, t)", Example: "remove('abab', 'b') = 'aa'", Doc: "s without the occurrences of t.",
			Bind: function.Overloads("remove", overload(catalog.String, function.Map2(func(s, t string) string { return strings.ReplaceAll(s, t, "") }), str2...))},
	}
}

// position gives the zero-based position of the n-th occurrence, -1 if there is none.
func position(s, t string, n int64) int32 {
	from := 0
	for ; n >= 1; n-- {
		at := strings.Index(s[from:], t)
		if at < 0 {
			return -1
		}
		if n == 1 {
			return int32(utf8.RuneCountInString(s[:from+at]))
		}
		_, size := utf8.DecodeRuneInString(s[from+at:])
		if size == 0 {
			return -1
		}
		from += at + size
	}
	return -1
}

func lastPosition(s, t string) int32 {
	at := strings.LastIndex(s, t)
	if at < 0 {
		return -1
	}
	return int32(utf8.RuneCountInString(s[:at]))
}

func replace(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	s, from, to := function.View[string](args[0]), function.View[string](args[1]), function.View[string](args[2])
	return function.BuildTexts(ec, n, out, func(dst []byte, i int) ([]byte, error) {
		rest, what := s.At(i), from.At(i)
		for what != "" {
			at := strings.Index(rest, what)
			if at < 0 {
				break
			}
			dst = append(append(dst, rest[:at]...), to.At(i)...)
			rest = rest[at+len(what):]
		}
		return append(dst, rest...), nil
	})
}

func splitting() []function.Scalar {
	array := catalog.String.Array()
	return []function.Scalar{
		{Name: "split", Family: family, Signature: "split(s, delimiter[, limit])", Example: "arrayLength(split('a,b,c', ',')) = 3",
			Doc: "Parts of s between delimiters, without empty ones, at most limit (the last holds the rest).",
			Bind: function.Overloads("split", overload(array, split, str2...),
				overload(array, split, catalog.String, catalog.String, catalog.Long))},
		{Name: "splitPart", Family: family, Signature: "splitPart(s, delimiter[, limit], index)", Example: "splitPart('a,b,c', ',', 1) = 'b'",
			Doc: "One of the parts of split, by zero-based index, from the end if negative; the text null if there is none, as in Pinot.",
			Bind: function.Overloads("splitPart", overload(catalog.String, splitPart, catalog.String, catalog.String, catalog.Long),
				overload(catalog.String, splitPart, catalog.String, catalog.String, catalog.Long, catalog.Long))},
	}
}

// appendParts appends the parts of s that are not empty; after limit-1 of them the rest is the last. limit below 1 is none.
func appendParts(dst []string, s, sep string, limit int64) []string {
	if sep == "" {
		sep = " "
	}
	for count := int64(0); s != ""; {
		at := strings.Index(s, sep)
		if at == 0 {
			s = s[len(sep):]
			continue
		}
		count++
		if at < 0 || count == limit {
			return append(dst, s)
		}
		dst = append(dst, s[:at])
		s = s[at+len(sep):]
	}
	return dst
}

func split(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	s, sep, limit := function.View[string](args[0]), function.View[string](args[1]), function.ConstSlice(int64(0))
	if len(args) == 3 {
		limit = function.View[int64](args[2])
	}
	return function.BuildArrays(ec, n, out, func(dst []string, i int) ([]string, error) {
		return appendParts(dst, s.At(i), sep.At(i), limit.At(i)), nil
	})
}

func splitPart(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	s, sep, limit := function.View[string](args[0]), function.View[string](args[1]), function.ConstSlice(int64(0))
	index := function.View[int64](args[len(args)-1])
	if len(args) == 4 {
		limit = function.View[int64](args[2])
	}
	var list []string
	for i := range n {
		list = appendParts(list[:0], s.At(i), sep.At(i), limit.At(i))
		at := index.At(i)
		if at < 0 {
			at += int64(len(list))
		}
		if at >= 0 && at < int64(len(list)) {
			out.Str[i] = list[at]
		} else {
			out.Str[i] = "null"
		}
	}
	return nil
}
