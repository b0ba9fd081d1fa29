package geo

import (
	"encoding/hex"
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

func call(t testing.TB, name string, args ...catalog.Value) (catalog.Value, error) {
	t.Helper()
	for _, s := range Scalars() {
		if function.Canonical(s.Name) != function.Canonical(name) {
			continue
		}
		var bound []function.Arg
		for i := range args {
			bound = append(bound, function.Arg{Type: args[i].Type, Const: &args[i]})
		}
		b, err := s.Bind(bound)
		if err != nil {
			return catalog.Value{}, err
		}
		vectors := make([]*vec.Vector, len(args))
		for i, x := range args {
			x.Type = b.Args[i]
			vectors[i] = &vec.Vector{}
			vectors[i].SetConst(x, 2)
		}
		out := &vec.Vector{}
		out.Reset(b.Type, 2)
		if err := b.Eval(&function.EvalContext{}, vectors, 2, out); err != nil {
			return catalog.Value{}, err
		}
		return out.At(1), nil
	}
	t.Fatalf("no function %s", name)
	return catalog.Value{}, nil
}

func must(t testing.TB, name string, args ...catalog.Value) catalog.Value {
	t.Helper()
	x, err := call(t, name, args...)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return x
}

func text(s string) catalog.Value { return catalog.StringValue(s) }

func bytesOf(s string) catalog.Value { return catalog.Value{Type: catalog.Bytes, Str: s} }

func geom(t testing.TB, wkt string) catalog.Value {
	t.Helper()
	return must(t, "stGeomFromText", text(wkt))
}
func geog(t testing.TB, wkt string) catalog.Value {
	t.Helper()
	return must(t, "stGeogFromText", text(wkt))
}

func TestPointBytes(t *testing.T) {
	x, y := catalog.DoubleValue(77.5), catalog.DoubleValue(12.9)
	tests := []struct {
		got  catalog.Value
		want string
	}{
		{must(t, "ST_Point", x, y), "0040536000000000004029cccccccccccd"},
		{must(t, "stPoint", x, y, catalog.LongValue(1)), "8040536000000000004029cccccccccccd"},
		{must(t, "stPoint", x, y, catalog.BoolValue(true)), "8040536000000000004029cccccccccccd"},
		{must(t, "stPoint", x, y, catalog.LongValue(0)), "0040536000000000004029cccccccccccd"},
		{must(t, "toSphericalGeography", must(t, "stPoint", x, y)), "8040536000000000004029cccccccccccd"},
		{must(t, "toGeometry", must(t, "stPoint", x, y, catalog.LongValue(1))), "0040536000000000004029cccccccccccd"},
	}
	for i, tt := range tests {
		if got := hex.EncodeToString([]byte(tt.got.Str)); got != tt.want {
			t.Errorf("%d: %s, want %s", i, got, tt.want)
		}
	}
}

var samples = []string{
	"POINT (77.5 12.9)",
	"MULTIPOINT ((1 2), (3 -4.25))",
	"LINESTRING (0 0, 1 1, 2 0)",
	"MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))",
	"POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))",
	"MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))",
}

func TestForms(t *testing.T) {
	for _, wkt := range samples {
		for _, g := range []catalog.Value{geom(t, wkt), geog(t, wkt)} {
			if got := must(t, "stAsText", g).Str; got != wkt {
				t.Errorf("text %s, want %s", got, wkt)
			}
			kind := "Geom"
			if g.Str[0]&geographyBit != 0 {
				kind = "Geog"
			}
			if got := must(t, "st"+kind+"FromWKB", must(t, "stAsBinary", g)); got.Str != g.Str {
				t.Errorf("%s: %x through WKB", wkt, got.Str)
			}
			if got := must(t, "st"+kind+"FromGeoJson", must(t, "stAsGeoJson", g)); got.Str != g.Str {
				t.Errorf("%s: %x through GeoJSON", wkt, got.Str)
			}
		}
		name, _, _ := strings.Cut(wkt, " ")
		if got := must(t, "stGeometryType", geom(t, wkt)).Str; !strings.EqualFold(got, name) {
			t.Errorf("type %s of %s", got, wkt)
		}
	}
}

func TestBadInput(t *testing.T) {
	d := catalog.DoubleValue
	tests := []struct {
		name string
		args []catalog.Value
		code string
		says string
	}{
		{"stPoint", []catalog.Value{d(181), d(0), catalog.LongValue(1)}, errs.InvalidParameterValue, "longitude 181"},
		{"stPoint", []catalog.Value{d(0), d(-90.5), catalog.LongValue(1)}, errs.InvalidParameterValue, "latitude -90.5"},
		{"stPoint", []catalog.Value{d(math.NaN()), d(0)}, errs.InvalidParameterValue, "not finite"},
		{"toSphericalGeography", []catalog.Value{must(t, "stPoint", d(500), d(0))}, errs.InvalidParameterValue, "longitude 500"},
		{"stGeomFromText", []catalog.Value{text("POINT Z (1 2 3)")}, errs.InvalidText, "POINT Z"},
		{"stGeomFromText", []catalog.Value{text("SRID=4326;POINT(1 2)")}, errs.InvalidText, "SRID"},
		{"stGeomFromText", []catalog.Value{text("POLYGON((0 0,1 0,1 1,0 1))")}, errs.InvalidParameterValue, "ends where it begins"},
		{"stGeomFromText", []catalog.Value{text("LINESTRING EMPTY")}, errs.InvalidParameterValue, "at least 2"},
		{"stGeomFromText", []catalog.Value{text("GEOMETRYCOLLECTION(POINT(1 2))")}, errs.FeatureNotSupported, "GeometryCollection"},
		{"stGeogFromText", []catalog.Value{text("POINT(1 200)")}, errs.InvalidParameterValue, "latitude 200"},
		{"stPolygon", []catalog.Value{text("POINT(1 2)")}, errs.InvalidParameterValue, "polygon"},
		{"stGeomFromWKB", []catalog.Value{bytesOf("\x01\x01")}, errs.InvalidBinary, "2 bytes"},
		{"stGeomFromGeoJson", []catalog.Value{text(`{"type":"Point","coordinates":[1,2,3]}`)}, errs.InvalidText, "2 numbers"},
		{"stGeomFromGeoJson", []catalog.Value{text(`{"type":"Point"}`)}, errs.InvalidText, "GeoJSON"},
		{"stAsText", []catalog.Value{bytesOf("")}, errs.InvalidBinary, "0 bytes"},
		{"stAsText", []catalog.Value{bytesOf("\x04\xff\xff\xff\xff")}, errs.InvalidBinary, "5 bytes"},
		{"stDistance", []catalog.Value{geom(t, "POINT(1 2)"), geog(t, "POINT(1 2)")}, errs.InvalidParameterValue, "toSphericalGeography"},
		{"stDistance", []catalog.Value{geom(t, samples[2]), geom(t, samples[2])}, errs.FeatureNotSupported, "LineString"},
		{"stContains", []catalog.Value{geom(t, "POINT(1 2)"), geog(t, "POINT(1 2)")}, errs.InvalidParameterValue, "geography"},
		{"stArea", []catalog.Value{geog(t, "POLYGON((0 0,1 1,0 1,1 0,0 0))")}, "", ""},
		{"stPoint", []catalog.Value{d(1)}, errs.UndefinedFunction, "stPoint"},
	}
	for _, tt := range tests {
		_, err := call(t, tt.name, tt.args...)
		if tt.code == "" {
			continue // only has to return
		}
		if err == nil || errs.As(err) == nil || errs.As(err).Code != tt.code || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s(%v): error %v, want %s with %q", tt.name, tt.args, err, tt.code, tt.says)
		}
	}
}

