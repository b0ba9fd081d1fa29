package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"github.com/freshetdb/freshet/test/bench/engine"
	"github.com/freshetdb/freshet/test/bench/peer"
	"github.com/freshetdb/freshet/test/bench/stats"
)

// sizeGoal is how much larger segment files may be than DuckDB's file.
const sizeGoal = 1.3

// lineRuns is how often the rounds of a line are run at most, while the machine's host disturbs them.
const lineRuns = 3

// lines runs the queries on all engines, and compares the sizes of what they hold.
func (b *bench) lines(ctx context.Context) (err error) {
	queries, err := engine.Queries(b.o.only)
	if err != nil {
		return err
	}
	if len(queries) == 0 {
		fmt.Printf("\nlines: none has %q in its name\n", b.o.only)
		return nil
	}
	ours, err := engine.Load(ctx, b.o.table)
	if err != nil {
		return fmt.Errorf("freshet: %w", err)
	}
	defer func() { err = errors.Join(err, ours.Close()) }()
	if err := b.checkPlans(ctx, ours, queries); err != nil || b.o.updatePlans {
		return err
	}
	peers, err := b.openPeers(ctx)
	defer func() {
		for _, p := range peers {
			err = errors.Join(err, p.Close())
		}
	}()
	if err != nil {
		return err
	}
	if b.o.profile != "" {
		stop, err := startProfile(b.o.profile)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
	}
	slower := 0
	for _, n := range b.o.threads {
		if err := b.table(ctx, ours, peers, queries, n, &slower); err != nil {
			return err
		}
	}
	b.sizes(ours.Bytes, peers)
	if slower > 0 {
		return fmt.Errorf("%d lines are slower than DuckDB", slower)
	}
	return nil
}

func (b *bench) openPeers(ctx context.Context) (peers []peer.Peer, err error) {
	duck, err := peer.LoadDuckDB(ctx, b.o.table)
	if err != nil {
		return nil, fmt.Errorf("duckdb: %w", err)
	}
	peers = append(peers, duck)
	if len(b.o.peers) > 1 {
		house, err := peer.LoadClickHouse(ctx, b.o.table)
		if err != nil {
			fmt.Fprintf(os.Stderr, "clickhouse cannot be run, going on without it: %v\n", err)
			return peers, nil
		}
		fmt.Printf("clickhouse %s, MergeTree ORDER BY ts\n", house.Version)
		peers = append(peers, house)
	}
	return peers, nil
}

func (b *bench) sizes(segments int64, peers []peer.Peer) {
	fmt.Println()
	rows := float64(b.o.table.Rows)
	duck := float64(peers[0].Bytes())
	b.report.add(figure{Name: "segment files to DuckDB's file", Value: float64(segments) / duck, Unit: "x", Goal: sizeGoal, AtMost: true,
		Note: fmt.Sprintf("%.1f and %.1f B/row", float64(segments)/rows, duck/rows)})
	for _, p := range peers[1:] {
		b.report.add(figure{Name: "segment files to " + p.Name() + "'s parts", Value: float64(segments) / float64(p.Bytes()), Unit: "x",
			Note: fmt.Sprintf("%.1f B/row", float64(p.Bytes())/rows)})
	}
}

// table prints the lines with one number of threads.
func (b *bench) table(ctx context.Context, ours *engine.Freshet, peers []peer.Peer, queries []engine.Query, threads int, slower *int) error {
	fmt.Printf("\n%d thread(s), %d rows, medians of %d rounds\n%-21s %11s %11s %8s %6s %-7s %8s %11s", threads, b.o.table.Rows, b.o.rounds,
		"query", "freshet ms", "duckdb ms", "ratio", "goal", "", "ceiling", "of ceiling")
	if len(peers) > 1 {
		fmt.Printf(" %14s %8s", peers[1].Name()+" ms", "ratio")
	}
	fmt.Println()
	for _, q := range queries {
		var others []string
		m, stolen, err := leastDisturbed(lineRuns, func() (m measured, stolen float64, err error) {
			stolen, err = stolenDuring(func() (err error) {
				m, err = measureLine(ctx, ours, peers, q, threads, b.o.rounds)
				return err
			})
			return m, stolen, err
		}, func(m measured, stolen float64) {
			others = append(others, fmt.Sprintf("%.1fx with %.0f %%", m.ratios[0], 100*stolen))
		})
		if err != nil {
			return fmt.Errorf("%s: %w", q.Name, err)
		}
		f := figure{Name: q.Name + ", " + strconv.Itoa(threads) + " thread(s)", Value: m.ratios[0], Unit: "x DuckDB", Goal: q.Goal}
		b.report.keep(f)
		mark := f.verdict()
		if f.Value < 1 {
			*slower++
			mark = "SLOWER"
		}
		ceiling, part := "-", "-"
		if c := q.Ceiling(threads); c > 0 {
			ceiling, part = fmt.Sprintf("%.1fx", c), fmt.Sprintf("%.0f %%", 100*f.Value/c)
			if f.Value < c/2 {
				part += " low"
			}
		}
		fmt.Printf("%-21s %11.3f %11.3f %7.1fx %5.1fx %-7s %8s %11s", q.Name, m.ours, m.peers[0], f.Value, q.Goal, mark, ceiling, part)
		if len(peers) > 1 {
			fmt.Printf(" %14.3f %7.1fx", m.peers[1], m.ratios[1])
			b.report.keep(figure{Name: f.Name + ", " + peers[1].Name(), Value: m.ratios[1], Unit: "x"})
		}
		if len(others) > 1 || stolen > disturbed {
			fmt.Printf("  the machine's host kept %.0f %% of the processors' time; all tries: %s", 100*stolen, strings.Join(others, ", "))
		}
		fmt.Println()
	}
	return nil
}

