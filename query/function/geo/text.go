package geo

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/encoding/wkt"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function/convert"
)

func tooLong(what string, n int) error {
	return errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "%s of %d bytes, more than %d", what, n, maxBytes)
}

// parseWKT reads well-known text of two dimensions.
func parseWKT(s string) (orb.Geometry, error) {
	if len(s) > maxBytes {
		return nil, tooLong("well-known text", len(s))
	}
	t := strings.TrimSpace(s)
	if strings.HasPrefix(strings.ToUpper(t), "SRID") {
		return nil, errs.User(errs.InvalidText, `well-known text "%s" names an SRID; expected the geometry alone, such as POINT (1 2)`, convert.Shown(s))
	}
	g, err := wkt.Unmarshal(t)
	if err != nil {
		return nil, errs.User(errs.InvalidText, `"%s" is not well-known text of a point, line or polygon in two dimensions, such as POINT (1 2)`,
			convert.Shown(s)).Wrap(err)
	}
	return g, nil
}

func parseWKB(s string) (orb.Geometry, error) {
	if len(s) > maxBytes {
		return nil, tooLong("well-known binary", len(s))
	}
	g, err := wkb.Unmarshal([]byte(s))
	if err != nil {
		return nil, errs.User(errs.InvalidBinary, "%d bytes are not well-known binary of a point, line or polygon", len(s)).Wrap(err)
	}
	return g, nil
}

func appendWKB(dst []byte, g orb.Geometry) ([]byte, error) {
	b, err := wkb.Marshal(g, wkb.DefaultByteOrder)
	if err != nil {
		return dst, fmt.Errorf("well-known binary of a %s: %w", g.GeoJSONType(), err)
	}
	return append(dst, b...), nil
}

func appendXY(dst []byte, p orb.Point) []byte {
	dst = append(strconv.AppendFloat(dst, p[0], 'f', -1, 64), ' ')
	return strconv.AppendFloat(dst, p[1], 'f', -1, 64)
}

// appendList writes n parts in brackets.
func appendList(dst []byte, n int, part func(dst []byte, i int) []byte) []byte {
	dst = append(dst, '(')
	for i := range n {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = part(dst, i)
	}
	return append(dst, ')')
}

func appendPath(dst []byte, points []orb.Point) []byte {
	return appendList(dst, len(points), func(dst []byte, i int) []byte { return appendXY(dst, points[i]) })
}

func appendRings(dst []byte, p orb.Polygon) []byte {
	return appendList(dst, len(p), func(dst []byte, i int) []byte { return appendPath(dst, p[i]) })
}

// appendWKT writes well-known text with a space after the name: POINT (77.5 12.9).
func appendWKT(dst []byte, g orb.Geometry) ([]byte, error) {
	dst = append(append(dst, strings.ToUpper(g.GeoJSONType())...), ' ')
	switch g := g.(type) {
	case orb.Point:
		return append(appendXY(append(dst, '('), g), ')'), nil
	case orb.MultiPoint:
		return appendList(dst, len(g), func(dst []byte, i int) []byte { return append(appendXY(append(dst, '('), g[i]), ')') }), nil
	case orb.LineString:
		return appendPath(dst, g), nil
	case orb.MultiLineString:
		return appendList(dst, len(g), func(dst []byte, i int) []byte { return appendPath(dst, g[i]) }), nil
	case orb.Polygon:
		return appendRings(dst, g), nil
	case orb.MultiPolygon:
		return appendList(dst, len(g), func(dst []byte, i int) []byte { return appendRings(dst, g[i]) }), nil
	}
	return dst, errs.Bug("well-known text of a %s", g.GeoJSONType())
}
