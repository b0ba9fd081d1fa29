package json

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/google/go-cmp/cmp"
	"github.com/ohler55/ojg/jp"
	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/internal/errs"
)

// TestPaths runs testdata/paths: doc keeps a document, path shows what paths find in it, error how paths are refused.
func TestPaths(t *testing.T) {
	var doc string
	datadriven.RunTest(t, "testdata/paths", func(t *testing.T, d *datadriven.TestData) string {
		if d.Cmd == "doc" {
			doc = d.Input
			if err := check(doc); err != nil {
				return err.Error() + "\n"
			}
			return "ok\n"
		}
		var b strings.Builder
		for _, line := range strings.Split(d.Input, "\n") {
			fmt.Fprintf(&b, "%s => %s\n", line, evaluate(line, doc))
		}
		return b.String()
	})
}

func evaluate(text, doc string) string {
	p, err := compile(text)
	if err != nil {
		if errs.As(err) == nil || errs.As(err).Code != errs.InvalidParameterValue {
			return "unexpected " + err.Error()
		}
		return "error: " + err.Error()
	}
	var r runner
	f, ok, err := r.first(p, doc, true)
	switch {
	case err != nil:
		return "error: " + err.Error()
	case !ok:
		return "missing"
	}
	return f.asJSON()
}

// genValue draws a document as Go values; texts and keys need escapes now and then.
func genValue(depth int) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		kind := rapid.IntRange(0, 6).Draw(t, "kind")
		if depth == 0 {
			kind %= 4
		}
		switch kind {
		case 0:
			return rapid.SampledFrom([]any{nil, true, false}).Draw(t, "word")
		case 1:
			return float64(rapid.IntRange(-1000, 1000).Draw(t, "int"))
		case 2:
			return rapid.Float64Range(-1e9, 1e9).Draw(t, "float")
		case 3:
			return rapid.String().Draw(t, "text")
		case 4, 5:
			m := map[string]any{}
			for _, k := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d\"e", "é"}), 0, 4, rapid.ID[string]).Draw(t, "keys") {
				m[k] = genValue(depth-1).Draw(t, "member")
			}
			return m
		default:
			return rapid.SliceOfN(genValue(depth-1), 0, 4).Draw(t, "array")
		}
	})
}

var genSteps = rapid.SliceOfN(rapid.SampledFrom([]string{".a", ".b", "['c']", "['a']", "[0]", "[1]", "[-1]", "[0:2]", "[*]", `['d"e']`, ".é"}), 0, 4)

// TestAgainstOjg compares plain paths with another implementation. Its wildcards go over the members of an object in
// no order, so that the matches are compared as multisets.
func TestAgainstOjg(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := genValue(3).Draw(t, "doc")
		text := "$" + strings.Join(genSteps.Draw(t, "steps"), "")
		data, err := json.MarshalIndent(doc, " ", rapid.SampledFrom([]string{"", "\t"}).Draw(t, "indent"))
		if err != nil {
			t.Fatal(err)
		}
		expr, err := jp.ParseString(text)
		if err != nil {
			t.Fatalf("oracle on %s: %v", text, err)
		}
		p, err := compile(text)
		if err != nil {
			t.Fatal(err)
		}
		var r runner
		if err := r.match(p, string(data)); err != nil {
			t.Fatal(err)
		}
		got, want := map[string]int{}, map[string]int{}
		for _, s := range r.matches {
			var v any
			if err := json.Unmarshal([]byte(s), &v); err != nil {
				t.Fatalf("match %q: %v", s, err)
			}
			got[fmt.Sprintf("%#v", v)]++
		}
		for _, v := range expr.Get(doc) {
			want[fmt.Sprintf("%#v", v)]++
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s of %s (-ojg +got):\n%s", text, data, diff)
		}
	})
}

// FuzzCheck agrees with the standard library on what JSON is, and walks whatever is accepted.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{items, `{}`, `[]`, `"\ud83d\ude00\n"`, `-0.5e+7`, `nul`, ` [1,{"a":null}] `, "\"\x01\"", `{"a":1,}`, `01`} {
		f.Add(s)
	}
	paths := []*path{}
	for _, text := range []string{"$..*", "$[?(@.a > 1 || !@.b)]..a", "$[-1:]", "$.sum($..a)", "$.keys()", "$.length()"} {
		p, err := compile(text)
		if err != nil {
			f.Fatal(err)
		}
		paths = append(paths, p)
	}
	f.Fuzz(func(t *testing.T, s string) {
		err := check(s)
		if valid := json.Valid([]byte(s)); valid != (err == nil) && !strings.Contains(fmt.Sprint(err), "nesting") {
			t.Fatalf("%q: valid is %v, check gives %v", s, valid, err)
		}
		if err != nil {
			return
		}
		if c := compact(strings.TrimSpace(s)); !json.Valid([]byte(c)) {
			t.Fatalf("%q compacts to %q", s, c)
		}
		var r runner
		for _, p := range paths {
			f, ok, err := r.first(p, s, true)
			if err == nil && ok && !json.Valid([]byte(f.asJSON())) && !math.IsInf(f.num, 0) && !math.IsNaN(f.num) {
				t.Fatalf("%s of %q gives %q", p.text, s, f.asJSON())
			}
		}
		var want string
		if json.Unmarshal([]byte(s), &want) == nil && strings.HasPrefix(strings.TrimSpace(s), `"`) {
			if got := (found{text: strings.TrimSpace(s)}).asText(); strings.ToValidUTF8(got, "�") != want && !strings.Contains(want, "�") {
				t.Fatalf("%q unescapes to %q, want %q", s, got, want)
			}
		}
	})
}

// FuzzCompile: a path text is compiled or refused with its place, never anything else.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{"$.a.b[0]['c'][*]..d", "$[?(@.a == 'x' && (@.b < 1 || !@.c))]", "$.sum($.[*].q, $.z)", "$[-2:]", "a.b", "$..[1,2]", "$[?(@[?(@.x)])]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := compile(s)
		if err != nil {
			if errs.As(err) == nil || errs.As(err).Code != errs.InvalidParameterValue {
				t.Fatal(err)
			}
			return
		}
		var r runner
		if _, _, err := r.first(p, items, true); err != nil && errs.As(err).Code != errs.ProgramLimitExceeded {
			t.Fatal(err)
		}
	})
}

func TestLimits(t *testing.T) {
	deep := strings.Repeat("[", maxDepth+2) + strings.Repeat("]", maxDepth+2)
	if err := check(deep); err == nil || !strings.Contains(err.Error(), "nesting") {
		t.Errorf("deep document: %v", err)
	}
	for _, text := range []string{strings.Repeat("a", maxPathBytes+1), "$" + strings.Repeat(".a", maxPathSteps+1),
		"$[?(" + strings.Repeat("!", maxNesting+1) + "@.a)]", "$" + strings.Repeat("[?(@", maxNesting+2)} {
		if _, err := compile(text); err == nil {
			t.Errorf("path of %d bytes: no error", len(text))
		}
	}
	p, err := compile("$" + strings.Repeat("..*", 12))
	if err != nil {
		t.Fatal(err)
	}
	var r runner
	doc := strings.Repeat("[", 100) + strings.Repeat("]", 100)
	if _, _, err := r.first(p, doc, true); err == nil || errs.As(err).Code != errs.ProgramLimitExceeded {
		t.Errorf("deep scans of deep scans: %v", err)
	}
}
