package datetime

import (
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// epochs are toEpochSeconds, its siblings and timeConvert.
func epochs() []function.Scalar {
	var list []function.Scalar
	for _, e := range []struct {
		name string
		unit unit
	}{{"Seconds", second}, {"Minutes", minute}, {"Hours", hour}, {"Days", day}} {
		u, plural := e.unit, strings.ToLower(e.name)
		ms := []catalog.Type{catalog.Timestamp}
		msN := []catalog.Type{catalog.Timestamp, catalog.Long}
		from, to := "fromEpoch"+e.name, "toEpoch"+e.name
		long := func(name, signature, doc, example string, args []catalog.Type, eval function.Eval) {
			list = append(list, function.Scalar{Name: name, Family: family, Signature: signature, Doc: doc, Example: example,
				Bind: function.Overloads(name, function.Overload{Args: args, Type: catalog.Long, Fallible: true, Eval: eval})})
		}
		long(to, to+"(millis)", "A time as whole "+plural+" since 1970.", to+"(172800000) = "+ratio(172800000/unitMillis[u]), ms, function.Try1(u.fromMillis))
		long(to+"Rounded", to+"Rounded(millis, n)", "A time as "+plural+" since 1970, rounded down to a multiple of n.", to+"Rounded(0, 10) = 0", msN,
			function.Try2(func(ms, n int64) (int64, error) {
				x, err := bucketOf(u, ms, n)
				return x * n, err
			}))
		long(to+"Bucket", to+"Bucket(millis, n)", "A time as "+plural+" since 1970, divided by n.", to+"Bucket(0, 10) = 0", msN,
			function.Try2(func(ms, n int64) (int64, error) { return bucketOf(u, ms, n) }))
		long(from, from+"(x)", "Milliseconds of "+plural+" since 1970.", from+"(1) = "+ratio(unitMillis[u]), []catalog.Type{catalog.Long}, function.Try1(u.toMillis))
		long(from+"Bucket", from+"Bucket(x, n)", "Milliseconds of a multiple of n "+plural+" since 1970.", from+"Bucket(0, 10) = 0",
			[]catalog.Type{catalog.Long, catalog.Long}, function.Try2(func(x, n int64) (int64, error) {
				if r := x * n; n == 0 || r/n == x {
					return u.toMillis(r)
				}
				return 0, errs.User(errs.DatetimeOverflow, "timestamp out of range")
			}))
	}
	return append(list, function.Scalar{Name: "timeConvert", Family: family, Signature: "timeConvert(x, fromUnit, toUnit)",
		Doc: "A count of one unit (NANOSECONDS to DAYS) in another, truncated.", Example: "timeConvert(86400000, 'MILLISECONDS', 'DAYS') = 1", Bind: bindTimeConvert})
}

func ratio(x int64) string { return catalog.LongValue(x).String() }

func bucketOf(u unit, ms, n int64) (int64, error) {
	if n <= 0 {
		return 0, errs.User(errs.InvalidParameterValue, "size of a time bucket is %d; it has to be positive", n)
	}
	x, err := u.fromMillis(ms)
	return x / n, err
}

func bindTimeConvert(args []function.Arg) (function.Bound, error) {
	const name = "timeConvert"
	if len(args) != 3 {
		return function.Bound{}, function.NoMatch(name, args)
	}
	var units [2]unit
	for i := range units {
		text, err := function.Constant(name, "unit", args, 1+i)
		if err != nil {
			return function.Bound{}, err
		}
		if units[i], err = timeUnit(text); err != nil {
			return function.Bound{}, err
		}
	}
	eval := function.Try1(func(x int64) (int64, error) { return convertUnits(x, units[0], units[1]) })
	return function.Overloads(name, function.Overload{Args: []catalog.Type{catalog.Long, catalog.String, catalog.String}, Type: catalog.Long, Fallible: true, Eval: eval})(args)
}

// nanosOf are the lengths of units in nanoseconds.
func nanosOf(u unit) int64 {
	switch u {
	case nanosecond:
		return 1
	case microsecond:
		return 1000
	}
	return unitMillis[u] * 1_000_000
}

func convertUnits(x int64, from, to unit) (int64, error) {
	a, b := nanosOf(from), nanosOf(to)
	if a <= b {
		return x / (b / a), nil
	}
	if r := x * (a / b); r/(a/b) == x {
		return r, nil
	}
	return 0, errs.User(errs.DatetimeOverflow, "timestamp out of range: %d %ss", x, unitNames[from])
}

// shifting is date arithmetic and zones.
func shifting() []function.Scalar {
	return []function.Scalar{
		{Name: "timestampAdd", Aliases: []string{"dateAdd"}, Family: family, Signature: "timestampAdd(unit, n, time)", Example: "timestampAdd('DAY', 1, 0) = 86400000",
			Doc: "A time moved by n units; months keep the day, or take the last of a shorter month.", Bind: bindAdd},
		{Name: "timestampDiff", Aliases: []string{"dateDiff"}, Family: family, Signature: "timestampDiff(unit, from, to)", Example: "timestampDiff('DAY', 0, 86400000) = 1",
			Doc: "Whole units from one time to another, negative backwards.", Bind: bindDiff},
		{Name: "timezone", Family: family, Signature: "timezone(zone, time) or time AT TIME ZONE zone",
			Example: "timezone('Europe/Berlin', TIMESTAMP '2024-07-01 12:00:00') = TIMESTAMP '2024-07-01 10:00:00'",
			Doc:     "A TIMESTAMP as local time of the zone, as an instant; an instant as the zone's local time.", Bind: bindTimezone},
	}
}

func constUnit(name string, args []function.Arg) (unit, error) {
	text, err := function.Constant(name, "unit", args, 0)
	if err != nil {
		return 0, err
	}
	u, ok := unitByName(text)
	if !ok || u > year {
		return 0, badUnit(text)
	}
	return u, nil
}

func bindAdd(args []function.Arg) (function.Bound, error) {
	const name = "timestampAdd"
	if len(args) != 3 {
		return function.Bound{}, function.NoMatch(name, args)
	}
	u, err := constUnit(name, args)
	if err != nil {
		return function.Bound{}, err
	}
	t, err := timeResult(name, args[2])
	if err != nil {
		return function.Bound{}, err
	}
	add := function.Try2(func(n, ms int64) (int64, error) { return u.add(ms, n) })
	return function.Bound{Name: "timestampadd", Type: t, Args: []catalog.Type{catalog.String, catalog.Long, t}, Strict: true, Fallible: true,
		Eval: func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
			return add(ec, args[1:], n, out)
		}}, nil
}

