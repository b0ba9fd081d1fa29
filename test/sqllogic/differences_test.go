package sqllogic

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/freshetdb/freshet/internal/testkit"
)

const differencesPath = "../../docs/sql/differences.md"

// example is a row of a table of docs/sql/differences.md.
type example struct {
	line    int
	columns []string // names of the columns
	cells   []string
	dialect string
}

func (x *example) cell(column string) (int, bool) {
	for i, name := range x.columns {
		if name == column {
			return i, true
		}
	}
	return -1, false
}

// sql is the statement of the example: an expression stands for a SELECT of it.
func (x *example) sql() string {
	text := strings.Trim(x.cells[1], "`")
	switch first, _, _ := strings.Cut(text, " "); first {
	case "SELECT", "WITH", "EXPLAIN", "INSERT":
		return text
	}
	return "SELECT " + text
}

// set writes an answer into a column.
func (x *example) set(column, answer string) {
	if i, ok := x.cell(column); ok {
		x.cells[i] = "`" + answer + "`"
	}
}

func (x *example) String() string {
	out := "|"
	for _, c := range x.cells {
		out += " " + strings.ReplaceAll(c, "|", `\|`) + " |"
	}
	return out
}

// differences reads the page: its lines, and the examples by line.
func differences(t *testing.T) (lines []string, list []*example) {
	t.Helper()
	data, err := os.ReadFile(differencesPath)
	if err != nil {
		t.Fatal(err)
	}
	lines = strings.Split(string(data), "\n")
	var columns []string
	dialect := "wire"
	for i, line := range lines {
		switch {
		case strings.HasPrefix(line, "## From Pinot"):
			dialect = "http"
		case strings.HasPrefix(line, "|---"):
		case strings.HasPrefix(line, "| what |"):
			columns = cellsOf(line)
		case strings.HasPrefix(line, "|"):
			x := &example{line: i, columns: columns, cells: cellsOf(line), dialect: dialect}
			if len(x.cells) != len(columns) {
				t.Fatalf("%s:%d: %d cells, want %d", differencesPath, i+1, len(x.cells), len(columns))
			}
			list = append(list, x)
		}
	}
	return lines, list
}

func cellsOf(line string) []string {
	const bar = "\x00"
	line = strings.ReplaceAll(line, `\|`, bar)
	cells := strings.Split(strings.Trim(line, "|"), "|")
	for i := range cells {
		cells[i] = strings.ReplaceAll(strings.TrimSpace(cells[i]), bar, "|")
	}
	return cells
}

// told is an answer as the page writes it.
func told(a testkit.Answer) string {
	if a.Failure != nil {
		return "error " + a.Failure.Code
	}
	rows := make([]string, len(a.Lines))
	for i, l := range a.Lines {
		rows[i] = strings.ReplaceAll(l, "|", ", ")
	}
	return strings.Join(rows, "; ")
}

// answerExamples runs the examples in an engine and compares the column that holds its answers, or fills it.
func answerExamples(t *testing.T, column string, run func(x *example) (testkit.Answer, bool)) {
	t.Helper()
	lines, list := differences(t)
	ran := 0
	for _, x := range list {
		i, ok := x.cell(column)
		if !ok {
			continue
		}
		a, ok := run(x)
		if !ok {
			continue
		}
		ran++
		answer := told(a)
		if column == "error" && a.Failure != nil {
			answer = fmt.Sprintf("%s %s", a.Failure.Code, a.Failure.Msg)
		}
		if *rewrite {
			x.set(column, answer)
			lines[x.line] = x.String()
		} else if want := strings.Trim(x.cells[i], "`"); answer != want {
			t.Errorf("%s:%d: %s gives %q, the page says %q (%v)", differencesPath, x.line+1, x.sql(), answer, want, a.Failure)
		}
	}
	if ran == 0 {
		t.Errorf("no example has a column %q", column)
	}
	if *rewrite {
		if err := os.WriteFile(differencesPath, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDifferences runs the examples of docs/sql/differences.md.
func TestDifferences(t *testing.T) {
	e := engine(t, testkit.Layouts()[0])
	run := func(x *example) (testkit.Answer, bool) {
		if err := e.Reset(); err != nil {
			t.Fatal(err)
		}
		return e.Run(context.Background(), x.dialect, x.sql()), true
	}
	answerExamples(t, "Freshet", run)
	answerExamples(t, "error", run)
	_, list := differences(t)
	for _, x := range list {
		ours, ok := x.cell("Freshet")
		theirs, ok2 := x.cell("PostgreSQL")
		if ok && ok2 && x.cells[ours] == x.cells[theirs] {
			t.Errorf("%s:%d: %s: both give %s", differencesPath, x.line+1, x.cells[1], x.cells[ours])
		}
	}
}
