package expr

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/cockroachdb/apd/v3"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function/convert"
)

type number interface {
	~int32 | ~int64 | ~float32 | ~float64
}

// convertNumbers is the casts that every value survives.
func convertNumbers[A, B number](src []A, dst []B) {
	dst = dst[:len(src)]
	for i, x := range src {
		dst[i] = B(x)
	}
}

// tryNumbers is the casts that a value may fail; NULL rows are not looked at.
func tryNumbers[A, B any](src []A, out *vec.Vector, dst []B, fail failFunc, f func(A) (B, error)) error {
	for i, x := range src {
		if out.IsNull(i) {
			var zero B
			dst[i] = zero
			continue
		}
		y, err := f(x)
		if err != nil {
			if err := fail(i, err); err != nil {
				return err
			}
		}
		dst[i] = y
	}
	return nil
}

// castNumber converts between numbers, booleans and times, flat.
func castNumber(src *vec.Vector, to catalog.Kind, n int, out *vec.Vector, fail failFunc) error {
	switch src.Type.Kind.Physical() {
	case catalog.PhysInt32:
		return castFromInt(src.I32[:n], to, out, fail)
	case catalog.PhysInt64:
		return castFromInt(src.I64[:n], to, out, fail)
	case catalog.PhysFloat32:
		return castFromFloat(src.F32[:n], to, out, fail)
	case catalog.PhysFloat64:
		return castFromFloat(src.F64[:n], to, out, fail)
	case catalog.PhysBits:
		ints := make([]int32, n)
		for i := range ints {
			if src.Bits.Get(i) {
				ints[i] = 1
			}
		}
		return castFromInt(ints, to, out, fail)
	case catalog.PhysString: // BIG_DECIMAL
		return castFromDecimal(src.Str[:n], to, out, fail)
	}
	return errs.Bug("cast of %s to %s", src.Type, to)
}

func setBits[A number](src []A, out *vec.Vector) {
	for i, x := range src {
		if x != 0 {
			out.Bits.Set(i)
		}
	}
}

func castFromInt[A int32 | int64](src []A, to catalog.Kind, out *vec.Vector, fail failFunc) error {
	switch to.Physical() {
	case catalog.PhysInt32:
		return tryNumbers(src, out, out.I32, fail, func(x A) (int32, error) {
			y, err := convert.IntOfLong(int64(x))
			return int32(y), err
		})
	case catalog.PhysInt64:
		convertNumbers(src, out.I64)
	case catalog.PhysFloat32:
		convertNumbers(src, out.F32)
	case catalog.PhysFloat64:
		convertNumbers(src, out.F64)
	case catalog.PhysBits:
		setBits(src, out)
	case catalog.PhysString:
		for i, x := range src {
			out.Str[i] = strconv.FormatInt(int64(x), 10)
		}
	}
	return nil
}

func castFromFloat[A float32 | float64](src []A, to catalog.Kind, out *vec.Vector, fail failFunc) error {
	switch to.Physical() {
	case catalog.PhysInt32:
		return tryNumbers(src, out, out.I32, fail, func(x A) (int32, error) {
			y, err := convert.LongOfDouble(float64(x))
			if err == nil {
				y, err = convert.IntOfLong(y)
			}
			return int32(y), err
		})
	case catalog.PhysInt64:
		return tryNumbers(src, out, out.I64, fail, func(x A) (int64, error) { return convert.LongOfDouble(float64(x)) })
	case catalog.PhysFloat32:
		return tryNumbers(src, out, out.F32, fail, func(x A) (float32, error) { return narrowFloat(float64(x)) })
	case catalog.PhysFloat64:
		convertNumbers(src, out.F64)
	case catalog.PhysBits:
		setBits(src, out)
	case catalog.PhysString:
		var d apd.Decimal
		return tryNumbers(src, out, out.Str, fail, func(x A) (string, error) {
			if err := decimalOfFloat(&d, x); err != nil {
				return "", err
			}
			return convert.FormatDecimal(&d), nil
		})
	}
	return nil
}

// decimalOfFloat goes through the shortest text of the float's own width: 0.1 stays 0.1.
func decimalOfFloat[A float32 | float64](d *apd.Decimal, x A) error {
	if y := float64(x); math.IsInf(y, 0) || math.IsNaN(y) {
		return convert.DecimalOfDouble(d, y)
	}
	if y, ok := any(x).(float32); ok {
		return convert.ParseDecimal(d, strconv.FormatFloat(float64(y), 'g', -1, 32))
	}
	return convert.DecimalOfDouble(d, float64(x))
}

func narrowFloat(x float64) (float32, error) {
	y := float32(x)
	if math.IsInf(float64(y), 0) && !math.IsInf(x, 0) {
		return 0, errs.User(errs.NumericOutOfRange, `value "%s" is out of range for type real`, convert.AppendDouble(nil, x))
	}
	return y, nil
}

