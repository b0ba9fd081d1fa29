package url

import "strings"

// address is a URL taken apart; its texts are parts of the URL's, still encoded.
type address struct {
	scheme, user, host, path, query, fragment string
	port                                      int // -1: none
	hasUser, hasQuery, hasFragment            bool
	hostAt                                    int // where host begins; meaningful where host is not empty
}

// parse takes a URL apart by RFC 3986 and reports whether it is one: a URL has no spaces, controls or other characters
// that have to be encoded, and every % is followed by two hexadecimal digits. Characters beyond ASCII are taken.
func parse(s string) (address, bool) {
	a := address{port: -1}
	if !legal(s) {
		return a, false
	}
	rest, at := s, 0
	if i := strings.IndexAny(rest, ":/?#"); i >= 0 && rest[i] == ':' {
		if !isScheme(rest[:i]) {
			return a, false
		}
		a.scheme, rest, at = rest[:i], rest[i+1:], i+1
		if rest == "" {
			return a, false
		}
	}
	rest, a.fragment, a.hasFragment = strings.Cut(rest, "#")
	rest, a.query, a.hasQuery = strings.Cut(rest, "?")
	if after, ok := strings.CutPrefix(rest, "//"); ok {
		end := strings.IndexByte(after, '/')
		if end < 0 {
			end = len(after)
		}
		if !a.authority(after[:end], at+2) {
			return a, false
		}
		rest = after[end:]
	}
	a.path = rest
	return a, true
}

// authority reads user@host:port; at is where it begins.
func (a *address) authority(s string, at int) bool {
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		a.user, a.hasUser, s, at = s[:i], true, s[i+1:], at+i+1
	}
	host, port := s, ""
	switch end := strings.LastIndexByte(s, ']'); {
	case strings.HasPrefix(s, "[") && end > 0:
		host, port = s[:end+1], s[end+1:]
	case strings.IndexByte(s, ':') >= 0:
		i := strings.IndexByte(s, ':')
		host, port = s[:i], s[i:]
	}
	a.host, a.hostAt = host, at
	if port == "" || port == ":" {
		return true
	}
	if port[0] != ':' || len(port) > 6 {
		return false
	}
	x := 0
	for _, c := range []byte(port[1:]) {
		if c < '0' || c > '9' {
			return false
		}
		x = x*10 + int(c-'0')
	}
	a.port = x
	return x <= 65535
}

func legal(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c <= ' ' || c == 0x7f || strings.IndexByte("<>\"{}|\\^`", c) >= 0:
			return false
		case c == '%' && (i+2 >= len(s) || hexValue(s[i+1]) < 0 || hexValue(s[i+2]) < 0):
			return false
		}
	}
	return true
}

func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		isLetter := c >= 'a' && c <= 'z'
		if !isLetter && (i == 0 || strings.IndexByte("0123456789+-.", s[i]) < 0) {
			return false
		}
	}
	return s != ""
}

func hexValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// decode resolves %XX and, if plus holds, + as a space. It reports false for a % without two digits. Octets that are not
// UTF-8 become U+FFFD.
func decode(s string, plus bool) (string, bool) {
	if strings.IndexByte(s, '%') < 0 && (!plus || strings.IndexByte(s, '+') < 0) {
		return s, true
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '%':
			if i+2 >= len(s) || hexValue(s[i+1]) < 0 || hexValue(s[i+2]) < 0 {
				return "", false
			}
			out = append(out, byte(hexValue(s[i+1])<<4|hexValue(s[i+2])))
			i += 2
		case c == '+' && plus:
			out = append(out, ' ')
		default:
			out = append(out, c)
		}
	}
	return strings.ToValidUTF8(string(out), "\uFFFD"), true
}

// appendEncoded encodes all but letters, digits and .-*_ as forms do: a space as +.
func appendEncoded(dst []byte, s string) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(s) {
		switch c := s[i]; {
		case c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || strings.IndexByte(".-*_", c) >= 0:
			dst = append(dst, c)
		case c == ' ':
			dst = append(dst, '+')
		default:
			dst = append(dst, '%', digits[c>>4], digits[c&15])
		}
	}
	return dst
}
