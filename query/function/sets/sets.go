// Package sets is the family of set-returning functions: functions that give arrays whose elements the query engine
// makes rows of. It also has the subscripts of arrays.
package sets

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

const family = "Sets"

// maxSeries bounds the rows of one generated series.
const maxSeries = 32 << 20

// Scalars lists the functions of the family. others are the functions whose arrays some of them make sets of.
func Scalars(others []function.Scalar) []function.Scalar {
	out := []function.Scalar{
		{Name: "generate_series", Family: family, Signature: "generate_series(start, stop[, step])", Set: true, Bind: bindSeries,
			Doc:     "A row for each value from start to stop: whole numbers (LONG), numbers (DOUBLE), or timestamps with an INTERVAL as step.",
			Example: "arrayToString(generate_series(1, 3), ',') = '1,2,3'"},
		{Name: "generate_month_series", Family: family, Signature: "generate_month_series(start, stop, months, millis) or generate_series(start, stop, INTERVAL '1 month')", Set: true,
			Bind:    function.Overloads("generate_month_series", monthSeries),
			Doc:     "A row for each timestamp from start to stop, each some months and milliseconds after the one before it.",
			Example: "arrayLength(generate_month_series(TIMESTAMP '2024-01-31', TIMESTAMP '2024-12-31', 1, 0)) = 12"},
		{Name: "generate_subscripts", Family: family, Signature: "generate_subscripts(array, dimension)", Set: true, Bind: bindSubscripts,
			Doc: "A row for each one-based position of an array's elements.", Example: "arrayToString(generate_subscripts(split('a,b', ','), 1), ',') = '1,2'"},
		{Name: "json_array_elements", Aliases: []string{"jsonb_array_elements"}, Family: family, Signature: "json_array_elements(json)", Set: true,
			Doc: "A row for each element of a JSON array.", Example: "arrayLength(json_array_elements('[1, {\"a\": 2}]')) = 2", Bind: bindJSON("json_array_elements", catalog.JSON, elements)},
		{Name: "json_array_elements_text", Aliases: []string{"jsonb_array_elements_text"}, Family: family, Signature: "json_array_elements_text(json)", Set: true,
			Doc: "A row for each element of a JSON array, as text.", Example: "arrayToString(json_array_elements_text('[1, \"a\"]'), ',') = '1,a'", Bind: bindJSON("json_array_elements_text", catalog.String, elementTexts)},
		{Name: "json_object_keys", Aliases: []string{"jsonb_object_keys"}, Family: family, Signature: "json_object_keys(json)", Set: true,
			Doc: "A row for each key of a JSON object, as they stand in it.", Example: "arrayToString(json_object_keys('{\"b\": 1, \"a\": 2}'), ',') = 'b,a'", Bind: bindJSON("json_object_keys", catalog.String, objectKeys)},
		{Name: "arrayElement", Family: family, Signature: "arrayElement(array, n) or array[n]", Doc: "The element at a one-based position; NULL outside of the array.",
			Example: "arrayElement(split('a,b', ','), 2) = 'b'", Bind: bindElement},
		{Name: "arrayEquals", Family: family, Signature: "arrayEquals(array, array)", Doc: "Whether two arrays have the same elements in the same order, NULL equal to NULL.",
			Example: "arrayEquals(split('a,b', ','), split('a,b', ',')) = true", Bind: bindEquals},
		{Name: "arraySliceOf", Family: family, Signature: "arraySliceOf(array, low, high) or array[low:high]", Doc: "The elements from one one-based position to another, both included.",
			Example: "arrayToString(arraySliceOf(split('a,b,c', ','), 2, 3), ',') = 'b,c'", Bind: bindSlice},
	}
	return append(out, tables(others)...)
}

// tables are the twins of functions that give arrays.
func tables(others []function.Scalar) []function.Scalar {
	twins := map[string]function.Scalar{
		"regexpsplittoarray": {Name: "regexp_split_to_table", Signature: "regexp_split_to_table(text, pattern[, flags])", Doc: "A row for each part of a text between matches of a regular expression.",
			Example: "arrayToString(regexp_split_to_table('a1b', '[0-9]'), ',') = 'a,b'"},
		"stringtoarray": {Name: "string_to_table", Signature: "string_to_table(text, delimiter[, null])", Doc: "A row for each part of a text between delimiters.",
			Example: "arrayToString(string_to_table('a-b', '-'), ',') = 'a,b'"},
	}
	var out []function.Scalar
	for _, o := range others {
		for _, name := range append([]string{o.Name}, o.Aliases...) {
			if twin, ok := twins[function.Canonical(name)]; ok {
				twin.Family, twin.Set, twin.Bind, twin.Volatility = family, true, o.Bind, o.Volatility
				out = append(out, twin)
			}
		}
	}
	return out
}

