package bind

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/sql"
)

// compare binds a comparison. The fixed side comes to stand on the right, and both get the same kind without
// changing the outcome: a constant is converted to the other side's type exactly, or its neighbours decide.
func (b *binder) compare(op expr.CmpOp, l, r expr.Expr, pos int) (expr.Expr, error) {
	if isFixed(l) && !isFixed(r) || r.Type().MultiValue && !l.Type().MultiValue {
		l, r, op = r, l, op.Flip()
	}
	l, r = b.unknowns(l, r)
	if l.Type().MultiValue && (r.Type().MultiValue || isStringConst(r) && b.oid(l) != 0) {
		return b.compareArrays(op, l, r, pos)
	}
	if isNullConst(l) || isNullConst(r) {
		return &expr.Const{Value: catalog.NullValue(catalog.Boolean)}, nil
	}
	if c, ok := r.(*expr.Const); ok && !isConst(l) {
		return b.compareConst(op, l, b.valueFor(c, l.Type().Kind), b.place(r, pos))
	}
	l, r, err := b.sameKind(op.String(), l, r, pos)
	if err != nil {
		return nil, err
	}
	return b.fold(&expr.Compare{Op: op, Left: l, Right: r}), nil
}

// compareArrays compares whole arrays: two of them, or one of a catalog relation with a literal. (A multi-value column
// compares with one value by its elements.)
func (b *binder) compareArrays(op expr.CmpOp, l, r expr.Expr, pos int) (expr.Expr, error) {
	if op != expr.Eq && op != expr.Ne {
		return nil, mismatch(op.String(), l, r, pos)
	}
	var err error
	switch {
	case isStringConst(r):
		r, err = b.coerce(r, l.Type(), pos)
	case l.Type() != r.Type():
		k, ok := commonKind(l.Type().Kind, r.Type().Kind)
		if !ok {
			return nil, mismatch(op.String(), l, r, pos)
		}
		if l, err = b.coerceElem(l, k, pos); err == nil {
			r, err = b.coerceElem(r, k, pos)
		}
	}
	if err != nil {
		return nil, err
	}
	same, err := b.scalarCall("arrayequals", []expr.Expr{l, r}, pos)
	if err != nil && errs.As(err).Code == errs.UndefinedFunction {
		return nil, mismatch(op.String(), l, r, pos)
	}
	if err != nil || op == expr.Eq {
		return same, err
	}
	return b.fold(&expr.Not{Arg: same}), nil
}

// unknowns resolves an untyped parameter from the other operand. Two of them are text.
func (b *binder) unknowns(l, r expr.Expr) (expr.Expr, expr.Expr) {
	lp, lok := untyped(l)
	rp, rok := untyped(r)
	switch {
	case lok && rok:
		l = b.resolve(lp, catalog.String)
		return l, b.resolve(rp, l.Type())
	case lok:
		return b.resolveBeside(lp, r, r.Type().Elem()), r
	case rok:
		return l, b.resolveBeside(rp, l, l.Type().Elem())
	}
	return l, r
}

// mismatch is PostgreSQL's error for operands that do not go together.
func mismatch(op string, l, r expr.Expr, pos int) *errs.Error {
	return errs.User(errs.UndefinedFunction, "operator does not exist: %s %s %s", typeText(l.Type()), op, typeText(r.Type())).
		WithHint("No operator matches the given name and argument types. You might need to add explicit type casts.").At(pos)
}

// compareConst compares an expression with a constant of any type.
func (b *binder) compareConst(op expr.CmpOp, e expr.Expr, v catalog.Value, pos int) (expr.Expr, error) {
	out, err := CompareConst(op, e, v)
	if err != nil {
		return nil, at(err, pos)
	}
	if out == nil {
		return nil, mismatch(op.String(), e, &expr.Const{Value: v}, pos)
	}
	return out, nil
}

// CompareConst compares an expression with a constant that is not NULL, of any type, exactly: where e's type lacks
// the value, its neighbours decide. It gives nil where the two types do not compare.
func CompareConst(op expr.CmpOp, e expr.Expr, v catalog.Value) (expr.Expr, error) {
	n, err := nearestValues(v, e.Type().Kind)
	if err != nil {
		return nil, err
	}
	switch {
	case n.none:
		return nil, nil
	case n.exact:
		return &expr.Compare{Op: op, Left: e, Right: &expr.Const{Value: n.low}}, nil
	case op == expr.Eq:
		return always(e, false), nil
	case op == expr.Ne:
		return always(e, true), nil
	case n.above: // the constant is above every value of the kind
		return always(e, op == expr.Lt || op == expr.Le), nil
	case n.below:
		return always(e, op == expr.Gt || op == expr.Ge), nil
	case op == expr.Lt || op == expr.Le:
		return &expr.Compare{Op: expr.Le, Left: e, Right: &expr.Const{Value: n.low}}, nil
	default:
		return &expr.Compare{Op: expr.Ge, Left: e, Right: &expr.Const{Value: n.high}}, nil
	}
}

