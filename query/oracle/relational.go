package oracle

import (
	"fmt"
	"math"
	"math/big"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/logical"
)

// relational evaluates the nodes that only the root of a plan runs.
func (o *oracle) relational(n logical.Node) ([]Row, error) {
	switch n := n.(type) {
	case *logical.Join:
		return o.join(n)
	case *logical.SetOp:
		return o.setOp(n)
	case *logical.Window:
		return o.window(n)
	case *logical.ProjectSet:
		return o.projectSet(n)
	case *logical.DistinctOn:
		return o.distinctOn(n)
	case *logical.Shared:
		return o.run(n.In)
	case *logical.Recursive:
		return o.recursive(n)
	case *logical.WorkTable:
		return o.work[n.ID], nil
	default:
		return nil, fmt.Errorf("oracle: node %T", n)
	}
}

func (o *oracle) values(n *logical.Values) ([]Row, error) {
	if len(n.Rows) == 0 {
		return []Row{{}}, nil
	}
	out := make([]Row, len(n.Rows))
	for i, exprs := range n.Rows {
		for _, e := range exprs {
			v, err := o.eval(e, nil)
			if err != nil {
				return nil, err
			}
			out[i] = append(out[i], v)
		}
	}
	return out, nil
}

// with runs f while outer are the values from the query around it.
func (o *oracle) with(outer []catalog.Value, f func() error) error {
	before := o.outer
	o.outer = outer
	err := f()
	o.outer = before
	return err
}

// runWith runs a plan that takes outer from the query around it, once for equal values: else nested sub-queries would
// take the product of their rows.
func (o *oracle) runWith(n logical.Node, outer []catalog.Value) (rows []Row, err error) {
	key := ""
	if len(o.work) == 0 { // a work table changes
		var b strings.Builder
		for _, v := range outer {
			fmt.Fprintf(&b, "%q,%t,", Text(v), math.Signbit(v.F64))
		}
		key = b.String()
		if rows, ok := o.known[n][key]; ok {
			return rows, nil
		}
	}
	err = o.with(outer, func() error {
		rows, err = o.run(n)
		return err
	})
	if err == nil && len(o.work) == 0 {
		if o.known[n] == nil {
			if o.known == nil {
				o.known = map[logical.Node]map[string][]Row{}
			}
			o.known[n] = map[string][]Row{}
		}
		o.known[n][key] = rows
	}
	return rows, err
}

