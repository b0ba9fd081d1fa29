package bind

import (
	"math"
	"reflect"
	"slices"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
)

// Equal reports expressions that always have the same value: equal trees without volatile calls. (Text would not
// do: it abbreviates.)
func Equal(a, b expr.Expr) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	if a == b {
		return true
	}
	if a.Type() != b.Type() || !sameNode(a, b) {
		return false
	}
	ka, kb := a.Children(), b.Children()
	if len(ka) != len(kb) {
		return false
	}
	for i := range ka {
		if !Equal(ka[i], kb[i]) {
			return false
		}
	}
	return true
}

// sameNode compares two nodes without their operands.
func sameNode(a, b expr.Expr) bool {
	switch a := a.(type) {
	case *expr.Column:
		b, ok := b.(*expr.Column)
		return ok && a.Index == b.Index
	case *expr.Const:
		b, ok := b.(*expr.Const)
		return ok && sameValue(a.Value, b.Value)
	case *expr.Param:
		b, ok := b.(*expr.Param)
		return ok && a.Number == b.Number
	case *expr.Compare:
		b, ok := b.(*expr.Compare)
		return ok && a.Op == b.Op
	case *expr.IsNull:
		b, ok := b.(*expr.IsNull)
		return ok && a.Negated == b.Negated && a.OfValue == b.OfValue
	case *expr.In:
		b, ok := b.(*expr.In)
		return ok && a.HasNull == b.HasNull && a.Negated == b.Negated && slices.EqualFunc(a.List, b.List, sameValue)
	case *expr.Like:
		b, ok := b.(*expr.Like)
		return ok && a.Pattern == b.Pattern && a.Escape == b.Escape && a.CaseInsensitive == b.CaseInsensitive && a.Negated == b.Negated
	case *expr.Call:
		b, ok := b.(*expr.Call)
		return ok && a.Fn.Name == b.Fn.Name && a.Volatility != function.Volatile && b.Volatility != function.Volatile
	case *expr.Case:
		b, ok := b.(*expr.Case)
		return ok && len(a.Whens) == len(b.Whens)
	case *expr.Outer:
		b, ok := b.(*expr.Outer)
		return ok && a.Slot == b.Slot
	case *expr.Cast, *expr.And, *expr.Or, *expr.Not, *expr.Coalesce:
		return reflect.TypeOf(a) == reflect.TypeOf(b)
	default:
		return false
	}
}

// sameValue reports identical constants; NaN is itself.
func sameValue(a, b catalog.Value) bool {
	return a.Type == b.Type && a.Null == b.Null && a.I64 == b.I64 && math.Float64bits(a.F64) == math.Float64bits(b.F64) &&
		a.Str == b.Str && slices.EqualFunc(a.Elems, b.Elems, sameValue)
}

// hasAggregate reports whether e uses an aggregate.
func hasAggregate(e expr.Expr) bool {
	found := false
	expr.Walk(e, func(x expr.Expr) bool {
		if c, ok := x.(*expr.Column); ok && c.Index >= WindowBase {
			found = true
		}
		return !found
	})
	return found
}

// grouped rewrites e, over input columns and aggregates, to the output of the Aggregate: keys, then aggregates. A
// column that is in no key is an error.
func (b *binder) grouped(e expr.Expr, keys []expr.Expr, aggs int) (expr.Expr, error) {
	for i, k := range keys {
		if Equal(e, k) {
			return &expr.Column{Index: i, Name: k.String(), T: k.Type().Elem()}, nil
		}
	}
	if c, ok := e.(*expr.Column); ok {
		switch {
		case c.Index >= aggBase:
			return &expr.Column{Index: len(keys) + c.Index - aggBase, Name: c.Name, T: c.T}, nil
		case c.Index >= groupingBase:
			return &expr.Column{Index: len(keys) + aggs + c.Index - groupingBase, Name: c.Name, T: c.T}, nil
		case c.Index >= SetBase: // windows and sets come after grouping
			return c, nil
		}
		return nil, errs.User(errs.GroupingError, "column %q must appear in the GROUP BY clause or be used in an aggregate function",
			b.owners[c.Index].alias+"."+c.Name).At(b.colPos[c])
	}
	return mapChildren(e, func(k expr.Expr) (expr.Expr, error) {
		out, err := b.grouped(k, keys, aggs)
		if err == nil && k.Type().MultiValue != out.Type().MultiValue && !comparison(e) {
			return nil, errs.User(errs.FeatureNotSupported, "%s is grouped by its elements: above the grouping it is no array", k).
				WithHint("Compute from the array in a sub-query, and group its result.")
		}
		return out, err
	})
}

// comparison reports conditions that mean the same for an element as for an array of it.
func comparison(e expr.Expr) bool {
	switch e.(type) {
	case *expr.Compare, *expr.In, *expr.Like, *expr.IsNull:
		return true
	}
	return false
}

// mapAll applies f to every element.
func mapAll(list []expr.Expr, f func(expr.Expr) (expr.Expr, error)) ([]expr.Expr, error) {
	out := make([]expr.Expr, len(list))
	for i, e := range list {
		var err error
		if out[i], err = f(e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// mapChildren copies e with f applied to its operands, outermost first, which is what grouping needs: a key is found
// before its parts are looked at.
func mapChildren(e expr.Expr, f func(expr.Expr) (expr.Expr, error)) (expr.Expr, error) {
	kids, err := mapAll(e.Children(), f)
	if err != nil || len(kids) == 0 {
		return e, err
	}
	switch e := e.(type) {
	case *expr.Compare:
		return &expr.Compare{Op: e.Op, Left: kids[0], Right: kids[1]}, nil
	case *expr.And:
		return &expr.And{Args: kids}, nil
	case *expr.Or:
		return &expr.Or{Args: kids}, nil
	case *expr.Not:
		return &expr.Not{Arg: kids[0]}, nil
	case *expr.IsNull:
		return &expr.IsNull{Arg: kids[0], Negated: e.Negated, OfValue: e.OfValue}, nil
	case *expr.In:
		c := *e
		c.Arg = kids[0]
		return &c, nil
	case *expr.Like:
		c := *e
		c.Arg = kids[0]
		return &c, nil
	case *expr.Call:
		return &expr.Call{Fn: e.Fn, Args: kids, Volatility: e.Volatility}, nil
	case *expr.Cast:
		return &expr.Cast{Arg: kids[0], To: e.To}, nil
	case *expr.Coalesce:
		return &expr.Coalesce{Args: kids, T: e.T}, nil
	case *expr.Case:
		c := &expr.Case{Whens: make([]expr.When, len(e.Whens)), T: e.T}
		for i := range e.Whens {
			c.Whens[i] = expr.When{Cond: kids[2*i], Then: kids[2*i+1]}
		}
		if e.Else != nil {
			c.Else = kids[len(kids)-1]
		}
		return c, nil
	case *expr.Subquery:
		c := *e
		c.Left, c.Outer = kids[:len(e.Left):len(e.Left)], kids[len(e.Left):]
		return &c, nil
	default:
		return nil, errs.Bug("cannot rewrite %T", e)
	}
}
