package oracle

import (
	"fmt"
	"math"
	"math/big"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/logical"
)

// window sorts, then looks at every row of the partition for every row.
func (o *oracle) window(n *logical.Window) ([]Row, error) {
	keys := append([]logical.SortKey(nil), n.Order...)
	for i := len(n.Partition) - 1; i >= 0; i-- {
		keys = append([]logical.SortKey{{Column: n.Partition[i]}}, keys...)
	}
	rows, err := o.sort(&logical.Sort{In: n.In, Keys: keys, Limit: -1})
	if err != nil {
		return nil, err
	}
	pick := func(r Row, cols ...int) (out Row) {
		for _, c := range cols {
			out = append(out, r[c])
		}
		return out
	}
	var order []int
	for _, k := range n.Order {
		order = append(order, k.Column)
	}
	var out []Row
	for at, r := range rows {
		var part []Row
		self := 0
		for i, x := range rows {
			if alike(pick(x, n.Partition...), pick(r, n.Partition...)) {
				if i == at {
					self = len(part)
				}
				part = append(part, x)
			}
		}
		var group []int // number of the group of peers, by row
		for i := range part {
			switch {
			case i == 0:
				group = append(group, 0)
			case alike(pick(part[i], order...), pick(part[i-1], order...)):
				group = append(group, group[i-1])
			default:
				group = append(group, group[i-1]+1)
			}
		}
		result := append(Row(nil), r...)
		for _, c := range n.Calls {
			v, err := o.windowCall(n, c, part, group, self)
			if err != nil {
				return nil, err
			}
			result = append(result, v)
		}
		out = append(out, result)
	}
	return out, nil
}

// windowCall computes a call for row self of a partition.
func (o *oracle) windowCall(n *logical.Window, c logical.WindowCall, part []Row, group []int, self int) (catalog.Value, error) {
	before, peers := 0, 0
	for _, g := range group {
		if g < group[self] {
			before++
		}
		if g == group[self] {
			peers++
		}
	}
	number := func(x int) (catalog.Value, error) { return catalog.Value{Type: c.Type.Type, I64: int64(x)}, nil }
	double := func(x float64) (catalog.Value, error) { return catalog.DoubleValue(x), nil }
	args, err := o.evalAll(c.Args, part[self])
	if err != nil {
		return null, err
	}
	switch c.Name {
	case "rownumber":
		return number(self + 1)
	case "rank":
		return number(before + 1)
	case "denserank":
		return number(group[self] + 1)
	case "percentrank":
		if len(part) == 1 {
			return double(0)
		}
		return double(float64(before) / float64(len(part)-1))
	case "cumedist":
		return double(float64(before+peers) / float64(len(part)))
	case "ntile":
		buckets := int(args[0].I64)
		at := 0
		for b := range buckets {
			size := len(part) / buckets
			if b < len(part)%buckets {
				size++
			}
			if at += size; self < at {
				return number(b + 1)
			}
		}
		return null, fmt.Errorf("oracle: ntile")
	case "lag", "lead":
		return o.shift(c, part, self, args)
	}
	frame, err := o.frame(n, c.Frame, part, group, self)
	if err != nil {
		return null, err
	}
	if c.Agg != nil {
		return o.result(logical.AggCall{Fn: *c.Agg, Args: c.Args, Filter: c.Filter}, frame)
	}
	return o.frameValue(c, frame, args)
}

// frameValue is the value of one row of the frame.
func (o *oracle) frameValue(c logical.WindowCall, frame []Row, args Row) (catalog.Value, error) {
	var values []catalog.Value
	for _, r := range frame {
		v, err := o.eval(c.Args[0], r)
		if err != nil {
			return null, err
		}
		if !c.IgnoreNulls || !v.Null {
			values = append(values, v)
		}
	}
	at := 0
	switch c.Name {
	case "lastvalue":
		at = len(values) - 1
	case "nthvalue":
		at = int(args[1].I64) - 1
	}
	if at < 0 || at >= len(values) {
		return catalog.NullValue(c.Type.Type), nil
	}
	return values[at], nil
}

