// Package engine holds Freshet's side of the benchmarks: the event table in a node of this process, and the lines that
// are run over it.
package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/config"
	"github.com/freshetdb/freshet/internal/embedkafka"
	"github.com/freshetdb/freshet/internal/node"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/test/events"
)

// partitions of the event topic; each keeps arrival order.
const partitions = 2

// progressEvery is how often long work says how far it is.
const progressEvery = 5 * time.Second

// Options of a table.
type Options struct {
	Dir  string // where data is kept: what an earlier run loaded there is used
	Rows int64
	Seed uint64
}

// Freshet is a node with the event table, all of it sealed. Not safe for concurrent use.
type Freshet struct {
	Bytes    int64 // of the segment files
	kafka    *embedkafka.Server
	node     *node.Node
	sessions map[int]endpoint.Session
}

// Load opens the table of a folder. Where there is none it produces the events to an embedded Kafka, consumes them, and
// seals everything; the Kafka then stays idle, and a later run does without it.
func Load(ctx context.Context, o Options) (*Freshet, error) {
	dataDir := filepath.Join(o.Dir, "data")
	if err := waitUnlocked(ctx, dataDir); err != nil {
		return nil, err
	}
	cfg := config.Default()
	cfg.DataDir = dataDir
	cfg.Controller.HTTPPort, cfg.Broker.HTTPPort, cfg.Broker.PostgresPort, cfg.Server.HTTPPort = 0, 0, 0, 0
	cfg.Broker.QueryTimeout = 10 * time.Minute
	cfg.Broker.QueryMemory = "4G"
	f := &Freshet{sessions: map[int]endpoint.Session{}}
	var err error
	// The table's Kafka is gone in a later run, which a node warns of again and again.
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	if f.node, err = node.Start(ctx, node.Options{Config: cfg, Version: "bench", Logger: log}); err != nil {
		return nil, err
	}
	if err := f.open(ctx, o); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	f.Bytes, err = folderBytes(filepath.Join(dataDir, "deepstore"))
	return f, err
}

// open checks what an earlier run left, or loads.
func (f *Freshet) open(ctx context.Context, o Options) error {
	names, err := f.node.Controller().Tables(ctx)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return f.load(ctx, o)
	}
	if err := f.until(ctx, "the table", func() (bool, error) {
		_, err := f.node.SealedRows(ctx, "events")
		return err == nil, nil // until the table is known to every role
	}); err != nil {
		return err
	}
	sealed, err := f.node.SealedRows(ctx, "events")
	if err == nil && sealed != o.Rows {
		err = fmt.Errorf("%s holds %d sealed rows, want %d: give -rows %d, or remove the folder", o.Dir, sealed, o.Rows, sealed)
	}
	if err != nil {
		return err
	}
	return f.until(ctx, "all rows", func() (bool, error) { return f.holds(ctx, o.Rows), nil })
}

// holds says whether count(*) gives all rows. Until the table is known to every role it fails.
func (f *Freshet) holds(ctx context.Context, want int64) bool {
	rows, err := f.Query(ctx, "SELECT count(*) FROM events", 1)
	return err == nil && len(rows) == 1 && rows[0][0] == strconv.FormatInt(want, 10)
}

// waitUnlocked waits until no other process uses a data directory.
func waitUnlocked(ctx context.Context, dataDir string) error {
	path := filepath.Join(dataDir, "lock")
	for said := false; ; {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		lock, err := vfs.OS().Lock(path)
		if err == nil {
			return lock.Close()
		}
		if !errors.Is(err, vfs.ErrLocked) {
			return err
		}
		if !said {
			fmt.Fprintf(os.Stderr, "%s is used by another process: waiting\n", dataDir)
			said = true
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(progressEvery):
		}
	}
}

func produce(ctx context.Context, addr string, o Options) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(5*time.Millisecond),
		kgo.ProducerBatchCompression(kgo.Lz4Compression()), kgo.MaxBufferedRecords(100_000))
	if err != nil {
		return err
	}
	defer client.Close()
	g := events.New(o.Seed, o.Rows)
	var row events.Row
	var failed error
	for i := 0; g.Next(&row); i++ {
		r := &kgo.Record{Topic: "events", Partition: int32(i % partitions), Value: row.AppendJSON(make([]byte, 0, 320)), Timestamp: time.UnixMilli(row.TS)}
		client.Produce(ctx, r, func(_ *kgo.Record, err error) {
			if err != nil {
				failed = err
			}
		})
	}
	return errors.Join(client.Flush(ctx), failed)
}

