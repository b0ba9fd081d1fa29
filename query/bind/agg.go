package bind

import (
	"slices"
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/sql"
)

// Columns from here on stand for what is computed after the inputs: set i is column SetBase+i, window i column
// WindowBase+i. Calls of GROUPING and aggregates have bases of their own until the grouping is known.
const (
	SetBase      = 1 << 27
	WindowBase   = 1 << 28
	groupingBase = 1 << 29
	aggBase      = 1 << 30
)

// aggregate finds the aggregate function of a call. percentile95(x) and its like, percentile95MV too, are percentile(x, 95):
// extra is the number in the name. Of the names that scalar functions have too (bit_and), one argument makes an aggregate.
func (b *binder) aggregate(e *sql.Call) (agg *function.Aggregate, extra expr.Expr, ok bool) {
	if agg, ok = b.cfg.Functions.Aggregate(e.Name); ok {
		_, scalar := b.cfg.Functions.Scalar(e.Name)
		return agg, nil, !scalar || len(e.Args) == 1
	}
	name := strings.TrimSuffix(function.Canonical(e.Name), "mv")
	base := strings.TrimRight(name, "0123456789")
	if base == name || !strings.HasPrefix(base, "percentile") {
		return nil, nil, false
	}
	rank, err := strconv.Atoi(name[len(base):])
	if err != nil || rank > 100 {
		return nil, nil, false
	}
	agg, ok = b.cfg.Functions.Aggregate(base)
	return agg, &expr.Const{Value: catalog.DoubleValue(float64(rank))}, ok
}

// aggregateCall binds an aggregate call and gives the column that stands for it. Equal calls are computed once.
func (b *binder) aggregateCall(e *sql.Call, fn *function.Aggregate, extra expr.Expr) (expr.Expr, error) {
	switch {
	case b.ctx.inAgg:
		return nil, errs.User(errs.GroupingError, "aggregate function calls cannot be nested").At(e.Pos())
	case !b.ctx.aggs:
		return nil, errs.User(errs.GroupingError, "aggregate functions are not allowed in %s", b.ctx.name).At(e.Pos())
	case function.Canonical(e.Name) == "count" && len(e.Args) == 0 && !e.Star:
		return nil, errs.User(errs.WrongObjectType, "count(*) must be used to call a parameterless aggregate function").At(e.Pos())
	}
	agg, err := b.bindAggregate(e, fn, extra)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(b.aggs, func(have Agg) bool { return sameAgg(have, agg) })
	if i < 0 {
		i = len(b.aggs)
		b.aggs = append(b.aggs, agg)
	}
	return &expr.Column{Index: aggBase + i, Name: agg.Text, T: agg.Fn.Type}, nil
}

// sameAgg reports calls that compute the same.
func sameAgg(a, b Agg) bool {
	return a.Fn.Name == b.Fn.Name && a.Distinct == b.Distinct && a.Fn.Type == b.Fn.Type && Equal(a.Filter, b.Filter) &&
		slices.EqualFunc(a.Params, b.Params, Equal) && slices.EqualFunc(a.Args, b.Args, Equal) && slices.Equal(a.Order, b.Order)
}

// bindAggregate resolves an aggregate with its arguments and filter.
func (b *binder) bindAggregate(e *sql.Call, fn *function.Aggregate, extra expr.Expr) (Agg, error) {
	var agg Agg
	var args, keys []expr.Expr
	inside := clause{name: "an aggregate", inAgg: !b.ctx.window, aggs: true} // sum(count(*)) OVER () is no nesting
	err := b.within(inside, func() error {
		var err error
		if args, err = b.aggregateArgs(e); err != nil {
			return err
		}
		if keys, err = b.aggregateKeys(e); err != nil {
			return err
		}
		if e.Filter != nil {
			b.ctx.name = "FILTER"
			agg.Filter, err = b.boolean(e.Filter, "FILTER")
		}
		return err
	})
	if err != nil {
		return agg, err
	}
	if onlyOuter(args) {
		return agg, unsupported(e.Pos(), "an aggregate whose argument has columns of an outer query only").(*errs.Error).
			WithHint("In PostgreSQL it belongs to the outer query: compute it there.")
	}
	if extra != nil {
		args = append(args, extra)
	}
	for i := range args {
		args[i] = b.aggregateParam(args, i)
	}
	info, _ := argInfo(args)
	if len(keys) > 0 && fn.BindOrdered != nil {
		if agg.Order, err = orderKeys(e, args, keys); err == nil {
			agg.Fn, err = fn.BindOrdered(info, e.Distinct, agg.Order)
		}
	} else {
		keys = nil
		agg.Fn, err = fn.Bind(info, e.Distinct, e.Star)
	}
	if err != nil {
		return agg, at(err, e.Pos())
	}
	taken := len(agg.Fn.Args) - len(keys)
	if taken < 0 || taken > len(args) {
		return agg, errs.Bug("aggregate %s binds %d of %d arguments", agg.Fn.Name, taken, len(args)).At(e.Pos())
	}
	for i, t := range agg.Fn.Args[:taken] {
		arg, err := b.coerce(args[i], t, e.Pos())
		if err != nil {
			return agg, err
		}
		agg.Args = append(agg.Args, arg)
	}
	agg.Args = append(agg.Args, keys...)
	agg.Params, agg.Distinct = args[taken:], e.Distinct
	agg.Text = aggText(e, agg)
	return agg, nil
}

