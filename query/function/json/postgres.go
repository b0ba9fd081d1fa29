package json

import (
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// both gives a name of PostgreSQL's json functions its jsonb twin.
func both(name string) []string { return []string{strings.Replace(name, "json", "jsonb", 1)} }

// inspectors are PostgreSQL's functions that look into a document.
func inspectors() []function.Scalar {
	doc := func(result catalog.Type, eval function.Eval) []function.Overload {
		var list []function.Overload
		for _, t := range []catalog.Type{catalog.JSON, catalog.String} {
			list = append(list, function.Overload{Args: []catalog.Type{t}, Type: result, Fallible: true, Eval: eval})
		}
		return list
	}
	return []function.Scalar{
		{Name: "json_array_length", Aliases: both("json_array_length"), Family: family, Signature: "json_array_length(json)", Doc: "Number of elements of a JSON array.", Example: "json_array_length('[1,[2,3]]') = 2",
			Bind: function.Overloads("json_array_length", doc(catalog.Int, function.Try1(arrayLength))...)},
		{Name: "json_typeof", Aliases: both("json_typeof"), Family: family, Signature: "json_typeof(json)", Doc: "object, array, string, number, boolean or null.", Example: "json_typeof('[1]') = 'array'",
			Bind: function.Overloads("json_typeof", doc(catalog.String, function.Try1(typeOf))...)},
		{Name: "json_strip_nulls", Aliases: both("json_strip_nulls"), Family: family, Signature: "json_strip_nulls(json)", Doc: "The document without the members of objects that are null.",
			Example: `json_strip_nulls('{"a":null,"b":[null]}') = '{"b":[null]}'`, Bind: function.Overloads("json_strip_nulls", doc(catalog.JSON, written(appendStripped))...)},
		{Name: "jsonb_pretty", Family: family, Signature: "jsonb_pretty(json)", Doc: "The document on several lines.", Example: "length(jsonb_pretty('[1]')) = 9",
			Bind: function.Overloads("jsonb_pretty", doc(catalog.String, written(func(dst []byte, s string) []byte { return appendPretty(dst, s, 0) }))...)},
		fieldOf("json_object_field", "json_array_element", catalog.JSON, "json -> key", `json_object_field('{"a":{"b":1}}', 'a') = '{"b":1}'`),
		fieldOf("json_object_field_text", "json_array_element_text", catalog.String, "json ->> key", `json_object_field_text('{"a":"x"}', 'a') = 'x'`),
		walkPath("json_extract_path", "#>", catalog.JSON, "As JSON text.", `json_extract_path('{"a":[5,6]}', 'a', '1') = '6'`),
		walkPath("json_extract_path_text", "#>>", catalog.String, "As text.", `json_extract_path_text('{"a":["x"]}', 'a', '0') = 'x'`),
	}
}

// whole gives a document without the space around it.
func whole(s string) (string, error) {
	if err := check(s); err != nil {
		return "", err
	}
	return strings.Trim(s, " \n\t\r"), nil
}

func arrayLength(s string) (int32, error) {
	s, err := whole(s)
	if err != nil {
		return 0, err
	}
	if s[0] != '[' {
		kind := "a scalar"
		if s[0] == '{' {
			kind = "a non-array"
		}
		return 0, errs.User(errs.InvalidParameterValue, "cannot get array length of %s", kind)
	}
	return int32(count(s)), nil
}

func typeOf(s string) (string, error) {
	s, err := whole(s)
	if err != nil {
		return "", err
	}
	switch s[0] {
	case '{':
		return "object", nil
	case '[':
		return "array", nil
	case '"':
		return "string", nil
	case 't', 'f':
		return "boolean", nil
	case 'n':
		return "null", nil
	}
	return "number", nil
}

// written lifts a function that writes a valid document in another form.
func written(f func(dst []byte, s string) []byte) function.Eval {
	return function.Text1(func(dst []byte, s string) ([]byte, error) {
		s, err := whole(s)
		if err != nil {
			return dst, err
		}
		return f(dst, s), nil
	})
}

func appendStripped(dst []byte, s string) []byte {
	switch s[0] {
	case '[':
		dst = append(dst, '[')
		first := true
		for e := elementsOf(s); e.next(); first = false {
			if !first {
				dst = append(dst, ',')
			}
			dst = appendStripped(dst, e.val)
		}
		return append(dst, ']')
	case '{':
		dst = append(dst, '{')
		first := true
		for m := membersOf(s); m.next(); {
			if m.val == "null" {
				continue
			}
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = append(append(append(dst, '"'), m.key...), '"', ':')
			dst = appendStripped(dst, m.val)
		}
		return append(dst, '}')
	}
	return append(dst, s...)
}

// appendPretty writes one element a line, four spaces deeper on each level.
func appendPretty(dst []byte, s string, depth int) []byte {
	line := func(depth int) {
		dst = append(dst, '\n')
		for range 4 * depth {
			dst = append(dst, ' ')
		}
	}
	first := true
	next := func() {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		line(depth + 1)
	}
	switch s[0] {
	case '[':
		dst = append(dst, '[')
		for e := elementsOf(s); e.next(); {
			next()
			dst = appendPretty(dst, e.val, depth+1)
		}
		line(depth)
		return append(dst, ']')
	case '{':
		dst = append(dst, '{')
		for m := membersOf(s); m.next(); {
			next()
			dst = append(append(append(dst, '"'), m.key...), "\": "...)
			dst = appendPretty(dst, m.val, depth+1)
		}
		line(depth)
		return append(dst, '}')
	}
	return append(dst, s...)
}

// child gives the member of an object, or the element of an array at a position that counts from 0, or from the end if
// negative.
func child(s, key string) (string, bool) {
	switch s[0] {
	case '{':
		return member(s, key)
	case '[':
		if at, err := strconv.Atoi(key); err == nil {
			return element(s, int64(at))
		}
	}
	return "", false
}

func element(s string, at int64) (string, bool) {
	if s[0] != '[' {
		return "", false
	}
	if at < 0 {
		at += int64(count(s))
	}
	if at < 0 {
		return "", false
	}
	for e := elementsOf(s); e.next(); at-- {
		if at == 0 {
			return e.val, true
		}
	}
	return "", false
}

// result gives a value that was found: as JSON text, or as text, where null is NULL.
func result(val string, ok bool, t catalog.Type) (string, bool) {
	switch {
	case !ok:
		return "", false
	case t == catalog.JSON:
		return val, true
	case val == "null":
		return "", false
	case val[0] == '"':
		return unescape(val[1 : len(val)-1]), true
	}
	return val, true
}

// fieldOf is the operators -> and ->>: a member by text, an element by number.
func fieldOf(name, elementName string, t catalog.Type, operator, example string) function.Scalar {
	eval := func(find func(args []*vec.Vector) func(s string, i int) (string, bool)) function.Eval {
		return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
			docs, of := function.View[string](args[0]), find(args)
			return function.TryRows(ec, n, out, func(i int) (string, error) {
				s, err := whole(docs.At(i))
				if err != nil {
					return "", err
				}
				val, ok := of(s, i)
				val, ok = result(val, ok, t)
				if !ok {
					out.SetNull(i)
				}
				return val, nil
			})
		}
	}
	byKey := eval(func(args []*vec.Vector) func(s string, i int) (string, bool) {
		keys := function.View[string](args[1])
		return func(s string, i int) (string, bool) {
			if s[0] != '{' {
				return "", false
			}
			return member(s, keys.At(i))
		}
	})
	byPosition := eval(func(args []*vec.Vector) func(s string, i int) (string, bool) {
		positions := function.View[int64](args[1])
		return func(s string, i int) (string, bool) { return element(s, positions.At(i)) }
	})
	var list []function.Overload
	for _, d := range []catalog.Type{catalog.JSON, catalog.String} {
		list = append(list, function.Overload{Args: []catalog.Type{d, catalog.Long}, Type: t, Fallible: true, Eval: byPosition},
			function.Overload{Args: []catalog.Type{d, catalog.String}, Type: t, Fallible: true, Eval: byKey})
	}
	return function.Scalar{Name: name, Aliases: append(append(both(name), elementName), both(elementName)...), Family: family, Signature: name + "(json, key) or " + operator,
		Doc: "The member of a JSON object by its key, or the element of an array by its position from 0, negative from the end; NULL if there is none.", Example: example,
		Bind: function.Overloads(name, list...)}
}

