package datetime

import (
	"strings"
	"time"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
)

// part is a function that takes a number out of a time.
type part struct {
	name    string
	aliases []string
	doc     string
	example string
	of      func(c *civil) int
}

func partList() []part {
	return []part{
		{"year", nil, "Year.", "year(0) = 1970", func(c *civil) int { return c.year }},
		{"yearOfWeek", []string{"yow"}, "Year that the ISO week belongs to.", "yearOfWeek(0) = 1970", func(c *civil) int { y, _ := c.isoWeek(); return y }},
		{"quarter", nil, "Quarter, from 1.", "quarter(0) = 1", func(c *civil) int { return (c.month + 2) / 3 }},
		{"month", []string{"monthOfYear"}, "Month, from 1.", "month(0) = 1", func(c *civil) int { return c.month }},
		{"week", []string{"weekOfYear"}, "ISO week of the year.", "week(0) = 1", func(c *civil) int { _, w := c.isoWeek(); return w }},
		{"dayOfYear", []string{"doy"}, "Day of the year, from 1.", "dayOfYear(86400000) = 2", func(c *civil) int { return c.yearDay() }},
		{"day", []string{"dayOfMonth"}, "Day of the month.", "day(0) = 1", func(c *civil) int { return c.day }},
		{"dayOfWeek", []string{"dow"}, "Day of the week: Monday is 1, Sunday 7.", "dayOfWeek(0) = 4", func(c *civil) int { return c.weekday() }},
		{"hour", nil, "Hour, 0 to 23.", "hour(3600000) = 1", func(c *civil) int { return c.hour }},
		{"minute", nil, "Minute.", "minute(60000) = 1", func(c *civil) int { return c.minute }},
		{"second", nil, "Second.", "second(1000) = 1", func(c *civil) int { return c.second }},
		{"millisecond", nil, "Millisecond.", "millisecond(1234) = 234", func(c *civil) int { return c.msec }},
		{"timezoneHour", nil, "Hours of the zone's offset.", "timezoneHour(0) = 0", func(c *civil) int { return int(c.offset / millisPerHour) }},
		{"timezoneMinute", nil, "Minutes of the zone's offset.", "timezoneMinute(0) = 0", func(c *civil) int { return int(c.offset % millisPerHour / millisPerMinute) }},
	}
}

func parts() []function.Scalar {
	var list []function.Scalar
	for _, p := range partList() {
		list = append(list, function.Scalar{Name: p.name, Aliases: p.aliases, Family: family, Signature: p.name + "(time[, zone])",
			Doc: p.doc + " The zone is UTC unless stated.", Example: p.example, Bind: p.bind})
	}
	const doc = " Fields and meaning are PostgreSQL's: dow is 0 for Sunday, second and epoch have fractions."
	return append(list,
		function.Scalar{Name: "extract", Family: family, Signature: "extract(field FROM time)", Doc: "A field of a time or of an interval." + doc,
			Example: "extract(year FROM TIMESTAMP '2024-02-03 00:00:00') = 2024", Bind: bindExtract("extract")},
		function.Scalar{Name: "datePart", Family: family, Signature: "date_part(field, time)", Doc: "A field of a time or of an interval." + doc,
			Example: "date_part('dow', TIMESTAMP '2024-02-04 00:00:00') = 0", Bind: bindExtract("date_part")})
}

func (p part) bind(args []function.Arg) (function.Bound, error) {
	if len(args) < 1 || len(args) > 2 {
		return function.Bound{}, function.NoMatch(p.name, args)
	}
	loc, err := constZone(p.name, args, 1)
	if err != nil {
		return function.Bound{}, err
	}
	eval := function.Map1(func(ms int64) int32 {
		c := civilOf(ms, loc)
		return int32(p.of(&c))
	})
	types := []catalog.Type{catalog.Timestamp, catalog.String}[:len(args)]
	return function.Overloads(p.name, function.Overload{Args: types, Type: catalog.Int, Eval: eval})(args)
}

