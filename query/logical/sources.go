package logical

import (
	"slices"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/bind"
	"github.com/freshetdb/freshet/query/expr"
)

// joined is a planned part of FROM: its columns are the query's inputs ids, in order.
type joined struct {
	node Node
	ids  []int
}

func (j joined) has(ids []int) bool {
	for _, id := range ids {
		if !slices.Contains(j.ids, id) {
			return false
		}
	}
	return true
}

// place gives the position of an input column.
func (j joined) place(id int) int {
	if id >= bind.SetBase {
		return id
	}
	return slices.Index(j.ids, id)
}

// conjuncts flattens ANDs.
func conjuncts(e expr.Expr) []expr.Expr {
	if e == nil {
		return nil
	}
	and, ok := e.(*expr.And)
	if !ok {
		return []expr.Expr{e}
	}
	var out []expr.Expr
	for _, a := range and.Args {
		out = append(out, conjuncts(a)...)
	}
	return out
}

func conjunction(args []expr.Expr) expr.Expr {
	switch len(args) {
	case 0:
		return nil
	case 1:
		return args[0]
	default:
		return &expr.And{Args: args}
	}
}

// source plans FROM and WHERE, and notes where the inputs stand.
func (s *selectPlan) source() (Node, error) {
	q := s.q
	if q.From == nil {
		cond, err := s.expr(q.Where, nil)
		if err != nil || cond == nil {
			return &Values{}, err
		}
		return &Filter{In: &Values{}, Cond: cond}, nil
	}
	if q.Table != "" {
		return s.single()
	}
	j, rest, err := s.join(q.From, conjuncts(q.Where), s.used())
	if err != nil {
		return nil, err
	}
	if j, err = s.filter(j, rest); err != nil {
		return nil, err
	}
	s.at = make([]int, len(q.Inputs))
	for id := range s.at {
		s.at[id] = slices.Index(j.ids, id)
	}
	return j.node, nil
}

// single is the scan of a SELECT from one table, with the conditions that a server can evaluate.
func (s *selectPlan) single() (Node, error) {
	q := s.q
	scan := &Scan{Table: q.Table, Cols: make([]Column, len(q.Inputs)), Filter: q.Where}
	for i, c := range q.Inputs {
		scan.Cols[i] = Column{Name: c.Name, Type: c.Type}
	}
	if q.Where == nil || !expr.HasSubquery(q.Where) {
		return scan, nil
	}
	var leaf, root []expr.Expr
	for _, c := range conjuncts(q.Where) {
		if expr.HasSubquery(c) {
			root = append(root, c)
		} else {
			leaf = append(leaf, c)
		}
	}
	scan.Filter = conjunction(leaf)
	cond, err := s.expr(conjunction(root), nil)
	return &Filter{In: scan, Cond: cond}, err
}

// filter puts conditions above a part: those with sub-queries last.
func (s *selectPlan) filter(j joined, conds []expr.Expr) (joined, error) {
	if len(conds) == 0 {
		return j, nil
	}
	conds = slices.Clone(conds)
	slices.SortStableFunc(conds, func(a, b expr.Expr) int { return rank(a) - rank(b) })
	cond, err := s.expr(conjunction(conds), j.place)
	if err != nil {
		return j, err
	}
	if scan, ok := j.node.(*Scan); ok && !expr.HasSubquery(cond) {
		c := *scan
		c.Filter = conjunction(append(conjuncts(scan.Filter), conjuncts(cond)...))
		j.node = &c
		return j, nil
	}
	j.node = &Filter{In: j.node, Cond: cond}
	return j, nil
}

func rank(e expr.Expr) int {
	if expr.HasSubquery(e) {
		return 1
	}
	return 0
}

// used marks the input columns that anything in the query reads.
func (s *selectPlan) used() []bool {
	q := s.q
	used := make([]bool, len(q.Inputs))
	mark := func(list ...expr.Expr) {
		for _, e := range list {
			use(used, e)
		}
	}
	mark(q.Where)
	markSource(q.From, mark)
	mark(q.Keys...)
	for _, a := range q.Aggs {
		mark(a.Args...)
		mark(a.Filter)
	}
	if q.Grouped {
		return used
	}
	mark(q.Items...)
	mark(q.Hidden...)
	mark(q.Sets...)
	for _, w := range q.Windows {
		mark(w.Args...)
		mark(w.Partition...)
		mark(w.Filter)
		for _, o := range w.Order {
			mark(o.E)
		}
	}
	return used
}

