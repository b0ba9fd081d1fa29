package geo

import (
	"encoding/json"
	"fmt"

	"github.com/paulmach/orb"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function/convert"
)

// position is a GeoJSON position of exactly two numbers.
type position orb.Point

// UnmarshalJSON refuses heights: they would be lost.
func (p *position) UnmarshalJSON(data []byte) error {
	var xs []float64
	if err := json.Unmarshal(data, &xs); err != nil {
		return fmt.Errorf("position: %w", err)
	}
	if len(xs) != 2 {
		return fmt.Errorf("a position has 2 numbers, not %d", len(xs))
	}
	p[0], p[1] = xs[0], xs[1]
	return nil
}

type positions []position

func (ps positions) points() []orb.Point {
	out := make([]orb.Point, len(ps))
	for i, p := range ps {
		out[i] = orb.Point(p)
	}
	return out
}

func polygonOf(rings []positions) orb.Polygon {
	out := make(orb.Polygon, len(rings))
	for i, r := range rings {
		out[i] = r.points()
	}
	return out
}

// coordinates reads the coordinates of one type of geometry.
func coordinates(typeName string, raw json.RawMessage) (orb.Geometry, error) {
	var (
		one  position
		list positions
		two  []positions
		more [][]positions
	)
	switch typeName {
	case "Point":
		err := json.Unmarshal(raw, &one)
		return orb.Point(one), err
	case "MultiPoint":
		err := json.Unmarshal(raw, &list)
		return orb.MultiPoint(list.points()), err
	case "LineString":
		err := json.Unmarshal(raw, &list)
		return orb.LineString(list.points()), err
	case "MultiLineString":
		err := json.Unmarshal(raw, &two)
		out := make(orb.MultiLineString, len(two))
		for i, l := range two {
			out[i] = l.points()
		}
		return out, err
	case "Polygon":
		err := json.Unmarshal(raw, &two)
		return polygonOf(two), err
	case "MultiPolygon":
		err := json.Unmarshal(raw, &more)
		out := make(orb.MultiPolygon, len(more))
		for i, p := range more {
			out[i] = polygonOf(p)
		}
		return out, err
	}
	return nil, fmt.Errorf("unknown type %q", convert.Shown(typeName))
}

func parseGeoJSON(s string) (orb.Geometry, error) {
	if len(s) > maxBytes {
		return nil, tooLong("GeoJSON", len(s))
	}
	bad := errs.User(errs.InvalidText, `"%s" is not a GeoJSON geometry, such as {"type":"Point","coordinates":[1,2]}`, convert.Shown(s))
	var doc struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	}
	if err := json.Unmarshal([]byte(s), &doc); err != nil {
		return nil, bad.Wrap(err)
	}
	if string(doc.Coordinates) == "null" || doc.Coordinates == nil {
		return nil, bad.WithDetail("it has no coordinates")
	}
	g, err := coordinates(doc.Type, doc.Coordinates)
	if err != nil {
		return nil, bad.Wrap(err)
	}
	return g, nil
}

// appendGeoJSON relies on orb's types being nested slices of pairs of numbers.
func appendGeoJSON(dst []byte, g orb.Geometry) ([]byte, error) {
	b, err := json.Marshal(struct {
		Type        string       `json:"type"`
		Coordinates orb.Geometry `json:"coordinates"`
	}{g.GeoJSONType(), g})
	if err != nil {
		return dst, fmt.Errorf("GeoJSON of a %s: %w", g.GeoJSONType(), err)
	}
	return append(dst, b...), nil
}
