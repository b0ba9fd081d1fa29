package datetime

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// TestFixed: a text that is read in the fixed form of its pattern gives what the tokens give, and whatever the tokens
// refuse is refused. Usual texts are read in that form.
func TestFixed(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	zones := []*time.Location{time.UTC, mustZone(t, "Europe/Berlin"), mustZone(t, "-03:30")}
	for _, text := range []string{"yyyy-MM-dd'T'HH:mm:ss.SSSSSS", "yyyy-MM-dd", "yyyyMMddHHmmss", "yyyyMMddHHmmssSSS", "dd.MM.yyyy HH:mm", "'at 7'HH", "HH:mm:ss.S'Z'", "ss.SS5", "yyyy", "SSSSSSSSS", "'only text'"} {
		p, err := CompilePattern(text)
		if err != nil {
			t.Fatal(err)
		}
		if p.fixed == nil {
			t.Fatalf("pattern %s has no fixed form", text)
		}
		for range 4000 {
			loc := zones[rng.IntN(len(zones))]
			s := p.Append(nil, rng.Int64N(250_000_000_000_000)-60_000_000_000_000, loc)
			if got, ok := p.fixed.parse(string(s), loc); !ok && len(s) == len(p.fixed.sample) && s[0] != '-' {
				t.Fatalf("%q is not read in the fixed form of %s: %d", s, text, got)
			}
			for range rng.IntN(3) {
				s[rng.IntN(len(s))] = "0123456789-:. T/\xff"[rng.IntN(17)]
			}
			if rng.IntN(8) == 0 {
				s = append(s, "7Z "[rng.IntN(3)])
			}
			got, err := p.Parse(string(s), loc)
			want, wantErr := p.parseTokens(string(s), loc)
			if got != want || fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Fatalf("%q in %s by %s is %d (%v), by its tokens %d (%v)", s, loc, text, got, err, want, wantErr)
			}
		}
	}
	for _, text := range []string{"yyyy-M-d", "yy-MM-dd", "MMM dd", "hh:mm a", "yyyy-MM-dd Z", "yyyy yyyy", "x-'W'ww", "DDD", "SSSSSSSSSS"} {
		if p, err := CompilePattern(text); err != nil || p.fixed != nil {
			t.Errorf("pattern %s: %v, has a fixed form: %t", text, err, err == nil && p.fixed != nil)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	p, err := CompilePattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS")
	if err != nil {
		b.Fatal(err)
	}
	for name, parse := range map[string]func(string, *time.Location) (int64, error){"fixed": p.Parse, "tokens": p.parseTokens} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := parse("2026-01-01T12:34:56.002499", time.UTC); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestDayNumber compares with package time, with months and days outside of their range too.
func TestDayNumber(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	for range 100_000 {
		year, month, day := rng.IntN(2_000_000)-1_000_000, rng.IntN(60)-20, rng.IntN(800)-400
		if rng.IntN(2) == 0 {
			year = 1890 + rng.IntN(220)
		}
		want := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Unix() / 86400
		if got := dayNumber(year, month, day); got != want {
			t.Fatalf("%d-%d-%d is day %d, want %d", year, month, day, got, want)
		}
	}
}
