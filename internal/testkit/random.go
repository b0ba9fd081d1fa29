package testkit

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/freshetdb/freshet/catalog"
)

// RandomTable makes a table of n rows with nulls and extremes: b is any LONG, c any DOUBLE, f any FLOAT, n any decimal and tt
// any TIMESTAMP; a and q are small, so that arithmetic on them is exact and stays in range. Portable tables have only what
// PostgreSQL stores and prints alike: no NaN, no time before year 1 or behind 9999.
func RandomTable(r *rand.Rand, name string, n int, portable bool) *Table {
	field := func(name string, t catalog.Type, kind catalog.FieldKind, def catalog.Value) catalog.Field {
		if t.MultiValue {
			def = catalog.Value{Type: t, Elems: []catalog.Value{def}}
		}
		return catalog.Field{Name: name, Type: t, Kind: kind, Default: def}
	}
	dimension := catalog.FieldDimension
	t := &Table{Schema: catalog.NewSchema(name, []catalog.Field{
		field("id", catalog.Long, dimension, catalog.LongValue(math.MinInt64)),
		field("a", catalog.Long, dimension, catalog.LongValue(0)),
		field("i", catalog.Int, dimension, catalog.IntValue(math.MinInt32)),
		field("b", catalog.Long, dimension, catalog.LongValue(math.MinInt64)),
		field("c", catalog.Double, dimension, catalog.DoubleValue(0)),
		field("f", catalog.Float, dimension, catalog.Value{Type: catalog.Float}),
		field("n", catalog.BigDecimal, dimension, catalog.Value{Type: catalog.BigDecimal, Str: "0"}),
		field("q", catalog.Double, dimension, catalog.DoubleValue(0)),
		field("p", catalog.Boolean, dimension, catalog.BoolValue(false)),
		field("s", catalog.String, dimension, catalog.StringValue("null")),
		field("u", catalog.String, dimension, catalog.StringValue("null")),
		field("x", catalog.Bytes, dimension, catalog.Value{Type: catalog.Bytes}),
		field("m", catalog.Int.Array(), dimension, catalog.IntValue(math.MinInt32)),
		field("ms", catalog.String.Array(), dimension, catalog.StringValue("null")),
		field("md", catalog.Double.Array(), dimension, catalog.DoubleValue(0)),
		field("ts", catalog.Timestamp, catalog.FieldDateTime, catalog.TimestampValue(0)),
		field("tt", catalog.Timestamp, catalog.FieldDateTime, catalog.TimestampValue(0)),
	})}
	nulls := []int{0, 10, 50, 95}[r.IntN(4)]
	for i := range n {
		row := []catalog.Value{catalog.LongValue(int64(i))}
		for _, f := range t.Schema.Fields[1:] {
			if r.IntN(100) < nulls {
				row = append(row, catalog.NullValue(f.Type))
			} else {
				row = append(row, randomCell(r, f, portable))
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func randomCell(r *rand.Rand, f catalog.Field, portable bool) catalog.Value {
	if f.Type.MultiValue {
		v := catalog.Value{Type: f.Type}
		for range 1 + r.IntN(3) {
			v.Elems = append(v.Elems, randomCell(r, catalog.Field{Name: "s", Type: f.Type.Elem()}, portable))
		}
		return v
	}
	switch f.Type.Kind {
	case catalog.KindInt:
		if r.IntN(4) == 0 {
			return catalog.IntValue(pick(r, int64(math.MinInt32), math.MaxInt32, -1, 0, 1))
		}
		return catalog.IntValue(int64(r.IntN(20) - 5))
	case catalog.KindLong:
		if f.Name == "b" {
			return catalog.LongValue(pick(r, int64(math.MinInt64), math.MaxInt64, 1<<53, 1<<53+1, -1, 0))
		}
		return catalog.LongValue(int64(r.IntN(2001) - 1000))
	case catalog.KindFloat, catalog.KindDouble:
		return catalog.Value{Type: f.Type, F64: randomReal(r, f, portable)}
	case catalog.KindBigDecimal:
		return catalog.Value{Type: f.Type, Str: pick(r, "0", "1", "1.0", "-1.50", "0.1", "12345678901234567890.123456789", "-99999999999999999999999999",
			"0.000000000000000000001", "9223372036854775808")}
	case catalog.KindBoolean:
		return catalog.BoolValue(r.IntN(2) == 0)
	case catalog.KindBytes:
		return catalog.Value{Type: f.Type, Str: pick(r, "", "\x00", "\x00\x01", "\xff", "\xff\xfe\x80", "bytes")}
	case catalog.KindTimestamp:
		return catalog.TimestampValue(randomTime(r, f, portable))
	default:
		if f.Name == "u" {
			return catalog.StringValue(fmt.Sprintf("u%d", r.IntN(300)))
		}
		if r.IntN(50) == 0 {
			return catalog.StringValue(strings.Repeat("long ", 200) + pick(r, "a", "b"))
		}
		return catalog.StringValue(pick(r, "", "a", "A", "abc", "b", "zebra", "50%", "a_b", "ß", "12", "null"))
	}
}

func pick[T any](r *rand.Rand, options ...T) T { return options[r.IntN(len(options))] }

func randomReal(r *rand.Rand, f catalog.Field, portable bool) float64 {
	x := float64(r.IntN(4001)-2000) / 4
	switch f.Name {
	case "q":
		return x
	case "f":
		x = pick(r, math.MaxFloat32, -math.MaxFloat32, math.Inf(1), math.Inf(-1), math.SmallestNonzeroFloat32, 0, math.Copysign(0, -1), -2.5, 1<<24, math.NaN())
	default:
		x = pick(r, math.MaxFloat64, -math.MaxFloat64, math.Inf(1), math.Inf(-1), 1e-300, 0, math.Copysign(0, -1), 0.1, -2.5, 1<<53, math.NaN())
	}
	if portable && math.IsNaN(x) {
		return 7.25
	}
	return x
}

func randomTime(r *rand.Rand, f catalog.Field, portable bool) int64 {
	const start, year = 1_735_689_600_000, 366 * 86_400_000
	if f.Name != "tt" {
		return start + r.Int64N(year)/1000*1000 + int64(r.IntN(2))*125
	}
	const first, last = -62_135_596_800_000, 253_402_300_799_999 // of the years 1 to 9999
	far := []int64{0, -1, 1, first, last, start}
	if !portable {
		far = append(far, math.MinInt64, math.MaxInt64, first-1, last+1)
	}
	return pick(r, far...)
}
