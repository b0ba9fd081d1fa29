package datetime

import (
	"strings"
	"time"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function/convert"
)

// pivotYear: two-digit years are in the hundred years from 1970 on.
const pivotYear = 1970

// fields is what a text says about a time.
type fields struct {
	year, month, day, yearDay    int
	weekYear, week, weekday      int
	hour, half                   int // half: hour of a 12-hour clock, 0..11
	minute, second, msec         int
	offset                       int64 // milliseconds east of UTC
	zone                         *time.Location
	hasHalf, pm, hasZone         bool
	hasYear, hasWeek, hasYearDay bool
	century                      int
}

// Parse reads an instant; a text without zone or offset is local time in loc. Digits of a fraction after the third are
// truncated. The error, 22007, names the text, the pattern and the place.
func (p *Pattern) Parse(s string, loc *time.Location) (int64, error) {
	if p.fixed != nil {
		if ms, ok := p.fixed.parse(s, loc); ok {
			return ms, nil
		}
	}
	return p.parseTokens(s, loc)
}

func (p *Pattern) parseTokens(s string, loc *time.Location) (int64, error) {
	f := fields{year: 1970, month: 1, day: 1, century: -1}
	at := 0
	for i := range p.tokens {
		t := &p.tokens[i]
		n, ok := f.read(t, s[at:])
		if !ok {
			return 0, p.mismatch(s, at)
		}
		at += n
	}
	if at != len(s) {
		return 0, p.mismatch(s, at)
	}
	return p.resolve(&f, s, loc)
}

func (p *Pattern) mismatch(s string, at int) error {
	err := errs.User(errs.InvalidDatetime, `"%s" does not match the pattern "%s"`, convert.Shown(s), convert.Shown(p.text))
	if at < len(s) {
		return err.WithDetail("It differs at %q.", convert.Shown(s[at:]))
	}
	return err.WithDetail("The text ends too early.")
}

// read takes what t describes from the beginning of s and gives its length.
func (f *fields) read(t *token, s string) (int, bool) {
	switch t.letter {
	case 0:
		return len(t.literal), strings.HasPrefix(s, t.literal)
	case 'S':
		return f.readFraction(t, s)
	case 'Z', 'X', 'z':
		return f.readZone(s)
	case 'a':
		if len(s) < 2 || (s[1] != 'm' && s[1] != 'M') {
			return 0, false
		}
		f.pm = s[0] == 'p' || s[0] == 'P'
		return 2, f.pm || s[0] == 'a' || s[0] == 'A'
	case 'E':
		day, n := longestName(s, 7, func(i int) string { return time.Weekday((i + 1) % 7).String() })
		f.weekday = day + 1
		return n, n > 0
	case 'G':
		return 2, strings.HasPrefix(s, "AD")
	case 'M', 'L':
		if t.width > 2 {
			month, n := longestName(s, 12, func(i int) string { return time.Month(i + 1).String() })
			f.month = month + 1
			return n, n > 0
		}
	}
	return f.readNumber(t, s)
}

// longestName finds which of n names s begins with, in full or by its first three letters, in any case.
func longestName(s string, n int, name func(int) string) (index, length int) {
	for i := range n {
		full := name(i)
		if len(s) >= len(full) && strings.EqualFold(s[:len(full)], full) {
			return i, len(full)
		}
	}
	for i := range n {
		if len(s) >= 3 && strings.EqualFold(s[:3], name(i)[:3]) {
			return i, 3
		}
	}
	return 0, 0
}

// maxDigits is how many digits a number may have where none is fixed by its neighbour.
func (t *token) maxDigits() int {
	switch t.letter {
	case 'y', 'Y', 'x':
		if t.width == 2 {
			return 2
		}
		return max(t.width, 9)
	case 'D':
		return max(t.width, 3)
	default:
		return max(t.width, 2)
	}
}

func (f *fields) readNumber(t *token, s string) (int, bool) {
	most, least := t.maxDigits(), 1
	if t.fixed {
		most, least = t.width, t.width
	}
	n, sign := 0, 1
	if !t.fixed && len(s) > 1 && s[0] == '-' && (t.letter == 'y' || t.letter == 'x') {
		sign, n = -1, 1
	}
	from, x := n, 0
	for n < len(s) && n-from < most && s[n] >= '0' && s[n] <= '9' {
		x = x*10 + int(s[n]-'0')
		n++
	}
	if n-from < least {
		return 0, false
	}
	return n, f.set(t, sign*x, n-from)
}

