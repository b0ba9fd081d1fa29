package datetime

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function/convert"
)

// reading is what to_timestamp has read so far.
type reading struct {
	in    string
	at    int
	extra int // characters skipped that the template has not asked for

	year, month, day, yearDay, julian int
	week, weekOfMonth, weekday        int // weekday: 1 for Monday
	isoYear, isoWeek, isoDay          int
	century                           int
	hour, minute, second              int
	seconds, millis                   int // seconds since midnight
	offset                            int // minutes east of UTC
	yearDigits                        int
	bc, pm, am, clock12               bool
	hasYear, hasIso, hasSeconds       bool
}

// Parse reads a time as PostgreSQL's to_timestamp does: spaces and separators are taken loosely unless the template
// begins with FX. Errors: 22007 for a text that does not fit, 22008 for a date or time that does not exist.
func (t *Template) Parse(s string) (int64, error) {
	r := reading{in: s, month: 1, day: 1}
	for i := range t.nodes {
		n := &t.nodes[i]
		if r.at == len(s) {
			break // what the text does not have keeps its default
		}
		if !t.exact && (n.kind != 'c' && n.kind != 'q' || i == 0) {
			for r.at < len(s) && isSpace(s[r.at]) {
				r.at++
				r.extra++
			}
		}
		if n.word == "" {
			r.text(n, t.exact)
			continue
		}
		next := node{kind: ' '}
		if i+1 < len(t.nodes) {
			next = t.nodes[i+1]
		}
		if err := r.field(n, &next, t.exact); err != nil {
			return 0, err
		}
		if !t.exact && (i+1 == len(t.nodes) || t.nodes[i+1].word != "") {
			r.extra = 0
			continue
		}
		r.extra = 0
		for !t.exact && r.at < len(s) && isSpace(s[r.at]) {
			r.at++
			r.extra++
		}
	}
	return r.millisOf(s)
}

// text passes over an element that is no field.
func (r *reading) text(n *node, exact bool) {
	switch {
	case exact:
		r.at = min(r.at+len(n.text), len(r.in))
	case n.kind == ' ':
		r.extra--
		if r.at < len(r.in) && (isSpace(r.in[r.at]) || isSeparator(r.in[r.at])) {
			r.at++
			r.extra++
		}
	case r.extra > 0:
		r.extra--
	case r.at < len(r.in):
		_, size := utf8.DecodeRuneInString(r.in[r.at:])
		r.at += size
	}
}

func (r *reading) bad(word, shown string) error {
	return errs.User(errs.InvalidDatetime, `invalid value "%s" for "%s"`, convert.Shown(shown), word)
}

// maxDigits is the number of digits that a field takes where another number follows without a separator.
var maxDigits = map[string]int{"YYYY": 4, "YYY": 3, "YY": 2, "Y": 1, "IYYY": 4, "IYY": 3, "IY": 2, "I": 1, "MM": 2, "DD": 2, "DDD": 3, "IDDD": 3, "D": 1, "ID": 1,
	"WW": 2, "IW": 2, "W": 1, "Q": 1, "CC": 2, "HH24": 2, "HH12": 2, "HH": 2, "MI": 2, "SS": 2, "SSSS": 5, "SSSSS": 5, "MS": 3, "US": 6, "J": 7,
	"FF1": 1, "FF2": 2, "FF3": 3, "FF4": 4, "FF5": 5, "FF6": 6, "TZH": 2, "TZM": 2}

// digits reads a number: of at most width digits where next is a number too, else of any length.
func (r *reading) digits(n, next *node) (x, count int, err error) {
	width := 9
	fixed := !n.fill && next.numeric()
	if fixed {
		width = maxDigits[n.word]
	}
	from, negative := r.at, false
	if !fixed && r.at < len(r.in) && (r.in[r.at] == '-' || r.in[r.at] == '+') {
		negative = r.in[r.at] == '-'
		r.at++
	}
	for r.at < len(r.in) && count < width && r.in[r.at] >= '0' && r.in[r.at] <= '9' {
		x = x*10 + int(r.in[r.at]-'0')
		r.at++
		count++
	}
	if !fixed && r.at < len(r.in) && r.in[r.at] >= '0' && r.in[r.at] <= '9' {
		return 0, 0, errs.User(errs.DatetimeOverflow, `value for "%s" in source string is out of range`, n.word)
	}
	shown := r.in[from:min(from+maxDigits[n.word], len(r.in))]
	switch {
	case count == 0:
		return 0, 0, errs.As(r.bad(n.word, shown)).WithDetail("Value must be an integer.")
	case fixed && count < width:
		return 0, 0, errs.As(r.bad(n.word, shown)).WithDetail("Field requires %d characters, but only %d could be parsed.", width, count).
			WithHint(`If your source string is not fixed-width, try using the "FM" modifier.`)
	case negative:
		x = -x
	}
	if n.ordinal != 0 {
		r.at = min(r.at+2, len(r.in))
	}
	return x, count, nil
}

