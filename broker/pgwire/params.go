package pgwire

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cockroachdb/apd/v3"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function/convert"
)

// maxArrayParameter bounds the elements of one array parameter.
const maxArrayParameter = 1 << 20

// whiteSpace is what PostgreSQL skips around values: ASCII only, whatever Unicode says of other characters.
const whiteSpace = " \t\n\r\v\f"

func trimSpace(s string) string { return strings.Trim(s, whiteSpace) }

// paramDecoder turns the octets of Bind into values. Not safe for concurrent use.
type paramDecoder struct {
	types *pgtype.Map
	zone  *time.Location
}

// decode reads parameter number (from 1). oid is the type that was announced, t the type that the statement wants; src
// is nil for NULL and is not kept.
func (d *paramDecoder) decode(number int, oid uint32, t catalog.Type, format int16, src []byte) (catalog.Value, error) {
	if src == nil {
		return catalog.NullValue(t), nil
	}
	own, ok := scalarOfOID(oid)
	isArray := false
	if !ok {
		own, isArray = arrayOfOID(oid)
		if !isArray {
			return catalog.Value{}, errs.Bug("parameter $%d was announced with OID %d", number, oid)
		}
	}
	var v catalog.Value
	var err error
	switch {
	case isArray && format == formatBinary:
		v, err = d.binaryArray(own, elementOID(oid), src)
	case isArray:
		v, err = d.textArray(own, elementOID(oid), string(src))
	case format == formatBinary:
		v, err = d.binary(own, oid, src)
	default:
		v, err = d.text(own, oid, string(src))
	}
	if err != nil {
		e := *errs.As(err)
		e.Detail = strings.TrimSpace(e.Detail + " In parameter $" + strconv.Itoa(number) + ".")
		return v, &e
	}
	// Types that share a form on the wire: a date given for a timestamp, a LONG for a duration.
	if v.Type.MultiValue == t.MultiValue && v.Type.Kind.Physical() == t.Kind.Physical() {
		v.Type = t
	}
	return v, nil
}

func badText(typeName, s string) error {
	return errs.User(errs.InvalidText, "invalid input syntax for type %s: %q", typeName, shorten(s))
}

func badBinary(typeName string, n int, want string) error {
	return errs.User(errs.InvalidBinary, "incorrect binary data format: %d bytes for type %s, want %s", n, typeName, want)
}

func shorten(s string) string {
	const most = 100
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}

// text reads the text form of one scalar of type t.
func (d *paramDecoder) text(t catalog.Type, oid uint32, s string) (catalog.Value, error) {
	v := catalog.Value{Type: t}
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		return v, errs.User(errs.InvalidEncoding, "invalid byte sequence for encoding \"UTF8\"")
	}
	var ok bool
	switch t.Kind {
	case catalog.KindInt, catalog.KindLong:
		return parseInteger(t, oid, s)
	case catalog.KindFloat, catalog.KindDouble:
		return parseFloat(t, s)
	case catalog.KindBoolean:
		if v.I64, ok = parseBool(s); !ok {
			return v, badText("boolean", s)
		}
	case catalog.KindTimestamp:
		if v.I64, ok = parseTimestamp(s, nil); !ok {
			return v, errs.User(errs.InvalidDatetime, "invalid input syntax for type timestamp: %q", shorten(s))
		}
	case catalog.KindTimestampTZ:
		if v.I64, ok = parseTimestamp(s, d.zone); !ok {
			return v, errs.User(errs.InvalidDatetime, "invalid input syntax for type timestamp with time zone: %q", shorten(s))
		}
	case catalog.KindBigDecimal:
		return parseDecimal(s)
	case catalog.KindBytes:
		return parseBytea(s)
	case catalog.KindInterval:
		var interval pgtype.Interval
		if err := interval.Scan(s); err != nil {
			return v, badText("interval", s)
		}
		return intervalValue(interval)
	default:
		v.Str = s
	}
	return v, nil
}

