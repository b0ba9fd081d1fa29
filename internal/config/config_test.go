package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPrecedence(t *testing.T) {
	path := filepath.Join(t.TempDir(), "freshet.yaml")
	text := "data_dir: from-file\nbroker:\n  http_port: 1001\n  postgres_port: 1002\n  query_timeout: 5s\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{"FRESHET_BROKER__HTTP_PORT=2001", "FRESHET_BROKER__POSTGRES_PORT=2002", "HOME=x", "FRESHET_CLUSTER__ENDPOINTS=a:1,b:2"}
	c, err := Load(path, environ, map[string]any{"broker.postgres_port": 3002})
	if err != nil {
		t.Fatal(err)
	}
	if c.DataDir != "from-file" || c.Broker.HTTPPort != 2001 || c.Broker.PostgresPort != 3002 || c.Broker.QueryTimeout != 5*time.Second ||
		len(c.Cluster.Endpoints) != 2 || c.Controller.HTTPPort != 9000 {
		t.Errorf("got %+v", c)
	}
}

func TestBad(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ name, yaml, env, want string }{
		{"unknown key", "broker:\n  htp_port: 1\n", "", "unknown setting broker.htp_port; known are"},
		{"unknown variable", "", "FRESHET_BROKER__HTP_PORT=1", "environment: unknown setting FRESHET_BROKER__HTP_PORT"},
		{"no number", "broker:\n  http_port: many\n", "", "http_port"},
		{"role", "role: server\n", "", "role is server: roles do not run apart yet, want all"},
		{"port range", "", "FRESHET_SERVER__HTTP_PORT=70000", "server.http_port is 70000, want a port from 0 to 65535"},
		{"same port", "server:\n  http_port: 9000\n", "", "controller.http_port and server.http_port are both 9000"},
		{"size", "broker:\n  query_memory: lots\n", "", `broker.query_memory is "lots", want a size such as 512M`},
		{"level", "log:\n  level: loud\n", "", `log.level is "loud", want debug, info, warn or error`},
		{"listen", "listen: everywhere\n", "", `listen is "everywhere", want an IP address`},
		{"not yaml", "\tx", "", "cannot read config file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(dir, strings.ReplaceAll(c.name, " ", "-")+".yaml")
			if err := os.WriteFile(path, []byte(c.yaml), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Load(path, []string{c.env}, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestExamplesLoad loads every example configuration that the project ships.
func TestExamplesLoad(t *testing.T) {
	paths, err := filepath.Glob("../../configs/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no example configurations: %v", err)
	}
	for _, path := range paths {
		if _, err := Load(path, nil, nil); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}
