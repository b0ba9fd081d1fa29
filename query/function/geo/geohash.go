package geo

import (
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
)

// geohashDigits are the 32 digits of a geohash: five bits each, of longitude and latitude in turn.
const geohashDigits = "0123456789bcdefghjkmnpqrstuvwxyz"

// maxGeohash is the length at which a geohash is as precise as a double.
const maxGeohash = 24

func geohashes() []function.Scalar {
	str := []catalog.Type{catalog.String}
	half := func(name, doc, example string, of func(lat, lon float64) float64) function.Scalar {
		return function.Scalar{Name: name, Family: family, Signature: name + "(geohash)", Doc: doc, Example: example,
			Bind: function.Overloads(name, function.Overload{Args: str, Type: catalog.Double, Fallible: true, Eval: function.Try1(func(s string) (float64, error) {
				lat, lon, err := decodeGeohash(s)
				return of(lat, lon), err
			})})}
	}
	return []function.Scalar{
		{Name: "encodeGeoHash", Family: family, Signature: "encodeGeoHash(latitude, longitude, length)", Doc: "The geohash of a place, of 1 to 24 characters.", Example: "encodeGeoHash(57.64911, 10.40744, 11) = 'u4pruydqqvj'",
			Bind: function.Overloads("encodeGeoHash", function.Overload{Args: []catalog.Type{catalog.Double, catalog.Double, catalog.Long}, Type: catalog.String, Fallible: true, Eval: evalGeohash})},
		{Name: "decodeGeoHash", Family: family, Signature: "decodeGeoHash(geohash)", Doc: "Latitude and longitude of the middle of a geohash's cell, as an array.", Example: "decodeGeoHash('s') = '{22.5,22.5}'",
			Bind: function.Overloads("decodeGeoHash", function.Overload{Args: str, Type: catalog.Double.Array(), Fallible: true, Eval: evalDecodeGeohash})},
		half("decodeGeoHashLatitude", "Latitude of the middle of a geohash's cell.", "decodeGeoHashLatitude('s') = 22.5", func(lat, _ float64) float64 { return lat }),
		half("decodeGeoHashLongitude", "Longitude of the middle of a geohash's cell.", "decodeGeoHashLongitude('s') = 22.5", func(_, lon float64) float64 { return lon }),
	}
}

func evalGeohash(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	lat, lon, length := function.View[float64](args[0]), function.View[float64](args[1]), function.View[int64](args[2])
	return function.BuildTexts(ec, n, out, func(dst []byte, i int) ([]byte, error) {
		if size := length.At(i); size < 1 || size > maxGeohash {
			return dst, errs.User(errs.InvalidParameterValue, "encodeGeoHash: length %d; it has to be 1 to %d", size, maxGeohash)
		}
		return appendGeohash(dst, lat.At(i), lon.At(i), int(length.At(i)))
	})
}

// span is an interval of degrees that is halved bit by bit.
type span struct{ low, high float64 }

func (s *span) middle() float64 { return (s.low + s.high) / 2 }

// halve keeps the upper or the lower half.
func (s *span) halve(upper bool) {
	if upper {
		s.low = s.middle()
	} else {
		s.high = s.middle()
	}
}

func appendGeohash(dst []byte, lat, lon float64, length int) ([]byte, error) {
	if !(lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180) {
		return dst, errs.User(errs.InvalidParameterValue, "encodeGeoHash: latitude %g, longitude %g are no place", lat, lon)
	}
	spans, places := [2]span{{-180, 180}, {-90, 90}}, [2]float64{lon, lat}
	axis := 0
	for range length {
		digit := 0
		for range 5 {
			upper := places[axis] >= spans[axis].middle()
			spans[axis].halve(upper)
			if digit <<= 1; upper {
				digit |= 1
			}
			axis = 1 - axis
		}
		dst = append(dst, geohashDigits[digit])
	}
	return dst, nil
}

func decodeGeohash(s string) (lat, lon float64, err error) {
	if s == "" || len(s) > maxGeohash {
		return 0, 0, errs.User(errs.InvalidText, `invalid geohash: "%s"`, convert.Shown(s))
	}
	spans := [2]span{{-180, 180}, {-90, 90}}
	axis := 0
	for _, c := range strings.ToLower(s) {
		digit := strings.IndexRune(geohashDigits, c)
		if digit < 0 {
			return 0, 0, errs.User(errs.InvalidText, `invalid geohash: "%s"`, convert.Shown(s))
		}
		for bit := 16; bit > 0; bit >>= 1 {
			spans[axis].halve(digit&bit != 0)
			axis = 1 - axis
		}
	}
	return spans[1].middle(), spans[0].middle(), nil
}

func evalDecodeGeohash(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	s := function.View[string](args[0])
	return function.BuildValues(ec, n, out, func(dst []float64, i int) ([]float64, error) {
		lat, lon, err := decodeGeohash(s.At(i))
		return append(dst, lat, lon), err
	})
}
