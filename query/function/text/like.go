package text

import (
	"regexp"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// likes is LIKE as a function.
func likes() []function.Scalar {
	return []function.Scalar{
		{Name: "like", Aliases: []string{"likeVar"}, Family: family, Signature: "like(s, pattern)", Example: "like('hello', 'h%o') = true",
			Doc:  "Whether s matches a pattern of % and _, which a backslash takes literally: LIKE as a function.",
			Bind: bindTranslated("like", regexpOfLike)},
		{Name: "similarTo", Family: family, Signature: "similarTo(s, pattern[, escape]) or s SIMILAR TO pattern [ESCAPE escape]", Example: "similarTo('abc', '%(b|d)%') = true",
			Doc:  "Whether s as a whole matches a pattern of SQL: % and _ as in LIKE, | ( ) [ ] * + ? {m,n} as in regular expressions.",
			Bind: bindSimilar},
		{Name: "regexpLikeCi", Aliases: []string{"regexpLikeCiVar"}, Family: family, Signature: "regexpLikeCi(s, pattern)", Example: "regexpLikeCi('HELLO', 'l+') = true",
			Doc:  "Whether the pattern, one of RE2, matches somewhere in s, ignoring case.",
			Bind: bindTranslated("regexpLikeCi", func(pattern string) (string, error) { return "(?i)" + pattern, nil })},
	}
}

// bindTranslated binds a predicate of a pattern that is translated to a regular expression. A constant pattern is
// compiled once, and then no row can fail.
func bindTranslated(name string, translate func(pattern string) (string, error)) func([]function.Arg) (function.Bound, error) {
	return func(args []function.Arg) (function.Bound, error) {
		var c function.Pattern
		var first *regexp.Regexp
		text := ""
		if len(args) == 2 && args[1].Const != nil && !args[1].Const.Null && args[1].Type.Kind.IsText() {
			text = args[1].Const.Str
			translated, err := translate(text)
			if err != nil {
				return function.Bound{}, err
			}
			if first, err = c.Compile(translated, false); err != nil {
				return function.Bound{}, err
			}
		}
		eval := func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
			return matchTranslated(ec, args, n, out, first, text, translate)
		}
		return function.Overloads(name, function.Overload{Args: str2, Type: catalog.Boolean, Fallible: first == nil, Eval: eval})(args)
	}
}

func matchTranslated(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector, re *regexp.Regexp, last string, translate func(string) (string, error)) error {
	s, pattern := function.View[string](args[0]), function.View[string](args[1])
	return function.TryRows(ec, n, out, func(i int) (bool, error) {
		if p := pattern.At(i); re == nil || p != last {
			translated, err := translate(p)
			if err != nil {
				return false, err
			}
			var c function.Pattern
			if re, err = c.Compile(translated, false); err != nil {
				return false, err
			}
			last = p
		}
		return re.MatchString(s.At(i)), nil
	})
}

func regexpOfLike(pattern string) (string, error) {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	escaped := false
	for _, r := range pattern {
		switch {
		case escaped:
			b.WriteString(regexp.QuoteMeta(string(r)))
			escaped = false
		case r == '\\':
			escaped = true
		case r == '%':
			b.WriteString(".*")
		case r == '_':
			b.WriteByte('.')
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	if escaped {
		return "", errs.User(errs.InvalidEscape, "LIKE pattern must not end with escape character")
	}
	b.WriteString(`\z`)
	return b.String(), nil
}
