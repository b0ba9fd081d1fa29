package sql

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/internal/errs"
)

func TestRawPass(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"select $ts$MINUTE, $docId", `select "$ts$MINUTE", "$docId"`},
		{"$ts$minute", `"$ts$minute"`},
		{"select $1, $12", "select $1, $12"},
		{"select $$a $docId$$", "select $$a $docId$$"},
		{"select $tag$ ? $docId `x` $tag$ , $docId", `select $tag$ ? $docId ` + "`x`" + ` $tag$ , "$docId"`},
		{"select `a`, `b\"c`", `select "a", "b""c"`},
		{"select '`', \"`\", 'it''s `'", "select '`', \"`\", 'it''s `'"},
		{`select E'\'?', 'a\'`, `select E'\'?', 'a\'`},
		{"-- ? `\n?", "-- ? `\n $1 "},
		{"/* ? /* ` */ ? */ ?", "/* ? /* ` */ ? */  $1 "},
		{"a=?and b in(?,?)", "a= $1 and b in( $2 , $3 )"},
		{"x$y $z", `x$y "$z"`},
		{"`open", "`open"},
		{"'open ?", "'open ?"},
		{"$", "$"},
	} {
		got, _, err := rawPass(test.in, true)
		if err != nil || got != test.want {
			t.Errorf("%s:\n got %s, %v\nwant %s", test.in, got, err, test.want)
		}
	}
	if got, _, err := rawPass("a ? b", false); err != nil || got != "a ? b" {
		t.Errorf("without parameters: got %s", got)
	}
}

// TestScannerTraps: what PostgreSQL's scanner would read for minutes never reaches it.
func TestScannerTraps(t *testing.T) {
	began := time.Now()
	nested := "SELECT " + strings.Repeat("/*", 200_000) + strings.Repeat("*/", 200_000) + " 1"
	for _, c := range []struct{ name, sql, want string }{
		{"nested comments", nested, ""},
		{"open comments", "SELECT " + strings.Repeat("/*", 400_000), "unterminated /* comment"},
		{"comments side by side", "SELECT 1" + strings.Repeat("/**/", 200_000), ""},
		{"comments within operators", "SELECT 1" + strings.Repeat("+/*+*/1", 900), ""},
		{"operators", "SELECT " + strings.Repeat("+", 500_000) + "1", "operator too long"},
		{"dollars", "SELECT " + strings.Repeat("$a$", 300_000), "syntax error"},
		{"dollar names", strings.Repeat("$a", 400_000), "syntax error"},
		{"back-ticks", "SELECT " + strings.Repeat("`", 900_000), ""}, // one name, of quotes
	} {
		_, err := Parse(c.sql, HTTP)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: error %.200v, want %q", c.name, err, c.want)
		}
	}
	if d := time.Since(began); d > 10*time.Second {
		t.Errorf("it took %s", d)
	}
	_, err := Parse("SELECT 1 "+strings.Repeat("+", 64)+" 2", Wire)
	if e := errs.As(err); err == nil || e.Code != errs.SyntaxError || e.Pos != 10 {
		t.Errorf("error %v at %d, want a syntax error at 10", err, e.Pos)
	}
	// Positions hold behind comments that were taken out.
	_, err = Parse("SELECT"+strings.Repeat(" /* ü */", 150)+" nope(", Wire)
	if e := errs.As(err); err == nil || e.Pos != 6+150*8+7 {
		t.Errorf("error %v at %d, want %d", err, e.Pos, 6+150*8+7)
	}
}

// TestOffsetMap: a copied byte maps to itself in the source, and the map never goes backwards.
func TestOffsetMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := rapid.StringMatching("[a-z ]{0,40}").Draw(t, "src")
		r := rewriter{src: src}
		for r.pos < len(src) {
			end := rapid.IntRange(r.pos, len(src)).Draw(t, "end")
			if rapid.Bool().Draw(t, "copy") {
				r.copyTo(end)
			} else {
				r.replaceTo(end, strings.ToUpper(rapid.StringMatching("[a-z]{0,3}").Draw(t, "text")))
			}
			if end == r.pos && rapid.Bool().Draw(t, "stop") {
				break
			}
		}
		out, m := r.finish()
		last := 0
		for i := range len(out) {
			at := m.source(i)
			if at < last || at > len(src) {
				t.Fatalf("offset %d of %q maps to %d after %d", i, out, at, last)
			}
			last = at
			if out[i] >= 'a' && out[i] <= 'z' && out[i] != src[at] {
				t.Fatalf("offset %d of %q maps to %q of %q", i, out, src[at:], src)
			}
		}
	})
}

func TestCharIndex(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("aé語😀")), 0, 400, -1).Draw(t, "text")
		c := newCharIndex(text)
		chars := 0
		for off := range text {
			if got := c.position(off); got != chars+1 {
				t.Fatalf("offset %d: got %d, want %d", off, got, chars+1)
			}
			if got := byteOffset(text, chars+1); got != off {
				t.Fatalf("character %d: got offset %d, want %d", chars+1, got, off)
			}
			chars++
		}
		if got := c.position(len(text) + 5); got != utf8.RuneCountInString(text)+1 {
			t.Fatalf("end: got %d", got)
		}
	})
}
