package array

import (
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

func bind(t *testing.T, name string, args ...function.Arg) (function.Bound, error) {
	t.Helper()
	for _, s := range Scalars() {
		if s.Name == name {
			return s.Bind(args)
		}
	}
	t.Fatalf("no function %s", name)
	return function.Bound{}, nil
}

// doubles is the rows [3 1 2], [], [5 NULL], NULL.
func doubles() *vec.Vector {
	v := &vec.Vector{}
	v.Reset(catalog.Double.Array(), 4)
	copy(v.Offsets, []uint32{0, 3, 3, 5, 5})
	v.Elems.Reset(catalog.Double, 5)
	copy(v.Elems.F64, []float64{3, 1, 2, 5, 9})
	v.Elems.SetNull(4)
	v.SetNull(3)
	return v
}

func TestNumbers(t *testing.T) {
	for name, want := range map[string][]string{"arrayMin": {"1", "NULL", "5", "NULL"}, "arrayMax": {"3", "NULL", "5", "NULL"}, "arraySum": {"6", "NULL", "5", "NULL"},
		"arrayAverage": {"2", "NULL", "5", "NULL"}, "arrayLength": {"3", "0", "2", "NULL"}} {
		b, err := bind(t, name, function.Arg{Type: catalog.Double.Array()})
		if err != nil {
			t.Fatal(err)
		}
		var out vec.Vector
		out.Reset(b.Type, 4)
		out.SetNull(3)
		if err := b.Eval(&function.EvalContext{}, []*vec.Vector{doubles()}, 4, &out); err != nil {
			t.Fatal(err)
		}
		for i, w := range want {
			if got := out.At(i).String(); got != w {
				t.Errorf("%s of row %d is %s, want %s", name, i, got, w)
			}
		}
	}
}

func TestContains(t *testing.T) {
	b, err := bind(t, "arrayContains", function.Arg{Type: catalog.Double.Array()}, function.Arg{Type: catalog.Int})
	if err != nil || b.Args[1] != catalog.Double {
		t.Fatalf("%v %v", b.Args, err)
	}
	var out, five vec.Vector
	five.SetConst(catalog.DoubleValue(5), 4)
	out.Reset(b.Type, 4)
	if err := b.Eval(&function.EvalContext{}, []*vec.Vector{doubles(), &five}, 4, &out); err != nil || out.Bits[0] != 0b100 {
		t.Errorf("%b %v", out.Bits[0], err)
	}
}

func TestConstantArray(t *testing.T) {
	b, err := bind(t, "arrayLength", function.Arg{Type: catalog.Long.Array()})
	if err != nil {
		t.Fatal(err)
	}
	var out, list vec.Vector
	list.SetConst(catalog.Value{Type: catalog.Long.Array(), Elems: []catalog.Value{catalog.LongValue(1), catalog.LongValue(2)}}, 3)
	out.Reset(b.Type, 3)
	if err := b.Eval(&function.EvalContext{}, []*vec.Vector{&list}, 3, &out); err != nil || out.I32[2] != 2 {
		t.Errorf("%v %v", out.I32, err)
	}
}

func TestSingleValuesAreRefused(t *testing.T) {
	for _, s := range Scalars() {
		if _, err := s.Bind([]function.Arg{{Type: catalog.Long}, {Type: catalog.Long}}); s.Name != "arrayValueConstructor" && (err == nil || errs.As(err).Code != errs.UndefinedFunction) {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
}
