package transform

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/configs"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/query/function/builtin"
)

func compile(t testing.TB, schemaLines, ingestion string) (*catalog.Schema, *Pipeline) {
	t.Helper()
	s, table := tableOf(t, schemaLines, ingestion, "ts")
	p, err := Compile(s, table, registry(t))
	if err != nil {
		t.Fatal(err)
	}
	return s, p
}

const timeLine = "ts TIMESTAMP dateTime \"format\": \"TIMESTAMP\", \"granularity\": \"1:MILLISECONDS\"\n"

func TestPlausibleBounds(t *testing.T) {
	if want := time.Date(1971, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli(); minPlausible != want {
		t.Errorf("times begin at %d, want %d", minPlausible, want)
	}
	if want := time.Date(2071, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli(); maxPlausible != want {
		t.Errorf("times end at %d, want %d", maxPlausible, want)
	}
}

// TestManyChunks processes more records and rows than one chunk takes: text of earlier chunks has to survive later ones.
func TestManyChunks(t *testing.T) {
	s, p := compile(t, "id STRING\nitems.name STRING\nitems.tags STRING_ARRAY\nflag BOOLEAN\n"+timeLine, `{"complexTypeConfig": {"fieldsToUnnest": ["items"]}}`)
	var recs []ingest.Record
	var want []string
	for i := range 3*chunkRecords + 17 {
		var text strings.Builder
		fmt.Fprintf(&text, `{"id": "r\u0030%d", "flag": %t, "items": [`, i, i%2 == 0)
		elements := i % 3
		if i%1000 == 0 {
			elements = 9000
		}
		for e := range elements {
			if e > 0 {
				text.WriteByte(',')
			}
			fmt.Fprintf(&text, `{"name": "n\u0030%d-%d", "tags": ["a\u0030%d", "b"]}`, i, e, e)
			want = append(want, fmt.Sprintf("r0%d %d n0%d-%d ['a0%d' 'b'] %t", i, e, i, e, e, i%2 == 0))
		}
		if elements == 0 {
			want = append(want, fmt.Sprintf("r0%d 0 NULL NULL %t", i, i%2 == 0))
		}
		text.WriteString("]}")
		recs = append(recs, ingest.Record{Value: []byte(text.String()), Offset: int64(i), TimestampMs: recordTime})
	}
	for range 2 {
		rows, err := p.Process(recs)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows.Rejects) > 0 || rows.Batch.Rows != len(want) {
			t.Fatalf("%d rows, want %d; rejects %v", rows.Batch.Rows, len(want), rows.Rejects)
		}
		cols := rows.Batch.Cols
		for i, w := range want {
			name := cols[1].At(i).String()
			got := fmt.Sprintf("%s %d %s %s %t", cols[0].StrAt(i), rows.Ordinals[i], strings.Trim(name, "'"), cols[2].At(i), cols[3].BoolAt(i))
			if got != w {
				t.Fatalf("row %d is %s, want %s", i, got, w)
			}
		}
		for i, f := range s.Fields {
			if cols[i].Type != f.Type || cols[i].Len != len(want) {
				t.Errorf("column %s is %s of %d rows", f.Name, cols[i].Type, cols[i].Len)
			}
		}
	}
}

// TestRunsOfRecords processes records that look alike, more than a chunk takes, with tombstones, bad records and others of
// another shape between them: rows, offsets and rejects are those of the records one by one.
func TestRunsOfRecords(t *testing.T) {
	_, p := compile(t, "name STRING\ncount LONG\nprice DOUBLE\nflag BOOLEAN\n"+timeLine, `{}`)
	var recs []ingest.Record
	var want []string
	var bad []int
	tombstones := 0
	for i := range chunkRecords + 3000 {
		value := fmt.Appendf(nil, `{"ts":%d,"name":"a name of some length %d","count":%d,"price":%d.25,"flag":%t}`, recordTime+int64(i), i, i*1000-7, i, i%2 == 0)
		row := fmt.Sprintf("%d %d a name of some length %d|%d|%d.25|%t", i, recordTime+int64(i), i, i*1000-7, i, i%2 == 0)
		switch {
		case i%701 == 5:
			value, row = nil, ""
			tombstones++
		case i%811 == 9:
			value, row = append(value, '!'), ""
			bad = append(bad, i)
		case i%97 == 3:
			value = fmt.Appendf(nil, `{"count": %d, "name": "\u00e9 %d", "more": [1]}`, i, i)
			row = fmt.Sprintf("%d %d é %d|%d|NULL|NULL", i, recordTime, i, i)
		}
		recs = append(recs, ingest.Record{Value: value, Offset: int64(i), TimestampMs: recordTime})
		if row != "" {
			want = append(want, row)
		}
	}
	if taken, err := p.chunk(recs, 0); taken != chunkRecords || err != nil {
		t.Errorf("a chunk takes %d records (%v), want %d", taken, err, chunkRecords)
	}
	for range 2 {
		rows, err := p.Process(recs)
		if err != nil {
			t.Fatal(err)
		}
		var rejected []int
		for _, r := range rows.Rejects {
			rejected = append(rejected, r.Record)
		}
		if !slices.Equal(rejected, bad) || rows.Tombstones != tombstones || rows.Batch.Rows != len(want) {
			t.Fatalf("%d rows, %d tombstones, rejects %v; want %d, %d, %v", rows.Batch.Rows, rows.Tombstones, rejected, len(want), tombstones, bad)
		}
		for i, w := range want {
			at := func(c int) catalog.Value { return rows.Batch.Cols[c].At(i) }
			if got := fmt.Sprintf("%d %d %s|%d|%s|%s", rows.Offsets[i], at(4).I64, at(0).Str, at(1).I64, at(2), at(3)); got != w {
				t.Fatalf("row %d is %s, want %s", i, got, w)
			}
		}
	}
}

// TestTooManyRows rejects a record that would explode; its elements leave nothing behind for the others.
func TestTooManyRows(t *testing.T) {
	_, p := compile(t, "id STRING\na.x INT\nb.y INT\n"+timeLine, `{"complexTypeConfig": {"fieldsToUnnest": ["a", "b"]}}`)
	list := func(key string, n int) string {
		elements := make([]string, n)
		for i := range elements {
			elements[i] = fmt.Sprintf(`{%q: %d}`, key, i)
		}
		return "[" + strings.Join(elements, ",") + "]"
	}
	lines := []string{`{"id": "before", "a": [{"x": 1}]}`}
	for range 6 {
		lines = append(lines, `{"id": "wide", "a": `+list("x", maxRowsPerRecord+1)+`}`, `{"id": "product", "a": `+list("x", 200)+`, "b": `+list("y", 200)+`}`)
	}
	lines = append(lines, `{"id": "after", "a": [{"x": 2}, {"x": 3}], "b": [{"y": 4}]}`)
	rows, err := p.Process(recordsOf(lines))
	if err != nil {
		t.Fatal(err)
	}
	if len(rows.Rejects) != 12 || rows.Batch.Rows != 3 {
		t.Fatalf("%d rows and %d rejects, want 3 and 12", rows.Batch.Rows, len(rows.Rejects))
	}
	var got []string
	for r := range rows.Batch.Rows {
		got = append(got, fmt.Sprintf("%s %s %s", rows.Batch.Cols[0].StrAt(r), rows.Batch.Cols[1].At(r), rows.Batch.Cols[2].At(r)))
	}
	if want := []string{"before 1 NULL", "after 2 4", "after 3 4"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestBatchesDoNotMatter splits random records into random batches: the rows and rejects are the same.
func TestBatchesDoNotMatter(t *testing.T) {
	s, p := compile(t, "id STRING\nn INT\nup STRING dimension \"maxLength\": 4\nitems.sku STRING\ntags STRING_ARRAY\nreq LONG dimension \"notNull\": true\n"+timeLine,
		`{"complexTypeConfig": {"fieldsToUnnest": ["items"]}, "filterConfig": {"filterFunction": "n = 3"}, "transformConfigs": [
		{"columnName": "up", "transformFunction": "upper(testFussy(word))"}, {"columnName": "tags", "transformFunction": "testWords(words)"}]}`)
	field := rapid.SampledFrom([]string{`"id": "x"`, `"id": 5`, `"n": 3`, `"n": 4`, `"n": "no"`, `"n": null`, `"word": "long word"`, `"word": "bad"`, `"up": "given"`, `"up": {"a": 1}`,
		`"items": [{"sku": "a"}, {"sku": "b"}]`, `"items": []`, `"items": [{"sku": "c"}]`, `"tags": ["t"]`, `"words": "w1 w2"`, `"req": 1`, `"ts": 1600000000000`, `"ts": 1`})
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
			return "{" + strings.Join(rapid.SliceOfN(field, 0, 5).Draw(t, "fields"), ", ") + "}"
		}), 1, 12).Draw(t, "records")
		recs := recordsOf(lines)
		process := func(recs []ingest.Record, first int) (out []string) {
			rows, err := p.Process(recs)
			if err != nil {
				t.Fatal(err)
			}
			for i := range rows.Rejects {
				rows.Rejects[i].Record += first
			}
			for _, line := range strings.Split(show(s, rows), "\n") {
				if strings.Contains(line, ":") {
					out = append(out, line)
				}
			}
			return out
		}
		whole := process(recs, 0)
		var parts []string
		for at := 0; at < len(recs); {
			n := rapid.IntRange(1, len(recs)-at).Draw(t, "batch")
			parts = append(parts, process(recs[at:at+n], at)...)
			at += n
		}
		slices.Sort(whole)
		slices.Sort(parts)
		if !slices.Equal(whole, parts) {
			t.Fatalf("at once:\n%s\nin parts:\n%s", strings.Join(whole, "\n"), strings.Join(parts, "\n"))
		}
	})
}

