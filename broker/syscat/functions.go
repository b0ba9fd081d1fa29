package syscat

import (
	"maps"
	"slices"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

const functionFamily = "catalog"

// call is a function over the catalog: one row in, one value out.
type call struct {
	name, doc string
	// forms are the argument lists that it takes, a letter each: r a relation (object id or name), u a user (the same), o an
	// object id, i a number, s text, b a boolean, x anything.
	forms    []string
	result   catalog.Type
	nulls    bool // called with NULL arguments too, as nil; otherwise NULL in, NULL out
	volatile function.Volatility
	// eval gives the value: nil, int64, string or bool. Arguments are int64, string or bool.
	eval func(q *request, args []any) (any, error)
}

// scalarCall is a call with its descriptor, which only lacks the session.
type scalarCall struct {
	call   call
	scalar function.Scalar
}

// allCalls describes the functions over the catalog.
func allCalls() []scalarCall {
	var out []scalarCall
	for _, group := range [][]call{visibilityCalls(), definitionCalls(), sizeCalls(), privilegeCalls(), nameCalls(), stateCalls(), propertyCalls()} {
		for _, f := range group {
			volatility := f.volatile
			if volatility == function.Immutable {
				volatility = function.Stable
			}
			out = append(out, scalarCall{call: f, scalar: function.Scalar{Name: f.name, Family: functionFamily, Signature: f.signature(),
				Doc: f.doc, Volatility: volatility}})
		}
	}
	return out
}

// Functions are the functions of a session over the catalog. They read the catalog as it is when they are called.
func (c *Catalog) Functions(session Session) []function.Scalar {
	out := make([]function.Scalar, 0, len(c.calls)+1)
	for i := range c.calls {
		out = append(out, *c.scalar(i, session))
	}
	return append(out, c.plain...)
}

// FunctionNames are the canonical names of Functions.
func (c *Catalog) FunctionNames() []string { return slices.Collect(maps.Keys(c.byName)) }

// Function gives the one of Functions that has this canonical name, not to be changed. personal says that it reads the
// catalog as the session sees it.
func (c *Catalog) Function(session Session, canonical string) (f *function.Scalar, personal, ok bool) {
	i, ok := c.byName[canonical]
	switch {
	case !ok:
		return nil, false, false
	case i >= len(c.calls):
		return &c.plain[i-len(c.calls)], false, true
	default:
		return c.scalar(i, session), true, true
	}
}

func (c *Catalog) scalar(i int, session Session) *function.Scalar {
	f := &c.calls[i].call
	out := c.calls[i].scalar
	out.Bind = func(args []function.Arg) (function.Bound, error) { return c.bind(f, session, args) }
	return &out
}

// indexCalls lists the functions by canonical name; those that need no catalog follow the calls.
func (c *Catalog) indexCalls() error {
	c.byName = make(map[string]int, len(c.calls)+1)
	for i := range c.calls {
		name := function.Canonical(c.calls[i].call.name)
		if _, dup := c.byName[name]; dup {
			return errs.Bug("function %s is declared twice", c.calls[i].call.name)
		}
		c.byName[name] = i
	}
	for i := range c.plain {
		c.byName[function.Canonical(c.plain[i].Name)] = len(c.calls) + i
	}
	return nil
}

func (f *call) signature() string {
	words := map[rune]string{'r': "relation", 'u': "user", 'o': "oid", 'i': "number", 's': "text", 'b': "boolean", 'x': "value"}
	var forms []string
	for _, form := range f.forms {
		var args []string
		for _, letter := range form {
			args = append(args, words[letter])
		}
		forms = append(forms, f.name+"("+strings.Join(args, ", ")+")")
	}
	return strings.Join(forms, " or ")
}

// form finds the argument list for these arguments.
func (f *call) form(args []function.Arg) (string, bool) {
	for _, form := range f.forms {
		if len(form) != len(args) {
			continue
		}
		fits := true
		for i, a := range args {
			fits = fits && fitsLetter(form[i], a)
		}
		if fits {
			return form, true
		}
	}
	return "", false
}

func fitsLetter(letter byte, a function.Arg) bool {
	k := a.Type.Kind
	if letter == 'x' || k == catalog.KindNull {
		return true
	}
	if a.Type.MultiValue {
		return false
	}
	quoted := k == catalog.KindString && a.Const != nil // a literal takes the type that is wanted
	switch letter {
	case 'o', 'i':
		return k.IsInteger() || k.IsNumeric() || quoted
	case 's':
		return k.IsText()
	case 'b':
		return k == catalog.KindBoolean || quoted
	default:
		return k.IsInteger() || k.IsText()
	}
}

func (c *Catalog) bind(f *call, session Session, args []function.Arg) (function.Bound, error) {
	form, ok := f.form(args)
	if !ok {
		return function.Bound{}, function.NoMatch(f.name, args)
	}
	types := make([]catalog.Type, len(args))
	for i, a := range args {
		types[i] = argumentType(form[i], a.Type)
	}
	return function.Bound{Name: f.name, Type: f.result, Args: types, Strict: !f.nulls, Fallible: true,
		Eval: func(ec *function.EvalContext, in []*vec.Vector, n int, out *vec.Vector) error {
			q, err := c.request(session)
			if err != nil {
				return err
			}
			return f.run(ec, q, in, n, out)
		}}, nil
}

func argumentType(letter byte, t catalog.Type) catalog.Type {
	switch letter {
	case 'o', 'i':
		return catalog.Long
	case 'b':
		return catalog.Boolean
	case 's':
		return catalog.String
	case 'x':
		return t
	}
	if t.Kind.IsText() {
		return catalog.String
	}
	return catalog.Long
}

// run computes n rows. Rows whose arguments are all those of the row before give the same value.
func (f *call) run(ec *function.EvalContext, q *request, in []*vec.Vector, n int, out *vec.Vector) error {
	args, last := make([]any, len(in)), make([]any, len(in))
	var result any
	computed := false
	for i := range n {
		if !f.nulls && out.IsNull(i) {
			continue
		}
		null := false
		for a, v := range in {
			args[a] = argument(v, i)
			null = null || args[a] == nil
		}
		if null && !f.nulls {
			out.SetNull(i)
			continue
		}
		if !computed || f.volatile == function.Volatile || !slices.Equal(args, last) {
			var err error
			if result, err = f.eval(q, args); err != nil {
				if err = ec.Fail(out, i, err); err != nil {
					return err
				}
				computed = false
				continue
			}
			computed = true
			copy(last, args)
		}
		if err := put(out, i, result); err != nil {
			return err
		}
	}
	return nil
}

func argument(v *vec.Vector, i int) any {
	if v.Type.MultiValue || v.IsNull(i) {
		return nil
	}
	switch v.Type.Kind.Physical() {
	case catalog.PhysInt32, catalog.PhysInt64:
		return v.Int64At(i)
	case catalog.PhysBits:
		return v.BoolAt(i)
	case catalog.PhysString:
		return v.StrAt(i)
	default:
		return int64(v.Float64At(i))
	}
}

func put(out *vec.Vector, i int, x any) error {
	switch x := x.(type) {
	case nil:
		out.SetNull(i)
	case bool:
		if x {
			out.Bits.Set(i)
		}
	case string:
		out.Str[i] = x
	case int64:
		if out.I32 != nil {
			out.I32[i] = int32(x)
		} else {
			out.I64[i] = x
		}
	default:
		return errs.Bug("a catalog function gave a %T", x)
	}
	return nil
}

// id gives an object id that stands for a relation, from an argument of form r.
func (q *request) id(arg any) (int64, error) {
	if name, ok := arg.(string); ok {
		return q.relationID(name)
	}
	x, ok := arg.(int64)
	if !ok {
		return 0, errs.Bug("relation argument %T", arg)
	}
	return x, nil
}

// relation finds the relation of an argument; nil where no relation has that object id.
func (q *request) relation(arg any) (*object, error) {
	id, err := q.id(arg)
	if err != nil {
		return nil, err
	}
	o, _ := q.snapshot.object(uint32(id))
	return o, nil
}

// typeofScalar is pg_typeof, which depends on the argument's type only.
func typeofScalar(types *typeTable) function.Scalar {
	return function.Scalar{Name: "pg_typeof", Family: functionFamily, Signature: "pg_typeof(value)", Doc: "The type of a value.",
		Volatility: function.Stable, Bind: func(args []function.Arg) (function.Bound, error) {
			if len(args) != 1 {
				return function.Bound{}, function.NoMatch("pg_typeof", args)
			}
			text := "unknown"
			if i := types.fieldType(args[0].Type); i != nil {
				text, _ = types.format(i.oid, -1)
			}
			return function.Bound{Name: "pg_typeof", Type: catalog.String, Args: []catalog.Type{args[0].Type},
				Eval: func(_ *function.EvalContext, _ []*vec.Vector, n int, out *vec.Vector) error {
					for i := range n {
						out.Str[i] = text
					}
					return nil
				}}, nil
		}}
}
