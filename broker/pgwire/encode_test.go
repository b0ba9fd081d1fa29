package pgwire

import (
	"encoding/hex"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgtype"
	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
)

func scalar(t catalog.Type, i int64, f float64, s string) catalog.Value {
	return catalog.Value{Type: t, I64: i, F64: f, Str: s}
}

// encodeOne gives the wire form of one value.
func encodeOne(t testing.TB, v catalog.Value, format int16, zone *time.Location) []byte {
	t.Helper()
	var x vec.Vector
	x.SetConst(v, 1)
	out, err := cellFor(v.Type, format, zone, pgtype.NewMap())(nil, &x, 0)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTextForms(t *testing.T) {
	kolkata := time.FixedZone("", 5*3600+1800)
	minute := time.FixedZone("", -(53*60 + 28))
	const morning = 1795226647782 // 2026-11-21 02:04:07.782
	for _, c := range []struct {
		v    catalog.Value
		zone *time.Location
		want string
	}{
		{scalar(catalog.Int, math.MinInt32, 0, ""), nil, "-2147483648"},
		{scalar(catalog.Long, math.MinInt64, 0, ""), nil, "-9223372036854775808"},
		{scalar(catalog.Double, 0, 1, ""), nil, "1"},
		{scalar(catalog.Double, 0, 0.1, ""), nil, "0.1"},
		{scalar(catalog.Double, 0, 123456789012345, ""), nil, "123456789012345"},
		{scalar(catalog.Double, 0, 1e15, ""), nil, "1e+15"},
		{scalar(catalog.Double, 0, 1e-4, ""), nil, "0.0001"},
		{scalar(catalog.Double, 0, 1e-5, ""), nil, "1e-05"},
		{scalar(catalog.Double, 0, -2.5e300, ""), nil, "-2.5e+300"},
		{scalar(catalog.Double, 0, math.Copysign(0, -1), ""), nil, "-0"},
		{scalar(catalog.Double, 0, math.NaN(), ""), nil, "NaN"},
		{scalar(catalog.Double, 0, math.Inf(1), ""), nil, "Infinity"},
		{scalar(catalog.Double, 0, math.Inf(-1), ""), nil, "-Infinity"},
		{scalar(catalog.Float, 0, float64(float32(0.1)), ""), nil, "0.1"},
		{scalar(catalog.Float, 0, 999999, ""), nil, "999999"},
		{scalar(catalog.Float, 0, 1e6, ""), nil, "1e+06"},
		{scalar(catalog.Float, 0, float64(float32(1e-4)), ""), nil, "0.0001"},
		{scalar(catalog.BigDecimal, 0, 0, "1.500"), nil, "1.500"},
		{catalog.BoolValue(true), nil, "t"},
		{catalog.BoolValue(false), nil, "f"},
		{catalog.TimestampValue(morning), nil, "2026-11-21 02:04:07.782"},
		{catalog.TimestampValue(morning + 18), nil, "2026-11-21 02:04:07.8"},
		{catalog.TimestampValue(morning - 782), nil, "2026-11-21 02:04:07"},
		{catalog.TimestampValue(-1), nil, "1969-12-31 23:59:59.999"},
		{catalog.TimestampValue(-62135596800000 - millisPerDay), nil, "0001-12-31 00:00:00 BC"},
		{catalog.TimestampValue(253402300800000), nil, "10000-01-01 00:00:00"},
		{scalar(catalog.TimestampTZ, morning, 0, ""), time.UTC, "2026-11-21 02:04:07.782+00"},
		{scalar(catalog.TimestampTZ, morning, 0, ""), kolkata, "2026-11-21 07:34:07.782+05:30"},
		{scalar(catalog.TimestampTZ, morning, 0, ""), minute, "2026-11-21 01:10:39.782-00:53:28"},
		{scalar(catalog.Interval, 0, 0, ""), nil, "00:00:00"},
		{scalar(catalog.Interval, millisPerDay+7384500, 0, ""), nil, "1 day 02:03:04.5"},
		{scalar(catalog.Interval, -2*millisPerDay-1000, 0, ""), nil, "-2 days -00:00:01"},
		{scalar(catalog.Duration, 90, 0, ""), nil, "90"},
		{scalar(catalog.String, 0, 0, "a\tü"), nil, "a\tü"},
		{scalar(catalog.JSON, 0, 0, `{"a": 1}`), nil, `{"a": 1}`},
		{scalar(catalog.Bytes, 0, 0, "\x00\xff"), nil, `\x00ff`},
		{array(catalog.Int, scalar(catalog.Int, 1, 0, ""), catalog.NullValue(catalog.Int)), nil, "{1,NULL}"},
		{array(catalog.Boolean, catalog.BoolValue(true), catalog.BoolValue(false)), nil, "{t,f}"},
		{array(catalog.String, str("plain"), str(""), str("NuLL"), str(`a"b\c`), str("x y"), str("{,}")), nil,
			`{plain,"","NuLL","a\"b\\c","x y","{,}"}`},
		{array(catalog.String), nil, "{}"},
		{array(catalog.Timestamp, catalog.TimestampValue(0)), nil, `{"1970-01-01 00:00:00"}`},
	} {
		if got := string(encodeOne(t, c.v, formatText, c.zone)); got != c.want {
			t.Errorf("%v: got %q, want %q", c.v, got, c.want)
		}
	}
}

func str(s string) catalog.Value { return catalog.StringValue(s) }

func array(elem catalog.Type, elems ...catalog.Value) catalog.Value {
	return catalog.Value{Type: elem.Array(), Elems: elems}
}

// TestBinaryAgainstPgtype compares our binary forms with those of pgtype, the client side of the same formats.
func TestBinaryAgainstPgtype(t *testing.T) {
	now := time.Date(2026, 11, 21, 2, 4, 7, 782e6, time.UTC)
	for _, c := range []struct {
		v    catalog.Value
		oid  uint32
		want any
	}{
		{scalar(catalog.Int, -5, 0, ""), pgtype.Int4OID, int32(-5)},
		{scalar(catalog.Long, math.MinInt64, 0, ""), pgtype.Int8OID, int64(math.MinInt64)},
		{scalar(catalog.Float, 0, 1.5, ""), pgtype.Float4OID, float32(1.5)},
		{scalar(catalog.Double, 0, -1e300, ""), pgtype.Float8OID, -1e300},
		{catalog.BoolValue(true), pgtype.BoolOID, true},
		{catalog.TimestampValue(now.UnixMilli()), pgtype.TimestampOID, now},
		{scalar(catalog.TimestampTZ, now.UnixMilli(), 0, ""), pgtype.TimestamptzOID, now},
		{str("text"), pgtype.TextOID, "text"},
		{scalar(catalog.JSON, 0, 0, `{"a":1}`), pgtype.JSONOID, []byte(`{"a":1}`)},
		{scalar(catalog.Bytes, 0, 0, "\x00\x01"), pgtype.ByteaOID, []byte{0, 1}},
		{scalar(catalog.Interval, 3*millisPerDay+5, 0, ""), pgtype.IntervalOID, pgtype.Interval{Days: 3, Microseconds: 5000, Valid: true}},
		{array(catalog.Int, scalar(catalog.Int, 1, 0, ""), scalar(catalog.Int, 2, 0, "")), pgtype.Int4ArrayOID, []int32{1, 2}},
		{array(catalog.String, str("a"), catalog.NullValue(catalog.String)), pgtype.TextArrayOID,
			[]pgtype.Text{{String: "a", Valid: true}, {}}},
		{array(catalog.Double, scalar(catalog.Double, 0, 2.5, "")), pgtype.Float8ArrayOID, []float64{2.5}},
	} {
		if oid, _ := oidOf(c.v.Type); oid != c.oid {
			t.Errorf("%v: OID %d, want %d", c.v, oid, c.oid)
		}
		want, err := pgtype.NewMap().Encode(c.oid, formatBinary, c.want, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(hex.Dump(want), hex.Dump(encodeOne(t, c.v, formatBinary, time.UTC))); diff != "" {
			t.Errorf("%v (-pgtype +ours):\n%s", c.v, diff)
		}
	}
}

func TestEmptyArrayHasNoDimension(t *testing.T) {
	// As PostgreSQL sends it; pgtype writes one dimension of length 0.
	const want = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x17"
	if got := string(encodeOne(t, array(catalog.Int), formatBinary, nil)); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNumericKeepsItsScale(t *testing.T) {
	for _, text := range []string{"0", "1", "-1.50", "10000", "123456789012345678901234567890.000100", "0.00001", "-99999999"} {
		wire := encodeOne(t, scalar(catalog.BigDecimal, 0, 0, text), formatBinary, nil)
		dec := paramDecoder{types: pgtype.NewMap(), zone: time.UTC}
		v, err := dec.decode(1, pgtype.NumericOID, catalog.BigDecimal, formatBinary, wire)
		if err != nil {
			t.Fatal(err)
		}
		// pgtype drops the scale of a number's trailing zeros when it reads; the value has to be the same.
		if got, want := strings.TrimRight(v.Str, "0"), strings.TrimRight(text, "0"); got != want {
			t.Errorf("%s came back as %s", text, v.Str)
		}
		if point := strings.IndexByte(text, '.'); point >= 0 {
			if dscale := int(wire[6])<<8 | int(wire[7]); dscale != len(text)-point-1 {
				t.Errorf("%s: display scale %d", text, dscale)
			}
		}
	}
}

// TestTimestampTextAgainstTime compares our calendar with the library's.
func TestTimestampTextAgainstTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		millis := rapid.Int64Range(-62135596800000, 253402300799999).Draw(t, "millis")
		want := time.UnixMilli(millis).UTC().Format("2006-01-02 15:04:05.999")
		if got := string(appendTimestamp(nil, millis)); got != want {
			t.Fatalf("%d: got %s, want %s", millis, got, want)
		}
		back, ok := parseTimestamp(want, nil)
		if !ok || back != millis {
			t.Fatalf("%s reads as %d, %v; want %d", want, back, ok, millis)
		}
	})
}

