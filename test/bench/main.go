// Command bench measures Freshet against the goals that its speed, steadiness and size are held to. It loads the event
// table through Kafka into Freshet and from CSV into DuckDB, runs each query of engine/queries on both in interleaved
// rounds with equal threads in one process, and then measures kernels, ingestion, freshness, memory, startup, steadiness
// under load and concurrent dashboards. It fails where answers differ and where a line is slower than DuckDB; a missed
// goal is only said. Run it alone on the machine:
//
//	make bench                                  # everything
//	bin/bench lines micro -only q0 -dir data    # some sections; data is kept for the next run
//	bin/bench compare HEAD~1 HEAD -dir data     # two commits, the same lines
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/freshetdb/freshet/test/bench/engine"
	"github.com/freshetdb/freshet/test/stalls"
)

type options struct {
	table        engine.Options
	rounds       int
	threads      []int
	peers        []string
	only         string
	profile      string
	bin          string // folder of freshet and freshness
	json         string
	kafka        string
	updatePlans  bool
	duration     time.Duration // of the parts that run under load
	idle         time.Duration // before memory is looked at
	ingestRows   int64
	weight       int
	verbose      bool
	compareMicro bool
}

// bench is one run. Sections share what they load.
type bench struct {
	o      options
	report report
	loads  map[string]load // runs of freshness, by name
}

// section is a part of the whole run that can be run alone.
type section struct {
	name string
	run  func(*bench, context.Context) error
}

func sections() []section {
	return []section{{"ingestion", (*bench).ingestion}, {"lines", (*bench).lines}, {"micro", (*bench).micro}, {"freshness", (*bench).freshness},
		{"memory", (*bench).memory}, {"startup", (*bench).startup}, {"steady", (*bench).steady}, {"cold", (*bench).cold},
		{"pauses", (*bench).pauses}, {"dashboards", (*bench).dashboards}}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	watched, err := stalls.ServeIfAsked()
	if !watched {
		err = run(ctx, os.Args[1:])
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	var names []string
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		names, args = append(names, args[0]), args[1:]
	}
	o, err := parseOptions(args)
	if err != nil {
		return err
	}
	if len(names) > 0 && names[0] == ingestChild {
		return ingestHere(ctx, names[1:], o)
	}
	if len(names) > 0 && names[0] == controlChild {
		return pausesHere(ctx, o)
	}
	if o.weight != 0 {
		restore, err := weigh(o.weight)
		if err != nil {
			return err
		}
		defer restore()
	}
	if len(names) > 0 && names[0] == "compare" {
		if len(names) != 3 {
			return errors.New("compare wants two commits; . stands for the working tree")
		}
		return compare(ctx, o, names[1], names[2])
	}
	chosen, err := choose(names)
	if err != nil {
		return err
	}
	return runSections(ctx, o, chosen)
}

func choose(names []string) (chosen []section, err error) {
	all := sections()
	if len(names) == 0 {
		return all, nil
	}
	for _, name := range names {
		found := false
		for _, s := range all {
			if s.name == name {
				chosen, found = append(chosen, s), true
			}
		}
		if !found {
			var known []string
			for _, s := range all {
				known = append(known, s.name)
			}
			return nil, fmt.Errorf("%q is none of compare %s", name, strings.Join(known, " "))
		}
	}
	return chosen, nil
}

func parseOptions(args []string) (o options, err error) {
	self, err := os.Executable()
	if err != nil {
		return o, err
	}
	var threads, peers string
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.Int64Var(&o.table.Rows, "rows", 20_000_000, "events")
	f.IntVar(&o.rounds, "rounds", 9, "timed rounds after one warm-up")
	f.StringVar(&threads, "threads", "1,2", "thread counts to run lines with")
	f.StringVar(&peers, "peers", "duckdb", "engines to compare with: duckdb, or duckdb,clickhouse")
	f.Uint64Var(&o.table.Seed, "seed", 1, "seed of the events")
	f.StringVar(&o.table.Dir, "dir", "", "where data is kept for the next run; empty: a temporary directory")
	f.StringVar(&o.bin, "bin", filepath.Dir(self), "folder of the programs freshet and freshness")
	f.StringVar(&o.profile, "cpuprofile", "", "write a CPU profile of the timed rounds of lines")
	f.StringVar(&o.only, "only", "", "run lines, kernels and sources of records (events, orders, kafka) whose name contains this")
	f.StringVar(&o.json, "json", "", "write all figures to this file")
	f.StringVar(&o.kafka, "kafka", "", "host:port of a real Kafka for ingestion; empty: from memory only")
	f.BoolVar(&o.updatePlans, "update-plans", false, "write the golden plans of lines (in the folder of test/bench)")
	f.DurationVar(&o.duration, "duration", 30*time.Second, "how long each part under load runs")
	f.DurationVar(&o.idle, "idle", time.Minute, "when memory of an idle process is looked at")
	f.Int64Var(&o.ingestRows, "ingest-rows", 0, "records to ingest; 0: 20 million events, 4 million orders, 10 million of a Kafka")
	f.IntVar(&o.weight, "weight", 0, "nice value, -20 to 19, of the session that this runs in (Linux autogroup): below 0 takes processors from what else runs")
	f.BoolVar(&o.verbose, "v", false, "say more")
	f.BoolVar(&o.compareMicro, "micro", false, "compare kernels, not lines")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("%q: sections stand before options", f.Arg(0))
	}
	for _, text := range strings.Split(threads, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return o, fmt.Errorf("-threads %q, want for example 1,2", threads)
		}
		o.threads = append(o.threads, n)
	}
	o.peers = strings.Split(peers, ",")
	if o.peers[0] != "duckdb" || len(o.peers) > 2 || len(o.peers) == 2 && o.peers[1] != "clickhouse" {
		return o, fmt.Errorf("-peers %q, want duckdb or duckdb,clickhouse", peers)
	}
	if o.table.Rows < 1 || o.rounds < 1 || o.duration < time.Second || o.idle < 0 || o.ingestRows < 0 {
		return o, errors.New("want -rows and -rounds of 1 or more, -duration of a second or more, -idle and -ingest-rows of 0 or more")
	}
	return o, nil
}

func runSections(ctx context.Context, o options, chosen []section) (err error) {
	if o.table.Dir == "" {
		if o.table.Dir, err = os.MkdirTemp("", "freshet-bench-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.table.Dir)) }()
	}
	b := &bench{o: o, loads: map[string]load{}}
	var failures error
	for _, s := range chosen {
		if err := s.run(b, ctx); err != nil {
			// The other sections still have something to say.
			err = fmt.Errorf("%s: %w", s.name, err)
			fmt.Fprintln(os.Stderr, "bench:", err)
			failures = errors.Join(failures, err)
		}
		if ctx.Err() != nil {
			return errors.Join(failures, ctx.Err())
		}
	}
	b.report.summary(os.Stdout)
	if o.json != "" {
		failures = errors.Join(failures, b.report.write(o.json))
	}
	return failures
}
