package logic

import (
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// call evaluates a function as the engine does: a strict one is NULL for a NULL argument.
func call(t *testing.T, name string, args ...catalog.Value) (catalog.Value, error) {
	t.Helper()
	for _, s := range Scalars() {
		if s.Name != name {
			continue
		}
		info, vecs := make([]function.Arg, len(args)), make([]*vec.Vector, len(args))
		null := false
		for i, a := range args {
			info[i].Type = a.Type
			null = null || a.Null
		}
		b, err := s.Bind(info)
		if err != nil {
			return catalog.Value{}, err
		}
		if b.Strict && null {
			return catalog.NullValue(b.Type), nil
		}
		for i, a := range args {
			a.Type = b.Args[i]
			vecs[i] = &vec.Vector{}
			vecs[i].SetConst(a, 2)
		}
		var out vec.Vector
		out.Reset(b.Type, 2)
		clear(out.Str)
		err = b.Eval(&function.EvalContext{}, vecs, 2, &out)
		return out.At(1), err
	}
	t.Fatalf("no function %s", name)
	return catalog.Value{}, nil
}

func TestThreeValues(t *testing.T) {
	n, b, s := catalog.LongValue, catalog.BoolValue, catalog.StringValue
	null := catalog.NullValue(catalog.Long)
	unknown := catalog.NullValue(catalog.Boolean)
	for _, c := range []struct {
		name string
		args []catalog.Value
		want string
	}{
		{"equals", []catalog.Value{n(1), null}, "NULL"},
		{"lessThan", []catalog.Value{s("a"), s("b")}, "true"},
		{"greaterThanOrEqual", []catalog.Value{b(true), b(false)}, "true"},
		{"isDistinctFrom", []catalog.Value{null, null}, "false"},
		{"isNotDistinctFrom", []catalog.Value{null, n(1)}, "false"},
		{"between", []catalog.Value{n(5), null, n(3)}, "false"},
		{"between", []catalog.Value{n(2), null, n(3)}, "NULL"},
		{"in", []catalog.Value{n(2), n(1), null}, "NULL"},
		{"in", []catalog.Value{n(2), null, n(2)}, "true"},
		{"notIn", []catalog.Value{n(2), n(1), null}, "NULL"},
		{"notIn", []catalog.Value{n(2), n(2), null}, "false"},
		{"and", []catalog.Value{unknown, b(false)}, "false"},
		{"and", []catalog.Value{unknown, b(true)}, "NULL"},
		{"or", []catalog.Value{unknown, b(true)}, "true"},
		{"or", []catalog.Value{unknown, b(false)}, "NULL"},
		{"not", []catalog.Value{unknown}, "NULL"},
		{"isNotTrue", []catalog.Value{unknown}, "true"},
		{"isNotNull", []catalog.Value{null}, "false"},
		{"coalesce", []catalog.Value{null, n(2)}, "2"},
		{"nullif", []catalog.Value{n(2), n(2)}, "NULL"},
		{"nullif", []catalog.Value{n(2), null}, "2"},
		{"caseWhen", []catalog.Value{unknown, n(1), b(true), n(2)}, "2"},
		{"caseWhen", []catalog.Value{b(false), n(1)}, "NULL"},
		{"num_nulls", []catalog.Value{null, n(1), unknown}, "2"},
	} {
		if got, err := call(t, c.name, c.args...); err != nil || got.String() != c.want {
			t.Errorf("%s%v is %v %v, want %s", c.name, c.args, got, err, c.want)
		}
	}
	for _, args := range [][]catalog.Value{{n(1), catalog.Value{Type: catalog.Bytes}}, {n(1)}} {
		if got, err := call(t, "equals", args...); err == nil || errs.As(err).Code != errs.UndefinedFunction {
			t.Errorf("equals%v is %v %v", args, got, err)
		}
	}
}
