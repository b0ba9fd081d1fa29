package expr

import (
	"cmp"
	"math"
	"sort"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
)

// compareNode compares two single-value operands of the same physical form.
type compareNode struct {
	op          CmpOp
	left, right node
	kind        catalog.Kind
	l, r        vec.Vector
	lf, rf      vec.Vector
}

func compileCompare(e *Compare, nested bool) node {
	left, right, op := e.Left, e.Right, e.Op
	if op == CmpInvalid || op >= CmpOpCount {
		return failNode{errs.Bug("comparison %s", op)}
	}
	if left.Type().MultiValue != right.Type().MultiValue {
		if right.Type().MultiValue {
			left, right, op = right, left, op.Flip()
		}
		elem := &Column{Index: 0, T: left.Type().Elem()}
		negate := op == Ne
		if negate {
			op = Eq
		}
		out := &anyNode{arg: compile(left, nested), none: negate}
		if _, ok := right.(*Const); !ok {
			out.value = compile(right, nested)
			right = &Column{Index: 1, T: right.Type()}
		}
		out.pred = compile(&Compare{Op: op, Left: elem, Right: right}, false)
		return out
	}
	if left.Type().MultiValue {
		return failNode{errs.User(errs.FeatureNotSupported, "two multi-value columns do not compare: %s", e)}
	}
	if _, ok := left.(*Const); ok {
		left, right, op = right, left, op.Flip()
	}
	return &compareNode{op: op, left: compile(left, nested), right: compile(right, nested), kind: left.Type().Kind}
}

func (n *compareNode) eval(ec *function.EvalContext, in *vec.Batch, out *vec.Vector) error {
	if err := n.left.eval(ec, in, &n.l); err != nil {
		return err
	}
	if err := n.right.eval(ec, in, &n.r); err != nil {
		return err
	}
	l, r := &n.l, &n.r
	if (l.Form == vec.FormConst && l.IsNull(0)) || (r.Form == vec.FormConst && r.IsNull(0)) ||
		l.Type.Kind == catalog.KindNull || r.Type.Kind == catalog.KindNull {
		setAllNull(out, catalog.Boolean, in.Rows)
		return nil
	}
	if l.Type.Kind.Physical() != r.Type.Kind.Physical() {
		return errs.Bug("comparison of %s with %s", l.Type, r.Type)
	}
	out.Reset(catalog.Boolean, in.Rows)
	switch {
	case l.Form == vec.FormConst && r.Form == vec.FormConst:
		ok, err := compareValues(n.op, l.At(0), r.At(0))
		if err != nil {
			return err
		}
		out.SetConst(catalog.BoolValue(ok), in.Rows)
		return nil
	case r.Form == vec.FormConst && compareCodes(n.op, l, r.At(0), out.Bits):
	default:
		if err := n.compareFlat(out); err != nil {
			return err
		}
	}
	for _, v := range []*vec.Vector{l, r} {
		if v.Form != vec.FormConst && v.HasNulls() {
			out.MutableNulls().Or(v.Nulls[:len(out.Bits)])
		}
	}
	if out.Nulls != nil {
		out.Bits.AndNot(out.Nulls[:len(out.Bits)])
	}
	return nil
}

// compareFlat compares after bringing both sides to flat or constant form.
func (n *compareNode) compareFlat(out *vec.Vector) error {
	l, r, op := &n.l, &n.r, n.op
	if l.Form == vec.FormDict || l.Form == vec.FormOffset {
		l.Gather(nil, &n.lf)
		l = &n.lf
	}
	if r.Form == vec.FormDict || r.Form == vec.FormOffset {
		r.Gather(nil, &n.rf)
		r = &n.rf
	}
	if l.Form == vec.FormConst {
		l, r, op = r, l, op.Flip()
	}
	switch n.kind.Physical() {
	case catalog.PhysInt32:
		comparePairs(op, l.I32, r.I32, r.Form, out.Bits)
	case catalog.PhysInt64:
		comparePairs(op, l.I64, r.I64, r.Form, out.Bits)
	case catalog.PhysFloat32:
		comparePairs(op, l.F32, r.F32, r.Form, out.Bits)
	case catalog.PhysFloat64:
		comparePairs(op, l.F64, r.F64, r.Form, out.Bits)
	case catalog.PhysBits:
		compareBits(op, l, r, out)
	case catalog.PhysString:
		if n.kind == catalog.KindBigDecimal {
			return compareDecimals(op, l, r, out)
		}
		comparePairs(op, l.Str, r.Str, r.Form, out.Bits)
	}
	return nil
}

