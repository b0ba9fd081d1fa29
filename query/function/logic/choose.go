package logic

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

func connectives() []function.Scalar {
	junction := func(name, doc, example string, decisive bool) function.Scalar {
		return function.Scalar{Name: name, Family: family, Signature: name + "(a, b, ...)", Doc: doc, Example: example,
			Bind: function.Overloads(name, function.Overload{Args: []catalog.Type{catalog.Boolean}, Variadic: true, Type: catalog.Boolean, Lax: true,
				Eval: func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
					for i := range n {
						switch junctionOf(args, i, decisive) {
						case yes:
							out.Bits.Set(i)
						case unknown:
							out.SetNull(i)
						}
					}
					return nil
				}})}
	}
	return []function.Scalar{
		junction("and", "Whether all are true; the operator as a function.", "and(true, false) = false", false),
		junction("or", "Whether one is true; the operator as a function.", "or(true, false) = true", true),
		{Name: "not", Family: family, Signature: "not(x)", Doc: "Whether x is false; the operator as a function.", Example: "not(false) = true",
			Bind: function.Overloads("not", function.Overload{Args: []catalog.Type{catalog.Boolean}, Type: catalog.Boolean, Eval: function.Map1(func(x bool) bool { return !x })})},
	}
}

// junctionOf is AND, which false decides, or OR, which true decides.
func junctionOf(args []*vec.Vector, i int, decisive bool) truth {
	null := false
	for _, a := range args {
		if a.IsNull(i) {
			null = true
		} else if a.BoolAt(i) == decisive {
			return truthOf(decisive)
		}
	}
	if null {
		return unknown
	}
	return truthOf(!decisive)
}

func truthOf(x bool) truth {
	if x {
		return yes
	}
	return no
}

// truths are predicates that are never NULL.
func truths() []function.Scalar {
	test := func(name, doc, example string, param catalog.Type, holds func(v *vec.Vector, i int) bool) function.Scalar {
		return function.Scalar{Name: name, Family: family, Signature: name + "(x)", Doc: doc + " Never NULL.", Example: example,
			Bind: function.Overloads(name, function.Overload{Args: []catalog.Type{param}, Type: catalog.Boolean, Lax: true,
				Eval: func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
					for i := range n {
						if holds(args[0], i) {
							out.Bits.Set(i)
						}
					}
					return nil
				}})}
	}
	null := func(v *vec.Vector, i int) bool { return v.IsNull(i) }
	is := func(want bool) func(v *vec.Vector, i int) bool {
		return func(v *vec.Vector, i int) bool { return !v.IsNull(i) && v.BoolAt(i) == want }
	}
	isNot := func(f func(v *vec.Vector, i int) bool) func(v *vec.Vector, i int) bool {
		return func(v *vec.Vector, i int) bool { return !f(v, i) }
	}
	return []function.Scalar{
		test("isNull", "Whether x is NULL.", "isNull(NULL) = true", function.Any, null),
		test("isNotNull", "Whether x is not NULL.", "isNotNull(1) = true", function.Any, isNot(null)),
		test("isTrue", "Whether x is true.", "isTrue(NULL) = false", catalog.Boolean, is(true)),
		test("isNotTrue", "Whether x is false or NULL.", "isNotTrue(NULL) = true", catalog.Boolean, isNot(is(true))),
		test("isFalse", "Whether x is false.", "isFalse(NULL) = false", catalog.Boolean, is(false)),
		test("isNotFalse", "Whether x is true or NULL.", "isNotFalse(NULL) = true", catalog.Boolean, isNot(is(false))),
	}
}

