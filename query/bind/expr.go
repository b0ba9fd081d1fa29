package bind

import (
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/sql"
)

// bind gives a syntax tree its bound form. A parameter whose type nothing has told yet comes back as a Param of
// KindInvalid, for the caller to resolve; a string literal as a Const of STRING, an untyped NULL as one of KindNull.
func (b *binder) bind(e sql.Expr) (expr.Expr, error) {
	switch e := e.(type) {
	case *sql.Name:
		return b.name(e)
	case *sql.Literal:
		return b.literalConst(e)
	case *sql.Param:
		return b.param(e)
	case *sql.Binary:
		return b.binary(e)
	case *sql.Unary:
		return b.unary(e)
	case *sql.And:
		return b.junction(e.Args, "AND")
	case *sql.Or:
		return b.junction(e.Args, "OR")
	case *sql.Not:
		arg, err := b.boolean(e.Arg, "NOT")
		if err != nil {
			return nil, err
		}
		return b.fold(&expr.Not{Arg: arg}), nil
	case *sql.IsNull:
		arg, err := b.bind(e.Arg)
		if err != nil {
			return nil, err
		}
		return b.fold(&expr.IsNull{Arg: arg, Negated: e.Negated}), nil
	case *sql.IsTruth:
		return b.truth(e)
	case *sql.IsDistinct:
		return b.isDistinct(e)
	case *sql.In:
		return b.in(e)
	case *sql.Between:
		return b.between(e)
	case *sql.Like:
		return b.like(e)
	case *sql.Quantified:
		return b.quantified(e)
	case *sql.Call:
		return b.call(e)
	case *sql.Case:
		return b.caseExpr(e)
	case *sql.Cast:
		return b.cast(e)
	default:
		return b.rare(e)
	}
}

// rare binds what few queries have and refuses what is not built.
func (b *binder) rare(e sql.Expr) (expr.Expr, error) {
	switch e := e.(type) {
	case *sql.Array:
		return b.array(e)
	case *sql.Collate:
		switch strings.ToLower(e.Name) {
		case "c", "posix", "default", "ucs_basic", "c.utf8", "c.utf-8":
			return b.bind(e.Arg) // text orders by bytes anyway
		}
		return nil, unsupported(e.Pos(), "collation "+strconv.Quote(e.Name))
	case *sql.Star:
		return nil, errs.User(errs.SyntaxError, "* is only allowed in a select list and in count(*)").At(e.Pos())
	case *sql.Subquery:
		return b.subquery(e)
	case *sql.Row:
		return nil, unsupported(e.Pos(), "a row value")
	case *sql.Subscript:
		return b.subscript(e)
	case *sql.Field:
		return b.field(e)
	case *sql.Default:
		return nil, errs.User(errs.SyntaxError, "DEFAULT is not allowed in this context").At(e.Pos())
	default:
		return nil, errs.Bug("unknown expression %T", e)
	}
}

// literalConst binds a literal. Where text stands is remembered: it may fail to convert later.
func (b *binder) literalConst(l *sql.Literal) (expr.Expr, error) {
	if l.Kind != sql.StringLiteral {
		out, err := literal(l)
		b.keepExact(l, out)
		return out, err
	}
	c := constString(l.Text)
	b.textPos[c] = l.Pos()
	return c, nil
}

// keepExact remembers what a number with a point says, for where it meets BIG_DECIMAL: as a DOUBLE it has 17 digits.
func (b *binder) keepExact(l *sql.Literal, out expr.Expr) {
	c, ok := out.(*expr.Const)
	if !ok || c.Value.Type != catalog.Double || len(l.Text) < 16 {
		return
	}
	if v, err := expr.CastValue(catalog.StringValue(strings.ReplaceAll(l.Text, "_", "")), catalog.BigDecimal); err == nil {
		b.exact[c] = v
	}
}

// valueFor is the value of a constant that is going to be of a type.
func (b *binder) valueFor(c *expr.Const, to catalog.Kind) catalog.Value {
	if v, ok := b.exact[c]; ok && to == catalog.KindBigDecimal {
		return v
	}
	return c.Value
}

