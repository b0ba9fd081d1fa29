package datetime

import (
	"time"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
)

// Scalars lists the functions of the family.
func Scalars() []function.Scalar {
	list := clocks()
	list = append(list, texts()...)
	list = append(list, truncation()...)
	list = append(list, parts()...)
	list = append(list, epochs()...)
	list = append(list, shifting()...)
	list = append(list, hops())
	list = append(list, postgres()...)
	return append(list, multi(list)...)
}

func clocks() []function.Scalar {
	return []function.Scalar{
		{Name: "now", Aliases: []string{"transaction_timestamp", "statement_timestamp", "clock_timestamp"}, Family: family, Signature: "now()", Doc: "Time of the statement; in ingestion the record's timestamp.", Example: "now() > 0",
			Volatility: function.Stable, Bind: function.Overloads("now", function.Overload{Type: catalog.TimestampTZ, Eval: now})},
		{Name: "ago", Family: family, Signature: "ago(duration)", Doc: "now() less a duration in ISO 8601 (PT5M, P1D), as LONG milliseconds.", Example: "ago('PT1H') < now()",
			Volatility: function.Stable,
			Bind:       function.Overloads("ago", function.Overload{Args: []catalog.Type{catalog.String}, Type: catalog.Long, Fallible: true, Eval: ago})},
	}
}

func clockAt(ec *function.EvalContext, i int) int64 {
	if ec.NowByRow != nil {
		return ec.NowByRow[i]
	}
	return ec.NowMillis
}

func now(ec *function.EvalContext, _ []*vec.Vector, n int, out *vec.Vector) error {
	for i := range n {
		out.I64[i] = clockAt(ec, i)
	}
	return nil
}

func ago(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	text := function.View[string](args[0])
	return function.TryRows(ec, n, out, func(i int) (int64, error) {
		d, err := convert.ParseInterval(text.At(i))
		return clockAt(ec, i) - d, err
	})
}

// constZone gives the zone of argument i, which has to be constant; UTC where there are fewer arguments.
func constZone(name string, args []function.Arg, i int) (*time.Location, error) {
	if i >= len(args) {
		return time.UTC, nil
	}
	text, err := function.Constant(name, "time zone", args, i)
	if err != nil {
		return nil, err
	}
	return Zone(text)
}

func constPattern(name string, args []function.Arg, i int) (*Pattern, error) {
	text, err := function.Constant(name, "pattern", args, i)
	if err != nil {
		return nil, err
	}
	return CompilePattern(text)
}

func texts() []function.Scalar {
	return []function.Scalar{
		{Name: "toDateTime", Family: family, Signature: "toDateTime(millis, pattern[, zone])", Example: "toDateTime(0, 'yyyy-MM-dd HH:mm:ss') = '1970-01-01 00:00:00'",
			Doc: "A time as text by a pattern of Joda-Time's letters.", Bind: bindToDateTime},
		{Name: "fromDateTime", Family: family, Signature: "fromDateTime(s, pattern[, zone[, default]])", Example: "fromDateTime('1970-01-02', 'yyyy-MM-dd') = 86400000",
			Doc:  "A text read by a pattern, as LONG milliseconds; digits of a fraction after the third are dropped. The default stands for texts that do not match.",
			Bind: bindFromDateTime},
		{Name: "toIso8601", Family: family, Signature: "toIso8601(millis)", Example: "toIso8601(0) = '1970-01-01T00:00:00.000Z'", Doc: "A time as ISO 8601 text in UTC.",
			Bind: function.Overloads("toIso8601", function.Overload{Args: []catalog.Type{catalog.Timestamp}, Type: catalog.String,
				Eval: function.Text1(func(dst []byte, ms int64) ([]byte, error) { return isoPattern.Append(dst, ms, time.UTC), nil })})},
		{Name: "fromIso8601", Family: family, Signature: "fromIso8601(s)", Example: "fromIso8601('1970-01-01T00:00:01Z') = 1000", Doc: "ISO 8601 text as LONG milliseconds.",
			Bind: function.Overloads("fromIso8601", function.Overload{Args: []catalog.Type{catalog.String}, Type: catalog.Long, Fallible: true, Eval: function.Try1(convert.ParseTimestamp)})},
		{Name: "toTimestamp", Family: family, Signature: "toTimestamp(millis) or to_timestamp(s, format)", Example: "toTimestamp(0) = TIMESTAMP '1970-01-01 00:00:00'",
			Doc: "LONG milliseconds as TIMESTAMP, as in Pinot; with a format, PostgreSQL's: the text as an instant, by the fields of to_char.", Bind: bindToTimestamp},
		{Name: "fromTimestamp", Family: family, Signature: "fromTimestamp(t)", Example: "fromTimestamp(TIMESTAMP '1970-01-01 00:00:01') = 1000", Doc: "TIMESTAMP as LONG milliseconds.",
			Bind: function.Overloads("fromTimestamp", function.Overload{Args: []catalog.Type{catalog.Timestamp}, Type: catalog.Long, Eval: function.Map1(same)})},
		{Name: "dateTimeConvert", Family: family, Signature: "dateTimeConvert(value, inFormat, outFormat, granularity[, zone])",
			Example: "dateTimeConvert(90061000, '1:MILLISECONDS:EPOCH', '1:HOURS:EPOCH', '1:HOURS') = 25",
			Doc:     "A time from one column format to another, rounded down to a granularity: text for a date format, TIMESTAMP for TIMESTAMP, else LONG.",
			Bind:    bindDateTimeConvert},
	}
}

