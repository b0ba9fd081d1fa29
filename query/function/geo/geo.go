// Package geo is the family of geospatial functions. A value is BYTES: one type byte (0 point, 1 multipoint,
// 2 line, 3 multiline, 4 polygon, 5 multipolygon; the high bit set for a geography, on the sphere in degrees, and clear
// for a geometry, on the plane), then big-endian doubles. A point is x (longitude) and y (latitude), 17 bytes in all,
// which is Pinot's form. The other types carry big-endian 32-bit counts before their parts: multipoint and line are
// a count of points and the points; multiline and polygon a count of lines or rings and each as a line; multipolygon
// a count of polygons and each as above. Empty geometries and collections do not exist. These are bytes of freshet's
// own, not Pinot's: clients exchange lines and polygons as WKT, WKB or GeoJSON.
package geo

import (
	"github.com/paulmach/orb"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

const family = "Geospatial"

// Scalars lists the functions of the family.
func Scalars() []function.Scalar {
	list := append(points(), readers()...)
	list = append(list, writers()...)
	list = append(list, geohashes()...)
	return append(list, measures()...)
}

func points() []function.Scalar {
	double2 := []catalog.Type{catalog.Double, catalog.Double}
	return []function.Scalar{
		{Name: "stPoint", Family: family, Signature: "stPoint(x, y[, isGeography])", Example: "stAsText(stPoint(77.5, 12.9)) = 'POINT (77.5 12.9)'",
			Doc: "A point from x (longitude) and y (latitude): a geometry, or a geography where the third argument is not 0.",
			Bind: function.Overloads("stPoint",
				function.Overload{Args: double2, Type: catalog.Bytes, Fallible: true, Eval: evalPoint},
				function.Overload{Args: []catalog.Type{catalog.Double, catalog.Double, catalog.Boolean}, Type: catalog.Bytes, Fallible: true, Eval: evalPoint},
				function.Overload{Args: []catalog.Type{catalog.Double, catalog.Double, catalog.Long}, Type: catalog.Bytes, Fallible: true, Eval: evalPoint})},
		mapped("toSphericalGeography", "toSphericalGeography(point)", "The same coordinates as a geography: degrees on the sphere.",
			"stAsText(toSphericalGeography(stPoint(1, 2))) = 'POINT (1 2)'", toSurface(true)),
		mapped("toGeometry", "toGeometry(geography)", "The same coordinates as a geometry: on the plane.",
			"stAsText(toGeometry(stPoint(1, 2, 1))) = 'POINT (1 2)'", toSurface(false)),
	}
}

// evalPoint takes the kind of point from the third argument, if there is one.
func evalPoint(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	x, y := function.View[float64](args[0]), function.View[float64](args[1])
	geography := func(int) bool { return false }
	if len(args) > 2 {
		if args[2].Type.Kind == catalog.KindBoolean {
			flags := function.View[bool](args[2])
			geography = flags.At
		} else {
			flags := function.View[int64](args[2])
			geography = func(i int) bool { return flags.At(i) != 0 }
		}
	}
	return function.BuildTexts(ec, n, out, func(dst []byte, i int) ([]byte, error) {
		g := geography(i)
		return AppendPoint(dst, x.At(i), y.At(i), g), checkPoint(x.At(i), y.At(i), g)
	})
}

// toSurface changes the type byte only.
func toSurface(geography bool) func(dst []byte, s string) ([]byte, error) {
	return func(dst []byte, s string) ([]byte, error) {
		if x, y, _, ok := Point(s); ok {
			return AppendPoint(dst, x, y, geography), checkPoint(x, y, geography)
		}
		g, _, err := geometry(s)
		if err != nil {
			return dst, err
		}
		return encode(dst, g, geography), check(g, geography)
	}
}

// mapped is a function from BYTES to BYTES.
func mapped(name, signature, doc, example string, f func(dst []byte, s string) ([]byte, error), aliases ...string) function.Scalar {
	return unary(name, signature, doc, example, catalog.Bytes, catalog.Bytes, function.Text1(f), aliases...)
}

func unary(name, signature, doc, example string, from, to catalog.Type, eval function.Eval, aliases ...string) function.Scalar {
	return function.Scalar{Name: name, Aliases: aliases, Family: family, Signature: signature, Doc: doc, Example: example,
		Bind: function.Overloads(name, function.Overload{Args: []catalog.Type{from}, Type: to, Fallible: true, Eval: eval})}
}

// reading makes an Eval that serialises what parse gives.
func reading(parse func(string) (orb.Geometry, error), geography bool) function.Eval {
	return function.Text1(func(dst []byte, s string) ([]byte, error) {
		g, err := parse(s)
		if err != nil {
			return dst, err
		}
		if err := check(g, geography); err != nil {
			return dst, err
		}
		dst = encode(dst, g, geography)
		return dst, nil
	})
}

func parsePolygon(s string) (orb.Geometry, error) {
	g, err := parseWKT(s)
	if err != nil {
		return nil, err
	}
	if _, ok := g.(orb.Polygon); !ok {
		return nil, errs.User(errs.InvalidParameterValue, "stPolygon takes the text of a polygon, not of a %s", g.GeoJSONType())
	}
	return g, nil
}

func readers() []function.Scalar {
	bytes, str := catalog.Bytes, catalog.String
	return []function.Scalar{
		unary("stGeomFromText", "stGeomFromText(wkt)", "A geometry from well-known text.", "stAsText(stGeomFromText('LINESTRING(0 0,1 1)')) = 'LINESTRING (0 0, 1 1)'",
			str, bytes, reading(parseWKT, false)),
		unary("stGeogFromText", "stGeogFromText(wkt)", "A geography from well-known text.", "stAsText(stGeogFromText('POINT(1 2)')) = 'POINT (1 2)'",
			str, bytes, reading(parseWKT, true)),
		unary("stPolygon", "stPolygon(wkt)", "A polygon on the plane from well-known text.", "stArea(stPolygon('POLYGON((0 0,2 0,2 2,0 2,0 0))')) = 4",
			str, bytes, reading(parsePolygon, false)),
		unary("stGeomFromWKB", "stGeomFromWKB(wkb)", "A geometry from well-known binary.", "stAsText(stGeomFromWKB(stAsBinary(stPoint(1, 2)))) = 'POINT (1 2)'",
			bytes, bytes, reading(parseWKB, false)),
		unary("stGeogFromWKB", "stGeogFromWKB(wkb)", "A geography from well-known binary.", "stAsText(stGeogFromWKB(stAsBinary(stPoint(1, 2)))) = 'POINT (1 2)'",
			bytes, bytes, reading(parseWKB, true)),
		unary("stGeomFromGeoJson", "stGeomFromGeoJson(json)", "A geometry from GeoJSON.", `stAsText(stGeomFromGeoJson('{"type":"Point","coordinates":[1,2]}')) = 'POINT (1 2)'`,
			str, bytes, reading(parseGeoJSON, false)),
		unary("stGeogFromGeoJson", "stGeogFromGeoJson(json)", "A geography from GeoJSON.", `stAsText(stGeogFromGeoJson('{"type":"Point","coordinates":[1,2]}')) = 'POINT (1 2)'`,
			str, bytes, reading(parseGeoJSON, true)),
	}
}

// writing makes an Eval that writes a geometry in another form.
func writing(write func(dst []byte, g orb.Geometry) ([]byte, error)) function.Eval {
	return function.Text1(func(dst []byte, s string) ([]byte, error) {
		g, _, err := geometry(s)
		if err != nil {
			return dst, err
		}
		return write(dst, g)
	})
}

func writers() []function.Scalar {
	bytes, str := catalog.Bytes, catalog.String
	return []function.Scalar{
		unary("stAsText", "stAsText(value)", "Well-known text.", "stAsText(stPoint(1.5, -2)) = 'POINT (1.5 -2)'", bytes, str, writing(appendWKT)),
		unary("stAsBinary", "stAsBinary(value)", "Well-known binary, little-endian.", "stGeometryType(stGeomFromWKB(stAsBinary(stPoint(1, 2)))) = 'Point'", bytes, bytes, writing(appendWKB)),
		unary("stAsGeoJson", "stAsGeoJson(value)", "GeoJSON.", `stAsGeoJson(stPoint(1, 2)) = '{"type":"Point","coordinates":[1,2]}'`, bytes, str, writing(appendGeoJSON)),
		unary("stGeometryType", "stGeometryType(value)", "Point, MultiPoint, LineString, MultiLineString, Polygon or MultiPolygon.",
			"stGeometryType(stPoint(1, 2)) = 'Point'", bytes, str,
			writing(func(dst []byte, g orb.Geometry) ([]byte, error) { return append(dst, g.GeoJSONType()...), nil })),
	}
}

func measures() []function.Scalar {
	pair := func(name, doc, example string, f func(a, b *shape) (int32, error)) function.Scalar {
		return function.Scalar{Name: name, Family: family, Signature: name + "(a, b)", Doc: doc, Example: example,
			Bind: function.Overloads(name, function.Overload{Args: []catalog.Type{catalog.Bytes, catalog.Bytes}, Type: catalog.Int, Fallible: true, Eval: evalPair(f)})}
	}
	return []function.Scalar{
		{Name: "stDistance", Family: family, Signature: "stDistance(a, b)", Example: "stDistance(stPoint(0, 0), stPoint(3, 4)) = 5",
			Doc: "The distance of a point from another value: metres along the great circle between geographies, units of the coordinates between geometries.",
			Bind: function.Overloads("stDistance", function.Overload{Args: []catalog.Type{catalog.Bytes, catalog.Bytes}, Type: catalog.Double, Fallible: true,
				Eval: evalDistance})},
		pair("stContains", "1 where polygon a contains point b, else 0. A point on the border of a geometry is not contained.",
			"stContains(stPolygon('POLYGON((0 0,2 0,2 2,0 2,0 0))'), stPoint(1, 1)) = 1",
			func(a, b *shape) (int32, error) { return bit(contains("stContains", a, b)) }),
		pair("stWithin", "1 where point a lies within polygon b, else 0: stContains the other way round.",
			"stWithin(stPoint(1, 1), stPolygon('POLYGON((0 0,2 0,2 2,0 2,0 0))')) = 1",
			func(a, b *shape) (int32, error) { return bit(contains("stWithin", b, a)) }),
		pair("stEquals", "1 where both have one type and the same points, else 0. Where a ring begins and its direction do not count.",
			"stEquals(stPoint(1, 2), stPoint(1, 2)) = 1",
			func(a, b *shape) (int32, error) {
				return bit(equal(a.geom, b.geom), sameSurface("stEquals", a.geography, b.geography))
			}),
		unary("stArea", "stArea(value)", "The area of polygons: square metres for a geography, else squared units of the coordinates; 0 for points and lines.",
			"stArea(stPolygon('POLYGON((0 0,2 0,2 2,0 2,0 0))')) = 4", catalog.Bytes, catalog.Double, evalArea),
	}
}

func bit(yes bool, err error) (int32, error) {
	if yes && err == nil {
		return 1, nil
	}
	return 0, err
}

func evalPair(f func(a, b *shape) (int32, error)) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		x, y := function.View[string](args[0]), function.View[string](args[1])
		var left, right shapes
		return function.TryRows(ec, n, out, func(i int) (int32, error) {
			a, err := left.of(x.At(i))
			if err != nil {
				return 0, err
			}
			b, err := right.of(y.At(i))
			if err != nil {
				return 0, err
			}
			return f(a, b)
		})
	}
}

// evalDistance has a way of its own for two points: it decodes nothing.
func evalDistance(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	x, y := function.View[string](args[0]), function.View[string](args[1])
	var left, right shapes
	return function.TryRows(ec, n, out, func(i int) (float64, error) {
		x1, y1, g1, ok1 := Point(x.At(i))
		x2, y2, g2, ok2 := Point(y.At(i))
		if ok1 && ok2 {
			return Distance(x1, y1, x2, y2, g1), sameSurface("stDistance", g1, g2)
		}
		a, err := left.of(x.At(i))
		if err != nil {
			return 0, err
		}
		b, err := right.of(y.At(i))
		if err != nil {
			return 0, err
		}
		return distance(a, b)
	})
}

func evalArea(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	x := function.View[string](args[0])
	var c shapes
	return function.TryRows(ec, n, out, func(i int) (float64, error) {
		sh, err := c.of(x.At(i))
		if err != nil {
			return 0, err
		}
		return area(sh), nil
	})
}
