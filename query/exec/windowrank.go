package exec

import (
	"context"
	"sort"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/logical"
)

// call computes one call for all rows.
func (o *windowOp) call(ctx context.Context, c *logical.WindowCall, out *windowColumn) error {
	if c.Agg != nil {
		return o.aggregate(ctx, c, out)
	}
	args := make([]blocks, len(c.Args))
	for i, a := range c.Args {
		col, err := o.column(ctx, a)
		if err != nil {
			return err
		}
		args[i] = col
	}
	var frame *frames
	switch c.Name {
	case "firstvalue", "lastvalue", "nthvalue":
		var err error
		if frame, err = o.frames(ctx, c.Frame); err != nil {
			return err
		}
	}
	for _, p := range o.parts {
		if err := alive(ctx); err != nil {
			return err
		}
		var err error
		switch c.Name {
		case "ntile":
			err = o.ntile(p, args[0], out)
		case "lag", "lead":
			err = o.shift(ctx, c, p, args, out)
		case "firstvalue", "lastvalue", "nthvalue":
			err = o.frameValue(ctx, c, p, frame, args, out)
		default:
			o.rank(c.Name, p, out)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// rank numbers the rows of a partition.
func (o *windowOp) rank(name string, p windowPart, out *windowColumn) {
	n := p.to - p.from
	for row := p.from; row < p.to; row++ {
		first, behind := o.peers(row)
		v := catalog.Value{Type: out.t}
		switch name {
		case "rownumber":
			v.I64 = int64(row - p.from + 1)
		case "rank":
			v.I64 = int64(first - p.from + 1)
		case "denserank":
			v.I64 = int64(int(o.groupOf[row]) - p.firstGroup + 1)
		case "percentrank":
			if n > 1 {
				v.F64 = float64(first-p.from) / float64(n-1)
			}
		case "cumedist":
			v.F64 = float64(behind-p.from) / float64(n)
		}
		out.set(row, v)
	}
}

// ntile deals the rows of a partition into as equal buckets as possible, the larger ones first.
func (o *windowOp) ntile(p windowPart, arg blocks, out *windowColumn) error {
	v, i := arg.at(p.from)
	if v.IsNull(i) {
		for row := p.from; row < p.to; row++ {
			out.set(row, catalog.NullValue(out.t))
		}
		return nil
	}
	buckets := v.Int64At(i)
	if buckets <= 0 {
		return errs.User(errs.InvalidNtile, "argument of ntile must be greater than zero")
	}
	n := int64(p.to - p.from)
	size, larger := n/buckets, n%buckets
	for at := range n {
		bucket := at + 1 // each its own where there are fewer rows than buckets
		if size > 0 {
			if bucket = at / (size + 1); bucket >= larger {
				bucket = larger + (at-larger*(size+1))/size
			}
			bucket++
		}
		out.set(p.from+int(at), catalog.Value{Type: out.t, I64: bucket})
	}
	return nil
}

// present lists the rows from..to-1 whose value is not NULL.
func present(col blocks, from, to int) []int {
	var out []int
	for row := from; row < to; row++ {
		if !col.isNull(row) {
			out = append(out, row)
		}
	}
	return out
}

// shift is lag and lead: the value some rows before or behind, by default one, else the default.
func (o *windowOp) shift(ctx context.Context, c *logical.WindowCall, p windowPart, args []blocks, out *windowColumn) error {
	var rows []int
	if c.IgnoreNulls {
		rows = present(args[0], p.from, p.to)
	}
	for row := p.from; row < p.to; row++ {
		if row%4096 == 0 {
			if err := alive(ctx); err != nil {
				return err
			}
		}
		by := int64(1)
		if len(args) > 1 {
			v, i := args[1].at(row)
			if v.IsNull(i) {
				out.set(row, catalog.NullValue(out.t))
				continue
			}
			by = v.Int64At(i)
		}
		// No partition is longer: further away is outside, whatever the distance.
		by = max(min(by, int64(o.total)+1), -int64(o.total)-1)
		if c.Name == "lag" {
			by = -by
		}
		target, ok := row+int(by), true
		if c.IgnoreNulls {
			target, ok = shiftPresent(rows, row, int(by))
		}
		switch {
		case ok && target >= p.from && target < p.to:
			v, i := args[0].at(target)
			out.copy(row, v, i)
		case len(args) > 2:
			v, i := args[2].at(row)
			out.copy(row, v, i)
		default:
			out.set(row, catalog.NullValue(out.t))
		}
	}
	return nil
}

// shiftPresent finds the by-th listed row behind row, before it where by is negative.
func shiftPresent(rows []int, row, by int) (int, bool) {
	at := sort.SearchInts(rows, row) // the first that is not before row
	switch {
	case by == 0:
		return row, true
	case by < 0:
		at += by
	default:
		if at < len(rows) && rows[at] == row {
			at++
		}
		at += by - 1
	}
	if at < 0 || at >= len(rows) {
		return 0, false
	}
	return rows[at], true
}

// frameValue is the first, last or nth value of the frame.
func (o *windowOp) frameValue(ctx context.Context, c *logical.WindowCall, p windowPart, f *frames, args []blocks, out *windowColumn) error {
	var rows []int
	if c.IgnoreNulls {
		rows = present(args[0], p.from, p.to)
	}
	for row := p.from; row < p.to; row++ {
		if row%4096 == 0 {
			if err := alive(ctx); err != nil {
				return err
			}
		}
		nth := int64(1)
		if c.Name == "nthvalue" {
			v, i := args[1].at(row)
			if v.IsNull(i) {
				out.set(row, catalog.NullValue(out.t))
				continue
			}
			if nth = v.Int64At(i); nth <= 0 {
				return errs.User(errs.InvalidNthValue, "argument of nth_value must be greater than zero")
			}
		}
		target := pickRow(f.of(p, row), rows, c.IgnoreNulls, nth, c.Name == "lastvalue")
		if target < 0 {
			out.set(row, catalog.NullValue(out.t))
			continue
		}
		v, i := args[0].at(target)
		out.copy(row, v, i)
	}
	return nil
}

// pickRow gives the nth row of a frame, or the last, -1 for none. Where only is set, only the listed rows count.
func pickRow(spans spans, listed []int, only bool, nth int64, last bool) int {
	picked := -1
	for _, s := range spans.list() {
		from, n := s.from, s.to-s.from
		if only {
			from = sort.SearchInts(listed, s.from)
			n = sort.SearchInts(listed, s.to) - from
		}
		at := -1
		switch {
		case n <= 0:
			continue
		case last:
			at = from + n - 1
		case nth <= int64(n):
			at = from + int(nth) - 1
		default:
			nth -= int64(n)
			continue
		}
		if only {
			at = listed[at]
		}
		if picked = at; !last {
			return picked
		}
	}
	return picked
}
