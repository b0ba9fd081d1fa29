// Command freshness measures the time from the produce of a record to the moment at which a SELECT of a Postgres client
// sees it. Kafka, freshet and the client are three processes. A prober sends a tagged record every 20 ms among a steady
// load of event rows, all with linger 0, and one pgx connection loops one prepared SELECT; a probe's latency runs from
// just before its produce to the return of the first answer that holds its tag. Segments seal meanwhile.
//
//	make freshness                                     # two minutes over the embedded Kafka, in a process of its own
//	bin/freshness -duration 30s -kafka 127.0.0.1:9092  # over a Kafka that runs already
//	bin/freshness -scans 2 -preload 2000000            # beside two full scans that loop, and one-block aggregates
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

type options struct {
	duration   time.Duration
	rate       int
	seals      int
	partitions int
	scans      int
	preload    int
	kafka      string
	bin        string
	profile    string
	verbose    bool

	// What may run beside the probes; see beside.go.
	data      string
	table     string
	loops     texts
	aggregate string
	poll      time.Duration
	evict     time.Duration
	json      string
	trace     string
}

// warmUp is how long load and queries run before the first probe.
const warmUp = 2 * time.Second

// Subcommands with which the command runs itself again.
const (
	commandKafka = "kafka"
	commandNode  = "node"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "freshness:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case commandKafka:
			return serveKafka(ctx, args[1:])
		case commandNode:
			return serveNode(ctx, args[1:])
		}
	}
	var o options
	f := flag.NewFlagSet("freshness", flag.ContinueOnError)
	f.DurationVar(&o.duration, "duration", 2*time.Minute, "how long probes are sent")
	f.IntVar(&o.rate, "rate", 5000, "event rows per second beside the probes")
	f.IntVar(&o.seals, "seals", 2, "segments that seal while probes are sent")
	f.IntVar(&o.partitions, "partitions", 1, "partitions of the topic")
	f.IntVar(&o.scans, "scans", 0, "full scans that loop meanwhile, beside one-block aggregates every 10 ms")
	f.IntVar(&o.preload, "preload", 0, "rows of the table before the first probe")
	f.StringVar(&o.kafka, "kafka", "", "host:port of a Kafka; empty: the embedded one, in a process of its own")
	f.StringVar(&o.bin, "bin", "", "freshet binary; empty: the same node, run by this command")
	f.StringVar(&o.profile, "profile", "", "write a CPU profile of the node to this file (without -bin)")
	f.BoolVar(&o.verbose, "v", false, "list the slowest probes and when segments sealed")
	f.StringVar(&o.data, "data", "", "data directory of the node, whose other tables may wait for their streams; empty: a new one")
	f.StringVar(&o.table, "table", "events", "name of the table of the probes")
	f.Var(&o.loops, "loop", "statement that loops meanwhile on a connection of its own (again for more)")
	f.StringVar(&o.aggregate, "aggregate", "", "statement that runs every 25 ms meanwhile, whose latency is reported")
	f.DurationVar(&o.poll, "poll", 0, "pause between two SELECTs for probes")
	f.DurationVar(&o.evict, "evict", 0, "throw the node's segment files out of memory this often (Linux); 0: never")
	f.StringVar(&o.json, "json", "", "write the result to this file")
	f.StringVar(&o.trace, "trace", "", "write an execution trace of the node while it is probed to this file, and tell the collector's stops in it")
	if err := f.Parse(args); err != nil {
		return err
	}
	if o.poll < 0 || o.evict < 0 || o.table == "" {
		return errors.New("want -poll and -evict of 0 or more, and a -table")
	}
	if o.duration < time.Second || o.rate < 1 || o.rate > 1_000_000 || o.seals < 0 || o.partitions < 1 || o.scans < 0 || o.preload < 0 {
		return errors.New("want -duration of a second or more, -rate from 1 to 1000000, -seals of 0 or more, -partitions of 1 or more, -scans and -preload of 0 or more")
	}
	return measure(ctx, o)
}

// measure runs the processes, the load and the prober, and prints what came out.
func measure(ctx context.Context, o options) (err error) {
	dir, err := os.MkdirTemp("", "freshet-freshness-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if o.kafka == "" {
		kafka, addr, err := startKafka(ctx, dir)
		if err != nil {
			return err
		}
		defer kafka.stop()
		o.kafka = addr
	}
	node, err := startNode(ctx, o, dir)
	if err != nil {
		return err
	}
	defer node.process.stop()
	r := &session{o: o, node: node, topic: fmt.Sprintf("freshness-%d", os.Getpid())}
	if err := r.createTable(ctx); err != nil {
		return err
	}
	if err := r.preload(ctx); err != nil {
		return err
	}
	began := time.Now()
	if err := r.run(ctx); err != nil {
		return err
	}
	fmt.Printf("%v of probes among %d rows/s, Kafka at %s, whole run %.0f s\n", o.duration, o.rate, o.kafka, time.Since(began).Seconds())
	return r.report(os.Stdout)
}
