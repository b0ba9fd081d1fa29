package sqllogic

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/testkit"
)

// hostile are statements that would cost a naive engine its stack, its memory or its time, with the error that they give
// ("" for none) and words of its message, or else their answer.
func hostile() []hostileCase {
	rep := strings.Repeat
	deep := func(open, inner, end string) string { return "SELECT " + rep(open, 40_000) + inner + rep(end, 40_000) }
	const long, complex = "statement is too long", "statement is too complex"
	return []hostileCase{
		{"10 MB of words", rep("x y ", 10<<18), errs.ProgramLimitExceeded, long},
		{"10 MB literal", "SELECT '" + rep("x", 10<<20) + "'", errs.ProgramLimitExceeded, long},
		{"10 MB comment", "/*" + rep("x", 10<<20) + "*/ SELECT 1", errs.ProgramLimitExceeded, long},
		{"10 MB of parentheses", "SELECT " + rep("(", 10<<20), errs.ProgramLimitExceeded, long},
		{"10 MB of zeros", rep("\x00", 10<<20), errs.ProgramLimitExceeded, long},
		{"1 MB of semicolons", rep(";", 1<<20), errs.StatementTooComplex, complex},
		{"1 MB of statements", rep("SELECT 1;", 1<<20/9), errs.StatementTooComplex, complex},
		{"1 MB of quotes", "SELECT " + rep("'", 1<<20-16) + "'", errs.SyntaxError, "unterminated quoted string"},
		{"1 MB of digits", "SELECT " + rep("9", 1<<20-16), errs.NumericOutOfRange, "out of range"},
		{"a name of 1 MB", "SELECT " + rep("x", 1<<20-16), errs.UndefinedColumn, "does not exist"},
		{"parentheses", deep("(", "1", ")"), errs.StatementTooComplex, complex},
		{"CASE", deep("CASE WHEN true THEN ", "1", " END"), errs.StatementTooComplex, complex},
		{"calls", deep("abs(", "1", ")"), errs.StatementTooComplex, complex},
		{"sub-queries", deep("(SELECT ", "1", ")"), errs.StatementTooComplex, complex},
		{"sub-queries in FROM", "SELECT * FROM " + rep("(SELECT * FROM ", 40_000) + "users" + rep(") x", 40_000), errs.StatementTooComplex, complex},
		{"arrays", deep("ARRAY[", "1", "]"), errs.StatementTooComplex, complex},
		{"minus signs", deep("- ", "1", ""), errs.StatementTooComplex, complex},
		{"NOT", deep("NOT ", "true", ""), errs.StatementTooComplex, complex},
		{"nested AND", "SELECT 1 WHERE " + rep("true AND (", 40_000) + "true" + rep(")", 40_000), errs.StatementTooComplex, complex},
		{"a chain of +", "SELECT 1" + rep("+1", 40_000), errs.StatementTooComplex, complex},
		{"a chain of UNION", "SELECT 1" + rep(" UNION SELECT 1", 40_000), errs.StatementTooComplex, complex},
		{"1,000 sub-queries", "SELECT " + rep("(SELECT ", 1000) + "1" + rep(")", 1000), errs.StatementTooComplex, "expressions nest too deeply"},
		{"500 calls", "SELECT " + rep("abs(", 500) + "1" + rep(")", 500), "", "1"},
		{"200 sub-queries", "SELECT count(*) FROM " + rep("(SELECT * FROM ", 200) + "users" + rep(") x", 200), "", "8"},
		{"WITH queries that double", doubling(30), errs.StatementTooComplex, "refer to each other"},
		{"CUBE", "SELECT 1 FROM orders GROUP BY CUBE (" + numbered("id + %d", 14) + ")", errs.ProgramLimitExceeded, "CUBE is limited"},
		{"a list of 100,000", "SELECT count(*) FROM orders WHERE id IN (" + numbered("%d", 100_000) + ")", "", "40"},
		{"a million values by a sub-query", "SELECT count(*) FROM orders WHERE id IN (SELECT x FROM generate_series(1, 1000000) x)", "", "40"},

		{"recursion without end", endless("SELECT i + 1 FROM n"), errs.QueryCanceled, "statement timeout"},
		{"recursion over equal rows", endless("SELECT 1 FROM n"), errs.QueryCanceled, "statement timeout"},
		{"recursion that overflows", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i * 2 FROM n) SELECT count(*) FROM n", errs.NumericOutOfRange, "bigint out of range"},
		{"a product of 12 tables", "SET statement_timeout = 200; SELECT count(*) FROM users a, users b, users c, users d, users e, users f, users g, users h, users i, users j, users k, users l",
			errs.QueryCanceled, "statement timeout"},
		{"texts beyond the budget", "SELECT length(string_agg(repeat('x', 100000), '')) FROM events", errs.OutOfMemory, "needs more than the query's budget"},
		{"a deep OFFSET", "SELECT id FROM events ORDER BY ts, id OFFSET 9223372036854775807", "", ""},
		{"a deep OFFSET with LIMIT", "SELECT id FROM events ORDER BY ts, id LIMIT 5 OFFSET 1000000000", "", ""},

		{"repeat", "SELECT repeat('abc', 1000000000)", errs.ProgramLimitExceeded, "repeat makes a text of more than"},
		{"lpad", "SELECT lpad('a', 2000000000)", errs.ProgramLimitExceeded, "padded text"},
		{"format", "SELECT format('%1000000000s', 'a')", errs.InvalidParameterValue, "a field of format()"},
		{"generate_series", "SELECT count(*) FROM generate_series(1, 10000000000)", errs.ProgramLimitExceeded, "generate_series would give"},
		{"generateIntArray", "SELECT generateIntArray(1, 2000000000, 1)", errs.ProgramLimitExceeded, "more than 1048576 elements"},
		{"factorial", "SELECT factorial(1000000)", errs.NumericOutOfRange, "bigint out of range"},
		{"long decimals", "SELECT '" + rep("9", 200_000) + "'::numeric * 2", errs.NumericOutOfRange, "out of range for type numeric"},
		{"levenshteinDistance", "SELECT levenshteinDistance(repeat('a', 100000), repeat('b', 100000))", errs.ProgramLimitExceeded, "texts of up to 4096 characters"},

		{"a regular expression with stars in stars", "SELECT '" + rep("a", 10_000) + "' ~ '(a*)*b'", "", "f"},
		{"a regular expression that repeats", "SELECT 'a' ~ '((a{100}){100}){100}'", errs.InvalidRegexp, "invalid repeat count"},
		{"a deep regular expression", "SELECT 'a' ~ '" + rep("(", 5000) + rep(")", 5000) + "'", errs.InvalidRegexp, "nests too deeply"},
		{"a pattern of a column that fails", "SELECT count(*) FROM users WHERE name ~ (name || '(')", errs.InvalidRegexp, "missing closing )"},
		{"LIKE with many %", "SELECT count(*) FROM users WHERE repeat('a', 20000) LIKE repeat('%a', 2000) || 'b'", "", "0"},
		{"SIMILAR TO", "SELECT '" + rep("a", 10_000) + "' SIMILAR TO '(a*)*b'", "", "f"},

		{"deep JSON", "SELECT '" + rep("[", 100_000) + rep("]", 100_000) + "'::json", errs.InvalidText, "invalid input syntax for type json"},
		{"a deep JSON path", "SELECT jsonExtractScalar('{}', '$" + rep(".a", 50_000) + "', 'INT')", errs.InvalidParameterValue, "JSON path has 100001 bytes"},
		{"a JSON path that multiplies", "SELECT jsonExtractScalar('" + rep("[", 200) + rep("]", 200) + "', '$" + rep("..*", 20) + "', 'STRING')", errs.ProgramLimitExceeded, "visits more than"},
		{"a long number format", "SELECT to_char(1, '" + rep("9", 100_000) + "')", errs.SyntaxError, "number format is too long"},
		{"a long time zone", "SELECT toDateTime(0, 'yyyy', '" + rep("x", 100_000) + "')", errs.InvalidParameterValue, "not recognized"},
		{"a time zone that is a path", "SELECT toDateTime(0, 'yyyy', '../../../etc/passwd')", errs.InvalidParameterValue, "not recognized"},
		{"a parameter of a high number", "SELECT $99999999", errs.UndefinedParameter, "there is no parameter"},
	}
}