// numeric reports fields that are numbers.
func (n *node) numeric() bool {
	_, ok := maxDigits[n.word]
	if n.word == "" {
		return n.text != "" && n.text[0] >= '0' && n.text[0] <= '9'
	}
	return ok
}

// word reads one of several words in any letter case and gives its place among them.
func (r *reading) word(n *node, words ...string) (int, error) {
	for i, w := range words {
		if rest := r.in[r.at:]; len(rest) >= len(w) && strings.EqualFold(rest[:len(w)], w) {
			r.at += len(w)
			return i, nil
		}
	}
	shown := r.in[r.at:]
	if end := strings.IndexByte(shown, ' '); end >= 0 {
		shown = shown[:end]
	}
	return 0, errs.As(r.bad(n.word, shown)).WithDetail("The given value did not match any of the allowed values for this field.")
}

func monthNames(length int) []string {
	var out []string
	for m := time.January; m <= time.December; m++ {
		name := m.String()
		out = append(out, name[:min(length, len(name))])
	}
	return out
}

func dayNames(length int) []string {
	var out []string
	for d := range 7 {
		name := time.Weekday((d + 1) % 7).String()
		out = append(out, name[:min(length, len(name))])
	}
	return out
}

// field reads one field.
// long: one case per field of the language.
func (r *reading) field(n, next *node, exact bool) error {
	var err error
	i := 0
	switch n.word {
	case "MONTH":
		i, err = r.word(n, monthNames(9)...)
		r.month = i + 1
	case "MON":
		i, err = r.word(n, monthNames(3)...)
		r.month = i + 1
	case "RM":
		i, err = r.word(n, "VIII", "VII", "VI", "IV", "IX", "III", "II", "XII", "XI", "V", "X", "I")
		r.month = [...]int{8, 7, 6, 4, 9, 3, 2, 12, 11, 5, 10, 1}[i]
	case "DAY":
		i, err = r.word(n, dayNames(9)...)
		r.weekday = i + 1
	case "DY":
		i, err = r.word(n, dayNames(3)...)
		r.weekday = i + 1
	case "AM", "PM", "A.M.", "P.M.":
		i, err = r.word(n, "AM", "A.M.", "PM", "P.M.")
		r.pm, r.am, r.clock12 = i >= 2, i < 2, true
	case "AD", "BC", "A.D.", "B.C.":
		i, err = r.word(n, "AD", "A.D.", "BC", "B.C.")
		r.bc = i >= 2
	case "TZ", "OF":
		return errs.User(errs.FeatureNotSupported, `formatting field "%s" is only supported in to_char`, n.word)
	case "Y,YYY":
		return r.groupedYear(n)
	case "TZH":
		negative := false
		if r.at < len(r.in) && strings.IndexByte("+- ", r.in[r.at]) >= 0 {
			negative = r.in[r.at] == '-'
			r.at++
		} else if r.extra > 0 && r.at > 0 && r.in[r.at-1] == '-' {
			negative = true
		}
		x, _, err := r.digits(&node{word: "TZH"}, &node{word: "TZM"})
		r.offset = x * 60
		if negative {
			r.offset = -r.offset
		}
		return err
	case "TZM":
		x, _, err := r.digits(n, &node{word: "TZM"})
		if r.offset < 0 {
			x = -x
		}
		r.offset += x
		return err
	default:
		return r.number(n, next)
	}
	return err
}

func (r *reading) groupedYear(n *node) error {
	thousands, rest, ok := strings.Cut(r.in[r.at:], ",")
	if !ok || thousands == "" || len(thousands) > 3 || len(rest) < 3 || strings.Trim(thousands+rest[:3], "0123456789") != "" {
		return errs.User(errs.InvalidDatetime, `invalid input string for "%s"`, n.word)
	}
	r.at += len(thousands) + 4
	r.year, r.hasYear, r.yearDigits = 0, true, 4
	for _, d := range []byte(thousands + rest[:3]) {
		r.year = r.year*10 + int(d-'0')
	}
	return nil
}

