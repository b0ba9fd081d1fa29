package bind

import (
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/sql"
)

// operatorFunctions are the registry functions of the arithmetic operators.
var operatorFunctions = map[string]string{"+": "plus", "-": "minus", "*": "times", "/": "divide", "%": "mod", "^": "power", "||": "concat"}

// regexpOps are the regular-expression operators: whether they negate and ignore case.
var regexpOps = map[string]struct{ negated, fold bool }{"~": {}, "~*": {fold: true}, "!~": {negated: true}, "!~*": {negated: true, fold: true}}

func (b *binder) binary(e *sql.Binary) (expr.Expr, error) {
	if l, ok := e.Left.(*sql.Row); ok {
		if r, ok := e.Right.(*sql.Row); ok {
			return b.compareRows(e.Op, l, r, e.Pos())
		}
	}
	if out, ok, err := b.addMonths(e); ok || err != nil {
		return out, err
	}
	left, right, err := b.pair(e.Left, e.Right)
	if err != nil {
		return nil, err
	}
	if left, right, err = b.regLiterals(left, right, e.Pos()); err != nil {
		return nil, err
	}
	if op, ok := compareOps[e.Op]; ok {
		return b.compare(op, left, right, e.Pos())
	}
	if re, ok := regexpOps[e.Op]; ok {
		if right, err = b.anyDot(right, e.Right.Pos()); err != nil {
			return nil, err
		}
		args := []expr.Expr{left, right}
		if re.fold {
			args = append(args, constString("i"))
		}
		out, err := b.scalarCall("regexplike", args, e.Pos())
		if err != nil || !re.negated {
			return out, err
		}
		return b.fold(&expr.Not{Arg: out}), nil
	}
	if name, ok := plainOperators[e.Op]; ok {
		return b.plainOperator(name, left, right, e)
	}
	if _, ok := containerOperators[e.Op]; ok {
		return b.containerOperator(left, right, e)
	}
	if e.Op == "||" && (left.Type().MultiValue || right.Type().MultiValue) {
		return b.plainOperator("arrayConcat", left, right, e)
	}
	name, ok := operatorFunctions[e.Op]
	if !ok {
		return nil, mismatch(e.Op, left, right, e.Pos())
	}
	if e.Op == "||" {
		if left, err = b.regText(left, e.Left.Pos()); err != nil {
			return nil, err
		}
		if right, err = b.regText(right, e.Right.Pos()); err != nil {
			return nil, err
		}
		return b.scalarCall(name, []expr.Expr{b.concatArg(left), b.concatArg(right)}, e.Pos())
	}
	if left, right, err = b.arithmeticLiterals(left, right, e); err != nil {
		return nil, err
	}
	if e.Op == "/" && b.cfg.IntegerDivision && left.Type().Kind.IsInteger() && right.Type().Kind.IsInteger() {
		name = "intdiv"
	}
	out, err := b.scalarCall(name, []expr.Expr{left, right}, e.Pos())
	if err != nil && errs.As(err).Code == errs.UndefinedFunction {
		return nil, mismatch(e.Op, left, right, e.Pos())
	}
	return out, err
}

// anyDot makes a dot of a pattern match line breaks too: those of PostgreSQL's operators do.
func (b *binder) anyDot(pattern expr.Expr, pos int) (expr.Expr, error) {
	const flag = "(?s)"
	if c, ok := pattern.(*expr.Const); ok {
		if c.Value.Null || c.Value.Type != catalog.String || !strings.Contains(c.Value.Str, ".") {
			return pattern, nil
		}
		return constString(flag + c.Value.Str), nil
	}
	return b.scalarCall("concat", []expr.Expr{constString(flag), b.concatArg(pattern)}, pos)
}

