package sql

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/freshetdb/freshet/internal/errs"
)

// TestGolden parses the texts of testdata. Commands: wire and http parse statements, expr an expression.
func TestGolden(t *testing.T) {
	datadriven.Walk(t, "testdata/golden", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var nodes []any
			var err error
			switch d.Cmd {
			case "wire", "http":
				dialect := map[string]Dialect{"wire": Wire, "http": HTTP}[d.Cmd]
				var stmts []Statement
				stmts, err = Parse(d.Input, dialect)
				for _, s := range stmts {
					nodes = append(nodes, s)
				}
			case "expr":
				var e Expr
				e, err = ParseExpr(d.Input)
				nodes = append(nodes, e)
			default:
				t.Fatalf("unknown command %q", d.Cmd)
			}
			if err != nil {
				return errorText(err)
			}
			var b strings.Builder
			for _, n := range nodes {
				if s, ok := n.(Statement); ok {
					fmt.Fprintf(&b, "%d %q\n", s.Pos(), s.Text())
				}
				b.WriteString(dump(reflect.ValueOf(n)) + "\n")
			}
			return b.String()
		})
	})
}

func errorText(err error) string {
	var e *errs.Error
	if !errors.As(err, &e) {
		return "not an *errs.Error: " + err.Error() + "\n"
	}
	return fmt.Sprintf("error %s at %d: %s\n", e.Code, e.Pos, e.Msg)
}

// dump prints a tree: (Type@position field=value ...), without fields that are zero.
func dump(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return "nil"
		}
		return dump(v.Elem())
	case reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = dump(v.Index(i))
		}
		return "[" + strings.Join(parts, " ") + "]"
	case reflect.Struct:
		return dumpStruct(v)
	case reflect.String:
		return fmt.Sprintf("%q", v.String())
	default:
		return fmt.Sprint(v.Interface())
	}
}

func dumpStruct(v reflect.Value) string {
	out := "(" + v.Type().Name()
	for i := range v.NumField() {
		name, f := v.Type().Field(i).Name, v.Field(i)
		switch {
		case name == "Source" || f.IsZero() || f.Kind() == reflect.Slice && f.Len() == 0:
		case name == "At":
			out += fmt.Sprintf("@%d", f.Int())
		default:
			out += " " + name + "=" + dump(f)
		}
	}
	return out + ")"
}

// TestHostile feeds texts that would overflow the parser's stack, or nearly so: each must parse or give an error of
// the limits, never crash.
func TestHostile(t *testing.T) {
	repeat := strings.Repeat
	for _, test := range []struct {
		name, text string
		want       string // SQLSTATE, "" if it parses
	}{
		{"plus", "select 1" + repeat("+1", 40_000), errs.StatementTooComplex},
		{"plus below the token limit", "select 1" + repeat("+1", 9_000), errs.StatementTooComplex},
		{"plus below the depth limit", "select 1" + repeat("+1", 1_500), ""},
		{"concat", "select 'a'" + repeat("||'b'", 40_000), errs.StatementTooComplex},
		{"cast", "select 1" + repeat("::int", 40_000), errs.StatementTooComplex},
		{"cast below the token limit", "select 1" + repeat("::int", 4_900), errs.StatementTooComplex},
		{"parentheses", "select " + repeat("(", 40_000), errs.StatementTooComplex},
		{"parentheses below the token limit", "select " + repeat("(", 4_900) + "1" + repeat(")", 4_900), ""},
		{"not", "select " + repeat("not ", 40_000) + "true", errs.StatementTooComplex},
		{"not below the token limit", "select " + repeat("not ", 9_900) + "true", errs.StatementTooComplex},
		{"union", "select 1" + repeat(" union select 1", 80_000), errs.ProgramLimitExceeded},
		{"union within the text limit", "select 1" + repeat(" union select 1", 60_000), errs.StatementTooComplex},
		{"union below the token limit", "select 1" + repeat(" union select 1", 3_300), errs.StatementTooComplex},
		{"join", "select * from a" + repeat(" join b on true", 2_000), errs.StatementTooComplex},
		{"array", "select " + repeat("array[", 4_900) + repeat("]", 4_900), errs.StatementTooComplex},
		{"open brackets", "select " + repeat("[", 9_000), errs.SyntaxError},
		{"minus", "select " + repeat("- ", 9_900) + "a", errs.StatementTooComplex},
		{"calls", "select " + repeat("f(", 3_300) + repeat(")", 3_300), errs.StatementTooComplex},
		{"sub-queries", "select " + repeat("(select ", 2_400) + "1" + repeat(")", 2_400), errs.StatementTooComplex},
		{"case", "select " + repeat("case when true then ", 2_400) + "1" + repeat(" end", 2_400), errs.StatementTooComplex},
		{"flat or", "select 1" + repeat(" or 1", 4_900), ""},
		{"flat in", "select 1 in (1" + repeat(",1", 100_000) + ")", ""},
		{"statements", repeat("select 1;", 6_000), errs.StatementTooComplex},
		{"long text", "select '" + repeat("x", MaxText) + "'", errs.ProgramLimitExceeded},
		{"long string", "select '" + repeat("x", MaxText-10) + "'", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse(test.text, Wire)
			got := ""
			if err != nil {
				got = errs.As(err).Code
			}
			if got != test.want {
				t.Fatalf("got %q (%v), want %q", got, err, test.want)
			}
		})
	}
}

