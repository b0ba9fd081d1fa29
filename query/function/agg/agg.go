package agg

import (
	"slices"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
)

// Aggregates lists the functions of the family.
func Aggregates() []function.Aggregate {
	list := slices.Concat(basics(), distincts(), sketches(), percentiles(), statistics(), regressions(), picks(), collectors(), bitFolds())
	for i := range list {
		if takesElements(list[i].Name) {
			list[i] = overElements(list[i])
		}
	}
	return list
}

// binder is the Bind of an aggregate for given arguments, without *, DISTINCT and ORDER BY.
type binder = func(args []function.Arg) (function.BoundAggregate, error)

// plain makes a binder for exactly the numbers of arguments from lo to hi the Bind of an aggregate.
func plain(name string, lo, hi int, bind binder) func([]function.Arg, bool, bool) (function.BoundAggregate, error) {
	return func(args []function.Arg, distinct, star bool) (function.BoundAggregate, error) {
		switch {
		case star:
			return function.BoundAggregate{}, errs.User(errs.UndefinedFunction, "function %s(*) does not exist", name)
		case len(args) < lo || len(args) > hi || args[0].Type.MultiValue:
			return function.BoundAggregate{}, function.NoMatch(name, args)
		}
		b, err := bind(args)
		if err != nil || !distinct {
			return b, err
		}
		return modify(b, true, nil), nil
	}
}

// takesElements names the aggregates that also take arrays, and then every element as a row: their MV twins do. Others
// do not, or take arrays as values.
func takesElements(name string) bool {
	switch function.Canonical(name) {
	case "count", "anyvalue", "firstwithtime", "lastwithtime", "exprmin", "exprmax":
		return false
	}
	return true
}

// overElements lets an aggregate take arrays, and gives it the name of its MV twin besides.
func overElements(f function.Aggregate) function.Aggregate {
	bind, ordered := f.Bind, f.BindOrdered
	if f.Name != "countMV" {
		f.Aliases = append(slices.Clone(f.Aliases), f.Name+"MV")
		for _, alias := range f.Aliases[:len(f.Aliases)-1] {
			if strings.HasPrefix(alias, "distinctCount") || strings.HasPrefix(alias, "percentile") {
				f.Aliases = append(f.Aliases, alias+"MV")
			}
		}
	}
	f.Bind = func(args []function.Arg, distinct, star bool) (function.BoundAggregate, error) {
		if len(args) == 0 || !args[0].Type.MultiValue {
			return bind(args, distinct, star)
		}
		b, err := bind(elementArgs(args), distinct, star)
		switch {
		case err != nil:
			return b, err
		case len(b.Args) != 1:
			return b, function.NoMatch(f.Name, args)
		}
		return eachElement(b), nil
	}
	if ordered != nil {
		f.BindOrdered = func(args []function.Arg, distinct bool, keys []function.OrderKey) (function.BoundAggregate, error) {
			if len(args) > 0 && args[0].Type.MultiValue {
				return function.BoundAggregate{}, errs.User(errs.FeatureNotSupported, "ORDER BY within %s of an array is not supported", f.Name)
			}
			return ordered(args, distinct, keys)
		}
	}
	return f
}

func elementArgs(args []function.Arg) []function.Arg {
	args = slices.Clone(args)
	args[0] = function.Arg{Type: args[0].Type.Elem()}
	return args
}

// eachElement makes an aggregate of one argument take an array.
func eachElement(b function.BoundAggregate) function.BoundAggregate {
	inner := b.New
	b.Name += "mv"
	b.Args = []catalog.Type{b.Args[0].Array()}
	b.New = func() function.Accumulator { return &elements{inner: inner()} }
	return b
}

