package transform

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
)

// notNull stores the default where a column that has no NULLs got none.
func (p *Pipeline) notNull() {
	for i := range p.schema.Fields {
		f := &p.schema.Fields[i]
		v := p.work.Cols[i]
		if !f.NotNull || !v.HasNulls() {
			continue
		}
		p.scratch.SetConst(f.Default, v.Len)
		mix(&p.filled[i], v, &p.scratch)
		p.filled[i].Nulls = nil
		p.work.Cols[i] = &p.filled[i]
	}
}

// emit adds the chunk's good rows to the result. The chunk's own columns are given where all rows of the only chunk are
// good; of several chunks, text is copied, since the next chunk reuses its memory.
func (p *Pipeline) emit(first, last bool) {
	n := len(p.schema.Fields)
	p.sel = p.sel[:0]
	for row := range p.work.Rows {
		if !p.failed.dropped(row) {
			p.sel = append(p.sel, uint16(row))
			p.rows.Offsets = append(p.rows.Offsets, p.recs[p.records[row]].Offset)
			p.rows.Ordinals = append(p.rows.Ordinals, p.ordinal[row])
		}
	}
	p.rows.Batch.Rows += len(p.sel)
	if first && last && len(p.sel) == p.work.Rows {
		copy(p.rows.Batch.Cols, p.work.Cols[:n])
		return
	}
	for i := range n {
		out := &p.out[i]
		if first {
			out.Reset(p.schema.Fields[i].Type, 0)
			p.rows.Batch.Cols[i] = out
		}
		if first && last {
			p.work.Cols[i].Gather(p.sel, out)
			continue
		}
		p.work.Cols[i].Gather(p.sel, &p.scratch)
		p.scratch.CloneStrings()
		appendRows(out, &p.scratch)
	}
}

// appendRows adds the rows of src, flat, to dst, flat, of the same type.
func appendRows(dst, src *vec.Vector) {
	n := dst.Len
	nulls := dst.Nulls
	dst.I32, dst.I64 = append(dst.I32, src.I32...), append(dst.I64, src.I64...)
	dst.F32, dst.F64 = append(dst.F32, src.F32...), append(dst.F64, src.F64...)
	dst.Str = append(dst.Str, src.Str...)
	dst.Len += src.Len
	if src.Bits != nil || dst.Type.Kind == catalog.KindBoolean && !dst.Type.MultiValue {
		bits := vec.NewBitmap(dst.Len)
		copy(bits, dst.Bits)
		for i := range src.Len {
			if src.Bits.Get(i) {
				bits.Set(n + i)
			}
		}
		dst.Bits = bits
	}
	if nulls != nil || src.HasNulls() {
		grown := vec.NewBitmap(dst.Len)
		copy(grown, nulls)
		for i := range src.Len {
			if src.IsNull(i) {
				grown.Set(n + i)
			}
		}
		dst.Nulls = grown
	}
	if src.Elems == nil {
		return
	}
	base := uint32(dst.Elems.Len)
	for i := range src.Len {
		dst.Offsets = append(dst.Offsets, base+src.Offsets[i+1])
	}
	appendRows(dst.Elems, src.Elems)
}
