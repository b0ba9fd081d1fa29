package agg

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/function"
)

func distincts() []function.Aggregate {
	return []function.Aggregate{
		{Name: "distinctCount", Aliases: []string{"distinctCountBitmap", "distinctCountOffHeap", "segmentPartitionedDistinctCount",
			"distinctCountSmartHLL", "distinctCountSmartHLLPlus", "distinctCountSmartULL"}, Family: family, Signature: "distinctCount(x)", Example: "distinctCount(userId)",
			Doc: "Exact number of distinct values that are not NULL.", Bind: ignoreDistinct("distinctcount", 1, 2, bindDistinct("distinctcount", distinctCount))},
		{Name: "distinctSum", Family: family, Signature: "distinctSum(x)", Example: "distinctSum(price)", Doc: "Sum of the distinct values.",
			Bind: ignoreDistinct("distinctsum", 1, 1, bindDistinct("distinctsum", distinctSum))},
		{Name: "distinctAvg", Family: family, Signature: "distinctAvg(x)", Example: "distinctAvg(price)", Doc: "Average of the distinct values.",
			Bind: ignoreDistinct("distinctavg", 1, 1, bindDistinct("distinctavg", distinctAvg))},
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
