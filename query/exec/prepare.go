package exec

import (
	"context"
	"errors"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/query/result"
)

// maxInList is the largest number of values of a sub-query that become an IN list.
const maxInList = 1_000_000

// Prepare makes the plan of one execution. Sub-queries of conditions that read nothing of the queries around them are run
// now, through env.Leaves and env.Relations, and replaced by what they give: a constant, or an IN list of at most a
// million values, so that leaves can use them. One that fails is left in place: it may never be needed.
func Prepare(ctx context.Context, env *Env, n logical.Node) (*physical.Plan, error) {
	p := &preparer{ctx: ctx, env: env, shared: map[int]logical.Node{}, facts: factTable{}}
	if env.Stats == nil {
		env.Stats = &result.Stats{} // those of the leaves that run now are counted too
	}
	env.lists = account{env: env, operator: "sub-query"}
	var out logical.Node
	err := env.onSlot(ctx, func(ctx context.Context) (err error) {
		p.ctx = ctx
		out, err = p.node(n)
		return err
	})
	if err != nil {
		env.releaseShared()
		return nil, err
	}
	if p.replaced {
		out = logical.Optimize(out)
	}
	return physical.Build(out)
}

// PrepareOnce makes the plan that Prepare would make for each execution of a tree without sub-queries; nil for another tree.
func PrepareOnce(n logical.Node) (*physical.Plan, error) {
	if treeHoldsSubquery(n) {
		return nil, nil
	}
	return physical.Build(n)
}

func treeHoldsSubquery(n logical.Node) bool {
	holds := false
	logical.OwnExprs(n, func(e expr.Expr) { holds = holds || holdsSubquery(e) })
	for _, in := range n.Inputs() {
		holds = holds || treeHoldsSubquery(in)
	}
	return holds
}

type preparer struct {
	ctx      context.Context
	env      *Env
	shared   map[int]logical.Node // prepared sub-trees of Shared nodes
	facts    factTable
	replaced bool
}

// node prepares a sub-tree.
func (p *preparer) node(n logical.Node) (logical.Node, error) {
	if s, ok := n.(*logical.Shared); ok {
		in, done := p.shared[s.ID]
		if !done {
			var err error
			if in, err = p.node(s.In); err != nil {
				return nil, err
			}
			p.shared[s.ID] = in
		}
		return logical.WithInputs(n, []logical.Node{in}), nil
	}
	if old := n.Inputs(); len(old) > 0 {
		in := make([]logical.Node, len(old))
		for i := range old {
			var err error
			if in[i], err = p.node(old[i]); err != nil {
				return nil, err
			}
		}
		n = logical.WithInputs(n, in)
	}
	return p.own(n)
}

// own prepares the sub-queries in a node's own expressions.
func (p *preparer) own(n logical.Node) (logical.Node, error) {
	has := false
	logical.OwnExprs(n, func(e expr.Expr) { has = has || holdsSubquery(e) })
	if !has {
		return n, nil
	}
	condition := false
	switch n.(type) {
	case *logical.Filter, *logical.Scan:
		condition = true
	}
	var err error
	out := logical.MapOwn(n, func(e expr.Expr) expr.Expr {
		return expr.Rewrite(e, func(x expr.Expr) expr.Expr {
			sub, ok := x.(*expr.Subquery)
			if !ok || err != nil {
				return x
			}
			var with expr.Expr
			if with, err = p.subquery(sub, condition); err != nil {
				return x
			}
			return with
		})
	})
	return out, err
}

// subquery prepares the plan of a sub-query, and runs it where condition allows and nothing else is needed for it.
func (p *preparer) subquery(sub *expr.Subquery, condition bool) (expr.Expr, error) {
	n, ok := sub.Plan.(logical.Node)
	if !ok {
		return nil, errs.Bug("sub-query without a plan: %T", sub.Plan)
	}
	plan, err := p.node(n)
	if err != nil {
		return nil, err
	}
	if plan != n {
		c := *sub
		c.Plan = plan
		sub = &c
	}
	if !condition || len(sub.Outer) > 0 || !p.facts.of(plan).constant() || volatilePlan(plan) {
		return sub, nil
	}
	with, err := p.value(sub, plan)
	switch {
	case err != nil && errs.ClassOf(err) == errs.ClassUser:
		return sub, nil
	case err != nil:
		return nil, err
	case with == nil:
		return sub, nil
	}
	p.replaced = true
	return with, nil
}

