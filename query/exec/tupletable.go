package exec

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/kernel"
)

// tupleTable numbers distinct tuples of any types: arrays count as a whole, decimals by their number, NULLs are equal and
// so are NaNs. A table of no columns has one tuple. Not safe for concurrent use.
type tupleTable struct {
	table  *groupTable
	encode []bool // columns that are serialised first
	flat   []vec.Vector
	coded  []vec.Vector
	keys   []*vec.Vector
	n      int // tuples of a table without columns
}

func isDecimal(t catalog.Type) bool { return t.Kind == catalog.KindBigDecimal }

func newTupleTable(types []catalog.Type) *tupleTable {
	t := &tupleTable{encode: make([]bool, len(types)), flat: make([]vec.Vector, len(types)), coded: make([]vec.Vector, len(types)),
		keys: make([]*vec.Vector, len(types))}
	own := make([]catalog.Type, len(types))
	for i, typ := range types {
		own[i] = typ
		if typ.MultiValue || isDecimal(typ) {
			t.encode[i], own[i] = true, catalog.Bytes
		}
	}
	if len(types) > 0 {
		t.table = newGroupTable(own, 0)
	}
	return t
}

// size is the number of distinct tuples.
func (t *tupleTable) size() int {
	if t.table == nil {
		return t.n
	}
	return t.table.n
}

// bytes estimates the memory held.
func (t *tupleTable) bytes() int64 {
	if t.table == nil {
		return 0
	}
	return t.table.bytes()
}

// prepare brings n tuples into the form that assign and seek take: valid until the next prepare.
func (t *tupleTable) prepare(cols []*vec.Vector, n int) []*vec.Vector {
	for i, c := range cols {
		if c.Form != vec.FormFlat {
			c.Gather(nil, &t.flat[i])
			c = &t.flat[i]
		}
		if t.encode[i] {
			encodeKeys(c, n, &t.coded[i])
			c = &t.coded[i]
		}
		t.keys[i] = c
	}
	return t.keys
}

// encodeKeys serialises arrays and decimals so that equal values have equal bytes.
func encodeKeys(v *vec.Vector, n int, out *vec.Vector) {
	out.Reset(catalog.Bytes, n)
	var buf []byte
	ends := make([]int, n)
	for i := range n {
		switch {
		case v.IsNull(i):
			out.SetNull(i)
		case v.Type.MultiValue:
			for e := v.Offsets[i]; e < v.Offsets[i+1]; e++ {
				buf = appendElem(buf, v.Elems, int(e))
			}
		default:
			buf = appendDecimal(buf, v.StrAt(i))
		}
		ends[i] = len(buf)
	}
	text, from := string(buf), 0
	for i, end := range ends {
		out.Str[i] = text[from:end]
		from = end
	}
}

func appendElem(dst []byte, elems *vec.Vector, e int) []byte {
	if isDecimal(elems.Type) && !elems.IsNull(e) {
		return appendKey(dst, keyValue{str: string(appendDecimal(nil, elems.StrAt(e)))}, false)
	}
	return appendKey(dst, keyAt(elems, e), fixedWidth(elems.Type))
}

// assign numbers n tuples, new ones in order of appearance.
func (t *tupleTable) assign(cols []*vec.Vector, n int, out []uint32) {
	if t.table == nil {
		clear(out[:n])
		t.n = 1
		return
	}
	if n > 0 {
		t.table.assign(t.prepare(cols, n), n, out)
	}
}

// find numbers n tuples that are in the table, kernel.Missing for others.
func (t *tupleTable) find(cols []*vec.Vector, n int, out []uint32) {
	if t.table == nil {
		for i := range out[:n] {
			out[i] = kernel.Missing
			if t.n > 0 {
				out[i] = 0
			}
		}
		return
	}
	if n > 0 {
		t.table.find1(t.prepare(cols, n), n, out)
	}
}

