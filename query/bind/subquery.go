package bind

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/sql"
)

var subqueryKinds = map[sql.SubqueryKind]expr.SubqueryKind{sql.SubqueryScalar: expr.SubqueryScalar, sql.SubqueryExists: expr.SubqueryExists,
	sql.SubqueryAny: expr.SubqueryAny, sql.SubqueryAll: expr.SubqueryAll, sql.SubqueryArray: expr.SubqueryArray}

// subquery binds a sub-query in an expression.
func (b *binder) subquery(e *sql.Subquery) (expr.Expr, error) {
	f := &frame{parent: b}
	q, err := b.child(f).query(e.Query)
	if err != nil {
		return nil, err
	}
	out := &expr.Subquery{Kind: subqueryKinds[e.Kind], Plan: q, T: catalog.Boolean}
	switch e.Kind {
	case sql.SubqueryExists:
	case sql.SubqueryScalar, sql.SubqueryArray:
		if len(q.Outputs) != 1 {
			return nil, errs.User(errs.SyntaxError, "subquery must return only one column").At(e.Pos())
		}
		out.T = q.Outputs[0].Type
		if e.Kind == sql.SubqueryArray {
			if out.T.MultiValue {
				return nil, unsupported(e.Pos(), "an array of arrays")
			}
			out.T = out.T.Array()
		}
		b.keepOID(out, subqueryOID(out.T, q.Outputs[0]))
	default:
		if err := b.quantifiedSubquery(e, q, out); err != nil {
			return nil, err
		}
	}
	out.Outer = f.outer
	return out, nil
}

// quantifiedSubquery binds the left side of x op ANY (SELECT ...) and casts both sides to common types.
func (b *binder) quantifiedSubquery(e *sql.Subquery, q *Query, out *expr.Subquery) error {
	op, ok := compareOps[e.Op]
	if !ok {
		return unsupported(e.Pos(), "operator "+e.Op+" with a sub-query")
	}
	out.Op = op
	left := []sql.Expr{e.Arg}
	if row, ok := e.Arg.(*sql.Row); ok {
		left = row.Elems
	}
	if len(left) != len(q.Outputs) {
		few := "few"
		if len(left) < len(q.Outputs) {
			few = "many"
		}
		return errs.User(errs.SyntaxError, "subquery has too %s columns", few).At(e.Pos())
	}
	if len(left) > 1 && op != expr.Eq && op != expr.Ne {
		return unsupported(e.Pos(), "operator "+e.Op+" of rows with a sub-query")
	}
	q.Cast = make([]catalog.Type, len(left))
	for i, x := range left {
		l, err := b.bind(x)
		if err != nil {
			return err
		}
		to, err := b.comparedType(l, q.Outputs[i], e)
		if err != nil {
			return err
		}
		if l, err = b.coerce(l, to, x.Pos()); err != nil {
			return err
		}
		q.Cast[i] = to
		out.Left = append(out.Left, l)
	}
	return nil
}

// comparedType is the type in which an operand and an output of a sub-query meet.
func (b *binder) comparedType(l expr.Expr, o Output, e *sql.Subquery) (catalog.Type, error) {
	_, isParam := untyped(l)
	switch {
	case l.Type().MultiValue || o.Type.MultiValue:
		return catalog.Type{}, unsupported(e.Pos(), "a multi-value column on a side of ANY, ALL or IN (SELECT ...)")
	case isParam, isStringConst(l), l.Type() == catalog.Null:
		return o.Type, nil
	case o.Unknown:
		return l.Type(), nil
	}
	k, ok := commonKind(l.Type().Kind, o.Type.Kind)
	if !ok && l.Type() != o.Type {
		return catalog.Type{}, mismatch(e.Op, l, &expr.Const{Value: catalog.NullValue(o.Type)}, e.Pos())
	}
	if l.Type() == o.Type {
		return o.Type, nil
	}
	return catalog.Type{Kind: k}, nil
}