// TestRoundTrip sends values through both formats and reads them back as parameters.
func TestRoundTrip(t *testing.T) {
	types := []catalog.Type{catalog.Int, catalog.Long, catalog.Float, catalog.Double, catalog.Boolean, catalog.Timestamp, catalog.TimestampTZ,
		catalog.String, catalog.JSON, catalog.Bytes, catalog.Int.Array(), catalog.String.Array(), catalog.Double.Array()}
	dec := paramDecoder{types: pgtype.NewMap(), zone: time.UTC}
	var draw func(t *rapid.T, typ catalog.Type) catalog.Value
	draw = func(t *rapid.T, typ catalog.Type) catalog.Value {
		v := catalog.Value{Type: typ}
		if typ.MultiValue {
			for range rapid.IntRange(0, 4).Draw(t, "elements") {
				e := catalog.NullValue(typ.Elem())
				if rapid.Bool().Draw(t, "set") {
					e = draw(t, typ.Elem())
				}
				v.Elems = append(v.Elems, e)
			}
			return v
		}
		switch typ.Kind {
		case catalog.KindInt:
			v.I64 = int64(rapid.Int32().Draw(t, "int"))
		case catalog.KindLong:
			v.I64 = rapid.Int64().Draw(t, "long")
		case catalog.KindFloat:
			v.F64 = float64(rapid.Float32().Draw(t, "float"))
		case catalog.KindDouble:
			v.F64 = rapid.Float64().Draw(t, "double")
		case catalog.KindBoolean:
			v.I64 = rapid.Int64Range(0, 1).Draw(t, "bool")
		case catalog.KindTimestamp, catalog.KindTimestampTZ:
			v.I64 = rapid.Int64Range(-62135596800000, 253402300799999).Draw(t, "time")
		case catalog.KindBytes:
			v.Str = string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		default:
			v.Str = strings.ReplaceAll(rapid.String().Draw(t, "text"), "\x00", "") // PostgreSQL's text has no NUL
		}
		return v
	}
	rapid.Check(t, func(r *rapid.T) {
		v := draw(r, rapid.SampledFrom(types).Draw(r, "type"))
		format := rapid.SampledFrom([]int16{formatText, formatBinary}).Draw(r, "format")
		wire := encodeOne(t, v, format, time.UTC)
		if wire == nil {
			wire = []byte{}
		}
		oid, _ := oidOf(v.Type)
		got, err := dec.decode(1, oid, v.Type, format, wire)
		if err != nil {
			r.Fatalf("%v as %q: %v", v, wire, err)
		}
		if diff := cmp.Diff(v, got); diff != "" {
			r.Fatalf("%q (-sent +got):\n%s", wire, diff)
		}
	})
}

