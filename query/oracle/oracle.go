// Package oracle runs logical plans naively: one row at a time, values instead of vectors, maps instead of tables. It is
// the reference that tests compare query/exec with, so it imports no kernel of query/expr or query/exec; scalar
// functions, which have tests of their own, are called through their descriptors with one row. For tests only.
package oracle

import (
	"context"
	"math/big"
	"sort"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/segment"
)

// Row is one row of values.
type Row = []catalog.Value

// Config is what a run depends on besides plan and data.
type Config struct {
	// Schema and Views are of the only table; Tables, if set, tells those of each.
	Schema       *catalog.Schema
	Views        []segment.View
	Tables       func(name string) (*catalog.Schema, []segment.View, error)
	NowMillis    int64
	IEEEDivision bool
	PinotNulls   bool
	HostName     string
}

// Run gives the rows of plan n over the configured views, in order of arrival where n does not sort.
func Run(n logical.Node, cfg Config) ([]Row, error) {
	o := &oracle{cfg: cfg, ec: &function.EvalContext{Ctx: context.Background(), NowMillis: cfg.NowMillis, IEEEDivision: cfg.IEEEDivision}}
	return o.run(n)
}

type oracle struct {
	cfg Config
	ec  *function.EvalContext

	outer []catalog.Value // of the sub-query that runs
	work  map[int][]Row   // last rounds of recursive queries

	known map[logical.Node]map[string][]Row // rows of plans that depend on values around them, by those values
}

// run evaluates a node after its input.
func (o *oracle) run(n logical.Node) ([]Row, error) {
	switch n := n.(type) {
	case *logical.Values:
		return o.values(n)
	case *logical.Scan:
		return o.scan(n)
	case *logical.Filter:
		return o.filter(n)
	case *logical.Project:
		return o.project(n)
	case *logical.Aggregate:
		return o.aggregate(n)
	case *logical.Sort:
		return o.sort(n)
	case *logical.Limit:
		rows, err := o.run(n.In)
		if err != nil {
			return nil, err
		}
		rows = rows[min(n.Offset, int64(len(rows))):]
		if n.Count >= 0 {
			rows = rows[:min(n.Count, int64(len(rows)))]
		}
		return rows, nil
	default:
		return o.relational(n)
	}
}

func (o *oracle) scan(n *logical.Scan) ([]Row, error) {
	schema, views := o.cfg.Schema, o.cfg.Views
	if o.cfg.Tables != nil {
		var err error
		if schema, views, err = o.cfg.Tables(n.Table); err != nil {
			return nil, err
		}
	}
	var out []Row
	for _, v := range views {
		cols := make([][]catalog.Value, len(n.Cols))
		for i, c := range n.Cols {
			values, err := o.column(schema, v, c)
			if err != nil {
				return nil, err
			}
			cols[i] = values
		}
		for r := range v.Rows() {
			row := make(Row, len(cols))
			for i := range cols {
				row[i] = cols[i][r]
			}
			if n.Filter != nil {
				ok, err := o.isTrue(n.Filter, row)
				if err != nil {
					return nil, err
				}
				if !ok {
					continue
				}
			}
			out = append(out, row)
		}
	}
	return out, nil
}

// wasNull marks a default that stands for NULL, in the field of the value that its type does not use.
const wasNull = "\x00null"

func (o *oracle) column(schema *catalog.Schema, v segment.View, c logical.Column) ([]catalog.Value, error) {
	out := make([]catalog.Value, v.Rows())
	field, known := schema.Field(c.Name)
	col, stored := v.Column(c.Name)
	var block vec.Vector
	for r := range out {
		switch {
		case c.Name == "$docId":
			out[r] = catalog.IntValue(int64(r))
		case c.Name == "$segmentName":
			out[r] = catalog.StringValue(v.Name())
		case c.Name == "$hostName":
			out[r] = catalog.StringValue(o.cfg.HostName)
		case !stored:
			out[r] = field.Default
		default:
			if r%vec.BlockRows == 0 {
				if err := col.Block(r/vec.BlockRows, &block); err != nil {
					return nil, err
				}
			}
			out[r] = clone(block.At(r % vec.BlockRows))
			if out[r].Null && o.cfg.PinotNulls && known {
				out[r] = pinotDefault(field)
			}
		}
	}
	return out, nil
}