func comparePairs[T cmp.Ordered](op CmpOp, l, r []T, form vec.Form, out vec.Bitmap) {
	if form == vec.FormConst {
		compareConst(op, l, r[0], out)
		return
	}
	switch op {
	case Eq:
		pairWords(l, r, out, func(a, b T) bool { return a == b })
	case Ne:
		pairWords(l, r, out, func(a, b T) bool { return a != b })
	case Lt:
		pairWords(l, r, out, func(a, b T) bool { return a < b })
	case Le:
		pairWords(l, r, out, func(a, b T) bool { return a <= b })
	case Gt:
		pairWords(l, r, out, func(a, b T) bool { return a > b })
	case Ge:
		pairWords(l, r, out, func(a, b T) bool { return a >= b })
	}
}

func pairWords[T any](l, r []T, out vec.Bitmap, f func(a, b T) bool) {
	for w := range out {
		lo, hi := w<<6, min(w<<6+64, len(l))
		var m uint64
		right := r[lo:hi]
		for i, x := range l[lo:hi] {
			m |= bit(f(x, right[i])) << (uint(i) & 63)
		}
		out[w] = m
	}
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// compareConst has a loop of its own for each operator: the comparison is one instruction without a branch.
func compareConst[T cmp.Ordered](op CmpOp, l []T, c T, out vec.Bitmap) {
	for w := range out {
		part := l[w<<6 : min(w<<6+64, len(l))]
		var m uint64
		switch op {
		case Eq:
			for i, x := range part {
				m |= bit(x == c) << (uint(i) & 63)
			}
		case Ne:
			for i, x := range part {
				m |= bit(x != c) << (uint(i) & 63)
			}
		case Lt:
			for i, x := range part {
				m |= bit(x < c) << (uint(i) & 63)
			}
		case Le:
			for i, x := range part {
				m |= bit(x <= c) << (uint(i) & 63)
			}
		case Gt:
			for i, x := range part {
				m |= bit(x > c) << (uint(i) & 63)
			}
		case Ge:
			for i, x := range part {
				m |= bit(x >= c) << (uint(i) & 63)
			}
		}
		out[w] = m
	}
}

// compareBits compares booleans, false before true. l is flat.
func compareBits(op CmpOp, l, r, out *vec.Vector) {
	for w := range out.Bits {
		a, b := l.Bits[w], uint64(0)
		if r.Form == vec.FormConst {
			b = -bit(r.Bits.Get(0))
		} else {
			b = r.Bits[w]
		}
		switch op {
		case Eq:
			out.Bits[w] = ^(a ^ b)
		case Ne:
			out.Bits[w] = a ^ b
		case Lt:
			out.Bits[w] = ^a & b
		case Le:
			out.Bits[w] = ^a | b
		case Gt:
			out.Bits[w] = a &^ b
		case Ge:
			out.Bits[w] = a | ^b
		}
	}
	out.Bits.Trim(out.Len)
}

// holds tells whether an operator holds for operands that compare as c does with 0.
func (op CmpOp) holds(c int) bool {
	switch op {
	case Eq:
		return c == 0
	case Ne:
		return c != 0
	case Lt:
		return c < 0
	case Le:
		return c <= 0
	case Gt:
		return c > 0
	default:
		return c >= 0
	}
}

func compareDecimals(op CmpOp, l, r, out *vec.Vector) error {
	var a, b apd.Decimal
	if r.Form == vec.FormConst {
		if err := convert.ParseDecimal(&b, r.Str[0]); err != nil {
			return err
		}
	}
	for i := range out.Len {
		if l.IsNull(i) || r.IsNull(i) {
			continue
		}
		if err := convert.ParseDecimal(&a, l.Str[i]); err != nil {
			return err
		}
		if r.Form != vec.FormConst {
			if err := convert.ParseDecimal(&b, r.Str[i]); err != nil {
				return err
			}
		}
		if op.holds(a.Cmp(&b)) {
			out.Bits.Set(i)
		}
	}
	return nil
}

// CompareValues orders two single values of the same physical form that are not NULL: negative, 0 or positive.
func CompareValues(a, b catalog.Value) (int, error) {
	switch a.Type.Kind.Physical() {
	case catalog.PhysFloat32, catalog.PhysFloat64:
		return cmp.Compare(a.F64, b.F64), nil
	case catalog.PhysString:
		if a.Type.Kind != catalog.KindBigDecimal {
			return strings.Compare(a.Str, b.Str), nil
		}
		var x, y apd.Decimal
		if err := convert.ParseDecimal(&x, a.Str); err != nil {
			return 0, err
		}
		if err := convert.ParseDecimal(&y, b.Str); err != nil {
			return 0, err
		}
		return x.Cmp(&y), nil
	default:
		return cmp.Compare(a.I64, b.I64), nil
	}
}

func compareValues(op CmpOp, a, b catalog.Value) (bool, error) {
	if p := a.Type.Kind.Physical(); (p == catalog.PhysFloat64 || p == catalog.PhysFloat32) && (math.IsNaN(a.F64) || math.IsNaN(b.F64)) {
		return op == Ne, nil
	}
	c, err := CompareValues(a, b)
	return op.holds(c), err
}

// compareCodes compares a column in offset or sorted dictionary form with a constant without decoding it. It reports
// whether it could.
func compareCodes(op CmpOp, l *vec.Vector, c catalog.Value, out vec.Bitmap) bool {
	var lo, hi int64 // codes lo..hi-1 are equal to c
	switch {
	case l.Form == vec.FormOffset:
		// Codes have at most 32 bits: a constant further away is below or above all of them.
		switch distance := uint64(c.I64) - uint64(l.Base); {
		case c.I64 < l.Base:
		case distance > math.MaxUint32:
			lo, hi = math.MaxUint32+1, math.MaxUint32+1
		default:
			lo, hi = int64(distance), int64(distance)+1
		}
	case l.Form == vec.FormDict && l.Dict.Sorted:
		var ok bool
		if lo, hi, ok = equalRange(l.Dict, c); !ok {
			return false
		}
	default:
		return false
	}
	from, to := int64(0), int64(math.MaxUint32)+1
	switch op {
	case Eq, Ne:
		from, to = lo, hi
	case Lt:
		to = lo
	case Le:
		to = hi
	case Gt:
		from = hi
	case Ge:
		from = lo
	}
	switch {
	case l.U8 != nil:
		codeRange(l.U8[:l.Len], from, to, op == Ne, out)
	case l.U16 != nil:
		codeRange(l.U16[:l.Len], from, to, op == Ne, out)
	default:
		codeRange(l.U32[:l.Len], from, to, op == Ne, out)
	}
	out.Trim(l.Len)
	return true
}

// codeRange sets the rows with from <= code < to, or the others where invert.
func codeRange[C code](codes []C, from, to int64, invert bool, out vec.Bitmap) {
	flip := -bit(invert)
	width := uint64(max(to-from, 0))
	for w := range out {
		var m uint64
		for i, c := range codes[w<<6 : min(w<<6+64, len(codes))] {
			m |= bit(uint64(int64(c)-from) < width) << (uint(i) & 63)
		}
		out[w] = m ^ flip
	}
}

// equalRange gives the ids of a sorted dictionary that equal c: none or one, at the place where c belongs.
func equalRange(d *vec.Dict, c catalog.Value) (lo, hi int64, ok bool) {
	var search func(id int) int // how value id compares with c
	switch d.Kind.Physical() {
	case catalog.PhysFloat32, catalog.PhysFloat64:
		x := c.F64
		if d.Kind == catalog.KindFloat {
			x = float64(float32(x))
		}
		if math.IsNaN(x) {
			return 0, 0, false
		}
		search = func(id int) int { return cmp.Compare(d.F64[id], x) }
	case catalog.PhysString:
		if d.Kind == catalog.KindBigDecimal {
			return 0, 0, false
		}
		search = func(id int) int { return strings.Compare(d.Str(uint32(id)), c.Str) }
	default:
		search = func(id int) int { return cmp.Compare(d.I64[id], c.I64) }
	}
	at := sort.Search(d.Len, func(id int) bool { return search(id) >= 0 })
	if at < d.Len && search(at) == 0 {
		return int64(at), int64(at) + 1, true
	}
	return int64(at), int64(at), true
}

// anyNode is a predicate over the elements of arrays: true for a row if any element passes (none: if no element does).
type anyNode struct {
	arg   node
	pred  node
	value node // what the elements of a row are compared with, column 1 of pred; nil: a constant of pred
	none  bool
	of    []uint16 // rows of elements
	given vec.Vector
	each  vec.Vector
	in    vec.Vector
	flat  vec.Vector
	elems vec.Vector
	truth truths
}

func (n *anyNode) eval(ec *function.EvalContext, in *vec.Batch, out *vec.Vector) error {
	if err := n.arg.eval(ec, in, &n.in); err != nil {
		return err
	}
	arr := &n.in
	if arr.Form != vec.FormFlat {
		arr.Gather(nil, &n.flat)
		arr = &n.flat
	}
	sub := *ec
	if ec.OnRowError != nil || ec.NowByRow != nil {
		// Comparisons with constants neither fail nor read the clock.
		sub.OnRowError, sub.NowByRow = nil, nil
	}
	total := int(arr.Offsets[in.Rows])
	batch := vec.Batch{Rows: total, Cols: []*vec.Vector{arr.Elems}}
	if n.value != nil {
		if err := n.value.eval(ec, in, &n.given); err != nil {
			return err
		}
		n.spread(arr, in.Rows)
		batch.Cols = append(batch.Cols, &n.each)
	}
	if err := n.pred.eval(&sub, &batch, &n.elems); err != nil {
		return err
	}
	n.truth.read(&n.elems, total)
	out.Reset(catalog.Boolean, in.Rows)
	for i := range in.Rows {
		found := false
		for e := arr.Offsets[i]; e < arr.Offsets[i+1] && !found; e++ {
			found = n.truth.yes.Get(int(e))
		}
		if found != n.none {
			out.Bits.Set(i)
		}
	}
	if arr.HasNulls() {
		copy(out.MutableNulls(), arr.Nulls)
	}
	if n.value != nil && (n.given.Form == vec.FormConst || n.given.HasNulls()) {
		nulls := out.MutableNulls()
		for i := range in.Rows {
			if n.given.IsNull(i) && arr.Offsets[i] < arr.Offsets[i+1] { // nothing equals an element of none
				nulls.Set(i)
			}
		}
	}
	if out.Nulls != nil {
		out.Bits.AndNot(out.Nulls[:len(out.Bits)])
	}
	return nil
}

// spread repeats the value of a row for each element of its array.
func (n *anyNode) spread(arr *vec.Vector, rows int) {
	if n.of == nil {
		n.of = []uint16{} // nil would mean every row
	}
	n.of = n.of[:0]
	for i := range rows {
		for e := arr.Offsets[i]; e < arr.Offsets[i+1]; e++ {
			n.of = append(n.of, uint16(i))
		}
	}
	n.given.Gather(n.of, &n.each)
}
