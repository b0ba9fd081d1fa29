package build

import (
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/encoding"
)

// textWriter writes strings without dictionary and measures them on the way.
type textWriter struct {
	chunks *encoding.ChunkWriter
	// ends holds the slots at which blocks end; next is the first one not reached.
	ends       func(block int) int
	next, slot int
	// ranged says that the order of bytes is the order of values.
	ranged       bool
	min, max     []byte
	last         []byte
	seen, sorted bool
	null         bool
}

// writeChunks writes a string column as LZ4 chunks. Rows in the order of the views are read again and streamed; sorted
// rows need all text in memory.
func (b *builder) writeChunks(s source, meta *segment.ColumnMeta, slotOrder []uint32) error {
	d := &b.data
	w := &textWriter{ranged: !d.multi && d.typ.Kind != catalog.KindBigDecimal, sorted: true}
	w.ends = func(block int) int {
		row := min((block+1)*vec.BlockRows, b.rows)
		if d.multi {
			return int(d.ends[row])
		}
		return row
	}
	b.w.Begin()
	w.chunks = encoding.NewChunkWriter(func(p []byte) error {
		if _, err := b.w.Write(p); err != nil {
			return err
		}
		return b.yield() // a block of long texts is many chunks
	})
	var err error
	if slotOrder == nil {
		err = b.eachText(s, w.add)
	} else {
		err = b.addSorted(s, w, slotOrder)
	}
	if err == nil {
		err = w.endBlocks(segment.Blocks(b.rows))
	}
	if err != nil {
		return err
	}
	values, err := b.w.End(segment.RoleValues)
	if err != nil {
		return err
	}
	meta.Sections = append(meta.Sections, values)
	w.stats(meta, d)
	return b.section(meta, segment.RoleChunkIndex, w.chunks.Index())
}

// eachText calls f with every slot of a string column in the order of the views. Strings are valid during the call.
func (b *builder) eachText(s source, f func(text string, null bool) error) error {
	var flat vec.Vector
	return b.each(s, func(v *vec.Vector) error {
		if v.Form == vec.FormConst && s.typ.MultiValue {
			v.Flatten(&flat)
			v = &flat
		}
		if !s.typ.MultiValue {
			return eachRow(v, 0, v.Len, f)
		}
		for i := range v.Len {
			if v.IsNull(i) {
				continue // NULL rows have no elements
			}
			if err := eachRow(v.Elems, int(v.Offsets[i]), int(v.Offsets[i+1]), f); err != nil {
				return err
			}
		}
		return nil
	})
}

func eachRow(v *vec.Vector, lo, hi int, f func(text string, null bool) error) error {
	for i := lo; i < hi; i++ {
		null := v.IsNull(i)
		text := ""
		if !null {
			text = v.StrAt(i)
		}
		if err := f(text, null); err != nil {
			return err
		}
	}
	return nil
}

// addSorted collects all text of the column and writes it in another order.
func (b *builder) addSorted(s source, w *textWriter, slotOrder []uint32) error {
	var text strings.Builder
	ends := make([]uint64, 1, len(slotOrder)+1)
	nulls := vec.NewBitmap(len(slotOrder))
	err := b.eachText(s, func(t string, null bool) error {
		if null {
			nulls.Set(len(ends) - 1)
		}
		text.WriteString(t)
		ends = append(ends, uint64(text.Len()))
		return nil
	})
	if err != nil {
		return err
	}
	all := text.String()
	for i, from := range slotOrder {
		if err := w.add(all[ends[from]:ends[from+1]], nulls.Get(int(from))); err != nil {
			return err
		}
		if i%vec.BlockRows == 0 {
			if err := b.yield(); err != nil {
				return err
			}
		}
	}
	return nil
}

// add writes the next slot.
func (w *textWriter) add(text string, null bool) error {
	for w.slot == w.ends(w.next) {
		if err := w.endBlocks(w.next + 1); err != nil {
			return err
		}
	}
	w.slot++
	w.measure(text, null)
	return w.chunks.Add(text)
}

// endBlocks ends blocks up to n of them.
func (w *textWriter) endBlocks(n int) error {
	for ; w.next < n; w.next++ {
		if err := w.chunks.EndBlock(); err != nil {
			return err
		}
	}
	return nil
}

func (w *textWriter) measure(text string, null bool) {
	if !w.ranged {
		return
	}
	if null {
		w.null = true
		return
	}
	if !w.seen || text < string(w.min) {
		w.min = append(w.min[:0], text...)
	}
	if !w.seen || text > string(w.max) {
		w.max = append(w.max[:0], text...)
	}
	if w.sorted = w.sorted && (!w.seen || text >= string(w.last)); w.sorted {
		w.last = append(w.last[:0], text...)
	}
	w.seen = true
}

func (w *textWriter) stats(meta *segment.ColumnMeta, d *columnData) {
	if !w.ranged || !w.seen {
		return
	}
	st := &meta.Stats
	st.Sorted = w.sorted && !w.null
	if max(len(w.min), len(w.max)) <= maxRangeText {
		st.HasRange = true
		st.Min = vec.Value{Type: d.typ, Str: string(w.min)}
		st.Max = vec.Value{Type: d.typ, Str: string(w.max)}
	}
}