func TestDistance(t *testing.T) {
	square := "POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0), (0.5 0.5, 1.5 0.5, 1.5 1.5, 0.5 1.5, 0.5 0.5))"
	tests := []struct {
		a, b      string
		plane     float64
		sphere    float64
		tolerance float64 // of sphere, relative
	}{
		{"POINT (0 0)", "POINT (3 4)", 5, 555_812, 1e-3},
		{"POINT (-87.6298 41.8781)", "POINT (-122.4194 37.7749)", 35.03, 2_984_900, 5e-3}, // Chicago, San Francisco
		{"POINT (0 0)", "POINT (0 90)", 90, EarthRadius * math.Pi / 2, 1e-12},
		{"POINT (3 1)", square, 1, 111_180, 1e-3},
		{square, "POINT (0.25 0.25)", 0, 0, 0},
		{"POINT (1 1)", square, 0.5, 55_590, 1e-3}, // in the hole
		{"LINESTRING (0 0, 10 0)", "POINT (5 2)", 2, 222_390, 1e-3},
		{"MULTIPOINT ((9 9), (5 3))", "POINT (5 2)", 1, 111_195, 1e-3},
	}
	for _, tt := range tests {
		plane := must(t, "stDistance", geom(t, tt.a), geom(t, tt.b)).F64
		if math.Abs(plane-tt.plane) > 1e-2 {
			t.Errorf("plane %s to %s: %v, want %v", tt.a, tt.b, plane, tt.plane)
		}
		sphere := must(t, "stDistance", geog(t, tt.a), geog(t, tt.b)).F64
		if math.Abs(sphere-tt.sphere) > tt.tolerance*tt.sphere {
			t.Errorf("sphere %s to %s: %v, want %v", tt.a, tt.b, sphere, tt.sphere)
		}
	}
}

