package broker

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function/builtin"
)

// revised is a catalog whose tables change.
type revised struct {
	*wideCatalog
	revision int64
}

func (r *revised) Revision() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.revision
}

// change replaces a table, or drops it where it has no columns.
func (r *revised) change(name string, columns ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.revision++
	if len(columns) == 0 {
		delete(r.schema, name)
		delete(r.tables, name)
		return
	}
	types := map[string]catalog.Type{}
	for _, c := range columns {
		types[c] = catalog.Long
	}
	r.set(name, columns, types)
}

// put replaces a table by one of columns in order of their names.
func (r *revised) put(name string, types map[string]catalog.Type) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.revision++
	r.set(name, slices.Sorted(maps.Keys(types)), types)
}

func (r *revised) set(name string, columns []string, types map[string]catalog.Type) {
	var fields []catalog.Field
	for _, c := range columns {
		fields = append(fields, catalog.Field{Name: c, Type: types[c], Kind: catalog.FieldDimension, Default: catalog.NullValue(types[c])})
	}
	r.schema[name], r.tables[name] = catalog.NewSchema(name, fields), &catalog.Table{Name: name, Incarnation: fmt.Sprint(name, r.revision), Version: 1}
}

func newRevised(t testing.TB, change func(*Config)) (*Broker, *revised) {
	t.Helper()
	r := &revised{wideCatalog: newWideCatalog(5, 5), revision: 1}
	cfg := Config{Leaves: noRows{r}, Catalog: r, Functions: builtin.Registry(), Version: "0.1.0", Clock: clock.NewFake(clock.Real{}.Now())}
	if change != nil {
		change(&cfg)
	}
	b, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return b, r
}

// prepare binds a statement and gives what its client is told, or its error.
func prepare(t testing.TB, s *Session, text string, types ...catalog.Type) string {
	t.Helper()
	statements, err := s.Prepare(context.Background(), text, types)
	if err == nil {
		err = statements[0].Bind(context.Background())
	}
	if err != nil {
		return errs.As(err).Code
	}
	d := statements[0].Describe()
	var out []string
	for _, c := range d.Columns {
		out = append(out, c.Name+" "+c.Type.String())
	}
	return strings.Join(out, ", ") + " " + fmt.Sprint(d.Params)
}

// metricValue reads a counter or gauge.
func metricValue(m prometheus.Metric) float64 {
	var out dto.Metric
	if err := m.Write(&out); err != nil {
		return -1
	}
	return out.GetCounter().GetValue() + out.GetGauge().GetValue()
}

// counts gives the hits and misses since the last call.
func counts(b *Broker) func() [2]int {
	var before [2]int
	return func() [2]int {
		now := [2]int{int(metricValue(b.metrics.planHits)), int(metricValue(b.metrics.planMisses))}
		since := [2]int{now[0] - before[0], now[1] - before[1]}
		before = now
		return since
	}
}

func TestPlanCache(t *testing.T) {
	b, tables := newRevised(t, nil)
	s, other := open(t, b, SessionConfig{User: "ann"}), open(t, b, SessionConfig{User: "bob"})
	since := counts(b)
	want := func(what, got, text string, hits, misses int) {
		t.Helper()
		if got != text {
			t.Errorf("%s: %s, want %s", what, got, text)
		}
		if n := since(); n != [2]int{hits, misses} {
			t.Errorf("%s: %d hits and %d misses, want %d and %d", what, n[0], n[1], hits, misses)
		}
	}
	const text, one = "SELECT column_00 FROM t1 WHERE column_02 > $1", "column_00 LONG [DOUBLE]"
	want("first", prepare(t, s, text), one, 0, 1)
	want("again", prepare(t, s, text), one, 1, 0)
	want("another session", prepare(t, other, text), one, 1, 0)
	want("other parameter types", prepare(t, s, text, catalog.Long), "column_00 LONG [LONG]", 0, 1)
	want("an application's name is no matter", prepare(t, open(t, b, SessionConfig{User: "c", Settings: map[string]string{"application_name": "x"}}), text), one, 1, 0)
	want("HTTP is another dialect", prepare(t, open(t, b, SessionConfig{User: "c", Dialect: endpoint.DialectHTTP}), "SELECT column_00 FROM t1"), "column_00 LONG []", 0, 1)

	want("division", prepare(t, s, "SELECT 7 / column_00 AS x FROM t1"), "x DOUBLE []", 0, 1)
	if err := runAll(context.Background(), s, "SET integer_division = on"); err != nil {
		t.Fatal(err)
	}
	want("a setting changed", prepare(t, s, "SELECT 7 / column_00 AS x FROM t1"), "x LONG []", 0, 1)
	want("not for others", prepare(t, other, "SELECT 7 / column_00 AS x FROM t1"), "x DOUBLE []", 1, 0)

	tables.change("t1", "column_00", "column_02", "more")
	want("the schema changed", prepare(t, other, "SELECT * FROM t1"), "column_00 LONG, column_02 LONG, more LONG []", 0, 1)
	tables.change("t1")
	want("dropped", prepare(t, other, "SELECT * FROM t1"), errs.UndefinedTable, 0, 1)
	want("errors are not kept", prepare(t, other, "SELECT * FROM t1"), errs.UndefinedTable, 0, 1)
	want("by the only name", prepare(t, other, "SELECT * FROM ORDERS LIMIT 0"), prepare(t, s, "SELECT * FROM orders LIMIT 0"), 0, 2)
	tables.change("ORDERS", "exact")
	want("a table whose name fits better", prepare(t, other, "SELECT * FROM ORDERS LIMIT 0"), "exact LONG []", 0, 1)
}

