package syscat

import (
	"context"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/catalog"
)

// The rows that a table has in pg_catalog, as PostgreSQL 15 writes them.

func classRows(s *snapshot, b *builder) {
	b.usual("reloftype", 0, "relowner", oidOwner, "relam", 0, "relfilenode", 0, "reltablespace", 0, "relpages", 0, "reltuples", -1,
		"relallvisible", 0, "reltoastrelid", 0, "relhasindex", false, "relisshared", false, "relpersistence", "p", "relchecks", 0,
		"relhasrules", false, "relhastriggers", false, "relhassubclass", false, "relrowsecurity", false, "relforcerowsecurity", false,
		"relispopulated", true, "relreplident", "n", "relispartition", false, "relrewrite", 0, "relfrozenxid", 0, "relminmxid", 0, "reltype", 0)
	for _, t := range s.tables {
		b.add("oid", t.oid, "relname", t.name(), "relnamespace", oidPublic, "reltype", t.rowType(), "relam", 2,
			"relhasindex", t.pkey != nil, "relkind", "r", "relnatts", len(t.rel.attrs), "relreplident", "d")
		if t.pkey != nil {
			b.add("oid", t.pkey.oid, "relname", t.pkey.name, "relnamespace", oidPublic, "relam", 403, "relkind", "i",
				"relnatts", len(t.pkey.attrs))
		}
	}
	for _, o := range s.c.static.own {
		b.add("oid", o.oid, "relname", o.name, "relnamespace", oidFreshet, "relkind", "v", "relnatts", len(o.attrs), "relhasrules", true)
	}
}

// classTuples are the present numbers of rows, in the order of classRows.
func classTuples(ctx context.Context, q *request, b *builder) error {
	column := func(x any) { b.value(0, x); b.next() }
	for _, t := range q.snapshot.tables {
		rows, _ := q.c.size(ctx, t)
		column(rows)
		if t.pkey != nil {
			column(rows)
		}
	}
	for range q.c.static.own {
		column(-1)
	}
	return nil
}

// size gives a table's rows and bytes, -1 where they are not known.
func (c *Catalog) size(ctx context.Context, t *table) (rows, bytes int64) {
	if c.cfg.Storage == nil {
		return -1, -1
	}
	return c.cfg.Storage.Size(ctx, t.name())
}

func attributeRows(s *snapshot, b *builder) {
	b.usual("attstattarget", -1, "attcacheoff", -1, "atttypmod", -1, "attcompression", "", "attnotnull", false, "atthasdef", false,
		"atthasmissing", false, "attidentity", "", "attgenerated", "", "attisdropped", false, "attislocal", true, "attinhcount", 0, "attndims", 0)
	for _, t := range s.tables {
		addAttributes(b, t.rel)
		if t.pkey != nil {
			addAttributes(b, t.pkey)
		}
	}
	for _, o := range s.c.static.own {
		addAttributes(b, o)
	}
}

func addAttributes(b *builder, o *object) {
	for i := range o.attrs {
		a := &o.attrs[i]
		dims := 0
		if a.typ.category == "A" && o.table != nil && o.kind == "r" {
			dims = 1
		}
		b.add("attrelid", o.oid, "attname", a.name, "atttypid", a.typ.oid, "attlen", a.typ.length, "attnum", a.num, "attndims", dims,
			"attbyval", a.typ.byValue, "attalign", a.typ.align, "attstorage", a.typ.storage, "attnotnull", a.notNull,
			"atthasdef", a.defaultText != "", "attcollation", a.typ.collation)
	}
}

func attrdefRows(s *snapshot, b *builder) {
	for _, d := range s.columns {
		b.add("oid", d.oid, "adrelid", d.rel.oid, "adnum", d.attr.num, "adbin", d.attr.defaultText)
	}
}

