package logical

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
)

// unwrapDifference turns a comparison of the distance between a constant time and x into one of x, so that blocks and
// segments can be pruned by time: now - ts > 60000 is ts < now - 60000.
func unwrapDifference(e expr.Expr) expr.Expr {
	c, ok := e.(*expr.Compare)
	if !ok {
		return e
	}
	call, isCall := c.Left.(*expr.Call)
	d, isConst := constant(c.Right)
	if !isCall || !isConst || d.Value.Null || len(call.Args) != 2 || function.Canonical(call.Fn.Name) != "minus" || call.Fn.Type != catalog.Duration {
		return e
	}
	from, fromConst := constant(call.Args[0])
	to, toConst := constant(call.Args[1])
	switch {
	case fromConst && !toConst && near(from.Value) && near(d.Value): // from - x op d
		return timeCompare(c.Op.Flip(), call.Args[1], from.Value.I64-d.Value.I64, e)
	case toConst && !fromConst && near(to.Value) && near(d.Value): // x - to op d
		return timeCompare(c.Op, call.Args[0], to.Value.I64+d.Value.I64, e)
	}
	return e
}

// near reports values whose sums cannot overflow.
func near(v catalog.Value) bool { return !v.Null && v.I64 > -farthest && v.I64 < farthest }

// timeCompare compares a time with milliseconds; otherwise it gives e.
func timeCompare(op expr.CmpOp, x expr.Expr, millis int64, e expr.Expr) expr.Expr {
	if x.Type() != catalog.Timestamp {
		return e
	}
	return &expr.Compare{Op: op, Left: x, Right: &expr.Const{Value: catalog.TimestampValue(millis)}}
}
