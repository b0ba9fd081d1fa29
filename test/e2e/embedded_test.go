//go:build e2e

package e2e

import (
	"fmt"
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
