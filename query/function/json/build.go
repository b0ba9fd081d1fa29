package json

import (
	"cmp"
	"slices"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
)

// builders make documents of values.
func builders() []function.Scalar {
	str := []catalog.Type{catalog.String}
	return []function.Scalar{
		{Name: "to_json", Aliases: []string{"to_jsonb", "array_to_json"}, Family: family, Signature: "to_json(value)", Doc: "A value as JSON: numbers, booleans and arrays as such, JSON as it is, all else as text.",
			Example: `to_json('a"b') = '"a\"b"'`, Bind: bindToJSON},
		{Name: "json_build_array", Aliases: []string{"jsonb_build_array"}, Family: family, Signature: "json_build_array(a, b, ...)", Doc: "A JSON array of the arguments.",
			Example: `json_build_array(1, 'a', NULL) = '[1, "a", null]'`, Bind: bindBuild("json_build_array", appendArray)},
		{Name: "json_build_object", Family: family, Signature: "json_build_object(key, value, ...)", Doc: "A JSON object of keys and values.",
			Example: `json_build_object('a', 1, 'b', 'x') = '{"a" : 1, "b" : "x"}'`, Bind: bindBuild("json_build_object", objectWriter(" : "))},
		{Name: "jsonb_build_object", Family: family, Signature: "jsonb_build_object(key, value, ...)", Doc: "A JSON object of keys and values, in the order of jsonb: shorter keys first, of equal keys the last.",
			Example: `jsonb_build_object('b', 1, 'a', 2, 'b', 3) = '{"a": 2, "b": 3}'`, Bind: bindBuild("jsonb_build_object", appendOrderedObject)},
		{Name: "jsonStringToMap", Aliases: []string{"jsonExtractObject"}, Family: family, Signature: "jsonStringToMap(text)", Doc: "A text as JSON, checked and without space.", Example: `jsonStringToMap('{"a": 1}') = '{"a":1}'`,
			Bind: function.Overloads("jsonStringToMap", function.Overload{Args: str, Type: catalog.JSON, Fallible: true, Eval: written(func(dst []byte, s string) []byte { return append(dst, compact(s)...) })})},
		{Name: "toJsonMapStr", Family: family, Signature: "toJsonMapStr(json)", Doc: "A JSON object as compact text.", Example: `toJsonMapStr('{"a": 1}') = '{"a":1}'`,
			Bind: function.Overloads("toJsonMapStr", function.Overload{Args: str, Type: catalog.String, Fallible: true, Eval: written(func(dst []byte, s string) []byte { return append(dst, compact(s)...) })})},
		{Name: "jsonKeyValueArrayToMap", Family: family, Signature: "jsonKeyValueArrayToMap(json)", Doc: "A JSON array of objects with a key and a value, as one object.",
			Example: `jsonKeyValueArrayToMap('[{"key":"a","value":1}]') = '{"a":1}'`,
			Bind:    function.Overloads("jsonKeyValueArrayToMap", function.Overload{Args: str, Type: catalog.JSON, Fallible: true, Eval: function.Text1(appendPairs)})},
	}
}

// appendPG writes a value as PostgreSQL's to_json does.
func appendPG(dst []byte, x catalog.Value) []byte {
	if x.Null {
		return append(dst, "null"...)
	}
	if x.Type.MultiValue {
		dst = append(dst, '[')
		for i, e := range x.Elems {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendPG(dst, e)
		}
		return append(dst, ']')
	}
	switch k := x.Type.Kind; {
	case k == catalog.KindJSON:
		return append(dst, x.Str...)
	case k == catalog.KindBytes:
		return appendQuoted(dst, `\x`+convert.FormatBytes(x.Str))
	case k == catalog.KindInterval:
		return appendQuoted(dst, string(convert.AppendInterval(nil, x.I64)))
	case k.IsTime():
		s := strings.Replace(string(convert.AppendTimestamp(nil, x.I64)), " ", "T", 1)
		if k == catalog.KindTimestampTZ {
			s += "+00:00"
		}
		return appendQuoted(dst, s)
	}
	return appendValue(dst, x)
}

func bindToJSON(args []function.Arg) (function.Bound, error) {
	if len(args) != 1 {
		return function.Bound{}, function.NoMatch("to_json", args)
	}
	t := args[0].Type
	if t.Kind == catalog.KindNull {
		t = catalog.String
	}
	return function.Bound{Name: "tojson", Type: catalog.JSON, Args: []catalog.Type{t}, Strict: true,
		Eval: func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
			return function.BuildTexts(ec, n, out, func(dst []byte, i int) ([]byte, error) { return appendPG(dst, args[0].At(i)), nil })
		}}, nil
}

