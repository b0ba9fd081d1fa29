package sql

import (
	"strconv"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v6"
)

// optional converts an expression that may be absent.
func (c *conv) optional(n *pg.Node) Expr {
	if n.GetNode() == nil {
		return nil
	}
	return c.expr(n)
}

func (c *conv) exprs(nodes []*pg.Node) []Expr {
	out := make([]Expr, 0, len(nodes))
	for _, n := range nodes {
		out = append(out, c.expr(n))
	}
	return out
}

// expr converts an expression. After a failure it gives a placeholder, never nil.
func (c *conv) expr(n *pg.Node) Expr {
	defer c.leave()
	if !c.enter(-1) {
		return &Literal{Kind: NullLiteral}
	}
	switch n := n.GetNode().(type) {
	case *pg.Node_ColumnRef:
		return c.columnRef(n.ColumnRef)
	case *pg.Node_ParamRef:
		return &Param{At: c.at(n.ParamRef.Location), Number: int(n.ParamRef.Number)}
	case *pg.Node_AConst:
		return c.constant(n.AConst)
	case *pg.Node_AExpr:
		return c.operator(n.AExpr)
	case *pg.Node_BoolExpr:
		return c.boolExpr(n.BoolExpr)
	case *pg.Node_FuncCall:
		return c.call(n.FuncCall)
	case *pg.Node_TypeCast:
		t := n.TypeCast
		loc := t.Location
		if loc < 0 { // DATE '2024-01-01'
			loc = t.TypeName.GetLocation()
		}
		return &Cast{At: c.at(loc), Arg: c.expr(t.Arg), To: c.typeName(t.TypeName)}
	case *pg.Node_CaseExpr:
		return c.caseExpr(n.CaseExpr)
	case *pg.Node_NullTest:
		t := n.NullTest
		return &IsNull{At: c.at(t.Location), Arg: c.expr(t.Arg), Negated: t.Nulltesttype == pg.NullTestType_IS_NOT_NULL}
	case *pg.Node_BooleanTest:
		return c.truth(n.BooleanTest)
	case *pg.Node_CoalesceExpr:
		return &Call{At: c.at(n.CoalesceExpr.Location), Name: "coalesce", Args: c.exprs(n.CoalesceExpr.Args), Syntax: true}
	case *pg.Node_MinMaxExpr:
		name := "greatest"
		if n.MinMaxExpr.Op == pg.MinMaxOp_IS_LEAST {
			name = "least"
		}
		return &Call{At: c.at(n.MinMaxExpr.Location), Name: name, Args: c.exprs(n.MinMaxExpr.Args), Syntax: true}
	case *pg.Node_SqlvalueFunction:
		return c.valueFunction(n.SqlvalueFunction)
	default:
		return c.rareExpr(n)
	}
}

// rareExpr converts what few queries have, and refuses the rest.
func (c *conv) rareExpr(n any) Expr {
	switch n := n.(type) {
	case *pg.Node_AArrayExpr:
		return &Array{At: c.at(n.AArrayExpr.Location), Elems: c.exprs(n.AArrayExpr.Elements)}
	case *pg.Node_AIndirection:
		return c.indirection(n.AIndirection)
	case *pg.Node_CollateClause:
		names := c.idents(n.CollateClause.Collname)
		return &Collate{At: c.at(n.CollateClause.Location), Arg: c.expr(n.CollateClause.Arg), Name: names[len(names)-1]}
	case *pg.Node_SubLink:
		return c.subquery(n.SubLink)
	case *pg.Node_RowExpr:
		return &Row{At: c.at(n.RowExpr.Location), Elems: c.exprs(n.RowExpr.Args)}
	case *pg.Node_AStar:
		return &Star{}
	case *pg.Node_SetToDefault:
		return &Default{At: c.at(n.SetToDefault.Location)}
	case *pg.Node_GroupingFunc:
		return &Call{At: c.at(n.GroupingFunc.Location), Name: "grouping", Args: c.exprs(n.GroupingFunc.Args), Syntax: true}
	case *pg.Node_GroupingSet:
		return &GroupingSet{At: c.at(n.GroupingSet.Location), Kind: groupingKinds[n.GroupingSet.Kind], Elems: c.exprs(n.GroupingSet.Content)}
	case *pg.Node_NamedArgExpr:
		c.unsupported(n.NamedArgExpr.Location, "a named argument")
	case *pg.Node_XmlExpr:
		c.unsupported(n.XmlExpr.Location, "XML")
	case *pg.Node_List:
		return &Row{Elems: c.exprs(n.List.Items)}
	default:
		c.unsupported(-1, "this expression")
	}
	return &Literal{Kind: NullLiteral}
}

