package json

import (
	"math"
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function/convert"
)

// asText gives a text as it is meant, a number as it was written, and an object or an array without space.
func (f found) asText() string {
	switch {
	case f.computed:
		return numberText(f.num)
	case f.text[0] == '"':
		return unescape(f.text[1 : len(f.text)-1])
	case f.text[0] == '{' || f.text[0] == '[':
		return compact(f.text)
	}
	return f.text
}

// asJSON gives JSON text without space.
func (f found) asJSON() string {
	if f.computed {
		return numberText(f.num)
	}
	return compact(f.text)
}

// numberText is a computed number as text. Small whole numbers, which lengths and counts are, cost no allocation.
func numberText(x float64) string {
	const exact = 1e15 // from here on the text of a double has an exponent
	if whole := int64(x); math.Abs(x) < exact && float64(whole) == x && (x != 0 || !math.Signbit(x)) {
		return strconv.FormatInt(whole, 10)
	}
	return string(convert.AppendDouble(nil, x))
}

// scalar gives the text that a number or another scalar is read from; an object or an array is refused, but the only
// element of an array stands for itself.
func (f found) scalar(t catalog.Type) (text string, quoted bool, err error) {
	s := f.text
	if s[0] == '[' {
		e := elementsOf(s)
		if e.next() {
			one := e.val
			if !e.next() {
				s = one
			}
		}
	}
	switch s[0] {
	case '"':
		return unescape(s[1 : len(s)-1]), true, nil
	case '{', '[':
		return "", false, errs.User(errs.InvalidText, "JSON value %s is not one value of type %s", convert.Shown(s), t)
	}
	return s, false, nil
}

func (f found) asLong() (int64, error) {
	if f.computed {
		return convert.LongOfDouble(f.num)
	}
	s, quoted, err := f.scalar(catalog.Long)
	if err != nil {
		return 0, err
	}
	if s != "" {
		if x, ok := smallInteger(s); ok {
			return x, nil
		}
	}
	if quoted || !strings.ContainsAny(s, ".eE") {
		return convert.ParseLong(s)
	}
	x, err := convert.ParseDouble(s)
	if err != nil {
		return 0, err
	}
	return convert.LongOfDouble(x)
}

func (f found) asInt() (int64, error) {
	x, err := f.asLong()
	if err != nil {
		return 0, err
	}
	return convert.IntOfLong(x)
}

func (f found) asDouble(t catalog.Type) (float64, error) {
	if f.computed {
		return f.num, nil
	}
	s, _, err := f.scalar(t)
	if err != nil {
		return 0, err
	}
	if t.Kind == catalog.KindFloat {
		return convert.ParseFloat(s)
	}
	return convert.ParseDouble(s)
}

func (f found) asBool() (bool, error) {
	if f.computed {
		return f.num != 0, nil
	}
	s, quoted, err := f.scalar(catalog.Boolean)
	if err != nil {
		return false, err
	}
	if quoted || s == "true" || s == "false" {
		return convert.ParseBool(s)
	}
	x, err := convert.ParseDouble(s)
	return x != 0, err
}

func (f found) asTimestamp() (int64, error) {
	if !f.computed {
		s, quoted, err := f.scalar(catalog.Timestamp)
		if err != nil {
			return 0, err
		}
		if quoted {
			return convert.ParseTimestamp(s)
		}
	}
	return f.asLong()
}

func (f found) asDecimal() (string, error) {
	if f.computed {
		return convert.CanonicalDecimal(string(convert.AppendDouble(nil, f.num)))
	}
	s, _, err := f.scalar(catalog.BigDecimal)
	if err != nil {
		return "", err
	}
	return convert.CanonicalDecimal(s)
}

// store converts a value that is not null to the type of out, a flat single-value vector, and writes it to row i.
func (f found) store(out *vec.Vector, i int) (err error) {
	var x int64
	switch t := out.Type; t.Kind {
	case catalog.KindInt:
		x, err = f.asInt()
		out.I32[i] = int32(x)
	case catalog.KindLong:
		out.I64[i], err = f.asLong()
	case catalog.KindTimestamp:
		out.I64[i], err = f.asTimestamp()
	case catalog.KindFloat:
		var d float64
		d, err = f.asDouble(t)
		out.F32[i] = float32(d)
	case catalog.KindDouble:
		out.F64[i], err = f.asDouble(t)
	case catalog.KindBoolean:
		var b bool
		if b, err = f.asBool(); b {
			out.Bits.Set(i)
		}
	case catalog.KindBigDecimal:
		out.Str[i], err = f.asDecimal()
	case catalog.KindJSON:
		out.Str[i] = f.asJSON()
	default:
		out.Str[i] = f.asText()
	}
	return err
}

// zero makes row i readable where it has no value.
func zero(out *vec.Vector, i int) {
	switch out.Type.Kind.Physical() {
	case catalog.PhysInt32:
		out.I32[i] = 0
	case catalog.PhysInt64:
		out.I64[i] = 0
	case catalog.PhysFloat32:
		out.F32[i] = 0
	case catalog.PhysFloat64:
		out.F64[i] = 0
	case catalog.PhysString:
		out.Str[i] = ""
	}
}

// copyValue writes x, a value of the type of out, to row i.
func copyValue(out *vec.Vector, i int, x catalog.Value) {
	if x.Null {
		zero(out, i)
		out.SetNull(i)
		return
	}
	switch out.Type.Kind.Physical() {
	case catalog.PhysInt32:
		out.I32[i] = int32(x.I64)
	case catalog.PhysInt64:
		out.I64[i] = x.I64
	case catalog.PhysFloat32:
		out.F32[i] = float32(x.F64)
	case catalog.PhysFloat64:
		out.F64[i] = x.F64
	case catalog.PhysBits:
		if x.I64 != 0 {
			out.Bits.Set(i)
		}
	case catalog.PhysString:
		out.Str[i] = x.Str
	}
}

// whenMissing is what a function gives where the path finds nothing.
type whenMissing struct {
	arg     int            // position of the argument with the default, 0 for none
	value   *catalog.Value // without an argument; nil for NULL
	isEmpty bool           // an empty array
}

func (w whenMissing) at(args []*vec.Vector, row int, t catalog.Type) catalog.Value {
	switch {
	case w.arg > 0:
		return args[w.arg].At(row)
	case w.value != nil:
		return *w.value
	}
	return catalog.Value{Type: t, Null: !w.isEmpty}
}

var (
	minLong = catalog.Value{Type: catalog.Long, I64: math.MinInt64} // read-only
	notANum = catalog.Value{Type: catalog.Double, F64: math.NaN()}  // read-only
)
