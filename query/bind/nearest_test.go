package bind

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/expr"
)

// holds evaluates what compareConst made of "x op constant" for one value x, the slow way.
func holds(t *rapid.T, e expr.Expr, x catalog.Value) bool {
	switch e := e.(type) {
	case *expr.Compare:
		c := e.Right.(*expr.Const).Value
		if math.IsInf(c.F64, 0) { // the neighbour beyond the finite values, which no fraction is
			return compares(e.Op, -int(math.Copysign(1, c.F64)))
		}
		return compares(e.Op, exactNumber(x).Cmp(exactNumber(c)))
	case *expr.Or: // always true, for a value
		return true
	case *expr.And:
		return false
	default:
		t.Fatalf("unexpected %T", e)
		return false
	}
}

func compares(op expr.CmpOp, order int) bool {
	switch op {
	case expr.Eq:
		return order == 0
	case expr.Ne:
		return order != 0
	case expr.Lt:
		return order < 0
	case expr.Le:
		return order <= 0
	case expr.Gt:
		return order > 0
	default:
		return order >= 0
	}
}

// TestCompareConstIsExact: comparing a value of one kind with a constant of another has the outcome of exact
// arithmetic, for values around the constant and at the ends of the kind.
func TestCompareConstIsExact(t *testing.T) {
	ints := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-5, 5), rapid.SampledFrom([]int64{math.MinInt32, math.MaxInt32, math.MaxInt32 + 1, math.MaxInt64, math.MinInt64, 1 << 53, 1<<53 + 1}))
	floats := rapid.OneOf(rapid.Float64Range(-1e20, 1e20), rapid.Map(ints, func(i int64) float64 { return float64(i) }),
		rapid.SampledFrom([]float64{0.1, 5.5, -5.5, 1e300, -1e300, math.MaxFloat32, 5e-324}))
	number := func(t *rapid.T, label string, k catalog.Kind) catalog.Value {
		v := catalog.Value{Type: catalog.Type{Kind: k}}
		switch k {
		case catalog.KindInt:
			v.I64 = int64(int32(ints.Draw(t, label)))
		case catalog.KindFloat:
			v.F64 = float64(float32(floats.Draw(t, label)))
			if math.IsInf(v.F64, 0) {
				v.F64 = 0
			}
		case catalog.KindDouble:
			v.F64 = floats.Draw(t, label)
		case catalog.KindBigDecimal:
			v.Str = rapid.StringMatching(`-?[1-9][0-9]{0,22}(\.[0-9]{1,5})?`).Draw(t, label)
		default:
			v.I64 = ints.Draw(t, label)
		}
		return v
	}
	kinds := []catalog.Kind{catalog.KindInt, catalog.KindLong, catalog.KindFloat, catalog.KindDouble, catalog.KindDuration}
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.SampledFrom(kinds).Draw(t, "kind")
		c := number(t, "constant", rapid.SampledFrom(append(kinds, catalog.KindBigDecimal)).Draw(t, "constant kind"))
		op := expr.CmpOp(rapid.IntRange(int(expr.Eq), int(expr.Ge)).Draw(t, "op"))
		e, err := CompareConst(op, &expr.Column{Name: "x", T: catalog.Type{Kind: k}}, c)
		if err != nil || e == nil {
			t.Fatalf("%v %s: %v, %v", c, c.Type, e, err)
		}
		for _, x := range around(number(t, "x", k), c, k) {
			want := compares(op, exactNumber(x).Cmp(exactNumber(c)))
			if got := holds(t, e, x); got != want {
				t.Fatalf("%s %v %s %s %v: %s gives %t", x.Type, x, op, c.Type, c, e, got)
			}
		}
	})
}

// around gives x and the values of kind k next to the constant.
func around(x, c catalog.Value, k catalog.Kind) []catalog.Value {
	out := []catalog.Value{x}
	r := exactNumber(c)
	f, _ := r.Float64()
	for _, d := range []int64{-1, 0, 1} {
		v := catalog.Value{Type: x.Type}
		switch k {
		case catalog.KindFloat, catalog.KindDouble:
			v.F64 = f
			if d != 0 {
				v.F64 = next(f, int(d), k)
			}
			if k == catalog.KindFloat {
				v.F64 = float64(float32(v.F64))
			}
			if math.IsInf(v.F64, 0) {
				continue
			}
		default:
			n := new(big.Int).Div(r.Num(), r.Denom())
			if !n.IsInt64() || n.Int64() > math.MaxInt64-2 || n.Int64() < math.MinInt64+2 {
				continue
			}
			v.I64 = n.Int64() + d
			if k == catalog.KindInt && v.I64 != int64(int32(v.I64)) {
				continue
			}
		}
		out = append(out, v)
	}
	return out
}

