package exec

import (
	"context"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/logical"
)

// windowAgg is an aggregate over frames.
type windowAgg struct {
	o       *windowOp
	fn      *function.BoundAggregate
	args    []blocks
	filter  []vec.Bitmap // by block; nil for none
	frames  *frames
	out     *windowColumn
	acc     function.Accumulator
	held    span // rows in acc
	scratch []vec.Vector
	list    []*vec.Vector
	bits    vec.Bitmap
	result  vec.Vector
}

// aggregate computes an aggregate for all rows.
func (o *windowOp) aggregate(ctx context.Context, c *logical.WindowCall, out *windowColumn) error {
	f, err := o.frames(ctx, c.Frame)
	if err != nil {
		return err
	}
	a := &windowAgg{o: o, fn: c.Agg, frames: f, out: out, scratch: make([]vec.Vector, len(c.Args)), list: make([]*vec.Vector, len(c.Args))}
	for _, e := range c.Args {
		col, err := o.column(ctx, e)
		if err != nil {
			return err
		}
		a.args = append(a.args, col)
	}
	if c.Filter != nil {
		cond, err := o.column(ctx, c.Filter)
		if err != nil {
			return err
		}
		for i, v := range cond {
			a.filter = append(a.filter, append(vec.Bitmap(nil), truth(v, o.store.sizes[i], nil)...))
		}
	}
	if a.whole() {
		return a.partitions(ctx)
	}
	backwards := f.frame.End.Kind == logical.UnboundedFollowing && f.frame.Start.Kind != logical.UnboundedPreceding
	if _, ordered := a.fn.New().(function.Positioned); ordered || f.frame.Exclude != logical.ExcludeNone {
		backwards = false
	}
	for _, p := range o.parts {
		a.acc = nil
		if backwards {
			err = a.growBack(ctx, p)
		} else {
			err = a.grow(ctx, p)
		}
		if err != nil {
			return err
		}
	}
	return o.mem.set(o.bytes)
}

// whole reports frames that are always the whole partition.
func (a *windowAgg) whole() bool {
	f := a.frames.frame
	current := func(k logical.BoundKind) bool {
		return k == logical.CurrentRow && f.Mode != logical.FrameRows && len(a.o.n.Order) == 0
	}
	return f.Exclude == logical.ExcludeNone && (f.Start.Kind == logical.UnboundedPreceding || current(f.Start.Kind)) &&
		(f.End.Kind == logical.UnboundedFollowing || current(f.End.Kind))
}

// partitions aggregates each partition as a group.
func (a *windowAgg) partitions(ctx context.Context) error {
	acc := a.fn.New()
	acc.Resize(len(a.o.parts))
	groups := make([]uint32, vec.BlockRows)
	part, row := 0, 0
	for b, n := range a.o.store.sizes {
		if err := alive(ctx); err != nil {
			return err
		}
		for i := range n {
			if row == a.o.parts[part].to {
				part++
			}
			groups[i] = uint32(part)
			row++
		}
		for i, col := range a.args {
			a.list[i] = col[b]
		}
		var sel vec.Bitmap
		if a.filter != nil {
			sel = a.filter[b]
		}
		if err := acc.Add(groups[:n], a.list, n, sel); err != nil {
			return err
		}
		if err := a.o.mem.set(a.o.bytes + int64(acc.Bytes())); err != nil {
			return err
		}
	}
	if err := acc.Result(len(a.o.parts), &a.result); err != nil {
		return err
	}
	a.result.CloneStrings()
	for i, p := range a.o.parts {
		for row := p.from; row < p.to; row++ {
			a.out.copy(row, &a.result, i)
		}
	}
	return a.o.mem.set(a.o.bytes)
}

