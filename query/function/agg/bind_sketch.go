package agg

import (
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/sketch"
	"github.com/freshetdb/freshet/query/function"
)

// Default sizes of sketches.
const (
	hllDefaultLog2m     = 12
	hllPlusDefaultP     = 14
	ullDefaultP         = 12
	thetaDefaultNominal = 16384
)

// sketches are the estimates of distinct counts, each also raw: as its serialised sketch.
func sketches() []function.Aggregate {
	const merged = " BYTES are serialised sketches, which are merged."
	var list []function.Aggregate
	add := func(name, raw string, aliases []string, params, size, doc string, bind func(name string, raw bool) func([]function.Arg, bool, bool) (function.BoundAggregate, error)) {
		list = append(list, function.Aggregate{Name: name, Aliases: aliases, Family: family, Signature: name + "(x" + params + ")", Example: name + "(userId)",
			Doc: "Estimated number of distinct values, by " + doc + merged, Bind: bind(function.Canonical(name), false)},
			function.Aggregate{Name: raw, Family: family, Signature: raw + "(x" + params + ")", Example: raw + "(userId)",
				Doc: "The sketch of " + name + " serialised, as text in " + size + ".", Bind: bind(function.Canonical(raw), true)})
	}
	registers := func(kind sketch.Kind, p int64, param string, params int, text func([]byte) string) func(string, bool) func([]function.Arg, bool, bool) (function.BoundAggregate, error) {
		return func(name string, raw bool) func([]function.Arg, bool, bool) (function.BoundAggregate, error) {
			form := text
			if !raw {
				form = nil
			}
			return ignoreDistinct(name, 1, 1+params, bindRegisters(name, kind, p, param, form))
		}
	}
	add("distinctCountHLL", "distinctCountRawHLL", []string{"approxDistinct"}, "[, log2m]", "hexadecimal digits",
		"HyperLogLog with 2^log2m registers: log2m is 12 (1.6 % error) unless stated.", registers(sketch.KindHLL, hllDefaultLog2m, "log2m", 1, asHex))
	add("distinctCountHLLPlus", "distinctCountRawHLLPlus", nil, "[, p[, sp]]", "hexadecimal digits",
		"HyperLogLog with 2^p registers: p is 14 (0.8 % error) unless stated; sp is ignored.", registers(sketch.KindHLL, hllPlusDefaultP, "p", 2, asHex))
	add("distinctCountULL", "distinctCountRawULL", nil, "[, p]", "base64",
		"UltraLogLog with 2^p registers: p is 12 (1.2 % error) unless stated.", registers(sketch.KindULL, ullDefaultP, "p", 1, asBase64))
	add("distinctCountThetaSketch", "distinctCountRawThetaSketch", []string{"distinctCountTheta"}, "[, 'nominalEntries=n']", "base64, in the form of Apache DataSketches",
		"a theta sketch of n entries: 16384 (0.8 % error) unless stated.", func(name string, raw bool) func([]function.Arg, bool, bool) (function.BoundAggregate, error) {
			return ignoreDistinct(name, 1, 1<<10, bindTheta(name, raw))
		})
	return list
}

// bindSketched makes the aggregate once its parameters are known.
func bindSketched[S estimator[S]](name string, t catalog.Type, spec sketchSpec[S]) function.BoundAggregate {
	switch t.Kind {
	case catalog.KindNull:
		t = catalog.String
	case catalog.KindBytes:
		spec.bytes = true
	}
	b := function.BoundAggregate{Name: name, Type: catalog.Long, Args: []catalog.Type{t},
		New: func() function.Accumulator { return &sketched[S]{spec: &spec} }}
	if spec.text != nil {
		b.Type = catalog.String
	}
	return b
}

