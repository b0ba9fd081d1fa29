package json

import (
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
)

func texts() []function.Scalar {
	return []function.Scalar{
		{Name: "jsonFormat", Family: family, Signature: "jsonFormat(value)",
			Doc:     "The value as compact JSON text. Text is taken to be JSON; other values are written as JSON numbers, booleans or quoted texts.",
			Example: `jsonFormat('{"a": [1, 2]}') = '{"a":[1,2]}'`, Bind: bindFormat},
		{Name: "isJson", Aliases: []string{"json_valid"}, Family: family, Signature: "isJson(text)", Doc: "Whether a text is one valid JSON value.",
			Example: `isJson('{"a":1') = false`,
			Bind: function.Overloads("isJson", function.Overload{Args: []catalog.Type{catalog.String}, Type: catalog.Boolean,
				Eval: function.Map1(func(s string) bool { return check(s) == nil })})},
		{Name: "jsonStringToArray", Family: family, Signature: "jsonStringToArray(text)", Example: `jsonStringToArray('[1,"a"]') = '{1,a}'`,
			Doc: "The elements of a JSON array as texts; another JSON value gives an array of one.", Bind: bindStringToArray},
	}
}

func bindStringToArray(args []function.Arg) (function.Bound, error) {
	const name = "jsonStringToArray"
	if len(args) != 1 {
		return function.Bound{}, function.NoMatch(name, args)
	}
	doc, ok := jsonType(args[0])
	if !ok {
		return function.Bound{}, function.NoMatch(name, args)
	}
	return function.Bound{Name: function.Canonical(name), Type: catalog.String.Array(), Args: []catalog.Type{doc}, Strict: true, Fallible: true,
		Eval: arrayEval(&path{text: "$"}, whenMissing{})}, nil
}

func bindFormat(args []function.Arg) (function.Bound, error) {
	if len(args) != 1 {
		return function.Bound{}, function.NoMatch("jsonFormat", args)
	}
	t := args[0].Type
	if t.Kind == catalog.KindNull {
		t = catalog.String
	}
	return function.Bound{Name: "jsonformat", Type: catalog.String, Args: []catalog.Type{t}, Strict: true, Fallible: t.Kind.IsText(),
		Eval: func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
			if t.Kind.IsText() && !t.MultiValue {
				docs := function.View[string](args[0])
				return function.TryRows(ec, n, out, func(i int) (string, error) {
					s := docs.At(i)
					return compact(s), check(s)
				})
			}
			return function.BuildTexts(ec, n, out, func(dst []byte, i int) ([]byte, error) { return appendValue(dst, args[0].At(i)), nil })
		}}, nil
}

// appendValue writes a value as JSON. Infinities and NaN have no JSON number and become texts.
func appendValue(dst []byte, x catalog.Value) []byte {
	if x.Null {
		return append(dst, "null"...)
	}
	if x.Type.MultiValue {
		dst = append(dst, '[')
		for i, e := range x.Elems {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendValue(dst, e)
		}
		return append(dst, ']')
	}
	switch k := x.Type.Kind; k {
	case catalog.KindBoolean:
		return strconv.AppendBool(dst, x.I64 != 0)
	case catalog.KindFloat, catalog.KindDouble:
		from := len(dst)
		if k == catalog.KindFloat {
			dst = convert.AppendFloat(dst, x.F64)
		} else {
			dst = convert.AppendDouble(dst, x.F64)
		}
		if s := string(dst[from:]); strings.ContainsAny(s, "IN") {
			return appendQuoted(dst[:from], s)
		}
		return dst
	case catalog.KindBigDecimal:
		return append(dst, x.Str...)
	case catalog.KindBytes:
		return appendQuoted(dst, convert.FormatBytes(x.Str))
	}
	if x.Type.Kind.Physical() == catalog.PhysString {
		return appendQuoted(dst, x.Str)
	}
	return strconv.AppendInt(dst, x.I64, 10)
}

// keyOptions are the options of jsonExtractKey.
type keyOptions struct {
	maxDepth int // levels; 0 for all
	dots     bool
}

func parseKeyOptions(text string) (keyOptions, error) {
	var o keyOptions
	for _, part := range strings.Split(text, ";") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		var err error
		switch strings.ToLower(name) {
		case "maxdepth":
			o.maxDepth, err = strconv.Atoi(value)
		case "dotnotation":
			o.dots, err = strconv.ParseBool(value)
		default:
			return o, errs.User(errs.InvalidParameterValue, "jsonExtractKey: unknown option %q; expected maxDepth or dotNotation", name)
		}
		if err != nil || o.maxDepth < 0 {
			return o, errs.User(errs.InvalidParameterValue, "jsonExtractKey: option %s cannot be %q", name, value)
		}
	}
	return o, nil
}

func bindKeys(args []function.Arg) (function.Bound, error) {
	const name = "jsonExtractKey"
	b, p, err := bindDocument(name, args, 2, 3)
	if err != nil {
		return b, err
	}
	if p.reduce != reduceNone {
		return b, errs.User(errs.InvalidParameterValue, "%s: path %s ends with a function, whose result has no key", name, p.text)
	}
	var options keyOptions
	if len(args) == 3 {
		text, err := function.Constant(name, "options", args, 2)
		if err != nil {
			return b, err
		}
		if options, err = parseKeyOptions(text); err != nil {
			return b, err
		}
		b.Args = append(b.Args, catalog.String)
	}
	b.Type, b.ReadsDocument = catalog.String.Array(), false
	b.Eval = func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		docs := function.View[string](args[0])
		r := runner{tracked: true, dots: options.dots}
		return function.BuildArrays(ec, n, out, func(dst []string, i int) ([]string, error) {
			if err := r.match(p, docs.At(i)); err != nil {
				return dst, err
			}
			for _, pl := range r.places {
				if options.maxDepth == 0 || pl.levels <= options.maxDepth {
					dst = append(dst, pl.text)
				}
			}
			return dst, nil
		})
	}
	return b, nil
}