func parseInteger(t catalog.Type, oid uint32, s string) (catalog.Value, error) {
	name, bits := "bigint", 64
	switch {
	case oid == pgtype.Int2OID:
		name, bits = "smallint", 16
	case t.Kind == catalog.KindInt:
		name, bits = "integer", 32
	}
	x, err := strconv.ParseInt(trimSpace(s), 10, bits)
	if err != nil {
		if e, ok := err.(*strconv.NumError); ok && e.Err == strconv.ErrRange {
			return catalog.Value{}, errs.User(errs.NumericOutOfRange, "value %q is out of range for type %s", shorten(s), name)
		}
		return catalog.Value{}, badText(name, s)
	}
	return catalog.Value{Type: t, I64: x}, nil
}

func parseFloat(t catalog.Type, s string) (catalog.Value, error) {
	name, bits := "double precision", 64
	if t.Kind == catalog.KindFloat {
		name, bits = "real", 32
	}
	s = trimSpace(s)
	// strconv also reads hexadecimal floats and digit separators, which PostgreSQL does not.
	if strings.ContainsAny(s, "xX_pP") {
		return catalog.Value{}, badText(name, s)
	}
	x, err := strconv.ParseFloat(s, bits)
	if err != nil {
		if e, ok := err.(*strconv.NumError); ok && e.Err == strconv.ErrRange {
			return catalog.Value{}, errs.User(errs.NumericOutOfRange, "%q is out of range for type %s", shorten(s), name)
		}
		return catalog.Value{}, badText(name, s)
	}
	return catalog.Value{Type: t, F64: x}, nil
}

func parseBool(s string) (int64, bool) {
	switch strings.ToLower(trimSpace(s)) {
	case "t", "tr", "tru", "true", "y", "ye", "yes", "on", "1":
		return 1, true
	case "f", "fa", "fal", "fals", "false", "n", "no", "of", "off", "0":
		return 0, true
	}
	return 0, false
}

func parseBytea(s string) (catalog.Value, error) {
	v := catalog.Value{Type: catalog.Bytes}
	if strings.HasPrefix(s, `\x`) {
		raw, err := hex.DecodeString(s[2:])
		if err != nil {
			return v, badText("bytea", s)
		}
		v.Str = string(raw)
		return v, nil
	}
	// The escape form: \\ and \ooo.
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			out = append(out, s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '\\' {
			out = append(out, '\\')
			i++
			continue
		}
		if i+3 >= len(s) {
			return v, badText("bytea", s)
		}
		x, err := strconv.ParseUint(s[i+1:i+4], 8, 8)
		if err != nil {
			return v, badText("bytea", s)
		}
		out = append(out, byte(x))
		i += 3
	}
	v.Str = string(out)
	return v, nil
}

// maxDecimalExponent is the number of digits after the point that PostgreSQL has; it also keeps plain notation short.
const maxDecimalExponent = 16383

// maxDecimalDigits bounds the text of a decimal: PostgreSQL's digits before and after the point.
const maxDecimalDigits = 131072 + maxDecimalExponent

func parseDecimal(s string) (catalog.Value, error) {
	if len(s) > maxDecimalDigits {
		return catalog.Value{}, errs.User(errs.NumericOutOfRange, "value overflows numeric format")
	}
	d, _, err := apd.NewFromString(trimSpace(s))
	if err != nil {
		return catalog.Value{}, badText("numeric", s)
	}
	return decimalValue(d)
}

// decimalValue makes a BIG_DECIMAL in the canonical form that stored ones have. Infinities and NaN have no place in it.
func decimalValue(d *apd.Decimal) (catalog.Value, error) {
	if d.Form != apd.Finite {
		return catalog.Value{}, errs.User(errs.NumericOutOfRange, "numeric parameters have to be finite")
	}
	if d.Exponent > maxDecimalExponent || d.Exponent < -maxDecimalExponent {
		return catalog.Value{}, errs.User(errs.NumericOutOfRange, "value overflows numeric format")
	}
	return catalog.Value{Type: catalog.BigDecimal, Str: convert.FormatDecimal(d)}, nil
}

func (d *paramDecoder) binaryDecimal(src []byte) (catalog.Value, error) {
	var n pgtype.Numeric
	if err := d.types.Scan(pgtype.NumericOID, formatBinary, src, &n); err != nil {
		return catalog.Value{}, badBinary("numeric", len(src), "digits in groups of four")
	}
	if n.NaN || n.InfinityModifier != pgtype.Finite {
		return decimalValue(&apd.Decimal{Form: apd.NaN})
	}
	return decimalValue(apd.NewWithBigInt(new(apd.BigInt).SetMathBigInt(n.Int), n.Exp))
}

