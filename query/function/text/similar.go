package text

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function"
)

// bindSimilar binds SIMILAR TO: the escape character is a constant, a backslash where it is not stated, none where it is
// the empty text.
func bindSimilar(args []function.Arg) (function.Bound, error) {
	const name = "similarTo"
	escape := `\`
	if len(args) != 2 && len(args) != 3 {
		return function.Bound{}, function.NoMatch(name, args)
	}
	if len(args) == 3 {
		var err error
		if escape, err = function.Constant(name, "escape character", args, 2); err != nil {
			return function.Bound{}, err
		}
		if utf8.RuneCountInString(escape) > 1 {
			return function.Bound{}, errs.User(errs.InvalidEscape, "invalid escape string").WithHint("Escape string must be empty or one character.")
		}
	}
	bound, err := bindTranslated(name, func(pattern string) (string, error) { return regexpOfSimilar(pattern, escape) })(args[:2])
	if err == nil && len(args) == 3 {
		bound.Args = append(bound.Args, catalog.String)
	}
	return bound, err
}

// regexpOfSimilar translates a pattern of SQL:1999.
func regexpOfSimilar(pattern, escape string) (string, error) {
	var b strings.Builder
	b.WriteString(`(?s)\A(?:`)
	for i := 0; i < len(pattern); {
		r, size := utf8.DecodeRuneInString(pattern[i:])
		from := i
		i += size
		switch {
		case escape != "" && strings.HasPrefix(pattern[from:], escape):
			if i == len(pattern) {
				return "", errs.User(errs.InvalidEscape, "SIMILAR TO pattern must not end with escape character")
			}
			_, size = utf8.DecodeRuneInString(pattern[i:])
			b.WriteString(regexp.QuoteMeta(pattern[i : i+size]))
			i += size
		case r == '[':
			end := bracketsEnd(pattern, from)
			if end < 0 {
				return "", errs.User(errs.InvalidRegexp, "invalid regular expression: brackets [] not balanced")
			}
			b.WriteString(strings.ReplaceAll(pattern[from:end], `\`, `\\`))
			i = end
		case r == '%':
			b.WriteString(".*")
		case r == '_':
			b.WriteByte('.')
		case r == '(':
			b.WriteString("(?:")
		case strings.ContainsRune("|*+?{})", r):
			b.WriteRune(r)
		default:
			b.WriteString(regexp.QuoteMeta(pattern[from:i]))
		}
	}
	b.WriteString(`)\z`)
	return b.String(), nil
}

// bracketsEnd is the end of the bracket expression that begins at from, -1 if it has none. A ] that comes first, or ends
// a class such as [:digit:], does not end it.
func bracketsEnd(pattern string, from int) int {
	i := from + 1
	if i < len(pattern) && pattern[i] == '^' {
		i++
	}
	for first := i; i < len(pattern); i++ {
		if strings.HasPrefix(pattern[i:], "[:") {
			if n := strings.Index(pattern[i:], ":]"); n > 0 {
				i += n + 1
				continue
			}
		}
		if pattern[i] == ']' && i > first {
			return i + 1
		}
	}
	return -1
}
