package datetime

import (
	"strconv"
	"strings"
	"time"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function/convert"
)

// Format is the format of a time column: an epoch of units, a date pattern or a timestamp. It is immutable and safe for
// concurrent use.
type Format struct {
	text    string
	kind    formatKind
	size    int64
	unit    unit
	pattern *Pattern // nil: ISO 8601
	loc     *time.Location
}

type formatKind uint8

const (
	epochFormat formatKind = iota
	dateFormat
	timestampFormat
)

// ParseFormat reads a dateTime format in the colon form (1:DAYS:EPOCH, 1:DAYS:SIMPLE_DATE_FORMAT:yyyyMMdd tz(Europe/Berlin))
// or the pipe form (EPOCH|SECONDS, SIMPLE_DATE_FORMAT|yyyy-MM-dd|UTC, TIMESTAMP).
func ParseFormat(text string) (*Format, error) {
	f := &Format{text: text, size: 1, unit: millisecond, loc: time.UTC}
	if text == "" {
		return nil, f.bad("it is empty")
	}
	if text[0] >= '0' && text[0] <= '9' {
		return f, f.parseColon(strings.SplitN(text, ":", 4))
	}
	return f, f.parsePipe(strings.Split(text, "|"))
}

func (f *Format) bad(why string) error {
	return errs.User(errs.InvalidParameterValue, "invalid time format %q: %s", convert.Shown(f.text), why).
		WithHint("Use 1:MILLISECONDS:EPOCH, 1:DAYS:SIMPLE_DATE_FORMAT:yyyy-MM-dd, EPOCH|SECONDS, SIMPLE_DATE_FORMAT|yyyy-MM-dd|UTC or TIMESTAMP.")
}

func (f *Format) parseColon(parts []string) error {
	if len(parts) < 3 {
		return f.bad("it has fewer than three parts")
	}
	switch parts[2] {
	case "EPOCH":
		if len(parts) > 3 {
			return f.bad("EPOCH takes no pattern")
		}
		return f.setEpoch(parts[0], parts[1])
	case "TIMESTAMP":
		f.kind = timestampFormat
		return nil
	case "SIMPLE_DATE_FORMAT":
		if len(parts) < 4 {
			return f.bad("it has no pattern")
		}
		pattern, zone := parts[3], ""
		if open := strings.LastIndex(pattern, "tz("); open >= 0 && strings.HasSuffix(pattern, ")") {
			pattern, zone = strings.TrimRight(pattern[:open], " "), pattern[open+3:len(pattern)-1]
		}
		return f.setDate(pattern, zone)
	}
	return f.bad("the third part is " + strconv.Quote(parts[2]))
}

func (f *Format) parsePipe(parts []string) error {
	at := func(i int, otherwise string) string {
		if i < len(parts) {
			return parts[i]
		}
		return otherwise
	}
	if len(parts) > 3 {
		return f.bad("it has more than three parts")
	}
	switch parts[0] {
	case "EPOCH":
		return f.setEpoch(at(2, "1"), at(1, "MILLISECONDS"))
	case "TIMESTAMP":
		f.kind = timestampFormat
		return nil
	case "SIMPLE_DATE_FORMAT":
		return f.setDate(at(1, ""), at(2, ""))
	}
	return f.bad("it begins with " + strconv.Quote(parts[0]))
}

func (f *Format) setEpoch(size, unitName string) error {
	n, err := strconv.ParseInt(size, 10, 64)
	if err != nil || n < 1 {
		return f.bad("the size is no positive number")
	}
	u, err := timeUnit(unitName)
	if err != nil {
		return err
	}
	f.kind, f.size, f.unit = epochFormat, n, u
	return nil
}

func (f *Format) setDate(pattern, zone string) error {
	f.kind = dateFormat
	var err error
	if zone != "" {
		if f.loc, err = Zone(zone); err != nil {
			return err
		}
	}
	if pattern != "" {
		f.pattern, err = CompilePattern(pattern)
	}
	return err
}

// IsText reports whether values of the format are texts; others are numbers.
func (f *Format) IsText() bool { return f.kind == dateFormat }

// IsTimestamp reports the TIMESTAMP format.
func (f *Format) IsTimestamp() bool { return f.kind == timestampFormat }

