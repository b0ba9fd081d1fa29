package agg

import (
	"cmp"
	"encoding/binary"
	"math"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
)

// Sizes of the chunks of an arena, which double from one to the other.
const (
	minArenaChunk = 1 << 10
	maxArenaChunk = 64 << 10
)

// arena keeps copies of texts with few allocations. Texts that it gave stay valid. The zero value is empty.
type arena struct {
	chunk strings.Builder
	size  int // of all chunks
}

func (a *arena) keep(s string) string {
	if len(s) == 0 {
		return ""
	}
	if a.chunk.Cap()-a.chunk.Len() < len(s) {
		chunk := max(min(max(2*a.chunk.Cap(), minArenaChunk), maxArenaChunk), len(s))
		a.chunk = strings.Builder{}
		a.chunk.Grow(chunk)
		a.size += a.chunk.Cap()
	}
	from := a.chunk.Len()
	a.chunk.WriteString(s)
	return a.chunk.String()[from:]
}

// column is a growing list of values of one type, NULLs included.
type column struct {
	typ    catalog.Type
	length int
	ints   []int64 // integers, times and booleans
	floats []float64
	texts  []string
	arrays []catalog.Value
	nulls  []uint64
	text   arena
	extra  int // bytes of arrays
}

// rowValue is row i of v, without an allocation unless it is an array.
func rowValue(v *vec.Vector, i int) catalog.Value {
	if v.Type.Kind == catalog.KindNull || v.IsNull(i) {
		return catalog.NullValue(v.Type)
	}
	return v.At(i)
}

func (c *column) append(v catalog.Value) {
	i := c.length
	c.length++
	if v.Null {
		for len(c.nulls) <= i>>6 {
			c.nulls = append(c.nulls, 0)
		}
		c.nulls[i>>6] |= 1 << (i & 63)
	}
	switch p := c.typ.Kind.Physical(); {
	case c.typ.MultiValue:
		kept := catalog.Value{Type: c.typ, Null: v.Null}
		for _, e := range v.Elems {
			e.Str = c.text.keep(e.Str)
			kept.Elems = append(kept.Elems, e)
		}
		c.extra += valueBytes * len(v.Elems)
		c.arrays = append(c.arrays, kept)
	case p == catalog.PhysString:
		c.texts = append(c.texts, c.text.keep(v.Str))
	case p == catalog.PhysFloat32 || p == catalog.PhysFloat64:
		c.floats = append(c.floats, v.F64)
	default:
		c.ints = append(c.ints, v.I64)
	}
}

// valueBytes is the size of a catalog.Value.
const valueBytes = 80

func (c *column) isNull(i int) bool { return i>>6 < len(c.nulls) && c.nulls[i>>6]>>(i&63)&1 != 0 }

// value is row i. Texts belong to the column.
func (c *column) value(i int) catalog.Value {
	if c.isNull(i) {
		return catalog.NullValue(c.typ)
	}
	v := catalog.Value{Type: c.typ}
	switch p := c.typ.Kind.Physical(); {
	case c.typ.MultiValue:
		return c.arrays[i]
	case p == catalog.PhysString:
		v.Str = c.texts[i]
	case p == catalog.PhysFloat32 || p == catalog.PhysFloat64:
		v.F64 = c.floats[i]
	default:
		v.I64 = c.ints[i]
	}
	return v
}

func (c *column) bytes() int {
	return 8*(cap(c.ints)+cap(c.floats)+cap(c.nulls)) + 16*cap(c.texts) + valueBytes*cap(c.arrays) + c.text.size + c.extra
}

// appendIdentity appends bytes that are equal for equal values of one type only: one zero, one NaN. The texts of equal
// decimals are equal already.
func appendIdentity(dst []byte, v catalog.Value) []byte {
	if v.Null {
		return append(dst, 0)
	}
	dst = append(dst, 1)
	if v.Type.MultiValue {
		dst = binary.AppendUvarint(dst, uint64(len(v.Elems)))
		for _, e := range v.Elems {
			dst = appendIdentity(dst, e)
		}
		return dst
	}
	switch v.Type.Kind.Physical() {
	case catalog.PhysString:
		return append(binary.AppendUvarint(dst, uint64(len(v.Str))), v.Str...)
	case catalog.PhysFloat32, catalog.PhysFloat64:
		return binary.LittleEndian.AppendUint64(dst, floatKey(v.F64))
	default:
		return binary.LittleEndian.AppendUint64(dst, uint64(v.I64))
	}
}

// compareValues orders two values of one type that are not NULL: numbers by value with NaN last, texts by bytes, arrays
// element by element.
func compareValues(a, b catalog.Value) int {
	if a.Type.MultiValue {
		for i := range min(len(a.Elems), len(b.Elems)) {
			if c := compareValues(a.Elems[i], b.Elems[i]); c != 0 {
				return c
			}
		}
		return cmp.Compare(len(a.Elems), len(b.Elems))
	}
	switch a.Type.Kind.Physical() {
	case catalog.PhysString:
		if a.Type.Kind == catalog.KindBigDecimal {
			return compareDecimals(a.Str, b.Str)
		}
		return strings.Compare(a.Str, b.Str)
	case catalog.PhysFloat32, catalog.PhysFloat64:
		return compareFloats(a.F64, b.F64)
	default:
		return cmp.Compare(a.I64, b.I64)
	}
}

// compareFloats orders floats with NaN last.
func compareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	}
	return cmp.Compare(nanRank(a), nanRank(b))
}

func nanRank(x float64) int {
	if math.IsNaN(x) {
		return 1
	}
	return 0
}

// compareDecimals orders decimals by number; texts that are none, which no column holds, by bytes.
func compareDecimals(a, b string) int {
	var p, q apd.Decimal
	if convert.ParseDecimal(&p, a) != nil || convert.ParseDecimal(&q, b) != nil {
		return strings.Compare(a, b)
	}
	return p.Cmp(&q)
}

// compareKeys orders two values of a sort key.
func compareKeys(k function.OrderKey, a, b catalog.Value) int {
	switch {
	case a.Null && b.Null:
		return 0
	case a.Null == b.Null:
		c := compareValues(a, b)
		if k.Descending {
			c = -c
		}
		return c
	case a.Null == k.NullsFirst:
		return -1
	default:
		return 1
	}
}

// Limits of what one group of an aggregate may collect, so that one query cannot build a value that no client can take.
const (
	maxCollected      = 1 << 22  // elements of an array
	maxCollectedBytes = 64 << 20 // of a text
)

func tooMany(name string, limit int, what string) error {
	return errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "%s collects more than %d %s in one group", name, limit, what).
		WithHint("Aggregate fewer rows, or leave out repeated values with DISTINCT.")
}