// concatArg makes an operand of || text.
func (b *binder) concatArg(e expr.Expr) expr.Expr {
	if p, ok := untyped(e); ok {
		return b.resolve(p, catalog.String)
	}
	if t := e.Type(); t.MultiValue || t.Kind.IsText() || t.Kind == catalog.KindBytes {
		return e
	}
	if c, ok := e.(*expr.Const); ok && c.Value.Null {
		return &expr.Const{Value: catalog.NullValue(catalog.String)}
	}
	return b.fold(&expr.Cast{Arg: e, To: catalog.String})
}

// arithmeticLiterals gives string literals, NULLs and parameters of arithmetic the type that the other operand asks for.
func (b *binder) arithmeticLiterals(l, r expr.Expr, e *sql.Binary) (expr.Expr, expr.Expr, error) {
	loose := func(x expr.Expr) bool {
		_, unknown := untyped(x)
		return unknown || isStringConst(x) || x.Type() == catalog.Null
	}
	switch {
	case loose(l) && loose(r):
		ll, err := b.coerce(l, catalog.Double, e.Left.Pos())
		if err != nil {
			return nil, nil, err
		}
		rr, err := b.coerce(r, catalog.Double, e.Right.Pos())
		return ll, rr, err
	case loose(l):
		out, err := b.coerce(l, operandType(e.Op, r.Type(), true), e.Left.Pos())
		return out, r, err
	case loose(r):
		out, err := b.coerce(r, operandType(e.Op, l.Type(), false), e.Right.Pos())
		return l, out, err
	}
	return l, r, nil
}

// operandType is the type of a literal or parameter beside an operand of type other: the same, except that what is
// added to a time is an interval, and what multiplies an interval is a number.
func operandType(op string, other catalog.Type, onLeft bool) catalog.Type {
	switch {
	case other.Kind.IsTime() && (op == "+"):
		return catalog.Interval
	case other.Kind == catalog.KindInterval && (op == "*" || op == "/"):
		return catalog.Double
	case other.Kind == catalog.KindInterval && onLeft:
		return catalog.Timestamp
	case other.Kind == catalog.KindTimestampTZ:
		return catalog.Timestamp
	case other.Kind == catalog.KindDuration || other.Kind == catalog.KindInt:
		return catalog.Long
	case other.Kind == catalog.KindFloat:
		return catalog.Double
	default:
		return other.Elem()
	}
}

func (b *binder) unary(e *sql.Unary) (expr.Expr, error) {
	arg, err := b.bind(e.Arg)
	if err != nil {
		return nil, err
	}
	if p, ok := untyped(arg); ok {
		arg = b.resolve(p, catalog.Double)
	}
	if name, ok := prefixOperators[e.Op]; ok && (arg.Type().Kind.IsNumeric() || isStringConst(arg)) {
		return b.scalarCall(name, []expr.Expr{arg}, e.Pos())
	}
	switch e.Op {
	case "-":
		if isStringConst(arg) || arg.Type() == catalog.Null {
			if arg, err = b.coerce(arg, catalog.Double, e.Arg.Pos()); err != nil {
				return nil, err
			}
		}
		return b.scalarCall("negate", []expr.Expr{arg}, e.Pos())
	case "+":
		if !arg.Type().Kind.IsNumeric() && arg.Type().Kind != catalog.KindInterval {
			return nil, errs.User(errs.UndefinedFunction, "operator does not exist: + %s", typeText(arg.Type())).At(e.Pos())
		}
		return arg, nil
	case "~":
		if arg.Type().Kind.IsInteger() {
			return b.scalarCall("bitNot", []expr.Expr{arg}, e.Pos())
		}
	}
	return nil, errs.User(errs.UndefinedFunction, "operator does not exist: %s %s", e.Op, typeText(arg.Type())).At(e.Pos())
}

