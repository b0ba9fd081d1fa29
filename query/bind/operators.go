package bind

import (
	"strings"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/sql"
)

// plainOperators are the operators that are functions of their operands as they stand: those of JSON and of bits.
var plainOperators = map[string]string{"->": "json_object_field", "->>": "json_object_field_text", "&": "bitAnd", "|": "bitOr", "#": "bitXor",
	"<<": "bitShiftLeft", ">>": "bitShiftRight"}

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
