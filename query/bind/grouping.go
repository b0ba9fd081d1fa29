package bind

import (
	"slices"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/sql"
)

// maxGroupingSets bounds the grouping sets of a query, as PostgreSQL does.
const maxGroupingSets = 4096

// Grouping is a call of GROUPING: one bit per key, the last argument lowest, set where the key is not grouped by.
type Grouping struct{ Keys []int }

// groupBy binds the keys: expressions, ordinals, aliases and grouping sets. Equal keys count once.
func (b *binder) groupBy(list []sql.Expr, q *Query) error {
	b.ctx = clause{name: "GROUP BY", aliases: b.aliasesOf()}
	q.Grouped = len(list) > 0
	sets := [][]int{nil}
	hasSets := false
	for _, g := range list {
		var more [][]int
		var err error
		if gs, ok := g.(*sql.GroupingSet); ok {
			hasSets = true
			more, err = b.groupingSets(gs, q)
		} else {
			more, err = b.groupKeys(g, q)
		}
		if err != nil {
			return err
		}
		if len(sets)*len(more) > maxGroupingSets {
			return errs.User(errs.ProgramLimitExceeded, "too many grouping sets present (maximum %d)", maxGroupingSets).At(g.Pos())
		}
		sets = product(sets, more)
	}
	if hasSets {
		q.GroupingSets = sets
	}
	return b.checkGroupings(q)
}

// product joins each set of one list with each of another.
func product(a, b [][]int) [][]int {
	out := make([][]int, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			both := slices.Clone(x)
			for _, k := range y {
				if !slices.Contains(both, k) {
					both = append(both, k)
				}
			}
			out = append(out, both)
		}
	}
	return out
}

// groupKeys binds an expression, or a row of them, as one grouping set.
func (b *binder) groupKeys(g sql.Expr, q *Query) ([][]int, error) {
	elems := []sql.Expr{g}
	if row, ok := g.(*sql.Row); ok {
		elems = row.Elems
	}
	set := make([]int, 0, len(elems))
	for _, x := range elems {
		e, err := b.groupKey(x)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(q.Keys, func(k expr.Expr) bool { return Equal(k, e) })
		if at < 0 {
			at = len(q.Keys)
			q.Keys = append(q.Keys, e)
		}
		set = append(set, at)
	}
	return [][]int{set}, nil
}

// groupingSets expands (), ROLLUP, CUBE and GROUPING SETS.
func (b *binder) groupingSets(g *sql.GroupingSet, q *Query) ([][]int, error) {
	var elems [][]int // of ROLLUP and CUBE: a set each
	var out [][]int
	for _, x := range g.Elems {
		var sets [][]int
		var err error
		if inner, ok := x.(*sql.GroupingSet); ok {
			sets, err = b.groupingSets(inner, q)
		} else {
			sets, err = b.groupKeys(x, q)
		}
		if err != nil {
			return nil, err
		}
		elems, out = append(elems, sets[0]), append(out, sets...)
	}
	switch g.Kind {
	case sql.GroupingEmpty:
		return [][]int{{}}, nil
	case sql.GroupingRollup:
		out = [][]int{{}}
		for _, e := range elems {
			out = append(out, product(out[len(out)-1:], [][]int{e})...)
		}
		slices.Reverse(out)
		return out, nil
	case sql.GroupingCube:
		if len(elems) > 12 {
			return nil, errs.User(errs.ProgramLimitExceeded, "CUBE is limited to 12 elements").At(g.Pos())
		}
		out = nil
		for mask := 1<<len(elems) - 1; mask >= 0; mask-- {
			set := [][]int{{}}
			for i, e := range elems {
				if mask&(1<<(len(elems)-1-i)) != 0 {
					set = product(set, [][]int{e})
				}
			}
			out = append(out, set...)
		}
		return out, nil
	default:
		if len(out) > maxGroupingSets {
			return nil, errs.User(errs.ProgramLimitExceeded, "too many grouping sets present (maximum %d)", maxGroupingSets).At(g.Pos())
		}
		return out, nil
	}
}

// groupingCall binds GROUPING(keys). The keys are known only after GROUP BY, so its arguments are kept until then.
func (b *binder) groupingCall(e *sql.Call) (expr.Expr, error) {
	if !b.ctx.aggs || b.ctx.inAgg {
		return nil, errs.User(errs.GroupingError, "grouping operations are not allowed in %s", b.ctx.name).At(e.Pos())
	}
	if len(e.Args) == 0 || len(e.Args) > 31 {
		return nil, errs.User(errs.ProgramLimitExceeded, "GROUPING takes 1 to 31 arguments").At(e.Pos())
	}
	b.pendingGroupings = append(b.pendingGroupings, e)
	b.groupings = append(b.groupings, Grouping{})
	return &expr.Column{Index: groupingBase + len(b.groupings) - 1, Name: "grouping", T: catalog.Int}, nil
}

// checkGroupings finds the keys of the GROUPING calls of the select list.
func (b *binder) checkGroupings(q *Query) error {
	b.ctx = clause{name: "GROUP BY", aliases: b.aliasesOf()}
	from := len(b.groupings) - len(b.pendingGroupings)
	for i, call := range b.pendingGroupings {
		for _, a := range call.Args {
			e, err := b.groupKey(a)
			if err != nil {
				return err
			}
			at := slices.IndexFunc(q.Keys, func(k expr.Expr) bool { return Equal(k, e) })
			if at < 0 {
				return errs.User(errs.GroupingError, "arguments to GROUPING must be grouping expressions of the associated query level").At(a.Pos())
			}
			b.groupings[from+i].Keys = append(b.groupings[from+i].Keys, at)
		}
	}
	b.pendingGroupings = nil
	return nil
}
