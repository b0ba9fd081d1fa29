package expr

import (
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/query/function"
)

const volatile = function.Volatile

var cmpNames = [CmpOpCount]string{"?", "=", "<>", "<", "<=", ">", ">="}

// String gives the operator as SQL writes it.
func (op CmpOp) String() string {
	if op < CmpOpCount {
		return cmpNames[op]
	}
	return "CmpOp(" + strconv.Itoa(int(op)) + ")"
}

// Flip gives the operator for exchanged operands: a < b is b > a.
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

// Negate gives the operator that is true where op is false, for values that are not NULL (and not NaN).
func (op CmpOp) Negate() CmpOp {
	return [CmpOpCount]CmpOp{CmpInvalid, Ne, Eq, Ge, Gt, Le, Lt}[op]
}

// String implements Expr.
func (e *Column) String() string { return e.Name }

// String implements Expr.
func (e *Const) String() string { return e.Value.String() }

// String implements Expr.
func (e *Param) String() string { return "$" + strconv.Itoa(e.Number) }

// String implements Expr.
func (e *Compare) String() string {
	return e.Left.String() + " " + e.Op.String() + " " + e.Right.String()
}

// String implements Expr.
func (e *And) String() string { return joined(e.Args, " AND ", true) }

// String implements Expr.
func (e *Or) String() string { return joined(e.Args, " OR ", true) }

// String implements Expr.
func (e *Not) String() string { return "NOT (" + e.Arg.String() + ")" }

// String implements Expr.
func (e *IsNull) String() string {
	if e.Negated {
		return e.Arg.String() + " IS NOT NULL"
	}
	return e.Arg.String() + " IS NULL"
}

// maxListText is how many members of an IN list its text names.
const maxListText = 20

// String implements Expr.
func (e *In) String() string {
	var b strings.Builder
	b.WriteString(e.Arg.String())
	if e.Negated {
		b.WriteString(" NOT")
	}
	b.WriteString(" IN (")
	for i, v := range e.List {
		if i > 0 {
			b.WriteString(", ")
		}
		if i == maxListText {
			b.WriteString("... " + strconv.Itoa(len(e.List)) + " values")
			break
		}
		b.WriteString(v.String())
	}
	if e.HasNull {
		b.WriteString(", NULL")
	}
	return b.String() + ")"
}

// String implements Expr.
func (e *Like) String() string {
	op := " LIKE "
	if e.CaseInsensitive {
		op = " ILIKE "
	}
	if e.Negated {
		op = " NOT" + op
	}
	return e.Arg.String() + op + "'" + strings.ReplaceAll(e.Pattern, "'", "''") + "'"
}

// String implements Expr.
func (e *Call) String() string { return e.Fn.Name + "(" + joined(e.Args, ",", false) + ")" }

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
	return b.String() + " END"
}

// String implements Expr.
func (e *Coalesce) String() string { return "coalesce(" + joined(e.Args, ",", false) + ")" }

// String implements Expr.
func (e *Cast) String() string { return "CAST(" + e.Arg.String() + " AS " + e.To.String() + ")" }

func joined(args []Expr, by string, brackets bool) string {
	parts := make([]string, len(args))
	for i, a := range args {
		parts[i] = a.String()
		if !brackets {
			continue
		}
		switch a.(type) {
		case *And, *Or:
			parts[i] = "(" + parts[i] + ")"
		}
	}
	return strings.Join(parts, by)
}
