package transform

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/ingest/decode/json"
	"github.com/freshetdb/freshet/internal/jsonindex"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/builtin"
)

// documentReaders are calls that read a document by its structure, and some whose path needs the text.
func documentReaders(t testing.TB) map[string]function.Bound {
	t.Helper()
	readers := map[string]function.Bound{}
	for _, name := range []string{"jsonPathString", "jsonPathLong", "jsonPathDouble", "jsonPathArray", "jsonPath", "jsonPathExists"} {
		for _, path := range []string{"$", "$.a", "$.a.b", "$['a','b']", "$.*", "$[*]", "$[*].a", "$[0]", "$[-1].a", "$[0,2]", "$.length()", "$.a.length()", "$[*].length()",
			"$.sum($.[*].a)", "$.sum($.a, $.b[*])", "$.max()", "$.a.min()", "$[*].avg()", "$.keys()", `$['"é']`, "$..a", "$[0:2]", "$[?(@.a > 1)].b", `$['a\\']`} {
			s, ok := builtin.Registry().Scalar(strings.ToLower(name))
			if !ok {
				t.Fatalf("no function %s", name)
			}
			text := catalog.Value{Type: catalog.String, Str: path}
			b, err := s.Bind([]function.Arg{{Type: catalog.JSON}, {Type: catalog.String, Const: &text}})
			if err != nil {
				t.Fatal(err)
			}
			readers[name+" "+path] = b
		}
	}
	return readers
}

// read evaluates a call on a column of documents, and gives the values and errors of the rows.
func read(t rapid.TB, b function.Bound, docs *vec.Vector, index *jsonindex.Index) (rows []string) {
	t.Helper()
	failed := map[int]error{}
	ec := &function.EvalContext{Ctx: context.Background(), OnRowError: func(row int, err error) { failed[row] = err }}
	if index != nil {
		ec.Documents = func(v *vec.Vector) *jsonindex.Index {
			if v != docs {
				t.Errorf("asked for the documents of another vector")
			}
			return index
		}
	}
	var out, path vec.Vector
	path.SetConst(catalog.Value{Type: catalog.String, Str: "-"}, docs.Len)
	out.Reset(b.Type, docs.Len)
	if docs.HasNulls() {
		out.MutableNulls().Or(docs.Nulls[:vec.Words(docs.Len)])
	}
	if err := b.Eval(ec, []*vec.Vector{docs, &path}, docs.Len, &out); err != nil {
		t.Fatal(err)
	}
	for i := range docs.Len {
		if out.IsNull(i) {
			rows = append(rows, fmt.Sprint("NULL ", failed[i]))
		} else {
			rows = append(rows, fmt.Sprintf("%+v", out.At(i)))
		}
	}
	return rows
}

// checkDocuments decodes records and evaluates all readers with and without the structure of column a.
func checkDocuments(t rapid.TB, dec *json.Decoder, readers map[string]function.Bound, records []string) {
	t.Helper()
	dec.Reset()
	for _, r := range records {
		_ = dec.Decode([]byte(r)) // a record that fails leaves no row
	}
	docs, plain, index := dec.Column(0), dec.Column(1), dec.Index(0)
	for i := range docs.Len {
		if diff := cmp.Diff(plain.At(i), docs.At(i)); diff != "" {
			t.Fatalf("row %d of %q (-plain +indexed):\n%s", i, records, diff)
		}
		nested := !docs.IsNull(i) && docs.Str[i] != "" && (docs.Str[i][0] == '[' || docs.Str[i][0] == '{')
		if has := index.Document(i) != nil; has && !nested {
			t.Fatalf("row %d of %q has a structure of %s", i, records, docs.At(i))
		}
	}
	for name, b := range readers {
		if diff := cmp.Diff(read(t, b, plain, nil), read(t, b, docs, index)); diff != "" {
			t.Fatalf("%s of %q (-text +structure):\n%s", name, records, diff)
		}
	}
}

