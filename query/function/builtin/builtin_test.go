package builtin

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
)

func TestEveryFunctionIsDocumented(t *testing.T) {
	for _, s := range Scalars() {
		if s.Name == "" || s.Family == "" || s.Doc == "" || s.Bind == nil || s.Example == "" || !strings.Contains(s.Signature, "(") {
			t.Errorf("%s: incomplete: %+v", s.Name, s)
		}
		if !strings.HasSuffix(s.Doc, ".") {
			t.Errorf("%s: the doc is no sentence: %q", s.Name, s.Doc)
		}
	}
	for _, a := range Aggregates() {
		if a.Name == "" || a.Family == "" || a.Doc == "" || a.Bind == nil || a.Example == "" || !strings.Contains(a.Signature, "(") {
			t.Errorf("%s: incomplete: %+v", a.Name, a)
		}
	}
}

func TestNames(t *testing.T) {
	r := Registry()
	for _, name := range []string{"plus", "minus", "times", "divide", "mod", "negate", "power", "concat", "intdiv", "now", "ago", "DATE_TRUNC", "dateTrunc",
		"ToDateTime", "from_date_time", "regexplike", "extract", "date_part", "substring", "btrim", "position", "greatest", "timezone"} {
		if _, ok := r.Scalar(name); !ok {
			t.Errorf("scalar %s is missing", name)
		}
	}
	for _, name := range []string{"count", "sum", "MIN", "max", "avg", "distinct_count", "distinctCountHLL", "percentile", "percentileEst", "percentileTDigest",
		"bool_and", "stddev", "variance", "mode", "firstWithTime", "sumPrecision"} {
		if _, ok := r.Aggregate(name); !ok {
			t.Errorf("aggregate %s is missing", name)
		}
	}
	if _, ok := r.Scalar("sum"); ok {
		t.Error("sum is no scalar function")
	}
}

// TestExamples evaluates every example of the form expression = result.
func TestExamples(t *testing.T) {
	for _, s := range Scalars() {
		t.Run(s.Name, func(t *testing.T) {
			v, err := evaluate(s.Example)
			if err != nil {
				t.Fatalf("%s: %v", s.Example, err)
			}
			if v.Type != catalog.Boolean || v.Null || v.I64 != 1 {
				t.Errorf("%s is %v", s.Example, v)
			}
		})
	}
}

func TestExampleEvaluatorSeesWrongResults(t *testing.T) {
	for _, text := range []string{"plus(1, 2) = 4", "upper('a') = 'a'", "split('a,b', ',') = '{a}'"} {
		v, err := evaluate(text)
		if err != nil || v.I64 != 0 {
			t.Errorf("%s: %v %v", text, v, err)
		}
	}
	if _, err := evaluate("nosuch(1) = 1"); err == nil {
		t.Error("unknown function passes")
	}
}

// evaluator parses and evaluates constant expressions: calls, literals and one comparison.
type evaluator struct {
	s  string
	at int
	ec function.EvalContext
	// lax says, for every function called with arguments, whether it sees NULL ones.
	lax map[string]bool
	// called has the arguments of the last call of every function.
	called map[string][]catalog.Value
}

func newEvaluator(text string) *evaluator {
	return &evaluator{s: text, ec: function.EvalContext{Ctx: context.Background(), NowMillis: 1_700_000_000_000}, lax: map[string]bool{},
		called: map[string][]catalog.Value{}}
}

func evaluate(text string) (catalog.Value, error) { return newEvaluator(text).result() }

// result evaluates the whole text.
func (e *evaluator) result() (catalog.Value, error) {
	left, err := e.value()
	if err != nil {
		return left, err
	}
	e.space()
	if e.at == len(e.s) {
		return left, nil
	}
	op := e.s[e.at]
	e.at++
	right, err := e.value()
	if err != nil {
		return right, err
	}
	if e.space(); e.at != len(e.s) {
		return right, fmt.Errorf("rest %q", e.s[e.at:])
	}
	return compare(op, left, right)
}

func compare(op byte, left, right catalog.Value) (catalog.Value, error) {
	if left.Type.Kind == catalog.KindInt || left.Type.Kind == catalog.KindLong { // 3.5 = 3 must not hold
		if right.Type == catalog.Double {
			left, _ = expr.CastValue(left, catalog.Double)
		}
	}
	right, err := expr.CastValue(right, left.Type)
	if err != nil {
		return right, err
	}
	if op == '=' {
		return catalog.BoolValue(cmp.Equal(left, right)), nil
	}
	c, err := expr.CompareValues(left, right)
	return catalog.BoolValue(op == '<' && c < 0 || op == '>' && c > 0), err
}

func (e *evaluator) space() {
	for e.at < len(e.s) && e.s[e.at] == ' ' {
		e.at++
	}
}

func (e *evaluator) word() string {
	e.space()
	from := e.at
	for e.at < len(e.s) && (e.s[e.at] == '_' || e.s[e.at]|0x20 >= 'a' && e.s[e.at]|0x20 <= 'z' || e.at > from && e.s[e.at] >= '0' && e.s[e.at] <= '9') {
		e.at++
	}
	return e.s[from:e.at]
}

