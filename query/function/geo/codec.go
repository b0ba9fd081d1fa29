package geo

import (
	"encoding/binary"
	"math"

	"github.com/paulmach/orb"

	"github.com/freshetdb/freshet/internal/errs"
)

// Type bytes, as Pinot numbers them. The high bit says geography.
const (
	typePoint           = 0
	typeMultiPoint      = 1
	typeLineString      = 2
	typeMultiLineString = 3
	typePolygon         = 4
	typeMultiPolygon    = 5

	geographyBit = 0x80
)

// PointBytes is the size of a serialised point.
const PointBytes = 17

// maxBytes bounds a geometry, serialised or as text: 16 MiB.
const maxBytes = 16 << 20

func appendFloat(dst []byte, x float64) []byte {
	return binary.BigEndian.AppendUint64(dst, math.Float64bits(x))
}

// AppendPoint serialises a point: longitude or x first.
func AppendPoint(dst []byte, x, y float64, geography bool) []byte {
	return appendFloat(appendFloat(append(dst, typeByte(typePoint, geography)), x), y)
}

func typeByte(t byte, geography bool) byte {
	if geography {
		return t | geographyBit
	}
	return t
}

func appendCount(dst []byte, n int) []byte { return binary.BigEndian.AppendUint32(dst, uint32(n)) }

func appendPoints(dst []byte, points []orb.Point) []byte {
	dst = appendCount(dst, len(points))
	for _, p := range points {
		dst = appendFloat(appendFloat(dst, p[0]), p[1])
	}
	return dst
}

func appendPolygon(dst []byte, p orb.Polygon) []byte {
	dst = appendCount(dst, len(p))
	for _, ring := range p {
		dst = appendPoints(dst, ring)
	}
	return dst
}

// encode serialises a geometry that check has accepted.
func encode(dst []byte, g orb.Geometry, geography bool) []byte {
	switch g := g.(type) {
	case orb.Point:
		return AppendPoint(dst, g[0], g[1], geography)
	case orb.MultiPoint:
		return appendPoints(append(dst, typeByte(typeMultiPoint, geography)), g)
	case orb.LineString:
		return appendPoints(append(dst, typeByte(typeLineString, geography)), g)
	case orb.MultiLineString:
		dst = appendCount(append(dst, typeByte(typeMultiLineString, geography)), len(g))
		for _, line := range g {
			dst = appendPoints(dst, line)
		}
	case orb.Polygon:
		return appendPolygon(append(dst, typeByte(typePolygon, geography)), g)
	case orb.MultiPolygon:
		dst = appendCount(append(dst, typeByte(typeMultiPolygon, geography)), len(g))
		for _, p := range g {
			dst = appendPolygon(dst, p)
		}
	}
	return dst
}

// checkPoint refuses coordinates that are not finite, or not on the earth.
func checkPoint(x, y float64, geography bool) error {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0) || math.IsNaN(y) || math.IsInf(y, 0):
		return errs.User(errs.InvalidParameterValue, "coordinates (%v, %v) are not finite numbers", x, y)
	case geography && (x < -180 || x > 180):
		return errs.User(errs.InvalidParameterValue, "longitude %v is not between -180 and 180", x)
	case geography && (y < -90 || y > 90):
		return errs.User(errs.InvalidParameterValue, "latitude %v is not between -90 and 90", y)
	}
	return nil
}

func checkPoints(points []orb.Point, least int, what string, geography bool) error {
	if len(points) < least {
		return errs.User(errs.InvalidParameterValue, "a %s has at least %d points, not %d", what, least, len(points))
	}
	for _, p := range points {
		if err := checkPoint(p[0], p[1], geography); err != nil {
			return err
		}
	}
	return nil
}

func checkPolygon(p orb.Polygon, geography bool) error {
	if len(p) == 0 {
		return errs.User(errs.InvalidParameterValue, "a polygon has at least one ring")
	}
	for _, ring := range p {
		if err := checkPoints(ring, 4, "ring", geography); err != nil {
			return err
		}
		if ring[0] != ring[len(ring)-1] {
			return errs.User(errs.InvalidParameterValue, "a ring ends where it begins: the first point is (%v, %v), the last (%v, %v)",
				ring[0][0], ring[0][1], ring[len(ring)-1][0], ring[len(ring)-1][1])
		}
	}
	return nil
}

