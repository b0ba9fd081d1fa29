package builtin

import (
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
)

// psql regenerates the answers of testdata/postgres.txt from a running PostgreSQL 15:
//
//	go test ./query/function/builtin -run TestPostgres -psql 'psql -h /tmp -U postgres'
var psql = flag.String("psql", "", "a psql command whose server gives the answers of testdata/postgres.txt")

const (
	goldenPath = "testdata/postgres.txt"
	arrow      = " => "
	nullText   = "<null>"
)

// TestPostgres compares expressions with the answers that PostgreSQL gave for them.
func TestPostgres(t *testing.T) {
	data, err := os.ReadFile(goldenPath)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
	if *psql != "" {
		answerAll(t, lines)
		if err := os.WriteFile(goldenPath, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	count := 0
	for i, line := range lines {
		if line == "" || line[0] == '#' {
			continue
		}
		text, want, ok := strings.Cut(line, arrow)
		if !ok {
			t.Fatalf("%s:%d: no answer; run with -psql", goldenPath, i+1)
		}
		count++
		if got := ourText(text); got != want {
			t.Errorf("%s:%d: %s\n  is   %q\n  want %q", goldenPath, i+1, text, got, want)
		}
	}
	if count < 300 {
		t.Errorf("only %d expressions", count)
	}
}

// ourText is a value as PostgreSQL casts it to text, or ERROR and its code.
func ourText(text string) string {
	v, err := evaluate(text)
	if err != nil {
		return "ERROR " + errs.As(err).Code
	}
	if v.Null {
		return nullText
	}
	if v.Type.MultiValue {
		var elems []string
		for _, e := range v.Elems {
			elems = append(elems, elementText(e))
		}
		return "{" + strings.Join(elems, ",") + "}"
	}
	return scalarText(v)
}

func scalarText(v catalog.Value) string {
	s, err := expr.CastValue(v, catalog.String)
	if err != nil {
		return "ERROR " + errs.As(err).Code
	}
	if v.Type == catalog.Bytes {
		return `\x` + s.Str
	}
	return s.Str
}

func elementText(e catalog.Value) string {
	if e.Null {
		return "NULL"
	}
	s := scalarText(e)
	if s == "" || strings.ContainsAny(s, `{},"\ `) || strings.EqualFold(s, "null") {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
	}
	return s
}

// answerAll asks the server for the answer of every line.
func answerAll(t *testing.T, lines []string) {
	t.Helper()
	const marker = "@@end@@"
	var script strings.Builder
	script.WriteString("\\set VERBOSITY sqlstate\n\\pset null '" + nullText + "'\n\\pset format unaligned\n\\pset tuples_only on\nSET timezone = 'UTC';\nSET bytea_output = 'hex';\n\\echo " + marker + "\n")
	var asked []int
	for i, line := range lines {
		if line == "" || line[0] == '#' {
			continue
		}
		text, _, _ := strings.Cut(line, arrow)
		script.WriteString("SELECT (" + text + ")::text;\n\\echo " + marker + "\n")
		asked = append(asked, i)
	}
	args := strings.Fields(*psql)
	cmd := exec.Command(args[0], append(args[1:], "-X", "-q", "-f", "-")...)
	cmd.Stdin = strings.NewReader(script.String())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	answers := strings.Split(string(out), marker+"\n")
	if len(answers) != len(asked)+2 {
		t.Fatalf("%d answers of %d", len(answers)-2, len(asked))
	}
	for k, i := range asked {
		text, _, _ := strings.Cut(lines[i], arrow)
		answer := strings.TrimSuffix(answers[k+1], "\n")
		if at := strings.Index(answer, "ERROR:  "); at >= 0 {
			answer = "ERROR " + strings.TrimSpace(answer[at+len("ERROR:  "):])
		}
		if strings.Contains(answer, "\n") {
			t.Fatalf("the answer of %s has several lines", text)
		}
		lines[i] = text + arrow + answer
	}
}
