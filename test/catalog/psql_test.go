//go:build postgres

package catalog

import (
	"bytes"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
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
	_, answers := sections(out.String())
	return answers
}

// TestPsql: every \d command prints the same of both servers.
func TestPsql(t *testing.T) {
	postgres, freshet := startPeers(t)
	list := commands(t)
	compare(t, "psql.txt", list, psql(t, postgres, list), psql(t, freshet, list))
}