// call binds a function call: aggregate, special form or scalar.
func (b *binder) call(e *sql.Call) (expr.Expr, error) {
	switch {
	case e.Over != nil:
		return b.windowCall(e)
	case e.Syntax && e.Name == "grouping":
		return b.groupingCall(e)
	case b.isSet(e):
		return b.selectSet(e, "")
	}
	if err := b.refusedCall(e); err != nil {
		return nil, err
	}
	if agg, extra, ok := b.aggregate(e); ok {
		return b.aggregateCall(e, agg, extra)
	}
	if e.Star || e.Distinct || e.Filter != nil || len(e.OrderBy) > 0 {
		if _, scalar := b.cfg.Functions.Scalar(e.Name); scalar {
			return nil, errs.User(errs.WrongObjectType, "%s is not an aggregate function", strings.ToLower(e.Name)).At(e.Pos())
		}
		return nil, b.unknownFunction(e.Name, nil, e.Pos())
	}
	if _, ok := windowFunctions[function.Canonical(e.Name)]; ok {
		if _, scalar := b.cfg.Functions.Scalar(e.Name); !scalar {
			return nil, errs.User(errs.WrongObjectType, "window function %s requires an OVER clause", strings.ToLower(e.Name)).At(e.Pos())
		}
	}
	if out, ok, err := b.special(e); ok || err != nil {
		return out, err
	}
	args, err := b.bindAll(b.units(e))
	if err != nil {
		return nil, err
	}
	return b.scalarOrSpecial(e, args)
}

// refusedCall refuses what is known and not built before its arguments, which may be forms that only it takes.
func (b *binder) refusedCall(e *sql.Call) error {
	if _, ok := b.cfg.Functions.Refused(e.Name); !ok {
		return nil
	}
	_, scalar := b.cfg.Functions.Scalar(e.Name)
	_, aggregate := b.cfg.Functions.Aggregate(e.Name)
	if scalar || aggregate {
		return nil
	}
	return b.unknownFunction(e.Name, nil, e.Pos())
}

// scalarOrSpecial binds a call of a scalar function with bound arguments.
func (b *binder) scalarOrSpecial(e *sql.Call, args []expr.Expr) (expr.Expr, error) {
	name := e.Name
	if _, ok := b.cfg.Functions.Scalar(name); !ok && e.Syntax && name == "btrim" {
		name = "trim" // what the grammar calls TRIM(x)
	}
	return b.scalarCall(name, args, e.Pos())
}

// special binds the calls that are expressions of their own.
func (b *binder) special(e *sql.Call) (expr.Expr, bool, error) {
	var out expr.Expr
	var err error
	switch function.Canonical(e.Name) {
	case "coalesce":
		out, err = b.coalesce(e)
	case "nullif":
		out, err = b.nullIf(e)
	case "currenttimestamp":
		out, err = b.scalarCall("now", nil, e.Pos())
	case "localtimestamp":
		out, err = b.localTimestamp(e)
	case "overlaps":
		out, err = b.overlaps(e)
	case "currentdate":
		if out, err = b.localTimestamp(e); err == nil {
			out, err = b.scalarCall("datetrunc", []expr.Expr{constString("day"), out}, e.Pos())
		}
	default:
		return nil, false, nil
	}
	return out, err == nil, err
}

func (b *binder) localTimestamp(e *sql.Call) (expr.Expr, error) {
	now, err := b.scalarCall("now", nil, e.Pos())
	if err != nil || now.Type() == catalog.Timestamp {
		return now, err
	}
	return &expr.Cast{Arg: now, To: catalog.Timestamp}, nil
}

func (b *binder) coalesce(e *sql.Call) (expr.Expr, error) {
	if len(e.Args) == 0 {
		return nil, errs.User(errs.UndefinedFunction, "function coalesce() does not exist").At(e.Pos())
	}
	args := make([]expr.Expr, len(e.Args))
	for i, a := range e.Args {
		arg, err := b.bind(a)
		if err != nil {
			return nil, err
		}
		args[i] = arg
	}
	t, err := b.unify(args, "COALESCE", e.Pos())
	if err != nil {
		return nil, err
	}
	if len(args) == 1 {
		return args[0], nil
	}
	return b.fold(&expr.Coalesce{Args: args, T: t}), nil
}