func bindDiff(args []function.Arg) (function.Bound, error) {
	const name = "timestampDiff"
	if len(args) != 3 {
		return function.Bound{}, function.NoMatch(name, args)
	}
	u, err := constUnit(name, args)
	if err != nil {
		return function.Bound{}, err
	}
	diff := function.Try2(u.between)
	return function.Overloads(name, function.Overload{Args: []catalog.Type{catalog.String, catalog.Timestamp, catalog.Timestamp}, Type: catalog.Long, Fallible: true,
		Eval: func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
			return diff(ec, args[1:], n, out)
		}})(args)
}

func bindTimezone(args []function.Arg) (function.Bound, error) {
	const name = "timezone"
	if len(args) != 2 {
		return function.Bound{}, function.NoMatch(name, args)
	}
	loc, err := constZone(name, args, 0)
	if err != nil {
		return function.Bound{}, err
	}
	b := function.Bound{Name: name, Type: catalog.TimestampTZ, Args: []catalog.Type{catalog.String, catalog.Timestamp}, Strict: true,
		Eval: second2(func(local int64) int64 { return instant(local, loc) })}
	if args[1].Type == catalog.TimestampTZ {
		b.Type, b.Args[1] = catalog.Timestamp, catalog.TimestampTZ
		b.Eval = second2(func(ms int64) int64 { return ms + offsetAt(loc, ms) })
	}
	return b, nil
}