// counts are num_nulls and num_nonnulls.
func counts() []function.Scalar {
	count := func(name, doc, example string, null bool) function.Scalar {
		return function.Scalar{Name: name, Family: family, Signature: name + "(a, b, ...)", Doc: doc, Example: example,
			Bind: function.Overloads(name, function.Overload{Args: []catalog.Type{function.Any}, Variadic: true, Type: catalog.Int, Lax: true,
				Eval: func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
					for i := range n {
						out.I32[i] = 0
						for _, a := range args {
							if a.IsNull(i) == null {
								out.I32[i]++
							}
						}
					}
					return nil
				}})}
	}
	return []function.Scalar{
		count("num_nulls", "How many arguments are NULL.", "num_nulls(1, NULL, NULL) = 2", true),
		count("num_nonnulls", "How many arguments are not NULL.", "num_nonnulls(1, NULL, NULL) = 1", false),
	}
}

func choices() []function.Scalar {
	return []function.Scalar{
		{Name: "coalesce", Family: family, Signature: "coalesce(a, b, ...)", Doc: "The first argument that is not NULL. Arguments after it are not evaluated.", Example: "coalesce(NULL, 2, 3) = 2", Bind: bindCoalesce},
		{Name: "nullif", Family: family, Signature: "nullif(a, b)", Doc: "NULL where a equals b, else a.", Example: "coalesce(nullif(1, 1), 5) = 5", Bind: bindNullIf},
		{Name: "caseWhen", Aliases: []string{"case"}, Family: family, Signature: "caseWhen(condition, value, ...[, otherwise])",
			Doc: "The value after the first condition that is true, else otherwise or NULL: CASE WHEN as a function.", Example: "caseWhen(false, 'a', true, 'b', 'c') = 'b'", Bind: bindCase},
	}
}

// choose copies, for every row, the argument that pick names; -1 is NULL.
func choose(pick func(args []*vec.Vector, i int) int) function.Eval {
	return func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		for i := range n {
			if a := pick(args, i); a >= 0 {
				out.CopyRow(i, args[a], i)
			} else {
				out.SetNull(i)
			}
		}
		return nil
	}
}

func bindCoalesce(args []function.Arg) (function.Bound, error) {
	t, types, err := common("coalesce", args)
	return function.Bound{Name: "coalesce", Type: t, Args: types, Eval: choose(func(args []*vec.Vector, i int) int {
		for a, v := range args {
			if !v.IsNull(i) {
				return a
			}
		}
		return -1
	})}, err
}

func bindNullIf(args []function.Arg) (function.Bound, error) {
	if len(args) != 2 {
		return function.Bound{}, function.NoMatch("nullif", args)
	}
	t, types, err := common("nullif", args)
	compare := function.OrderOf(t)
	return function.Bound{Name: "nullif", Type: t, Args: types, Eval: choose(func(args []*vec.Vector, i int) int {
		if args[0].IsNull(i) || !args[1].IsNull(i) && compare(args[0], i, args[1], i) == 0 {
			return -1
		}
		return 0
	})}, err
}

// bindCase takes pairs of condition and value, and perhaps a last value.
func bindCase(args []function.Arg) (function.Bound, error) {
	if len(args) < 2 {
		return function.Bound{}, function.NoMatch("caseWhen", args)
	}
	isValue := func(i int) bool { return i%2 == 1 || i == len(args)-1 }
	var values []function.Arg
	for i, a := range args {
		if isValue(i) {
			values = append(values, a)
		} else if k := a.Type.Kind; a.Type.MultiValue || k != catalog.KindBoolean && k != catalog.KindNull && !k.IsText() {
			return function.Bound{}, function.NoMatch("caseWhen", args)
		}
	}
	t, _, err := common("caseWhen", values)
	b := function.Bound{Name: "casewhen", Type: t}
	for i := range args {
		if isValue(i) {
			b.Args = append(b.Args, t)
		} else {
			b.Args = append(b.Args, catalog.Boolean)
		}
	}
	b.Eval = choose(func(args []*vec.Vector, i int) int {
		for a := 0; a+1 < len(args); a += 2 {
			if !args[a].IsNull(i) && args[a].BoolAt(i) {
				return a + 1
			}
		}
		if len(args)%2 == 1 {
			return len(args) - 1
		}
		return -1
	})
	return b, err
}
