package convert

import (
	"errors"
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/internal/errs"
)

func code(err error) string {
	if err == nil {
		return ""
	}
	return errs.As(err).Code
}

func TestParseTimestamp(t *testing.T) {
	const day = 1709164800000 // 2024-02-29
	for _, c := range []struct {
		text string
		want int64
		code string
	}{
		{"2024-02-29", day, ""},
		{" 2024-02-29 ", day, ""},
		{"2024-2-29", day, ""},
		{"2024-02-29 01:02", day + 3_720_000, ""},
		{"2024-02-29T01:02:03", day + 3_723_000, ""},
		{"2024-02-29t01:02:03z", day + 3_723_000, ""},
		{"2024-02-29 01:02:03.1", day + 3_723_100, ""},
		{"2024-02-29 01:02:03.123456789", day + 3_723_123, ""},
		{"2024-02-29 01:02:03,5", day + 3_723_500, ""},
		{"2024-02-29T01:02:03.000Z", day + 3_723_000, ""},
		{"2024-02-29T01:02:03+01:00", day + 123_000, ""},
		{"2024-02-29T01:02:03 -0130", day + 9_123_000, ""},
		{"2024-02-29 01:02:03+00", day + 3_723_000, ""},
		{"2024-02-29 01:02:03 UTC", day + 3_723_000, ""},
		{"2024-02-29Z", day, ""},
		{"2024-02-29 24:00:00", day + 86_400_000, ""},
		{"1709164800000", day, ""},
		{"-1", -1, ""},
		{"0001-01-01", -62135596800000, ""},
		{"9999-12-31 23:59:59.999", 253402300799999, ""},
		{"2023-02-29", 0, errs.DatetimeOverflow},
		{"2024-13-01", 0, errs.DatetimeOverflow},
		{"2024-01-01 25:00", 0, errs.DatetimeOverflow},
		{"2024-01-01 24:00:01", 0, errs.DatetimeOverflow},
		{"2024-01-01 00:60", 0, errs.DatetimeOverflow},
		{"", 0, errs.InvalidDatetime},
		{"now", 0, errs.InvalidDatetime},
		{"2024-01", 0, errs.InvalidDatetime},
		{"2024-01-01 ", 1704067200000, ""},
		{"2024-01-01T", 0, errs.InvalidDatetime},
		{"2024-01-01 01", 0, errs.InvalidDatetime},
		{"2024-01-01 01:02:03.", 0, errs.InvalidDatetime},
		{"2024-01-01 01:02:03 +1", 0, errs.InvalidDatetime},
		{"2024-01-01 01:02:03 PM", 0, errs.InvalidDatetime},
		{"24-01-01", 0, errs.InvalidDatetime},
		{"99999999999999999999", 0, errs.NumericOutOfRange},
	} {
		got, err := ParseTimestamp(c.text)
		if got != c.want || code(err) != c.code {
			t.Errorf("%q: %d %v, want %d %s", c.text, got, err, c.want, c.code)
		}
	}
}

func TestTimestampRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.Int64Range(-62135596800000, 253402300799999).Draw(t, "ms")
		s := string(AppendTimestamp(nil, ms))
		if back, err := ParseTimestamp(s); err != nil || back != ms {
			t.Fatalf("%d is %q, which is %d %v", ms, s, back, err)
		}
		want := time.UnixMilli(ms).UTC()
		y, m, d := DateOfDays(floorDiv(ms, millisPerDay))
		if y != want.Year() || m != int(want.Month()) || d != want.Day() {
			t.Fatalf("%d is %d-%d-%d, want %v", ms, y, m, d, want)
		}
		if days, ok := DaysOfDate(y, m, d); !ok || days != floorDiv(ms, millisPerDay) {
			t.Fatalf("%d-%d-%d is day %d %v", y, m, d, days, ok)
		}
	})
}

func TestAppendTimestamp(t *testing.T) {
	for ms, want := range map[int64]string{0: "1970-01-01 00:00:00", 1: "1970-01-01 00:00:00.001", 120: "1970-01-01 00:00:00.12", -1: "1969-12-31 23:59:59.999",
		253402300800000: "10000-01-01 00:00:00", -62198755200000: "-0001-01-01 00:00:00"} {
		if got := string(AppendTimestamp(nil, ms)); got != want {
			t.Errorf("%d is %q, want %q", ms, got, want)
		}
	}
}

