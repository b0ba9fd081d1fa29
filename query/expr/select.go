package expr

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// narrower makes batches of some rows of others, for the columns that one expression reads.
type narrower struct {
	cols  []int
	vecs  []vec.Vector
	codes []codeBuffers
	batch vec.Batch
	now   []int64
}

type codeBuffers struct {
	u8  []uint8
	u16 []uint16
	u32 []uint32
}

// take gives the rows of in at sel, valid until the next call. Dictionary columns stay in dictionary form.
func (n *narrower) take(in *vec.Batch, sel []uint16) *vec.Batch {
	if n.vecs == nil {
		n.vecs, n.codes = make([]vec.Vector, len(n.cols)), make([]codeBuffers, len(n.cols))
	}
	if len(n.batch.Cols) < len(in.Cols) {
		n.batch.Cols = make([]*vec.Vector, len(in.Cols))
	}
	n.batch.Rows = len(sel)
	for i, c := range n.cols {
		if c >= len(in.Cols) || in.Cols[c] == nil {
			continue // the column node reports it
		}
		n.batch.Cols[c] = &n.vecs[i]
		takeVector(in.Cols[c], sel, &n.vecs[i], &n.codes[i])
	}
	return &n.batch
}

func takeVector(v *vec.Vector, sel []uint16, out *vec.Vector, buf *codeBuffers) {
	switch {
	case v.Form == vec.FormConst && !v.Type.MultiValue:
		aliasVector(v, out)
		out.Len = len(sel)
		return
	case v.Form != vec.FormDict:
		v.Gather(sel, out)
		return
	}
	out.Alias(v.Type, vec.FormDict, len(sel))
	out.Dict = v.Dict
	switch {
	case v.U8 != nil:
		buf.u8 = takeCodes(v.U8, sel, buf.u8)
		out.U8 = buf.u8
	case v.U16 != nil:
		buf.u16 = takeCodes(v.U16, sel, buf.u16)
		out.U16 = buf.u16
	default:
		buf.u32 = takeCodes(v.U32, sel, buf.u32)
		out.U32 = buf.u32
	}
	if v.HasNulls() {
		for i, s := range sel {
			if v.Nulls.Get(int(s)) {
				out.SetNull(i)
			}
		}
	}
}

func takeCodes[C any](codes []C, sel []uint16, buf []C) []C {
	if cap(buf) < len(sel) || buf == nil {
		buf = make([]C, max(len(sel), 1))
	}
	buf = buf[:len(sel)]
	for i, s := range sel {
		buf[i] = codes[s]
	}
	return buf
}

// context is ec for a batch of the rows at sel: clocks and failures of rows are those of the original rows.
func (n *narrower) context(ec *function.EvalContext, sel []uint16) function.EvalContext {
	sub := *ec
	if ec.NowByRow != nil {
		n.now = n.now[:0]
		for _, s := range sel {
			n.now = append(n.now, ec.NowByRow[s])
		}
		sub.NowByRow = n.now
	}
	if ec.OnRowError != nil {
		sub.OnRowError = func(row int, err error) { ec.OnRowError(int(sel[row]), err) }
	}
	return sub
}

// scatter writes the rows of src, single-value and in any form, to the rows of out at sel. out is flat.
func scatter(src *vec.Vector, sel []uint16, out *vec.Vector) {
	if src.Form != vec.FormFlat {
		for i, s := range sel {
			out.CopyRow(int(s), src, i)
		}
		return
	}
	switch out.Type.Kind.Physical() {
	case catalog.PhysInt32:
		put(out.I32, src.I32, sel)
	case catalog.PhysInt64:
		put(out.I64, src.I64, sel)
	case catalog.PhysFloat32:
		put(out.F32, src.F32, sel)
	case catalog.PhysFloat64:
		put(out.F64, src.F64, sel)
	case catalog.PhysString:
		put(out.Str, src.Str, sel)
	case catalog.PhysBits:
		for i, s := range sel {
			if src.Bits.Get(i) {
				out.Bits.Set(int(s))
			}
		}
	}
	if src.HasNulls() {
		nulls := out.MutableNulls()
		for i, s := range sel {
			if src.Nulls.Get(i) {
				nulls.Set(int(s))
			}
		}
	}
}

func put[T any](dst, src []T, sel []uint16) {
	for i, s := range sel {
		dst[s] = src[i]
	}
}
