package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	aggregateEvery = 25 * time.Millisecond
)

// texts is an option that may be given more than once.
type texts []string

// String implements flag.Value.
func (t *texts) String() string { return strings.Join(*t, "; ") }

// Set implements flag.Value.
func (t *texts) Set(text string) error { *t = append(*t, text); return nil }

// quantiles of latencies in milliseconds.
type quantiles struct {
	Count               int
	P50, P90, P99, Most float64
}

func quantilesOf(d []time.Duration) (q quantiles) {
	if len(d) == 0 {
		return q
	}
	d = slices.Sorted(slices.Values(d))
	at := func(part float64) float64 {
		return float64(d[min(int(part*float64(len(d))), len(d)-1)].Microseconds()) / 1000
	}
	return quantiles{len(d), at(0.5), at(0.9), at(0.99), at(1)}
}

// looped is a statement that looped.
type looped struct {
	SQL string
	quantiles
}

// eviction is what of segment files was in memory around one eviction, as a share of their bytes.
type eviction struct {
	Before, After float64
	began         time.Time
	took          time.Duration
}

// slowest is how many of the slowest aggregates -v lists.
const slowest = 12

// sample is one run of the aggregate.
type sample struct {
	began time.Time
	took  time.Duration
}

// result is what came out, for other programs (-json).
type result struct {
	Freshness, Acknowledged, Aggregate quantiles
	Loops                              []looped
	Stops                              stops
	Seals                              int
	Evictions                          []eviction
}

// beside runs what is wanted beside the probes until ctx ends.
func (s *session) beside(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	s.loops = make([]looped, len(s.o.loops))
	for i, sql := range s.o.loops {
		group.Go(func() error {
			took, err := s.loop(ctx, sql, 0, false)
			s.loops[i] = looped{sql, quantilesOf(durations(took))}
			return err
		})
	}
	if s.o.aggregate != "" {
		group.Go(func() (err error) {
			s.aggregates, err = s.loop(ctx, s.o.aggregate, aggregateEvery, true)
			return err
		})
	}
	if s.o.evict > 0 {
		group.Go(func() error { return s.evictions(ctx) })
	}
	if s.o.trace != "" {
		group.Go(func() error { return s.node.saveTrace(s.o.trace, s.o.duration) })
	}
	return group.Wait()
}

// loop runs a prepared statement again and again until ctx ends, at most once per pause, and gives the times from its
// start to its last row. skip leaves out those of the warm-up.
func (s *session) loop(ctx context.Context, sql string, pause time.Duration, skip bool) (took []sample, err error) {
	conn, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	first := time.Now()
	for ctx.Err() == nil {
		began := time.Now()
		rows, err := conn.Query(ctx, sql)
		for err == nil && rows.Next() {
			continue
		}
		if rows != nil {
			rows.Close()
			err = errors.Join(err, rows.Err())
		}
		if ctx.Err() != nil {
			return took, nil
		}
		if err != nil {
			return took, fmt.Errorf("%s: %w", sql, err)
		}
		if end := time.Now(); !skip || began.Sub(first) > warmUp {
			took = append(took, sample{began, end.Sub(began)})
		}
		if !sleep(ctx, pause-time.Since(began)) {
			return took, nil
		}
	}
	return took, nil
}

// evictions throws the segment files out of memory again and again.
func (s *session) evictions(ctx context.Context) error {
	for {
		began := time.Now()
		e, err := evict(s.node.process.cmd.Process.Pid, s.node.dataDir)
		if err != nil {
			return fmt.Errorf("evict: %w", err)
		}
		e.began, e.took = began, time.Since(began)
		s.evicted = append(s.evicted, e)
		if !sleep(ctx, s.o.evict) {
			return nil
		}
	}
}

// durations is the samples' times.
func durations(of []sample) []time.Duration {
	out := make([]time.Duration, len(of))
	for i, a := range of {
		out[i] = a.took
	}
	return out
}

// listAggregates prints the slowest, with the eviction that began before each.
func (s *session) listAggregates() {
	sorted := slices.SortedFunc(slices.Values(s.aggregates), func(a, b sample) int { return int(b.took - a.took) })
	for _, a := range sorted[:min(len(sorted), slowest)] {
		since := ""
		for _, e := range s.evicted {
			if e.began.Before(a.began.Add(a.took)) {
				since = fmt.Sprintf(", %s ms after an eviction of %s ms began", millis(a.began.Sub(e.began)), millis(e.took))
			}
		}
		fmt.Printf("  aggregate asked at %7.3f s: %s ms%s\n", a.began.Sub(s.began).Seconds(), millis(a.took), since)
	}
}

// reportBeside prints what ran beside the probes, and writes everything to a file if asked.
func (s *session) reportBeside(seen, acked []time.Duration) error {
	stops, err := savedStops(s.o.trace)
	if err != nil {
		return err
	}
	r := result{Freshness: quantilesOf(seen), Acknowledged: quantilesOf(acked), Aggregate: quantilesOf(durations(s.aggregates)), Loops: s.loops,
		Stops: stops, Seals: len(s.seals), Evictions: s.evicted}
	for _, l := range r.Loops {
		fmt.Printf("loop: %d times, median %.1f ms: %s\n", l.Count, l.P50, l.SQL)
	}
	if a := r.Aggregate; a.Count > 0 {
		fmt.Printf("aggregate: %d times, p50 %.2f ms, p90 %.2f ms, p99 %.2f ms, max %.2f ms\n", a.Count, a.P50, a.P90, a.P99, a.Most)
	}
	if s.o.verbose {
		s.listAggregates()
	}
	for _, e := range r.Evictions {
		fmt.Printf("evicted in %s ms: of segment files %.1f %% in memory before, %.1f %% after\n", millis(e.took), 100*e.Before, 100*e.After)
	}
	if s.o.trace != "" {
		fmt.Printf("collector: stopped the world %d times, for at most %.3f ms (%.3f ms until who ended it goes on)\n", stops.Count, stops.MostMs,
			stops.EndedMs)
	}
	if s.o.json == "" {
		return nil
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return os.WriteFile(s.o.json, text, 0o644)
}
