package datetime

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

func overlapping() function.Scalar {
	four := []catalog.Type{catalog.Timestamp, catalog.Timestamp, catalog.Timestamp, catalog.Timestamp}
	return function.Scalar{Name: "overlaps", Family: family, Signature: "overlaps(from, to, otherFrom, otherTo) or (from, to) OVERLAPS (otherFrom, otherTo)",
		Doc:     "Whether two ranges of time, each without its end, have a time in common. The ends of a range may stand in any order; with an INTERVAL as its second value it is that long.",
		Example: "overlaps(TIMESTAMP '2024-01-01', TIMESTAMP '2024-01-03', TIMESTAMP '2024-01-02', TIMESTAMP '2024-01-05') = true",
		Bind:    function.Overloads("overlaps", function.Overload{Args: four, Type: catalog.Boolean, Lax: true, Eval: overlaps})}
}

// span is a range of time; of an open one the end is not known.
type span struct {
	from, to int64
	open     bool
}

// spanOf orders the ends of a range; ok is false where both are NULL.
func spanOf(from, to *vec.Vector, i int) (s span, ok bool) {
	switch {
	case from.IsNull(i) && to.IsNull(i):
		return s, false
	case to.IsNull(i):
		return span{from: from.Int64At(i), open: true}, true
	case from.IsNull(i):
		return span{from: to.Int64At(i), open: true}, true
	}
	a, b := from.Int64At(i), to.Int64At(i)
	return span{from: min(a, b), to: max(a, b)}, true
}

func overlaps(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	for i := range n {
		a, ok := spanOf(args[0], args[1], i)
		b, ok2 := spanOf(args[2], args[3], i)
		holds, known := a.overlaps(b)
		switch {
		case !ok || !ok2 || !known:
			out.SetNull(i)
		case holds:
			out.Bits.Set(i)
		}
	}
	return nil
}

// overlaps follows the standard: what an unknown end decides is unknown.
func (s span) overlaps(t span) (holds, known bool) {
	if s.from > t.from {
		s, t = t, s
	}
	switch {
	case s.from == t.from:
		return true, !s.open && !t.open
	case s.open:
		return false, false
	case t.from < s.to:
		return true, true
	}
	return false, !t.open
}