func pinotDefault(f *catalog.Field) catalog.Value {
	d := f.Default
	d.Elems = append([]catalog.Value(nil), d.Elems...)
	if d.Type.MultiValue {
		d.Str = wasNull
	} else {
		d.Elems = []catalog.Value{{Str: wasNull}}
	}
	return d
}

func marked(v catalog.Value) bool {
	if v.Type.MultiValue {
		return v.Str == wasNull
	}
	return len(v.Elems) == 1 && v.Elems[0].Str == wasNull
}

func clone(v catalog.Value) catalog.Value {
	v.Str = strings.Clone(v.Str)
	for i := range v.Elems {
		v.Elems[i] = clone(v.Elems[i])
	}
	return v
}

func (o *oracle) filter(n *logical.Filter) ([]Row, error) {
	rows, err := o.run(n.In)
	if err != nil {
		return nil, err
	}
	var out []Row
	for _, r := range rows {
		ok, err := o.isTrue(n.Cond, r)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, r)
		}
	}
	return out, nil
}

func (o *oracle) project(n *logical.Project) ([]Row, error) {
	rows, err := o.run(n.In)
	if err != nil {
		return nil, err
	}
	out := make([]Row, len(rows))
	for i, r := range rows {
		for _, e := range n.Exprs {
			v, err := o.eval(e, r)
			if err != nil {
				return nil, err
			}
			out[i] = append(out[i], v)
		}
	}
	return out, nil
}

func (o *oracle) isTrue(e expr.Expr, row Row) (bool, error) {
	v, err := o.eval(e, row)
	return !v.Null && v.I64 != 0, err
}

func (o *oracle) sort(n *logical.Sort) ([]Row, error) {
	rows, err := o.run(n.In)
	if err != nil {
		return nil, err
	}
	rows = append([]Row(nil), rows...)
	sort.SliceStable(rows, func(i, j int) bool {
		for _, k := range n.Keys {
			a, b := rows[i][k.Column], rows[j][k.Column]
			if a.Null || b.Null {
				if a.Null == b.Null {
					continue
				}
				return a.Null == k.NullsFirst
			}
			c := Order(a, b)
			if k.Descending {
				c = -c
			}
			if c != 0 {
				return c < 0
			}
		}
		return false
	})
	if n.Limit >= 0 {
		rows = rows[:min(n.Limit, int64(len(rows)))]
	}
	return rows, nil
}

// Order compares two values of one type for ORDER BY: numbers by value with NaN last, text by bytes, arrays element
// by element.
func Order(a, b catalog.Value) int {
	switch {
	case a.Type.MultiValue:
		for i := range min(len(a.Elems), len(b.Elems)) {
			if c := Order(a.Elems[i], b.Elems[i]); c != 0 {
				return c
			}
		}
		return sign(len(a.Elems) - len(b.Elems))
	case a.Type.Kind == catalog.KindBigDecimal:
		x, _ := new(big.Rat).SetString(a.Str)
		y, _ := new(big.Rat).SetString(b.Str)
		return x.Cmp(y)
	}
	switch a.Type.Kind.Physical() {
	case catalog.PhysString:
		return strings.Compare(a.Str, b.Str)
	case catalog.PhysFloat32, catalog.PhysFloat64:
		switch {
		case a.F64 != a.F64 && b.F64 != b.F64:
			return 0
		case a.F64 != a.F64:
			return 1
		case b.F64 != b.F64:
			return -1
		case a.F64 < b.F64:
			return -1
		case a.F64 > b.F64:
			return 1
		}
		return 0
	default:
		switch {
		case a.I64 < b.I64:
			return -1
		case a.I64 > b.I64:
			return 1
		}
		return 0
	}
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}