func TestRelations(t *testing.T) {
	square := "POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0), (0.5 0.5, 1.5 0.5, 1.5 1.5, 0.5 1.5, 0.5 0.5))"
	backwards := "POLYGON ((2 2, 2 0, 0 0, 0 2, 2 2), (0.5 0.5, 0.5 1.5, 1.5 1.5, 1.5 0.5, 0.5 0.5))"
	tests := []struct {
		name, a, b string
		want       int64
	}{
		{"stContains", square, "POINT (0.25 0.25)", 1},
		{"stContains", backwards, "POINT (0.25 0.25)", 1},
		{"stContains", square, "POINT (1 1)", 0},
		{"stContains", square, "POINT (3 1)", 0},
		{"stContains", square, "MULTIPOINT ((0.25 0.25), (3 1))", 0},
		{"stContains", "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))", "POINT (5.75 5.25)", 1},
		{"stContains", "POINT (1 1)", "POINT (1 1)", 1},
		{"stWithin", "POINT (0.25 0.25)", square, 1},
		{"stWithin", "POINT (-1 0.25)", square, 0},
		{"stEquals", square, backwards, 1},
		{"stEquals", square, "POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))", 0},
		{"stEquals", "LINESTRING (0 0, 1 1)", "LINESTRING (1 1, 0 0)", 1},
		{"stEquals", "MULTIPOINT ((1 1), (0 0))", "MULTIPOINT ((0 0), (1 1))", 1},
		{"stEquals", "POINT (0 0)", "POINT (-0 0)", 1},
		{"stEquals", "POINT (0 0)", "LINESTRING (0 0, 0 0)", 0},
	}
	for _, tt := range tests {
		for _, from := range []func(testing.TB, string) catalog.Value{geom, geog} {
			if got := must(t, tt.name, from(t, tt.a), from(t, tt.b)).I64; got != tt.want {
				t.Errorf("%s(%s, %s) = %d, want %d", tt.name, tt.a, tt.b, got, tt.want)
			}
		}
	}
	if got := must(t, "stContains", geom(t, square), geom(t, "POINT (0 1)")).I64; got != 0 {
		t.Error("a point on the border is contained")
	}
}

