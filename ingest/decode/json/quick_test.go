package json

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/freshetdb/freshet/catalog"
)

// leafFields are columns that take the quick way: each key has one field.
var leafFields = []Field{{Name: "text", Type: catalog.String, Forgive: true}, {Name: "int", Type: catalog.Int, Forgive: true}, {Name: "long", Type: catalog.Long, Forgive: true},
	{Name: "time", Type: catalog.Timestamp, Forgive: true}, {Name: "double", Type: catalog.Double, Forgive: true}, {Name: "a key that is longer than two words", Type: catalog.Long, Forgive: true}}

// slowFields are the same with a second field per key, which keeps them from the quick way.
func slowFields() (out []Field) {
	out = append(out, leafFields...)
	for _, f := range leafFields {
		out = append(out, Field{Name: f.Name, Type: catalog.JSON})
	}
	return out
}

func newDecoder(t testing.TB, fields []Field) *Decoder {
	t.Helper()
	d, err := New(fields, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// compareWays decodes a record by both ways: columns, losses and errors have to agree.
func compareWays(t *testing.T, quick, slow *Decoder, record []byte) {
	t.Helper()
	quick.Reset()
	slow.Reset()
	errQuick, errSlow := quick.Decode(record), slow.Decode(record)
	if fmt.Sprint(errQuick) != fmt.Sprint(errSlow) {
		t.Fatalf("%q: quick %v, slow %v", record, errQuick, errSlow)
	}
	if errQuick != nil {
		return
	}
	for i := range leafFields {
		a, b := quick.Column(i).At(0), slow.Column(i).At(0)
		if a.Null != b.Null || a.I64 != b.I64 || a.Str != b.Str || math.Float64bits(a.F64) != math.Float64bits(b.F64) {
			t.Fatalf("%q: column %q is %v the quick way, %v the slow", record, leafFields[i].Name, a, b)
		}
	}
	if fmt.Sprint(quick.Losses()) != fmt.Sprint(slow.Losses()) {
		t.Fatalf("%q: losses %v the quick way, %v the slow", record, quick.Losses(), slow.Losses())
	}
}

// FuzzQuick compares the quick way with the slow one, and both with what encoding/json accepts. Both decoders serve all
// inputs, so that the expected order of keys changes.
func FuzzQuick(f *testing.F) {
	for _, s := range []string{`{"text":"a","int":1,"long":-2,"time":1767225600000,"double":12.5}`, `{"text": "a b", "int": 007}`, `{"int":2147483648,"long":9223372036854775808}`,
		`{"long":123456789012345,"double":-0.0}`, `{"double":0.1234567890123456789}`, `{"double":1e5,"long":1E2,"int":1.9}`, "{\"text\":\"\xff\"}", `{"text":"\u00e9é"}`, "{\"text\":\"a\nb\"}",
		`{"long":1,"long":2}`, `{"long":1,"long":null}`, `{"text":"12345678","text":"1234567"}`, `{"a key that is longer than two words":7}`, `{"double":-1}`, `{"long":-}`, `{"long":1.}`, `{"double":.5}`,
		`{"text":"unfinished`, `{"long":12`, `{"double":12.`, `{"long" : 1 , "int" : 2}`, `{"long":  1}`, `{"LONG":1}`, `{"long":"5","double":"1.5","text":5,"int":true}`,
		`{"double":"-0.0"}`, `{"double":"01"}`, `{"double":" 1"}`, `{"double":"1 "}`, `{"double":"1`, `{"double":"1"`, `{"double":""}`, `{"double":"1e5"}`, `{"double":"1\u0030"}`, `{"double":"-"}`} {
		f.Add([]byte(s))
	}
	quick, slow := newDecoder(f, leafFields), newDecoder(f, slowFields())
	f.Fuzz(func(t *testing.T, data []byte) {
		compareWays(t, quick, slow, data)
		if !utf8.Valid(data) || nestedDeeper(data, MaxDepth-2) {
			return
		}
		var keys map[string]json.RawMessage
		if err := json.Unmarshal(data, &keys); (err == nil && keys != nil) != (quick.Rows() == 1) {
			t.Fatalf("%q: encoding/json says %v, rows %d", data, err, quick.Rows())
		}
	})
}

// TestQuickNumbers checks numbers of every length against strconv, at every distance from the record's end.
func TestQuickNumbers(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	quick, slow := newDecoder(t, leafFields), newDecoder(t, slowFields())
	for range 40_000 {
		number := strconv.FormatUint(rng.Uint64()>>rng.IntN(64), 10)
		if rng.IntN(2) == 0 {
			number += "." + strings.Repeat("0", rng.IntN(3)) + strconv.FormatUint(rng.Uint64()>>rng.IntN(64), 10)
		}
		if rng.IntN(3) == 0 {
			number = "-" + number
		}
		double := number
		if rng.IntN(2) == 0 {
			double = `"` + number + `"`
		}
		record := fmt.Appendf(nil, `{"long":%s,"double":%s%s}`, number, double, strings.Repeat(" ", rng.IntN(12)))
		compareWays(t, quick, slow, record)
		want, err := strconv.ParseFloat(number, 64)
		if err != nil {
			t.Fatal(err)
		}
		if got := quick.Column(4).At(0); got.Null || got.F64 != want {
			t.Fatalf("%s is %v, want %v", number, got, want)
		}
	}
}

// TestQuickTexts checks texts of every length and alignment, with and without characters that need a look.
func TestQuickTexts(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	quick, slow := newDecoder(t, leafFields), newDecoder(t, slowFields())
	for range 20_000 {
		text := make([]byte, rng.IntN(40))
		for i := range text {
			text[i] = "abcdefghijklmnop \x7f/#!~"[rng.IntN(22)]
		}
		if len(text) > 0 && rng.IntN(3) == 0 {
			text[rng.IntN(len(text))] = "\"\\\x00\x1f\x80\xff"[rng.IntN(6)]
		}
		if rng.IntN(4) == 0 {
			text = append(text, "é€😀"...)
		}
		compareWays(t, quick, slow, fmt.Appendf(nil, `{"text":"%s"%s}`, text, strings.Repeat(" ", rng.IntN(9))))
	}
}