func (c *conv) columnRef(n *pg.ColumnRef) Expr {
	parts := c.idents(n.Fields)
	if len(parts) < len(n.Fields) { // A_Star ends it
		return &Star{At: c.at(n.Location), Table: parts}
	}
	return &Name{At: c.at(n.Location), Parts: parts}
}

func (c *conv) constant(n *pg.A_Const) *Literal {
	l := &Literal{At: c.at(n.Location)}
	switch v := n.Val.(type) {
	case *pg.A_Const_Ival:
		l.Kind, l.Text = NumberLiteral, strconv.Itoa(int(v.Ival.Ival))
	case *pg.A_Const_Fval:
		l.Kind, l.Text = NumberLiteral, v.Fval.Fval
	case *pg.A_Const_Boolval:
		l.Kind, l.Text = BoolLiteral, strconv.FormatBool(v.Boolval.Boolval)
	case *pg.A_Const_Sval:
		l.Kind, l.Text = StringLiteral, v.Sval.Sval
	case *pg.A_Const_Bsval:
		l.Kind, l.Text = BitLiteral, v.Bsval.Bsval[1:]
		if v.Bsval.Bsval[0] == 'x' {
			l.Kind = HexLiteral
		}
	default:
		l.Kind = NullLiteral
	}
	return l
}

// operator converts every form of the tree's A_Expr.
func (c *conv) operator(n *pg.A_Expr) Expr {
	at := c.at(n.Location)
	names := c.idents(n.Name)
	op := ""
	if len(names) > 0 {
		op = names[len(names)-1]
	}
	switch n.Kind {
	case pg.A_Expr_Kind_AEXPR_OP:
		if n.Lexpr.GetNode() == nil {
			return &Unary{At: at, Op: op, Arg: c.expr(n.Rexpr)}
		}
		return &Binary{At: at, Op: op, Left: c.expr(n.Lexpr), Right: c.expr(n.Rexpr)}
	case pg.A_Expr_Kind_AEXPR_OP_ANY, pg.A_Expr_Kind_AEXPR_OP_ALL:
		return &Quantified{At: at, Op: op, Arg: c.expr(n.Lexpr), Array: c.expr(n.Rexpr), All: n.Kind == pg.A_Expr_Kind_AEXPR_OP_ALL}
	case pg.A_Expr_Kind_AEXPR_DISTINCT, pg.A_Expr_Kind_AEXPR_NOT_DISTINCT:
		return &IsDistinct{At: at, Left: c.expr(n.Lexpr), Right: c.expr(n.Rexpr), Negated: n.Kind == pg.A_Expr_Kind_AEXPR_NOT_DISTINCT}
	case pg.A_Expr_Kind_AEXPR_NULLIF:
		return &Call{At: at, Name: "nullif", Args: []Expr{c.expr(n.Lexpr), c.expr(n.Rexpr)}, Syntax: true}
	case pg.A_Expr_Kind_AEXPR_IN:
		return &In{At: at, Arg: c.expr(n.Lexpr), List: c.exprs(n.Rexpr.GetList().GetItems()), Negated: op == "<>"}
	case pg.A_Expr_Kind_AEXPR_LIKE:
		return c.like(n, LikeCase, op)
	case pg.A_Expr_Kind_AEXPR_ILIKE:
		return c.like(n, LikeNoCase, op)
	case pg.A_Expr_Kind_AEXPR_SIMILAR:
		return c.like(n, LikeSimilar, op)
	default:
		return c.between(n)
	}
}

// like converts the pattern operators; an ESCAPE clause stands as a call around the pattern in the tree.
func (c *conv) like(n *pg.A_Expr, kind LikeKind, op string) Expr {
	l := &Like{At: c.at(n.Location), Kind: kind, Arg: c.expr(n.Lexpr), Negated: strings.HasPrefix(op, "!")}
	pattern := n.Rexpr
	if f := pattern.GetFuncCall(); f != nil && f.Funcformat != pg.CoercionForm_COERCE_EXPLICIT_CALL || f != nil && isEscapeCall(c.idents(f.Funcname)) {
		pattern = f.Args[0]
		if len(f.Args) > 1 {
			l.Escape = c.expr(f.Args[1])
		}
	}
	l.Pattern = c.expr(pattern)
	return l
}

