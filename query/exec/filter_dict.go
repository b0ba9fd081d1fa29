package exec

import (
	"sync/atomic"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/kernel"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/segment"
)

// idSet is the ids of a dictionary for which a predicate is true.
type idSet struct {
	first, last uint32 // smallest and largest id, where any
	any         bool
	contiguous  bool
	full        bool       // every id
	set         vec.Bitmap // where not contiguous
	table       *[256]uint8
}

// dictPred is a predicate over one dictionary column, evaluated once per distinct value.
type dictPred struct {
	col      int
	e        expr.Expr // over the column alone
	nullTrue bool
	ids      atomic.Pointer[idSet]
}

func (p *dictPred) zone(w *worker, b int) physical.Verdict {
	s := w.seg
	ids := p.ids.Load()
	if ids == nil {
		return physical.Some
	}
	z := s.cols[p.col].col.Zone(b)
	return zoneVerdict(&z, ids.verdict(&z, s.cols[p.col].dict), p.nullTrue)
}

// verdict compares the ids with the range of a block.
func (ids *idSet) verdict(z *segment.Zone, d *vec.Dict) physical.Verdict {
	switch {
	case !ids.any:
		return physical.None
	case ids.full:
		return physical.All
	case z.ByID:
		if z.MaxI64 < int64(ids.first) || z.MinI64 > int64(ids.last) {
			return physical.None
		}
		if ids.contiguous && z.MinI64 >= int64(ids.first) && z.MaxI64 <= int64(ids.last) {
			return physical.All
		}
	case !d.Sorted || d.Len == 0:
	case d.I64 != nil:
		lo, hi := d.I64[ids.first], d.I64[ids.last]
		if z.MaxI64 < lo || z.MinI64 > hi {
			return physical.None
		}
		if ids.contiguous && z.MinI64 >= lo && z.MaxI64 <= hi {
			return physical.All
		}
	case d.F64 != nil:
		lo, hi := d.F64[ids.first], d.F64[ids.last]
		if z.MaxF64 < lo || z.MinF64 > hi {
			return physical.None
		}
		if ids.contiguous && z.MinF64 >= lo && z.MaxF64 <= hi {
			return physical.All
		}
	}
	return physical.Some
}

func (p *dictPred) eval(w *worker, bits vec.Bitmap) error {
	ids := p.ids.Load()
	if ids == nil {
		var err error
		if ids, err = p.prepare(w); err != nil {
			return err
		}
	}
	v, err := w.load(p.col)
	if err != nil {
		return err
	}
	w.stats.EntriesScannedInFilter += int64(w.n)
	kept := w.withoutNulls(v, bits, p.nullTrue)
	switch {
	case !ids.any:
		bits.Zero()
	case ids.full:
	case v.Form != vec.FormDict:
		err = (&exprPred{e: p.e, cols: []int{p.col}}).eval(w, bits)
	case ids.contiguous:
		codeRange(v, ids.first, ids.last, false, bits)
	case v.U8 != nil && ids.table != nil:
		kernel.ByteSet(v.U8, ids.table, bits)
	case v.U8 != nil:
		kernel.CodeSet(v.U8, ids.set, bits)
	case v.U16 != nil:
		kernel.CodeSet(v.U16, ids.set, bits)
	default:
		kernel.CodeSet(v.U32, ids.set, bits)
	}
	w.withNulls(bits, kept)
	return err
}

// prepare evaluates the predicate over the dictionary. Two workers may both do it; the results are equal.
func (p *dictPred) prepare(w *worker) (*idSet, error) {
	ids, err := evalDict(w.ec, p.e, p.col, len(w.run.cols), w.seg.cols[p.col].dict)
	if err != nil {
		return nil, err
	}
	p.ids.Store(ids)
	return ids, nil
}

func (p *dictPred) cost() float64 { return 0.3 }

