package node

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestNearTheLimits sends texts that the limits of size and nesting let through, or nearly: each is answered, by a result
// or by an error of the user's, quickly, and the node lives.
func TestNearTheLimits(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	k.topic("events", 1)
	r := startRig(t)
	r.createTable("events", k.addr, rowsPerSegment(3000))
	l := newLedger("events")
	l.produce(k, 0, 5000)
	r.compare(l)
	wrap := func(before, inner, after string, n int) string {
		return strings.Repeat(before, n) + inner + strings.Repeat(after, n)
	}
	list := func(n int, item string) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }
	var texts, numbers []string
	for i := range 60_000 {
		numbers = append(numbers, fmt.Sprint(i*7))
		texts = append(texts, fmt.Sprintf("'n%d'", i))
	}
	const slow = 8 * time.Second // under the race detector on a busy machine; a second or less else
	for _, c := range []struct{ name, sql string }{
		{"plus", "SELECT " + strings.Repeat("id+", 1900) + "1 FROM events LIMIT 3"},
		{"plus of constants", "SELECT " + strings.Repeat("1+", 4900) + "1"},
		{"parentheses", "SELECT " + wrap("(", "id", ")", 1900) + " FROM events LIMIT 3"},
		{"not", "SELECT count(*) FROM events WHERE " + strings.Repeat("NOT ", 1900) + "flag"},
		{"minus", "SELECT " + strings.Repeat("- ", 1900) + "id FROM events LIMIT 3"},
		{"calls", "SELECT " + wrap("abs(", "id", ")", 1900) + " FROM events LIMIT 3"},
		{"casts", "SELECT id" + strings.Repeat("::bigint", 1900) + " FROM events LIMIT 3"},
		{"concatenation", "SELECT " + strings.Repeat("name||", 1900) + "name FROM events LIMIT 3"},
		{"case", "SELECT " + wrap("CASE WHEN flag THEN id ELSE ", "1", " END", 900) + " FROM events LIMIT 3"},
		{"and", "SELECT count(*) FROM events WHERE " + strings.Repeat("id > 1 AND ", 2400) + "flag"},
		{"or", "SELECT count(*) FROM events WHERE " + strings.Repeat("id = 1 OR ", 2400) + "flag"},
		{"and, or", "SELECT count(*) FROM events WHERE " + wrap("(id > 1 AND (flag OR ", "flag", "))", 600)},
		{"in numbers", "SELECT count(*) FROM events WHERE id IN (" + strings.Join(numbers, ",") + ")"},
		{"in texts", "SELECT count(*) FROM events WHERE name IN (" + strings.Join(texts, ",") + ")"},
		{"not in", "SELECT count(*) FROM events WHERE name NOT IN (" + strings.Join(texts, ",") + ") OR id NOT IN (" + strings.Join(numbers[:9000], ",") + ")"},
		{"columns", "SELECT " + list(4000, "id") + " FROM events LIMIT 3"},
		{"expressions", "SELECT " + list(1900, "id+1") + " FROM events LIMIT 3"},
		{"aggregates", "SELECT " + list(2000, "sum(id)") + " FROM events"},
		{"group keys", "SELECT count(*) FROM events GROUP BY " + list(3000, "id")},
		{"order keys", "SELECT id FROM events ORDER BY " + list(3000, "name") + " LIMIT 3"},
		{"wide groups", "SELECT " + list(300, "id+1") + ", count(*) FROM events GROUP BY " + list(300, "id+1") + " LIMIT 3"},
		{"long literal", "SELECT count(*) FROM events WHERE name = '" + strings.Repeat("x", 1_000_000) + "'"},
		{"long name", "SELECT \"" + strings.Repeat("x", 1_000_000) + "\" FROM events"},
		{"long number", "SELECT " + strings.Repeat("9", 500_000)},
		{"long decimal", "SELECT 0." + strings.Repeat("9", 500_000) + " + 1"},
		{"huge exponent", "SELECT 1e999999999"},
		{"huge exponent times", "SELECT 1e30000::numeric * 1e30000::numeric"},
		{"like", "SELECT count(*) FROM events WHERE name LIKE '" + strings.Repeat("%a", 200_000) + "'"},
		{"like, backtracking", "SELECT count(*) FROM events WHERE name LIKE '" + strings.Repeat("%_", 500) + "z'"},
		{"comments", "SELECT " + wrap("/*", "", "*/", 200_000) + " 1"},
		{"open comments", "SELECT " + strings.Repeat("/*", 400_000)},
		{"operators", "SELECT " + strings.Repeat("+", 900_000) + "1"},
		{"comments side by side", "SELECT " + strings.Repeat("/**/", 200_000) + "1"},
		{"dollars", "SELECT " + strings.Repeat("$a$", 300_000)},
		{"dollar tags", strings.Repeat("$a", 400_000)},
		{"quotes", "SELECT " + strings.Repeat("'", 999_999)},
		{"back-ticks", "SELECT " + strings.Repeat("`", 999_999)},
		{"semicolons", strings.Repeat(";", 9_000)},
		{"sets", strings.Repeat("SET a = 1;", 1_900) + "SELECT 1"},
		{"joins", "SELECT 1 FROM events" + strings.Repeat(" JOIN events ON true", 1_500)},
		{"tables", "SELECT 1 FROM " + list(4_000, "events")},
		{"sub-queries", "SELECT id FROM " + wrap("(SELECT * FROM ", "events", ") x", 900) + " LIMIT 3"},
		{"common tables", "WITH " + list(900, "x AS (SELECT 1)") + " SELECT 1"},
		{"unions", "SELECT 1" + strings.Repeat(" UNION ALL SELECT 1", 1_500)},
		{"arrays", "SELECT " + wrap("ARRAY[", "1", "]", 1900)},
		{"deep interval", "SELECT now() - INTERVAL '99999999999999999999 years'"},
		{"limit", "SELECT id FROM events LIMIT 99999999999999999999"},
		{"offset", "SELECT id FROM events OFFSET 9223372036854775807"},
		{"negative zero", "SELECT -9223372036854775808 / -1, div(-9223372036854775808, -1)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			began := time.Now()
			err := r.exec(c.sql)
			checkOutcome(t, "wire", err)
			took := time.Since(began)
			began = time.Now()
			status, a := r.queryHTTP(c.sql)
			if status != 200 && status != 413 {
				t.Errorf("http: status %d %.200s", status, a.raw)
			}
			for _, e := range a.Exceptions {
				if e.ErrorCode == 450 {
					t.Errorf("http: %d %.300s", e.ErrorCode, e.Message)
				}
			}
			if over := time.Since(began); took > slow || over > slow {
				t.Errorf("it took %s over the wire and %s over HTTP", took, over)
			}
			if testing.Verbose() {
				t.Logf("%s, %.150v", took.Round(time.Millisecond), err)
			}
		})
	}
	r.alive()
	r.compare(l)
	r.idle()
	if log := r.log.String(); strings.Contains(log, "panic") {
		t.Errorf("something panicked:\n%s", log)
	}
}

// checkOutcome accepts success and errors that blame the user or a limit.
func checkOutcome(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	code := sqlState(err)
	switch {
	case code == "":
		t.Errorf("%s: %v: the connection ended", what, err)
	case strings.HasPrefix(code, "XX") || code == "58030" || code == "57014":
		t.Errorf("%s: %s %.300v", what, code, err)
	}
}
