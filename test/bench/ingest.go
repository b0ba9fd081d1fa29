package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
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

// cycleRecords are rendered; they are given again with other numbers.
const cycleRecords = 1_000_000

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
		procs        int
		goal         float64
	}{{"events", "events from memory, GOMAXPROCS=1", 1, eventsGoal}, {"orders", "orders from memory, GOMAXPROCS=1", 1, ordersGoal},
		{"kafka", "events from Kafka, 4 partitions", 0, kafkaGoal}} {
		if m.source == "kafka" && b.o.kafka == "" {
			fmt.Printf("%s: not measured without -kafka\n", m.name)
			continue
		}
		f, err := b.ingest(ctx, m.source, m.procs)
		if err != nil {
			return fmt.Errorf("%s: %w", m.source, err)
		}
		b.report.add(figure{Name: m.name, Value: float64(f.Rows) / f.Queryable.Seconds(), Unit: "rows/s", Goal: m.goal, Note: f.String()})
	}
	return nil
}

func (b *bench) ingest(ctx context.Context, source string, procs int) (f ingestion.Figures, err error) {
	self, err := os.Executable()
	if err != nil {
		return f, err
	}
	cmd := exec.CommandContext(ctx, self, ingestChild, source, "-ingest-rows", strconv.FormatInt(b.o.ingestRows, 10), "-kafka", b.o.kafka, "-bin", b.o.bin)
	cmd.Stderr = os.Stderr
	if procs > 0 {
		cmd.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(procs))
	}
	out, err := cmd.Output()
	if err != nil {
		return f, err
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return f, json.Unmarshal([]byte(lines[len(lines)-1]), &f)
}

// ingestHere is the child: its last line of output is the figures.
func ingestHere(ctx context.Context, args []string, o options) (err error) {
	if len(args) != 1 {
		return errors.New("want one source")
	}
	dir, err := os.MkdirTemp("", temporaryPattern)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	f, err := ingestFrom(ctx, args[0], dir, o)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(f)
}

func ingestFrom(ctx context.Context, source, dir string, o options) (f ingestion.Figures, err error) {
	rows := o.ingestRows
	if source == "kafka" {
		if rows == 0 {
			rows = kafkaRows
		}
		topic := ingestion.KafkaTopic{Broker: o.kafka, Name: "events", Partitions: kafkaPartitions, Rows: rows}
		if err := topic.Fill(ctx); err != nil {
			return f, err
		}
		return topic.Ingest(ctx, dir)
	}
	workload := ingestion.Events
	if source == "orders" {
		workload = ingestion.Orders
	}
	w, err := workload(cycleRecords)
	if err != nil {
		return f, err
	}
	if rows == 0 {
		rows = w.DefaultRows
	}
	return ingestion.Memory(ctx, dir, w, rows)
}
