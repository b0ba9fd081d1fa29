package bind

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/sql"
)

// set is one column of a set-returning function: an array whose elements are rows. name is that of a column of a record,
// "" otherwise.
type set struct {
	name string
	e    expr.Expr
}

// recordSets are set-returning functions over records of PostgreSQL's catalog that Freshet has no rows for.
var recordSets = map[string][]struct {
	name string
	t    catalog.Type
}{
	"aclexplode":       {{"grantor", catalog.Long}, {"grantee", catalog.Long}, {"privilege_type", catalog.String}, {"is_grantable", catalog.Boolean}},
	"pgpartitiontree":  {{"relid", catalog.Long}, {"parentrelid", catalog.Long}, {"isleaf", catalog.Boolean}, {"level", catalog.Int}},
	"pgoptionstotable": {{"option_name", catalog.String}, {"option_value", catalog.String}},
}

// isSet reports calls of set-returning functions.
func (b *binder) isSet(e *sql.Call) bool {
	name := function.Canonical(e.Name)
	if _, ok := recordSets[name]; ok || name == "unnest" || name == "pgexpandarray" {
		return true
	}
	fn, ok := b.cfg.Functions.Scalar(e.Name)
	return ok && fn.Set
}

// setCall binds a set-returning function, or, in FROM, any function as a set of one row.
func (b *binder) setCall(e *sql.Call) ([]set, error) {
	if e.Over != nil || e.Distinct || e.Star || e.Filter != nil || len(e.OrderBy) > 0 {
		return nil, errs.User(errs.WrongObjectType, "%s is not an aggregate function", e.Name).At(e.Pos())
	}
	name := function.Canonical(e.Name)
	if name == "generateseries" && len(e.Args) == 3 {
		if out, ok, err := b.monthSeries(e); ok || err != nil {
			return []set{{e: out}}, err
		}
	}
	args, err := b.bindAll(e.Args)
	if err != nil {
		return nil, err
	}
	if cols, ok := recordSets[name]; ok {
		var out []set
		for _, c := range cols {
			out = append(out, set{c.name, &expr.Const{Value: catalog.Value{Type: c.t.Array()}}})
		}
		return out, nil
	}
	switch name {
	case "unnest":
		return b.unnest(e, args)
	case "pgexpandarray":
		return b.expandArray(e, args)
	}
	call := *e
	call.Args = nil
	out, err := b.scalarOrSpecial(e, args)
	if err != nil {
		return nil, err
	}
	if !b.isSet(e) {
		out, err = b.arrayOf([]expr.Expr{out}, e.Pos())
	}
	return []set{{e: out}}, err
}

// bindAll binds a list of expressions.
func (b *binder) bindAll(list []sql.Expr) ([]expr.Expr, error) {
	out := make([]expr.Expr, len(list))
	for i, x := range list {
		e, err := b.bind(x)
		if err != nil {
			return nil, err
		}
		out[i] = e
	}
	return out, nil
}

func (b *binder) unnest(e *sql.Call, args []expr.Expr) ([]set, error) {
	if len(args) == 0 {
		return nil, b.unknownFunction("unnest", nil, e.Pos())
	}
	var out []set
	for _, a := range args {
		if _, unknown := untyped(a); unknown {
			return nil, errs.User(errs.UndefinedFunction, "could not determine polymorphic type because input has type unknown").At(e.Pos())
		}
		if !a.Type().MultiValue {
			return nil, errs.User(errs.UndefinedFunction, "function unnest(%s) does not exist", typeText(a.Type())).At(e.Pos())
		}
		out = append(out, set{e: a})
	}
	return out, nil
}

// expandArray binds information_schema._pg_expandarray: the elements x and their positions n.
func (b *binder) expandArray(e *sql.Call, args []expr.Expr) ([]set, error) {
	if len(args) != 1 || !args[0].Type().MultiValue {
		return nil, b.unknownFunction(e.Name, args, e.Pos())
	}
	n, err := b.scalarCall("generatesubscripts", []expr.Expr{args[0], constInt(1)}, e.Pos())
	if err != nil {
		return nil, err
	}
	return []set{{"x", args[0]}, {"n", n}}, nil
}

