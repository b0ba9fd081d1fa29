package bind

import (
	"slices"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/sql"
)

// virtualColumns are columns that scans provide besides those of the schema.
var virtualColumns = []Column{
	{Name: "$docId", Type: catalog.Int},
	{Name: "$segmentName", Type: catalog.String},
	{Name: "$hostName", Type: catalog.String},
	{Name: "$offset", Type: catalog.Long},
	{Name: "$ordinal", Type: catalog.Int},
}

// from resolves the FROM clause.
func (b *binder) from(list []sql.TableExpr) error {
	switch {
	case len(list) == 0:
		return nil
	case len(list) > 1:
		return unsupported(list[1].Pos(), "a join")
	}
	switch t := list[0].(type) {
	case *sql.TableName:
		return b.fromTable(t)
	case *sql.Join:
		return unsupported(t.Pos(), "a join")
	case *sql.Derived:
		return unsupported(t.Pos(), "a sub-query in FROM")
	default:
		return unsupported(list[0].Pos(), "a function in FROM")
	}
}

func (b *binder) fromTable(t *sql.TableName) error {
	if len(t.ColumnAliases) > 0 {
		return unsupported(t.Pos(), "a column list after a table alias")
	}
	if !b.qualifies(t) {
		return errs.User(errs.UndefinedTable, "relation %q does not exist", tableText(t)).At(t.Pos())
	}
	name, schema, err := b.findTable(t.Name)
	if err != nil {
		return at(err, t.Pos())
	}
	b.table, b.schema, b.alias = name, schema, t.Alias
	if b.alias == "" {
		b.alias = name
	}
	b.cols = make([]Column, 0, len(schema.Fields)+len(virtualColumns))
	for i := range schema.Fields {
		b.addColumn(Column{Name: schema.Fields[i].Name, Type: schema.Fields[i].Type})
	}
	return nil
}

// qualifies reports whether the qualifiers of a table name are those of our tables: public, Pinot's default, or the
// database.
func (b *binder) qualifies(t *sql.TableName) bool {
	if t.Catalog != "" && b.cfg.Database != "" && !strings.EqualFold(t.Catalog, b.cfg.Database) {
		return false
	}
	switch strings.ToLower(t.Schema) {
	case "", "public", "default":
		return true
	default:
		return b.cfg.Database != "" && strings.EqualFold(t.Schema, b.cfg.Database)
	}
}

func tableText(t *sql.TableName) string {
	name := t.Name
	for _, q := range []string{t.Schema, t.Catalog} {
		if q != "" {
			name = q + "." + name
		}
	}
	return name
}

// typeSuffixes may end a table name, as Pinot's physical table names do.
var typeSuffixes = []string{"_REALTIME", "_OFFLINE"}

// findTable resolves a table name: exact, else the only one without case, each also without a type suffix.
func (b *binder) findTable(name string) (string, *catalog.Schema, error) {
	candidates := []string{name}
	for _, s := range typeSuffixes {
		if len(name) > len(s) && strings.EqualFold(name[len(name)-len(s):], s) {
			candidates = append(candidates, name[:len(name)-len(s)])
		}
	}
	for _, c := range candidates {
		if s, ok := b.cfg.Tables.Table(c); ok {
			return c, s, nil
		}
	}
	names := b.cfg.Tables.TableNames()
	for _, c := range candidates {
		var matches []string
		for _, n := range names {
			if strings.EqualFold(n, c) {
				matches = append(matches, n)
			}
		}
		if len(matches) > 1 {
			slices.Sort(matches)
			return "", nil, errs.User(errs.UndefinedTable, "relation %q is ambiguous", name).
				WithHint("Names that differ only in case: %s.", strings.Join(matches, ", "))
		}
		if len(matches) == 1 {
			if s, ok := b.cfg.Tables.Table(matches[0]); ok {
				return matches[0], s, nil
			}
		}
	}
	err := errs.User(errs.UndefinedTable, "relation %q does not exist", name)
	if near := nearest(candidates[len(candidates)-1], names); near != "" {
		err = err.WithHint("Perhaps you meant to reference the table %q.", near)
	}
	return "", nil, err
}

// column resolves a name to an input column's position: exact, else the only one without case. ok is false where
// there is none; an ambiguous name is an error.
func (b *binder) column(name string) (index int, ok bool, err error) {
	if i, found := b.byName[name]; found {
		return i, true, nil
	}
	if strings.HasPrefix(name, "$") && b.schema != nil {
		for _, v := range virtualColumns {
			if strings.EqualFold(v.Name, name) {
				if i, found := b.byName[v.Name]; found {
					return i, true, nil
				}
				return b.addColumn(v), true, nil
			}
		}
	}
	if b.folded == nil {
		b.folded = make(map[string][]int, len(b.cols))
		for i, c := range b.cols {
			key := strings.ToLower(c.Name)
			b.folded[key] = append(b.folded[key], i)
		}
	}
	switch matches := b.folded[strings.ToLower(name)]; len(matches) {
	case 0:
		return 0, false, nil
	case 1:
		return matches[0], true, nil
	default:
		var names []string
		for _, i := range matches {
			names = append(names, b.cols[i].Name)
		}
		return 0, false, errs.User(errs.AmbiguousColumn, "column reference %q is ambiguous", name).
			WithHint("Names that differ only in case: %s.", strings.Join(names, ", "))
	}
}

