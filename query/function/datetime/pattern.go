package datetime

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function/convert"
)

// maxPatternTokens bounds a compiled pattern.
const maxPatternTokens = 100

// token is one element of a pattern: a run of one letter, or literal text.
type token struct {
	letter  byte // 0: literal
	width   int
	literal string
	// fixed says that the next token is a number too: this one takes exactly width digits.
	fixed bool
}

// Pattern is a compiled date pattern in the letters of Joda-Time and java.time: yyyy-MM-dd”T”HH:mm:ss.SSS. It is
// immutable and safe for concurrent use.
type Pattern struct {
	text   string
	tokens []token
	fixed  *fixed // nil if there is none
}

// numericLetters are the letters that are numbers in every width; M and e become text when wide.
const numericLetters = "yYxwDdMHKkhmsSuCe"

// patternLetters are all letters with a meaning.
const patternLetters = numericLetters + "EaGzZXLQ"

// CompilePattern reads a pattern. Letters without a meaning have to be quoted: 'T'.
func CompilePattern(text string) (*Pattern, error) {
	p := &Pattern{text: text}
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '\'':
			literal, next, ok := quoted(text, i)
			if !ok {
				return nil, badPattern(text, "a quote is not closed")
			}
			p.literal(literal)
			i = next
		case (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'):
			end := i
			for end < len(text) && text[end] == c {
				end++
			}
			if strings.IndexByte(patternLetters, c) < 0 {
				return nil, badPattern(text, "the letter "+strconv.Quote(string(rune(c)))+" has no meaning; quote literal text")
			}
			p.tokens = append(p.tokens, token{letter: c, width: end - i})
			i = end
		default:
			_, size := utf8.DecodeRuneInString(text[i:])
			p.literal(text[i : i+size])
			i += size
		}
		if len(p.tokens) > maxPatternTokens {
			return nil, badPattern(text, "too long")
		}
	}
	if len(p.tokens) == 0 {
		return nil, badPattern(text, "empty")
	}
	for i := range p.tokens[:len(p.tokens)-1] {
		p.tokens[i].fixed = p.tokens[i].numeric() && p.tokens[i+1].numeric()
	}
	p.fixed = fixedOf(p.tokens)
	return p, nil
}

func badPattern(text, why string) error {
	return errs.User(errs.InvalidParameterValue, "invalid date pattern %q: %s", convert.Shown(text), why)
}

// quoted reads literal text in quotes from i; two quotes are one, inside and outside of quotes.
func quoted(text string, i int) (literal string, next int, ok bool) {
	if strings.HasPrefix(text[i:], "''") {
		return "'", i + 2, true
	}
	var b strings.Builder
	for i++; i < len(text); i++ {
		if text[i] != '\'' {
			b.WriteByte(text[i])
			continue
		}
		if i+1 < len(text) && text[i+1] == '\'' {
			i++
			b.WriteByte('\'')
			continue
		}
		return b.String(), i + 1, true
	}
	return "", i, false
}

func (p *Pattern) literal(s string) {
	if n := len(p.tokens); n > 0 && p.tokens[n-1].letter == 0 {
		p.tokens[n-1].literal += s
		return
	}
	p.tokens = append(p.tokens, token{literal: s})
}

func (t token) numeric() bool {
	switch t.letter {
	case 0:
		return len(t.literal) > 0 && t.literal[0] >= '0' && t.literal[0] <= '9'
	case 'M', 'L', 'Q':
		return t.width <= 2
	}
	return strings.IndexByte(numericLetters, t.letter) >= 0
}

// String is the pattern's text.
func (p *Pattern) String() string { return p.text }

// Append writes an instant in a zone.
func (p *Pattern) Append(dst []byte, millis int64, loc *time.Location) []byte {
	c := civilOf(millis, loc)
	for i := range p.tokens {
		dst = appendToken(dst, &p.tokens[i], &c, millis, loc)
	}
	return dst
}

