package array

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// Letters of a shape: what the arguments of a function on arrays of any type are.
const (
	anArray   = 'a'
	anElement = 'e'
	aLong     = 'i'
	aText     = 's'
)

// bindShape binds arguments of a shape: one letter for each, the last of which repeats if the shape ends with +. A constant text may stand for an array. elem is
// the type in which arrays and elements meet.
func bindShape(name, shape string, args []function.Arg) (types []catalog.Type, elem catalog.Type, err error) {
	if shape[len(shape)-1] == '+' {
		shape = shape[:len(shape)-1]
		for len(shape) < len(args) {
			shape += shape[len(shape)-1:]
		}
	}
	if len(shape) != len(args) {
		return nil, elem, function.NoMatch(name, args)
	}
	elem, ok := elementType(shape, args)
	if !ok {
		return nil, elem, function.NoMatch(name, args)
	}
	for i, letter := range []byte(shape) {
		t := args[i].Type
		if t.MultiValue != (letter == anArray) && t.Kind != catalog.KindNull && (letter != anArray || !t.Kind.IsText() || args[i].Const == nil) {
			return nil, elem, function.NoMatch(name, args)
		}
		switch letter {
		case anArray:
			t = elem.Array()
		case anElement:
			t = elem
		case aLong:
			if !t.Kind.IsNumeric() && t.Kind != catalog.KindNull {
				return nil, elem, function.NoMatch(name, args)
			}
			t = catalog.Long
		case aText:
			t = catalog.String
		}
		types = append(types, t)
	}
	return types, elem, nil
}

// elementType is the type of the arrays' elements, widened for numbers among the single elements; without any array of a
// known type it is that of the elements, STRING at last.
func elementType(shape string, args []function.Arg) (catalog.Type, bool) {
	var arrays, elements []function.Arg
	for i, a := range args {
		switch {
		case a.Type.MultiValue:
			arrays = append(arrays, function.Arg{Type: a.Type.Elem()})
		case shape[i] == anElement:
			elements = append(elements, function.Arg{Type: a.Type})
		}
	}
	if len(arrays) == 0 {
		return function.CommonType(append(elements, function.Arg{Type: catalog.Null}))
	}
	t, ok := function.CommonType(arrays)
	for _, e := range elements {
		wider, fits := function.CommonType([]function.Arg{{Type: t}, e})
		if ok = ok && fits; t.Kind.IsNumeric() && e.Type.Kind.IsNumeric() {
			t = wider
		}
	}
	return t, ok
}

// call is one evaluation of a function of a shape.
type call struct {
	args    []*vec.Vector
	rows    []function.Rows // of the arguments that are arrays
	sources []*vec.Vector   // the elements of arrays, the others themselves
	order   function.Order
}

func newCall(args []*vec.Vector, order function.Order) *call {
	c := &call{args: args, rows: make([]function.Rows, len(args)), sources: make([]*vec.Vector, len(args)), order: order}
	for k, a := range args {
		c.sources[k] = a
		if a.Type.MultiValue {
			c.rows[k] = function.RowsOf(a)
			c.sources[k] = c.rows[k].Elems
		}
	}
	return c
}

func (c *call) long(k, i int) int64 { return c.args[k].Int64At(i) }

// span gives the elements of argument k in row i: none of a NULL array.
func (c *call) span(k, i int) (from, to int) {
	if c.args[k].IsNull(i) {
		return 0, 0
	}
	return c.rows[k].Span(i)
}

// same reports whether two values are equal, or both NULL.
func (c *call) same(source, at, other, otherAt int) bool {
	a, b := c.sources[source], c.sources[other]
	switch x, y := a.IsNull(at), b.IsNull(otherAt); {
	case x || y:
		return x && y
	}
	return c.order(a, at, b, otherAt) == 0
}

// append appends elements from up to, but not including, to of argument k.
func (c *call) append(dst []function.Pick, k, from, to int) []function.Pick {
	for e := from; e < to; e++ {
		dst = append(dst, function.Pick{Source: k, At: e})
	}
	return dst
}

// forms describes a function of one or several shapes that gives an array of its elements.
type forms struct {
	name, signature, doc, example string
	aliases                       []string
	shapes                        []string
	lax                           bool // sees NULL arguments
	fallible                      bool // a value can make it fail
	build                         func(c *call) func(dst []function.Pick, i int) ([]function.Pick, error)
}

func (f forms) scalar() function.Scalar {
	return describe(f, func(elem catalog.Type) (catalog.Type, function.Eval) {
		order := function.OrderOf(elem)
		return elem.Array(), func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
			c := newCall(args, order)
			return function.BuildPicks(ec, n, out, c.sources, f.build(c))
		}
	})
}

// describe makes the descriptor; eval gives result type and evaluation for a type of elements.
func describe(f forms, eval func(elem catalog.Type) (catalog.Type, function.Eval)) function.Scalar {
	return function.Scalar{Name: f.name, Aliases: f.aliases, Family: family, Signature: f.signature, Doc: f.doc, Example: f.example,
		Bind: func(args []function.Arg) (function.Bound, error) {
			var first error
			for _, shape := range f.shapes {
				types, elem, err := bindShape(f.name, shape, args)
				if err == nil {
					t, e := eval(elem)
					return function.Bound{Name: function.Canonical(f.name), Type: t, Args: types, Strict: !f.lax, Fallible: f.fallible, Eval: e}, nil
				}
				first = err
			}
			return function.Bound{}, first
		}}
}

// typed lists a name with the suffixes of Pinot's typed forms.
func typed(name string, suffixes ...string) []string {
	var out []string
	for _, s := range suffixes {
		out = append(out, name+s)
	}
	return out
}

func allTypes(name string) []string { return typed(name, "Int", "Long", "Float", "Double", "String") }
