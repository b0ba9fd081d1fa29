package exec

import (
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/query/physical"
)

// build makes the operators of a sub-tree. need is how many of its rows suffice, -1 for all.
func (s *scope) build(n logical.Node, need int64) (operator, error) {
	op, err := s.node(n, need)
	if rows := s.st.env.tune.batchRows; rows > 0 && err == nil {
		if _, kept := op.(fixed); !kept {
			op = &splitOp{in: op, rows: rows}
		}
	}
	return op, err
}

func (s *scope) node(n logical.Node, need int64) (operator, error) {
	if s.rerun && s.cacheable(n) {
		return &rowsOp{from: s.st.table(n)}, nil
	}
	if leaf := s.st.plan.LeafOf(n); leaf != nil {
		return &leafOp{st: s.st, leaf: leaf}, nil
	}
	switch n := n.(type) {
	case *logical.Values:
		if len(n.Rows) == 0 {
			return &valuesOp{}, nil
		}
		return newListOp(s.ec, n), nil
	case *logical.Relation:
		return &relationOp{env: s.st.env, n: n}, nil
	case *logical.WorkTable:
		return &workOp{st: s.st, id: n.ID}, nil
	case *logical.Shared:
		return &rowsOp{from: s.sharedRows(n)}, nil
	case *logical.Recursive:
		return s.recursive(n)
	case *logical.Join:
		return s.join(n)
	case *logical.SetOp:
		return s.setOp(n)
	default:
		return s.single(n, need)
	}
}

// single makes the operator of a node with one input.
func (s *scope) single(n logical.Node, need int64) (operator, error) {
	if f, ok := n.(*logical.Filter); ok {
		return s.filter(f)
	}
	child := logical.Only(n)
	if child == nil {
		return nil, errs.Bug("exec.RunRoot: a plan has node %T at the root", n)
	}
	in, err := s.build(child, physical.Needed(n, need))
	if err != nil {
		return nil, err
	}
	env := s.st.env
	switch n := n.(type) {
	case *logical.Project:
		return newProjectOp(s.ec, in, n.Exprs), nil
	case *logical.Aggregate:
		return newAggregateOp(env, s.ec, in, n), nil
	case *logical.Sort:
		limit := n.Limit
		if need >= 0 && (limit < 0 || need < limit) {
			limit = need
		}
		return newSortOp(env, in, n.Keys, limit, columnTypes(n.Columns())), nil
	case *logical.Limit:
		return newLimitOp(in, n.Offset, n.Count), nil
	case *logical.ProjectSet:
		return newProjectSetOp(env, s.ec, in, n), nil
	case *logical.DistinctOn:
		return newDistinctOp(env, in, n.Keys, columnTypes(n.Columns()), "distinct on"), nil
	case *logical.Window:
		return newWindowOp(env, s.ec, in, n)
	default:
		return nil, errs.Bug("exec.RunRoot: a plan has node %T at the root", n)
	}
}

// cacheable reports sub-trees that give the same rows in every run, and are worth keeping.
func (s *scope) cacheable(n logical.Node) bool {
	if v, ok := n.(*logical.Values); ok && len(v.Rows) == 0 {
		return false
	}
	if _, ok := n.(*logical.Shared); ok {
		return false // keeps its rows itself
	}
	return s.st.facts.of(n).constant()
}

// table gives the rows of a sub-tree that depends on nothing around it, computed at most once.
func (st *statement) table(n logical.Node) *once {
	o := st.tables[n]
	if o == nil {
		o = &once{mem: account{env: st.env, operator: "sub-query"}}
		o.build = func() (operator, error) { return st.scope(false).build(n, -1) }
		st.tables[n] = o
	}
	return o
}