// paramCase is a parameter on the wire and what it means.
type paramCase struct {
	oid    uint32
	format int16
	src    string
	want   string // value, or the SQLSTATE
}

func (c paramCase) check(t *testing.T, zone *time.Location) {
	t.Helper()
	typ, err := typeOfOID(c.oid)
	if err != nil {
		t.Fatal(err)
	}
	dec := paramDecoder{types: pgtype.NewMap(), zone: zone}
	v, err := dec.decode(1, c.oid, typ, c.format, []byte(c.src))
	got := v.String()
	if err != nil {
		got = asError(err).Code
		if !strings.Contains(asError(err).Detail, "$1") {
			t.Errorf("%q: the error does not name the parameter: %+v", c.src, err)
		}
	} else if v.Type != typ {
		t.Errorf("%q: type %v, want %v", c.src, v.Type, typ)
	}
	if got != c.want {
		t.Errorf("OID %d, format %d, %q: got %s (%v), want %s", c.oid, c.format, c.src, got, err, c.want)
	}
}

func TestNumberAndTimeParameters(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no zone database here")
	}
	const ts, tz = pgtype.TimestampOID, pgtype.TimestamptzOID
	for _, c := range []paramCase{
		{pgtype.Int2OID, 1, "\xff\xfe", "-2"},
		{pgtype.Int2OID, 0, "40000", "22003"},
		{pgtype.Int4OID, 0, " 12 ", "12"},
		{pgtype.Int4OID, 0, "2147483648", "22003"},
		{pgtype.Int4OID, 0, "1.5", "22P02"},
		{pgtype.Int4OID, 1, "\x00\x00\x01", "22P03"},
		{pgtype.OIDOID, 1, "\xff\xff\xff\xff", "4294967295"},
		{pgtype.Float8OID, 0, "1e400", "22003"},
		{pgtype.Float8OID, 0, "0x1p4", "22P02"},
		{pgtype.Float8OID, 0, "Infinity", "+Inf"},
		{pgtype.BoolOID, 0, "TRUE", "true"},
		{pgtype.BoolOID, 0, "off", "false"},
		{pgtype.BoolOID, 0, "maybe", "22P02"},
		{pgtype.BoolOID, 1, "\x01", "true"},
		{pgtype.NumericOID, 0, "1e3", "1000"},
		{pgtype.NumericOID, 0, "-0.05", "-0.05"},
		{pgtype.NumericOID, 0, "123.4500", "123.45"},
		{pgtype.NumericOID, 0, "-0.00", "0"},
		{pgtype.NumericOID, 0, "NaN", "22003"},
		{pgtype.NumericOID, 0, "1e99999", "22003"},
		{pgtype.NumericOID, 0, "x", "22P02"},
		{ts, 0, "2026-11-21T02:04:07.782Z", "1795226647782"},
		{ts, 0, "2026-11-21 02:04:07.782999999+05", "1795226647782"}, // the zone is ignored
		{ts, 0, "2026-11-21", "1795219200000"},
		{ts, 0, "2026-02-30", "22007"},
		{ts, 0, "yesterdayish", "22007"},
		{ts, 0, "2026-11-21 25:00", "22007"},
		{tz, 0, "2026-11-21 02:04:07+02:00", "1795219447000"},
		{tz, 0, "2026-11-21 02:04:07+0530", "1795206847000"},
		{tz, 0, "2026-11-21 02:04:07", "1795223047000"}, // the session's zone
		{tz, 0, "2026-11-21 02:04:07 America/New_York", "1795244647000"},
		{tz, 0, "2026-11-21 02:04:07 Nowhere/Land", "22007"},
		{pgtype.DateOID, 1, "\x00\x00\x00\x01", "946771200000"},
		{ts, 1, "\x00\x00\x00\x00\x00\x00\x03\xe8", "946684800001"},
	} {
		c.check(t, berlin)
	}
}

