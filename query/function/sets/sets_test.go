package sets

import (
	"context"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

func TestCounts(t *testing.T) {
	for _, c := range []struct {
		start, stop, step int64
		want              int
		code              string
	}{
		{1, 3, 1, 3, ""}, {3, 1, 1, 0, ""}, {3, 1, -1, 3, ""}, {1, 1, 5, 1, ""}, {0, 10, 3, 4, ""}, {1, 2, 0, 0, errs.InvalidParameterValue},
		{math.MinInt64, math.MaxInt64, 1, 0, errs.ProgramLimitExceeded}, {math.MaxInt64 - 1, math.MaxInt64, 1, 2, ""},
		{math.MinInt64, math.MaxInt64, math.MaxInt64, 3, ""}, {math.MaxInt64, math.MinInt64, math.MinInt64, 2, ""},
	} {
		got, err := longCount(c.start, c.stop, c.step)
		if got != c.want || (err == nil) != (c.code == "") || err != nil && errs.As(err).Code != c.code {
			t.Errorf("%d to %d by %d: %d, %v", c.start, c.stop, c.step, got, err)
		}
	}
	if n, err := doubleCount(0, 1, 0.25); n != 5 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := doubleCount(0, math.Inf(1), 1); err == nil {
		t.Error("an endless series")
	}
}

func call(t *testing.T, bind func([]function.Arg) (function.Bound, error), values ...catalog.Value) catalog.Value {
	t.Helper()
	args := make([]function.Arg, len(values))
	vectors := make([]*vec.Vector, len(values))
	for i, v := range values {
		args[i] = function.Arg{Type: v.Type}
		vectors[i] = &vec.Vector{}
		vectors[i].SetConst(v, 1)
	}
	b, err := bind(args)
	if err != nil {
		t.Fatal(err)
	}
	var out vec.Vector
	out.Reset(b.Type, 1)
	if err := b.Eval(&function.EvalContext{Ctx: context.Background()}, vectors, 1, &out); err != nil {
		t.Fatal(err)
	}
	return out.At(0)
}

func list(texts ...string) catalog.Value {
	v := catalog.Value{Type: catalog.String.Array()}
	for _, s := range texts {
		v.Elems = append(v.Elems, catalog.StringValue(s))
	}
	return v
}

func TestSubscripts(t *testing.T) {
	abc := list("a", "b", "c")
	for n, want := range map[int64]catalog.Value{0: catalog.NullValue(catalog.String), 1: catalog.StringValue("a"), 3: catalog.StringValue("c"), 4: catalog.NullValue(catalog.String), -1: catalog.NullValue(catalog.String)} {
		if got := call(t, bindElement, abc, catalog.LongValue(n)); !cmp.Equal(got, want) {
			t.Errorf("element %d: %v", n, got)
		}
	}
	if got := call(t, bindSlice, abc, catalog.LongValue(2), catalog.LongValue(9)); !cmp.Equal(got, list("b", "c")) {
		t.Errorf("slice: %v", got)
	}
	if got := call(t, bindSubscripts, abc, catalog.LongValue(1)); len(got.Elems) != 3 || got.Elems[2].I64 != 3 {
		t.Errorf("subscripts: %v", got)
	}
	if got := call(t, bindSubscripts, abc, catalog.LongValue(2)); len(got.Elems) != 0 {
		t.Errorf("second dimension: %v", got)
	}
}

func TestJSON(t *testing.T) {
	for _, c := range []struct {
		name  string
		split func([]string, string) ([]string, error)
		text  string
		want  []string
		bad   bool
	}{
		{"elements", elements, `[1, {"a": [2]}, null]`, []string{"1", `{"a": [2]}`, "null"}, false},
		{"elements of an object", elements, `{"a": 1}`, nil, true},
		{"texts", elementTexts, `["x", 1, {"b":2}]`, []string{"x", "1", `{"b":2}`}, false},
		{"not JSON", elements, `[`, nil, true},
	} {
		got, err := c.split(nil, c.text)
		if !cmp.Equal(got, c.want) || (err != nil) != c.bad {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
}
