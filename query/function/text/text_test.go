package text

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

func find(t testing.TB, name string) function.Scalar {
	t.Helper()
	for _, s := range Scalars() {
		for _, n := range append([]string{s.Name}, s.Aliases...) {
			if n == name {
				return s
			}
		}
	}
	t.Fatalf("no function %s", name)
	return function.Scalar{}
}

// call evaluates a function on one row; arguments are constant for binding and flat for evaluation, so that both the
// constant and the per-row path of patterns are covered by constants false and true.
func call(t testing.TB, name string, constants bool, args ...catalog.Value) (catalog.Value, error) {
	t.Helper()
	info := make([]function.Arg, len(args))
	for i := range args {
		info[i].Type = args[i].Type
		if constants {
			info[i].Const = &args[i]
		}
	}
	b, err := find(t, name).Bind(info)
	if err != nil {
		return catalog.Value{}, err
	}
	vecs := make([]*vec.Vector, len(args))
	for i, a := range args {
		a.Type = b.Args[i]
		var c vec.Vector
		c.SetConst(a, 1)
		vecs[i] = &vec.Vector{}
		c.Gather(nil, vecs[i])
	}
	var out vec.Vector
	out.Reset(b.Type, 1)
	err = b.Eval(&function.EvalContext{}, vecs, 1, &out)
	return out.At(0), err
}

func s(x string) catalog.Value { return catalog.StringValue(x) }
func n(x int64) catalog.Value  { return catalog.LongValue(x) }

