package exec

import (
	"context"
	"math"
	"sort"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/physical"
)

// filterCompiler turns a filter into predicates for one segment: columns that are constant there become constants,
// what only looks at one dictionary column is evaluated per distinct value, comparisons of plain numbers become range
// scans, and the rest is left to the expression evaluator.
type filterCompiler struct {
	ctx context.Context
	run *leafRun
	seg *segState
	ec  *function.EvalContext
	// ands counts conjunctions.
	ands int
}

func (c *filterCompiler) compile(e expr.Expr) pred {
	return c.node(c.seg.withConstants(e))
}

// facts gives what is known of e, which may be an expression of the segment alone.
func (c *filterCompiler) facts(e expr.Expr) exprFacts {
	if f, ok := c.run.facts[e]; ok {
		return f
	}
	return factsOf(len(c.run.cols), e)
}

// withConstants replaces the columns that are constant in the segment.
func (s *segState) withConstants(e expr.Expr) expr.Expr {
	constants := false
	for i := range s.cols {
		constants = constants || s.cols[i].constant != nil
	}
	if !constants {
		return e
	}
	return expr.Rewrite(e, func(e expr.Expr) expr.Expr {
		if col, ok := e.(*expr.Column); ok && s.cols[col.Index].constant != nil {
			return &expr.Const{Value: *s.cols[col.Index].constant}
		}
		return e
	})
}

func (c *filterCompiler) node(e expr.Expr) pred {
	if and, ok := e.(*expr.And); ok {
		return c.conjunction(and)
	}
	if p := c.constant(e); p != nil {
		return p
	}
	if p := c.dictionary(e); p != nil {
		return p
	}
	switch e := e.(type) {
	case *expr.Or:
		if p := c.disjunction(e); p != nil {
			return p
		}
	case *expr.Not:
		if pushed := pushNot(e.Arg); pushed != nil {
			return c.node(pushed)
		}
		if col, ok := e.Arg.(*expr.Column); ok {
			return c.boolean(col, false, e)
		}
	case *expr.IsNull:
		if col, ok := e.Arg.(*expr.Column); ok && c.seg.cols[col.Index].col != nil {
			return &nullPred{col: col.Index, want: !e.Negated}
		}
	case *expr.Column:
		return c.boolean(e, true, e)
	case *expr.Compare:
		if p := c.comparison(e); p != nil {
			return p
		}
	}
	return c.expression(e)
}

func (c *filterCompiler) expression(e expr.Expr) pred {
	f := c.facts(e)
	return &exprPred{e: e, cols: f.cols, fallible: f.fallible, foldable: !f.volatile}
}

// conjunction compiles the operands that column ranges of the segment leave open, unites ranges of one column and orders by cost.
func (c *filterCompiler) conjunction(e *expr.And) pred {
	var out []pred
	meta := c.seg.segmentMeta(c.run)
	for _, a := range physical.Conjuncts(e) {
		if physical.Fold(a, meta) == physical.All {
			continue // the block ranges would prove it again for each block
		}
		p := c.node(a)
		if inner, ok := p.(*andPred); ok {
			out = append(out, inner.args...)
			continue
		}
		if k, ok := p.(*constPred); ok {
			if !k.value {
				return k
			}
			continue
		}
		if r, ok := p.(*intPred); ok && mergeRange(out, r) {
			continue
		}
		out = append(out, p)
	}
	switch len(out) {
	case 0:
		return &constPred{value: true}
	case 1:
		return out[0]
	}
	sortPreds(out)
	c.ands++
	return &andPred{args: out, slot: c.ands - 1}
}

// mergeRange narrows an earlier range of r's column; false if there is none.
func mergeRange(preds []pred, r *intPred) bool {
	for _, p := range preds {
		if o, ok := p.(*intPred); ok && o.col == r.col && !o.invert && !r.invert {
			o.lo, o.hi = max(o.lo, r.lo), min(o.hi, r.hi)
			o.nullTrue = o.nullTrue && r.nullTrue
			return true
		}
	}
	return false
}

