//go:build steady

// Package steady holds ingestion to its promises while readers are at work: a count polled over a thousand seals never
// goes down and always is a prefix of the log at a record's end; a reader that stands still delays neither the writer nor
// a seal; sealing a million rows leaves no gap in consuming; a row in steady state costs no allocation. `make steady`
// runs it on a node in this process over the embedded Kafka in another; figures are printed.
package steady

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/internal/config"
	"github.com/freshetdb/freshet/internal/node"
)

// world is a node, its Kafka and a producer.
type world struct {
	kafka    string // address
	node     *node.Node
	producer *kgo.Client
	sent     atomic.Int64 // records handed to the producer
	failed   atomic.Pointer[error]
	points   points
	acks     acks
}

// acks notes when records were acknowledged: the n-th from 0 on at the n-th time.
type acks struct {
	sync.Mutex
	at []int64 // Unix nanoseconds
}

func (a *acks) note() {
	a.Lock()
	defer a.Unlock()
	a.at = append(a.at, time.Now().UnixNano())
}

// of gives the time at which record n was acknowledged; zero where it was not yet.
func (a *acks) of(n int64) time.Time {
	a.Lock()
	defer a.Unlock()
	if n >= int64(len(a.at)) {
		return time.Time{}
	}
	return time.Unix(0, a.at[n])
}

// points notes when sealing passed its named points.
type points struct {
	sync.Mutex
	at map[string][]time.Time
}

func (p *points) note(name string) {
	p.Lock()
	defer p.Unlock()
	p.at[name] = append(p.at[name], time.Now())
}

// passed gives the times at which a point was passed.
func (p *points) passed(name string) []time.Time {
	p.Lock()
	defer p.Unlock()
	return append([]time.Time(nil), p.at[name]...)
}

func (p *points) count(name string) int {
	p.Lock()
	defer p.Unlock()
	return len(p.at[name])
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{}
	w.points.at = map[string][]time.Time{}
	w.kafka = startKafka(t)
	cfg := config.Default()
	cfg.DataDir = t.TempDir()
	cfg.Controller.HTTPPort, cfg.Broker.HTTPPort, cfg.Broker.PostgresPort, cfg.Server.HTTPPort = 0, 0, 0, 0
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	var err error
	w.node, err = node.Start(context.WithoutCancel(t.Context()), node.Options{Config: cfg, Version: "steady", Logger: log, Hooks: ingest.Hooks{Point: w.points.note}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, w.node.Stop()) })
	w.producer, err = kgo.NewClient(kgo.SeedBrokers(w.kafka), kgo.ProducerLinger(0), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.MaxBufferedRecords(50_000))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.producer.Close)
	return w
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// createTable makes a topic of one partition and a table of the same name.
func (w *world) createTable(t *testing.T, name, schema, table string) {
	t.Helper()
	if _, err := kadm.NewClient(w.producer).CreateTopic(t.Context(), 1, 1, nil, name); err != nil {
		t.Fatal(err)
	}
	if _, err := w.node.Controller().CreateTableConfigs(t.Context(), name, []byte(schema), []byte(table)); err != nil {
		t.Fatal(err)
	}
}

// produce hands one record to the producer; it blocks while too many are under way. Who stops producing by ending ctx does not
// take back what was handed over.
func (w *world) produce(ctx context.Context, topic string, value []byte) {
	w.sent.Add(1)
	w.producer.Produce(context.WithoutCancel(ctx), &kgo.Record{Topic: topic, Value: value}, func(_ *kgo.Record, err error) {
		if err != nil {
			w.failed.Store(&err)
			return
		}
		w.acks.note()
	})
}

// flush waits until everything is acknowledged.
func (w *world) flush(t *testing.T) {
	t.Helper()
	if err := w.producer.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.failed.Load(); err != nil {
		t.Fatalf("produce: %v", *err)
	}
}

func (w *world) connect(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), fmt.Sprintf("postgres://steady@%s/steady?sslmode=disable", w.node.Addrs().Postgres))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, conn.Close(context.WithoutCancel(t.Context()))) })
	return conn
}

// count gives count(*) of a table. One that was just made may be an error until every role knows it.
func count(ctx context.Context, conn *pgx.Conn, table string) (n int64, err error) {
	err = conn.QueryRow(ctx, "SELECT count(*) FROM "+table).Scan(&n)
	return n, err
}

// status is what the admin REST says about ingestion, for messages.
func (w *world) status(table string) string {
	var out []byte
	for _, path := range []string{"consumingSegmentsInfo", "ingestionErrors"} {
		resp, err := http.Get(fmt.Sprintf("http://%s/tables/%s/%s", w.node.Addrs().Controller, table, path))
		if err != nil {
			return err.Error()
		}
		body, err := io.ReadAll(resp.Body)
		if err = errors.Join(err, resp.Body.Close()); err != nil {
			return err.Error()
		}
		out = append(append(out, body...), '\n')
	}
	return string(out)
}

// waitRows waits until a table has exactly rows rows.
func (w *world) waitRows(t *testing.T, conn *pgx.Conn, table string, rows int64) {
	t.Helper()
	var n int64
	var err error
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if n, err = count(t.Context(), conn, table); err == nil && n == rows {
			return
		}
		if err == nil && n > rows {
			t.Fatalf("%s has %d rows of %d produced", table, n, rows)
		}
	}
	t.Fatalf("%s has %d rows, want %d within two minutes; last error %v; %s", table, n, rows, err, w.status(table))
}

// quiesce waits until no seal was committed for a while.
func (w *world) quiesce() {
	for n := -1; n != w.points.count(ingest.PointAfterCommit); time.Sleep(500 * time.Millisecond) {
		n = w.points.count(ingest.PointAfterCommit)
	}
}
