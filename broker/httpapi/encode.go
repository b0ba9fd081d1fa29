package httpapi

import (
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/result"
)

// cell appends row i of a flat vector, which is not NULL there, as JSON.
type cell func(dst []byte, v *vec.Vector, i int) []byte

// typeName is a type as columnDataTypes names it.
func typeName(t catalog.Type) string {
	if t.Kind == catalog.KindInterval { // Pinot has no intervals: they are milliseconds
		t.Kind = catalog.KindLong
	}
	return t.String()
}

func cellsOf(columns []result.Column) []cell {
	out := make([]cell, len(columns))
	for i, c := range columns {
		out[i] = cellOf(c.Type)
	}
	return out
}

func cellOf(t catalog.Type) cell {
	elem := scalarCell(t.Kind)
	if !t.MultiValue {
		return elem
	}
	return func(dst []byte, v *vec.Vector, i int) []byte {
		dst = append(dst, '[')
		first := v.Offsets[i]
		for e := first; e < v.Offsets[i+1]; e++ {
			if e > first {
				dst = append(dst, ',')
			}
			if v.Elems.IsNull(int(e)) {
				dst = append(dst, "null"...)
				continue
			}
			dst = elem(dst, v.Elems, int(e))
		}
		return append(dst, ']')
	}
}

func scalarCell(k catalog.Kind) cell {
	switch k {
	case catalog.KindInt:
		return func(dst []byte, v *vec.Vector, i int) []byte { return strconv.AppendInt(dst, int64(v.I32[i]), 10) }
	case catalog.KindLong, catalog.KindDuration, catalog.KindInterval:
		return func(dst []byte, v *vec.Vector, i int) []byte { return strconv.AppendInt(dst, v.I64[i], 10) }
	case catalog.KindFloat:
		return func(dst []byte, v *vec.Vector, i int) []byte { return appendFloat(dst, float64(v.F32[i]), 32) }
	case catalog.KindDouble:
		return func(dst []byte, v *vec.Vector, i int) []byte { return appendFloat(dst, v.F64[i], 64) }
	case catalog.KindBoolean:
		return func(dst []byte, v *vec.Vector, i int) []byte { return strconv.AppendBool(dst, v.Bits.Get(i)) }
	case catalog.KindTimestamp, catalog.KindTimestampTZ:
		return func(dst []byte, v *vec.Vector, i int) []byte { return appendTimestamp(dst, v.I64[i]) }
	case catalog.KindBytes:
		return func(dst []byte, v *vec.Vector, i int) []byte { return appendHex(dst, v.Str[i]) }
	default:
		return func(dst []byte, v *vec.Vector, i int) []byte { return appendString(dst, v.Str[i]) }
	}
}

// appendRows appends the rows of a batch, each a JSON array, separated by commas; first says that none came before. It
// stops with an error when dst grows beyond limit.
func appendRows(dst []byte, cells []cell, b *vec.Batch, first bool, limit int) ([]byte, error) {
	for i := range b.Rows {
		if !first || i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '[')
		for c, enc := range cells {
			if c > 0 {
				dst = append(dst, ',')
			}
			v := b.Cols[c]
			row := i
			if v.Form == vec.FormConst {
				row = 0
			}
			if v.IsNull(row) {
				dst = append(dst, "null"...)
				continue
			}
			dst = enc(dst, v, row)
		}
		dst = append(dst, ']')
		if len(dst) > limit {
			return dst, errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "the result is larger than %d bytes", limit).
				WithHint("Add a LIMIT, select fewer columns, or read the result over the Postgres wire, which streams.")
		}
	}
	return dst, nil
}

// Java prints floats plainly from 10^-3 up to 10^7, and else with an exponent.
const (
	smallestPlain = 1e-3
	largestPlain  = 1e7
)

// appendFloat appends x as Java's Double.toString or Float.toString does. What JSON cannot say is a string.
func appendFloat(dst []byte, x float64, bits int) []byte {
	switch {
	case math.IsNaN(x):
		return append(dst, `"NaN"`...)
	case math.IsInf(x, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(x, -1):
		return append(dst, `"-Infinity"`...)
	}
	a := math.Abs(x)
	small := float64(smallestPlain)
	if bits == 32 {
		small = float64(float32(smallestPlain))
	}
	if a == 0 || a >= small && a < largestPlain {
		start := len(dst)
		dst = strconv.AppendFloat(dst, x, 'f', -1, bits)
		return withPoint(dst, start)
	}
	// 1.5e+10 becomes 1.5E10, and 1e-05 becomes 1.0E-5.
	var scratch [32]byte
	text := strconv.AppendFloat(scratch[:0], x, 'e', -1, bits)
	e := len(text) - 1
	for text[e] != 'e' {
		e--
	}
	start := len(dst)
	dst = withPoint(append(dst, text[:e]...), start)
	dst = append(dst, 'E')
	exponent := text[e+1:]
	if exponent[0] == '-' {
		dst = append(dst, '-')
	}
	exponent = exponent[1:]
	for len(exponent) > 1 && exponent[0] == '0' {
		exponent = exponent[1:]
	}
	return append(dst, exponent...)
}

// withPoint appends .0 to the number that begins at start if it has no point.
func withPoint(dst []byte, start int) []byte {
	for _, c := range dst[start:] {
		if c == '.' {
			return dst
		}
	}
	return append(dst, '.', '0')
}

const hexDigits = "0123456789abcdef"

func appendHex(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		dst = append(dst, hexDigits[s[i]>>4], hexDigits[s[i]&15])
	}
	return append(dst, '"')
}

// appendString appends a JSON string. Octets that are not UTF-8 become U+FFFD.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	plain := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(append(dst, s[plain:i]...), "\ufffd"...)
				plain = i + 1
			}
			i += size
			continue
		}
		dst = append(dst, s[plain:i]...)
		dst = appendEscape(dst, c)
		i++
		plain = i
	}
	dst = append(dst, s[plain:]...)
	return append(dst, '"')
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}