// FuzzProcess feeds a pipeline that does everything any bytes: no panic, rows add up, and good records around stay good.
func FuzzProcess(f *testing.F) {
	for _, s := range []string{`{"id": 1}`, `{"items": [{"sku": [1, [2]]}]}`, `{"a": {"b": "2"}}`, `{"items": [1, "x", null, {"parts": {"p": []}}]}`, `[]`, `{"m": {"k": "v"}}`, "{\"id\": \"\xff\"}"} {
		f.Add([]byte(s))
	}
	s, p := compile(f, "id STRING\na.b INT\nitems.sku STRING_ARRAY\nitems.parts.p LONG\nm__VALUES STRING_ARRAY\nup STRING\n"+timeLine,
		`{"complexTypeConfig": {"fieldsToUnnest": ["items", "items.parts"]}, "transformConfigs": [{"columnName": "up", "transformFunction": "upper(word)"}]}`)
	f.Fuzz(func(t *testing.T, data []byte) {
		recs := recordsOf([]string{`{"id": "first", "word": "w"}`, "", `{"id": "last", "items": [{"sku": "s"}]}`})
		recs[1].Value = data
		rows, err := p.Process(recs)
		if err != nil {
			t.Fatal(err)
		}
		n := rows.Batch.Rows
		if len(rows.Offsets) != n || len(rows.Ordinals) != n || len(rows.Batch.Cols) != len(s.Fields) {
			t.Fatalf("%d rows with %d offsets", n, len(rows.Offsets))
		}
		for i, c := range rows.Batch.Cols {
			if c.Len != n || c.Type != s.Fields[i].Type {
				t.Fatalf("column %s is %s of %d rows, want %d", s.Fields[i].Name, c.Type, c.Len, n)
			}
		}
		if text := show(s, rows); !strings.HasPrefix(text, "100.0: id='first'") || rows.Batch.Cols[0].StrAt(n-1) != "last" || rows.Batch.Cols[5].StrAt(0) != "W" {
			t.Fatalf("neighbours of %q changed: %s", data, text)
		}
	})
}

