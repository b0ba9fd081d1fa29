package convert

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/freshetdb/freshet/internal/errs"
)

func TestNumberTemplate(t *testing.T) {
	ok := func(template, number, want string) {
		t.Helper()
		tmpl, err := CompileNumberTemplate(template)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(tmpl.AppendNumber(nil, number)); got != want {
			t.Errorf("%s by %s is %q, want %q", number, template, got, want)
		}
	}
	// The answers of PostgreSQL are in query/function/builtin/testdata/postgres.txt; these are the corners of our own code.
	ok("999.99", "-0.001", "    .00")
	ok("9.9", "9.95", " #.#")
	ok("FM9999999999999999999999", "9223372036854775807", "9223372036854775807")
	ok("9.99EEEE", "0.000999999", " 1.00e-03")
	ok("RN", "4000", "###############")
	for _, bad := range []string{"9.9.9", "S9S", "9EEEE9", "9V9.9", "9.9V", "PR9S", "S9SG", "S9EEEE", strings.Repeat("9", 2000)} {
		if _, err := CompileNumberTemplate(bad); err == nil || errs.As(err).Code != errs.SyntaxError {
			t.Errorf("%.20s: %v", bad, err)
		}
	}
	tmpl, err := CompileNumberTemplate("9EEEE")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tmpl.ParseNumber("1e5"); err == nil || errs.As(err).Code != errs.FeatureNotSupported {
		t.Error(err)
	}
}

// FuzzNumberTemplate: no template and no text panics; what is written is valid text, and what is read is a number.
func FuzzNumberTemplate(f *testing.F) {
	f.Add("FM999,990.00PR", "-1234.567")
	f.Add("S9G999D9EEEE", "0.00001")
	f.Add(`RNth"x\"y"V99B`, "12")
	f.Add("MI9.9", "9.95")
	f.Fuzz(func(t *testing.T, template, number string) {
		tmpl, err := CompileNumberTemplate(template)
		if err != nil {
			return
		}
		if text, err := tmpl.ParseNumber(number); err == nil {
			if _, err := CanonicalDecimal(text); err != nil {
				t.Fatalf("%q reads %q as %q", template, number, text)
			}
		}
		if len(number) > 100 {
			return
		}
		plain, err := CanonicalDecimal(number)
		if err != nil {
			return
		}
		if out := tmpl.AppendNumber(nil, plain); utf8.ValidString(template) && !utf8.Valid(out) {
			t.Fatalf("%q of %s writes %q", template, plain, out)
		}
	})
}
