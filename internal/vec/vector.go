// Package vec holds the engine's unit of work: vectors of up to BlockRows values with null bitmaps, in flat,
// constant, dictionary, offset or scaled form, and batches of them.
//
// Ownership: a vector owns the buffers that Reset gave it. A producer may instead point its slices at foreign
// memory (a mapped segment): such a vector is read-only, and valid while the producer keeps that memory, for
// segment scans while the partition version is pinned. Strings may alias foreign memory too: whoever keeps a
// string beyond that clones it. Strings that had to be decoded (OwnBytes: columns without dictionary) live in the
// vector itself and end when it is filled again; only dictionary values last as long as the pin. Vectors are not safe for concurrent use.
package vec

import (
	"strings"

	"github.com/freshetdb/freshet/catalog"
)

// BlockRows is the number of rows of a block: the unit of zone maps, filters and batches.
const BlockRows = 8192

// Form says how a vector holds its values.
type Form uint8

// Forms. Multi-value vectors are always FormFlat with Offsets and Elems.
const (
	FormFlat   Form = iota // the slice of the physical type
	FormConst              // element 0 of that slice stands for all rows (or Nulls bit 0)
	FormDict               // U8, U16 or U32 are ids into Dict
	FormOffset             // integers and timestamps: U8, U16 or U32 plus Base
	FormScaled             // floats: U8, U16 or U32 plus Base, divided by Power
)

// Vector is a column of a batch. Which slices are set follows from Type and Form.
type Vector struct {
	Type  catalog.Type
	Form  Form
	Len   int
	Nulls Bitmap // nil: no nulls; a set bit is a NULL, whose value slot is undefined but readable

	I32  []int32
	I64  []int64
	F32  []float32
	F64  []float64
	Str  []string
	Bits Bitmap

	U8   []uint8
	U16  []uint16
	U32  []uint32
	Dict *Dict
	Base int64
	// Power is a power of ten; sums of Base and codes are below 2^53 in magnitude.
	Power float64

	Offsets []uint32 // multi-value: row i has elements Offsets[i]..Offsets[i+1] of Elems
	Elems   *Vector

	own struct {
		i32   []int32
		i64   []int64
		f32   []float32
		f64   []float64
		str   []string
		bits  Bitmap
		nulls Bitmap
		offs  []uint32
		elems *Vector
		bytes []byte
	}
}

// grow gives a slice of length n with s's memory where it suffices.
func grow[T any](s []T, n int) []T {
	if cap(s) >= n {
		return s[:n]
	}
	return make([]T, n, max(n, 2*cap(s)))
}

// Reset makes v a flat, writable vector of n values without nulls, from buffers that v owns. Values are
// undefined, except that bits are clear. A multi-value vector gets n+1 offsets and an empty Elems.
func (v *Vector) Reset(t catalog.Type, n int) {
	own := v.own
	*v = Vector{Type: t, Len: n}
	v.own = own
	if t.MultiValue {
		v.own.offs = grow(v.own.offs, n+1)
		v.Offsets = v.own.offs
		v.Offsets[0] = 0
		if v.own.elems == nil {
			v.own.elems = &Vector{}
		}
		v.Elems = v.own.elems
		v.Elems.Reset(t.Elem(), 0)
		return
	}
	switch t.Kind.Physical() {
	case catalog.PhysInt32:
		v.own.i32 = grow(v.own.i32, n)
		v.I32 = v.own.i32
	case catalog.PhysInt64:
		v.own.i64 = grow(v.own.i64, n)
		v.I64 = v.own.i64
	case catalog.PhysFloat32:
		v.own.f32 = grow(v.own.f32, n)
		v.F32 = v.own.f32
	case catalog.PhysFloat64:
		v.own.f64 = grow(v.own.f64, n)
		v.F64 = v.own.f64
	case catalog.PhysBits:
		v.own.bits = grow(v.own.bits, Words(n))
		v.Bits = v.own.bits
		v.Bits.Zero()
	case catalog.PhysString:
		v.own.str = grow(v.own.str, n)
		v.Str = v.own.str
	}
}

// Alias makes v an empty shell of n values in the given form, without values or nulls: the producer then points the
// exported slices at foreign memory. The buffers that v owns are kept for later Resets. Not for multi-value types.
func (v *Vector) Alias(t catalog.Type, form Form, n int) {
	own := v.own
	*v = Vector{Type: t, Form: form, Len: n}
	v.own = own
}