// bindBuild is a function of any arguments, NULL ones too, that writes a document of their values.
func bindBuild(name string, write func(dst []byte, values []catalog.Value) ([]byte, error)) func([]function.Arg) (function.Bound, error) {
	return func(args []function.Arg) (function.Bound, error) {
		b := function.Bound{Name: function.Canonical(name), Type: catalog.JSON, Fallible: true}
		for _, a := range args {
			t := a.Type
			if t.Kind == catalog.KindNull {
				t = catalog.String
			}
			b.Args = append(b.Args, t)
		}
		if strings.HasSuffix(name, "object") && len(args)%2 != 0 {
			return b, errs.User(errs.InvalidParameterValue, "argument list must have even number of elements").
				WithHint("The arguments of %s() must consist of alternating keys and values.", name)
		}
		b.Eval = func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
			values := make([]catalog.Value, len(args))
			return function.BuildTexts(ec, n, out, func(dst []byte, i int) ([]byte, error) {
				for k, a := range args {
					values[k] = a.At(i)
				}
				return write(dst, values)
			})
		}
		return b, nil
	}
}

func appendArray(dst []byte, values []catalog.Value) ([]byte, error) {
	dst = append(dst, '[')
	for i, v := range values {
		if i > 0 {
			dst = append(dst, ',', ' ')
		}
		dst = appendPG(dst, v)
	}
	return append(dst, ']'), nil
}

// keyText gives a key as text; it may not be NULL.
func keyText(v catalog.Value, position int) (string, error) {
	if v.Null {
		return "", errs.User(errs.InvalidParameterValue, "argument %d: key must not be null", position)
	}
	if v.Type.Kind.Physical() == catalog.PhysString && !v.Type.MultiValue {
		return v.Str, nil
	}
	text := string(appendPG(nil, v))
	if text[0] == '"' {
		text = text[1 : len(text)-1]
	}
	return text, nil
}

func objectWriter(colon string) func(dst []byte, values []catalog.Value) ([]byte, error) {
	return func(dst []byte, values []catalog.Value) ([]byte, error) {
		dst = append(dst, '{')
		for i := 0; i < len(values); i += 2 {
			key, err := keyText(values[i], i+1)
			if err != nil {
				return dst, err
			}
			if i > 0 {
				dst = append(dst, ',', ' ')
			}
			dst = append(appendQuoted(dst, key), colon...)
			dst = appendPG(dst, values[i+1])
		}
		return append(dst, '}'), nil
	}
}

func appendOrderedObject(dst []byte, values []catalog.Value) ([]byte, error) {
	type pair struct {
		key string
		at  int
	}
	var pairs []pair
	for i := 0; i < len(values); i += 2 {
		key, err := keyText(values[i], i+1)
		if err != nil {
			return dst, err
		}
		pairs = append(pairs, pair{key, i})
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(len(a.key), len(b.key)), strings.Compare(a.key, b.key), b.at-a.at)
	})
	pairs = slices.CompactFunc(pairs, func(a, b pair) bool { return a.key == b.key })
	ordered := make([]catalog.Value, 0, 2*len(pairs))
	for _, p := range pairs {
		ordered = append(ordered, values[p.at], values[p.at+1])
	}
	return objectWriter(": ")(dst, ordered)
}

// appendPairs is jsonKeyValueArrayToMap: elements that are no objects with a key are left out.
func appendPairs(dst []byte, s string) ([]byte, error) {
	s, err := whole(s)
	if err != nil {
		return dst, err
	}
	if s[0] != '[' {
		return dst, errs.User(errs.InvalidParameterValue, "jsonKeyValueArrayToMap takes a JSON array of objects with a key and a value")
	}
	dst = append(dst, '{')
	first := true
	for e := elementsOf(s); e.next(); {
		if e.val[0] != '{' {
			continue
		}
		key, ok := member(e.val, "key")
		if !ok || key[0] == '{' || key[0] == '[' {
			continue
		}
		if val, has := member(e.val, "value"); has {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			if key[0] == '"' {
				key = unescape(key[1 : len(key)-1])
			}
			dst = append(appendQuoted(dst, key), ':')
			dst = append(dst, compact(val)...)
		}
	}
	return append(dst, '}'), nil
}
