package bind

import (
	"slices"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/sql"
)

// Window is one window function call. Its expressions are over the inputs, or over the output of grouping.
type Window struct {
	Name      string // canonical name of a window function; or Agg is set
	Agg       *function.BoundAggregate
	Args      []expr.Expr
	Filter    expr.Expr
	Partition []expr.Expr
	Order     []WindowOrder
	Frame     WindowFrame
	Type      catalog.Type
	Text      string
	// IgnoreNulls passes over rows where the first argument is NULL: of lag, lead, first_value, last_value, nth_value.
	IgnoreNulls bool
}

// WindowOrder is one sort key of a window.
type WindowOrder struct {
	E                      expr.Expr
	Descending, NullsFirst bool
}

// WindowFrame is the frame of a window; offsets have no columns.
type WindowFrame struct {
	Mode                   string // ROWS, RANGE, GROUPS
	Start, End             sql.FrameBoundKind
	StartOffset, EndOffset expr.Expr
	Exclude                string
}

// rewrite applies f to every expression over the rows.
func (w *Window) rewrite(f func(expr.Expr) (expr.Expr, error)) error {
	var err error
	if w.Args, err = mapAll(w.Args, f); err != nil {
		return err
	}
	if w.Partition, err = mapAll(w.Partition, f); err != nil {
		return err
	}
	w.Order = slices.Clone(w.Order)
	for i := range w.Order {
		if w.Order[i].E, err = f(w.Order[i].E); err != nil {
			return err
		}
	}
	if w.Filter != nil {
		w.Filter, err = f(w.Filter)
	}
	return err
}

// windowFunctions are the functions that only windows have: how many arguments they take and what they give (an invalid
// kind is the type of the first argument).
var windowFunctions = map[string]struct {
	least, most int
	result      catalog.Type
}{
	"rownumber": {0, 0, catalog.Long}, "rank": {0, 0, catalog.Long}, "denserank": {0, 0, catalog.Long},
	"percentrank": {0, 0, catalog.Double}, "cumedist": {0, 0, catalog.Double}, "ntile": {1, 1, catalog.Int},
	"lag": {1, 3, catalog.Type{}}, "lead": {1, 3, catalog.Type{}}, "firstvalue": {1, 1, catalog.Type{}},
	"lastvalue": {1, 1, catalog.Type{}}, "nthvalue": {2, 2, catalog.Type{}},
}

// windowClause keeps the definitions of WINDOW by name.
func (b *binder) windowClause(list []sql.Window) error {
	b.named = make(map[string]*sql.Window, len(list))
	for i := range list {
		w := &list[i]
		if _, dup := b.named[w.Name]; dup {
			return errs.User(errs.WindowingError, "window %q is already defined", w.Name).At(w.Pos())
		}
		merged, err := b.windowDefinition(w)
		if err != nil {
			return err
		}
		b.named[w.Name] = merged
	}
	return nil
}

// windowDefinition puts a definition together with the one that it copies.
func (b *binder) windowDefinition(w *sql.Window) (*sql.Window, error) {
	if w.Base == "" {
		return w, nil
	}
	base, ok := b.named[w.Base]
	if !ok {
		return nil, errs.User(errs.UndefinedObject, "window %q does not exist", w.Base).At(w.Pos())
	}
	out := *w
	switch {
	case len(w.PartitionBy) > 0:
		return nil, errs.User(errs.WindowingError, "cannot override PARTITION BY clause of window %q", w.Base).At(w.Pos())
	case len(w.OrderBy) > 0 && len(base.OrderBy) > 0:
		return nil, errs.User(errs.WindowingError, "cannot override ORDER BY clause of window %q", w.Base).At(w.Pos())
	case base.Frame != nil:
		return nil, errs.User(errs.WindowingError, "cannot copy window %q because it has a frame clause", w.Base).At(w.Pos())
	}
	out.PartitionBy = base.PartitionBy
	if len(w.OrderBy) == 0 {
		out.OrderBy = base.OrderBy
	}
	return &out, nil
}

// windowCall binds a call with OVER and gives the column that stands for it.
func (b *binder) windowCall(e *sql.Call) (expr.Expr, error) {
	switch {
	case b.ctx.inAgg:
		return nil, errs.User(errs.GroupingError, "aggregate function calls cannot contain window function calls").At(e.Pos())
	case !b.ctx.windows:
		return nil, errs.User(errs.WindowingError, "window functions are not allowed in %s", b.ctx.name).At(e.Pos())
	case e.Distinct:
		return nil, unsupported(e.Pos(), "DISTINCT in a window function")
	case len(e.OrderBy) > 0:
		return nil, unsupported(e.Pos(), "ORDER BY within a window function")
	}
	var w Window
	err := b.within(clause{name: "window functions", aggs: true, window: true}, func() error {
		if err := b.windowFunction(e, &w); err != nil {
			return err
		}
		return b.over(e, &w)
	})
	if err != nil {
		return nil, err
	}
	w.Text = strings.ToLower(e.Name)
	b.windows = append(b.windows, w)
	return &expr.Column{Index: WindowBase + len(b.windows) - 1, Name: w.Text, T: w.Type}, nil
}

