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

// rangeVar is a named element of FROM.
type rangeVar struct {
	alias      string
	table      string // of a table or catalog relation, "" otherwise
	schemaName string // of a catalog relation
	schema     *catalog.Schema
	source     *TableSource // of a table: virtual columns are added to it
	cols       []visible
	renamed    bool // by a column list
}

// visible is a column that names may refer to.
type visible struct {
	name string
	e    expr.Expr // a Column, or what USING makes of two
}

// namespace is what names refer to: the elements of FROM for qualified ones, columns for the others.
type namespace struct {
	rels   []*rangeVar
	cols   []visible
	byName map[string][]int // of cols; built when needed
	folded map[string][]int // by lower-case name
}

// with is n and then another namespace. Two elements of one name are an error.
func (n namespace) with(other namespace, pos int) (namespace, error) {
	for _, r := range other.rels {
		for _, have := range n.rels {
			if r.alias != "" && r.alias == have.alias && (r.schemaName == have.schemaName || r.table != r.alias) {
				return namespace{}, errs.User(errs.DuplicateAlias, "table name %q specified more than once", r.alias).At(pos)
			}
		}
	}
	return namespace{rels: append(n.rels[:len(n.rels):len(n.rels)], other.rels...), cols: append(n.cols[:len(n.cols):len(n.cols)], other.cols...)}, nil
}

// common lists the names that both sides of a NATURAL join have, in the order of the left one.
func (n namespace) common(other namespace) []string {
	var out []string
	for _, c := range n.cols {
		for _, o := range other.cols {
			if c.name == o.name {
				out = append(out, c.name)
				break
			}
		}
	}
	return out
}

// only finds the column of USING in one side.
func (n namespace) only(name, side string, pos int) (visible, error) {
	matches := matching(n.cols, name)
	switch len(matches) {
	case 0:
		return visible{}, errs.User(errs.UndefinedColumn, "column %q specified in USING clause does not exist in %s table", name, side).At(pos)
	case 1:
		return n.cols[matches[0]], nil
	default:
		return visible{}, errs.User(errs.AmbiguousColumn, "common column name %q appears more than once in %s table", name, side).At(pos)
	}
}