func markSource(src bind.Source, mark func(...expr.Expr)) {
	switch src := src.(type) {
	case *bind.JoinSource:
		mark(src.On)
		markSource(src.Left, mark)
		markSource(src.Right, mark)
	case *bind.QuerySource:
		mark(src.Outer...)
	case *bind.FuncSource:
		mark(src.Sets...)
	}
}

// early reports conditions that may be evaluated before a join: they cannot fail and run no sub-query.
func early(e expr.Expr) bool {
	if expr.Fallible(e) {
		return false
	}
	sub := false
	expr.Walk(e, func(x expr.Expr) bool {
		_, is := x.(*expr.Subquery)
		sub = sub || is
		return !sub
	})
	return !sub
}

// join plans a source and applies those of conds that it can; rest are the others.
func (s *selectPlan) join(src bind.Source, conds []expr.Expr, used []bool) (j joined, rest []expr.Expr, err error) {
	js, ok := src.(*bind.JoinSource)
	switch {
	case !ok:
		return s.lone(src, conds, used)
	case js.Kind == bind.JoinInner:
		return s.inner(js, conds, used)
	default:
		return s.outer(js, conds, used)
	}
}

// lone plans a source that is no join, with the conditions that are about it alone.
func (s *selectPlan) lone(src bind.Source, conds []expr.Expr, used []bool) (j joined, rest []expr.Expr, err error) {
	if j, err = s.leafSource(src, used); err != nil {
		return j, nil, err
	}
	var own []expr.Expr
	for _, c := range conds {
		if early(c) && j.has(expr.Columns(c)) && len(expr.Columns(c)) > 0 {
			own = append(own, c)
		} else {
			rest = append(rest, c)
		}
	}
	j, err = s.filter(j, own)
	return j, rest, err
}

// leafSource plans a source that is no join. Scans give the columns that are used.
func (s *selectPlan) leafSource(src bind.Source, used []bool) (joined, error) {
	inputs := s.q.Inputs
	columns := func(ids []int) (out []Column) {
		for _, id := range ids {
			out = append(out, Column{Name: inputs[id].Name, Type: inputs[id].Type})
		}
		return out
	}
	switch src := src.(type) {
	case *bind.TableSource:
		var ids []int
		for _, id := range src.IDs {
			if used[id] {
				ids = append(ids, id)
			}
		}
		return joined{&Scan{Table: src.Table, Cols: columns(ids)}, ids}, nil
	case *bind.RelationSource:
		var ids, positions []int
		for i, id := range src.IDs {
			if used[id] {
				ids, positions = append(ids, id), append(positions, i)
			}
		}
		return joined{&Relation{Schema: src.Schema, Name: src.Name, Positions: positions, Cols: columns(ids)}, ids}, nil
	case *bind.WorkSource:
		return joined{&WorkTable{ID: src.CTE.ID, Name: src.CTE.Name, Cols: columns(src.IDs)}, src.IDs}, nil
	case *bind.QuerySource:
		n, err := s.querySource(src)
		return joined{n, src.IDs}, err
	case *bind.FuncSource:
		sets, err := s.exprs(src.Sets, nil)
		return joined{sets1(&Values{}, nil, sets, columns(src.IDs)), src.IDs}, err
	default:
		return joined{}, errs.Bug("source %T", src)
	}
}

// sets1 is the rows of sets beside the columns of in.
func sets1(in Node, cols []Column, sets []expr.Expr, names []Column) *ProjectSet {
	n := &ProjectSet{In: in, Exprs: append(identityExprs(cols), sets...), Set: make([]bool, len(cols)+len(sets))}
	for _, c := range append(cols[:len(cols):len(cols)], names...) {
		n.Names = append(n.Names, c.Name)
	}
	for i := len(cols); i < len(n.Set); i++ {
		n.Set[i] = true
	}
	return n
}

// querySource plans a sub-query of FROM. A CTE that is referred to more than once is computed once.
func (s *selectPlan) querySource(src *bind.QuerySource) (Node, error) {
	if src.CTE == nil || src.CTE.Refs < 2 && src.Query.Recursive == nil {
		return s.query(src.Query)
	}
	n, ok := s.ctes[src.CTE.ID]
	if !ok {
		in, err := s.query(src.Query)
		if err != nil {
			return nil, err
		}
		n = &Shared{ID: src.CTE.ID, Name: src.CTE.Name, In: in}
		s.ctes[src.CTE.ID] = n
	}
	return n, nil
}

