package agg

import (
	"math"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function"
)

func statistics() []function.Aggregate {
	var list []function.Aggregate
	for _, v := range []struct {
		name, alias, doc string
		what             statistic
	}{
		{"varPop", "", "Variance of the rows as the whole population.", varPop},
		{"varSamp", "variance", "Variance of the rows as a sample. NULL of fewer than two.", varSamp},
		{"stdDevPop", "", "Standard deviation of the rows as the whole population.", stdDevPop},
		{"stdDevSamp", "stdDev", "Standard deviation of the rows as a sample. NULL of fewer than two.", stdDevSamp},
		{"skewness", "", "Skewness of the rows as a sample. NULL of fewer than three.", skewness},
		{"kurtosis", "", "Excess kurtosis of the rows as a sample. NULL of fewer than four.", kurtosis},
	} {
		f := function.Aggregate{Name: v.name, Family: family, Signature: v.name + "(x)", Example: v.name + "(price)", Doc: v.doc}
		if v.alias != "" {
			f.Aliases = []string{v.alias}
		}
		name := function.Canonical(v.name)
		f.Bind = plain(name, 1, 1, func(args []function.Arg) (function.BoundAggregate, error) {
			t, err := asNumber(name, args)
			return function.BoundAggregate{Name: name, Type: catalog.Double, Args: []catalog.Type{t},
				New: func() function.Accumulator { return &moments{what: v.what} }}, err
		})
		list = append(list, f)
	}
	return append(list,
		function.Aggregate{Name: "mode", Family: family, Signature: "mode(x[, 'MIN' | 'MAX' | 'AVG']), mode() WITHIN GROUP (ORDER BY x)", Example: "mode(price)",
			Doc:  "Most frequent number, as DOUBLE, or text. The second argument decides between equally frequent numbers: the least unless stated.",
			Bind: plain("mode", 1, 2, bindMode)},
		function.Aggregate{Name: "histogram", Family: family, Signature: "histogram(x, lower, upper, bins), histogram(x, ARRAY[edge, ...])",
			Example: "histogram(price, 0, 100, 10)",
			Doc:     "Number of values per bin, as an array of DOUBLE: bins hold their lower edge, the last one its upper edge too.",
			Bind:    plain("histogram", 2, 4, bindHistogram)})
}

func regressions() []function.Aggregate {
	var list []function.Aggregate
	for _, v := range []struct {
		name, doc string
		what      pairStatistic
	}{
		{"covarPop", "Covariance of the rows as the whole population.", covarPop},
		{"covarSamp", "Covariance of the rows as a sample. NULL of fewer than two.", covarSamp},
		{"corr", "Correlation coefficient. NULL where a variable is constant.", correlation},
		{"regrSlope", "Slope of the least-squares line through (x, y).", regrSlope},
		{"regrIntercept", "Where the least-squares line through (x, y) crosses x = 0.", regrIntercept},
		{"regrR2", "Square of the correlation coefficient.", regrR2},
		{"regrCount", "Number of rows where neither is NULL.", regrCount},
		{"regrAvgx", "Average of x.", regrAvgX},
		{"regrAvgy", "Average of y.", regrAvgY},
		{"regrSxx", "Sum of the squared distances of x from its average.", regrSXX},
		{"regrSyy", "Sum of the squared distances of y from its average.", regrSYY},
		{"regrSxy", "Sum of the products of both distances from their averages.", regrSXY},
	} {
		name := function.Canonical(v.name)
		list = append(list, function.Aggregate{Name: v.name, Family: family, Signature: v.name + "(y, x)", Example: v.name + "(price, quantity)",
			Doc: v.doc + " Rows with a NULL do not count.", Bind: plain(name, 2, 2, bindPair(name, v.what))})
	}
	return list
}

func bindPair(name string, what pairStatistic) binder {
	return func(args []function.Arg) (function.BoundAggregate, error) {
		y, err := asNumber(name, args)
		if err != nil {
			return function.BoundAggregate{}, err
		}
		x, err := asNumber(name, []function.Arg{args[1], args[0]})
		if err != nil || args[1].Type.MultiValue {
			return function.BoundAggregate{}, function.NoMatch(name, args)
		}
		b := function.BoundAggregate{Name: name, Type: catalog.Double, Args: []catalog.Type{y, x},
			New: func() function.Accumulator { return &pairs{what: what} }}
		if what == regrCount {
			b.Type = catalog.Long
		}
		return b, nil
	}
}