// nullIf binds NULLIF(a, b) as CASE WHEN a = b THEN NULL ELSE a END.
func (b *binder) nullIf(e *sql.Call) (expr.Expr, error) {
	if len(e.Args) != 2 {
		return nil, errs.User(errs.UndefinedFunction, "nullif takes two arguments, got %d", len(e.Args)).At(e.Pos())
	}
	l, r, err := b.pair(e.Args[0], e.Args[1])
	if err != nil {
		return nil, err
	}
	if p, ok := untyped(l); ok {
		l = b.resolve(p, r.Type())
	}
	cond, err := b.compare(expr.Eq, l, r, e.Pos())
	if err != nil {
		return nil, err
	}
	null := &expr.Const{Value: catalog.NullValue(l.Type())}
	return b.fold(&expr.Case{Whens: []expr.When{{Cond: cond, Then: null}}, Else: l, T: l.Type()}), nil
}

// scalarCall resolves a scalar function for its arguments and folds it where they are constant.
func (b *binder) scalarCall(name string, args []expr.Expr, pos int) (expr.Expr, error) {
	fn, ok := b.cfg.Functions.Scalar(name)
	if !ok {
		return nil, b.unknownFunction(name, args, pos)
	}
	bound, err := b.bindFunction(fn, args)
	if err != nil {
		return nil, at(err, pos)
	}
	if len(bound.Args) != len(args) {
		return nil, errs.Bug("function %s binds %d of %d arguments", bound.Name, len(bound.Args), len(args)).At(pos)
	}
	out := make([]expr.Expr, len(args))
	for i, a := range args {
		if out[i], err = b.coerce(a, bound.Args[i], pos); err != nil {
			return nil, err
		}
	}
	call := &expr.Call{Fn: bound, Args: out, Volatility: fn.Volatility}
	if len(args) == 0 && fn.Volatility == function.Immutable { // pi(), e()
		if v, err := expr.EvalConst(&b.ec, call); err == nil {
			v.Type = bound.Type
			return &expr.Const{Value: v}, nil
		}
	}
	return b.fold(call), nil
}

// guesses are the types that an untyped parameter of a function tries, in this order.
var guesses = []catalog.Type{catalog.String, catalog.Long, catalog.Double, catalog.Timestamp, catalog.Boolean}

// bindFunction resolves fn. Untyped parameters take the first type with which the function binds.
func (b *binder) bindFunction(fn *function.Scalar, args []expr.Expr) (function.Bound, error) {
	info, unknown := argInfo(args)
	if len(unknown) == 0 {
		return fn.Bind(info)
	}
	var first error
	for _, t := range b.guessesFor(info, unknown) {
		for _, i := range unknown {
			info[i].Type = t
		}
		bound, err := fn.Bind(info)
		if err == nil {
			for _, i := range unknown {
				if p, ok := untyped(args[i]); ok {
					b.resolve(p, bound.Args[i])
				}
			}
			return bound, nil
		}
		if first == nil {
			first = err
		}
	}
	return function.Bound{}, first
}

// guessesFor puts the type of the other arguments first.
func (b *binder) guessesFor(info []function.Arg, unknown []int) []catalog.Type {
	skip := map[int]bool{}
	for _, i := range unknown {
		skip[i] = true
	}
	var out []catalog.Type
	for i, a := range info {
		if !skip[i] && a.Const == nil {
			out = append(out, a.Type.Elem())
		}
	}
	return append(out, guesses...)
}

// argInfo describes bound arguments to a function and lists those of unknown type.
func argInfo(args []expr.Expr) (info []function.Arg, unknown []int) {
	info = make([]function.Arg, len(args))
	for i, a := range args {
		info[i] = function.Arg{Type: a.Type()}
		if _, ok := untyped(a); ok {
			unknown = append(unknown, i)
		}
		if c, ok := a.(*expr.Const); ok {
			info[i].Const = &c.Value
		}
	}
	return info, unknown
}

