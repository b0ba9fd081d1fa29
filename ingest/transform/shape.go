package transform

import (
	"fmt"

	"github.com/freshetdb/freshet/internal/vec"
)

// conform makes arrays of single values, or single values of arrays of one. Longer arrays fail their row.
func conform(in, out *vec.Vector, toArray bool, fail func(row int, err error)) {
	n := in.Len
	if toArray {
		out.Reset(in.Type.Array(), n)
		for i := range n {
			step := uint32(1)
			if in.IsNull(i) {
				out.SetNull(i)
				step = 0
			}
			out.Offsets[i+1] = out.Offsets[i] + step
		}
		out.Elems.Reset(in.Type, int(out.Offsets[n]))
		for i := range n {
			if !in.IsNull(i) {
				out.Elems.CopyRow(int(out.Offsets[i]), in, i)
			}
		}
		return
	}
	out.Reset(in.Type.Elem(), n)
	clear(out.Str)
	for i := range n {
		from, to := in.Offsets[i], in.Offsets[i+1]
		switch {
		case in.IsNull(i) || from == to:
			out.SetNull(i)
		case to-from == 1:
			out.CopyRow(i, in.Elems, int(from))
		default:
			out.SetNull(i)
			fail(i, fmt.Errorf("got an array of %d values, want one", to-from))
		}
	}
}

// mix gives a's row where it is not NULL, else b's. Both have out's type; out is none of them.
func mix(out, a, b *vec.Vector) {
	n := a.Len
	t := b.Type
	out.Reset(t, n)
	pick := func(i int) *vec.Vector {
		if a.IsNull(i) {
			return b
		}
		return a
	}
	if !t.MultiValue {
		clear(out.Str)
		for i := range n {
			out.CopyRow(i, pick(i), i)
		}
		return
	}
	at := func(v *vec.Vector, i int) (uint32, uint32) {
		if v.Form == vec.FormConst {
			i = 0
		}
		return v.Offsets[i], v.Offsets[i+1]
	}
	for i := range n {
		v := pick(i)
		from, to := at(v, i)
		if v.IsNull(i) {
			out.SetNull(i)
			from = to
		}
		out.Offsets[i+1] = out.Offsets[i] + to - from
	}
	out.Elems.Reset(t.Elem(), int(out.Offsets[n]))
	for i := range n {
		v := pick(i)
		from, _ := at(v, i)
		for e := out.Offsets[i]; e < out.Offsets[i+1]; e++ {
			out.Elems.CopyRow(int(e), v.Elems, int(from+e-out.Offsets[i]))
		}
	}
}
