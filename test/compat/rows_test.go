//go:build compat

package compat

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
)

// bigRows is the size of the table for large results, cancel and deadlines.
const bigRows = 120_000

// column is a column of a test table.
type column struct {
	name, dataType string
	multi          bool
}

// typeColumns has every data type, each also with several values where Pinot allows that.
var typeColumns = []column{
	{"id", "LONG", false},
	{"i", "INT", false}, {"l", "LONG", false}, {"f", "FLOAT", false}, {"d", "DOUBLE", false}, {"n", "BIG_DECIMAL", false},
	{"b", "BOOLEAN", false}, {"t", "TIMESTAMP", false}, {"s", "STRING", false}, {"j", "JSON", false}, {"y", "BYTES", false},
	{"mi", "INT", true}, {"ml", "LONG", true}, {"mf", "FLOAT", true}, {"md", "DOUBLE", true}, {"mb", "BOOLEAN", true},
	{"mt", "TIMESTAMP", true}, {"ms", "STRING", true}, {"my", "BYTES", true},
}

type list = []any

// typeRows are the rows, in the order of typeColumns. Go types: int64 for INT, LONG and TIMESTAMP (milliseconds), float64,
// bool, string, []byte; nil is NULL.
var typeRows = [][]any{
	{int64(1), int64(42), int64(1 << 40), 1.5, 2.25, "123.45", true, int64(1795226647782), "plain", `{"a":[1,null]}`, []byte{0, 1, 0xff},
		list{int64(1), int64(-2)}, list{int64(1 << 50)}, list{0.5, -0.25}, list{1e300, 0.1}, list{true, false}, list{int64(0), int64(1795226647001)},
		list{"a", "b c"}, list{[]byte{1}, []byte{0xab, 0xcd}}},
	{int64(2), nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil},
	{int64(3), int64(math.MinInt32), int64(math.MinInt64 + 1), -math.MaxFloat32, -math.MaxFloat64, "-99999999999999999999999999.000000001", false,
		int64(-1), "quote ' \" \\ comma , brace {} tab\t newline\n", `[]`, []byte("\\x'\""),
		list{int64(math.MinInt32), int64(math.MaxInt32)}, list{int64(math.MaxInt64)}, list{float64(math.SmallestNonzeroFloat32)}, list{5e-324},
		list{false}, list{int64(-62135596800000)}, list{"NULL", "{", `"`, `\`, ","}, list{[]byte{'"', '\\'}}},
	{int64(4), int64(math.MaxInt32), int64(math.MaxInt64), float64(float32(0.1)), 0.1, "0.0000000001", true, int64(253402300799999), "żółć 🍕 \u00a0end",
		`{"k":"ü \" x"}`, []byte{}, list{int64(7)}, list{int64(-1), int64(0), int64(1)}, list{float64(float32(3.4e38))}, list{1.7976931348623157e308}, list{true},
		list{int64(1)}, list{"\u00a0", "ünïcode", "🍕"}, list{[]byte{0}}},
	{int64(5), int64(0), int64(0), 0.0, 0.0, "0", false, int64(0), "$1 ? %s :name", `"text"`, []byte{0}, list{int64(0)}, list{int64(0)}, list{0.0}, list{0.0},
		list{false}, list{int64(0)}, list{"x"}, list{[]byte{7}}},
	{int64(6), int64(-1), int64(9007199254740993), 16777216.0, 123456789.125, "1", true, int64(1582934400123), "NULL", `1.50`, []byte("text"),
		list{int64(3), int64(3), int64(3)}, list{int64(9007199254740993)}, list{1e-10}, list{1e-10, 1e15, 123456.789}, list{true, true}, list{int64(1582934400120)},
		list{" lead", "trail "}, list{[]byte("ab"), []byte("ab")}},
}

// jsonForm is the value as a producer writes it.
func jsonForm(c column, v any) any {
	switch v := v.(type) {
	case list:
		out := make(list, len(v))
		for i, e := range v {
			out[i] = jsonForm(c, e)
		}
		return out
	case []byte:
		return hex.EncodeToString(v)
	}
	return v
}

// canonical is the form in which clients compare: texts that every language can make exactly.
func canonical(c column, v any) any {
	switch v := v.(type) {
	case list:
		out := make(list, len(v))
		for i, e := range v {
			out[i] = canonical(c, e)
		}
		return out
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		if c.dataType == "FLOAT" {
			return fmt.Sprintf("%08x", math.Float32bits(float32(v)))
		}
		return fmt.Sprintf("%016x", math.Float64bits(v))
	case bool:
		return strconv.FormatBool(v)
	case []byte:
		return hex.EncodeToString(v)
	}
	return v
}

func describe(columns []column) (out []map[string]any) {
	for _, c := range columns {
		out = append(out, map[string]any{"name": c.name, "type": c.dataType, "array": c.multi})
	}
	return out
}