type hostileCase struct{ name, sql, code, want string }

// endless is a recursive query that only its time ends.
func endless(step string) string {
	return "SET statement_timeout = 200; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL " + step + ") SELECT count(*) FROM n"
}

// doubling is a chain of WITH queries each of which reads the one before it twice.
func doubling(n int) string {
	s := "WITH a0 AS (SELECT 1 AS x)"
	for i := 1; i < n; i++ {
		s += fmt.Sprintf(", a%d AS (SELECT a.x + b.x AS x FROM a%d a, a%d b)", i, i-1, i-1)
	}
	return s + fmt.Sprintf(" SELECT x FROM a%d", n-1)
}

// numbered is a list of a format with the numbers from 0.
func numbered(format string, n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(out, ",")
}

// TestHostileStatements runs statements that are too long, too deep or too much: each ends soon, with an error that says
// what the limit is, or with its answer; the statement after it runs.
func TestHostileStatements(t *testing.T) {
	const patience = 10 * time.Second // far above what any takes
	e := engine(t, testkit.Layouts()[0])
	for _, c := range hostile() {
		t.Run(c.name, func(t *testing.T) {
			if err := e.Reset(); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			a := e.Run(ctx, "wire", c.sql)
			switch {
			case ctx.Err() != nil:
				t.Errorf("it runs for more than %v", patience)
			case a.Failure == nil && (c.code != "" || strings.Join(a.Lines, " ") != c.want):
				t.Errorf("no error, rows %.100q; want %s %s", a.Lines, c.code, c.want)
			case a.Failure != nil && (a.Failure.Code != c.code || !strings.Contains(a.Failure.Msg, c.want)):
				t.Errorf("error %s %.300s; want %s %s", a.Failure.Code, a.Failure.Msg, c.code, c.want)
			case a.Failure != nil && len(a.Failure.Msg) > 1100:
				t.Errorf("the message has %d bytes", len(a.Failure.Msg))
			}
			if next := e.Run(context.Background(), "wire", "SELECT 1"); next.Failure != nil || len(next.Lines) != 1 {
				t.Errorf("the next statement: %v, rows %q", next.Failure, next.Lines)
			}
		})
	}
}
