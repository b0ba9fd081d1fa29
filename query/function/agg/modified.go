package agg

import (
	"encoding/binary"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// modified is an aggregate over distinct rows, or over rows in an order of their own: it keeps the rows, and feeds
// them to the aggregate when the result is asked for. Distinct rows without ORDER BY come in the order of their values,
// others that compare equal in the order of their arrival, so that the result does not depend on how rows are split.
type modified struct {
	arrival
	inner    func() function.Accumulator
	distinct bool
	args     int // the columns before the keys
	keys     []function.OrderKey
	types    []catalog.Type

	cols   []column // arguments, then keys
	at     []uint64 // position of each row
	groups [][]uint32
	listed int    // rows in groups
	seen   set128 // group and arguments of rows, where distinct
	rows   rowSet
	buf    []byte
	last   function.Accumulator // backs the texts of the last Result
}

// modify gives b over distinct rows, in an order by keys.
func modify(b function.BoundAggregate, distinct bool, keys []function.OrderKey) function.BoundAggregate {
	inner, args := b.New, b.Args
	b.Args = slices.Clone(args)
	for _, k := range keys {
		b.Args = append(b.Args, k.Type)
	}
	types := b.Args
	b.New = func() function.Accumulator {
		m := &modified{inner: inner, distinct: distinct, args: len(args), keys: keys, types: types, cols: make([]column, len(types))}
		for i, t := range types {
			m.cols[i].typ = t
		}
		return m
	}
	return b
}

// Resize implements function.Accumulator.
func (a *modified) Resize(n int) { a.groups = resize(a.groups, n) }

// Add implements function.Accumulator.
func (a *modified) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.begin(n)
	a.rows.choose(args[:a.args], n, sel) // no aggregate takes rows with a NULL argument
	a.rows.each(n, func(i int) {
		g := target0(groups, i)
		if a.distinct && !a.isNew(g, func(c int) catalog.Value { return rowValue(args[c], i) }) {
			return
		}
		for c := range a.cols {
			v := rowValue(args[c], i)
			if a.distinct {
				v.F64 += 0 // whichever zero came first
			}
			a.cols[c].append(v)
		}
		a.list(g, a.of(i))
	})
	return nil
}

// list notes the row that was appended to the columns.
func (a *modified) list(group int, at uint64) {
	a.groups[group] = append(a.groups[group], uint32(len(a.at)))
	a.at = append(a.at, at)
	a.listed++
}

// isNew notes a row's arguments for its group, and reports whether they are the first of their kind.
func (a *modified) isNew(group int, value func(c int) catalog.Value) bool {
	a.buf = binary.LittleEndian.AppendUint32(a.buf[:0], uint32(group))
	for c := range a.args {
		a.buf = appendIdentity(a.buf, value(c))
	}
	before := a.seen.len()
	a.seen.add(xxh3.Hash128(a.buf))
	return a.seen.len() > before
}

// Merge implements function.Accumulator.
func (a *modified) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*modified)
	if !ok || len(o.cols) != len(a.cols) {
		return mergeError(a, other)
	}
	by := a.join(&o.arrival)
	for g, rows := range o.groups {
		to := target(groups, g)
		for _, r := range rows {
			if a.distinct && !a.isNew(to, func(c int) catalog.Value { return o.cols[c].value(int(r)) }) {
				continue
			}
			for c := range a.cols {
				a.cols[c].append(o.cols[c].value(int(r)))
			}
			a.list(to, o.at[r]+by)
		}
	}
	return nil
}

// Result implements function.Accumulator.
func (a *modified) Result(n int, out *vec.Vector) error {
	inner := a.inner()
	inner.Resize(n)
	feed := feeder{to: inner, from: a}
	for g := range n {
		rows := a.groups[g]
		slices.SortStableFunc(rows, func(x, y uint32) int { return a.compare(int(x), int(y)) })
		for _, r := range rows {
			if err := feed.row(g, int(r)); err != nil {
				return err
			}
		}
	}
	if err := feed.flush(); err != nil {
		return err
	}
	a.last = inner
	return inner.Result(n, out)
}

// compare orders two rows of a group by keys, then distinct ones by arguments and others by position.
func (a *modified) compare(x, y int) int {
	for i, k := range a.keys {
		col := &a.cols[a.args+i]
		if c := compareKeys(k, col.value(x), col.value(y)); c != 0 {
			return c
		}
	}
	if a.distinct {
		for i := range a.args {
			if c := compareKeys(function.OrderKey{}, a.cols[i].value(x), a.cols[i].value(y)); c != 0 {
				return c
			}
		}
	}
	switch {
	case a.at[x] < a.at[y]:
		return -1
	case a.at[x] > a.at[y]:
		return 1
	}
	return 0
}

// Bytes implements function.Accumulator.
func (a *modified) Bytes() int {
	total := 24*cap(a.groups) + 8*a.listed + 8*cap(a.at) + 16*len(a.seen.slots)
	for i := range a.cols {
		total += a.cols[i].bytes()
	}
	if a.last != nil {
		total += a.last.Bytes()
	}
	return total
}

// feeder gives kept rows to an accumulator in blocks.
type feeder struct {
	to     function.Accumulator
	from   *modified
	groups []uint32
	rows   []int
}

func (f *feeder) row(group, row int) error {
	f.groups, f.rows = append(f.groups, uint32(group)), append(f.rows, row)
	if len(f.rows) < vec.BlockRows {
		return nil
	}
	return f.flush()
}

func (f *feeder) flush() error {
	if len(f.rows) == 0 {
		return nil
	}
	args := make([]*vec.Vector, f.from.args)
	for c := range args {
		args[c] = f.from.cols[c].vector(f.rows)
	}
	err := f.to.Add(f.groups, args, len(f.rows), nil)
	f.groups, f.rows = f.groups[:0], f.rows[:0]
	return err
}

// vector gives rows of the column as a flat vector.
func (c *column) vector(rows []int) *vec.Vector {
	out := &vec.Vector{}
	out.Reset(c.typ, len(rows))
	clear(out.Str)
	if c.typ.MultiValue {
		fillArrays(out, func(i int) catalog.Value { return c.value(rows[i]) })
		return out
	}
	for i, r := range rows {
		setRow(out, i, c.value(r))
	}
	return out
}

// setRow stores a value in row i of a flat vector that is no array.
func setRow(out *vec.Vector, i int, v catalog.Value) {
	switch out.Type.Kind.Physical() {
	case catalog.PhysInt32:
		out.I32[i] = int32(v.I64)
	case catalog.PhysInt64:
		out.I64[i] = v.I64
	case catalog.PhysFloat32:
		out.F32[i] = float32(v.F64)
	case catalog.PhysFloat64:
		out.F64[i] = v.F64
	case catalog.PhysBits:
		if v.I64 != 0 {
			out.Bits.Set(i)
		}
	case catalog.PhysString:
		out.Str[i] = v.Str
	}
	if v.Null {
		out.SetNull(i)
	}
}

// fillArrays stores arrays in all rows of a vector that was Reset to an array type.
func fillArrays(out *vec.Vector, value func(i int) catalog.Value) {
	total := 0
	for i := range out.Len {
		v := value(i)
		if v.Null {
			out.SetNull(i)
		}
		total += len(v.Elems)
		out.Offsets[i+1] = uint32(total)
	}
	out.Elems.Reset(out.Type.Elem(), total)
	clear(out.Elems.Str)
	for i := range out.Len {
		at := int(out.Offsets[i])
		for j, e := range value(i).Elems {
			setRow(out.Elems, at+j, e)
		}
	}
}
