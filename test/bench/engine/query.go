package engine

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

//go:embed queries
var files embed.FS

// Query is one file of queries/: SQL, what a peer is asked where its form differs, and what is wanted of the line. The
// comments of a file that mean something:
//
//	-- duckdb: SELECT ...         DuckDB's form
//	-- clickhouse: SELECT ...     ClickHouse's form
//	-- goal: 15                   ratio to DuckDB to reach
//	-- ceiling: 36 28             the prototype's ratio to DuckDB with one thread and with two
//	-- compare: approximate 0.02  relative difference that answers may have
type Query struct {
	Name, SQL string
	Peers     map[string]string // the form of a peer, by its name; SQL where there is none
	Goal      float64           // 0: none
	Ceilings  []float64         // by threads - 1; empty: the prototype has no figure
	Tolerance float64           // relative
	Plan      string            // golden EXPLAIN over the full table, as `bench lines -update-plans` writes it
}

// exactTolerance is the relative difference that floating sums may have.
const exactTolerance = 1e-9

// Queries gives the lines whose name contains only, in the order of their names.
func Queries(only string) ([]Query, error) {
	entries, err := files.ReadDir("queries")
	if err != nil {
		return nil, err
	}
	var queries []Query
	for _, e := range entries {
		name, isQuery := strings.CutSuffix(e.Name(), ".sql")
		if !isQuery || !strings.Contains(name, only) {
			continue
		}
		text, err := files.ReadFile("queries/" + e.Name())
		if err != nil {
			return nil, err
		}
		q, err := parseQuery(name, string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		if plan, err := files.ReadFile("queries/" + name + ".explain"); err == nil {
			q.Plan = string(plan)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		queries = append(queries, q)
	}
	return queries, nil
}

func parseQuery(name, text string) (Query, error) {
	q := Query{Name: name, Tolerance: exactTolerance, Peers: map[string]string{}}
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "--") {
			q.SQL = strings.TrimSpace(q.SQL + " " + line)
			continue
		}
		key, value, _ := strings.Cut(strings.TrimPrefix(line, "-- "), ": ")
		switch key {
		case "duckdb", "clickhouse":
			q.Peers[key] = value
		case "goal":
			numbers, err := floats(value)
			if err != nil || len(numbers) != 1 {
				return q, fmt.Errorf("goal %q, want one number: %w", value, err)
			}
			q.Goal = numbers[0]
		case "ceiling":
			var err error
			if q.Ceilings, err = floats(value); err != nil {
				return q, fmt.Errorf("ceiling: %w", err)
			}
		case "compare":
			numbers, err := floats(strings.TrimPrefix(value, "approximate "))
			if err != nil || len(numbers) != 1 {
				return q, fmt.Errorf("compare %q, want for example: approximate 0.02: %w", value, err)
			}
			q.Tolerance = numbers[0]
		}
	}
	if q.SQL == "" {
		return q, fmt.Errorf("holds no SQL")
	}
	return q, nil
}

func floats(text string) (all []float64, err error) {
	for _, word := range strings.Fields(text) {
		x, err := strconv.ParseFloat(word, 64)
		if err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, nil
}

// Form gives the text that a peer is asked.
func (q Query) Form(peer string) string {
	if text, ok := q.Peers[peer]; ok {
		return text
	}
	return q.SQL
}

// Ceiling gives the prototype's ratio with a number of threads: that of fewer where there is none, 0 where there is no
// figure at all.
func (q Query) Ceiling(threads int) float64 {
	if len(q.Ceilings) == 0 {
		return 0
	}
	return q.Ceilings[min(threads, len(q.Ceilings))-1]
}

// GoldenRows is the size of the table whose plans are golden.
const GoldenRows = 20_000_000