func TestTextAndArrayParameters(t *testing.T) {
	for _, c := range []paramCase{
		{pgtype.ByteaOID, 0, `\x0aff`, `'` + "\n\xff" + `'`},
		{pgtype.ByteaOID, 0, `a\\b\001`, "'a\\b\x01'"},
		{pgtype.ByteaOID, 0, `\xzz`, "22P02"},
		{pgtype.ByteaOID, 0, `\9`, "22P02"},
		{pgtype.TextOID, 0, "a\xff", "22021"},
		{pgtype.TextOID, 0, "a\x00b", "22021"},
		{pgtype.TextOID, 1, "a\x00b", "22021"},
		{pgtype.VarcharOID, 1, "abc", "'abc'"},
		{pgtype.JSONBOID, 1, "\x01{}", "'{}'"},
		{pgtype.JSONBOID, 1, "\x02{}", "22P03"},
		{pgtype.UUIDOID, 1, "0123456789abcdef", "'30313233-3435-3637-3839-616263646566'"},
		{pgtype.UUIDOID, 1, "short", "22P03"},
		{pgtype.IntervalOID, 0, "1 day 00:00:01", "86401000"},
		{pgtype.IntervalOID, 0, "1 mon", "0A000"},
		{pgtype.Int4ArrayOID, 0, "{1, 2,NULL}", "[1 2 NULL]"},
		{pgtype.Int4ArrayOID, 0, "{}", "[]"},
		{pgtype.Int4ArrayOID, 0, "{1,}", "22P02"},
		{pgtype.Int4ArrayOID, 0, "1,2", "22P02"},
		{pgtype.Int4ArrayOID, 0, "{{1},{2}}", "22P02"},
		{pgtype.TextArrayOID, 0, `{a b,"c,\"d\"","NULL"}`, `['a b' 'c,"d"' 'NULL']`},
		{pgtype.TextArrayOID, 0, `{"open}`, "22P02"},
		{pgtype.TextArrayOID, 0, "{\u00a0}", "['\u00a0']"}, // no white space to PostgreSQL
		{pgtype.TextArrayOID, 0, "\v{\u2003a\u0085,\fb\v}\r", "['\u2003a\u0085' 'b']"},
		{pgtype.TextArrayOID, 0, `{a\ ,\NULL, \ b }`, `['a ' 'NULL' ' b']`},
		{pgtype.Int4OID, 0, "\u00a012", "22P02"},
		{pgtype.Int4OID, 0, "\v12\f", "12"},
		{pgtype.BoolOID, 0, "t\u00a0", "22P02"},
		{pgtype.Int4ArrayOID, 1, "\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x17\x7f\xff\xff\xff\x00\x00\x00\x01", "22P03"},
		{pgtype.Int4ArrayOID, 1, "\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x17", "0A000"},
		{pgtype.Int4ArrayOID, 1, "\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x19\x00\x00\x00\x00\x00\x00\x00\x01", "42804"},
	} {
		c.check(t, time.UTC)
	}
}

