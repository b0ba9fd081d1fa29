package text

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// further are functions of one or two texts that need no family of their own.
func further() []function.Scalar {
	fold := func(f func(s, t string) bool) func(s, t string) bool {
		return func(s, t string) bool { return f(strings.ToLower(s), strings.ToLower(t)) }
	}
	pred := func(name, doc, example string, f func(s, t string) bool) function.Scalar {
		return function.Scalar{Name: name, Family: family, Signature: name + "(s, t)", Doc: doc, Example: example,
			Bind: function.Overloads(name, overload(catalog.Boolean, function.Map2(f), str2...))}
	}
	long := []catalog.Type{catalog.String, catalog.String, catalog.Long}
	return []function.Scalar{
		{Name: "bitLength", Family: family, Signature: "bitLength(s)", Doc: "Number of bits in UTF-8.", Example: "bitLength('abc') = 24",
			Bind: function.Overloads("bitLength", overload(catalog.Int, function.Map1(func(s string) int32 { return int32(len(s)) * 8 }), str...),
				overload(catalog.Int, function.Map1(func(s string) int32 { return int32(len(s)) * 8 }), catalog.Bytes))},
		{Name: "space", Family: family, Signature: "space(n)", Doc: "n spaces.", Example: "space(3) = '   '",
			Bind: function.Overloads("space", function.Overload{Args: []catalog.Type{catalog.Long}, Type: catalog.String, Fallible: true,
				Eval: function.Text1(func(dst []byte, n int64) ([]byte, error) { return appendPad(dst, "", n, " ", true) })})},
		pred("startsWithCaseInsensitive", "Whether s begins with t, ignoring case.", "startsWithCaseInsensitive('ABC', 'ab') = true", fold(strings.HasPrefix)),
		pred("endsWithCaseInsensitive", "Whether s ends with t, ignoring case.", "endsWithCaseInsensitive('ABC', 'bc') = true", fold(strings.HasSuffix)),
		{Name: "translate", Family: family, Signature: "translate(s, from, to)", Example: "translate('12345', '143', 'ax') = 'a2x5'",
			Doc:  "s with every character of from replaced by the one at its place in to, or removed where to is shorter.",
			Bind: function.Overloads("translate", overload(catalog.String, translate, str3...))},
		{Name: "overlay", Family: family, Signature: "overlay(s PLACING t FROM start [FOR count])", Example: "overlay('Txxxxas', 'hom', 2, 4) = 'Thomas'",
			Doc: "s with count characters, those of t unless stated, from a one-based position on replaced by t.",
			Bind: function.Overloads("overlay",
				function.Overload{Args: long, Type: catalog.String, Fallible: true, Eval: evalOverlay},
				function.Overload{Args: append(long[:3:3], catalog.Long), Type: catalog.String, Fallible: true, Eval: evalOverlay})},
		{Name: "substringIndex", Family: family, Signature: "substringIndex(s, delimiter, n)", Example: "substringIndex('www.a.org', '.', 2) = 'www.a'",
			Doc:  "s before the n-th delimiter; for a negative n, s behind the -n-th delimiter from the end.",
			Bind: function.Overloads("substringIndex", overload(catalog.String, function.Map3(substringIndex), long...))},
		{Name: "firstLine", Family: family, Signature: "firstLine(s)", Doc: "s up to its first line break.", Example: "firstLine('a') = 'a'",
			Bind: function.Overloads("firstLine", overload(catalog.String, function.Map1(firstLine), str...))},
		{Name: "normalize", Family: family, Signature: "normalize(s[, form])", Doc: "s in Unicode's form NFC, or NFD, NFKC, NFKD.", Example: "length(normalize('a', 'NFD')) = 1", Bind: bindNormalize},
		{Name: "isNormalized", Family: family, Signature: "isNormalized(s[, form])", Doc: "Whether s is in Unicode's form NFC, or NFD, NFKC, NFKD.", Example: "isNormalized('a') = true", Bind: bindIsNormalized},
		{Name: "isValidASCII", Family: family, Signature: "isValidASCII(x)", Doc: "Whether a text, or the octets of a BYTES value, are ASCII.", Example: "isValidASCII('abc') = true",
			Bind: function.Overloads("isValidASCII", overload(catalog.Boolean, function.Map1(isASCII), str...), overload(catalog.Boolean, function.Map1(isASCII), catalog.Bytes))},
		{Name: "unistr", Family: family, Signature: "unistr(s)", Doc: "s with the escapes \\XXXX, \\uXXXX, \\+XXXXXX and \\UXXXXXXXX replaced by the characters of these numbers.", Example: "unistr('d\\0061t\\+000061') = 'data'",
			Bind: function.Overloads("unistr", function.Overload{Args: str, Type: catalog.String, Fallible: true, Eval: function.Text1(appendUnistr)})},
		{Name: "to_hex", Family: family, Signature: "to_hex(x)", Doc: "Hexadecimal digits of a whole number; of a negative one as 32 bits for INT, 64 for LONG.", Example: "to_hex(255) = 'ff'",
			Bind: function.Overloads("to_hex",
				overload(catalog.String, function.Text1(func(dst []byte, x int32) ([]byte, error) { return appendHex(dst, uint64(uint32(x))), nil }), catalog.Int),
				overload(catalog.String, function.Text1(func(dst []byte, x int64) ([]byte, error) { return appendHex(dst, uint64(x)), nil }), catalog.Long))},
	}
}