func indexRows(s *snapshot, b *builder) {
	for _, t := range s.tables {
		if t.pkey == nil {
			continue
		}
		n := len(t.key)
		key, collations, classes := make([]int64, n), make([]int64, n), make([]int64, n)
		for i, num := range t.key {
			typ := t.rel.attrs[num-1].typ
			key[i], collations[i], classes[i] = int64(num), int64(typ.collation), int64(s.c.types.btree[typ.oid])
		}
		b.add("indexrelid", t.pkey.oid, "indrelid", t.oid, "indnatts", n, "indnkeyatts", n, "indisunique", true, "indnullsnotdistinct", false,
			"indisprimary", true, "indisexclusion", false, "indimmediate", true, "indisclustered", false, "indisvalid", true,
			"indcheckxmin", false, "indisready", true, "indislive", true, "indisreplident", false, "indkey", key, "indcollation", collations,
			"indclass", classes, "indoption", make([]int64, n))
	}
}

func constraintRows(s *snapshot, b *builder) {
	for _, t := range s.tables {
		if t.pkey == nil {
			continue
		}
		b.add("oid", t.constraint(), "conname", t.pkey.name, "connamespace", oidPublic, "contype", "p", "condeferrable", false,
			"condeferred", false, "convalidated", true, "conrelid", t.oid, "contypid", 0, "conindid", t.pkey.oid, "conparentid", 0,
			"confrelid", 0, "confupdtype", " ", "confdeltype", " ", "confmatchtype", " ", "conislocal", true, "coninhcount", 0,
			"connoinherit", true, "conkey", numbers(t.key))
	}
}

func numbers(list []int) []int64 {
	out := make([]int64, len(list))
	for i, x := range list {
		out[i] = int64(x)
	}
	return out
}

// typeRows are the row types of tables and their arrays.
func typeRows(s *snapshot, b *builder) {
	b.usual("typnamespace", oidPublic, "typowner", oidOwner, "typlen", -1, "typbyval", false, "typispreferred", false, "typisdefined", true,
		"typdelim", ",", "typrelid", 0, "typsubscript", 0, "typelem", 0, "typarray", 0, "typmodin", 0, "typmodout", 0, "typanalyze", 0,
		"typalign", "d", "typstorage", "x", "typnotnull", false, "typbasetype", 0, "typtypmod", -1, "typndims", 0, "typcollation", 0)
	for _, t := range s.tables {
		b.add("oid", t.rowType(), "typname", t.name(), "typtype", "c", "typcategory", "C", "typrelid", t.oid, "typarray", t.arrayType(),
			"typinput", 2290, "typoutput", 2291, "typreceive", 2402, "typsend", 2403)
		b.add("oid", t.arrayType(), "typname", "_"+t.name(), "typtype", "b", "typcategory", "A", "typsubscript", 6179, "typelem", t.rowType(),
			"typinput", 750, "typoutput", 751, "typreceive", 2400, "typsend", 2401, "typanalyze", 3816)
	}
}

func namespaceRows(_ *snapshot, b *builder) {
	b.add("oid", oidFreshet, "nspname", schemaFreshet, "nspowner", oidOwner, "nspacl", []string{Owner + "=UC/" + Owner, "=U/" + Owner})
}

func tablesRows(s *snapshot, b *builder) {
	for _, o := range s.allObjects() {
		if o.kind == "r" {
			b.add("schemaname", o.schema, "tablename", o.name, "tableowner", Owner, "hasindexes", o.table == nil || o.table.pkey != nil,
				"hasrules", false, "hastriggers", false, "rowsecurity", false)
		}
	}
}

func viewsRows(s *snapshot, b *builder) {
	for _, o := range s.allObjects() {
		if o.kind == "v" {
			b.add("schemaname", o.schema, "viewname", o.name, "viewowner", Owner)
		}
	}
}

func (s *snapshot) allObjects() []*object { return s.relations() }

func indexesRows(s *snapshot, b *builder) {
	for _, t := range s.tables {
		if t.pkey != nil {
			b.add("schemaname", schemaPublic, "tablename", t.name(), "indexname", t.pkey.name, "indexdef", indexDefinition(t))
		}
	}
}

