package build

import (
	"fmt"
	"math"
	"runtime"
	"slices"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/segment/encoding"
)

// sortRows finds the order of rows that the table's sorted column asks for; none if they are already in it.
func (b *builder) sortRows() error {
	if b.spec.TableConfig == nil || b.spec.TableConfig.Index.SortedColumn == "" || b.rows < 2 {
		return nil
	}
	name := b.spec.TableConfig.Index.SortedColumn
	f, ok := b.spec.Schema.Field(name)
	if !ok {
		return errs.User(errs.UndefinedColumn, "sorted column %q is not in the schema", name)
	}
	if f.Type.MultiValue {
		return errs.User(errs.WrongObjectType, "sorted column %q is multi-value (%s); rows can only be sorted by one value", name, f.Type)
	}
	if err := b.load(source{name: name, typ: f.Type, absent: f.Default}, max(b.rows, 1)); err != nil {
		return fmt.Errorf("sorted column %q: %w", name, err)
	}
	keys, err := b.data.sortKeys()
	if err != nil {
		return fmt.Errorf("sorted column %q: %w", name, err)
	}
	steps := 0
	compare := func(x, y uint32) int {
		pause(steps)
		steps++
		if nx, ny := b.data.isNull(int(x)), b.data.isNull(int(y)); nx != ny {
			if ny {
				return -1
			}
			return 1
		}
		if c := compareInts(keys[x], keys[y]); c != 0 {
			return c
		}
		return compareInts(int64(x), int64(y)) // a total order makes the fast sort a stable one
	}
	order := make([]uint32, b.rows)
	sorted := true
	for i := range order {
		order[i] = uint32(i)
		sorted = sorted && (i == 0 || compare(uint32(i-1), uint32(i)) < 0)
	}
	if sorted {
		return nil
	}
	slices.SortFunc(order, compare)
	b.order = order
	return b.yield()
}

// pause lets other goroutines run after every block of steps of a loop over all rows.
func pause(step int) {
	if step&(vec.BlockRows-1) == vec.BlockRows-1 {
		runtime.Gosched()
	}
}

func compareInts(x, y int64) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// sortKeys gives integers in the order of the values. NaN comes after all numbers, and both zeros are equal.
func (d *columnData) sortKeys() ([]int64, error) {
	keys := make([]int64, d.slots)
	switch d.typ.Kind.Physical() {
	case catalog.PhysInt32, catalog.PhysInt64:
		copy(keys, d.i64)
	case catalog.PhysFloat32:
		for i, x := range d.f32 {
			keys[i] = floatKey(float64(x))
		}
	case catalog.PhysFloat64:
		for i, x := range d.f64 {
			keys[i] = floatKey(x)
		}
	case catalog.PhysBits:
		for i := range keys {
			if d.bits.Get(i) {
				keys[i] = 1
			}
		}
	case catalog.PhysString:
		if d.textsFull {
			return nil, errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "its distinct values are too large to sort")
		}
		dict := encoding.SortTexts(d.orderKind(), d.texts)
		for i, n := range d.ids {
			if !d.isNull(i) {
				keys[i] = int64(dict.Rank[n])
			}
		}
	}
	return keys, nil
}

// floatKey maps doubles to integers of the same order.
func floatKey(x float64) int64 {
	if math.IsNaN(x) {
		return math.MaxInt64
	}
	if x == 0 {
		return 0
	}
	bits := int64(math.Float64bits(x))
	return bits ^ bits>>63&math.MaxInt64
}

// orderKind is the kind by whose order texts are sorted: decimals of which one is not plain are ordered as text.
func (d *columnData) orderKind() catalog.Kind {
	if d.typ.Kind == catalog.KindBigDecimal && !d.allDecimals() {
		return catalog.KindString
	}
	return d.typ.Kind
}

func (d *columnData) allDecimals() bool {
	for i := range d.texts.Len() {
		if !encoding.IsDecimal(d.texts.At(uint32(i))) {
			return false
		}
	}
	return true
}

// reorder brings rows into the order of the file. It gives the source of each slot, nil where nothing moved.
func (b *builder) reorder() []uint32 {
	if b.order == nil {
		return nil
	}
	d := &b.data
	slotOrder := b.order
	if d.multi {
		slotOrder = d.reorderRows(b.order)
	}
	d.i64 = permute(d.i64, slotOrder)
	d.f32 = permute(d.f32, slotOrder)
	d.f64 = permute(d.f64, slotOrder)
	d.ids = permute(d.ids, slotOrder)
	if len(d.bits) > 0 {
		d.bits = permuteBits(d.bits, slotOrder)
	}
	d.nulls = permuteBits(d.nulls, slotOrder)
	return slotOrder
}

// reorderRows reorders rows of elements and gives the order of the elements.
func (d *columnData) reorderRows(order []uint32) []uint32 {
	slots := make([]uint32, 0, d.slots)
	ends := make([]uint32, 1, len(d.ends))
	for i, row := range order {
		pause(i)
		for e := d.ends[row]; e < d.ends[row+1]; e++ {
			slots = append(slots, e)
		}
		ends = append(ends, uint32(len(slots)))
	}
	d.ends = ends
	d.rowNulls = permuteBits(d.rowNulls, order)
	return slots
}

func permute[T any](values []T, order []uint32) []T {
	if len(values) == 0 {
		return values
	}
	out := make([]T, len(order))
	for i, from := range order {
		pause(i)
		out[i] = values[from]
	}
	return out
}

// permuteBits reorders bits; bits beyond the end of b are clear.
func permuteBits(b vec.Bitmap, order []uint32) vec.Bitmap {
	if len(b) == 0 {
		return b
	}
	out := vec.NewBitmap(len(order))
	for i, from := range order {
		pause(i)
		if int(from>>6) < len(b) && b.Get(int(from)) {
			out.Set(i)
		}
	}
	return out
}
