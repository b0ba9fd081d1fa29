package bind

import (
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/sql"
)

// outputName names a result column without alias: Pinot's canonical text on HTTP, else as PostgreSQL does.
func (b *binder) outputName(ast sql.Expr, e expr.Expr) string {
	if c, ok := e.(*expr.Column); ok && c.Index < SetBase {
		return c.Name
	}
	if b.cfg.Dialect == sql.HTTP {
		if l, ok := ast.(*sql.Literal); ok && l.Kind != sql.NullLiteral {
			return l.Text
		}
		if text, ok := b.foldedText(ast); ok {
			return strings.Trim(text, "'")
		}
		return b.pinotText(ast)
	}
	if name, _ := wireName(ast); name != "" {
		return name
	}
	return "?column?"
}

// wireName is PostgreSQL's name of an expression; strong says that a cast around it keeps it.
func wireName(e sql.Expr) (name string, strong bool) {
	switch e := e.(type) {
	case *sql.Name:
		return e.Parts[len(e.Parts)-1], true
	case *sql.Call:
		return strings.ToLower(e.Name), true
	case *sql.Field:
		return e.Name, e.Name != ""
	case *sql.Subscript:
		return wireName(e.Arg)
	case *sql.Collate:
		return wireName(e.Arg)
	case *sql.Cast:
		if name, strong = wireName(e.Arg); strong {
			return name, true
		}
		return e.To.Name, false
	case *sql.Case:
		if e.Else != nil {
			if name, strong = wireName(e.Else); strong {
				return name, true
			}
		}
		return "case", false
	case *sql.Array:
		return "array", true
	case *sql.Row:
		return "row", true
	case *sql.Subquery:
		if e.Kind == sql.SubqueryExists {
			return "exists", true
		}
	}
	return "", false
}

// pinotOps are Pinot's function names of operators.
var pinotOps = map[string]string{"+": "plus", "-": "minus", "*": "times", "/": "divide", "%": "mod", "^": "power", "||": "concat",
	"=": "equals", "<>": "notequals", "!=": "notequals", "<": "lessthan", "<=": "lessthanorequal", ">": "greaterthan",
	">=": "greaterthanorequal", "~": "regexplike"}

// pinotText is Pinot's canonical text: lower-case names without underscores, no blanks, literals quoted.
func (b *binder) pinotText(e sql.Expr) string {
	if text, ok := b.foldedText(e); ok {
		return text
	}
	call := func(name string, args ...sql.Expr) string { return name + "(" + b.pinotTexts(args) + ")" }
	switch e := e.(type) {
	case *sql.Name:
		return b.nameText(e)
	case *sql.Literal:
		return literalText(e)
	case *sql.Binary:
		name, ok := pinotOps[e.Op]
		if !ok {
			name = e.Op
		}
		return call(name, e.Left, e.Right)
	case *sql.Unary:
		if e.Op == "-" {
			return call("negate", e.Arg)
		}
		return b.pinotText(e.Arg)
	case *sql.And:
		return call("and", e.Args...)
	case *sql.Or:
		return call("or", e.Args...)
	case *sql.Not:
		return call("not", e.Arg)
	case *sql.Call:
		return b.callText(e)
	case *sql.Cast:
		return "cast(" + b.pinotText(e.Arg) + ",'" + castTypeText(e.To) + "')"
	case *sql.Case:
		return b.caseText(e)
	case *sql.Array:
		return call("arrayvalueconstructor", e.Elems...)
	default:
		return b.predicateText(e)
	}
}

// predicateText names predicates in a select list.
func (b *binder) predicateText(e sql.Expr) string {
	call := func(name string, args ...sql.Expr) string { return name + "(" + b.pinotTexts(args) + ")" }
	negated := func(not bool, text string) string {
		if not {
			return "not(" + text + ")"
		}
		return text
	}
	switch e := e.(type) {
	case *sql.IsNull:
		if e.Negated {
			return call("isnotnull", e.Arg)
		}
		return call("isnull", e.Arg)
	case *sql.IsTruth:
		name := map[sql.Truth]string{sql.True: "true", sql.False: "false", sql.Unknown: "unknown"}[e.Truth]
		if e.Negated {
			return call("isnot"+name, e.Arg)
		}
		return call("is"+name, e.Arg)
	case *sql.IsDistinct:
		if e.Negated {
			return call("isnotdistinctfrom", e.Left, e.Right)
		}
		return call("isdistinctfrom", e.Left, e.Right)
	case *sql.In:
		name := "in"
		if e.Negated {
			name = "notin"
		}
		return call(name, append([]sql.Expr{e.Arg}, e.List...)...)
	case *sql.Between:
		return negated(e.Negated, call("between", e.Arg, e.Low, e.High))
	case *sql.Like:
		return negated(e.Negated, call("like", e.Arg, e.Pattern))
	case *sql.Collate:
		return b.pinotText(e.Arg)
	case *sql.Param:
		return "?"
	default:
		return "EXPR"
	}
}

func (b *binder) pinotTexts(args []sql.Expr) string {
	parts := make([]string, len(args))
	for i, a := range args {
		parts[i] = b.pinotText(a)
	}
	return strings.Join(parts, ",")
}

// nameText is a column's name as in the schema, else as written.
func (b *binder) nameText(n *sql.Name) string {
	e, ok, err := b.columnExpr(n.Parts, 0)
	if c, isColumn := e.(*expr.Column); ok && err == nil && isColumn {
		return c.Name
	}
	return strings.Join(n.Parts, ".")
}