func appendHex(dst []byte, x uint64) []byte {
	const digits = "0123456789abcdef"
	from := len(dst)
	for {
		dst = append(dst, digits[x&15])
		if x >>= 4; x == 0 {
			break
		}
	}
	for i, j := from, len(dst)-1; i < j; i, j = i+1, j-1 {
		dst[i], dst[j] = dst[j], dst[i]
	}
	return dst
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func firstLine(s string) string {
	if at := strings.IndexAny(s, "\r\n"); at >= 0 {
		return s[:at]
	}
	return s
}

func translate(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	s, from, to := function.View[string](args[0]), function.View[string](args[1]), function.View[string](args[2])
	var table map[rune]rune // -1: removed
	lastFrom, lastTo := "", ""
	return function.BuildTexts(ec, n, out, func(dst []byte, i int) ([]byte, error) {
		if table == nil || from.At(i) != lastFrom || to.At(i) != lastTo {
			lastFrom, lastTo = from.At(i), to.At(i)
			table = translation(lastFrom, lastTo)
		}
		for _, r := range s.At(i) {
			with, ok := table[r]
			switch {
			case !ok:
				dst = utf8.AppendRune(dst, r)
			case with >= 0:
				dst = utf8.AppendRune(dst, with)
			}
		}
		return dst, nil
	})
}

func translation(from, to string) map[rune]rune {
	table := make(map[rune]rune, len(from))
	for _, r := range from {
		with, size := utf8.DecodeRuneInString(to)
		if size == 0 {
			with = -1
		}
		to = to[size:]
		if _, dup := table[r]; !dup {
			table[r] = with
		}
	}
	return table
}

func evalOverlay(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	s, t, start := function.View[string](args[0]), function.View[string](args[1]), function.View[int64](args[2])
	return function.BuildTexts(ec, n, out, func(dst []byte, i int) ([]byte, error) {
		count := int64(utf8.RuneCountInString(t.At(i)))
		if len(args) == 4 {
			count = function.View[int64](args[3]).At(i)
		}
		from := start.At(i)
		if from <= 0 {
			return dst, errs.User("22011", "negative substring length not allowed")
		}
		text := s.At(i)
		dst = append(dst, slice(text, 0, from-1)...)
		dst = append(dst, t.At(i)...)
		rest := from - 1 + count
		if count > 0 && rest < 0 {
			return dst, errs.User(errs.NumericOutOfRange, "integer out of range")
		}
		return append(dst, slice(text, max(rest, 0), int64(len(text)))...), nil
	})
}

func substringIndex(s, delimiter string, n int64) string {
	if n == 0 || delimiter == "" {
		return ""
	}
	if n > 0 {
		for at := 0; ; at += len(delimiter) {
			i := strings.Index(s[at:], delimiter)
			if i < 0 {
				return s
			}
			if at += i; n == 1 {
				return s[:at]
			}
			n--
		}
	}
	for end := len(s); ; {
		i := strings.LastIndex(s[:end], delimiter)
		if i < 0 {
			return s
		}
		if n++; n == 0 {
			return s[i+len(delimiter):]
		}
		end = i
	}
}

// form finds a normal form of Unicode by the constant argument i.
func form(name string, args []function.Arg, i int) (norm.Form, error) {
	if i >= len(args) {
		return norm.NFC, nil
	}
	text, err := function.Constant(name, "form", args, i)
	if err != nil {
		return 0, err
	}
	switch strings.ToUpper(text) {
	case "NFC":
		return norm.NFC, nil
	case "NFD":
		return norm.NFD, nil
	case "NFKC":
		return norm.NFKC, nil
	case "NFKD":
		return norm.NFKD, nil
	}
	return 0, errs.User(errs.InvalidParameterValue, "invalid normalization form: %s", text).WithHint("Forms are NFC, NFD, NFKC and NFKD.")
}

func bindNormalize(args []function.Arg) (function.Bound, error) {
	f, err := form("normalize", args, 1)
	if err != nil {
		return function.Bound{}, err
	}
	eval := function.Map1(func(s string) string {
		if isASCII(s) {
			return s
		}
		return f.String(s)
	})
	return function.Overloads("normalize", overload(catalog.String, eval, str...), overload(catalog.String, eval, str2...))(args)
}

func bindIsNormalized(args []function.Arg) (function.Bound, error) {
	f, err := form("isNormalized", args, 1)
	if err != nil {
		return function.Bound{}, err
	}
	eval := function.Map1(f.IsNormalString)
	return function.Overloads("isNormalized", overload(catalog.Boolean, eval, str...), overload(catalog.Boolean, eval, str2...))(args)
}
