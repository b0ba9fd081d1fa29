// Package json is the family of functions on JSON text. Documents are read where they stand: a path is compiled when
// the call is bound and walks the bytes of each row, without building maps. Text that is not JSON fails its row with
// error 22P02.
//
// The path dialect is Jayway's: $.a.b, ['k'], [*] (also spelt $.[*]), [0], [-1], [0:2], ..k, filters such as
// [?(@.x > 1 && @.y)], and at the end length(), size(), min(), max(), avg(), sum() or keys(), which may take path
// arguments: $.sum($.[*].quantity). A path with a step that may match several values gives a list; where one value is
// wanted, the only element of a list stands for itself. A JSON null counts as missing. Of equal keys in an object the last is read.
//
// jsonPathArray gives an array of texts. Numbers in it keep their text, so that the elements convert to whatever type
// the column has: ingestion turns an array of one element into that element and casts it.
package json

import (
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

const family = "JSON"

// Scalars lists the functions of the family.
func Scalars() []function.Scalar {
	list := append(extraction(), texts()...)
	list = append(list, inspectors()...)
	list = append(list, containers()...)
	return append(list, builders()...)
}

func extraction() []function.Scalar {
	str, arr := catalog.String, catalog.String.Array()
	return []function.Scalar{
		{Name: "jsonExtractScalar", Aliases: []string{"jsonExtractIndex"}, Family: family, Signature: "jsonExtractScalar(json, path, type[, default])",
			Doc:     "The value at a path as INT, LONG, FLOAT, DOUBLE, BIG_DECIMAL, BOOLEAN, TIMESTAMP, STRING or JSON, or as an array of them (INT_ARRAY). Where nothing is found: the default, or NULL.",
			Example: `jsonExtractScalar('{"a":{"b":7}}', '$.a.b', 'INT') = 7`, Bind: bindExtract},
		{Name: "jsonPathString", Family: family, Signature: "jsonPathString(json, path[, default])",
			Doc:     "The value at a path as text: numbers as they are written, objects and arrays as compact JSON. Where nothing is found: the default, or NULL.",
			Example: `jsonPathString('{"a":["x","y"]}', '$.a[1]') = 'y'`, Bind: bindPath("jsonPathString", str, whenMissing{})},
		{Name: "jsonPath", Family: family, Signature: "jsonPath(json, path)", Doc: "The value at a path as JSON text; NULL where nothing is found.",
			Example: `jsonPath('{"a": [1, 2]}', '$.a') = '[1,2]'`, Bind: bindPath("jsonPath", catalog.JSON, whenMissing{})},
		{Name: "jsonPathLong", Family: family, Signature: "jsonPathLong(json, path[, default])",
			Doc:     "The value at a path as LONG, without its fraction. Where nothing is found: the default, or -9223372036854775808.",
			Example: `jsonPathLong('[{"q":2},{"q":3}]', '$.sum($.[*].q)') = 5`, Bind: bindPath("jsonPathLong", catalog.Long, whenMissing{value: &minLong})},
		{Name: "jsonPathDouble", Family: family, Signature: "jsonPathDouble(json, path[, default])",
			Doc:     "The value at a path as DOUBLE. Where nothing is found: the default, or NaN.",
			Example: `jsonPathDouble('{"a":1.5}', '$.a') = 1.5`, Bind: bindPath("jsonPathDouble", catalog.Double, whenMissing{value: &notANum})},
		{Name: "jsonPathArray", Family: family, Signature: "jsonPathArray(json, path)",
			Doc:     "The elements of the array at a path, as texts; a single value gives an array of one. NULL where nothing is found.",
			Example: `jsonPathArray('{"a":[1,2]}', '$.a') = '{1,2}'`, Bind: bindPath("jsonPathArray", arr, whenMissing{})},
		{Name: "jsonPathArrayDefaultEmpty", Family: family, Signature: "jsonPathArrayDefaultEmpty(json, path)",
			Doc:     "As jsonPathArray, but an empty array where nothing is found.",
			Example: `jsonPathArrayDefaultEmpty('{"a":[1,2]}', '$.b') = '{}'`, Bind: bindPath("jsonPathArrayDefaultEmpty", arr, whenMissing{isEmpty: true})},
		{Name: "jsonPathExists", Family: family, Signature: "jsonPathExists(json, path)",
			Doc:     "Whether a path finds a value that is not null.",
			Example: `jsonPathExists('{"a":1}', '$.b') = false`, Bind: bindExists},
		{Name: "jsonExtractKey", Family: family, Signature: "jsonExtractKey(json, path[, options])",
			Doc:     "The paths of everything that a path matches: $['a']['b'], or a.b with the option 'dotNotation=true'. 'maxDepth=2' leaves out what lies deeper.",
			Example: `jsonExtractKey('{"a":1,"b":2}', '$.*', 'dotNotation=true') = '{a,b}'`, Bind: bindKeys},
	}
}

// jsonType is the type that a document argument is bound as; ok is false for what is not text.
func jsonType(a function.Arg) (catalog.Type, bool) {
	switch {
	case a.Type.MultiValue:
		return catalog.Type{}, false
	case a.Type.Kind == catalog.KindNull:
		return catalog.String, true
	}
	return a.Type, a.Type.Kind.IsText()
}

// bindDocument binds the document and the path, the first two arguments of every extraction.
func bindDocument(name string, args []function.Arg, least, most int) (function.Bound, *path, error) {
	if len(args) < least || len(args) > most {
		return function.Bound{}, nil, function.NoMatch(name, args)
	}
	doc, ok := jsonType(args[0])
	if !ok {
		return function.Bound{}, nil, function.NoMatch(name, args)
	}
	text, err := function.Constant(name, "path", args, 1)
	if err != nil {
		return function.Bound{}, nil, err
	}
	p, err := compile(text)
	if err != nil {
		return function.Bound{}, nil, err
	}
	b := function.Bound{Name: function.Canonical(name), Args: []catalog.Type{doc, catalog.String}, Strict: true, Fallible: true, ReadsDocument: true}
	return b, p, nil
}

func bindPath(name string, t catalog.Type, missing whenMissing) func(args []function.Arg) (function.Bound, error) {
	most := 3
	if t.MultiValue || t.Kind == catalog.KindJSON {
		most = 2
	}
	return func(args []function.Arg) (function.Bound, error) {
		b, p, err := bindDocument(name, args, 2, most)
		if err != nil {
			return b, err
		}
		return withDefault(b, p, t, len(args), 2, missing), nil
	}
}

// withDefault completes b; at is the position of the default, if there are so many arguments.
func withDefault(b function.Bound, p *path, t catalog.Type, n, at int, missing whenMissing) function.Bound {
	if n > at {
		missing = whenMissing{arg: at}
		b.Args = append(b.Args, t)
		b.Strict = false // a NULL default counts only where nothing is found
	}
	b.Type = t
	b.Eval = scalarEval(p, missing)
	if t.MultiValue {
		b.Eval = arrayEval(p, missing)
	}
	return b
}

var extractKinds = []catalog.Kind{catalog.KindInt, catalog.KindLong, catalog.KindFloat, catalog.KindDouble, catalog.KindBigDecimal,
	catalog.KindBoolean, catalog.KindTimestamp, catalog.KindString, catalog.KindJSON} // read-only

func extractType(name string) (catalog.Type, error) {
	base, array := strings.CutSuffix(strings.ToUpper(strings.TrimSpace(name)), "_ARRAY")
	for _, k := range extractKinds {
		if k.String() == base {
			return catalog.Type{Kind: k, MultiValue: array}, nil
		}
	}
	return catalog.Type{}, errs.User(errs.InvalidParameterValue, "jsonExtractScalar: unknown type %q; expected INT, LONG, FLOAT, DOUBLE, BIG_DECIMAL, BOOLEAN, TIMESTAMP, STRING or JSON, or one of them with _ARRAY", name)
}

func bindExtract(args []function.Arg) (function.Bound, error) {
	const name = "jsonExtractScalar"
	b, p, err := bindDocument(name, args, 3, 4)
	if err != nil {
		return b, err
	}
	text, err := function.Constant(name, "type", args, 2)
	if err != nil {
		return b, err
	}
	t, err := extractType(text)
	if err != nil {
		return b, err
	}
	b.Args = append(b.Args, catalog.String)
	return withDefault(b, p, t, len(args), 3, whenMissing{}), nil
}

// nullRow marks row i where the document is NULL: Bound is not strict if it has a default.
func nullRow(args []*vec.Vector, out *vec.Vector, i int) bool {
	if out.IsNull(i) {
		return true
	}
	if args[0].IsNull(i) {
		out.SetNull(i)
		return true
	}
	return false
}

// scalarEval gives one value per row.
func scalarEval(p *path, missing whenMissing) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		docs := documentsOf(ec, args[0])
		var r runner
		for i := range n {
			if nullRow(args, out, i) {
				zero(out, i)
				continue
			}
			r.nodes = docs.nodes(i)
			f, ok, err := r.first(p, docs.At(i), out.Type.Kind.IsText())
			switch {
			case err == nil && ok:
				err = f.store(out, i)
			case err == nil:
				copyValue(out, i, missing.at(args, i, out.Type))
			}
			if err != nil {
				zero(out, i)
				if err = ec.Fail(out, i, err); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// arrayEval gives an array per row.
func arrayEval(p *path, missing whenMissing) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		docs := documentsOf(ec, args[0])
		var r runner
		all := make([]found, 0, n)          // one element a row is common
		defaults := map[int]catalog.Value{} // by position in all: elements that come from the default
		for i := range n {
			if !nullRow(args, out, i) {
				var ok bool
				var err error
				r.nodes = docs.nodes(i)
				if all, ok, err = r.elements(p, docs.At(i), all); err != nil {
					if err = ec.Fail(out, i, err); err != nil {
						return err
					}
				} else if !ok {
					x := missing.at(args, i, out.Type)
					if x.Null {
						out.SetNull(i)
					}
					for _, e := range x.Elems {
						defaults[len(all)] = e
						all = append(all, found{})
					}
				}
			}
			out.Offsets[i+1] = uint32(len(all))
		}
		return storeElements(ec, n, out, all, defaults)
	}
}

func storeElements(ec *function.EvalContext, n int, out *vec.Vector, all []found, defaults map[int]catalog.Value) error {
	out.Elems.Reset(out.Type.Elem(), len(all))
	for i := range n {
		var failure error
		for e := int(out.Offsets[i]); e < int(out.Offsets[i+1]); e++ {
			zero(out.Elems, e)
			if x, ok := defaults[e]; ok {
				copyValue(out.Elems, e, x)
			} else if all[e].null() {
				out.Elems.SetNull(e)
			} else if err := all[e].store(out.Elems, e); err != nil && failure == nil {
				failure = err
				zero(out.Elems, e)
			}
		}
		if failure != nil {
			if err := ec.Fail(out, i, failure); err != nil {
				return err
			}
		}
	}
	return nil
}

// elements appends what the path gives as an array: the matches of a list, the elements of an array, or one value.
func (r *runner) elements(p *path, doc string, dst []found) ([]found, bool, error) {
	if p.reduce == reduceNone && p.list {
		if err := r.match(p, doc); err != nil {
			return dst, false, err
		}
		for _, s := range r.matches {
			dst = append(dst, found{text: s})
		}
		return dst, len(r.matches) > 0, nil
	}
	f, ok, err := r.first(p, doc, true)
	if err != nil || !ok {
		return dst, false, err
	}
	if f.computed || f.text[0] != '[' {
		return append(dst, f), true, nil
	}
	for e := elementsOf(f.text); e.next(); {
		dst = append(dst, found{text: e.val})
	}
	return dst, true, nil
}

func bindExists(args []function.Arg) (function.Bound, error) {
	b, p, err := bindDocument("jsonPathExists", args, 2, 2)
	if err != nil {
		return b, err
	}
	b.Type = catalog.Boolean
	b.Eval = func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		docs := documentsOf(ec, args[0])
		var r runner
		return function.TryRows(ec, n, out, func(i int) (bool, error) {
			r.nodes = docs.nodes(i)
			_, ok, err := r.first(p, docs.At(i), false)
			return ok, err
		})
	}
	return b, nil
}
