package syscat

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
)

// builder makes the batches of a relation row by row. Columns that no row of a batch names become constants. The first
// mistake stays and comes out of finish.
type builder struct {
	rel      *relation
	cols     []*vec.Vector
	named    []int // columns that a row of the batch named
	filled   []int // rows that they have, 0 for the others
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
	b := &builder{rel: r, filled: make([]int, len(r.Columns)), defaults: make([]any, len(r.Columns)), column: -1}
	b.begin()
	return b
}

// newColumnBuilder makes a builder of one column of the relation.
func newColumnBuilder(r *relation, column int) *builder {
	b := &builder{rel: r, column: column, filled: make([]int, 1), defaults: make([]any, 1)}
	b.begin()
	return b
}

func (b *builder) begin() {
	b.rows = 0
	b.named = b.named[:0]
	clear(b.filled)
	b.cols = make([]*vec.Vector, len(b.filled))
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
	b.rows++
	for _, i := range b.named {
		if b.filled[i] < b.rows {
			b.put(i, b.rows-1, b.defaults[i])
		}
	}
	if b.rows == vec.BlockRows {
		b.flush()
	}
}

func (b *builder) flush() {
	for i, v := range b.cols {
		if b.filled[i] == 0 {
			b.constant(i)
			continue
		}
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

// constant makes column i, which no row named, its usual value.
func (b *builder) constant(i int) {
	v, x := b.cols[i], b.defaults[i]
	value := catalog.NullValue(v.Type)
	switch x := x.(type) {
	case nil:
	case bool:
		value = catalog.BoolValue(x)
	case string:
		value = catalog.Value{Type: v.Type, Str: x}
	case float64:
		value = catalog.Value{Type: v.Type, F64: x}
	case []string:
		value = catalog.Value{Type: v.Type, Elems: make([]catalog.Value, len(x))}
		for e := range x {
			value.Elems[e] = catalog.Value{Type: v.Type.Elem(), Str: x[e]}
		}
	case []int64:
		value = catalog.Value{Type: v.Type, Elems: make([]catalog.Value, len(x))}
		for e := range x {
			value.Elems[e] = catalog.Value{Type: v.Type.Elem(), I64: x[e]}
		}
	default:
		n, ok := integerOf(x)
		if value = (catalog.Value{Type: v.Type, I64: n, F64: float64(n)}); !ok {
			b.mismatch(i, x)
		}
	}
	if !b.fits(v.Type, x) {
		b.mismatch(i, x)
	}
	b.cols[i] = &vec.Vector{}
	b.cols[i].SetConst(value, b.rows)
}

// fits reports whether a usual value is one of the type.
func (b *builder) fits(t catalog.Type, x any) bool {
	v := &vec.Vector{Type: t}
	switch {
	case x == nil:
		return true
	case t.MultiValue:
		return appendElements(&vec.Vector{Type: t.Elem()}, x)
	case t.Kind.Physical() == catalog.PhysBits:
		_, ok := x.(bool)
		return ok
	default:
		return appendScalar(v, x)
	}
}

// value sets column i of the present row.
func (b *builder) value(i int, x any) {
	if b.filled[i] == 0 {
		b.named = append(b.named, i)
		for row := range b.rows {
			b.put(i, row, b.defaults[i])
		}
	}
	b.put(i, b.rows, x)
}

// put sets column i of a row, which is the first that it lacks.
func (b *builder) put(i, row int, x any) {
	v := b.cols[i]
	b.filled[i] = row + 1
	if x == nil {
		v.Nulls = growBits(v.Nulls, row+1)
		v.Nulls.Set(row)
	}
	if v.Type.MultiValue {
		if !appendElements(v.Elems, x) {
			b.mismatch(i, x)
		}
		v.Offsets = append(v.Offsets, uint32(elements(v.Elems)))
		return
	}
	if v.Type.Kind.Physical() == catalog.PhysBits {
		v.Bits = growBits(v.Bits, row+1)
		if on, ok := x.(bool); on {
			v.Bits.Set(row)
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
