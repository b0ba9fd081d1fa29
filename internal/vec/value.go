package vec

import "github.com/freshetdb/freshet/catalog"

// Value is one scalar or array, see catalog.Value.
type Value = catalog.Value

// At gives row i of v as a value. Slow path. Strings alias v's.
func (v *Vector) At(i int) Value {
	out := Value{Type: v.Type}
	if v.IsNull(i) {
		out.Null = true
		return out
	}
	if v.Type.MultiValue {
		if v.Form == FormConst {
			i = 0
		}
		for e := v.Offsets[i]; e < v.Offsets[i+1]; e++ {
			out.Elems = append(out.Elems, v.Elems.At(int(e)))
		}
		return out
	}
	switch v.Type.Kind.Physical() {
	case catalog.PhysInt32, catalog.PhysInt64:
		out.I64 = v.Int64At(i)
	case catalog.PhysFloat32, catalog.PhysFloat64:
		out.F64 = v.Float64At(i)
	case catalog.PhysBits:
		if v.BoolAt(i) {
			out.I64 = 1
		}
	case catalog.PhysString:
		out.Str = v.StrAt(i)
	}
	return out
}

// SetConst makes v a constant vector of n rows.
func (v *Vector) SetConst(x Value, n int) {
	if x.Type.MultiValue {
		v.Reset(x.Type, 1)
		v.Elems.Reset(x.Type.Elem(), len(x.Elems))
		for i, e := range x.Elems {
			v.Elems.setAt(i, e)
		}
		v.Offsets[1] = uint32(len(x.Elems))
	} else {
		v.Reset(x.Type, 1)
	}
	if x.Null {
		zeroFill(v)
		v.SetNull(0)
	} else if !x.Type.MultiValue {
		v.setAt(0, x)
	}
	v.Form, v.Len = FormConst, n
}

// setAt stores x in row i of a flat single-value vector.
func (v *Vector) setAt(i int, x Value) {
	if x.Null {
		v.SetNull(i)
		return
	}
	switch v.Type.Kind.Physical() {
	case catalog.PhysInt32:
		v.I32[i] = int32(x.I64)
	case catalog.PhysInt64:
		v.I64[i] = x.I64
	case catalog.PhysFloat32:
		v.F32[i] = float32(x.F64)
	case catalog.PhysFloat64:
		v.F64[i] = x.F64
	case catalog.PhysBits:
		if x.I64 != 0 {
			v.Bits.Set(i)
		} else {
			v.Bits.Clear(i)
		}
	case catalog.PhysString:
		v.Str[i] = x.Str
	}
}
