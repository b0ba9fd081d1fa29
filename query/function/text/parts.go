package text

import (
	"strings"
	"unicode/utf8"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// runeOffset gives the byte offset of character n, len(s) where s is shorter.
func runeOffset(s string, n int64) int {
	if n <= 0 {
		return 0
	}
	if n >= int64(len(s)) {
		n = int64(len(s))
	}
	for at := range s {
		if n == 0 {
			return at
		}
		n--
	}
	return len(s)
}

// slice gives characters from up to, but not including, to.
func slice(s string, from, to int64) string {
	if to <= from || to <= 0 {
		return ""
	}
	lo := runeOffset(s, from)
	return s[lo : lo+runeOffset(s[lo:], to-max(from, 0))]
}

// substr takes zero-based positions, the end excluded; -1 as the end is the end of the text, as in Pinot. Other negative
// positions count from the end.
func substr(s string, from, to int64) string {
	if from < 0 || to < -1 {
		count := int64(utf8.RuneCountInString(s))
		if from < 0 {
			from = max(from+count, 0)
		}
		if to < -1 {
			to = max(to+count, 0)
		}
	}
	if to == -1 {
		to = int64(len(s))
	}
	return slice(s, from, to)
}

// substring is PostgreSQL's: one-based, with a length that counts from a start before the text too.
func substring(s string, from, length int64) (string, error) {
	if length < 0 {
		return "", errs.User("22011", "negative substring length not allowed")
	}
	to := from - 1 + length
	if to < from-1 { // overflow
		to = int64(len(s))
	}
	return slice(s, max(from-1, 0), to), nil
}

func left(s string, n int64) string {
	if n < 0 {
		n = max(int64(utf8.RuneCountInString(s))+n, 0)
	}
	return slice(s, 0, n)
}

func right(s string, n int64) string {
	count := int64(utf8.RuneCountInString(s))
	if n < 0 {
		return slice(s, min(-n, count), count)
	}
	return slice(s, max(count-n, 0), count)
}

func parts() []function.Scalar {
	long, longs := catalog.Long, []catalog.Type{catalog.String, catalog.Long, catalog.Long}
	first := []catalog.Type{catalog.String, long}
	end := func(s string, from int64) string { return slice(s, max(from, 0), int64(len(s))) }
	positions := function.Overloads("substring",
		overload(catalog.String, function.Map2(func(s string, from int64) string { return end(s, from-1) }), first...),
		function.Overload{Args: longs, Type: catalog.String, Fallible: true, Eval: function.Try3(substring)})
	pattern := withPattern(2, func(eval function.Eval) func([]function.Arg) (function.Bound, error) {
		return function.Overloads("substring", function.Overload{Args: str2, Type: catalog.String, Fallible: true, Eval: eval})
	}, substringOf)
	return []function.Scalar{
		{Name: "substr", Family: family, Signature: "substr(s, begin[, end])", Example: "substr('abcdef', 1, 3) = 'bc'",
			Doc: "Part of a text by zero-based positions, the end excluded; negative ones count from the end, but an end of -1 is the end. See also substring.",
			Bind: function.Overloads("substr", overload(catalog.String, function.Map2(func(s string, from int64) string { return substr(s, from, -1) }), first...),
				overload(catalog.String, function.Map3(substr), longs...))},
		{Name: "substring", Family: family, Signature: "substring(s, begin[, length]) or substring(s, pattern)", Example: "substring('abcdef', 2, 3) = 'bcd'",
			Doc: "Part of a text from a one-based position; or what the first match of a pattern, or its first group, holds, NULL if there is none.",
			Bind: func(args []function.Arg) (function.Bound, error) {
				if isPattern(args) {
					return pattern(args)
				}
				return positions(args)
			}},
		{Name: "left", Aliases: []string{"leftSubStr"}, Family: family, Signature: "left(s, n)", Example: "left('abcdef', 2) = 'ab'", Doc: "First n characters; all but the last -n for a negative n.",
			Bind: function.Overloads("left", overload(catalog.String, function.Map2(left), first...))},
		{Name: "right", Aliases: []string{"rightSubStr"}, Family: family, Signature: "right(s, n)", Example: "right('abcdef', 2) = 'ef'", Doc: "Last n characters; all but the first -n for a negative n.",
			Bind: function.Overloads("right", overload(catalog.String, function.Map2(right), first...))},
		{Name: "trim", Aliases: []string{"btrim"}, Family: family, Signature: "trim(s[, characters]) or trim(end, characters, s)", Example: "trim('  ab ') = 'ab'",
			Doc: "The text without spaces, or characters of a set, at both ends; end is BOTH, LEADING or TRAILING.", Bind: function.Overloads("trim", trims(strings.Trim, true)...)},
		{Name: "ltrim", Family: family, Signature: "ltrim(s[, characters])", Example: "ltrim('  ab') = 'ab'", Doc: "The text without white space, or characters of a set, at the beginning.",
			Bind: function.Overloads("ltrim", trims(strings.TrimLeft, false)...)},
		{Name: "rtrim", Family: family, Signature: "rtrim(s[, characters])", Example: "rtrim('ab  ') = 'ab'", Doc: "The text without white space, or characters of a set, at the end.",
			Bind: function.Overloads("rtrim", trims(strings.TrimRight, false)...)},
		{Name: "lpad", Family: family, Signature: "lpad(s, length[, pad])", Example: "lpad('7', 3, '0') = '007'", Doc: "The text filled up on the left to a length, or cut to it.",
			Bind: function.Overloads("lpad", pads(true)...)},
		{Name: "rpad", Family: family, Signature: "rpad(s, length[, pad])", Example: "rpad('ab', 4, '.') = 'ab..'", Doc: "The text filled up on the right to a length, or cut to it.",
			Bind: function.Overloads("rpad", pads(false)...)},
		{Name: "repeat", Family: family, Signature: "repeat(s, n) or repeat(s, separator, n)", Example: "repeat('ab', 3) = 'ababab'", Doc: "The text n times.",
			Bind: function.Overloads("repeat", repeats()...)},
	}
}

// trims trims spaces, and with one end only all white space, as Pinot does.
func trims(f func(s, cutset string) string, withEnd bool) []function.Overload {
	space := " "
	if !withEnd {
		space = " \t\n\v\f\r"
	}
	list := []function.Overload{
		overload(catalog.String, function.Map1(func(s string) string { return f(s, space) }), str...),
		overload(catalog.String, function.Map2(f), str2...),
	}
	if withEnd {
		list = append(list, function.Overload{Args: str3, Type: catalog.String, Fallible: true, Eval: function.Try3(trimEnd)})
	}
	return list
}

func trimEnd(end, cutset, s string) (string, error) {
	switch strings.ToUpper(end) {
	case "BOTH":
		return strings.Trim(s, cutset), nil
	case "LEADING":
		return strings.TrimLeft(s, cutset), nil
	case "TRAILING":
		return strings.TrimRight(s, cutset), nil
	}
	return "", errs.User(errs.InvalidParameterValue, "trim: end is %q; it has to be BOTH, LEADING or TRAILING", end)
}

func pads(onLeft bool) []function.Overload {
	build := func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		s, length, fill := function.View[string](args[0]), function.View[int64](args[1]), function.ConstSlice(" ")
		if len(args) == 3 {
			fill = function.View[string](args[2])
		}
		return function.BuildTexts(ec, n, out, func(dst []byte, i int) ([]byte, error) {
			return appendPad(dst, s.At(i), length.At(i), fill.At(i), onLeft)
		})
	}
	return []function.Overload{
		{Args: []catalog.Type{catalog.String, catalog.Long}, Type: catalog.String, Fallible: true, Eval: build},
		{Args: []catalog.Type{catalog.String, catalog.Long, catalog.String}, Type: catalog.String, Fallible: true, Eval: build},
	}
}

