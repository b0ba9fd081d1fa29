package agg

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function"
)

// Aggregates lists the functions of the family.
func Aggregates() []function.Aggregate {
	return basics()
}

func basics() []function.Aggregate {
	return []function.Aggregate{
		{Name: "count", Family: family, Signature: "count(*), count(x), count(DISTINCT x)", Example: "count(*)",
			Doc: "Number of rows; with an argument, of rows where it is not NULL.", Bind: bindCount},
		{Name: "sum", Family: family, Signature: "sum(x)", Example: "sum(quantity)",
			Doc:  "Sum: LONG of integers (error 22003 when it does not fit), DOUBLE of floats, BIG_DECIMAL of decimals. NULL of no rows.",
			Bind: bindSum},
	}
}

// noDistinct refuses DISTINCT and * for functions that have no meaning for them.
func noDistinct(name string, args []function.Arg, want int, distinct, star bool) error {
	switch {
	case star:
		return errs.User(errs.UndefinedFunction, "function %s(*) does not exist", name)
	case distinct:
		return errs.User(errs.FeatureNotSupported, "DISTINCT is not supported for %s", name)
	case len(args) != want:
		return function.NoMatch(name, args)
	}
	return nil
}

func bindCount(args []function.Arg, distinct, star bool) (function.BoundAggregate, error) {
	switch {
	case star && len(args) == 0 && !distinct:
		return function.BoundAggregate{Name: "count", Type: catalog.Long, New: func() function.Accumulator { return &count{} }}, nil
	case len(args) != 1 || star:
		return function.BoundAggregate{}, function.NoMatch("count", args)
	}
	return function.BoundAggregate{Name: "count", Type: catalog.Long, Args: []catalog.Type{args[0].Type},
		New: func() function.Accumulator { return &count{} }}, nil
}

func bindSum(args []function.Arg, distinct, star bool) (function.BoundAggregate, error) {
	if err := noDistinct("sum", args, 1, distinct, star); err != nil {
		return function.BoundAggregate{}, err
	}
	return bindTotal("sum", args, false)
}

// bindTotal is sum and avg.
func bindTotal(name string, args []function.Arg, avg bool) (function.BoundAggregate, error) {
	t := args[0].Type
	b := function.BoundAggregate{Name: name, Type: catalog.Double, Args: []catalog.Type{t}}
	switch {
	case t.MultiValue:
		return b, function.NoMatch(name, args)
	case t.Kind.IsInteger() || t.Kind.IsTime() || t.Kind == catalog.KindInterval:
		if !avg {
			b.Type = catalog.Long
		}
		b.New = func() function.Accumulator { return &intSum{avg: avg} }
	case t.Kind == catalog.KindFloat || t.Kind == catalog.KindDouble:
		b.New = func() function.Accumulator { return &floatSum{avg: avg} }
	case t.Kind == catalog.KindString || t.Kind == catalog.KindNull:
		b.Args = []catalog.Type{catalog.Double}
		b.New = func() function.Accumulator { return &floatSum{avg: avg} }
	default:
		return b, function.NoMatch(name, args)
	}
	return b, nil
}