func bindSeries(args []function.Arg) (function.Bound, error) {
	if len(args) < 2 || len(args) > 3 {
		return function.Bound{}, function.NoMatch("generate_series", args)
	}
	t, step := catalog.Long, catalog.Long
	for _, a := range args {
		switch k := a.Type.Kind; {
		case a.Type.MultiValue:
			return function.Bound{}, function.NoMatch("generate_series", args)
		case k.IsTime() || k == catalog.KindInterval || k == catalog.KindString && len(args) == 3 && args[0].Type.Kind.IsTime():
			t, step = catalog.Timestamp, catalog.Interval
		case k.IsInteger() || k == catalog.KindNull || k == catalog.KindDuration:
		case k.IsNumeric() && t == catalog.Long:
			t, step = catalog.Double, catalog.Double
		case !k.IsNumeric():
			return function.Bound{}, function.NoMatch("generate_series", args)
		}
	}
	if t == catalog.Timestamp && len(args) != 3 {
		return function.Bound{}, function.NoMatch("generate_series", args)
	}
	types := []catalog.Type{t, t, step}[:len(args)]
	eval := series[int64](1, func(start, step int64, n int) int64 { return start + int64(n)*step }, longCount)
	if t == catalog.Double {
		eval = series[float64](1, func(start, step float64, n int) float64 { return start + float64(n)*step }, doubleCount)
	}
	return function.Bound{Name: "generateseries", Type: t.Array(), Args: types, Strict: true, Fallible: true, Eval: eval}, nil
}

// series makes the evaluation of generate_series over numbers of one kind.
func series[T int64 | float64](one T, at func(start, step T, n int) T, count func(start, stop, step T) (int, error)) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		start, stop, step := function.View[T](args[0]), function.View[T](args[1]), function.ConstSlice(one)
		if len(args) == 3 {
			step = function.View[T](args[2])
		}
		return function.BuildValues(ec, n, out, func(dst []T, i int) ([]T, error) {
			rows, err := count(start.At(i), stop.At(i), step.At(i))
			for k := range rows {
				dst = append(dst, at(start.At(i), step.At(i), k))
			}
			return dst, err
		})
	}
}

func errSeries(rows string) error {
	return errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "generate_series would give %s rows; the limit is %d", rows, maxSeries)
}

func errStep() error {
	return errs.User(errs.InvalidParameterValue, "step size cannot equal zero")
}

// longCount is the number of values from start to stop; the differences of extremes are taken without sign.
func longCount(start, stop, step int64) (int, error) {
	var span, by uint64
	switch {
	case step == 0:
		return 0, errStep()
	case step > 0 && start <= stop:
		span, by = uint64(stop)-uint64(start), uint64(step)
	case step < 0 && start >= stop:
		span, by = uint64(start)-uint64(stop), -uint64(step)
	default:
		return 0, nil
	}
	if span/by >= maxSeries {
		return 0, errSeries(fmt.Sprintf("more than %d", span/by))
	}
	return int(span/by) + 1, nil
}

func doubleCount(start, stop, step float64) (int, error) {
	if math.IsNaN(start) || math.IsNaN(stop) || math.IsNaN(step) || math.IsInf(start, 0) || math.IsInf(stop, 0) || math.IsInf(step, 0) {
		return 0, errs.User(errs.InvalidParameterValue, "start, stop and step of generate_series have to be finite, got %v, %v, %v", start, stop, step)
	}
	if step == 0 {
		return 0, errStep()
	}
	rows := math.Floor((stop-start)/step) + 1
	switch {
	case rows < 1:
		return 0, nil
	case rows > maxSeries:
		return 0, errSeries(fmt.Sprintf("%.0f", rows))
	}
	return int(rows), nil
}

func bindSubscripts(args []function.Arg) (function.Bound, error) {
	if len(args) != 2 || !args[0].Type.MultiValue || args[1].Type.MultiValue || !args[1].Type.Kind.IsNumeric() {
		return function.Bound{}, function.NoMatch("generate_subscripts", args)
	}
	eval := func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		rows, dimension := function.RowsOf(args[0]), function.View[int64](args[1])
		return function.BuildValues(ec, n, out, func(dst []int32, i int) ([]int32, error) {
			from, to := rows.Span(i)
			for k := from; k < to && dimension.At(i) == 1; k++ {
				dst = append(dst, int32(k-from+1))
			}
			return dst, nil
		})
	}
	return function.Bound{Name: "generatesubscripts", Type: catalog.Int.Array(), Args: []catalog.Type{args[0].Type, catalog.Long}, Strict: true, Eval: eval}, nil
}

