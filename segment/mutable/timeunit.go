package mutable

import (
	"math"
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/catalog"
)

// timeUnit turns values of an integer time column into milliseconds: value * mul / div. mul 0 means unknown.
type timeUnit struct{ mul, div int64 }

// millis converts a value; ok is false where the unit is unknown or the result leaves 64 bits.
func (u timeUnit) millis(value int64) (int64, bool) {
	if u.mul == 0 || value > math.MaxInt64/u.mul || value < math.MinInt64/u.mul {
		return 0, false
	}
	return value * u.mul / u.div, true
}

// plausible is millis for values that lie in plausible time.
func (u timeUnit) plausible(value int64) (int64, bool) {
	ms, ok := u.millis(value)
	return ms, ok && ms >= plausibleFrom && ms < plausibleTo
}

// unitOf reads the unit of a dateTime field: TIMESTAMP columns are milliseconds, integers have theirs in the format
// (size:unit:EPOCH or EPOCH|unit|size). Texts and calendar units have none.
func unitOf(f *catalog.Field) timeUnit {
	if f.Type.MultiValue {
		return timeUnit{}
	}
	switch f.Type.Kind {
	case catalog.KindTimestamp:
		return timeUnit{1, 1}
	case catalog.KindInt, catalog.KindLong:
	default:
		return timeUnit{}
	}
	kind, unit, size := "", "MILLISECONDS", "1"
	if parts := strings.Split(f.Format, ":"); len(parts) >= 3 {
		size, unit, kind = parts[0], parts[1], parts[2]
	} else {
		parts = strings.Split(f.Format, "|")
		kind = parts[0]
		if len(parts) > 1 {
			unit = parts[1]
		}
		if len(parts) > 2 {
			size = parts[2]
		}
	}
	if kind == "TIMESTAMP" {
		return timeUnit{1, 1}
	}
	count, err := strconv.ParseInt(size, 10, 32)
	if kind != "EPOCH" || err != nil || count <= 0 {
		return timeUnit{}
	}
	u, ok := map[string]timeUnit{
		"NANOSECONDS": {1, 1e6}, "MICROSECONDS": {1, 1e3}, "MILLISECONDS": {1, 1}, "SECONDS": {1e3, 1},
		"MINUTES": {60e3, 1}, "HOURS": {3600e3, 1}, "DAYS": {86400e3, 1},
	}[unit]
	if !ok {
		return timeUnit{}
	}
	return timeUnit{u.mul * count, u.div}
}
