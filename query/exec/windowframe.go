package exec

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"sort"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/logical"
)

// frames tells the frame of each row.
type frames struct {
	o          *windowOp
	frame      logical.Frame
	start, end catalog.Value // offsets
	key        blocks        // of RANGE with an offset
	order      logical.SortKey
	one        []byte
	target     []byte
	part       windowPart // of filled
	filled     bool
	from, to   int // rows of part whose key is not NULL
}

// span is rows from..to-1.
type span struct{ from, to int }

// spans is a frame: what its exclusion leaves of one span.
type spans struct {
	s [3]span
	n int
}

func (s *spans) list() []span { return s.s[:s.n] }

func (s *spans) add(from, to int) {
	if from < to {
		s.s[s.n] = span{from, to}
		s.n++
	}
}

// frames evaluates and checks the offsets of a frame. No mode is SQL's default frame.
func (o *windowOp) frames(ctx context.Context, frame logical.Frame) (*frames, error) {
	if frame.Mode == logical.FrameInvalid {
		frame = logical.Frame{Mode: logical.FrameRange, Start: logical.FrameBound{Kind: logical.UnboundedPreceding},
			End: logical.FrameBound{Kind: logical.CurrentRow}, Exclude: frame.Exclude}
	}
	f := &frames{o: o, frame: frame}
	var err error
	if f.start, err = o.offset(ctx, frame.Start, "starting"); err != nil {
		return nil, err
	}
	if f.end, err = o.offset(ctx, frame.End, "ending"); err != nil {
		return nil, err
	}
	if frame.Mode == logical.FrameRange && (frame.Start.Offset != nil || frame.End.Offset != nil) {
		if len(o.n.Order) != 1 {
			return nil, errs.Bug("RANGE with an offset over %d sort keys", len(o.n.Order))
		}
		f.key, f.order = o.orderColumn(), o.n.Order[0]
	}
	return f, nil
}

// offset evaluates the distance of one end of a frame.
func (o *windowOp) offset(ctx context.Context, b logical.FrameBound, which string) (catalog.Value, error) {
	if b.Kind != logical.Preceding && b.Kind != logical.Following {
		return catalog.Value{}, nil
	}
	if b.Offset == nil {
		return catalog.Value{}, errs.Bug("a frame's %s offset is missing", which)
	}
	o.ec.Ctx = ctx
	v, err := expr.EvalConst(o.ec, b.Offset)
	if err != nil {
		return v, err
	}
	negative := v.I64 < 0 || v.F64 < 0 || v.F64 != v.F64 || isDecimal(v.Type) && strings.HasPrefix(v.Str, "-")
	switch {
	case v.Null:
		return v, errs.User(errs.NullNotAllowed, "frame %s offset must not be null", which)
	case negative:
		return v, errs.User(errs.InvalidFrameSize, "frame %s offset must not be negative", which)
	}
	return v, nil
}

// of gives the frame of a row of partition p.
func (f *frames) of(p windowPart, row int) spans {
	from := max(p.from, f.bound(p, row, f.frame.Start, f.start, false))
	to := min(p.to, f.bound(p, row, f.frame.End, f.end, true))
	var out spans
	first, behind := row, row+1
	switch f.frame.Exclude {
	case logical.ExcludeNone:
		out.add(from, to)
		return out
	case logical.ExcludeGroup, logical.ExcludeTies:
		first, behind = f.o.peers(row)
	}
	out.add(from, min(to, first))
	if f.frame.Exclude == logical.ExcludeTies && row >= from && row < to {
		out.add(row, row+1)
	}
	out.add(max(from, behind), to)
	return out
}

// bound gives one end of the frame: its first row, or the one behind its last.
func (f *frames) bound(p windowPart, row int, b logical.FrameBound, offset catalog.Value, end bool) int {
	switch b.Kind {
	case logical.UnboundedPreceding:
		return p.from
	case logical.UnboundedFollowing:
		return p.to
	case logical.CurrentRow:
		if f.frame.Mode == logical.FrameRows {
			return row + count(end)
		}
		first, behind := f.o.peers(row)
		if end {
			return behind
		}
		return first
	}
	by := int(min(offset.I64, int64(f.o.total)+1))
	if b.Kind == logical.Preceding {
		by = -by
	}
	switch f.frame.Mode {
	case logical.FrameRows:
		return row + by + count(end)
	case logical.FrameGroups:
		g := int(f.o.groupOf[row]) + by + count(end)
		return f.o.groups[max(p.firstGroup, min(g, p.endGroup))]
	default:
		return f.search(p, row, b.Kind == logical.Preceding, offset, end)
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// search finds the end of a frame by the values of the sort key. Rows whose key is NULL have their peers.
func (f *frames) search(p windowPart, row int, preceding bool, offset catalog.Value, end bool) int {
	if f.key.isNull(row) {
		first, behind := f.o.peers(row)
		if end {
			return behind
		}
		return first
	}
	if !f.filled || f.part != p {
		f.part, f.filled = p, true
		f.from, f.to = p.from, p.to
		if f.key.isNull(p.from) {
			_, f.from = f.o.peers(p.from)
		}
		if f.key.isNull(p.to - 1) {
			f.to, _ = f.o.peers(p.to - 1)
		}
	}
	v, i := f.key.at(row)
	f.target = moveKey(f.target[:0], v, i, offset, preceding != f.order.Descending)
	return f.from + sort.Search(f.to-f.from, func(at int) bool {
		v, i := f.key.at(f.from + at)
		f.one = appendSortValue(f.one[:0], v, i)
		c := bytes.Compare(f.one, f.target)
		if f.order.Descending {
			c = -c
		}
		return c > 0 || c == 0 && !end
	})
}

// moveKey appends, in the form of appendSortValue, the key at row i moved by an offset. What leaves the range of the type
// stays at its end.
func moveKey(dst []byte, v *vec.Vector, i int, offset catalog.Value, down bool) []byte {
	switch v.Type.Kind.Physical() {
	case catalog.PhysFloat32, catalog.PhysFloat64:
		x := offset.F64
		if down {
			x = -x
		}
		return binary.BigEndian.AppendUint64(dst, floatOrder(v.Float64At(i)+x))
	case catalog.PhysString:
		return appendDecimal(dst, moveDecimal(v.StrAt(i), offset.Str, down))
	}
	x := v.Int64At(i)
	if down {
		if x < math.MinInt64+offset.I64 {
			x = math.MinInt64
		} else {
			x -= offset.I64
		}
	} else if x > math.MaxInt64-offset.I64 {
		x = math.MaxInt64
	} else {
		x += offset.I64
	}
	return binary.BigEndian.AppendUint64(dst, uint64(x)^1<<63)
}

// moveDecimal adds exactly. Both are plain decimals, as the type holds them.
func moveDecimal(value, by string, down bool) string {
	var x, y, out apd.Decimal
	if _, _, err := x.SetString(value); err != nil {
		return value
	}
	if _, _, err := y.SetString(by); err != nil {
		return value
	}
	if down {
		y.Negative = !y.Negative
	}
	if _, err := apd.BaseContext.Add(&out, &x, &y); err != nil {
		return value
	}
	return out.Text('f')
}
