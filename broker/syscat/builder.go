package syscat

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
)

// builder makes the batches of a relation row by row. The first mistake stays and comes out of finish.
type builder struct {
	rel      *relation
	cols     []*vec.Vector
	set      []bool
	defaults []any
	rows     int // of the batch that is being built
	done     []*vec.Batch
	err      error
	column   int // for one column only: its position, else -1
	layout   []layoutItem
}

// layoutItem remembers where the last row had a column: rows of one relation mostly name the same ones in one order.
type layoutItem struct {
	name     string
	position int
}

func newBuilder(r *relation) *builder {
	b := &builder{rel: r, set: make([]bool, len(r.Columns)), defaults: make([]any, len(r.Columns)), column: -1}
	b.begin()
	return b
}

// newColumnBuilder makes a builder of one column of the relation.
func newColumnBuilder(r *relation, column int) *builder {
	b := &builder{rel: r, column: column, set: make([]bool, 1), defaults: make([]any, 1)}
	b.begin()
	return b
}

func (b *builder) begin() {
	b.rows = 0
	b.cols = make([]*vec.Vector, len(b.set))
	for i := range b.cols {
		c := i
		if b.column >= 0 {
			c = b.column
		}
		v := &vec.Vector{Type: b.rel.Columns[c].Type}
		if v.Type.MultiValue {
			v.Offsets = []uint32{0}
			v.Elems = &vec.Vector{Type: v.Type.Elem()}
		}
		b.cols[i] = v
	}
}

// usual sets what columns hold that a row does not name: pairs of name and value.
func (b *builder) usual(pairs ...any) {
	b.each(pairs, func(i int, v any) { b.defaults[i] = v })
}

// add appends a row: pairs of column name and value. Columns that are not named hold their usual value, else NULL.
func (b *builder) add(pairs ...any) {
	b.each(pairs, b.value)
	b.next()
}

func (b *builder) each(pairs []any, f func(i int, v any)) {
	for p := 0; p+1 < len(pairs); p += 2 {
		name, ok := pairs[p].(string)
		i, known := b.position(p/2, name)
		if !ok || !known {
			b.fail(errs.Bug("%s.%s has no column %v", b.rel.Schema, b.rel.Name, pairs[p]))
			return
		}
		f(i, pairs[p+1])
	}
}

// position finds a column, which is the n-th that the row names.
func (b *builder) position(n int, name string) (int, bool) {
	if n < len(b.layout) && b.layout[n].name == name {
		return b.layout[n].position, true
	}
	i, ok := b.rel.index[name]
	switch {
	case !ok:
	case n < len(b.layout):
		b.layout[n] = layoutItem{name, i}
	case n == len(b.layout):
		b.layout = append(b.layout, layoutItem{name, i})
	}
	return i, ok
}

func (b *builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

// next ends a row.
func (b *builder) next() {
	for i := range b.cols {
		if !b.set[i] {
			b.value(i, b.defaults[i])
		}
		b.set[i] = false
	}
	b.rows++
	if b.rows == vec.BlockRows {
		b.flush()
	}
}

func (b *builder) flush() {
	for i, v := range b.cols {
		v.Len = b.rows
		if v.Type.MultiValue {
			v.Elems.Len = elements(v.Elems)
		}
		if !v.Type.MultiValue && v.Type.Kind.Physical() == catalog.PhysBits {
			v.Bits = growBits(v.Bits, b.rows)
		}
		if v.Nulls != nil {
			v.Nulls = growBits(v.Nulls, b.rows)
		}
		b.cols[i] = v
	}
	b.done = append(b.done, &vec.Batch{Rows: b.rows, Cols: b.cols})
	b.begin()
}

// elements is the number of elements that were appended.
func elements(v *vec.Vector) int {
	switch v.Type.Kind.Physical() {
	case catalog.PhysInt32:
		return len(v.I32)
	case catalog.PhysInt64:
		return len(v.I64)
	case catalog.PhysFloat32:
		return len(v.F32)
	case catalog.PhysFloat64:
		return len(v.F64)
	case catalog.PhysString:
		return len(v.Str)
	default:
		return 0
	}
}

// finish gives the batches, or the first mistake.
func (b *builder) finish() ([]*vec.Batch, error) {
	if b.rows > 0 {
		b.flush()
	}
	return b.done, b.err
}

func growBits(bits vec.Bitmap, n int) vec.Bitmap {
	for len(bits) < vec.Words(n) {
		bits = append(bits, 0)
	}
	return bits
}

// value sets column i of the present row.
func (b *builder) value(i int, x any) {
	v := b.cols[i]
	b.set[i] = true
	if x == nil {
		v.Nulls = growBits(v.Nulls, b.rows+1)
		v.Nulls.Set(b.rows)
	}
	if v.Type.MultiValue {
		if !appendElements(v.Elems, x) {
			b.mismatch(i, x)
		}
		v.Offsets = append(v.Offsets, uint32(elements(v.Elems)))
		return
	}
	if v.Type.Kind.Physical() == catalog.PhysBits {
		v.Bits = growBits(v.Bits, b.rows+1)
		if on, ok := x.(bool); on {
			v.Bits.Set(b.rows)
		} else if !ok && x != nil {
			b.mismatch(i, x)
		}
		return
	}
	if !appendScalar(v, x) {
		b.mismatch(i, x)
	}
}

func (b *builder) mismatch(i int, x any) {
	c := i
	if b.column >= 0 {
		c = b.column
	}
	b.fail(errs.Bug("%s.%s: column %s of %s cannot hold the %T %v", b.rel.Schema, b.rel.Name, b.rel.Columns[c].Name,
		b.cols[i].Type, x, x))
}

func appendElements(v *vec.Vector, x any) bool {
	switch x := x.(type) {
	case nil:
		return true
	case []string:
		v.Str = append(v.Str, x...)
		return v.Type.Kind.Physical() == catalog.PhysString
	case []int64:
		ok := true
		for _, e := range x {
			ok = appendScalar(v, e) && ok
		}
		return ok
	}
	return false
}

// appendScalar appends a value; nil appends the zero value. It reports whether the type fits.
func appendScalar(v *vec.Vector, x any) bool {
	n, isInt := integerOf(x)
	f, isFloat := x.(float64)
	s, isText := x.(string)
	isNil := x == nil
	switch v.Type.Kind.Physical() {
	case catalog.PhysInt32:
		v.I32 = append(v.I32, int32(n))
		return isInt || isNil
	case catalog.PhysInt64:
		v.I64 = append(v.I64, n)
		return isInt || isNil
	case catalog.PhysFloat32:
		if isInt {
			f = float64(n)
		}
		v.F32 = append(v.F32, float32(f))
		return isFloat || isInt || isNil
	case catalog.PhysFloat64:
		v.F64 = append(v.F64, f)
		return isFloat || isNil
	case catalog.PhysString:
		v.Str = append(v.Str, s)
		return isText || isNil
	default:
		return false
	}
}

func integerOf(x any) (int64, bool) {
	switch x := x.(type) {
	case int:
		return int64(x), true
	case int16:
		return int64(x), true
	case int32:
		return int64(x), true
	case int64:
		return x, true
	case uint32:
		return int64(x), true
	}
	return 0, false
}

// orNull gives nil for an empty text.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// known gives nil for a number that is not known.
func known(x int64) any {
	if x < 0 {
		return nil
	}
	return x
}
