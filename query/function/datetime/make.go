package datetime

import (
	"math"
	"time"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
)

// postgres are functions of PostgreSQL that Pinot has no like of.
func postgres() []function.Scalar {
	date := []catalog.Type{catalog.Long, catalog.Long, catalog.Long}
	stamp := append(date[:3:3], catalog.Long, catalog.Long, catalog.Double)
	const templates = " Fields are YYYY MM DD HH24 MI SS MS and PostgreSQL's others; FM leaves out filling zeros and spaces."
	return []function.Scalar{
		{Name: "to_char", Family: family, Signature: "to_char(value, format)", Example: "to_char(TIMESTAMP '2024-02-03 04:05:06', 'DD Mon YYYY HH12:MI AM') = '03 Feb 2024 04:05 AM'",
			Doc: "A time, an interval or a number as text. Numbers take 9 and 0 for digits, D or . for the point, G or , for groups, S, MI, PR for the sign, RN, EEEE, V." + templates, Bind: bindToChar},
		{Name: "to_date", Family: family, Signature: "to_date(s, format)", Example: "to_date('03.02.2024', 'DD.MM.YYYY') = TIMESTAMP '2024-02-03 00:00:00'",
			Doc: "A text as a date, which is a TIMESTAMP at midnight." + templates, Bind: bindToDate},
		{Name: "to_number", Family: family, Signature: "to_number(s, format)", Example: "to_number('1,234.5', '9,999.9') = 1234.5", Doc: "A text as BIG_DECIMAL by a format of to_char.", Bind: bindToNumber},
		{Name: "make_date", Family: family, Signature: "make_date(year, month, day)", Example: "make_date(2024, 2, 3) = TIMESTAMP '2024-02-03 00:00:00'", Doc: "A date, which is a TIMESTAMP at midnight.",
			Bind: function.Overloads("make_date", function.Overload{Args: date, Type: catalog.Timestamp, Fallible: true, Eval: function.Try3(makeDate)})},
		{Name: "make_timestamp", Family: family, Signature: "make_timestamp(year, month, day, hour, minute, second)", Doc: "A TIMESTAMP of its parts; the second may have a fraction.",
			Example: "make_timestamp(2024, 2, 3, 4, 5, 6.5) = TIMESTAMP '2024-02-03 04:05:06.5'",
			Bind:    function.Overloads("make_timestamp", function.Overload{Args: stamp, Type: catalog.Timestamp, Fallible: true, Eval: makeTimestamp(time.UTC)})},
		{Name: "make_timestamptz", Family: family, Signature: "make_timestamptz(year, month, day, hour, minute, second[, zone])", Doc: "An instant of its parts in a zone, UTC unless stated.",
			Example: "make_timestamptz(2024, 7, 1, 12, 0, 0, 'Europe/Berlin') = TIMESTAMP '2024-07-01 10:00:00'", Bind: bindMakeTimestampTZ},
		{Name: "make_interval", Family: family, Signature: "make_interval(years, months, weeks, days, hours, minutes, seconds)", Doc: "An INTERVAL of its parts, the last ones of which may be left out. Years and months have to be 0.",
			Example: "make_interval(0, 0, 1, 1, 2) = INTERVAL '8 days 02:00:00'", Bind: bindMakeInterval},
		{Name: "justify_hours", Family: family, Signature: "justify_hours(interval)", Doc: "The interval with 24 hours as a day, as intervals always are.", Example: "justify_hours(INTERVAL '27 hours') = INTERVAL '1 day 03:00:00'",
			Bind: function.Overloads("justify_hours", function.Overload{Args: []catalog.Type{catalog.Interval}, Type: catalog.Interval, Eval: function.Map1(same)})},
		overlapping(),
		{Name: "date", Family: family, Signature: "date(time)", Doc: "The date of a time, which is a TIMESTAMP at midnight.", Example: "date(TIMESTAMP '2024-02-03 04:05:06') = TIMESTAMP '2024-02-03 00:00:00'",
			Bind: function.Overloads("date", function.Overload{Args: []catalog.Type{catalog.Timestamp}, Type: catalog.Timestamp,
				Eval: function.Map1(func(ms int64) int64 { return floorDiv(ms, millisPerDay) * millisPerDay })})},
	}
}

func bindToDate(args []function.Arg) (function.Bound, error) {
	const name = "to_date"
	if len(args) != 2 {
		return function.Bound{}, function.NoMatch(name, args)
	}
	t, err := constTemplate(name, args, 1)
	if err != nil {
		return function.Bound{}, err
	}
	return function.Overloads(name, function.Overload{Args: []catalog.Type{catalog.String, catalog.String}, Type: catalog.Timestamp, Fallible: true,
		Eval: function.Try1(func(s string) (int64, error) {
			ms, err := t.Parse(s)
			return floorDiv(ms, millisPerDay) * millisPerDay, err
		})})(args)
}

