package json

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/freshetdb/freshet/catalog"
)

var kinds = map[string]catalog.Kind{"INT": catalog.KindInt, "LONG": catalog.KindLong, "FLOAT": catalog.KindFloat, "DOUBLE": catalog.KindDouble,
	"BIG_DECIMAL": catalog.KindBigDecimal, "BOOLEAN": catalog.KindBoolean, "TIMESTAMP": catalog.KindTimestamp, "STRING": catalog.KindString,
	"JSON": catalog.KindJSON, "BYTES": catalog.KindBytes}

// fieldsOf reads name=TYPE[_ARRAY][:maxLength] arguments.
func fieldsOf(d *datadriven.TestData) []Field {
	var fields []Field
	for _, arg := range d.CmdArgs {
		if len(arg.Vals) == 0 || arg.Key == "collections" {
			continue
		}
		name, array := strings.CutSuffix(arg.Vals[0], "_ARRAY")
		f := Field{Name: arg.Key, Type: catalog.Type{Kind: kinds[name], MultiValue: array}}
		if len(arg.Vals) > 1 {
			if _, err := fmt.Sscan(arg.Vals[1], &f.MaxLength); err != nil {
				panic(err)
			}
		}
		if len(arg.Vals) > 2 {
			f.MaxLengthStrategy = arg.Vals[2]
		}
		f.Part = map[string]Part{"KEYS": PartKeys, "VALUES": PartValues}[name]
		if f.Part != PartNone {
			f.Name, f.Type = strings.TrimSuffix(strings.TrimSuffix(f.Name, "K"), "V"), catalog.String.Array()
		}
		f.Raw = f.Type.Kind == 0
		f.Computed, f.Forgive, f.Document = d.HasArg("computed"), d.HasArg("forgive"), d.HasArg("document")
		if f.Raw {
			f.Type = catalog.JSON
		}
		fields = append(fields, f)
	}
	return fields
}

// TestDecode runs testdata: decode name=TYPE ...; each line of input is a record.
func TestDecode(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			fields := fieldsOf(d)
			var opts Options
			if d.HasArg("collections") {
				opts.Collections = map[string]Collections{"ALL": catalog.CollectionsAll, "NONE": catalog.CollectionsNone}[arg(d, "collections")]
			}
			dec, err := New(fields, opts)
			if err != nil {
				return "error: " + err.Error() + "\n"
			}
			var out strings.Builder
			for _, line := range strings.Split(d.Input, "\n") {
				if err := dec.Decode([]byte(line)); err != nil {
					fmt.Fprintf(&out, "error: %v\n", err)
				}
			}
			for _, l := range dec.Losses() {
				fmt.Fprintf(&out, "row %d lost: %v\n", l.Row, l.Err)
			}
			for r := range dec.Rows() {
				for i, f := range fields {
					fmt.Fprintf(&out, "%s=%s ", f.Name, dec.Column(i).At(r))
				}
				out.WriteByte('\n')
			}
			return out.String()
		})
	})
}

func arg(d *datadriven.TestData, key string) string {
	for _, a := range d.CmdArgs {
		if a.Key == key {
			return a.Vals[0]
		}
	}
	return ""
}

const event = `{"ts":1767225600123,"country":"ac0","device":"device-3","campaign":"campaign-home-17","userId":1234567,` +
	`"url":"https://www.example.com/home/search/product-17?ref=cart-3","status":"ok","price":12.34,"quantity":3,"lat":12.912345,"lon":77.512345}`

func eventFields() []Field {
	var fields []Field
	for _, c := range []string{"country", "device", "campaign", "url", "status"} {
		fields = append(fields, Field{Name: c, Type: catalog.String, MaxLength: 512})
	}
	fields = append(fields, Field{Name: "ts", Type: catalog.Timestamp}, Field{Name: "userId", Type: catalog.Long}, Field{Name: "price", Type: catalog.Double},
		Field{Name: "quantity", Type: catalog.Int}, Field{Name: "lat", Type: catalog.Double}, Field{Name: "lon", Type: catalog.Double})
	return fields
}

