package builtin

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/query/function"
)

var update = flag.Bool("update", false, "rewrite docs/sql/functions.md")

const docsPath = "../../../docs/sql/functions.md"

const docsHead = `# Functions

Generated from the registry by ` + "`go test ./query/function/builtin -run TestDocs -update`" + `; do not edit.

Names ignore case and underscores: dateTrunc, DATE_TRUNC and datetrunc are one. A function gives NULL for a NULL argument unless it says
**sees NULL**; *stable* functions have one value per statement, *volatile* ones a new value for every row. Every example of a scalar function is run by a test: it holds.
Where PostgreSQL and Pinot give one name different meanings, it has Pinot's.

`

// TestDocs keeps docs/sql/functions.md as the registry says.
func TestDocs(t *testing.T) {
	want := renderDocs(t)
	if *update {
		if err := os.WriteFile(docsPath, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(docsPath)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("docs/sql/functions.md is stale; run go test ./query/function/builtin -run TestDocs -update:\n%s", diff)
	}
}

// TestRefused: what is refused is not built, and says what to do.
func TestRefused(t *testing.T) {
	r := Registry()
	for name, hint := range Refused() {
		_, scalar := r.Scalar(name)
		_, aggregate := r.Aggregate(name)
		if scalar || aggregate || !strings.HasSuffix(hint, ".") {
			t.Errorf("%s is built, or its hint is no sentence: %s", name, hint)
		}
		if got, ok := r.Refused(strings.ToUpper(name)); !ok || got != hint {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// row is a line of a table of functions.
type row struct{ name, signature, doc, example string }

func renderDocs(t *testing.T) string {
	var b strings.Builder
	b.WriteString(docsHead)
	b.WriteString("## Scalar functions\n")
	var families []string
	rows := map[string][]row{}
	add := func(family string, r row) {
		if !slices.Contains(families, family) {
			families = append(families, family)
		}
		rows[family] = append(rows[family], r)
	}
	for _, s := range Scalars() {
		add(s.Family, row{s.Name, s.Signature, scalarDoc(t, s), s.Example})
	}
	writeFamilies(&b, families, rows)
	families, rows = nil, map[string][]row{}
	b.WriteString("\n## Aggregate functions\n")
	for _, a := range Aggregates() {
		add(a.Family, row{a.Name, a.Signature, a.Doc + aliasText(a.Aliases), a.Example})
	}
	writeFamilies(&b, families, rows)
	b.WriteString("\n## Not supported\n\nThese names of Pinot and PostgreSQL are refused with error 0A000.\n\n| names | instead |\n|---|---|\n")
	for _, g := range refusedGroups {
		names := strings.Fields(g.names)
		slices.Sort(names)
		fmt.Fprintf(&b, "| %s | %s |\n", cell(strings.Join(names, ", ")), cell(g.hint))
	}
	return b.String()
}

func writeFamilies(b *strings.Builder, families []string, rows map[string][]row) {
	for _, f := range families {
		fmt.Fprintf(b, "\n### %s\n\n| function | meaning | example |\n|---|---|---|\n", f)
		list := rows[f]
		slices.SortFunc(list, func(x, y row) int { return strings.Compare(function.Canonical(x.name), function.Canonical(y.name)) })
		for _, r := range list {
			fmt.Fprintf(b, "| `%s` | %s | `%s` |\n", cell(r.signature), cell(r.doc), cell(r.example))
		}
	}
}

func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s)
}

func aliasText(aliases []string) string {
	if len(aliases) == 0 {
		return ""
	}
	return " Also " + strings.Join(aliases, ", ") + "."
}

// scalarDoc adds to a function's text its other names, its volatility and its rule for NULL, which the example's call
// shows.
func scalarDoc(t *testing.T, s function.Scalar) string {
	doc := s.Doc + aliasText(s.Aliases)
	switch s.Volatility {
	case function.Stable:
		doc += " *stable*"
	case function.Volatile:
		doc += " *volatile*"
	}
	e := newEvaluator(s.Example)
	if _, err := e.result(); err != nil {
		t.Fatalf("%s: %v", s.Example, err)
	}
	if lax, ok := e.lax[function.Canonical(s.Name)]; ok && lax {
		doc += " **sees NULL**"
	}
	return doc
}
