//go:build postgres

package catalog

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestDrivers: SQLAlchemy's inspector and pgjdbc's DatabaseMetaData say the same of both servers.
func TestDrivers(t *testing.T) {
	out, err := exec.Command("clients/install.sh").Output()
	if err != nil {
		t.Fatalf("install the drivers: %v", err)
	}
	cache := strings.TrimSpace(string(out))
	postgres, freshet := startPeers(t)
	for name, command := range map[string][]string{
		"sqlalchemy": {filepath.Join(cache, "python", "bin", "python"), "clients/inspector.py"},
		"jdbc":       {"java", "-cp", filepath.Join(cache, "java", "*"), "clients/Metadata.java"},
	} {
		t.Run(name, func(t *testing.T) {
			list, want := client(t, command, postgres)
			have, got := client(t, command, freshet)
			for _, section := range have {
				if !slices.Contains(list, section) {
					t.Errorf("only Freshet has %s", section)
				}
			}
			compare(t, name+".txt", list, want, got)
		})
	}
}

// client runs a client against a server and gives its sections.
func client(t *testing.T, command []string, p peer) ([]string, map[string]string) {
	t.Helper()
	cmd := exec.Command(command[0], append(command[1:], strconv.Itoa(p.port))...)
	cmd.Env = append(os.Environ(), "TZ=UTC", "PYTHONDONTWRITEBYTECODE=1")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v of %s: %v\n%s\n%s", command, p.name, err, out, stderr.String())
	}
	names, byName := sections(string(out))
	if len(names) == 0 {
		t.Fatalf("%v of %s printed nothing", command, p.name)
	}
	return names, byName
}
