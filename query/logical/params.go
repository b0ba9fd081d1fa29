package logical

import (
	"context"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
)

// WithParams puts values in the place of parameters ($1 first), folds what becomes constant, and optimizes again.
// Calls that are constant only within one execution stay; Instantiate folds them too.
func WithParams(n Node, params []catalog.Value) (Node, error) {
	return instantiate(n, params, function.Immutable, &function.EvalContext{Ctx: context.Background()})
}

// Instantiate makes the plan of one execution: parameters become values, and calls such as now() are computed once,
// from ec. Errors are *errs.Error: UndefinedParameter, InvalidLimit, InvalidOffset.
func Instantiate(n Node, params []catalog.Value, ec *function.EvalContext) (Node, error) {
	return instantiate(n, params, function.Stable, ec)
}

// Fixed reports whether Instantiate gives the same for all executions of an optimized plan: it holds no parameters and no calls
// that are computed once per execution.
func Fixed(n Node) bool {
	fixed := true
	if l, ok := n.(*Limit); ok {
		fixed = l.CountParam == nil && l.OffsetParam == nil
	}
	OwnExprs(n, func(e expr.Expr) {
		expr.Walk(e, func(x expr.Expr) bool {
			switch x := x.(type) {
			case *expr.Param:
				fixed = false
			case *expr.Call:
				fixed = fixed && x.Volatility != function.Stable
			}
			return fixed
		})
	})
	for _, below := range append(subplans(n), n.Inputs()...) {
		fixed = fixed && Fixed(below)
	}
	return fixed
}

func instantiate(n Node, params []catalog.Value, most function.Volatility, ec *function.EvalContext) (Node, error) {
	var err error
	substitute := func(e expr.Expr) expr.Expr {
		p, ok := e.(*expr.Param)
		if !ok {
			return fold(e, most, ec)
		}
		v, perr := paramValue(p, params)
		if perr != nil && err == nil {
			err = perr
		}
		return &expr.Const{Value: v}
	}
	limits := func(n Node) Node {
		l, ok := n.(*Limit)
		if !ok {
			return n
		}
		resolved, lerr := l.resolve(params)
		if lerr != nil && err == nil {
			err = lerr
		}
		return resolved
	}
	substituteAll := everywhere(substitute)
	n = nested(n, func(n Node) Node { return transform(substituteAll(n), limits) })
	if err != nil {
		return nil, err
	}
	return Optimize(n), nil
}

// paramValue is the value of p, in p's type.
func paramValue(p *expr.Param, params []catalog.Value) (catalog.Value, error) {
	if p.Number < 1 || p.Number > len(params) {
		return catalog.NullValue(p.T), errs.User(errs.UndefinedParameter, "there is no parameter $%d", p.Number)
	}
	v := params[p.Number-1]
	switch {
	case v.Null:
		return catalog.NullValue(p.T), nil
	case v.Type == p.T:
		return v, nil
	case v.Type.Kind.IsTime() && p.T.Kind.IsTime() && v.Type.MultiValue == p.T.MultiValue:
		v.Type = p.T
		return v, nil
	}
	out, err := expr.CastValue(v, p.T)
	if err != nil {
		return catalog.NullValue(p.T), errs.As(err)
	}
	out.Type = p.T
	return out, nil
}

// resolve replaces the parameters of a Limit. NULL is no limit.
func (n *Limit) resolve(params []catalog.Value) (*Limit, error) {
	c := *n
	for _, f := range []struct {
		param      **expr.Param
		to         *int64
		none       int64
		what, code string
	}{
		{&c.CountParam, &c.Count, -1, "LIMIT", errs.InvalidLimit},
		{&c.OffsetParam, &c.Offset, 0, "OFFSET", errs.InvalidOffset},
	} {
		if *f.param == nil {
			continue
		}
		v, err := paramValue(*f.param, params)
		if err != nil {
			return n, err
		}
		*f.param, *f.to = nil, v.I64
		if v.Null {
			*f.to = f.none
		} else if v.I64 < 0 {
			return n, errs.User(f.code, "%s must not be negative", f.what)
		}
	}
	return &c, nil
}
