//go:build compat

package compat

import (
	"slices"

	pg "github.com/pganalyze/pg_query_go/v6"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// renamed is what rephrase puts behind a name.
const renamed = "_again"

// rephraser says a statement in other words: a server that knows statements by their text fails on it.
type rephraser struct {
	aliases map[string]bool // of tables and sub-queries, and names of CTEs
	ctes    map[string]bool
	alone   map[string]bool // of functions in FROM, whose column has the same name
}

// rephrase renames table aliases, names of CTEs and, where nothing else may refer to them, of output columns; it swaps
// the sides of = and of inner joins and turns round AND, OR and lists of tables.
func rephrase(text string) (string, error) {
	tree, err := pg.Parse(text)
	if err != nil {
		return "", err
	}
	r := rephraser{aliases: map[string]bool{}, ctes: map[string]bool{}, alone: map[string]bool{}}
	r.walk(tree.ProtoReflect(), r.collect)
	r.walk(tree.ProtoReflect(), r.change)
	for _, s := range tree.Stmts {
		r.outputs(s.Stmt.GetSelectStmt())
	}
	return pg.Deparse(tree)
}

func (r *rephraser) walk(m protoreflect.Message, f func(any)) {
	m.Range(func(d protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case d.Kind() != protoreflect.MessageKind:
		case d.IsList():
			for i := range v.List().Len() {
				r.walk(v.List().Get(i).Message(), f)
			}
		default:
			r.walk(v.Message(), f)
		}
		return true
	})
	f(m.Interface())
}

func (r *rephraser) collect(m any) {
	switch m := m.(type) {
	case *pg.Alias:
		r.aliases[m.Aliasname] = true
	case *pg.CommonTableExpr:
		r.aliases[m.Ctename], r.ctes[m.Ctename] = true, true
	case *pg.RangeFunction:
		if m.Alias != nil && len(m.Alias.Colnames) == 0 {
			r.alone[m.Alias.Aliasname] = true
		}
	}
}

func (r *rephraser) change(m any) {
	switch m := m.(type) {
	case *pg.Alias:
		m.Aliasname += renamed
	case *pg.CommonTableExpr:
		m.Ctename += renamed
	case *pg.RangeVar:
		if m.Schemaname == "" && r.ctes[m.Relname] {
			m.Relname += renamed
		}
	case *pg.ColumnRef:
		s := m.Fields[0].GetString_()
		if s != nil && r.aliases[s.Sval] && (len(m.Fields) > 1 || r.alone[s.Sval]) {
			s.Sval += renamed
		}
	case *pg.BoolExpr:
		if m.Boolop != pg.BoolExprType_NOT_EXPR {
			slices.Reverse(m.Args)
		}
	case *pg.A_Expr:
		if m.Kind == pg.A_Expr_Kind_AEXPR_OP && m.Lexpr != nil && m.Name[len(m.Name)-1].GetString_().GetSval() == "=" {
			m.Lexpr, m.Rexpr = m.Rexpr, m.Lexpr
		}
	case *pg.JoinExpr:
		if m.Jointype == pg.JoinType_JOIN_INNER && plainSource(m.Rarg) && plainSource(m.Larg) && len(m.UsingClause) == 0 && !m.IsNatural {
			m.Larg, m.Rarg = m.Rarg, m.Larg
		}
	case *pg.SelectStmt:
		if !slices.ContainsFunc(m.FromClause, func(n *pg.Node) bool { return !plainSource(n) }) && !star(m) {
			slices.Reverse(m.FromClause)
		}
	}
}

// plainSource reports sources that do not depend on what stands left of them.
func plainSource(n *pg.Node) bool {
	switch {
	case n.GetRangeVar() != nil:
		return true
	case n.GetRangeSubselect() != nil:
		return !n.GetRangeSubselect().Lateral
	case n.GetJoinExpr() != nil:
		return plainSource(n.GetJoinExpr().Larg) && plainSource(n.GetJoinExpr().Rarg)
	}
	return false
}

// star reports a select list whose columns depend on the order of the tables.
func star(s *pg.SelectStmt) bool {
	return slices.ContainsFunc(s.TargetList, func(n *pg.Node) bool {
		fields := n.GetResTarget().GetVal().GetColumnRef().GetFields()
		return len(fields) > 0 && fields[len(fields)-1].GetAStar() != nil
	})
}

// outputs renames the columns of a result that no other clause can mean.
func (r *rephraser) outputs(s *pg.SelectStmt) {
	if s == nil || s.Op != pg.SetOperation_SETOP_NONE || len(s.SortClause) > 0 || len(s.GroupClause) > 0 || len(s.DistinctClause) > 0 {
		return
	}
	for _, n := range s.TargetList {
		if t := n.GetResTarget(); t.GetName() != "" {
			t.Name += renamed
		}
	}
}