func documentDecoder(t testing.TB) *json.Decoder {
	t.Helper()
	dec, err := json.New([]json.Field{{Name: "a", Type: catalog.JSON, Index: true}, {Name: "a", Type: catalog.JSON}, {Name: "n", Type: catalog.Long}}, json.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return dec
}

// genText draws JSON with space wherever it may stand, keys that come twice and keys with escapes.
func genText(t *rapid.T, depth int) string {
	space := func() string {
		return rapid.SampledFrom([]string{"", "", "", "", " ", "\n\t", " \r "}).Draw(t, "space")
	}
	kind := rapid.IntRange(0, 9).Draw(t, "kind")
	if depth == 0 || kind < 3 {
		return rapid.SampledFrom([]string{"1", "-2.50", "17", "1e3", "0", "true", "false", "null", `""`, `"x y"`, `"é\n"`, `"{\"a\":[1, 2]}"`, `"\\"`, `"12"`, "[]", "{}", "[ ]", "{ }", "12345678901234567890"}).
			Draw(t, "scalar")
	}
	var b strings.Builder
	opening, closing := "[", "]"
	if kind < 7 {
		opening, closing = "{", "}"
	}
	b.WriteString(opening)
	for i := range rapid.IntRange(0, 4).Draw(t, "n") {
		if i > 0 {
			b.WriteString(space() + ",")
		}
		b.WriteString(space())
		if opening == "{" {
			b.WriteString(rapid.SampledFrom([]string{`"a"`, `"b"`, `"c"`, `"\u0061"`, `"\"é"`, `"a\\"`, `""`}).Draw(t, "key") + space() + ":" + space())
		}
		b.WriteString(genText(t, depth-1) + space())
	}
	return b.String() + closing
}

// TestDocuments: what a function gives does not depend on whether it knows a document's structure.
func TestDocuments(t *testing.T) {
	readers, dec := documentReaders(t), documentDecoder(t)
	rapid.Check(t, func(t *rapid.T) {
		var records []string
		for range rapid.IntRange(1, 4).Draw(t, "records") {
			var members []string
			for range rapid.IntRange(0, 2).Draw(t, "members") {
				members = append(members, rapid.SampledFrom([]string{`"a": `, `"a":`, `"n":`, `"other" : `}).Draw(t, "name")+genText(t, 3))
			}
			records = append(records, "{"+strings.Join(members, ", ")+"}")
		}
		checkDocuments(t, dec, readers, records)
	})
}

// FuzzDocuments does the same for arbitrary records.
func FuzzDocuments(f *testing.F) {
	for _, s := range []string{`{"a":[{"a":1,"b":[2 , 3]}, {"a":4}]}`, `{"a":{"a":{"b":"x"}},"a":[]}`, `{"a":[1],"a":null}`, `{"a":"[1,2]"}`, `{"a":[1,{"a":"\u00e9\\"}`,
		`{"a":` + strings.Repeat("[", 150) + strings.Repeat("]", 150) + `}`, `{"a": [ 01 ]}`, "{\"a\":[\"\xff\"]}"} {
		f.Add(s)
	}
	readers, dec := documentReaders(f), documentDecoder(f)
	f.Fuzz(func(t *testing.T, record string) {
		checkDocuments(t, dec, readers, []string{`{"a":[{"a":0}],"n":1}`, record, `{"n":2}`, `{"a":"[3]"}`})
	})
}

// TestDocumentsAreKnown: the transforms of a table are given the structure of the column that they read, unless its text
// is not the document's.
func TestDocumentsAreKnown(t *testing.T) {
	for name, c := range map[string]struct {
		column, record string
		known          bool
	}{
		"document":     {`{"name":"items","dataType":"JSON"}`, `{"items":[{"q":1}, {"q":2}]}`, true},
		"string":       {`{"name":"items","dataType":"STRING"}`, `{"items":{"q":[1]}}`, true},
		"text of JSON": {`{"name":"items","dataType":"JSON"}`, `{"items":"[{\"q\":1},{\"q\":2}]"}`, false},
		"cut":          {`{"name":"items","dataType":"JSON","maxLength":3,"maxLengthExceedStrategy":"TRIM_LENGTH"}`, `{"items":[11,12]}`, false},
		"replaced":     {`{"name":"items","dataType":"JSON","maxLength":3,"maxLengthExceedStrategy":"SUBSTITUTE_DEFAULT_VALUE","defaultNullValue":"[1, 2, 3]"}`, `{"items":[11, 12 ,3]}`, false},
		"null":         {`{"name":"items","dataType":"JSON"}`, `{"items":null}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			schema, _, err := catalog.ParseSchema([]byte(`{"schemaName":"t","dimensionFieldSpecs":[` + c.column + `,{"name":"n","dataType":"INT"}]}`))
			if err != nil {
				t.Fatal(err)
			}
			table := &catalog.Table{Name: "t"}
			table.Ingestion.Transforms = []catalog.Transform{{Column: "n", Function: "jsonPathLong(items, '$.length()', 0)"}}
			p, err := Compile(schema, table, builtin.Registry())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.Process([]ingest.Record{{Value: []byte(c.record)}}); err != nil {
				t.Fatal(err)
			}
			index := p.documents(p.work.Cols[0])
			if index == nil {
				t.Fatal("the column has no structures")
			}
			if known := index.Document(0) != nil; known != c.known {
				t.Errorf("structure known: %t, want %t; the text is %q", known, c.known, p.work.Cols[0].Str[0])
			}
		})
	}
}
