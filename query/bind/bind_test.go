package bind_test

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/bind"
	"github.com/freshetdb/freshet/query/bind/bindtest"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/sql"
)

func config(t testing.TB, d sql.Dialect) bind.Config {
	t.Helper()
	r, err := bindtest.Registry()
	if err != nil {
		t.Fatal(err)
	}
	return bind.Config{Tables: bindtest.Pizza(), Functions: r, Dialect: d, Database: "freshet", NowMillis: 1_700_000_000_000}
}

// TestGolden binds the statements of testdata. Commands: wire and http bind a query, scalar an ingestion expression over
// the columns of the table orders.
func TestGolden(t *testing.T) {
	datadriven.Walk(t, "testdata/golden", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "wire", "http":
				return golden(t, d)
			case "scalar":
				return scalar(t, d.Input)
			default:
				t.Fatalf("unknown command %q", d.Cmd)
				return ""
			}
		})
	})
}

func golden(t *testing.T, d *datadriven.TestData) string {
	dialect := sql.Wire
	if d.Cmd == "http" {
		dialect = sql.HTTP
	}
	cfg := config(t, dialect)
	cfg.IntegerDivision = d.HasArg("integer-division")
	if d.HasArg("params") {
		var list string
		d.ScanArgs(t, "params", &list)
		for _, name := range strings.Split(list, "/") {
			typ := catalog.Type{}
			if name != "?" {
				var err error
				if typ, err = bind.TypeByName(sql.TypeName{Name: name}); err != nil {
					t.Fatal(err)
				}
			}
			cfg.ParamTypes = append(cfg.ParamTypes, typ)
		}
	}
	stmts, err := sql.Parse(d.Input, dialect)
	if err != nil {
		return errorText(err)
	}
	q, err := bind.Select(stmts[0].(*sql.Select), cfg)
	if err != nil {
		return errorText(err)
	}
	return queryText(q)
}

func scalar(t *testing.T, text string) string {
	e, err := sql.ParseExpr(text)
	if err != nil {
		return errorText(err)
	}
	schema := bindtest.Pizza()["orders"]
	var cols []bind.Column
	for _, f := range schema.Fields {
		cols = append(cols, bind.Column{Name: f.Name, Type: f.Type})
	}
	bound, err := bind.Scalar(e, cols, config(t, sql.Ingestion))
	if err != nil {
		return errorText(err)
	}
	return typed(bound) + "\n"
}

func errorText(err error) string {
	var e *errs.Error
	if !errors.As(err, &e) {
		return "not an *errs.Error: " + err.Error()
	}
	text := fmt.Sprintf("error %s at %d: %s\n", e.Code, e.Pos, e.Msg)
	if e.Hint != "" {
		text += "hint: " + e.Hint + "\n"
	}
	return text
}

func typed(e expr.Expr) string { return kindText(e.Type()) + " " + e.String() }

// kindText tells the kinds apart that print alike.
func kindText(t catalog.Type) string {
	switch t.Kind {
	case catalog.KindTimestampTZ:
		return "TIMESTAMPTZ"
	case catalog.KindDuration:
		return "DURATION"
	}
	return t.String()
}

// sourceText draws what is in FROM.
func sourceText(src bind.Source) string {
	switch src := src.(type) {
	case *bind.TableSource:
		return fmt.Sprintf("from: table %s\n", src.Table)
	case *bind.RelationSource:
		return fmt.Sprintf("from: relation %s.%s\n", src.Schema, src.Name)
	case *bind.QuerySource:
		kind := "query"
		if src.CTE != nil {
			kind = fmt.Sprintf("common table expression %d", src.CTE.ID)
		}
		return fmt.Sprintf("from: %s %s lateral=%t outer=%s\n", kind, src.Name, src.Lateral, src.Outer) + indent(queryText(src.Query))
	case *bind.FuncSource:
		return fmt.Sprintf("from: rows of %s\n", src.Sets)
	case *bind.WorkSource:
		return fmt.Sprintf("from: last round of %s\n", src.CTE.Name)
	case *bind.JoinSource:
		on := "true"
		if src.On != nil {
			on = src.On.String()
		}
		return fmt.Sprintf("from: %s join on %s\n", src.Kind, on) + indent(sourceText(src.Left)) + indent(sourceText(src.Right))
	default:
		return fmt.Sprintf("from: %T\n", src)
	}
}

func indent(s string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n  ") + "\n"
}

func queryText(q *bind.Query) string {
	var b strings.Builder
	line := func(label string, format string, args ...any) {
		fmt.Fprintf(&b, label+": "+format+"\n", args...)
	}
	if q.Table != "" {
		line("table", "%s", q.Table)
	} else if q.From != nil {
		b.WriteString(sourceText(q.From))
	}
	switch {
	case q.SetOp != nil:
		line("set", "%s all=%t", q.SetOp.Op, q.SetOp.All)
		b.WriteString(indent(queryText(q.SetOp.Left)) + indent(queryText(q.SetOp.Right)))
	case q.Recursive != nil:
		line("recursive", "%s all=%t", q.Recursive.CTE.Name, q.Recursive.All)
		b.WriteString(indent(queryText(q.Recursive.Base)) + indent(queryText(q.Recursive.Step)))
	}
	for _, row := range q.Values {
		line("values", "%s", row)
	}
	if q.Where != nil {
		line("where", "%s", q.Where)
	}
	for _, k := range q.Keys {
		line("key", "%s", typed(k))
	}
	if q.GroupingSets != nil {
		line("grouping sets", "%v", q.GroupingSets)
	}
	for _, a := range q.Aggs {
		line("agg", "%s %s", kindText(a.Fn.Type), a.Text)
	}
	if q.Having != nil {
		line("having", "%s", q.Having)
	}
	for _, w := range q.Windows {
		line("window", "%s args=%s partition=%s order=%v frame=%s %d..%d ignoreNulls=%t", w.Text, w.Args, w.Partition, w.Order, w.Frame.Mode, w.Frame.Start, w.Frame.End, w.IgnoreNulls)
	}
	for _, e := range q.Sets {
		line("rows of", "%s", typed(e))
	}
	if len(q.Items) == 0 {
		for _, o := range q.Outputs {
			line("output", "%q %s", o.Name, kindText(o.Type))
		}
	}
	for i, e := range q.Items {
		o := q.Outputs[i]
		source := ""
		if o.Table != "" {
			source = fmt.Sprintf(" (%s.%d)", o.Table, o.Attribute)
		}
		if o.TimeCall {
			source += " (time call)"
		}
		line("item", "%q %s%s", o.Name, typed(e), source)
	}
	for _, e := range q.Hidden {
		line("hidden", "%s", typed(e))
	}
	for _, k := range q.Sort {
		line("sort", "%d desc=%t nullsFirst=%t", k.Column, k.Descending, k.NullsFirst)
	}
	if q.Distinct {
		line("distinct", "true")
	}
	if q.DistinctOn != nil {
		line("distinct on", "%v", q.DistinctOn)
	}
	if q.Limit != nil {
		line("limit", "%s", q.Limit)
	}
	if q.Offset != nil {
		line("offset", "%s", q.Offset)
	}
	if len(q.Params) > 0 {
		line("params", "%s", q.Params)
	}
	var keys []string
	for k := range q.Options {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		line("option", "%s=%s", k, q.Options[k])
	}
	for _, n := range q.Notices {
		line("notice", "%s", n)
	}
	return b.String()
}
