package datetime

import (
	"strings"
	"time"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function/convert"
)

// unit is a unit of time, down to nanoseconds.
type unit uint8

const (
	unitInvalid unit = iota
	nanosecond
	microsecond
	millisecond
	second
	minute
	hour
	day
	week
	month
	quarter
	year
	decade
	century
	millennium
	unitCount
)

var unitNames = [unitCount]string{"", "nanosecond", "microsecond", "millisecond", "second", "minute", "hour", "day", "week", "month", "quarter",
	"year", "decade", "century", "millennium"}

// unitAliases are names that are not a unit's own or its plural.
var unitAliases = map[string]unit{"ms": millisecond, "us": microsecond, "ns": nanosecond, "sec": second, "min": minute, "hr": hour,
	"centuries": century, "millennia": millennium, "sql_tsi_second": second, "sql_tsi_minute": minute, "sql_tsi_hour": hour,
	"sql_tsi_day": day, "sql_tsi_week": week, "sql_tsi_month": month, "sql_tsi_quarter": quarter, "sql_tsi_year": year}

// unitMillis are the lengths of the units of a fixed number of milliseconds.
var unitMillis = [unitCount]int64{millisecond: 1, second: millisPerSecond, minute: millisPerMinute, hour: millisPerHour, day: millisPerDay, week: millisPerWeek}

// unitByName finds a unit by its name in any case, singular or plural.
func unitByName(name string) (unit, bool) {
	lower := strings.ToLower(strings.TrimSpace(name))
	if u, ok := unitAliases[lower]; ok {
		return u, true
	}
	singular := strings.TrimSuffix(lower, "s")
	for u := nanosecond; u < unitCount; u++ {
		if unitNames[u] == lower || unitNames[u] == singular {
			return u, true
		}
	}
	return unitInvalid, false
}

func badUnit(name string) error {
	return errs.User(errs.InvalidParameterValue, "unit %q not recognized", convert.Shown(name)).
		WithHint("Units are millisecond, second, minute, hour, day, week, month, quarter and year.")
}

// timeUnit is a unit that counts time: NANOSECONDS to DAYS, and WEEKS.
func timeUnit(name string) (unit, error) {
	u, ok := unitByName(name)
	if !ok || u > week {
		return 0, errs.User(errs.InvalidParameterValue, "time unit %q not recognized", convert.Shown(name)).
			WithHint("Units are NANOSECONDS, MICROSECONDS, MILLISECONDS, SECONDS, MINUTES, HOURS and DAYS.")
	}
	return u, nil
}

// toMillis converts a count of units, truncating; what leaves LONG is an error.
func (u unit) toMillis(x int64) (int64, error) {
	switch u {
	case nanosecond:
		return x / 1_000_000, nil
	case microsecond:
		return x / 1000, nil
	}
	scale := unitMillis[u]
	r := x * scale
	if r/scale != x {
		return 0, errs.User(errs.DatetimeOverflow, "timestamp out of range: %d %ss", x, unitNames[u])
	}
	return r, nil
}

// fromMillis is the inverse of toMillis, truncating toward zero as Java's TimeUnit does.
func (u unit) fromMillis(ms int64) (int64, error) {
	scale := int64(1)
	switch u {
	case nanosecond:
		scale = 1_000_000
	case microsecond:
		scale = 1000
	default:
		return ms / unitMillis[u], nil
	}
	r := ms * scale
	if r/scale != ms {
		return 0, errs.User(errs.DatetimeOverflow, "timestamp out of range: %d ms in %ss", ms, unitNames[u])
	}
	return r, nil
}

// truncate gives the beginning of the unit that an instant is in, by the clocks of a zone.
func (u unit) truncate(ms int64, loc *time.Location) int64 {
	switch {
	case u <= millisecond:
		return ms
	case u <= hour:
		// Offsets are whole minutes or seconds at worst; hours begin with the local clock's.
		offset := offsetAt(loc, ms)
		return floorDiv(ms+offset, unitMillis[u])*unitMillis[u] - offset
	case u == day && loc == time.UTC:
		return floorDiv(ms, millisPerDay) * millisPerDay
	case u == week && loc == time.UTC:
		// 1970-01-01 was a Thursday: weeks begin three days before it.
		return floorDiv(ms+3*millisPerDay, millisPerWeek)*millisPerWeek - 3*millisPerDay
	}
	c := civilOf(ms, loc)
	days := c.days
	switch u {
	case week:
		days -= int64(c.weekday() - 1)
	case month:
		days -= int64(c.day - 1)
	case quarter:
		days = dayNumber(c.year, (c.month-1)/3*3+1, 1)
	case year:
		days = dayNumber(c.year, 1, 1)
	case decade:
		days = dayNumber(int(floorDiv(int64(c.year), 10))*10, 1, 1)
	case century:
		days = dayNumber(int(floorDiv(int64(c.year-1), 100))*100+1, 1, 1)
	case millennium:
		days = dayNumber(int(floorDiv(int64(c.year-1), 1000))*1000+1, 1, 1)
	}
	return instant(days*millisPerDay, loc)
}

// add moves an instant by n units. Months keep the day of the month, or take the last day of a shorter one.
func (u unit) add(ms, n int64) (int64, error) {
	months := n
	switch u {
	case month:
	case quarter:
		months = 3 * n
	case year:
		months = 12 * n
	case nanosecond, microsecond:
		d, err := u.toMillis(n)
		return ms + d, err
	default:
		if u > year {
			return 0, badUnit(unitNames[u])
		}
		d, err := u.toMillis(n)
		if r := ms + d; err != nil || (ms^r)&(d^r) >= 0 {
			return r, err
		}
		return 0, errs.User(errs.DatetimeOverflow, "timestamp out of range")
	}
	moved, ok := convert.AddMonths(ms, months)
	if !ok {
		return 0, errs.User(errs.DatetimeOverflow, "timestamp out of range")
	}
	return moved, nil
}

// between is the number of whole units from a to b, negative where b is before a.
func (u unit) between(a, b int64) (int64, error) {
	perMonth := int64(0)
	switch u {
	case month:
		perMonth = 1
	case quarter:
		perMonth = 3
	case year:
		perMonth = 12
	default:
		if u > year {
			return 0, badUnit(unitNames[u])
		}
		d := b - a
		if (b^a)&(b^d) < 0 {
			return 0, errs.User(errs.DatetimeOverflow, "timestamp out of range")
		}
		return u.fromMillis(d)
	}
	if b < a {
		n, err := u.between(b, a)
		return -n, err
	}
	from, to := civilOf(a, time.UTC), civilOf(b, time.UTC)
	months := int64(to.year-from.year)*12 + int64(to.month-from.month)
	if moved, err := month.add(a, months); err == nil && moved > b {
		months--
	}
	return months / perMonth, nil
}
