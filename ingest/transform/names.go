package transform

import (
	"strings"

	"github.com/freshetdb/freshet/query/sql"
)

// names lists the column references of an expression as written, each once. Constructs that no transform can use
// (sub-queries, windows) are left to the binder, which refuses them with their position.
func names(e sql.Expr) []string {
	var out []string
	seen := map[string]bool{}
	walk(e, func(n *sql.Name) {
		name := strings.Join(n.Parts, ".")
		if !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	})
	return out
}

func walk(e sql.Expr, visit func(*sql.Name)) {
	each := func(list ...sql.Expr) {
		for _, x := range list {
			if x != nil {
				walk(x, visit)
			}
		}
	}
	switch x := e.(type) {
	case *sql.Name:
		visit(x)
	case *sql.Unary:
		each(x.Arg)
	case *sql.Binary:
		each(x.Left, x.Right)
	case *sql.And:
		each(x.Args...)
	case *sql.Or:
		each(x.Args...)
	case *sql.Not:
		each(x.Arg)
	case *sql.IsNull:
		each(x.Arg)
	case *sql.IsTruth:
		each(x.Arg)
	case *sql.IsDistinct:
		each(x.Left, x.Right)
	case *sql.In:
		each(x.Arg)
		each(x.List...)
	case *sql.Quantified:
		each(x.Arg, x.Array)
	case *sql.Between:
		each(x.Arg, x.Low, x.High)
	case *sql.Like:
		each(x.Arg, x.Pattern, x.Escape)
	case *sql.Call:
		each(x.Args...)
	case *sql.Case:
		each(x.Operand, x.Else)
		for _, w := range x.Whens {
			each(w.Cond, w.Then)
		}
	case *sql.Cast:
		each(x.Arg)
	case *sql.Array:
		each(x.Elems...)
	case *sql.Subscript:
		each(x.Arg, x.Index, x.High)
	case *sql.Field:
		each(x.Arg)
	case *sql.Collate:
		each(x.Arg)
	case *sql.Row:
		each(x.Elems...)
	}
}
