package httpapi

import (
	"strconv"
	"time"
)

// appendTimestamp appends UTC milliseconds as Pinot prints a TIMESTAMP: "2024-01-31 09:05:00.0".
func appendTimestamp(dst []byte, millis int64) []byte {
	t := time.UnixMilli(millis).UTC()
	dst = append(dst, '"')
	year, month, day := t.Date()
	if year < 0 {
		dst = append(dst, '-')
		year = -year
	}
	for n := year; n < 1000; n = n*10 + 9 { // at least four digits
		dst = append(dst, '0')
	}
	dst = strconv.AppendInt(dst, int64(year), 10)
	dst = appendTwo(append(dst, '-'), int(month))
	dst = appendTwo(append(dst, '-'), day)
	hour, minute, second := t.Clock()
	dst = appendTwo(append(dst, ' '), hour)
	dst = appendTwo(append(dst, ':'), minute)
	dst = appendTwo(append(dst, ':'), second)
	dst = append(dst, '.')
	fraction := t.Nanosecond() / int(time.Millisecond)
	dst = append(dst, byte('0'+fraction/100))
	if rest := fraction % 100; rest != 0 {
		dst = append(dst, byte('0'+rest/10))
		if rest%10 != 0 {
			dst = append(dst, byte('0'+rest%10))
		}
	}
	return append(dst, '"')
}

func appendTwo(dst []byte, x int) []byte { return append(dst, byte('0'+x/10), byte('0'+x%10)) }