// TestPlanCacheSession: what a session's functions gave is no other session's.
func TestPlanCacheSession(t *testing.T) {
	b, tables := newRevised(t, nil)
	const text = "SELECT current_user, current_setting('application_name'), now()"
	row := func(s *Session) string {
		t.Helper()
		statements, err := s.Prepare(context.Background(), text, nil)
		if err == nil {
			err = statements[0].Bind(context.Background())
		}
		if err != nil {
			t.Fatal(err)
		}
		x, err := statements[0].Execute(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		batch, err := x.Rows.Next(context.Background())
		if err := errors.Join(err, x.Rows.Close()); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(batch.Cols[0].At(0).Str, " ", batch.Cols[1].At(0).Str, " ", batch.Cols[2].At(0).I64)
	}
	ann, bob := open(t, b, SessionConfig{User: "ann"}), open(t, b, SessionConfig{User: "bob"})
	at := b.cfg.Clock.Now().UnixMilli()
	since := counts(b)
	for i, x := range []struct {
		s            *Session
		want         string
		hits, misses int
	}{{ann, "ann ", 0, 1}, {bob, "bob ", 0, 1}, {ann, "ann ", 1, 0}, {bob, "bob ", 1, 0}} {
		if got, want := row(x.s), fmt.Sprint(x.want, " ", at); got != want {
			t.Errorf("%d: %s, want %s", i, got, want)
		}
		if n := since(); n != [2]int{x.hits, x.misses} {
			t.Errorf("%d: %v", i, n)
		}
	}
	if err := runAll(context.Background(), ann, "SET application_name = 'x'"); err != nil {
		t.Fatal(err)
	}
	b.cfg.Clock.(*clock.Fake).Advance(5_000_000_000)
	if got, want := row(ann), fmt.Sprint("ann x ", at+5000); got != want {
		t.Errorf("after SET and 5 s: %s, want %s", got, want)
	}
	since()
	for range 2 { // an effect happens each time
		for _, text := range []string{"SET application_name = 'z'", "SELECT set_config('application_name', 'y', false)"} {
			if err := runAll(context.Background(), ann, text); err != nil {
				t.Fatal(err)
			}
		}
		if got := row(ann); !strings.HasPrefix(got, "ann y ") {
			t.Errorf("after set_config: %s", got)
		}
	}
	personal := func() (n int) {
		b.plans.mu.Lock()
		defer b.plans.mu.Unlock()
		for key := range b.plans.entries {
			if k, ok := key.(planKey); ok && k.session != nil {
				n++
			}
		}
		return n
	}
	before := personal()
	if err := ann.Close(); err != nil {
		t.Fatal(err)
	}
	if after := personal(); before < 2 || after != 1 {
		t.Errorf("%d plans of sessions, %d after one of two ended", before, after)
	}
	tables.change("t1", "x")
	row(bob)
	if n := personal(); n != 1 {
		t.Errorf("%d plans of sessions after a change of a table and one statement", n)
	}
}

// TestPlanCacheCatalog: a kept plan over the catalog shows the tables as they are.
func TestPlanCacheCatalog(t *testing.T) {
	b, tables := newRevised(t, nil)
	tables.names = append(tables.names, "fresh")
	s := open(t, b, SessionConfig{User: "ann"})
	count := func() string {
		t.Helper()
		statements, err := s.Prepare(context.Background(), "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 2200", nil)
		if err == nil {
			err = statements[0].Bind(context.Background())
		}
		if err != nil {
			t.Fatal(err)
		}
		x, err := statements[0].Execute(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		batch, err := x.Rows.Next(context.Background())
		if err := errors.Join(err, x.Rows.Close()); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(batch.Cols[0].At(0).I64)
	}
	if got := count() + count(); got != "55" {
		t.Errorf("5 tables: %s", got)
	}
	tables.change("fresh", "a")
	if got := count() + count(); got != "66" {
		t.Errorf("6 tables: %s", got)
	}
}

func TestPlanCacheBounds(t *testing.T) {
	registry := prometheus.NewRegistry()
	b, _ := newRevised(t, func(c *Config) { c.PlanCacheBytes, c.Registerer = 100_000, registry })
	s := open(t, b, SessionConfig{User: "ann"})
	for i := range 200 {
		prepare(t, s, fmt.Sprintf("SELECT column_00 + %d FROM t1", i))
	}
	prepare(t, s, "SELECT '"+strings.Repeat("x", maxCachedText)+"' FROM t1")
	bytes := metricValue(b.metrics.planBytes)
	if evicted := metricValue(b.metrics.planEvictions); bytes > 100_000 || bytes < 50_000 || evicted < 300 {
		t.Errorf("%v bytes kept, %v evictions", bytes, evicted)
	}
	since := counts(b)
	since()
	prepare(t, s, "SELECT column_00 + 199 FROM t1")
	prepare(t, s, "SELECT column_00 + 0 FROM t1")
	if n := since(); n != [2]int{1, 1} {
		t.Errorf("%v: the latest is kept and the first is not", n)
	}
	off, _ := newRevised(t, func(c *Config) { c.PlanCacheBytes = -1 })
	since = counts(off)
	prepare(t, open(t, off, SessionConfig{User: "ann"}), "SELECT 1")
	if n := since(); off.plans != nil || n != [2]int{} {
		t.Errorf("without a cache: %v", n)
	}
}

// TestPlanCacheSize compares the estimate of the kept bytes with the heap.
func TestPlanCacheSize(t *testing.T) {
	b, _ := newRevised(t, func(c *Config) { c.PlanCacheBytes = 1 << 30 })
	s := open(t, b, SessionConfig{User: "ann"})
	heap := func() float64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	for name, text := range map[string]string{"short": "SELECT %d FROM t1",
		"usual": "SELECT column_01, count(*), sum(column_02) FROM t1 WHERE column_03 > now() - interval '1 day' AND column_00 <> %d GROUP BY 1 ORDER BY 2 DESC LIMIT 10",
		"long":  "SELECT column_00 FROM t1 WHERE column_00 IN (%d" + strings.Repeat(", 123456", 200) + ")",
		"wide":  "SELECT column_00 + %d" + strings.Repeat(", column_02 * 2 + column_00", 100) + " FROM t1"} {
		prepare(t, s, fmt.Sprintf(text, -1)) // reads what is read once
		before, estimate := heap(), metricValue(b.metrics.planBytes)
		const n = 100
		for i := range n {
			prepare(t, s, fmt.Sprintf(text, i))
		}
		used, estimated := (heap()-before)/n, (metricValue(b.metrics.planBytes)-estimate)/n
		t.Logf("%s, %d bytes: %.0f bytes of heap, %.0f estimated", name, len(text), used, estimated)
		if used > 1.5*estimated || used < estimated/8 {
			t.Errorf("%s, %d bytes: %.0f bytes of heap, %.0f estimated", name, len(text), used, estimated)
		}
	}
	runtime.KeepAlive(b)
}

// TestPlanCacheShared runs the catalog's statements and others in many sessions at once: kept plans are shared.
func TestPlanCacheShared(t *testing.T) {
	b, tables := newRevised(t, nil)
	_, all := recorded(t, open(t, b, SessionConfig{User: "ann"}))
	var texts []string
	for i := 0; i < len(all); i += 4 {
		texts = append(texts, all[i])
	}
	var wg sync.WaitGroup
	for worker := range 4 {
		s := open(t, b, SessionConfig{User: fmt.Sprint("user", worker)})
		wg.Add(1)
		go func() {
			defer wg.Done()
			for round := range 2 {
				for i := range texts {
					text := texts[(i+worker*round)%len(texts)]
					if err := runAll(context.Background(), s, text); err != nil && errs.As(err).Code == errs.Internal {
						t.Errorf("%v: %.100s", err, text)
					}
				}
				tables.change(fmt.Sprint("t", worker+2), "a", "b")
			}
		}()
	}
	wg.Wait()
	if hits := metricValue(b.metrics.planHits); hits == 0 {
		t.Error("no plan was shared")
	}
}

// bookQueries are the queries of the pizza shop over one table.
var bookQueries = []string{
	"SELECT count(*), sum(price) FROM orders",
	`SELECT count(*) FILTER(WHERE ts > ago('P1D')) AS events1Min, count(*) FILTER(WHERE ts <= ago('P1D') AND ts > ago('P2D')) AS events1Min2Min,
		sum("price") FILTER(WHERE ts > ago('P1D')) AS total1Min, sum("price") FILTER(WHERE ts <= ago('P1D') AND ts > ago('P2D')) AS total1Min2Min
		from orders where ts > ago('P2D') limit 1`,
	`select ToDateTime(DATETRUNC('minute', ts), 'yyyy-MM-dd HH:mm:ss') AS dateMin, count(*) AS orders, sum(price) AS revenue
		from orders where ts > ago('P1D') group by dateMin order by dateMin desc LIMIT 10000`,
	"SELECT sum(totalQuantity), sum(productsOrdered), max(productsOrdered) FROM orders",
	`select "product.name" AS product, distinctcount(orderId) AS orders, sum("orderItem.quantity") AS quantity
		from order_items_enriched where ts > ago('P1D') group by product order by count(*) desc, product limit 5`,
	`select product.category AS category, distinctcount(orderId) AS orders, sum(orderItem.quantity) AS quantity
		from order_items_enriched where (ts > ago('P1D')) group by category order by count(*) desc, category fetch next 5 rows only`,
	"SELECT id, price FROM orders ORDER BY ts DESC, id LIMIT 3 option(skipUpsert=true)",
	"select * FROM orders where ts > ago('P1D')",
}

func bookCatalog() *revised {
	r := &revised{wideCatalog: newWideCatalog(0, 0), revision: 1}
	for name, columns := range map[string][]string{"orders": {"id", "userId", "status", "price", "totalQuantity", "productsOrdered", "deliveryLat", "deliveryLon", "ts"},
		"order_items_enriched": {"orderId", "product.id", "product.name", "product.category", "orderItem.quantity", "ts"}} {
		var fields []catalog.Field
		for _, c := range columns {
			typ := catalog.Long
			switch {
			case c == "ts":
				typ = catalog.Timestamp
			case c == "price":
				typ = catalog.Double
			case strings.HasPrefix(c, "product.") || c == "status":
				typ = catalog.String
			}
			fields = append(fields, catalog.Field{Name: c, Type: typ, Kind: catalog.FieldDimension, Default: catalog.NullValue(typ)})
		}
		r.names = append(r.names, name)
		r.schema[name], r.tables[name] = catalog.NewSchema(name, fields), &catalog.Table{Name: name, Incarnation: name, Version: 1}
	}
	return r
}

// BenchmarkPlan parses, binds and plans the Book's queries up to the plan of one execution, with and without kept plans.
func BenchmarkPlan(b *testing.B) {
	for name, limit := range map[string]int64{"kept": 0, "new": -1} {
		b.Run(name, func(b *testing.B) {
			tables := bookCatalog()
			br, err := New(Config{Leaves: noRows{tables}, Catalog: tables, Functions: builtin.Registry(), PlanCacheBytes: limit})
			if err != nil {
				b.Fatal(err)
			}
			ctx := context.Background()
			for i, text := range bookQueries {
				b.Run(fmt.Sprint(i), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						s, err := br.NewSession(SessionConfig{Dialect: endpoint.DialectHTTP, User: "ann"})
						if err != nil {
							b.Fatal(err)
						}
						statements, err := s.Prepare(ctx, text, nil)
						if err != nil {
							b.Fatal(err)
						}
						q := statements[0].(*query)
						if err := q.Bind(ctx); err != nil {
							b.Fatal(err)
						}
						if _, err := q.bound.instantiate(ctx, nil, br.cfg.Clock.Now()); err != nil {
							b.Fatal(err)
						}
						if err := s.Close(); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		})
	}
}
