// Package physical splits a logical plan into the part that runs where the rows are (the leaf) and the part that
// merges and finishes (the root), and folds predicates against metadata.
//
// A leaf is a scan with its filter and then one of three shapes: rows, the first n rows of an order, or partial
// aggregation. Every expression of a leaf refers to columns of the scan: projections between the scan and the cut are
// composed into it. The root is the logical tree itself; Plan.LeafOf tells the nodes whose output the merged leaves give.
// A plan has as many leaves as its tree, the plans of sub-queries included, has scans.
//
// Plans are immutable and may be shared between goroutines.
package physical

import (
	"slices"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/logical"
)

// LeafKind is the shape of a leaf's output. The zero value is invalid.
type LeafKind uint8

// Leaf kinds.
const (
	LeafInvalid   LeafKind = iota
	LeafRows               // projected rows in arrival order, at most Limit
	LeafTopN               // projected rows, ordered by Sort, at most Limit
	LeafAggregate          // partial aggregation by Keys

	// LeafKindCount is the number of kinds, for exhaustive tests.
	LeafKindCount
)

// Leaf is what one server runs over its segments.
type Leaf struct {
	Kind LeafKind
	// Scan names table, columns and filter. Its filter is complete: filters above the scan have been added.
	Scan *logical.Scan
	// Project are the output expressions of LeafRows and LeafTopN, over the scan's columns.
	Project []expr.Expr
	// Sort orders LeafTopN by positions of Project.
	Sort []logical.SortKey
	// Keys and Aggs belong to LeafAggregate; their expressions are over the scan's columns.
	Keys []expr.Expr
	Aggs []logical.AggCall
	// Limit is the number of rows (LeafRows, LeafTopN) or of groups (LeafAggregate) that suffice; -1 is all.
	Limit int64
	// Columns are the output columns. A multi-value key is a column of its element type: the row counts once per element.
	Columns []logical.Column
}

// Plan is a statement ready to run.
type Plan struct {
	// Root is the whole logical tree. Execution of the root stops at nodes that leaves replace.
	Root logical.Node
	// Leaves are all leaves: of the tree from left to right, and of the plans of sub-queries.
	Leaves []*Leaf

	cuts map[logical.Node]*Leaf
}

// Columns are the output columns of the statement.
func (p *Plan) Columns() []logical.Column { return p.Root.Columns() }

// LeafOf is the leaf that gives the rows of n, a node of Root or of the plan of a sub-query; nil where the root does.
func (p *Plan) LeafOf(n logical.Node) *Leaf { return p.cuts[n] }

// Only is the leaf of a plan that has no more than one, else nil.
func (p *Plan) Only() *Leaf {
	if len(p.Leaves) != 1 {
		return nil
	}
	return p.Leaves[0]
}

// Build splits n: every maximal chain above a scan that a leaf can be is cut. Expressions that hold sub-queries or values
// of a query around them stay at the root; where the filter of a scan does, Root has a filter above that scan instead.
func Build(n logical.Node) (*Plan, error) {
	if n == nil {
		return nil, errs.Bug("physical.Build: empty plan")
	}
	p := &Plan{Root: isolate(n), cuts: map[logical.Node]*Leaf{}}
	p.walk(p.Root)
	return p, nil
}

// walk cuts the chain whose top is n, and what is below it.
func (p *Plan) walk(n logical.Node) {
	chain := []logical.Node{n}
	for in := logical.Only(n); in != nil; in = logical.Only(in) {
		chain = append(chain, in)
	}
	for i, j := 0, len(chain)-1; i < j; i, j = i+1, j-1 {
		chain[i], chain[j] = chain[j], chain[i]
	}
	bottom := chain[0]
	if scan, ok := bottom.(*logical.Scan); ok {
		p.cut(scan, chain)
	}
	for _, in := range bottom.Inputs() {
		p.walk(in)
	}
	for _, at := range chain {
		for _, sub := range logical.Subplans(at) {
			p.walk(sub)
		}
	}
}

// cut makes a leaf of the lower end of a chain.
func (p *Plan) cut(scan *logical.Scan, chain []logical.Node) {
	b := &builder{scan: scan, columns: scan.Cols, project: identity(scan.Cols)}
	at := 0
	for at+1 < len(chain) && b.absorb(chain[at+1]) {
		at++
	}
	leaf := &Leaf{Kind: LeafRows, Project: b.project, Limit: -1, Columns: b.columns}
	if at+1 < len(chain) && b.finish(leaf, chain, at+1) {
		at++
	}
	leaf.Scan = b.filteredScan()
	if old := p.cuts[chain[at]]; old != nil { // one sub-tree in several places
		if old.Limit != leaf.Limit {
			old.Limit = -1
		}
		return
	}
	p.cuts[chain[at]] = leaf
	p.Leaves = append(p.Leaves, leaf)
}

// builder walks the chain of nodes from the scan upward and composes expressions over the scan's columns.
type builder struct {
	scan    *logical.Scan
	project []expr.Expr // what the nodes so far give
	columns []logical.Column
	filters []expr.Expr
}

func identity(cols []logical.Column) []expr.Expr {
	out := make([]expr.Expr, len(cols))
	for i, c := range cols {
		out[i] = &expr.Column{Index: i, Name: c.Name, T: c.Type}
	}
	return out
}

