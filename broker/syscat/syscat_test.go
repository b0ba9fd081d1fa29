package syscat

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/function/builtin"
)

var _ exec.Relations = (*Bound)(nil)

// world is a cluster of made-up tables.
type world struct{ tables []Table }

func (w *world) Tables() []Table { return slices.Clone(w.tables) }

func (w *world) Size(_ context.Context, table string) (rows, bytes int64) {
	return int64(len(table)) * 100, int64(len(table)) * 1000
}

func (w *world) Segments(_ context.Context, table string) ([]Segment, error) {
	return []Segment{{Name: table + "__0__0", Status: "DONE", EndOffset: 10, Rows: 10, Bytes: 100, HasTime: true, MinMillis: 1, MaxMillis: 2, CreatedMillis: 3},
		{Name: table + "__0__1", Status: "IN_PROGRESS", Sequence: 1, StartOffset: 10, EndOffset: -1, Rows: 5, Bytes: -1}}, nil
}

func (w *world) Partitions(context.Context, string) ([]Partition, error) {
	return []Partition{{State: "CONSUMING", Segment: "s", Segments: 2, StartOffset: 10, NextOffset: 15, HighWatermark: 18, LagOffsets: 3, LagMillis: 250, Rows: 15, ConsumedMillis: 5}}, nil
}

func (w *world) Status(string) (state, reason string) { return "READY", "" }

func (w *world) Sessions() []SessionInfo {
	return []SessionInfo{session{}.Info(), {PID: 8, User: "bob", Database: "db", Protocol: "http", Started: time.UnixMilli(1000)}}
}

func (w *world) Queries() []endpoint.QueryInfo {
	return []endpoint.QueryInfo{{ID: "q1", PID: 7, SQL: "SELECT 1", User: "ann", Database: "shop", Started: time.UnixMilli(5000)}}
}

type session struct{}

func (session) Info() SessionInfo {
	return SessionInfo{PID: 7, User: "ann", Database: "shop", Application: "psql", Remote: "10.0.0.1:5000", Protocol: "wire", Started: time.UnixMilli(2000)}
}

func (session) Settings() []Setting {
	return []Setting{{Name: "TimeZone", Value: "Europe/Berlin", Initial: "UTC", Reset: "UTC", About: "zone"},
		{Name: "server_version", Value: "15.0", Initial: "15.0", Reset: "15.0", Fixed: true}}
}

func sampleTable(t testing.TB) Table {
	t.Helper()
	s, _, err := catalog.ParseSchema([]byte(`{"schemaName": "t1", "description": "a table", "dimensionFieldSpecs": [
		{"name": "s", "dataType": "STRING", "description": "a \u0000column", "notNull": true, "defaultNullValue": "it's"},
		{"name": "i", "dataType": "INT", "defaultNullValue": -5},
		{"name": "b", "dataType": "BOOLEAN", "defaultNullValue": true},
		{"name": "j", "dataType": "JSON"}, {"name": "y", "dataType": "BYTES"},
		{"name": "ms", "dataType": "STRING", "singleValueField": false},
		{"name": "ml", "dataType": "LONG", "singleValueField": false, "defaultNullValue": 7}],
		"metricFieldSpecs": [{"name": "l", "dataType": "LONG"}, {"name": "f", "dataType": "FLOAT", "defaultNullValue": -1.5},
			{"name": "d", "dataType": "DOUBLE"}, {"name": "n", "dataType": "BIG_DECIMAL"}],
		"dateTimeFieldSpecs": [{"name": "ts", "dataType": "TIMESTAMP", "format": "TIMESTAMP", "granularity": "1:MILLISECONDS"}],
		"primaryKeyColumns": ["s", "i"]}`))
	if err != nil {
		t.Fatal(err)
	}
	return Table{Schema: s, Config: &catalog.Table{Name: "t1", Incarnation: "inc1", Version: 1}}
}

func plainTable(name string, columns int) Table {
	fields := make([]catalog.Field, columns)
	for i := range fields {
		fields[i] = catalog.Field{Name: fmt.Sprintf("c%d", i), Type: catalog.Long, Kind: catalog.FieldMetric}
	}
	return Table{Schema: catalog.NewSchema(name, fields), Config: &catalog.Table{Name: name, Incarnation: "of-" + name}}
}

