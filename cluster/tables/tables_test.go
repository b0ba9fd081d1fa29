package tables

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/freshetdb/freshet/cluster"
	"github.com/freshetdb/freshet/cluster/mem"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/lifecycle"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func put(t *testing.T, s cluster.Store, name string) {
	t.Helper()
	record := cluster.TableRecord{Name: name, Incarnation: "i-" + name, Version: 3, SchemaVersion: 2,
		Schema: []byte(`{"schemaName": "` + name + `", "dimensionFieldSpecs": [{"name": "k", "dataType": "STRING"}],
		"dateTimeFieldSpecs": [{"name": "ts", "dataType": "TIMESTAMP", "format": "TIMESTAMP", "granularity": "1:DAYS"}]}`),
		Config: []byte(`{"tableName": "` + name + `", "tableType": "REALTIME", "segmentsConfig": {"timeColumnName": "ts"}, "tableIndexConfig": {"streamConfigs":
		{"streamType": "kafka", "stream.kafka.topic.name": "x", "stream.kafka.broker.list": "h:1", "stream.kafka.decoder.class.name": "KafkaJSONMessageDecoder"}}}`)}
	value, err := record.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Txn(t.Context(), nil, []cluster.Op{{Key: record.Key(), Value: value}}); err != nil {
		t.Fatal(err)
	}
}

func TestFollowsTheStore(t *testing.T) {
	store := mem.New(clock.Real{})
	put(t, store, "orders")
	cache := New(store, clock.Real{}, slog.New(slog.DiscardHandler))
	group := lifecycle.NewGroup(context.Background())
	group.Go("tables", cache.Run)
	wait(t, func() bool { return len(cache.Names()) == 1 })
	put(t, store, "items")
	wait(t, func() bool { _, ok := cache.Lookup("items"); return ok })
	e, ok := cache.Lookup("ORDERS")
	if !ok || e.Table.Incarnation != "i-orders" || e.Table.Version != 3 || e.Schema.Version != 2 {
		t.Errorf("lookup gave %+v, %v", e, ok)
	}
	if _, _, err := store.Txn(t.Context(), nil, []cluster.Op{{Key: cluster.TableKey("orders"), Delete: true}}); err != nil {
		t.Fatal(err)
	}
	wait(t, func() bool { _, ok := cache.Lookup("orders"); return !ok })
	if err := group.Stop(); err != nil {
		t.Error(err)
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}

func wait(t *testing.T, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not within 5 s")
		}
	}
}
