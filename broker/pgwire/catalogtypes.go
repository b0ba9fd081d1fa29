package pgwire

import (
	"encoding/binary"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/result"
)

// Columns of catalog relations have types that tables lack: oid, name, "char", smallint, and arrays of them. Clients
// are told these, and get their binary forms.

// Type OIDs that pgtype has no constant for.
const (
	oidRegproc    = 24
	oidInt2Vector = 22
	oidOIDVector  = 30
)

// columnOID gives the type OID and length of a column.
func columnOID(c result.Column) (oid uint32, size int16) {
	oid, size = oidOf(c.Type)
	if c.OID == 0 || c.OID == oid {
		return oid, size
	}
	switch c.OID {
	case pgtype.OIDOID, oidRegproc, oidRegclass, oidRegtype, pgtype.XIDOID, pgtype.CIDOID:
		return c.OID, 4
	case pgtype.Int2OID:
		return c.OID, 2
	case pgtype.QCharOID:
		return c.OID, 1
	case pgtype.NameOID:
		return c.OID, 64
	default:
		return c.OID, -1
	}
}

// narrow is the size of the integers of a type, or of a vector's or array's elements, 0 where they have their own.
func narrow(oid uint32) int {
	switch oid {
	case pgtype.OIDOID, oidRegproc, oidRegclass, oidRegtype, pgtype.XIDOID, pgtype.CIDOID, pgtype.OIDArrayOID, oidOIDVector:
		return 4
	case pgtype.Int2OID, pgtype.Int2ArrayOID, oidInt2Vector:
		return 2
	default:
		return 0
	}
}

// elementOf is the type OID of the elements of catalog arrays.
func elementOf(oid uint32, t catalog.Type) uint32 {
	switch oid {
	case pgtype.OIDArrayOID, oidOIDVector:
		return pgtype.OIDOID
	case pgtype.Int2ArrayOID, oidInt2Vector:
		return pgtype.Int2OID
	case pgtype.NameArrayOID:
		return pgtype.NameOID
	case pgtype.QCharArrayOID:
		return pgtype.QCharOID
	default:
		return wireTypeOf(t.Kind).oid
	}
}

// columnCell encodes the values of a column.
func columnCell(c result.Column, format int16, zone *time.Location, types *pgtype.Map) cell {
	if c.OID == 0 {
		return cellFor(c.Type, format, zone, types)
	}
	elem := textCell(c.Type.Kind, zone)
	if format == formatBinary {
		elem = binaryCell(c.Type.Kind, types)
		if size := narrow(c.OID); size > 0 && c.Type.Kind.IsInteger() {
			elem = narrowCell(size)
		}
	}
	isVector := c.OID == oidInt2Vector || c.OID == oidOIDVector
	switch {
	case !c.Type.MultiValue:
		return elem
	case format == formatBinary && isVector:
		return binaryArrayFrom(0, elementOf(c.OID, c.Type), elem)
	case format == formatBinary:
		return binaryArray(elementOf(c.OID, c.Type), elem)
	case isVector:
		return textVector(elem)
	default:
		return textArray(elem)
	}
}

// narrowCell writes integers in fewer bytes than ours have.
func narrowCell(size int) cell {
	return func(dst []byte, v *vec.Vector, i int) ([]byte, error) {
		n := uint64(v.Int64At(i))
		if size == 2 {
			return binary.BigEndian.AppendUint16(dst, uint16(n)), nil
		}
		return binary.BigEndian.AppendUint32(dst, uint32(n)), nil
	}
}

// textVector is the text form of int2vector and oidvector: the elements with blanks between them.
func textVector(elem cell) cell {
	return func(dst []byte, v *vec.Vector, i int) ([]byte, error) {
		from, to := int(v.Offsets[i]), int(v.Offsets[i+1])
		for e := from; e < to; e++ {
			if e > from {
				dst = append(dst, ' ')
			}
			var err error
			if dst, err = elem(dst, v.Elems, e); err != nil {
				return dst, err
			}
		}
		return dst, nil
	}
}
