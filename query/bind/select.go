package bind

import (
	"slices"
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/sql"
)

// query binds a SELECT, VALUES or set operation, with its WITH clause.
func (b *binder) query(s *sql.Select) (*Query, error) {
	if err := notBuilt(s); err != nil {
		return nil, err
	}
	if err := b.with(s); err != nil {
		return nil, err
	}
	switch {
	case s.SetOp != nil:
		return b.setOp(s)
	case s.Values != nil:
		return b.values(s)
	default:
		return b.selectQuery(s)
	}
}

// selectQuery binds a SELECT, clause by clause: FROM, the select list, then what may refer to its aliases.
func (b *binder) selectQuery(s *sql.Select) (*Query, error) {
	from, err := b.from(s.From)
	if err != nil {
		return nil, err
	}
	q := &Query{From: from, Distinct: s.Distinct && len(s.DistinctOn) == 0}
	if t, ok := from.(*TableSource); ok {
		q.Table, q.Schema = t.Table, t.Schema
	}
	if err := b.windowClause(s.Windows); err != nil {
		return nil, err
	}
	if err := b.selectList(s.Items); err != nil {
		return nil, err
	}
	if s.Where != nil {
		err := b.within(clause{name: "WHERE", aliases: aliasLast}, func() (err error) {
			q.Where, err = b.boolean(s.Where, "WHERE")
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if err := b.groupBy(s.GroupBy, q); err != nil {
		return nil, err
	}
	if err := b.having(s, q); err != nil {
		return nil, err
	}
	sorts, err := b.orderBy(s, q)
	if err != nil {
		return nil, err
	}
	on, err := b.distinctOn(s)
	if err != nil {
		return nil, err
	}
	if err := b.checkGroupings(q); err != nil { // those of HAVING and ORDER BY
		return nil, err
	}
	if err := b.limits(s, q); err != nil {
		return nil, err
	}
	return b.assemble(q, sorts, on)
}

// notBuilt refuses the constructs that this version lacks, by name and place.
func notBuilt(s *sql.Select) error {
	switch {
	case s.Locking != "":
		return unsupported(s.Pos(), s.Locking)
	case s.Into:
		return unsupported(s.Pos(), "SELECT INTO")
	case s.WithTies:
		return unsupported(s.Pos(), "WITH TIES")
	}
	return nil
}

// options collects query options, with a notice for those that are not known.
func (b *binder) options(s *sql.Select, q *Query) {
	q.Options = b.mergedOptions(s)
	for _, o := range s.Options {
		if !KnownOption(o.Name) {
			q.Notices = append(q.Notices, "query option "+strconv.Quote(o.Name)+" is not known and has no effect")
		}
	}
}

// mergedOptions are the options of the text over those of the session.
func (b *binder) mergedOptions(s *sql.Select) map[string]string {
	out := make(map[string]string, len(b.cfg.Options)+len(s.Options))
	for k, v := range b.cfg.Options {
		out[k] = v
	}
	for _, o := range s.Options {
		for k := range out {
			if strings.EqualFold(k, o.Name) {
				delete(out, k)
			}
		}
		out[o.Name] = o.Value
	}
	return out
}

// selectList binds the items; * stands for the fields of the schema, in its order.
func (b *binder) selectList(items []sql.Item) error {
	b.ctx = clause{name: "the select list", aggs: true, windows: true, sets: true}
	out := make([]item, 0, len(items))
	for _, it := range items {
		if star, ok := it.Expr.(*sql.Star); ok {
			all, err := b.star(star)
			if err != nil {
				return err
			}
			out = append(out, all...)
			continue
		}
		records, ok, err := b.recordItems(it)
		if err != nil {
			return err
		}
		if ok {
			out = append(out, records...)
			continue
		}
		e, err := b.bind(it.Expr)
		if err != nil {
			return err
		}
		if e, err = b.regText(e, it.Expr.Pos()); err != nil {
			return err
		}
		_, unknown := untyped(e)
		e = b.literal(e)
		if c, ok := e.(*expr.Const); ok && c.Value.Type == catalog.Null {
			e, unknown = &expr.Const{Value: catalog.NullValue(catalog.String)}, true
		} else if ok && b.textPos[c] > 0 {
			unknown = true
		}
		bound := item{e: e, ast: it.Expr, alias: it.Alias, hasAgg: hasAggregate(e), unknown: unknown}
		bound.output = b.output(bound)
		out = append(out, bound)
	}
	b.items = out
	return nil
}

// star expands * or table.*.
func (b *binder) star(s *sql.Star) ([]item, error) {
	if len(b.ns.rels) == 0 {
		return nil, errs.User(errs.SyntaxError, "SELECT * with no tables specified is not valid").At(s.Pos())
	}
	cols := b.ns.cols
	if len(s.Table) > 0 {
		rv := b.qualified(s.Table)
		if rv == nil {
			return nil, errs.User(errs.UndefinedTable, "missing FROM-clause entry for table %q", strings.Join(s.Table, ".")).At(s.Pos())
		}
		cols = rv.cols
	}
	out := make([]item, len(cols))
	for i, c := range cols {
		out[i] = item{e: b.reference(c.e, s.Pos()), ast: &sql.Name{At: s.At, Parts: []string{c.name}}}
		out[i].output = b.output(out[i])
		out[i].output.Name = c.name
	}
	return out, nil
}

// output describes an item as a result column.
func (b *binder) output(it item) Output {
	o := Output{Name: it.alias, Type: it.e.Type(), OID: b.oid(it.e), Unknown: it.unknown}
	if o.Name == "" {
		o.Name = b.outputName(it.ast, it.e)
	}
	switch e := it.e.(type) {
	case *expr.Column:
		if e.Index < len(b.cols) {
			o.Table, o.Attribute = b.cols[e.Index].Table, b.cols[e.Index].Attribute
		}
	case *expr.Call:
		_, isCast := it.ast.(*sql.Cast) // x::date
		o.TimeCall = o.Type.Kind.IsTime() && !isCast && !keepsTimestamp(e.Fn.Name)
	case *expr.Const: // now(), ago() and what was folded: anything but a literal or a cast
		_, call := it.ast.(*sql.Call)
		_, op := it.ast.(*sql.Binary)
		o.TimeCall = o.Type.Kind.IsTime() && (call || op)
	}
	return o
}

// keepsTimestamp reports the time functions whose result is a timestamp in Pinot too.
func keepsTimestamp(name string) bool {
	switch function.Canonical(name) {
	case "totimestamp", "datebin", "datetimeconvert", "jsonextractscalar", "least", "greatest":
		return true
	default:
		return false
	}
}

// aliasesOf is how GROUP BY, HAVING and expressions of ORDER BY see aliases.
func (b *binder) aliasesOf() aliasMode {
	if b.cfg.Dialect == sql.HTTP {
		return aliasFirst
	}
	return aliasLast
}

func (b *binder) groupKey(g sql.Expr) (expr.Expr, error) {
	i, ok, err := b.ordinal(g, "GROUP BY")
	if err != nil {
		return nil, err
	}
	if ok {
		if b.items[i].hasAgg {
			return nil, errs.User(errs.GroupingError, "aggregate functions are not allowed in GROUP BY").At(g.Pos())
		}
		return b.items[i].e, nil
	}
	e, err := b.bind(g)
	if err != nil {
		return nil, err
	}
	return b.literal(e), nil
}

// ordinal reads an integer literal as the position of an item.
func (b *binder) ordinal(e sql.Expr, what string) (int, bool, error) {
	l, ok := e.(*sql.Literal)
	if !ok || l.Kind != sql.NumberLiteral {
		return 0, false, nil
	}
	n, err := strconv.Atoi(l.Text)
	if err != nil || n < 1 || n > len(b.items) {
		return 0, false, errs.User(errs.InvalidColumnReference, "%s position %s is not in select list", what, l.Text).At(l.Pos())
	}
	return n - 1, true, nil
}

// having binds HAVING, which makes a query grouped too.
func (b *binder) having(s *sql.Select, q *Query) error {
	if s.Having == nil {
		return nil
	}
	q.Grouped = true
	return b.within(clause{name: "HAVING", aggs: true, aliases: b.aliasesOf()}, func() (err error) {
		q.Having, err = b.boolean(s.Having, "HAVING")
		return err
	})
}

// boundSort is a sort key before grouping: an item, or else an expression.
type boundSort struct {
	item int // -1: e
	e    expr.Expr
	pos  int
	ast  sql.OrderItem
}

// orderBy binds ORDER BY: a name that stands alone is an alias first, a number an ordinal.
func (b *binder) orderBy(s *sql.Select, q *Query) ([]boundSort, error) {
	b.ctx = clause{name: "ORDER BY", aggs: true, windows: true, aliases: b.aliasesOf()}
	var out []boundSort
	for _, o := range s.OrderBy {
		key, err := b.sortKey(o)
		if err != nil {
			return nil, err
		}
		if key.item < 0 && isConst(key.e) {
			continue // orders nothing
		}
		if key.item < 0 && q.Distinct {
			return nil, errs.User(errs.InvalidColumnReference, "for SELECT DISTINCT, ORDER BY expressions must appear in select list").At(key.pos)
		}
		out = append(out, key)
	}
	return out, nil
}

func (b *binder) sortKey(o sql.OrderItem) (boundSort, error) {
	key := boundSort{item: -1, pos: o.Expr.Pos(), ast: o}
	i, ok, err := b.ordinal(o.Expr, "ORDER BY")
	if err != nil {
		return key, err
	}
	if n, isName := o.Expr.(*sql.Name); !ok && isName && len(n.Parts) == 1 {
		if i, ok, err = b.aliasIndex(n.Parts[0]); err != nil {
			return key, at(err, n.Pos())
		}
		if !ok {
			i, ok = b.namedItem(n.Parts[0])
		}
	}
	if ok {
		key.item = i
		return key, b.onlyOutput(o.Expr, i)
	}
	e, err := b.bind(o.Expr)
	if err != nil {
		return key, err
	}
	key.e = b.literal(e)
	for i := range b.items {
		if Equal(b.items[i].e, key.e) {
			key.item = i
			break
		}
	}
	return key, nil
}

// onlyOutput refuses a name of ORDER BY that two different output columns have.
func (b *binder) onlyOutput(e sql.Expr, found int) error {
	n, ok := e.(*sql.Name)
	if !ok {
		return nil
	}
	for i := range b.items {
		if b.items[i].output.Name == n.Parts[0] && !Equal(b.items[i].e, b.items[found].e) {
			return errs.User(errs.AmbiguousColumn, "ORDER BY %q is ambiguous", n.Parts[0]).At(n.Pos())
		}
	}
	return nil
}

// limits binds LIMIT and OFFSET, and the default limit of Pinot HTTP.
func (b *binder) limits(s *sql.Select, q *Query) (err error) {
	if s.Limit != nil {
		if q.Limit, err = b.limit(s.Limit, "LIMIT", errs.InvalidLimit); err != nil {
			return err
		}
	}
	if s.Offset != nil {
		if q.Offset, err = b.limit(s.Offset, "OFFSET", errs.InvalidOffset); err != nil {
			return err
		}
	}
	if s.Limit != nil || s.LimitAll || b.cfg.Dialect != sql.HTTP || q.Table == "" || b.inner {
		return nil
	}
	if multi, _ := option(b.mergedOptions(s), "useMultistageEngine"); strings.EqualFold(multi, "true") {
		return nil
	}
	q.Limit = &expr.Const{Value: catalog.LongValue(DefaultLimit)}
	return nil
}

// limit binds a row count: a constant or a parameter. NULL is no limit.
func (b *binder) limit(e sql.Expr, what, code string) (expr.Expr, error) {
	b.ctx = clause{name: what}
	if n, ok := e.(*sql.Name); ok {
		return nil, errs.User(errs.InvalidColumnReference, "argument of %s must not contain variables", what).At(n.Pos())
	}
	bound, err := b.bind(e)
	if err != nil {
		return nil, err
	}
	if p, ok := untyped(bound); ok {
		return b.resolve(p, catalog.Long), nil
	}
	if p, ok := bound.(*expr.Param); ok && (p.T == catalog.Int || p.T == catalog.Long) {
		return p, nil // clients state int2 or int4, or write $1::integer
	}
	if k := bound.Type().Kind; bound.Type().MultiValue || !k.IsNumeric() && k != catalog.KindString && k != catalog.KindNull {
		return nil, errs.User(errs.DatatypeMismatch, "argument of %s must be type bigint, not type %s", what, typeText(bound.Type())).At(e.Pos())
	}
	if bound, err = b.coerce(bound, catalog.Long, e.Pos()); err != nil {
		return nil, err
	}
	switch c := bound.(type) {
	case *expr.Const:
		if c.Value.Null {
			return nil, nil
		}
		if c.Value.I64 < 0 {
			return nil, errs.User(code, "%s must not be negative", what).At(e.Pos())
		}
		return c, nil
	case *expr.Param:
		return c, nil
	default:
		return nil, unsupported(e.Pos(), what+" of an expression that is not constant")
	}
}

// distinctOn binds DISTINCT ON: like ORDER BY, names are aliases first and numbers ordinals.
func (b *binder) distinctOn(s *sql.Select) ([]boundSort, error) {
	if len(s.DistinctOn) == 0 {
		return nil, nil
	}
	b.ctx = clause{name: "DISTINCT ON", aggs: true, windows: true, aliases: b.aliasesOf()}
	out := make([]boundSort, len(s.DistinctOn))
	for i, e := range s.DistinctOn {
		var err error
		if out[i], err = b.sortKey(sql.OrderItem{Expr: e}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// sortsFollow checks that ORDER BY starts with the expressions of DISTINCT ON, in any order. The error stands at the
// first of these that does not come in time.
func sortsFollow(on []int, keys []SortKey, sorts []boundSort) error {
	for i, k := range keys {
		if i >= len(on) {
			return nil
		}
		if slices.Contains(on, k.Column) {
			continue
		}
		at := slices.IndexFunc(on, func(c int) bool {
			return !slices.ContainsFunc(keys[:i], func(k SortKey) bool { return k.Column == c })
		})
		return errs.User(errs.InvalidColumnReference, "SELECT DISTINCT ON expressions must match initial ORDER BY expressions").At(sorts[max(at, 0)].pos)
	}
	return nil
}

// assemble puts the query together once grouping is known.
func (b *binder) assemble(q *Query, sorts, on []boundSort) (*Query, error) {
	q.Inputs, q.Aggs, q.Windows, q.Sets, q.Groupings = b.cols, b.aggs, b.windows, b.sets, b.groupings
	q.Grouped = q.Grouped || len(b.aggs) > 0
	for _, it := range b.items {
		q.Items = append(q.Items, it.e)
		q.Outputs = append(q.Outputs, it.output)
	}
	column := func(k boundSort) int {
		if k.item >= 0 {
			return k.item
		}
		for i, h := range q.Hidden {
			if Equal(h, k.e) {
				return len(q.Items) + i
			}
		}
		q.Hidden = append(q.Hidden, k.e)
		return len(q.Items) + len(q.Hidden) - 1
	}
	for _, k := range on {
		q.DistinctOn = append(q.DistinctOn, column(k))
	}
	for _, k := range sorts {
		q.Sort = append(q.Sort, SortKey{Column: column(k), Descending: k.ast.Descending, NullsFirst: k.ast.NullsFirst})
	}
	if err := sortsFollow(q.DistinctOn, q.Sort, on); err != nil {
		return nil, err
	}
	if err := b.wholeVectors(q); err != nil {
		return nil, err
	}
	if q.Grouped {
		if err := b.regroup(q); err != nil {
			return nil, err
		}
	}
	for i, e := range q.Items { // groups and distinct rows are those of an array's elements
		if t := e.Type(); q.Outputs[i].Type.MultiValue && (q.Distinct || !t.MultiValue) {
			q.Outputs[i].Type, q.Outputs[i].OID = t.Elem(), 0
		}
	}
	return q, nil
}

// regroup rewrites what comes after grouping to the output of the Aggregate.
func (b *binder) regroup(q *Query) error {
	f := func(e expr.Expr) (expr.Expr, error) { return b.grouped(e, q.Keys, len(q.Aggs)) }
	for _, list := range []*[]expr.Expr{&q.Items, &q.Hidden, &q.Sets} {
		out, err := mapAll(*list, f)
		if err != nil {
			return err
		}
		*list = out
	}
	for i := range q.Windows {
		if err := q.Windows[i].rewrite(f); err != nil {
			return err
		}
	}
	if q.Having == nil {
		return nil
	}
	var err error
	q.Having, err = f(q.Having)
	return err
}