// OwnBytes gives n bytes of memory that v owns, for strings that a producer has to decode. They are undefined, and
// strings in them are valid until the next OwnBytes of v.
func (v *Vector) OwnBytes(n int) []byte {
	v.own.bytes = grow(v.own.bytes, n)
	return v.own.bytes
}

// MutableNulls gives v's null bitmap for writing, clear if v had none. It belongs to v. A foreign bitmap is copied.
func (v *Vector) MutableNulls() Bitmap {
	if v.Nulls != nil && v.own.nulls != nil && len(v.Nulls) > 0 && &v.Nulls[0] == &v.own.nulls[0] {
		return v.Nulls
	}
	foreign := v.Nulls
	v.own.nulls = grow(v.own.nulls, Words(v.Len))
	v.Nulls = v.own.nulls
	if foreign == nil {
		v.Nulls.Zero()
	} else {
		copy(v.Nulls, foreign)
	}
	return v.Nulls
}

// SetNull makes row i NULL.
func (v *Vector) SetNull(i int) { v.MutableNulls().Set(i) }

// IsNull reports whether row i is NULL, in any form.
func (v *Vector) IsNull(i int) bool {
	if v.Nulls == nil {
		return false
	}
	if v.Form == FormConst {
		i = 0
	}
	return v.Nulls.Get(i)
}

// HasNulls reports whether any row is NULL.
func (v *Vector) HasNulls() bool { return v.Nulls != nil && v.Nulls.Any() }

// Code gives the dictionary id or the unsigned offset of row i.
func (v *Vector) Code(i int) uint32 {
	switch {
	case v.U8 != nil:
		return uint32(v.U8[i])
	case v.U16 != nil:
		return uint32(v.U16[i])
	default:
		return v.U32[i]
	}
}

// Flatten makes out a flat vector with v's values; out may not be v. Where v is already flat, out aliases it.
func (v *Vector) Flatten(out *Vector) {
	if v.Form == FormFlat {
		own := out.own
		*out = *v
		out.own = own
		return
	}
	v.Gather(nil, out)
}

// Gather makes out a flat vector with the rows of v at sel, in that order; all rows for a nil sel. Strings alias
// v's. out may not be v.
func (v *Vector) Gather(sel []uint16, out *Vector) {
	n := v.Len
	if sel != nil {
		n = len(sel)
	}
	if v.Type.MultiValue {
		v.gatherMulti(sel, n, out)
		return
	}
	out.Reset(v.Type, n)
	switch v.Form {
	case FormConst:
		v.gatherConst(n, out)
		return
	case FormDict:
		switch {
		case v.U8 != nil:
			gatherDict(v.Dict, v.U8[:v.Len], sel, out)
		case v.U16 != nil:
			gatherDict(v.Dict, v.U16[:v.Len], sel, out)
		default:
			gatherDict(v.Dict, v.U32[:v.Len], sel, out)
		}
	case FormOffset:
		switch {
		case v.U8 != nil:
			gatherOffset(v.Base, v.U8[:v.Len], sel, out)
		case v.U16 != nil:
			gatherOffset(v.Base, v.U16[:v.Len], sel, out)
		default:
			gatherOffset(v.Base, v.U32[:v.Len], sel, out)
		}
	case FormScaled:
		switch {
		case v.U8 != nil:
			gatherScaled(v, v.U8[:v.Len], sel, out)
		case v.U16 != nil:
			gatherScaled(v, v.U16[:v.Len], sel, out)
		default:
			gatherScaled(v, v.U32[:v.Len], sel, out)
		}
	default:
		v.gatherFlat(sel, out)
	}
	v.gatherNulls(sel, n, out)
}

func (v *Vector) gatherNulls(sel []uint16, n int, out *Vector) {
	if !v.HasNulls() {
		return
	}
	nulls := out.MutableNulls()
	if sel == nil {
		copy(nulls, v.Nulls[:Words(n)])
		return
	}
	for i, s := range sel {
		if v.Nulls.Get(int(s)) {
			nulls.Set(i)
		}
	}
}

func (v *Vector) gatherConst(n int, out *Vector) {
	if v.IsNull(0) {
		zeroFill(out)
		out.MutableNulls().SetAll(n)
		return
	}
	switch v.Type.Kind.Physical() {
	case catalog.PhysInt32:
		fill(out.I32, v.I32[0])
	case catalog.PhysInt64:
		fill(out.I64, v.I64[0])
	case catalog.PhysFloat32:
		fill(out.F32, v.F32[0])
	case catalog.PhysFloat64:
		fill(out.F64, v.F64[0])
	case catalog.PhysBits:
		if v.Bits.Get(0) {
			out.Bits.SetAll(n)
		}
	case catalog.PhysString:
		fill(out.Str, v.Str[0])
	}
}

