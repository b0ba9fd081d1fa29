package server

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/ingest/kafka"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/vfs"
)

// TestKafkaToRows goes the whole way with a real protocol: transactions, a kill, a recreated topic.
func TestKafkaToRows(t *testing.T) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "orders"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	w := newWorld(t, 2)
	w.table("inc-1", 1)
	streams := func(cfg *Config) {
		cfg.Streams = func(tab *catalog.Table) (ingest.Stream, error) {
			copied := *tab
			copied.Stream.Brokers = c.ListenAddrs()
			return kafka.Open(&copied, kafka.Options{FS: vfs.OS(), Clock: clock.Real{}, Logger: cfg.Logger, MonitorEvery: 20 * time.Millisecond})
		}
		cfg.DiscoverEvery = 50 * time.Millisecond
	}
	cl, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.DefaultProduceTopic("orders"), kgo.ProducerLinger(0),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.TransactionalID("tx"))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	transaction := func(n int, commit kgo.TransactionEndTry) {
		t.Helper()
		if err := cl.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		var recs []*kgo.Record
		for range n {
			i := len(w.ledger)
			o := order{ID: int64(i), Name: fmt.Sprint("n", i), Tags: []string{"x"}, At: w.start.UnixMilli()}
			if commit {
				w.ledger = append(w.ledger, o)
			}
			b, err := json.Marshal(o)
			if err != nil {
				t.Fatal(err)
			}
			recs = append(recs, &kgo.Record{Partition: int32(i % 2), Value: b})
		}
		if err := cl.ProduceSync(ctx, recs...).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := cl.EndTransaction(ctx, commit); err != nil {
			t.Fatal(err)
		}
	}
	s := w.open(streams)
	for range 4 {
		transaction(30, kgo.TryCommit)
		transaction(7, kgo.TryAbort)
	}
	w.check(s)
	w.eventually("committed", func() bool { return w.done(s) == 2 })
	w.kill(s)
	transaction(30, kgo.TryCommit)
	transaction(3, kgo.TryAbort) // the end of the log holds no record
	s = w.open(streams)
	w.check(s)
	w.eventually("ready", func() bool { ready, _ := s.Ready(); return ready })
	if err := c.DeleteTopic("orders"); err != nil {
		t.Fatal(err)
	}
	if err := c.CreateTopic("orders", 2, nil); err != nil {
		t.Fatal(err)
	}
	w.eventually("error", func() bool {
		p := w.partition(s, 0)
		return p.State == ingest.StateError && strings.Contains(p.Reason, "deleted and created again")
	})
	if err := s.Reset(ctx, "orders", []int32{0, 1}, ingest.Smallest); err != nil {
		t.Fatal(err)
	}
	w.eventually("consuming", func() bool { return w.partition(s, 0).State == ingest.StateConsuming })
	w.check(s)
	w.close(s)
}