func (o *oracle) evalAll(exprs []expr.Expr, row Row) (Row, error) {
	out := make(Row, len(exprs))
	for i, e := range exprs {
		v, err := o.eval(e, row)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

func nullRow(cols []logical.Column) Row {
	out := make(Row, len(cols))
	for i, c := range cols {
		out[i] = catalog.NullValue(c.Type)
	}
	return out
}

func (o *oracle) join(n *logical.Join) ([]Row, error) {
	left, err := o.run(n.Left)
	if err != nil {
		return nil, err
	}
	var right []Row
	if !n.Lateral {
		if right, err = o.run(n.Right); err != nil {
			return nil, err
		}
	}
	var out []Row
	seen := make([]bool, len(right))
	for _, l := range left {
		if n.Lateral {
			outer, err := o.evalAll(n.Outer, l)
			if err != nil {
				return nil, err
			}
			if right, err = o.runWith(n.Right, outer); err != nil {
				return nil, err
			}
			seen = make([]bool, len(right))
		}
		alone := true
		for i, r := range right {
			pair := append(append(Row(nil), l...), r...)
			if n.On != nil {
				ok, err := o.isTrue(n.On, pair)
				if err != nil {
					return nil, err
				}
				if !ok {
					continue
				}
			}
			alone, seen[i] = false, true
			out = append(out, pair)
		}
		if alone && (n.Kind == logical.JoinLeft || n.Kind == logical.JoinFull) {
			out = append(out, append(append(Row(nil), l...), nullRow(n.Right.Columns())...))
		}
	}
	if n.Kind == logical.JoinRight || n.Kind == logical.JoinFull {
		for i, r := range right {
			if !seen[i] {
				out = append(out, append(nullRow(n.Left.Columns()), r...))
			}
		}
	}
	return out, nil
}

// alike compares rows as DISTINCT does: NULLs are equal, and NaNs.
func alike(a, b Row) bool {
	for i := range a {
		if a[i].Null || b[i].Null {
			if a[i].Null != b[i].Null {
				return false
			}
			continue
		}
		if Order(a[i], b[i]) != 0 {
			return false
		}
	}
	return true
}

// bag counts rows, those that are alike together.
type bag map[string]int

// name gives rows that are alike one name.
func name(r Row) string {
	var b strings.Builder
	for _, v := range r {
		if v.Type.Kind == catalog.KindBigDecimal && !v.Null && !v.Type.MultiValue {
			x, _ := new(big.Rat).SetString(v.Str)
			v.Str = x.RatString()
		}
		fmt.Fprintf(&b, "%q,", Text(canonical(v)))
	}
	return b.String()
}

// add counts a row and tells whether it is the first of its kind.
func (b bag) add(r Row) bool {
	b[name(r)]++
	return b[name(r)] == 1
}

func unique(rows []Row) []Row {
	var out []Row
	seen := bag{}
	for _, r := range rows {
		if seen.add(r) {
			out = append(out, r)
		}
	}
	return out
}

func (o *oracle) setOp(n *logical.SetOp) ([]Row, error) {
	left, err := o.run(n.Left)
	if err != nil {
		return nil, err
	}
	right, err := o.run(n.Right)
	if err != nil {
		return nil, err
	}
	var out []Row
	switch n.Kind {
	case logical.Union:
		out = append(append(out, left...), right...)
	default:
		others := bag{}
		for _, r := range right {
			others.add(r)
		}
		for _, l := range left {
			found := others[name(l)] > 0
			if found && n.All { // each row of the right side counts once
				others[name(l)]--
			}
			if found == (n.Kind == logical.Intersect) {
				out = append(out, l)
			}
		}
	}
	if !n.All {
		out = unique(out)
	}
	return out, nil
}

func (o *oracle) projectSet(n *logical.ProjectSet) ([]Row, error) {
	in, err := o.run(n.In)
	if err != nil {
		return nil, err
	}
	var out []Row
	for _, r := range in {
		values, err := o.evalAll(n.Exprs, r)
		if err != nil {
			return nil, err
		}
		longest := 0
		for i, v := range values {
			if n.Set[i] {
				longest = max(longest, len(v.Elems))
			}
		}
		if longest == 0 && n.Outer {
			longest = 1
		}
		for at := range longest {
			row := append(Row(nil), values...)
			for i, v := range values {
				if !n.Set[i] {
					continue
				}
				row[i] = catalog.NullValue(v.Type.Elem())
				if at < len(v.Elems) {
					row[i] = v.Elems[at]
				}
			}
			out = append(out, row)
		}
	}
	return out, nil
}

func (o *oracle) distinctOn(n *logical.DistinctOn) ([]Row, error) {
	in, err := o.run(n.In)
	if err != nil {
		return nil, err
	}
	var out []Row
	seen := bag{}
	for _, r := range in {
		key := make(Row, len(n.Keys))
		for i, k := range n.Keys {
			key[i] = r[k]
		}
		if seen.add(key) {
			out = append(out, r)
		}
	}
	return out, nil
}

func (o *oracle) recursive(n *logical.Recursive) ([]Row, error) {
	rows, err := o.run(n.Base)
	if err != nil {
		return nil, err
	}
	var out []Row
	if o.work == nil {
		o.work = map[int][]Row{}
	}
	seen := bag{}
	for len(rows) > 0 {
		if !n.All {
			var fresh []Row
			for _, r := range rows {
				if seen.add(r) {
					fresh = append(fresh, r)
				}
			}
			rows = fresh
		}
		out = append(out, rows...)
		o.work[n.ID] = rows
		if rows, err = o.run(n.Step); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// subquery evaluates a sub-query for a row.
func (o *oracle) subquery(e *expr.Subquery, row Row) (catalog.Value, error) {
	left, err := o.evalAll(e.Left, row)
	if err != nil {
		return null, err
	}
	outer, err := o.evalAll(e.Outer, row)
	if err != nil {
		return null, err
	}
	rows, err := o.runWith(e.Plan.(logical.Node), outer)
	if err != nil {
		return null, err
	}
	switch e.Kind {
	case expr.SubqueryExists:
		return catalog.BoolValue(len(rows) > 0), nil
	case expr.SubqueryScalar:
		switch len(rows) {
		case 0:
			return catalog.NullValue(e.T), nil
		case 1:
			return rows[0][0], nil
		}
		return null, fmt.Errorf("oracle: a scalar sub-query gave %d rows", len(rows))
	case expr.SubqueryArray:
		v := catalog.Value{Type: e.T}
		for _, r := range rows {
			v.Elems = append(v.Elems, r[0])
		}
		return v, nil
	}
	anyKind, unknown := e.Kind == expr.SubqueryAny, false
	for _, r := range rows {
		v := comparePair(e.Op, left, r)
		switch {
		case v.Null:
			unknown = true
		case (v.I64 != 0) == anyKind:
			return catalog.BoolValue(anyKind), nil
		}
	}
	if unknown {
		return null, nil
	}
	return catalog.BoolValue(!anyKind), nil
}

// comparePair compares row values: one pair by any operator, several for (in)equality.
func comparePair(op expr.CmpOp, left, right Row) catalog.Value {
	differ, unknown := false, false
	for i := range left {
		a, b := left[i], right[i]
		if a.Null || b.Null {
			unknown = true
			continue
		}
		if len(left) == 1 {
			return catalog.BoolValue(holds(op, a, b))
		}
		differ = differ || !holds(expr.Eq, a, b)
	}
	switch {
	case differ:
		return catalog.BoolValue(op == expr.Ne)
	case unknown:
		return null
	default:
		return catalog.BoolValue(op == expr.Eq)
	}
}