// check refuses what cannot be serialised or measured: other types, empty geometries, open rings, places off the earth.
func check(g orb.Geometry, geography bool) error {
	parts := 1
	var err error
	switch g := g.(type) {
	case orb.Point:
		return checkPoint(g[0], g[1], geography)
	case orb.MultiPoint:
		return checkPoints(g, 1, "multipoint", geography)
	case orb.LineString:
		return checkPoints(g, 2, "line", geography)
	case orb.Polygon:
		return checkPolygon(g, geography)
	case orb.MultiLineString:
		parts = len(g)
		for i := 0; i < len(g) && err == nil; i++ {
			err = checkPoints(g[i], 2, "line", geography)
		}
	case orb.MultiPolygon:
		parts = len(g)
		for i := 0; i < len(g) && err == nil; i++ {
			err = checkPolygon(g[i], geography)
		}
	case nil:
		parts = 0
	default:
		return errs.User(errs.FeatureNotSupported, "geometries of type %s are not supported", g.GeoJSONType())
	}
	if parts == 0 {
		return errs.User(errs.InvalidParameterValue, "the geometry is empty")
	}
	return err
}

// reader reads a serialised geometry; after the first failure it stays failed.
type reader struct {
	s      string
	at     int
	failed bool
}

func (r *reader) float() float64 {
	if len(r.s)-r.at < 8 {
		r.failed = true
		return 0
	}
	x := floatAt(r.s, r.at)
	r.at += 8
	return x
}

func floatAt(s string, at int) float64 {
	b := s[at : at+8]
	return math.Float64frombits(uint64(b[0])<<56 | uint64(b[1])<<48 | uint64(b[2])<<40 | uint64(b[3])<<32 |
		uint64(b[4])<<24 | uint64(b[5])<<16 | uint64(b[6])<<8 | uint64(b[7]))
}

// count reads a number of things that take at least size bytes each, so that a false count cannot take memory.
func (r *reader) count(size int) int {
	if r.failed || len(r.s)-r.at < 4 {
		r.failed = true
		return 0
	}
	b := r.s[r.at : r.at+4]
	n := int(b[0])<<24 | int(b[1])<<16 | int(b[2])<<8 | int(b[3])
	r.at += 4
	if n > (len(r.s)-r.at)/size {
		r.failed = true
		return 0
	}
	return n
}

func (r *reader) points() []orb.Point {
	out := make([]orb.Point, r.count(16))
	for i := range out {
		out[i] = orb.Point{r.float(), r.float()}
	}
	return out
}

func (r *reader) polygon() orb.Polygon {
	out := make(orb.Polygon, r.count(4))
	for i := range out {
		out[i] = r.points()
	}
	return out
}

func badBytes(s string) error {
	return errs.User(errs.InvalidBinary, "%d bytes are not a serialised geometry; expected a type byte (0 to 5, plus 128 for geography) and the coordinates", len(s))
}

// geometry decodes and checks a serialised geometry.
func geometry(s string) (g orb.Geometry, geography bool, err error) {
	if len(s) == 0 || len(s) > maxBytes {
		return nil, false, badBytes(s)
	}
	geography = s[0]&geographyBit != 0
	r := reader{s: s, at: 1}
	switch s[0] &^ geographyBit {
	case typePoint:
		g = orb.Point{r.float(), r.float()}
	case typeMultiPoint:
		g = orb.MultiPoint(r.points())
	case typeLineString:
		g = orb.LineString(r.points())
	case typeMultiLineString:
		out := make(orb.MultiLineString, r.count(4))
		for i := range out {
			out[i] = r.points()
		}
		g = out
	case typePolygon:
		g = r.polygon()
	case typeMultiPolygon:
		out := make(orb.MultiPolygon, r.count(4))
		for i := range out {
			out[i] = r.polygon()
		}
		g = out
	default:
		r.failed = true
	}
	if r.failed || r.at != len(s) {
		return nil, false, badBytes(s)
	}
	return g, geography, check(g, geography)
}

// Point decodes a serialised point without allocation. ok is false for anything else.
func Point(s string) (x, y float64, geography, ok bool) {
	if len(s) != PointBytes || s[0]&^geographyBit != typePoint {
		return 0, 0, false, false
	}
	x, y, geography = floatAt(s, 1), floatAt(s, 9), s[0]&geographyBit != 0
	return x, y, geography, checkPoint(x, y, geography) == nil
}