func basics() []function.Aggregate {
	return []function.Aggregate{
		{Name: "count", Family: family, Signature: "count(*), count(x), count(DISTINCT x)", Example: "count(*)",
			Doc: "Number of rows; with an argument, of rows where it is not NULL.", Bind: bindCount},
		{Name: "countMV", Family: family, Signature: "countMV(array)", Example: "countMV(tags)", Doc: "Number of elements of arrays.",
			Bind: plain("countmv", 1, 1, func(args []function.Arg) (function.BoundAggregate, error) {
				return function.BoundAggregate{Name: "count", Type: catalog.Long, Args: []catalog.Type{args[0].Type}, New: newCount}, nil
			})},
		{Name: "sum", Aliases: []string{"sumInt", "sumLong"}, Family: family, Signature: "sum([DISTINCT] x)", Example: "sum(quantity)",
			Doc:  "Sum: LONG of integers (error 22003 when it does not fit), DOUBLE of floats, BIG_DECIMAL of decimals. NULL of no rows.",
			Bind: bindTotal("sum", false)},
		{Name: "avg", Family: family, Signature: "avg([DISTINCT] x)", Example: "avg(price)", Doc: "Average as DOUBLE. NULL of no rows.",
			Bind: bindTotal("avg", true)},
		{Name: "min", Aliases: []string{"minLong", "minString"}, Family: family, Signature: "min(x)", Example: "min(price)",
			Doc: "Least value, of the argument's type: a number, a time, a text (by bytes), a boolean (false first). NULL of no rows.", Bind: bindExtreme("min", false)},
		{Name: "max", Aliases: []string{"maxLong", "maxString"}, Family: family, Signature: "max(x)", Example: "max(price)",
			Doc: "Greatest value, of the argument's type. NULL of no rows.", Bind: bindExtreme("max", true)},
		{Name: "minMaxRange", Family: family, Signature: "minMaxRange(x)", Example: "minMaxRange(price)",
			Doc: "Greatest value minus least value, as DOUBLE.", Bind: plain("minmaxrange", 1, 1, bindRange)},
		{Name: "boolAnd", Aliases: []string{"every"}, Family: family, Signature: "boolAnd(x)", Example: "boolAnd(delivered)",
			Doc: "Whether x is true in every row where it is not NULL.", Bind: plain("booland", 1, 1, bindBool("booland", false))},
		{Name: "boolOr", Family: family, Signature: "boolOr(x)", Example: "boolOr(delivered)", Doc: "Whether x is true in some row.",
			Bind: plain("boolor", 1, 1, bindBool("boolor", true))},
		{Name: "sumPrecision", Family: family, Signature: "sumPrecision(x[, precision[, scale]])", Example: "sumPrecision(price)",
			Doc:  "Exact decimal sum, as text: rounded to so many digits, and to so many of them behind the point.",
			Bind: plain("sumprecision", 1, 3, bindSumPrecision)},
	}
}

func newCount() function.Accumulator { return &count{} }

func bindCount(args []function.Arg, distinct, star bool) (function.BoundAggregate, error) {
	switch {
	case star && len(args) == 0 && !distinct:
		return function.BoundAggregate{Name: "count", Type: catalog.Long, New: newCount}, nil
	case len(args) != 1 || star:
		return function.BoundAggregate{}, function.NoMatch("count", args)
	case distinct:
		return bindDistinct("distinctcount", distinctCount)(args)
	}
	return function.BoundAggregate{Name: "count", Type: catalog.Long, Args: []catalog.Type{args[0].Type}, New: newCount}, nil
}

func isIntLike(k catalog.Kind) bool {
	return k.Physical() == catalog.PhysInt32 || k.Physical() == catalog.PhysInt64
}

func isFloatLike(k catalog.Kind) bool { return k == catalog.KindFloat || k == catalog.KindDouble }

// bindTotal is sum and avg.
func bindTotal(name string, avg bool) func([]function.Arg, bool, bool) (function.BoundAggregate, error) {
	bind := func(args []function.Arg) (function.BoundAggregate, error) {
		t := args[0].Type
		b := function.BoundAggregate{Name: name, Type: catalog.Double, Args: []catalog.Type{t}}
		switch {
		case isIntLike(t.Kind):
			if !avg {
				b.Type = catalog.Long
			}
			b.New = func() function.Accumulator { return &intSum{avg: avg} }
		case isFloatLike(t.Kind):
			b.New = func() function.Accumulator { return &floatSum{avg: avg} }
		case t.Kind == catalog.KindString || t.Kind == catalog.KindNull:
			b.Args = []catalog.Type{catalog.Double}
			b.New = func() function.Accumulator { return &floatSum{avg: avg} }
		case t.Kind == catalog.KindBigDecimal:
			if !avg {
				b.Type = catalog.BigDecimal
			}
			b.New = func() function.Accumulator { return &decimalSum{avg: avg} }
		default:
			return b, function.NoMatch(name, args)
		}
		return b, nil
	}
	return func(args []function.Arg, distinct, star bool) (function.BoundAggregate, error) {
		if distinct && len(args) == 1 {
			if avg {
				return bindDistinct("distinctavg", distinctAvg)(args)
			}
			return bindDistinct("distinctsum", distinctSum)(args)
		}
		return plain(name, 1, 1, bind)(args, distinct, star)
	}
}

