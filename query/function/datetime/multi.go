package datetime

import (
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// twinArgs are the arguments behind the time in the examples of the twins for arrays, by function; parts of a time and
// epochs without a size have none.
var twinArgs = map[string]string{
	"toDateTime": ", 'yyyy'", "fromDateTime": ", 's'", "toTimestamp": "", "fromTimestamp": "", "toIso8601": "", "fromIso8601": "",
	"timeConvert": ", 'MILLISECONDS', 'DAYS'", "dateTimeConvert": ", '1:MILLISECONDS:EPOCH', '1:DAYS:EPOCH', '1:DAYS'",
}

// multi are the twins for arrays of functions on one time: yearMV, toDateTimeMV.
func multi(list []function.Scalar) []function.Scalar {
	var out []function.Scalar
	add := func(s function.Scalar, before, after string) {
		twin := function.EachElement(s.Name+"MV", s)
		twin.Signature = twin.Name + s.Signature[strings.IndexByte(s.Signature, '('):]
		twin.Doc = "The function " + s.Name + " of every element of an array."
		twin.Example = "cardinality(" + twin.Name + "(" + before + "split('0', ',')" + after + ")) = 1"
		out = append(out, twin)
	}
	parts := map[string]bool{}
	for _, p := range partList() {
		parts[p.name] = true
	}
	for _, s := range list {
		args, listed := twinArgs[s.Name]
		isEpoch := strings.HasPrefix(s.Name, "toEpoch") || strings.HasPrefix(s.Name, "fromEpoch")
		switch {
		case s.Name == "dateTrunc", s.Name == "timestampAdd", s.Name == "timestampDiff":
			before, after := "'day', ", ""
			if s.Name != "dateTrunc" {
				after = ", 0"
			}
			add(s, before, after)
		case isEpoch && strings.Contains(s.Signature, ", n"):
			add(s, "", ", 10")
		case listed || isEpoch || parts[s.Name]:
			add(s, "", args)
		}
	}
	return out
}

// hops is dateTimeConvertWindowHop: the windows that a time is in.
func hops() function.Scalar {
	const name = "dateTimeConvertWindowHop"
	return function.Scalar{Name: name, Family: family, Signature: name + "(value, inFormat, outFormat, window, hop)",
		Doc:     "The beginnings of the windows of a size (5:MINUTES), one begun every hop, that a time is in, the latest first, in a column format.",
		Example: "arrayToString(" + name + "(150000, '1:MILLISECONDS:EPOCH', '1:SECONDS:EPOCH', '2:MINUTES', '1:MINUTES'), ' ') = '120 60'",
		Bind: func(args []function.Arg) (function.Bound, error) {
			if len(args) != 5 {
				return function.Bound{}, function.NoMatch(name, args)
			}
			var texts [4]string
			for i := range texts {
				var err error
				if texts[i], err = function.Constant(name, "format, window and hop", args, i+1); err != nil {
					return function.Bound{}, err
				}
			}
			in, err := ParseFormat(texts[0])
			if err != nil {
				return function.Bound{}, err
			}
			out, err := ParseFormat(texts[1])
			if err != nil {
				return function.Bound{}, err
			}
			window, err := fixedGranularity(texts[2])
			if err != nil {
				return function.Bound{}, err
			}
			hop, err := fixedGranularity(texts[3])
			if err != nil {
				return function.Bound{}, err
			}
			if window/hop > maxHops {
				return function.Bound{}, errs.User(errs.ProgramLimitExceeded, "%s: a time is in more than %d windows", name, maxHops)
			}
			return hopper{in: in, out: out, window: window, hop: hop}.bind(name, args)
		}}
}

// maxHops bounds the windows that one time is in.
const maxHops = 10_000

// fixedGranularity is a size of a fixed number of milliseconds.
func fixedGranularity(text string) (int64, error) {
	g, err := parseGranularity(text)
	if err != nil {
		return 0, err
	}
	if g.unit < millisecond || g.unit > week || g.size > 1<<40/unitMillis[g.unit] {
		return 0, errs.User(errs.InvalidParameterValue, "window %q; use a size of MILLISECONDS to DAYS, such as 5:MINUTES", text)
	}
	return g.size * unitMillis[g.unit], nil
}

// hopper is a bound dateTimeConvertWindowHop; window and hop are milliseconds.
type hopper struct {
	in, out     *Format
	window, hop int64
}

func (h hopper) bind(name string, args []function.Arg) (function.Bound, error) {
	types := []catalog.Type{catalog.Long, catalog.String, catalog.String, catalog.String, catalog.String}
	if h.in.IsText() {
		types[0] = catalog.String
	} else if h.in.IsTimestamp() {
		types[0] = catalog.Timestamp
	}
	o := function.Overload{Args: types, Type: catalog.Long.Array(), Fallible: true}
	if h.out.IsTimestamp() {
		o.Type = catalog.Timestamp.Array()
	}
	c := converter{in: h.in, out: h.out}
	if h.out.IsText() {
		o.Type = catalog.String.Array()
		o.Eval = func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
			read := c.reader(args[0])
			return function.BuildArrays(ec, n, out, func(dst []string, i int) ([]string, error) {
				return eachHop(h, read, i, dst, func(ms int64) (string, error) { return string(h.out.AppendMillis(nil, ms)), nil })
			})
		}
	} else {
		o.Eval = func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
			read := c.reader(args[0])
			return function.BuildValues(ec, n, out, func(dst []int64, i int) ([]int64, error) { return eachHop(h, read, i, dst, h.out.LongOfMillis) })
		}
	}
	return function.Overloads(name, o)(args)
}

func eachHop[T any](h hopper, read func(i int) (int64, error), i int, dst []T, write func(ms int64) (T, error)) ([]T, error) {
	ms, err := read(i)
	if err != nil {
		return dst, err
	}
	for begin := floorDiv(ms, h.hop) * h.hop; begin > ms-h.window; begin -= h.hop {
		x, err := write(begin)
		if err != nil {
			return dst, err
		}
		dst = append(dst, x)
	}
	return dst, nil
}
