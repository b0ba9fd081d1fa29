// Package agg is the aggregate functions: vectorised accumulators for many groups. Every accumulator can add rows, merge
// with another and give results; adding all rows to one, or parts to several that are merged, gives the same.
package agg

import (
	"math/bits"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/kernel"
)

const family = "Aggregation"

// rowSet says which rows of a batch an accumulator takes.
type rowSet struct {
	all  bool // every row
	none bool
	bits vec.Bitmap // unless all or none
	buf  vec.Bitmap

	sel    []uint16 // memory of pick
	values []float64
	groups []uint32
}

// choose computes the rows that sel keeps and where no argument is NULL.
func (r *rowSet) choose(args []*vec.Vector, n int, sel vec.Bitmap) {
	r.all, r.none, r.bits = sel == nil, n == 0, nil
	words := vec.Words(n)
	use := func() {
		if r.bits != nil {
			return
		}
		if cap(r.buf) < words {
			r.buf = make(vec.Bitmap, words)
		}
		r.bits, r.all = r.buf[:words], false
		r.bits.SetAll(n)
	}
	if sel != nil {
		use()
		r.bits.And(sel[:words])
	}
	for _, v := range args {
		switch {
		case v.Type.Kind == catalog.KindNull && v.Nulls == nil:
			r.none = true
		case v.Nulls == nil:
		case v.Form == vec.FormConst:
			r.none = r.none || v.IsNull(0)
		case v.Nulls.Any():
			use()
			r.bits.AndNot(v.Nulls[:words])
		}
	}
}

// pick gives the groups (nil stays nil) and values of the chosen rows, where not all are, in r's memory.
func (r *rowSet) pick(groups []uint32, values []float64) ([]uint32, []float64) {
	if r.sel == nil {
		r.sel, r.values = make([]uint16, vec.BlockRows+kernel.SelectSlack), make([]float64, vec.BlockRows)
	}
	if need := len(r.bits)*64 + kernel.SelectSlack; len(r.sel) < need {
		r.sel, r.values = make([]uint16, need), make([]float64, need)
	}
	sel := r.sel[:kernel.Select(r.bits, r.sel)]
	kernel.Pick(values, sel, r.values)
	if groups != nil {
		r.groups = resize(r.groups, len(r.values))
		kernel.Pick(groups, sel, r.groups)
		groups = r.groups[:len(sel)]
	}
	return groups, r.values[:len(sel)]
}

// each calls f for every chosen row of n, ascending.
func (r *rowSet) each(n int, f func(i int)) {
	switch {
	case r.none:
	case r.all:
		for i := range n {
			f(i)
		}
	default:
		for w, m := range r.bits {
			for ; m != 0; m &= m - 1 {
				f(w<<6 + bits.TrailingZeros64(m))
			}
		}
	}
}

// count is the number of chosen rows of n.
func (r *rowSet) count(n int) int {
	switch {
	case r.none:
		return 0
	case r.all:
		return n
	default:
		return r.bits.Count()
	}
}

// intInput reads integers of any width and form as one flat slice.
type intInput struct{ buf []int64 }

type code interface{ ~uint8 | ~uint16 | ~uint32 }

func (in *intInput) read(v *vec.Vector, n int) []int64 {
	if v.Form == vec.FormFlat && v.I64 != nil {
		return v.I64[:n]
	}
	if cap(in.buf) < n {
		in.buf = make([]int64, n)
	}
	dst := in.buf[:n]
	switch v.Form {
	case vec.FormConst:
		x := v.Int64At(0)
		for i := range dst {
			dst[i] = x
		}
	case vec.FormDict:
		switch {
		case v.U8 != nil:
			decode(dst, v.U8[:n], v.Dict.I64)
		case v.U16 != nil:
			decode(dst, v.U16[:n], v.Dict.I64)
		default:
			decode(dst, v.U32[:n], v.Dict.I64)
		}
	case vec.FormOffset:
		switch {
		case v.U8 != nil:
			kernel.Offsets(v.U8[:n], v.Base, dst)
		case v.U16 != nil:
			kernel.Offsets(v.U16[:n], v.Base, dst)
		default:
			kernel.Offsets(v.U32[:n], v.Base, dst)
		}
	default:
		for i, x := range v.I32[:n] {
			dst[i] = int64(x)
		}
	}
	return dst
}

func decode[C code, T any](dst []T, codes []C, values []T) {
	dst = dst[:len(codes)]
	for i, c := range codes {
		dst[i] = values[c]
	}
}

// floatInput reads floats of either width, and integers, in any form as one flat slice.
type floatInput struct {
	buf  []float64
	ints intInput
}

func (in *floatInput) read(v *vec.Vector, n int) []float64 {
	if v.Form == vec.FormFlat && v.F64 != nil {
		return v.F64[:n]
	}
	if cap(in.buf) < n {
		in.buf = make([]float64, n)
	}
	dst := in.buf[:n]
	switch {
	case v.Type.Kind.Physical() == catalog.PhysInt32 || v.Type.Kind.Physical() == catalog.PhysInt64:
		for i, x := range in.ints.read(v, n) {
			dst[i] = float64(x)
		}
	case v.Form == vec.FormScaled:
		decodeScaled(dst, v, 0)
	case v.Form == vec.FormConst:
		x := v.Float64At(0)
		for i := range dst {
			dst[i] = x
		}
	case v.Form == vec.FormDict:
		switch {
		case v.U8 != nil:
			decode(dst, v.U8[:n], v.Dict.F64)
		case v.U16 != nil:
			decode(dst, v.U16[:n], v.Dict.F64)
		default:
			decode(dst, v.U32[:n], v.Dict.F64)
		}
	default:
		for i, x := range v.F32[:n] {
			dst[i] = float64(x)
		}
	}
	return dst
}

// scaled reads rows from..to-1 of a vector in scaled form.
func (in *floatInput) scaled(v *vec.Vector, from, to int) []float64 {
	if cap(in.buf) < to-from {
		in.buf = make([]float64, to-from)
	}
	decodeScaled(in.buf[:to-from], v, from)
	return in.buf[:to-from]
}

// decodeScaled reads a vector in scaled form from row from on.
func decodeScaled(dst []float64, v *vec.Vector, from int) {
	to := from + len(dst)
	switch {
	case v.Type.Kind != catalog.KindDouble:
		for i := range dst {
			dst[i] = v.Float64At(from + i)
		}
	case v.U8 != nil:
		kernel.Unscale(v.U8[from:to], v.Base, v.Power, dst)
	case v.U16 != nil:
		kernel.Unscale(v.U16[from:to], v.Base, v.Power, dst)
	default:
		kernel.Unscale(v.U32[from:to], v.Base, v.Power, dst)
	}
}

// codeExtremes gives the least and greatest of the first n codes, which are at least one.
func codeExtremes(v *vec.Vector, n int) (lo, hi uint32) {
	switch {
	case v.U8 != nil:
		return kernel.CodeExtremes(v.U8[:n])
	case v.U16 != nil:
		return kernel.CodeExtremes(v.U16[:n])
	default:
		return kernel.CodeExtremes(v.U32[:n])
	}
}

// resize makes s have n elements; new ones are zero.
func resize[T any](s []T, n int) []T {
	if n <= len(s) {
		return s
	}
	if n <= cap(s) {
		return s[:n]
	}
	grown := make([]T, n, max(n, 2*cap(s)))
	copy(grown, s)
	return grown
}

// target is the group that row or group i goes to.
func target(groups []uint32, i int) int {
	if groups == nil {
		return i
	}
	return int(groups[i])
}