// find1 is find for flat vectors of the table's types.
func (t *groupTable) find1(keys []*vec.Vector, n int, out []uint32) {
	switch {
	case t.fixed:
		words := t.asWords(keys[0], n)
		for i, k := range words {
			if keys[0].IsNull(i) {
				out[i] = t.null
			} else {
				out[i] = t.seekWord(k)
			}
		}
	case t.text:
		for i, s := range keys[0].Str[:n] {
			if keys[0].IsNull(i) {
				out[i] = t.null
				continue
			}
			t.one = append(t.one[:0], s...)
			out[i] = t.seekBytes(t.one)
		}
	default:
		for i := range n {
			t.one = t.one[:0]
			for j, k := range keys {
				t.one = appendKey(t.one, keyAt(k, i), fixedWidth(t.types[j]))
			}
			out[i] = t.seekBytes(t.one)
		}
	}
}

// seekWord is word without making a group.
func (t *groupTable) seekWord(k int64) uint32 {
	for at := wordHash(k) & t.mask; ; at = (at + 1) & t.mask {
		g := t.words[at]
		if g == 0 {
			return kernel.Missing
		}
		if t.keys[g-1] == k {
			return g - 1
		}
	}
}

// seekBytes is bytesKey without making a group.
func (t *groupTable) seekBytes(key []byte) uint32 {
	h := tupleHash(key)
	for at := uint64(h) & t.mask; ; at = (at + 1) & t.mask {
		s := t.slots[at]
		if s.group == 0 {
			return kernel.Missing
		}
		if s.hash == h && string(t.tuple(s.group-1)) == string(key) {
			return s.group - 1
		}
	}
}

// rowIndex finds the rows of a store by their keys, as the operator = does: NULL and NaN match nothing.
type rowIndex struct {
	keys   *tupleTable
	starts []uint32 // rows of group g are refs[starts[g]:starts[g+1]]
	refs   []uint64
}

// newRowIndex indexes rows. keys gives the key columns of a batch of the store, valid until the next call.
func newRowIndex(rows *rowStore, types []catalog.Type, keys func(b *vec.Batch) ([]*vec.Vector, error)) (*rowIndex, error) {
	x := &rowIndex{keys: newTupleTable(types)}
	groups := make([][]uint32, len(rows.batches))
	total := 0
	for i, cols := range rows.batches {
		n := rows.sizes[i]
		k, err := keys(&vec.Batch{Rows: n, Cols: cols})
		if err != nil {
			return nil, err
		}
		groups[i] = make([]uint32, n)
		x.keys.assign(k, n, groups[i])
		for row := range n {
			if unmatchable(k, row) {
				groups[i][row] = kernel.Missing
			} else {
				total++
			}
		}
	}
	x.starts = make([]uint32, x.keys.size()+1)
	for _, gs := range groups {
		for _, g := range gs {
			if g != kernel.Missing {
				x.starts[g+1]++
			}
		}
	}
	for g := range x.keys.size() {
		x.starts[g+1] += x.starts[g]
	}
	next := append([]uint32(nil), x.starts...)
	x.refs = make([]uint64, total)
	for i, gs := range groups {
		for row, g := range gs {
			if g != kernel.Missing {
				x.refs[next[g]] = arrival(i, row)
				next[g]++
			}
		}
	}
	return x, nil
}

// unmatchable reports a key that equals nothing.
func unmatchable(keys []*vec.Vector, row int) bool {
	for _, k := range keys {
		if k.IsNull(row) {
			return true
		}
		if k.F64 != nil || k.F32 != nil {
			if x := k.Float64At(row); x != x {
				return true
			}
		}
	}
	return false
}

// find gives the group of each of n keys, kernel.Missing where no row matches.
func (x *rowIndex) find(keys []*vec.Vector, n int, out []uint32) {
	x.keys.find(keys, n, out)
	for i := range n {
		if out[i] != kernel.Missing && unmatchable(keys, i) {
			out[i] = kernel.Missing
		}
	}
}

// of lists the rows of a group.
func (x *rowIndex) of(group uint32) []uint64 {
	if group == kernel.Missing {
		return nil
	}
	return x.refs[x.starts[group]:x.starts[group+1]]
}

func (x *rowIndex) bytes() int64 { return x.keys.bytes() + int64(len(x.starts)*4+len(x.refs)*8) }
