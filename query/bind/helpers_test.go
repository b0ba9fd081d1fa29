package bind

import (
	"strings"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/bind/bindtest"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/sql"
)

func typeNameWith(args []int) sql.TypeName { return sql.TypeName{Name: "interval", Args: args} }

func selectText(t testing.TB, text string, change func(*Config)) (*Query, error) {
	t.Helper()
	r, err := bindtest.Registry()
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Tables: bindtest.Pizza(), Functions: r, Dialect: sql.Wire}
	if change != nil {
		change(&cfg)
	}
	stmts, err := sql.Parse(text, cfg.Dialect)
	if err != nil {
		t.Fatal(err)
	}
	return Select(stmts[0].(*sql.Select), cfg)
}

// TestParamValues: with values, parameters are constants: sets, patterns and limits are built at once.
func TestParamValues(t *testing.T) {
	q, err := selectText(t, "select id from orders where userId in ($1, $2) and id like $3 and userId < $4 limit $5", func(c *Config) {
		c.ParamValues = []catalog.Value{catalog.LongValue(1), catalog.StringValue("2"), catalog.StringValue("a%"), catalog.DoubleValue(7.5), catalog.LongValue(3)}
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := "(userId IN (1, 2)) AND (id LIKE 'a%') AND (userId <= 7)"; q.Where.String() != want {
		t.Errorf("got %s, want %s", q.Where, want)
	}
	if c, ok := q.Limit.(*expr.Const); !ok || c.Value.I64 != 3 {
		t.Errorf("limit is %v", q.Limit)
	}
	if _, err := selectText(t, "select $2", func(c *Config) { c.ParamValues = []catalog.Value{catalog.LongValue(1)} }); err == nil || !strings.Contains(err.Error(), "there is no parameter $2") {
		t.Errorf("got %v", err)
	}
}

// TestSessionOptions: options of the text replace those of the session, whatever their case.
func TestSessionOptions(t *testing.T) {
	q, err := selectText(t, "select id from orders option(TimeoutMs=5)", func(c *Config) {
		c.Options = map[string]string{"timeoutMs": "1", "trace": "true"}
	})
	if err != nil {
		t.Fatal(err)
	}
	timeout, _ := q.Option("TIMEOUTMS")
	trace, _ := q.Option("Trace")
	if timeout != "5" || trace != "true" || len(q.Options) != 2 {
		t.Errorf("got %v", q.Options)
	}
}

// TestEqualExpressions: equal trees are equal, and every field that changes a value tells them apart.
func TestEqualExpressions(t *testing.T) {
	col := func(i int) expr.Expr { return &expr.Column{Index: i, Name: "c", T: catalog.Int} }
	one, two := catalog.IntValue(1), catalog.IntValue(2)
	list := []func() expr.Expr{
		func() expr.Expr { return col(0) },
		func() expr.Expr { return col(1) },
		func() expr.Expr { return &expr.Const{Value: one} },
		func() expr.Expr { return &expr.Const{Value: catalog.LongValue(1)} },
		func() expr.Expr { return &expr.Param{Number: 1, T: catalog.Int} },
		func() expr.Expr { return &expr.Compare{Op: expr.Lt, Left: col(0), Right: col(1)} },
		func() expr.Expr { return &expr.Compare{Op: expr.Le, Left: col(0), Right: col(1)} },
		func() expr.Expr { return &expr.IsNull{Arg: col(0)} },
		func() expr.Expr { return &expr.IsNull{Arg: col(0), Negated: true} },
		func() expr.Expr { return &expr.In{Arg: col(0), List: []catalog.Value{one}} },
		func() expr.Expr { return &expr.In{Arg: col(0), List: []catalog.Value{one, two}} },
		func() expr.Expr { return &expr.In{Arg: col(0), List: []catalog.Value{one}, HasNull: true} },
		func() expr.Expr { return &expr.Like{Arg: col(0), Pattern: "a"} },
		func() expr.Expr { return &expr.Like{Arg: col(0), Pattern: "a", Escape: '!'} },
		func() expr.Expr { return &expr.Cast{Arg: col(0), To: catalog.Long} },
		func() expr.Expr { return &expr.Cast{Arg: col(1), To: catalog.Long} },
		func() expr.Expr { return &expr.Coalesce{Args: []expr.Expr{col(0), col(1)}, T: catalog.Int} },
		func() expr.Expr { return &expr.And{Args: []expr.Expr{col(0), col(1)}} },
		func() expr.Expr { return &expr.Or{Args: []expr.Expr{col(0), col(1)}} },
		func() expr.Expr {
			return &expr.Case{Whens: []expr.When{{Cond: col(0), Then: col(1)}}, T: catalog.Int}
		},
		func() expr.Expr {
			return &expr.Case{Whens: []expr.When{{Cond: col(0), Then: col(1)}}, Else: col(0), T: catalog.Int}
		},
	}
	for i := range list {
		for j := range list {
			if got := Equal(list[i](), list[j]()); got != (i == j) {
				t.Errorf("%s and %s: %t", list[i](), list[j](), got)
			}
		}
	}
}

// TestMapChildrenKeepsNodes: copying every kind of node without a change gives an equal node.
func TestMapChildrenKeepsNodes(t *testing.T) {
	q, err := selectText(t, `select case when price > 1 and not (userId in (1,2)) or id like 'a' then coalesce(status, id) else upper(id) end,
	price::text, id is null from orders`, nil)
	if err != nil {
		t.Fatal(err)
	}
	var copied func(e expr.Expr) (expr.Expr, error)
	copied = func(e expr.Expr) (expr.Expr, error) { return mapChildren(e, copied) }
	for _, e := range q.Items {
		c, err := copied(e)
		if err != nil || c == e || !Equal(c, e) {
			t.Errorf("%s became %v, %v", e, c, err)
		}
	}
}

// FuzzBind: whatever parses, binds or gives an error; never a panic.
func FuzzBind(f *testing.F) {
	for _, s := range []string{"select * from orders where price > '1'", "select case i when 1 then s end, t - t, nums = any('{1}') from types group by 1",
		"select $1 + 1, sum(i) filter (where b) from types having count(*) > 1 order by 1", "select distinct $ts$MINUTE from orders limit $1", "select cast(s as x[]) from types"} {
		f.Add(s)
	}
	r, err := bindtest.Registry()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range []sql.Dialect{sql.Wire, sql.HTTP} {
			stmts, err := sql.Parse(text, d)
			if err != nil {
				continue
			}
			for _, st := range stmts {
				if s, ok := st.(*sql.Select); ok {
					if q, err := Select(s, Config{Tables: bindtest.Pizza(), Functions: r, Dialect: d}); err == nil && len(q.Outputs) != len(q.Items) {
						t.Fatalf("%q: %d outputs of %d items", text, len(q.Outputs), len(q.Items))
					}
				}
			}
		}
	})
}
