package json

import (
	"strings"

	"github.com/freshetdb/freshet/internal/errs"
)

// maxDepth bounds the nesting of a document, so that a hostile text cannot exhaust the stack.
const maxDepth = 512

// checker validates a text against RFC 8259 without building anything.
type checker struct {
	s   string
	at  int
	why string // set where the text is refused; at is the place
}

// check refuses a text that is not exactly one JSON value, with error 22P02 that names the byte.
func check(s string) error {
	c := checker{s: s}
	if c.document() {
		return nil
	}
	return errs.User(errs.InvalidText, "invalid input syntax for type json: %s at byte %d", c.why, c.at)
}

func (c *checker) document() bool {
	c.space()
	if !c.value(0) {
		return false
	}
	c.space()
	if c.at < len(c.s) {
		return c.fail("expected the end of the text")
	}
	return true
}

func (c *checker) fail(why string) bool {
	c.why = why
	return false
}

func (c *checker) space() { c.at = space(c.s, c.at) }

func (c *checker) peek() byte {
	if c.at < len(c.s) {
		return c.s[c.at]
	}
	return 0
}

func (c *checker) value(depth int) bool {
	if depth > maxDepth {
		return c.fail("more than 512 levels of nesting")
	}
	switch b := c.peek(); {
	case b == '{':
		return c.object(depth)
	case b == '[':
		return c.array(depth)
	case b == '"':
		return c.text()
	case b == '-' || isDigit(b):
		return c.number()
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(c.s[c.at:], word) {
			c.at += len(word)
			return true
		}
	}
	return c.fail("expected a value")
}

func (c *checker) object(depth int) bool {
	c.at++
	c.space()
	if c.peek() == '}' {
		c.at++
		return true
	}
	for {
		if c.peek() != '"' {
			return c.fail("expected a quoted key")
		}
		if !c.text() {
			return false
		}
		c.space()
		if c.peek() != ':' {
			return c.fail("expected a colon")
		}
		c.at++
		c.space()
		if !c.value(depth + 1) {
			return false
		}
		c.space()
		switch c.peek() {
		case ',':
			c.at++
			c.space()
		case '}':
			c.at++
			return true
		default:
			return c.fail("expected a comma or a closing brace")
		}
	}
}

func (c *checker) array(depth int) bool {
	c.at++
	c.space()
	if c.peek() == ']' {
		c.at++
		return true
	}
	for {
		if !c.value(depth + 1) {
			return false
		}
		c.space()
		switch c.peek() {
		case ',':
			c.at++
			c.space()
		case ']':
			c.at++
			return true
		default:
			return c.fail("expected a comma or a closing bracket")
		}
	}
}

func (c *checker) text() bool {
	s := c.s
	for i := c.at + 1; i < len(s); i++ {
		switch b := s[i]; {
		case b == '"':
			c.at = i + 1
			return true
		case b == '\\':
			if c.at = i; !c.escape() {
				return false
			}
			i = c.at
		case b < ' ':
			c.at = i
			return c.fail("control character in a text")
		}
	}
	c.at = len(s)
	return c.fail("unterminated text")
}

// escape leaves at on the last byte of the escape.
func (c *checker) escape() bool {
	c.at++
	switch c.peek() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for range 4 {
			c.at++
			if _, ok := hexDigit(c.peek()); !ok {
				return c.fail("expected four hexadecimal digits")
			}
		}
		return true
	}
	return c.fail("unknown escape")
}

func (c *checker) number() bool {
	if c.peek() == '-' {
		c.at++
	}
	if c.peek() == '0' {
		c.at++
	} else if !c.digits() {
		return false
	}
	if c.peek() == '.' {
		c.at++
		if !c.digits() {
			return false
		}
	}
	if b := c.peek(); b == 'e' || b == 'E' {
		c.at++
		if b := c.peek(); b == '+' || b == '-' {
			c.at++
		}
		return c.digits()
	}
	return true
}

func (c *checker) digits() bool {
	from := c.at
	for isDigit(c.peek()) {
		c.at++
	}
	return c.at > from || c.fail("expected a digit")
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func hexDigit(b byte) (rune, bool) {
	switch {
	case isDigit(b):
		return rune(b - '0'), true
	case b >= 'a' && b <= 'f':
		return rune(b-'a') + 10, true
	case b >= 'A' && b <= 'F':
		return rune(b-'A') + 10, true
	}
	return 0, false
}

// What follows reads text that check has accepted, and so looks at nothing twice.

func space(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r') {
		i++
	}
	return i
}

// textEnd gives the place after the text that begins at i with a quote.
func textEnd(s string, i int) int {
	for i++; s[i] != '"'; i++ {
		if s[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// valueEnd gives the place after the value that begins at i.
func valueEnd(s string, i int) int {
	switch s[i] {
	case '"':
		return textEnd(s, i)
	case '{', '[':
		for depth := 0; ; i++ {
			b := s[i]
			if b <= '!' || b > '"' && b < '[' { // most bytes outside of texts
				continue
			}
			switch b {
			case '"':
				i = textEnd(s, i) - 1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
	}
	for i < len(s) && s[i] != ',' && s[i] != '}' && s[i] != ']' && s[i] > ' ' {
		i++
	}
	return i
}

// members goes over an object. key is the text between the quotes, with its escapes.
type members struct {
	s        string
	at       int
	key, val string
}

func membersOf(object string) members { return members{s: object, at: 1} }

func (m *members) next() bool {
	s, i := m.s, space(m.s, m.at)
	if s[i] == ',' {
		i = space(s, i+1)
	}
	if s[i] == '}' {
		return false
	}
	end := textEnd(s, i)
	m.key = s[i+1 : end-1]
	i = space(s, space(s, end)+1)
	end = valueEnd(s, i)
	m.val, m.at = s[i:end], end
	return true
}

// elements goes over an array.
type elements struct {
	s   string
	at  int
	val string
}

func elementsOf(array string) elements { return elements{s: array, at: 1} }

func (e *elements) next() bool {
	s, i := e.s, space(e.s, e.at)
	if s[i] == ',' {
		i = space(s, i+1)
	}
	if s[i] == ']' {
		return false
	}
	end := valueEnd(s, i)
	e.val, e.at = s[i:end], end
	return true
}

// member finds key; of equal keys the last counts.
func member(object, key string) (val string, ok bool) {
	for m := membersOf(object); m.next(); {
		if m.key == key && strings.IndexByte(key, '\\') < 0 || strings.IndexByte(m.key, '\\') >= 0 && unescape(m.key) == key {
			val, ok = m.val, true
		}
	}
	return val, ok
}

// count gives the number of elements or members, 0 for anything else.
func count(s string) int {
	n := 0
	switch s[0] {
	case '[':
		for e := elementsOf(s); e.next(); {
			n++
		}
	case '{':
		for m := membersOf(s); m.next(); {
			n++
		}
	}
	return n
}
