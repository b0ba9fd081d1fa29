package quickstart

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/ingest/transform"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/embedkafka"
	"github.com/freshetdb/freshet/query/bind"
	"github.com/freshetdb/freshet/query/function/builtin"
	"github.com/freshetdb/freshet/query/sql"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var opening = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func broker(t *testing.T) *embedkafka.Server {
	t.Helper()
	s, err := embedkafka.Start(embedkafka.Config{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// tables loads the shop's schemas and configs.
func tables(t *testing.T) map[string]*catalog.Schema {
	t.Helper()
	out := map[string]*catalog.Schema{}
	for _, name := range Tables {
		schema, _, err := Configs(name, "b:1")
		if err != nil {
			t.Fatal(err)
		}
		if out[name], _, err = catalog.ParseSchema(schema); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestProduce runs a shop of 25 orders into a Kafka and finds each record of the simulator there, in order per key.
func TestProduce(t *testing.T) {
	server := broker(t)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for range 2 { // topics that are there are left alone
		if err := CreateTopics(ctx, server.Addr()); err != nil {
			t.Fatal(err)
		}
	}
	var produced atomic.Int64
	err := Produce(ctx, Options{Brokers: []string{server.Addr()}, Seed: 5, Salt: 3, Start: opening, Rate: 500, Events: 25, Clock: clock.Real{}, Produced: &produced})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{}
	sim := NewSimulator(5, 3, opening, 500, 25)
	for r, ok := sim.Next(); ok; r, ok = sim.Next() {
		want[r.Topic+" "+r.Key] = append(want[r.Topic+" "+r.Key], fmt.Sprint(r.Time.UnixMilli(), string(r.Value)))
	}
	ledger := Account(5, 3, opening, 500, 25)
	if produced.Load() != ledger.Records() {
		t.Fatalf("%d records acknowledged, the ledger has %d", produced.Load(), ledger.Records())
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(server.Addr()), kgo.ConsumeTopics(Topics...), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	got := map[string][]string{}
	for n := int64(0); n < ledger.Records(); {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			n++
			key := r.Topic + " " + string(r.Key)
			got[key] = append(got[key], fmt.Sprint(r.Timestamp.UnixMilli(), string(r.Value)))
		})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestProduceStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	server := broker(t)
	if err := server.EnsureTopics(1, Topics...); err != nil {
		t.Fatal(err)
	}
	o := Options{Brokers: []string{server.Addr()}, Rate: 10, Events: -1, Clock: clock.Real{}}
	if err := Produce(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled shop: %v", err)
	}
	for _, rate := range []float64{0, -1} {
		o.Rate = rate
		if err := Produce(context.Background(), o); err == nil || errors.Is(err, context.Canceled) {
			t.Errorf("rate %v: %v", rate, err)
		}
	}
	o.Events = 0
	if err := Produce(context.Background(), o); err != nil {
		t.Errorf("no orders: %v", err)
	}
}

// TestTablesHoldLedger takes a shop's records through the tables' pipelines: rows and sums are those of the ledger, to
// the cent.
func TestTablesHoldLedger(t *testing.T) {
	const orders = 300
	records := map[string][]ingest.Record{}
	for i, r := range run(3, orders) {
		records[r.Topic] = append(records[r.Topic], ingest.Record{Key: []byte(r.Key), Value: r.Value, Offset: int64(i), TimestampMs: r.Time.UnixMilli()})
	}
	ledger := Account(3, 0, opening, 10, orders)
	schemas := tables(t)
	sums := map[string]float64{}
	for _, name := range Tables {
		_, config, err := Configs(name, "b:1")
		if err != nil {
			t.Fatal(err)
		}
		table, _, _, err := catalog.ParseTable(config, schemas[name])
		if err != nil {
			t.Fatal(err)
		}
		pipeline, err := transform.Compile(schemas[name], table, builtin.Registry())
		if err != nil {
			t.Fatal(err)
		}
		topic := records[table.Stream.Topic]
		for len(topic) > 0 {
			n := min(1000, len(topic))
			rows, err := pipeline.Process(topic[:n])
			if err != nil || len(rows.Rejects) > 0 || rows.Batch.Rows != n {
				t.Fatalf("%s: %d rows of %d records, %v %v", name, rows.Batch.Rows, n, rows.Rejects, err)
			}
			sums[name] += float64(n)
			for i, f := range schemas[name].Fields {
				if rows.Batch.Cols[i].HasNulls() {
					t.Errorf("%s.%s has NULLs", name, f.Name)
				}
				for row := range n {
					switch f.Type {
					case catalog.Double:
						sums[name+"."+f.Name] += rows.Batch.Cols[i].F64[row]
					case catalog.Int:
						sums[name+"."+f.Name] += float64(rows.Batch.Cols[i].I32[row])
					}
				}
			}
			for row := range n {
				if got, want := rows.Batch.Cols[schemas[name].Index("ts")].I64[row], topic[row].TimestampMs; got != want {
					t.Fatalf("%s: ts %d, the event happened at %d", name, got, want)
				}
			}
			topic = topic[n:]
		}
	}
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"orders", sums["orders"], orders},
		{"revenue in cents", sums["orders.price"] * 100, float64(ledger.RevenueCents)},
		{"quantity", sums["orders.totalQuantity"], float64(ledger.Quantity)},
		{"lines", sums["orders.productsOrdered"], float64(ledger.Lines)},
		{"items", sums["order_items_enriched"], float64(ledger.Lines)},
		{"item quantity", sums["order_items_enriched.orderItem.quantity"], float64(ledger.ItemQuantity)},
		{"item quantity as ordered", float64(ledger.ItemQuantity), float64(ledger.Quantity)},
		{"item revenue as ordered", float64(ledger.ItemCents), float64(ledger.RevenueCents)},
		{"statuses", sums["order_statuses"], float64(orders * len(statuses))},
		{"delivered", float64(ledger.Deliveries["DELIVERED"]), orders},
		{"deliveries", sums["deliveries"], float64(ledger.Topics[TopicDeliveries].Records)},
	} {
		if diff := c.got - c.want; diff > 1e-4 || diff < -1e-4 {
			t.Errorf("%s: %.6f, want %.0f", c.what, c.got, c.want)
		}
	}
}

// namedTables serves the shop's schemas to the binder.
type namedTables map[string]*catalog.Schema

func (n namedTables) Table(name string) (*catalog.Schema, bool) { s, ok := n[name]; return s, ok }

func (n namedTables) TableNames() []string { return Tables }

// TestQueriesBind binds the queries that the quickstart shows, in both dialects.
func TestQueriesBind(t *testing.T) {
	schemas := tables(t)
	for _, text := range Queries {
		for _, dialect := range []sql.Dialect{sql.Wire, sql.HTTP} {
			statements, err := sql.Parse(text, dialect)
			if err != nil || len(statements) != 1 {
				t.Errorf("%s: %v", text, err)
				continue
			}
			query, ok := statements[0].(*sql.Select)
			if !ok {
				t.Errorf("%s is %T", text, statements[0])
				continue
			}
			if _, err := bind.Select(query, bind.Config{Tables: namedTables(schemas), Functions: builtin.Registry(), Dialect: dialect}); err != nil {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
}

func TestConfigsOfUnknownTable(t *testing.T) {
	if _, _, err := Configs("nosuch", "b:1"); err == nil || !strings.Contains(err.Error(), "no such quickstart table") {
		t.Errorf("got %v", err)
	}
}
