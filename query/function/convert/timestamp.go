package convert

import (
	"strings"
	"time"

	"github.com/freshetdb/freshet/internal/errs"
)

// Timestamps outside of these years have no four-digit text and are refused when parsed.
const (
	minYear = 0
	maxYear = 9999
)

const millisPerDay = 24 * 60 * 60 * 1000

// scanner reads fixed-width numbers and separators; after the first failure it stays failed.
type scanner struct {
	s      string
	at     int
	failed bool
}

// digits reads between lo and hi decimal digits.
func (p *scanner) digits(lo, hi int) int {
	from, x := p.at, 0
	for p.at < len(p.s) && p.at-from < hi && p.s[p.at] >= '0' && p.s[p.at] <= '9' {
		x = x*10 + int(p.s[p.at]-'0')
		p.at++
	}
	if p.at-from < lo {
		p.failed = true
	}
	return x
}

// accept skips one byte of set, if it is next.
func (p *scanner) accept(set string) bool {
	if p.at < len(p.s) && strings.IndexByte(set, p.s[p.at]) >= 0 {
		p.at++
		return true
	}
	return false
}

// fraction reads a fraction of a second of any length as milliseconds, truncated.
func (p *scanner) fraction() int {
	from, millis, scale := p.at, 0, 100
	for p.at < len(p.s) && p.s[p.at] >= '0' && p.s[p.at] <= '9' {
		millis += int(p.s[p.at]-'0') * scale
		scale /= 10
		p.at++
	}
	if p.at == from {
		p.failed = true
	}
	return millis
}

// zone reads Z, UTC or an offset such as +02:00, +0200, +02, and gives it in milliseconds.
func (p *scanner) zone() int64 {
	p.accept(" ")
	rest := p.s[p.at:]
	switch {
	case strings.EqualFold(rest, "z"), rest == "":
		p.at = len(p.s)
		return 0
	case strings.EqualFold(rest, "utc"), strings.EqualFold(rest, "gmt"):
		p.at = len(p.s)
		return 0
	}
	sign := int64(1)
	switch {
	case p.accept("-"):
		sign = -1
	case p.accept("+"):
	default:
		p.failed = true
		return 0
	}
	h, m := p.digits(2, 2), 0
	if p.accept(":") {
		m = p.digits(2, 2)
	} else if p.at < len(p.s) {
		m = p.digits(2, 2)
	}
	if h > 18 || m > 59 {
		p.failed = true
	}
	return sign * int64(h*60+m) * 60_000
}

// ParseTimestamp reads UTC milliseconds from yyyy-MM-dd, optionally followed by a space or T and HH:mm[:ss[.fraction]]
// and Z or an offset. Digits of the fraction after the third are truncated. A text of digits only is milliseconds.
// Errors: 22007 for another form, 22008 for a day or an hour that does not exist.
func ParseTimestamp(s string) (int64, error) {
	t := strings.TrimSpace(s)
	if isInteger(t) {
		return ParseLong(t)
	}
	p := scanner{s: t}
	year := p.digits(4, 4)
	if !p.accept("-") {
		p.failed = true
	}
	month := p.digits(1, 2)
	if !p.accept("-") {
		p.failed = true
	}
	day := p.digits(1, 2)
	var hour, minute, second, millis int
	var offset int64
	if !p.failed && p.at+1 < len(t) && p.accept(" Tt") {
		hour = p.digits(1, 2)
		if !p.accept(":") {
			p.failed = true
		}
		minute = p.digits(1, 2)
		if p.accept(":") {
			second = p.digits(1, 2)
			if p.accept(".,") {
				millis = p.fraction()
			}
		}
		offset = p.zone()
	} else if !p.failed && p.at < len(t) {
		offset = p.zone()
	}
	if p.failed || p.at != len(t) {
		return 0, errs.User(errs.InvalidDatetime, `invalid input syntax for type timestamp: "%s"`, Shown(s))
	}
	days, ok := DaysOfDate(year, month, day)
	if !ok || hour > 24 || minute > 59 || second > 60 || (hour == 24 && (minute|second|millis) != 0) {
		return 0, errs.User(errs.DatetimeOverflow, `date/time field value out of range: "%s"`, Shown(s))
	}
	return days*millisPerDay + int64(hour*3600+minute*60+second)*1000 + int64(millis) - offset, nil
}

