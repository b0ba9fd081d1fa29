// Package text is the family of functions on texts. Positions and lengths count characters (code points), never bytes.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

const family = "Text"

// maxPadLength bounds lpad, rpad and repeat, in characters.
const maxPadLength = 10 << 20

// Scalars lists the functions of the family.
func Scalars() []function.Scalar {
	list := simple()
	list = append(list, parts()...)
	list = append(list, searching()...)
	list = append(list, splitting()...)
	list = append(list, further()...)
	list = append(list, distances()...)
	list = append(list, grams()...)
	list = append(list, quoting()...)
	list = append(list, likes()...)
	list = append(list, stringToArray())
	list = append(list, regexps()...)
	return append(list, pgRegexps()...)
}

var (
	str  = []catalog.Type{catalog.String}
	str2 = []catalog.Type{catalog.String, catalog.String}
	str3 = []catalog.Type{catalog.String, catalog.String, catalog.String}
)

func overload(result catalog.Type, eval function.Eval, args ...catalog.Type) function.Overload {
	return function.Overload{Args: args, Type: result, Eval: eval}
}

func simple() []function.Scalar {
	one := func(name, doc, example string, eval function.Eval, result catalog.Type, aliases ...string) function.Scalar {
		return function.Scalar{Name: name, Aliases: aliases, Family: family, Signature: name + "(s)", Doc: doc, Example: example,
			Bind: function.Overloads(name, function.Overload{Args: str, Type: result, Eval: eval})}
	}
	return []function.Scalar{
		one("upper", "The text in upper case.", "upper('abc') = 'ABC'", function.Text1(appendUpper), catalog.String),
		one("lower", "The text in lower case.", "lower('ABC') = 'abc'", function.Text1(appendLower), catalog.String),
		one("initcap", "Every word with a capital first letter.", "initcap('hello big world') = 'Hello Big World'", function.Text1(appendInitcap), catalog.String),
		one("reverse", "The text backwards.", "reverse('abc') = 'cba'", function.Text1(appendReverse), catalog.String),
		one("length", "Number of characters.", "length('abc') = 3", function.Map1(runeCount), catalog.Int, "charLength", "characterLength"),
		one("octetLength", "Number of bytes in UTF-8.", "octetLength('abc') = 3", function.Map1(func(s string) int32 { return int32(len(s)) }), catalog.Int),
		one("ascii", "Code point of the first character, 0 for the empty text.", "ascii('A') = 65", function.Map1(codepoint), catalog.Int, "codepoint"),
		{Name: "chr", Family: family, Signature: "chr(n)", Doc: "The character with code point n.", Example: "chr(65) = 'A'",
			Bind: function.Overloads("chr", function.Overload{Args: []catalog.Type{catalog.Long}, Type: catalog.String, Fallible: true, Eval: function.Try1(chr)})},
		{Name: "concat", Family: family, Signature: "concat(a, b[, separator]) or a || b", Example: "concat('a', 'b', '-') = 'a-b'",
			Doc: "Two texts one after the other, with a separator between them if there is a third, as in Pinot; four and more are joined without one. " +
				"NULL if one is NULL. Arrays are appended.", Bind: bindConcat},
		{Name: "concatWS", Family: family, Signature: "concatWS(separator, a, b, ...)", Example: "concatWS('-', 'a', 'b') = 'a-b'",
			Doc: "The texts after the first that are not NULL, with the first between them.", Bind: bindConcatWS},
	}
}

func appendUpper(dst []byte, s string) ([]byte, error) {
	from := len(dst)
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf {
			return append(dst[:from], strings.ToUpper(s)...), nil
		}
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst, nil
}

func appendLower(dst []byte, s string) ([]byte, error) {
	from := len(dst)
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf {
			return append(dst[:from], strings.ToLower(s)...), nil
		}
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst, nil
}

func appendInitcap(dst []byte, s string) ([]byte, error) {
	inWord := false
	for _, r := range s {
		switch isWord := unicode.IsLetter(r) || unicode.IsDigit(r); {
		case isWord && !inWord:
			dst = utf8.AppendRune(dst, unicode.ToUpper(r))
			inWord = true
		default:
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
			inWord = isWord
		}
	}
	return dst, nil
}

func appendReverse(dst []byte, s string) ([]byte, error) {
	for len(s) > 0 {
		_, size := utf8.DecodeLastRuneInString(s)
		dst = append(dst, s[len(s)-size:]...)
		s = s[:len(s)-size]
	}
	return dst, nil
}

func runeCount(s string) int32 { return int32(utf8.RuneCountInString(s)) }

func codepoint(s string) int32 {
	if s == "" {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func chr(n int64) (string, error) {
	if n <= 0 || n > unicode.MaxRune || !utf8.ValidRune(rune(n)) {
		return "", errs.User(errs.InvalidParameterValue, "chr: %d is no character", n)
	}
	return string(rune(n)), nil
}

func bindConcat(args []function.Arg) (function.Bound, error) {
	if len(args) == 0 {
		return function.Bound{}, function.NoMatch("concat", args)
	}
	for _, a := range args {
		if a.Type.MultiValue {
			return bindArrayConcat(args)
		}
	}
	b := function.Bound{Name: "concat", Type: catalog.String, Strict: true, Eval: concat}
	for range args {
		b.Args = append(b.Args, catalog.String)
	}
	return b, nil
}

// bindArrayConcat appends arrays of one type, and single texts as elements.
func bindArrayConcat(args []function.Arg) (function.Bound, error) {
	b := function.Bound{Name: "concat", Type: catalog.String.Array(), Strict: true}
	for range args {
		b.Args = append(b.Args, b.Type)
	}
	b.Eval = func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		return function.BuildArrays(ec, n, out, func(dst []string, i int) ([]string, error) {
			for _, a := range args {
				row := i
				if a.Form == vec.FormConst {
					row = 0
				}
				for e := a.Offsets[row]; e < a.Offsets[row+1]; e++ {
					dst = append(dst, a.Elems.StrAt(int(e)))
				}
			}
			return dst, nil
		})
	}
	return b, nil
}

func views(args []*vec.Vector) []function.Slice[string] {
	out := make([]function.Slice[string], len(args))
	for i, a := range args {
		out[i] = function.View[string](a)
	}
	return out
}

func concat(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	texts := views(args)
	if len(texts) == 3 { // Pinot's: the last stands between the others
		texts[1], texts[2] = texts[2], texts[1]
	}
	return function.BuildTexts(ec, n, out, func(dst []byte, i int) ([]byte, error) {
		for _, t := range texts {
			dst = append(dst, t.At(i)...)
		}
		return dst, nil
	})
}

func bindConcatWS(args []function.Arg) (function.Bound, error) {
	if len(args) < 2 {
		return function.Bound{}, function.NoMatch("concatWS", args)
	}
	b := function.Bound{Name: "concatws", Type: catalog.String}
	for range args {
		b.Args = append(b.Args, catalog.String)
	}
	b.Eval = func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		texts := views(args)
		for i := range n {
			if args[0].IsNull(i) {
				out.SetNull(i)
			}
		}
		return function.BuildTexts(ec, n, out, func(dst []byte, i int) ([]byte, error) {
			first := true
			for a, t := range texts[1:] {
				if args[a+1].IsNull(i) {
					continue
				}
				if !first {
					dst = append(dst, texts[0].At(i)...)
				}
				dst, first = append(dst, t.At(i)...), false
			}
			return dst, nil
		})
	}
	return b, nil
}