// disjunction is nil where every operand needs the evaluator anyway: then it evaluates the whole at once.
func (c *filterCompiler) disjunction(e *expr.Or) pred {
	var out []pred
	fast := false
	for _, a := range e.Args {
		p := c.node(a)
		if k, ok := p.(*constPred); ok {
			if k.value {
				return k
			}
			continue
		}
		_, slow := p.(*exprPred)
		fast = fast || !slow
		out = append(out, p)
	}
	switch {
	case len(out) == 0:
		return &constPred{value: false}
	case !fast:
		return nil
	case len(out) == 1:
		return out[0]
	}
	sortPreds(out)
	return &orPred{args: out}
}

// pushNot gives an expression that is true exactly where e is false, without a NOT on top; nil if there is none.
func pushNot(e expr.Expr) expr.Expr {
	switch e := e.(type) {
	case *expr.And:
		return &expr.Or{Args: negate(e.Args)}
	case *expr.Or:
		return &expr.And{Args: negate(e.Args)}
	case *expr.Not:
		return e.Arg
	case *expr.IsNull:
		return &expr.IsNull{Arg: e.Arg, Negated: !e.Negated, OfValue: e.OfValue}
	case *expr.Compare:
		if e.Left.Type().MultiValue || e.Right.Type().MultiValue || floating(e.Left.Type()) {
			return nil // arrays compare by any element; of NaN neither x < k nor x >= k is true
		}
		opposite := [expr.CmpOpCount]expr.CmpOp{expr.Eq: expr.Ne, expr.Ne: expr.Eq, expr.Lt: expr.Ge, expr.Ge: expr.Lt, expr.Gt: expr.Le, expr.Le: expr.Gt}
		return &expr.Compare{Op: opposite[e.Op], Left: e.Left, Right: e.Right}
	default:
		return nil
	}
}

func floating(t catalog.Type) bool {
	p := t.Kind.Physical()
	return p == catalog.PhysFloat32 || p == catalog.PhysFloat64
}

func negate(es []expr.Expr) []expr.Expr {
	out := make([]expr.Expr, len(es))
	for i, e := range es {
		out[i] = &expr.Not{Arg: e}
	}
	return out
}

// constant folds what depends on no column; nil where it does, or where evaluation fails: the failure then counts only
// for rows that the other conjuncts keep.
func (c *filterCompiler) constant(e expr.Expr) pred {
	if f := c.facts(e); f.volatile || len(f.cols) > 0 {
		return nil
	}
	v, err := expr.EvalConst(c.ec, e)
	if err != nil {
		return nil
	}
	return &constPred{value: !v.Null && v.I64 != 0}
}

// single gives the one stored column that e looks at.
func (c *filterCompiler) single(e expr.Expr) (int, bool) {
	f := c.facts(e)
	if len(f.cols) != 1 || c.seg.cols[f.cols[0]].col == nil || f.volatile {
		return 0, false
	}
	return f.cols[0], true
}

// dictionary compiles an infallible predicate over one single-value dictionary column. Comparisons with a sorted
// dictionary are resolved here by binary search, others at the first block that needs them.
func (c *filterCompiler) dictionary(e expr.Expr) pred {
	col, ok := c.single(e)
	if !ok || c.seg.cols[col].dict == nil || c.run.cols[col].typ.MultiValue || c.facts(e).fallible {
		return nil
	}
	nullTrue, ok := c.nullTruth(e, col)
	if !ok {
		return nil
	}
	p := &dictPred{col: col, e: e, nullTrue: nullTrue}
	if ids := searchDict(e, c.seg.cols[col].dict); ids != nil {
		p.ids.Store(ids)
		if !ids.any && !nullTrue {
			return &constPred{value: false}
		}
	}
	return p
}