const event = `{"ts":1767225600123,"country":"ac0","device":"device-3","campaign":"campaign-home-17","userId":1234567,` +
	`"url":"https://www.example.com/home/search/product-17?ref=cart-3","status":"ok","price":12.34,"quantity":3,"lat":12.912345,"lon":77.512345}`

const eventSchema = "country STRING\ndevice STRING\ncampaign STRING\nurl STRING\nstatus STRING\nuserId LONG\nlat DOUBLE\nlon DOUBLE\nprice DOUBLE metric\nquantity INT metric\n" + timeLine

func repeated(value string, n int) []ingest.Record {
	recs := make([]ingest.Record, n)
	for i := range recs {
		recs[i] = ingest.Record{Value: []byte(value), Offset: int64(i), TimestampMs: recordTime}
	}
	return recs
}

// TestNoAllocationsPerRow counts the allocations of a batch: a handful per batch, none per row.
func TestNoAllocationsPerRow(t *testing.T) {
	for _, c := range []struct {
		name, schema, ingestion string
		values                  []string
		most                    float64
	}{
		{"flat", eventSchema, `{}`, []string{event}, 0},
		{"nulls", eventSchema, `{}`, []string{event, `{"country": "x"}`}, 0},
		{"filter", eventSchema, `{"filterConfig": {"filterFunction": "quantity = 4"}}`, []string{event, `{"quantity": 4}`}, 20},
		{"arithmetic", eventSchema, `{"transformConfigs": [{"columnName": "lat", "transformFunction": "price * quantity"}]}`, []string{`{"price": 2.5, "quantity": 3}`}, 20},
		{"unnest", "id STRING\nitems.sku STRING\n" + timeLine, `{"complexTypeConfig": {"fieldsToUnnest": ["items"]}}`, []string{`{"id": "a", "items": [{"sku": "x"}, {"sku": "y"}]}`}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, p := compile(t, c.schema, c.ingestion)
			var recs []ingest.Record
			for range 1000 / len(c.values) {
				for _, v := range c.values {
					recs = append(recs, ingest.Record{Value: []byte(v), TimestampMs: recordTime})
				}
			}
			batch := func() {
				if rows, err := p.Process(recs); err != nil || len(rows.Rejects) > 0 {
					t.Fatal(err, rows)
				}
			}
			batch()
			if n := testing.AllocsPerRun(10, batch); n > c.most {
				t.Errorf("%v allocations per batch of %d records, want at most %v", n, len(recs), c.most)
			}
		})
	}
}

