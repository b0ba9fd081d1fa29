package bind

import (
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
	"github.com/freshetdb/freshet/query/sql"
)

// plainOperators are the operators that are functions of their operands as they stand: those of JSON and of bits.
var plainOperators = map[string]string{"->": "json_object_field", "->>": "json_object_field_text", "&": "bitAnd", "|": "bitOr", "#": "bitXor",
	"<<": "bitShiftLeft", ">>": "bitShiftRight"}

// containerOperators are those that ask what an array has, or a JSON document; flipped is the operator with its sides swapped.
var containerOperators = map[string]struct {
	array, json string
	flipped     bool
}{"@>": {"arrayContainsAll", "jsonb_contains", false}, "<@": {"arrayContainsAll", "jsonb_contains", true}, "&&": {"arraysOverlap", "", false},
	"?": {"", "jsonb_exists", false}, "?|": {"", "jsonb_exists_any", false}, "?&": {"", "jsonb_exists_all", false},
	"#>": {"", "json_extract_path", false}, "#>>": {"", "json_extract_path_text", false}}

// containerOperator binds one of containerOperators: of arrays where a side is one, else of JSON. Keys are a text, or an
// array of texts that may stand as a literal.
func (b *binder) containerOperator(left, right expr.Expr, e *sql.Binary) (expr.Expr, error) {
	op := containerOperators[e.Op]
	name := op.json
	if (left.Type().MultiValue || right.Type().MultiValue && left.Type().Kind != catalog.KindJSON) && op.array != "" {
		name = op.array
	}
	if name == "" || name == op.json && !textual(left) || !textual(right) && !right.Type().MultiValue && !left.Type().MultiValue {
		return nil, mismatch(e.Op, left, right, e.Pos())
	}
	if name == op.array && left.Type().MultiValue && right.Type().MultiValue {
		if _, ok := commonKind(left.Type().Kind, right.Type().Kind); !ok {
			return nil, mismatch(e.Op, left, right, e.Pos())
		}
	}
	if _, unknown := untyped(right); strings.HasPrefix(e.Op, "#") || e.Op == "?|" || e.Op == "?&" {
		if unknown || isStringConst(right) {
			var err error
			if right, err = b.coerce(right, catalog.String.Array(), e.Right.Pos()); err != nil {
				return nil, err
			}
		}
	}
	if op.flipped {
		left, right = right, left
	}
	out, err := b.scalarCall(name, []expr.Expr{left, right}, e.Pos())
	if err != nil && errs.As(err).Code == errs.UndefinedFunction {
		return nil, mismatch(e.Op, left, right, e.Pos())
	}
	return out, err
}

// textual reports text, JSON, NULL and parameters without a type: what may be a document or a key.
func textual(e expr.Expr) bool {
	_, unknown := untyped(e)
	return unknown || !e.Type().MultiValue && (e.Type().Kind.IsText() || e.Type() == catalog.Null)
}

// prefixOperators are the prefix operators that are functions.
var prefixOperators = map[string]string{"|/": "sqrt", "||/": "cbrt", "@": "abs"}

// addMonths binds time + INTERVAL and time - INTERVAL where the interval is a literal with months, which only a time gives
// a length. ok is false for everything else.
func (b *binder) addMonths(e *sql.Binary) (out expr.Expr, ok bool, err error) {
	when, months, rest, ok := b.monthsOf(e.Left, e.Right)
	if !ok && e.Op == "+" {
		when, months, rest, ok = b.monthsOf(e.Right, e.Left)
	}
	if !ok || e.Op != "+" && e.Op != "-" {
		return nil, false, nil
	}
	if e.Op == "-" {
		months = -months
	}
	out, err = b.bind(when)
	if err != nil {
		return nil, false, err
	}
	if isStringConst(out) {
		if out, err = b.coerce(out, catalog.Timestamp, when.Pos()); err != nil {
			return nil, false, err
		}
	}
	interval := &expr.Const{Value: catalog.Value{Type: catalog.Interval, I64: rest}}
	if k := out.Type().Kind; !k.IsTime() || out.Type().MultiValue {
		return nil, false, mismatch(e.Op, out, interval, e.Pos()).WithDetail("An interval of months has a length only where it is added to a timestamp.")
	}
	if out, err = b.scalarCall("timestampAdd", []expr.Expr{constString("month"), &expr.Const{Value: catalog.LongValue(months)}, out}, e.Pos()); err != nil || rest == 0 {
		return out, err == nil, err
	}
	out, err = b.scalarCall(operatorFunctions[e.Op], []expr.Expr{out, interval}, e.Pos())
	return out, err == nil, err
}

