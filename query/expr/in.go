package expr

import (
	"math"
	"slices"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// denseSetBits is the largest range of integers that a set keeps as a bitmap (64 KiB).
const denseSetBits = 1 << 19

// intSet is a set of integers: a bitmap where they are close together, else sorted if few, else hashed.
type intSet struct {
	lo, hi int64
	dense  vec.Bitmap
	sorted []int64
	hashed map[int64]struct{}
}

func newIntSet(list []catalog.Value) *intSet {
	values := make([]int64, len(list))
	for i, v := range list {
		values[i] = v.I64
	}
	slices.Sort(values)
	values = slices.Compact(values)
	s := &intSet{lo: 1, hi: 0}
	if len(values) == 0 {
		return s
	}
	s.lo, s.hi = values[0], values[len(values)-1]
	const few = 8
	switch span := uint64(s.hi) - uint64(s.lo); {
	case span < denseSetBits:
		s.dense = vec.NewBitmap(int(span) + 1)
		for _, v := range values {
			s.dense.Set(int(v - s.lo))
		}
	case len(values) <= few:
		s.sorted = values
	default:
		s.hashed = make(map[int64]struct{}, len(values))
		for _, v := range values {
			s.hashed[v] = struct{}{}
		}
	}
	return s
}

func (s *intSet) has(x int64) bool {
	switch {
	case x < s.lo || x > s.hi:
		return false
	case s.dense != nil:
		return s.dense.Get(int(x - s.lo))
	case s.sorted != nil:
		for _, v := range s.sorted {
			if v == x {
				return true
			}
		}
		return false
	}
	_, ok := s.hashed[x]
	return ok
}

// inNode tests membership in a set of constants.
type inNode struct {
	arg              flatNode
	negated, hasNull bool
	ints             *intSet
	floats           map[uint64]struct{} // by bits of the float64, zero without sign
	texts            map[string]struct{}
	decimal          bool // texts are canonical
	in               vec.Vector
}

func compileIn(e *In, nested bool) node {
	if e.Arg.Type().MultiValue {
		elem := &Column{Index: 0, T: e.Arg.Type().Elem()}
		return &anyNode{arg: compile(e.Arg, nested), pred: compile(&In{Arg: elem, List: e.List}, false), none: e.Negated}
	}
	n := &inNode{arg: flatNode{node: compile(e.Arg, nested)}, negated: e.Negated, hasNull: e.HasNull}
	switch kind := e.Arg.Type().Kind; kind.Physical() {
	case catalog.PhysFloat32, catalog.PhysFloat64:
		n.floats = make(map[uint64]struct{}, len(e.List))
		for _, v := range e.List {
			x := v.F64
			if kind == catalog.KindFloat {
				x = float64(float32(x))
			}
			if !math.IsNaN(x) { // NaN equals nothing, itself included
				n.floats[math.Float64bits(x+0)] = struct{}{}
			}
		}
	case catalog.PhysString:
		n.texts = make(map[string]struct{}, len(e.List))
		n.decimal = kind == catalog.KindBigDecimal
		for _, v := range e.List {
			if n.decimal {
				v.Str = catalog.CanonicalDecimal(v.Str)
			}
			n.texts[v.Str] = struct{}{}
		}
	default:
		n.ints = newIntSet(e.List)
	}
	return n
}

func (n *inNode) eval(ec *function.EvalContext, in *vec.Batch, out *vec.Vector) error {
	if err := n.arg.evalFlat(ec, in, &n.in); err != nil {
		return err
	}
	v := &n.in
	if v.Form == vec.FormConst {
		n.evalConst(v, in.Rows, out)
		return nil
	}
	out.Reset(catalog.Boolean, in.Rows)
	n.find(v, out.Bits)
	if v.HasNulls() {
		copy(out.MutableNulls(), v.Nulls)
	}
	if n.hasNull { // what is not in the list might be equal to its NULL
		nulls := out.MutableNulls()
		for w := range nulls {
			nulls[w] |= ^out.Bits[w]
		}
		nulls.Trim(in.Rows)
	}
	if n.negated {
		for w := range out.Bits {
			out.Bits[w] = ^out.Bits[w]
		}
		out.Bits.Trim(in.Rows)
	}
	if out.Nulls != nil {
		out.Bits.AndNot(out.Nulls)
	}
	return nil
}

// find sets the rows of v, flat, whose value is in the set. Zero is added to floats so that -0 finds 0.
func (n *inNode) find(v *vec.Vector, out vec.Bitmap) {
	switch v.Type.Kind.Physical() {
	case catalog.PhysInt32:
		members(v.I32[:v.Len], out, func(x int32) bool { return n.ints.has(int64(x)) })
	case catalog.PhysInt64:
		members(v.I64[:v.Len], out, n.ints.has)
	case catalog.PhysFloat32:
		members(v.F32[:v.Len], out, func(x float32) bool { return n.hasFloat(float64(x)) })
	case catalog.PhysFloat64:
		members(v.F64[:v.Len], out, n.hasFloat)
	case catalog.PhysString:
		members(v.Str[:v.Len], out, func(s string) bool {
			if n.decimal {
				s = catalog.CanonicalDecimal(s)
			}
			_, ok := n.texts[s]
			return ok
		})
	case catalog.PhysBits:
		hasTrue, hasFalse := n.ints.has(1), n.ints.has(0)
		for w := range out {
			out[w] = v.Bits[w]&-bit(hasTrue) | ^v.Bits[w]&-bit(hasFalse)
		}
		out.Trim(v.Len)
	}
}

func (n *inNode) hasFloat(x float64) bool {
	_, ok := n.floats[math.Float64bits(x+0)]
	return ok
}

func members[T any](values []T, out vec.Bitmap, has func(T) bool) {
	for i, x := range values {
		if has(x) {
			out.Set(i)
		}
	}
}

// evalConst tests one value for all rows.
func (n *inNode) evalConst(v *vec.Vector, rows int, out *vec.Vector) {
	var flat vec.Vector
	v.Len = 1
	v.Gather(nil, &flat)
	found := vec.NewBitmap(1)
	if !v.IsNull(0) {
		n.find(&flat, found)
	}
	switch {
	case v.IsNull(0), !found.Get(0) && n.hasNull:
		setAllNull(out, catalog.Boolean, rows)
	default:
		out.SetConst(catalog.BoolValue(found.Get(0) != n.negated), rows)
	}
}