func TestParseInterval(t *testing.T) {
	for _, c := range []struct {
		text string
		want int64
		code string
	}{
		{"5 minutes", 300_000, ""},
		{"1 day 2 hours", 93_600_000, ""},
		{"1 day 02:03:04.5", 93_784_500, ""},
		{"-1 day", -86_400_000, ""},
		{"3 hours ago", -10_800_000, ""},
		{"01:30", 5_400_000, ""},
		{"-01:30:00", -5_400_000, ""},
		{"1.5 hours", 5_400_000, ""},
		{"5min", 300_000, ""},
		{"2 weeks", 1_209_600_000, ""},
		{"10", 10_000, ""},
		{"250 ms", 250, ""},
		{"PT2M", 120_000, ""},
		{"pt2m", 120_000, ""},
		{"P1DT12H", 129_600_000, ""},
		{"-PT0.5S", -500, ""},
		{"P1W", 604_800_000, ""},
		{"1 month", 0, errs.FeatureNotSupported},
		{"1 year", 0, errs.FeatureNotSupported},
		{"P1M", 0, errs.FeatureNotSupported},
		{"P1Y", 0, errs.FeatureNotSupported},
		{"", 0, errs.InvalidDatetime},
		{"P", 0, errs.InvalidDatetime},
		{"PT", 0, errs.InvalidDatetime},
		{"PT-5S", 0, errs.InvalidDatetime},
		{"five minutes", 0, errs.InvalidDatetime},
		{"5 parsecs", 0, errs.InvalidDatetime},
		{"01:99", 0, errs.InvalidDatetime},
		{"1e300 days", 0, errs.InvalidDatetime},
		{"999999999999999 days", 0, errs.DatetimeOverflow},
	} {
		got, err := ParseInterval(c.text)
		if got != c.want || code(err) != c.code {
			t.Errorf("%q: %d %v, want %d %s", c.text, got, err, c.want, c.code)
		}
	}
	for ms, want := range map[int64]string{0: "00:00:00", 93_784_500: "1 day 02:03:04.5", -5_400_000: "-01:30:00", 172_800_000: "2 days"} {
		got := string(AppendInterval(nil, ms))
		if back, err := ParseInterval(got); got != want || err != nil || back != ms {
			t.Errorf("%d is %q, want %q; it reads as %d %v", ms, got, want, back, err)
		}
	}
}

