// Package datetime is the family of functions on times: patterns, formats, truncation, parts and arithmetic. A time is
// UTC milliseconds since 1970; functions that take a zone take its IANA name or an offset such as +02:00.
package datetime

import (
	"strings"
	"time"
	_ "time/tzdata" // zones are the same on machines that have no zone files

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function/convert"
)

const family = "Date and time"

const (
	millisPerSecond = int64(1000)
	millisPerMinute = 60 * millisPerSecond
	millisPerHour   = 60 * millisPerMinute
	millisPerDay    = 24 * millisPerHour
	millisPerWeek   = 7 * millisPerDay
)

// civil is a time in some zone, taken apart.
type civil struct {
	year, month, day           int
	hour, minute, second, msec int
	days                       int64 // since 1970-01-01, of the local date
	offset                     int64 // milliseconds east of UTC
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// offsetAt is the zone's offset at an instant, in milliseconds.
func offsetAt(loc *time.Location, millis int64) int64 {
	if loc == time.UTC {
		return 0
	}
	_, seconds := time.UnixMilli(millis).In(loc).Zone()
	return int64(seconds) * 1000
}

func civilOf(millis int64, loc *time.Location) civil {
	c := civil{offset: offsetAt(loc, millis)}
	local := millis + c.offset
	c.days = floorDiv(local, millisPerDay)
	rest := int(local - c.days*millisPerDay)
	c.year, c.month, c.day = convert.DateOfDays(c.days)
	c.hour, c.minute, c.second, c.msec = rest/3_600_000, rest/60_000%60, rest/1000%60, rest%1000
	return c
}

// weekday is 1 for Monday to 7 for Sunday.
func (c *civil) weekday() int { return int((c.days+3)%7+7)%7 + 1 }

// yearDay is 1 for the first of January.
func (c *civil) yearDay() int { return int(c.days-dayNumber(c.year, 1, 1)) + 1 }

// isoWeek is the year and number of the ISO 8601 week: weeks begin on Monday, the first has the year's first Thursday.
func (c *civil) isoWeek() (year, week int) {
	thursday := c.days - int64(c.weekday()-1) + 3
	year, _, _ = convert.DateOfDays(thursday)
	return year, int(thursday-dayNumber(year, 1, 1))/7 + 1
}

// dayNumber is the days since 1970-01-01 of a date of any year; month may be outside 1..12, day outside its month.
func dayNumber(year, month, day int) int64 {
	y, m := int64(year), int64(month-1)
	if m < 0 || m > 11 {
		y += floorDiv(m, 12)
		m -= floorDiv(m, 12) * 12
	}
	// Years begin with March here, so that the leap day is the last one: then a month begins (153*m+2)/5 days after the
	// year, and a year 365*y+y/4-y/100+y/400 days after year 0.
	if m -= 2; m < 0 {
		m += 12
		y--
	}
	const epoch = 719468 // 1970-01-01, days after 0000-03-01
	return 365*y + floorDiv(y, 4) - floorDiv(y, 100) + floorDiv(y, 400) + (153*m+2)/5 + int64(day-1) - epoch
}

// instant is the instant at which clocks in loc show a local time, given as milliseconds as if it were UTC. In the gap
// of a clock change it is the time after the change.
func instant(local int64, loc *time.Location) int64 {
	if loc == time.UTC {
		return local
	}
	t := time.UnixMilli(local).UTC()
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), loc).UnixMilli()
}

// Zone finds a time zone: an IANA name, UTC, GMT, Z, or an offset such as +02:00 or UTC+2.
func Zone(name string) (*time.Location, error) {
	trimmed := strings.TrimSpace(name)
	switch strings.ToUpper(trimmed) {
	case "UTC", "GMT", "Z", "UT", "ETC/UTC", "ZULU":
		return time.UTC, nil
	case "", "LOCAL":
		return nil, badZone(name)
	}
	if offset, ok := parseOffset(trimmed); ok {
		if offset == 0 {
			return time.UTC, nil
		}
		return time.FixedZone(trimmed, offset), nil
	}
	loc, err := time.LoadLocation(trimmed)
	if err != nil {
		return nil, badZone(name).Wrap(err)
	}
	return loc, nil
}

func badZone(name string) *errs.Error {
	return errs.User(errs.InvalidParameterValue, "time zone %q not recognized", convert.Shown(name)).WithHint("Use an IANA name such as Europe/Berlin, UTC or an offset such as +02:00.")
}

// parseOffset reads +02:00, -0330, +2, with an optional UTC or GMT in front, as seconds.
func parseOffset(s string) (int, bool) {
	upper := strings.ToUpper(s)
	s = strings.TrimPrefix(strings.TrimPrefix(upper, "UTC"), "GMT")
	if len(s) < 2 || (s[0] != '+' && s[0] != '-') {
		return 0, false
	}
	digits := strings.Replace(s[1:], ":", "", 1)
	if len(digits) <= 2 {
		digits += "00"
	}
	if len(digits) == 3 {
		digits = "0" + digits
	}
	if len(digits) == 1 || len(digits) > 4 {
		return 0, false
	}
	x := 0
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
		x = x*10 + int(digits[i]-'0')
	}
	if x/100 > 18 || x%100 > 59 {
		return 0, false
	}
	seconds := (x/100*60 + x%100) * 60
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}
