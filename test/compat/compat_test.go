//go:build compat

// Package compat runs real clients against a freshet process: each reads a table of every type, binds every type as a
// parameter, meets errors, cancels and deadlines, and fails on any difference from what was produced.
package compat

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// clients are the scripts below clients/; each says how it is run. cache holds what install.sh made.
func clients(cache string) map[string][]string {
	python := filepath.Join(cache, "python", "bin", "python")
	old := filepath.Join(cache, "python-old", "bin", "python")
	java := []string{"java", "-XX:+UseSerialGC", "-cp", filepath.Join(cache, "java", "classes") + ":" + filepath.Join(cache, "java", "jars") + "/*"}
	return map[string][]string{
		"psycopg2":       {python, "clients/psycopg2_client.py"},
		"psycopg3":       {python, "clients/psycopg3_client.py"},
		"asyncpg":        {python, "clients/asyncpg_client.py"},
		"sqlalchemy":     {python, "clients/sqlalchemy_client.py"},
		"sqlalchemy-1.4": {old, "clients/sqlalchemy_client.py"},
		"pinotdb":        {python, "clients/pinotdb_client.py"},
		"pinotdb-0.4.5":  {old, "clients/pinotdb_client.py"},
		"node":           {"node", "clients/node_client.js"},
		"jdbc":           append(java, "JdbcClient"),
		"pinot-java":     append(java, "PinotJavaClient"),
	}
}

// TestServe only keeps a node with the tables of TestClients running for COMPAT_SERVE (a duration) and prints what a client
// script wants in its environment: to run one by hand.
func TestServe(t *testing.T) {
	if os.Getenv("COMPAT_SERVE") == "" {
		t.Skip("COMPAT_SERVE is not set")
	}
	keep, err := time.ParseDuration(os.Getenv("COMPAT_SERVE"))
	if err != nil {
		t.Fatal(err)
	}
	n := startNode(t)
	fill(t, n)
	n.createTable(t, evolving("serve"), nil)
	for i := range catalogTables {
		n.createTable(t, table{name: fmt.Sprintf("table_%03d", i), topic: "none", columns: typeColumns}, nil)
	}
	fmt.Println("export", strings.Join(n.env("serve"), " "))
	time.Sleep(keep)
}

// TestClients runs every client script. They share the node and only read, except the table that a client owns.
func TestClients(t *testing.T) {
	cache, err := filepath.Abs("../../.cache/compat")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("bash", "install.sh").CombinedOutput(); err != nil {
		t.Fatalf("install.sh: %v\n%s", err, out)
	}
	n := startNode(t)
	fill(t, n)
	commands := clients(cache)
	for _, name := range slices.Sorted(maps.Keys(commands)) {
		command := commands[name]
		t.Run(name, func(t *testing.T) {
			n.createTable(t, evolving(name), nil)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, command[0], command[1:]...)
			cmd.Env = append(os.Environ(), n.env(name)...)
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), "all checks passed") {
				t.Errorf("%v: %v\n%s", command, err, out)
			}
		})
	}
}

// env tells a client where the node is and what it should read.
func (n *node) env(client string) []string {
	return []string{"NODE_PATH=" + filepath.Join("..", "..", ".cache", "compat", "node", "node_modules"),
		"COMPAT_PG_PORT=" + strconv.Itoa(n.postgres), "COMPAT_HTTP_PORT=" + strconv.Itoa(n.http),
		"COMPAT_CONTROLLER_PORT=" + strconv.Itoa(n.controller), "COMPAT_EXPECTED=" + n.expected,
		"COMPAT_EVOLVING=" + tableName(client), "COMPAT_BIG_ROWS=" + strconv.Itoa(bigRows)}
}

func tableName(client string) string {
	return "evolving_" + strings.NewReplacer("-", "_", ".", "_").Replace(client)
}

// evolving is a table that a client changes while its statements are prepared.
func evolving(client string) table {
	return table{name: tableName(client), topic: "big", columns: []column{{"id", "LONG", false}, {"s", "STRING", false}}}
}

// fill makes the tables and waits for their rows. expected.json says what the table of types holds, in forms that every
// language can make (canonical).
func fill(t *testing.T, n *node) {
	t.Helper()
	n.createTopic(t, "types")
	n.createTopic(t, "big")
	var records [][]byte
	var rows [][]any
	for _, row := range typeRows {
		record, want := map[string]any{}, make([]any, len(typeColumns))
		for i, c := range typeColumns {
			if v := row[i]; v != nil {
				record[c.name] = jsonForm(c, v)
				want[i] = canonical(c, v)
			}
		}
		raw, err := json.Marshal(record)
		if err != nil {
			t.Fatal(err)
		}
		records, rows = append(records, raw), append(rows, want)
	}
	n.produce(t, "types", records)
	records = records[:0]
	for i := range bigRows {
		records = append(records, fmt.Appendf(nil, `{"id": %d, "s": "row %d of the big table"}`, i, i))
	}
	n.produce(t, "big", records)
	n.createTable(t, table{name: "types", topic: "types", columns: typeColumns}, nil)
	n.createTable(t, table{name: "big", topic: "big", columns: []column{{"id", "LONG", false}, {"s", "STRING", false}}}, nil)
	n.createTopic(t, "none")
	n.createTable(t, t1("keyed"), nil)
	n.expect(t, "types", len(typeRows))
	n.expect(t, "big", bigRows)
	raw, err := json.MarshalIndent(map[string]any{"columns": describe(typeColumns), "rows": rows}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	n.expected = filepath.Join(n.dir, "expected.json")
	if err := os.WriteFile(n.expected, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}
