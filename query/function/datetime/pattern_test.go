package datetime

import (
	"bufio"
	"bytes"
	_ "embed"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/internal/errs"
)

// patternsTSV is what java.time's DateTimeFormatter (JDK 17, English) writes: pattern, zone, milliseconds, text.
//
//go:embed testdata/patterns.tsv
var patternsTSV []byte

// unitsTSV is what java.time computes: zone, milliseconds, beginnings of day, week, month, quarter and year, ISO week and
// its year, day of the year, day of the week, hour.
//
//go:embed testdata/units.tsv
var unitsTSV []byte

func lines(t *testing.T, data []byte, fields int) [][]string {
	t.Helper()
	var out [][]string
	for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
		parts := strings.Split(s.Text(), "\t")
		if len(parts) != fields {
			t.Fatalf("line %q has %d fields", s.Text(), len(parts))
		}
		out = append(out, parts)
	}
	if len(out) < 50 {
		t.Fatal("golden data is missing")
	}
	return out
}

func mustZone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := Zone(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func number(t *testing.T, s string) int64 {
	t.Helper()
	x, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestPatternsAgainstJava(t *testing.T) {
	for _, l := range lines(t, patternsTSV, 4) {
		p, err := CompilePattern(l[0])
		if err != nil {
			t.Fatal(err)
		}
		loc, ms := mustZone(t, l[1]), number(t, l[2])
		if got := string(p.Append(nil, ms, loc)); got != l[3] {
			t.Errorf("%s of %d in %s is %q, want %q", l[0], ms, l[1], got, l[3])
			continue
		}
		back, err := p.Parse(l[3], loc)
		if err != nil {
			t.Errorf("%s does not read its own %q: %v", l[0], l[3], err)
			continue
		}
		if offsetAt(loc, ms)%millisPerMinute != 0 {
			continue // local mean time: its seconds are in no offset's text
		}
		// What the pattern leaves out is lost; the rest has to come back as the same text.
		if again := string(p.Append(nil, back, loc)); again != l[3] && l[0] != "yy-MM-dd" {
			t.Errorf("%s reads %q as %d, which is %q", l[0], l[3], back, again)
		}
	}
}

func TestUnitsAgainstJava(t *testing.T) {
	for _, l := range lines(t, unitsTSV, 12) {
		loc, ms := mustZone(t, l[0]), number(t, l[1])
		for i, u := range []unit{day, week, month, quarter, year} {
			if got, want := u.truncate(ms, loc), number(t, l[2+i]); got != want {
				t.Errorf("%s of %d in %s is %d, want %d", unitNames[u], ms, l[0], got, want)
			}
		}
		c := civilOf(ms, loc)
		y, w := c.isoWeek()
		for i, got := range []int{w, y, c.yearDay(), c.weekday(), c.hour} {
			if want := number(t, l[7+i]); int64(got) != want {
				t.Errorf("field %d of %d in %s is %d, want %d", i, ms, l[0], got, want)
			}
		}
	}
}

func TestParse(t *testing.T) {
	const day0 = 1709164800000 // 2024-02-29
	for _, c := range []struct {
		pattern, text, zone string
		want                int64
		code                string
	}{
		{"yyyy-MM-dd'T'HH:mm:ss.SSSSSS", "2024-02-29T00:00:00.123456", "UTC", day0 + 123, ""},
		{"yyyy-MM-dd'T'HH:mm:ss.SSSSSS", "2024-02-29T00:00:00.1", "UTC", day0 + 100, ""},
		{"yyyy-MM-dd'T'HH:mm:ss.SSS", "2024-02-29T00:00:00.123999", "UTC", day0 + 123, ""},
		{"YYYY-MM-dd HH:mm:ss", "2024-02-29 01:00:00", "UTC", day0 + 3_600_000, ""},
		{"yyyy-MM-dd HH:mm", "2024-02-29 01:00", "Europe/Berlin", day0, ""},
		{"yyyyMMddHHmmssSSS", "20240229000000123", "UTC", day0 + 123, ""},
		{"yyyy-MM-dd'T'HH:mm:ssZ", "2024-02-29T02:00:00+0200", "America/Los_Angeles", day0, ""},
		{"yyyy-MM-dd'T'HH:mm:ssXXX", "2024-02-29T02:00:00+02:00", "UTC", day0, ""},
		{"yyyy-MM-dd'T'HH:mm:ssXXX", "2024-02-29T00:00:00Z", "Asia/Kolkata", day0, ""},
		{"yyyy-MM-dd HH:mm:ss z", "2024-02-29 01:00:00 Europe/Berlin", "UTC", day0, ""},
		{"d MMM yyyy", "29 feb 2024", "UTC", day0, ""},
		{"d MMMM yyyy", "29 February 2024", "UTC", day0, ""},
		{"h:mm a", "12:30 AM", "UTC", 30 * 60_000, ""},
		{"h:mm a", "12:30 pm", "UTC", 12*3_600_000 + 30*60_000, ""},
		{"yyyy-DDD", "2024-060", "UTC", day0, ""},
		{"xxxx-'W'ww-e", "2024-W09-4", "UTC", day0, ""},
		{"yy/M/d", "24/2/29", "UTC", day0, ""},
		{"yyyy-MM-dd", "2023-02-29", "UTC", 0, errs.DatetimeOverflow},
		{"yyyy-MM-dd", "2023-13-01", "UTC", 0, errs.InvalidDatetime},
		{"yyyy-MM-dd", "2023-02", "UTC", 0, errs.InvalidDatetime},
		{"yyyy-MM-dd", "2023-02-03x", "UTC", 0, errs.InvalidDatetime},
		{"yyyy-MM-dd", "", "UTC", 0, errs.InvalidDatetime},
		{"HH:mm", "24:00", "UTC", 0, errs.InvalidDatetime},
	} {
		p, err := CompilePattern(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Parse(c.text, mustZone(t, c.zone))
		switch {
		case c.code != "" && (err == nil || errs.As(err).Code != c.code):
			t.Errorf("%s of %q: %v, want %s", c.pattern, c.text, err, c.code)
		case c.code == "" && (err != nil || got != c.want):
			t.Errorf("%s of %q: %d %v, want %d", c.pattern, c.text, got, err, c.want)
		}
	}
}

func TestBadPatterns(t *testing.T) {
	for _, text := range []string{"", "yyyy-MM-ddTHH", "'open", "b", strings.Repeat("y-", 200)} {
		if _, err := CompilePattern(text); err == nil || errs.As(err).Code != errs.InvalidParameterValue {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestZones(t *testing.T) {
	for name, offset := range map[string]int64{"UTC": 0, "Z": 0, "+02:00": 7_200_000, "-0330": -12_600_000, "UTC+2": 7_200_000, "GMT-05:00": -18_000_000, "Asia/Kolkata": 19_800_000} {
		if got := offsetAt(mustZone(t, name), 1709164800000); got != offset {
			t.Errorf("%s: offset %d, want %d", name, got, offset)
		}
	}
	for _, name := range []string{"", "Mars/Olympus", "+25:00", "+2x", "Local", "../etc/passwd"} {
		if _, err := Zone(name); err == nil {
			t.Errorf("%q is a zone", name)
		}
	}
}

// TestCivilAgainstTime compares the calendar with package time's over a wide range.
func TestCivilAgainstTime(t *testing.T) {
	berlin := mustZone(t, "Europe/Berlin")
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.Int64Range(-1_500_000_000_000, 200_000_000_000_000).Draw(t, "ms")
		for _, loc := range []*time.Location{time.UTC, berlin} {
			c, want := civilOf(ms, loc), time.UnixMilli(ms).In(loc)
			y, w := want.ISOWeek()
			gotY, gotW := c.isoWeek()
			if c.year != want.Year() || c.month != int(want.Month()) || c.day != want.Day() || c.hour != want.Hour() || c.minute != want.Minute() ||
				c.second != want.Second() || c.msec != want.Nanosecond()/1e6 || c.yearDay() != want.YearDay() || c.weekday()%7 != int(want.Weekday()) || gotY != y || gotW != w {
				t.Fatalf("%d is %+v, want %v", ms, c, want)
			}
			p, err := CompilePattern("yyyy-MM-dd HH:mm:ss.SSSZ")
			if err != nil {
				t.Fatal(err)
			}
			if c.year >= 0 && c.year < 10000 {
				if back, err := p.Parse(string(p.Append(nil, ms, loc)), time.UTC); err != nil || back != ms {
					t.Fatalf("%d comes back as %d %v", ms, back, err)
				}
			}
		}
	})
}

func FuzzPattern(f *testing.F) {
	f.Add("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2024-02-29T00:00:00.000Z")
	f.Add("EEE, d MMM yy h:mm a z", "Thu, 29 Feb 24 1:00 PM UTC")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		p, err := CompilePattern(pattern)
		if err != nil {
			return
		}
		if ms, err := p.Parse(text, time.UTC); err == nil {
			p.Append(nil, ms, time.UTC)
		}
	})
}