func (p *dictPred) how() string {
	ids := p.ids.Load()
	switch {
	case ids == nil:
		return "dictionary, once per value"
	case !ids.any:
		return "dictionary: no value"
	case ids.full:
		return "dictionary: every value"
	case ids.contiguous:
		return "dictionary: range of ids"
	default:
		return "dictionary: set of ids"
	}
}

// idRange is the ids from..to-1 of n.
func idRange(from, to, n int) *idSet {
	if from >= to {
		return &idSet{}
	}
	return &idSet{first: uint32(from), last: uint32(to - 1), any: true, contiguous: true, full: from == 0 && to == n}
}

// newIDSet describes the set bits of n ids.
func newIDSet(set vec.Bitmap, n int) *idSet {
	count := set.Count()
	if count == 0 {
		return &idSet{}
	}
	ids := &idSet{any: true, full: count == n, set: set}
	first, last := -1, 0
	for i := range n {
		if set.Get(i) {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	ids.first, ids.last = uint32(first), uint32(last)
	ids.contiguous = last-first+1 == count
	if !ids.contiguous && n <= 256 {
		ids.table = new([256]uint8)
		for i := range n {
			ids.table[i] = uint8(boolInt(set.Get(i)))
		}
	}
	return ids
}

// evalDict evaluates a boolean expression over column col for every value of d.
func evalDict(ec *function.EvalContext, e expr.Expr, col, width int, d *vec.Dict) (*idSet, error) {
	set := vec.NewBitmap(d.Len)
	if found, err := findInTexts(e, d, set); found || err != nil {
		return newIDSet(set, d.Len), err
	}
	err := eachDictChunk(ec, e, col, width, d, func(from int, out *vec.Vector) {
		for i := range out.Len {
			if out.BoolAt(i) && !out.IsNull(i) {
				set.Set(from + i)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return newIDSet(set, d.Len), nil
}

// findInTexts sets the ids of d whose texts a LIKE of one text between two % takes; false for other expressions.
func findInTexts(e expr.Expr, d *vec.Dict, set vec.Bitmap) (bool, error) {
	like, ok := e.(*expr.Like)
	if !ok || len(d.Offsets) != d.Len+1 || d.Kind != catalog.KindString {
		return false, nil
	}
	if _, ok = like.Arg.(*expr.Column); !ok {
		return false, nil
	}
	m, err := expr.NewMatcher(like.Pattern, like.Escape, like.CaseInsensitive)
	if err != nil {
		return false, err
	}
	text, ok := m.Contained()
	if !ok {
		return false, nil
	}
	kernel.FindTexts(d.Data, d.Offsets, text, set)
	if like.Negated {
		for i := range set {
			set[i] = ^set[i]
		}
		set.Trim(d.Len)
	}
	return true, nil
}

// eachDictChunk evaluates an expression over the values of d, a block at a time.
func eachDictChunk(ec *function.EvalContext, e expr.Expr, col, width int, d *vec.Dict, f func(from int, out *vec.Vector)) error {
	ev := expr.NewEvaluator(e)
	var values, out vec.Vector
	in := vec.Batch{Cols: make([]*vec.Vector, width)}
	in.Cols[col] = &values
	for from := 0; from < d.Len; from += vec.BlockRows {
		if ec.Ctx != nil && ec.Ctx.Err() != nil {
			return ctxError(ec.Ctx)
		}
		n := min(d.Len-from, vec.BlockRows)
		dictChunk(d, from, n, &values)
		in.Rows = n
		if err := ev.Eval(ec, &in, &out); err != nil {
			return err
		}
		f(from, &out)
	}
	return nil
}

// dictChunk fills out with n values of d from id from on. Strings alias the dictionary.
func dictChunk(d *vec.Dict, from, n int, out *vec.Vector) {
	part := vec.Dict{Kind: d.Kind, Len: n, Sorted: d.Sorted, Data: d.Data}
	switch {
	case d.I64 != nil:
		part.I64 = d.I64[from : from+n]
	case d.F64 != nil:
		part.F64 = d.F64[from : from+n]
	default:
		part.Offsets = d.Offsets[from : from+n+1]
	}
	part.Values(out)
}
