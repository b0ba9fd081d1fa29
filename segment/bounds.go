package segment

import (
	"math"

	"github.com/freshetdb/freshet/catalog"
)

// Bounds is the smallest and the largest value of one integer-like column in each of a list of segments. They stand side by side, so
// that to tell which of many segments have rows in a range takes a few cache lines instead of a few for each segment. Read-only.
type Bounds struct {
	// Min and Max are math.MinInt64 and math.MaxInt64 where nothing is known: the segment is consuming, lacks the column, has only
	// NULLs in it, or has it as another kind.
	Min, Max []int64
	// Nulls says that a segment with a known range has NULLs besides.
	Nulls bool
}

// BoundsOf collects the bounds of a column, by its exact name, in views.
func BoundsOf(views []View, column string) *Bounds {
	b := &Bounds{Min: make([]int64, len(views)), Max: make([]int64, len(views))}
	for i, v := range views {
		b.Min[i], b.Max[i] = math.MinInt64, math.MaxInt64
		if v.Consuming() {
			continue
		}
		col, ok := v.Column(column)
		if !ok || !integers(col.Type()) {
			continue
		}
		if s := col.Stats(); s.HasRange {
			b.Min[i], b.Max[i] = s.Min.I64, s.Max.I64
			b.Nulls = b.Nulls || s.NullCount > 0
		}
	}
	return b
}

func integers(t catalog.Type) bool {
	p := t.Kind.Physical()
	return !t.MultiValue && (p == catalog.PhysInt32 || p == catalog.PhysInt64)
}

// Outside marks in out, which has as many places as there are segments, those without a value from lo to hi. Marks that are set stay.
func (b *Bounds) Outside(lo, hi int64, out []bool) {
	maxima := b.Max[:len(out)]
	for i, least := range b.Min[:len(out)] {
		if least > hi || maxima[i] < lo {
			out[i] = true
		}
	}
}

// JoinBounds gives the bounds of several lists of segments as those of one.
func JoinBounds(parts ...*Bounds) *Bounds {
	if len(parts) == 1 {
		return parts[0]
	}
	n := 0
	for _, p := range parts {
		n += len(p.Min)
	}
	all := &Bounds{Min: make([]int64, 0, n), Max: make([]int64, 0, n)}
	for _, p := range parts {
		all.Min, all.Max = append(all.Min, p.Min...), append(all.Max, p.Max...)
		all.Nulls = all.Nulls || p.Nulls
	}
	return all
}
