//go:build e2e || kafka

package e2e

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"
)

const createdAt = "2006-01-02T15:04:05.000000"

// checkBookQueries runs the queries of the Book that need one table and no upsert, by psql and by curl, against numbers
// computed from the topics.
func checkBookQueries(t *testing.T, s *shop) {
	t.Helper()
	orders, items := s.topic(t, "orders"), s.topic(t, "enriched-order-items")
	s.until(t, "all items", time.Minute, func() bool {
		out, err := s.try("SELECT count(*) FROM order_items_enriched")
		return err == nil && out == strconv.Itoa(len(items))
	})
	revenue, perMinute := 0.0, map[string][2]float64{}
	for _, o := range orders {
		price := o["price"].(float64)
		revenue += price
		ts, err := time.Parse(createdAt, o["createdAt"].(string))
		if err != nil {
			t.Fatal(err)
		}
		m := perMinute[ts.Format("2006-01-02 15:04:00")]
		perMinute[ts.Format("2006-01-02 15:04:00")] = [2]float64{m[0] + 1, m[1] + price}
	}
	both := func(name, sql, want string) {
		t.Helper()
		if got := s.psql(t, sql); !same(got, want) {
			t.Errorf("%s by psql: %s\ngot\n%s\nwant\n%s", name, sql, got, want)
		}
		if got := s.curl(t, sql); !same(got, want) {
			t.Errorf("%s by curl: %s\ngot\n%s\nwant\n%s", name, sql, got, want)
		}
	}
	both("count and revenue", "SELECT count(*), sum(price) FROM orders", fmt.Sprintf("%d|%.10f", len(orders), revenue))
	both("filtered aggregates", `SELECT count(*) FILTER(WHERE ts > ago('P1D')) AS events1Min, count(*) FILTER(WHERE ts <= ago('P1D') AND ts > ago('P2D')) AS events1Min2Min,
		sum("price") FILTER(WHERE ts > ago('P1D')) AS total1Min, sum("price") FILTER(WHERE ts <= ago('P1D') AND ts > ago('P2D')) AS total1Min2Min
		from orders where ts > ago('P2D') limit 1`, fmt.Sprintf("%d|0|%.10f|", len(orders), revenue))
	both("orders per minute", `select ToDateTime(DATETRUNC('minute', ts), 'yyyy-MM-dd HH:mm:ss') AS dateMin, count(*) AS orders, sum(price) AS revenue
		from orders where ts > ago('P1D') group by dateMin order by dateMin desc LIMIT 10000`, minutes(perMinute))
	quantities := totals(orders)
	both("JSON path transforms", "SELECT sum(totalQuantity), sum(productsOrdered), max(productsOrdered) FROM orders",
		fmt.Sprintf("%d|%d|%d", quantities[0], quantities[1], quantities[2]))
	both("popular items", `select "product.name" AS product, distinctcount(orderId) AS orders, sum("orderItem.quantity") AS quantity
		from order_items_enriched where ts > ago('P1D') group by product order by count(*) desc, product limit 5`, popular(items, "name"))
	both("popular categories", `select product.category AS category, distinctcount(orderId) AS orders, sum(orderItem.quantity) AS quantity
		from order_items_enriched where (ts > ago('P1D')) group by category order by count(*) desc, category fetch next 5 rows only`, popular(items, "category"))
	newest := s.psql(t, "SELECT id, price FROM orders ORDER BY ts DESC, id LIMIT 3 option(skipUpsert=true)")
	if got := s.curl(t, "SELECT id, price FROM orders ORDER BY ts DESC, id LIMIT 3 option(skipUpsert=true)"); !same(got, newest) {
		t.Errorf("newest orders: psql gives\n%s\ncurl\n%s", newest, got)
	}
	if got := strings.Count(s.curl(t, "select * FROM orders where ts > ago('P1D')"), "\n") + 1; got != 10 {
		t.Errorf("a query without LIMIT gives %d rows over HTTP, want 10", got)
	}
}

func minutes(m map[string][2]float64) string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	sort.Sort(sort.Reverse(sort.StringSlice(keys)))
	var lines []string
	for _, k := range keys {
		lines = append(lines, fmt.Sprintf("%s|%.0f|%.10f", k, m[k][0], m[k][1]))
	}
	return strings.Join(lines, "\n")
}

// totals gives the sum of quantities, the sum of item counts and the largest item count.
func totals(orders []map[string]any) [3]int {
	var out [3]int
	for _, o := range orders {
		items := o["items"].([]any)
		out[1] += len(items)
		out[2] = max(out[2], len(items))
		for _, i := range items {
			out[0] += int(i.(map[string]any)["quantity"].(float64))
		}
	}
	return out
}

// popular ranks by rows, then name: distinct orders and quantity of the first five.
func popular(items []map[string]any, by string) string {
	type group struct {
		name           string
		rows, quantity int
		orders         map[string]bool
	}
	groups := map[string]*group{}
	for _, i := range items {
		name := i["product"].(map[string]any)[by].(string)
		g := groups[name]
		if g == nil {
			g = &group{name: name, orders: map[string]bool{}}
			groups[name] = g
		}
		g.rows++
		g.quantity += int(i["orderItem"].(map[string]any)["quantity"].(float64))
		g.orders[i["orderId"].(string)] = true
	}
	var list []*group
	for _, g := range groups {
		list = append(list, g)
	}
	sort.Slice(list, func(i, j int) bool {
		return list[i].rows > list[j].rows || list[i].rows == list[j].rows && list[i].name < list[j].name
	})
	var lines []string
	for _, g := range list[:min(5, len(list))] {
		lines = append(lines, fmt.Sprintf("%s|%d|%d", g.name, len(g.orders), g.quantity))
	}
	return strings.Join(lines, "\n")
}
