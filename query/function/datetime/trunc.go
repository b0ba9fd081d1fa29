package datetime

import (
	"time"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

func truncation() []function.Scalar {
	return []function.Scalar{
		{Name: "dateTrunc", Aliases: []string{"dateTruncate"}, Family: family, Signature: "dateTrunc(unit, value[, inUnit[, zone[, outUnit]]])",
			Example: "dateTrunc('hour', 3600001) = 3600000",
			Doc: "The beginning of the unit (millisecond to year, week begins on Monday) that the value is in: TIMESTAMP for a TIMESTAMP, LONG for a number. " +
				"inUnit and outUnit are the units of numbers, MILLISECONDS unless stated. A zone may stand as the third argument too, as in PostgreSQL.",
			Bind: bindDateTrunc},
		{Name: "dateBin", Family: family, Signature: "dateBin(interval, time, origin)", Doc: "The beginning of the interval, counted from the origin, that the time is in.",
			Example: "dateBin('15 minutes', TIMESTAMP '2024-01-01 10:38:00', TIMESTAMP '2024-01-01 00:00:00') = TIMESTAMP '2024-01-01 10:30:00'",
			Bind: function.Overloads("dateBin",
				function.Overload{Args: []catalog.Type{catalog.Interval, catalog.Timestamp, catalog.Timestamp}, Type: catalog.Timestamp, Fallible: true, Eval: function.Try3(dateBin)},
				function.Overload{Args: []catalog.Type{catalog.Interval, catalog.Long, catalog.Long}, Type: catalog.Long, Fallible: true, Eval: function.Try3(dateBin)})},
	}
}

func dateBin(width, ms, origin int64) (int64, error) {
	if width <= 0 {
		return 0, errs.User(errs.DatetimeOverflow, "stride must be greater than zero")
	}
	return origin + floorDiv(ms-origin, width)*width, nil
}

// truncCall is a bound dateTrunc.
type truncCall struct {
	unit    unit
	in, out unit
	loc     *time.Location
}

func bindDateTrunc(args []function.Arg) (function.Bound, error) {
	const name = "dateTrunc"
	if len(args) < 2 || len(args) > 5 {
		return function.Bound{}, function.NoMatch(name, args)
	}
	if args[1].Type == catalog.Interval && len(args) == 2 {
		return bindTruncInterval(name, args)
	}
	t, err := timeResult(name, args[1])
	if err != nil {
		return function.Bound{}, err
	}
	c := truncCall{in: millisecond, out: millisecond, loc: time.UTC}
	if err := c.readConstants(name, args); err != nil {
		return function.Bound{}, err
	}
	if c.in != millisecond {
		t = catalog.Long
	}
	b := function.Bound{Name: "datetrunc", Type: t, Args: []catalog.Type{catalog.String, t}, Strict: true, Eval: c.eval}
	if c.out != millisecond {
		b.Type = catalog.Long
	}
	b.Fallible = c.in > millisecond || c.out < millisecond
	if c.in == millisecond && c.out == millisecond && c.fixedWidth() {
		b.Bucket = function.Bucket{Arg: 1, Width: unitMillis[c.unit]}
	}
	for range args[2:] {
		b.Args = append(b.Args, catalog.String)
	}
	return b, nil
}

// fixedWidth reports whether units are multiples of their width.
func (c *truncCall) fixedWidth() bool {
	return c.loc == time.UTC && c.unit > millisecond && c.unit < week
}

func (c *truncCall) readConstants(name string, args []function.Arg) error {
	text, err := function.Constant(name, "unit", args, 0)
	if err != nil {
		return err
	}
	var ok bool
	if c.unit, ok = unitByName(text); !ok {
		return badUnit(text)
	}
	if len(args) > 2 {
		if text, err = function.Constant(name, "input unit", args, 2); err != nil {
			return err
		}
		if c.in, err = timeUnit(text); err != nil {
			if len(args) == 3 { // PostgreSQL's form: date_trunc(unit, time, zone)
				c.in = millisecond
				c.loc, err = Zone(text)
			}
			if err != nil {
				return err
			}
		}
		c.out = c.in
	}
	if len(args) > 3 {
		if c.loc, err = constZone(name, args, 3); err != nil {
			return err
		}
	}
	if len(args) > 4 {
		if text, err = function.Constant(name, "output unit", args, 4); err != nil {
			return err
		}
		c.out, err = timeUnit(text)
	}
	return err
}

func (c truncCall) eval(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	x := function.View[int64](args[1])
	if c.in != millisecond || c.out != millisecond {
		return function.TryRows(ec, n, out, func(i int) (int64, error) {
			ms, err := c.in.toMillis(x.At(i))
			if err != nil {
				return 0, err
			}
			return c.out.fromMillis(c.unit.truncate(ms, c.loc))
		})
	}
	if n == 0 {
		return nil
	}
	dst := out.I64[:n]
	width := unitMillis[c.unit]
	if !c.fixedWidth() {
		c.calendar(x, dst)
		return nil
	}
	// Times mostly come in order: a comparison with the last unit is cheaper than a division.
	begin := floorDiv(x.At(0), width) * width
	for i := range dst {
		ms := x.At(i)
		if uint64(ms-begin) >= uint64(width) {
			begin = floorDiv(ms, width) * width
		}
		dst[i] = begin
	}
	return nil
}

// calendar truncates by the calendar. Neighbouring rows are mostly in the same unit, so the last unit is kept.
func (c truncCall) calendar(x function.Slice[int64], dst []int64) {
	var begin, end int64 // the last unit, if end is after begin
	for i := range dst {
		ms := x.At(i)
		if ms < begin || ms >= end {
			begin = c.unit.truncate(ms, c.loc)
			end = begin
			if c.unit >= day && c.unit <= year && c.loc == time.UTC {
				if next, err := c.unit.add(begin, 1); err == nil {
					end = next
				}
			}
		}
		dst[i] = begin
	}
}

// bindTruncInterval cuts an interval down to whole units, toward zero.
func bindTruncInterval(name string, args []function.Arg) (function.Bound, error) {
	text, err := function.Constant(name, "unit", args, 0)
	if err != nil {
		return function.Bound{}, err
	}
	u, ok := unitByName(text)
	switch {
	case !ok:
		return function.Bound{}, badUnit(text)
	case u > day:
		return function.Bound{}, errs.User(errs.FeatureNotSupported, "%s: an interval has no unit %q", name, text).WithHint("Intervals have days and times only.")
	}
	width := max(unitMillis[u], 1)
	return function.Bound{Name: "datetrunc", Type: catalog.Interval, Args: []catalog.Type{catalog.String, catalog.Interval}, Strict: true,
		Eval: second2(func(ms int64) int64 { return ms / width * width })}, nil
}