// number reads a field that is a number.
// long: one case per field of the language.
func (r *reading) number(n, next *node) error {
	x, count, err := r.digits(n, next)
	if err != nil {
		return err
	}
	switch n.word {
	case "YYYY", "YYY", "YY", "Y":
		r.year, r.hasYear, r.yearDigits = x, true, count
		if n.word != "YYYY" && count < 4 {
			r.year = near2020(x)
		}
		if n.word == "YY" || n.word == "Y" {
			r.yearDigits = min(count, 2)
		}
	case "IYYY", "IYY", "IY", "I":
		r.isoYear, r.hasIso = x, true
		if n.word != "IYYY" && count < 4 {
			r.isoYear = near2020(x)
		}
	case "CC":
		r.century = x
	case "MM":
		r.month = x
	case "DD":
		r.day = x
	case "DDD":
		r.yearDay = x
	case "IDDD":
		r.isoWeek, r.isoDay, r.hasIso = (x-1)/7+1, (x-1)%7+1, true
	case "D":
		r.weekday = (x+5)%7 + 1
	case "ID":
		r.isoDay, r.hasIso = x, true
	case "WW":
		r.week = x
	case "W":
		r.weekOfMonth = x
	case "IW":
		r.isoWeek, r.hasIso = x, true
	case "J":
		r.julian = x
	case "HH24":
		r.hour = x
	case "HH12", "HH":
		r.hour, r.clock12 = x, true
	case "MI":
		r.minute = x
	case "SS":
		r.second = x
	case "SSSS", "SSSSS":
		r.seconds, r.hasSeconds = x, true
	case "MS", "US", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6":
		for ; count < 3; count++ {
			x *= 10
		}
		for ; count > 3; count-- {
			x /= 10
		}
		r.millis = x
	}
	return nil
}

// near2020 completes a year of fewer than four digits to the one nearest to 2020.
func near2020(year int) int {
	switch {
	case year < 70:
		return year + 2000
	case year < 100:
		return year + 1900
	case year < 520:
		return year + 2000
	case year < 1000:
		return year + 1000
	}
	return year
}

// millisOf puts the fields together.
func (r *reading) millisOf(s string) (int64, error) {
	outside := errs.User(errs.DatetimeOverflow, `date/time field value out of range: "%s"`, convert.Shown(s))
	if r.clock12 {
		if r.hour < 1 || r.hour > 12 {
			return 0, errs.User(errs.InvalidDatetime, `hour "%d" is invalid for the 12-hour clock`, r.hour).WithHint("Use the 24-hour clock, or give an hour between 1 and 12.")
		}
		if r.pm && r.hour < 12 {
			r.hour += 12
		} else if r.am && r.hour == 12 {
			r.hour = 0
		}
	}
	days, ok := r.days()
	if r.hasSeconds {
		r.hour, r.minute, r.second = r.seconds/3600, r.seconds/60%60, r.seconds%60
	}
	if !ok || r.hour < 0 || r.hour > 24 || r.minute < 0 || r.minute > 59 || r.second < 0 || r.second > 60 || r.offset > 15*60+59 || r.offset < -15*60-59 ||
		r.hour == 24 && (r.minute|r.second|r.millis) != 0 || r.millis < 0 {
		return 0, outside
	}
	return days*millisPerDay + int64(r.hour)*millisPerHour + int64(r.minute)*millisPerMinute + int64(r.second)*1000 + int64(r.millis) - int64(r.offset)*millisPerMinute, nil
}

// days gives the day since 1970, and whether there is such a day.
func (r *reading) days() (int64, bool) {
	switch {
	case r.julian != 0:
		return int64(r.julian) - 2440588, true
	case r.hasIso && r.isoWeek > 0:
		return r.isoDays()
	}
	year := r.fullYear()
	switch {
	case r.yearDay > 0:
		length := 366 - boolInt(convert.DaysInMonth(year, 2) == 28)
		return dayNumber(year, 1, r.yearDay), r.yearDay <= length
	case r.week > 0:
		return dayNumber(year, 1, (r.week-1)*7+1), r.week <= 53
	case r.weekOfMonth > 0:
		return dayNumber(year, r.month, (r.weekOfMonth-1)*7+1), r.weekOfMonth <= 5 && r.month >= 1 && r.month <= 12
	}
	if r.month < 1 || r.month > 12 || r.day < 1 || r.day > convert.DaysInMonth(year, r.month) || year < -4713 || year > 294276 {
		return 0, false
	}
	return dayNumber(year, r.month, r.day), true
}

func (r *reading) isoDays() (int64, bool) {
	year, day := r.isoYear, max(r.isoDay, 1)
	fourth := civilOf(dayNumber(year, 1, 4)*millisPerDay, time.UTC) // is always in week 1
	return fourth.days - int64(fourth.weekday()-1) + int64(r.isoWeek-1)*7 + int64(day-1), r.isoWeek <= 53 && day <= 7
}

// fullYear is the year counted with a year 0, which is 1 BC.
func (r *reading) fullYear() int {
	year := r.year
	switch {
	case r.century > 0 && r.hasYear && r.yearDigits <= 2:
		if year = (r.century-1)*100 + r.year%100; r.year%100 == 0 {
			year += 100
		}
	case r.century > 0 && !r.hasYear:
		year = (r.century-1)*100 + 1
	case !r.hasYear:
		return 0 // PostgreSQL's year 1 BC
	}
	if r.bc && year > 0 || year < 0 {
		if year < 0 {
			return year + 1
		}
		return 1 - year
	}
	return year
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
