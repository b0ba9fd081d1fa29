package json

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// items is the shape of the orders' items: the sum and the length of it are stored as metrics.
const items = `[{"productId":"28","quantity":5,"price":100.5}, {"productId":"7","quantity":3,"price":1e2}, {"productId":"3","quantity":4,"price":0.25}]`

func scalar(t testing.TB, name string) function.Scalar {
	t.Helper()
	for _, s := range Scalars() {
		if function.Canonical(s.Name) == function.Canonical(name) {
			return s
		}
	}
	t.Fatalf("no function %s", name)
	return function.Scalar{}
}

// bind resolves a call whose arguments after the first are constants.
func bind(t testing.TB, name string, doc catalog.Type, consts ...catalog.Value) (function.Bound, error) {
	t.Helper()
	args := []function.Arg{{Type: doc}}
	for i := range consts {
		args = append(args, function.Arg{Type: consts[i].Type, Const: &consts[i]})
	}
	return scalar(t, name).Bind(args)
}

func column(t catalog.Type, rows ...catalog.Value) *vec.Vector {
	v := &vec.Vector{}
	v.Reset(t, len(rows))
	for i, x := range rows {
		if x.Null {
			v.SetNull(i)
			v.Str[i] = ""
			continue
		}
		v.Str[i] = x.Str
	}
	return v
}

// call evaluates one function over documents; failures of rows are gathered.
func call(t testing.TB, name string, docs *vec.Vector, consts ...catalog.Value) (*vec.Vector, map[int]error) {
	t.Helper()
	b, err := bind(t, name, docs.Type, consts...)
	if err != nil {
		t.Fatal(err)
	}
	args := []*vec.Vector{docs}
	for i, c := range consts {
		v := &vec.Vector{}
		if c.Null {
			c.Type = b.Args[i+1]
		}
		v.SetConst(c, docs.Len)
		args = append(args, v)
	}
	out := &vec.Vector{}
	out.Reset(b.Type, docs.Len)
	if b.Strict {
		for i := range docs.Len {
			if docs.IsNull(i) {
				out.SetNull(i)
			}
		}
	}
	failures := map[int]error{}
	ec := &function.EvalContext{Ctx: context.Background(), OnRowError: func(row int, err error) { failures[row] = err }}
	if err := b.Eval(ec, args, docs.Len, out); err != nil {
		t.Fatal(err)
	}
	return out, failures
}

func text(s string) catalog.Value { return catalog.StringValue(s) }

func show(x catalog.Value) string {
	switch {
	case x.Null:
		return "NULL"
	case x.Type.MultiValue:
		parts := make([]string, len(x.Elems))
		for i, e := range x.Elems {
			parts[i] = show(e)
		}
		return "{" + strings.Join(parts, " ") + "}"
	case x.Type.Kind.Physical() == catalog.PhysString:
		return x.Str
	case x.Type.Kind == catalog.KindDouble || x.Type.Kind == catalog.KindFloat:
		return fmt.Sprint(x.F64)
	case x.Type.Kind == catalog.KindBoolean:
		return fmt.Sprint(x.I64 != 0)
	}
	return fmt.Sprint(x.I64)
}

