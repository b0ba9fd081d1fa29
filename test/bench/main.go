// Command bench loads the event table through Kafka into Freshet and from CSV into DuckDB, and runs each query of
// queries/ on both in interleaved rounds with equal threads, in one process. It prints medians, the median of the
// rounds' ratios, and fails if answers differ. Run it alone on the machine: make bench.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"sort"
	"strconv"
	"strings"
	"time"
)

type options struct {
	rows    int64
	rounds  int
	threads []int
	seed    uint64
	dir     string
	only    string
	profile string
}

func main() {
	var o options
	var threads string
	flag.Int64Var(&o.rows, "rows", 20_000_000, "events")
	flag.IntVar(&o.rounds, "rounds", 9, "timed rounds after one warm-up")
	flag.StringVar(&threads, "threads", "1,2", "thread counts to run with")
	flag.Uint64Var(&o.seed, "seed", 1, "seed of the events")
	flag.StringVar(&o.dir, "dir", "", "where data is kept for the next run; empty: a temporary directory")
	flag.StringVar(&o.profile, "cpuprofile", "", "write a CPU profile of Freshet's side of the timed rounds")
	flag.StringVar(&o.only, "only", "", "run queries whose name contains this")
	flag.Parse()
	for _, text := range strings.Split(threads, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			fmt.Fprintf(os.Stderr, "bench: -threads %q, want for example 1,2\n", threads)
			os.Exit(2)
		}
		o.threads = append(o.threads, n)
	}
	if err := run(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	if o.dir == "" {
		if o.dir, err = os.MkdirTemp("", "freshet-bench-"); err != nil {
			return err
		}
		defer func() { err = join(err, os.RemoveAll(o.dir)) }()
	}
	queries, err := loadQueries("queries", o.only)
	if err != nil {
		return err
	}
	ours, err := loadFreshet(ctx, o)
	if err != nil {
		return fmt.Errorf("freshet: %w", err)
	}
	defer func() { err = join(err, ours.close()) }()
	peer, err := loadDuckDB(ctx, o)
	if err != nil {
		return fmt.Errorf("duckdb: %w", err)
	}
	defer func() { err = join(err, peer.close()) }()
	fmt.Printf("\nfreshet %.1f B/row (segments), duckdb %.1f B/row (file)\n", float64(ours.bytes)/float64(o.rows), float64(peer.bytes)/float64(o.rows))
	if o.profile != "" {
		stop, err := startProfile(o.profile)
		if err != nil {
			return err
		}
		defer func() { err = join(err, stop()) }()
	}
	slower := 0
	for _, n := range o.threads {
		fmt.Printf("\n%d thread(s), %d rows, medians of %d rounds\n%-18s %12s %12s %9s\n", n, o.rows, o.rounds, "query", "freshet ms", "duckdb ms", "ratio")
		for _, q := range queries {
			r, err := compare(ctx, ours, peer, q, n, o.rounds)
			if err != nil {
				return fmt.Errorf("%s: %w", q.name, err)
			}
			mark := ""
			if r.ratio < 1 {
				slower++
				mark = "  slower"
			}
			fmt.Printf("%-18s %12.3f %12.3f %8.1fx%s\n", q.name, r.ours, r.peer, r.ratio, mark)
		}
	}
	if slower > 0 {
		return fmt.Errorf("%d lines are slower than DuckDB", slower)
	}
	return nil
}

func startProfile(path string) (stop func() error, err error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, join(err, f.Close())
	}
	return func() error { pprof.StopCPUProfile(); return f.Close() }, nil
}

func join(a, b error) error {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	return fmt.Errorf("%w; %w", a, b)
}

// query is one file of queries/: SQL, and where it differs the peer's form.
type query struct {
	name, sql, peer string
	tolerance       float64 // relative; for approximate functions
}

// exactTolerance is the relative difference that floating sums may have.
const exactTolerance = 1e-9

func loadQueries(dir, only string) ([]query, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.sql"))
	if err != nil || len(paths) == 0 {
		return nil, fmt.Errorf("no queries in %s: %w", dir, err)
	}
	sort.Strings(paths)
	var queries []query
	for _, path := range paths {
		q := query{name: strings.TrimSuffix(filepath.Base(path), ".sql"), tolerance: exactTolerance}
		if !strings.Contains(q.name, only) {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		for _, line := range strings.Split(string(text), "\n") {
			switch {
			case strings.HasPrefix(line, "-- duckdb: "):
				q.peer = strings.TrimPrefix(line, "-- duckdb: ")
			case strings.HasPrefix(line, "-- compare: approximate "):
				if q.tolerance, err = strconv.ParseFloat(strings.TrimPrefix(line, "-- compare: approximate "), 64); err != nil {
					return nil, fmt.Errorf("%s: %w", path, err)
				}
			case line != "" && !strings.HasPrefix(line, "--"):
				q.sql += line + " "
			}
		}
		if q.peer == "" {
			q.peer = q.sql
		}
		queries = append(queries, q)
	}
	return queries, nil
}

// engine answers a query with text cells, from SQL text to last row.
type engine interface {
	query(ctx context.Context, sql string, threads int) ([][]string, error)
}

type measured struct{ ours, peer, ratio float64 }

func compare(ctx context.Context, ours, peer engine, q query, threads, rounds int) (measured, error) {
	var a, b, ratios []float64
	for round := -1; round < rounds; round++ {
		var times [2]float64
		var rows [2][][]string
		for i := range 2 {
			side := i
			if round%2 != 0 {
				side = 1 - i // order reversed every round
			}
			var err error
			began := time.Now()
			if side == 0 {
				rows[side], err = ours.query(ctx, q.sql, threads)
			} else {
				rows[side], err = peer.query(ctx, q.peer, threads)
			}
			times[side] = float64(time.Since(began).Nanoseconds()) / 1e6
			if err != nil {
				return measured{}, err
			}
		}
		if err := sameRows(rows[0], rows[1], q.tolerance); err != nil {
			return measured{}, err
		}
		if round >= 0 {
			a, b, ratios = append(a, times[0]), append(b, times[1]), append(ratios, times[1]/times[0])
		}
	}
	return measured{median(a), median(b), median(ratios)}, nil
}

func median(x []float64) float64 {
	sort.Float64s(x)
	return x[len(x)/2]
}

func sameRows(a, b [][]string, tolerance float64) error {
	if len(a) != len(b) {
		return fmt.Errorf("answers differ: %d rows, DuckDB %d", len(a), len(b))
	}
	for i := range a {
		for j := range a[i] {
			if a[i][j] == b[i][j] {
				continue
			}
			x, errX := strconv.ParseFloat(a[i][j], 64)
			y, errY := strconv.ParseFloat(b[i][j], 64)
			if errX != nil || errY != nil || abs(x-y) > tolerance*max(abs(x), abs(y)) {
				return fmt.Errorf("answers differ in row %d, column %d: %s, DuckDB %s", i+1, j+1, a[i][j], b[i][j])
			}
		}
	}
	return nil
}

func abs(x float64) float64 { return max(x, -x) }
