package datetime

import (
	"time"

	"github.com/freshetdb/freshet/query/function/convert"
)

// fixed is a pattern of literals and of numbers with a fixed place, as most texts of it have them. Other texts, and all
// that are wrong, are left to the tokens.
type fixed struct {
	sample string // a text of the pattern, 0 for each digit
	fields []fixedField
}

type fixedField struct {
	letter    byte
	at, width int
}

// fixedOf gives the fixed form of a pattern, nil if it has none.
func fixedOf(tokens []token) *fixed {
	f := &fixed{}
	var seen [128]bool
	for i := range tokens {
		t := &tokens[i]
		if t.letter == 0 {
			f.sample += t.literal
			continue
		}
		width := map[byte]int{'y': 4, 'M': 2, 'd': 2, 'H': 2, 'm': 2, 's': 2, 'S': t.width}[t.letter]
		if width == 0 || width != t.width || width > 9 || seen[t.letter] {
			return nil
		}
		seen[t.letter] = true
		f.fields = append(f.fields, fixedField{t.letter, len(f.sample), width})
		f.sample += "000000000"[:width]
	}
	return f
}

// parse reads a text in the fixed form; false for any other, and for what is no time.
func (f *fixed) parse(s string, loc *time.Location) (int64, bool) {
	if len(s) != len(f.sample) {
		return 0, false
	}
	year, month, day, millis := 1970, 1, 1, int64(0)
	literal := 0 // where literal text goes on
	for _, field := range f.fields {
		if s[literal:field.at] != f.sample[literal:field.at] {
			return 0, false
		}
		literal = field.at + field.width
		x := 0
		for i := field.at; i < literal; i++ {
			c := s[i] - '0'
			if c > 9 {
				return 0, false
			}
			x = x*10 + int(c)
		}
		limit := 59
		switch field.letter {
		case 'y':
			year, limit = x, 9999
		case 'M':
			month, limit = x, 12
		case 'd':
			day, limit = x, 31
		case 'H':
			millis += int64(x) * millisPerHour
			limit = 23
		case 'm':
			millis += int64(x) * millisPerMinute
		case 's':
			millis += int64(x) * millisPerSecond
		default:
			limit = x
			millis += thousandths(x, field.width)
		}
		if x > limit {
			return 0, false
		}
	}
	if s[literal:] != f.sample[literal:] || month < 1 || day < 1 || day > convert.DaysInMonth(year, month) {
		return 0, false
	}
	return instant(dayNumber(year, month, day)*millisPerDay+millis, loc), true
}

// thousandths makes milliseconds of a fraction of so many digits; those after the third do not count.
func thousandths(x, digits int) int64 {
	for ; digits < 3; digits++ {
		x *= 10
	}
	for ; digits > 3; digits-- {
		x /= 10
	}
	return int64(x)
}