func isEscapeCall(name []string) bool {
	return len(name) == 2 && name[0] == "pg_catalog" && (name[1] == "like_escape" || name[1] == "similar_to_escape")
}

func (c *conv) between(n *pg.A_Expr) Expr {
	bounds := n.Rexpr.GetList().GetItems()
	if len(bounds) != 2 {
		c.unsupported(n.Location, "this operator")
		return &Literal{Kind: NullLiteral}
	}
	b := &Between{At: c.at(n.Location), Arg: c.expr(n.Lexpr), Low: c.expr(bounds[0]), High: c.expr(bounds[1])}
	switch n.Kind {
	case pg.A_Expr_Kind_AEXPR_NOT_BETWEEN:
		b.Negated = true
	case pg.A_Expr_Kind_AEXPR_BETWEEN_SYM:
		b.Symmetric = true
	case pg.A_Expr_Kind_AEXPR_NOT_BETWEEN_SYM:
		b.Negated, b.Symmetric = true, true
	}
	return b
}

func (c *conv) boolExpr(n *pg.BoolExpr) Expr {
	switch n.Boolop {
	case pg.BoolExprType_NOT_EXPR:
		return &Not{At: c.at(n.Location), Arg: c.expr(n.Args[0])}
	case pg.BoolExprType_OR_EXPR:
		return &Or{At: c.at(n.Location), Args: c.exprs(n.Args)}
	default:
		return &And{At: c.at(n.Location), Args: c.exprs(n.Args)}
	}
}

func (c *conv) truth(n *pg.BooleanTest) Expr {
	t := &IsTruth{At: c.at(n.Location), Arg: c.expr(n.Arg), Truth: True}
	switch n.Booltesttype {
	case pg.BoolTestType_IS_NOT_TRUE:
		t.Negated = true
	case pg.BoolTestType_IS_FALSE:
		t.Truth = False
	case pg.BoolTestType_IS_NOT_FALSE:
		t.Truth, t.Negated = False, true
	case pg.BoolTestType_IS_UNKNOWN:
		t.Truth = Unknown
	case pg.BoolTestType_IS_NOT_UNKNOWN:
		t.Truth, t.Negated = Unknown, true
	}
	return t
}

func (c *conv) call(n *pg.FuncCall) Expr {
	names := c.idents(n.Funcname)
	f := &Call{At: c.at(n.Location), Name: names[len(names)-1], Args: c.exprs(n.Args), Star: n.AggStar, Distinct: n.AggDistinct,
		Filter: c.optional(n.AggFilter), OrderBy: c.orderBy(n.AggOrder), WithinGroup: n.AggWithinGroup,
		Syntax: n.Funcformat == pg.CoercionForm_COERCE_SQL_SYNTAX}
	if len(names) > 1 {
		f.Schema = names[len(names)-2]
	}
	if len(f.Args) == 0 {
		f.Args = nil
	}
	if name, ok := f.Filter.(*Name); ok && len(name.Parts) == 1 && name.Parts[0] == ignoreNulls {
		f.Filter, f.IgnoreNulls = nil, true
	}
	if n.FuncVariadic {
		c.unsupported(n.Location, "VARIADIC")
	}
	if n.Over != nil {
		f.Over = c.window(n.Over)
	}
	return f
}

func (c *conv) caseExpr(n *pg.CaseExpr) Expr {
	e := &Case{At: c.at(n.Location), Operand: c.optional(n.Arg), Else: c.optional(n.Defresult)}
	for _, a := range n.Args {
		w := a.GetCaseWhen()
		e.Whens = append(e.Whens, When{Cond: c.expr(w.GetExpr()), Then: c.expr(w.GetResult())})
	}
	return e
}

