package vec

import (
	"unsafe"

	"github.com/freshetdb/freshet/catalog"
)

// Dict is the distinct values of one column of one segment. It is an immutable snapshot: a consuming
// segment publishes a new Dict that shares memory with the old one. Values are never NULL.
// Integer kinds and timestamps are in I64, floats in F64; strings, JSON, bytes and decimals in Data.
type Dict struct {
	Kind    catalog.Kind
	Len     int
	Sorted  bool // ids ascend with values (decimals: by number; others: by bytes or number)
	I64     []int64
	F64     []float64
	Offsets []uint32 // Len+1 offsets into Data
	Data    []byte
	// Counts is how many rows of the segment have each value, NULL in none; nil where that is not known.
	Counts []uint32
}

// Str gives value id of a string-like dictionary. It aliases Data: valid while the segment is pinned.
func (d *Dict) Str(id uint32) string {
	lo, hi := d.Offsets[id], d.Offsets[id+1]
	return bytesString(d.Data[lo:hi])
}

// Values fills out with every value in id order, as a flat vector of the dictionary's kind. Strings alias Data.
func (d *Dict) Values(out *Vector) {
	out.Reset(catalog.Type{Kind: d.Kind}, d.Len)
	switch d.Kind.Physical() {
	case catalog.PhysInt32:
		for i, x := range d.I64[:d.Len] {
			out.I32[i] = int32(x)
		}
	case catalog.PhysInt64:
		copy(out.I64, d.I64[:d.Len])
	case catalog.PhysFloat32:
		for i, x := range d.F64[:d.Len] {
			out.F32[i] = float32(x)
		}
	case catalog.PhysFloat64:
		copy(out.F64, d.F64[:d.Len])
	case catalog.PhysBits:
		for i, x := range d.I64[:d.Len] {
			if x != 0 {
				out.Bits.Set(i)
			}
		}
	case catalog.PhysString:
		for i := range d.Len {
			out.Str[i] = d.Str(uint32(i))
		}
	}
}

// bytesString views b as a string without copying.
func bytesString(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	return unsafe.String(&b[0], len(b))
}
