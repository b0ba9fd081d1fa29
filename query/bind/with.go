package bind

import (
	"slices"
	"strings"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/sql"
)

// CTE is one query of a WITH clause.
type CTE struct {
	ID    int // unique in the statement
	Name  string
	Query *Query
	Refs  int // references to it in the statement, within itself apart
	// weight counts the references to CTEs that one to this CTE stands for, those of its query included.
	weight int
}

// maxReferences bounds the references to CTEs of a statement, each counted as often as the queries that have it are referred
// to: planning looks at every use of a query.
const maxReferences = 4096

// refer counts a reference to a CTE.
func (b *binder) refer(c *CTE, pos int) error {
	b.stmt.references += c.weight
	if b.stmt.references > maxReferences {
		return errs.User(errs.StatementTooComplex, "statement is too complex: its WITH queries refer to each other more than %d times", maxReferences).At(pos)
	}
	c.Refs++
	return nil
}

// Recursive is a recursive query: Base, then Step over the rows of the last round (WorkSource) until there are none.
type Recursive struct {
	CTE        *CTE
	Base, Step *Query
	All        bool
}

// cteScope is a list of what WITH clauses define, innermost first.
type cteScope struct {
	outer *cteScope
	cte   *CTE
	cols  []Output
	// working: the query is being bound; references to it are to the last round of its recursion. refs counts them.
	working bool
	refs    int
	// forbidden, if set, is why a reference is an error now.
	forbidden string
}

// find looks a name up: exact, else without case.
func (s *cteScope) find(name string) (*cteScope, bool) {
	var folded *cteScope
	for at := s; at != nil; at = at.outer {
		if at.cte.Name == name {
			return at, true
		}
		if folded == nil && strings.EqualFold(at.cte.Name, name) {
			folded = at
		}
	}
	return folded, folded != nil
}

// with binds the WITH clause, whose queries see those before them.
func (b *binder) with(s *sql.Select) error {
	seen := map[string]bool{}
	for i := range s.With {
		w := &s.With[i]
		if seen[w.Name] {
			return errs.User(errs.DuplicateAlias, "WITH query name %q specified more than once", w.Name).At(w.Pos())
		}
		seen[w.Name] = true
		b.stmt.nextID++
		scope := &cteScope{outer: b.ctes, cte: &CTE{ID: b.stmt.nextID, Name: w.Name}}
		var err error
		before := b.stmt.references
		if s.Recursive && w.Query.SetOp != nil && w.Query.SetOp.Op == "UNION" {
			err = b.recursive(w, scope)
		} else {
			err = b.plainCTE(w, scope, s.Recursive)
		}
		if err != nil {
			return err
		}
		if scope.cols, err = renamed(w, scope.cte.Query.Outputs); err != nil {
			return err
		}
		scope.cte.weight = 1 + b.stmt.references - before
		b.ctes = scope
	}
	return nil
}

// plainCTE binds a query that is not recursive; under RECURSIVE its name is its own, and may not be used.
func (b *binder) plainCTE(w *sql.CTE, scope *cteScope, recursive bool) (err error) {
	if recursive {
		saved := b.ctes
		scope.forbidden, b.ctes = "in a query that is not of the form non-recursive-term UNION [ALL] recursive-term", scope
		defer func() { b.ctes, scope.forbidden = saved, "" }()
	}
	scope.cte.Query, err = b.child(b.frame).query(w.Query)
	return err
}

// renamed gives outputs the names of a CTE's column list.
func renamed(w *sql.CTE, outputs []Output) ([]Output, error) {
	if len(w.Cols) > len(outputs) {
		return nil, errs.User(errs.InvalidColumnReference, "WITH query %q has %d columns available but %d columns specified",
			w.Name, len(outputs), len(w.Cols)).At(w.Pos())
	}
	out := append([]Output(nil), outputs...)
	for i, name := range w.Cols {
		out[i].Name = name
	}
	return out, nil
}

