// Package logical is the logical plan of a statement: nodes over bound expressions, and the named rewrite rules.
// It knows no storage.
package logical

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
)

// Node is a plan node: one of the types below. Each produces batches with Columns(). Nodes are immutable.
type Node interface {
	// Columns are the output columns.
	Columns() []Column
	// Inputs are the children, in order; none for the leaves of the tree.
	Inputs() []Node
	// Subplan marks nodes as what an expr.Subquery may hold.
	Subplan()
	sealed()
}

// Column is one output column of a node.
type Column struct {
	Name string
	Type catalog.Type
}

// Scan reads columns of one table. Filter, if set, and every expression above refer to columns by their position in
// Cols; the names in Cols are those of the schema (or hidden ones such as $docId).
type Scan struct {
	Table  string // raw table name as in the catalog
	Cols   []Column
	Filter expr.Expr // boolean, or nil
}

// Values is rows of expressions that read no columns. Without Rows it is one row without columns: a SELECT without FROM.
type Values struct {
	Rows [][]expr.Expr // each of len(Cols), of the types in Cols
	Cols []Column
}

// Filter keeps rows for which Cond is true (HAVING; WHERE has been pushed into Scan).
type Filter struct {
	In   Node
	Cond expr.Expr
}

// Project computes expressions.
type Project struct {
	In    Node
	Exprs []expr.Expr
	Names []string
}

// AggCall is one aggregate of an Aggregate node.
type AggCall struct {
	Fn     function.BoundAggregate
	Args   []expr.Expr
	Filter expr.Expr // FILTER (WHERE ...), or nil
	Text   string    // canonical text for EXPLAIN
}

// Aggregate groups by Keys and computes Aggs. Output columns: the keys, then the aggregates. Without Keys there is
// exactly one output row, also for no input; with Keys and no Aggs it is DISTINCT. Where a key is an array, a row counts
// in the group of each of its elements.
type Aggregate struct {
	In   Node
	Keys []expr.Expr
	Aggs []AggCall
}

// SortKey orders by a column of the input.
type SortKey struct {
	Column     int
	Descending bool
	NullsFirst bool
}

// Sort orders rows. Limit >= 0 says that only the first Limit rows are needed (set by a rule).
type Sort struct {
	In    Node
	Keys  []SortKey
	Limit int64 // -1: all
}

// Limit skips Offset rows and passes Count rows; Count -1 passes all. CountParam and OffsetParam, if set, are
// parameters that stand for the numbers until WithParams or Instantiate replaces them.
type Limit struct {
	In                      Node
	Offset                  int64
	Count                   int64
	CountParam, OffsetParam *expr.Param
}

// Columns implements Node.
func (n *Scan) Columns() []Column   { return n.Cols }
func (n *Values) Columns() []Column { return n.Cols }
func (n *Filter) Columns() []Column { return n.In.Columns() }
func (n *Project) Columns() []Column {
	cols := make([]Column, len(n.Exprs))
	for i, e := range n.Exprs {
		cols[i] = Column{Name: n.Names[i], Type: e.Type()}
	}
	return cols
}
func (n *Aggregate) Columns() []Column {
	var cols []Column
	for _, k := range n.Keys {
		cols = append(cols, Column{Name: k.String(), Type: k.Type().Elem()})
	}
	for _, a := range n.Aggs {
		cols = append(cols, Column{Name: a.Text, Type: a.Fn.Type})
	}
	return cols
}
func (n *Sort) Columns() []Column  { return n.In.Columns() }
func (n *Limit) Columns() []Column { return n.In.Columns() }

// Only is the child of a node with one, else nil.
func Only(n Node) Node {
	if in := n.Inputs(); len(in) == 1 {
		return in[0]
	}
	return nil
}

// Inputs implements Node.
func (n *Scan) Inputs() []Node      { return nil }
func (n *Values) Inputs() []Node    { return nil }
func (n *Filter) Inputs() []Node    { return []Node{n.In} }
func (n *Project) Inputs() []Node   { return []Node{n.In} }
func (n *Aggregate) Inputs() []Node { return []Node{n.In} }
func (n *Sort) Inputs() []Node      { return []Node{n.In} }
func (n *Limit) Inputs() []Node     { return []Node{n.In} }

func (*Scan) sealed()      {}
func (*Values) sealed()    {}
func (*Filter) sealed()    {}
func (*Project) sealed()   {}
func (*Aggregate) sealed() {}
func (*Sort) sealed()      {}
func (*Limit) sealed()     {}

// Subplan implements Node.
func (*Scan) Subplan()      {}
func (*Values) Subplan()    {}
func (*Filter) Subplan()    {}
func (*Project) Subplan()   {}
func (*Aggregate) Subplan() {}
func (*Sort) Subplan()      {}
func (*Limit) Subplan()     {}