func TestNoAllocationsPerRecord(t *testing.T) {
	dec, err := New(eventFields(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	record := []byte(event)
	batch := func() {
		dec.Reset()
		for range 1000 {
			if err := dec.Decode(record); err != nil {
				t.Fatal(err)
			}
		}
	}
	batch()
	if n := testing.AllocsPerRun(10, batch); n > 0 {
		t.Errorf("%v allocations per 1000 records, want 0", n)
	}
}

func BenchmarkDecodeEvent(b *testing.B) {
	dec, err := New(eventFields(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	record := []byte(event)
	b.SetBytes(int64(len(record)))
	b.ReportAllocs()
	for i := range b.N {
		if i%1000 == 0 {
			dec.Reset()
		}
		if err := dec.Decode(record); err != nil {
			b.Fatal(err)
		}
	}
}

func TestLimits(t *testing.T) {
	dec, err := New([]Field{{Name: "a", Type: catalog.JSON}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	nested := func(n int) []byte {
		return []byte(`{"a":` + strings.Repeat("[", n-1) + strings.Repeat("]", n-1) + "}")
	}
	if err := dec.Decode(nested(MaxDepth)); err != nil {
		t.Errorf("%d levels: %v", MaxDepth, err)
	}
	if err := dec.Decode(nested(MaxDepth + 1)); err == nil {
		t.Errorf("%d levels are accepted", MaxDepth+1)
	}
	if err := dec.Decode(make([]byte, MaxRecordBytes+1)); err == nil {
		t.Error("a record above the limit is accepted")
	}
	if _, err := New([]Field{{Name: "a" + strings.Repeat(".b", maxDots+1), Type: catalog.Int}}, Options{}); err == nil {
		t.Error("a name with too many delimiters is accepted")
	}
	if _, err := New([]Field{{Name: "a", Type: catalog.Null}}, Options{}); err == nil {
		t.Error("a field of no stored type is accepted")
	}
}

// TestTruncate takes rows back and decodes others in their place.
func TestTruncate(t *testing.T) {
	dec, err := New([]Field{{Name: "a", Type: catalog.Int, Forgive: true}, {Name: "m", Type: catalog.String.Array()}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for round := range 3 {
		for i := range 400 {
			text := fmt.Sprintf(`{"a": %d, "m": ["x%d", "y"]}`, i, i)
			if i%3 == 0 {
				text = `{"a": "bad"}`
			}
			if err := dec.Decode([]byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		dec.Truncate(5)
		if err := dec.Decode([]byte(`{"m": "z"}`)); err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for r := range dec.Rows() {
			fmt.Fprintf(&got, "%s %s, ", dec.Column(0).At(r), dec.Column(1).At(r))
		}
		if want := "NULL NULL, 1 ['x1' 'y'], 2 ['x2' 'y'], NULL NULL, 4 ['x4' 'y'], NULL ['z'], "; got.String() != want {
			t.Fatalf("round %d: got %s, want %s", round, got.String(), want)
		}
		if n := len(dec.Losses()); n != 2 {
			t.Fatalf("round %d: %d losses, want 2", round, n)
		}
		dec.Reset()
	}
}

// TestChangingShapesDoNotAllocate decodes records with keys left out, added and in another order.
func TestChangingShapesDoNotAllocate(t *testing.T) {
	dec, err := New(append(eventFields(), Field{Name: "tags", Type: catalog.String.Array()}, Field{Name: "geo.city", Type: catalog.String}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	records := [][]byte{[]byte(event), []byte(`{"userId": 7, "unknown": {"x": [1, 2, {"y": null}]}, "country": "\u00e9t\u00e9", "tags": ["a", "b"]}`), []byte(`{}`),
		[]byte(`{"another": 1, "price": 1e2, "geo": {"city": "Pune", "zip": 411001}, "ts": "2024-01-01 00:00:00"}`)}
	batch := func() {
		dec.Reset()
		for i := range 1000 {
			if err := dec.Decode(records[i%len(records)]); err != nil {
				t.Fatal(err)
			}
		}
	}
	batch()
	if n := testing.AllocsPerRun(10, batch); n > 0 {
		t.Errorf("%v allocations per 1000 records, want 0", n)
	}
}
