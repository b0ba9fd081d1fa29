package quickstart

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshetdb/freshet/configs"
	"github.com/freshetdb/freshet/internal/clock"
)

// Tables are the tables of the quickstart, in the order in which they are made.
var Tables = []string{"orders", "order_items_enriched", "order_statuses", "deliveries"}

// Queries are five to try first.
var Queries = []string{
	"SELECT count(*), sum(price) AS revenue, max(ts) AS newest FROM orders",
	"SELECT dateTrunc('minute', ts) AS minute, count(*) AS orders, sum(price) AS revenue FROM orders GROUP BY 1 ORDER BY 1 DESC LIMIT 10",
	`SELECT "product.name" AS product, distinctcount(orderId) AS orders, sum("orderItem.quantity") AS quantity FROM order_items_enriched WHERE ts > ago('PT5M') GROUP BY product ORDER BY count(*) DESC LIMIT 5`,
	"SELECT status, count(*) FROM order_statuses GROUP BY status ORDER BY count(*) DESC",
	"SELECT id, status, round(stDistance(location, toSphericalGeography(stPoint(77.5946, 12.9716))), 1) AS metres FROM deliveries ORDER BY ts DESC LIMIT 5",
}

// Configs gives a table's schema and config, with the broker list put in.
func Configs(table, brokers string) (schema, config []byte, err error) {
	if schema, err = configs.PizzaShop.ReadFile("pizzashop/" + table + ".schema.json"); err != nil {
		return nil, nil, fmt.Errorf("no such quickstart table: %w", err)
	}
	text, err := configs.PizzaShop.ReadFile("pizzashop/" + table + ".table.json")
	if err != nil {
		return nil, nil, fmt.Errorf("no such quickstart table: %w", err)
	}
	quoted, err := json.Marshal(brokers)
	if err != nil {
		return nil, nil, err
	}
	return schema, []byte(strings.Replace(string(text), `"localhost:9092"`, string(quoted), 1)), nil
}

// Options of a producing shop.
type Options struct {
	Brokers []string
	Seed    uint64
	Start   time.Time // time of the first event; the zero time is now
	Rate    float64   // orders per second
	Events  int64     // orders, then the shop closes; -1: without end
	Salt    uint64    // see NewSimulator
	Clock   clock.Clock
	Logger  *slog.Logger
	// Produced, if set, counts records that the broker has acknowledged.
	Produced *atomic.Int64
}

// tick is how often due events are sent.
const tick = 10 * time.Millisecond

// Produce runs the shop until its last order is delivered or ctx ends. Events come at their time; once a closing shop has
// taken its last order, what is left of the deliveries is sent at once.
func Produce(ctx context.Context, o Options) error {
	if o.Events == 0 {
		return nil
	}
	if !(o.Rate > 0) || math.IsInf(o.Rate, 0) {
		return fmt.Errorf("the shop's rate is %v orders per second, want a number above 0", o.Rate)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(o.Brokers...), kgo.ProducerLinger(0), kgo.AllowIdempotentProduceCancellation())
	if err != nil {
		return fmt.Errorf("cannot make a Kafka producer: %w", err)
	}
	defer client.Close()
	began := o.Clock.Now()
	start := o.Start
	if start.IsZero() {
		start = began
	}
	sim := NewSimulator(o.Seed, o.Salt, start, o.Rate, o.Events)
	var failed atomic.Pointer[error]
	promise := func(r *kgo.Record, err error) {
		if err != nil && !errors.Is(err, context.Canceled) {
			wrapped := fmt.Errorf("cannot produce to %s: %w", r.Topic, err)
			failed.Store(&wrapped)
		} else if err == nil && o.Produced != nil {
			o.Produced.Add(1)
		}
	}
	taken := int64(0)
	for {
		if err := failed.Load(); err != nil {
			return *err
		}
		due := start.Add(o.Clock.Now().Sub(began))
		for {
			at, ok := sim.Peek()
			if !ok {
				return o.close(ctx, client, sim, &failed)
			}
			if at.After(due) && (o.Events < 0 || taken < o.Events) {
				break
			}
			r, _ := sim.Next()
			if r.IsNew {
				taken++
			}
			client.Produce(ctx, &kgo.Record{Topic: r.Topic, Key: []byte(r.Key), Value: r.Value, Timestamp: r.Time}, promise)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-o.Clock.After(tick):
		}
	}
}

// close waits until all records are acknowledged.
func (o *Options) close(ctx context.Context, client *kgo.Client, sim *Simulator, failed *atomic.Pointer[error]) error {
	if err := client.Flush(ctx); err != nil {
		return err
	}
	if err := failed.Load(); err != nil {
		return *err
	}
	if l := sim.Ledger(); o.Logger != nil {
		o.Logger.Info("the pizza shop has closed", "orders", l.Topics[TopicOrders].Records, "revenue", money(l.RevenueCents), "records", l.Records())
	}
	return nil
}

// CreateTopics makes the shop's topics on a Kafka that has not got them.
func CreateTopics(ctx context.Context, brokers string) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(brokers, ",")...))
	if err != nil {
		return fmt.Errorf("cannot connect to Kafka at %s: %w", brokers, err)
	}
	defer client.Close()
	answers, err := kadm.NewClient(client).CreateTopics(ctx, 2, -1, nil, Topics...)
	if err != nil {
		return fmt.Errorf("cannot create topics on Kafka at %s: %w", brokers, err)
	}
	for _, a := range answers {
		if a.Err != nil && !errors.Is(a.Err, kerr.TopicAlreadyExists) {
			return fmt.Errorf("cannot create topic %s on Kafka at %s: %w", a.Topic, brokers, a.Err)
		}
	}
	return nil
}
