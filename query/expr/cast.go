package expr

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
)

// failFunc reports the failure of a row: it returns an error where evaluation has to end.
type failFunc func(row int, err error) error

// CastValue converts one value, with the meaning of Cast. NULL stays NULL.
func CastValue(v catalog.Value, to catalog.Type) (catalog.Value, error) {
	if v.Null || v.Type.Kind == catalog.KindNull {
		return catalog.NullValue(to), nil
	}
	if v.Type == to {
		return v, nil
	}
	var c, flat, out vec.Vector
	c.SetConst(v, 1)
	c.Gather(nil, &flat)
	err := castVector(&flat, to, 1, &out, func(_ int, err error) error { return err })
	if err != nil {
		return catalog.Value{}, err
	}
	return out.At(0), nil
}

// castFallible reports whether a value of type from may fail to become type to.
func castFallible(from, to catalog.Type) bool {
	if from.MultiValue != to.MultiValue {
		return true
	}
	f, t := from.Kind, to.Kind
	switch {
	case f == t, f == catalog.KindNull, sameForm(f, t), t == catalog.KindString:
		return false
	case f.IsText(), t == catalog.KindJSON, f == catalog.KindBytes:
		return true
	}
	return width(t) < width(f)
}

// width orders numeric kinds so that a cast to one at least as wide cannot fail.
func width(k catalog.Kind) int {
	switch k {
	case catalog.KindBoolean:
		return 9 // numbers become true or false without failing
	case catalog.KindInt:
		return 2
	case catalog.KindLong, catalog.KindDuration, catalog.KindInterval, catalog.KindTimestamp, catalog.KindTimestampTZ:
		return 3
	case catalog.KindBigDecimal:
		return 4
	case catalog.KindFloat:
		return 5
	case catalog.KindDouble:
		return 6
	default:
		return 0
	}
}

// sameForm reports kinds whose values convert by being renamed.
func sameForm(a, b catalog.Kind) bool {
	if a == b || (a == catalog.KindJSON && b == catalog.KindString) {
		return true
	}
	return a.Physical() == catalog.PhysInt64 && b.Physical() == catalog.PhysInt64
}

// castVector writes src, flat and of n rows, to out as type to. NULLs stay NULL.
func castVector(src *vec.Vector, to catalog.Type, n int, out *vec.Vector, fail failFunc) error {
	switch from := src.Type; {
	case from.Kind == catalog.KindNull:
		setAllNull(out, to, n)
		return nil
	case from.MultiValue && to.MultiValue:
		return castElements(src, to, n, out, fail)
	case from.MultiValue:
		return castCollapse(src, to, n, out, fail)
	case to.MultiValue:
		return castWrap(src, to, n, out, fail)
	}
	return castScalar(src, to, n, out, fail)
}

func castScalar(src *vec.Vector, to catalog.Type, n int, out *vec.Vector, fail failFunc) error {
	if sameForm(src.Type.Kind, to.Kind) {
		aliasVector(src, out)
		out.Type = to
		return nil
	}
	out.Reset(to, n)
	shareNulls(src, out)
	switch {
	case to.Kind == catalog.KindString:
		formatVector(src, n, out)
		return nil
	case src.Type.Kind.IsText():
		return parseVector(src, to.Kind, n, out, fail)
	case src.Type.Kind == catalog.KindBytes, to.Kind == catalog.KindBytes, to.Kind == catalog.KindJSON:
		if to.Kind == catalog.KindJSON && src.Type.Kind != catalog.KindBytes {
			formatVector(src, n, out)
			return nil
		}
		return errs.User("42846", "cannot cast type %s to %s", src.Type, to)
	}
	return castNumber(src, to.Kind, n, out, fail)
}

// shareNulls gives out a copy of src's nulls.
func shareNulls(src, out *vec.Vector) {
	if src.HasNulls() {
		copy(out.MutableNulls(), src.Nulls[:vec.Words(out.Len)])
	}
}

// setAllNull makes out a constant NULL of type t.
func setAllNull(out *vec.Vector, t catalog.Type, n int) { out.SetConst(catalog.NullValue(t), n) }

func castElements(src *vec.Vector, to catalog.Type, n int, out *vec.Vector, fail failFunc) error {
	out.Reset(to, n)
	shareNulls(src, out)
	total := int(src.Offsets[n])
	var elems, cast vec.Vector
	src.Elems.Flatten(&elems)
	rowOf := func(e int) int {
		row := 0
		for int(src.Offsets[row+1]) <= e {
			row++
		}
		return row
	}
	err := castScalarFlat(&elems, to.Elem(), total, &cast, func(e int, err error) error { return fail(rowOf(e), err) })
	if err != nil {
		return err
	}
	copy(out.Offsets, src.Offsets[:n+1])
	out.Elems.Reset(to.Elem(), total)
	for i := range total {
		out.Elems.CopyRow(i, &cast, i)
	}
	return nil
}

// castScalarFlat is castVector that never gives a constant.
func castScalarFlat(src *vec.Vector, to catalog.Type, n int, out *vec.Vector, fail failFunc) error {
	if n == 0 {
		out.Reset(to, 0)
		return nil
	}
	return castVector(src, to, n, out, fail)
}

// castCollapse makes arrays of one element that element; an empty array is NULL and a longer one fails.
func castCollapse(src *vec.Vector, to catalog.Type, n int, out *vec.Vector, fail failFunc) error {
	var single vec.Vector
	single.Reset(src.Type.Elem(), n)
	clear(single.Str)
	for i := range n {
		length := src.Offsets[i+1] - src.Offsets[i]
		switch {
		case src.IsNull(i) || length == 0:
			single.SetNull(i)
		case length == 1:
			single.CopyRow(i, src.Elems, int(src.Offsets[i]))
		default:
			single.SetNull(i)
			err := errs.User(errs.DatatypeMismatch, "cannot make a %s of an array of %d elements", to, length)
			if err := fail(i, err); err != nil {
				return err
			}
		}
	}
	return castVector(&single, to, n, out, fail)
}

// castWrap makes an array of each value: text is read as an array, other values are one element.
func castWrap(src *vec.Vector, to catalog.Type, n int, out *vec.Vector, fail failFunc) error {
	if src.Type.Kind.IsText() && n > 0 {
		var texts vec.Vector
		if err := parseArrays(src, n, &texts, fail); err != nil {
			return err
		}
		return castElements(&texts, to, n, out, fail)
	}
	out.Reset(to, n)
	shareNulls(src, out)
	var cast vec.Vector
	if err := castScalarFlat(src, to.Elem(), n, &cast, fail); err != nil {
		return err
	}
	out.Elems.Reset(to.Elem(), n)
	at := 0
	for i := range n {
		if !out.IsNull(i) {
			out.Elems.CopyRow(at, &cast, i)
			at++
		}
		out.Offsets[i+1] = uint32(at)
	}
	return nil
}
