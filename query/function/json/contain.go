package json

import (
	"github.com/cockroachdb/apd/v3"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
)

// containers are PostgreSQL's operators of jsonb that ask what a document has.
func containers() []function.Scalar {
	two := func(second catalog.Type, eval function.Eval) []function.Overload {
		var list []function.Overload
		for _, t := range []catalog.Type{catalog.JSON, catalog.String} {
			args := []catalog.Type{t, second}
			if second == catalog.JSON {
				args[1] = t
			}
			list = append(list, function.Overload{Args: args, Type: catalog.Boolean, Fallible: true, Eval: eval})
		}
		return list
	}
	return []function.Scalar{
		{Name: "jsonb_contains", Family: family, Signature: "jsonb_contains(json, part) or json @> part", Example: `jsonb_contains('{"a":[1,2],"b":3}', '{"a":[2]}') = true`,
			Doc:  "Whether the document has all that part has: members of objects with what they contain, elements of arrays in any order.",
			Bind: function.Overloads("jsonb_contains", two(catalog.JSON, function.Try2(containsDocument))...)},
		{Name: "jsonb_exists", Family: family, Signature: "jsonb_exists(json, key) or json ? key", Doc: "Whether the object has the key, the array the text as an element.",
			Example: `jsonb_exists('{"a":null}', 'a') = true`, Bind: function.Overloads("jsonb_exists", two(catalog.String, function.Try2(existsKey))...)},
		{Name: "jsonb_exists_any", Family: family, Signature: "jsonb_exists_any(json, keys) or json ?| keys", Doc: "Whether any of the keys exists.",
			Example: `jsonb_exists_any('{"a":1}', '{b,a}') = true`, Bind: function.Overloads("jsonb_exists_any", two(catalog.String.Array(), existsOf(true))...)},
		{Name: "jsonb_exists_all", Family: family, Signature: "jsonb_exists_all(json, keys) or json ?& keys", Doc: "Whether all of the keys exist.",
			Example: `jsonb_exists_all('{"a":1}', '{b,a}') = false`, Bind: function.Overloads("jsonb_exists_all", two(catalog.String.Array(), existsOf(false))...)},
	}
}

func containsDocument(s, part string) (bool, error) {
	s, err := whole(s)
	if err != nil {
		return false, err
	}
	if part, err = whole(part); err != nil {
		return false, err
	}
	if s[0] == '[' && part[0] != '[' && part[0] != '{' { // an array may contain a single value
		return hasElement(s, part), nil
	}
	return contains(s, part), nil
}

// contains compares two values of a document.
func contains(s, part string) bool {
	switch {
	case s[0] == '{' && part[0] == '{':
		for m := membersOf(part); m.next(); {
			val, ok := member(s, unescape(m.key))
			if !ok || !contains(val, m.val) {
				return false
			}
		}
		return true
	case s[0] == '[' && part[0] == '[':
		for e := elementsOf(part); e.next(); {
			if !hasElement(s, e.val) {
				return false
			}
		}
		return true
	}
	return sameScalar(s, part)
}

func hasElement(array, part string) bool {
	for e := elementsOf(array); e.next(); {
		if contains(e.val, part) {
			return true
		}
	}
	return false
}

// sameScalar reports equal texts, numbers and words; objects and arrays are never equal to anything here.
func sameScalar(a, b string) bool {
	switch {
	case a[0] == '{' || a[0] == '[' || b[0] == '{' || b[0] == '[':
		return false
	case a == b:
		return true
	case a[0] == '"' && b[0] == '"':
		return unescape(a[1:len(a)-1]) == unescape(b[1:len(b)-1])
	}
	var x, y apd.Decimal // numbers, or words that do not parse
	return convert.ParseDecimal(&x, a) == nil && convert.ParseDecimal(&y, b) == nil && x.Cmp(&y) == 0
}

func existsKey(s, key string) (bool, error) {
	s, err := whole(s)
	if err != nil {
		return false, err
	}
	return exists(s, key), nil
}

// exists reports a member of that name, an element that is that text, or the text itself.
func exists(s, key string) bool {
	switch s[0] {
	case '{':
		_, ok := member(s, key)
		return ok
	case '[':
		for e := elementsOf(s); e.next(); {
			if e.val[0] == '"' && unescape(e.val[1:len(e.val)-1]) == key {
				return true
			}
		}
	case '"':
		return unescape(s[1:len(s)-1]) == key
	}
	return false
}

// existsOf looks for the keys of an array: for any of them, or for all. NULL keys do not count.
func existsOf(any bool) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		docs, keys := function.View[string](args[0]), function.RowsOf(args[1])
		return function.TryRows(ec, n, out, func(i int) (bool, error) {
			s, err := whole(docs.At(i))
			if err != nil {
				return false, err
			}
			from, to := keys.Span(i)
			for e := from; e < to; e++ {
				if !keys.Elems.IsNull(e) && exists(s, keys.Elems.StrAt(e)) == any {
					return any, nil
				}
			}
			return !any, nil
		})
	}
}