// unknownFunction is the error for a name that the registry lacks.
func (b *binder) unknownFunction(name string, args []expr.Expr, pos int) error {
	info, _ := argInfo(args)
	types := make([]string, len(info))
	for i, a := range info {
		types[i] = typeText(a.Type)
	}
	if hint, ok := b.cfg.Functions.Refused(name); ok {
		return errs.User(errs.FeatureNotSupported, "function %s is not supported", strings.ToLower(name)).WithHint("%s", hint).At(pos)
	}
	err := errs.User(errs.UndefinedFunction, "function %s(%s) does not exist", strings.ToLower(name), strings.Join(types, ", "))
	if near := nearest(function.Canonical(name), b.cfg.Functions.Names()); near != "" {
		return err.WithHint("Perhaps you meant the function %q.", near).At(pos)
	}
	return err.WithHint("No function matches the given name and argument types.").At(pos)
}

// like binds LIKE and ILIKE with a constant pattern.
func (b *binder) like(e *sql.Like) (expr.Expr, error) {
	if e.Kind == sql.LikeSimilar {
		return b.similar(e)
	}
	arg, pattern, err := b.pair(e.Arg, e.Pattern)
	if err != nil {
		return nil, err
	}
	escape, err := b.likeEscape(e)
	if err != nil {
		return nil, err
	}
	if p, ok := untyped(arg); ok {
		arg = b.resolve(p, catalog.String)
	}
	op := map[sql.LikeKind]string{sql.LikeCase: "~~", sql.LikeNoCase: "~~*"}[e.Kind]
	if !arg.Type().Kind.IsText() && arg.Type() != catalog.Null {
		return nil, mismatch(op, arg, pattern, e.Pos())
	}
	if isNullConst(arg) || isNullConst(pattern) {
		return &expr.Const{Value: catalog.NullValue(catalog.Boolean)}, nil
	}
	node := &expr.Like{Arg: arg, Escape: escape, CaseInsensitive: e.Kind == sql.LikeNoCase, Negated: e.Negated}
	if c, ok := pattern.(*expr.Const); ok {
		if c.Value.Type != catalog.String {
			return nil, mismatch(op, arg, pattern, e.Pos())
		}
		node.Pattern = c.Value.Str
		return b.fold(node), nil
	}
	return b.likeLater(node, pattern, e.Pos())
}

// similar binds SIMILAR TO.
func (b *binder) similar(e *sql.Like) (expr.Expr, error) {
	list := []sql.Expr{e.Arg, e.Pattern}
	if e.Escape != nil {
		list = append(list, e.Escape)
	}
	args, err := b.bindAll(list)
	if err != nil {
		return nil, err
	}
	for _, a := range args[:2] {
		if _, unknown := untyped(a); !unknown && !a.Type().Kind.IsText() && a.Type() != catalog.Null || a.Type().MultiValue {
			return nil, mismatch("~", args[0], args[1], e.Pos())
		}
	}
	out, err := b.scalarCall("similarTo", args, e.Pos())
	if err != nil || !e.Negated {
		return out, err
	}
	return b.fold(&expr.Not{Arg: out}), nil
}

// likeEscape is the escape byte of a LIKE.
func (b *binder) likeEscape(e *sql.Like) (byte, error) {
	if e.Escape == nil {
		return '\\', nil
	}
	bound, err := b.bind(e.Escape)
	if err != nil {
		return 0, err
	}
	c, ok := bound.(*expr.Const)
	switch {
	case !ok || c.Value.Type != catalog.String:
		return 0, unsupported(e.Escape.Pos(), "an ESCAPE that is not constant")
	case len(c.Value.Str) > 1:
		return 0, errs.User(errs.InvalidEscape, "invalid escape string").WithHint("Escape string must be empty or one character.").At(e.Escape.Pos())
	case c.Value.Str == "":
		return 0, nil
	}
	return c.Value.Str[0], nil
}