// measured is medians of milliseconds, and of the rounds' ratios to each peer.
type measured struct {
	ours          float64
	peers, ratios []float64
}

// measureLine asks all engines in turn, in the reverse order every other round, and compares their answers each time.
func measureLine(ctx context.Context, ours *engine.Freshet, peers []peer.Peer, q engine.Query, threads, rounds int) (m measured, err error) {
	times := make([][]float64, len(peers)+1)
	ratios := make([][]float64, len(peers))
	for round := -1; round < rounds; round++ {
		took, answers := make([]float64, len(times)), make([][][]string, len(times))
		for i := range times {
			if round%2 != 0 {
				i = len(times) - 1 - i
			}
			var d time.Duration
			if i == 0 {
				began := time.Now()
				answers[i], err = ours.Query(ctx, q.SQL, threads)
				d = time.Since(began)
			} else {
				answers[i], d, err = peers[i-1].Query(ctx, q.Form(peers[i-1].Name()), threads)
			}
			if err != nil {
				return m, err
			}
			took[i] = float64(d.Nanoseconds()) / 1e6
		}
		for i, p := range peers {
			if err := sameRows(answers[0], answers[i+1], q.Tolerance); err != nil {
				return m, fmt.Errorf("answers differ from those of %s: %w", p.Name(), err)
			}
			if round >= 0 {
				ratios[i] = append(ratios[i], took[i+1]/took[0])
			}
		}
		for i := range times {
			if round >= 0 {
				times[i] = append(times[i], took[i])
			}
		}
	}
	m.ours = stats.Median(times[0])
	for i := range peers {
		m.peers, m.ratios = append(m.peers, stats.Median(times[i+1])), append(m.ratios, stats.Median(ratios[i]))
	}
	return m, nil
}

func sameRows(a, b [][]string, tolerance float64) error {
	if len(a) != len(b) {
		return fmt.Errorf("%d rows, there %d", len(a), len(b))
	}
	for i := range a {
		if len(a[i]) != len(b[i]) {
			return fmt.Errorf("%d columns, there %d", len(a[i]), len(b[i]))
		}
		for j := range a[i] {
			if a[i][j] == b[i][j] {
				continue
			}
			x, errX := strconv.ParseFloat(a[i][j], 64)
			y, errY := strconv.ParseFloat(b[i][j], 64)
			// Written so that NaN differs from everything.
			if errX != nil || errY != nil || !(abs(x-y) <= tolerance*max(abs(x), abs(y))) {
				return fmt.Errorf("row %d, column %d: %s, there %s", i+1, j+1, a[i][j], b[i][j])
			}
		}
	}
	return nil
}

func abs(x float64) float64 { return max(x, -x) }

// checkPlans says where the plan of a line is not its golden one: then something else is measured than was before. Plans
// depend on the data, so that only the default table is compared.
func (b *bench) checkPlans(ctx context.Context, ours *engine.Freshet, queries []engine.Query) error {
	if b.o.table.Rows != engine.GoldenRows || b.o.table.Seed != 1 {
		if b.o.updatePlans {
			return fmt.Errorf("golden plans are those of %d rows", engine.GoldenRows)
		}
		return nil
	}
	for _, q := range queries {
		plan, err := ours.Plan(ctx, q.SQL)
		if err != nil {
			return fmt.Errorf("%s: EXPLAIN: %w", q.Name, err)
		}
		switch {
		case b.o.updatePlans:
			if err := os.WriteFile(filepath.Join("engine", "queries", q.Name+".explain"), []byte(plan), 0o644); err != nil {
				return err
			}
		case plan != q.Plan:
			fmt.Printf("%s: the plan is not that of test/bench/engine/queries/%s.explain (bench lines -update-plans):\n%s", q.Name, q.Name, plan)
		}
	}
	return nil
}

func startProfile(path string) (stop func() error, err error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() error { pprof.StopCPUProfile(); return f.Close() }, nil
}