// windowFunction binds the function and its arguments.
func (b *binder) windowFunction(e *sql.Call, w *Window) error {
	name := function.Canonical(e.Name)
	f, own := windowFunctions[name]
	if !own {
		fn, extra, ok := b.aggregate(e)
		if !ok {
			if _, scalar := b.cfg.Functions.Scalar(e.Name); scalar {
				return errs.User(errs.WrongObjectType, "OVER specified, but %s is not a window function nor an aggregate function", strings.ToLower(e.Name)).At(e.Pos())
			}
			return b.unknownFunction(e.Name, nil, e.Pos())
		}
		if e.IgnoreNulls {
			return errs.User(errs.SyntaxError, "IGNORE NULLS is for lag, lead, first_value, last_value and nth_value, not for aggregates").At(e.Pos())
		}
		agg, err := b.bindAggregate(e, fn, extra)
		if err != nil {
			return err
		}
		w.Agg, w.Args, w.Filter, w.Type = &agg.Fn, agg.Args, agg.Filter, agg.Fn.Type
		return nil
	}
	if len(e.Args) < f.least || len(e.Args) > f.most || e.Star {
		return b.unknownFunction(e.Name, nil, e.Pos())
	}
	if e.Filter != nil {
		return errs.User(errs.FeatureNotSupported, "FILTER is not implemented for non-aggregate window functions").At(e.Filter.Pos())
	}
	if e.IgnoreNulls && f.result != (catalog.Type{}) {
		return errs.User(errs.SyntaxError, "IGNORE NULLS is for lag, lead, first_value, last_value and nth_value, not for %s", strings.ToLower(e.Name)).At(e.Pos())
	}
	w.Name, w.Type, w.IgnoreNulls = name, f.result, e.IgnoreNulls
	for i, a := range e.Args {
		arg, err := b.bind(a)
		if err != nil {
			return err
		}
		switch {
		case i == 0 && name != "ntile":
			arg = b.literal(arg)
			if arg.Type() == catalog.Null {
				arg = &expr.Const{Value: catalog.NullValue(catalog.String)}
			}
			w.Type = arg.Type()
		case i == 2:
			arg, err = b.coerce(arg, w.Type, a.Pos())
		default:
			arg, err = b.coerce(arg, catalog.Long, a.Pos())
		}
		if err != nil {
			return err
		}
		w.Args = append(w.Args, arg)
	}
	return nil
}

// over binds the window itself.
func (b *binder) over(e *sql.Call, w *Window) error {
	def := e.Over
	if def.Name != "" {
		named, ok := b.named[def.Name]
		if !ok {
			return errs.User(errs.UndefinedObject, "window %q does not exist", def.Name).At(def.Pos())
		}
		def = named
	}
	def, err := b.windowDefinition(def)
	if err != nil {
		return err
	}
	b.ctx.name = "window definitions"
	for _, p := range def.PartitionBy {
		k, err := b.bind(p)
		if err != nil {
			return err
		}
		w.Partition = append(w.Partition, b.literal(k))
	}
	for _, o := range def.OrderBy {
		k, err := b.bind(o.Expr)
		if err != nil {
			return err
		}
		w.Order = append(w.Order, WindowOrder{E: b.literal(k), Descending: o.Descending, NullsFirst: o.NullsFirst})
	}
	w.Frame = WindowFrame{Mode: "RANGE", Start: sql.UnboundedPreceding, End: sql.CurrentRow}
	if def.Frame == nil {
		return nil
	}
	return b.windowFrame(def, w)
}

func (b *binder) windowFrame(def *sql.Window, w *Window) error {
	f := def.Frame
	w.Frame = WindowFrame{Mode: f.Mode, Start: f.Start, End: f.End, Exclude: f.Exclude}
	offsets := f.StartOffset != nil || f.EndOffset != nil
	switch {
	case f.Mode == "RANGE" && offsets && len(w.Order) != 1:
		return errs.User(errs.WindowingError, "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column").At(def.Pos())
	case f.Mode == "GROUPS" && len(w.Order) == 0:
		return errs.User(errs.WindowingError, "GROUPS mode requires an ORDER BY clause").At(def.Pos())
	}
	var err error
	if w.Frame.StartOffset, err = b.frameOffset(f.StartOffset, f.Mode, w); err != nil {
		return err
	}
	w.Frame.EndOffset, err = b.frameOffset(f.EndOffset, f.Mode, w)
	return err
}

// frameOffset binds the distance of a frame's end: rows, groups, or what the sort key can be moved by.
func (b *binder) frameOffset(e sql.Expr, mode string, w *Window) (expr.Expr, error) {
	if e == nil {
		return nil, nil
	}
	bound, err := b.bind(e)
	if err != nil {
		return nil, err
	}
	if !isFixed(bound) {
		return nil, errs.User(errs.InvalidColumnReference, "argument of %s must not contain variables", mode).At(e.Pos())
	}
	to := catalog.Long
	if mode == "RANGE" {
		key := w.Order[0].E.Type()
		switch {
		case key.Kind.IsTime():
			to = catalog.Interval
		case key.Kind.IsNumeric():
			to = key
		default:
			return nil, errs.User(errs.FeatureNotSupported, "RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s", typeText(key)).At(e.Pos())
		}
	}
	return b.coerce(bound, to, e.Pos())
}
