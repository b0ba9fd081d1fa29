//go:build compat

package compat

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// psql runs one psql with the given arguments and input.
func (n *node) psql(input string, args ...string) (stdout, stderr string, code int) {
	cmd := exec.Command("psql", append([]string{"-X", "-w"}, args...)...)
	cmd.Env = append(os.Environ(), "PGHOST=127.0.0.1", "PGPORT="+strconv.Itoa(n.postgres), "PGUSER=compat", "PGDATABASE=compat", "PAGER=cat", "LC_ALL=C.UTF-8")
	cmd.Stdin = strings.NewReader(input)
	var out, bad strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &bad
	err := cmd.Run()
	if err != nil && cmd.ProcessState == nil {
		return "", err.Error(), -1
	}
	return out.String(), bad.String(), cmd.ProcessState.ExitCode()
}

// TestPsql runs psql itself: its commands, formats, errors, and what it does with refusals.
func TestPsql(t *testing.T) {
	n := startNode(t)
	fill(t, n)
	cases := []struct {
		name, input string
		args        []string
		stdout      []string // parts
		stderr      []string
		code        int
	}{
		{name: "a statement", args: []string{"-c", "SELECT count(*) FROM types"}, stdout: []string{" count \n-------\n     6\n(1 row)\n"}},
		{name: "several statements", args: []string{"-At", "-c", "SELECT 1; SELECT 'b', NULL; SELECT 3"}, stdout: []string{"1\nb|\n3\n"}},
		{name: "several, one wrong", args: []string{"-At", "-c", "SELECT 1; SELECT 1/0; SELECT 3"}, stdout: []string{"1\n"}, stderr: []string{"ERROR:  division by zero"}, code: 1},
		{name: "every type", args: []string{"-At", "-c", "SELECT i, l, f, d, n, b, t, s, j, y, mi, mf, mb, mt, ms, my FROM types WHERE id = 1"},
			stdout: []string{`42|1099511627776|1.5|2.25|123.45|t|2026-11-21 02:04:07.782|plain|{"a":[1,null]}|\x0001ff|{1,-2}|{0.5,-0.25}|{t,f}|` +
				`{"1970-01-01 00:00:00","2026-11-21 02:04:07.001"}|{a,"b c"}|{"\\x01","\\xabcd"}` + "\n"}},
		{name: "quotes and control characters", args: []string{"-At", "-c", "SELECT s, y, ms FROM types WHERE id = 3"},
			stdout: []string{"quote ' \" \\ comma , brace {} tab\t newline\n|\\x5c782722|{\"NULL\",\"{\",\"\\\"\",\"\\\\\",\",\"}\n"}},
		{name: "NULL", args: []string{"-At", "-P", "null=<>", "-c", "SELECT i, f, s, mi FROM types WHERE id = 2"}, stdout: []string{"<>|<>|<>|<>\n"}},
		{name: "csv", args: []string{"--csv", "-c", "SELECT id, ms FROM types WHERE id IN (1, 2) ORDER BY id"}, stdout: []string{"id,ms\n1,\"{a,\"\"b c\"\"}\"\n2,\n"}},
		{name: "expanded", input: "\\x\nSELECT 1 AS a, 2 AS b;\n", stdout: []string{"-[ RECORD 1 ]\na | 1\nb | 2\n"}},
		{name: "timing", input: "\\timing on\nSELECT 1;\n", stdout: []string{"Timing is on.", "Time: "}},
		{name: "position", args: []string{"-c", "SELECT id,\n  nope FROM types"}, stderr: []string{"ERROR:  column \"nope\" does not exist\nLINE 2:   nope FROM types\n          ^"}, code: 1},
		{name: "verbose", input: "\\set VERBOSITY verbose\nSELECT nope;\n", stderr: []string{"ERROR:  42703: column \"nope\" does not exist"}},
		{name: "sqlstate", input: "SELECT 1/0;\n\\echo :SQLSTATE :LAST_ERROR_MESSAGE\n", stdout: []string{"22012 division by zero"}, stderr: []string{"ERROR:  division by zero"}},
		{name: "stops", args: []string{"-v", "ON_ERROR_STOP=1"}, input: "SELECT nope;\nSELECT 5;\n", stderr: []string{"does not exist"}, code: 3},
		{name: "variables", args: []string{"-At", "-v", "x=it's"}, input: "SELECT :'x', :\"x\" FROM (SELECT 1 AS \"it's\") t;\n", stdout: []string{"it's|1\n"}},
		{name: "gset", args: []string{"-At"}, input: "SELECT 7 AS a, 'z' AS b \\gset\n\\echo :a :b\n", stdout: []string{"7 z\n"}},
		{name: "gdesc", args: []string{"-At"}, input: "SELECT id, f, n, t, y, mi, now() AS now, count(*) OVER () FROM types \\gdesc\n",
			stdout: []string{"id|bigint\nf|real\nn|numeric\nt|timestamp without time zone\ny|bytea\nmi|integer[]\nnow|timestamp with time zone\ncount|bigint\n"}},
		{name: "gexec", args: []string{"-At"}, input: "SELECT 'SELECT ' || x FROM (VALUES (1), (2)) v(x) ORDER BY x \\gexec\n", stdout: []string{"1\n2\n"}},
		{name: "crosstab", input: "SELECT a, b, a * b FROM (VALUES (1, 2), (3, 4)) v(a, b) \\crosstabview\n", stdout: []string{" 3 |   | 12"}},
		{name: "transaction", args: []string{"-At"}, input: "BEGIN;\nSELECT nope;\nSELECT 1;\nROLLBACK;\nSELECT 2;\n", stdout: []string{"BEGIN\nROLLBACK\n2\n"},
			stderr: []string{"current transaction is aborted, commands ignored until end of transaction block"}},
		{name: "on error rollback", args: []string{"-At", "-v", "ON_ERROR_ROLLBACK=on"}, input: "BEGIN;\nSELECT nope;\nSELECT 1;\nCOMMIT;\n", stdout: []string{"BEGIN\n1\nCOMMIT\n"}},
		{name: "single transaction", args: []string{"-At", "-1", "-c", "SELECT 1", "-c", "SELECT 2"}, stdout: []string{"1\n2\n"}},
		{name: "describe", args: []string{"-c", "\\d types"}, stdout: []string{" i      | integer ", " n      | numeric ", " mt     | timestamp without time zone[] ", "Table \"public.types\""}},
		{name: "describe a key", args: []string{"-c", "\\d keyed"}, stdout: []string{"Indexes:\n    \"keyed_pkey\" PRIMARY KEY, btree (s, i)"}},
		{name: "describe more", args: []string{"-c", "\\d+ types"}, stdout: []string{"Access method: "}},
		{name: "nothing of that name", args: []string{"-c", "\\d nope"}, stderr: []string{"Did not find any relation named \"nope\"."}, code: 1},
		{name: "tables", args: []string{"-c", "\\dt"}, stdout: []string{" public | types ", " public | big ", " public | keyed "}},
		{name: "tables with sizes", args: []string{"-c", "\\dt+ types"}, stdout: []string{" public | types | table "}},
		{name: "schemas", args: []string{"-c", "\\dn"}, stdout: []string{"public"}},
		{name: "databases", args: []string{"-c", "\\l"}, stdout: []string{" compat "}},
		{name: "functions", args: []string{"-c", "\\df lower"}, stdout: []string{"lower"}},
		{name: "roles", args: []string{"-c", "\\du"}, stdout: []string{"compat"}},
		{name: "settings", args: []string{"-c", "\\dconfig search_path"}, stdout: []string{"\"$user\", public"}},
		{name: "connection", args: []string{"-c", "\\conninfo"}, stdout: []string{"You are connected to database \"compat\" as user \"compat\""}},
		{name: "encoding", args: []string{"-At", "-c", "\\encoding"}, stdout: []string{"UTF8"}},
		{name: "copy in", input: "\\copy types FROM stdin\n", stderr: []string{"COPY", "not supported"}},
		{name: "copy out", args: []string{"-c", "\\copy (SELECT 1) TO stdout"}, stderr: []string{"COPY", "not supported"}, code: 1},
		{name: "fetch count", args: []string{"-At", "-v", "FETCH_COUNT=100"}, input: "SELECT id FROM big;\nSHOW TimeZone;\n", stdout: []string{"UTC"},
			stderr: []string{"DECLARE CURSOR is not supported in this version"}},
		{name: "a write", args: []string{"-c", "DELETE FROM types"}, stderr: []string{"ERROR:  cannot execute DELETE in a read-only transaction"}, code: 1},
		{name: "no password is asked for", args: []string{"-At", "-c", "SELECT 1", "postgres://compat:wrong@127.0.0.1:" + strconv.Itoa(n.postgres) + "/compat"}, stdout: []string{"1\n"}},
		{name: "TLS wanted", args: []string{"-c", "SELECT 1", "postgres://compat@127.0.0.1:" + strconv.Itoa(n.postgres) + "/compat?sslmode=require"},
			stderr: []string{"server does not support SSL, but SSL was required"}, code: 2},
		{name: "large", args: []string{"-At", "-c", "SELECT id, s FROM big ORDER BY id"}, stdout: []string{strconv.Itoa(bigRows-1) + "|row " + strconv.Itoa(bigRows-1) + " of the big table\n"}},
	}
	for _, c := range cases {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			stdout, stderr, code := n.psql(c.input, c.args...)
			for _, want := range c.stdout {
				if !strings.Contains(stdout, want) {
					t.Errorf("stdout has no %q:\n%s", want, clip2(stdout))
				}
			}
			for _, want := range c.stderr {
				if !strings.Contains(stderr, want) {
					t.Errorf("stderr has no %q", want)
				}
			}
			if code != c.code || len(c.stderr) == 0 && stderr != "" && c.name != "on error rollback" {
				t.Errorf("exit code %d, want %d; stderr:\n%s", code, c.code, stderr)
			}
		})
	}
}

// clip2 is the beginning of a long output.
func clip2(s string) string { return s[:min(len(s), 2000)] }