// set stores the number of a letter and reports whether it is one that can be.
func (f *fields) set(t *token, x, digits int) bool {
	switch t.letter {
	case 'y', 'Y':
		if t.width == 2 && digits == 2 {
			x += pivotYear / 100 * 100
			if x < pivotYear {
				x += 100
			}
		}
		f.year, f.hasYear = x, true
	case 'x':
		f.weekYear, f.hasWeek = x, true
	case 'w':
		f.week, f.hasWeek = x, true
		return x >= 1 && x <= 53
	case 'e', 'u':
		f.weekday = x
		return x >= 1 && x <= 7
	case 'C':
		f.century = x
	case 'M', 'L':
		f.month = x
		return x >= 1 && x <= 12
	case 'Q':
		f.month = 3*x - 2
		return x >= 1 && x <= 4
	case 'd':
		f.day = x
		return x >= 1 && x <= 31
	case 'D':
		f.yearDay, f.hasYearDay = x, true
		return x >= 1 && x <= 366
	case 'H':
		f.hour = x
		return x <= 23
	case 'k':
		f.hour = x % 24
		return x >= 1 && x <= 24
	case 'h':
		f.half, f.hasHalf = x%12, true
		return x >= 1 && x <= 12
	case 'K':
		f.half, f.hasHalf = x, true
		return x <= 11
	case 'm':
		f.minute = x
		return x <= 59
	case 's':
		f.second = x
		return x <= 59
	}
	return true
}

// readFraction reads digits after the point: any number, unless a number follows directly.
func (f *fields) readFraction(t *token, s string) (int, bool) {
	n, scale := 0, 100
	for n < len(s) && s[n] >= '0' && s[n] <= '9' && (!t.fixed || n < t.width) {
		f.msec += int(s[n]-'0') * scale
		scale /= 10
		n++
	}
	return n, n > 0
}

// readZone reads Z, an offset or the name of a zone, whatever letter asked for it.
func (f *fields) readZone(s string) (int, bool) {
	f.hasZone = true
	if s == "" {
		return 0, false
	}
	if s[0] == '+' || s[0] == '-' {
		n := 1
		for n < len(s) && n < 6 && (s[n] == ':' || (s[n] >= '0' && s[n] <= '9')) {
			n++
		}
		seconds, ok := parseOffset(s[:n])
		f.offset = int64(seconds) * 1000
		return n, ok
	}
	n := 0
	for n < len(s) && (s[n] == '/' || s[n] == '_' || s[n] == '-' || s[n] == '+' || (s[n]|0x20 >= 'a' && s[n]|0x20 <= 'z')) {
		n++
	}
	if n == 0 {
		return 0, false
	}
	loc, err := Zone(s[:n])
	if err != nil {
		return 0, false
	}
	f.zone = loc
	return n, true
}

// resolve makes an instant of what the text said.
func (p *Pattern) resolve(f *fields, s string, loc *time.Location) (int64, error) {
	if f.century >= 0 && !f.hasYear {
		f.year = f.century * 100
	}
	hour := f.hour
	if f.hasHalf {
		hour = f.half
		if f.pm {
			hour += 12
		}
	}
	days, ok := f.date()
	if !ok {
		return 0, errs.User(errs.DatetimeOverflow, `date/time field value out of range: "%s"`, convert.Shown(s))
	}
	local := days*millisPerDay + int64(hour)*millisPerHour + int64(f.minute)*millisPerMinute + int64(f.second)*millisPerSecond + int64(f.msec)
	switch {
	case f.zone != nil:
		return instant(local, f.zone), nil
	case f.hasZone:
		return local - f.offset, nil
	default:
		return instant(local, loc), nil
	}
}

// date gives the day that the fields name: by week, by day of the year or by month and day.
func (f *fields) date() (int64, bool) {
	switch {
	case f.hasWeek:
		year := f.weekYear
		if year == 0 {
			year = f.year
		}
		week, weekday := max(f.week, 1), max(f.weekday, 1)
		january4 := civilOf(dayNumber(year, 1, 4)*millisPerDay, time.UTC)
		return january4.days - int64(january4.weekday()-1) + int64(week-1)*7 + int64(weekday-1), true
	case f.hasYearDay:
		days := dayNumber(f.year, 1, f.yearDay)
		return days, days < dayNumber(f.year+1, 1, 1)
	default:
		if f.day > convert.DaysInMonth(f.year, f.month) {
			return 0, false
		}
		return dayNumber(f.year, f.month, f.day), true
	}
}