func isInteger(s string) bool {
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		s = s[1:]
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) > 0
}

// DaysOfDate gives the days since 1970-01-01 of a date of the proleptic Gregorian calendar, and whether it exists.
func DaysOfDate(year, month, day int) (int64, bool) {
	if month < 1 || month > 12 || day < 1 || day > DaysInMonth(year, month) || year < minYear || year > maxYear {
		return 0, false
	}
	return civilDays(int64(year), int64(month), int64(day)), true
}

// civilDays counts days since the epoch, with years that begin in March so that the leap day is a year's last.
func civilDays(y, m, d int64) int64 {
	if m <= 2 {
		y--
	}
	era := floorDiv(y, 400)
	yoe := y - era*400
	doy := (153*((m+9)%12)+2)/5 + d - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 719468
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// DateOfDays is the inverse of DaysOfDate, for any day.
func DateOfDays(days int64) (year, month, day int) {
	z := days + 719468
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d := doy - (153*mp+2)/5 + 1
	m := mp + 3
	y := yoe + era*400
	if m > 12 {
		m -= 12
		y++
	}
	return int(y), int(m), int(d)
}

// DaysInMonth gives the length of a month.
func DaysInMonth(year, month int) int {
	switch time.Month(month) {
	case time.February:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case time.April, time.June, time.September, time.November:
		return 30
	default:
		return 31
	}
}

// maxMonths bounds how far AddMonths goes: farther than any timestamp.
const maxMonths = 12 * 300_000

// AddMonths moves a time by months: it keeps the day of the month, or takes the last day of a shorter one. ok is false out
// of range.
func AddMonths(ms, months int64) (moved int64, ok bool) {
	if months > maxMonths || months < -maxMonths {
		return 0, false
	}
	days := floorDiv(ms, millisPerDay)
	y, m, d := DateOfDays(days)
	total := int64(y)*12 + int64(m-1) + months
	year := floorDiv(total, 12)
	month := int(total-year*12) + 1
	d = min(d, DaysInMonth(int(year), month))
	return civilDays(year, int64(month), int64(d))*millisPerDay + (ms - days*millisPerDay), true
}

// AppendTimestamp writes yyyy-MM-dd HH:mm:ss with a fraction of up to three digits where it is not zero, as PostgreSQL
// does. Years beyond four digits are written in full, years before 1 with a minus.
func AppendTimestamp(dst []byte, millis int64) []byte {
	days := floorDiv(millis, millisPerDay)
	rest := int(millis - days*millisPerDay)
	y, m, d := DateOfDays(days)
	if y < 0 {
		dst = append(dst, '-')
		y = -y
	}
	dst = appendPadded(dst, y, 4)
	dst = append(dst, '-')
	dst = appendPadded(dst, m, 2)
	dst = append(dst, '-')
	dst = appendPadded(dst, d, 2)
	dst = append(dst, ' ')
	dst = appendPadded(dst, rest/3_600_000, 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, rest/60_000%60, 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, rest/1000%60, 2)
	if ms := rest % 1000; ms != 0 {
		dst = append(dst, '.')
		dst = appendPadded(dst, ms, 3)
		for dst[len(dst)-1] == '0' {
			dst = dst[:len(dst)-1]
		}
	}
	return dst
}

func appendPadded(dst []byte, x, width int) []byte {
	var buf [20]byte
	at := len(buf)
	for x > 0 || at == len(buf) {
		at--
		buf[at] = byte('0' + x%10)
		x /= 10
	}
	for len(buf)-at < width {
		at--
		buf[at] = '0'
	}
	return append(dst, buf[at:]...)
}
