//go:build postgres

package catalog

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// commands are the \d commands of psql 15 with the shapes in which people type them.
func commands(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile("testdata/commands.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(raw)) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, `\`) {
			out = append(out, line)
		}
	}
	return out
}

const marker = "=== "

// psql runs commands in one session and gives what each prints, errors included.
func psql(t *testing.T, p peer, list []string) map[string]string {
	t.Helper()
	var script strings.Builder
	for _, c := range list {
		script.WriteString(`\echo '` + marker + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(c) + "'\n" + c + "\n")
	}
	cmd := exec.Command("psql", "-X", "-h", "127.0.0.1", "-p", strconv.Itoa(p.port), "-U", user, "-d", database, "-f", "-")
	cmd.Env = append(os.Environ(), "PAGER=cat", "LC_ALL=C.UTF-8")
	cmd.Stdin = strings.NewReader(script.String())
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("psql of %s: %v\n%s", p.name, err, out.String())
	}
	answers := map[string]string{}
	for _, part := range strings.Split("\n"+out.String(), "\n"+marker)[1:] {
		command, text, _ := strings.Cut(part, "\n")
		answers[command] = positions.ReplaceAllString(text, "psql: ")
	}
	return answers
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

// TestPsql: every \d command prints the same of both servers.
func TestPsql(t *testing.T) {
	postgres, freshet := startPeers(t)
	list := commands(t)
	want, got := psql(t, postgres, list), psql(t, freshet, list)
	stated := differences(t)
	for _, c := range list {
		w, g := want[c], got[c]
		for i := range stated {
			w, g = stated[i].apply(c, postgres.name, w), stated[i].apply(c, freshet.name, g)
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

// differences reads the stated ones.
func differences(t *testing.T) []difference {
	t.Helper()
	raw, err := os.ReadFile("testdata/differences.txt")
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
			t.Fatalf("differences.txt: %q has %d fields, want commands ;; side ;; pattern ;; replacement", line, len(f))
		}
		out = append(out, difference{reason: reason, commands: regexp.MustCompile("^(" + f[0] + ")$"), side: strings.Trim(f[1], "*"),
			match: regexp.MustCompile("(?m)" + f[2]), with: strings.Trim(f[3], `"`)})
	}
	return out
}