func appendToken(dst []byte, t *token, c *civil, millis int64, loc *time.Location) []byte {
	switch t.letter {
	case 0:
		return append(dst, t.literal...)
	case 'y', 'Y':
		return appendYear(dst, c.year, t.width)
	case 'x':
		year, _ := c.isoWeek()
		return appendYear(dst, year, t.width)
	case 'C':
		return appendNumber(dst, c.year/100, t.width)
	case 'M', 'L':
		if t.width > 2 {
			return appendName(dst, time.Month(c.month).String(), t.width)
		}
		return appendNumber(dst, c.month, t.width)
	case 'Q':
		return appendNumber(dst, (c.month+2)/3, t.width)
	case 'w':
		_, week := c.isoWeek()
		return appendNumber(dst, week, t.width)
	case 'E':
		return appendName(dst, time.Weekday(c.weekday()%7).String(), t.width)
	case 'G':
		if c.year <= 0 {
			return append(dst, "BC"...)
		}
		return append(dst, "AD"...)
	case 'a':
		if c.hour < 12 {
			return append(dst, "AM"...)
		}
		return append(dst, "PM"...)
	case 'S':
		return appendFraction(dst, c.msec, t.width)
	case 'Z', 'X', 'z':
		return appendZone(dst, t, c.offset, millis, loc)
	default:
		return appendNumber(dst, clockField(t.letter, c), t.width)
	}
}

// clockField is the value of the letters that are plain numbers.
func clockField(letter byte, c *civil) int {
	switch letter {
	case 'd':
		return c.day
	case 'D':
		return c.yearDay()
	case 'e', 'u':
		return c.weekday()
	case 'H':
		return c.hour
	case 'k':
		return (c.hour+23)%24 + 1
	case 'K':
		return c.hour % 12
	case 'h':
		return (c.hour+11)%12 + 1
	case 'm':
		return c.minute
	default:
		return c.second
	}
}

func appendNumber(dst []byte, x, width int) []byte {
	if x < 0 {
		dst, x = append(dst, '-'), -x
	}
	digits := strconv.Itoa(x)
	for range width - len(digits) {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}

func appendYear(dst []byte, year, width int) []byte {
	if width == 2 {
		return appendNumber(dst, (year%100+100)%100, 2)
	}
	return appendNumber(dst, year, width)
}

// appendName writes a name in full from four letters on, else its first three letters.
func appendName(dst []byte, name string, width int) []byte {
	if width < 4 {
		name = name[:3]
	}
	return append(dst, name...)
}

func appendFraction(dst []byte, msec, width int) []byte {
	digits := [3]byte{byte('0' + msec/100), byte('0' + msec/10%10), byte('0' + msec%10)}
	for i := range width {
		if i < 3 {
			dst = append(dst, digits[i])
		} else {
			dst = append(dst, '0')
		}
	}
	return dst
}

// appendZone writes Z +0200, ZZ +02:00, ZZZ the zone's name; X +02, XX +0200, XXX +02:00 with Z for UTC; z the short name.
func appendZone(dst []byte, t *token, offset, millis int64, loc *time.Location) []byte {
	switch {
	case t.letter == 'z' && t.width < 4:
		name, _ := time.UnixMilli(millis).In(loc).Zone()
		return append(dst, name...)
	case t.letter == 'z', t.letter == 'Z' && t.width >= 3:
		return append(dst, loc.String()...)
	case t.letter == 'X' && offset == 0:
		return append(dst, 'Z')
	}
	sign, minutes := byte('+'), offset/millisPerMinute
	if minutes < 0 {
		sign, minutes = '-', -minutes
	}
	dst = appendNumber(append(dst, sign), int(minutes/60), 2)
	if t.letter == 'X' && t.width == 1 && minutes%60 == 0 {
		return dst
	}
	if (t.letter == 'Z' && t.width == 2) || (t.letter == 'X' && t.width >= 3) {
		dst = append(dst, ':')
	}
	return appendNumber(dst, int(minutes%60), 2)
}
