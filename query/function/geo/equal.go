package geo

import (
	"slices"

	"github.com/paulmach/orb"
)

// equal reports geometries of one type and the same points: the direction of lines and rings, where rings begin and
// the order of parts do not count.
func equal(a, b orb.Geometry) bool {
	return slices.Equal(encode(nil, canonical(a), false), encode(nil, canonical(b), false))
}

func comparePoints(a, b orb.Point) int {
	if a[0] != b[0] {
		if a[0] < b[0] {
			return -1
		}
		return 1
	}
	switch {
	case a[1] < b[1]:
		return -1
	case a[1] > b[1]:
		return 1
	}
	return 0
}

func comparePaths[S ~[]orb.Point](a, b S) int { return slices.CompareFunc(a, b, comparePoints) }

// noMinusZero makes equal coordinates equal bytes.
func noMinusZero(points []orb.Point) []orb.Point {
	out := slices.Clone(points)
	for i := range out {
		out[i][0] += 0
		out[i][1] += 0
	}
	return out
}

func canonicalLine(l []orb.Point) []orb.Point {
	l = noMinusZero(l)
	back := slices.Clone(l)
	slices.Reverse(back)
	if comparePaths(back, l) < 0 {
		return back
	}
	return l
}

// canonicalRing begins at the least point and goes to the lesser neighbour.
func canonicalRing(ring orb.Ring) orb.Ring {
	open := noMinusZero(ring[:len(ring)-1])
	least := 0
	for i, p := range open {
		if comparePoints(p, open[least]) < 0 {
			least = i
		}
	}
	open = slices.Concat(open[least:], open[:least])
	back := slices.Clone(open)
	slices.Reverse(back[1:])
	if comparePaths(back, open) < 0 {
		open = back
	}
	return append(open, open[0])
}

func canonicalPolygon(p orb.Polygon) orb.Polygon {
	out := make(orb.Polygon, len(p))
	for i, ring := range p {
		out[i] = canonicalRing(ring)
	}
	slices.SortFunc(out[1:], comparePaths[orb.Ring])
	return out
}

func canonical(g orb.Geometry) orb.Geometry {
	switch g := g.(type) {
	case orb.Point:
		return noMinusZero([]orb.Point{g})[0]
	case orb.MultiPoint:
		out := noMinusZero(g)
		slices.SortFunc(out, comparePoints)
		return orb.MultiPoint(slices.Compact(out))
	case orb.LineString:
		return orb.LineString(canonicalLine(g))
	case orb.MultiLineString:
		out := make(orb.MultiLineString, len(g))
		for i, l := range g {
			out[i] = canonicalLine(l)
		}
		slices.SortFunc(out, comparePaths[orb.LineString])
		return out
	case orb.Polygon:
		return canonicalPolygon(g)
	case orb.MultiPolygon:
		out := make(orb.MultiPolygon, len(g))
		for i, p := range g {
			out[i] = canonicalPolygon(p)
		}
		slices.SortFunc(out, func(a, b orb.Polygon) int { return slices.CompareFunc(a, b, comparePaths[orb.Ring]) })
		return out
	}
	return g
}