func bindHistogram(args []function.Arg) (function.BoundAggregate, error) {
	var b function.BoundAggregate
	t, err := asNumber("histogram", args)
	if err != nil {
		return b, err
	}
	var edges []float64
	width := 0.0
	switch len(args) {
	case 2:
		edges, err = listedEdges(args[1])
	case 4:
		edges, width, err = evenEdges(args)
	default:
		err = function.NoMatch("histogram", args)
	}
	if err != nil {
		return b, err
	}
	return function.BoundAggregate{Name: "histogram", Type: catalog.Double.Array(), Args: []catalog.Type{t},
		New: func() function.Accumulator { return &histogram{edges: edges, width: width} }}, nil
}

// listedEdges reads ARRAY[edge, ...].
func listedEdges(a function.Arg) ([]float64, error) {
	if a.Const == nil || a.Const.Null || !a.Type.MultiValue || !(isFloatLike(a.Type.Kind) || isIntLike(a.Type.Kind)) {
		return nil, errs.User(errs.InvalidParameterValue, "histogram takes a constant array of numbers as the edges of its bins")
	}
	var edges []float64
	for _, e := range a.Const.Elems {
		x := e.F64
		if isIntLike(a.Type.Kind) {
			x = float64(e.I64)
		}
		if x != x || len(edges) > 0 && !(x > edges[len(edges)-1]) {
			return nil, errs.User(errs.InvalidParameterValue, "histogram: edges of bins have to ascend; %v does not", x)
		}
		edges = append(edges, x)
	}
	if len(edges) < 2 || len(edges) > maxBins+1 {
		return nil, errs.User(errs.InvalidParameterValue, "histogram takes from 2 to %d edges, got %d", maxBins+1, len(edges))
	}
	return edges, nil
}

// evenEdges reads lower, upper and the number of bins.
func evenEdges(args []function.Arg) (edges []float64, width float64, err error) {
	lo, okLo := numberOf(args[1])
	hi, okHi := numberOf(args[2])
	bins, okBins := numberOf(args[3])
	switch {
	case !okLo || !okHi || !okBins || !(hi > lo) || math.IsInf(hi-lo, 0):
		return nil, 0, errs.User(errs.InvalidParameterValue, "histogram takes a constant lower edge, a greater upper edge and a number of bins")
	case bins != math.Trunc(bins) || bins < 1 || bins > maxBins:
		return nil, 0, errs.User(errs.InvalidParameterValue, "histogram: number of bins is %v; it has to be from 1 to %d", bins, maxBins)
	}
	width = (hi - lo) / bins
	for i := range int(bins) {
		edges = append(edges, lo+float64(i)*width)
	}
	return append(edges, hi), width, nil
}

func bindMode(args []function.Arg) (function.BoundAggregate, error) {
	ties := "MIN"
	desc, ok := descending(args, 1) // of WITHIN GROUP
	switch {
	case ok && desc:
		ties, args = "MAX", args[:1]
	case !ok:
		text, err := function.Constant("mode", "rule for ties", args, 1)
		if err != nil {
			return function.BoundAggregate{}, err
		}
		if ties = strings.ToUpper(text); ties != "MIN" && ties != "MAX" && ties != "AVG" {
			return function.BoundAggregate{}, errs.User(errs.InvalidParameterValue, "mode: rule for ties is %q; it has to be MIN, MAX or AVG", text)
		}
	}
	if t := args[0].Type; t.Kind.IsText() && len(args) == 1 {
		return function.BoundAggregate{Name: "mode", Type: t, Args: []catalog.Type{t}, New: func() function.Accumulator { return &textMode{typ: t, last: desc} }}, nil
	}
	t, err := asNumber("mode", args)
	if err != nil {
		return function.BoundAggregate{}, err
	}
	return function.BoundAggregate{Name: "mode", Type: catalog.Double, Args: []catalog.Type{t},
		New: func() function.Accumulator { return &mode{ties: ties} }}, nil
}