func bindRegisters(name string, kind sketch.Kind, p int64, param string, text func([]byte) string) binder {
	return func(args []function.Arg) (function.BoundAggregate, error) {
		p := p
		if len(args) > 1 {
			var err error
			if p, err = function.ConstantLong(name, param, args, 1); err != nil {
				return function.BoundAggregate{}, err
			}
			if p < sketch.MinLog2Registers || p > sketch.MaxLog2Registers {
				return function.BoundAggregate{}, errs.User(errs.InvalidParameterValue, "%s: %s is %d; it has to be from %d to %d",
					name, param, p, sketch.MinLog2Registers, sketch.MaxLog2Registers)
			}
		}
		spec := sketchSpec[*sketch.Registers]{hash: fastHashes, text: text, fresh: func() *sketch.Registers { return sketch.NewRegisters(kind, uint(p)) }}
		if kind == sketch.KindHLL {
			spec.log2 = uint(p)
		}
		return bindSketched(name, args[0].Type, spec), nil
	}
}

func bindTheta(name string, raw bool) binder {
	return func(args []function.Arg) (function.BoundAggregate, error) {
		if len(args) > 2 {
			return function.BoundAggregate{}, errs.User(errs.FeatureNotSupported, "%s with filters and set operations is not supported", name).
				WithHint("Use FILTER (WHERE ...) for one filter, or combine filters with AND, OR and NOT instead of sets.")
		}
		nominal := thetaDefaultNominal
		if len(args) == 2 {
			var err error
			if nominal, err = nominalEntries(name, args); err != nil {
				return function.BoundAggregate{}, err
			}
		}
		spec := sketchSpec[*sketch.Theta]{hash: commonHashes, fresh: func() *sketch.Theta { return sketch.NewTheta(nominal) }}
		if raw {
			spec.text = asBase64
		}
		return bindSketched(name, args[0].Type, spec), nil
	}
}

// nominalEntries reads 'nominalEntries=4096'.
func nominalEntries(name string, args []function.Arg) (int, error) {
	text, err := function.Constant(name, "settings", args, 1)
	if err != nil {
		return 0, err
	}
	n := thetaDefaultNominal
	for _, setting := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == ' ' }) {
		key, value, _ := strings.Cut(setting, "=")
		switch strings.ToLower(key) {
		case "nominalentries":
			x, err := strconv.Atoi(value)
			if err != nil || x < sketch.MinNominal || x > sketch.MaxNominal {
				return 0, errs.User(errs.InvalidParameterValue, "%s: nominalEntries is %q; it has to be a number from %d to %d", name, value, sketch.MinNominal, sketch.MaxNominal)
			}
			n = x
		case "accumulatorthreshold": // when Pinot merges; it changes no result
		default:
			return 0, errs.User(errs.InvalidParameterValue, "%s: unknown setting %q; expected nominalEntries=n", name, setting)
		}
	}
	return n, nil
}

// Refused names the aggregates of Pinot that are not built, each with what to use instead.
func Refused() map[string]string {
	const tuples, funnel = "Tuple sketches are not built.", "Count the rows of each step with count(*) FILTER (WHERE ...), or join the table with itself."
	out := map[string]string{
		"distinctCountCPCSketch": "Use distinctCountULL, which needs as little memory, or distinctCountThetaSketch.", "distinctCountRawCPCSketch": "Use distinctCountRawULL.",
		"frequentStringsSketch": "Use GROUP BY with ORDER BY count(*) DESC LIMIT n.", "frequentLongsSketch": "Use GROUP BY with ORDER BY count(*) DESC LIMIT n.",
		"idSet": "Use IN with a sub-query.", "stUnion": "Unions of geometries are not built.",
		"sumArrayLong": "Aggregates by position in an array are not built.", "sumArrayDouble": "Aggregates by position in an array are not built.",
	}
	for _, name := range []string{"distinctCountTupleSketch", "distinctCountRawIntegerSumTupleSketch", "sumValuesIntegerSumTupleSketch", "avgValueIntegerSumTupleSketch"} {
		out[name] = tuples
	}
	for _, name := range []string{"funnelCount", "funnelMaxStep", "funnelCompleteCount", "funnelMatchStep", "funnelStepDurationStats", "funnelEventsFunctionEval"} {
		out[name] = funnel
	}
	return out
}
