package logical

import (
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
)

// The nodes of this file run at the root, over materialised or streamed inputs; none is ever part of a leaf.

// Relation reads a catalog relation (pg_catalog, information_schema, freshet). Positions are the columns of the
// relation that Cols stand for.
type Relation struct {
	Schema, Name string
	Positions    []int
	Cols         []Column
}

// JoinKind says which rows of a join survive without a partner.
type JoinKind uint8

// Kinds of joins. The zero value is invalid.
const (
	JoinInvalid JoinKind = iota
	JoinInner
	JoinLeft
	JoinRight
	JoinFull
)

// Join gives the pairs of rows for which On, over the columns of Left and then Right, is true; nil is true. Where
// Lateral is set, Right holds expr.Outer expressions, whose values are Outer, over the columns of Left: Right then
// runs once for each distinct tuple of them. A lateral join is inner or left.
type Join struct {
	Kind        JoinKind
	Left, Right Node
	On          expr.Expr
	Lateral     bool
	Outer       []expr.Expr
}

// SetOpKind is the operation of a SetOp.
type SetOpKind uint8

// Set operations. The zero value is invalid.
const (
	SetOpInvalid SetOpKind = iota
	Union
	Intersect
	Except
)

// SetOp combines two inputs of the same types. Without All the result has no duplicates; with All a row of an
// intersection counts min(l, r) times, of a difference max(0, l-r) times. NULLs are equal. Names are those of Left.
type SetOp struct {
	Kind        SetOpKind
	All         bool
	Left, Right Node
}

// WindowCall is one function of a Window: a window function by name, or an aggregate.
type WindowCall struct {
	// Name is canonical: rownumber, rank, denserank, percentrank, cumedist, ntile, lag, lead, firstvalue, lastvalue,
	// nthvalue; or Agg is set.
	Name        string
	Agg         *function.BoundAggregate
	Args        []expr.Expr // over the input
	Filter      expr.Expr   // of an aggregate, or nil
	IgnoreNulls bool        // of lag, lead, firstvalue, lastvalue, nthvalue
	Frame       Frame
	Type        Column // result
}

// FrameMode is the unit of a frame.
type FrameMode uint8

// Frame modes. The zero value is invalid.
const (
	FrameInvalid FrameMode = iota
	FrameRows
	FrameRange
	FrameGroups
)

// BoundKind is one end of a frame.
type BoundKind uint8

// Frame ends, in their order. The zero value is invalid.
const (
	BoundInvalid BoundKind = iota
	UnboundedPreceding
	Preceding // by Offset
	CurrentRow
	Following // by Offset
	UnboundedFollowing
)

// FrameBound is one end of a frame. Offset has no columns: LONG, or for FrameRange a number or INTERVAL that the only
// sort key can be moved by.
type FrameBound struct {
	Kind   BoundKind
	Offset expr.Expr
}

// FrameExclude says which rows of a frame do not count.
type FrameExclude uint8

// Exclusions.
const (
	ExcludeNone FrameExclude = iota
	ExcludeCurrent
	ExcludeGroup
	ExcludeTies
)

// Frame is the rows around the current one that a window call sees. The default of SQL is RANGE from the partition's
// start to the current row's last peer.
type Frame struct {
	Mode       FrameMode
	Start, End FrameBound
	Exclude    FrameExclude
}

// Window appends a column per call. Rows come ordered by Partition, then Order. Both are columns of the input.
type Window struct {
	In        Node
	Partition []int
	Order     []SortKey
	Calls     []WindowCall
}

// ProjectSet computes expressions; where Set is true, the expression is an array that stands for a set: each input
// row gives as many rows as its longest set has elements, shorter ones are padded with NULL, the others repeat. The
// column's type is the element type. Outer keeps, with NULLs, input rows whose sets are all empty.
type ProjectSet struct {
	In    Node
	Exprs []expr.Expr
	Names []string
	Set   []bool
	Outer bool
}

// DistinctOn keeps the first row of each distinct tuple of the Keys columns, in input order.
type DistinctOn struct {
	In   Node
	Keys []int
}

// Shared is a sub-tree that is computed at most once per execution and read by every Shared of the same ID.
type Shared struct {
	ID   int
	Name string // for EXPLAIN
	In   Node
}

// Recursive is a recursive query: Base once, then Step over what the last round gave until a round gives nothing.
// Without All, rows that were given before are left out of each round. Step reads WorkTable nodes of the same ID.
type Recursive struct {
	ID         int
	Name       string // for EXPLAIN
	Base, Step Node
	All        bool
}

// WorkTable is the rows of the last round of the Recursive node with the same ID.
type WorkTable struct {
	ID   int
	Name string
	Cols []Column
}

// Columns implements Node.
func (n *Relation) Columns() []Column { return n.Cols }
func (n *Join) Columns() []Column {
	l, r := n.Left.Columns(), n.Right.Columns()
	return append(l[:len(l):len(l)], r...)
}
func (n *SetOp) Columns() []Column { return n.Left.Columns() }
func (n *Window) Columns() []Column {
	in := n.In.Columns()
	out := in[:len(in):len(in)]
	for _, c := range n.Calls {
		out = append(out, c.Type)
	}
	return out
}
func (n *ProjectSet) Columns() []Column {
	out := make([]Column, len(n.Exprs))
	for i, e := range n.Exprs {
		out[i] = Column{Name: n.Names[i], Type: e.Type()}
		if n.Set[i] {
			out[i].Type = e.Type().Elem()
		}
	}
	return out
}
func (n *DistinctOn) Columns() []Column { return n.In.Columns() }
func (n *Shared) Columns() []Column     { return n.In.Columns() }
func (n *Recursive) Columns() []Column  { return n.Base.Columns() }
func (n *WorkTable) Columns() []Column  { return n.Cols }

// Inputs implements Node.
func (n *Relation) Inputs() []Node   { return nil }
func (n *Join) Inputs() []Node       { return []Node{n.Left, n.Right} }
func (n *SetOp) Inputs() []Node      { return []Node{n.Left, n.Right} }
func (n *Window) Inputs() []Node     { return []Node{n.In} }
func (n *ProjectSet) Inputs() []Node { return []Node{n.In} }
func (n *DistinctOn) Inputs() []Node { return []Node{n.In} }
func (n *Shared) Inputs() []Node     { return []Node{n.In} }
func (n *Recursive) Inputs() []Node  { return []Node{n.Base, n.Step} }
func (n *WorkTable) Inputs() []Node  { return nil }

func (*Relation) sealed()   {}
func (*Join) sealed()       {}
func (*SetOp) sealed()      {}
func (*Window) sealed()     {}
func (*ProjectSet) sealed() {}
func (*DistinctOn) sealed() {}
func (*Shared) sealed()     {}
func (*Recursive) sealed()  {}
func (*WorkTable) sealed()  {}

// Subplan implements Node.
func (*Relation) Subplan()   {}
func (*Join) Subplan()       {}
func (*SetOp) Subplan()      {}
func (*Window) Subplan()     {}
func (*ProjectSet) Subplan() {}
func (*DistinctOn) Subplan() {}
func (*Shared) Subplan()     {}
func (*Recursive) Subplan()  {}
func (*WorkTable) Subplan()  {}