// literal gives a literal its type: INT if it fits, else LONG, else BIG_DECIMAL; DOUBLE with a point or exponent.
func literal(l *sql.Literal) (expr.Expr, error) {
	switch l.Kind {
	case sql.BoolLiteral:
		return constBool(l.Text == "true"), nil
	case sql.NullLiteral:
		return &expr.Const{Value: catalog.NullValue(catalog.Null)}, nil
	case sql.HexLiteral:
		return hexLiteral(l)
	case sql.BitLiteral:
		return nil, unsupported(l.Pos(), "a bit string")
	default:
		return number(l)
	}
}

func number(l *sql.Literal) (expr.Expr, error) {
	n, err := strconv.ParseInt(l.Text, 0, 64)
	if err == nil {
		if n == int64(int32(n)) {
			return &expr.Const{Value: catalog.IntValue(n)}, nil
		}
		return &expr.Const{Value: catalog.LongValue(n)}, nil
	}
	text := strings.ReplaceAll(l.Text, "_", "")
	if strings.Trim(text, "-0123456789") == "" {
		v, err := expr.CastValue(catalog.StringValue(text), catalog.BigDecimal)
		if err != nil {
			return nil, at(err, l.Pos())
		}
		return &expr.Const{Value: v}, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, errs.User(errs.NumericOutOfRange, "%q is out of range for type double precision", l.Text).At(l.Pos())
	}
	return &expr.Const{Value: catalog.DoubleValue(f)}, nil
}

func hexLiteral(l *sql.Literal) (expr.Expr, error) {
	v, err := expr.CastValue(catalog.StringValue(l.Text), catalog.Bytes)
	if err != nil {
		return nil, at(err, l.Pos())
	}
	return &expr.Const{Value: v}, nil
}

func constString(s string) *expr.Const { return &expr.Const{Value: catalog.StringValue(s)} }
func constBool(v bool) *expr.Const     { return &expr.Const{Value: catalog.BoolValue(v)} }

// junction binds AND and OR.
func (b *binder) junction(args []sql.Expr, op string) (expr.Expr, error) {
	out := make([]expr.Expr, len(args))
	for i, a := range args {
		e, err := b.boolean(a, op)
		if err != nil {
			return nil, err
		}
		out[i] = e
	}
	if op == "AND" {
		return b.fold(&expr.And{Args: out}), nil
	}
	return b.fold(&expr.Or{Args: out}), nil
}

// boolean binds an operand that has to be boolean; what names the place in messages.
func (b *binder) boolean(e sql.Expr, what string) (expr.Expr, error) {
	out, err := b.bind(e)
	if err != nil {
		return nil, err
	}
	return b.toBoolean(out, what, e.Pos())
}

func (b *binder) toBoolean(e expr.Expr, what string, pos int) (expr.Expr, error) {
	if p, ok := untyped(e); ok {
		return b.resolve(p, catalog.Boolean), nil
	}
	switch t := e.Type(); {
	case t == catalog.Boolean:
		return e, nil
	case t == catalog.Null:
		return &expr.Const{Value: catalog.NullValue(catalog.Boolean)}, nil
	case t == catalog.String && isConst(e):
		return b.coerce(e, catalog.Boolean, pos)
	default:
		return nil, errs.User(errs.DatatypeMismatch, "argument of %s must be type boolean, not type %s", what, typeText(t)).At(pos)
	}
}

// truth binds IS [NOT] TRUE, FALSE, UNKNOWN, which are never NULL; the operand is evaluated once.
func (b *binder) truth(e *sql.IsTruth) (expr.Expr, error) {
	arg, err := b.boolean(e.Arg, "IS")
	if err != nil {
		return nil, err
	}
	var out expr.Expr
	switch e.Truth {
	case sql.True:
		out = &expr.Coalesce{Args: []expr.Expr{arg, constBool(false)}, T: catalog.Boolean}
	case sql.False:
		out = &expr.Coalesce{Args: []expr.Expr{arg, constBool(true)}, T: catalog.Boolean}
	default:
		return b.fold(&expr.IsNull{Arg: arg, Negated: e.Negated}), nil
	}
	if e.Negated != (e.Truth == sql.False) {
		out = &expr.Not{Arg: out}
	}
	return b.fold(out), nil
}