func zeroFill(out *Vector) {
	clear(out.I32)
	clear(out.I64)
	clear(out.F32)
	clear(out.F64)
	clear(out.Str)
}

func fill[T any](s []T, x T) {
	for i := range s {
		s[i] = x
	}
}

func pick[T any](dst, src []T, sel []uint16) {
	if sel == nil {
		copy(dst, src)
		return
	}
	for i, s := range sel {
		dst[i] = src[s]
	}
}

func (v *Vector) gatherFlat(sel []uint16, out *Vector) {
	switch v.Type.Kind.Physical() {
	case catalog.PhysInt32:
		pick(out.I32, v.I32, sel)
	case catalog.PhysInt64:
		pick(out.I64, v.I64, sel)
	case catalog.PhysFloat32:
		pick(out.F32, v.F32, sel)
	case catalog.PhysFloat64:
		pick(out.F64, v.F64, sel)
	case catalog.PhysBits:
		if sel == nil {
			copy(out.Bits, v.Bits[:len(out.Bits)])
			return
		}
		for i, s := range sel {
			if v.Bits.Get(int(s)) {
				out.Bits.Set(i)
			}
		}
	case catalog.PhysString:
		pick(out.Str, v.Str, sel)
	}
}

type code interface{ ~uint8 | ~uint16 | ~uint32 }

func gatherMap[C code, T, U any](dst []T, codes []C, sel []uint16, values []U, conv func(U) T) {
	if sel == nil {
		for i, c := range codes {
			dst[i] = conv(values[c])
		}
		return
	}
	for i, s := range sel {
		dst[i] = conv(values[codes[s]])
	}
}

func gatherDict[C code](d *Dict, codes []C, sel []uint16, out *Vector) {
	switch d.Kind.Physical() {
	case catalog.PhysInt32:
		gatherMap(out.I32, codes, sel, d.I64, func(x int64) int32 { return int32(x) })
	case catalog.PhysInt64:
		gatherMap(out.I64, codes, sel, d.I64, func(x int64) int64 { return x })
	case catalog.PhysFloat32:
		gatherMap(out.F32, codes, sel, d.F64, func(x float64) float32 { return float32(x) })
	case catalog.PhysFloat64:
		gatherMap(out.F64, codes, sel, d.F64, func(x float64) float64 { return x })
	case catalog.PhysBits:
		for i := range out.Len {
			s := i
			if sel != nil {
				s = int(sel[i])
			}
			if d.I64[codes[s]] != 0 {
				out.Bits.Set(i)
			}
		}
	case catalog.PhysString:
		if sel == nil {
			for i, c := range codes {
				out.Str[i] = d.Str(uint32(c))
			}
			return
		}
		for i, s := range sel {
			out.Str[i] = d.Str(uint32(codes[s]))
		}
	}
}

func gatherOffset[C code](base int64, codes []C, sel []uint16, out *Vector) {
	if out.I32 != nil {
		if sel == nil {
			for i, c := range codes {
				out.I32[i] = int32(base + int64(c))
			}
			return
		}
		for i, s := range sel {
			out.I32[i] = int32(base + int64(codes[s]))
		}
		return
	}
	if sel == nil {
		dst := out.I64[:len(codes)]
		for i, c := range codes {
			dst[i] = base + int64(c)
		}
		return
	}
	for i, s := range sel {
		out.I64[i] = base + int64(codes[s])
	}
}

func gatherScaled[C code](v *Vector, codes []C, sel []uint16, out *Vector) {
	if out.F32 != nil {
		unscale(v, codes, sel, out.F32)
		return
	}
	unscale(v, codes, sel, out.F64)
}

func unscale[C code, T float32 | float64](v *Vector, codes []C, sel []uint16, out []T) {
	base, power := v.Base, v.Power
	if sel == nil {
		for i, c := range codes {
			out[i] = T(float64(base+int64(c)) / power)
		}
		return
	}
	for i, s := range sel {
		out[i] = T(float64(base+int64(codes[s])) / power)
	}
}