func literalText(l *sql.Literal) string {
	if l.Kind == sql.NullLiteral {
		return "null"
	}
	return "'" + l.Text + "'"
}

func castTypeText(t sql.TypeName) string {
	if bound, err := TypeByName(t); err == nil {
		return bound.String()
	}
	return strings.ToUpper(t.Name)
}

func (b *binder) caseText(e *sql.Case) string {
	var conds, thens []string
	for _, w := range e.Whens {
		cond := b.pinotText(w.Cond)
		if e.Operand != nil {
			cond = "equals(" + b.pinotText(e.Operand) + "," + cond + ")"
		}
		conds = append(conds, cond)
		thens = append(thens, b.pinotText(w.Then))
	}
	els := "null"
	if e.Else != nil {
		els = b.pinotText(e.Else)
	}
	return "case(" + strings.Join(append(append(conds, thens...), els), ",") + ")"
}

// callText names a call; constant parameters of aggregates are set off by a blank and shown as numbers.
func (b *binder) callText(e *sql.Call) string {
	name := function.Canonical(e.Name)
	if _, _, isAgg := b.aggregate(e); isAgg {
		return b.aggregateText(e, name)
	}
	return name + "(" + b.pinotTexts(e.Args) + ")"
}

func (b *binder) aggregateText(e *sql.Call, name string) string {
	if e.Distinct && !strings.HasPrefix(name, "distinct") {
		name = "distinct" + name
	}
	var t strings.Builder
	t.WriteString(name + "(")
	if e.Star {
		t.WriteByte('*')
	}
	for i, a := range e.Args {
		l, isLiteral := a.(*sql.Literal)
		switch {
		case i == 0:
			t.WriteString(b.pinotText(a))
		case isLiteral && l.Kind == sql.NumberLiteral && strings.HasPrefix(name, "percentile") && i == 1 && !strings.Contains(l.Text, "."):
			t.WriteString(", " + l.Text + ".0")
		case isLiteral && l.Kind == sql.NumberLiteral:
			t.WriteString(", " + l.Text)
		default:
			t.WriteString(", " + b.pinotText(a))
		}
	}
	t.WriteByte(')')
	if e.Filter != nil {
		t.WriteString(" FILTER(WHERE " + b.filterText(e.Filter) + ")")
	}
	return t.String()
}

// filterText shows a condition as Pinot shows filters: a > '1', conjunctions in parentheses.
func (b *binder) filterText(e sql.Expr) string {
	list := func(args []sql.Expr, op string) string {
		parts := make([]string, len(args))
		for i, a := range args {
			parts[i] = b.filterText(a)
		}
		return "(" + strings.Join(parts, op) + ")"
	}
	not := func(negated bool) string {
		if negated {
			return "NOT "
		}
		return ""
	}
	switch e := e.(type) {
	case *sql.And:
		return list(e.Args, " AND ")
	case *sql.Or:
		return list(e.Args, " OR ")
	case *sql.Not:
		return "NOT " + b.filterText(e.Arg)
	case *sql.Binary:
		if op := strings.ReplaceAll(e.Op, "<>", "!="); compareOps[e.Op] != expr.CmpInvalid {
			return b.pinotText(e.Left) + " " + op + " " + b.pinotText(e.Right)
		}
	case *sql.Between:
		return not(e.Negated) + b.pinotText(e.Arg) + " BETWEEN " + b.pinotText(e.Low) + " AND " + b.pinotText(e.High)
	case *sql.In:
		return b.pinotText(e.Arg) + " " + not(e.Negated) + "IN (" + b.pinotTexts(e.List) + ")"
	case *sql.IsNull:
		return b.pinotText(e.Arg) + " IS " + not(e.Negated) + "NULL"
	}
	return b.pinotText(e)
}

// foldedText is the value of a call without columns, which Pinot computes before it names the column.
func (b *binder) foldedText(ast sql.Expr) (string, bool) {
	switch ast.(type) {
	case *sql.Call, *sql.Binary, *sql.Unary, *sql.Cast:
	default:
		return "", false
	}
	if c, isCall := ast.(*sql.Call); isCall {
		if _, _, isAgg := b.aggregate(c); isAgg {
			return "", false
		}
	}
	if !constantTree(ast) {
		return "", false
	}
	// The text is bound once more, apart from the statement: only its value counts.
	scratch := newBinder(b.cfg)
	e, err := scratch.bind(ast)
	if err != nil || !isFixed(e) {
		return "", false
	}
	v, err := expr.EvalConst(&scratch.ec, e)
	if err != nil {
		return "", false
	}
	if v.Null {
		return "null", true
	}
	if !v.Type.MultiValue && !v.Type.Kind.IsText() {
		if v.Type.Kind.IsTime() {
			v.Type = catalog.Long
		}
		if text, err := expr.CastValue(v, catalog.String); err == nil {
			return "'" + text.Str + "'", true
		}
	}
	return "'" + v.Str + "'", !v.Type.MultiValue
}

// constantTree reports trees of calls and operators over literals only.
func constantTree(e sql.Expr) bool {
	switch e := e.(type) {
	case *sql.Literal:
		return true
	case *sql.Call:
		if e.Over != nil || e.Filter != nil || e.Star {
			return false
		}
		for _, a := range e.Args {
			if !constantTree(a) {
				return false
			}
		}
		return true
	case *sql.Binary:
		return constantTree(e.Left) && constantTree(e.Right)
	case *sql.Unary:
		return constantTree(e.Arg)
	case *sql.Cast:
		return constantTree(e.Arg)
	default:
		return false
	}
}
