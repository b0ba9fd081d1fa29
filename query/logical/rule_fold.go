package logical

import (
	"context"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/bind"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
)

// foldConstant computes what depends on constants alone and never changes. The binder has done so for what it saw;
// this is for what parameters made constant.
func foldConstant(e expr.Expr) expr.Expr {
	return fold(e, function.Immutable, &function.EvalContext{Ctx: context.Background()})
}

// foldNull gives NULL for comparisons and strict calls that have a NULL operand, whatever the others are.
func foldNull(e expr.Expr) (expr.Expr, bool) {
	switch x := e.(type) {
	case *expr.Compare:
	case *expr.Call:
		if !x.Fn.Strict {
			return nil, false
		}
	default:
		return nil, false
	}
	for _, k := range e.Children() {
		if c, ok := constant(k); ok && c.Value.Null {
			return &expr.Const{Value: catalog.NullValue(e.Type())}, true
		}
	}
	return nil, false
}

// fold computes e where its operands are constants and its calls vary no more than most. What fails stays as it is:
// the failure counts only for a row that uses the value.
func fold(e expr.Expr, most function.Volatility, ec *function.EvalContext) expr.Expr {
	kids := e.Children()
	call, isCall := e.(*expr.Call)
	if isCall {
		if like, ok := bind.LikeConst(call); ok {
			return like
		}
	}
	if len(kids) == 0 && !isCall || isCall && call.Volatility > most {
		return e
	}
	if null, ok := foldNull(e); ok {
		return null
	}
	for _, k := range kids {
		if _, ok := constant(k); !ok {
			return e
		}
	}
	v, err := expr.EvalConst(ec, e)
	if err != nil {
		return e
	}
	v.Type = e.Type()
	return &expr.Const{Value: v}
}