// outer plans LEFT, RIGHT and FULL joins. Conditions on the preserved side go below the join, those of ON about the
// other side too.
func (s *selectPlan) outer(js *bind.JoinSource, conds []expr.Expr, used []bool) (j joined, rest []expr.Expr, err error) {
	var toLeft, toRight []expr.Expr
	if js.Kind == bind.JoinLeft {
		toLeft = conds
	} else if js.Kind == bind.JoinRight {
		toRight = conds
	}
	var on []expr.Expr
	leftIDs, rightIDs := idsOf(js.Left), idsOf(js.Right)
	for _, c := range conjuncts(js.On) {
		ids := expr.Columns(c)
		switch {
		case js.Kind == bind.JoinLeft && early(c) && len(ids) > 0 && subset(ids, rightIDs):
			toRight = append(toRight, c)
		case js.Kind == bind.JoinRight && early(c) && len(ids) > 0 && subset(ids, leftIDs):
			toLeft = append(toLeft, c)
		default:
			on = append(on, c)
		}
	}
	left, rest, err := s.join(js.Left, toLeft, used)
	if err != nil {
		return j, nil, err
	}
	if j, ok, err := s.lateral(left, js.Right, JoinLeft, js.On, used); ok || err != nil {
		return j, append(rest, unpushed(js.Kind == bind.JoinLeft, nil, conds)...), err
	}
	right, restRight, err := s.join(js.Right, toRight, used)
	if err != nil {
		return j, nil, err
	}
	switch js.Kind {
	case bind.JoinLeft: // what the right side could not take belongs to ON
		on = append(on, restRight...)
	case bind.JoinRight:
		on, rest = append(on, rest...), restRight
	default:
		rest = conds
	}
	kinds := map[bind.JoinKind]JoinKind{bind.JoinLeft: JoinLeft, bind.JoinRight: JoinRight, bind.JoinFull: JoinFull}
	j, err = s.joinNode(kinds[js.Kind], left, right, on)
	return j, rest, err
}

// unpushed is conds where nothing of them was given to a side.
func unpushed(given bool, none, conds []expr.Expr) []expr.Expr {
	if given {
		return none
	}
	return conds
}

// idsOf lists the columns of a source.
func idsOf(src bind.Source) []int {
	switch src := src.(type) {
	case *bind.TableSource:
		return src.IDs
	case *bind.RelationSource:
		return src.IDs
	case *bind.QuerySource:
		return src.IDs
	case *bind.FuncSource:
		return src.IDs
	case *bind.WorkSource:
		return src.IDs
	case *bind.JoinSource:
		return append(slices.Clone(idsOf(src.Left)), idsOf(src.Right)...)
	default:
		return nil
	}
}

func subset(ids, of []int) bool {
	for _, id := range ids {
		if !slices.Contains(of, id) {
			return false
		}
	}
	return true
}

// joinNode is a join of two planned parts.
func (s *selectPlan) joinNode(kind JoinKind, l, r joined, on []expr.Expr) (joined, error) {
	j := joined{ids: append(slices.Clone(l.ids), r.ids...)}
	cond, err := s.expr(conjunction(on), j.place)
	j.node = &Join{Kind: kind, Left: l.node, Right: r.node, On: cond}
	return j, err
}

// inner plans a tree of inner and cross joins: in written order, except that a source that an equality ties to what
// is joined already comes before one that none does.
func (s *selectPlan) inner(js *bind.JoinSource, conds []expr.Expr, used []bool) (j joined, rest []expr.Expr, err error) {
	var sources []bind.Source
	conds = slices.Clone(conds)
	flattenInner(js, &sources, &conds)
	for i := 0; len(sources) > 0; i++ {
		at := 0
		if i > 0 {
			at = nextSource(j, sources, conds)
		}
		src := sources[at]
		sources = slices.Delete(slices.Clone(sources), at, at+1)
		if i == 0 {
			if j, conds, err = s.join(src, conds, used); err != nil {
				return j, nil, err
			}
			continue
		}
		lat, ok, err := s.lateral(j, src, JoinInner, nil, used)
		if err != nil {
			return j, nil, err
		}
		if ok {
			j = lat
		} else {
			var right joined
			if right, conds, err = s.join(src, conds, used); err != nil {
				return j, nil, err
			}
			both := joined{ids: append(slices.Clone(j.ids), right.ids...)}
			var on, others []expr.Expr
			for _, c := range conds {
				ids := expr.Columns(c)
				ties := len(ids) > 0 && both.has(ids) && !j.has(ids) && !right.has(ids)
				if ties && !hasSubplan(c) {
					on = append(on, c)
				} else {
					others = append(others, c)
				}
			}
			conds = others
			if j, err = s.joinNode(JoinInner, j, right, on); err != nil {
				return j, nil, err
			}
		}
	}
	return j, conds, nil
}

