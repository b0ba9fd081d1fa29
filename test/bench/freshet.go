package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/config"
	"github.com/freshetdb/freshet/internal/embedkafka"
	"github.com/freshetdb/freshet/internal/node"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/test/events"
)

// partitions of the event topic; each keeps arrival order.
const partitions = 2

// progressEvery is how often long work says how far it is.
const progressEvery = 5 * time.Second

type freshet struct {
	kafka    *embedkafka.Server
	node     *node.Node
	sessions map[int]endpoint.Session
	bytes    int64
}

// loadFreshet produces the events to an embedded Kafka, consumes them, and seals everything.
func loadFreshet(ctx context.Context, o options) (*freshet, error) {
	kafka, err := embedkafka.Start(embedkafka.Config{Dir: filepath.Join(o.dir, "kafka"), Addr: "127.0.0.1:0"})
	if err != nil {
		return nil, err
	}
	if err := kafka.CreateTopic("events", partitions); err != nil {
		return nil, join(err, kafka.Close())
	}
	f := &freshet{kafka: kafka, sessions: map[int]endpoint.Session{}}
	produced := int64(0)
	for _, end := range kafka.HighWatermarks("events") {
		produced += end
	}
	if produced == 0 {
		began := time.Now()
		if err := produce(ctx, kafka.Addr(), o); err != nil {
			return nil, join(err, kafka.Close())
		}
		fmt.Printf("kafka: produced %d rows in %.1f s\n", o.rows, time.Since(began).Seconds())
	}
	cfg := config.Default()
	cfg.DataDir = filepath.Join(o.dir, "data")
	cfg.Controller.HTTPPort, cfg.Broker.HTTPPort, cfg.Broker.PostgresPort, cfg.Server.HTTPPort = 0, 0, 0, 0
	cfg.Broker.QueryTimeout = 10 * time.Minute
	cfg.Broker.QueryMemory = "4G"
	f.node, err = node.Start(ctx, node.Options{Config: cfg, Version: "bench", Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		return nil, join(err, kafka.Close())
	}
	if err := f.load(ctx, o); err != nil {
		return nil, join(err, f.close())
	}
	f.bytes, err = folderBytes(filepath.Join(cfg.DataDir, "deepstore"))
	return f, err
}

func produce(ctx context.Context, addr string, o options) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(5*time.Millisecond),
		kgo.ProducerBatchCompression(kgo.Lz4Compression()), kgo.MaxBufferedRecords(100_000))
	if err != nil {
		return err
	}
	defer client.Close()
	g := events.New(o.seed, o.rows)
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
	return join(client.Flush(ctx), failed)
}

// load creates the table and waits until every row is in a sealed segment.
func (f *freshet) load(ctx context.Context, o options) error {
	names, err := f.node.Controller().Tables(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	said := began
	if len(names) == 0 {
		table := fmt.Sprintf(events.Table, f.kafka.Addr())
		if _, err := f.node.Controller().CreateTableConfigs(ctx, "events", []byte(events.Schema), []byte(table)); err != nil {
			return err
		}
	}
	if err := f.until(ctx, "all rows", func() (bool, error) {
		rows, err := f.query(ctx, "SELECT count(*) FROM events", 1)
		if time.Since(said) > progressEvery {
			said = time.Now()
			fmt.Fprintf(os.Stderr, "freshet: %v of %d rows (%v)\n", rows, o.rows, err)
		}
		// Until the table is known to every role a query may fail; progress shows why.
		return err == nil && len(rows) == 1 && rows[0][0] == strconv.FormatInt(o.rows, 10), nil
	}); err != nil {
		return err
	}
	consumed := time.Since(began)
	if err := f.node.ForceCommit(ctx, "events"); err != nil {
		return err
	}
	if err := f.until(ctx, "sealed segments", func() (bool, error) {
		sealed, err := f.node.SealedRows(ctx, "events")
		return sealed == o.rows, err
	}); err != nil {
		return err
	}
	if len(names) == 0 {
		fmt.Printf("freshet: consumed %d rows in %.1f s (%.0f rows/s), sealed after %.1f s\n", o.rows, consumed.Seconds(),
			float64(o.rows)/consumed.Seconds(), time.Since(began).Seconds())
	}
	return nil
}

func (f *freshet) until(ctx context.Context, what string, ok func() (bool, error)) error {
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
func (f *freshet) session(ctx context.Context, threads int) (endpoint.Session, error) {
	if s, ok := f.sessions[threads]; ok {
		return s, nil
	}
	s, err := f.node.Broker().Open(ctx, endpoint.SessionConfig{Dialect: endpoint.DialectHTTP, User: "bench",
		Options: map[string]string{"maxExecutionThreads": strconv.Itoa(threads)}})
	f.sessions[threads] = s
	return s, err
}

func (f *freshet) query(ctx context.Context, text string, threads int) (out [][]string, err error) {
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
	defer func() { err = join(err, run.Rows.Close()) }()
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

func valueText(v *vec.Vector, row int) string {
	x := v.At(row)
	switch {
	case x.Null:
		return "NULL"
	case x.Type.Kind.Physical() == catalog.PhysFloat64:
		return strconv.FormatFloat(x.F64, 'g', -1, 64)
	case x.Type.Kind == catalog.KindString:
		return x.Str
	default:
		return x.String()
	}
}

func (f *freshet) close() error {
	var all error
	for _, s := range f.sessions {
		all = join(all, s.Close())
	}
	if f.node != nil {
		all = join(all, f.node.Stop())
	}
	return join(all, f.kafka.Close())
}
