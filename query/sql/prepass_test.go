package sql

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
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
		got, _ := rawPass(test.in, true)
		if got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.in, got, test.want)
		}
	}
	if got, _ := rawPass("a ? b", false); got != "a ? b" {
		t.Errorf("without parameters: got %s", got)
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