// always is result for every value of e, and NULL where e is.
func always(e expr.Expr, result bool) expr.Expr {
	unknown := &expr.Const{Value: catalog.NullValue(catalog.Boolean)}
	if result {
		return &expr.Or{Args: []expr.Expr{&expr.IsNull{Arg: e, Negated: true, OfValue: true}, unknown}}
	}
	return &expr.And{Args: []expr.Expr{&expr.IsNull{Arg: e, OfValue: true}, unknown}}
}

// sameKind casts two operands to a common kind.
func (b *binder) sameKind(op string, l, r expr.Expr, pos int) (expr.Expr, expr.Expr, error) {
	lk, rk := l.Type().Kind, r.Type().Kind
	if lk == rk {
		return l, r, nil
	}
	// Constants take the other side's kind first: '42' = 42, ts = '2024-01-01'.
	if c, ok := r.(*expr.Const); ok && rk == catalog.KindString {
		v, err := castConst(c.Value, l.Type().Elem())
		return l, &expr.Const{Value: v}, at(err, b.place(r, pos))
	}
	if c, ok := l.(*expr.Const); ok && lk == catalog.KindString {
		v, err := castConst(c.Value, r.Type().Elem())
		return &expr.Const{Value: v}, r, at(err, b.place(l, pos))
	}
	common, ok := commonKind(lk, rk)
	if !ok {
		return nil, nil, mismatch(op, l, r, pos)
	}
	l, err := b.coerceElem(l, common, pos)
	if err != nil {
		return nil, nil, err
	}
	r, err = b.coerceElem(r, common, pos)
	return l, r, err
}

// coerceElem casts to a kind and keeps multi-valuedness.
func (b *binder) coerceElem(e expr.Expr, k catalog.Kind, pos int) (expr.Expr, error) {
	return b.coerce(e, catalog.Type{Kind: k, MultiValue: e.Type().MultiValue}, pos)
}

// commonKind is the kind in which values of two different kinds compare.
func commonKind(a, b catalog.Kind) (catalog.Kind, bool) {
	if a > b {
		a, b = b, a
	}
	switch {
	case a == b:
		return a, true
	case b == catalog.KindNull:
		return a, true
	case a.IsNumeric() && b.IsNumeric():
		return commonNumber(a, b), true
	case a.IsTime() && b.IsTime():
		return catalog.KindTimestamp, true
	case a == catalog.KindString && b == catalog.KindJSON:
		return catalog.KindString, true
	case a == catalog.KindBoolean && b.IsInteger(), b == catalog.KindBoolean && a.IsInteger():
		return catalog.KindInt, true
	case b == catalog.KindInterval && (a.IsInteger() || a == catalog.KindDuration):
		return catalog.KindDuration, true
	case a.IsTime() || b.IsTime():
		other := a
		if a.IsTime() {
			other = b
		}
		switch other {
		case catalog.KindInt, catalog.KindLong, catalog.KindString:
			return catalog.KindTimestamp, true
		case catalog.KindFloat, catalog.KindDouble:
			return catalog.KindDouble, true
		}
	}
	return catalog.KindInvalid, false
}

// commonNumber is the kind in which numbers of two kinds meet, as in PostgreSQL: DOUBLE where one is floating.
func commonNumber(a, b catalog.Kind) catalog.Kind {
	has := func(k catalog.Kind) bool { return a == k || b == k }
	switch {
	case has(catalog.KindDouble) || has(catalog.KindFloat):
		return catalog.KindDouble // which, unlike a decimal, has NaN and infinities
	case has(catalog.KindBigDecimal):
		return catalog.KindBigDecimal
	default:
		return catalog.KindLong
	}
}

// unify casts expressions to one type, in place: the results of CASE, COALESCE and ARRAY. Parameters take it too.
func (b *binder) unify(list []expr.Expr, what string, pos int) (catalog.Type, error) {
	t, text := catalog.Null, false
	for _, e := range list {
		if _, unknown := untyped(e); unknown {
			continue
		}
		et := e.Type()
		if isStringConst(e) { // gives way to any other type
			text = true
			continue
		}
		k, ok := resultKind(t.Kind, et.Kind)
		if !ok || t != catalog.Null && et != catalog.Null && t.MultiValue != et.MultiValue {
			return t, errs.User(errs.DatatypeMismatch, "%s types %s and %s cannot be matched", what, typeText(t), typeText(et)).At(pos)
		}
		t = catalog.Type{Kind: k, MultiValue: t.MultiValue || et.MultiValue}
	}
	if t == catalog.Null && (text || len(list) > 0) {
		t = catalog.String
	}
	for i := range list {
		e, err := b.coerce(list[i], t, pos)
		if err != nil {
			return t, err
		}
		list[i] = e
	}
	return t, nil
}