// shopPipeline compiles a table of the pizza shop.
func shopPipeline(t testing.TB, table string) (*catalog.Schema, *Pipeline) {
	t.Helper()
	read := func(suffix string) []byte {
		data, err := configs.PizzaShop.ReadFile("pizzashop/" + table + suffix)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	s, _, err := catalog.ParseSchema(read(".schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	config, _, _, err := catalog.ParseTable(read(".table.json"), s)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Compile(s, config, builtin.Registry())
	if err != nil {
		t.Fatal(err)
	}
	return s, p
}

const order = `{"id": "a9b8-77", "createdAt": "2024-01-31T09:05:00.123456", "userId": 17, "price": 1063.5, "items": [{"productId": "1", "quantity": 3, "price": 249.0}, ` +
	`{"productId": "80", "quantity": 2, "price": 28.5}, {"productId": "31", "quantity": 1, "price": 99.0}], "deliveryLat": "12.9716000", "deliveryLon": "77.5946000"}`

// TestShopOrder takes an order through the shop's own config: computed time, sums over items, numbers in strings.
func TestShopOrder(t *testing.T) {
	s, p := shopPipeline(t, "orders")
	rows, err := p.Process(repeated(order, 1))
	if err != nil {
		t.Fatal(err)
	}
	want := "0.0: id='a9b8-77' userId=17 deliveryLat=12.9716 deliveryLon=77.5946 items='[{\"productId\":\"1\",\"quantity\":3,\"price\":249.0}," +
		"{\"productId\":\"80\",\"quantity\":2,\"price\":28.5},{\"productId\":\"31\",\"quantity\":1,\"price\":99.0}]' productsOrdered=3 totalQuantity=6 price=1063.5 ts=1706691900123\nnewest 1706691900123\n"
	if got := show(s, rows); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func BenchmarkEvent(b *testing.B) {
	_, p := compile(b, eventSchema, `{}`)
	benchmark(b, p, event)
}

func BenchmarkOrder(b *testing.B) {
	_, p := shopPipeline(b, "orders")
	benchmark(b, p, order)
}

func benchmark(b *testing.B, p *Pipeline, value string) {
	b.Helper()
	const batch = 1024
	recs := repeated(value, batch)
	b.SetBytes(int64(len(value)))
	b.ReportAllocs()
	for done := 0; done < b.N; done += batch {
		rows, err := p.Process(recs[:min(batch, b.N-done)])
		if err != nil || len(rows.Rejects) > 0 {
			b.Fatal(err, rows.Rejects)
		}
	}
}
