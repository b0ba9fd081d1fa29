package quickstart

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/freshetdb/freshet/catalog"
)

func run(seed uint64, total int64) []Record {
	s := NewSimulator(seed, 0, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), 10, total)
	var all []Record
	for r, ok := s.Next(); ok; r, ok = s.Next() {
		all = append(all, r)
	}
	return all
}

func TestSeedReproducesBytes(t *testing.T) {
	a, b, other := run(7, 50), run(7, 50), run(8, 50)
	if len(a) != len(b) {
		t.Fatalf("%d and %d records of the same seed", len(a), len(b))
	}
	for i := range a {
		if a[i].Topic != b[i].Topic || !bytes.Equal(a[i].Value, b[i].Value) {
			t.Fatalf("record %d differs: %s and %s", i, a[i].Value, b[i].Value)
		}
	}
	if bytes.Equal(a[0].Value, other[0].Value) {
		t.Error("another seed gives the same order")
	}
}

// TestShopAddsUp holds the records against each other: prices, items, statuses and routes.
func TestShopAddsUp(t *testing.T) {
	const orders = 200
	type order struct {
		price, items       float64
		lines, itemRecords int
		statuses           []string
		last               string
		lat, lon           string
	}
	shop := map[string]*order{}
	var before time.Time
	for _, r := range run(1, orders) {
		if r.Time.Before(before) {
			t.Fatalf("%s goes back in time: %s after %s", r.Topic, r.Time, before)
		}
		before = r.Time
		var doc map[string]any
		if err := json.Unmarshal(r.Value, &doc); err != nil {
			t.Fatalf("%s: %v", r.Value, err)
		}
		o := shop[r.Key]
		if o == nil {
			o = &order{}
			shop[r.Key] = o
		}
		switch r.Topic {
		case TopicOrders:
			o.price, o.lat, o.lon = doc["price"].(float64), doc["deliveryLat"].(string), doc["deliveryLon"].(string)
			for _, i := range doc["items"].([]any) {
				item := i.(map[string]any)
				o.items += item["price"].(float64) * item["quantity"].(float64)
				o.lines++
			}
		case TopicItems:
			o.itemRecords++
			p := doc["product"].(map[string]any)
			if p["id"] != doc["orderItem"].(map[string]any)["productId"] {
				t.Errorf("item and product differ: %s", r.Value)
			}
		case TopicStatuses:
			o.statuses = append(o.statuses, doc["status"].(string))
		case TopicDeliveries:
			o.last = doc["status"].(string) + doc["deliveryLat"].(string) + doc["deliveryLon"].(string)
		}
	}
	if len(shop) != orders || len(products) != 81 {
		t.Fatalf("%d orders of %d, %d products", len(shop), orders, len(products))
	}
	for id, o := range shop {
		if math.Abs(o.price-o.items) > 1e-6 || o.lines != o.itemRecords || strings.Join(o.statuses, " ") != strings.Join(statuses, " ") ||
			o.last != "DELIVERED"+o.lat+o.lon {
			t.Errorf("order %s does not add up: %+v", id, o)
		}
	}
}

func TestConfigsAreValid(t *testing.T) {
	for _, table := range Tables {
		schema, config, err := Configs(table, "host:1,other:2")
		if err != nil {
			t.Fatal(err)
		}
		s, unknown, err := catalog.ParseSchema(schema)
		if err != nil || len(unknown) > 0 {
			t.Fatalf("%s: %v, unknown %v", table, err, unknown)
		}
		parsed, warnings, unknown, err := catalog.ParseTable(config, s)
		if err != nil || len(unknown)+len(warnings) > 0 {
			t.Fatalf("%s: %v, unknown %v, warnings %v", table, err, unknown, warnings)
		}
		if len(parsed.Stream.Brokers) != 2 {
			t.Errorf("%s: brokers %v", table, parsed.Stream.Brokers)
		}
	}
}
