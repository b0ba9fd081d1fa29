package sql

import (
	pg "github.com/pganalyze/pg_query_go/v6"
)

// enter counts one level of nesting; leave undoes it. It reports false, with the error recorded, beyond the limit.
func (c *conv) enter(loc int32) bool {
	c.depth++
	if c.depth > maxDepth {
		c.fail(tooDeep(c.src.position(loc)))
		return false
	}
	return c.err == nil
}

func (c *conv) leave() { c.depth-- }

// query converts a SELECT, VALUES or set operation.
func (c *conv) query(n *pg.SelectStmt) *Select {
	defer c.leave()
	if !c.enter(-1) {
		return &Select{}
	}
	s := &Select{Into: n.IntoClause != nil, WithTies: n.LimitOption == pg.LimitOption_LIMIT_OPTION_WITH_TIES}
	if n.WithClause != nil {
		s.Recursive = n.WithClause.Recursive
		for _, w := range n.WithClause.Ctes {
			s.With = append(s.With, c.cte(w.GetCommonTableExpr()))
		}
	}
	if n.Op != pg.SetOperation_SETOP_NONE && n.Op != pg.SetOperation_SET_OPERATION_UNDEFINED {
		names := map[pg.SetOperation]string{pg.SetOperation_SETOP_UNION: "UNION", pg.SetOperation_SETOP_INTERSECT: "INTERSECT",
			pg.SetOperation_SETOP_EXCEPT: "EXCEPT"}
		s.SetOp = &SetOp{Op: names[n.Op], All: n.All, Left: c.query(n.Larg), Right: c.query(n.Rarg)}
		s.SetOp.At = firstPos(s.SetOp.Right)
	}
	for _, row := range n.ValuesLists {
		s.Values = append(s.Values, c.exprs(row.GetList().GetItems()))
	}
	c.distinct(n, s)
	for _, t := range n.TargetList {
		r := t.GetResTarget()
		s.Items = append(s.Items, Item{Expr: c.expr(r.GetVal()), Alias: c.ident(r.GetName())})
	}
	for _, f := range n.FromClause {
		s.From = append(s.From, c.tableExpr(f))
	}
	s.Where, s.Having = c.optional(n.WhereClause), c.optional(n.HavingClause)
	for _, g := range n.GroupClause {
		s.GroupBy = append(s.GroupBy, c.expr(g))
	}
	for _, w := range n.WindowClause {
		s.Windows = append(s.Windows, *c.window(w.GetWindowDef()))
	}
	s.OrderBy = c.orderBy(n.SortClause)
	c.limit(n, s)
	for _, l := range n.LockingClause {
		names := map[pg.LockClauseStrength]string{pg.LockClauseStrength_LCS_FORUPDATE: "FOR UPDATE", pg.LockClauseStrength_LCS_FORSHARE: "FOR SHARE",
			pg.LockClauseStrength_LCS_FORNOKEYUPDATE: "FOR NO KEY UPDATE", pg.LockClauseStrength_LCS_FORKEYSHARE: "FOR KEY SHARE"}
		s.Locking = names[l.GetLockingClause().GetStrength()]
	}
	return s
}

// firstPos is a position within a query, for constructs that have none of their own in the tree.
func firstPos(s *Select) At {
	if s == nil {
		return 0
	}
	for _, it := range s.Items {
		if it.Expr != nil && it.Expr.Pos() > 0 {
			return At(it.Expr.Pos())
		}
	}
	if s.SetOp != nil {
		return firstPos(s.SetOp.Left)
	}
	return 0
}

func (c *conv) distinct(n *pg.SelectStmt, s *Select) {
	for _, d := range n.DistinctClause {
		s.Distinct = true
		if d.GetNode() != nil {
			s.DistinctOn = append(s.DistinctOn, c.expr(d))
		}
	}
	if len(n.DistinctClause) > 0 {
		s.Distinct = true
	}
}

func (c *conv) limit(n *pg.SelectStmt, s *Select) {
	if n.LimitCount != nil {
		s.Limit = c.expr(n.LimitCount)
		if lit, ok := s.Limit.(*Literal); ok && lit.Kind == NullLiteral { // LIMIT ALL is LIMIT NULL in the tree
			s.Limit, s.LimitAll = nil, true
		}
	}
	s.Offset = c.optional(n.LimitOffset)
}