func (o *oracle) shift(c logical.WindowCall, part []Row, self int, args Row) (catalog.Value, error) {
	by := 1
	if len(args) > 1 {
		by = int(args[1].I64)
	}
	step := 1
	if c.Name == "lag" {
		step = -1
	}
	if by < 0 {
		by, step = -by, -step
	}
	if by == 0 {
		return args[0], nil
	}
	for at := self + step; at >= 0 && at < len(part); at += step {
		v, err := o.eval(c.Args[0], part[at])
		if err != nil {
			return null, err
		}
		if c.IgnoreNulls && v.Null {
			continue
		}
		if by--; by == 0 {
			return v, nil
		}
	}
	if len(args) > 2 {
		return args[2], nil
	}
	return catalog.NullValue(c.Type.Type), nil
}

// frame lists the rows of the partition that are in the frame of row self.
func (o *oracle) frame(n *logical.Window, f logical.Frame, part []Row, group []int, self int) ([]Row, error) {
	start, err := o.frameOffset(f.Start)
	if err != nil {
		return nil, err
	}
	end, err := o.frameOffset(f.End)
	if err != nil {
		return nil, err
	}
	var out []Row
	for i, r := range part {
		peer := group[i] == group[self]
		switch {
		case f.Exclude == logical.ExcludeCurrent && i == self, f.Exclude == logical.ExcludeGroup && peer,
			f.Exclude == logical.ExcludeTies && peer && i != self:
			continue
		}
		if o.side(n, f, f.Start, start, part, group, self, i) >= 0 && o.side(n, f, f.End, end, part, group, self, i) <= 0 {
			out = append(out, r)
		}
	}
	return out, nil
}

func (o *oracle) frameOffset(b logical.FrameBound) (catalog.Value, error) {
	if b.Offset == nil {
		return catalog.Value{}, nil
	}
	return o.eval(b.Offset, nil)
}

// side tells whether row i is before (-1), at (0) or behind (1) an end of the frame of row self.
func (o *oracle) side(n *logical.Window, f logical.Frame, b logical.FrameBound, offset catalog.Value, part []Row, group []int, self, i int) int {
	switch b.Kind {
	case logical.UnboundedPreceding:
		return 1
	case logical.UnboundedFollowing:
		return -1
	}
	by := int(offset.I64)
	if b.Kind == logical.Preceding {
		by = -by
	}
	switch {
	case f.Mode == logical.FrameRows:
		return sign(i - self - by)
	case f.Mode == logical.FrameGroups || b.Kind == logical.CurrentRow:
		return sign(group[i] - group[self] - by)
	}
	k := n.Order[0]
	x, y := part[self][k.Column], part[i][k.Column]
	if x.Null || y.Null {
		return sign(group[i] - group[self])
	}
	down := (b.Kind == logical.Preceding) != k.Descending
	c := Order(y, moved(x, offset, down))
	if k.Descending {
		c = -c
	}
	return sign(c)
}

func moved(x, by catalog.Value, down bool) catalog.Value {
	switch p := x.Type.Kind.Physical(); {
	case p == catalog.PhysFloat32 || p == catalog.PhysFloat64:
		if down {
			x.F64 -= by.F64
		} else {
			x.F64 += by.F64
		}
	case p == catalog.PhysString:
		a, _ := new(big.Rat).SetString(x.Str)
		b, _ := new(big.Rat).SetString(by.Str)
		if down {
			b.Neg(b)
		}
		x.Str = a.Add(a, b).FloatString(20)
	default:
		a, b := big.NewInt(x.I64), big.NewInt(by.I64)
		if down {
			b.Neg(b)
		}
		switch a.Add(a, b); {
		case a.IsInt64():
			x.I64 = a.Int64()
		case down:
			x.I64 = math.MinInt64
		default:
			x.I64 = math.MaxInt64
		}
	}
	return x
}
