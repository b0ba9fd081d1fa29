package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// testRows is enough for dictionaries and block ranges, and loads in a second.
const testRows = 200_000

// TestPlans compares the EXPLAIN of every line over a small table with testdata/plans, and what is measured through the
// public entry of sessions with the table's size. (The plans over the full table stand in queries/*.explain; a run of the
// bench compares them.)
func TestPlans(t *testing.T) {
	ctx := t.Context()
	f, err := Load(ctx, Options{Dir: t.TempDir(), Rows: testRows, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}()
	queries, err := Queries("")
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range queries {
		t.Run(q.Name, func(t *testing.T) {
			got, err := f.Plan(ctx, q.SQL)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", "plans", q.Name+".explain")
			if os.Getenv("UPDATE_PLANS") != "" {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("the plan is not that of %s (UPDATE_PLANS=1 go test writes it): -want +got\n%s", path, diff)
			}
			rows, err := f.Query(ctx, q.SQL, 2)
			if err != nil || len(rows) == 0 && !strings.Contains(q.Name, "needle") {
				t.Errorf("%d rows, %v", len(rows), err)
			}
		})
	}
	if _, err := f.Query(ctx, "SELECT 1; SELECT 2", 1); err == nil {
		t.Error("two statements are measured as one")
	}
}

// TestQueries checks what the query files say.
func TestQueries(t *testing.T) {
	queries, err := Queries("")
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range queries {
		if q.Goal <= 0 || q.Plan == "" || !strings.HasPrefix(q.SQL, "SELECT ") {
			t.Errorf("%s: goal %v, plan %q, SQL %q", q.Name, q.Goal, q.Plan, q.SQL)
		}
		for threads := 1; threads < 4; threads++ {
			if c := q.Ceiling(threads); c != 0 && c < q.Goal {
				t.Errorf("%s: ceiling %v below the goal %v", q.Name, c, q.Goal)
			}
		}
	}
	some, err := Queries("q05")
	if err != nil || len(some) != 2 {
		t.Errorf("%d lines are named q05, %v", len(some), err)
	}
}

func TestParseQuery(t *testing.T) {
	q, err := parseQuery("x", "-- what\n-- goal: 2.5\n-- ceiling: 4 5\n-- compare: approximate 0.1\nSELECT 1,\n  2\n-- duckdb: SELECT 3\n")
	if err != nil {
		t.Fatal(err)
	}
	want := Query{Name: "x", SQL: "SELECT 1,   2", Goal: 2.5, Ceilings: []float64{4, 5}, Tolerance: 0.1, Peers: map[string]string{"duckdb": "SELECT 3"}}
	if diff := cmp.Diff(want, q); diff != "" {
		t.Error(diff)
	}
	if q.Form("duckdb") != "SELECT 3" || q.Form("clickhouse") != q.SQL || q.Ceiling(1) != 4 || q.Ceiling(8) != 5 {
		t.Errorf("forms %q, %q, ceilings %v, %v", q.Form("duckdb"), q.Form("clickhouse"), q.Ceiling(1), q.Ceiling(8))
	}
	for _, text := range []string{"", "-- goal: 3\n", "-- goal: three\nSELECT 1", "-- goal: 1 2\nSELECT 1", "-- ceiling: x\nSELECT 1",
		"-- compare: approximate\nSELECT 1"} {
		if _, err := parseQuery("x", text); err == nil {
			t.Errorf("%q is taken for a query", text)
		}
	}
}