func TestEveryKindHasAWireType(t *testing.T) {
	for k := catalog.KindInt; k < catalog.KindCount; k++ {
		typ := catalog.Type{Kind: k}
		for _, typ := range []catalog.Type{typ, typ.Array()} {
			oid, _ := oidOf(typ)
			if _, err := typeOfOID(oid); err != nil || oid == pgtype.UnknownOID {
				t.Errorf("%v: OID %d cannot be a parameter: %v", typ, oid, err)
			}
		}
	}
}

func FuzzParameter(f *testing.F) {
	f.Add(uint32(pgtype.Int4ArrayOID), true, []byte("\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x17\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x04\x00\x00\x00\x07"))
	f.Add(uint32(pgtype.TextArrayOID), false, []byte(`{a,"b\"",NULL}`))
	f.Add(uint32(pgtype.NumericOID), true, []byte("\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01"))
	f.Add(uint32(pgtype.TimestamptzOID), false, []byte("2026-11-21 02:04:07.78+05:30"))
	f.Fuzz(func(t *testing.T, oid uint32, binary bool, src []byte) {
		typ, err := typeOfOID(oid)
		if err != nil || typ.Kind == catalog.KindInvalid {
			return
		}
		format := int16(formatText)
		if binary {
			format = formatBinary
		}
		dec := paramDecoder{types: pgtype.NewMap(), zone: time.UTC}
		v, err := dec.decode(1, oid, typ, format, src)
		if err != nil {
			if asError(err).Class.String() == "bug" {
				t.Errorf("%v", err)
			}
			return
		}
		encodeOne(t, v, formatText, time.UTC)
		encodeOne(t, v, formatBinary, time.UTC)
	})
}