func hasSubplan(e expr.Expr) bool {
	found := false
	expr.Walk(e, func(x expr.Expr) bool {
		_, is := x.(*expr.Subquery)
		found = found || is
		return !found
	})
	return found
}

// flattenInner collects the sources and conditions of nested inner joins.
func flattenInner(src bind.Source, sources *[]bind.Source, conds *[]expr.Expr) {
	js, ok := src.(*bind.JoinSource)
	if !ok || js.Kind != bind.JoinInner {
		*sources = append(*sources, src)
		return
	}
	flattenInner(js.Left, sources, conds)
	flattenInner(js.Right, sources, conds)
	*conds = append(*conds, conjuncts(js.On)...)
}

// nextSource chooses the source to join next: the first that an equality ties to j, else the first whose lateral
// references j can give.
func nextSource(j joined, sources []bind.Source, conds []expr.Expr) int {
	possible := -1
	for i, src := range sources {
		if !j.has(needs(src)) {
			continue
		}
		if possible < 0 {
			possible = i
		}
		ids := idsOf(src)
		for _, c := range conds {
			cmp, ok := c.(*expr.Compare)
			if !ok || cmp.Op != expr.Eq {
				continue
			}
			l, r := expr.Columns(cmp.Left), expr.Columns(cmp.Right)
			if len(l) > 0 && len(r) > 0 && (j.has(l) && subset(r, ids) || j.has(r) && subset(l, ids)) {
				return i
			}
		}
	}
	return max(possible, 0)
}

// needs are the columns of other sources that a lateral source reads.
func needs(src bind.Source) (out []int) {
	read := func(list []expr.Expr) {
		for _, e := range list {
			out = append(out, expr.Columns(e)...)
		}
	}
	switch src := src.(type) {
	case *bind.QuerySource:
		read(src.Outer)
	case *bind.FuncSource:
		read(src.Sets)
	case *bind.JoinSource: // what its own left side gives is no need
		own := idsOf(src)
		for _, id := range append(needs(src.Left), needs(src.Right)...) {
			if !slices.Contains(own, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

// lateral joins a source that reads columns of what is before it; ok is false for other sources.
func (s *selectPlan) lateral(left joined, src bind.Source, kind JoinKind, on expr.Expr, used []bool) (j joined, ok bool, err error) {
	if len(needs(src)) == 0 {
		return j, false, nil
	}
	switch src := src.(type) {
	case *bind.FuncSource:
		if on != nil && !isBool(on, true) {
			return j, false, errs.User(errs.FeatureNotSupported, "LEFT JOIN LATERAL of a function with a condition other than true is not supported")
		}
		sets, err := s.exprs(src.Sets, left.place)
		if err != nil {
			return j, false, err
		}
		var names []Column
		for _, id := range src.IDs {
			names = append(names, Column{Name: s.q.Inputs[id].Name})
		}
		n := sets1(left.node, left.node.Columns(), sets, names)
		n.Outer = kind == JoinLeft
		return joined{n, append(slices.Clone(left.ids), src.IDs...)}, true, nil
	case *bind.QuerySource:
		right, err := s.leafSource(src, used)
		if err != nil {
			return j, false, err
		}
		if j, err = s.joinNode(kind, left, right, conjuncts(on)); err != nil {
			return j, false, err
		}
		n, isJoin := j.node.(*Join)
		if !isJoin {
			return j, false, errs.Bug("lateral join is a %T", j.node)
		}
		n.Lateral = true
		n.Outer, err = s.exprs(src.Outer, left.place)
		return j, true, err
	default:
		return j, false, errs.User(errs.FeatureNotSupported, "a lateral reference within a nested join is not supported")
	}
}
