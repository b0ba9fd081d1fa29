package oracle

import (
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/logical"
)

// group is the rows of one key.
type group struct {
	key  Row
	rows []Row
}

func (o *oracle) aggregate(n *logical.Aggregate) ([]Row, error) {
	rows, err := o.run(n.In)
	if err != nil {
		return nil, err
	}
	groups, err := o.groups(n, rows)
	if err != nil {
		return nil, err
	}
	var out []Row
	for _, g := range groups {
		row := append(Row(nil), g.key...)
		for _, call := range n.Aggs {
			v, err := o.result(call, g.rows)
			if err != nil {
				return nil, err
			}
			row = append(row, v)
		}
		out = append(out, row)
	}
	return out, nil
}

// groups collects rows by key, in order of first appearance. An array key puts the row into the group of each element.
func (o *oracle) groups(n *logical.Aggregate, rows []Row) ([]*group, error) {
	if len(n.Keys) == 0 {
		return []*group{{rows: rows}}, nil
	}
	byKey := map[string]*group{}
	var order []*group
	for _, r := range rows {
		keys := []Row{{}}
		for _, k := range n.Keys {
			v, err := o.eval(k, r)
			if err != nil {
				return nil, err
			}
			keys = cross(keys, v)
		}
		for _, key := range keys {
			text := name(key)
			for i := range key {
				key[i] = canonical(key[i])
			}
			g := byKey[text]
			if g == nil {
				g = &group{key: key}
				byKey[text] = g
				order = append(order, g)
			}
			g.rows = append(g.rows, r)
		}
	}
	return order, nil
}

// cross appends a key to every combination so far.
func cross(keys []Row, v catalog.Value) []Row {
	values := []catalog.Value{v}
	if v.Type.MultiValue && v.Null {
		values = []catalog.Value{catalog.NullValue(v.Type.Elem())}
	} else if v.Type.MultiValue {
		values = v.Elems
	}
	var out []Row
	for _, k := range keys {
		for _, x := range values {
			out = append(out, append(slices.Clone(k), x))
		}
	}
	return out
}

// canonical makes equal keys look equal: one zero, one NaN, no marks.
func canonical(v catalog.Value) catalog.Value {
	v.Elems = unmark(v)
	if v.F64 == 0 {
		v.F64 = 0
	}
	if v.F64 != v.F64 {
		v.F64 = math.NaN()
	}
	return v
}

// result computes one aggregate over the rows of a group.
func (o *oracle) result(call logical.AggCall, rows []Row) (catalog.Value, error) {
	var args []Row
	for _, r := range rows {
		if call.Filter != nil {
			ok, err := o.isTrue(call.Filter, r)
			if err != nil {
				return null, err
			}
			if !ok {
				continue
			}
		}
		arg := make(Row, len(call.Args))
		for i, a := range call.Args {
			v, err := o.eval(a, r)
			if err != nil {
				return null, err
			}
			v.Elems = unmark(v)
			arg[i] = v
		}
		args = append(args, arg)
	}
	if len(call.Args) == 0 && call.Fn.Name == "count" {
		return catalog.LongValue(int64(len(args))), nil
	}
	if v, ok, err := naive(call, args); ok || err != nil {
		return v, err
	}
	return o.accumulate(call, args)
}

// sum adds exactly and rounds once.
func sum(call logical.AggCall, values Row) (catalog.Value, error) {
	out := catalog.Value{Type: call.Fn.Type}
	if len(values) == 0 {
		return catalog.NullValue(call.Fn.Type), nil
	}
	total, special := new(big.Rat), 0.0
	for _, v := range values {
		switch p := v.Type.Kind.Physical(); {
		case p == catalog.PhysInt32 || p == catalog.PhysInt64:
			total.Add(total, new(big.Rat).SetInt64(v.I64))
		case p == catalog.PhysString:
			x, ok := new(big.Rat).SetString(v.Str)
			if !ok {
				return null, fmt.Errorf("oracle: sum of %q", v.Str)
			}
			total.Add(total, x)
		case math.IsInf(v.F64, 0) || v.F64 != v.F64:
			special += v.F64
		default:
			total.Add(total, new(big.Rat).SetFloat64(v.F64))
		}
	}
	if call.Fn.Name == "avg" {
		total.Quo(total, new(big.Rat).SetInt64(int64(len(values))))
	}
	switch p := call.Fn.Type.Kind.Physical(); {
	case p == catalog.PhysFloat64 || p == catalog.PhysFloat32:
		out.F64, _ = total.Float64()
		if special != 0 {
			out.F64 = special
		}
	case p == catalog.PhysInt64 && total.Num().IsInt64():
		out.I64 = total.Num().Int64()
	default:
		return null, fmt.Errorf("oracle: sum %s as %s", total, call.Fn.Type)
	}
	return out, nil
}

func extreme(call logical.AggCall, values Row) catalog.Value {
	if len(values) == 0 {
		return catalog.NullValue(call.Fn.Type)
	}
	best := values[0]
	for _, v := range values[1:] {
		if c := Order(v, best); (call.Fn.Name == "min") == (c < 0) && c != 0 {
			best = v
		}
	}
	best.Type = call.Fn.Type
	return best
}

// accumulate feeds another aggregate row by row.
func (o *oracle) accumulate(call logical.AggCall, args []Row) (catalog.Value, error) {
	acc := call.Fn.New()
	acc.Resize(1)
	for _, row := range args {
		vectors := make([]*vec.Vector, len(row))
		for i, v := range row {
			var c vec.Vector
			c.SetConst(v, 1)
			vectors[i] = &vec.Vector{}
			c.Gather(nil, vectors[i])
		}
		if err := acc.Add(nil, vectors, 1, nil); err != nil {
			return null, err
		}
	}
	var out vec.Vector
	if err := acc.Result(1, &out); err != nil {
		return null, err
	}
	return clone(out.At(0)), nil
}
