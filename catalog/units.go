package catalog

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	periodForm = regexp.MustCompile(`^(?i)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$`)
	sizeForm   = regexp.MustCompile(`^(?i)\s*(\d+(?:\.\d+)?)\s*([KMGT]?)B?\s*$`)
)

// maxPeriod bounds periods so that sums of them never overflow.
const maxPeriod = 100 * 365 * 24 * time.Hour

// ParsePeriod reads Pinot's period strings: 7d, 12h, 4h30m, 10s; a bare number is milliseconds.
func ParsePeriod(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil && ms >= 0 && ms <= maxPeriod.Milliseconds() {
		return time.Duration(ms) * time.Millisecond, nil
	}
	m := periodForm.FindStringSubmatch(text)
	if m == nil || text == "" {
		return 0, fmt.Errorf("cannot read period %q, want for example 7d, 12h, 4h30m or milliseconds", text)
	}
	var total time.Duration
	for i, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second} {
		if m[i+1] == "" {
			continue
		}
		n, err := strconv.ParseInt(m[i+1], 10, 64)
		if err != nil || n > int64(maxPeriod/unit) {
			return 0, fmt.Errorf("period %q is too long, at most 100 years", text)
		}
		total += time.Duration(n) * unit
	}
	if total > maxPeriod {
		return 0, fmt.Errorf("period %q is too long, at most 100 years", text)
	}
	return total, nil
}

// ParseSize reads data sizes: 500M, 1.5G, 200MB; a bare number is bytes.
func ParseSize(text string) (int64, error) {
	m := sizeForm.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("cannot read size %q, want for example 200M, 1.5G or bytes", text)
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return 0, fmt.Errorf("cannot read size %q: %w", text, err)
	}
	shift := map[string]float64{"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}[strings.ToUpper(m[2])]
	if n*shift > math.MaxInt64/2 {
		return 0, fmt.Errorf("size %q is too large", text)
	}
	return int64(n * shift), nil
}

// timeUnits are the units of retention and time formats.
var timeUnits = map[string]time.Duration{
	"NANOSECONDS": time.Nanosecond, "MICROSECONDS": time.Microsecond, "MILLISECONDS": time.Millisecond, "SECONDS": time.Second,
	"MINUTES": time.Minute, "HOURS": time.Hour, "DAYS": 24 * time.Hour,
}

// checkTimeFormat checks a dateTime format (colon and pipe forms).
func checkTimeFormat(format string) error {
	if format == "" {
		return fmt.Errorf("format is missing")
	}
	if format[0] >= '0' && format[0] <= '9' {
		parts := strings.SplitN(format, ":", 4)
		if len(parts) < 3 {
			return fmt.Errorf("format %q: want size:unit:EPOCH or 1:unit:SIMPLE_DATE_FORMAT:pattern", format)
		}
		if n, err := strconv.Atoi(parts[0]); err != nil || n <= 0 {
			return fmt.Errorf("format %q: size %q is not a positive number", format, parts[0])
		}
		return checkTimeFormatKind(format, parts[2], parts[1], strings.Join(parts[3:], ""))
	}
	parts := strings.Split(format, "|")
	unit, pattern := "MILLISECONDS", ""
	if len(parts) > 1 {
		unit, pattern = parts[1], parts[1]
	}
	return checkTimeFormatKind(format, parts[0], unit, pattern)
}

func checkTimeFormatKind(format, kind, unit, pattern string) error {
	switch kind {
	case "EPOCH":
		if _, ok := timeUnits[unit]; !ok && unit != "WEEKS" && unit != "MONTHS" && unit != "YEARS" {
			return fmt.Errorf("format %q: unknown time unit %q", format, unit)
		}
	case "SIMPLE_DATE_FORMAT":
		if format[0] >= '0' && format[0] <= '9' && pattern == "" {
			return fmt.Errorf("format %q: SIMPLE_DATE_FORMAT needs a pattern", format)
		}
	case "TIMESTAMP":
	default:
		return fmt.Errorf("format %q: unknown kind %q, want EPOCH, SIMPLE_DATE_FORMAT or TIMESTAMP", format, kind)
	}
	return nil
}

// checkGranularity checks size:unit and unit|size.
func checkGranularity(text string) error {
	parts := strings.Split(text, ":")
	unit, count := "", "1"
	switch {
	case len(parts) == 2:
		count, unit = parts[0], parts[1]
	default:
		parts = strings.Split(text, "|")
		unit = parts[0]
		if len(parts) > 1 {
			count = parts[1]
		}
	}
	if n, err := strconv.Atoi(count); err != nil || n <= 0 {
		return fmt.Errorf("granularity %q: size %q is not a positive number", text, count)
	}
	if _, ok := timeUnits[unit]; !ok {
		return fmt.Errorf("granularity %q: unknown time unit %q", text, unit)
	}
	return nil
}

// EpochUnit gives what one count of an EPOCH time format stands for; ok is false for other formats.
func EpochUnit(format string) (unit time.Duration, ok bool) {
	size, name, kind := "1", "MILLISECONDS", ""
	if format != "" && format[0] >= '0' && format[0] <= '9' {
		parts := strings.Split(format, ":")
		if len(parts) < 3 {
			return 0, false
		}
		size, name, kind = parts[0], parts[1], parts[2]
	} else {
		parts := strings.Split(format, "|")
		kind = parts[0]
		if len(parts) > 1 {
			name = parts[1]
		}
		if len(parts) > 2 {
			size = parts[2]
		}
	}
	n, err := strconv.Atoi(size)
	d, known := timeUnits[name]
	if err != nil || !known || kind != "EPOCH" {
		return 0, false
	}
	return time.Duration(n) * d, true
}