func now(t testing.TB, c *Catalog) *snapshot {
	t.Helper()
	s, err := c.current()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newCatalog(t testing.TB, tables ...Table) (*Catalog, *world) {
	t.Helper()
	w := &world{tables: tables}
	c, err := New(Config{Tables: w, Storage: w, Activity: w, Registry: builtin.Registry(), Scalars: builtin.Scalars(),
		Aggregates: builtin.Aggregates(), Clock: clock.NewFake(time.UnixMilli(10_000))})
	if err != nil {
		t.Fatal(err)
	}
	return c, w
}

// scan gives rows as text, values separated by bars; columns are all where none is named.
func scan(t testing.TB, c *Catalog, schema, name string, columns ...string) []string {
	t.Helper()
	r, ok := c.Relation(schema, name)
	if !ok {
		t.Fatalf("no relation %s.%s", schema, name)
	}
	var positions []int
	for i, column := range r.Columns {
		if len(columns) == 0 || slices.Contains(columns, column.Name) {
			positions = append(positions, i)
		}
	}
	if len(columns) > 0 && len(positions) != len(columns) {
		t.Fatalf("%s.%s: of %v only %d columns exist", schema, name, columns, len(positions))
	}
	batches, err := c.For(session{}).Scan(context.Background(), schema, name, positions)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, b := range batches {
		if b.Rows > vec.BlockRows {
			t.Errorf("%s.%s: batch of %d rows", schema, name, b.Rows)
		}
		for i := range b.Rows {
			var row []string
			for p, v := range b.Cols {
				if v.Type != r.Columns[positions[p]].Type {
					t.Fatalf("%s.%s.%s is %v, declared %v", schema, name, r.Columns[positions[p]].Name, v.Type, r.Columns[positions[p]].Type)
				}
				row = append(row, v.At(i).String())
			}
			out = append(out, strings.Join(row, "|"))
		}
	}
	return out
}

// TestEveryRelationScans reads all rows and columns of all relations.
func TestEveryRelationScans(t *testing.T) {
	c, _ := newCatalog(t, sampleTable(t), plainTable("u2", 3))
	counts := map[string]int{}
	for _, name := range c.Names() {
		schema, relation, _ := strings.Cut(name, ".")
		counts[name] = len(scan(t, c, schema, relation))
	}
	for name, least := range map[string]int{"pg_catalog.pg_type": 600, "pg_catalog.pg_class": 370, "pg_catalog.pg_attribute": 2300, "pg_catalog.pg_operator": 799,
		"pg_catalog.pg_proc": 1500, "pg_catalog.pg_settings": 2, "pg_catalog.pg_timezone_names": 300, "information_schema.columns": 2000,
		"freshet.tables": 2, "freshet.segments": 4, "freshet.partitions": 2, "freshet.queries": 1, "freshet.sessions": 2, "freshet.settings": 2,
		"freshet.functions": 200, "pg_catalog.pg_get_keywords()": 400} {
		if counts[name] < least {
			t.Errorf("%s has %d rows, want at least %d", name, counts[name], least)
		}
	}
	if len(counts) < 208+7 {
		t.Errorf("%d relations", len(counts))
	}
}

// TestPersonalColumns shows that the database and the user are the session's.
func TestPersonalColumns(t *testing.T) {
	c, _ := newCatalog(t, sampleTable(t))
	if diff := cmp.Diff([]string{"5|'shop'"}, scan(t, c, "pg_catalog", "pg_database", "oid", "datname")); diff != "" {
		t.Error(diff)
	}
	for _, row := range scan(t, c, "information_schema", "columns", "table_catalog") {
		if row != "'shop'" {
			t.Fatalf("table_catalog is %s", row)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		newCatalog(b, plainTable("a", 20))
	}
}

func BenchmarkSessionFunctions(b *testing.B) {
	c, _ := newCatalog(b, plainTable("a", 20))
	r := builtin.Registry()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Extend(c.Functions(session{})); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkScan reads whole relations with 200 tables of 20 columns.
func BenchmarkScan(b *testing.B) {
	var tables []Table
	for i := range 200 {
		tables = append(tables, plainTable(fmt.Sprintf("t%d", i), 20))
	}
	c, _ := newCatalog(b, tables...)
	for _, name := range []string{"pg_catalog.pg_class", "pg_catalog.pg_attribute", "information_schema.columns", "pg_catalog.pg_stat_user_tables", "pg_catalog.pg_settings", "freshet.tables", "pg_catalog.pg_roles", "pg_catalog.pg_timezone_names"} {
		schema, relation, _ := strings.Cut(name, ".")
		r, _ := c.Relation(schema, relation)
		all := make([]int, len(r.Columns))
		for i := range all {
			all[i] = i
		}
		b.Run(name, func(b *testing.B) {
			if _, err := c.Scan(context.Background(), session{}, schema, relation, all); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := c.Scan(context.Background(), session{}, schema, relation, all); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("first scan of pg_attribute", func(b *testing.B) {
		for b.Loop() {
			c.mu.snapshot = nil
			if _, err := c.Scan(context.Background(), session{}, "pg_catalog", "pg_attribute", []int{0}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// TestWarm: what was read ahead is not read again.
func TestWarm(t *testing.T) {
	c, _ := newCatalog(t, sampleTable(t))
	if err := c.Warm(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, name := range c.Names() {
		schema, relation, _ := strings.Cut(name, ".")
		if r, _ := c.find(schema, relation); r.facts != nil && r.facts.batches == nil {
			t.Errorf("the facts of %s are not read", name)
		} else if r.derived != nil && c.mu.snapshot.built[r] == nil {
			t.Errorf("the rows of %s are not built", name)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := c.Warm(ctx); err == nil {
		t.Error("a cancelled Warm gives no error")
	}
}
