package pgwire

import (
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
)

// Type OIDs that pgtype has no constant for.
const (
	oidRegclass = 2205
	oidRegtype  = 2206
	oidJSONBArr = 3807
)

// Format codes of the protocol.
const (
	formatText   = 0
	formatBinary = 1
)

// wireType is a data type as PostgreSQL knows it.
type wireType struct {
	oid, array uint32
	size       int16 // typlen: bytes, -1 for variable length
}

// wireTypeOf gives the PostgreSQL type of a kind. The untyped NULL is text: clients know no type "unknown" (705).
func wireTypeOf(k catalog.Kind) wireType {
	switch k {
	case catalog.KindInt:
		return wireType{pgtype.Int4OID, pgtype.Int4ArrayOID, 4}
	case catalog.KindLong, catalog.KindDuration:
		return wireType{pgtype.Int8OID, pgtype.Int8ArrayOID, 8}
	case catalog.KindFloat:
		return wireType{pgtype.Float4OID, pgtype.Float4ArrayOID, 4}
	case catalog.KindDouble:
		return wireType{pgtype.Float8OID, pgtype.Float8ArrayOID, 8}
	case catalog.KindBigDecimal:
		return wireType{pgtype.NumericOID, pgtype.NumericArrayOID, -1}
	case catalog.KindBoolean:
		return wireType{pgtype.BoolOID, pgtype.BoolArrayOID, 1}
	case catalog.KindTimestamp:
		return wireType{pgtype.TimestampOID, pgtype.TimestampArrayOID, 8}
	case catalog.KindTimestampTZ:
		return wireType{pgtype.TimestamptzOID, pgtype.TimestamptzArrayOID, 8}
	case catalog.KindJSON:
		return wireType{pgtype.JSONOID, pgtype.JSONArrayOID, -1}
	case catalog.KindBytes:
		return wireType{pgtype.ByteaOID, pgtype.ByteaArrayOID, -1}
	case catalog.KindInterval:
		return wireType{pgtype.IntervalOID, pgtype.IntervalArrayOID, 16}
	default:
		return wireType{pgtype.TextOID, pgtype.TextArrayOID, -1}
	}
}

// oidOf gives the type OID and length of a column or parameter type.
func oidOf(t catalog.Type) (oid uint32, size int16) {
	w := wireTypeOf(t.Kind)
	if t.MultiValue {
		return w.array, -1
	}
	return w.oid, w.size
}

// typeOfOID gives our type for a parameter OID that a client stated. OID 0 and unknown (705) leave the type to inference:
// ok with an invalid type.
func typeOfOID(oid uint32) (catalog.Type, error) {
	if oid == 0 || oid == pgtype.UnknownOID {
		return catalog.Type{}, nil
	}
	if t, ok := scalarOfOID(oid); ok {
		return t, nil
	}
	if t, ok := arrayOfOID(oid); ok {
		return t, nil
	}
	return catalog.Type{}, errs.User(errs.FeatureNotSupported, "parameters of the type with OID %d are not supported", oid).
		WithHint("Send the parameter as text and cast it in the statement.")
}

func scalarOfOID(oid uint32) (catalog.Type, bool) {
	switch oid {
	case pgtype.Int2OID, pgtype.Int4OID:
		return catalog.Int, true
	case pgtype.Int8OID, pgtype.OIDOID, oidRegclass, oidRegtype, pgtype.XIDOID:
		return catalog.Long, true
	case pgtype.Float4OID:
		return catalog.Float, true
	case pgtype.Float8OID:
		return catalog.Double, true
	case pgtype.NumericOID:
		return catalog.BigDecimal, true
	case pgtype.BoolOID:
		return catalog.Boolean, true
	case pgtype.TimestampOID, pgtype.DateOID:
		return catalog.Timestamp, true
	case pgtype.TimestamptzOID:
		return catalog.TimestampTZ, true
	case pgtype.TextOID, pgtype.VarcharOID, pgtype.BPCharOID, pgtype.NameOID, pgtype.QCharOID, pgtype.UUIDOID:
		return catalog.String, true
	case pgtype.JSONOID, pgtype.JSONBOID:
		return catalog.JSON, true
	case pgtype.ByteaOID:
		return catalog.Bytes, true
	case pgtype.IntervalOID:
		return catalog.Interval, true
	}
	return catalog.Type{}, false
}

func arrayOfOID(oid uint32) (catalog.Type, bool) {
	elem := elementOID(oid)
	if elem == 0 {
		return catalog.Type{}, false
	}
	t, ok := scalarOfOID(elem)
	return t.Array(), ok
}

// elementOID gives the element type of an array type, 0 if oid is no array that parameters can have.
func elementOID(oid uint32) uint32 {
	switch oid {
	case pgtype.Int2ArrayOID:
		return pgtype.Int2OID
	case pgtype.Int4ArrayOID:
		return pgtype.Int4OID
	case pgtype.Int8ArrayOID:
		return pgtype.Int8OID
	case pgtype.OIDArrayOID:
		return pgtype.OIDOID
	case pgtype.Float4ArrayOID:
		return pgtype.Float4OID
	case pgtype.Float8ArrayOID:
		return pgtype.Float8OID
	case pgtype.NumericArrayOID:
		return pgtype.NumericOID
	case pgtype.BoolArrayOID:
		return pgtype.BoolOID
	case pgtype.TimestampArrayOID:
		return pgtype.TimestampOID
	case pgtype.DateArrayOID:
		return pgtype.DateOID
	case pgtype.TimestamptzArrayOID:
		return pgtype.TimestamptzOID
	case pgtype.TextArrayOID, pgtype.VarcharArrayOID, pgtype.BPCharArrayOID, pgtype.NameArrayOID:
		return pgtype.TextOID
	case pgtype.UUIDArrayOID:
		return pgtype.UUIDOID
	case pgtype.JSONArrayOID:
		return pgtype.JSONOID
	case oidJSONBArr:
		return pgtype.JSONBOID
	case pgtype.ByteaArrayOID:
		return pgtype.ByteaOID
	case pgtype.IntervalArrayOID:
		return pgtype.IntervalOID
	}
	return 0
}