// value runs a sub-query; nil for one that has to stay.
func (p *preparer) value(sub *expr.Subquery, n logical.Node) (with expr.Expr, err error) {
	switch sub.Kind {
	case expr.SubqueryExists:
		n = &logical.Limit{In: n, Count: 1}
	case expr.SubqueryScalar:
		n = &logical.Limit{In: n, Count: 2}
	case expr.SubqueryAny, expr.SubqueryAll:
		equality := sub.Kind == expr.SubqueryAny && sub.Op == expr.Eq || sub.Kind == expr.SubqueryAll && sub.Op == expr.Ne
		cols := n.Columns()
		if !equality || len(sub.Left) != 1 || len(cols) != 1 || !listable(sub.Left[0].Type(), cols[0].Type) {
			return nil, nil
		}
	}
	plan, err := physical.Build(n)
	if err != nil {
		return nil, err
	}
	if len(plan.Leaves) > 0 && p.env.Leaves == nil {
		return nil, nil
	}
	st := newStatement(p.env, plan, nil, p.env.Stats)
	defer func() { err = errors.Join(err, st.close()) }()
	op, err := st.scope(false).build(plan.Root, -1)
	if err != nil {
		return nil, err
	}
	defer op.close()
	return p.read(sub, op)
}

// listable reports left sides whose IN list can hold the values of a column.
func listable(left, column catalog.Type) bool {
	return !column.MultiValue && !isDecimal(left) && !isDecimal(column) && left.Kind.Physical() == column.Kind.Physical() && left.Kind != catalog.KindNull
}

// read makes an expression of the rows of a sub-query.
func (p *preparer) read(sub *expr.Subquery, op operator) (expr.Expr, error) {
	switch sub.Kind {
	case expr.SubqueryExists:
		found := false
		for !found {
			b, err := op.next(p.ctx)
			if err != nil {
				return nil, err
			}
			if b == nil {
				break
			}
			found = b.Rows > 0
		}
		return &expr.Const{Value: catalog.BoolValue(found)}, nil
	case expr.SubqueryScalar:
		v, err := scalarOf(p.ctx, op, sub.T)
		return &expr.Const{Value: v}, err
	case expr.SubqueryArray:
		v, err := arrayOf(p.ctx, op, sub.T, p.env)
		return &expr.Const{Value: v}, err
	default:
		return p.list(sub, op)
	}
}

// list makes an IN list of the rows; nil where they are too many.
func (p *preparer) list(sub *expr.Subquery, op operator) (expr.Expr, error) {
	left := sub.Left[0]
	in := &expr.In{Arg: left, Negated: sub.Kind == expr.SubqueryAll}
	kind := left.Type().Elem()
	table := newTupleTable([]catalog.Type{kind})
	groups, sel := make([]uint32, vec.BlockRows), make([]uint16, 0, vec.BlockRows)
	bytes, before, empty := int64(0), p.env.lists.held, true
	for {
		if err := alive(p.ctx); err != nil {
			return nil, err
		}
		b, err := op.next(p.ctx)
		if err != nil {
			return nil, err
		}
		if b == nil {
			break
		}
		empty = empty && b.Rows == 0
		sel = newTuples(table, b.Cols, b.Rows, groups, sel[:0])
		for _, row := range sel {
			v := b.Cols[0].At(int(row))
			if v.Null {
				in.HasNull = true
				continue
			}
			v.Type, v.Str = kind, strings.Clone(v.Str)
			in.List = append(in.List, v)
			bytes += valueBytes(v)
		}
		if len(in.List) > maxInList {
			return nil, p.env.lists.set(before)
		}
		if err := p.env.lists.set(before + bytes + table.bytes()); err != nil {
			return nil, err
		}
	}
	switch {
	case empty:
		return &expr.Const{Value: catalog.BoolValue(in.Negated)}, nil
	case in.HasNull && left.Type().MultiValue: // an array's In does not know NULLs in the list
		return nil, p.env.lists.set(before)
	}
	return in, p.env.lists.set(before + bytes)
}