// matching finds columns by name: exact, else without case.
func matching(cols []visible, name string) []int {
	var exact, folded []int
	for i, c := range cols {
		switch {
		case c.name == name:
			exact = append(exact, i)
		case strings.EqualFold(c.name, name):
			folded = append(folded, i)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return folded
}

// lookup finds an unqualified name: exact, else the only one without case. ok is false where there is none.
func (n *namespace) lookup(name string) (v visible, ok bool, err error) {
	if n.byName == nil {
		n.byName, n.folded = make(map[string][]int, len(n.cols)), make(map[string][]int, len(n.cols))
		for i, c := range n.cols {
			n.byName[c.name] = append(n.byName[c.name], i)
			key := strings.ToLower(c.name)
			n.folded[key] = append(n.folded[key], i)
		}
	}
	matches := n.byName[name]
	if len(matches) == 0 {
		matches = n.folded[strings.ToLower(name)]
	}
	switch len(matches) {
	case 0:
		return visible{}, false, nil
	case 1:
		return n.cols[matches[0]], true, nil
	default:
		return visible{}, false, ambiguous(n.cols, matches, name)
	}
}

func ambiguous(cols []visible, matches []int, name string) error {
	err := errs.User(errs.AmbiguousColumn, "column reference %q is ambiguous", name)
	var names []string
	for _, i := range matches {
		if cols[i].name != cols[matches[0]].name {
			names = append(names, cols[i].name)
		}
	}
	if len(names) == 0 {
		return err
	}
	return err.WithHint("Names that differ only in case: %s.", strings.Join(append([]string{cols[matches[0]].name}, names...), ", "))
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
	if e, ok, err := b.outerColumn(n.Parts, n.Pos()); ok || err != nil {
		return e, at(err, n.Pos())
	}
	return nil, b.unknownColumn(n, whole)
}

// outerColumn resolves a name in the queries around this one: its value comes through a slot of the frame.
func (b *binder) outerColumn(parts []string, pos int) (expr.Expr, bool, error) {
	if b.frame == nil {
		return nil, false, nil
	}
	parent := b.frame.parent
	e, ok, err := parent.columnExpr(parts, pos)
	if !ok && err == nil {
		e, ok, err = parent.outerColumn(parts, pos)
	}
	if !ok || err != nil {
		return nil, false, err
	}
	slot := len(b.frame.outer)
	for i, have := range b.frame.outer {
		if Equal(have, e) {
			slot = i
		}
	}
	if slot == len(b.frame.outer) {
		b.frame.outer = append(b.frame.outer, e)
	}
	out := &expr.Outer{Slot: slot, Name: strings.Join(parts, "."), T: e.Type()}
	b.keepOID(out, parent.oid(e))
	return out, true, nil
}

// columnExpr resolves the parts of a name as [table.]column, then as one dotted column name.
func (b *binder) columnExpr(parts []string, pos int) (expr.Expr, bool, error) {
	for skip := len(parts) - 1; skip >= 1; skip-- {
		rv := b.qualified(parts[:skip])
		if rv == nil {
			continue
		}
		if e, ok, err := b.columnOf(rv, strings.Join(parts[skip:], "."), pos); ok || err != nil {
			return e, ok, err
		}
	}
	return b.columnNamed(strings.Join(parts, "."), pos)
}

// qualified finds the element of FROM that qualifiers name: alias, or schema and table.
func (b *binder) qualified(parts []string) *rangeVar {
	last := parts[len(parts)-1]
	var found *rangeVar
	for _, rv := range b.ns.rels {
		if rv.alias == "" {
			continue
		}
		if len(parts) > 1 && rv.schemaName != "" && !strings.EqualFold(parts[len(parts)-2], rv.schemaName) {
			continue
		}
		switch {
		case rv.alias == last:
			return rv
		case strings.EqualFold(rv.alias, last) && found == nil:
			found = rv
		case rv.alias == rv.table && rv.schema != nil && hasTypeSuffix(last, rv.table) && found == nil:
			found = rv
		}
	}
	return found
}

func hasTypeSuffix(name, table string) bool {
	for _, s := range typeSuffixes {
		if strings.EqualFold(name, table+s) {
			return true
		}
	}
	return false
}

// columnOf finds a column of one element of FROM.
func (b *binder) columnOf(rv *rangeVar, name string, pos int) (expr.Expr, bool, error) {
	switch matches := matching(rv.cols, name); len(matches) {
	case 0:
	case 1:
		return b.reference(rv.cols[matches[0]].e, pos), true, nil
	default:
		return nil, false, ambiguous(rv.cols, matches, name)
	}
	if e, ok := b.virtual(rv, name, pos); ok {
		return e, true, nil
	}
	if name == "tableoid" && rv.table != "" {
		return b.tableOID(rv, pos)
	}
	return b.truncatedColumn(name, pos, func(base string) (expr.Expr, bool, error) {
		matches := matching(rv.cols, base)
		if len(matches) != 1 {
			return nil, false, nil
		}
		return b.reference(rv.cols[matches[0]].e, pos), true, nil
	})
}

// columnNamed finds an unqualified column.
func (b *binder) columnNamed(name string, pos int) (expr.Expr, bool, error) {
	v, ok, err := b.ns.lookup(name)
	if err != nil {
		return nil, false, err
	}
	if ok {
		return b.reference(v.e, pos), true, nil
	}
	if strings.HasPrefix(name, "$") {
		for _, rv := range b.ns.rels {
			if e, ok := b.virtual(rv, name, pos); ok {
				return e, true, nil
			}
		}
	}
	return b.truncatedColumn(name, pos, func(base string) (expr.Expr, bool, error) {
		v, ok, err := b.ns.lookup(base)
		if !ok || err != nil {
			return nil, false, err
		}
		return b.reference(v.e, pos), true, nil
	})
}

// reference is a use of a visible column, with its place.
func (b *binder) reference(e expr.Expr, pos int) expr.Expr {
	c, ok := e.(*expr.Column)
	if !ok {
		return e
	}
	out := &expr.Column{Index: c.Index, Name: c.Name, T: c.T}
	b.colPos[out] = pos
	return out
}

// virtual gives a virtual column of a table, which the scan then provides.
func (b *binder) virtual(rv *rangeVar, name string, pos int) (expr.Expr, bool) {
	if rv.source == nil || !strings.HasPrefix(name, "$") {
		return nil, false
	}
	for _, v := range virtualColumns {
		if !strings.EqualFold(v.Name, name) {
			continue
		}
		for _, id := range rv.source.IDs[len(rv.schema.Fields):] {
			if b.cols[id].Name == v.Name {
				return b.reference(&expr.Column{Index: id, Name: v.Name, T: v.Type}, pos), true
			}
		}
		id := len(b.cols)
		b.cols, b.owners = append(b.cols, v), append(b.owners, rv)
		rv.source.IDs = append(rv.source.IDs, id)
		return b.reference(&expr.Column{Index: id, Name: v.Name, T: v.Type}, pos), true
	}
	return nil, false
}

// tableOID is PostgreSQL's system column: the object id of the relation that a row is from.
func (b *binder) tableOID(rv *rangeVar, pos int) (expr.Expr, bool, error) {
	if _, ok := b.cfg.Functions.Scalar("regclassin"); !ok {
		return nil, false, nil
	}
	name := `"` + orElse(rv.schemaName, "public") + `"."` + strings.ReplaceAll(rv.table, `"`, `""`) + `"`
	e, err := b.scalarCall("regclassin", []expr.Expr{constString(name)}, pos)
	b.keepOID(e, 26)
	return e, err == nil, err
}

// truncatedColumn resolves $ts$MINUTE, a column of Pinot's timestamp index, as dateTrunc('MINUTE', ts).
func (b *binder) truncatedColumn(name string, pos int, find func(string) (expr.Expr, bool, error)) (expr.Expr, bool, error) {
	rest, found := strings.CutPrefix(name, "$")
	if !found {
		return nil, false, nil
	}
	base, unit, found := strings.Cut(rest, "$")
	if !found {
		return nil, false, nil
	}
	e, ok, err := find(base)
	if !ok || err != nil || !e.Type().Kind.IsTime() {
		return nil, false, err
	}
	out, err := b.scalarCall("datetrunc", []expr.Expr{constString(strings.ToLower(unit)), e}, pos)
	return out, err == nil, err
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

// namedItem finds the only item that is a column of this name, without an alias: ORDER BY oid means the typ.oid of the
// select list, whatever other tables have an oid.
func (b *binder) namedItem(name string) (int, bool) {
	found := -1
	for i, it := range b.items {
		n, ok := it.ast.(*sql.Name)
		if !ok || it.alias != "" || n.Parts[len(n.Parts)-1] != name || b.outputName(it.ast, it.e) != name {
			continue
		}
		if found >= 0 && !Equal(b.items[found].e, it.e) {
			return 0, false
		}
		found = i
	}
	return found, found >= 0
}

// unknownColumn is the error for a name that nothing matches.
func (b *binder) unknownColumn(n *sql.Name, whole string) error {
	if len(n.Parts) == 2 && len(b.ns.rels) > 0 && b.qualified(n.Parts[:1]) == nil && !b.dottedPrefix(n.Parts[0]) {
		return errs.User(errs.UndefinedTable, "missing FROM-clause entry for table %q", n.Parts[0]).At(n.Pos())
	}
	err := errs.User(errs.UndefinedColumn, "column %q does not exist", whole)
	names := make([]string, 0, len(b.ns.cols))
	for _, c := range b.ns.cols {
		names = append(names, c.name)
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
	for _, c := range b.ns.cols {
		if head, _, dotted := strings.Cut(c.name, "."); dotted && strings.EqualFold(head, prefix) {
			return true
		}
	}
	return false
}