func TestArea(t *testing.T) {
	holed := "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))"
	if got := must(t, "stArea", geom(t, holed)).F64; got != 15 {
		t.Errorf("plane: %v", got)
	}
	octant := "POLYGON ((0 0, 90 0, 0 90, 0 0))" // an eighth of the sphere
	want := 4 * math.Pi * EarthRadius * EarthRadius / 8
	if got := must(t, "stArea", geog(t, octant)).F64; math.Abs(got-want) > 1e-9*want {
		t.Errorf("sphere: %v, want %v", got, want)
	}
	if got := must(t, "stArea", geog(t, "LINESTRING (0 0, 1 1)")).F64; got != 0 {
		t.Errorf("line: %v", got)
	}
}

func TestDescriptors(t *testing.T) {
	for _, s := range Scalars() {
		if s.Signature == "" || s.Doc == "" || s.Example == "" || s.Family == "" || s.Bind == nil {
			t.Errorf("%s lacks a part", s.Name)
		}
	}
}

func TestPointRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := rapid.Float64Range(-180, 180).Draw(t, "x"), rapid.Float64Range(-90, 90).Draw(t, "y")
		s := string(AppendPoint(nil, x, y, true))
		gotX, gotY, geography, ok := Point(s)
		g, _, err := geometry(s)
		if !ok || !geography || gotX != x || gotY != y || err != nil || g != (orb.Point{x, y}) {
			t.Fatalf("(%v, %v): %v %v %v %v %v", x, y, gotX, gotY, geography, ok, err)
		}
		if d := GreatCircle(x, y, -y*2, x/2); math.IsNaN(d) || d < 0 || d > math.Pi*EarthRadius*1.000001 || math.Abs(d-GreatCircle(-y*2, x/2, x, y)) > 1e-3 {
			t.Fatalf("distance %v", d)
		}
	})
}

func TestDistanceOfPointsDoesNotAllocatePerRow(t *testing.T) {
	rows := make([]string, 1024)
	for i := range rows {
		rows[i] = string(AppendPoint(nil, float64(i)/10, 5, true))
	}
	a, b, out := &vec.Vector{}, &vec.Vector{}, &vec.Vector{}
	a.Reset(catalog.Bytes, len(rows))
	copy(a.Str, rows)
	b.SetConst(bytesOf(rows[0]), len(rows))
	out.Reset(catalog.Double, len(rows))
	n := testing.AllocsPerRun(5, func() {
		if err := evalDistance(&function.EvalContext{}, []*vec.Vector{a, b}, len(rows), out); err != nil {
			t.Fatal(err)
		}
	})
	if n > 10 {
		t.Errorf("%v allocations for %d rows", n, len(rows))
	}
}

// FuzzGeometry: whatever decodes encodes to the same bytes, and nothing panics.
func FuzzGeometry(f *testing.F) {
	for _, wkt := range samples {
		f.Add([]byte(geom(f, wkt).Str))
		f.Add([]byte(geog(f, wkt).Str))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		g, geography, err := geometry(string(data))
		if err != nil {
			return
		}
		if got := encode(nil, g, geography); string(got) != string(data) {
			t.Fatalf("%x became %x", data, got)
		}
		wkt, err := appendWKT(nil, g)
		if err != nil {
			t.Fatal(err)
		}
		back, err := parseWKT(string(wkt))
		if err != nil || !equal(g, back) {
			t.Fatalf("%s: %v", wkt, err)
		}
		if sh, err := newShape(string(data)); err == nil {
			area(sh)
			sh.covers(orb.Point{1, 1})
		}
	})
}

// FuzzWKT: text never panics, and what is accepted serialises.
func FuzzWKT(f *testing.F) {
	for _, wkt := range samples {
		f.Add(wkt)
	}
	f.Fuzz(func(t *testing.T, s string) {
		g, err := parseWKT(s)
		if err != nil || check(g, false) != nil {
			return
		}
		if _, _, err := geometry(string(encode(nil, g, false))); err != nil {
			t.Fatal(err)
		}
	})
}
