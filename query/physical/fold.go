package physical

import (
	"cmp"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/expr"
)

// Verdict says what metadata proves of a predicate over a set of rows.
type Verdict uint8

// Verdicts. Some is "not known": the rows have to be read.
const (
	Some Verdict = iota
	None         // true for no row
	All          // true for every row

	// VerdictCount is the number of verdicts, for exhaustive tests.
	VerdictCount
)

var verdictNames = [VerdictCount]string{"some", "none", "all"}

// String names the verdict for EXPLAIN.
func (v Verdict) String() string { return verdictNames[v] }

// Range is what metadata knows of a column over a set of rows. The zero Range knows nothing.
type Range struct {
	// Min and Max cover the values that are not NULL, where HasRange.
	Min, Max catalog.Value
	HasRange bool
	// NoNulls says that no row is NULL; AllNull that every row is.
	NoNulls, AllNull bool
}

// outcomes is the set of results that a boolean expression may have.
type outcomes uint8

const (
	mayTrue outcomes = 1 << iota
	mayFalse
	mayNull
	mayAny = mayTrue | mayFalse | mayNull
)

// Fold evaluates e against metadata: meta gives what is known of a column by its index. It never calls a function
// that may fail and is safe for concurrent use.
func Fold(e expr.Expr, meta func(column int) Range) Verdict {
	switch o := fold(e, meta); {
	case o&mayTrue == 0:
		return None
	case o == mayTrue:
		return All
	default:
		return Some
	}
}

func fold(e expr.Expr, meta func(int) Range) outcomes {
	switch e := e.(type) {
	case *expr.Const:
		return constOutcome(e.Value)
	case *expr.And:
		return foldJunction(e.Args, meta, mayFalse, mayTrue)
	case *expr.Or:
		return foldJunction(e.Args, meta, mayTrue, mayFalse)
	case *expr.Not:
		o := fold(e.Arg, meta)
		out := o & mayNull
		if o&mayTrue != 0 {
			out |= mayFalse
		}
		if o&mayFalse != 0 {
			out |= mayTrue
		}
		return out
	case *expr.IsNull:
		return foldIsNull(e, meta)
	case *expr.Compare:
		return foldCompare(e, meta)
	case *expr.In:
		return foldIn(e, meta)
	default:
		return mayAny
	}
}

func constOutcome(v catalog.Value) outcomes {
	switch {
	case v.Null:
		return mayNull
	case v.Type.Kind != catalog.KindBoolean || v.Type.MultiValue:
		return mayAny
	case v.I64 != 0:
		return mayTrue
	default:
		return mayFalse
	}
}

// foldJunction combines operands: strong decides alone (false for AND, true for OR), weak needs all.
func foldJunction(args []expr.Expr, meta func(int) Range, strong, weak outcomes) outcomes {
	var out outcomes
	allWeak, noStrong := true, true // every operand may be weak; every operand may be something else than strong
	anyNull := false
	for _, a := range args {
		o := fold(a, meta)
		if o == strong {
			return strong
		}
		if o&strong != 0 {
			out |= strong
		}
		allWeak = allWeak && o&weak != 0
		noStrong = noStrong && o != strong
		anyNull = anyNull || o&mayNull != 0
	}
	if allWeak {
		out |= weak
	}
	if anyNull && noStrong {
		out |= mayNull
	}
	return out
}

func foldIsNull(e *expr.IsNull, meta func(int) Range) outcomes {
	col, ok := e.Arg.(*expr.Column)
	if !ok {
		return mayTrue | mayFalse
	}
	r := meta(col.Index)
	switch {
	case r.AllNull != e.Negated && (r.AllNull || r.NoNulls):
		return mayTrue
	case r.AllNull || r.NoNulls:
		return mayFalse
	default:
		return mayTrue | mayFalse
	}
}

// columnOf gives the column of e, seeing through casts that keep order and value.
func columnOf(e expr.Expr) (*expr.Column, bool) {
	if c, ok := e.(*expr.Cast); ok {
		from, to := c.Arg.Type(), c.To
		if from.MultiValue || to.MultiValue || from.Kind != catalog.KindInt || to.Kind != catalog.KindLong {
			return nil, false
		}
		e = c.Arg
	}
	col, ok := e.(*expr.Column)
	return col, ok && !col.T.MultiValue
}

