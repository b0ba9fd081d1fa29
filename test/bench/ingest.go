package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/test/bench/ingestion"
)

// Goals of ingestion in rows per second until all rows are queryable.
const (
	eventsGoal = 1_500_000
	ordersGoal = 250_000
	kafkaGoal  = 500_000
)

// ingestChild is the name under which the command runs itself for one measurement: GOMAXPROCS is a process's.
const ingestChild = "ingest-here"

// memoryRuns is how often records from memory are ingested; counted says which run counts. Machines whose host gives memory page by page take from a
// third of a second to two and a half to write one run's segments alone.
const memoryRuns = 3

// So many records are made; those after them are the same with other numbers. To simulate orders takes longer.
const (
	cycleEvents = 1_000_000
	cycleOrders = 250_000
)

// kafkaRows and its partitions are what a real Kafka is filled with.
const (
	kafkaRows       = 10_000_000
	kafkaPartitions = 4
)

// ingestion measures how fast records become queryable: from memory on one processor, and from a real Kafka.
func (b *bench) ingestion(ctx context.Context) error {
	fmt.Println()
	for _, m := range []struct {
		source, name string
		procs, runs  int
		goal         float64
	}{{"events", "events from memory, GOMAXPROCS=1", 1, memoryRuns, eventsGoal}, {"orders", "orders from memory, GOMAXPROCS=1", 1, memoryRuns, ordersGoal},
		{"kafka", "events from Kafka, 4 partitions", 0, 1, kafkaGoal}} {
		if !strings.Contains(m.source, b.o.only) {
			continue
		}
		if m.source == "kafka" && b.o.kafka == "" {
			fmt.Printf("%s: not measured without -kafka: make bench-kafka\n", m.name)
			continue
		}
		runs, err := b.ingest(ctx, m.source, m.procs, m.runs)
		if err != nil {
			return fmt.Errorf("%s: %w", m.source, err)
		}
		f, others := counted(runs, runtime.NumCPU())
		b.report.add(figure{Name: m.name, Value: f.PerSecond(), Unit: "rows/s", Goal: m.goal, Note: f.String() + others})
	}
	return nil
}

// counted is the run that counts, and words about the others: of the runs that the machine's host left alone (see disturbed) the one
// whose rows were queryable neither first nor last, the later of two; where it left none alone, the run in which it kept least.
func counted(runs []ingestion.Figures, processors int) (chosen ingestion.Figures, others string) {
	share := func(f ingestion.Figures) float64 {
		return f.Stolen.Seconds() / (f.Sealed.Seconds() * float64(processors))
	}
	slices.SortFunc(runs, func(a, b ingestion.Figures) int { return cmp.Compare(a.Queryable, b.Queryable) })
	var quiet []int
	at := 0
	for i, r := range runs {
		if share(r) <= disturbed {
			quiet = append(quiet, i)
		}
		if share(r) < share(runs[at]) {
			at = i
		}
	}
	if len(quiet) > 0 {
		at = quiet[len(quiet)/2]
	}
	for i, r := range runs {
		if i != at {
			others += fmt.Sprintf("; another run %.0f rows/s, %.2f s the host's", r.PerSecond(), r.Stolen.Seconds())
		}
	}
	return runs[at], others
}

func (b *bench) ingest(ctx context.Context, source string, procs, runs int) (figures []ingestion.Figures, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, ingestChild, source, strconv.Itoa(runs), "-ingest-rows", strconv.FormatInt(b.o.ingestRows, 10), "-kafka", b.o.kafka, "-bin", b.o.bin)
	cmd.Stderr = os.Stderr
	if procs > 0 {
		cmd.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(procs))
	}
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) < runs {
		return nil, fmt.Errorf("got %d lines for %d runs: %q", len(lines), runs, out)
	}
	for _, line := range lines[len(lines)-runs:] {
		var f ingestion.Figures
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			return nil, err
		}
		figures = append(figures, f)
	}
	return figures, nil
}

// ingestHere is the child: its last lines of output are the figures of each run.
func ingestHere(ctx context.Context, args []string, o options) error {
	if len(args) != 2 {
		return errors.New("want a source and how often to ingest it")
	}
	runs, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	ingest, err := ingestFrom(ctx, args[0], o)
	if err != nil {
		return err
	}
	for range runs {
		runtime.GC() // what the run before left is not this one's
		f, err := inTemporary(ingest)
		if err != nil {
			return err
		}
		if err := json.NewEncoder(os.Stdout).Encode(f); err != nil {
			return err
		}
	}
	return nil
}

// inTemporary runs f in a directory of its own.
func inTemporary(f func(dir string) (ingestion.Figures, error)) (figures ingestion.Figures, err error) {
	dir, err := os.MkdirTemp("", temporaryPattern)
	if err != nil {
		return figures, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	return f(dir)
}

// ingestFrom prepares the records of a source and gives how to ingest them.
func ingestFrom(ctx context.Context, source string, o options) (ingest func(dir string) (ingestion.Figures, error), err error) {
	rows := o.ingestRows
	if source == "kafka" {
		if rows == 0 {
			rows = kafkaRows
		}
		topic := ingestion.KafkaTopic{Broker: o.kafka, Name: "events", Partitions: kafkaPartitions, Rows: rows}
		return func(dir string) (ingestion.Figures, error) { return topic.Ingest(ctx, dir) }, topic.Fill(ctx)
	}
	workload, cycle := ingestion.Events, cycleEvents
	if source == "orders" {
		workload, cycle = ingestion.Orders, cycleOrders
	}
	w, err := workload(cycle)
	if err != nil {
		return nil, err
	}
	if rows == 0 {
		rows = w.DefaultRows
	}
	return func(dir string) (ingestion.Figures, error) { return ingestion.Memory(ctx, dir, w, rows) }, w.Render(rows)
}
