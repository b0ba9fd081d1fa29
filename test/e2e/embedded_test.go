//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestBookQueries(t *testing.T) { checkBookQueries(t, startShop(t, 3000)) }

// TestPrintedLines runs what the quickstart tells its user to run.
func TestPrintedLines(t *testing.T) {
	s := startShop(t, 500)
	lines := 0
	for _, line := range strings.Split(s.out.String(), "\n") {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "psql ") && !strings.HasPrefix(line, "curl ") {
			continue
		}
		lines++
		if out, err := exec.Command("bash", "-c", line).CombinedOutput(); err != nil || strings.Contains(string(out), `"errorCode"`) {
			t.Errorf("%s: %v\n%s", line, err, out)
		}
	}
	if lines < 2 {
		t.Errorf("the quickstart printed %d lines to run, want psql and curl:\n%s", lines, s.out)
	}
}

// TestKcat reads the embedded Kafka with kcat.
func TestKcat(t *testing.T) {
	s := startShop(t, 200)
	out, err := exec.Command("kcat", "-b", fmt.Sprintf("127.0.0.1:%d", s.kafka), "-C", "-t", "orders", "-e", "-q").CombinedOutput()
	if err != nil || strings.Count(string(out), "\n") != 200 {
		t.Errorf("kcat gave %d lines: %v", strings.Count(string(out), "\n"), err)
	}
}

// TestDocs runs every SQL example of the quickstart page.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/quickstart.md")
	if err != nil {
		t.Fatal(err)
	}
	s := startShop(t, 300)
	examples := 0
	for i, block := range strings.Split(string(text), "```sql\n") {
		if i == 0 {
			continue
		}
		sql, _, ok := strings.Cut(block, "```")
		if !ok {
			t.Fatalf("an example does not end: %s", block)
		}
		examples++
		if out, err := s.try(sql); err != nil || out == "" {
			t.Errorf("%s\n%v: %s", sql, err, out)
		}
	}
	if examples < 5 {
		t.Errorf("%d examples found", examples)
	}
}
