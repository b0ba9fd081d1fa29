//go:build crash

package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// shopTable says how the rows of a quickstart table follow from the records of its topic, by code that shares nothing
// with ingestion.
type shopTable struct {
	table, topic string
	columns      string // select list, one text per row by scan
	expect       func(value []byte) (string, error)
	scan         func(rows pgx.Rows) (string, error)
}

// shop compares the tables of the quickstart with their topics.
type shop struct {
	node   *node
	tables []shopTable
	known  map[string]map[string]string // topic -> partition:offset -> value, as seen after earlier kills
	rows   int
}

func newShop(n *node) *shop {
	return &shop{node: n, known: map[string]map[string]string{}, tables: []shopTable{
		{"orders", "orders", `id, "userId", "deliveryLat", "deliveryLon", items, "productsOrdered", "totalQuantity", price, ts`, expectOrder, scanOrder},
		{"order_items_enriched", "enriched-order-items", `"orderId", "product.id", "product.name", "product.category", "product.image", "product.price", "orderItem.quantity", ts`, expectItem, scanItem},
	}}
}

func (s *shop) compare(ctx context.Context, t *testing.T, kill int) {
	t.Helper()
	s.rows = 0
	for _, table := range s.tables {
		want := map[string]int{}
		held := map[string]string{}
		for _, r := range s.node.readTopic(ctx, t, table.topic) {
			text, err := table.expect(r.Value)
			if err != nil {
				t.Fatalf("record %d/%d of %s: %v", r.Partition, r.Offset, table.topic, err)
			}
			want[text]++
			held[fmt.Sprintf("%d:%d", r.Partition, r.Offset)] = string(r.Value)
		}
		for place, value := range s.known[table.topic] {
			if held[place] != value {
				t.Fatalf("kill %d: record %s of %s was %q and is %q", kill, place, table.topic, value, held[place])
			}
		}
		s.known[table.topic] = held
		s.compareTable(ctx, t, table, want, kill)
		s.rows += len(held)
	}
}

func (s *shop) compareTable(ctx context.Context, t *testing.T, table shopTable, want map[string]int, kill int) {
	t.Helper()
	if len(want) == 0 {
		t.Fatalf("kill %d: topic %s is empty", kill, table.topic)
	}
	rows, err := s.node.connect(ctx, t).Query(ctx, "SELECT "+table.columns+" FROM "+table.table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	got := map[string]int{}
	for rows.Next() {
		text, err := table.scan(rows)
		if err != nil {
			t.Fatalf("%s: %v", table.table, err)
		}
		got[text]++
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for text, count := range want {
		if got[text] != count {
			t.Fatalf("kill %d: %s has %d rows %s, the topic %d records", kill, table.table, got[text], text, count)
		}
	}
	for text, count := range got {
		if want[text] != count {
			t.Fatalf("kill %d: %s has %d rows %s, the topic %d records", kill, table.table, count, text, want[text])
		}
	}
}

// createdAt is the time in a record, milliseconds: the last three digits of six are cut.
func createdAt(text string) (int64, error) {
	at, err := time.Parse("2006-01-02T15:04:05.000000", text)
	return at.UnixMilli(), err
}

func orderText(id string, user int64, lat, lon float64, items any, products, quantity int64, price float64, ts int64) (string, error) {
	canonical, err := json.Marshal(items) // keys sorted
	return fmt.Sprint(id, "|", user, "|", lat, "|", lon, "|", string(canonical), "|", products, "|", quantity, "|", price, "|", ts), err
}

func expectOrder(value []byte) (string, error) {
	var r struct {
		ID                       string
		UserID                   int64
		DeliveryLat, DeliveryLon any
		CreatedAt                string
		Price                    float64
		Items                    []map[string]any
	}
	if err := json.Unmarshal(value, &r); err != nil {
		return "", err
	}
	quantity := 0.0
	for _, item := range r.Items {
		quantity += item["quantity"].(float64)
	}
	lat, err := number(r.DeliveryLat)
	if err != nil {
		return "", err
	}
	lon, err := number(r.DeliveryLon)
	if err != nil {
		return "", err
	}
	ts, err := createdAt(r.CreatedAt)
	if err != nil {
		return "", err
	}
	return orderText(r.ID, r.UserID, lat, lon, r.Items, int64(len(r.Items)), int64(quantity), r.Price, ts)
}

// number reads a JSON number, or one in quotes.
func number(v any) (float64, error) {
	switch v := v.(type) {
	case float64:
		return v, nil
	case string:
		var f float64
		_, err := fmt.Sscan(strings.TrimSpace(v), &f)
		return f, err
	default:
		return 0, fmt.Errorf("%v (%T) is not a number", v, v)
	}
}

func scanOrder(rows pgx.Rows) (string, error) {
	var id, items string
	var user, products, quantity int64
	var lat, lon, price float64
	var ts time.Time
	if err := rows.Scan(&id, &user, &lat, &lon, &items, &products, &quantity, &price, &ts); err != nil {
		return "", err
	}
	var list []map[string]any
	if err := json.Unmarshal([]byte(items), &list); err != nil {
		return "", err
	}
	return orderText(id, user, lat, lon, list, products, quantity, price, ts.UnixMilli())
}

func expectItem(value []byte) (string, error) {
	var r struct {
		OrderID, CreatedAt string
		OrderItem          struct{ Quantity int64 }
		Product            struct {
			ID, Name, Category, Image string
			Price                     float64
		}
	}
	if err := json.Unmarshal(value, &r); err != nil {
		return "", err
	}
	ts, err := createdAt(r.CreatedAt)
	p := r.Product
	return fmt.Sprint(r.OrderID, "|", p.ID, "|", p.Name, "|", p.Category, "|", p.Image, "|", p.Price, "|", r.OrderItem.Quantity, "|", ts), err
}

func scanItem(rows pgx.Rows) (string, error) {
	var order, id, name, category, image string
	var price float64
	var quantity int64
	var ts time.Time
	if err := rows.Scan(&order, &id, &name, &category, &image, &price, &quantity, &ts); err != nil {
		return "", err
	}
	return fmt.Sprint(order, "|", id, "|", name, "|", category, "|", image, "|", price, "|", quantity, "|", ts.UnixMilli()), nil
}