// bindExtreme is min and max. DISTINCT changes nothing and is accepted.
func bindExtreme(name string, greatest bool) func([]function.Arg, bool, bool) (function.BoundAggregate, error) {
	w := wantMin
	if greatest {
		w = wantMax
	}
	bind := func(args []function.Arg) (function.BoundAggregate, error) {
		t := args[0].Type
		b := function.BoundAggregate{Name: name, Type: t, Args: []catalog.Type{t}}
		switch {
		case isIntLike(t.Kind):
			b.New = func() function.Accumulator { return &numericRange[int64]{want: w, typ: t} }
		case isFloatLike(t.Kind):
			b.New = func() function.Accumulator { return &numericRange[float64]{want: w, typ: t} }
		case t.Kind == catalog.KindBoolean:
			b.New = func() function.Accumulator { return &boolFold{or: greatest} }
		case t.Kind == catalog.KindNull:
			b.Type, b.Args = catalog.String, []catalog.Type{catalog.String}
			b.New = func() function.Accumulator { return &textExtreme{max: greatest, typ: catalog.String} }
		case t.Kind.Physical() == catalog.PhysString:
			b.New = func() function.Accumulator { return &textExtreme{max: greatest, typ: t} }
		default:
			return b, function.NoMatch(name, args)
		}
		return b, nil
	}
	return func(args []function.Arg, _, star bool) (function.BoundAggregate, error) {
		return plain(name, 1, 1, bind)(args, false, star)
	}
}

func bindRange(args []function.Arg) (function.BoundAggregate, error) {
	t := args[0].Type
	b := function.BoundAggregate{Name: "minmaxrange", Type: catalog.Double, Args: []catalog.Type{t}}
	switch {
	case isIntLike(t.Kind):
		b.New = func() function.Accumulator { return &numericRange[int64]{want: wantRange, typ: catalog.Double} }
		return b, nil
	case isFloatLike(t.Kind):
	case t.Kind.IsNumeric(), t.Kind == catalog.KindString, t.Kind == catalog.KindNull:
		b.Args[0] = catalog.Double
	default:
		return b, function.NoMatch("minmaxrange", args)
	}
	b.New = func() function.Accumulator { return &numericRange[float64]{want: wantRange, typ: catalog.Double} }
	return b, nil
}

func bindBool(name string, or bool) binder {
	return func(args []function.Arg) (function.BoundAggregate, error) {
		return function.BoundAggregate{Name: name, Type: catalog.Boolean, Args: []catalog.Type{catalog.Boolean},
			New: func() function.Accumulator { return &boolFold{or: or} }}, nil
	}
}

func bindSumPrecision(args []function.Arg) (function.BoundAggregate, error) {
	limits := [2]int64{0, -1} // precision: 0 for all digits; scale: -1 for those that there are
	for i := 1; i < len(args); i++ {
		x, err := function.ConstantLong("sumprecision", []string{"precision", "scale"}[i-1], args, i)
		if err != nil {
			return function.BoundAggregate{}, err
		}
		if x < 0 || x > convert.MaxDecimalDigits {
			return function.BoundAggregate{}, errs.User(errs.InvalidParameterValue, "sumprecision: %s is %d; it has to be from 0 to %d",
				[]string{"precision", "scale"}[i-1], x, convert.MaxDecimalDigits)
		}
		limits[i-1] = x
	}
	return function.BoundAggregate{Name: "sumprecision", Type: catalog.String, Args: []catalog.Type{catalog.BigDecimal},
		New: func() function.Accumulator {
			return &decimalSum{text: true, precision: uint32(limits[0]), scale: int32(limits[1])}
		}}, nil
}
