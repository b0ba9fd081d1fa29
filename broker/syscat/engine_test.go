package syscat_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/freshetdb/freshet/broker/syscat"
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/bind"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/query/sql"
)

// engine runs statements over a catalog without a broker.
type engine struct {
	c         *syscat.Catalog
	session   syscat.Session
	functions *function.Registry
	tables    map[string]*catalog.Schema
}

func (e *engine) Table(name string) (*catalog.Schema, bool) { s, ok := e.tables[name]; return s, ok }

func (e *engine) TableNames() []string {
	var out []string
	for n := range e.tables {
		out = append(out, n)
	}
	return out
}

// Relation implements bind.Relations.
func (e *engine) Relation(schema, name string) (bind.Relation, bool) {
	r, ok := e.c.Relation(schema, name)
	if !ok {
		return bind.Relation{}, false
	}
	out := bind.Relation{Schema: r.Schema, Name: r.Name}
	for _, c := range r.Columns {
		out.Columns = append(out.Columns, bind.Column{Name: c.Name, Type: c.Type, OID: c.OID})
	}
	return out, true
}

// bind gives the plan of a statement.
func (e *engine) bind(text string) (*bind.Query, logical.Node, error) {
	parsed, err := sql.Parse(text, sql.Wire)
	if err != nil {
		return nil, nil, err
	}
	if len(parsed) != 1 {
		return nil, nil, fmt.Errorf("%d statements", len(parsed))
	}
	sel, ok := parsed[0].(*sql.Select)
	if !ok {
		return nil, nil, errNoQuery
	}
	q, err := bind.Select(sel, bind.Config{Tables: e, Relations: e, Functions: e.functions, Dialect: sql.Wire, Database: e.session.Info().Database,
		NowMillis: 1_781_524_800_000, IntegerDivision: true})
	if err != nil {
		return nil, nil, err
	}
	n, err := logical.Plan(q)
	if err != nil {
		return nil, nil, err
	}
	return q, logical.Optimize(n), nil
}

var errNoQuery = errors.New("not a query")

// run gives the rows of a statement as text.
func (e *engine) run(ctx context.Context, text string) (*bind.Query, []string, error) {
	q, n, err := e.bind(text)
	if err != nil {
		return nil, nil, err
	}
	params := make([]catalog.Value, len(q.Params))
	for i, t := range q.Params {
		params[i] = catalog.NullValue(t)
	}
	ec := &function.EvalContext{Ctx: ctx, NowMillis: 1_781_524_800_000}
	if n, err = logical.Instantiate(n, params, ec); err != nil {
		return nil, nil, err
	}
	env := &exec.Env{NowMillis: ec.NowMillis, Relations: e.c.For(e.session), Workers: 1}
	plan, err := exec.Prepare(ctx, env, n)
	if err != nil {
		return nil, nil, err
	}
	rows, err := exec.RunRoot(ctx, env, plan, nil)
	if err != nil {
		return nil, nil, err
	}
	var out []string
	for {
		b, err := rows.Next(ctx)
		if err != nil {
			return nil, nil, errors.Join(err, rows.Close())
		}
		if b == nil {
			return q, out, rows.Close()
		}
		for i := range b.Rows {
			line := make([]string, len(b.Cols))
			for c, v := range b.Cols {
				x := v.At(i)
				line[c] = syscat.TextForTest(x)
			}
			out = append(out, strings.Join(line, "|"))
		}
	}
}

// sessionFunctions stand for those of the broker's session.
func sessionFunctions() []function.Scalar {
	var out []function.Scalar
	schemas := catalog.Value{Type: catalog.String.Array(), Elems: []catalog.Value{catalog.StringValue("pg_catalog"), catalog.StringValue("public")}}
	for name, v := range map[string]catalog.Value{"current_database": catalog.StringValue("shop"), "current_user": catalog.StringValue("ann"),
		"current_schema": catalog.StringValue("public"), "current_schemas": schemas, "version": catalog.StringValue("PostgreSQL 15.0"),
		"current_setting": catalog.StringValue("150000"), "session_user": catalog.StringValue("ann"), "user": catalog.StringValue("ann"),
		"current_catalog": catalog.StringValue("shop"), "pg_backend_pid": catalog.IntValue(7), "pg_is_in_recovery": catalog.BoolValue(false)} {
		out = append(out, function.Scalar{Name: name, Volatility: function.Immutable, Bind: func(args []function.Arg) (function.Bound, error) {
			types := make([]catalog.Type, len(args))
			for i, a := range args {
				types[i] = a.Type
			}
			return function.Bound{Name: name, Type: v.Type, Args: types,
				Eval: func(_ *function.EvalContext, _ []*vec.Vector, n int, out *vec.Vector) error {
					var c vec.Vector
					c.SetConst(v, n)
					c.Gather(nil, out)
					return nil
				}}, nil
		}})
	}
	return out
}
