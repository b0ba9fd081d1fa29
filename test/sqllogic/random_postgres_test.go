//go:build postgres

package sqllogic

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/freshetdb/freshet/internal/testkit"
	"github.com/freshetdb/freshet/query/function/builtin"
)

// load makes a table of the server.
func (p *postgres) load(t *testing.T, table *testkit.Table) {
	t.Helper()
	p.must(t, fmt.Sprintf("DROP TABLE IF EXISTS %q", table.Schema.Name))
	p.must(t, table.PostgresDDL())
	copyIn := fmt.Sprintf("COPY %q FROM STDIN", table.Schema.Name)
	if _, err := p.conn.PgConn().CopyFrom(context.Background(), strings.NewReader(table.PostgresCopy()), copyIn); err != nil {
		t.Fatalf("load %s: %v", table.Schema.Name, err)
	}
	p.must(t, fmt.Sprintf("ANALYZE %q", table.Schema.Name))
}

// TestRandomPostgres compares portable random queries with PostgreSQL.
func TestRandomPostgres(t *testing.T) {
	p := openPostgres(t)
	ctx := context.Background()
	s, failures := seed(t), 0
	layouts := testkit.Layouts()
	for n := 0; n*perTable < *randomQueries && failures < maxFailures; n++ {
		r := rand.New(rand.NewPCG(s, uint64(n)))
		tables, g := round(r, true)
		layout := layouts[r.IntN(len(layouts))]
		w, err := testkit.NewWorld(ctx, layout, tables...)
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range tables {
			p.load(t, table)
		}
		e, err := testkit.NewEngine(w, builtin.Registry())
		if err != nil {
			t.Fatal(err)
		}
		for range min(perTable, *randomQueries-n*perTable) {
			text, ordered := g.Query()
			if diff := againstPostgres(ctx, p, e, text, ordered); diff != "" {
				t.Errorf("round %d, %s, %d rows: %s: %s", n, layout.Name, len(tables[0].Rows), text, diff)
				failures++
				break
			}
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		w.Close()
	}
}

// againstPostgres gives "" or the difference between the answers.
func againstPostgres(ctx context.Context, p *postgres, e *testkit.Engine, text string, ordered bool) string {
	got := e.Run(ctx, "wire", text)
	want := p.Run(ctx, text, got.Types)
	switch {
	case want.Failure != nil:
		return "PostgreSQL refuses a generated query: " + want.Failure.Error()
	case got.Failure != nil:
		return fmt.Sprintf("%v (%s)", got.Failure, got.Failure.Detail)
	}
	order := testkit.RowSort
	if ordered {
		order = testkit.NoSort
	}
	return testkit.Diff(got.Types, order, want.Lines, got.Lines)
}
