package expr

import (
	"fmt"
	"strings"

	"github.com/freshetdb/freshet/catalog"
)

var cmpOpTexts = [CmpOpCount]string{"?", "=", "<>", "<", "<=", ">", ">="}

// String is the operator's SQL text.
func (op CmpOp) String() string {
	if op < CmpOpCount {
		return cmpOpTexts[op]
	}
	return fmt.Sprintf("CmpOp(%d)", uint8(op))
}

// Flip is the operator with its operands exchanged: a < b is b > a.
func (op CmpOp) Flip() CmpOp {
	switch op {
	case Lt:
		return Gt
	case Le:
		return Ge
	case Gt:
		return Lt
	case Ge:
		return Le
	default:
		return op
	}
}

// String implements Expr. A column without a name is $ and its position.
func (e *Column) String() string {
	if e.Name == "" {
		return fmt.Sprintf("$%d", e.Index)
	}
	return e.Name
}

// String implements Expr.
func (e *Const) String() string { return valueText(e.Value) }

func valueText(v catalog.Value) string {
	if v.Null || v.Type.MultiValue {
		return v.String()
	}
	switch v.Type.Kind {
	case catalog.KindString, catalog.KindJSON:
		return "'" + strings.ReplaceAll(v.Str, "'", "''") + "'"
	case catalog.KindBytes:
		return fmt.Sprintf("X'%x'", v.Str)
	}
	if v.Type.Kind.IsTime() || v.Type.Kind == catalog.KindInterval {
		if text, err := CastValue(v, catalog.String); err == nil {
			return v.Type.Kind.String() + " '" + text.Str + "'"
		}
	}
	return v.String()
}

// String implements Expr.
func (e *Param) String() string { return fmt.Sprintf("$%d", e.Number) }

// String implements Expr.
func (e *Compare) String() string {
	return operand(e.Left) + " " + e.Op.String() + " " + operand(e.Right)
}

// operand puts operators inside operators in brackets.
func operand(e Expr) string {
	switch e.(type) {
	case *Compare, *And, *Or, *Not, *IsNull, *In, *Like:
		return "(" + e.String() + ")"
	}
	return e.String()
}

func joined(args []Expr, sep string, text func(Expr) string) string {
	parts := make([]string, len(args))
	for i, a := range args {
		parts[i] = text(a)
	}
	return strings.Join(parts, sep)
}

// String implements Expr.
func (e *And) String() string { return joined(e.Args, " AND ", operand) }

// String implements Expr.
func (e *Or) String() string { return joined(e.Args, " OR ", operand) }

// String implements Expr.
func (e *Not) String() string { return "NOT " + operand(e.Arg) }

// String implements Expr.
func (e *IsNull) String() string {
	if e.Negated {
		return operand(e.Arg) + " IS NOT NULL"
	}
	return operand(e.Arg) + " IS NULL"
}

func negation(negated bool) string {
	if negated {
		return " NOT"
	}
	return ""
}

// String implements Expr.
func (e *In) String() string {
	parts := make([]string, 0, len(e.List)+1)
	for _, v := range e.List {
		parts = append(parts, valueText(v))
	}
	if e.HasNull {
		parts = append(parts, "NULL")
	}
	return operand(e.Arg) + negation(e.Negated) + " IN (" + strings.Join(parts, ", ") + ")"
}

// String implements Expr.
func (e *Like) String() string {
	word := " LIKE "
	if e.CaseInsensitive {
		word = " ILIKE "
	}
	text := operand(e.Arg) + negation(e.Negated) + word + valueText(catalog.StringValue(e.Pattern))
	switch e.Escape {
	case '\\':
		return text
	case 0:
		return text + " ESCAPE ''"
	default:
		return text + " ESCAPE '" + string(rune(e.Escape)) + "'"
	}
}

// String implements Expr.
func (e *Call) String() string {
	return e.Fn.Name + "(" + joined(e.Args, ", ", Expr.String) + ")"
}

// String implements Expr.
func (e *Case) String() string {
	var b strings.Builder
	b.WriteString("CASE")
	for _, w := range e.Whens {
		b.WriteString(" WHEN " + w.Cond.String() + " THEN " + w.Then.String())
	}
	if e.Else != nil {
		b.WriteString(" ELSE " + e.Else.String())
	}
	b.WriteString(" END")
	return b.String()
}

// String implements Expr.
func (e *Coalesce) String() string { return "coalesce(" + joined(e.Args, ", ", Expr.String) + ")" }

// String implements Expr.
func (e *Cast) String() string { return "CAST(" + e.Arg.String() + " AS " + e.To.String() + ")" }
