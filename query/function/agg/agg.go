package agg

import (
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function"
)

// Aggregates lists the functions of the family.
func Aggregates() []function.Aggregate {
	var list []function.Aggregate
	list = append(list, basics()...)
	list = append(list, distincts()...)
	list = append(list, percentiles()...)
	list = append(list, statistics()...)
	return append(list, picks()...)
}

// binder is the Bind of an aggregate that takes neither * nor DISTINCT.
type binder = func(args []function.Arg) (function.BoundAggregate, error)

// plain wraps a binder for exactly the numbers of arguments from lo to hi.
func plain(name string, lo, hi int, bind binder) func([]function.Arg, bool, bool) (function.BoundAggregate, error) {
	return func(args []function.Arg, distinct, star bool) (function.BoundAggregate, error) {
		switch {
		case star:
			return function.BoundAggregate{}, errs.User(errs.UndefinedFunction, "function %s(*) does not exist", name)
		case distinct:
			return function.BoundAggregate{}, errs.User(errs.FeatureNotSupported, "DISTINCT is not supported for %s", name)
		case len(args) < lo || len(args) > hi || args[0].Type.MultiValue:
			return function.BoundAggregate{}, function.NoMatch(name, args)
		}
		return bind(args)
	}
}

func basics() []function.Aggregate {
	return []function.Aggregate{
		{Name: "count", Family: family, Signature: "count(*), count(x), count(DISTINCT x)", Example: "count(*)",
			Doc: "Number of rows; with an argument, of rows where it is not NULL.", Bind: bindCount},
		{Name: "sum", Family: family, Signature: "sum([DISTINCT] x)", Example: "sum(quantity)",
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
		{Name: "sumPrecision", Family: family, Signature: "sumPrecision(x)", Example: "sumPrecision(price)",
			Doc: "Exact decimal sum, as text.", Bind: plain("sumprecision", 1, 1, bindSumPrecision)},
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
	return function.BoundAggregate{Name: "sumprecision", Type: catalog.String, Args: []catalog.Type{catalog.BigDecimal},
		New: func() function.Accumulator { return &decimalSum{text: true} }}, nil
}

func distincts() []function.Aggregate {
	return []function.Aggregate{
		{Name: "distinctCount", Aliases: []string{"distinctCountBitmap", "distinctCountOffHeap", "segmentPartitionedDistinctCount",
			"distinctCountSmartHLL"}, Family: family, Signature: "distinctCount(x)", Example: "distinctCount(userId)",
			Doc: "Exact number of distinct values that are not NULL.", Bind: ignoreDistinct("distinctcount", 1, 2, bindDistinct("distinctcount", distinctCount))},
		{Name: "distinctSum", Family: family, Signature: "distinctSum(x)", Example: "distinctSum(price)", Doc: "Sum of the distinct values.",
			Bind: ignoreDistinct("distinctsum", 1, 1, bindDistinct("distinctsum", distinctSum))},
		{Name: "distinctAvg", Family: family, Signature: "distinctAvg(x)", Example: "distinctAvg(price)", Doc: "Average of the distinct values.",
			Bind: ignoreDistinct("distinctavg", 1, 1, bindDistinct("distinctavg", distinctAvg))},
		{Name: "distinctCountHLL", Aliases: []string{"distinctCountHLLPlus", "approxDistinct"}, Family: family, Signature: "distinctCountHLL(x[, log2m])",
			Example: "distinctCountHLL(userId)", Doc: "Estimated number of distinct values, by HyperLogLog with 2^log2m registers: log2m is 12 (1.6 % error) unless stated.",
			Bind: ignoreDistinct("distinctcounthll", 1, 3, bindHLL)},
	}
}

// ignoreDistinct is plain for functions that count distinct values anyhow.
func ignoreDistinct(name string, lo, hi int, bind binder) func([]function.Arg, bool, bool) (function.BoundAggregate, error) {
	return func(args []function.Arg, _, star bool) (function.BoundAggregate, error) {
		return plain(name, lo, hi, bind)(args, false, star)
	}
}

func bindDistinct(name string, result distinctResult) binder {
	return func(args []function.Arg) (function.BoundAggregate, error) {
		t := args[0].Type
		if t.MultiValue || t.Kind.Physical() == catalog.PhysInvalid {
			return function.BoundAggregate{}, function.NoMatch(name, args)
		}
		if t.Kind == catalog.KindNull {
			t = catalog.String
		}
		b := function.BoundAggregate{Name: name, Type: catalog.Long, Args: []catalog.Type{t}}
		if result != distinctCount {
			if !isIntLike(t.Kind) && !isFloatLike(t.Kind) {
				t = catalog.Double
				b.Args[0] = t
			}
			if result == distinctAvg || isFloatLike(t.Kind) {
				b.Type = catalog.Double
			}
		}
		b.New = func() function.Accumulator { return &distinct{typ: t, result: result} }
		return b, nil
	}
}

func bindHLL(args []function.Arg) (function.BoundAggregate, error) {
	log2m := int64(hllDefaultLog2m)
	if len(args) > 1 {
		var err error
		if log2m, err = function.ConstantLong("distinctcounthll", "log2m", args, 1); err != nil {
			return function.BoundAggregate{}, err
		}
		if log2m < hllMinLog2m || log2m > hllMaxLog2m {
			return function.BoundAggregate{}, errs.User(errs.InvalidParameterValue, "distinctcounthll: log2m is %d; it has to be from %d to %d",
				log2m, hllMinLog2m, hllMaxLog2m)
		}
	}
	t := args[0].Type
	if t.Kind == catalog.KindNull {
		t = catalog.String
	}
	return function.BoundAggregate{Name: "distinctcounthll", Type: catalog.Long, Args: []catalog.Type{t},
		New: func() function.Accumulator { return &hll{typ: t, log2m: uint(log2m)} }}, nil
}

func percentiles() []function.Aggregate {
	rankDoc := " The rank is a constant from 0 to 100; percentile95(x) is percentile(x, 95)."
	return []function.Aggregate{
		{Name: "percentile", Family: family, Signature: "percentile(x, rank)", Example: "percentile(latency, 99)",
			Doc:  "Exact percentile as DOUBLE: the value at position floor(n * rank / 100) of the sorted values, the last for rank 100." + rankDoc,
			Bind: plain("percentile", 2, 2, bindPercentile("percentile", func(rank float64) function.Accumulator { return &percentile{rank: rank} }, catalog.Double))},
		{Name: "percentileEst", Family: family, Signature: "percentileEst(x, rank)", Example: "percentileEst(latency, 99)",
			Doc: "Percentile as LONG, to 0.4 %, in little memory." + rankDoc,
			Bind: plain("percentileest", 2, 2, bindPercentile("percentileest", func(rank float64) function.Accumulator {
				return &percentileEst{rank: rank, typ: catalog.Long}
			}, catalog.Long))},
		{Name: "percentileFast", Aliases: []string{"percentileKLL"}, Family: family, Signature: "percentileFast(x, rank)", Example: "percentileFast(latency, 99)",
			Doc: "Percentile as DOUBLE, to 0.4 %, in little memory." + rankDoc,
			Bind: plain("percentilefast", 2, 3, bindPercentile("percentilefast", func(rank float64) function.Accumulator {
				return &percentileEst{rank: rank, typ: catalog.Double}
			}, catalog.Double))},
		{Name: "percentileTDigest", Aliases: []string{"percentileSmartTDigest"}, Family: family, Signature: "percentileTDigest(x, rank[, compression])",
			Example: "percentileTDigest(latency, 99)", Doc: "Percentile as DOUBLE by a t-digest, of compression 100 unless stated." + rankDoc,
			Bind: plain("percentiletdigest", 2, 3, bindTDigest)},
	}
}

// numberOf gives a constant number, whole or not.
func numberOf(a function.Arg) (float64, bool) {
	if a.Const == nil || a.Const.Null {
		return 0, false
	}
	switch {
	case isFloatLike(a.Type.Kind):
		return a.Const.F64, true
	case isIntLike(a.Type.Kind):
		return float64(a.Const.I64), true
	}
	return 0, false
}

func rankOf(name string, a function.Arg) (float64, error) {
	rank, ok := numberOf(a)
	if !ok || !(rank >= 0 && rank <= 100) {
		return 0, errs.User(errs.InvalidParameterValue, "%s takes a constant rank from 0 to 100", name)
	}
	return rank, nil
}

// asNumber is the type in which a numeric aggregate takes its argument.
func asNumber(name string, args []function.Arg) (catalog.Type, error) {
	switch k := args[0].Type.Kind; {
	case isIntLike(k), isFloatLike(k):
		return args[0].Type, nil
	case k.IsNumeric(), k == catalog.KindString, k == catalog.KindNull, k == catalog.KindBoolean:
		return catalog.Double, nil
	}
	return catalog.Type{}, function.NoMatch(name, args)
}

func bindPercentile(name string, make func(rank float64) function.Accumulator, result catalog.Type) binder {
	return func(args []function.Arg) (function.BoundAggregate, error) {
		rank, err := rankOf(name, args[1])
		if err != nil {
			return function.BoundAggregate{}, err
		}
		t, err := asNumber(name, args)
		if err != nil {
			return function.BoundAggregate{}, err
		}
		return function.BoundAggregate{Name: name, Type: result, Args: []catalog.Type{t},
			New: func() function.Accumulator { return make(rank) }}, nil
	}
}

func bindTDigest(args []function.Arg) (function.BoundAggregate, error) {
	compression := 100.0
	if len(args) == 3 {
		x, ok := numberOf(args[2])
		if !ok && args[2].Const != nil && args[2].Type == catalog.String {
			x, ok = compression, true // percentileSmartTDigest's text of settings
		}
		if !ok || x < 1 || x > 10000 {
			return function.BoundAggregate{}, errs.User(errs.InvalidParameterValue, "percentiletdigest takes a constant compression from 1 to 10000")
		}
		compression = x
	}
	return bindPercentile("percentiletdigest", func(rank float64) function.Accumulator {
		return &percentileTDigest{rank: rank, compression: compression}
	}, catalog.Double)(args)
}

func statistics() []function.Aggregate {
	var list []function.Aggregate
	for _, v := range []struct {
		name, alias, doc string
		sample, root     bool
	}{
		{"varPop", "", "Variance of the rows as the whole population.", false, false},
		{"varSamp", "variance", "Variance of the rows as a sample.", true, false},
		{"stdDevPop", "", "Standard deviation of the rows as the whole population.", false, true},
		{"stdDevSamp", "stdDev", "Standard deviation of the rows as a sample.", true, true},
	} {
		var aliases []string
		if v.alias != "" {
			aliases = []string{v.alias}
		}
		name := function.Canonical(v.name)
		list = append(list, function.Aggregate{Name: v.name, Aliases: aliases, Family: family, Signature: v.name + "(x)", Example: v.name + "(price)", Doc: v.doc,
			Bind: plain(name, 1, 1, func(args []function.Arg) (function.BoundAggregate, error) {
				t, err := asNumber(name, args)
				if err != nil {
					return function.BoundAggregate{}, err
				}
				return function.BoundAggregate{Name: name, Type: catalog.Double, Args: []catalog.Type{t},
					New: func() function.Accumulator { return &variance{sample: v.sample, root: v.root} }}, nil
			})})
	}
	return append(list, function.Aggregate{Name: "mode", Family: family, Signature: "mode(x[, 'MIN' | 'MAX' | 'AVG'])", Example: "mode(price)",
		Doc: "Most frequent number, as DOUBLE; the second argument decides between ties.", Bind: plain("mode", 1, 2, bindMode)})
}

func bindMode(args []function.Arg) (function.BoundAggregate, error) {
	ties := "MIN"
	if len(args) == 2 {
		text, err := function.Constant("mode", "rule for ties", args, 1)
		if err != nil {
			return function.BoundAggregate{}, err
		}
		if ties = strings.ToUpper(text); ties != "MIN" && ties != "MAX" && ties != "AVG" {
			return function.BoundAggregate{}, errs.User(errs.InvalidParameterValue, "mode: rule for ties is %q; it has to be MIN, MAX or AVG", text)
		}
	}
	t, err := asNumber("mode", args)
	if err != nil {
		return function.BoundAggregate{}, err
	}
	return function.BoundAggregate{Name: "mode", Type: catalog.Double, Args: []catalog.Type{t},
		New: func() function.Accumulator { return &mode{ties: ties} }}, nil
}

func picks() []function.Aggregate {
	return []function.Aggregate{
		{Name: "anyValue", Family: family, Signature: "anyValue(x)", Example: "anyValue(name)", Doc: "One of the values that are not NULL.",
			Bind: plain("anyvalue", 1, 1, func(args []function.Arg) (function.BoundAggregate, error) {
				t := args[0].Type
				if t.Kind == catalog.KindNull {
					t = catalog.String
				}
				return function.BoundAggregate{Name: "anyvalue", Type: t, Args: []catalog.Type{t},
					New: func() function.Accumulator { return &pick{typ: t} }}, nil
			})},
		{Name: "firstWithTime", Family: family, Signature: "firstWithTime(x, time, 'TYPE')", Example: "firstWithTime(status, ts, 'STRING')",
			Doc: "Value of x in the row of the least time.", Bind: plain("firstwithtime", 2, 3, bindWithTime("firstwithtime", false))},
		{Name: "lastWithTime", Family: family, Signature: "lastWithTime(x, time, 'TYPE')", Example: "lastWithTime(status, ts, 'STRING')",
			Doc: "Value of x in the row of the greatest time.", Bind: plain("lastwithtime", 2, 3, bindWithTime("lastwithtime", true))},
	}
}

var withTimeTypes = map[string]catalog.Type{"INT": catalog.Int, "LONG": catalog.Long, "FLOAT": catalog.Float, "DOUBLE": catalog.Double,
	"STRING": catalog.String, "BOOLEAN": catalog.Boolean, "TIMESTAMP": catalog.Timestamp}

func bindWithTime(name string, last bool) binder {
	return func(args []function.Arg) (function.BoundAggregate, error) {
		t := args[0].Type
		if len(args) == 3 {
			text, err := function.Constant(name, "type", args, 2)
			if err != nil {
				return function.BoundAggregate{}, err
			}
			var ok bool
			if t, ok = withTimeTypes[strings.ToUpper(text)]; !ok {
				return function.BoundAggregate{}, errs.User(errs.InvalidParameterValue, "%s: type is %q; it has to be INT, LONG, FLOAT, DOUBLE, STRING, BOOLEAN or TIMESTAMP", name, text)
			}
		}
		times := args[1].Type
		if !isIntLike(times.Kind) || times.MultiValue {
			times = catalog.Long
		}
		return function.BoundAggregate{Name: name, Type: t, Args: []catalog.Type{t, times},
			New: func() function.Accumulator { return &pick{typ: t, timed: true, last: last} }}, nil
	}
}