func TestCompareConstSpecialFloats(t *testing.T) {
	col := &expr.Column{Name: "x", T: catalog.Int}
	for _, test := range []struct {
		op   expr.CmpOp
		c    float64
		want string
	}{
		{expr.Lt, math.NaN(), "(x IS NOT NULL) OR NULL"},
		{expr.Gt, math.Inf(1), "(x IS NULL) AND NULL"},
		{expr.Gt, math.Inf(-1), "(x IS NOT NULL) OR NULL"},
		{expr.Eq, math.NaN(), "(x IS NULL) AND NULL"},
	} {
		e, err := CompareConst(test.op, col, catalog.DoubleValue(test.c))
		if err != nil || e.String() != test.want {
			t.Errorf("x %s %v: got %v, %v", test.op, test.c, e, err)
		}
	}
}

func TestLikeMatch(t *testing.T) {
	for _, test := range []struct {
		s, pattern string
		escape     byte
		fold, want bool
	}{
		{"abc", "abc", '\\', false, true}, {"abc", "a%", '\\', false, true}, {"abc", "%c", '\\', false, true}, {"abc", "a_c", '\\', false, true},
		{"abc", "ab", '\\', false, false}, {"", "%", '\\', false, true}, {"", "", '\\', false, true}, {"a", "", '\\', false, false},
		{"é", "_", '\\', false, true}, {"ABC", "abc", '\\', true, true}, {"ÉX", "é_", '\\', true, true}, {"ABC", "abc", '\\', false, false},
		{"a%c", `a\%c`, '\\', false, true}, {"abc", `a\%c`, '\\', false, false}, {"a%c", "a!%c", '!', false, true}, {`a\`, `a\`, 0, false, true},
		{"mississippi", "%iss%ip%", '\\', false, true}, {"mississippi", "%iss%x%", '\\', false, false}, {strings.Repeat("a", 5000), strings.Repeat("%a", 50) + "b", '\\', false, false},
	} {
		if got := likeMatch(test.s, test.pattern, test.escape, test.fold); got != test.want {
			t.Errorf("%.20q LIKE %.20q: got %t", test.s, test.pattern, got)
		}
	}
}

func TestParseArray(t *testing.T) {
	for in, want := range map[string]string{
		`{}`: "[]", `{1,2}`: "['1' '2']", ` { a , "b c" , NULL, "null" } `: "['a' 'b c' NULL 'null']", `{"a\"b","c\\d",""}`: `['a"b' 'c\d' '']`,
		`{`: "", `{a`: "", `{a,}`: "", `{,}`: "", `{"a}`: "", `{"a"b}`: "", `{{1},{2}}`: "", `1,2`: "",
	} {
		v, err := parseArray(in, catalog.String.Array())
		switch {
		case err != nil && want != "":
			t.Errorf("%s: %v", in, err)
		case err == nil && v.String() != want:
			t.Errorf("%s: got %s, want %s", in, v, want)
		}
	}
	v, err := parseArray("{1,2}", catalog.Int.Array())
	if err != nil || v.Elems[1].I64 != 2 || v.Elems[1].Type != catalog.Int {
		t.Errorf("got %v, %v", v, err)
	}
	if _, err := parseArray("{1,x}", catalog.Int.Array()); err == nil {
		t.Error("x is no integer")
	}
}

func TestNearestName(t *testing.T) {
	names := []string{"price", "userId", "status", "totalQuantity"}
	for in, want := range map[string]string{"prise": "price", "USERID": "userId", "userIds": "userId", "stats": "status", "xyz": "", "pirce": "price", "usreId": "userId", "totalquantty": "totalQuantity", "": "", strings.Repeat("x", 500): ""} {
		if got := nearest(in, names); got != want {
			t.Errorf("%.20q: got %q, want %q", in, got, want)
		}
	}
}

// TestEditDistance: symmetric, 0 for equal words only, between the difference of the lengths and the longer one, and one more
// edit is one more at most.
func TestEditDistance(t *testing.T) {
	word := rapid.StringMatching("[ab]{0,8}")
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		ab := editDistance(a, b)
		long, short := max(len(a), len(b)), min(len(a), len(b))
		if ab != editDistance(b, a) || (ab == 0) != (a == b) || ab > long || ab < long-short || editDistance(a, b+"x") > ab+1 {
			t.Fatalf("distance of %q and %q is %d", a, b, ab)
		}
	})
}

func TestEditDistanceCases(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "", 3}, {"abcd", "abdc", 1}, {"kitten", "sitting", 3}, {"ca", "abc", 3}} {
		if got := editDistance(c.a, c.b); got != c.want {
			t.Errorf("%q to %q: got %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestIntervalFields(t *testing.T) {
	for _, test := range []struct {
		text string
		mask []int
		want string
	}{{"5", []int{1 << 11}, "5 minute"}, {"1.5", []int{1 << 12}, "1.5 second"}, {"90", nil, "90 second"}, {"1 day", []int{1 << 11}, "1 day"}, {" 3 ", []int{1 << 3}, "3 day"}, {"2", []int{0x7fff, 3}, "2 second"}} {
		if got := intervalText(test.text, typeNameWith(test.mask)); got != test.want {
			t.Errorf("%q %v: got %q, want %q", test.text, test.mask, got, test.want)
		}
	}
}