// absorb takes a filter or projection into the leaf's expressions; false leaves the node to what follows.
// A volatile expression is not composed, as it could then be evaluated twice.
func (b *builder) absorb(n logical.Node) bool {
	switch n := n.(type) {
	case *logical.Filter:
		if b.volatileInput() || expr.HasSubquery(n.Cond) {
			return false
		}
		b.filters = append(b.filters, Substitute(n.Cond, b.project))
		return true
	case *logical.Project:
		if b.volatileInput() || anySubquery(n.Exprs) {
			return false
		}
		next := make([]expr.Expr, len(n.Exprs))
		for i, e := range n.Exprs {
			next[i] = Substitute(e, b.project)
		}
		b.project, b.columns = next, n.Columns()
		return true
	default:
		return false
	}
}

func (b *builder) volatileInput() bool {
	for _, e := range b.project {
		if isVolatile(e) {
			return true
		}
	}
	return false
}

func isVolatile(e expr.Expr) bool {
	if c, ok := e.(*expr.Call); ok && c.Volatility == function.Volatile {
		return true
	}
	for _, child := range e.Children() {
		if isVolatile(child) {
			return true
		}
	}
	return false
}

// finish gives the leaf its shape from the node at chain[at]; it reports whether that node is part of the leaf.
func (b *builder) finish(leaf *Leaf, chain []logical.Node, at int) bool {
	switch n := chain[at].(type) {
	case *logical.Aggregate:
		if b.volatileInput() || aggregatesSubquery(n) {
			return false
		}
		b.aggregate(leaf, n)
		if len(n.Aggs) == 0 {
			leaf.Limit = rowsNeeded(chain, at+1)
		}
		return true
	case *logical.Sort:
		limit := n.Limit
		if need := rowsNeeded(chain, at+1); need >= 0 && (limit < 0 || need < limit) {
			limit = need
		}
		if limit < 0 || limit > MaxTopN || b.volatileInput() {
			return false
		}
		leaf.Kind, leaf.Sort, leaf.Limit = LeafTopN, n.Keys, limit
		return true
	case *logical.Limit:
		leaf.Limit = rowsNeeded(chain, at)
		return false
	}
	return false
}

// MaxTopN is the largest number of rows that a leaf keeps ordered; beyond it the root sorts everything.
const MaxTopN = 1 << 20

// rowsNeeded says how many rows of chain[at-1] suffice for the nodes from at on, -1 if all may be needed.
func rowsNeeded(chain []logical.Node, at int) int64 {
	for ; at < len(chain); at++ {
		switch n := chain[at].(type) {
		case *logical.Project:
			continue
		case *logical.Limit:
			if n.Count < 0 {
				return -1
			}
			if need := n.Offset + n.Count; need >= 0 {
				return need
			}
			return -1
		default:
			return -1
		}
	}
	return -1
}

func (b *builder) aggregate(leaf *Leaf, n *logical.Aggregate) {
	leaf.Kind, leaf.Project = LeafAggregate, nil
	leaf.Keys = make([]expr.Expr, len(n.Keys))
	for i, k := range n.Keys {
		leaf.Keys[i] = Substitute(k, b.project)
	}
	leaf.Aggs = make([]logical.AggCall, len(n.Aggs))
	for i, a := range n.Aggs {
		args := make([]expr.Expr, len(a.Args))
		for j, arg := range a.Args {
			args[j] = Substitute(arg, b.project)
		}
		a.Args = args
		if a.Filter != nil {
			a.Filter = Substitute(a.Filter, b.project)
		}
		leaf.Aggs[i] = a
	}
	leaf.Columns = append([]logical.Column(nil), n.Columns()...)
	for i := range n.Keys {
		leaf.Columns[i].Type = catalog.Type{Kind: leaf.Columns[i].Type.Kind}
	}
}

// filteredScan is the scan with every absorbed filter in its own.
func (b *builder) filteredScan() *logical.Scan {
	if len(b.filters) == 0 {
		return b.scan
	}
	var conjuncts []expr.Expr
	if b.scan.Filter != nil {
		conjuncts = Conjuncts(b.scan.Filter)
	}
	for _, f := range b.filters {
		conjuncts = append(conjuncts, Conjuncts(f)...)
	}
	scan := *b.scan
	if len(conjuncts) == 1 {
		scan.Filter = conjuncts[0]
	} else {
		scan.Filter = &expr.And{Args: conjuncts}
	}
	return &scan
}

// Conjuncts flattens nested ANDs.
func Conjuncts(e expr.Expr) []expr.Expr { return appendConjuncts(nil, e) }

func appendConjuncts(out []expr.Expr, e expr.Expr) []expr.Expr {
	and, ok := e.(*expr.And)
	if !ok {
		return append(out, e)
	}
	out = slices.Grow(out, len(and.Args))
	for _, a := range and.Args {
		out = appendConjuncts(out, a)
	}
	return out
}

// Substitute replaces each column of e by the expression at its index.
func Substitute(e expr.Expr, by []expr.Expr) expr.Expr {
	return expr.Rewrite(e, func(e expr.Expr) expr.Expr {
		if c, ok := e.(*expr.Column); ok && c.Index < len(by) {
			return by[c.Index]
		}
		return e
	})
}

// Needed says how many rows of n's input suffice where need of n's own do; -1 is all.
func Needed(n logical.Node, need int64) int64 {
	switch n := n.(type) {
	case *logical.Project:
		return need
	case *logical.Limit:
		count := n.Count
		if need >= 0 && (count < 0 || need < count) {
			count = need
		}
		if count < 0 || n.Offset+count < 0 {
			return -1
		}
		return n.Offset + count
	default:
		return -1
	}
}