// sharedRows gives the rows of a Shared node: one for the statement, unless they depend on values around them.
func (s *scope) sharedRows(n *logical.Shared) *once {
	into := s.shared
	if s.st.facts.of(n.In).constant() {
		if s.st.env.shared == nil {
			s.st.env.shared = map[int]*once{}
		}
		into = s.st.env.shared
	}
	o := into[n.ID]
	if o == nil {
		o = &once{mem: account{env: s.st.env, operator: "common table expression"}}
		o.build = func() (operator, error) { return s.build(n.In, -1) }
		if s.st.facts.of(n.In).constant() {
			o.build = func() (operator, error) { return s.st.scope(false).build(n.In, -1) }
		} else {
			o.again = true
			s.st.scoped = append(s.st.scoped, o)
		}
		into[n.ID] = o
	}
	return o
}

// filter builds a filter. Where its input is kept between runs, equalities with values of the query around it are
// looked up.
func (s *scope) filter(n *logical.Filter) (operator, error) {
	if s.rerun && s.cacheable(n.In) {
		keys, rest := lookupKeys(n.Cond)
		if len(keys) > 0 {
			return newLookupOp(s, s.st.table(n.In), keys, rest), nil
		}
	}
	in, err := s.build(n.In, -1)
	if err != nil {
		return nil, err
	}
	return newFilterOp(s.ec, in, n.Cond), nil
}

// keyPair is an equality: inner reads the rows that are looked up, outer what they are looked up for.
type keyPair struct{ inner, outer expr.Expr }

// hashable reports whether a comparison for equality can be answered by hashing.
func hashable(l, r expr.Expr) bool {
	a, b := l.Type(), r.Type()
	return !a.MultiValue && !b.MultiValue && a.Kind.Physical() == b.Kind.Physical() && isDecimal(a) == isDecimal(b)
}

// lookupKeys splits a condition into equalities of columns with values from outside, and the rest.
func lookupKeys(cond expr.Expr) (keys []keyPair, rest expr.Expr) {
	return splitKeys(physical.Conjuncts(cond), func(e expr.Expr) side {
		f := factTable{}.expr(e)
		switch cols := expr.Columns(e); {
		case holdsSubquery(e):
			return sideNone
		case len(cols) > 0 && !f.outer:
			return sideInner
		case len(cols) == 0:
			return sideOuter
		default:
			return sideNone
		}
	})
}

func holdsSubquery(e expr.Expr) bool {
	found := false
	expr.Walk(e, func(x expr.Expr) bool {
		_, is := x.(*expr.Subquery)
		found = found || is
		return !found
	})
	return found
}

// side says which input an expression reads.
type side uint8

const (
	sideNone side = iota // both, or it cannot be a key
	sideInner
	sideOuter
)

// splitKeys takes the equalities between the two sides out of conjuncts. An expression that can fail is a key only where
// nothing else is there to exclude the rows on which it does.
func splitKeys(conjuncts []expr.Expr, of func(expr.Expr) side) (keys []keyPair, rest expr.Expr) {
	var fallible []keyPair
	var failing, others []expr.Expr
	for _, c := range conjuncts {
		pair, ok := asKey(c, of)
		switch {
		case !ok:
			others = append(others, c)
		case expr.Fallible(pair.inner) || expr.Fallible(pair.outer):
			fallible, failing = append(fallible, pair), append(failing, c)
		default:
			keys = append(keys, pair)
		}
	}
	if len(keys) == 0 && len(others) == 0 && len(fallible) == 1 {
		return fallible, nil
	}
	return keys, physical.Conjunction(append(others, failing...))
}

func asKey(c expr.Expr, of func(expr.Expr) side) (keyPair, bool) {
	cmp, ok := c.(*expr.Compare)
	if !ok || cmp.Op != expr.Eq || !hashable(cmp.Left, cmp.Right) {
		return keyPair{}, false
	}
	switch l, r := of(cmp.Left), of(cmp.Right); {
	case l == sideInner && r == sideOuter:
		return keyPair{inner: cmp.Left, outer: cmp.Right}, true
	case l == sideOuter && r == sideInner:
		return keyPair{inner: cmp.Right, outer: cmp.Left}, true
	default:
		return keyPair{}, false
	}
}
