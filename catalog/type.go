// Package catalog describes tables: data types, schemas and table configs in Apache Pinot's JSON,
// with defaults and validation. It is pure data: no I/O, no clocks, no goroutines. Values are
// immutable once validated and may be shared between goroutines.
package catalog

import "fmt"

// Kind is the base of a data type, before single- or multi-valuedness. The set is closed: a new kind
// needs a physical form in internal/vec, an encoding in segment/encoding and a wire type in broker/pgwire.
type Kind uint8

// Kinds up to Bytes can be stored in a column. The others only occur in expressions.
const (
	KindInvalid    Kind = iota
	KindInt             // 32-bit integer
	KindLong            // 64-bit integer
	KindFloat           // IEEE 32-bit
	KindDouble          // IEEE 64-bit
	KindBigDecimal      // exact decimal
	KindBoolean         // true or false
	KindTimestamp       // milliseconds since 1970-01-01 UTC
	KindString          // UTF-8 text
	KindJSON            // JSON text, stored as written
	KindBytes           // octets

	KindNull        // the untyped NULL literal
	KindTimestampTZ // now(): as Timestamp, but an instant (PostgreSQL's timestamptz)
	KindDuration    // timestamp - timestamp: LONG milliseconds that remember that they are a duration
	KindInterval    // INTERVAL literal without months: milliseconds

	// KindCount is the number of kinds, for exhaustive tests.
	KindCount
)

var kindNames = [KindCount]string{"INVALID", "INT", "LONG", "FLOAT", "DOUBLE", "BIG_DECIMAL", "BOOLEAN", "TIMESTAMP",
	"STRING", "JSON", "BYTES", "UNKNOWN", "TIMESTAMP", "LONG", "INTERVAL"}

// String gives Pinot's name of the kind (LONG for a duration, TIMESTAMP for an instant).
func (k Kind) String() string {
	if k < KindCount {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Stored reports whether a column can have the kind.
func (k Kind) Stored() bool { return k >= KindInt && k <= KindBytes }

// Physical is the in-memory form of a kind's values.
type Physical uint8

// Physical forms. Booleans are bitmaps; strings, JSON, bytes and decimals (canonical plain text) are Go strings.
const (
	PhysInvalid Physical = iota
	PhysInt32
	PhysInt64
	PhysFloat32
	PhysFloat64
	PhysBits
	PhysString
)

// Physical gives the in-memory form of the kind's values. The untyped NULL is a string of nulls.
func (k Kind) Physical() Physical {
	switch k {
	case KindInt:
		return PhysInt32
	case KindLong, KindTimestamp, KindTimestampTZ, KindDuration, KindInterval:
		return PhysInt64
	case KindFloat:
		return PhysFloat32
	case KindDouble:
		return PhysFloat64
	case KindBoolean:
		return PhysBits
	case KindBigDecimal, KindString, KindJSON, KindBytes, KindNull:
		return PhysString
	default:
		return PhysInvalid
	}
}

// IsInteger reports INT, LONG and the LONG-like durations.
func (k Kind) IsInteger() bool { return k == KindInt || k == KindLong || k == KindDuration }

// IsNumeric reports the kinds that arithmetic accepts.
func (k Kind) IsNumeric() bool {
	return k.IsInteger() || k == KindFloat || k == KindDouble || k == KindBigDecimal
}

// IsTime reports both timestamp kinds.
func (k Kind) IsTime() bool { return k == KindTimestamp || k == KindTimestampTZ }

// IsText reports the kinds whose values are text to functions.
func (k Kind) IsText() bool { return k == KindString || k == KindJSON }

// Type is the data type of a column or an expression.
type Type struct {
	Kind       Kind
	MultiValue bool // an array of Kind, Pinot's multi-value column
}

// Single-value types by name, to keep call sites short.
var (
	Int         = Type{Kind: KindInt}
	Long        = Type{Kind: KindLong}
	Float       = Type{Kind: KindFloat}
	Double      = Type{Kind: KindDouble}
	BigDecimal  = Type{Kind: KindBigDecimal}
	Boolean     = Type{Kind: KindBoolean}
	Timestamp   = Type{Kind: KindTimestamp}
	String      = Type{Kind: KindString}
	JSON        = Type{Kind: KindJSON}
	Bytes       = Type{Kind: KindBytes}
	Null        = Type{Kind: KindNull}
	TimestampTZ = Type{Kind: KindTimestampTZ}
	Duration    = Type{Kind: KindDuration}
	Interval    = Type{Kind: KindInterval}
)

// Array gives the multi-value type of t.
func (t Type) Array() Type { return Type{Kind: t.Kind, MultiValue: true} }

// Elem gives the single-value type of t.
func (t Type) Elem() Type { return Type{Kind: t.Kind} }

// String gives Pinot's name as in columnDataTypes: LONG, STRING_ARRAY.
func (t Type) String() string {
	if t.MultiValue {
		return t.Kind.String() + "_ARRAY"
	}
	return t.Kind.String()
}