// indexDefinition writes the index of a primary key as pg_get_indexdef does.
func indexDefinition(t *table) string {
	return "CREATE UNIQUE INDEX " + quoteIdent(t.pkey.name) + " ON " + schemaPublic + "." + quoteIdent(t.name()) + " USING btree (" +
		keyColumns(t) + ")"
}

func keyColumns(t *table) string {
	names := make([]string, len(t.key))
	for i, num := range t.key {
		names[i] = quoteIdent(t.rel.attrs[num-1].name)
	}
	return strings.Join(names, ", ")
}

// defaultText writes a column's stated default as pg_get_expr does, "" for none.
func defaultText(f *catalog.Field) string {
	if !f.DefaultStated || f.Default.Null {
		return ""
	}
	if f.Type.MultiValue {
		elem := f.Type.Elem()
		texts := make([]string, len(f.Default.Elems))
		for i, e := range f.Default.Elems {
			texts[i] = arrayElement(valueText(e))
		}
		return literal("{"+strings.Join(texts, ",")+"}") + "::" + castName(elem) + "[]"
	}
	text := valueText(f.Default)
	switch f.Type.Kind {
	case catalog.KindBoolean:
		if f.Default.I64 != 0 {
			return "true"
		}
		return "false"
	case catalog.KindInt, catalog.KindLong, catalog.KindFloat, catalog.KindDouble, catalog.KindBigDecimal:
		return numberLiteral(text)
	default:
		return literal(text) + "::" + castName(f.Type)
	}
}

// numberLiteral writes a number as PostgreSQL shows one that was written without quotes: an integer, a bigint where that is
// too small, else a numeric. Those that would not be read back as the same type are quoted.
func numberLiteral(text string) string {
	if strings.ContainsAny(text, "IN") { // infinities, NaN
		return literal(text) + "::double precision"
	}
	text = plainNumber(text)
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err == nil && n >= 0 && n <= math.MaxInt32, text[0] != '-' && strings.Contains(text, "."):
		return text
	case err == nil && n < 0 && n >= math.MinInt32:
		return literal(text) + "::integer"
	case err == nil:
		return literal(text) + "::bigint"
	default:
		return literal(text) + "::numeric"
	}
}

// plainNumber writes a number without exponent.
func plainNumber(text string) string {
	if !strings.ContainsAny(text, "eE") {
		return text
	}
	x, _, err := big.ParseFloat(text, 10, 2048, big.ToNearestEven)
	if err != nil {
		return text
	}
	plain := x.Text('f', maxDecimals)
	if strings.Contains(plain, ".") {
		plain = strings.TrimSuffix(strings.TrimRight(plain, "0"), ".")
	}
	return plain
}

// maxDecimals holds the smallest double with all of its digits.
const maxDecimals = 345

// freshetComment is what \dn+ says of schema freshet.
const freshetComment = "relations of Freshet itself"

// descriptionRows are the comments on tables and columns.
func descriptionRows(s *snapshot, b *builder) {
	add := func(object, class uint32, column int, text string) {
		if text != "" {
			b.add("objoid", object, "classoid", class, "objsubid", column, "description", text)
		}
	}
	add(oidFreshet, oidNamespaceClass, 0, freshetComment)
	for _, t := range s.tables {
		add(t.oid, oidClassClass, 0, t.Schema.Description)
		for i := range t.Schema.Fields {
			add(t.oid, oidClassClass, i+1, t.Schema.Fields[i].Description)
		}
	}
}

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// arrayElement quotes an element for the text form of an array.
func arrayElement(text string) string {
	if text == "" || strings.EqualFold(text, "null") || strings.ContainsAny(text, "{}\",\\ \t\n") {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
	}
	return text
}

func castName(t catalog.Type) string {
	return map[catalog.Kind]string{catalog.KindInt: "integer", catalog.KindLong: "bigint", catalog.KindFloat: "real",
		catalog.KindDouble: "double precision", catalog.KindBigDecimal: "numeric", catalog.KindBoolean: "boolean",
		catalog.KindTimestamp: "timestamp without time zone", catalog.KindString: "text", catalog.KindJSON: "json", catalog.KindBytes: "bytea"}[t.Kind]
}
