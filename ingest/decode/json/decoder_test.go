package json

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

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
		if arg.Key == "collections" || arg.Key == "lenient" {
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
		f.Raw = f.Type.Kind == 0
		f.Lenient = d.HasArg("lenient")
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

// FuzzDecode compares with encoding/json: a record is accepted by both or neither, and values agree.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{event, `{}`, `{"a":1,"a":2}`, `{"a":"\ud83d\ude00\n","b":[1,"x",null]}`, `{"a":1e400}`, `{"a":{"b":[{"c":-0.0}]}}`, `[1]`,
		`{"a":"\ud800"}`, `{"b":[]}`, "{\"a\":\"\xff\"}", `{"a":12345678901234567890}`, ` { "a" : true } x`} {
		f.Add([]byte(s))
	}
	dec, err := New([]Field{{Name: "a", Type: catalog.JSON}, {Name: "b", Type: catalog.String.Array(), Lenient: true}, {Name: "n", Type: catalog.Double, Lenient: true}}, Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		dec.Reset()
		got := dec.Decode(data)
		var want map[string]json.RawMessage
		wantErr := json.Unmarshal(data, &want)
		if want == nil && wantErr == nil {
			wantErr = fmt.Errorf("null is not a record")
		}
		if !utf8.Valid(data) || nestedDeeper(data, MaxDepth-2) {
			return // encoding/json replaces bad UTF-8 and nests deeper
		}
		if (got == nil) != (wantErr == nil) {
			t.Fatalf("%q: ours %v, encoding/json %v", data, got, wantErr)
		}
		if got != nil {
			if dec.Rows() != 0 {
				t.Fatal("a failed record left a row")
			}
			return
		}
		a := dec.Column(0).At(0)
		raw, ok := want["a"]
		if a.Null != (!ok || string(raw) == "null") {
			t.Fatalf("%q: a is %v, encoding/json has %q", data, a, raw)
		}
		var x float64
		if json.Unmarshal(want["n"], &x) == nil && len(want["n"]) > 0 && string(want["n"]) != "null" {
			if n := dec.Column(2).At(0); n.Null || n.F64 != x && !math.IsInf(n.F64, 0) {
				t.Fatalf("%q: n is %v, encoding/json has %v", data, n, x)
			}
		}
	})
}

func nestedDeeper(data []byte, limit int) bool {
	depth := 0
	for _, c := range data {
		if c == '{' || c == '[' {
			depth++
		}
	}
	return depth > limit
}