func isStringConst(e expr.Expr) bool { return isConst(e) && e.Type() == catalog.String }

// resultKind is the kind of a CASE whose branches have kinds a and b: stricter than a comparison.
func resultKind(a, b catalog.Kind) (catalog.Kind, bool) {
	switch {
	case a == b:
		return a, true
	case a.IsNumeric() && b.IsNumeric(), a.IsTime() && b.IsTime(), a == catalog.KindNull, b == catalog.KindNull,
		a.IsText() && b.IsText():
		return commonKind(a, b)
	default:
		return catalog.KindInvalid, false
	}
}

// compareOps maps the spellings of comparison operators.
var compareOps = map[string]expr.CmpOp{"=": expr.Eq, "<>": expr.Ne, "!=": expr.Ne, "<": expr.Lt, "<=": expr.Le, ">": expr.Gt, ">=": expr.Ge}

// between binds BETWEEN as two comparisons.
func (b *binder) between(e *sql.Between) (expr.Expr, error) {
	arg, err := b.bind(e.Arg)
	if err != nil {
		return nil, err
	}
	low, high, err := b.pair(e.Low, e.High)
	if err != nil {
		return nil, err
	}
	if arg.Type().MultiValue {
		return b.elementBetween(e, arg, low, high)
	}
	out, err := b.within2(arg, low, high, e.Negated, e.Pos())
	if err != nil || !e.Symmetric {
		return out, err
	}
	swapped, err := b.within2(arg, high, low, e.Negated, e.Pos())
	if err != nil {
		return nil, err
	}
	if e.Negated {
		return b.fold(&expr.And{Args: []expr.Expr{out, swapped}}), nil
	}
	return b.fold(&expr.Or{Args: []expr.Expr{out, swapped}}), nil
}

// elementBetween is BETWEEN of a multi-value column: an element lies within; NOT BETWEEN: none does.
func (b *binder) elementBetween(e *sql.Between, arg, low, high expr.Expr) (expr.Expr, error) {
	bounds := []expr.Expr{low, high}
	for i, bound := range bounds {
		_, unknown := untyped(bound)
		if bound.Type().MultiValue {
			return nil, mismatch(">=", arg, bound, e.Pos())
		}
		if unknown || isStringConst(bound) {
			var err error
			if bounds[i], err = b.coerce(bound, arg.Type().Elem(), e.Pos()); err != nil {
				return nil, err
			}
		}
	}
	out, err := b.scalarCall("arrayAnyBetween", []expr.Expr{arg, bounds[0], bounds[1]}, e.Pos())
	if err != nil && errs.As(err).Code == errs.UndefinedFunction {
		return nil, mismatch(">=", arg, low, e.Pos())
	}
	if err == nil && e.Symmetric {
		var swapped expr.Expr
		if swapped, err = b.scalarCall("arrayAnyBetween", []expr.Expr{arg, bounds[1], bounds[0]}, e.Pos()); err == nil {
			out = b.fold(&expr.Or{Args: []expr.Expr{out, swapped}})
		}
	}
	if err != nil || !e.Negated {
		return out, err
	}
	return b.fold(&expr.Not{Arg: out}), nil
}

// within2 is low <= arg AND arg <= high, or its negation.
func (b *binder) within2(arg, low, high expr.Expr, negated bool, pos int) (expr.Expr, error) {
	ops := [2]expr.CmpOp{expr.Ge, expr.Le}
	if negated {
		ops = [2]expr.CmpOp{expr.Lt, expr.Gt}
	}
	first, err := b.compare(ops[0], arg, low, pos)
	if err != nil {
		return nil, err
	}
	second, err := b.compare(ops[1], arg, high, pos)
	if err != nil {
		return nil, err
	}
	if negated {
		return b.fold(&expr.Or{Args: []expr.Expr{first, second}}), nil
	}
	return b.fold(&expr.And{Args: []expr.Expr{first, second}}), nil
}

// in binds IN (list). Constants become a set; what is not constant is compared one by one.
func (b *binder) in(e *sql.In) (expr.Expr, error) {
	if row, ok := e.Arg.(*sql.Row); ok {
		return b.inRows(e, row)
	}
	arg, err := b.bind(e.Arg)
	if err != nil {
		return nil, err
	}
	list := make([]expr.Expr, len(e.List))
	for i, x := range e.List {
		if list[i], err = b.bind(x); err != nil {
			return nil, err
		}
	}
	if p, ok := untyped(arg); ok {
		t, err := b.unify(append([]expr.Expr(nil), list...), "IN", e.Pos())
		if err != nil {
			return nil, err
		}
		arg = b.resolve(p, t)
	}
	return b.membership(arg, list, e.Negated, e.Pos())
}