func TestFunctions(t *testing.T) {
	for _, c := range []struct {
		name string
		args []catalog.Value
		want string
	}{
		{"upper", []catalog.Value{s("straße äb")}, "'STRAßE ÄB'"},
		{"lower", []catalog.Value{s("ÄB c")}, "'äb c'"},
		{"initcap", []catalog.Value{s("élan o'neil X1y")}, "'Élan O'Neil X1y'"},
		{"reverse", []catalog.Value{s("aäb")}, "'bäa'"},
		{"length", []catalog.Value{s("aäb")}, "3"},
		{"octetLength", []catalog.Value{s("aäb")}, "4"},
		{"substr", []catalog.Value{s("äbcdef"), n(1)}, "'bcdef'"},
		{"substr", []catalog.Value{s("äbcdef"), n(0), n(2)}, "'äb'"},
		{"substr", []catalog.Value{s("abc"), n(1), n(-1)}, "'bc'"},
		{"substr", []catalog.Value{s("abc"), n(2), n(99)}, "'c'"},
		{"substr", []catalog.Value{s("abc"), n(9), n(99)}, "''"},
		{"substr", []catalog.Value{s("abc"), n(2), n(1)}, "''"},
		{"substring", []catalog.Value{s("äbcdef"), n(2)}, "'bcdef'"},
		{"substring", []catalog.Value{s("abcdef"), n(2), n(3)}, "'bcd'"},
		{"substring", []catalog.Value{s("abc"), n(-1), n(3)}, "'a'"},
		{"substring", []catalog.Value{s("abc"), n(0), n(2)}, "'a'"},
		{"substring", []catalog.Value{s("abc"), n(2), n(1 << 62)}, "'bc'"},
		{"left", []catalog.Value{s("äbc"), n(-1)}, "'äb'"},
		{"left", []catalog.Value{s("äbc"), n(9)}, "'äbc'"},
		{"right", []catalog.Value{s("äbc"), n(2)}, "'bc'"},
		{"right", []catalog.Value{s("äbc"), n(-1)}, "'bc'"},
		{"right", []catalog.Value{s("äbc"), n(-9)}, "''"},
		{"trim", []catalog.Value{s("xxaxx"), s("x")}, "'a'"},
		{"trim", []catalog.Value{s("LEADING"), s("x"), s("xxaxx")}, "'axx'"},
		{"btrim", []catalog.Value{s("  a ")}, "'a'"},
		{"lpad", []catalog.Value{s("ä"), n(4), s("xyz")}, "'xyzä'"},
		{"rpad", []catalog.Value{s("a"), n(6), s("xy")}, "'axyxyx'"},
		{"lpad", []catalog.Value{s("abc"), n(2)}, "'ab'"},
		{"lpad", []catalog.Value{s("abc"), n(-2)}, "''"},
		{"lpad", []catalog.Value{s("a"), n(3), s("")}, "'a'"},
		{"repeat", []catalog.Value{s("a"), s("-"), n(3)}, "'a-a-a'"},
		{"repeat", []catalog.Value{s("a"), n(-1)}, "''"},
		{"strpos", []catalog.Value{s("äbcb"), s("b")}, "1"},
		{"strpos", []catalog.Value{s("äbcb"), s("b"), n(2)}, "3"},
		{"strpos", []catalog.Value{s("äbcb"), s("b"), n(3)}, "-1"},
		{"strpos", []catalog.Value{s("abc"), s("x")}, "-1"},
		{"strpos", []catalog.Value{s(""), s(""), n(2)}, "-1"},
		{"position", []catalog.Value{s("abc"), s("c")}, "3"},
		{"strrpos", []catalog.Value{s("äbcb"), s("b")}, "3"},
		{"replace", []catalog.Value{s("aaa"), s("aa"), s("b")}, "'ba'"},
		{"replace", []catalog.Value{s("abc"), s(""), s("x")}, "'abc'"},
		{"remove", []catalog.Value{s("abab"), s("a")}, "'bb'"},
		{"splitPart", []catalog.Value{s("a,,b,c"), s(","), n(1)}, "'b'"},
		{"splitPart", []catalog.Value{s("a,b,c"), s(","), n(-1)}, "'c'"},
		{"splitPart", []catalog.Value{s("a,b,c"), s(","), n(7)}, "'null'"},
		{"splitPart", []catalog.Value{s("a,b,c"), s(","), n(2), n(1)}, "'b,c'"},
		{"split", []catalog.Value{s(",a,,b,"), s(",")}, "['a' 'b']"},
		{"split", []catalog.Value{s("a--b--c"), s("--"), n(2)}, "['a' 'b--c']"},
		{"concat", []catalog.Value{s("a"), s("b"), s("c")}, "'acb'"},
		{"concat", []catalog.Value{s("a"), s("b"), s("c"), s("d")}, "'abcd'"},
		{"substr", []catalog.Value{s("äbcdef"), n(-2)}, "'ef'"},
		{"substr", []catalog.Value{s("äbcdef"), n(-9), n(-4)}, "'äb'"},
		{"ltrim", []catalog.Value{s("\t a ")}, "'a '"},
		{"strrpos", []catalog.Value{s("äbcb"), s("b"), n(2)}, "1"},
		{"strrpos", []catalog.Value{s("äbcb"), s("b"), n(3)}, "3"},
		{"regexpReplace", []catalog.Value{s("a1b2"), s("([0-9])"), s(`<\1$>`), s("g")}, "'a<1$>b<2$>'"},
		{"regexpReplace", []catalog.Value{s("A1a2"), s("a"), s(`\&\\x`), s("i")}, `'A\x1a2'`},
		{"regexpMatch", []catalog.Value{s("ab"), s("(a)|(x)")}, "['a' NULL]"},
		{"regexpMatch", []catalog.Value{s("ab"), s("x")}, "NULL"},
		{"regexpSplitToArray", []catalog.Value{s("a1b22c"), s("[0-9]")}, "['a' 'b' '' 'c']"},
		{"regexpSplitToArray", []catalog.Value{s("abc"), s("")}, "['a' 'b' 'c']"},
		{"regexpSubstr", []catalog.Value{s("aä1b2"), s("([a-z])([0-9])"), n(1), n(1), s(""), n(2)}, "'2'"},
		{"regexpInstr", []catalog.Value{s("ä1b2"), s("[0-9]"), n(1), n(2), n(1)}, "5"},
		{"regexpCount", []catalog.Value{s("aAa"), s("a"), n(2), s("i")}, "2"},
		{"translate", []catalog.Value{s("äbä"), s("äb"), s("x")}, "'xx'"},
		{"overlay", []catalog.Value{s("abcdef"), s("ZZ"), n(3)}, "'abZZef'"},
		{"overlay", []catalog.Value{s("abcdef"), s("Z"), n(3), n(-1)}, "'abZbcdef'"},
		{"substringIndex", []catalog.Value{s("a.b.c"), s("."), n(-2)}, "'b.c'"},
		{"substringIndex", []catalog.Value{s("a.b.c"), s("."), n(9)}, "'a.b.c'"},
		{"firstLine", []catalog.Value{s("a\r\nb")}, "'a'"},
		{"normalize", []catalog.Value{s("a\u0308")}, "'ä'"},
		{"uniqueNgrams", []catalog.Value{s("äbäb"), n(1), n(2)}, "['ä' 'b' 'äb' 'bä']"},
		{"uniqueNgrams", []catalog.Value{s("ab"), n(3)}, "[]"},
		{"prefixes", []catalog.Value{s("äb"), n(9)}, "['ä' 'äb']"},
		{"suffixes", []catalog.Value{s("bä"), n(9)}, "['ä' 'bä']"},
		{"hammingDistance", []catalog.Value{s("äb"), s("b")}, "-1"},
		{"levenshteinDistance", []catalog.Value{s("äb"), s("b")}, "1"},
		{"soundex", []catalog.Value{s("Tymczak")}, "'T522'"},
		{"soundex", []catalog.Value{s("Pfister")}, "'P236'"},
		{"soundex", []catalog.Value{s("123")}, "''"},
		{"quote_literal", []catalog.Value{s(`a\b'`)}, `'E'a\\b''''`},
		{"quote_ident", []catalog.Value{s("select")}, `'"select"'`},
		{"quote_ident", []catalog.Value{s("a_1")}, "'a_1'"},
		{"format", []catalog.Value{s("[%-5s|%3s|%*s]%%"), s("äb"), s("x"), s("-3"), s("y")}, "'[äb   |  x|y  ]%'"},
		{"format", []catalog.Value{s("%2$s %1$s %s"), s("a"), s("b")}, "'b a b'"},
		{"format", []catalog.Value{s("%I %L %s"), s("A b"), s("it's"), catalog.NullValue(catalog.String)}, `'"A b" 'it''s' '`},
		{"concatWS", []catalog.Value{s("-"), s("a"), catalog.NullValue(catalog.String), s("b")}, "'a-b'"},
		{"chr", []catalog.Value{n(228)}, "'ä'"},
		{"ascii", []catalog.Value{s("ä")}, "228"},
		{"regexpLike", []catalog.Value{s("Hello"), s("^h"), s("i")}, "true"},
		{"regexpLike", []catalog.Value{s("Hello"), s("^h")}, "false"},
		{"regexpExtract", []catalog.Value{s("k=v"), s("(\\w)=(\\w)"), n(2)}, "'v'"},
		{"regexpExtract", []catalog.Value{s("none"), s("(\\d)"), n(1), s("-")}, "'-'"},
		{"regexpExtract", []catalog.Value{s("none"), s("\\d")}, "''"},
		{"regexpReplace", []catalog.Value{s("a1b22"), s("([0-9]+)"), s("<$1>")}, "'a<1>b<22>'"},
		{"regexpReplace", []catalog.Value{s("a1b2"), s("[0-9]"), s("\\$")}, "'a$b$'"},
		{"regexpReplace", []catalog.Value{s("a1b2c3"), s("[0-9]"), s("_"), n(2)}, "'a1b_c_'"},
		{"regexpReplace", []catalog.Value{s("a1b2c3"), s("[0-9]"), s("_"), n(0), n(1)}, "'a1b_c3'"},
		{"regexpReplace", []catalog.Value{s("aAb"), s("a"), s("x"), n(0), n(-1), s("i")}, "'xxb'"},
	} {
		for _, constants := range []bool{true, false} {
			got, err := call(t, c.name, constants, c.args...)
			if err != nil || got.String() != c.want {
				t.Errorf("%s%v is %v %v, want %s", c.name, c.args, got, err, c.want)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		args []catalog.Value
		code string
	}{
		{"substring", []catalog.Value{s("a"), n(1), n(-1)}, "22011"},
		{"trim", []catalog.Value{s("MIDDLE"), s("x"), s("a")}, errs.InvalidParameterValue},
		{"lpad", []catalog.Value{s("a"), n(1 << 40)}, errs.ProgramLimitExceeded},
		{"repeat", []catalog.Value{s("abc"), n(1 << 40)}, errs.ProgramLimitExceeded},
		{"chr", []catalog.Value{n(0)}, errs.InvalidParameterValue},
		{"chr", []catalog.Value{n(0xd800)}, errs.InvalidParameterValue},
		{"regexpLike", []catalog.Value{s("a"), s("(")}, errs.InvalidRegexp},
		{"regexpExtract", []catalog.Value{s("a"), s("a"), n(3)}, errs.InvalidParameterValue},
		{"format", []catalog.Value{s("%s %s"), s("a")}, errs.InvalidParameterValue},
		{"format", []catalog.Value{s("%d"), s("a")}, errs.InvalidParameterValue},
		{"format", []catalog.Value{s("%"), s("a")}, errs.InvalidParameterValue},
		{"format", []catalog.Value{s("%I"), catalog.NullValue(catalog.String)}, "22004"},
		{"regexpCount", []catalog.Value{s("a"), s("a"), n(0)}, errs.InvalidParameterValue},
		{"regexpMatch", []catalog.Value{s("a"), s("a"), s("g")}, errs.InvalidParameterValue},
		{"regexpMatch", []catalog.Value{s("a"), s("a"), s("z")}, errs.InvalidParameterValue},
		{"overlay", []catalog.Value{s("a"), s("a"), n(0)}, "22011"},
		{"uniqueNgrams", []catalog.Value{s("a"), n(1 << 40)}, errs.ProgramLimitExceeded},
		{"upper", nil, errs.UndefinedFunction},
		{"concat", nil, errs.UndefinedFunction},
	} {
		for _, constants := range []bool{true, false} {
			got, err := call(t, c.name, constants, c.args...)
			if err == nil || errs.As(err).Code != c.code {
				t.Errorf("%s%v is %v %v, want %s", c.name, c.args, got, err, c.code)
			}
		}
	}
}

// TestSlices compares the functions of parts with slices of runes.
func TestSlices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[aäß€😀]{0,6}`).Draw(t, "text")
		from, to := rapid.Int64Range(-3, 9).Draw(t, "from"), rapid.Int64Range(-3, 9).Draw(t, "to")
		runes := []rune(text)
		lo := min(max(from, 0), int64(len(runes)))
		hi := min(max(to, lo), int64(len(runes)))
		if got := slice(text, from, to); got != string(runes[lo:hi]) {
			t.Fatalf("slice(%q, %d, %d) is %q", text, from, to, got)
		}
		for _, part := range []string{left(text, from), right(text, from)} {
			if !utf8.ValidString(part) {
				t.Fatalf("%q", part)
			}
		}
		if from >= 0 && left(text, from)+right(text, max(int64(len(runes))-from, 0)) != text {
			t.Fatalf("left and right of %q at %d", text, from)
		}
		back, err := appendReverse(nil, text)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := appendReverse(nil, string(back)); err != nil || string(again) != text {
			t.Fatalf("%q reversed twice is %q", text, again)
		}
	})
}

func TestSplitAgainstFields(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[ab,]{0,12}`).Draw(t, "text")
		want := strings.FieldsFunc(text, func(r rune) bool { return r == ',' })
		if got := appendParts(nil, text, ",", 0); len(got) != len(want) || (len(want) > 0 && !cmp.Equal(got, want)) {
			t.Fatalf("%q is %q, want %q", text, got, want)
		}
	})
}

func TestArrayConcat(t *testing.T) {
	list := catalog.Value{Type: catalog.String.Array(), Elems: []catalog.Value{s("a"), s("b")}}
	got, err := call(t, "concat", true, list, list)
	if err != nil || got.String() != "['a' 'b' 'a' 'b']" {
		t.Errorf("%v %v", got, err)
	}
}

// TestRegexpMatchFails: a pattern that fails behind a row whose match lacks a group is an error.
func TestRegexpMatchFails(t *testing.T) {
	b, err := find(t, "regexpMatch").Bind([]function.Arg{{Type: catalog.String}, {Type: catalog.String}})
	if err != nil {
		t.Fatal(err)
	}
	s, patterns, out := &vec.Vector{}, &vec.Vector{}, &vec.Vector{}
	s.Reset(catalog.String, 2)
	patterns.Reset(catalog.String, 2)
	out.Reset(b.Type, 2)
	copy(s.Str, []string{"a", "a"})
	copy(patterns.Str, []string{"(x)?a", "("})
	if err := b.Eval(&function.EvalContext{}, []*vec.Vector{s, patterns}, 2, out); err == nil || errs.As(err).Code != errs.InvalidRegexp {
		t.Errorf("%v, want 2201B", err)
	}
}
