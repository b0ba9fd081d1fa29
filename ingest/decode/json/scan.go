package json

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"unicode/utf8"
	"unsafe"

	"github.com/freshetdb/freshet/internal/jsonindex"
)

// syntaxError is a record that is not JSON, with the byte where that shows.
type syntaxError struct {
	offset int
	what   string
}

// Error implements error.
func (e *syntaxError) Error() string {
	return fmt.Sprintf("invalid JSON at byte %d: %s", e.offset, e.what)
}

// scanner walks the bytes of one record. Every method starts at pos and leaves it behind what it read.
type scanner struct {
	b     []byte
	pos   int
	depth int
	// spaced says that the value skipped last has white space between its tokens; gaps is where, up to maxGaps of them,
	// in a scanner that has room for some.
	spaced bool
	gaps   []gap
	// Of the document that indexValue notes: where its nodes are, its place in them, and what to take off a position in b
	// for one in its text without gaps; how its objects were written before, and the depth it is at.
	nodes  []jsonindex.Node
	root   int
	cut    int
	shapes *[shapeLevels]shape
	base   int
}

// gap is white space between tokens.
type gap struct{ from, to int32 }

// maxGaps bounds the remembered gaps of a value.
const maxGaps = 4096

func (s *scanner) fail(what string) error { return &syntaxError{offset: s.pos, what: what} }

// failIn is fail for byte i of a string that was just read.
func (s *scanner) failIn(raw []byte, i int, what string) error {
	return &syntaxError{offset: s.pos - 1 - len(raw) + i, what: what}
}