// recursive binds base UNION [ALL] step where step may refer to the query itself.
func (b *binder) recursive(w *sql.CTE, scope *cteScope) error {
	op := w.Query.SetOp
	scope.forbidden = "within its non-recursive term"
	saved := b.ctes
	b.ctes = scope
	defer func() { b.ctes = saved }()
	base, err := b.child(b.frame).query(op.Left)
	if err != nil {
		return err
	}
	if scope.cols, err = renamed(w, base.Outputs); err != nil {
		return err
	}
	scope.forbidden, scope.working = "", true
	step, outputs, err := b.recursiveStep(op, base, scope)
	// Sums of INT are LONG here: the base takes the wider types, and the step is bound again over those until they hold.
	for round := 0; err == nil && !sameTypes(scope.cols, outputs); round++ {
		if round > len(outputs) {
			return errs.User(errs.DatatypeMismatch, "recursive query %q has other types in its recursive term than overall", w.Name).
				WithHint("Cast the output of the non-recursive term to the correct type.").At(w.Pos())
		}
		for i := range outputs {
			scope.cols[i].Type, scope.cols[i].Unknown = outputs[i].Type, false
		}
		step, outputs, err = b.recursiveStep(op, base, scope)
	}
	scope.working = false
	if err != nil {
		return err
	}
	if scope.refs == 0 {
		q := &Query{SetOp: &SetOp{Op: op.Op, All: op.All, Left: base, Right: step}, Outputs: outputs}
		scope.cte.Query = q
		return b.child(b.frame).outputClauses(w.Query, q)
	}
	if len(w.Query.OrderBy) > 0 || w.Query.Limit != nil || w.Query.Offset != nil {
		return unsupported(w.Pos(), "ORDER BY, LIMIT or OFFSET in a recursive query")
	}
	if err := recursionAllowed(w, scope, step); err != nil {
		return err
	}
	scope.cte.Query = &Query{Recursive: &Recursive{CTE: scope.cte, Base: base, Step: step, All: op.All}, Outputs: outputs}
	return nil
}

// recursiveStep binds the recursive term over what scope says of the columns.
func (b *binder) recursiveStep(op *sql.SetOp, base *Query, scope *cteScope) (*Query, []Output, error) {
	scope.refs = 0
	step, err := b.child(b.frame).query(op.Right)
	if err != nil {
		return nil, nil, err
	}
	outputs, err := unifyOutputs(op.Op, base, step, op.Pos())
	return step, outputs, err
}

// recursionAllowed refuses recursive terms that have no defined result.
func recursionAllowed(w *sql.CTE, scope *cteScope, step *Query) error {
	switch {
	case scope.refs > 1:
		return errs.User(errs.InvalidRecursion, "recursive reference to query %q must not appear more than once", w.Name).At(w.Pos())
	case step.Grouped:
		return errs.User(errs.InvalidRecursion, "aggregate functions are not allowed in a recursive query's recursive term").At(w.Pos())
	case nullable(step.From, false):
		return errs.User(errs.InvalidRecursion, "recursive reference to query %q must not appear within an outer join", w.Name).At(w.Pos())
	}
	return nil
}

// nullable reports a recursive reference on the side of an outer join that may be NULL.
func nullable(src Source, outer bool) bool {
	switch src := src.(type) {
	case *WorkSource:
		return outer
	case *JoinSource:
		return nullable(src.Left, outer || src.Kind == JoinRight || src.Kind == JoinFull) ||
			nullable(src.Right, outer || src.Kind == JoinLeft || src.Kind == JoinFull)
	default:
		return false
	}
}

func sameTypes(a, b []Output) bool {
	return slices.EqualFunc(a, b, func(x, y Output) bool { return x.Type == y.Type })
}

// cteSource binds a reference to a CTE.
func (b *binder) cteSource(s *cteScope, t *sql.TableName) (Source, namespace, error) {
	if s.forbidden != "" {
		return nil, namespace{}, errs.User(errs.InvalidRecursion, "recursive reference to query %q must not appear %s", s.cte.Name, s.forbidden).At(t.Pos())
	}
	rv := &rangeVar{alias: orElse(t.Alias, s.cte.Name)}
	var ids []int
	for _, o := range s.cols {
		ids = append(ids, b.addColumn(rv, Column{Name: o.Name, Type: o.Type, OID: o.OID, Table: o.Table, Attribute: o.Attribute}))
	}
	ns, err := rv.namespace(t.ColumnAliases, t.Pos())
	if s.working {
		s.refs++
		return &WorkSource{CTE: s.cte, IDs: ids}, ns, err
	}
	if err == nil {
		err = b.refer(s.cte, t.Pos())
	}
	return &QuerySource{Query: s.cte.Query, Name: s.cte.Name, IDs: ids, CTE: s.cte}, ns, err
}
