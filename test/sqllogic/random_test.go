package sqllogic

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/testkit"
	"github.com/freshetdb/freshet/query/bind"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/builtin"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/query/oracle"
	"github.com/freshetdb/freshet/query/sql"
)

var (
	randomQueries = flag.Int("random-queries", 500, "random queries of TestRandomOracle and TestRandomPostgres")
	randomSeed    = flag.Uint64("random-seed", 0, "seed of random tables and queries; 0 takes one from the clock")
)

// perTable queries run over one random table in one layout.
const perTable = 100

// seed gives the seed of a run and tells how to repeat it.
func seed(t *testing.T) uint64 {
	t.Helper()
	s := *randomSeed
	if s == 0 {
		s = uint64(time.Now().UnixNano())
	}
	t.Logf("repeat with -random-seed %d -random-queries %d", s, *randomQueries)
	return s
}

// tables implements bind.Tables over one table.
type oneTable struct{ t *testkit.Table }

func (o oneTable) Table(name string) (*catalog.Schema, bool) {
	return o.t.Schema, name == o.t.Schema.Name
}
func (o oneTable) TableNames() []string { return []string{o.t.Schema.Name} }

// naive gives the answer of the naive engine: rows of an unoptimized plan.
func naive(text string, table *testkit.Table, w *testkit.World, pinotNulls bool) (testkit.Answer, error) {
	statements, err := sql.Parse(text, sql.Wire)
	if err != nil {
		return testkit.Answer{}, err
	}
	query, ok := statements[0].(*sql.Select)
	if !ok {
		return testkit.Answer{}, errors.New("not a query")
	}
	bound, err := bind.Select(query, bind.Config{Tables: oneTable{table}, Functions: builtin.Registry(), Dialect: sql.Wire, NowMillis: testkit.NowMillis})
	if err != nil {
		return testkit.Answer{}, err
	}
	node, err := logical.Plan(bound)
	if err != nil {
		return testkit.Answer{}, err
	}
	views, unpin, err := w.Views(table.Schema.Name)
	if err != nil {
		return testkit.Answer{}, err
	}
	defer unpin()
	rows, err := oracle.Run(node, oracle.Config{Schema: table.Schema, Views: views, NowMillis: testkit.NowMillis, PinotNulls: pinotNulls})
	if err != nil {
		return testkit.Answer{}, err
	}
	a := testkit.Answer{HasRows: true}
	for _, c := range node.Columns() {
		a.Types += string(testkit.Letter(c.Type))
	}
	for _, r := range rows {
		cells := make([]string, len(r))
		for i, v := range r {
			cells[i] = testkit.Render(v, time.UTC)
		}
		a.Lines = append(a.Lines, strings.Join(cells, "|"))
	}
	return a, nil
}

// againstNaive runs queries over random tables and gives the first difference.
func againstNaive(t *testing.T, seed uint64, queries int, functions *function.Registry) error {
	t.Helper()
	layouts := testkit.Layouts()
	for round := 0; round*perTable < queries; round++ {
		r := rand.New(rand.NewPCG(seed, uint64(round)))
		table := testkit.RandomTable(r, "r", []int{0, 1, 37, 200, 500}[r.IntN(5)])
		layout := layouts[r.IntN(len(layouts))]
		w, err := testkit.NewWorld(context.Background(), layout, table)
		if err != nil {
			return err
		}
		e, err := testkit.NewEngine(w, functions)
		if err != nil {
			return err
		}
		err = compareRound(&testkit.QueryGen{Rand: r, Table: "r"}, e, w, table, min(perTable, queries-round*perTable))
		if closeErr := e.Close(); err == nil {
			err = closeErr
		}
		w.Close()
		if err != nil {
			return fmt.Errorf("round %d, %s, %d rows: %w", round, layout.Name, len(table.Rows), err)
		}
	}
	return nil
}

func compareRound(g *testkit.QueryGen, e *testkit.Engine, w *testkit.World, table *testkit.Table, queries int) error {
	ctx := context.Background()
	for range queries {
		text := g.Query()
		pinot := g.Rand.IntN(4) == 0
		if a := e.Run(ctx, "wire", fmt.Sprintf("SET enableNullHandling = %t", !pinot)); a.Failure != nil {
			return a.Failure
		}
		want, wantErr := naive(text, table, w, pinot)
		got := e.Run(ctx, "wire", text)
		if (wantErr != nil) != (got.Failure != nil) {
			return fmt.Errorf("%s: error %v, want %v", text, got.Failure, wantErr)
		}
		if wantErr != nil {
			return fmt.Errorf("%s: a generated query fails: %w", text, wantErr)
		}
		order := testkit.RowSort
		if strings.Contains(text, " ORDER BY ") {
			order = testkit.NoSort
		}
		if diff := testkit.Diff(want.Types, order, want.Lines, got.Lines); diff != "" {
			return fmt.Errorf("%s (pinot nulls %t): %s", text, pinot, diff)
		}
	}
	return nil
}

// TestRandomOracle compares random queries over random tables in random layouts with the naive engine.
func TestRandomOracle(t *testing.T) {
	if err := againstNaive(t, seed(t), *randomQueries, builtin.Registry()); err != nil {
		t.Fatal(err)
	}
}

// forgetful is SUM that loses what is merged into it.
type forgetful struct{ function.Accumulator }

// Merge implements function.Accumulator.
func (forgetful) Merge(function.Accumulator, []uint32) error { return nil }

// TestPlantedWrongSum plants a wrong sum: random queries have to find it.
func TestPlantedWrongSum(t *testing.T) {
	aggregates := builtin.Aggregates()
	for i, a := range aggregates {
		if a.Name != "sum" {
			continue
		}
		aggregates[i].Bind = func(args []function.Arg, distinct, star bool) (function.BoundAggregate, error) {
			bound, err := a.Bind(args, distinct, star)
			if err != nil {
				return bound, err
			}
			inner := bound.New
			bound.New = func() function.Accumulator { return forgetful{inner()} }
			return bound, nil
		}
	}
	functions, err := function.NewRegistry(builtin.Scalars(), aggregates)
	if err != nil {
		t.Fatal(err)
	}
	const enough = 1000
	err = againstNaive(t, 1, enough, functions)
	if err == nil || !strings.Contains(err.Error(), "sum(") {
		t.Fatalf("a sum that loses merges was not found: %v", err)
	}
	t.Log(err)
}
