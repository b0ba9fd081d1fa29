// Package logic is the family of comparisons, connectives and choices as functions: equals(a, b) for a = b, isTrue(x),
// caseWhen, num_nulls. They take what the operators take; a NULL operand gives what SQL's three-valued logic says.
package logic

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

const family = "Comparison and logic"

// Scalars lists the functions of the family.
func Scalars() []function.Scalar {
	list := append(comparisons(), connectives()...)
	list = append(list, truths()...)
	list = append(list, choices()...)
	return append(list, counts()...)
}

// common gives the type in which args compare, and the arguments cast to it.
func common(name string, args []function.Arg) (catalog.Type, []catalog.Type, error) {
	t, ok := function.CommonType(args)
	if !ok {
		return t, nil, function.NoMatch(name, args)
	}
	types := make([]catalog.Type, len(args))
	for i := range types {
		types[i] = t
	}
	return t, types, nil
}

func comparison(name, operator, example string, holds func(c int) bool, aliases ...string) function.Scalar {
	return function.Scalar{Name: name, Aliases: aliases, Family: family, Signature: name + "(a, b)", Doc: "Whether a " + operator + " b; the operator as a function.", Example: example,
		Bind: func(args []function.Arg) (function.Bound, error) {
			if len(args) != 2 {
				return function.Bound{}, function.NoMatch(name, args)
			}
			t, types, err := common(name, args)
			if err != nil {
				return function.Bound{}, err
			}
			compare := function.OrderOf(t)
			return function.Bound{Name: function.Canonical(name), Type: catalog.Boolean, Args: types, Strict: true,
				Eval: func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
					for i := range n {
						if !out.IsNull(i) && holds(compare(args[0], i, args[1], i)) {
							out.Bits.Set(i)
						}
					}
					return nil
				}}, nil
		}}
}

func comparisons() []function.Scalar {
	equal := func(c int) bool { return c == 0 }
	return []function.Scalar{
		comparison("equals", "=", "equals(1, 1.0) = true", equal),
		comparison("notEquals", "<>", "notEquals('a', 'b') = true", func(c int) bool { return c != 0 }),
		comparison("greaterThan", ">", "greaterThan(2, 1) = true", func(c int) bool { return c > 0 }),
		comparison("greaterThanOrEqual", ">=", "greaterThanOrEqual(2, 2) = true", func(c int) bool { return c >= 0 }, "greaterThanOrEquals", "gte"),
		comparison("lessThan", "<", "lessThan(1, 2) = true", func(c int) bool { return c < 0 }),
		comparison("lessThanOrEqual", "<=", "lessThanOrEqual(2, 2) = true", func(c int) bool { return c <= 0 }, "lessThanOrEquals", "lte"),
		distinct("isDistinctFrom", "Whether a and b differ, NULL being a value of its own.", "isDistinctFrom(1, NULL) = true", true),
		distinct("isNotDistinctFrom", "Whether a and b are equal, NULL being a value of its own.", "isNotDistinctFrom(NULL, NULL) = true", false),
		{Name: "between", Family: family, Signature: "between(x, low, high)", Doc: "Whether x is neither below low nor above high.", Example: "between(2, 1, 3) = true", Bind: bindBetween},
		{Name: "in", Family: family, Signature: "in(x, a, b, ...)", Doc: "Whether x equals one of the others.", Example: "in(2, 1, 2) = true", Bind: bindIn("in", true)},
		{Name: "notIn", Family: family, Signature: "notIn(x, a, b, ...)", Doc: "Whether x equals none of the others.", Example: "notIn(2, 1, 3) = true", Bind: bindIn("notIn", false)},
	}
}

func distinct(name, doc, example string, want bool) function.Scalar {
	return function.Scalar{Name: name, Family: family, Signature: name + "(a, b)", Doc: doc, Example: example, Bind: func(args []function.Arg) (function.Bound, error) {
		if len(args) != 2 {
			return function.Bound{}, function.NoMatch(name, args)
		}
		t, types, err := common(name, args)
		if err != nil {
			return function.Bound{}, err
		}
		compare := function.OrderOf(t)
		return function.Bound{Name: function.Canonical(name), Type: catalog.Boolean, Args: types,
			Eval: func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
				for i := range n {
					an, bn := args[0].IsNull(i), args[1].IsNull(i)
					differ := an != bn
					if !an && !bn {
						differ = compare(args[0], i, args[1], i) != 0
					}
					if differ == want {
						out.Bits.Set(i)
					}
				}
				return nil
			}}, nil
	}}
}

func bindBetween(args []function.Arg) (function.Bound, error) {
	if len(args) != 3 {
		return function.Bound{}, function.NoMatch("between", args)
	}
	t, types, err := common("between", args)
	if err != nil {
		return function.Bound{}, err
	}
	compare := function.OrderOf(t)
	return function.Bound{Name: "between", Type: catalog.Boolean, Args: types,
		Eval: func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
			x, low, high := args[0], args[1], args[2]
			for i := range n {
				switch {
				case x.IsNull(i):
					out.SetNull(i)
				case !low.IsNull(i) && compare(x, i, low, i) < 0, !high.IsNull(i) && compare(x, i, high, i) > 0: // false whatever the other is
				case low.IsNull(i) || high.IsNull(i):
					out.SetNull(i)
				default:
					out.Bits.Set(i)
				}
			}
			return nil
		}}, nil
}

func bindIn(name string, found bool) func([]function.Arg) (function.Bound, error) {
	return func(args []function.Arg) (function.Bound, error) {
		if len(args) < 2 {
			return function.Bound{}, function.NoMatch(name, args)
		}
		t, types, err := common(name, args)
		if err != nil {
			return function.Bound{}, err
		}
		compare := function.OrderOf(t)
		return function.Bound{Name: function.Canonical(name), Type: catalog.Boolean, Args: types,
			Eval: func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
				for i := range n {
					switch isIn(args, i, compare) {
					case unknown:
						out.SetNull(i)
					case yes:
						if found {
							out.Bits.Set(i)
						}
					default:
						if !found {
							out.Bits.Set(i)
						}
					}
				}
				return nil
			}}, nil
	}
}

// truth is a value of three-valued logic.
type truth uint8

const (
	no truth = iota
	yes
	unknown
)

func isIn(args []*vec.Vector, i int, compare function.Order) truth {
	if args[0].IsNull(i) {
		return unknown
	}
	result := no
	for _, a := range args[1:] {
		switch {
		case a.IsNull(i):
			result = unknown
		case compare(args[0], i, a, i) == 0:
			return yes
		}
	}
	return result
}
