package bind

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
)

func isConst(e expr.Expr) bool {
	_, ok := e.(*expr.Const)
	return ok
}

func isNullConst(e expr.Expr) bool {
	c, ok := e.(*expr.Const)
	return ok && c.Value.Null
}

// isFixed reports whether e has one value for a whole execution: it reads no column and calls nothing volatile.
func isFixed(e expr.Expr) bool {
	fixed := true
	expr.Walk(e, func(x expr.Expr) bool {
		switch x := x.(type) {
		case *expr.Column:
			fixed = false
		case *expr.Call:
			fixed = fixed && x.Volatility != function.Volatile
		}
		return fixed
	})
	return fixed
}

// fold computes e where its operands are constants. An error (1/0, a cast that fails) leaves e as it is: it counts
// only if a row uses the value.
func (b *binder) fold(e expr.Expr) expr.Expr {
	if c, ok := e.(*expr.Call); ok && c.Volatility != function.Immutable {
		return e
	}
	kids := e.Children()
	if len(kids) == 0 {
		return e
	}
	for _, k := range kids {
		if !isConst(k) {
			return e
		}
	}
	v, err := expr.EvalConst(&b.ec, e)
	if err != nil {
		return e
	}
	v.Type = e.Type()
	return &expr.Const{Value: v}
}

// coerce makes e of type to: constants are converted now, an untyped parameter learns its type, NULL is retyped.
// A constant that does not convert is an error here, with its place.
func (b *binder) coerce(e expr.Expr, to catalog.Type, pos int) (expr.Expr, error) {
	if p, ok := untyped(e); ok {
		return b.resolve(p, to), nil
	}
	if e.Type() == to {
		return e, nil
	}
	c, ok := e.(*expr.Const)
	if !ok {
		return &expr.Cast{Arg: e, To: to}, nil
	}
	v, err := castConst(b.valueFor(c, to.Kind), to)
	if err != nil {
		return nil, at(err, b.place(e, pos))
	}
	return &expr.Const{Value: v}, nil
}

// place is where a string literal stands, for errors of its conversion; pos for other expressions.
func (b *binder) place(e expr.Expr, pos int) int {
	if c, ok := e.(*expr.Const); ok && b.textPos[c] > 0 {
		return b.textPos[c]
	}
	return pos
}

// castConst converts a constant; kinds that share a form are only renamed.
func castConst(v catalog.Value, to catalog.Type) (catalog.Value, error) {
	if v.Null {
		return catalog.NullValue(to), nil
	}
	if v.Type.Kind == catalog.KindString && to.MultiValue && !v.Type.MultiValue {
		return parseArray(v.Str, to)
	}
	if !to.MultiValue && !v.Type.MultiValue && sameForm(v.Type.Kind, to.Kind) {
		v.Type = to
		return v, nil
	}
	out, err := expr.CastValue(v, to)
	if err != nil {
		return catalog.Value{}, errs.As(err)
	}
	out.Type = to
	return out, nil
}

// sameForm reports kinds whose values mean the same in the same form: both timestamps, and LONG with the durations.
func sameForm(a, b catalog.Kind) bool {
	if a.IsTime() && b.IsTime() {
		return true
	}
	long := func(k catalog.Kind) bool {
		return k == catalog.KindLong || k == catalog.KindDuration || k == catalog.KindInterval
	}
	return long(a) && long(b)
}