func appendPad(dst []byte, s string, length int64, fill string, onLeft bool) ([]byte, error) {
	if length > maxPadLength {
		return dst, errs.User(errs.ProgramLimitExceeded, "length %d of a padded text is above %d", length, maxPadLength)
	}
	missing := max(length, 0) - int64(utf8.RuneCountInString(s)) // length may be the least of all
	if missing <= 0 || fill == "" {
		return append(dst, slice(s, 0, length)...), nil
	}
	if !onLeft {
		dst = append(dst, s...)
	}
	width := int64(utf8.RuneCountInString(fill))
	for ; missing >= width; missing -= width {
		dst = append(dst, fill...)
	}
	dst = append(dst, slice(fill, 0, missing)...)
	if onLeft {
		dst = append(dst, s...)
	}
	return dst, nil
}

func repeats() []function.Overload {
	build := func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		s, sep, times := function.View[string](args[0]), function.ConstSlice(""), function.View[int64](args[len(args)-1])
		if len(args) == 3 {
			sep = function.View[string](args[1])
		}
		return function.BuildTexts(ec, n, out, func(dst []byte, i int) ([]byte, error) {
			count := times.At(i)
			if count > 0 && (count > maxPadLength || count*int64(len(s.At(i))+len(sep.At(i))) > maxPadLength) {
				return dst, errs.User(errs.ProgramLimitExceeded, "repeat makes a text of more than %d bytes", maxPadLength)
			}
			for k := range max(count, 0) {
				if k > 0 {
					dst = append(dst, sep.At(i)...)
				}
				dst = append(dst, s.At(i)...)
			}
			return dst, nil
		})
	}
	return []function.Overload{
		{Args: []catalog.Type{catalog.String, catalog.Long}, Type: catalog.String, Fallible: true, Eval: build},
		{Args: []catalog.Type{catalog.String, catalog.String, catalog.Long}, Type: catalog.String, Fallible: true, Eval: build},
	}
}
