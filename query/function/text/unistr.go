package text

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/freshetdb/freshet/internal/errs"
)

// appendUnistr writes s with PostgreSQL's escapes replaced: \XXXX and \uXXXX, \+XXXXXX, \UXXXXXXXX, and \\ for a backslash.
// Two halves of a surrogate pair make one character.
func appendUnistr(dst []byte, s string) ([]byte, error) {
	high := rune(0)
	for i := 0; i < len(s); {
		if s[i] != '\\' || strings.HasPrefix(s[i:], `\\`) {
			if high != 0 {
				return dst, errSurrogate()
			}
			dst = append(dst, s[i])
			i++
			if s[i-1] == '\\' {
				i++
			}
			continue
		}
		r, n := unicodePoint(s[i+1:])
		if n == 0 {
			return dst, errs.User(errs.SyntaxError, "invalid Unicode escape").WithHint(`Unicode escapes must be \XXXX, \+XXXXXX, \uXXXX, or \UXXXXXXXX.`)
		}
		i += 1 + n
		switch {
		case high != 0:
			r = utf16.DecodeRune(high, r)
			if high = 0; r == utf8.RuneError {
				return dst, errSurrogate()
			}
		case r >= 0xd800 && r < 0xdc00:
			high = r
			continue
		case r == 0 || !utf8.ValidRune(r):
			return dst, errs.User(errs.InvalidParameterValue, "invalid Unicode code point: %04X", r)
		}
		dst = utf8.AppendRune(dst, r)
	}
	if high != 0 {
		return dst, errSurrogate()
	}
	return dst, nil
}

func errSurrogate() error {
	return errs.User(errs.SyntaxError, "invalid Unicode surrogate pair")
}

// unicodePoint reads what follows a backslash and gives its length, 0 if it is no escape.
func unicodePoint(s string) (rune, int) {
	skip, digits := 0, 4
	if s != "" {
		switch s[0] {
		case '+':
			skip, digits = 1, 6
		case 'u':
			skip = 1
		case 'U':
			skip, digits = 1, 8
		}
	}
	if len(s) < skip+digits {
		return 0, 0
	}
	x, err := strconv.ParseUint(s[skip:skip+digits], 16, 32)
	if err != nil || x > utf8.MaxRune {
		return 0, 0
	}
	return rune(x), skip + digits
}