// selectSet binds a set-returning function in the select list and gives the column that stands for its elements.
func (b *binder) selectSet(e *sql.Call, column string) (expr.Expr, error) {
	if !b.ctx.sets {
		return nil, errs.User(errs.FeatureNotSupported, "set-returning functions are not allowed in %s", b.ctx.name).At(e.Pos())
	}
	var sets []set
	err := b.within(clause{name: b.ctx.name, aggs: b.ctx.aggs, windows: b.ctx.windows}, func() (err error) {
		sets, err = b.setCall(e)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, s := range sets {
		if column == s.name || len(sets) == 1 && column == "" {
			return b.addSet(s), nil
		}
	}
	if column == "" {
		return nil, unsupported(e.Pos(), "a set of records here")
	}
	return nil, errs.User(errs.UndefinedColumn, "column %q not found in data type record", column).At(e.Pos())
}

// addSet makes an array a set of the query. Equal sets are one.
func (b *binder) addSet(s set) expr.Expr {
	at := len(b.sets)
	for i, have := range b.sets {
		if Equal(have, s.e) {
			at = i
		}
	}
	if at == len(b.sets) {
		b.sets = append(b.sets, s.e)
	}
	return &expr.Column{Index: SetBase + at, Name: orElse(s.name, "unnest"), T: s.e.Type().Elem()}
}

// recordItems are the items that a set of records in the select list stands for: alias.x and alias.n, which (alias).x
// then finds.
func (b *binder) recordItems(it sql.Item) ([]item, bool, error) {
	call, ok := it.Expr.(*sql.Call)
	if !ok || function.Canonical(call.Name) != "pgexpandarray" {
		return nil, false, nil
	}
	var out []item
	for _, name := range []string{"x", "n"} {
		e, err := b.selectSet(call, name)
		if err != nil {
			return nil, false, err
		}
		bound := item{e: e, ast: it.Expr, alias: orElse(it.Alias, call.Name) + "." + name}
		bound.output = b.output(bound)
		out = append(out, bound)
	}
	return out, true, nil
}

// field binds (x).name: a column of a record or of a named element of FROM.
func (b *binder) field(e *sql.Field) (expr.Expr, error) {
	switch x := e.Arg.(type) {
	case *sql.Call:
		if e.Name != "" && b.isSet(x) {
			return b.selectSet(x, e.Name)
		}
	case *sql.Name:
		if e.Name != "" {
			return b.name(&sql.Name{At: x.At, Parts: append(x.Parts[:len(x.Parts):len(x.Parts)], e.Name)})
		}
	}
	return nil, unsupported(e.Pos(), "field selection")
}

// arrayOf makes an array of expressions of one type.
func (b *binder) arrayOf(elems []expr.Expr, pos int) (expr.Expr, error) {
	t, err := b.unify(elems, "ARRAY", pos)
	if err != nil {
		return nil, err
	}
	if t.MultiValue {
		return nil, unsupported(pos, "an array of arrays")
	}
	v := catalog.Value{Type: t.Array()}
	for _, x := range elems {
		c, ok := x.(*expr.Const)
		if !ok {
			return b.scalarCall("arrayvalueconstructor", elems, pos)
		}
		v.Elems = append(v.Elems, c.Value)
	}
	return &expr.Const{Value: v}, nil
}

// subscript binds x[i] and x[low:high].
func (b *binder) subscript(e *sql.Subscript) (expr.Expr, error) {
	arg, err := b.bind(e.Arg)
	if err != nil {
		return nil, err
	}
	if !arg.Type().MultiValue {
		return nil, errs.User(errs.DatatypeMismatch, "cannot subscript type %s because it does not support subscripting", typeText(arg.Type())).At(e.Pos())
	}
	bound := func(x sql.Expr, missing int64) (expr.Expr, error) {
		if x == nil {
			return constInt(missing), nil
		}
		i, err := b.bind(x)
		if err != nil {
			return nil, err
		}
		return b.coerce(i, catalog.Int, x.Pos())
	}
	low, err := bound(e.Index, 1)
	if err != nil {
		return nil, err
	}
	if !e.Slice {
		if isVector(b.oid(arg)) { // whose subscripts begin with 0
			if low, err = b.scalarCall("plus", []expr.Expr{low, constInt(1)}, e.Pos()); err == nil {
				low, err = b.coerce(low, catalog.Int, e.Pos())
			}
			if err != nil {
				return nil, err
			}
		}
		out, err := b.scalarCall("arrayelement", []expr.Expr{arg, low}, e.Pos())
		if err == nil {
			b.keepOID(out, catalogElements[b.oid(arg)])
		}
		return out, err
	}
	high, err := bound(e.High, 1<<31-1)
	if err != nil {
		return nil, err
	}
	return b.scalarCall("arraysliceof", []expr.Expr{arg, low, high}, e.Pos())
}

// compareRows binds a comparison of row values element by element.
func (b *binder) compareRows(op string, l, r *sql.Row, pos int) (expr.Expr, error) {
	if len(l.Elems) != len(r.Elems) || len(l.Elems) == 0 {
		return nil, errs.User(errs.SyntaxError, "unequal number of entries in row expressions").At(pos)
	}
	cmp, ok := compareOps[op]
	if !ok {
		return nil, unsupported(pos, "operator "+op+" of rows")
	}
	var out expr.Expr
	for i := len(l.Elems) - 1; i >= 0; i-- {
		left, right, err := b.pair(l.Elems[i], r.Elems[i])
		if err != nil {
			return nil, err
		}
		if out, err = b.compareStep(cmp, left, right, out, pos); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// compareStep puts the comparison of one element before that of the elements behind it, rest.
func (b *binder) compareStep(op expr.CmpOp, l, r, rest expr.Expr, pos int) (expr.Expr, error) {
	if rest == nil {
		return b.compare(op, l, r, pos)
	}
	switch op {
	case expr.Eq, expr.Ne:
		own, err := b.compare(op, l, r, pos)
		if err != nil {
			return nil, err
		}
		if op == expr.Eq {
			return b.fold(&expr.And{Args: []expr.Expr{own, rest}}), nil
		}
		return b.fold(&expr.Or{Args: []expr.Expr{own, rest}}), nil
	}
	strict := map[expr.CmpOp]expr.CmpOp{expr.Lt: expr.Lt, expr.Le: expr.Lt, expr.Gt: expr.Gt, expr.Ge: expr.Gt}[op]
	before, err := b.compare(strict, l, r, pos)
	if err != nil {
		return nil, err
	}
	same, err := b.compare(expr.Eq, l, r, pos)
	if err != nil {
		return nil, err
	}
	return b.fold(&expr.Or{Args: []expr.Expr{before, &expr.And{Args: []expr.Expr{same, rest}}}}), nil
}

// inRows binds (a, b) IN ((1, 2), ...).
func (b *binder) inRows(e *sql.In, arg *sql.Row) (expr.Expr, error) {
	var terms []expr.Expr
	for _, x := range e.List {
		row, ok := x.(*sql.Row)
		if !ok {
			return nil, errs.User(errs.SyntaxError, "unequal number of entries in row expressions").At(x.Pos())
		}
		t, err := b.compareRows("=", arg, row, e.Pos())
		if err != nil {
			return nil, err
		}
		terms = append(terms, t)
	}
	out := terms[0]
	if len(terms) > 1 {
		out = &expr.Or{Args: terms}
	}
	if e.Negated {
		out = &expr.Not{Arg: out}
	}
	return b.fold(out), nil
}
