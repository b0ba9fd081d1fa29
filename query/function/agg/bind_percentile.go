package agg

import (
	"math"
	"slices"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function"
)

func percentiles() []function.Aggregate {
	rankDoc := " The rank is a constant from 0 to 100; percentile95(x) is percentile(x, 95)."
	const merged = " BYTES are serialised sketches, which are merged."
	return []function.Aggregate{
		{Name: "percentile", Family: family, Signature: "percentile(x, rank)", Example: "percentile(latency, 99)",
			Doc: "Exact percentile as DOUBLE: the value at position floor(n * rank / 100) of the sorted values, the last for rank 100." + rankDoc,
			Bind: plain("percentile", 2, 2, bindPercentile("percentile", func(rank float64) function.Accumulator {
				return &percentile{float: true, p: rank, typ: catalog.Double}
			}, catalog.Double))},
		{Name: "percentileCont", Family: family, Signature: "percentile_cont(fraction) WITHIN GROUP (ORDER BY x [DESC])",
			Example: "percentile_cont(0.5) WITHIN GROUP (ORDER BY price)",
			Doc:     "Value at the fraction, from 0 to 1, of the sorted values, as DOUBLE: interpolated between the two around it.",
			Bind:    plain("percentilecont", 2, 3, bindFraction("percentilecont", rankContinuous))},
		{Name: "percentileDisc", Family: family, Signature: "percentile_disc(fraction) WITHIN GROUP (ORDER BY x [DESC])",
			Example: "percentile_disc(0.5) WITHIN GROUP (ORDER BY price)",
			Doc:     "First of the sorted values at which the fraction, from 0 to 1, of all is reached. Of the argument's type.",
			Bind:    plain("percentiledisc", 2, 3, bindFraction("percentiledisc", rankDiscrete))},
		{Name: "percentileEst", Family: family, Signature: "percentileEst(x, rank)", Example: "percentileEst(latency, 99)",
			Doc:  "Percentile as LONG, to 0.4 %, in little memory." + merged + rankDoc,
			Bind: plain("percentileest", 2, 2, bindEstimate("percentileest", catalog.Long))},
		{Name: "percentileFast", Aliases: []string{"percentileKLL"}, Family: family, Signature: "percentileFast(x, rank)", Example: "percentileFast(latency, 99)",
			Doc:  "Percentile as DOUBLE, to 0.4 %, in little memory." + merged + rankDoc,
			Bind: plain("percentilefast", 2, 3, bindEstimate("percentilefast", catalog.Double))},
		{Name: "percentileRawEst", Aliases: []string{"percentileRawKLL"}, Family: family, Signature: "percentileRawEst(x, rank)", Example: "percentileRawEst(latency, 99)",
			Doc:  "The sketch of percentileEst and percentileKLL serialised, as text in base64. The rank changes nothing.",
			Bind: plain("percentilerawest", 2, 3, bindEstimate("percentilerawest", catalog.String))},
		{Name: "percentileTDigest", Aliases: []string{"percentileSmartTDigest"}, Family: family, Signature: "percentileTDigest(x, rank[, compression])",
			Example: "percentileTDigest(latency, 99)", Doc: "Percentile as DOUBLE by a t-digest, of compression 100 unless stated." + merged + rankDoc,
			Bind: plain("percentiletdigest", 2, 3, bindTDigest("percentiletdigest", false))},
		{Name: "percentileRawTDigest", Family: family, Signature: "percentileRawTDigest(x, rank[, compression])",
			Example: "percentileRawTDigest(latency, 99)", Doc: "The t-digest of percentileTDigest serialised, as text in base64. The rank changes nothing.",
			Bind: plain("percentilerawtdigest", 2, 3, bindTDigest("percentilerawtdigest", true))},
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

// serialisable puts BYTES through a binder of numbers: they are serialised sketches.
func serialisable(args []function.Arg, bind binder) (function.BoundAggregate, error) {
	if args[0].Type != catalog.Bytes {
		return bind(args)
	}
	args = slices.Clone(args)
	args[0] = function.Arg{Type: catalog.Double}
	b, err := bind(args)
	if err == nil {
		b.Args[0] = catalog.Bytes
	}
	return b, err
}

func bindEstimate(name string, t catalog.Type) binder {
	return func(args []function.Arg) (function.BoundAggregate, error) {
		return serialisable(args, bindPercentile(name, func(rank float64) function.Accumulator { return &percentileEst{rank: rank, typ: t} }, t))
	}
}

func bindTDigest(name string, raw bool) binder {
	t := catalog.Double
	if raw {
		t = catalog.String
	}
	return func(args []function.Arg) (function.BoundAggregate, error) {
		compression := 100.0
		if len(args) == 3 {
			x, ok := numberOf(args[2])
			if !ok && args[2].Const != nil && args[2].Type == catalog.String {
				x, ok = compression, true // percentileSmartTDigest's text of settings
			}
			if !ok || x < 1 || x > 10000 {
				return function.BoundAggregate{}, errs.User(errs.InvalidParameterValue, "%s takes a constant compression from 1 to 10000", name)
			}
			compression = x
		}
		return serialisable(args, bindPercentile(name, func(rank float64) function.Accumulator {
			return &percentileTDigest{rank: rank, raw: raw, compression: compression}
		}, t))
	}
}

// bindFraction is percentile_cont and percentile_disc. A third argument, true, stands for WITHIN GROUP in descending order.
func bindFraction(name string, rule rankRule) binder {
	return func(args []function.Arg) (function.BoundAggregate, error) {
		p, ok := numberOf(args[1])
		switch {
		case !ok:
			return function.BoundAggregate{}, errs.User(errs.InvalidParameterValue, "%s takes a constant fraction from 0 to 1", name)
		case !(p >= 0 && p <= 1):
			return function.BoundAggregate{}, errs.User(errs.NumericOutOfRange, "percentile value %v is not between 0 and 1", p)
		}
		desc, ok := descending(args, 2)
		if !ok {
			return function.BoundAggregate{}, function.NoMatch(name, args)
		}
		if rule == rankDiscrete {
			return bindDiscrete(name, args[0].Type, p, desc)
		}
		t, err := asNumber(name, args)
		return function.BoundAggregate{Name: name, Type: catalog.Double, Args: []catalog.Type{t},
			New: func() function.Accumulator {
				return &percentile{float: true, p: p, rule: rule, desc: desc, typ: catalog.Double}
			}}, err
	}
}

// descending reads the constant that stands for DESC, argument i if there is one; ok is false if it is something else.
func descending(args []function.Arg, i int) (desc, ok bool) {
	if len(args) <= i {
		return false, true
	}
	c := args[i].Const
	return true, args[i].Type == catalog.Boolean && c != nil && !c.Null && c.I64 != 0
}

func bindDiscrete(name string, t catalog.Type, p float64, desc bool) (function.BoundAggregate, error) {
	b := function.BoundAggregate{Name: name, Type: t, Args: []catalog.Type{t}}
	switch {
	case isIntLike(t.Kind):
		b.New = func() function.Accumulator { return &percentile{p: p, rule: rankDiscrete, desc: desc, typ: t} }
	case isFloatLike(t.Kind):
		b.New = func() function.Accumulator {
			return &percentile{float: true, p: p, rule: rankDiscrete, desc: desc, typ: t}
		}
	case t.Kind == catalog.KindNull || t.Kind.Physical() == catalog.PhysInvalid:
		return b, function.NoMatch(name, []function.Arg{{Type: t}})
	default:
		b.New = func() function.Accumulator {
			a := &anyPercentile{arrayAgg: *newArrayAgg(t), p: p, desc: desc}
			a.most = math.MaxInt32 // only the memory of the query bounds what makes one value
			return a
		}
	}
	return b, nil
}
