package catalog

import "strings"

// CanonicalDecimal gives the one text of a BIG_DECIMAL's number among its plain texts: no sign of plus, no zeros in front or
// behind the point that change nothing, no negative zero. It is mostly a part of s.
func CanonicalDecimal(s string) string {
	digits, negative := strings.CutPrefix(s, "-")
	digits = strings.TrimPrefix(digits, "+")
	if strings.IndexByte(digits, '.') >= 0 {
		digits = strings.TrimRight(strings.TrimRight(digits, "0"), ".")
	}
	short := strings.TrimLeft(digits, "0")
	switch {
	case short == "":
		return "0"
	case short[0] == '.' && len(short) < len(digits):
		short = digits[len(digits)-len(short)-1:] // one zero before the point
	case short[0] == '.':
		short = "0" + short
	}
	switch {
	case !negative:
		return short
	case len(short)+1 == len(s):
		return s
	case strings.HasPrefix(s[1:], short):
		return s[:len(short)+1]
	}
	return "-" + short
}
