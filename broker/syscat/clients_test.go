package syscat_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/freshetdb/freshet/broker/syscat"
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/query/function/builtin"
)

func schemaOf(t testing.TB, text string) syscat.Table {
	t.Helper()
	s, _, err := catalog.ParseSchema([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return syscat.Table{Schema: s, Config: &catalog.Table{Name: s.Name, Incarnation: "inc-" + s.Name, Version: 1}}
}

// orders is the table of the recorded statements: in PostgreSQL it is
//
//	create table orders(s text not null default 'it''s', i int default -5, b bool default true, j json, y bytea, ms text[],
//	  ml bigint[] default '{7}', l bigint, f float4 default -1.5, d float8, n numeric, ts timestamp, primary key (s, i))
const orders = `{"schemaName": "%s", "dimensionFieldSpecs": [
	{"name": "s", "dataType": "STRING", "notNull": true, "defaultNullValue": "it's"},
	{"name": "i", "dataType": "INT", "defaultNullValue": -5},
	{"name": "b", "dataType": "BOOLEAN", "defaultNullValue": true},
	{"name": "j", "dataType": "JSON"}, {"name": "y", "dataType": "BYTES"},
	{"name": "ms", "dataType": "STRING", "singleValueField": false},
	{"name": "ml", "dataType": "LONG", "singleValueField": false, "defaultNullValue": 7}],
	"metricFieldSpecs": [{"name": "l", "dataType": "LONG"}, {"name": "f", "dataType": "FLOAT", "defaultNullValue": -1.5},
		{"name": "d", "dataType": "DOUBLE"}, {"name": "n", "dataType": "BIG_DECIMAL"}],
	"dateTimeFieldSpecs": [{"name": "ts", "dataType": "TIMESTAMP", "format": "TIMESTAMP", "granularity": "1:MILLISECONDS"}],
	"primaryKeyColumns": ["s", "i"]}`

const orderItems = `{"schemaName": "orderItems", "dimensionFieldSpecs": [{"name": "orderId", "dataType": "STRING"}],
	"metricFieldSpecs": [{"name": "price", "dataType": "DOUBLE"}],
	"dateTimeFieldSpecs": [{"name": "ts", "dataType": "TIMESTAMP", "format": "TIMESTAMP", "granularity": "1:MILLISECONDS"}]}`

func newEngine(t testing.TB) *engine {
	t.Helper()
	list := []syscat.Table{schemaOf(t, fmt.Sprintf(orders, "orders")), schemaOf(t, fmt.Sprintf(orders, "t1")), schemaOf(t, orderItems)}
	c, err := syscat.New(syscat.Config{Tables: syscat.SampleTables(list...), Registry: builtin.Registry(), Scalars: builtin.Scalars(),
		Aggregates: builtin.Aggregates(), Clock: clock.NewFake(time.UnixMilli(1_781_524_800_000))})
	if err != nil {
		t.Fatal(err)
	}
	e := &engine{c: c, session: syscat.SampleSession{}, tables: map[string]*catalog.Schema{}}
	if e.functions, err = builtin.Registry().Extend(append(c.Functions(e.session), sessionFunctions()...)); err != nil {
		t.Fatal(err)
	}
	for _, x := range list {
		e.tables[x.Config.Name] = x.Schema
	}
	return e
}

type fixture struct{ client, text string }

// fixtures reads recorded statements.
func fixtures(t testing.TB, e *engine, name string) []fixture {
	t.Helper()
	text, err := os.ReadFile("testdata/clients/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []fixture
	client := ""
	var statement []string
	for _, line := range strings.Split(string(text), "\n") {
		switch {
		case line == ";;":
			out = append(out, fixture{client, e.withOIDs(t, strings.Join(statement, "\n"))})
			statement = nil
		case strings.HasPrefix(line, "# ") && statement == nil:
			client = strings.TrimPrefix(line, "# ")
		case line != "" || statement != nil:
			statement = append(statement, line)
		}
	}
	return out
}

// withOIDs puts object ids where a recorded statement has {oid:name}.
func (e *engine) withOIDs(t testing.TB, text string) string {
	for {
		before, rest, ok := strings.Cut(text, "{oid:")
		if !ok {
			return text
		}
		name, after, _ := strings.Cut(rest, "}")
		_, rows, err := e.run(context.Background(), `SELECT oid FROM pg_class WHERE relname = '`+name+`'`)
		if err != nil || len(rows) != 1 {
			t.Fatalf("object id of %s: %v, %v", name, rows, err)
		}
		text = before + rows[0] + after
	}
}

func TestClients(t *testing.T) {
	e := newEngine(t)
	for _, file := range []string{"psql", "drivers"} {
		for _, f := range fixtures(t, e, file) {
			_, rows, err := e.run(context.Background(), f.text)
			if err != nil && err != errNoQuery {
				short := f.text
				if len(short) > 300 {
					short = short[:300]
				}
				t.Logf("FAIL %s: %v\n      %s", f.client, err, strings.ReplaceAll(short, "\n", " "))
			} else {
				t.Logf("ok %s: %d rows", f.client, len(rows))
			}
		}
	}
}
