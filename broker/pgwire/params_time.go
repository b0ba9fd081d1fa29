package pgwire

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// parseTimestamp reads a date, or a date and time with T or a space between, up to nine digits of fraction and perhaps a
// zone (Z, +02, -03:30, +0530, a zone name). With a nil zone the result is a timestamp and a zone in the text is ignored, as
// PostgreSQL does; else it is an instant and zone stands for a missing one. Milliseconds, rounded down.
func parseTimestamp(s string, zone *time.Location) (millis int64, ok bool) {
	s = trimSpace(s)
	switch strings.ToLower(s) {
	case "infinity":
		return math.MaxInt64, true
	case "-infinity":
		return math.MinInt64, true
	case "epoch":
		return 0, true
	}
	bc := false
	if t, found := strings.CutSuffix(s, " BC"); found {
		s, bc = t, true
	}
	p := timeParser{rest: s}
	year := p.number(4, 6)
	p.take('-')
	month := p.number(1, 2)
	p.take('-')
	day := p.number(1, 2)
	var hour, minute, second, nanos int
	if p.rest != "" && (p.rest[0] == ' ' || p.rest[0] == 'T' || p.rest[0] == 't') {
		p.rest = strings.TrimLeft(p.rest[1:], " ")
		hour, minute, second, nanos = p.clock()
	}
	zoneText := trimSpace(p.rest)
	if bc {
		year = 1 - year
	}
	if p.failed || month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60 {
		return 0, false
	}
	at := zone
	if at == nil {
		at = time.UTC
	}
	if zoneText != "" {
		named, found := parseZone(zoneText)
		if !found {
			return 0, false
		}
		if zone != nil {
			at = named
		}
	}
	if time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Day() != day { // 31 April
		return 0, false
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, nanos, at).UnixMilli(), true
}

// timeParser cuts fields off a text; after a failure every step is a no-op.
type timeParser struct {
	rest   string
	failed bool
}

func (p *timeParser) number(least, most int) int {
	n := 0
	for n < len(p.rest) && n < most && p.rest[n] >= '0' && p.rest[n] <= '9' {
		n++
	}
	if p.failed || n < least {
		p.failed = true
		return 0
	}
	x, err := strconv.Atoi(p.rest[:n])
	p.failed = err != nil
	p.rest = p.rest[n:]
	return x
}

func (p *timeParser) take(c byte) {
	if p.rest == "" || p.rest[0] != c {
		p.failed = true
		return
	}
	p.rest = p.rest[1:]
}

func (p *timeParser) clock() (hour, minute, second, nanos int) {
	hour = p.number(1, 2)
	p.take(':')
	minute = p.number(1, 2)
	if p.rest == "" || p.rest[0] != ':' {
		return hour, minute, 0, 0
	}
	p.take(':')
	second = p.number(1, 2)
	if p.rest == "" || p.rest[0] != '.' {
		return hour, minute, second, 0
	}
	p.take('.')
	before := len(p.rest)
	nanos = p.number(1, 9)
	for digits := before - len(p.rest); digits < 9; digits++ {
		nanos *= 10
	}
	return hour, minute, second, nanos
}

// parseZone reads an offset or a zone name.
func parseZone(s string) (*time.Location, bool) {
	if strings.EqualFold(s, "z") || strings.EqualFold(s, "utc") || strings.EqualFold(s, "gmt") {
		return time.UTC, true
	}
	if s[0] != '+' && s[0] != '-' {
		loc, err := time.LoadLocation(s)
		return loc, err == nil && !strings.EqualFold(s, "local")
	}
	digits := strings.ReplaceAll(s[1:], ":", "")
	if len(digits)%2 != 0 {
		digits = "0" + digits
	}
	seconds := 0
	units := [3]int{3600, 60, 1}
	if digits == "" || len(digits) > 6 {
		return nil, false
	}
	for i := 0; i < len(digits); i += 2 {
		x, err := strconv.ParseUint(digits[i:i+2], 10, 8)
		if err != nil || (i > 0 && x > 59) || x > 15 && i == 0 {
			return nil, false
		}
		seconds += int(x) * units[i/2]
	}
	if s[0] == '-' {
		seconds = -seconds
	}
	return time.FixedZone("", seconds), true
}