// nullTruth evaluates e for NULL in col, or for the default that stands for NULL with PinotNulls.
func (c *filterCompiler) nullTruth(e expr.Expr, col int) (truth, ok bool) {
	st := &c.seg.cols[col].stats
	if st.NullCount == 0 {
		return false, true
	}
	sc := &c.run.cols[col]
	v := catalog.NullValue(sc.typ)
	if c.run.env.PinotNulls && sc.hasDef {
		v = sc.def
	}
	x, err := expr.EvalConst(c.ec, expr.Rewrite(e, func(e expr.Expr) expr.Expr {
		if k, isCol := e.(*expr.Column); isCol && k.Index == col {
			return &expr.Const{Value: v}
		}
		return e
	}))
	if err != nil {
		return false, false
	}
	return !x.Null && x.I64 != 0, true
}

func (c *filterCompiler) boolean(col *expr.Column, want bool, e expr.Expr) pred {
	sc := &c.run.cols[col.Index]
	if sc.origin == originNullFlag {
		return &nullPred{col: sc.of, want: want}
	}
	nullTrue, ok := c.nullTruth(e, col.Index)
	if !ok || c.seg.cols[col.Index].col == nil {
		return c.expression(e)
	}
	return &boolPred{col: col.Index, want: want, nullTrue: nullTrue}
}

// comparison compiles column op constant for plain numbers; nil for everything else.
func (c *filterCompiler) comparison(e *expr.Compare) pred {
	op, left, k, ok := normalCompare(e)
	if !ok || left.Type().MultiValue {
		return nil
	}
	col, via := castColumn(left)
	if col == nil || c.seg.cols[col.Index].col == nil || k.Null {
		return nil
	}
	nullTrue, ok := c.nullTruth(e, col.Index)
	if !ok {
		return nil
	}
	stored := c.run.cols[col.Index].typ.Kind
	switch stored.Physical() {
	case catalog.PhysBits:
		if op == expr.Eq || op == expr.Ne {
			return &boolPred{col: col.Index, want: (k.I64 != 0) == (op == expr.Eq), nullTrue: nullTrue}
		}
	case catalog.PhysInt32, catalog.PhysInt64:
		lo, hi, invert, ok := int64(0), int64(0), false, false
		switch {
		case via.Physical() == catalog.PhysFloat64 && stored == catalog.KindInt:
			lo, hi, invert, ok = intRangeOfFloat(op, k.F64)
		case via.Physical() == catalog.PhysInt32 || via.Physical() == catalog.PhysInt64:
			lo, hi, invert, ok = intRange(op, k.I64)
		}
		if ok {
			return &intPred{col: col.Index, lo: lo, hi: hi, invert: invert, nullTrue: nullTrue}
		}
	case catalog.PhysFloat32, catalog.PhysFloat64:
		if via.Physical() != catalog.PhysFloat32 && via.Physical() != catalog.PhysFloat64 {
			return nil
		}
		lo, hi, invert := floatRange(op, k.F64)
		if k.F64 == k.F64 {
			return &floatPred{col: col.Index, lo: lo, hi: hi, invert: invert, nullTrue: nullTrue}
		}
	}
	return nil
}

// normalCompare puts the constant to the right.
func normalCompare(e *expr.Compare) (expr.CmpOp, expr.Expr, catalog.Value, bool) {
	if k, ok := e.Right.(*expr.Const); ok {
		return e.Op, e.Left, k.Value, true
	}
	if k, ok := e.Left.(*expr.Const); ok {
		flip := [expr.CmpOpCount]expr.CmpOp{expr.Eq: expr.Eq, expr.Ne: expr.Ne, expr.Lt: expr.Gt, expr.Le: expr.Ge, expr.Gt: expr.Lt, expr.Ge: expr.Le}
		return flip[e.Op], e.Right, k.Value, true
	}
	return 0, nil, catalog.Value{}, false
}

// castColumn gives the column below casts that lose nothing, and the kind that is compared.
func castColumn(e expr.Expr) (*expr.Column, catalog.Kind) {
	via := e.Type().Kind
	if cast, ok := e.(*expr.Cast); ok {
		from := cast.Arg.Type().Kind
		exact := from == cast.To.Kind || from == catalog.KindInt && (via == catalog.KindLong || via == catalog.KindDouble) ||
			from == catalog.KindFloat && via == catalog.KindDouble
		if !exact {
			return nil, via
		}
		e = cast.Arg
	}
	col, _ := e.(*expr.Column)
	return col, via
}

