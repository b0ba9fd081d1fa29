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
			Bind: function.Overloads("like", function.Overload{Args: str2, Type: catalog.Boolean, Fallible: true, Eval: evalLike})},
	}
}

func evalLike(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	s, pattern := function.View[string](args[0]), function.View[string](args[1])
	last := ""
	var re *regexp.Regexp
	return function.TryRows(ec, n, out, func(i int) (bool, error) {
		if p := pattern.At(i); re == nil || p != last {
			translated, err := regexpOfLike(p)
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
