package datetime

import (
	"testing"
	"unicode/utf8"

	"github.com/freshetdb/freshet/internal/errs"
)

// TestTemplateRoundTrip: what to_char writes, to_timestamp reads.
func TestTemplateRoundTrip(t *testing.T) {
	for _, text := range []string{"YYYY-MM-DD HH24:MI:SS.MS", "YYYYMMDDHH24MISSMS", "DD Month YYYY HH12:MI:SS.MS AM", "YYYY DDD SSSS MS", "IYYY-IW-ID HH24:MI:SS.MS", "J HH24:MI:SS.FF3",
		"Dy, FMDDth Mon YYYY HH24:MI:SS.US", "DD RM YYYY HH24 MI SS MS", "Y,YYY/MM/DD HH24:MI:SS.MS", "FXYYYY-MM-DD HH24:MI:SS.MS"} {
		tmpl, err := CompileTemplate(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, ms := range []int64{0, 1, 951_782_400_123, 1_704_467_049_999, -1, -86_400_000, 4_102_444_799_000} {
			s := string(tmpl.Append(nil, ms, false))
			back, err := tmpl.Parse(s)
			if err != nil || back != ms {
				t.Errorf("%s of %d is %q, which reads as %d %v", text, ms, s, back, err)
			}
		}
	}
}

func TestTemplateLimit(t *testing.T) {
	long := make([]byte, 2*maxTemplateNodes)
	for i := range long {
		long[i] = '-'
	}
	for _, text := range []string{string(long), `"` + string(long) + `"`} {
		if _, err := CompileTemplate(text); err == nil || errs.As(err).Code != errs.InvalidParameterValue {
			t.Errorf("a long template: %v", err)
		}
	}
}

// FuzzTemplate: no template and no text panics; what is written is valid text.
func FuzzTemplate(f *testing.F) {
	f.Add("YYYY-MM-DD\"T\"HH24:MI:SS.MS", "2024-02-03T04:05:06.789", int64(0))
	f.Add("FMDay, DDth Month Y,YYY BC", "Monday, 03rd February 2,024 AD", int64(1_700_000_000_000))
	f.Add("FXIYYY-IW-ID TZH:TZM", "2024-06-3 +02:30", int64(-1))
	f.Add("J SSSSS CC YY RM q WW W", "2460344 1 21 24 II", int64(1<<52))
	f.Add(`\"TM"a\"`, `"a`, int64(5))
	f.Fuzz(func(t *testing.T, template, text string, ms int64) {
		tmpl, err := CompileTemplate(template)
		if err != nil {
			return
		}
		ms %= 1 << 53
		out := tmpl.Append(nil, ms, true)
		if utf8.ValidString(template) && !utf8.Valid(out) {
			t.Fatalf("%q writes %q", template, out)
		}
		tmpl.AppendInterval(nil, ms)
		if _, err := tmpl.Parse(text); err != nil && errs.ClassOf(err) != errs.ClassUser {
			t.Fatal(err)
		}
		if _, err := tmpl.Parse(string(out)); err != nil && errs.ClassOf(err) != errs.ClassUser {
			t.Fatal(err)
		}
	})
}