func intervalValue(i pgtype.Interval) (catalog.Value, error) {
	if i.Months != 0 {
		return catalog.Value{}, errs.User(errs.FeatureNotSupported, "interval parameters with months or years are not supported")
	}
	return catalog.Value{Type: catalog.Interval, I64: int64(i.Days)*millisPerDay + floorDiv(i.Microseconds, 1000)}, nil
}

// binary reads the binary form of one scalar of type t.
func (d *paramDecoder) binary(t catalog.Type, oid uint32, src []byte) (catalog.Value, error) {
	v := catalog.Value{Type: t}
	switch t.Kind {
	case catalog.KindInt, catalog.KindLong, catalog.KindFloat, catalog.KindDouble, catalog.KindBoolean,
		catalog.KindTimestamp, catalog.KindTimestampTZ:
		return fixedBinary(t, oid, src)
	case catalog.KindInterval:
		var interval pgtype.Interval
		if err := d.types.Scan(pgtype.IntervalOID, formatBinary, src, &interval); err != nil {
			return v, badBinary("interval", len(src), "16 bytes")
		}
		return intervalValue(interval)
	case catalog.KindBigDecimal:
		return d.binaryDecimal(src)
	case catalog.KindBytes:
		v.Str = string(src)
		return v, nil
	}
	switch oid {
	case pgtype.UUIDOID:
		var id pgtype.UUID
		if err := d.types.Scan(pgtype.UUIDOID, formatBinary, src, &id); err != nil {
			return v, badBinary("uuid", len(src), "16 bytes")
		}
		v.Str = id.String()
		return v, nil
	case pgtype.JSONBOID:
		if len(src) == 0 || src[0] != 1 {
			return v, errs.User(errs.InvalidBinary, "unsupported jsonb version number")
		}
		src = src[1:]
	}
	if !utf8.Valid(src) || bytes.IndexByte(src, 0) >= 0 {
		return v, errs.User(errs.InvalidEncoding, "invalid byte sequence for encoding \"UTF8\"")
	}
	v.Str = string(src)
	return v, nil
}

// fixedBinary reads the types whose length is known.
func fixedBinary(t catalog.Type, oid uint32, src []byte) (catalog.Value, error) {
	v := catalog.Value{Type: t}
	want := 8
	switch oid {
	case pgtype.Int2OID:
		want = 2
	case pgtype.Int4OID, pgtype.OIDOID, oidRegclass, oidRegtype, pgtype.XIDOID, pgtype.Float4OID, pgtype.DateOID:
		want = 4
	case pgtype.BoolOID:
		want = 1
	}
	if len(src) != want {
		return v, badBinary(t.String(), len(src), strconv.Itoa(want))
	}
	be := binary.BigEndian
	switch oid {
	case pgtype.Int2OID:
		v.I64 = int64(int16(be.Uint16(src)))
	case pgtype.Int4OID:
		v.I64 = int64(int32(be.Uint32(src)))
	case pgtype.OIDOID, oidRegclass, oidRegtype, pgtype.XIDOID:
		v.I64 = int64(be.Uint32(src))
	case pgtype.Float4OID:
		v.F64 = float64(math.Float32frombits(be.Uint32(src)))
	case pgtype.Float8OID:
		v.F64 = math.Float64frombits(be.Uint64(src))
	case pgtype.BoolOID:
		if src[0] != 0 {
			v.I64 = 1
		}
	case pgtype.DateOID:
		v.I64 = dateMillis(int32(be.Uint32(src)))
	case pgtype.TimestampOID, pgtype.TimestamptzOID:
		v.I64 = microsToMillis(int64(be.Uint64(src)))
	default:
		v.I64 = int64(be.Uint64(src))
	}
	return v, nil
}

// Infinite timestamps are the ends of the range.
func microsToMillis(micros int64) int64 {
	switch micros {
	case math.MaxInt64:
		return math.MaxInt64
	case math.MinInt64:
		return math.MinInt64
	}
	return floorDiv(micros, 1000) + epochMillis2000
}

func dateMillis(days int32) int64 {
	switch days {
	case math.MaxInt32:
		return math.MaxInt64
	case math.MinInt32:
		return math.MinInt64
	}
	return int64(days)*millisPerDay + epochMillis2000
}
