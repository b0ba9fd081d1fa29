package expr

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// Outer stands in a sub-query for a value of the query around it. It is constant within one run of the sub-query:
// EvalContext.Outer[Slot].
type Outer struct {
	Slot int
	Name string // for EXPLAIN
	T    catalog.Type
}

// SubqueryKind says what a Subquery makes of its rows.
type SubqueryKind uint8

// Kinds of sub-queries. The zero value is invalid.
const (
	SubqueryInvalid SubqueryKind = iota
	SubqueryScalar               // the only row's only column, NULL for no row; two rows are error 21000
	SubqueryExists               // whether there is a row
	SubqueryAny                  // Left Op ANY (rows); IN is = ANY
	SubqueryAll                  // Left Op ALL (rows); NOT IN is <> ALL
	SubqueryArray                // ARRAY(SELECT ...): the only column of all rows, in order
)

// Subplan is the query of a Subquery: a bound query, later a logical plan. Neither is known to this package.
type Subplan interface{ Subplan() }

// Subquery is a query within an expression. Its operands are evaluated in the surrounding query; whoever runs the
// statement evaluates the sub-query through EvalContext.Subquery. Plan's columns have the types of Left.
type Subquery struct {
	Kind  SubqueryKind
	Op    CmpOp  // of Any and All
	Left  []Expr // of Any and All: one, or the elements of a row value
	Outer []Expr // values of the slots of the sub-query's Outer expressions
	Plan  Subplan
	T     catalog.Type
}

// Type implements Expr.
func (e *Outer) Type() catalog.Type    { return e.T }
func (e *Subquery) Type() catalog.Type { return e.T }

// Children implements Expr.
func (e *Outer) Children() []Expr { return nil }
func (e *Subquery) Children() []Expr {
	return append(e.Left[:len(e.Left):len(e.Left)], e.Outer...)
}

func (*Outer) sealed()    {}
func (*Subquery) sealed() {}

// String implements Expr.
func (e *Outer) String() string { return "outer." + e.Name }

var subqueryTexts = [...]string{SubqueryInvalid: "?", SubqueryScalar: "", SubqueryExists: "EXISTS ", SubqueryAny: "ANY ", SubqueryAll: "ALL ", SubqueryArray: "ARRAY"}

// String implements Expr. The query itself is shown by EXPLAIN, below the node that uses it.
func (e *Subquery) String() string {
	text := subqueryTexts[e.Kind] + "(SubPlan"
	if len(e.Outer) > 0 {
		text += " of " + joined(e.Outer, ", ", Expr.String)
	}
	text += ")"
	switch len(e.Left) {
	case 0:
		return text
	case 1:
		return operand(e.Left[0]) + " " + e.Op.String() + " " + text
	default:
		return "(" + joined(e.Left, ", ", Expr.String) + ") " + e.Op.String() + " " + text
	}
}

// withOperands copies e with other children.
func (e *Subquery) withOperands(kids []Expr) *Subquery {
	c := *e
	c.Left, c.Outer = kids[:len(e.Left):len(e.Left)], kids[len(e.Left):]
	return &c
}

// outerNode is the value of an Outer.
type outerNode struct{ e *Outer }

func (n outerNode) eval(ec *function.EvalContext, in *vec.Batch, out *vec.Vector) error {
	if n.e.Slot >= len(ec.Outer) {
		return errs.Bug("outer value %d (%s) is not set", n.e.Slot, n.e.Name)
	}
	v := ec.Outer[n.e.Slot]
	v.Type = n.e.T
	out.SetConst(v, in.Rows)
	return nil
}

// subqueryNode evaluates the operands and lets the statement's runner do the rest.
type subqueryNode struct {
	e    *Subquery
	args []flatNode
	vals []vec.Vector
	list []*vec.Vector
}

func newSubqueryNode(e *Subquery, nested bool) *subqueryNode {
	kids := e.Children()
	n := &subqueryNode{e: e, args: make([]flatNode, len(kids)), vals: make([]vec.Vector, len(kids)), list: make([]*vec.Vector, len(kids))}
	for i, k := range kids {
		n.args[i].node = compile(k, nested)
		n.list[i] = &n.vals[i]
	}
	return n
}

func (n *subqueryNode) eval(ec *function.EvalContext, in *vec.Batch, out *vec.Vector) error {
	if ec.Subquery == nil {
		return errs.User(errs.FeatureNotSupported, "a sub-query cannot be used here")
	}
	for i := range n.args {
		if err := n.args[i].evalFlat(ec, in, &n.vals[i]); err != nil {
			return err
		}
	}
	return ec.Subquery(ec, n.e, n.list, in.Rows, out)
}

// HasSubquery reports whether e holds a sub-query or a value of the query around it: such an expression is evaluated
// by the root, never on a server.
func HasSubquery(e Expr) bool {
	found := false
	Walk(e, func(x Expr) bool {
		switch x.(type) {
		case *Outer, *Subquery:
			found = true
		}
		return !found
	})
	return found
}
