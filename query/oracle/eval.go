package oracle

import (
	"fmt"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
)

var null = catalog.NullValue(catalog.Boolean)

// eval gives the value of e for a row.
func (o *oracle) eval(e expr.Expr, row Row) (catalog.Value, error) {
	switch e := e.(type) {
	case *expr.Column:
		return row[e.Index], nil
	case *expr.Const:
		return e.Value, nil
	case *expr.Outer:
		return o.outer[e.Slot], nil
	case *expr.Subquery:
		return o.subquery(e, row)
	case *expr.And:
		return o.junction(e.Args, row, false)
	case *expr.Or:
		return o.junction(e.Args, row, true)
	case *expr.Not:
		v, err := o.eval(e.Arg, row)
		if err != nil || v.Null {
			return null, err
		}
		return catalog.BoolValue(v.I64 == 0), nil
	case *expr.IsNull:
		v, err := o.eval(e.Arg, row)
		_, column := e.Arg.(*expr.Column)
		return catalog.BoolValue((v.Null || column && !e.OfValue && marked(v)) != e.Negated), err
	case *expr.Compare:
		return o.compare(e, row)
	case *expr.In:
		return o.in(e, row)
	case *expr.Like:
		return o.like(e, row)
	case *expr.Call:
		return o.call(e, row)
	case *expr.Case:
		return o.branch(e, row)
	case *expr.Coalesce:
		for _, a := range e.Args {
			v, err := o.eval(a, row)
			if err != nil || !v.Null {
				return v, err
			}
		}
		return catalog.NullValue(e.T), nil
	case *expr.Cast:
		v, err := o.eval(e.Arg, row)
		if err != nil {
			return null, err
		}
		if v.Null {
			return catalog.NullValue(e.To), nil
		}
		v.Elems = unmark(v)
		return expr.CastValue(v, e.To)
	default:
		return null, fmt.Errorf("oracle: expression %T", e)
	}
}

func unmark(v catalog.Value) []catalog.Value {
	if !v.Type.MultiValue && marked(v) {
		return nil
	}
	return v.Elems
}

// junction is AND (strong false) or OR (strong true) over three values.
func (o *oracle) junction(args []expr.Expr, row Row, strong bool) (catalog.Value, error) {
	unknown := false
	for _, a := range args {
		v, err := o.eval(a, row)
		switch {
		case err != nil:
			return null, err
		case v.Null:
			unknown = true
		case (v.I64 != 0) == strong:
			return catalog.BoolValue(strong), nil
		}
	}
	if unknown {
		return null, nil
	}
	return catalog.BoolValue(!strong), nil
}

func holds(op expr.CmpOp, a, b catalog.Value) bool {
	if a.F64 != a.F64 || b.F64 != b.F64 {
		return op == expr.Ne
	}
	c := Order(a, b)
	switch op {
	case expr.Eq:
		return c == 0
	case expr.Ne:
		return c != 0
	case expr.Lt:
		return c < 0
	case expr.Le:
		return c <= 0
	case expr.Gt:
		return c > 0
	default:
		return c >= 0
	}
}

func (o *oracle) compare(e *expr.Compare, row Row) (catalog.Value, error) {
	a, err := o.eval(e.Left, row)
	if err != nil {
		return null, err
	}
	b, err := o.eval(e.Right, row)
	if err != nil || a.Null || b.Null {
		return null, err
	}
	if !a.Type.MultiValue {
		return catalog.BoolValue(holds(e.Op, a, b)), nil
	}
	for _, x := range a.Elems {
		if e.Op == expr.Ne && holds(expr.Eq, x, b) {
			return catalog.BoolValue(false), nil
		}
		if e.Op != expr.Ne && holds(e.Op, x, b) {
			return catalog.BoolValue(true), nil
		}
	}
	return catalog.BoolValue(e.Op == expr.Ne), nil
}

func (o *oracle) in(e *expr.In, row Row) (catalog.Value, error) {
	v, err := o.eval(e.Arg, row)
	if err != nil || v.Null {
		return null, err
	}
	values := []catalog.Value{v}
	if v.Type.MultiValue {
		values = v.Elems
	}
	for _, x := range values {
		for _, y := range e.List {
			if holds(expr.Eq, x, y) {
				return catalog.BoolValue(!e.Negated), nil
			}
		}
	}
	if e.HasNull {
		return null, nil
	}
	return catalog.BoolValue(e.Negated), nil
}

func (o *oracle) like(e *expr.Like, row Row) (catalog.Value, error) {
	v, err := o.eval(e.Arg, row)
	if err != nil || v.Null {
		return null, err
	}
	values := []catalog.Value{v}
	if v.Type.MultiValue {
		values = v.Elems
	}
	fold := func(s string) string { return s }
	if e.CaseInsensitive {
		fold = strings.ToLower
	}
	escape := rune(e.Escape)
	for _, x := range values {
		if matches([]rune(fold(x.Str)), []rune(fold(e.Pattern)), escape) {
			return catalog.BoolValue(!e.Negated), nil
		}
	}
	return catalog.BoolValue(e.Negated), nil
}

// matches is LIKE by recursion over characters.
func matches(s, p []rune, escape rune) bool {
	switch {
	case len(p) == 0:
		return len(s) == 0
	case p[0] == '%':
		for i := range len(s) + 1 {
			if matches(s[i:], p[1:], escape) {
				return true
			}
		}
		return false
	case len(s) == 0:
		return false
	case p[0] == '_':
		return matches(s[1:], p[1:], escape)
	case escape != 0 && p[0] == escape && len(p) > 1:
		return s[0] == p[1] && matches(s[1:], p[2:], escape)
	default:
		return s[0] == p[0] && matches(s[1:], p[1:], escape)
	}
}

// call evaluates a scalar function for one row through its descriptor.
func (o *oracle) call(e *expr.Call, row Row) (catalog.Value, error) {
	args := make([]*vec.Vector, len(e.Args))
	var out vec.Vector
	out.Reset(e.Fn.Type, 1)
	for i, a := range e.Args {
		v, err := o.eval(a, row)
		if err != nil {
			return null, err
		}
		if v.Null && e.Fn.Strict {
			return catalog.NullValue(e.Fn.Type), nil
		}
		v.Elems = unmark(v)
		args[i] = &vec.Vector{}
		args[i].SetConst(v, 1)
	}
	if err := e.Fn.Eval(o.ec, args, 1, &out); err != nil {
		return null, err
	}
	return clone(out.At(0)), nil
}

func (o *oracle) branch(e *expr.Case, row Row) (catalog.Value, error) {
	for _, w := range e.Whens {
		ok, err := o.isTrue(w.Cond, row)
		if err != nil {
			return null, err
		}
		if ok {
			return o.eval(w.Then, row)
		}
	}
	if e.Else == nil {
		return catalog.NullValue(e.T), nil
	}
	return o.eval(e.Else, row)
}