// monthsOf reads interval as a literal with months; rest is what else it has, in milliseconds.
func (*binder) monthsOf(when, interval sql.Expr) (_ sql.Expr, months, rest int64, ok bool) {
	c, isCast := interval.(*sql.Cast)
	if !isCast || c.To.Name != "interval" || c.To.Array {
		return nil, 0, 0, false
	}
	l, isLiteral := c.Arg.(*sql.Literal)
	if !isLiteral || l.Kind != sql.StringLiteral {
		return nil, 0, 0, false
	}
	months, rest, err := convert.ParseMonths(intervalText(l.Text, c.To))
	return when, months, rest, err == nil && months != 0
}

// monthSeries binds generate_series whose step is a literal with months.
func (b *binder) monthSeries(e *sql.Call) (expr.Expr, bool, error) {
	_, months, rest, ok := b.monthsOf(nil, e.Args[2])
	if !ok {
		return nil, false, nil
	}
	args, err := b.bindAll(e.Args[:2])
	if err != nil {
		return nil, false, err
	}
	for _, n := range []int64{months, rest} {
		args = append(args, &expr.Const{Value: catalog.LongValue(n)})
	}
	out, err := b.scalarCall("generate_month_series", args, e.Pos())
	return out, err == nil, err
}

// overlaps binds (from, to) OVERLAPS (from, to), where an end may be an interval.
func (b *binder) overlaps(e *sql.Call) (expr.Expr, error) {
	args := make([]expr.Expr, len(e.Args))
	for i, a := range e.Args {
		sum := &sql.Binary{At: sql.At(a.Pos()), Op: "+", Right: a}
		_, _, _, withMonths := b.monthsOf(nil, a)
		if i%2 == 1 && withMonths {
			a, sum.Left = sum, e.Args[i-1]
		}
		var err error
		if args[i], err = b.bind(a); err != nil {
			return nil, err
		}
		if i%2 == 1 && args[i].Type() == catalog.Interval {
			if args[i], err = b.scalarCall("plus", []expr.Expr{args[i-1], args[i]}, e.Pos()); err != nil {
				return nil, err
			}
		}
	}
	return b.scalarCall("overlaps", args, e.Pos())
}

// plainOperator binds one of plainOperators, or || of arrays.
func (b *binder) plainOperator(name string, left, right expr.Expr, e *sql.Binary) (expr.Expr, error) {
	if strings.HasPrefix(name, "bit") && (!wholeOrUnknown(left) || !wholeOrUnknown(right)) {
		return nil, mismatch(e.Op, left, right, e.Pos())
	}
	out, err := b.scalarCall(name, []expr.Expr{left, right}, e.Pos())
	if err != nil && errs.As(err).Code == errs.UndefinedFunction {
		return nil, mismatch(e.Op, left, right, e.Pos())
	}
	return out, err
}

// wholeOrUnknown reports operands of bit operators: whole numbers, and literals and parameters that may become ones.
func wholeOrUnknown(e expr.Expr) bool {
	_, unknown := untyped(e)
	return unknown || isStringConst(e) || isNullConst(e) || e.Type().Kind.IsInteger()
}

// unitCalls are the functions whose unit may stand without quotes, as in SQL's TIMESTAMPADD(DAY, 1, t).
var unitCalls = map[string]bool{"timestampadd": true, "timestampdiff": true, "dateadd": true, "datediff": true}

// units gives the arguments of a call, with a unit that stands as a name, and is no column, as text.
func (b *binder) units(e *sql.Call) []sql.Expr {
	if len(e.Args) != 3 || !unitCalls[function.Canonical(e.Name)] {
		return e.Args
	}
	name, ok := e.Args[0].(*sql.Name)
	if !ok || len(name.Parts) != 1 {
		return e.Args
	}
	if _, err := b.bind(name); err == nil {
		return e.Args
	}
	unit := &sql.Literal{At: name.At, Kind: sql.StringLiteral, Text: strings.ToLower(name.Parts[0])}
	return append([]sql.Expr{unit}, e.Args[1:]...)
}