// name binds a column reference, or an alias where the clause allows one.
func (b *binder) name(n *sql.Name) (expr.Expr, error) {
	whole := strings.Join(n.Parts, ".")
	bare := len(n.Parts) == 1
	if bare && b.ctx.aliases == aliasFirst {
		if e, ok, err := b.aliasExpr(n.Parts[0], n.Pos()); ok || err != nil {
			return e, err
		}
	}
	e, ok, err := b.columnExpr(n.Parts, n.Pos())
	if ok || err != nil {
		return e, at(err, n.Pos())
	}
	if bare && b.ctx.aliases == aliasLast {
		if e, ok, err := b.aliasExpr(n.Parts[0], n.Pos()); ok || err != nil {
			return e, err
		}
	}
	return nil, b.unknownColumn(n, whole)
}

// columnExpr resolves the parts of a name as [table.]column, then as one dotted column name.
func (b *binder) columnExpr(parts []string, pos int) (expr.Expr, bool, error) {
	for skip := len(parts) - 1; skip >= 1; skip-- {
		if !b.isQualifier(parts[:skip]) {
			continue
		}
		if e, ok, err := b.columnNamed(strings.Join(parts[skip:], "."), pos); ok || err != nil {
			return e, ok, err
		}
	}
	return b.columnNamed(strings.Join(parts, "."), pos)
}

// isQualifier reports whether parts name the table of the query: alias, or schema.table.
func (b *binder) isQualifier(parts []string) bool {
	if b.alias == "" {
		return false
	}
	last := parts[len(parts)-1]
	if strings.EqualFold(last, b.alias) {
		return true
	}
	for _, s := range typeSuffixes {
		if b.alias == b.table && strings.EqualFold(last, b.table+s) {
			return true
		}
	}
	return false
}

func (b *binder) columnNamed(name string, pos int) (expr.Expr, bool, error) {
	i, ok, err := b.column(name)
	if err != nil {
		return nil, false, err
	}
	if ok {
		c := &expr.Column{Index: i, Name: b.cols[i].Name, T: b.cols[i].Type}
		b.colPos[c] = pos
		return c, true, nil
	}
	return b.truncatedColumn(name, pos)
}

// truncatedColumn resolves $ts$MINUTE, a column of Pinot's timestamp index, as dateTrunc('MINUTE', ts).
func (b *binder) truncatedColumn(name string, pos int) (expr.Expr, bool, error) {
	rest, found := strings.CutPrefix(name, "$")
	if !found {
		return nil, false, nil
	}
	base, unit, found := strings.Cut(rest, "$")
	if !found {
		return nil, false, nil
	}
	i, ok, err := b.column(base)
	if !ok || err != nil || !b.cols[i].Type.Kind.IsTime() {
		return nil, false, err
	}
	c := &expr.Column{Index: i, Name: b.cols[i].Name, T: b.cols[i].Type}
	b.colPos[c] = pos
	e, err := b.scalarCall("datetrunc", []expr.Expr{constString(strings.ToLower(unit)), c}, pos)
	return e, err == nil, err
}

// aliasExpr finds an alias of the select list.
func (b *binder) aliasExpr(name string, pos int) (expr.Expr, bool, error) {
	i, ok, err := b.aliasIndex(name)
	if !ok || err != nil {
		return nil, false, at(err, pos)
	}
	it := b.items[i]
	if it.hasAgg && !b.ctx.aggs {
		return nil, false, errs.User(errs.GroupingError, "aggregate functions are not allowed in %s", b.ctx.name).At(pos)
	}
	return it.e, true, nil
}

// aliasIndex finds the item of an alias: exact, else without case. Items of the same alias must be the same expression.
func (b *binder) aliasIndex(name string) (int, bool, error) {
	for _, same := range []func(a string) bool{
		func(a string) bool { return a == name },
		func(a string) bool { return strings.EqualFold(a, name) },
	} {
		found := -1
		for i := range b.items {
			if b.items[i].alias == "" || !same(b.items[i].alias) {
				continue
			}
			if found >= 0 && !Equal(b.items[found].e, b.items[i].e) {
				return 0, false, errs.User(errs.AmbiguousColumn, "column reference %q is ambiguous", name)
			}
			if found < 0 {
				found = i
			}
		}
		if found >= 0 {
			return found, true, nil
		}
	}
	return 0, false, nil
}

// unknownColumn is the error for a name that nothing matches.
func (b *binder) unknownColumn(n *sql.Name, whole string) error {
	if len(n.Parts) == 2 && b.schema != nil && !b.isQualifier(n.Parts[:1]) && !b.dottedPrefix(n.Parts[0]) {
		return errs.User(errs.UndefinedTable, "missing FROM-clause entry for table %q", n.Parts[0]).At(n.Pos())
	}
	err := errs.User(errs.UndefinedColumn, "column %q does not exist", whole)
	names := make([]string, 0, len(b.cols))
	for _, c := range b.cols {
		names = append(names, c.Name)
	}
	for _, it := range b.items {
		if it.alias != "" && b.ctx.aliases != aliasNever {
			names = append(names, it.alias)
		}
	}
	if near := nearest(n.Parts[len(n.Parts)-1], names); near != "" {
		err = err.WithHint("Perhaps you meant to reference the column %q.", near)
	} else if near := nearest(whole, names); near != "" {
		err = err.WithHint("Perhaps you meant to reference the column %q.", near)
	}
	return err.At(n.Pos())
}

// dottedPrefix reports whether some column's dotted name starts with prefix.
func (b *binder) dottedPrefix(prefix string) bool {
	for _, c := range b.cols {
		if head, _, dotted := strings.Cut(c.Name, "."); dotted && strings.EqualFold(head, prefix) {
			return true
		}
	}
	return false
}
