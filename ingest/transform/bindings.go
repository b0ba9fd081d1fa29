package transform

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/bind"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/sql"
)

// sourceTypes are the types tried for a source field that the schema lacks: JSON has no types to look up. DOUBLE comes
// before LONG because it loses less of what a record may hold.
var sourceTypes = []catalog.Type{catalog.String, catalog.Double, catalog.Long, catalog.JSON}

// maxMixedSources bounds the source fields of one transform that are tried with different types: 4^5 attempts.
const maxMixedSources = 5

// find gives the working column of a name that is no plain source field.
func (c *compiler) find(name string) (int, bool) {
	for i, w := range c.cols {
		if w.name == name && !w.isSource() {
			return i, true
		}
	}
	return 0, false
}

// source gives the working column of a source field in a type, made if absent: transforms that need a field in
// different types each get their own.
func (c *compiler) source(name string, typ catalog.Type) int {
	for i, w := range c.cols {
		if w.name == name && w.typ == typ && w.isSource() {
			return i
		}
	}
	c.cols = append(c.cols, wanted{name: name, typ: typ})
	return len(c.cols) - 1
}

// bind binds a tree over the working columns. Source fields get the first types, in the order of sourceTypes, with
// which the tree has a meaning: the same for all of them if possible.
func (c *compiler) bind(tree sql.Expr) (expr.Expr, error) {
	var columns []bind.Column
	var origin []int // column -> working column, -1 for a source field
	var sources []int
	for _, name := range names(tree) {
		i, ok := c.find(name)
		if ps := pseudoOf(name); !ok && ps.kind != pseudoNone {
			c.cols = append(c.cols, wanted{name: name, typ: ps.typ(), pseudo: ps})
			i, ok = len(c.cols)-1, true
		}
		col := bind.Column{Name: name}
		if ok {
			col.Type = c.cols[i].typ
		} else {
			i = -1
			sources = append(sources, len(columns))
		}
		columns, origin = append(columns, col), append(origin, i)
	}
	e, err := c.try(tree, columns, sources)
	if err != nil {
		return nil, err
	}
	for _, s := range sources {
		origin[s] = c.source(columns[s].Name, columns[s].Type)
	}
	e = expr.Rewrite(e, func(e expr.Expr) expr.Expr {
		if col, ok := e.(*expr.Column); ok {
			return &expr.Column{Index: origin[col.Index], Name: col.Name, T: col.T}
		}
		return e
	})
	c.noteDocuments(e)
	return e, nil
}

// noteDocuments marks the working columns that e reads as JSON documents.
func (c *compiler) noteDocuments(e expr.Expr) {
	expr.Walk(e, func(e expr.Expr) bool {
		if call, ok := e.(*expr.Call); ok && call.Fn.ReadsDocument {
			if col, ok := call.Args[0].(*expr.Column); ok {
				c.cols[col.Index].document = true
			}
		}
		return true
	})
}

// try binds with one assignment of types to the sources after the other; the error is that of the first.
func (c *compiler) try(tree sql.Expr, columns []bind.Column, sources []int) (expr.Expr, error) {
	scalar := func() (expr.Expr, error) {
		return bind.Scalar(tree, columns, bind.Config{Functions: c.reg, Dialect: sql.Ingestion, IEEEDivision: true})
	}
	if len(sources) == 0 {
		return scalar()
	}
	var first error
	for _, typ := range sourceTypes {
		for _, s := range sources {
			columns[s].Type = typ
		}
		e, err := scalar()
		if err == nil {
			return e, nil
		}
		if first == nil {
			first = err
		}
	}
	if len(sources) == 1 || len(sources) > maxMixedSources {
		return nil, first
	}
	attempts := 1
	for range sources {
		attempts *= len(sourceTypes)
	}
	for n := range attempts {
		for _, s := range sources {
			columns[s].Type = sourceTypes[n%len(sourceTypes)]
			n /= len(sourceTypes)
		}
		if e, err := scalar(); err == nil {
			return e, nil
		}
	}
	return nil, first
}

// step binds a transform.
func (c *compiler) step(p parsed) (*step, error) {
	e, err := c.bind(p.tree)
	if err != nil {
		return nil, err
	}
	st := &step{column: p.Column, eval: expr.NewEvaluator(e)}
	from := e.Type()
	dest, ok := c.find(p.Column)
	if !ok {
		if !from.Kind.Stored() {
			from = catalog.Type{Kind: storedKind(from.Kind), MultiValue: from.MultiValue}
		}
		c.cols = append(c.cols, wanted{name: p.Column, typ: from, result: true})
		dest = len(c.cols) - 1
	}
	st.dest, st.field = dest, c.cols[dest].field
	want := c.cols[dest].typ
	if shaped := (catalog.Type{Kind: e.Type().Kind, MultiValue: want.MultiValue}); shaped != want {
		st.cast = expr.NewEvaluator(&expr.Cast{Arg: &expr.Column{Name: p.Column, T: shaped}, To: want})
	}
	return st, nil
}

// storedKind is the column type for a result that has none of its own.
func storedKind(k catalog.Kind) catalog.Kind {
	switch k {
	case catalog.KindTimestampTZ:
		return catalog.KindTimestamp
	case catalog.KindDuration, catalog.KindInterval:
		return catalog.KindLong
	default:
		return catalog.KindString
	}
}

// boolean binds the filter.
func (c *compiler) boolean(tree sql.Expr) (*expr.Evaluator, error) {
	e, err := c.bind(tree)
	if err != nil {
		return nil, err
	}
	if e.Type() != catalog.Boolean {
		e = &expr.Cast{Arg: e, To: catalog.Boolean}
	}
	return expr.NewEvaluator(e), nil
}