// bindJSON binds a function that takes a JSON text apart.
func bindJSON(name string, elem catalog.Type, split func(dst []string, text string) ([]string, error)) func([]function.Arg) (function.Bound, error) {
	return func(args []function.Arg) (function.Bound, error) {
		if len(args) != 1 || args[0].Type.MultiValue || !args[0].Type.Kind.IsText() && args[0].Type.Kind != catalog.KindNull {
			return function.Bound{}, function.NoMatch(name, args)
		}
		eval := func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
			texts := function.View[string](args[0])
			return function.BuildValues(ec, n, out, func(dst []string, i int) ([]string, error) { return split(dst, texts.At(i)) })
		}
		return function.Bound{Name: function.Canonical(name), Type: elem.Array(), Args: []catalog.Type{catalog.JSON}, Strict: true, Fallible: true, Eval: eval}, nil
	}
}

func notJSON(what, text string) error {
	if len(text) > 60 {
		text = text[:60] + "..."
	}
	return errs.User(errs.InvalidParameterValue, "cannot take %s from %q", what, text)
}

func elements(dst []string, text string) ([]string, error) {
	var list []json.RawMessage
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return dst, notJSON("elements", text)
	}
	for _, e := range list {
		dst = append(dst, string(e))
	}
	return dst, nil
}

func elementTexts(dst []string, text string) ([]string, error) {
	from := len(dst)
	dst, err := elements(dst, text)
	if err != nil {
		return dst, err
	}
	for i, e := range dst[from:] {
		var s string
		if json.Unmarshal([]byte(e), &s) == nil && e[0] == '"' {
			dst[from+i] = s
		}
	}
	return dst, nil
}

func objectKeys(dst []string, text string) ([]string, error) {
	d := json.NewDecoder(strings.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return dst, notJSON("keys", text)
	}
	for d.More() {
		key, err := d.Token()
		name, ok := key.(string)
		var value json.RawMessage
		if err != nil || !ok || d.Decode(&value) != nil {
			return dst, notJSON("keys", text)
		}
		dst = append(dst, name)
	}
	if _, err := d.Token(); err != nil || strings.TrimSpace(text[d.InputOffset():]) != "" {
		return dst, notJSON("keys", text)
	}
	return dst, nil
}

func bindElement(args []function.Arg) (function.Bound, error) {
	if len(args) != 2 || !args[0].Type.MultiValue || args[1].Type.MultiValue || !args[1].Type.Kind.IsNumeric() {
		return function.Bound{}, function.NoMatch("arrayElement", args)
	}
	eval := func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		rows, at := function.RowsOf(args[0]), function.View[int64](args[1])
		for i := range n {
			if out.IsNull(i) {
				continue
			}
			from, to := rows.Span(i)
			if k := at.At(i); k >= 1 && k <= int64(to-from) {
				out.CopyRow(i, rows.Elems, from+int(k)-1)
			} else {
				out.SetNull(i)
			}
		}
		return nil
	}
	return function.Bound{Name: "arrayelement", Type: args[0].Type.Elem(), Args: []catalog.Type{args[0].Type, catalog.Long}, Strict: true, Eval: eval}, nil
}

func bindSlice(args []function.Arg) (function.Bound, error) {
	if len(args) != 3 || !args[0].Type.MultiValue {
		return function.Bound{}, function.NoMatch("arraySliceOf", args)
	}
	eval := func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		rows, low, high := function.RowsOf(args[0]), function.View[int64](args[1]), function.View[int64](args[2])
		return function.BuildPicks(ec, n, out, []*vec.Vector{args[0].Elems}, func(dst []function.Pick, i int) ([]function.Pick, error) {
			from, to := rows.Span(i)
			for k := max(low.At(i), 1); k <= min(high.At(i), int64(to-from)); k++ {
				dst = append(dst, function.Pick{At: from + int(k) - 1})
			}
			return dst, nil
		})
	}
	return function.Bound{Name: "arraysliceof", Type: args[0].Type, Args: []catalog.Type{args[0].Type, catalog.Long, catalog.Long}, Strict: true, Eval: eval}, nil
}

func bindEquals(args []function.Arg) (function.Bound, error) {
	if len(args) != 2 || !args[0].Type.MultiValue || args[0].Type != args[1].Type {
		return function.Bound{}, function.NoMatch("arrayEquals", args)
	}
	eval := func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		a, b := function.RowsOf(args[0]), function.RowsOf(args[1])
		for i := range n {
			if !out.IsNull(i) && sameElements(a, b, i) {
				out.Bits.Set(i)
			}
		}
		return nil
	}
	return function.Bound{Name: "arrayequals", Type: catalog.Boolean, Args: []catalog.Type{args[0].Type, args[0].Type}, Strict: true, Eval: eval}, nil
}

func sameElements(a, b function.Rows, i int) bool {
	from, to := a.Span(i)
	other, end := b.Span(i)
	if to-from != end-other {
		return false
	}
	for ; from < to; from, other = from+1, other+1 {
		x, y := a.Elems.At(from), b.Elems.At(other)
		if x.Null != y.Null || !x.Null && (x.I64 != y.I64 || x.F64 != y.F64 || x.Str != y.Str) {
			return false
		}
	}
	return true
}