func castFromDecimal(src []string, to catalog.Kind, out *vec.Vector, fail failFunc) error {
	switch to.Physical() {
	case catalog.PhysInt32:
		return tryNumbers(src, out, out.I32, fail, func(s string) (int32, error) {
			y, err := convert.LongOfDecimal(s)
			if err == nil {
				y, err = convert.IntOfLong(y)
			}
			return int32(y), err
		})
	case catalog.PhysInt64:
		return tryNumbers(src, out, out.I64, fail, convert.LongOfDecimal)
	case catalog.PhysFloat32:
		return tryNumbers(src, out, out.F32, fail, func(s string) (float32, error) {
			y, err := convert.ParseFloat(s)
			return float32(y), err
		})
	case catalog.PhysFloat64:
		return tryNumbers(src, out, out.F64, fail, convert.ParseDouble)
	case catalog.PhysBits:
		for i, s := range src {
			if s != "0" {
				out.Bits.Set(i)
			}
		}
	}
	return nil
}

// parseVector reads text.
func parseVector(src *vec.Vector, to catalog.Kind, n int, out *vec.Vector, fail failFunc) error {
	texts := src.Str[:n]
	switch to {
	case catalog.KindInt:
		return tryNumbers(texts, out, out.I32, fail, func(s string) (int32, error) {
			x, err := convert.ParseInt(s)
			return int32(x), err
		})
	case catalog.KindLong, catalog.KindDuration:
		return tryNumbers(texts, out, out.I64, fail, convert.ParseLong)
	case catalog.KindTimestamp, catalog.KindTimestampTZ:
		return tryNumbers(texts, out, out.I64, fail, convert.ParseTimestamp)
	case catalog.KindInterval:
		return tryNumbers(texts, out, out.I64, fail, convert.ParseInterval)
	case catalog.KindFloat:
		return tryNumbers(texts, out, out.F32, fail, func(s string) (float32, error) {
			x, err := convert.ParseFloat(s)
			return float32(x), err
		})
	case catalog.KindDouble:
		return tryNumbers(texts, out, out.F64, fail, convert.ParseDouble)
	case catalog.KindBigDecimal:
		return tryNumbers(texts, out, out.Str, fail, convert.CanonicalDecimal)
	case catalog.KindBytes:
		return tryNumbers(texts, out, out.Str, fail, convert.ParseBytes)
	case catalog.KindJSON:
		return tryNumbers(texts, out, out.Str, fail, checkJSON)
	case catalog.KindBoolean:
		flags := make([]bool, n)
		if err := tryNumbers(texts, out, flags, fail, convert.ParseBool); err != nil {
			return err
		}
		for i, f := range flags {
			if f {
				out.Bits.Set(i)
			}
		}
		return nil
	}
	return errs.User("42846", "cannot cast type %s to %s", src.Type, to)
}

func checkJSON(s string) (string, error) {
	if !json.Valid([]byte(s)) {
		return "", errs.User(errs.InvalidText, `invalid input syntax for type json: "%s"`, convert.Shown(s))
	}
	return s, nil
}

// formatVector writes values as text, all of them in one allocation.
func formatVector(src *vec.Vector, n int, out *vec.Vector) {
	if src.Type.Kind == catalog.KindBigDecimal {
		copy(out.Str, src.Str[:n])
		return
	}
	buf := make([]byte, 0, 20*n)
	ends := make([]int, n)
	for i := range n {
		if !out.IsNull(i) {
			buf = appendText(buf, src, i)
		}
		ends[i] = len(buf)
	}
	text, from := string(buf), 0
	for i, end := range ends {
		out.Str[i] = text[from:end]
		from = end
	}
}

func appendText(buf []byte, v *vec.Vector, i int) []byte {
	switch v.Type.Kind {
	case catalog.KindInt:
		return strconv.AppendInt(buf, int64(v.I32[i]), 10)
	case catalog.KindLong, catalog.KindDuration:
		return strconv.AppendInt(buf, v.I64[i], 10)
	case catalog.KindTimestamp:
		return convert.AppendTimestamp(buf, v.I64[i])
	case catalog.KindTimestampTZ:
		return append(convert.AppendTimestamp(buf, v.I64[i]), "+00"...)
	case catalog.KindInterval:
		return convert.AppendInterval(buf, v.I64[i])
	case catalog.KindFloat:
		return convert.AppendFloat(buf, float64(v.F32[i]))
	case catalog.KindDouble:
		return convert.AppendDouble(buf, v.F64[i])
	case catalog.KindBoolean:
		return strconv.AppendBool(buf, v.Bits.Get(i))
	case catalog.KindBytes:
		return append(buf, convert.FormatBytes(v.Str[i])...)
	default:
		return append(buf, v.Str[i]...)
	}
}

// parseArrays reads each text as an array of texts.
func parseArrays(src *vec.Vector, n int, out *vec.Vector, fail failFunc) error {
	out.Reset(catalog.String.Array(), n)
	shareNulls(src, out)
	var all []string
	var nulls []int
	for i := range n {
		if !out.IsNull(i) {
			elems, null, err := convert.ParseArray(src.Str[i])
			if err != nil {
				out.SetNull(i)
				if err := fail(i, err); err != nil {
					return err
				}
			}
			for e := range null {
				nulls = append(nulls, len(all)+e)
			}
			all = append(all, elems...)
		}
		out.Offsets[i+1] = uint32(len(all))
	}
	out.Elems.Reset(catalog.String, len(all))
	copy(out.Elems.Str, all)
	for _, e := range nulls {
		out.Elems.SetNull(e)
	}
	return nil
}