// valueFunctions are the calls without parentheses.
var valueFunctions = map[pg.SQLValueFunctionOp]string{
	pg.SQLValueFunctionOp_SVFOP_CURRENT_DATE:        "current_date",
	pg.SQLValueFunctionOp_SVFOP_CURRENT_TIME:        "current_time",
	pg.SQLValueFunctionOp_SVFOP_CURRENT_TIME_N:      "current_time",
	pg.SQLValueFunctionOp_SVFOP_CURRENT_TIMESTAMP:   "current_timestamp",
	pg.SQLValueFunctionOp_SVFOP_CURRENT_TIMESTAMP_N: "current_timestamp",
	pg.SQLValueFunctionOp_SVFOP_LOCALTIME:           "localtime",
	pg.SQLValueFunctionOp_SVFOP_LOCALTIME_N:         "localtime",
	pg.SQLValueFunctionOp_SVFOP_LOCALTIMESTAMP:      "localtimestamp",
	pg.SQLValueFunctionOp_SVFOP_LOCALTIMESTAMP_N:    "localtimestamp",
	pg.SQLValueFunctionOp_SVFOP_CURRENT_ROLE:        "current_role",
	pg.SQLValueFunctionOp_SVFOP_CURRENT_USER:        "current_user",
	pg.SQLValueFunctionOp_SVFOP_USER:                "user",
	pg.SQLValueFunctionOp_SVFOP_SESSION_USER:        "session_user",
	pg.SQLValueFunctionOp_SVFOP_CURRENT_CATALOG:     "current_catalog",
	pg.SQLValueFunctionOp_SVFOP_CURRENT_SCHEMA:      "current_schema",
}

func (c *conv) valueFunction(n *pg.SQLValueFunction) Expr {
	return &Call{At: c.at(n.Location), Name: valueFunctions[n.Op], Syntax: true}
}

// indirection converts x[1], x[1:2] and (x).name, innermost first.
func (c *conv) indirection(n *pg.A_Indirection) Expr {
	e := c.expr(n.Arg)
	for _, step := range n.Indirection {
		switch s := step.GetNode().(type) {
		case *pg.Node_AIndices:
			sub := &Subscript{At: At(e.Pos()), Arg: e, Slice: s.AIndices.IsSlice}
			if s.AIndices.IsSlice {
				sub.Index, sub.High = c.optional(s.AIndices.Lidx), c.optional(s.AIndices.Uidx)
			} else {
				sub.Index = c.optional(s.AIndices.Uidx)
			}
			e = sub
		case *pg.Node_String_:
			e = &Field{At: At(e.Pos()), Arg: e, Name: c.ident(s.String_.Sval)}
		default:
			e = &Field{At: At(e.Pos()), Arg: e}
		}
	}
	return e
}

func (c *conv) subquery(n *pg.SubLink) Expr {
	q := &Subquery{At: c.at(n.Location), Arg: c.optional(n.Testexpr), Query: c.query(n.Subselect.GetSelectStmt())}
	if names := c.idents(n.OperName); len(names) > 0 {
		q.Op = names[len(names)-1]
	}
	switch n.SubLinkType {
	case pg.SubLinkType_EXISTS_SUBLINK:
		q.Kind = SubqueryExists
	case pg.SubLinkType_ANY_SUBLINK:
		q.Kind = SubqueryAny
		if q.Op == "" {
			q.Op = "="
		}
	case pg.SubLinkType_ALL_SUBLINK:
		q.Kind = SubqueryAll
	case pg.SubLinkType_ARRAY_SUBLINK:
		q.Kind = SubqueryArray
	default:
		q.Kind = SubqueryScalar
	}
	return q
}

// typeName converts a type. FLOAT is FLOAT (32 bits) to Pinot clients and transforms, float8 to PostgreSQL clients.
func (c *conv) typeName(n *pg.TypeName) TypeName {
	t := TypeName{At: c.at(n.GetLocation()), Array: len(n.GetArrayBounds()) > 0}
	names := c.idents(n.GetNames())
	if len(names) > 0 {
		t.Name = strings.ToLower(names[len(names)-1])
	}
	if t.Name == "float8" && c.dialect != Wire && n.Location >= 0 {
		at := c.src.tokenMap.source(int(n.Location))
		if word, ok := c.src.tokenText(at); ok && strings.EqualFold(word, "float") {
			t.Name = "float4"
		}
	}
	for _, m := range n.GetTypmods() {
		if k := m.GetAConst(); k != nil {
			t.Args = append(t.Args, int(k.GetIval().GetIval()))
		}
	}
	return t
}
