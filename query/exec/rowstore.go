package exec

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
)

// rowStore keeps copies of rows in batches, to be read back in any order. A row's place is its batch and its position
// in it, packed as by arrival. Not safe for concurrent use.
type rowStore struct {
	batches [][]*vec.Vector
	sizes   []int  // rows of each batch
	bytes   int64  // of what was added, without texts that are not copied
	lasting []bool // columns of added rows whose texts need no copy; nil: none
}

// add copies the rows of cols at sel (nil: all n) into a new batch.
func (s *rowStore) add(cols []*vec.Vector, n int, sel []uint16) {
	batch := make([]*vec.Vector, len(cols))
	for i, c := range cols {
		kept := s.lasting != nil && s.lasting[i]
		batch[i] = &vec.Vector{}
		own(c, n, sel, kept, batch[i])
		s.bytes += slotBytes(batch[i])
		if !kept {
			s.bytes += textBytes(batch[i])
		}
	}
	if sel != nil {
		n = len(sel)
	}
	s.batches = append(s.batches, batch)
	s.sizes = append(s.sizes, n)
}

// addFixed adds a batch that stays as it is while the store is used. Its memory is not the store's.
func (s *rowStore) addFixed(b *vec.Batch) {
	cols := make([]*vec.Vector, len(b.Cols))
	for i, c := range b.Cols {
		cols[i] = c
		if c.Form != vec.FormFlat {
			cols[i] = &vec.Vector{}
			c.Gather(nil, cols[i])
		}
	}
	s.batches = append(s.batches, cols)
	s.sizes = append(s.sizes, b.Rows)
}

// rows is the number of rows kept.
func (s *rowStore) rows() int {
	n := 0
	for _, size := range s.sizes {
		n += size
	}
	return n
}

// own makes out a flat copy of the rows of v at sel (nil: all n) that aliases nothing but lasting texts.
func own(v *vec.Vector, n int, sel []uint16, lasting bool, out *vec.Vector) {
	v.Gather(sel, out)
	if !lasting {
		out.CloneStrings()
	}
}

// lastingCols tells which of op's first n columns have texts on Go's heap that nobody changes: whoever keeps rows beyond the next
// batch, or the leaves, need not copy them. op has given a batch.
func lastingCols(op operator, n int) []bool {
	out := make([]bool, n)
	for i := range out {
		out[i] = lasting(op, i)
	}
	return out
}

func lasting(op operator, col int) bool {
	switch o := op.(type) {
	case *groupsOp:
		return col < len(o.cols)-len(o.aggs) // what aggregate functions give is theirs
	case *sortOp:
		return true // copied into its store, or lasting before
	case *leafOp:
		return lasting(o.in, col)
	case *limitOp:
		return lasting(o.in, col)
	case *filterOp:
		return lasting(o.in, col)
	case *projectOp:
		c, ok := o.exprs[col].(*expr.Column)
		return ok && lasting(o.in, c.Index)
	}
	return false
}

// slotBytes estimates the memory of a flat vector without the characters of its texts.
func slotBytes(v *vec.Vector) int64 {
	n := int64(len(v.I32)*4+len(v.I64)*8+len(v.F32)*4+len(v.F64)*8+len(v.Str)*16+len(v.Bits)*8+len(v.Nulls)*8+len(v.Offsets)*4) + 256
	if v.Elems != nil {
		n += slotBytes(v.Elems)
	}
	return n
}

// vectorBytes estimates the memory of a flat vector with its texts.
func vectorBytes(v *vec.Vector) int64 { return slotBytes(v) + textBytes(v) }

// textBytes gives what the characters of texts take.
func textBytes(v *vec.Vector) (n int64) {
	for _, s := range v.Str {
		n += int64(len(s))
	}
	if v.Elems != nil {
		n += textBytes(v.Elems)
	}
	return n
}

// gather makes out column col of the rows at refs.
func (s *rowStore) gather(col int, t catalog.Type, refs []uint64, out *vec.Vector) {
	out.Reset(t, len(refs))
	at := func(ref uint64) (*vec.Vector, int) { return s.batches[ref>>32][col], int(uint32(ref)) }
	if !t.MultiValue {
		s.gatherSingle(col, t, refs, out)
		return
	}
	total := 0
	for i, r := range refs {
		v, row := at(r)
		total += int(v.Offsets[row+1] - v.Offsets[row])
		out.Offsets[i+1] = uint32(total)
	}
	out.Elems.Reset(t.Elem(), total)
	next := 0
	for i, r := range refs {
		v, row := at(r)
		if v.IsNull(row) {
			out.SetNull(i)
		}
		for e := v.Offsets[row]; e < v.Offsets[row+1]; e++ {
			out.Elems.CopyRow(next, v.Elems, int(e))
			next++
		}
	}
}

func (s *rowStore) gatherSingle(col int, t catalog.Type, refs []uint64, out *vec.Vector) {
	switch t.Kind.Physical() {
	case catalog.PhysInt32:
		gatherValues(s, col, refs, out, out.I32, func(v *vec.Vector) []int32 { return v.I32 })
	case catalog.PhysInt64:
		gatherValues(s, col, refs, out, out.I64, func(v *vec.Vector) []int64 { return v.I64 })
	case catalog.PhysFloat32:
		gatherValues(s, col, refs, out, out.F32, func(v *vec.Vector) []float32 { return v.F32 })
	case catalog.PhysFloat64:
		gatherValues(s, col, refs, out, out.F64, func(v *vec.Vector) []float64 { return v.F64 })
	case catalog.PhysString:
		clear(out.Str)
		gatherValues(s, col, refs, out, out.Str, func(v *vec.Vector) []string { return v.Str })
	default:
		for i, r := range refs {
			out.CopyRow(i, s.batches[r>>32][col], int(uint32(r)))
		}
	}
}

// gatherValues copies the values at refs to dst, which are those of out. Rows of one batch often follow each other.
func gatherValues[T any](s *rowStore, col int, refs []uint64, out *vec.Vector, dst []T, values func(*vec.Vector) []T) {
	last := ^uint64(0)
	var v *vec.Vector
	var src []T
	var nulls vec.Bitmap
	for i, r := range refs {
		if b := r >> 32; b != last {
			last, v = b, s.batches[b][col]
			src, nulls = values(v), v.Nulls
		}
		row := int(uint32(r))
		switch {
		case nulls != nil && nulls.Get(row):
			out.SetNull(i)
		case src != nil:
			dst[i] = src[row]
		default: // of another width
			out.CopyRow(i, v, row)
		}
	}
}

// batchesOf reads rows back as batches of at most a block.
func (s *rowStore) batchesOf(refs []uint64, types []catalog.Type) []*vec.Batch {
	var out []*vec.Batch
	for len(refs) > 0 {
		n := min(len(refs), vec.BlockRows)
		b := &vec.Batch{Rows: n, Cols: make([]*vec.Vector, len(types))}
		for i, t := range types {
			b.Cols[i] = &vec.Vector{}
			s.gather(i, t, refs[:n], b.Cols[i])
		}
		out = append(out, b)
		refs = refs[n:]
	}
	return out
}
