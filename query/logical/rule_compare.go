package logical

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/bind"
	"github.com/freshetdb/freshet/query/expr"
)

// constantRight puts the constant of a comparison on the right, where scans and pruning look for it.
func constantRight(e expr.Expr) expr.Expr {
	c, ok := e.(*expr.Compare)
	if !ok || c.Right.Type().MultiValue || c.Left.Type().MultiValue {
		return arrayCompare(e)
	}
	if _, left := constant(c.Left); !left {
		return e
	}
	if _, right := constant(c.Right); right {
		return e
	}
	return &expr.Compare{Op: c.Op.Flip(), Left: c.Right, Right: c.Left}
}

// arrayCompare makes a set of x = ANY (array) and x <> ALL (array) once the array is known.
func arrayCompare(e expr.Expr) expr.Expr {
	c, ok := e.(*expr.Compare)
	if !ok || c.Op != expr.Eq && c.Op != expr.Ne || c.Right.Type().MultiValue {
		return e
	}
	arr, ok := constant(c.Left)
	if _, both := constant(c.Right); !ok || both || arr.Value.Null {
		return e
	}
	in := &expr.In{Arg: c.Right, Negated: c.Op == expr.Ne}
	for _, v := range arr.Value.Elems {
		if v.Null {
			in.HasNull = true
			continue
		}
		in.List = append(in.List, v)
	}
	if len(in.List) == 0 {
		return e
	}
	return in
}

// unwrapCast compares the operand of a widening cast itself, so that dictionaries, indexes and statistics of the
// column apply: CAST(intCol AS LONG) > 5000000000.
func unwrapCast(e expr.Expr) expr.Expr {
	c, ok := e.(*expr.Compare)
	if !ok {
		return e
	}
	cast, isCast := c.Left.(*expr.Cast)
	v, isConst := constant(c.Right)
	if !isCast || !isConst || v.Value.Null || !widens(cast.Arg.Type(), cast.To) {
		return e
	}
	out, err := bind.CompareConst(c.Op, cast.Arg, v.Value)
	if err != nil || out == nil {
		return e
	}
	return out
}

// widens reports casts that lose nothing and keep the order.
func widens(from, to catalog.Type) bool {
	if from.MultiValue || to.MultiValue {
		return false
	}
	f, t := from.Kind, to.Kind
	switch f {
	case catalog.KindInt:
		return t == catalog.KindLong || t == catalog.KindDouble || t == catalog.KindBigDecimal || t == catalog.KindTimestamp
	case catalog.KindLong, catalog.KindDuration:
		return t == catalog.KindBigDecimal || t == catalog.KindTimestamp || t == catalog.KindLong || t == catalog.KindDuration
	case catalog.KindFloat:
		return t == catalog.KindDouble
	case catalog.KindTimestamp, catalog.KindTimestampTZ:
		return t.IsTime() || t == catalog.KindLong
	default:
		return false
	}
}