// onlyOuter reports arguments that have columns, all of them of queries around this one.
func onlyOuter(args []expr.Expr) bool {
	outer, own := false, false
	for _, a := range args {
		expr.Walk(a, func(x expr.Expr) bool {
			switch x.(type) {
			case *expr.Outer:
				outer = true
			case *expr.Column, *expr.Subquery:
				own = true
			}
			return true
		})
	}
	return outer && !own
}

// aggregateKeys binds ORDER BY within an aggregate.
func (b *binder) aggregateKeys(e *sql.Call) ([]expr.Expr, error) {
	if e.WithinGroup {
		return nil, nil
	}
	var keys []expr.Expr
	for _, o := range e.OrderBy {
		k, err := b.bind(o.Expr)
		if err != nil {
			return nil, err
		}
		keys = append(keys, b.literal(k))
	}
	return keys, nil
}

// orderKeys describes the keys of ORDER BY. Those of distinct rows have to be among the arguments.
func orderKeys(e *sql.Call, args, keys []expr.Expr) ([]function.OrderKey, error) {
	out := make([]function.OrderKey, len(keys))
	for i, k := range keys {
		o := e.OrderBy[i]
		if e.Distinct && !slices.ContainsFunc(args, func(a expr.Expr) bool { return Equal(a, k) }) {
			return nil, errs.User(errs.InvalidColumnReference, "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list").At(o.Expr.Pos())
		}
		out[i] = function.OrderKey{Type: k.Type(), Descending: o.Descending, NullsFirst: o.NullsFirst}
	}
	return out, nil
}

// aggregateArgs binds the arguments; WITHIN GROUP puts the ordered value before them, and true behind them for DESC.
func (b *binder) aggregateArgs(e *sql.Call) ([]expr.Expr, error) {
	list := e.Args
	if e.WithinGroup {
		if len(e.OrderBy) != 1 {
			return nil, unsupported(e.Pos(), "WITHIN GROUP with several sort keys")
		}
		list = append([]sql.Expr{e.OrderBy[0].Expr}, list...)
	}
	args := make([]expr.Expr, len(list))
	for i, a := range list {
		arg, err := b.bind(a)
		if err != nil {
			return nil, err
		}
		args[i] = arg
	}
	if e.WithinGroup && e.OrderBy[0].Descending {
		args = append(args, &expr.Const{Value: catalog.BoolValue(true)})
	}
	return args, nil
}

// aggregateParam gives an untyped parameter of an aggregate a type: DOUBLE, which all numeric ones take.
func (b *binder) aggregateParam(args []expr.Expr, i int) expr.Expr {
	if p, ok := untyped(args[i]); ok {
		return b.resolve(p, catalog.Double)
	}
	return args[i]
}

// aggText is the text of an aggregate for EXPLAIN.
func aggText(e *sql.Call, agg Agg) string {
	var t strings.Builder
	t.WriteString(agg.Fn.Name)
	t.WriteByte('(')
	switch {
	case e.Star:
		t.WriteByte('*')
	case e.Distinct && !strings.HasPrefix(agg.Fn.Name, "distinct"):
		t.WriteString("DISTINCT ")
	}
	plain := len(agg.Args) - len(agg.Order)
	for i, a := range append(agg.Args[:plain:plain], agg.Params...) {
		if i > 0 {
			t.WriteString(", ")
		}
		t.WriteString(a.String())
	}
	for i, k := range agg.Order {
		t.WriteString([]string{" ORDER BY ", ", "}[min(i, 1)])
		t.WriteString(agg.Args[plain+i].String())
		if k.Descending {
			t.WriteString(" DESC")
		}
		if k.NullsFirst != k.Descending {
			t.WriteString(map[bool]string{true: " NULLS FIRST", false: " NULLS LAST"}[k.NullsFirst])
		}
	}
	t.WriteByte(')')
	if agg.Filter != nil {
		t.WriteString(" FILTER (WHERE ")
		t.WriteString(agg.Filter.String())
		t.WriteByte(')')
	}
	return t.String()
}
