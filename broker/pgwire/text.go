package pgwire

import (
	"math"
	"strconv"
	"time"
)

// Limits of PostgreSQL's exponent form: below and from these on.
const (
	smallestPlain   = 1e-4
	largestPlain    = 1e15
	largestPlain32  = 1e6
	millisPerDay    = 24 * 60 * 60 * 1000
	epochDays2000   = 10957 // days from 1970-01-01 to 2000-01-01
	epochMillis2000 = epochDays2000 * millisPerDay
)

// appendFloat appends the shortest text that reads back as x, in PostgreSQL's form. bits is 32 or 64.
func appendFloat(dst []byte, x float64, bits int) []byte {
	switch {
	case math.IsNaN(x):
		return append(dst, "NaN"...)
	case math.IsInf(x, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(x, -1):
		return append(dst, "-Infinity"...)
	}
	small, large := float64(smallestPlain), float64(largestPlain)
	if bits == 32 {
		small, large = float64(float32(smallestPlain)), largestPlain32
	}
	form := byte('f')
	if a := math.Abs(x); a != 0 && (a < small || a >= large) {
		form = 'e'
	}
	return strconv.AppendFloat(dst, x, form, -1, bits)
}

// civil splits days since 1970-01-01 into a proleptic Gregorian date. Years before 1 are 0, -1, ...
func civil(days int64) (year, month, day int64) {
	// Eras of 400 years that begin on 1 March, so that the leap day is the last of a year.
	const daysPerEra, marchFirstYear0 = 146097, 719468
	z := days + marchFirstYear0
	era := floorDiv(z, daysPerEra)
	doe := z - era*daysPerEra
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = doy - (153*mp+2)/5 + 1
	month = mp + 3
	if month > 12 {
		month -= 12
	}
	year = yoe + era*400
	if month <= 2 {
		year++
	}
	return year, month, day
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func appendPadded(dst []byte, x int64, width int) []byte {
	digits := 1
	for y := x; y >= 10; y /= 10 {
		digits++
	}
	for ; digits < width; digits++ {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, x, 10)
}

// appendTimestamp appends UTC milliseconds as `2026-11-21 02:04:07.78`, with ` BC` for years before 1.
func appendTimestamp(dst []byte, millis int64) []byte {
	dst, bc := appendDateTime(dst, millis)
	if bc {
		dst = append(dst, " BC"...)
	}
	return dst
}

func appendDateTime(dst []byte, millis int64) (out []byte, bc bool) {
	days := floorDiv(millis, millisPerDay)
	rest := millis - days*millisPerDay
	year, month, day := civil(days)
	if year <= 0 {
		year, bc = 1-year, true
	}
	dst = appendPadded(dst, year, 4)
	dst = append(dst, '-')
	dst = appendPadded(dst, month, 2)
	dst = append(dst, '-')
	dst = appendPadded(dst, day, 2)
	dst = append(dst, ' ')
	return appendClock(dst, rest), bc
}

// appendClock appends milliseconds as hh:mm:ss with a fraction that has no trailing zeros.
func appendClock(dst []byte, millis int64) []byte {
	dst = appendPadded(dst, millis/3_600_000, 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, millis/60_000%60, 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, millis/1000%60, 2)
	fraction := millis % 1000
	if fraction == 0 {
		return dst
	}
	dst = append(dst, '.')
	dst = appendPadded(dst, fraction, 3)
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// appendTimestampTZ appends an instant in a zone, with the zone's offset: +00, +05:30.
func appendTimestampTZ(dst []byte, millis int64, zone *time.Location) []byte {
	offset := 0
	if zone != time.UTC {
		_, offset = time.UnixMilli(millis).In(zone).Zone()
	}
	dst, bc := appendDateTime(dst, millis+int64(offset)*1000)
	sign := byte('+')
	if offset < 0 {
		sign, offset = '-', -offset
	}
	dst = append(dst, sign)
	dst = appendPadded(dst, int64(offset/3600), 2)
	if minutes := offset / 60 % 60; minutes != 0 || offset%60 != 0 {
		dst = append(dst, ':')
		dst = appendPadded(dst, int64(minutes), 2)
	}
	if seconds := offset % 60; seconds != 0 {
		dst = append(dst, ':')
		dst = appendPadded(dst, int64(seconds), 2)
	}
	if bc {
		dst = append(dst, " BC"...)
	}
	return dst
}

// appendInterval appends milliseconds as PostgreSQL prints an interval: `1 day 02:03:04`.
func appendInterval(dst []byte, millis int64) []byte {
	days, rest := millis/millisPerDay, millis%millisPerDay
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
	} else if days < 0 {
		// Unlike the days the time is positive: say so, as PostgreSQL does.
		dst = append(dst, '+')
	}
	return appendClock(dst, rest)
}

const hexDigits = "0123456789abcdef"

// appendBytea appends octets in the hex form.
func appendBytea(dst []byte, s string) []byte {
	dst = append(dst, '\\', 'x')
	for i := range len(s) {
		dst = append(dst, hexDigits[s[i]>>4], hexDigits[s[i]&15])
	}
	return dst
}

// appendArrayElement appends an element of an array's text form, quoted where it has to be.
func appendArrayElement(dst []byte, s []byte) []byte {
	if !needsArrayQuotes(s) {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for _, c := range s {
		if c == '"' || c == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}

func needsArrayQuotes(s []byte) bool {
	if len(s) == 0 {
		return true
	}
	for _, c := range s {
		switch c {
		case '{', '}', ',', '"', '\\', ' ', '\t', '\n', '\r', '\v', '\f':
			return true
		}
	}
	return len(s) == 4 && s[0]|0x20 == 'n' && s[1]|0x20 == 'u' && s[2]|0x20 == 'l' && s[3]|0x20 == 'l'
}
