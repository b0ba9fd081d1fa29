// Command ingestion measures how fast records become queryable and sealed: with GOMAXPROCS=1 from memory (the event table
// and the Book's orders), and with -kafka from a real Kafka, which it fills first. Run it alone on the machine.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"

	"github.com/freshetdb/freshet/test/bench/ingestion"
)

// stageRounds is how often the stages are timed; the least time counts.
const stageRounds = 5

type options struct {
	table, dir, kafka, profile string
	rows                       int64
	cycle, partitions, procs   int
	stages                     bool
}

func main() {
	var o options
	flag.StringVar(&o.table, "table", "events", "events or orders")
	flag.Int64Var(&o.rows, "rows", 0, "records; 0: 20 million events, 4 million orders, 10 million events of a Kafka")
	flag.IntVar(&o.cycle, "cycle", 1_000_000, "records that are made; those after them are the same with other numbers")
	flag.BoolVar(&o.stages, "stages", false, "time the stages of one cycle, the least of five times")
	flag.StringVar(&o.kafka, "kafka", "", "host:port of a Kafka to consume from")
	flag.IntVar(&o.partitions, "partitions", 4, "partitions of the Kafka topic")
	flag.IntVar(&o.procs, "procs", 0, "GOMAXPROCS; 0: 1 from memory, all from a Kafka")
	flag.StringVar(&o.dir, "dir", "", "where data is kept; empty: a temporary directory")
	flag.StringVar(&o.profile, "cpuprofile", "", "write a CPU profile")
	flag.Parse()
	if err := run(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, "ingestion:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	dir, err := os.MkdirTemp(o.dir, "freshet-ingestion-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if o.kafka != "" {
		return fromKafka(ctx, dir, o)
	}
	if o.procs == 0 {
		o.procs = 1
	}
	runtime.GOMAXPROCS(o.procs)
	w, err := workload(o)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d different records of %.0f bytes, GOMAXPROCS=%d\n", w.Table, w.Cycle(), w.BytesPerRecord(), o.procs)
	if o.rows == 0 {
		o.rows = w.DefaultRows
	}
	if o.stages {
		o.rows = int64(o.cycle) * stageRounds
	}
	if err := w.Render(o.rows); err != nil {
		return err
	}
	return profiled(o.profile, func() error {
		if o.stages {
			return stages(ctx, dir, w)
		}
		f, err := ingestion.Memory(ctx, dir, w, o.rows)
		if err == nil {
			fmt.Println(f)
		}
		return err
	})
}

func workload(o options) (*ingestion.Workload, error) {
	switch o.table {
	case "events":
		return ingestion.Events(o.cycle)
	case "orders":
		return ingestion.Orders(o.cycle)
	}
	return nil, fmt.Errorf("-table %q, want events or orders", o.table)
}

func stages(ctx context.Context, dir string, w *ingestion.Workload) error {
	found, err := ingestion.Stages(ctx, dir, w, stageRounds)
	if err != nil {
		return err
	}
	for _, s := range found {
		fmt.Printf("%-18s %7.1f ns/row\n", s.Name, s.NanosEach)
	}
	return nil
}

func fromKafka(ctx context.Context, dir string, o options) error {
	if o.procs > 0 {
		runtime.GOMAXPROCS(o.procs)
	}
	if o.rows == 0 {
		o.rows = 10_000_000
	}
	topic := ingestion.KafkaTopic{Broker: o.kafka, Name: "events", Partitions: o.partitions, Rows: o.rows}
	if err := topic.Fill(ctx); err != nil {
		return err
	}
	return profiled(o.profile, func() error {
		f, err := topic.Ingest(ctx, dir)
		if err == nil {
			fmt.Println(f)
		}
		return err
	})
}

// profiled runs f, with a CPU profile if there is a path for it.
func profiled(path string, f func() error) (err error) {
	if path == "" {
		return f()
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return f()
}