func same(x int64) int64 { return x }

func bindToDateTime(args []function.Arg) (function.Bound, error) {
	const name = "toDateTime"
	if len(args) < 2 || len(args) > 3 || args[0].Type.MultiValue {
		return function.Bound{}, function.NoMatch(name, args)
	}
	types := []catalog.Type{catalog.Timestamp, catalog.String, catalog.String}[:len(args)]
	pattern, err := constPattern(name, args, 1)
	if err != nil {
		return function.Bound{}, err
	}
	loc, err := constZone(name, args, 2)
	if err != nil {
		return function.Bound{}, err
	}
	eval := function.Text1(func(dst []byte, ms int64) ([]byte, error) { return pattern.Append(dst, ms, loc), nil })
	return function.Overloads(name, function.Overload{Args: types, Type: catalog.String, Eval: eval})(args)
}

func bindFromDateTime(args []function.Arg) (function.Bound, error) {
	const name = "fromDateTime"
	if len(args) < 2 || len(args) > 4 {
		return function.Bound{}, function.NoMatch(name, args)
	}
	types := []catalog.Type{catalog.String, catalog.String, catalog.String, catalog.Long}[:len(args)]
	pattern, err := constPattern(name, args, 1)
	if err != nil {
		return function.Bound{}, err
	}
	loc, err := constZone(name, args, 2)
	if err != nil {
		return function.Bound{}, err
	}
	o := function.Overload{Args: types, Type: catalog.Long, Fallible: true,
		Eval: function.Try1(func(s string) (int64, error) { return pattern.Parse(s, loc) })}
	if len(args) == 4 {
		o.Fallible = false
		o.Eval = func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
			s, otherwise := function.View[string](args[0]), function.View[int64](args[3])
			for i := range n {
				ms, err := pattern.Parse(s.At(i), loc)
				if err != nil {
					ms = otherwise.At(i)
				}
				out.I64[i] = ms
			}
			return nil
		}
	}
	return function.Overloads(name, o)(args)
}

func bindDateTimeConvert(args []function.Arg) (function.Bound, error) {
	const name = "dateTimeConvert"
	if len(args) < 4 || len(args) > 5 {
		return function.Bound{}, function.NoMatch(name, args)
	}
	var formats [2]*Format
	for i := range formats {
		text, err := function.Constant(name, "format", args, 1+i)
		if err != nil {
			return function.Bound{}, err
		}
		if formats[i], err = ParseFormat(text); err != nil {
			return function.Bound{}, err
		}
	}
	text, err := function.Constant(name, "granularity", args, 3)
	if err != nil {
		return function.Bound{}, err
	}
	g, err := parseGranularity(text)
	if err != nil {
		return function.Bound{}, err
	}
	loc, err := constZone(name, args, 4)
	if err != nil {
		return function.Bound{}, err
	}
	return converter{in: formats[0], out: formats[1], granularity: g, loc: loc}.bind(name, args)
}

// converter is a bound dateTimeConvert.
type converter struct {
	in, out     *Format
	granularity granularity
	loc         *time.Location
}

func (c converter) bind(name string, args []function.Arg) (function.Bound, error) {
	types := []catalog.Type{catalog.Long, catalog.String, catalog.String, catalog.String, catalog.String}[:len(args)]
	if c.in.IsText() {
		types[0] = catalog.String
	} else if c.in.IsTimestamp() {
		types[0] = catalog.Timestamp
	}
	o := function.Overload{Args: types, Type: catalog.Long, Fallible: true}
	switch {
	case c.out.IsText():
		o.Type = catalog.String
		o.Eval = func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
			read := c.reader(args[0])
			return function.BuildTexts(ec, n, out, func(dst []byte, i int) ([]byte, error) {
				ms, err := read(i)
				if err != nil {
					return dst, err
				}
				return c.out.AppendMillis(dst, c.granularity.bucket(ms, c.loc)), nil
			})
		}
	default:
		if c.out.IsTimestamp() {
			o.Type = catalog.Timestamp
		}
		o.Eval = func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
			read := c.reader(args[0])
			return function.TryRows(ec, n, out, func(i int) (int64, error) {
				ms, err := read(i)
				if err != nil {
					return 0, err
				}
				return c.out.LongOfMillis(c.granularity.bucket(ms, c.loc))
			})
		}
	}
	return function.Overloads(name, o)(args)
}

// reader gives the instant of each row.
func (c converter) reader(v *vec.Vector) func(i int) (int64, error) {
	if c.in.IsText() {
		s := function.View[string](v)
		return func(i int) (int64, error) { return c.in.MillisOfText(s.At(i)) }
	}
	x := function.View[int64](v)
	return func(i int) (int64, error) { return c.in.MillisOfLong(x.At(i)) }
}

// timeResult is the result type of a function that maps times to times: TIMESTAMP for a time or a text, LONG for a number.
func timeResult(name string, a function.Arg) (catalog.Type, error) {
	switch k := a.Type.Kind; {
	case a.Type.MultiValue:
	case k.IsTime():
		return a.Type, nil
	case k == catalog.KindString || k == catalog.KindNull:
		return catalog.Timestamp, nil
	case k.IsNumeric() || k == catalog.KindInterval:
		return catalog.Long, nil
	}
	return catalog.Type{}, errs.User(errs.UndefinedFunction, "%s takes a time, not %s", name, a.Type)
}
