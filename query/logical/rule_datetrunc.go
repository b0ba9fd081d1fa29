package logical

import (
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
)

// Units of a fixed length, in milliseconds, and where they start relative to the epoch (a Thursday; weeks start on
// Monday).
const (
	second = int64(1000)
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
	week   = 7 * day

	weekStart = 4 * day
	// farthest bounds the times that the rule touches, so that its sums cannot overflow.
	farthest = int64(1) << 60
)

// unwrapDateTrunc turns a comparison of dateTrunc(unit, x) with a constant into one of x, so that blocks and segments
// can be pruned by time: dateTrunc('hour', ts) >= c is ts >= the first full hour from c on.
func unwrapDateTrunc(e expr.Expr) expr.Expr {
	c, ok := e.(*expr.Compare)
	if !ok {
		return e
	}
	x, size, start, ok := truncation(c.Left)
	v, isConst := constant(c.Right)
	if !ok || !isConst || v.Value.Null || v.Value.I64 < -farthest || v.Value.I64 > farthest {
		return e
	}
	floor := v.Value.I64 - floorMod(v.Value.I64-start, size)
	ceil := floor
	if floor != v.Value.I64 {
		ceil += size
	}
	at := func(op expr.CmpOp, millis int64) expr.Expr {
		return &expr.Compare{Op: op, Left: x, Right: &expr.Const{Value: catalog.Value{Type: x.Type(), I64: millis}}}
	}
	switch c.Op {
	case expr.Ge:
		return at(expr.Ge, ceil)
	case expr.Gt:
		return at(expr.Ge, floor+size)
	case expr.Lt:
		return at(expr.Lt, ceil)
	case expr.Le:
		return at(expr.Lt, floor+size)
	case expr.Eq:
		if floor == v.Value.I64 {
			return &expr.And{Args: []expr.Expr{at(expr.Ge, floor), at(expr.Lt, floor+size)}}
		}
	}
	return e
}

// truncation takes dateTrunc('unit', x) of a fixed unit apart. x keeps its type in the result.
func truncation(e expr.Expr) (x expr.Expr, size, start int64, ok bool) {
	call, isCall := e.(*expr.Call)
	if !isCall || function.Canonical(call.Fn.Name) != "datetrunc" || len(call.Args) != 2 {
		return nil, 0, 0, false
	}
	unit, isConst := constant(call.Args[0])
	x = call.Args[1]
	if k := x.Type().Kind; !isConst || x.Type().MultiValue || call.Fn.Type != x.Type() || k != catalog.KindTimestamp && k != catalog.KindLong {
		return nil, 0, 0, false
	}
	switch strings.ToLower(unit.Value.Str) {
	case "second":
		return x, second, 0, true
	case "minute":
		return x, minute, 0, true
	case "hour":
		return x, hour, 0, true
	case "day":
		return x, day, 0, true
	case "week":
		return x, week, weekStart, true
	default:
		return nil, 0, 0, false
	}
}

// floorMod is the remainder that is never negative.
func floorMod(a, b int64) int64 {
	m := a % b
	if m < 0 {
		m += b
	}
	return m
}