func TestCalls(t *testing.T) {
	long := catalog.LongValue
	null := catalog.Value{Type: catalog.Null, Null: true}
	tests := []struct {
		name   string
		doc    string
		consts []catalog.Value
		want   string
	}{
		{"jsonPathLong", items, []catalog.Value{text("$.sum($.[*].quantity)")}, "12"},
		{"jsonPathArray", items, []catalog.Value{text("$.length()")}, "{3}"},
		{"JSON_PATH_LONG", `{"a":7.9}`, []catalog.Value{text("$.a")}, "7"},
		{"jsonPathLong", `{"a":" 12"}`, []catalog.Value{text("$.a")}, "12"},
		{"jsonPathLong", `{"a":9223372036854775807}`, []catalog.Value{text("$.a")}, "9223372036854775807"},
		{"jsonPathLong", `{"a":1}`, []catalog.Value{text("$.b")}, "-9223372036854775808"},
		{"jsonPathLong", `{"a":1}`, []catalog.Value{text("$.b"), long(5)}, "5"},
		{"jsonPathLong", `{"a":null}`, []catalog.Value{text("$.a"), null}, "NULL"},
		{"jsonPathLong", `{"a":1}`, []catalog.Value{text("$.a"), null}, "1"},
		{"jsonPathLong", items, []catalog.Value{text("$[?(@.quantity == 3)].price")}, "100"},
		{"jsonPathDouble", items, []catalog.Value{text("$.max($.[*].price)")}, "100.5"},
		{"jsonPathDouble", `{"a":1}`, []catalog.Value{text("$.b")}, "NaN"},
		{"jsonPathDouble", `[]`, []catalog.Value{text("$.avg()"), catalog.DoubleValue(-1)}, "-1"},
		{"jsonPathString", `{"a": 1.50}`, []catalog.Value{text("$.a")}, "1.50"},
		{"jsonPathString", `{"a": [1, {"b" : "x y"}]}`, []catalog.Value{text("$.a")}, `[1,{"b":"x y"}]`},
		{"jsonPathString", `{"a":"\u00e9\n\ud83d\ude00"}`, []catalog.Value{text("a")}, "é\n😀"},
		{"jsonPathString", `{"a":true}`, []catalog.Value{text("$.a")}, "true"},
		{"jsonPathString", `{"a":true}`, []catalog.Value{text("$.b")}, "NULL"},
		{"jsonPathString", `{"a":true}`, []catalog.Value{text("$.b"), text("none")}, "none"},
		{"jsonPathString", items, []catalog.Value{text("$[*].quantity")}, "[5,3,4]"},
		{"jsonPathArray", items, []catalog.Value{text("$[*].productId")}, "{28 7 3}"},
		{"jsonPathArray", `{"a":[1,null,"x"]}`, []catalog.Value{text("$.a")}, "{1 NULL x}"},
		{"jsonPathArray", `{"a":5}`, []catalog.Value{text("$.a")}, "{5}"},
		{"jsonPathArray", `{"a":5}`, []catalog.Value{text("$.b")}, "NULL"},
		{"jsonPathArrayDefaultEmpty", `{"a":5}`, []catalog.Value{text("$.b")}, "{}"},
		{"jsonPathArray", `{"b":1,"a":2}`, []catalog.Value{text("$.keys()")}, "{b a}"},
		{"jsonPathExists", `{"a":{"b":0}}`, []catalog.Value{text("$.a.b")}, "true"},
		{"jsonPathExists", `{"a":{"b":null}}`, []catalog.Value{text("$.a.b")}, "false"},
		{"jsonPath", `{"a": "x"}`, []catalog.Value{text("$.a")}, `"x"`},
		{"jsonFormat", ` { "a" : [ 1 , 2 ] } `, nil, `{"a":[1,2]}`},
		{"isJson", `{"a":01}`, nil, "false"},
		{"isJson", ` [1e5, -0.5, "\u00ff"] `, nil, "true"},
		{"jsonStringToArray", `[1,"a",{"b": 2}]`, nil, `{1 a {"b":2}}`},
		{"jsonExtractKey", `{"a":{"b":1},"c":[2]}`, []catalog.Value{text("$..*")}, "{$['a'] $['c'] $['a']['b'] $['c'][0]}"},
		{"jsonExtractKey", `{"a":{"b":1},"c":[2]}`, []catalog.Value{text("$..*"), text("maxDepth=1; dotNotation=true")}, "{a c}"},
		{"jsonExtractScalar", `{"a":5}`, []catalog.Value{text("$.a"), text("INT")}, "5"},
		{"jsonExtractScalar", `{"a":5}`, []catalog.Value{text("$.b"), text("INT")}, "NULL"},
		{"jsonExtractScalar", `{"a":5}`, []catalog.Value{text("$.b"), text("INT"), catalog.IntValue(8)}, "8"},
		{"jsonExtractScalar", `{"a":1e3}`, []catalog.Value{text("$.a"), text("big_decimal")}, "1000"},
		{"jsonExtractScalar", `{"a":0.5}`, []catalog.Value{text("$.a"), text("FLOAT")}, "0.5"},
		{"jsonExtractScalar", `{"a":"true"}`, []catalog.Value{text("$.a"), text("BOOLEAN")}, "true"},
		{"jsonExtractScalar", `{"a":0}`, []catalog.Value{text("$.a"), text("BOOLEAN")}, "false"},
		{"jsonExtractScalar", `{"a":"1970-01-01 00:00:01"}`, []catalog.Value{text("$.a"), text("TIMESTAMP")}, "1000"},
		{"jsonExtractScalar", `{"a":1234}`, []catalog.Value{text("$.a"), text("TIMESTAMP")}, "1234"},
		{"jsonExtractScalar", `{"a":[ 1, 2]}`, []catalog.Value{text("$.a"), text("JSON")}, "[1,2]"},
		{"jsonExtractScalar", items, []catalog.Value{text("$[*].price"), text("DOUBLE_ARRAY")}, "{100.5 100 0.25}"},
		{"jsonExtractScalar", items, []catalog.Value{text("$[*].nothing"), text("LONG_ARRAY")}, "NULL"},
	}
	for _, tt := range tests {
		for _, typ := range []catalog.Type{catalog.String, catalog.JSON} {
			out, failures := call(t, tt.name, column(typ, text(tt.doc)), tt.consts...)
			if failures[0] != nil {
				t.Errorf("%s(%s, %v): %v", tt.name, tt.doc, tt.consts, failures[0])
				continue
			}
			if got := show(out.At(0)); got != tt.want {
				t.Errorf("%s(%s, %v) = %s, want %s", tt.name, tt.doc, tt.consts, got, tt.want)
			}
		}
	}
}

