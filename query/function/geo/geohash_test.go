package geo

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestGeohash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lat, lon := rapid.Float64Range(-90, 90).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lon")
		s, err := appendGeohash(nil, lat, lon, 12)
		if err != nil {
			t.Fatal(err)
		}
		a, b, err := decodeGeohash(string(s))
		if err != nil || math.Abs(a-lat) > 1e-6 || math.Abs(b-lon) > 1e-6 {
			t.Fatalf("%g %g is %s, which is %g %g %v", lat, lon, s, a, b, err)
		}
	})
	for _, bad := range []string{"", "a", "é", "0123456789bcdefghjkmnpqrstuvwxyz"} {
		if _, _, err := decodeGeohash(bad); err == nil {
			t.Errorf("%q decodes", bad)
		}
	}
	if _, err := appendGeohash(nil, math.NaN(), 0, 1); err == nil {
		t.Error("NaN has a geohash")
	}
}
