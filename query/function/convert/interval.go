package convert

import (
	"math"
	"strconv"
	"strings"

	"github.com/sosodev/duration"

	"github.com/freshetdb/freshet/internal/errs"
)

// unitMonths are the units of an interval's text that have no fixed length, as months.
var unitMonths = map[string]float64{"month": 1, "mon": 1, "year": 12, "yr": 12, "y": 12, "decade": 120, "century": 1200,
	"centurie": 1200, "millennium": 12000}

// unitMillis are the others.
var unitMillis = map[string]float64{
	"microsecond": 0.001, "us": 0.001, "usec": 0.001, "millisecond": 1, "ms": 1, "msec": 1,
	"second": 1000, "sec": 1000, "s": 1000, "minute": 60_000, "min": 60_000, "m": 60_000,
	"hour": 3_600_000, "hr": 3_600_000, "h": 3_600_000, "day": millisPerDay, "d": millisPerDay,
	"week": 7 * millisPerDay, "w": 7 * millisPerDay,
}

func badInterval(s string) *errs.Error {
	return errs.User(errs.InvalidDatetime, `invalid input syntax for type interval: "%s"`, Shown(s))
}

// ParseInterval reads PostgreSQL's text of an interval (1 day 02:03:04.5, 5 minutes ago) or ISO 8601 (PT2M) as
// milliseconds. Months and years are refused: they have no fixed length.
func ParseInterval(s string) (int64, error) {
	months, millis, err := ParseMonths(s)
	if err == nil && months != 0 {
		err = errs.User(errs.FeatureNotSupported, `interval "%s": months and years are not supported, they have no fixed length`, Shown(s)).
			WithHint("They may be added to a timestamp and subtracted from it: ts - INTERVAL '1 month'.")
	}
	return millis, err
}

// ParseMonths reads an interval as ParseInterval does; months come first, the milliseconds are what else it has. A
// fraction of a month is one of 30 days.
func ParseMonths(s string) (months, millis int64, err error) {
	t := strings.ToLower(strings.TrimSpace(s))
	if t == "" {
		return 0, 0, badInterval(s)
	}
	if strings.HasPrefix(strings.TrimLeft(t, "+-"), "p") {
		return parseISO(s)
	}
	words := strings.Fields(strings.TrimPrefix(t, "@ "))
	sign := 1.0
	if words[len(words)-1] == "ago" {
		sign, words = -1, words[:len(words)-1]
	}
	var total, inMonths float64
	for i := 0; i < len(words); i++ {
		if strings.ContainsRune(words[i], ':') {
			clock, ok := clockMillis(words[i])
			if !ok {
				return 0, 0, badInterval(s)
			}
			total += clock
			continue
		}
		number, unit := splitUnit(words[i])
		if unit == "" && i+1 < len(words) {
			i++
			unit = words[i]
		}
		x, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return 0, 0, badInterval(s)
		}
		perMonth, scale, err := unitScale(unit, s)
		if err != nil {
			return 0, 0, err
		}
		total += x * scale
		inMonths += x * perMonth
	}
	return monthsAndMillis(sign*inMonths, sign*total, s)
}

// monthsAndMillis checks the parts of an interval.
func monthsAndMillis(months, millis float64, s string) (int64, int64, error) {
	wholeMonths := math.Trunc(months)
	if math.Abs(months) >= 1<<31 || math.IsNaN(months) {
		return 0, 0, errs.User(errs.DatetimeOverflow, `interval out of range: "%s"`, Shown(s))
	}
	ms, err := intervalMillis(millis+math.Round((months-wholeMonths)*30)*millisPerDay, s)
	return int64(wholeMonths), ms, err
}

func intervalMillis(x float64, s string) (int64, error) {
	if math.Abs(x) >= 1<<63 || math.IsNaN(x) {
		return 0, errs.User(errs.DatetimeOverflow, `interval out of range: "%s"`, Shown(s))
	}
	return int64(math.Trunc(x)), nil
}

// splitUnit parts 5min into number and unit.
func splitUnit(word string) (number, unit string) {
	end := strings.IndexFunc(word, func(r rune) bool { return r >= 'a' && r <= 'z' })
	if end < 0 {
		return word, ""
	}
	return word[:end], word[end:]
}

// unitScale gives a unit as months or as milliseconds.
func unitScale(unit, s string) (months, millis float64, err error) {
	unit = strings.TrimSuffix(unit, ",")
	if unit == "" {
		return 0, 1000, nil
	}
	for _, name := range []string{unit, strings.TrimSuffix(unit, "s")} {
		if scale, ok := unitMillis[name]; ok {
			return 0, scale, nil
		}
		if scale, ok := unitMonths[name]; ok {
			return scale, 0, nil
		}
	}
	return 0, 0, badInterval(s)
}

func clockMillis(word string) (float64, bool) {
	sign := 1.0
	switch word[0] {
	case '-':
		sign, word = -1, word[1:]
	case '+':
		word = word[1:]
	}
	parts := strings.Split(word, ":")
	if len(parts) > 3 {
		return 0, false
	}
	total := 0.0
	for i, scale := range []float64{3_600_000, 60_000, 1000}[:len(parts)] {
		x, err := strconv.ParseFloat(parts[i], 64)
		if err != nil || x < 0 || (i > 0 && x >= 60) {
			return 0, false
		}
		total += x * scale
	}
	return sign * total, true
}

// ParseISODuration reads an ISO 8601 duration such as PT2M, P1DT12H or -PT0.5S as milliseconds.
func ParseISODuration(s string) (int64, error) {
	months, millis, err := parseISO(s)
	if err == nil && months != 0 {
		err = errs.User(errs.FeatureNotSupported, `duration "%s": months and years are not supported, they have no fixed length`, Shown(s))
	}
	return millis, err
}

func parseISO(s string) (months, millis int64, err error) {
	t := strings.ToUpper(strings.TrimSpace(s))
	body := strings.TrimLeft(t, "+-P")
	if body == "" || body == "T" || strings.HasSuffix(t, "T") || len(t)-len(body) > 2 {
		return 0, 0, badInterval(s)
	}
	d, err := duration.Parse(strings.TrimPrefix(t, "+"))
	if err != nil {
		return 0, 0, badInterval(s).Wrap(err)
	}
	total := d.Weeks*7*millisPerDay + d.Days*millisPerDay + d.Hours*3_600_000 + d.Minutes*60_000 + d.Seconds*1000
	inMonths := 12*d.Years + d.Months
	if d.Negative {
		total, inMonths = -total, -inMonths
	}
	return monthsAndMillis(inMonths, math.Round(total*1000)/1000, s)
}

// AppendInterval writes milliseconds as PostgreSQL writes an interval: 1 day 02:03:04.5.
func AppendInterval(dst []byte, millis int64) []byte {
	days := millis / millisPerDay
	rest := millis % millisPerDay
	if days != 0 {
		dst = strconv.AppendInt(dst, days, 10)
		dst = append(dst, " day"...)
		if days != 1 {
			dst = append(dst, 's')
		}
		if rest == 0 {
			return dst
		}
		dst = append(dst, ' ')
	}
	if rest < 0 {
		dst = append(dst, '-')
		rest = -rest
	}
	dst = appendPadded(dst, int(rest/3_600_000), 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, int(rest/60_000%60), 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, int(rest/1000%60), 2)
	if ms := int(rest % 1000); ms != 0 {
		dst = append(dst, '.')
		dst = appendPadded(dst, ms, 3)
		dst = []byte(strings.TrimRight(string(dst), "0"))
	}
	return dst
}