func (e *evaluator) accept(c byte) bool {
	e.space()
	if e.at < len(e.s) && e.s[e.at] == c {
		e.at++
		return true
	}
	return false
}

func (e *evaluator) text() (string, error) {
	var b strings.Builder
	for e.at < len(e.s) {
		c := e.s[e.at]
		e.at++
		if c != '\'' {
			b.WriteByte(c)
			continue
		}
		if e.at < len(e.s) && e.s[e.at] == '\'' {
			e.at++
			b.WriteByte('\'')
			continue
		}
		return b.String(), nil
	}
	return "", fmt.Errorf("text is not closed in %q", e.s)
}

func (e *evaluator) value() (catalog.Value, error) {
	if e.accept('\'') {
		s, err := e.text()
		return catalog.StringValue(s), err
	}
	if word := e.word(); word != "" {
		return e.named(word)
	}
	from := e.at
	for e.at < len(e.s) && strings.IndexByte("+-.0123456789", e.s[e.at]) >= 0 {
		e.at++
	}
	digits := e.s[from:e.at]
	if x, err := strconv.ParseInt(digits, 10, 32); err == nil {
		return catalog.IntValue(x), nil
	}
	if x, err := strconv.ParseInt(digits, 10, 64); err == nil {
		return catalog.LongValue(x), nil
	}
	x, err := strconv.ParseFloat(digits, 64)
	return catalog.DoubleValue(x), err
}

func (e *evaluator) named(word string) (catalog.Value, error) {
	kinds := map[string]catalog.Type{"TIMESTAMP": catalog.Timestamp, "INTERVAL": catalog.Interval, "X": catalog.Bytes, "TIMESTAMPTZ": catalog.TimestampTZ,
		"NUMERIC": catalog.BigDecimal, "BIGINT": catalog.Long, "BYTEA": catalog.Bytes, "JSON": catalog.JSON, "FLOAT8": catalog.Double}
	switch {
	case word == "true" || word == "false":
		return catalog.BoolValue(word == "true"), nil
	case word == "NULL":
		return catalog.NullValue(catalog.Null), nil
	case e.accept('('):
		return e.call(word)
	case word == "ARRAY" && e.accept('['):
		return e.array()
	}
	to, ok := kinds[word]
	if !ok || !e.accept('\'') {
		return catalog.Value{}, fmt.Errorf("%q", word)
	}
	s, err := e.text()
	if err != nil {
		return catalog.Value{}, err
	}
	return expr.CastValue(catalog.StringValue(s), to)
}

// array reads the elements of ARRAY[...].
func (e *evaluator) array() (catalog.Value, error) {
	var out catalog.Value
	var args []function.Arg
	for !e.accept(']') {
		v, err := e.value()
		if err != nil {
			return v, err
		}
		out.Elems = append(out.Elems, v)
		args = append(args, function.Arg{Type: v.Type})
		e.accept(',')
	}
	t, ok := function.CommonType(args)
	if !ok {
		return out, fmt.Errorf("elements of several types")
	}
	out.Type = t.Array()
	for i, v := range out.Elems {
		var err error
		if out.Elems[i], err = expr.CastValue(v, t); err != nil {
			return out, err
		}
	}
	return out, nil
}

// call evaluates arguments and the function. extract(year FROM t) and position(t IN s) have their own spellings.
func (e *evaluator) call(name string) (catalog.Value, error) {
	var args []catalog.Value
	if name == "extract" {
		args = append(args, catalog.StringValue(e.word()))
		e.word()
	}
	for !e.accept(')') {
		v, err := e.value()
		if err != nil {
			return v, err
		}
		args = append(args, v)
		if e.accept(',') {
			continue
		}
		if name == "position" && len(args) == 1 {
			e.word()
		}
	}
	if name == "position" {
		args[0], args[1] = args[1], args[0]
	}
	fn, ok := Registry().Scalar(name)
	if !ok {
		return catalog.Value{}, fmt.Errorf("no function %s", name)
	}
	info := make([]function.Arg, len(args))
	for i := range args {
		info[i] = function.Arg{Type: args[i].Type, Const: &args[i]}
	}
	e.called[function.Canonical(fn.Name)] = args
	bound, err := fn.Bind(info)
	if err != nil {
		return catalog.Value{}, err
	}
	if len(bound.Args) != len(args) {
		return catalog.Value{}, fmt.Errorf("%s binds %d of %d arguments", name, len(bound.Args), len(args))
	}
	if len(args) > 0 {
		e.lax[function.Canonical(fn.Name)] = !bound.Strict
	}
	call := &expr.Call{Fn: bound, Volatility: fn.Volatility}
	for i := range args {
		call.Args = append(call.Args, &expr.Cast{Arg: &expr.Const{Value: args[i]}, To: bound.Args[i]})
	}
	return expr.EvalConst(&e.ec, call)
}