func (c *conv) orderBy(nodes []*pg.Node) []OrderItem {
	var out []OrderItem
	for _, n := range nodes {
		sb := n.GetSortBy()
		o := OrderItem{Expr: c.expr(sb.GetNode()), Descending: sb.GetSortbyDir() == pg.SortByDir_SORTBY_DESC}
		if sb.GetSortbyDir() == pg.SortByDir_SORTBY_USING {
			c.unsupported(sb.Location, "ORDER BY ... USING")
		}
		switch sb.GetSortbyNulls() {
		case pg.SortByNulls_SORTBY_NULLS_FIRST:
			o.NullsFirst = true
		case pg.SortByNulls_SORTBY_NULLS_LAST:
		default:
			o.NullsFirst = o.Descending
		}
		out = append(out, o)
	}
	return out
}

func (c *conv) cte(n *pg.CommonTableExpr) CTE {
	w := CTE{At: c.at(n.GetLocation()), Name: c.ident(n.GetCtename()), Cols: c.idents(n.GetAliascolnames())}
	if q := n.GetCtequery().GetSelectStmt(); q != nil {
		w.Query = c.query(q)
	} else {
		c.unsupported(n.GetLocation(), "a data-modifying statement in WITH")
	}
	return w
}

// alias splits an alias with its column names.
func (c *conv) alias(a *pg.Alias) (string, []string) {
	if a == nil {
		return "", nil
	}
	return c.ident(a.Aliasname), c.idents(a.Colnames)
}

func (c *conv) tableExpr(n *pg.Node) TableExpr {
	defer c.leave()
	if !c.enter(-1) {
		return &TableName{}
	}
	switch n := n.GetNode().(type) {
	case *pg.Node_RangeVar:
		r := n.RangeVar
		t := &TableName{At: c.at(r.Location), Catalog: c.ident(r.Catalogname), Schema: c.ident(r.Schemaname), Name: c.ident(r.Relname)}
		t.Alias, t.ColumnAliases = c.alias(r.Alias)
		return t
	case *pg.Node_JoinExpr:
		return c.join(n.JoinExpr)
	case *pg.Node_RangeSubselect:
		d := &Derived{Query: c.query(n.RangeSubselect.Subquery.GetSelectStmt()), Lateral: n.RangeSubselect.Lateral}
		d.Alias, d.ColumnAliases = c.alias(n.RangeSubselect.Alias)
		d.At = firstPos(d.Query)
		return d
	case *pg.Node_RangeFunction:
		f := n.RangeFunction
		t := &TableFunc{Ordinality: f.Ordinality}
		t.Alias, t.ColumnAliases = c.alias(f.Alias)
		for _, fn := range f.Functions {
			if items := fn.GetList().GetItems(); len(items) > 0 {
				t.Calls = append(t.Calls, c.expr(items[0]))
			}
		}
		if len(t.Calls) > 0 {
			t.At = At(t.Calls[0].Pos())
		}
		if len(f.Coldeflist) > 0 {
			c.unsupported(f.Coldeflist[0].GetColumnDef().GetLocation(), "a column definition list")
		}
		return t
	case *pg.Node_RangeTableSample:
		c.unsupported(n.RangeTableSample.Location, "TABLESAMPLE")
	default:
		c.unsupported(-1, "this FROM clause")
	}
	return &TableName{}
}

func (c *conv) join(j *pg.JoinExpr) TableExpr {
	out := &Join{Natural: j.IsNatural, Left: c.tableExpr(j.Larg), Right: c.tableExpr(j.Rarg), Using: c.idents(j.UsingClause),
		On: c.optional(j.Quals)}
	out.At = At(out.Right.Pos())
	out.Alias, _ = c.alias(j.Alias)
	switch j.Jointype {
	case pg.JoinType_JOIN_LEFT:
		out.Kind = "LEFT"
	case pg.JoinType_JOIN_RIGHT:
		out.Kind = "RIGHT"
	case pg.JoinType_JOIN_FULL:
		out.Kind = "FULL"
	default:
		out.Kind = "INNER"
	}
	return out
}