// membership is arg IN (list), or NOT IN.
func (b *binder) membership(arg expr.Expr, list []expr.Expr, negated bool, pos int) (expr.Expr, error) {
	set := &expr.In{Arg: arg, Negated: negated}
	var terms []expr.Expr
	op := expr.Eq
	if negated {
		op = expr.Ne
	}
	for _, x := range list {
		c, ok := x.(*expr.Const)
		if !ok || isConst(arg) {
			term, err := b.compare(op, arg, x, pos)
			if err != nil {
				return nil, err
			}
			terms = append(terms, term)
			continue
		}
		if c.Value.Null {
			set.HasNull = true
			continue
		}
		n, err := nearestValues(b.valueFor(c, arg.Type().Kind), arg.Type().Kind)
		if err != nil {
			return nil, at(err, b.place(x, pos))
		}
		if n.none {
			return nil, mismatch("=", arg, x, pos)
		}
		if n.exact {
			set.List = append(set.List, n.low)
		}
	}
	switch {
	case len(set.List) > 0:
		terms = append(terms, set)
	case set.HasNull:
		terms = append(terms, &expr.Const{Value: catalog.NullValue(catalog.Boolean)})
	case len(terms) == 0: // no element can be equal
		return always(arg, negated), nil
	}
	if len(terms) == 1 {
		return b.fold(terms[0]), nil
	}
	if negated {
		return b.fold(&expr.And{Args: terms}), nil
	}
	return b.fold(&expr.Or{Args: terms}), nil
}

// quantified binds op ANY (array) and op ALL (array).
func (b *binder) quantified(e *sql.Quantified) (expr.Expr, error) {
	op, ok := compareOps[e.Op]
	if !ok {
		return nil, unsupported(e.Pos(), "operator "+e.Op+" with ANY or ALL")
	}
	arg, arr, err := b.pair(e.Arg, e.Array)
	if err != nil {
		return nil, err
	}
	if p, unknown := untyped(arg); unknown {
		arg = b.resolve(p, arr.Type().Elem())
	}
	if p, unknown := untyped(arr); unknown {
		arr = b.resolveBeside(p, arg, arg.Type().Elem().Array())
	} else if isStringConst(arr) {
		if arr, err = b.coerce(arr, arg.Type().Elem().Array(), e.Pos()); err != nil {
			return nil, err
		}
	}
	if !arr.Type().MultiValue {
		return nil, errs.User(errs.WrongObjectType, "op ANY/ALL (array) requires array on right side").At(e.Array.Pos())
	}
	if c, isArray := arr.(*expr.Const); isArray && (op == expr.Eq && !e.All || op == expr.Ne && e.All) {
		list := make([]expr.Expr, len(c.Value.Elems))
		for i, v := range c.Value.Elems {
			list[i] = &expr.Const{Value: v}
		}
		return b.membership(arg, list, e.All, e.Pos())
	}
	// A comparison with an array on the left holds if any element compares; <> if none is equal.
	if e.All {
		switch op {
		case expr.Ne:
			return b.elements(expr.Ne, arr, arg, e.Pos())
		case expr.Eq:
			return nil, unsupported(e.Pos(), "= ALL")
		}
		any, err := b.elements(opposite(op).Flip(), arr, arg, e.Pos())
		if err != nil {
			return nil, err
		}
		return b.fold(&expr.Not{Arg: any}), nil
	}
	if op == expr.Ne {
		return nil, unsupported(e.Pos(), "<> ANY")
	}
	return b.elements(op.Flip(), arr, arg, e.Pos())
}

// elements compares the elements of arr with one value.
func (b *binder) elements(op expr.CmpOp, arr, value expr.Expr, pos int) (expr.Expr, error) {
	if arr.Type().Kind != value.Type().Kind {
		k, ok := commonKind(arr.Type().Kind, value.Type().Kind)
		if !ok {
			return nil, mismatch(op.String(), value, arr, pos)
		}
		var err error
		if arr, err = b.coerceElem(arr, k, pos); err != nil {
			return nil, err
		}
		if value, err = b.coerceElem(value, k, pos); err != nil {
			return nil, err
		}
	}
	return b.fold(&expr.Compare{Op: op, Left: arr, Right: value}), nil
}

// opposite is the operator that holds where op does not, for values that are not NULL.
func opposite(op expr.CmpOp) expr.CmpOp {
	return [expr.CmpOpCount]expr.CmpOp{expr.CmpInvalid, expr.Ne, expr.Eq, expr.Ge, expr.Gt, expr.Le, expr.Lt}[op]
}
