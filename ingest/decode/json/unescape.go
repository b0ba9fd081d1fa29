package json

import (
	"unicode/utf16"
	"unicode/utf8"
)

// unescape appends the text of a JSON string's inside. A lone surrogate becomes U+FFFD, as encoding/json has it.
func unescape(dst, raw []byte, s *scanner) ([]byte, error) {
	for i := 0; i < len(raw); {
		c := raw[i]
		if c != '\\' {
			dst = append(dst, c)
			i++
			continue
		}
		if i+1 >= len(raw) {
			return dst, s.failIn(raw, i, "an escape does not end")
		}
		switch raw[i+1] {
		case '"', '\\', '/':
			dst = append(dst, raw[i+1])
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r, ok := hex4(raw[i+2:])
			if !ok {
				return dst, s.failIn(raw, i, `an escape is not \u and four hexadecimal digits`)
			}
			if utf16.IsSurrogate(r) {
				low := rune(-1)
				if rest := raw[i+6:]; len(rest) >= 6 && rest[0] == '\\' && rest[1] == 'u' {
					if l, ok := hex4(rest[2:]); ok {
						low = l
					}
				}
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					r = pair
					i += 6
				} else {
					r = utf8.RuneError
				}
			}
			dst = utf8.AppendRune(dst, r)
			i += 6
			continue
		default:
			return dst, s.failIn(raw, i, `an escape is unknown`)
		}
		i += 2
	}
	return dst, nil
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case c-'0' <= 9:
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// checkEscapes checks the escapes of a string whose text nobody wants.
func checkEscapes(raw []byte, s *scanner) error {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		if i+1 >= len(raw) {
			return s.failIn(raw, i, "an escape does not end")
		}
		switch raw[i+1] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		case 'u':
			if _, ok := hex4(raw[i+2:]); !ok {
				return s.failIn(raw, i, `an escape is not \u and four hexadecimal digits`)
			}
			i += 4
		default:
			return s.failIn(raw, i, `an escape is unknown`)
		}
		i++
	}
	return nil
}