func TestDoubles(t *testing.T) {
	for x, want := range map[float64]string{1: "1", 0.1: "0.1", 1e14: "100000000000000", 1e15: "1e+15", 1e-5: "1e-05", 0.0001: "0.0001", math.Inf(-1): "-Infinity"} {
		if got := string(AppendDouble(nil, x)); got != want {
			t.Errorf("%v is %s, want %s", x, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64().Draw(t, "x")
		if back, err := ParseDouble(string(AppendDouble(nil, x))); err != nil || back != x {
			t.Fatalf("%v comes back as %v %v", x, back, err)
		}
		y := rapid.Float32().Draw(t, "y")
		if back, err := ParseFloat(string(AppendFloat(nil, float64(y)))); err != nil || float32(back) != y {
			t.Fatalf("%v comes back as %v %v", y, back, err)
		}
	})
	for _, s := range []string{"", "1_000", "0x1p4", "1,5", "--1", "infinit"} {
		if _, err := ParseDouble(s); code(err) != errs.InvalidText {
			t.Errorf("%q: %v", s, err)
		}
	}
	if x, err := ParseDouble("1e-999"); x != 0 || err != nil {
		t.Errorf("1e-999 is %v %v", x, err)
	}
}

func TestDecimals(t *testing.T) {
	for text, want := range map[string]string{"1.50": "1.5", "-0.0": "0", "1e3": "1000", "100": "100", " 7 ": "7", "0.000": "0", "12e-3": "0.012"} {
		if got, err := CanonicalDecimal(text); got != want || err != nil {
			t.Errorf("%q is %q %v, want %q", text, got, err, want)
		}
	}
	for text, want := range map[string]string{"x": errs.InvalidText, "NaN": errs.InvalidText, "Infinity": errs.InvalidText, "": errs.InvalidText,
		"1e5000": errs.NumericOutOfRange, "1e-5000": errs.NumericOutOfRange, "1e99999999999": errs.NumericOutOfRange} {
		if _, err := CanonicalDecimal(text); code(err) != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	// Equal numbers have equal texts.
	rapid.Check(t, func(t *rapid.T) {
		coeff, exp := rapid.Int64().Draw(t, "coeff"), rapid.Int32Range(-30, 30).Draw(t, "exp")
		a, b := apd.New(coeff, exp), apd.New(0, 0)
		if _, err := apd.BaseContext.WithPrecision(200).Quantize(b, a, exp-5); err != nil {
			t.Skip("too long")
		}
		x, y := FormatDecimal(a), FormatDecimal(b)
		if x != y {
			t.Fatalf("%s and %s", x, y)
		}
		if again, err := CanonicalDecimal(x); err != nil || again != x {
			t.Fatalf("%s becomes %s %v", x, again, err)
		}
	})
}

func TestIntegers(t *testing.T) {
	for _, c := range []struct {
		x    float64
		want int64
		code string
	}{{1.9, 1, ""}, {-1.9, -1, ""}, {-9223372036854775808, math.MinInt64, ""}, {9223372036854775808, 0, errs.NumericOutOfRange}, {math.NaN(), 0, errs.NumericOutOfRange}} {
		if got, err := LongOfDouble(c.x); got != c.want || code(err) != c.code {
			t.Errorf("%v: %d %v", c.x, got, err)
		}
	}
	if _, err := IntOfLong(1 << 31); code(err) != errs.NumericOutOfRange {
		t.Error(err)
	}
	for s, want := range map[string]int64{"12.9": 12, "-0.5": 0, "-7": -7, ".5": 0} {
		if got, err := LongOfDecimal(s); got != want || err != nil {
			t.Errorf("%s: %d %v", s, got, err)
		}
	}
}

func TestParseArray(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
		null map[int]bool
		bad  bool
	}{
		{text: "{}"}, {text: "{a,b}", want: []string{"a", "b"}}, {text: `{"a,b", c d ,NULL,"null"}`, want: []string{"a,b", "c d", "", "null"}, null: map[int]bool{2: true}},
		{text: `{"a\"b\\"}`, want: []string{`a"b\`}}, {text: "[1, \"x\", null, {\"a\":1}]", want: []string{"1", "x", "", `{"a":1}`}, null: map[int]bool{2: true}},
		{text: "plain", want: []string{"plain"}}, {text: "{a", bad: true}, {text: "{a,}", bad: true}, {text: `{"a}`, bad: true}, {text: "{a{b}}", bad: true}, {text: "[1,", bad: true},
	} {
		got, null, err := ParseArray(c.text)
		if c.bad {
			if code(err) != errs.InvalidText {
				t.Errorf("%q: %v %v", c.text, got, err)
			}
			continue
		}
		if err != nil || len(got) != len(c.want) || (len(got) > 0 && !cmp.Equal(got, c.want)) || len(null) != len(c.null) {
			t.Errorf("%q: %q %v %v, want %q %v", c.text, got, null, err, c.want, c.null)
		}
	}
}

func TestBoolAndBytes(t *testing.T) {
	for s, want := range map[string]bool{"TRUE": true, "t": true, " yes ": true, "on": true, "1": true, "f": false, "No": false, "off": false, "0": false} {
		if got, err := ParseBool(s); got != want || err != nil {
			t.Errorf("%q: %v %v", s, got, err)
		}
	}
	for _, s := range []string{"", "2", "o", "truth"} {
		if _, err := ParseBool(s); code(err) != errs.InvalidText {
			t.Errorf("%q: %v", s, err)
		}
	}
	if b, err := ParseBytes(`\x00fF`); b != "\x00\xff" || err != nil || FormatBytes(b) != "00ff" {
		t.Errorf("%q %v", b, err)
	}
}

func TestErrorsQuoteShortly(t *testing.T) {
	long := make([]byte, 10000)
	for i := range long {
		long[i] = 'x'
	}
	_, err := ParseLong(string(long))
	var e *errs.Error
	if !errors.As(err, &e) || len(e.Msg) > 200 {
		t.Errorf("message of %d bytes", len(e.Msg))
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"2024-02-29 01:02:03.5+02", "P1DT2H", "1 day 03:04", "{a,\"b\"}", "1e10", "-0.5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if ms, err := ParseTimestamp(s); err == nil && !isInteger(s) {
			if ms < -62167219200000-86_400_000 || ms > 253402300800000+86_400_000 {
				t.Errorf("%q is %d", s, ms)
			}
		}
		for _, err := range []error{errOf(ParseInterval(s)), errOf(ParseLong(s)), errOf(ParseDouble(s)), errOf(CanonicalDecimal(s)), errOf(ParseBool(s))} {
			if err != nil && errs.ClassOf(err) != errs.ClassUser {
				t.Errorf("%q: %v is no user's error", s, err)
			}
		}
		if _, _, err := ParseArray(s); err != nil && errs.ClassOf(err) != errs.ClassUser {
			t.Errorf("%q: %v", s, err)
		}
		if x, err := strconv.ParseInt(s, 10, 64); err == nil {
			if y, err := ParseLong(s); err != nil || y != x {
				t.Errorf("%q is %d %v", s, y, err)
			}
		}
	})
}

func errOf[T any](_ T, err error) error { return err }
