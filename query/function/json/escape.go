package json

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// unicodeEscape reads the four digits after the u at i, and the second half of a surrogate pair if it follows. last is
// the place of the last byte read.
func unicodeEscape(s string, i int) (r rune, last int) {
	r = fourDigits(s, i+1)
	last = i + 4
	if utf16.IsSurrogate(r) {
		if last+6 < len(s) && s[last+1] == '\\' && s[last+2] == 'u' {
			if pair := utf16.DecodeRune(r, fourDigits(s, last+3)); pair != utf8.RuneError {
				return pair, last + 6
			}
		}
		return utf8.RuneError, last
	}
	return r, last
}

func fourDigits(s string, i int) rune {
	var r rune
	for _, b := range []byte(s[i : i+4]) {
		d, _ := hexDigit(b)
		r = r<<4 | d
	}
	return r
}

const hexDigits = "0123456789abcdef"

// appendQuoted writes s as a JSON text.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[r>>4], hexDigits[r&15])
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}

// unescape gives the text between two quotes as it is meant. Without escapes it is the argument itself.
func unescape(s string) string {
	first := strings.IndexByte(s, '\\')
	if first < 0 {
		return s
	}
	out := append(make([]byte, 0, len(s)), s[:first]...)
	for i := first; i < len(s); i++ {
		if s[i] != '\\' {
			out = append(out, s[i])
			continue
		}
		i++
		if s[i] == 'u' {
			var r rune
			r, i = unicodeEscape(s, i)
			out = utf8.AppendRune(out, r)
			continue
		}
		out = append(out, plainEscape(s[i]))
	}
	return string(out)
}

func plainEscape(b byte) byte {
	switch b {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return b
}

// compact strips the space between tokens; text without any is returned as it is.
func compact(s string) string {
	var out []byte
	from := 0 // what is kept next
	for i := 0; i < len(s); {
		switch s[i] {
		case '"':
			i = textEnd(s, i)
		case ' ', '\n', '\t', '\r':
			out = append(out, s[from:i]...)
			i = space(s, i)
			from = i
		default:
			i++
		}
	}
	if from == 0 {
		return s
	}
	return string(append(out, s[from:]...))
}
