package agg

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// arrayAgg collects values in the order of Add; modified brings them into their order before.
type arrayAgg struct {
	elem  catalog.Type
	most  int // values of a group
	col   column
	state [][]uint32
	rows  rowSet
}

func newArrayAgg(elem catalog.Type) *arrayAgg {
	return &arrayAgg{elem: elem, most: maxCollected, col: column{typ: elem}}
}

// Resize implements function.Accumulator.
func (a *arrayAgg) Resize(n int) { a.state = resize(a.state, n) }

// Add implements function.Accumulator.
func (a *arrayAgg) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	var failed error
	a.rows.each(n, func(i int) {
		if failed == nil {
			failed = a.append(target0(groups, i), rowValue(args[0], i))
		}
	})
	return failed
}

func (a *arrayAgg) append(group int, v catalog.Value) error {
	if len(a.state[group]) >= a.most {
		return tooMany("arrayagg", a.most, "values")
	}
	a.state[group] = append(a.state[group], uint32(a.col.length))
	a.col.append(v)
	return nil
}

// Merge implements function.Accumulator.
func (a *arrayAgg) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*arrayAgg)
	if !ok {
		return mergeError(a, other)
	}
	for g, rows := range o.state {
		for _, r := range rows {
			if err := a.append(target(groups, g), o.col.value(int(r))); err != nil {
				return err
			}
		}
	}
	return nil
}

// Result implements function.Accumulator.
func (a *arrayAgg) Result(n int, out *vec.Vector) error {
	out.Reset(a.elem.Array(), n)
	total := 0
	for i := range n {
		total += len(a.state[i])
		out.Offsets[i+1] = uint32(total)
		if len(a.state[i]) == 0 {
			out.SetNull(i)
		}
	}
	out.Elems.Reset(a.elem, total)
	clear(out.Elems.Str)
	at := 0
	for i := range n {
		for _, r := range a.state[i] {
			setRow(out.Elems, at, a.col.value(int(r)))
			at++
		}
	}
	return nil
}

// Bytes implements function.Accumulator.
func (a *arrayAgg) Bytes() int { return 24*cap(a.state) + 8*a.col.length + a.col.bytes() }

// textAgg joins texts in the order of Add; modified brings them into their order before.
type textAgg struct {
	separator string
	state     [][]byte
	some      []bool
	rows      rowSet
	size      int
}

// Resize implements function.Accumulator.
func (a *textAgg) Resize(n int) { a.state, a.some = resize(a.state, n), resize(a.some, n) }

// Add implements function.Accumulator.
func (a *textAgg) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	var failed error
	a.rows.each(n, func(i int) {
		if failed == nil {
			failed = a.append(target0(groups, i), args[0].StrAt(i))
		}
	})
	return failed
}

func (a *textAgg) append(group int, s string) error {
	text := a.state[group]
	if len(text)+len(s)+len(a.separator) > maxCollectedBytes {
		return tooMany("listagg", maxCollectedBytes, "bytes")
	}
	a.size -= cap(text)
	if a.some[group] {
		text = append(text, a.separator...)
	}
	text = append(text, s...)
	a.size += cap(text)
	a.state[group], a.some[group] = text, true
	return nil
}

// Merge implements function.Accumulator.
func (a *textAgg) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*textAgg)
	if !ok {
		return mergeError(a, other)
	}
	for i, s := range o.state {
		if o.some[i] {
			if err := a.append(target(groups, i), string(s)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Result implements function.Accumulator.
func (a *textAgg) Result(n int, out *vec.Vector) error {
	out.Reset(catalog.String, n)
	for i := range n {
		out.Str[i] = string(a.state[i])
		if !a.some[i] {
			out.SetNull(i)
		}
	}
	return nil
}

// Bytes implements function.Accumulator.
func (a *textAgg) Bytes() int { return 25*cap(a.state) + a.size }
