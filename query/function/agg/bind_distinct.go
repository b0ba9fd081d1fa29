package agg

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function"
)

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