func walkPath(name, operator string, t catalog.Type, as, example string) function.Scalar {
	byArray := func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		docs, keys := function.View[string](args[0]), function.RowsOf(args[1])
		return function.TryRows(ec, n, out, func(i int) (string, error) {
			val, err := whole(docs.At(i))
			if err != nil {
				return "", err
			}
			from, to := keys.Span(i)
			ok := true
			for e := from; e < to && ok; e++ {
				if ok = !keys.Elems.IsNull(e); ok {
					val, ok = child(val, keys.Elems.StrAt(e))
				}
			}
			val, ok = result(val, ok, t)
			if !ok {
				out.SetNull(i)
			}
			return val, nil
		})
	}
	eval := func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		docs := function.View[string](args[0])
		keys := make([]function.Slice[string], len(args)-1)
		for k := range keys {
			keys[k] = function.View[string](args[k+1])
		}
		return function.TryRows(ec, n, out, func(i int) (string, error) {
			val, err := whole(docs.At(i))
			if err != nil {
				return "", err
			}
			ok := true
			for k := 0; k < len(keys) && ok; k++ {
				val, ok = child(val, keys[k].At(i))
			}
			val, ok = result(val, ok, t)
			if !ok {
				out.SetNull(i)
			}
			return val, nil
		})
	}
	var list []function.Overload
	for _, d := range []catalog.Type{catalog.JSON, catalog.String} {
		list = append(list, function.Overload{Args: []catalog.Type{d, catalog.String}, Variadic: true, Type: t, Fallible: true, Eval: eval},
			function.Overload{Args: []catalog.Type{d, catalog.String.Array()}, Type: t, Fallible: true, Eval: byArray})
	}
	return function.Scalar{Name: name, Aliases: both(name), Family: family, Signature: name + "(json, key, ...) or json " + operator + " keys",
		Doc: "The value that keys of objects and positions of arrays lead to; NULL if there is none. " + as, Example: example, Bind: function.Overloads(name, list...)}
}
