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
	"github.com/freshetdb/freshet/segment"
)

var (
	randomQueries = flag.Int("random-queries", 500, "random queries of TestRandomOracle and TestRandomPostgres")
	randomSeed    = flag.Uint64("random-seed", 1, "seed of random tables and queries; 0 takes one from the clock")
)

const (
	perTable    = 100 // queries run over random tables in one layout
	maxFailures = 5   // rounds with differences end a run
)

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

// world is a loaded world and what a binder asks about it: it implements bind.Tables.
type world struct{ *testkit.World }

func (w world) Table(name string) (*catalog.Schema, bool) {
	s, _, ok := w.Schema(name)
	return s, ok
}

func (w world) TableNames() []string { return w.Names() }

// naive gives the answer of the naive engine: rows of an unoptimized plan.
func naive(text string, w world, pinotNulls bool) (testkit.Answer, error) {
	statements, err := sql.Parse(text, sql.Wire)
	if err != nil {
		return testkit.Answer{}, err
	}
	query, ok := statements[0].(*sql.Select)
	if !ok {
		return testkit.Answer{}, errors.New("not a query")
	}
	bound, err := bind.Select(query, bind.Config{Tables: w, Functions: builtin.Registry(), Dialect: sql.Wire, NowMillis: testkit.NowMillis})
	if err != nil {
		return testkit.Answer{}, err
	}
	node, err := logical.Plan(bound)
	if err != nil {
		return testkit.Answer{}, err
	}
	var unpin []func()
	defer func() {
		for _, f := range unpin {
			f()
		}
	}()
	rows, err := oracle.Run(node, oracle.Config{NowMillis: testkit.NowMillis, PinotNulls: pinotNulls,
		Tables: func(name string) (*catalog.Schema, []segment.View, error) {
			views, f, err := w.Views(name)
			if err != nil {
				return nil, nil, err
			}
			unpin = append(unpin, f)
			schema, _ := w.Table(name)
			return schema, views, nil
		}})
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

// round is a random world: many rows in one table, or few in several, which are joined.
func round(r *rand.Rand, portable bool) (tables []*testkit.Table, g *testkit.QueryGen) {
	g = &testkit.QueryGen{Rand: r, Portable: portable, Tables: []string{"r"}}
	if r.IntN(3) == 0 {
		return []*testkit.Table{testkit.RandomTable(r, "r", []int{0, 1, 37, 200, 500}[r.IntN(5)], portable)}, g
	}
	for _, name := range []string{"r", "d", "e"} {
		tables = append(tables, testkit.RandomTable(r, name, []int{0, 1, 5, 12, 25}[r.IntN(5)], portable))
	}
	g.Tables = []string{"r", "r", "d", "e"}
	return tables, g
}

// againstNaive runs queries over random tables and gives the first differences, at most one a round.
func againstNaive(t *testing.T, seed uint64, queries, most int, functions *function.Registry) error {
	t.Helper()
	var failures []error
	layouts := testkit.Layouts()
	for n := 0; n*perTable < queries && len(failures) < most; n++ {
		r := rand.New(rand.NewPCG(seed, uint64(n)))
		tables, g := round(r, false)
		layout := layouts[r.IntN(len(layouts))]
		w, err := testkit.NewWorld(context.Background(), layout, tables...)
		if err != nil {
			return err
		}
		e, err := testkit.NewEngine(w, functions)
		if err != nil {
			return err
		}
		err = compareRound(g, e, world{w}, min(perTable, queries-n*perTable))
		if closeErr := e.Close(); err == nil {
			err = closeErr
		}
		w.Close()
		if err != nil {
			failures = append(failures, fmt.Errorf("round %d, %s, %d rows: %w", n, layout.Name, len(tables[0].Rows), err))
		}
	}
	return errors.Join(failures...)
}

// compareRound ends at the first difference.
func compareRound(g *testkit.QueryGen, e *testkit.Engine, w world, queries int) error {
	ctx := context.Background()
	for range queries {
		pinot := g.Rand.IntN(4) == 0
		g.NoNullTests = pinot && len(g.Tables) > 1 // above a leaf, a default that stands for NULL is a value
		text, ordered := g.Query()
		if a := e.Run(ctx, "wire", fmt.Sprintf("SET enableNullHandling = %t", !pinot)); a.Failure != nil {
			return a.Failure
		}
		want, wantErr := naive(text, w, pinot)
		got := e.Run(ctx, "wire", text)
		switch {
		case wantErr != nil:
			return fmt.Errorf("%s: a generated query fails: %w", text, wantErr)
		case got.Failure != nil:
			return fmt.Errorf("%s: %w (%s)", text, got.Failure, got.Failure.Detail)
		}
		order := testkit.RowSort
		if ordered {
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
	if err := againstNaive(t, seed(t), *randomQueries, maxFailures, builtin.Registry()); err != nil {
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
	const enough = 3000
	err = againstNaive(t, 1, enough, 1, functions)
	if err == nil || !strings.Contains(err.Error(), "sum(") {
		t.Fatalf("a sum that loses merges was not found: %v", err)
	}
	t.Log(err)
}
