package geo

import (
	"math"

	"github.com/golang/geo/s2"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"github.com/freshetdb/freshet/internal/errs"
)

// EarthRadius is the mean radius that distances and areas on the sphere are computed with, in metres.
const EarthRadius = 6_371_010.0

// GreatCircle is the distance of two points given as degrees, in metres.
func GreatCircle(lon1, lat1, lon2, lat2 float64) float64 {
	const rad = math.Pi / 180
	sinLat, sinLon := math.Sin((lat2-lat1)*rad/2), math.Sin((lon2-lon1)*rad/2)
	h := sinLat*sinLat + math.Cos(lat1*rad)*math.Cos(lat2*rad)*sinLon*sinLon
	return 2 * EarthRadius * math.Asin(math.Sqrt(min(1, h)))
}

// Distance is stDistance of two points.
func Distance(x1, y1, x2, y2 float64, geography bool) float64 {
	if geography {
		return GreatCircle(x1, y1, x2, y2)
	}
	return math.Hypot(x2-x1, y2-y1)
}

// shape is a decoded geometry, with what computing with it needs. Not safe for concurrent use.
type shape struct {
	geom      orb.Geometry
	geography bool
	polygons  []orb.Polygon // of a polygon or a multipolygon
	loops     [][]*s2.Loop  // on the sphere: the rings of each polygon, first the outer one
}

func newShape(s string) (*shape, error) {
	g, geography, err := geometry(s)
	if err != nil {
		return nil, err
	}
	sh := &shape{geom: g, geography: geography}
	switch g := g.(type) {
	case orb.Polygon:
		sh.polygons = []orb.Polygon{g}
	case orb.MultiPolygon:
		sh.polygons = g
	}
	if !geography {
		return sh, nil
	}
	for _, p := range sh.polygons {
		rings := make([]*s2.Loop, len(p))
		for i, ring := range p {
			if rings[i], err = loopOf(ring); err != nil {
				return nil, err
			}
		}
		sh.loops = append(sh.loops, rings)
	}
	return sh, nil
}

func s2Point(p orb.Point) s2.Point { return s2.PointFromLatLng(s2.LatLngFromDegrees(p[1], p[0])) }

// loopOf makes the smaller of the two areas that a ring bounds, whatever its direction.
func loopOf(ring orb.Ring) (*s2.Loop, error) {
	points := make([]s2.Point, len(ring)-1)
	for i := range points {
		points[i] = s2Point(ring[i])
	}
	l := s2.LoopFromPoints(points)
	if err := l.Validate(); err != nil {
		return nil, errs.User(errs.InvalidParameterValue, "a ring bounds no area on the sphere").Wrap(err)
	}
	l.Normalize()
	return l, nil
}

// shapes decodes values and keeps the last one: a constant is prepared once per batch. Not safe for concurrent use.
type shapes struct {
	text string
	last *shape
}

func (c *shapes) of(s string) (*shape, error) {
	if c.last != nil && c.text == s {
		return c.last, nil
	}
	sh, err := newShape(s)
	if err != nil {
		return nil, err
	}
	c.text, c.last = s, sh
	return sh, nil
}

func sameSurface(name string, a, b bool) error {
	if a != b {
		return errs.User(errs.InvalidParameterValue, "%s: one argument is a geometry, the other a geography; convert with toSphericalGeography or toGeometry", name)
	}
	return nil
}

// distance gives metres for geographies, else units of the coordinates. One of the two is a point.
func distance(a, b *shape) (float64, error) {
	if err := sameSurface("stDistance", a.geography, b.geography); err != nil {
		return 0, err
	}
	p, ok := b.geom.(orb.Point)
	if !ok {
		a, b = b, a
		if p, ok = b.geom.(orb.Point); !ok {
			return 0, errs.User(errs.FeatureNotSupported, "stDistance of a %s and a %s is not supported; one has to be a point", b.geom.GeoJSONType(), a.geom.GeoJSONType())
		}
	}
	if a.covers(p) {
		return 0, nil
	}
	best := math.Inf(1)
	q := s2Point(p)
	eachEdge(a.geom, func(from, to orb.Point) {
		switch {
		case !a.geography:
			best = min(best, planar.DistanceFromSegment(from, to, p))
		case from == to:
			best = min(best, GreatCircle(p[0], p[1], from[0], from[1]))
		default:
			best = min(best, s2.DistanceFromSegment(q, s2Point(from), s2Point(to)).Radians()*EarthRadius)
		}
	})
	return best, nil
}

// eachEdge gives every segment of a geometry; a point is a segment to itself.
func eachEdge(g orb.Geometry, f func(from, to orb.Point)) {
	line := func(points []orb.Point) {
		for i := 1; i < len(points); i++ {
			f(points[i-1], points[i])
		}
	}
	switch g := g.(type) {
	case orb.Point:
		f(g, g)
	case orb.MultiPoint:
		for _, p := range g {
			f(p, p)
		}
	case orb.LineString:
		line(g)
	case orb.MultiLineString:
		for _, l := range g {
			line(l)
		}
	case orb.Polygon:
		for _, ring := range g {
			line(ring)
		}
	case orb.MultiPolygon:
		for _, p := range g {
			for _, ring := range p {
				line(ring)
			}
		}
	}
}

// covers reports a point inside of one of the polygons. On the plane borders belong to it; on the sphere a border
// belongs to the polygon on one of its sides.
func (sh *shape) covers(p orb.Point) bool {
	if !sh.geography {
		for _, poly := range sh.polygons {
			if planar.PolygonContains(poly, p) {
				return true
			}
		}
		return false
	}
	if len(sh.loops) == 0 {
		return false
	}
	q := s2Point(p)
	for _, rings := range sh.loops {
		inside := rings[0].ContainsPoint(q)
		for i := 1; inside && i < len(rings); i++ {
			inside = !rings[i].ContainsPoint(q)
		}
		if inside {
			return true
		}
	}
	return false
}

// onBorder reports a point of the plane that lies on an edge.
func (sh *shape) onBorder(p orb.Point) bool {
	on := false
	eachEdge(sh.geom, func(from, to orb.Point) { on = on || planar.DistanceFromSegmentSquared(from, to, p) == 0 })
	return on
}

// contains reports whether polygon a contains the point or points b.
func contains(name string, a, b *shape) (bool, error) {
	if err := sameSurface(name, a.geography, b.geography); err != nil {
		return false, err
	}
	points, ok := b.geom.(orb.MultiPoint)
	if p, one := b.geom.(orb.Point); one {
		points, ok = orb.MultiPoint{p}, true
	}
	if !ok || len(a.polygons) == 0 {
		if equal(a.geom, b.geom) {
			return true, nil
		}
		return false, errs.User(errs.FeatureNotSupported, "%s of a %s in a %s is not supported; expected a point or points in a polygon", name, b.geom.GeoJSONType(), a.geom.GeoJSONType())
	}
	inner := a.geography
	for _, p := range points {
		if !a.covers(p) {
			return false, nil
		}
		inner = inner || !a.onBorder(p)
	}
	return inner, nil // what lies on the border only is not contained
}

// area gives square metres for geographies, else squared units of the coordinates. Only polygons have one.
func area(sh *shape) float64 {
	total := 0.0
	for i, p := range sh.polygons {
		if !sh.geography {
			total += math.Abs(planar.Area(p))
			continue
		}
		for j, l := range sh.loops[i] {
			if a := l.Area() * EarthRadius * EarthRadius; j == 0 {
				total += a
			} else {
				total -= a
			}
		}
	}
	return total
}
