package bind

import (
	"fmt"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/sql"
)

// Source is an element of FROM: one of the types below. Its columns are Inputs of the query, by position.
type Source interface{ source() }

// TableSource is a scan of a table.
type TableSource struct {
	Table  string
	Schema *catalog.Schema
	IDs    []int // fields of the schema, then virtual columns that the query uses
}

// RelationSource is a scan of a catalog relation, whose columns are all in IDs, in their order.
type RelationSource struct {
	Schema, Name string
	IDs          []int
}

// QuerySource is a sub-query or a CTE in FROM. A lateral one refers, by Outer, to columns of the sources before it.
type QuerySource struct {
	Query   *Query
	Name    string
	IDs     []int
	Lateral bool
	Outer   []expr.Expr
	CTE     *CTE // nil for a sub-query
}

// FuncSource is set-returning functions side by side. Sets are arrays, over the columns of the sources before it.
type FuncSource struct {
	Sets []expr.Expr
	IDs  []int
}

// WorkSource is, within a recursive query, the rows of its last round.
type WorkSource struct {
	CTE *CTE
	IDs []int
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

// JoinSource is a join. On is nil for a cross join.
type JoinSource struct {
	Kind        JoinKind
	Left, Right Source
	On          expr.Expr
}

func (*TableSource) source()    {}
func (*RelationSource) source() {}
func (*QuerySource) source()    {}
func (*FuncSource) source()     {}
func (*WorkSource) source()     {}
func (*JoinSource) source()     {}

// from binds the FROM clause: a list of sources is a cross join.
func (b *binder) from(list []sql.TableExpr) (Source, error) {
	var all Source
	for _, t := range list {
		left := b.ns
		src, ns, err := b.tableExpr(t)
		if err != nil {
			return nil, err
		}
		if all == nil {
			all, b.ns = src, ns
			continue
		}
		all = &JoinSource{Kind: JoinInner, Left: all, Right: src}
		if b.ns, err = left.with(ns, t.Pos()); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// tableExpr binds an element of FROM. While it does, b.ns is what lateral elements may refer to.
func (b *binder) tableExpr(t sql.TableExpr) (Source, namespace, error) {
	switch t := t.(type) {
	case *sql.TableName:
		return b.tableName(t)
	case *sql.Join:
		return b.join(t)
	case *sql.Derived:
		return b.derived(t)
	case *sql.TableFunc:
		return b.tableFunc(t)
	default:
		return nil, namespace{}, errs.Bug("element of FROM: %T", t)
	}
}

// tableName binds a name: a CTE, a catalog relation or a table.
func (b *binder) tableName(t *sql.TableName) (Source, namespace, error) {
	if t.Schema == "" {
		if c, ok := b.ctes.find(t.Name); ok {
			return b.cteSource(c, t)
		}
	}
	if rel, ok := b.relation(t); ok {
		rv := &rangeVar{alias: orElse(t.Alias, rel.Name), table: rel.Name, schemaName: rel.Schema}
		src := &RelationSource{Schema: rel.Schema, Name: rel.Name}
		for _, c := range rel.Columns {
			src.IDs = append(src.IDs, b.addColumn(rv, c))
		}
		ns, err := rv.namespace(t.ColumnAliases, t.Pos())
		return src, ns, err
	}
	if !b.qualifies(t) {
		return nil, namespace{}, errs.User(errs.UndefinedTable, "relation %q does not exist", tableText(t)).At(t.Pos())
	}
	name, schema, err := b.findTable(t.Name)
	if err != nil {
		return nil, namespace{}, at(err, t.Pos())
	}
	b.stmt.tables = append(b.stmt.tables, name)
	rv := &rangeVar{alias: orElse(t.Alias, name), table: name, schema: schema}
	rv.source = &TableSource{Table: name, Schema: schema}
	for i := range schema.Fields {
		f := &schema.Fields[i]
		rv.source.IDs = append(rv.source.IDs, b.addColumn(rv, Column{Name: f.Name, Type: f.Type, Table: name, Attribute: i + 1}))
	}
	ns, err := rv.namespace(t.ColumnAliases, t.Pos())
	return rv.source, ns, err
}

func orElse(s, other string) string {
	if s != "" {
		return s
	}
	return other
}

// relation finds a catalog relation. Its names fold as PostgreSQL's do.
func (b *binder) relation(t *sql.TableName) (Relation, bool) {
	if b.cfg.Relations == nil {
		return Relation{}, false
	}
	return b.cfg.Relations.Relation(strings.ToLower(t.Schema), strings.ToLower(t.Name))
}

// derived binds a sub-query in FROM.
func (b *binder) derived(t *sql.Derived) (Source, namespace, error) {
	f := b.frame
	if t.Lateral {
		f = &frame{parent: b}
	}
	q, err := b.child(f).query(t.Query)
	if err != nil {
		return nil, namespace{}, err
	}
	src := &QuerySource{Query: q, Name: t.Alias, Lateral: t.Lateral}
	if t.Lateral {
		src.Outer = f.outer
		src.Lateral = len(f.outer) > 0
	}
	rv := &rangeVar{alias: t.Alias}
	src.IDs = b.addOutputs(rv, q)
	ns, err := rv.namespace(t.ColumnAliases, t.Pos())
	return src, ns, err
}

// addOutputs makes the outputs of a query columns of rv.
func (b *binder) addOutputs(rv *rangeVar, q *Query) []int {
	ids := make([]int, len(q.Outputs))
	for i, o := range q.Outputs {
		ids[i] = b.addColumn(rv, Column{Name: o.Name, Type: o.Type, OID: o.OID, Table: o.Table, Attribute: o.Attribute})
	}
	return ids
}

// join binds JOIN: its condition sees its two sides only.
func (b *binder) join(t *sql.Join) (Source, namespace, error) {
	outside := b.ns
	left, lns, err := b.tableExpr(t.Left)
	if err != nil {
		return nil, namespace{}, err
	}
	if b.ns, err = outside.with(lns, t.Left.Pos()); err != nil { // for LATERAL
		return nil, namespace{}, err
	}
	right, rns, err := b.tableExpr(t.Right)
	b.ns = outside
	if err != nil {
		return nil, namespace{}, err
	}
	kinds := map[string]JoinKind{"INNER": JoinInner, "LEFT": JoinLeft, "RIGHT": JoinRight, "FULL": JoinFull}
	j := &JoinSource{Kind: kinds[t.Kind], Left: left, Right: right}
	if (j.Kind == JoinRight || j.Kind == JoinFull) && isLateral(right) {
		return nil, namespace{}, errs.User(errs.InvalidColumnReference, "invalid reference to FROM-clause entry").
			WithHint("The combining JOIN type must be INNER or LEFT for a LATERAL reference.").At(t.Right.Pos())
	}
	using := t.Using
	if t.Natural {
		using = lns.common(rns)
	}
	var ns namespace
	if len(using) > 0 {
		ns, err = b.using(j, using, lns, rns, t.Pos())
	} else {
		ns, err = lns.with(rns, t.Right.Pos())
	}
	if err != nil {
		return nil, namespace{}, err
	}
	if t.On != nil {
		saved := b.ns
		b.ns = ns
		err = b.within(clause{name: "JOIN conditions"}, func() (err error) {
			j.On, err = b.boolean(t.On, "JOIN/ON")
			return err
		})
		b.ns = saved
	}
	if t.Alias != "" {
		rv := &rangeVar{alias: t.Alias, cols: ns.cols}
		ns = namespace{rels: []*rangeVar{rv}, cols: ns.cols}
	}
	return j, ns, err
}

func isLateral(s Source) bool {
	switch s := s.(type) {
	case *QuerySource:
		return s.Lateral
	case *FuncSource:
		for _, e := range s.Sets {
			if len(expr.Columns(e)) > 0 {
				return true
			}
		}
	}
	return false
}

// using binds USING (names) and NATURAL: equalities, and one column for each pair.
func (b *binder) using(j *JoinSource, names []string, l, r namespace, pos int) (namespace, error) {
	var merged []visible
	var conds []expr.Expr
	drop := map[expr.Expr]bool{}
	for _, name := range names {
		lv, err := l.only(name, "left", pos)
		if err != nil {
			return namespace{}, err
		}
		rv, err := r.only(name, "right", pos)
		if err != nil {
			return namespace{}, err
		}
		cond, err := b.compare(expr.Eq, lv.e, rv.e, pos)
		if err != nil {
			return namespace{}, err
		}
		conds = append(conds, cond)
		drop[lv.e], drop[rv.e] = true, true
		v := visible{name: lv.name, e: lv.e}
		switch j.Kind {
		case JoinRight:
			v.e = rv.e
		case JoinFull:
			both := []expr.Expr{lv.e, rv.e}
			t, err := b.unify(both, "JOIN/USING", pos)
			if err != nil {
				return namespace{}, err
			}
			v.e = &expr.Coalesce{Args: both, T: t}
		}
		merged = append(merged, v)
	}
	j.On = conjunction(conds)
	ns := namespace{rels: append(l.rels[:len(l.rels):len(l.rels)], r.rels...), cols: merged}
	for _, side := range [][]visible{l.cols, r.cols} {
		for _, v := range side {
			if !drop[v.e] {
				ns.cols = append(ns.cols, v)
			}
		}
	}
	return ns, nil
}

// tableFunc binds functions in FROM. Their arguments may refer to the sources before them.
func (b *binder) tableFunc(t *sql.TableFunc) (Source, namespace, error) {
	alias := t.Alias
	src := &FuncSource{}
	rv := &rangeVar{}
	for _, e := range t.Calls {
		call, ok := e.(*sql.Call)
		if !ok {
			cast := &sql.Call{At: sql.At(e.Pos()), Name: "unnest", Args: []sql.Expr{&sql.Array{At: sql.At(e.Pos()), Elems: []sql.Expr{e}}}}
			call = cast
		}
		if alias == "" {
			alias = strings.ToLower(call.Name)
		}
		if rel, ok := b.functionRelation(call); ok && len(t.Calls) == 1 {
			return b.tableName(&sql.TableName{At: call.At, Schema: rel.Schema, Name: rel.Name, Alias: alias, ColumnAliases: t.ColumnAliases})
		}
		var sets []set
		err := b.within(clause{name: "functions in FROM"}, func() (err error) {
			sets, err = b.setCall(call)
			return err
		})
		if err != nil {
			return nil, namespace{}, err
		}
		for i, s := range sets {
			name := s.name
			if name == "" && len(sets) == 1 && len(t.Calls) == 1 { // a scalar function's column is named like its alias
				name = alias
			} else if name == "" {
				name = strings.ToLower(call.Name)
			}
			src.Sets = append(src.Sets, sets[i].e)
			src.IDs = append(src.IDs, b.addColumn(rv, Column{Name: name, Type: s.e.Type().Elem()}))
		}
	}
	if t.Ordinality {
		if len(src.Sets) != 1 {
			return nil, namespace{}, unsupported(t.Pos(), "WITH ORDINALITY of several functions")
		}
		n, err := b.scalarCall("generatesubscripts", []expr.Expr{src.Sets[0], constInt(1)}, t.Pos())
		if err != nil {
			return nil, namespace{}, err
		}
		src.Sets = append(src.Sets, &expr.Cast{Arg: n, To: catalog.Long.Array()})
		src.IDs = append(src.IDs, b.addColumn(rv, Column{Name: "ordinality", Type: catalog.Long}))
	}
	rv.alias = alias
	ns, err := rv.namespace(t.ColumnAliases, t.Pos())
	return src, ns, err
}

// functionRelation finds a relation that a function without arguments stands for, such as pg_get_keywords().
func (b *binder) functionRelation(c *sql.Call) (Relation, bool) {
	if b.cfg.Relations == nil || len(c.Args) > 0 {
		return Relation{}, false
	}
	return b.cfg.Relations.Relation(strings.ToLower(orElse(c.Schema, "pg_catalog")), strings.ToLower(c.Name)+"()")
}

// namespace gives rv's columns as what names refer to, under the names of a column list.
func (rv *rangeVar) namespace(names []string, pos int) (namespace, error) {
	if len(names) > len(rv.cols) {
		return namespace{}, errs.User(errs.InvalidColumnReference, "table %q has %d columns available but %d columns specified",
			rv.alias, len(rv.cols), len(names)).At(pos)
	}
	rv.renamed = len(names) > 0
	for i, name := range names {
		c := rv.cols[i]
		rv.cols[i].name = name
		if col, ok := c.e.(*expr.Column); ok {
			rv.cols[i].e = &expr.Column{Index: col.Index, Name: name, T: col.T}
		}
	}
	return namespace{rels: []*rangeVar{rv}, cols: rv.cols}, nil
}

// String gives the name as in SQL.
func (k JoinKind) String() string {
	names := [...]string{"?", "INNER", "LEFT", "RIGHT", "FULL"}
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("JoinKind(%d)", uint8(k))
}
