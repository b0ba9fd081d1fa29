//go:build postgres

package catalog

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const marker = "=== "

// sections splits what a client printed at its markers.
func sections(text string) (names []string, byName map[string]string) {
	byName = map[string]string{}
	for _, part := range strings.Split("\n"+text, "\n"+marker)[1:] {
		name, body, _ := strings.Cut(part, "\n")
		names = append(names, name)
		byName[name] = positions.ReplaceAllString(body, "psql: ")
	}
	return names, byName
}

// positions say where psql was in its script.
var positions = regexp.MustCompile(`psql:<stdin>:\d+: `)

// difference is a stated one: what of which commands' output is left out or replaced before the comparison.
type difference struct {
	reason   string
	commands *regexp.Regexp
	side     string         // postgres, freshet, or "" for both
	match    *regexp.Regexp // (?m) patterns see all lines
	with     string
	used     bool
}

func (d *difference) apply(command, side, text string) string {
	if d.side != "" && d.side != side || !d.commands.MatchString(command) {
		return text
	}
	out := d.match.ReplaceAllString(text, d.with)
	d.used = d.used || out != text
	return out
}

// compare holds what a client prints of Freshet against what it prints of PostgreSQL, but for the stated differences, each
// of which has to show.
func compare(t *testing.T, file string, list []string, postgres, freshet map[string]string) {
	t.Helper()
	stated := differences(t, file)
	for _, c := range list {
		w, g := postgres[c], freshet[c]
		for i := range stated {
			w, g = stated[i].apply(c, "postgres", w), stated[i].apply(c, "freshet", g)
		}
		if w, g = canonical(w), canonical(g); w != g {
			t.Errorf("%s: - PostgreSQL, + Freshet\n%s", c, cmp.Diff(strings.Split(w, "\n"), strings.Split(g, "\n")))
		}
	}
	for _, d := range stated {
		if !d.used {
			t.Errorf("stated difference that does not show: %s (%s, %s)", d.reason, d.commands, d.match)
		}
	}
}

var (
	spaces = regexp.MustCompile(` +`)
	rules  = regexp.MustCompile(`-+(\+-+)*`)
	counts = regexp.MustCompile(`^\(\d+ rows?\)$`)
)

// canonical drops what follows from the width of other rows: alignment, and the number of rows.
func canonical(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		l = strings.TrimSpace(spaces.ReplaceAllString(l, " "))
		if rule := rules.FindString(l); rule == l && l != "" {
			l = strings.Repeat("-+", strings.Count(l, "+")) + "-"
		}
		lines[i] = l
	}
	lines = slices.DeleteFunc(lines, func(l string) bool { return counts.MatchString(l) })
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// differences reads the stated ones of a file.
func differences(t *testing.T, file string) []difference {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var out []difference
	reason := ""
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimRight(line, "\n")
		if text, ok := strings.CutPrefix(line, "# "); ok {
			reason = text
			continue
		}
		if line == "" {
			continue
		}
		f := strings.Split(line, " ;; ")
		if len(f) != 4 {
			t.Fatalf("%s: %q has %d fields, want commands ;; side ;; pattern ;; replacement", file, line, len(f))
		}
		out = append(out, difference{reason: reason, commands: regexp.MustCompile("^(" + f[0] + ")$"), side: strings.Trim(f[1], "*"),
			match: regexp.MustCompile("(?m)" + f[2]), with: strings.Trim(f[3], `"`)})
	}
	return out
}