// grow goes through a partition and adds rows while the frame's start stays; else it begins anew.
func (a *windowAgg) grow(ctx context.Context, p windowPart) error {
	for row := p.from; row < p.to; row++ {
		if err := a.check(ctx, row); err != nil {
			return err
		}
		s := a.frames.of(p, row)
		if s.n > 1 { // an exclusion in the middle
			a.begin(0)
			for _, x := range s.list() {
				if err := a.add(x.from, x.to); err != nil {
					return err
				}
			}
			if err := a.store(row); err != nil {
				return err
			}
			a.acc = nil
			continue
		}
		want := s.s[0]
		switch {
		case a.acc == nil || a.held.from != want.from || a.held.to > want.to:
			a.begin(want.from)
		case a.held.to == want.to && row > p.from && a.result.Len == 1:
			a.out.same(row, row-1)
			continue
		}
		if err := a.add(a.held.to, want.to); err != nil {
			return err
		}
		a.held.to = max(a.held.to, want.to)
		if err := a.store(row); err != nil {
			return err
		}
	}
	return nil
}

// growBack is for frames up to the end of the partition, in aggregates for which the order of rows does not count: from
// the last row on a frame only grows.
func (a *windowAgg) growBack(ctx context.Context, p windowPart) error {
	a.begin(p.to)
	for row := p.to - 1; row >= p.from; row-- {
		if err := a.check(ctx, row); err != nil {
			return err
		}
		s := a.frames.of(p, row)
		from := p.to
		if s.n > 0 {
			from = s.s[0].from
		}
		if from == a.held.from && row < p.to-1 {
			a.out.same(row, row+1)
			continue
		}
		if err := a.add(from, a.held.from); err != nil {
			return err
		}
		a.held.from = from
		if err := a.store(row); err != nil {
			return err
		}
	}
	return nil
}

// check looks at cancellation and memory from time to time.
func (a *windowAgg) check(ctx context.Context, row int) error {
	if row%1024 != 0 {
		return nil
	}
	if err := alive(ctx); err != nil {
		return err
	}
	bytes := a.o.bytes
	if a.acc != nil {
		bytes += int64(a.acc.Bytes())
	}
	return a.o.mem.set(bytes)
}

// begin empties the accumulator.
func (a *windowAgg) begin(at int) {
	a.acc = a.fn.New()
	a.acc.Resize(1)
	a.held = span{at, at}
	a.result.Len = 0
}

// add adds rows from..to-1.
func (a *windowAgg) add(from, to int) error {
	for from < to {
		b, i := from/vec.BlockRows, from%vec.BlockRows
		n := min(to-from, a.o.store.sizes[b]-i)
		whole := n == a.o.store.sizes[b]
		var sel vec.Bitmap
		var rows []uint16
		if !whole {
			rows = make([]uint16, n)
			for j := range rows {
				rows[j] = uint16(i + j)
			}
		}
		for k, col := range a.args {
			a.list[k] = col[b]
			if !whole {
				col[b].Gather(rows, &a.scratch[k])
				a.list[k] = &a.scratch[k]
			}
		}
		if a.filter != nil {
			sel = a.filter[b]
			if !whole {
				sel = a.pick(a.filter[b], rows)
			}
		}
		if err := a.acc.Add(nil, a.list, n, sel); err != nil {
			return err
		}
		from += n
	}
	return nil
}

// pick gives the bits at rows.
func (a *windowAgg) pick(of vec.Bitmap, rows []uint16) vec.Bitmap {
	if a.bits == nil {
		a.bits = vec.NewBitmap(vec.BlockRows)
	}
	out := a.bits[:vec.Words(len(rows))]
	out.Zero()
	for i, r := range rows {
		if of.Get(int(r)) {
			out.Set(i)
		}
	}
	return out
}

// store writes the accumulator's result for a row.
func (a *windowAgg) store(row int) error {
	if err := a.acc.Result(1, &a.result); err != nil {
		return err
	}
	if a.out.t.MultiValue || a.out.t.Kind.Physical() == catalog.PhysString {
		a.out.set(row, cloneDeep(a.result.At(0)))
		return nil
	}
	a.out.copy(row, &a.result, 0)
	return nil
}