// isDistinct binds IS [NOT] DISTINCT FROM, which is never NULL.
func (b *binder) isDistinct(e *sql.IsDistinct) (expr.Expr, error) {
	left, right, err := b.pair(e.Left, e.Right)
	if err != nil {
		return nil, err
	}
	if isNullConst(right) || isNullConst(left) {
		if isNullConst(left) {
			left = right
		}
		return b.fold(&expr.IsNull{Arg: left, Negated: !e.Negated}), nil
	}
	op := expr.Ne
	if e.Negated {
		op = expr.Eq
	}
	cmp, err := b.compare(op, left, right, e.Pos())
	if err != nil {
		return nil, err
	}
	parts := []expr.Expr{cmp}
	var nulls []expr.Expr
	for _, side := range []expr.Expr{left, right} {
		if !isConst(side) {
			parts = append(parts, &expr.IsNull{Arg: side, Negated: true})
		}
		nulls = append(nulls, &expr.IsNull{Arg: side})
	}
	both := conjunction(parts)
	if e.Negated {
		if isConst(left) || isConst(right) {
			return b.fold(both), nil
		}
		return b.fold(&expr.Or{Args: []expr.Expr{both, &expr.And{Args: nulls}}}), nil
	}
	// Exactly one of the two is NULL.
	switch {
	case isConst(left):
		return b.fold(&expr.Or{Args: []expr.Expr{both, nulls[1]}}), nil
	case isConst(right):
		return b.fold(&expr.Or{Args: []expr.Expr{both, nulls[0]}}), nil
	}
	return b.fold(&expr.Or{Args: []expr.Expr{both,
		&expr.And{Args: []expr.Expr{nulls[0], &expr.IsNull{Arg: right, Negated: true}}},
		&expr.And{Args: []expr.Expr{&expr.IsNull{Arg: left, Negated: true}, nulls[1]}}}}), nil
}

// conjunction is the AND of one or more operands.
func conjunction(args []expr.Expr) expr.Expr {
	if len(args) == 1 {
		return args[0]
	}
	return &expr.And{Args: args}
}

// pair binds two operands.
func (b *binder) pair(l, r sql.Expr) (expr.Expr, expr.Expr, error) {
	left, err := b.bind(l)
	if err != nil {
		return nil, nil, err
	}
	right, err := b.bind(r)
	return left, right, err
}

// caseExpr binds CASE; the short form compares its operand with each WHEN.
func (b *binder) caseExpr(e *sql.Case) (expr.Expr, error) {
	var operand expr.Expr
	var err error
	if e.Operand != nil {
		if operand, err = b.bind(e.Operand); err != nil {
			return nil, err
		}
	}
	out := &expr.Case{Whens: make([]expr.When, len(e.Whens))}
	results := make([]expr.Expr, 0, len(e.Whens)+1)
	for i, w := range e.Whens {
		if out.Whens[i].Cond, err = b.when(operand, w.Cond); err != nil {
			return nil, err
		}
		then, err := b.bind(w.Then)
		if err != nil {
			return nil, err
		}
		results = append(results, then)
	}
	if e.Else != nil {
		els, err := b.bind(e.Else)
		if err != nil {
			return nil, err
		}
		results = append(results, els)
	}
	if out.T, err = b.unify(results, "CASE", e.Pos()); err != nil {
		return nil, err
	}
	for i := range out.Whens {
		out.Whens[i].Then = results[i]
	}
	if e.Else != nil {
		out.Else = results[len(results)-1]
	}
	return b.fold(out), nil
}

// when binds one condition of a CASE.
func (b *binder) when(operand expr.Expr, cond sql.Expr) (expr.Expr, error) {
	if operand == nil {
		return b.boolean(cond, "CASE/WHEN")
	}
	value, err := b.bind(cond)
	if err != nil {
		return nil, err
	}
	return b.compare(expr.Eq, operand, value, cond.Pos())
}

// array binds ARRAY[...].
func (b *binder) array(e *sql.Array) (expr.Expr, error) {
	elems, err := b.bindAll(e.Elems)
	if err != nil {
		return nil, err
	}
	if len(elems) == 0 {
		return nil, errs.User(errs.IndeterminateType, "cannot determine type of empty array").
			WithHint("Explicitly cast to the desired type, for example ARRAY[]::text[].").At(e.Pos())
	}
	return b.arrayOf(elems, e.Pos())
}
