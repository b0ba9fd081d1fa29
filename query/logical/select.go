package logical

import (
	"slices"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/bind"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/sql"
)

// selectPlan plans one SELECT.
type selectPlan struct {
	*planner
	q *bind.Query
	// at is where each input column of the query stands in the output of the sources, -1: nowhere.
	at []int
	// windows and sets are where the results of window calls and sets stand.
	windows, sets []int
}

// input places an input column.
func (s *selectPlan) input(index int) int {
	if s.at == nil || index >= len(s.at) {
		return index
	}
	return s.at[index]
}

// computed places a column of what has been computed so far: inputs or groups, then windows, then sets.
func (s *selectPlan) computed(index int) int {
	switch {
	case index >= bind.WindowBase:
		return s.windows[index-bind.WindowBase]
	case index >= bind.SetBase:
		return s.sets[index-bind.SetBase]
	case s.q.Grouped:
		return index
	default:
		return s.input(index)
	}
}

func (s *selectPlan) plan() (Node, error) {
	q := s.q
	n, err := s.source()
	if err != nil {
		return nil, err
	}
	if q.Grouped {
		if n, err = s.grouped(n); err != nil {
			return nil, err
		}
	}
	if q.Having != nil {
		cond, err := s.expr(q.Having, s.computed)
		if err != nil {
			return nil, err
		}
		n = &Filter{In: n, Cond: cond}
	}
	if len(q.Windows) > 0 {
		if n, err = s.window(n); err != nil {
			return nil, err
		}
	}
	if len(q.Sets) > 0 {
		if n, err = s.projectSets(n); err != nil {
			return nil, err
		}
	}
	if n, err = s.project(n); err != nil {
		return nil, err
	}
	if q.Distinct {
		n = distinct(n)
	}
	return n, nil
}

// grouped is the Aggregate, or one for each grouping set.
func (s *selectPlan) grouped(in Node) (Node, error) {
	q := s.q
	keys, err := s.exprs(q.Keys, s.input)
	if err != nil {
		return nil, err
	}
	aggs := make([]AggCall, len(q.Aggs))
	for i, a := range q.Aggs {
		aggs[i] = AggCall{Fn: a.Fn, Text: a.Text}
		if aggs[i].Args, err = s.exprs(a.Args, s.input); err != nil {
			return nil, err
		}
		if aggs[i].Filter, err = s.expr(a.Filter, s.input); err != nil {
			return nil, err
		}
	}
	if len(q.GroupingSets) == 0 {
		n := Node(&Aggregate{In: in, Keys: keys, Aggs: aggs})
		if len(q.Groupings) > 0 {
			all := make([]int, len(keys))
			for i := range all {
				all[i] = i
			}
			n = s.groupingSet(n, keys, all)
		}
		return n, nil
	}
	var out Node
	for _, set := range q.GroupingSets {
		own := make([]expr.Expr, len(set))
		for i, k := range set {
			own[i] = keys[k]
		}
		n := s.groupingSet(&Aggregate{In: in, Keys: own, Aggs: aggs}, keys, set)
		if out == nil {
			out = n
		} else {
			out = &SetOp{Kind: Union, All: true, Left: out, Right: n}
		}
	}
	return out, nil
}

// groupingSet gives the groups of one set the columns of all: keys that are not in it are NULL, then the aggregates and
// the values of GROUPING.
func (s *selectPlan) groupingSet(n Node, keys []expr.Expr, set []int) Node {
	cols := n.Columns()
	p := &Project{In: n}
	add := func(e expr.Expr, name string) {
		p.Exprs, p.Names = append(p.Exprs, e), append(p.Names, name)
	}
	for k, key := range keys {
		if at := slices.Index(set, k); at >= 0 {
			add(&expr.Column{Index: at, Name: cols[at].Name, T: cols[at].Type}, cols[at].Name)
		} else {
			t := key.Type()
			t.MultiValue = false // a row counts once for each element
			add(&expr.Const{Value: catalog.NullValue(t)}, key.String())
		}
	}
	for i := len(set); i < len(cols); i++ {
		add(&expr.Column{Index: i, Name: cols[i].Name, T: cols[i].Type}, cols[i].Name)
	}
	for _, g := range s.q.Groupings {
		bits := int64(0)
		for _, k := range g.Keys {
			bits <<= 1
			if !slices.Contains(set, k) {
				bits |= 1
			}
		}
		add(&expr.Const{Value: catalog.IntValue(bits)}, "grouping")
	}
	return p
}

