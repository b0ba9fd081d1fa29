package catalog

import "fmt"

// Value is one scalar or array: a constant of a query, a parameter, a default, a statistic. I64 holds INT, LONG,
// TIMESTAMP and intervals, and BOOLEAN as 0 or 1; F64 both float kinds; Str the string kinds (BYTES as octets,
// BIG_DECIMAL as canonical plain text). The zero Value is invalid.
type Value struct {
	Type  Type
	Null  bool
	I64   int64
	F64   float64
	Str   string
	Elems []Value // multi-value
}

// IntValue makes an INT.
func IntValue(x int64) Value { return Value{Type: Int, I64: x} }

// LongValue makes a LONG.
func LongValue(x int64) Value { return Value{Type: Long, I64: x} }

// DoubleValue makes a DOUBLE.
func DoubleValue(x float64) Value { return Value{Type: Double, F64: x} }

// StringValue makes a STRING.
func StringValue(s string) Value { return Value{Type: String, Str: s} }

// BoolValue makes a BOOLEAN.
func BoolValue(b bool) Value {
	v := Value{Type: Boolean}
	if b {
		v.I64 = 1
	}
	return v
}

// TimestampValue makes a TIMESTAMP from UTC milliseconds.
func TimestampValue(millis int64) Value { return Value{Type: Timestamp, I64: millis} }

// NullValue makes a NULL of type t.
func NullValue(t Type) Value { return Value{Type: t, Null: true} }

// String prints the value for EXPLAIN and messages: text quoted, NULL as NULL.
func (x Value) String() string {
	if x.Null {
		return "NULL"
	}
	if x.Type.MultiValue {
		return fmt.Sprint(x.Elems)
	}
	switch x.Type.Kind.Physical() {
	case PhysInt32, PhysInt64:
		return fmt.Sprint(x.I64)
	case PhysFloat32, PhysFloat64:
		return fmt.Sprint(x.F64)
	case PhysBits:
		return fmt.Sprint(x.I64 != 0)
	default:
		if x.Type.Kind == KindBigDecimal {
			return x.Str
		}
		return "'" + x.Str + "'"
	}
}
