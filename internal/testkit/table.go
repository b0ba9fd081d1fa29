package testkit

import (
	"embed"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/freshetdb/freshet/catalog"
)

//go:embed data
var data embed.FS

// Table is a schema with its rows, a value per field. It is immutable.
type Table struct {
	Schema *catalog.Schema
	Rows   [][]catalog.Value
}

// Tables are those that scripts run over: the pizza shop (orders, items, users), types, which has a column of every type
// with extreme values, and events, which is large enough for several blocks.
func Tables() ([]*Table, error) {
	var out []*Table
	for _, name := range []string{"orders", "items", "users", "types"} {
		t, err := fixedTable(name)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return append(out, eventTable(eventRows)), nil
}

// fixedTable reads a table of the package's data.
func fixedTable(name string) (*Table, error) {
	text, err := data.ReadFile("data/" + name + ".schema.json")
	if err != nil {
		return nil, fmt.Errorf("table %s: %w", name, err)
	}
	schema, unknown, err := catalog.ParseSchema(text)
	if err != nil || len(unknown) > 0 {
		return nil, fmt.Errorf("table %s: schema: %w, unknown properties %v", name, err, unknown)
	}
	text, err = data.ReadFile("data/" + name + ".rows")
	if err != nil {
		return nil, fmt.Errorf("table %s: %w", name, err)
	}
	t := &Table{Schema: schema}
	for i, line := range strings.Split(strings.TrimRight(string(text), "\n"), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(line, "|")
		if len(cells) != len(schema.Fields) {
			return nil, fmt.Errorf("table %s line %d: %d cells, want %d", name, i+1, len(cells), len(schema.Fields))
		}
		row := make([]catalog.Value, len(cells))
		for c, cell := range cells {
			if row[c], err = parseCell(cell, schema.Fields[c].Type); err != nil {
				return nil, fmt.Errorf("table %s line %d column %s: %w", name, i+1, schema.Fields[c].Name, err)
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

// parseCell reads a value: \N is NULL, arrays are {a,b}, octets hexadecimal, \n, \t and \\ stand in texts.
func parseCell(text string, t catalog.Type) (catalog.Value, error) {
	v := catalog.Value{Type: t}
	if text == `\N` {
		v.Null = true
		return v, nil
	}
	if t.MultiValue {
		for e := range strings.SplitSeq(strings.Trim(text, "{}"), ",") {
			x, err := parseCell(e, t.Elem())
			if err != nil {
				return v, err
			}
			v.Elems = append(v.Elems, x)
		}
		return v, nil
	}
	var err error
	switch t.Kind {
	case catalog.KindInt, catalog.KindLong:
		v.I64, err = strconv.ParseInt(text, 10, 64)
	case catalog.KindFloat:
		v.F64, err = strconv.ParseFloat(text, 32)
	case catalog.KindDouble:
		v.F64, err = strconv.ParseFloat(text, 64)
	case catalog.KindBigDecimal:
		v.Str = trimDecimal(text)
	case catalog.KindBoolean:
		if text == "t" {
			v.I64 = 1
		}
	case catalog.KindTimestamp:
		var at time.Time
		at, err = time.Parse("2006-01-02 15:04:05.999", text)
		v.I64 = at.UnixMilli()
	case catalog.KindBytes:
		var b []byte
		b, err = hex.DecodeString(text)
		v.Str = string(b)
	default:
		v.Str = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\\`, `\`).Replace(text)
		if t.Kind == catalog.KindJSON {
			v.Str = text
		}
	}
	return v, err
}

// eventRows makes two full blocks and a part of a third.
const eventRows = 18_000

// eventTable makes events: skewed countries, NULLs, few and many distinct values.
func eventTable(n int) *Table {
	field := func(name string, t catalog.Type, kind catalog.FieldKind, def catalog.Value) catalog.Field {
		return catalog.Field{Name: name, Type: t, Kind: kind, Default: def}
	}
	t := &Table{Schema: catalog.NewSchema("events", []catalog.Field{
		field("id", catalog.Long, catalog.FieldDimension, catalog.LongValue(math.MinInt64)),
		field("country", catalog.String, catalog.FieldDimension, catalog.StringValue("null")),
		field("device", catalog.String, catalog.FieldDimension, catalog.StringValue("null")),
		field("url", catalog.String, catalog.FieldDimension, catalog.StringValue("null")),
		field("user_id", catalog.Int, catalog.FieldDimension, catalog.IntValue(math.MinInt32)),
		field("bot", catalog.Boolean, catalog.FieldDimension, catalog.BoolValue(false)),
		field("latency", catalog.Int, catalog.FieldMetric, catalog.IntValue(0)),
		field("amount", catalog.Double, catalog.FieldMetric, catalog.DoubleValue(0)),
		field("bytes", catalog.Long, catalog.FieldMetric, catalog.LongValue(0)),
		field("ts", catalog.Timestamp, catalog.FieldDateTime, catalog.TimestampValue(0)),
	})}
	r := rand.New(rand.NewPCG(2026, 1))
	countries := []string{"DE", "FR", "US", "JP", "BR", "IN", "TR", "PL", "SE", "NO", "PT", "GR"}
	devices := []string{"phone", "tablet", "desktop", "tv"}
	nullable := func(percent int, v catalog.Value) catalog.Value {
		if r.IntN(100) < percent {
			return catalog.NullValue(v.Type)
		}
		return v
	}
	const start, second = 1_767_225_600_000, 1000 // 2026-01-01
	at := int64(start)
	for i := range n {
		at += int64(r.IntN(10 * second))
		c := min(r.IntN(len(countries)), r.IntN(len(countries)))
		t.Rows = append(t.Rows, []catalog.Value{
			catalog.LongValue(int64(i)),
			nullable(3, catalog.StringValue(countries[c])),
			catalog.StringValue(devices[r.IntN(len(devices))]),
			catalog.StringValue(fmt.Sprintf("/shop/%s/%d", devices[i%3], r.IntN(500))),
			catalog.IntValue(int64(r.IntN(1000))),
			nullable(10, catalog.BoolValue(r.IntN(20) == 0)),
			nullable(5, catalog.IntValue(int64(r.IntN(2000)))),
			nullable(2, catalog.DoubleValue(float64(r.IntN(100_000))/100)),
			catalog.LongValue(r.Int64N(1 << 40)),
			nullable(1, catalog.TimestampValue(at)),
		})
	}
	return t
}