// flipped is the operator with its operands exchanged.
func flipped(op expr.CmpOp) expr.CmpOp {
	switch op {
	case expr.Lt:
		return expr.Gt
	case expr.Le:
		return expr.Ge
	case expr.Gt:
		return expr.Lt
	case expr.Ge:
		return expr.Le
	default:
		return op
	}
}

// nullsOf starts the outcomes of a predicate that is NULL for NULL.
func nullsOf(r Range) outcomes {
	if r.NoNulls {
		return 0
	}
	return mayNull
}

func foldCompare(e *expr.Compare, meta func(int) Range) outcomes {
	left, right, op := e.Left, e.Right, e.Op
	if _, ok := left.(*expr.Const); ok {
		left, right, op = right, left, flipped(op)
	}
	c, ok := right.(*expr.Const)
	if !ok {
		return mayAny
	}
	if c.Value.Null {
		return mayNull
	}
	col, ok := columnOf(left)
	if !ok {
		return mayAny
	}
	r := meta(col.Index)
	if r.AllNull {
		return mayNull
	}
	if !r.HasRange {
		return mayTrue | mayFalse | nullsOf(r)
	}
	lo, ok1 := compareValues(r.Min, c.Value)
	hi, ok2 := compareValues(r.Max, c.Value)
	if !ok1 || !ok2 {
		return mayTrue | mayFalse | nullsOf(r)
	}
	return rangeOutcome(op, lo, hi) | nullsOf(r)
}

// rangeOutcome compares a range with a constant; lo and hi are the comparisons of its ends.
func rangeOutcome(op expr.CmpOp, lo, hi int) outcomes {
	var all, none bool
	switch op {
	case expr.Eq:
		all, none = lo == 0 && hi == 0, lo > 0 || hi < 0
	case expr.Ne:
		all, none = lo > 0 || hi < 0, lo == 0 && hi == 0
	case expr.Lt:
		all, none = hi < 0, lo >= 0
	case expr.Le:
		all, none = hi <= 0, lo > 0
	case expr.Gt:
		all, none = lo > 0, hi <= 0
	case expr.Ge:
		all, none = lo >= 0, hi < 0
	}
	switch {
	case all:
		return mayTrue
	case none:
		return mayFalse
	default:
		return mayTrue | mayFalse
	}
}

func foldIn(e *expr.In, meta func(int) Range) outcomes {
	col, ok := columnOf(e.Arg)
	if !ok {
		return mayAny
	}
	r := meta(col.Index)
	if r.AllNull {
		return mayNull
	}
	if !r.HasRange {
		return mayAny
	}
	for _, v := range e.List {
		lo, ok1 := compareValues(r.Min, v)
		hi, ok2 := compareValues(r.Max, v)
		if !ok1 || !ok2 || (lo <= 0 && hi >= 0) {
			return mayAny
		}
	}
	out := nullsOf(r)
	switch {
	case e.HasNull:
		out |= mayNull
	case e.Negated:
		out |= mayTrue
	default:
		out |= mayFalse
	}
	return out
}

// compareValues orders two single values of the same physical kind; false where their order is not this simple.
func compareValues(a, b catalog.Value) (int, bool) {
	if a.Null || b.Null || a.Type.MultiValue || b.Type.MultiValue {
		return 0, false
	}
	pa, pb := a.Type.Kind.Physical(), b.Type.Kind.Physical()
	switch {
	case integral(pa) && integral(pb):
		return cmp.Compare(a.I64, b.I64), true
	case floating(pa) && floating(pb):
		if a.F64 != a.F64 || b.F64 != b.F64 {
			return 0, false
		}
		return cmp.Compare(a.F64, b.F64), true
	case pa == catalog.PhysString && pb == catalog.PhysString:
		if a.Type.Kind == catalog.KindBigDecimal || b.Type.Kind == catalog.KindBigDecimal {
			return 0, false
		}
		return strings.Compare(a.Str, b.Str), true
	default:
		return 0, false
	}
}

func integral(p catalog.Physical) bool {
	return p == catalog.PhysInt32 || p == catalog.PhysInt64 || p == catalog.PhysBits
}

func floating(p catalog.Physical) bool { return p == catalog.PhysFloat32 || p == catalog.PhysFloat64 }
