package bind

import (
	"strconv"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/sql"
)

// SetOp is a set operation of two queries with the same number of outputs; both have been cast to the same types.
type SetOp struct {
	Op          string // UNION, INTERSECT, EXCEPT
	All         bool
	Left, Right *Query
}

// setOp binds UNION, INTERSECT and EXCEPT, with an ORDER BY over the names and positions of its outputs.
func (b *binder) setOp(s *sql.Select) (*Query, error) {
	onLeft, onRight := b.child(b.frame), b.child(b.frame)
	left, err := onLeft.query(s.SetOp.Left)
	if err != nil {
		return nil, err
	}
	right, err := onRight.query(s.SetOp.Right)
	if err != nil {
		return nil, err
	}
	outputs, err := unifyOutputs(s.SetOp.Op, left, right, s.SetOp.Pos())
	if err != nil {
		return nil, err
	}
	if err := onLeft.checkLiterals(left); err != nil {
		return nil, err
	}
	if err := onRight.checkLiterals(right); err != nil {
		return nil, err
	}
	q := &Query{SetOp: &SetOp{Op: s.SetOp.Op, All: s.SetOp.All, Left: left, Right: right}, Outputs: outputs}
	return q, b.outputClauses(s, q)
}

// checkLiterals refuses the literals among the items that do not convert to the types which the set operation asks for.
func (b *binder) checkLiterals(q *Query) error {
	if q.Grouped || len(q.Items) != len(q.Cast) {
		return nil
	}
	for i, e := range q.Items {
		c, ok := e.(*expr.Const)
		if !ok || b.textPos[c] == 0 {
			continue
		}
		if _, err := castConst(c.Value, q.Cast[i]); err != nil {
			return at(err, b.textPos[c])
		}
	}
	return nil
}

// unifyOutputs casts the outputs of two queries to common types.
func unifyOutputs(op string, l, r *Query, pos int) ([]Output, error) {
	if len(l.Outputs) != len(r.Outputs) {
		return nil, errs.User(errs.SyntaxError, "each %s query must have the same number of columns", op).At(pos)
	}
	out := make([]Output, len(l.Outputs))
	types := make([]catalog.Type, len(l.Outputs))
	for i, a := range l.Outputs {
		b := r.Outputs[i]
		t := a.Type
		switch {
		case a.Unknown && !b.Unknown:
			t = b.Type
		case b.Unknown:
		case a.Type != b.Type:
			k, ok := resultKind(a.Type.Kind, b.Type.Kind)
			if !ok || a.Type.MultiValue != b.Type.MultiValue {
				return nil, errs.User(errs.DatatypeMismatch, "%s types %s and %s cannot be matched", op, typeText(a.Type), typeText(b.Type)).At(pos)
			}
			t = catalog.Type{Kind: k, MultiValue: a.Type.MultiValue}
		}
		types[i] = t
		out[i] = Output{Name: a.Name, Type: t, Unknown: a.Unknown && b.Unknown}
		if a.OID == b.OID || b.Unknown {
			out[i].OID = a.OID
		}
	}
	l.Cast, r.Cast = types, types
	return out, nil
}

// outputClauses binds ORDER BY, LIMIT and OFFSET of a query whose rows are outputs.
func (b *binder) outputClauses(s *sql.Select, q *Query) error {
	for _, o := range s.OrderBy {
		col, err := outputColumn(o.Expr, q)
		if err != nil {
			return err
		}
		q.Sort = append(q.Sort, SortKey{Column: col, Descending: o.Descending, NullsFirst: o.NullsFirst})
	}
	return b.limits(s, q)
}

// outputColumn finds the output that ORDER BY of a set operation names.
func outputColumn(e sql.Expr, q *Query) (int, error) {
	switch e := e.(type) {
	case *sql.Literal:
		n, err := strconv.Atoi(e.Text)
		if e.Kind == sql.NumberLiteral && (err != nil || n < 1 || n > len(q.Outputs)) {
			return 0, errs.User(errs.InvalidColumnReference, "ORDER BY position %s is not in select list", e.Text).At(e.Pos())
		}
		if err == nil {
			return n - 1, nil
		}
	case *sql.Name:
		if len(e.Parts) != 1 {
			break
		}
		cols := make([]visible, len(q.Outputs))
		for i, o := range q.Outputs {
			cols[i].name = o.Name
		}
		switch matches := matching(cols, e.Parts[0]); len(matches) {
		case 0:
			return 0, errs.User(errs.UndefinedColumn, "column %q does not exist", e.Parts[0]).At(e.Pos())
		case 1:
			return matches[0], nil
		default:
			return 0, errs.User(errs.AmbiguousColumn, "ORDER BY %q is ambiguous", e.Parts[0]).At(e.Pos())
		}
	}
	return 0, errs.User(errs.FeatureNotSupported, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause").
		WithDetail("Only result column names can be used, not expressions or functions.").
		WithHint("Add the expression/function to every SELECT, or move the UNION into a FROM clause.").At(e.Pos())
}

// values binds VALUES.
func (b *binder) values(s *sql.Select) (*Query, error) {
	q := &Query{}
	width := len(s.Values[0])
	columns := make([][]expr.Expr, width)
	b.ctx = clause{name: "VALUES"}
	for _, row := range s.Values {
		if len(row) != width {
			pos := s.Pos()
			if len(row) > 0 {
				pos = row[0].Pos()
			}
			return nil, errs.User(errs.SyntaxError, "VALUES lists must all be the same length").At(pos)
		}
		for i, x := range row {
			e, err := b.bind(x)
			if err != nil {
				return nil, err
			}
			columns[i] = append(columns[i], e)
		}
	}
	for i := range columns {
		unknown := true
		for _, e := range columns[i] {
			_, isParam := untyped(e)
			unknown = unknown && (isParam || isStringConst(e) || e.Type() == catalog.Null)
		}
		t, err := b.unify(columns[i], "VALUES", s.Values[0][i].Pos())
		if err != nil {
			return nil, err
		}
		q.Outputs = append(q.Outputs, Output{Name: "column" + strconv.Itoa(i+1), Type: t, Unknown: unknown})
	}
	for r := range s.Values {
		row := make([]expr.Expr, width)
		for i := range columns {
			row[i] = columns[i][r]
		}
		q.Values = append(q.Values, row)
	}
	return q, b.outputClauses(s, q)
}