// load produces the events, creates the table and waits until every row is in a sealed segment.
func (f *Freshet) load(ctx context.Context, o Options) (err error) {
	if f.kafka, err = embedkafka.Start(embedkafka.Config{Dir: filepath.Join(o.Dir, "kafka"), Addr: "127.0.0.1:0", RetentionBytes: -1}); err != nil {
		return err
	}
	if err := f.kafka.EnsureTopics(partitions, "events"); err != nil {
		return err
	}
	began := time.Now()
	if err := produce(ctx, f.kafka.Addr(), o); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "kafka: produced %d rows in %.1f s\n", o.Rows, time.Since(began).Seconds())
	began = time.Now()
	table := fmt.Sprintf(events.Table, f.kafka.Addr())
	if _, err := f.node.Controller().CreateTableConfigs(ctx, "events", []byte(events.Schema), []byte(table)); err != nil {
		return err
	}
	if err := f.until(ctx, "all rows", func() (bool, error) { return f.holds(ctx, o.Rows), nil }); err != nil {
		return err
	}
	consumed := time.Since(began)
	if err := f.node.ForceCommit(ctx, "events"); err != nil {
		return err
	}
	if err := f.until(ctx, "sealed segments", func() (bool, error) {
		sealed, err := f.node.SealedRows(ctx, "events")
		return sealed == o.Rows, err
	}); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "freshet: consumed %d rows in %.1f s (%.0f rows/s), sealed after %.1f s\n", o.Rows, consumed.Seconds(),
		float64(o.Rows)/consumed.Seconds(), time.Since(began).Seconds())
	return nil
}

func (f *Freshet) until(ctx context.Context, what string, ok func() (bool, error)) error {
	for end := time.Now().Add(10 * time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		done, err := ok()
		if err != nil || done {
			return err
		}
	}
	return fmt.Errorf("%s: not within ten minutes", what)
}

func folderBytes(dir string) (int64, error) {
	var total int64
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	return total, err
}

// session gives a session with a number of threads, through the public entry that endpoints use.
func (f *Freshet) session(ctx context.Context, threads int) (endpoint.Session, error) {
	if s, ok := f.sessions[threads]; ok {
		return s, nil
	}
	s, err := f.node.Broker().Open(ctx, endpoint.SessionConfig{Dialect: endpoint.DialectHTTP, User: "bench",
		Options: map[string]string{"maxExecutionThreads": strconv.Itoa(threads)}})
	f.sessions[threads] = s
	return s, err
}

// Query answers a query with text cells, from SQL text to last row.
func (f *Freshet) Query(ctx context.Context, text string, threads int) (out [][]string, err error) {
	s, err := f.session(ctx, threads)
	if err != nil {
		return nil, err
	}
	statements, err := s.Prepare(ctx, text, nil)
	if err != nil {
		return nil, err
	}
	if len(statements) != 1 {
		return nil, errors.New("want one statement")
	}
	if err := statements[0].Bind(ctx); err != nil {
		return nil, err
	}
	run, err := statements[0].Execute(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, run.Rows.Close()) }()
	for {
		b, err := run.Rows.Next(ctx)
		if err != nil || b == nil {
			return out, err
		}
		for r := range b.Rows {
			line := make([]string, len(b.Cols))
			for i, c := range b.Cols {
				line[i] = valueText(c, r)
			}
			out = append(out, line)
		}
	}
}

// Plan gives the EXPLAIN of a query, one line per node. How many segments there are besides those with rows is left out: it
// depends on when partitions begin their next ones.
func (f *Freshet) Plan(ctx context.Context, text string) (string, error) {
	rows, err := f.Query(ctx, "EXPLAIN "+text, 1)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for _, row := range rows {
		out.WriteString(row[0] + "\n")
	}
	return regexp.MustCompile(` of \d+ segments`).ReplaceAllString(out.String(), " segments"), nil
}

func valueText(v *vec.Vector, row int) string {
	kind := v.Type.Kind
	switch {
	case v.IsNull(row):
		return "NULL"
	case v.Type.MultiValue:
		return v.At(row).String()
	case kind.Physical() == catalog.PhysFloat64:
		return strconv.FormatFloat(v.Float64At(row), 'g', -1, 64)
	case kind == catalog.KindString:
		return v.StrAt(row)
	case kind == catalog.KindInt || kind == catalog.KindLong:
		return strconv.FormatInt(v.Int64At(row), 10)
	default:
		return v.At(row).String()
	}
}

// Close ends sessions, node and Kafka.
func (f *Freshet) Close() error {
	var all error
	for _, s := range f.sessions {
		all = errors.Join(all, s.Close())
	}
	if f.node != nil {
		all = errors.Join(all, f.node.Stop())
	}
	if f.kafka != nil {
		all = errors.Join(all, f.kafka.Close())
	}
	return all
}
