//go:build compat

package compat

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	pg "github.com/pganalyze/pg_query_go/v6"
)

var rewrite = flag.Bool("rewrite", false, "write testdata/catalog.txt")

// catalogTables is how many tables the catalog holds while its statements are timed.
const catalogTables = 200

// catalogLimit is ten times what a statement over the catalog may take on a quiet machine.
const catalogLimit = 50 * time.Millisecond

// required are the clients whose statements have to run; what others send is tried and reported.
var required = []string{`\`, "object", "psql", "pgx", "psycopg", "asyncpg", "sqla", "jdbc", "node"}

type recorded struct {
	client, text string
	label        string // of testdata/catalog.txt: the beginning of the text, without object ids, which differ from run to run
}

func (r recorded) required() bool {
	return slices.ContainsFunc(required, func(p string) bool { return strings.HasPrefix(r.client, p) })
}

// recordings reads the statements that clients were seen to send, and cuts texts of several statements.
func recordings(t *testing.T, n *node) []recorded {
	t.Helper()
	ids := map[string]string{}
	conn := n.connect(t, "")
	rows, err := conn.Query(t.Context(), "SELECT relname, oid::text FROM pg_class")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var name, id string
		if err := rows.Scan(&name, &id); err != nil {
			t.Fatal(err)
		}
		ids[name] = id
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	var out []recorded
	for _, file := range []string{"psql", "drivers"} {
		raw, err := os.ReadFile(filepath.Join("../../broker/syscat/testdata/clients", file+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := strings.Cut(string(raw), "\n\n")
		for _, part := range strings.Split(body, "\n;;") {
			part = strings.TrimSpace(part)
			if part == "" {
				continue
			}
			client, text, ok := strings.Cut(strings.TrimPrefix(part, "# "), "\n")
			if !ok || !strings.HasPrefix(part, "# ") {
				t.Fatalf("%s.txt: no client before %.60q", file, part)
			}
			for name, id := range ids {
				text = strings.ReplaceAll(text, "{oid:"+name+"}", id)
			}
			text = strings.NewReplacer("{oid:v1}", ids["t1"], "'v1'", "'t1'", "16389", ids["t1"]).Replace(text)
			list, err := pg.SplitWithParser(text, true)
			if err != nil {
				t.Fatalf("%s: %v", client, err)
			}
			for _, s := range list {
				label := s
				for _, name := range []string{"t1", "orders", "orderItems"} {
					label = strings.ReplaceAll(label, ids[name], "{"+name+"}")
				}
				out = append(out, recorded{client, s, clip(label, 100)})
			}
		}
	}
	return out
}

// t1 is the table that the recorded statements are about.
func t1(name string) table {
	return table{name: name, topic: "none", keys: []string{"s", "i"}, columns: []column{{"s", "STRING", false}, {"i", "INT", false}, {"b", "BOOLEAN", false},
		{"j", "JSON", false}, {"y", "BYTES", false}, {"ms", "STRING", true}, {"ml", "LONG", true}, {"l", "LONG", false}, {"f", "FLOAT", false},
		{"d", "DOUBLE", false}, {"n", "BIG_DECIMAL", false}, {"country", "STRING", false}, {"ts", "TIMESTAMP", false}}}
}

// TestCatalogStatements runs what clients send about the catalog, as it was recorded and again with other aliases and
// the clauses in another order, in a database of many tables. testdata/catalog.txt says which required ones give
// rows.
func TestCatalogStatements(t *testing.T) {
	n := startNode(t)
	n.createTopic(t, "none")
	for _, name := range []string{"t1", "orders", "orderItems"} {
		n.createTable(t, t1(name), nil)
	}
	for i := range catalogTables - 3 {
		n.createTable(t, table{name: fmt.Sprintf("table_%03d", i), topic: "none", columns: typeColumns}, nil)
	}
	list := recordings(t, n)
	conn, err := pgconn.Connect(t.Context(), fmt.Sprintf("postgres://compat@127.0.0.1:%d/compat", n.postgres))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var times []timing
	var lines []string
	for _, r := range list {
		rows, took, err := measure(t, conn, r.text)
		if err != nil {
			report(t, r, "as it is", r.text, err)
			continue
		}
		times = append(times, timing{r, took})
		some := "nothing"
		if rows > 0 {
			some = "rows"
		}
		if r.required() {
			lines = append(lines, some+" "+r.client+": "+r.label)
		}
		other, err := rephrase(r.text)
		if err != nil {
			t.Errorf("%s: %v\n%s", r.client, err, r.text)
			continue
		}
		again, _, err := measure(t, conn, other)
		if err != nil {
			report(t, r, "rephrased", other, err)
		} else if again != rows && !volatile(r.text) {
			t.Errorf("%s: %d rows, rephrased %d\n%s\n%s", r.client, rows, again, r.text, other)
		}
	}
	checkTimes(t, times)
	checkLines(t, lines)
}

// volatile reports statements whose number of rows may change between two runs.
func volatile(text string) bool { return strings.Contains(text, "pg_stat_activity") }

func report(t *testing.T, r recorded, how, text string, err error) {
	t.Helper()
	if r.required() {
		t.Errorf("%s, %s: %v\n%s", r.client, how, err, text)
	} else {
		t.Logf("not yet: %s, %s: %v: %s", r.client, how, err, clip(text, 160))
	}
}

func clip(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > n {
		return s[:n]
	}
	return s
}

// measure runs a statement three times and gives its rows and the shortest time.
func measure(t *testing.T, conn *pgconn.PgConn, text string) (rows int, took time.Duration, err error) {
	t.Helper()
	took = time.Hour
	for range 3 {
		began := time.Now()
		if rows, err = run(t.Context(), conn, text); err != nil {
			if conn.TxStatus() != 'I' {
				conn.Exec(t.Context(), "ROLLBACK").Close()
			}
			return 0, 0, err
		}
		took = min(took, time.Since(began))
	}
	if conn.TxStatus() != 'I' {
		err = conn.Exec(t.Context(), "COMMIT").Close()
	}
	return rows, took, err
}

func run(ctx context.Context, conn *pgconn.PgConn, text string) (rows int, err error) {
	if !strings.Contains(text, "$1") {
		results, err := conn.Exec(ctx, text).ReadAll()
		for _, r := range results {
			rows += len(r.Rows)
		}
		return rows, err
	}
	st, err := conn.Prepare(ctx, "", text, nil)
	if err != nil {
		return 0, err
	}
	values := make([][]byte, len(st.ParamOIDs))
	for i, oid := range st.ParamOIDs {
		if values[i], err = sample(oid, strings.Contains(text, "regtype")); err != nil {
			return 0, err
		}
	}
	// In binary form, as the clients that send parameters read their answers.
	r := conn.ExecPrepared(ctx, "", values, nil, []int16{pgtype.BinaryFormatCode}).Read()
	return len(r.Rows), r.Err
}

// sample is a value for a parameter of a type.
func sample(oid uint32, typeName bool) ([]byte, error) {
	switch oid {
	case pgtype.OIDOID, pgtype.Int8OID, pgtype.Int4OID:
		return []byte(strconv.Itoa(pgtype.Int8ArrayOID)), nil
	case pgtype.OIDArrayOID, pgtype.Int8ArrayOID:
		return []byte("{1007,1016,2205}"), nil
	case pgtype.TextArrayOID, pgtype.NameArrayOID, pgtype.QCharArrayOID:
		return []byte("{r,p,v,public}"), nil
	case pgtype.TextOID, pgtype.NameOID, pgtype.VarcharOID:
		if typeName {
			return []byte("int8"), nil
		}
		return []byte("t1"), nil
	}
	return nil, errors.New("no value for a parameter of type " + strconv.Itoa(int(oid)))
}

type timing struct {
	recorded
	took time.Duration
}

// knownSlow is asyncpg's question for types: two sub-queries for each row type, whether it is asked for or not.
func knownSlow(x timing) bool {
	return x.client == "asyncpg" && strings.HasPrefix(x.text, "WITH RECURSIVE typeinfo_tree") && x.took < 20*catalogLimit
}

func checkTimes(t *testing.T, times []timing) {
	t.Helper()
	slices.SortFunc(times, func(a, b timing) int { return int(b.took - a.took) })
	slow := 0
	for i, x := range times {
		if x.took > catalogLimit/10 {
			slow++
		}
		if x.took > catalogLimit && x.required() && !knownSlow(x) {
			t.Errorf("%s took %v: %s", x.client, x.took, clip(x.text, 200))
		}
		if i < 12 {
			t.Logf("%8.2f ms  %s: %s", x.took.Seconds()*1000, x.client, clip(x.text, 100))
		}
	}
	t.Logf("%d statements over a catalog of %d tables: median %.2f ms, %d over %v", len(times), catalogTables,
		times[len(times)/2].took.Seconds()*1000, slow, catalogLimit/10)
}

// checkLines compares which statements gave rows with the recorded ones.
func checkLines(t *testing.T, lines []string) {
	t.Helper()
	got := strings.Join(lines, "\n") + "\n"
	if *rewrite {
		if err := os.WriteFile("testdata/catalog.txt", []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile("testdata/catalog.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("statements that give rows (-want +got):\n%s", diff)
	}
}
