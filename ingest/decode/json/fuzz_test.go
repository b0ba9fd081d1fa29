package json

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/freshetdb/freshet/catalog"
)

// oracle is what encoding/json makes of a record.
type oracle struct {
	A json.RawMessage `json:"a"`
	P json.RawMessage `json:"p"`
}

var fuzzFields = []Field{{Name: "a", Type: catalog.JSON}, {Name: "a", Type: catalog.String, Document: true}, {Name: "a", Type: catalog.Double, Forgive: true},
	{Name: "a", Type: catalog.Long, Forgive: true}, {Name: "a", Type: catalog.String.Array(), Forgive: true}, {Name: "p.q", Type: catalog.JSON},
	{Name: "p", Type: catalog.String.Array(), Part: PartKeys, Forgive: true}}

// FuzzDecode compares with encoding/json: a record is accepted by both or neither, and values agree. The same decoder
// serves all inputs, so that nothing of one record may show in another.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{event, `{}`, `{"a":1,"a":2}`, `{"a":"\ud83d\ude00\n","b":[1,"x",null]}`, `{"a":1e400}`, `{"a":{"b":[{"c":-0.0}]}}`, `[1]`,
		`{"a":"\ud800"}`, `{"a":[]}`, "{\"a\":\"\xff\"}", `{"a":12345678901234567890}`, ` { "a" : true } x`, `{"a":[1, "x", {"y": [ ]}]}`, `{"a":9007199254740993e0}`,
		`{"p":{"q":[1 , 2]}}`, `{"p":{"q":1},"p":{"r":2}}`, `{"a":"12"}`, `{"a":0.1e1}`, `{"\u0061":5}`, `{"a":"\\\"\/\b\f\n\r\t"}`, `null`,
		`{"a":9223372036854775807}`, `{"a":-9223372036854775809}`, `{"a":1e308}`, `{"a":123456789012345678901234567890.5e-20}`, `{"a":4.9e-324}`, `{"a":"\udc00\ud800"}`,
		`{"a":"\ud83d\u0041"}`, `{"a":` + strings.Repeat("[", 150) + strings.Repeat("]", 150) + `}`, `{"a":{"a":{"a":1},"a":2}}`, `{"a":[1,2],"a":null}`, `{"p":{"q":1,"q":null}}`} {
		f.Add([]byte(s))
	}
	dec, err := New(fuzzFields, Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		dec.Reset()
		got := dec.Decode(data)
		var keys map[string]json.RawMessage
		wantErr := json.Unmarshal(data, &keys)
		if keys == nil && wantErr == nil {
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
		compareValues(t, dec, oracle{A: keys["a"], P: keys["p"]}, keys)
		if err := dec.Decode([]byte(`{"a":7,"p":{"q":8}}`)); err != nil {
			t.Fatal(err)
		}
		if a, q := dec.Column(3).At(1), dec.Column(5).At(1); a.I64 != 7 || q.Str != "8" {
			t.Fatalf("after %q: a is %v, p.q is %v", data, a, q)
		}
	})
}

func compareValues(t *testing.T, dec *Decoder, want oracle, keys map[string]json.RawMessage) {
	t.Helper()
	at := func(i int) catalog.Value { return dec.Column(i).At(0) }
	isNull := want.A == nil || string(want.A) == "null"
	if at(0).Null != isNull || at(1).Null != isNull {
		t.Fatalf("a is %v and %v, encoding/json has %s", at(0), at(1), want.A)
	}
	if !isNull {
		compareText(t, at(0), at(1), want.A)
		compareNumbers(t, at(2), at(3), want.A)
		compareArray(t, at(4), want.A)
	}
	var p map[string]json.RawMessage
	if json.Unmarshal(want.P, &p) != nil || keys["p.q"] != nil {
		return
	}
	q, ok := p["q"]
	if v := at(5); v.Null != (!ok || string(q) == "null") {
		t.Fatalf("p.q is %v, encoding/json has %s", v, q)
	}
	if v := at(6); len(v.Elems) != len(p) {
		t.Fatalf("keys of p are %v, encoding/json has %d", v, len(p))
	}
}

func compareText(t *testing.T, document, text catalog.Value, raw json.RawMessage) {
	t.Helper()
	if raw[0] == '"' {
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			t.Fatal(err)
		}
		s, _, _ = strings.Cut(s, "\x00")
		if text.Str != s {
			t.Fatalf("a is %q, encoding/json has %q", text.Str, s)
		}
		return
	}
	var compacted bytes.Buffer
	if err := json.Compact(&compacted, raw); err != nil {
		t.Fatal(err)
	}
	if document.Str != compacted.String() || text.Str != compacted.String() {
		t.Fatalf("a is %s and %s, encoding/json has %s", document, text, compacted.String())
	}
}

func compareNumbers(t *testing.T, double, long catalog.Value, raw json.RawMessage) {
	t.Helper()
	var n json.Number
	if raw[0] == '"' || json.Unmarshal(raw, &n) != nil {
		return
	}
	x, err := n.Float64()
	if double.Null != (err != nil) || !double.Null && double.F64 != x && !math.IsNaN(x) {
		t.Fatalf("a is %v, encoding/json has %v (%v)", double, x, err)
	}
	if _, exponent, _ := strings.Cut(strings.ToLower(n.String()), "e"); len(exponent) > 3 || len(n) > 100 {
		return // the exact value would fill the memory
	}
	exact, ok := new(big.Rat).SetString(n.String())
	if !ok {
		return
	}
	whole := new(big.Int).Quo(exact.Num(), exact.Denom())
	if long.Null == whole.IsInt64() || !long.Null && long.I64 != whole.Int64() {
		t.Fatalf("%s as LONG is %v, want %s", n, long, whole)
	}
}

func compareArray(t *testing.T, array catalog.Value, raw json.RawMessage) {
	t.Helper()
	var elems []json.RawMessage
	if raw[0] != '[' || json.Unmarshal(raw, &elems) != nil {
		return
	}
	kept := 0
	for _, e := range elems {
		if string(e) != "null" {
			kept++
		}
	}
	if len(array.Elems) != kept {
		t.Fatalf("%s has %d elements, want %d", raw, len(array.Elems), kept)
	}
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