// space skips white space.
func (s *scanner) space() {
	for s.pos < len(s.b) {
		switch s.b[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

// peek gives the next byte after white space, 0 at the end.
func (s *scanner) peek() byte {
	if s.pos < len(s.b) {
		if c := s.b[s.pos]; c > ' ' {
			return c
		}
	}
	s.space()
	if s.pos < len(s.b) {
		return s.b[s.pos]
	}
	return 0
}

func (s *scanner) unexpected(want string) error {
	if s.pos >= len(s.b) {
		return s.fail("the record ends, want " + want)
	}
	return s.fail(fmt.Sprintf("got %q, want %s", s.b[s.pos], want))
}

// text reads a string, pos at its opening quote. raw is what stands between the quotes; escaped says that it has
// escapes, which are checked by unescape.
func (s *scanner) text() (raw []byte, escaped bool, err error) {
	if s.pos >= len(s.b) || s.b[s.pos] != '"' {
		return nil, false, s.unexpected("a string")
	}
	b, start := s.b, s.pos+1
	high := uint64(0) // bits 7 of the bytes passed
	for i := start; ; {
		for i+8 <= len(b) {
			w := binary.LittleEndian.Uint64(b[i:])
			high |= w
			if m := stops(w); m != 0 {
				i += bits.TrailingZeros64(m) >> 3
				break
			}
			i += 8
		}
		if i >= len(b) {
			break
		}
		switch c := b[i]; {
		case c == '"':
			raw = b[start:i]
			if high&0x8080808080808080 != 0 && !utf8.Valid(raw) {
				return nil, false, s.fail("a string is not valid UTF-8")
			}
			s.pos = i + 1
			return raw, escaped, nil
		case c == '\\':
			escaped = true
			i += 2
		case c < ' ':
			s.pos = i
			return nil, false, s.fail("a control character stands in a string")
		default:
			high |= uint64(c)
			i++
		}
	}
	s.pos = len(b)
	return nil, false, s.fail("a string does not end")
}

// stops has bit 7 of the first byte of w that is a quote, a backslash or a control character; bytes after it may be
// marked wrongly.
func stops(w uint64) uint64 {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	quote, slash := w^(ones*'"'), w^(ones*'\\')
	return ((quote-ones)&^quote | (slash-ones)&^slash | (w-ones*' ')&^w) & highs
}

// number reads a number's text and says whether it is an integer.
func (s *scanner) number() (raw []byte, integer bool, err error) {
	b, start, i := s.b, s.pos, s.pos
	if i < len(b) && b[i] == '-' {
		i++
	}
	digits := i
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	if i == digits {
		s.pos = i
		return nil, false, s.unexpected("a digit")
	}
	if i > digits+1 && b[digits] == '0' {
		s.pos = digits
		return nil, false, s.fail("a number begins with 0")
	}
	integer = true
	if i < len(b) && b[i] == '.' {
		integer = false
		i++
		fraction := i
		for i < len(b) && b[i]-'0' <= 9 {
			i++
		}
		if i == fraction {
			s.pos = i
			return nil, false, s.unexpected("a digit")
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		integer = false
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		exponent := i
		for i < len(b) && b[i]-'0' <= 9 {
			i++
		}
		if i == exponent {
			s.pos = i
			return nil, false, s.unexpected("a digit")
		}
	}
	s.pos = i
	return b[start:i], integer, nil
}

func (s *scanner) literal(word string) error {
	if len(s.b)-s.pos < len(word) || string(s.b[s.pos:s.pos+len(word)]) != word {
		return s.unexpected("a value")
	}
	s.pos += len(word)
	return nil
}

func (s *scanner) tooDeep() error {
	return s.fail(fmt.Sprintf("values are nested deeper than %d", MaxDepth))
}

func (s *scanner) enter() error {
	if s.depth++; s.depth > MaxDepth {
		return s.tooDeep()
	}
	s.pos++
	return nil
}

// skip reads any value, checking it, and gives its text. spaced tells of white space in it.
func (s *scanner) skip() (raw []byte, err error) {
	s.peek()
	start := s.pos
	s.spaced, s.gaps = false, s.gaps[:0]
	if err := s.skipValue(); err != nil {
		return nil, err
	}
	return s.b[start:s.pos], nil
}

func (s *scanner) skipValue() error {
	switch c := s.peek(); c {
	case '"':
		if end := plainText(s.b, s.pos); end >= 0 {
			s.pos = end
			return nil
		}
		raw, escaped, err := s.text()
		if err == nil && escaped {
			err = checkEscapes(raw, s)
		}
		return err
	case '{':
		return s.skipObject()
	case '[':
		return s.skipArray()
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	default:
		if c == '-' || c-'0' <= 9 {
			if end := new(decimal).read(s.b, s.pos); end >= 0 {
				s.pos = end
				return nil
			}
			_, _, err := s.number()
			return err
		}
		return s.unexpected("a value")
	}
}

func (s *scanner) skipObject() error {
	if err := s.enter(); err != nil {
		return err
	}
	if s.gap() == '}' {
		s.pos++
		s.depth--
		return nil
	}
	for {
		if s.gap() != '"' {
			return s.unexpected("a key")
		}
		if err := s.skipValue(); err != nil {
			return err
		}
		if s.gap() != ':' {
			return s.unexpected("':'")
		}
		s.pos++
		s.gap()
		if err := s.skipValue(); err != nil {
			return err
		}
		switch s.gap() {
		case ',':
			s.pos++
		case '}':
			s.pos++
			s.depth--
			return nil
		default:
			return s.unexpected("',' or '}'")
		}
	}
}

func (s *scanner) skipArray() error {
	if err := s.enter(); err != nil {
		return err
	}
	if s.gap() == ']' {
		s.pos++
		s.depth--
		return nil
	}
	for {
		s.gap()
		if err := s.skipValue(); err != nil {
			return err
		}
		switch s.gap() {
		case ',':
			s.pos++
		case ']':
			s.pos++
			s.depth--
			return nil
		default:
			return s.unexpected("',' or ']'")
		}
	}
}

// gap is peek that notes white space.
func (s *scanner) gap() byte {
	at := s.pos
	c := s.peek()
	if s.pos != at {
		s.noteGap(at, s.pos)
	}
	return c
}

func (s *scanner) noteGap(from, to int) {
	s.spaced = true
	s.cut += to - from
	if s.gaps != nil && len(s.gaps) <= maxGaps {
		s.gaps = append(s.gaps, gap{int32(from), int32(to)})
	}
}

// closeUp appends the value skipped last, which ends at the scanner, without its gaps.
func (s *scanner) closeUp(dst, raw []byte) []byte {
	if len(s.gaps) > maxGaps {
		return compact(dst, raw)
	}
	const short = 32 // what lies between two gaps is mostly no longer, and copied with what lies behind it
	dst = slices.Grow(dst, len(raw)+short)
	at, room := len(dst), dst[:cap(dst)]
	from := s.pos - len(raw)
	for _, g := range s.gaps {
		n := int(g.from) - from
		if n <= short && from+short <= len(s.b) {
			*(*[short]byte)(room[at:]) = *(*[short]byte)(s.b[from:])
		} else {
			copy(room[at:], s.b[from:g.from])
		}
		at, from = at+n, int(g.to)
	}
	at += copy(room[at:], s.b[from:s.pos])
	return dst[:at]
}

// compact appends JSON text that is known to be valid, without white space between tokens.
func compact(dst, raw []byte) []byte {
	from := 0 // what is not copied yet
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == '"':
			i = closing(raw, i+1)
		case c > ' ':
			i++
		default:
			dst = append(dst, raw[from:i]...)
			for i < len(raw) && raw[i] <= ' ' {
				i++
			}
			from = i
		}
	}
	return append(dst, raw[from:]...)
}

// closing gives the position behind the quote that ends a valid string; i is behind the one that begins it.
func closing(raw []byte, i int) int {
	for {
		switch {
		case i+8 <= len(raw):
			m := stops(binary.LittleEndian.Uint64(raw[i:]))
			if m == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(m) >> 3
		case i >= len(raw):
			return len(raw)
		}
		switch raw[i] {
		case '"':
			return i + 1
		case '\\':
			i += 2
		default:
			i++
		}
	}
}

// Elements calls f with the text of each element of an array, in order; of a value that is no array, with the value
// itself. Elements that are null are left out. What f gets is part of text and read-only.
func Elements(text string, f func(element []byte) error) error {
	s := scanner{b: unsafe.Slice(unsafe.StringData(text), len(text))}
	if s.peek() != '[' {
		return f(s.b)
	}
	s.pos++
	if s.peek() == ']' {
		return nil
	}
	for {
		raw, err := s.skip()
		if err != nil {
			return err
		}
		if string(raw) != "null" {
			if err := f(raw); err != nil {
				return err
			}
		}
		if s.peek() != ',' {
			return nil
		}
		s.pos++
	}
}
