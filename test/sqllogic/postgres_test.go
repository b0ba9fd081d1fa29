//go:build postgres

package sqllogic

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/testkit"
	"github.com/freshetdb/freshet/test/ports"
)

var url = flag.String("postgres", "", "connection string of a PostgreSQL 15 to use; default: a temporary one is started")

const serverScript = "../postgres/postgres.sh"

// postgres is PostgreSQL as an engine of scripts.
type postgres struct {
	conn *pgx.Conn
}

// openPostgres starts a server, unless one is named, and loads the tables.
func openPostgres(t *testing.T, tables ...*testkit.Table) *postgres {
	t.Helper()
	at := *url
	if at == "" {
		at = startServer(t)
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	p := &postgres{conn: conn}
	p.must(t, "SET TimeZone = 'UTC'")
	for _, table := range tables {
		p.load(t, table)
	}
	return p
}

func (p *postgres) must(t *testing.T, text string) {
	t.Helper()
	if _, err := p.conn.PgConn().Exec(context.Background(), text).ReadAll(); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// startServer starts a temporary server; the test's end stops it.
func startServer(t *testing.T) string {
	t.Helper()
	found, err := ports.Free(1)
	if err != nil {
		t.Fatal(err)
	}
	port := found[0]
	script, err := filepath.Abs(serverScript)
	if err != nil {
		t.Fatal(err)
	}
	// Not t.TempDir: its parents are closed to the user who runs the server.
	dir := filepath.Join("/tmp", fmt.Sprintf("freshet-postgres-%d", port))
	cmd := exec.Command(script, "start", dir, fmt.Sprint(port))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("start PostgreSQL: %v\n%s", err, stderr.String())
	}
	t.Cleanup(func() {
		if out, err := exec.Command(script, "stop", dir).CombinedOutput(); err != nil {
			t.Errorf("stop PostgreSQL: %v\n%s", err, out)
		}
		if out, err := exec.Command("rm", "-rf", dir).CombinedOutput(); err != nil {
			t.Errorf("remove %s: %v\n%s", dir, err, out)
		}
	})
	return strings.TrimSpace(string(out))
}

// Run runs a text by the simple protocol; types are the letters under which values are printed, "" for PostgreSQL's own.
func (p *postgres) Run(ctx context.Context, text, types string) testkit.Answer {
	results := p.conn.PgConn().Exec(ctx, text)
	var a testkit.Answer
	for results.NextResult() {
		r := results.ResultReader()
		fields := r.FieldDescriptions()
		if len(fields) == 0 {
			if _, err := r.Close(); err != nil {
				break
			}
			continue
		}
		a = testkit.Answer{HasRows: true, Types: types}
		if len(types) != len(fields) {
			a.Types = ""
			for _, f := range fields {
				a.Types += string(letter(f.DataTypeOID))
			}
		}
		var names []string
		for _, f := range fields {
			names = append(names, f.Name)
		}
		a.Names = strings.Join(names, "|")
		for r.NextRow() {
			a.Lines = append(a.Lines, line(r.Values(), a.Types))
		}
	}
	err := results.Close()
	var pgErr *pgconn.PgError
	switch {
	case errors.As(err, &pgErr):
		return testkit.Answer{Failure: &errs.Error{Class: errs.ClassUser, Code: pgErr.Code, Msg: pgErr.Message, Hint: pgErr.Hint, Pos: int(pgErr.Position)}}
	case err != nil:
		return testkit.Answer{Failure: errs.As(err)}
	}
	return a
}

func line(values [][]byte, types string) string {
	cells := make([]string, len(values))
	for i, v := range values {
		cells[i] = "NULL"
		if v != nil {
			cells[i] = testkit.RenderText(string(v), types[i])
		}
	}
	return strings.Join(cells, "|")
}

// letter is the letter of PostgreSQL's type.
func letter(oid uint32) byte {
	letters := map[uint32]byte{20: 'I', 21: 'I', 23: 'I', 26: 'I', 700: 'R', 701: 'R', 1700: 'N', 16: 'B', 1114: 'D', 1082: 'D', 1184: 'Z',
		1186: 'V', 114: 'J', 3802: 'J', 17: 'X', 1005: 'i', 1007: 'i', 1016: 'i', 1021: 'r', 1022: 'r', 1231: 'n', 1000: 'b', 1115: 'd',
		1009: 't', 1001: 'x', 1185: 'z'}
	if l, ok := letters[oid]; ok {
		return l
	}
	return 'T'
}

// TestPostgres runs the portable scripts in PostgreSQL 15: it gives the answers that Freshet is held to.
func TestPostgres(t *testing.T) {
	tables, err := testkit.Tables()
	if err != nil {
		t.Fatal(err)
	}
	p := openPostgres(t, tables...)
	for _, s := range scripts(t) {
		if !s.Portable {
			continue
		}
		t.Run(name(s), func(t *testing.T) {
			p.must(t, "DISCARD ALL")
			p.must(t, "SET TimeZone = 'UTC'")
			for _, r := range s.Records {
				if !r.RunsOn(testkit.Postgres) {
					continue
				}
				a := p.Run(context.Background(), r.SQL, r.Types)
				if *rewrite {
					r.Expect(a)
				} else if diff := r.Check(a, false); diff != "" {
					t.Errorf("%s:%d: %s: %s", s.Path, r.Line, r.SQL, diff)
				}
			}
			if *rewrite {
				save(t, s)
			}
		})
	}
}