func TestBadBytes(t *testing.T) {
	for text, pos := range map[string]int{"select 'é\x00'": 10, "select 'é\xff'": 10, "\xc3": 1} {
		_, err := Parse(text, Wire)
		if e := errs.As(err); err == nil || e.Code != errs.InvalidEncoding || e.Pos != pos {
			t.Errorf("%q: got %v at %d, want an encoding error at %d", text, err, e.Pos, pos)
		}
	}
}

// TestLongNames: PostgreSQL's scanner would cut names at 63 bytes.
func TestLongNames(t *testing.T) {
	long := strings.Repeat("n", 60) + "Abc" + strings.Repeat("é", 10)
	stmts, err := Parse("select "+long+` as "`+long+`2" from `+long+"3", Wire)
	if err != nil {
		t.Fatal(err)
	}
	s := stmts[0].(*Select)
	name, table := s.Items[0].Expr.(*Name).Parts[0], s.From[0].(*TableName).Name
	if name != long || s.Items[0].Alias != long+"2" || table != long+"3" {
		t.Errorf("got %q, %q, %q", name, s.Items[0].Alias, table)
	}
}

func TestUnsupportedError(t *testing.T) {
	for text, want := range map[string]string{
		"insert into t values (1)":     "25006 cannot execute INSERT in a read-only transaction",
		"create table t (a int)":       "25006 cannot execute CREATE TABLE in a read-only transaction",
		"drop view v":                  "25006 cannot execute DROP VIEW in a read-only transaction",
		"truncate t":                   "25006 cannot execute TRUNCATE TABLE in a read-only transaction",
		"vacuum":                       "0A000 VACUUM is not supported",
		"copy t to stdout":             "0A000 COPY is not supported",
		"lock table t":                 "0A000 LOCK is not supported",
		"/* c */ update t set a = 1":   "25006 cannot execute UPDATE in a read-only transaction",
		"prepare transaction 'foobar'": "0A000 PREPARE TRANSACTION is not supported",
	} {
		stmts, err := Parse(text, Wire)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		u, ok := stmts[0].(*Unsupported)
		if !ok {
			t.Errorf("%s: got %T", text, stmts[0])
			continue
		}
		if e := u.Err(); e.Code+" "+e.Msg != want || e.Pos == 0 {
			t.Errorf("%s: got %s %s at %d, want %s", text, e.Code, e.Msg, e.Pos, want)
		}
	}
}

// FuzzParse: any text parses or gives an *errs.Error whose position lies within it.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"select $ts$MINUTE, `a\"b`, 'x''y', E'\\'', $$q$$ from t limit 5, 10 option(a=b)", "set a=1; select ?;",
		"explain plan for select /* a /* b */ */ 1 -- c\n", `select "Foo" AS Value from Bar where x in (?,?)`, "$", "`", "$a$", "U&\"x\"", "select é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range []Dialect{Wire, HTTP, Ingestion} {
			stmts, err := Parse(text, d)
			if err != nil {
				var e *errs.Error
				if !errors.As(err, &e) || e.Pos < 0 || e.Pos > len([]rune(text))+1 {
					t.Fatalf("%q: %#v", text, err)
				}
				continue
			}
			for _, s := range stmts {
				if s.Pos() < 1 || s.Pos() > len([]rune(text))+1 || !strings.Contains(text, s.Text()) {
					t.Fatalf("%q: statement %q at %d", text, s.Text(), s.Pos())
				}
			}
		}
	})
}

// BenchmarkParse measures a dashboard's query; it has to stay well below a millisecond.
func BenchmarkParse(b *testing.B) {
	const text = `select ToDateTime(DATETRUNC('minute', ts), 'yyyy-MM-dd HH:mm:ss') AS dateMin, count(*) AS orders, sum(price) AS revenue
from orders where ts > ago('PT5M') group by dateMin order by dateMin desc LIMIT 10000`
	for b.Loop() {
		if _, err := Parse(text, HTTP); err != nil {
			b.Fatal(err)
		}
	}
}
