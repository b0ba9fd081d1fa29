package agg

import (
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function"
)

func picks() []function.Aggregate {
	return []function.Aggregate{
		{Name: "anyValue", Family: family, Signature: "anyValue(x)", Example: "anyValue(name)", Doc: "Value of the first row where it is not NULL.",
			Bind: plain("anyvalue", 1, 1, func(args []function.Arg) (function.BoundAggregate, error) {
				t := args[0].Type
				if t.Kind == catalog.KindNull {
					t = catalog.String
				}
				return function.BoundAggregate{Name: "anyvalue", Type: t, Args: []catalog.Type{t},
					New: func() function.Accumulator { return &pick{typ: t} }}, nil
			})},
		{Name: "firstWithTime", Family: family, Signature: "firstWithTime(x, time, 'TYPE')", Example: "firstWithTime(status, ts, 'STRING')",
			Doc: "Value of x in the row of the least time, the first of such rows.", Bind: plain("firstwithtime", 2, 3, bindWithTime("firstwithtime", false))},
		{Name: "lastWithTime", Family: family, Signature: "lastWithTime(x, time, 'TYPE')", Example: "lastWithTime(status, ts, 'STRING')",
			Doc: "Value of x in the row of the greatest time, the last of such rows.", Bind: plain("lastwithtime", 2, 3, bindWithTime("lastwithtime", true))},
		{Name: "exprMin", Aliases: []string{"argMin"}, Family: family, Signature: "exprMin(x, measure[, ...])", Example: "exprMin(name, price)",
			Doc:  "Value of x in the row of the least measure; further measures decide between equals, then the first row.",
			Bind: plain("exprmin", 2, maxMeasures+1, bindExprExtreme("exprmin", false))},
		{Name: "exprMax", Aliases: []string{"argMax"}, Family: family, Signature: "exprMax(x, measure[, ...])", Example: "exprMax(name, price)",
			Doc:  "Value of x in the row of the greatest measure; further measures decide between equals, then the first row.",
			Bind: plain("exprmax", 2, maxMeasures+1, bindExprExtreme("exprmax", true))},
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

// maxMeasures bounds the measures of exprMin and exprMax.
const maxMeasures = 16

func bindExprExtreme(name string, greatest bool) binder {
	return func(args []function.Arg) (function.BoundAggregate, error) {
		b := function.BoundAggregate{Name: name, Type: args[0].Type}
		for _, a := range args {
			t := a.Type
			if t.MultiValue || t.Kind.Physical() == catalog.PhysInvalid {
				return b, function.NoMatch(name, args)
			}
			if t.Kind == catalog.KindNull {
				t = catalog.String
			}
			b.Args = append(b.Args, t)
		}
		t := b.Args[0]
		b.Type = t
		b.New = func() function.Accumulator { return &exprExtreme{typ: t, max: greatest} }
		return b, nil
	}
}

func collectors() []function.Aggregate {
	return []function.Aggregate{
		{Name: "arrayAgg", Family: family, Signature: "arrayAgg([DISTINCT] x[, 'TYPE'[, distinct]] [ORDER BY key, ...])", Example: "arrayAgg(name)",
			Doc: "The values that are not NULL as an array, in the order of the rows; distinct ones in their own order. NULL of no rows.",
			Bind: func(args []function.Arg, distinct, star bool) (function.BoundAggregate, error) {
				if star {
					return function.BoundAggregate{}, errs.User(errs.UndefinedFunction, "function arrayagg(*) does not exist")
				}
				return bindArrayAgg(args, distinct, nil)
			},
			BindOrdered: bindArrayAgg},
		{Name: "listAgg", Aliases: []string{"stringAgg"}, Family: family, Signature: "listAgg([DISTINCT] x, separator[, distinct] [ORDER BY key, ...])",
			Example: "listAgg(name, ', ')",
			Doc:     "The values that are not NULL as one text, in the order of the rows; distinct ones in their own order. NULL of no rows.",
			Bind: func(args []function.Arg, distinct, star bool) (function.BoundAggregate, error) {
				if star {
					return function.BoundAggregate{}, errs.User(errs.UndefinedFunction, "function listagg(*) does not exist")
				}
				return bindListAgg(args, distinct, nil)
			},
			BindOrdered: bindListAgg},
	}
}

// distinctArg reads the constant that says whether values are distinct, argument i if there is one.
func distinctArg(name string, args []function.Arg, i int, distinct bool) (bool, error) {
	if len(args) <= i {
		return distinct, nil
	}
	a := args[i]
	if a.Const == nil || a.Const.Null || a.Type != catalog.Boolean {
		return false, errs.User(errs.InvalidParameterValue, "%s takes a constant true or false that says whether values are distinct", name)
	}
	return distinct || a.Const.I64 != 0, nil
}

var arrayTypes = map[string]catalog.Type{"INT": catalog.Int, "LONG": catalog.Long, "FLOAT": catalog.Float, "DOUBLE": catalog.Double,
	"STRING": catalog.String, "BOOLEAN": catalog.Boolean, "TIMESTAMP": catalog.Timestamp, "BIG_DECIMAL": catalog.BigDecimal, "JSON": catalog.JSON,
	"BYTES": catalog.Bytes}

func bindArrayAgg(args []function.Arg, distinct bool, keys []function.OrderKey) (function.BoundAggregate, error) {
	var b function.BoundAggregate
	if len(args) < 1 || len(args) > 3 || args[0].Type.MultiValue || args[0].Type.Kind.Physical() == catalog.PhysInvalid {
		return b, function.NoMatch("arrayagg", args)
	}
	t := args[0].Type
	switch t.Kind {
	case catalog.KindNull:
		t = catalog.String
	case catalog.KindTimestampTZ:
		t = catalog.Timestamp
	case catalog.KindDuration, catalog.KindInterval:
		t = catalog.Long
	}
	if len(args) > 1 {
		text, err := function.Constant("arrayagg", "type", args, 1)
		if err != nil {
			return b, err
		}
		var ok bool
		if t, ok = arrayTypes[strings.ToUpper(text)]; !ok {
			return b, errs.User(errs.InvalidParameterValue,
				"arrayagg: type is %q; it has to be INT, LONG, FLOAT, DOUBLE, BIG_DECIMAL, BOOLEAN, TIMESTAMP, STRING, JSON or BYTES", text)
		}
	}
	distinct, err := distinctArg("arrayagg", args, 2, distinct)
	if err != nil {
		return b, err
	}
	b = function.BoundAggregate{Name: "arrayagg", Type: t.Array(), Args: []catalog.Type{t},
		New: func() function.Accumulator { return newArrayAgg(t) }}
	return modify(b, distinct, keys), nil
}

func bindListAgg(args []function.Arg, distinct bool, keys []function.OrderKey) (function.BoundAggregate, error) {
	var b function.BoundAggregate
	if len(args) < 2 || len(args) > 3 || args[0].Type.MultiValue || args[0].Type.Kind.Physical() == catalog.PhysInvalid {
		return b, function.NoMatch("listagg", args)
	}
	separator, err := function.Constant("listagg", "separator", args, 1)
	if err != nil {
		return b, err
	}
	if distinct, err = distinctArg("listagg", args, 2, distinct); err != nil {
		return b, err
	}
	b = function.BoundAggregate{Name: "listagg", Type: catalog.String, Args: []catalog.Type{catalog.String},
		New: func() function.Accumulator { return &textAgg{separator: separator} }}
	return modify(b, distinct, keys), nil
}

func bitFolds() []function.Aggregate {
	var list []function.Aggregate
	for _, f := range []struct {
		name, doc string
		fold      func(x, y int64) int64
	}{
		{"bit_and", "Bits that are set in every value.", func(x, y int64) int64 { return x & y }},
		{"bit_or", "Bits that are set in some value.", func(x, y int64) int64 { return x | y }},
		{"bit_xor", "Bits that are set in an odd number of values.", func(x, y int64) int64 { return x ^ y }},
	} {
		name := function.Canonical(f.name)
		list = append(list, function.Aggregate{Name: f.name, Family: family, Signature: f.name + "(x)", Example: f.name + "(flags)",
			Doc: f.doc + " Of the argument's type, INT or LONG; NULL of no rows.", Bind: plain(name, 1, 1, func(args []function.Arg) (function.BoundAggregate, error) {
				t := args[0].Type
				if t != catalog.Int && t != catalog.Long {
					return function.BoundAggregate{}, function.NoMatch(name, args)
				}
				return function.BoundAggregate{Name: name, Type: t, Args: []catalog.Type{t},
					New: func() function.Accumulator { return &bitFold{typ: t, fold: f.fold} }}, nil
			})})
	}
	return list
}
