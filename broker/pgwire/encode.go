package pgwire

import (
	"encoding/binary"
	"math"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/result"
)

// cell appends row i of a flat vector, which is not NULL there, in one wire format. The length is not its business.
type cell func(dst []byte, v *vec.Vector, i int) ([]byte, error)

// rowEncoder turns rows of batches into DataRow messages. Not safe for concurrent use.
type rowEncoder struct {
	cells []cell
}

// newRowEncoder prepares encoding for columns; formats has one code per column. types is the connection's own map.
func newRowEncoder(columns []result.Column, formats []int16, zone *time.Location, types *pgtype.Map) *rowEncoder {
	e := &rowEncoder{cells: make([]cell, len(columns))}
	for i, c := range columns {
		e.cells[i] = columnCell(c, formats[i], zone, types)
	}
	return e
}

func cellFor(t catalog.Type, format int16, zone *time.Location, types *pgtype.Map) cell {
	elem := textCell(t.Kind, zone)
	if format == formatBinary {
		elem = binaryCell(t.Kind, types)
	}
	switch {
	case !t.MultiValue:
		return elem
	case format == formatBinary:
		return binaryArray(wireTypeOf(t.Kind).oid, elem)
	default:
		return textArray(elem)
	}
}

// appendRow appends the DataRow message of row i.
func (e *rowEncoder) appendRow(dst []byte, b *vec.Batch, i int) ([]byte, error) {
	start := len(dst)
	dst = append(dst, 'D', 0, 0, 0, 0)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(e.cells)))
	var err error
	for c, enc := range e.cells {
		v := b.Cols[c]
		row := i
		if v.Form == vec.FormConst {
			row = 0
		}
		if v.IsNull(row) {
			dst = append(dst, 0xff, 0xff, 0xff, 0xff)
			continue
		}
		at := len(dst)
		dst = append(dst, 0, 0, 0, 0)
		if dst, err = enc(dst, v, row); err != nil {
			return dst[:start], err
		}
		binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	}
	size := len(dst) - start - 1
	if size > math.MaxInt32 {
		return dst[:start], errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "a row of %d bytes is larger than a message can be", size)
	}
	binary.BigEndian.PutUint32(dst[start+1:], uint32(size))
	return dst, nil
}

func textCell(k catalog.Kind, zone *time.Location) cell {
	switch k {
	case catalog.KindInt:
		return func(dst []byte, v *vec.Vector, i int) ([]byte, error) {
			return strconv.AppendInt(dst, int64(v.I32[i]), 10), nil
		}
	case catalog.KindLong, catalog.KindDuration:
		return func(dst []byte, v *vec.Vector, i int) ([]byte, error) {
			return strconv.AppendInt(dst, v.I64[i], 10), nil
		}
	case catalog.KindFloat:
		return func(dst []byte, v *vec.Vector, i int) ([]byte, error) {
			return appendFloat(dst, float64(v.F32[i]), 32), nil
		}
	case catalog.KindDouble:
		return func(dst []byte, v *vec.Vector, i int) ([]byte, error) { return appendFloat(dst, v.F64[i], 64), nil }
	case catalog.KindBoolean:
		return func(dst []byte, v *vec.Vector, i int) ([]byte, error) {
			if v.Bits.Get(i) {
				return append(dst, 't'), nil
			}
			return append(dst, 'f'), nil
		}
	case catalog.KindTimestamp:
		return func(dst []byte, v *vec.Vector, i int) ([]byte, error) { return appendTimestamp(dst, v.I64[i]), nil }
	case catalog.KindTimestampTZ:
		return func(dst []byte, v *vec.Vector, i int) ([]byte, error) {
			return appendTimestampTZ(dst, v.I64[i], zone), nil
		}
	case catalog.KindInterval:
		return func(dst []byte, v *vec.Vector, i int) ([]byte, error) { return appendInterval(dst, v.I64[i]), nil }
	case catalog.KindBytes:
		return func(dst []byte, v *vec.Vector, i int) ([]byte, error) { return appendBytea(dst, v.Str[i]), nil }
	default:
		return stringCell
	}
}

func stringCell(dst []byte, v *vec.Vector, i int) ([]byte, error) {
	return append(dst, v.Str[i]...), nil
}

