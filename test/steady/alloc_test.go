//go:build steady

package steady

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/ingest/transform"
	"github.com/freshetdb/freshet/internal/quickstart"
	"github.com/freshetdb/freshet/query/function/builtin"
	"github.com/freshetdb/freshet/segment/mutable"
	"github.com/freshetdb/freshet/test/events"
)

// maxAllocations per row is what "none" means: what a batch of a thousand records needs once (contexts of evaluators, a slice
// of a JSON function) and a chunk of memory now and then; a single allocation per row would be 1.
const maxAllocations = 0.03

// path is decode, transform and append of one table.
type path struct {
	pipeline *transform.Pipeline
	segment  *mutable.Segment
	bytes    int64
}

func newPath(t *testing.T, schemaJSON, tableJSON []byte) *path {
	t.Helper()
	schema, _, err := catalog.ParseSchema(schemaJSON)
	if err != nil {
		t.Fatal(err)
	}
	table, _, _, err := catalog.ParseTable(tableJSON, schema)
	if err != nil {
		t.Fatal(err)
	}
	p := &path{}
	if p.pipeline, err = transform.Compile(schema, table, builtin.Registry()); err != nil {
		t.Fatal(err)
	}
	if p.segment, err = mutable.New(mutable.Config{Name: "steady", Schema: schema, Table: table}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.segment.Release)
	return p
}

// run sends batches of records through.
func (p *path) run(t *testing.T, batches [][]ingest.Record) {
	t.Helper()
	for _, recs := range batches {
		rows, err := p.pipeline.Process(recs)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows.Rejects) > 0 {
			t.Fatalf("record %s was rejected: %v", recs[rows.Rejects[0].Record].Value, rows.Rejects[0].Reason)
		}
		if err := p.segment.Append(&rows.Batch, rows.Offsets, rows.Ordinals); err != nil {
			t.Fatal(err)
		}
		for i := range recs {
			p.bytes += int64(len(recs[i].Value))
		}
	}
}

// batchesOf cuts values into batches as the fetcher delivers them.
func batchesOf(values [][]byte, first int64) (batches [][]ingest.Record) {
	const batch = 1000
	for len(values) > 0 {
		n := min(batch, len(values))
		recs := make([]ingest.Record, n)
		for i := range recs {
			recs[i] = ingest.Record{Value: values[i], Offset: first + int64(i), TimestampMs: events.StartMillis}
		}
		batches, values, first = append(batches, recs), values[n:], first+int64(n)
	}
	return batches
}

func eventValues(n int) (values [][]byte) {
	g := events.New(1, int64(n))
	for row := (events.Row{}); g.Next(&row); {
		values = append(values, row.AppendJSON(nil))
	}
	return values
}

func unnestValues(n int) (values [][]byte) {
	for i := range n {
		values = append(values, unnestRecord(int64(i)))
	}
	return values
}

// shopValues are records of one of the Book's topics.
func shopValues(topic string, n int) (values [][]byte) {
	sim := quickstart.NewSimulator(1, 0, time.UnixMilli(events.StartMillis), 100, -1)
	for len(values) < n {
		r, _ := sim.Next()
		if r.Topic == topic {
			values = append(values, r.Value)
		}
	}
	return values
}

// TestAllocationsPerRow counts what decode, transform and append allocate per row once the pipeline is warm, over as
// many rows as show every growth of the segment.
func TestAllocationsPerRow(t *testing.T) {
	shop := func(table string) (schema, config []byte) {
		schema, config, err := quickstart.Configs(table, "127.0.0.1:1")
		if err != nil {
			t.Fatal(err)
		}
		return schema, config
	}
	ordersSchema, ordersTable := shop("orders")
	itemsSchema, itemsTable := shop("order_items_enriched")
	for _, c := range []struct {
		name          string
		schema, table []byte
		values        func() [][]byte
	}{
		{"events", []byte(events.Schema), fmt.Appendf(nil, events.Table, "127.0.0.1:1"), func() [][]byte { return eventValues(400_000) }},
		{"three rows per record", []byte(unnestSchema), fmt.Appendf(nil, unnestTable, "127.0.0.1:1", 1_000_000), func() [][]byte { return unnestValues(100_000) }},
		{"the Book's orders", ordersSchema, ordersTable, func() [][]byte { return shopValues(quickstart.TopicOrders, 50_000) }},
		{"the Book's order items", itemsSchema, itemsTable, func() [][]byte { return shopValues("enriched-order-items", 100_000) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPath(t, c.schema, c.table)
			values := c.values()
			warm := len(values) / 5
			p.run(t, batchesOf(values[:warm], 0))
			batches := batchesOf(values[warm:], int64(warm))
			rows, bytes := p.segment.Rows(), p.bytes
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			p.run(t, batches)
			took := time.Since(began)
			runtime.ReadMemStats(&after)
			n := float64(p.segment.Rows() - rows)
			allocations := float64(after.Mallocs-before.Mallocs) / n
			t.Logf("%.0f rows: %.5f allocations and %.2f bytes per row on the heap, %.0f rows/s, %.0f MB/s of JSON", n, allocations,
				float64(after.TotalAlloc-before.TotalAlloc)/n, n/took.Seconds(), float64(p.bytes-bytes)/took.Seconds()/1e6)
			if allocations > maxAllocations {
				t.Errorf("%.4f allocations per row, want %g at most", allocations, maxAllocations)
			}
		})
	}
}