func (v *Vector) gatherMulti(sel []uint16, n int, out *Vector) {
	out.Reset(v.Type, n)
	var elems Vector
	v.Elems.Flatten(&elems)
	total := 0
	for i := range n {
		s := i
		if sel != nil {
			s = int(sel[i])
		}
		if v.Form == FormConst {
			s = 0
		}
		total += int(v.Offsets[s+1] - v.Offsets[s])
		out.Offsets[i+1] = uint32(total)
	}
	out.Elems.Reset(v.Type.Elem(), total)
	at := 0
	for i := range n {
		s := i
		if sel != nil {
			s = int(sel[i])
		}
		if v.Form == FormConst {
			s = 0
		}
		for e := int(v.Offsets[s]); e < int(v.Offsets[s+1]); e++ {
			out.Elems.CopyRow(at, &elems, e)
			at++
		}
	}
	if v.Form == FormConst {
		if v.IsNull(0) {
			out.MutableNulls().SetAll(n)
		}
		return
	}
	v.gatherNulls(sel, n, out)
}

// CopyRow makes row i of v, flat and single-value, a copy of row j of src, in any form. Types have to be equal.
// Strings alias src's.
func (v *Vector) CopyRow(i int, src *Vector, j int) {
	if src.IsNull(j) {
		v.SetNull(i)
		return
	}
	switch v.Type.Kind.Physical() {
	case catalog.PhysInt32:
		v.I32[i] = int32(src.Int64At(j))
	case catalog.PhysInt64:
		v.I64[i] = src.Int64At(j)
	case catalog.PhysFloat32:
		v.F32[i] = float32(src.Float64At(j))
	case catalog.PhysFloat64:
		v.F64[i] = src.Float64At(j)
	case catalog.PhysBits:
		if src.BoolAt(j) {
			v.Bits.Set(i)
		} else {
			v.Bits.Clear(i)
		}
	case catalog.PhysString:
		v.Str[i] = src.StrAt(j)
	}
}

// Int64At gives row i of an integer-like vector in any form. Slow path: one row at a time.
func (v *Vector) Int64At(i int) int64 {
	switch v.Form {
	case FormDict:
		return v.Dict.I64[v.Code(i)]
	case FormOffset:
		return v.Base + int64(v.Code(i))
	case FormConst:
		i = 0
	}
	if v.I32 != nil {
		return int64(v.I32[i])
	}
	return v.I64[i]
}

// Float64At gives row i of a float-like vector in any form. Slow path.
func (v *Vector) Float64At(i int) float64 {
	switch v.Form {
	case FormDict:
		return v.Dict.F64[v.Code(i)]
	case FormScaled:
		return v.ScaledValue(v.Code(i))
	case FormConst:
		i = 0
	}
	if v.F32 != nil {
		return float64(v.F32[i])
	}
	return v.F64[i]
}

// ScaledValue is the value of a code in scaled form.
func (v *Vector) ScaledValue(code uint32) float64 {
	x := float64(v.Base+int64(code)) / v.Power
	if v.Type.Kind.Physical() == catalog.PhysFloat32 {
		return float64(float32(x))
	}
	return x
}

// BoolAt gives row i of a boolean vector in any form. Slow path.
func (v *Vector) BoolAt(i int) bool {
	switch v.Form {
	case FormDict:
		return v.Dict.I64[v.Code(i)] != 0
	case FormConst:
		i = 0
	}
	return v.Bits.Get(i)
}

// StrAt gives row i of a string-like vector in any form. Slow path.
func (v *Vector) StrAt(i int) string {
	switch v.Form {
	case FormDict:
		return v.Dict.Str(v.Code(i))
	case FormConst:
		i = 0
	}
	return v.Str[i]
}

// CloneStrings makes every string of v a copy that does not alias foreign memory, in one allocation. Equal ones in a row share
// their copy.
func (v *Vector) CloneStrings() {
	if v.Elems != nil {
		v.Elems.CloneStrings()
	}
	if v.Str == nil {
		return
	}
	size, last := 0, ""
	for i, s := range v.Str {
		if v.IsNull(i) {
			v.Str[i] = ""
			continue
		}
		if s != last {
			size += len(s)
			last = s
		}
	}
	var arena strings.Builder
	arena.Grow(size)
	last = ""
	for i, s := range v.Str {
		if s != last && s != "" {
			from := arena.Len()
			arena.WriteString(s)
			last = arena.String()[from:]
		}
		if s != "" {
			s = last
		}
		v.Str[i] = s
	}
}

// Batch is columns of equal length. Rows may be larger than zero with no columns (count(*)).
type Batch struct {
	Rows int
	Cols []*Vector
}