// intRange is the values x for which x op k.
func intRange(op expr.CmpOp, k int64) (lo, hi int64, invert, ok bool) {
	lo, hi = math.MinInt64, math.MaxInt64
	switch op {
	case expr.Eq, expr.Ne:
		return k, k, op == expr.Ne, true
	case expr.Lt, expr.Ge:
		// x >= k is the complement of x < k; a range without the invert flag merges with others.
		if op == expr.Ge {
			return k, hi, false, true
		}
		if k == lo {
			return 1, 0, false, true
		}
		return lo, k - 1, false, true
	case expr.Le:
		return lo, k, false, true
	case expr.Gt:
		if k == hi {
			return 1, 0, false, true
		}
		return k + 1, hi, false, true
	default:
		return 0, 0, false, false
	}
}

// intRangeOfFloat is intRange for an INT compared as a double, which every INT is exactly.
func intRangeOfFloat(op expr.CmpOp, k float64) (lo, hi int64, invert, ok bool) {
	switch {
	case k != k:
		return 0, 0, false, false
	case k > math.MaxInt32:
		k = math.MaxInt32 + 1.0
	case k < math.MinInt32:
		k = math.MinInt32 - 1.0
	}
	if k == math.Trunc(k) {
		return intRange(op, int64(k))
	}
	switch op {
	case expr.Eq, expr.Ne:
		return 1, 0, op == expr.Ne, true
	case expr.Lt, expr.Le:
		return intRange(expr.Le, int64(math.Floor(k)))
	default:
		return intRange(expr.Ge, int64(math.Ceil(k)))
	}
}

// floatRange is the values x for which x op k. Comparisons with NaN are false, <> is true, as in IEEE 754.
func floatRange(op expr.CmpOp, k float64) (lo, hi float64, invert bool) {
	inf := math.Inf(1)
	switch op {
	case expr.Eq, expr.Ne:
		return k, k, op == expr.Ne
	case expr.Lt:
		if k == -inf {
			return 1, 0, false
		}
		return -inf, math.Nextafter(k, -inf), false
	case expr.Le:
		return -inf, k, false
	case expr.Gt:
		if k == inf {
			return 1, 0, false
		}
		return math.Nextafter(k, inf), inf, false
	default:
		return k, inf, false
	}
}

// searchDict resolves column op constant in a sorted dictionary of integers or text; nil for everything else.
func searchDict(e expr.Expr, d *vec.Dict) *idSet {
	cmp, ok := e.(*expr.Compare)
	if !ok || !d.Sorted {
		return nil
	}
	op, left, k, ok := normalCompare(cmp)
	if _, isCol := left.(*expr.Column); !ok || !isCol || k.Null || k.Type.Kind != d.Kind || k.Type.MultiValue {
		return nil
	}
	var at func(i int) int // value i compared with k
	switch {
	case d.I64 != nil:
		at = func(i int) int { return compareInt(d.I64[i], k.I64) }
	case d.Kind.IsText() || d.Kind == catalog.KindBytes:
		at = func(i int) int { return compareText(d.Str(uint32(i)), k.Str) }
	default:
		return nil
	}
	from := sort.Search(d.Len, func(i int) bool { return at(i) >= 0 }) // first not below k
	after := from                                                      // first above k
	if from < d.Len && at(from) == 0 {
		after++
	}
	switch op {
	case expr.Eq:
		return idRange(from, after, d.Len)
	case expr.Lt:
		return idRange(0, from, d.Len)
	case expr.Le:
		return idRange(0, after, d.Len)
	case expr.Gt:
		return idRange(after, d.Len, d.Len)
	case expr.Ge:
		return idRange(from, d.Len, d.Len)
	default:
		return nil
	}
}

func compareInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
