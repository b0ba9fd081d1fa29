package logical

import "math"

// topN tells a Sort below a Limit how many rows are needed.
func topN(n Node) Node {
	return transform(n, func(n Node) Node {
		l, ok := n.(*Limit)
		if !ok || l.Count < 0 || l.CountParam != nil || l.OffsetParam != nil || l.Count > math.MaxInt64-l.Offset {
			return n
		}
		s, ok := l.In.(*Sort)
		if !ok {
			return n
		}
		sorted := *s
		sorted.Limit = l.Offset + l.Count
		return withInput(l, &sorted)
	})
}