// window appends the results of the window calls, those of equal windows together.
func (s *selectPlan) window(in Node) (Node, error) {
	base := &Project{In: in, Exprs: identityExprs(in.Columns())}
	for _, c := range in.Columns() {
		base.Names = append(base.Names, c.Name)
	}
	column := func(e expr.Expr) (int, error) {
		e, err := s.expr(e, s.computed)
		if err != nil {
			return 0, err
		}
		for i, have := range base.Exprs {
			if bind.Equal(have, e) {
				return i, nil
			}
		}
		base.Exprs, base.Names = append(base.Exprs, e), append(base.Names, e.String())
		return len(base.Exprs) - 1, nil
	}
	var nodes []*Window
	owner := make([]int, len(s.q.Windows))
	for i, w := range s.q.Windows {
		spec, err := s.windowSpec(w, column)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(nodes, func(n *Window) bool {
			return slices.Equal(n.Partition, spec.Partition) && slices.Equal(n.Order, spec.Order)
		})
		if at < 0 {
			at = len(nodes)
			nodes = append(nodes, spec)
		} else {
			nodes[at].Calls = append(nodes[at].Calls, spec.Calls...)
		}
		owner[i] = at
	}
	return s.chain(base, nodes, owner), nil
}

// chain puts the windows above each other and notes where their results stand.
func (s *selectPlan) chain(base *Project, nodes []*Window, owner []int) Node {
	s.windows = make([]int, len(owner))
	at := len(base.Exprs)
	var n Node = base
	for i, w := range nodes {
		w.In = n
		n = w
		for call, o := range owner {
			if o == i {
				s.windows[call] = at
				at++
			}
		}
	}
	return n
}

// windowSpec is a Window node with one call.
func (s *selectPlan) windowSpec(w bind.Window, column func(expr.Expr) (int, error)) (*Window, error) {
	out := &Window{}
	for _, e := range w.Partition {
		c, err := column(e)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(out.Partition, c) {
			out.Partition = append(out.Partition, c)
		}
	}
	for _, o := range w.Order {
		c, err := column(o.E)
		if err != nil {
			return nil, err
		}
		out.Order = append(out.Order, SortKey{Column: c, Descending: o.Descending, NullsFirst: o.NullsFirst})
	}
	call := WindowCall{Name: w.Name, Agg: w.Agg, IgnoreNulls: w.IgnoreNulls, Type: Column{Name: w.Text, Type: w.Type}}
	var err error
	if call.Args, err = s.exprs(w.Args, s.computed); err != nil {
		return nil, err
	}
	if call.Filter, err = s.expr(w.Filter, s.computed); err != nil {
		return nil, err
	}
	call.Frame, err = s.frame(w.Frame)
	out.Calls = []WindowCall{call}
	return out, err
}

var frameBounds = map[sql.FrameBoundKind]BoundKind{sql.UnboundedPreceding: UnboundedPreceding, sql.OffsetPreceding: Preceding,
	sql.CurrentRow: CurrentRow, sql.OffsetFollowing: Following, sql.UnboundedFollowing: UnboundedFollowing}

func (s *selectPlan) frame(f bind.WindowFrame) (Frame, error) {
	modes := map[string]FrameMode{"ROWS": FrameRows, "RANGE": FrameRange, "GROUPS": FrameGroups}
	excludes := map[string]FrameExclude{"": ExcludeNone, "CURRENT ROW": ExcludeCurrent, "GROUP": ExcludeGroup, "TIES": ExcludeTies}
	out := Frame{Mode: modes[f.Mode], Exclude: excludes[f.Exclude], Start: FrameBound{Kind: frameBounds[f.Start]}, End: FrameBound{Kind: frameBounds[f.End]}}
	if out.Mode == FrameInvalid || out.Start.Kind == BoundInvalid || out.End.Kind == BoundInvalid {
		return out, errs.Bug("window frame %+v", f)
	}
	var err error
	if out.Start.Offset, err = s.expr(f.StartOffset, nil); err != nil {
		return out, err
	}
	out.End.Offset, err = s.expr(f.EndOffset, nil)
	return out, err
}

// projectSets unnests the sets of the select list.
func (s *selectPlan) projectSets(in Node) (Node, error) {
	cols := in.Columns()
	n := &ProjectSet{In: in, Exprs: identityExprs(cols), Set: make([]bool, len(cols))}
	for _, c := range cols {
		n.Names = append(n.Names, c.Name)
	}
	s.sets = make([]int, len(s.q.Sets))
	for i, e := range s.q.Sets {
		set, err := s.expr(e, s.computed)
		if err != nil {
			return nil, err
		}
		s.sets[i] = len(n.Exprs)
		n.Exprs, n.Names, n.Set = append(n.Exprs, set), append(n.Names, set.String()), append(n.Set, true)
	}
	return n, nil
}

// project computes the items, then the hidden sort keys.
func (s *selectPlan) project(in Node) (Node, error) {
	q := s.q
	exprs, err := s.exprs(append(q.Items[:len(q.Items):len(q.Items)], q.Hidden...), s.computed)
	if err != nil {
		return nil, err
	}
	p := &Project{In: in, Exprs: exprs, Names: make([]string, 0, len(exprs))}
	for _, o := range q.Outputs {
		p.Names = append(p.Names, o.Name)
	}
	for _, h := range q.Hidden {
		p.Names = append(p.Names, h.String())
	}
	return p, nil
}
