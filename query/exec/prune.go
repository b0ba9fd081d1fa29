package exec

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/physical"
)

// outside tells which views the bounds of their columns leave without a row that passes the filter: comparisons of an integer-like
// column with a constant, each of which every row has to pass. It looks at no view. nil says that it knows of none.
func (r *leafRun) outside(src Source) []bool {
	if r.filter == nil || src.Bounds == nil {
		return nil
	}
	var out []bool
	for _, c := range physical.Conjuncts(r.filter) {
		cmp, ok := c.(*expr.Compare)
		if !ok {
			continue
		}
		col, lo, hi, ok := columnRange(cmp)
		if !ok {
			continue
		}
		b := src.Bounds(r.cols[col].name)
		if b.Nulls && r.env.PinotNulls { // NULL reads as the default there, which may be within
			continue
		}
		if out == nil {
			out = make([]bool, len(src.Views))
		}
		b.Outside(lo, hi, out)
	}
	return out
}

// columnRange gives the range in which the values of an integer-like column pass a comparison with a constant. Nothing passes one with
// NULL, so that any range will do then.
func columnRange(e *expr.Compare) (column int, lo, hi int64, ok bool) {
	op, left, k, ok := normalCompare(e)
	if !ok {
		return 0, 0, 0, false
	}
	col, via := castColumn(left)
	if col == nil || !integers(col.T.Kind) || !integers(via) || !integers(k.Type.Kind) {
		return 0, 0, 0, false
	}
	lo, hi, invert, ok := intRange(op, k.I64)
	return col.Index, lo, hi, ok && !invert
}

func integers(k catalog.Kind) bool {
	p := k.Physical()
	return p == catalog.PhysInt32 || p == catalog.PhysInt64
}