// bindToTimestamp is Pinot's toTimestamp(millis) and PostgreSQL's to_timestamp(text, format).
func bindToTimestamp(args []function.Arg) (function.Bound, error) {
	const name = "toTimestamp"
	if len(args) != 2 {
		return function.Overloads(name, function.Overload{Args: []catalog.Type{catalog.Timestamp}, Type: catalog.Timestamp, Eval: function.Map1(same)})(args)
	}
	t, err := constTemplate(name, args, 1)
	if err != nil {
		return function.Bound{}, err
	}
	return function.Overloads(name, function.Overload{Args: []catalog.Type{catalog.String, catalog.String}, Type: catalog.TimestampTZ, Fallible: true,
		Eval: function.Try1(t.Parse)})(args)
}

func makeDate(year, month, day int64) (int64, error) {
	bad := errs.User(errs.DatetimeOverflow, "date field value out of range: %d-%02d-%02d", year, month, day)
	if year < 0 {
		year++ // 1 BC is the year 0
	} else if year == 0 {
		return 0, bad
	}
	if month < 1 || month > 12 || year < -4713 || year > 294276 || day < 1 || day > int64(convert.DaysInMonth(int(year), int(month))) {
		return 0, bad
	}
	return dayNumber(int(year), int(month), int(day)) * millisPerDay, nil
}

// makeTimestamp reads the clock in a zone.
func makeTimestamp(loc *time.Location) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		var parts [5]function.Slice[int64]
		for i := range parts {
			parts[i] = function.View[int64](args[i])
		}
		seconds := function.View[float64](args[5])
		return function.TryRows(ec, n, out, func(i int) (int64, error) {
			ms, err := makeDate(parts[0].At(i), parts[1].At(i), parts[2].At(i))
			if err != nil {
				return 0, err
			}
			hour, minute, second := parts[3].At(i), parts[4].At(i), seconds.At(i)
			if hour < 0 || hour > 24 || minute < 0 || minute > 59 || !(second >= 0 && second <= 60) || hour == 24 && (minute > 0 || second > 0) {
				return 0, errs.User(errs.DatetimeOverflow, "time field value out of range: %d:%02d:%02g", hour, minute, second)
			}
			return instant(ms+hour*millisPerHour+minute*millisPerMinute+int64(math.Round(second*1000)), loc), nil
		})
	}
}

func bindMakeTimestampTZ(args []function.Arg) (function.Bound, error) {
	const name = "make_timestamptz"
	loc, err := constZone(name, args, 6)
	if err != nil {
		return function.Bound{}, err
	}
	types := []catalog.Type{catalog.Long, catalog.Long, catalog.Long, catalog.Long, catalog.Long, catalog.Double, catalog.String}
	if len(args) < 6 || len(args) > 7 {
		return function.Bound{}, function.NoMatch(name, args)
	}
	return function.Overloads(name, function.Overload{Args: types[:len(args)], Type: catalog.TimestampTZ, Fallible: true, Eval: makeTimestamp(loc)})(args)
}

func bindMakeInterval(args []function.Arg) (function.Bound, error) {
	const name = "make_interval"
	types := []catalog.Type{catalog.Long, catalog.Long, catalog.Long, catalog.Long, catalog.Long, catalog.Long, catalog.Double}
	if len(args) > len(types) {
		return function.Bound{}, function.NoMatch(name, args)
	}
	return function.Overloads(name, function.Overload{Args: types[:len(args)], Type: catalog.Interval, Fallible: true, Eval: makeInterval})(args)
}

func makeInterval(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	return function.TryRows(ec, n, out, func(i int) (int64, error) {
		total := 0.0
		for k, a := range args {
			switch {
			case k == 6:
				total += math.Round(a.Float64At(i) * 1000)
			case k < 2 && a.Int64At(i) != 0:
				return 0, errs.User(errs.FeatureNotSupported, "make_interval: months and years are not supported, they have no fixed length")
			case k >= 2:
				total += float64(a.Int64At(i)) * float64([...]int64{millisPerWeek, millisPerDay, millisPerHour, millisPerMinute}[k-2])
			}
		}
		if math.Abs(total) >= 1<<53 || math.IsNaN(total) {
			return 0, errs.User(errs.DatetimeOverflow, "interval out of range")
		}
		return int64(total), nil
	})
}