func TestRowsFailAlone(t *testing.T) {
	docs := column(catalog.String, text(`{"a":1}`), text(`{"a":}`), catalog.Value{Null: true}, text(`{"a":[1,2]}`), text(`{"a":99999999999999999999}`))
	for _, name := range []string{"jsonPathLong", "jsonExtractScalar"} {
		consts := []catalog.Value{text("$.a")}
		if name == "jsonExtractScalar" {
			consts = append(consts, text("LONG"), catalog.LongValue(3))
		}
		out, failures := call(t, name, docs, consts...)
		want := map[int]string{1: errs.InvalidText, 3: errs.InvalidText, 4: errs.NumericOutOfRange}
		for i := range docs.Len {
			if code, fails := want[i]; fails != (failures[i] != nil) || (fails && errs.As(failures[i]).Code != code) {
				t.Errorf("%s row %d: failure %v, want %q", name, i, failures[i], code)
			}
			if null := i != 0; out.IsNull(i) != null {
				t.Errorf("%s row %d: NULL is %v", name, i, out.IsNull(i))
			}
		}
		if got := failures[1].Error(); !strings.Contains(got, "at byte 5") {
			t.Errorf("message %q does not name the byte", got)
		}
	}
}

func TestFirstFailureEndsQuery(t *testing.T) {
	b, err := bind(t, "jsonPathArray", catalog.String, text("$.a"))
	if err != nil {
		t.Fatal(err)
	}
	docs, out := column(catalog.String, text("{}"), text("nonsense")), &vec.Vector{}
	out.Reset(b.Type, 2)
	if err := b.Eval(&function.EvalContext{}, []*vec.Vector{docs, nil}, 2, out); errs.As(err) == nil || errs.As(err).Code != errs.InvalidText {
		t.Fatalf("got %v", err)
	}
}

func TestBindErrors(t *testing.T) {
	column := function.Arg{Type: catalog.String}
	tests := []struct {
		name string
		args []function.Arg
		code string
	}{
		{"jsonPathLong", []function.Arg{column}, errs.UndefinedFunction},
		{"jsonPathLong", []function.Arg{{Type: catalog.Long}, column}, errs.UndefinedFunction},
		{"jsonPathLong", []function.Arg{column, column}, errs.InvalidParameterValue},
		{"jsonFormat", nil, errs.UndefinedFunction},
	}
	for _, tt := range tests {
		if _, err := scalar(t, tt.name).Bind(tt.args); err == nil || errs.As(err).Code != tt.code {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.code)
		}
	}
	for _, consts := range [][]catalog.Value{{text("$.a"), text("UUID")}, {text("$[")}, {text("$.a[x]"), text("INT")}} {
		if _, err := bind(t, "jsonExtractScalar", catalog.String, consts...); err == nil {
			t.Errorf("%v: no error", consts)
		}
	}
	if _, err := bind(t, "jsonExtractKey", catalog.String, text("$.*"), text("depth=1")); err == nil {
		t.Error("unknown option: no error")
	}
}

func TestDescriptors(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Scalars() {
		if s.Signature == "" || s.Doc == "" || s.Example == "" || s.Family == "" || s.Bind == nil {
			t.Errorf("%s lacks a part", s.Name)
		}
		if seen[function.Canonical(s.Name)] {
			t.Errorf("%s is declared twice", s.Name)
		}
		seen[function.Canonical(s.Name)] = true
	}
}

func batch(t testing.TB, path string) (function.Bound, []*vec.Vector, *vec.Vector) {
	t.Helper()
	b, err := bind(t, "jsonPathLong", catalog.JSON, text(path))
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]catalog.Value, 1024)
	for i := range rows {
		rows[i] = text(items)
	}
	out := &vec.Vector{}
	out.Reset(b.Type, len(rows))
	return b, []*vec.Vector{column(catalog.JSON, rows...), nil}, out
}

func TestNoAllocationPerRow(t *testing.T) {
	for _, path := range []string{"$[0].quantity", "$.sum($.[*].quantity)", "$.length()", "$[?(@.quantity > 4)].quantity", "$[-1]['quantity']"} {
		b, args, out := batch(t, path)
		ec := &function.EvalContext{}
		perBatch := testing.AllocsPerRun(5, func() {
			if err := b.Eval(ec, args, 1024, out); err != nil {
				t.Fatal(err)
			}
		})
		if perBatch > 20 {
			t.Errorf("%s: %v allocations for 1024 rows", path, perBatch)
		}
	}
}

func BenchmarkPathLongSum(b *testing.B) {
	bound, args, out := batch(b, "$.sum($.[*].quantity)")
	b.SetBytes(int64(len(items)) * 1024)
	b.ReportAllocs()
	for b.Loop() {
		if err := bound.Eval(&function.EvalContext{}, args, 1024, out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1024, "ns/row")
}