// pgFields are PostgreSQL's fields of a time that are whole numbers.
var pgFields = map[string]func(c *civil) int{
	"century":         func(c *civil) int { return int(floorDiv(int64(c.year-1), 100)) + 1 },
	"day":             func(c *civil) int { return c.day },
	"decade":          func(c *civil) int { return int(floorDiv(int64(c.year), 10)) },
	"dow":             func(c *civil) int { return c.weekday() % 7 },
	"doy":             func(c *civil) int { return c.yearDay() },
	"hour":            func(c *civil) int { return c.hour },
	"isodow":          func(c *civil) int { return c.weekday() },
	"isoyear":         func(c *civil) int { y, _ := c.isoWeek(); return y },
	"millennium":      func(c *civil) int { return int(floorDiv(int64(c.year-1), 1000)) + 1 },
	"minute":          func(c *civil) int { return c.minute },
	"month":           func(c *civil) int { return c.month },
	"quarter":         func(c *civil) int { return (c.month + 2) / 3 },
	"timezone":        func(c *civil) int { return int(c.offset / 1000) },
	"timezone_hour":   func(c *civil) int { return int(c.offset / millisPerHour) },
	"timezone_minute": func(c *civil) int { return int(c.offset % millisPerHour / millisPerMinute) },
	"week":            func(c *civil) int { _, w := c.isoWeek(); return w },
	"year":            func(c *civil) int { return c.year },
	// Pinot's further names.
	"dayofyear": func(c *civil) int { return c.yearDay() }, "dayofweek": func(c *civil) int { return c.weekday() },
}

// pgFractions are the fields with a fraction.
var pgFractions = map[string]func(ms int64) float64{
	"epoch":        func(ms int64) float64 { return float64(ms) / 1000 },
	"second":       func(ms int64) float64 { return float64(ms-floorDiv(ms, millisPerMinute)*millisPerMinute) / 1000 },
	"millisecond":  func(ms int64) float64 { return float64(ms - floorDiv(ms, millisPerMinute)*millisPerMinute) },
	"milliseconds": func(ms int64) float64 { return float64(ms - floorDiv(ms, millisPerMinute)*millisPerMinute) },
	"microseconds": func(ms int64) float64 { return float64(ms-floorDiv(ms, millisPerMinute)*millisPerMinute) * 1000 },
	"julian":       func(ms int64) float64 { return float64(ms)/float64(millisPerDay) + 2440588 },
}

// intervalFields are the fields of an interval or a duration.
var intervalFields = map[string]func(ms int64) float64{
	"epoch":        func(ms int64) float64 { return float64(ms) / 1000 },
	"day":          func(ms int64) float64 { return float64(ms / millisPerDay) },
	"hour":         func(ms int64) float64 { return float64(ms % millisPerDay / millisPerHour) },
	"minute":       func(ms int64) float64 { return float64(ms % millisPerHour / millisPerMinute) },
	"second":       func(ms int64) float64 { return float64(ms%millisPerMinute) / 1000 },
	"milliseconds": func(ms int64) float64 { return float64(ms % millisPerMinute) },
}

// bindExtract is extract and date_part. Whole fields of a time are INT, the others DOUBLE.
func bindExtract(name string) func([]function.Arg) (function.Bound, error) {
	return func(args []function.Arg) (function.Bound, error) {
		if len(args) != 2 {
			return function.Bound{}, function.NoMatch(name, args)
		}
		text, err := function.Constant(name, "field", args, 0)
		if err != nil {
			return function.Bound{}, err
		}
		field := strings.ToLower(strings.TrimSpace(text))
		b := function.Bound{Name: function.Canonical(name), Type: catalog.Double, Args: []catalog.Type{catalog.String, args[1].Type}, Strict: true}
		switch k := args[1].Type.Kind; {
		case args[1].Type.MultiValue:
			return b, function.NoMatch(name, args)
		case k == catalog.KindDuration || k == catalog.KindInterval:
			f, ok := intervalFields[field]
			if !ok {
				return b, badField(text, "interval")
			}
			b.Eval = second2(f)
			return b, nil
		case k.IsTime():
		case k.IsInteger() || k == catalog.KindString || k == catalog.KindNull:
			b.Args[1] = catalog.Timestamp
		default:
			return b, function.NoMatch(name, args)
		}
		if f, ok := pgFractions[field]; ok {
			b.Eval = second2(f)
			return b, nil
		}
		f, ok := pgFields[field]
		if !ok {
			return b, badField(text, "timestamp")
		}
		b.Type = catalog.Int
		b.Eval = second2(func(ms int64) int32 {
			c := civilOf(ms, time.UTC)
			return int32(f(&c))
		})
		return b, nil
	}
}

// second2 lifts a function of the second argument.
func second2[R function.Value](f func(int64) R) function.Eval {
	eval := function.Map1(f)
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		return eval(ec, args[1:], n, out)
	}
}

func badField(text, of string) error {
	return errs.User(errs.InvalidParameterValue, "unit %q not recognized for type %s", convert.Shown(text), of)
}
