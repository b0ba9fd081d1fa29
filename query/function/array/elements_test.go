package array

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// ints makes an array; a negative number is a NULL element.
func ints(xs ...int64) catalog.Value {
	v := catalog.Value{Type: catalog.Long.Array()}
	for _, x := range xs {
		e := catalog.LongValue(x)
		if x < 0 {
			e = catalog.NullValue(catalog.Long)
		}
		v.Elems = append(v.Elems, e)
	}
	return v
}

// run evaluates a function on three rows of constant arguments and gives the last.
func run(t testing.TB, name string, args ...catalog.Value) (catalog.Value, error) {
	t.Helper()
	for _, s := range Scalars() {
		if s.Name != name && !slices.Contains(s.Aliases, name) {
			continue
		}
		info := make([]function.Arg, len(args))
		vecs := make([]*vec.Vector, len(args))
		strictNull := false
		for i, a := range args {
			info[i].Type = a.Type
			strictNull = strictNull || a.Null
		}
		b, err := s.Bind(info)
		if err != nil {
			return catalog.Value{}, err
		}
		for i, a := range args {
			a.Type = b.Args[i]
			vecs[i] = &vec.Vector{}
			vecs[i].SetConst(a, 3)
		}
		if b.Strict && strictNull {
			return catalog.NullValue(b.Type), nil
		}
		var out vec.Vector
		out.Reset(b.Type, 3)
		clear(out.Str)
		err = b.Eval(&function.EvalContext{}, vecs, 3, &out)
		return out.At(2), err
	}
	t.Fatalf("no function %s", name)
	return catalog.Value{}, nil
}

func TestElements(t *testing.T) {
	n, null := catalog.LongValue, catalog.NullValue(catalog.Long)
	nullArray := catalog.NullValue(catalog.Long.Array())
	ok := func(want, name string, args ...catalog.Value) {
		t.Helper()
		got, err := run(t, name, args...)
		if err != nil || got.String() != want {
			t.Errorf("%s%v is %v %v, want %s", name, args, got, err, want)
		}
	}
	ok("[1 NULL 2]", "arrayReverse", ints(2, -1, 1))
	ok("[1 2 NULL]", "arraySort", ints(2, -1, 1))
	ok("[2 1 NULL]", "arrayDistinct", ints(2, 1, -1, 2, -1))
	ok("[2 1 3]", "arrayUnionInt", ints(2, 1), ints(1, 3))
	ok("[2]", "arraySliceInt", ints(1, 2), n(1), n(99))
	ok("[]", "arraySlice", ints(1, 2), n(2), n(1))
	ok("[1]", "trim_array", ints(1, 2), n(1))
	ok("[2]", "array_remove", ints(1, 2, 1), n(1))
	ok("[1]", "array_remove", ints(1, -1), null)
	ok("[2 1]", "arrayRemoveInt", ints(1, 2, 1), n(1))
	ok("[7 NULL]", "array_replace", ints(1, -1), n(1), n(7))
	ok("[1 2 3]", "array_cat", ints(1, 2), ints(3))
	ok("[3]", "array_cat", nullArray, ints(3))
	ok("[3]", "array_append", nullArray, n(3))
	ok("[3 NULL]", "array_append", ints(3), null)
	ok("[0 3]", "array_prepend", n(0), ints(3))
	ok("[0 3]", "arrayPushFrontLong", ints(3), n(0))
	ok("[1 NULL 2]", "arrayValueConstructor", n(1), null, n(2))
	ok("[1 3]", "valueIn", ints(1, 2, 3), n(3), n(1))
	ok("-1", "arrayIndexOf", ints(1, 2), n(3))
	ok("[0 2]", "arrayIndexesOfLong", ints(1, 2, 1), n(1))
	ok("2", "array_position", ints(1, 2), n(2))
	ok("3", "array_position", ints(2, 1, 2), n(2), n(2))
	ok("2", "array_position", ints(1, -1), null)
	ok("NULL", "array_position", ints(1), n(2))
	ok("NULL", "array_position", nullArray, n(2))
	ok("[1 3]", "array_positions", ints(1, 2, 1), n(1))
	ok("true", "arraysOverlap", ints(1, 2), ints(5, 2))
	ok("false", "arraysOverlap", ints(1, -1), ints(5, -1))
	ok("2", "arrayElementAtLong", ints(1, 2), n(2))
	ok("0", "arrayElementAtLong", ints(1, 2), n(3))
	ok("20", "mapValue", ints(1, 2), n(2), ints(10, 20))
	ok("NULL", "mapValue", ints(1, 2), n(3), ints(10, 20))
	ok("NULL", "arrayLength", ints(), n(1))
	ok("NULL", "array_upper", ints(1, 2), n(2))
	ok("3", "arraySumInt", ints(1, 2, -1))
	ok("[5 3 1]", "generateLongArray", n(5), n(0), n(-2))
	ok("[]", "generateLongArray", n(5), n(0), n(2))
	ok("[9223372036854775806 9223372036854775807]", "generateLongArray", n(1<<63-2), n(1<<63-1), n(1))
	for _, c := range []struct {
		name string
		code string
		args []catalog.Value
	}{
		{"trim_array", "2202E", []catalog.Value{ints(1), n(2)}},
		{"generateLongArray", errs.InvalidParameterValue, []catalog.Value{n(1), n(2), n(0)}},
		{"generateLongArray", errs.ProgramLimitExceeded, []catalog.Value{n(-1 << 63), n(1<<63 - 1), n(1)}},
		{"arraySumLong", errs.NumericOutOfRange, []catalog.Value{ints(1<<63-1, 1)}},
		{"array_position", "22004", []catalog.Value{ints(1), n(1), null}},
		{"array_cat", errs.UndefinedFunction, []catalog.Value{ints(1), catalog.BoolValue(true)}},
	} {
		if got, err := run(t, c.name, c.args...); err == nil || errs.As(err).Code != c.code {
			t.Errorf("%s%v is %v %v, want %s", c.name, c.args, got, err, c.code)
		}
	}
}

// TestDistinct compares with a map.
func TestDistinct(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		xs := rapid.SliceOfN(rapid.Int64Range(-1, 5), 0, 20).Draw(rt, "xs")
		var want []int64
		for _, x := range xs {
			if !slices.Contains(want, x) {
				want = append(want, x)
			}
		}
		got, err := run(t, "arrayDistinct", ints(xs...))
		if err != nil || fmt.Sprint(got.Elems) != fmt.Sprint(ints(want...).Elems) {
			rt.Fatalf("%v: %v, want %v", xs, got, want)
		}
	})
}

func TestVectors(t *testing.T) {
	v := func(xs ...float64) catalog.Value {
		out := catalog.Value{Type: catalog.Double.Array()}
		for _, x := range xs {
			out.Elems = append(out.Elems, catalog.DoubleValue(x))
		}
		return out
	}
	if got, err := run(t, "cosineDistance", v(0, 0), v(1, 2), catalog.DoubleValue(7)); err != nil || got.F64 != 7 {
		t.Errorf("%v %v", got, err)
	}
	if got, err := run(t, "l2Distance", v(1), v(1, 2)); err == nil {
		t.Errorf("vectors of two lengths: %v", got)
	}
	if got, err := run(t, "vectorNorm", v()); err == nil {
		t.Errorf("an empty vector: %v", got)
	}
}