func binaryCell(k catalog.Kind, types *pgtype.Map) cell {
	be := binary.BigEndian
	switch k {
	case catalog.KindInt:
		return func(dst []byte, v *vec.Vector, i int) ([]byte, error) {
			return be.AppendUint32(dst, uint32(v.I32[i])), nil
		}
	case catalog.KindLong, catalog.KindDuration:
		return func(dst []byte, v *vec.Vector, i int) ([]byte, error) {
			return be.AppendUint64(dst, uint64(v.I64[i])), nil
		}
	case catalog.KindFloat:
		return func(dst []byte, v *vec.Vector, i int) ([]byte, error) {
			return be.AppendUint32(dst, math.Float32bits(v.F32[i])), nil
		}
	case catalog.KindDouble:
		return func(dst []byte, v *vec.Vector, i int) ([]byte, error) {
			return be.AppendUint64(dst, math.Float64bits(v.F64[i])), nil
		}
	case catalog.KindBoolean:
		return func(dst []byte, v *vec.Vector, i int) ([]byte, error) {
			if v.Bits.Get(i) {
				return append(dst, 1), nil
			}
			return append(dst, 0), nil
		}
	case catalog.KindTimestamp, catalog.KindTimestampTZ:
		return func(dst []byte, v *vec.Vector, i int) ([]byte, error) {
			return be.AppendUint64(dst, uint64(timestampMicros(v.I64[i]))), nil
		}
	case catalog.KindInterval:
		return func(dst []byte, v *vec.Vector, i int) ([]byte, error) {
			days, rest := v.I64[i]/millisPerDay, v.I64[i]%millisPerDay
			dst = be.AppendUint64(dst, uint64(rest*1000))
			dst = be.AppendUint32(dst, uint32(int32(days)))
			return be.AppendUint32(dst, 0), nil
		}
	case catalog.KindBigDecimal:
		return func(dst []byte, v *vec.Vector, i int) ([]byte, error) { return appendNumeric(dst, v.Str[i], types) }
	default:
		return stringCell
	}
}

// timestampMicros converts UTC milliseconds to microseconds since 2000-01-01. What does not fit becomes an infinity, as
// PostgreSQL's range is the smaller one.
func timestampMicros(millis int64) int64 {
	const limit = math.MaxInt64/1000 - epochMillis2000
	switch {
	case millis > limit:
		return math.MaxInt64
	case millis < -limit:
		return math.MinInt64
	}
	return (millis - epochMillis2000) * 1000
}

func appendNumeric(dst []byte, text string, types *pgtype.Map) ([]byte, error) {
	var n pgtype.Numeric
	if err := n.Scan(text); err != nil {
		return dst, errs.Bug("BIG_DECIMAL value %q is not a number", text).Wrap(err)
	}
	out, err := types.Encode(pgtype.NumericOID, formatBinary, n, dst)
	if err != nil {
		return dst, errs.Bug("BIG_DECIMAL value %q cannot be encoded", text).Wrap(err)
	}
	return out, nil
}

func textArray(elem cell) cell {
	var scratch []byte
	return func(dst []byte, v *vec.Vector, i int) ([]byte, error) {
		dst = append(dst, '{')
		first := v.Offsets[i]
		for e := first; e < v.Offsets[i+1]; e++ {
			if e > first {
				dst = append(dst, ',')
			}
			if v.Elems.IsNull(int(e)) {
				dst = append(dst, "NULL"...)
				continue
			}
			var err error
			if scratch, err = elem(scratch[:0], v.Elems, int(e)); err != nil {
				return dst, err
			}
			dst = appendArrayElement(dst, scratch)
		}
		return append(dst, '}'), nil
	}
}

func binaryArray(elemOID uint32, elem cell) cell { return binaryArrayFrom(1, elemOID, elem) }

// binaryArrayFrom encodes arrays whose first position is low.
func binaryArrayFrom(low, elemOID uint32, elem cell) cell {
	be := binary.BigEndian
	return func(dst []byte, v *vec.Vector, i int) ([]byte, error) {
		first, end := int(v.Offsets[i]), int(v.Offsets[i+1])
		dimensions, hasNull := uint32(1), uint32(0)
		if first == end {
			dimensions = 0
		}
		for e := first; e < end; e++ {
			if v.Elems.IsNull(e) {
				hasNull = 1
				break
			}
		}
		dst = be.AppendUint32(dst, dimensions)
		dst = be.AppendUint32(dst, hasNull)
		dst = be.AppendUint32(dst, elemOID)
		if dimensions == 0 {
			return dst, nil
		}
		dst = be.AppendUint32(dst, uint32(end-first))
		dst = be.AppendUint32(dst, low)
		for e := first; e < end; e++ {
			if v.Elems.IsNull(e) {
				dst = append(dst, 0xff, 0xff, 0xff, 0xff)
				continue
			}
			at := len(dst)
			dst = append(dst, 0, 0, 0, 0)
			var err error
			if dst, err = elem(dst, v.Elems, e); err != nil {
				return dst, err
			}
			be.PutUint32(dst[at:], uint32(len(dst)-at-4))
		}
		return dst, nil
	}
}