// MillisOfLong reads a value of an epoch or timestamp format; of a date format it reads the digits.
func (f *Format) MillisOfLong(x int64) (int64, error) {
	switch f.kind {
	case timestampFormat:
		return x, nil
	case dateFormat:
		return f.MillisOfText(strconv.FormatInt(x, 10))
	}
	if r := x * f.size; r/f.size == x {
		return f.unit.toMillis(r)
	}
	return 0, errs.User(errs.DatetimeOverflow, "timestamp out of range: %d in format %s", x, f.text)
}

// MillisOfText reads a value of any format from its text.
func (f *Format) MillisOfText(s string) (int64, error) {
	switch {
	case f.kind == dateFormat && f.pattern != nil:
		return f.pattern.Parse(s, f.loc)
	case f.kind == dateFormat:
		ms, err := convert.ParseTimestamp(s)
		return ms, err
	case f.kind == timestampFormat:
		return convert.ParseTimestamp(s)
	}
	x, err := convert.ParseLong(s)
	if err != nil {
		return 0, err
	}
	return f.MillisOfLong(x)
}

// LongOfMillis writes a value of an epoch or timestamp format.
func (f *Format) LongOfMillis(ms int64) (int64, error) {
	if f.kind == timestampFormat {
		return ms, nil
	}
	x, err := f.unit.fromMillis(ms)
	return x / f.size, err
}

// AppendMillis writes a value of a date format, in the format's zone.
func (f *Format) AppendMillis(dst []byte, ms int64) []byte {
	if f.pattern == nil {
		return isoPattern.Append(dst, ms, f.loc)
	}
	return f.pattern.Append(dst, ms, f.loc)
}

// isoPattern is yyyy-MM-dd'T'HH:mm:ss.SSSXXX. It is read-only.
var isoPattern = &Pattern{text: "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", tokens: []token{{letter: 'y', width: 4}, {literal: "-"}, {letter: 'M', width: 2},
	{literal: "-"}, {letter: 'd', width: 2}, {literal: "T"}, {letter: 'H', width: 2}, {literal: ":"}, {letter: 'm', width: 2}, {literal: ":"},
	{letter: 's', width: 2}, {literal: "."}, {letter: 'S', width: 3}, {letter: 'X', width: 3}}}

// granularity is a bucket of time: 15:MINUTES or MINUTES|15.
type granularity struct {
	size int64
	unit unit
}

func parseGranularity(text string) (granularity, error) {
	bad := errs.User(errs.InvalidParameterValue, "invalid granularity %q; use 15:MINUTES or MINUTES|15", convert.Shown(text))
	size, name := "1", text
	if a, b, ok := strings.Cut(text, ":"); ok {
		size, name = a, b
	} else if a, b, ok := strings.Cut(text, "|"); ok {
		name, size = a, b
	}
	n, err := strconv.ParseInt(size, 10, 64)
	if err != nil || n < 1 {
		return granularity{}, bad
	}
	u, ok := unitByName(name)
	if !ok || u > year {
		return granularity{}, bad
	}
	return granularity{n, u}, nil
}

// bucket rounds an instant down. Days and more follow the calendar of the zone.
func (g granularity) bucket(ms int64, loc *time.Location) int64 {
	switch {
	case g.unit < millisecond:
		return ms
	case g.unit <= hour || (g.unit <= week && loc == time.UTC && g.size > 1):
		width := g.size * unitMillis[g.unit]
		offset := offsetAt(loc, ms)
		return floorDiv(ms+offset, width)*width - offset
	case g.size == 1:
		return g.unit.truncate(ms, loc)
	}
	c := civilOf(ms, loc)
	switch g.unit {
	case day, week:
		width := g.size * (unitMillis[g.unit] / millisPerDay)
		return instant(floorDiv(c.days, width)*width*millisPerDay, loc)
	case month, quarter:
		size := g.size
		if g.unit == quarter {
			size *= 3
		}
		months := floorDiv(int64(c.year)*12+int64(c.month-1), size) * size
		y := floorDiv(months, 12)
		return instant(dayNumber(int(y), int(months-y*12)+1, 1)*millisPerDay, loc)
	default:
		return instant(dayNumber(int(floorDiv(int64(c.year), g.size)*g.size), 1, 1)*millisPerDay, loc)
	}
}
