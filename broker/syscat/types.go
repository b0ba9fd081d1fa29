package syscat

import (
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
)

// Names and object ids of schemas. Those of Freshet's own lie in the range that PostgreSQL keeps for itself and does not
// use; tables begin at firstTable.
const (
	schemaCatalog     = "pg_catalog"
	schemaPublic      = "public"
	schemaInformation = "information_schema"
	schemaFreshet     = "freshet"

	oidCatalog     = 11
	oidPublic      = 2200
	oidFreshet     = 14000
	oidOwnRelation = 14001 // Freshet's relations, counted from here
	oidOwnFunction = 14100 // Freshet's functions that PostgreSQL has not
	oidOwner       = 10    // the role that owns everything
	oidDatabase    = 5     // the only database
	firstTable     = 16384

	// Catalog relations that hold what comments are on.
	oidProcClass      = 1255
	oidClassClass     = 1259
	oidNamespaceClass = 2615

	// Owner is the role that owns all tables.
	Owner = "freshet"
)

// typeInfo is a row of pg_type, as far as it is needed again and again.
type typeInfo struct {
	oid, namespace, elem, array, base, collation uint32
	name                                         string
	length                                       int64
	byValue                                      bool
	align, storage, kind, category               string
}

// typeTable knows PostgreSQL's types.
type typeTable struct {
	byOID  map[uint32]*typeInfo
	byName map[string]*typeInfo // of pg_catalog, else of information_schema
	engine map[uint32]catalog.Type
	field  map[catalog.Kind]uint32
	// names are the types that the standard names differently from pg_type; standard are those names, and short ones.
	names    map[uint32]string
	standard map[string]uint32
	btree    map[uint32]uint32 // default operator class of a B-tree, by type
}

func loadTypes() (*typeTable, error) {
	t, err := readFacts("pg_type")
	if err != nil {
		return nil, err
	}
	out := &typeTable{byOID: make(map[uint32]*typeInfo, len(t.rows)), byName: make(map[string]*typeInfo, len(t.rows)),
		engine: engineTypes(), field: fieldTypes(), names: sqlNames(), standard: standardTypes()}
	for _, r := range t.rows {
		oid := func(column string) uint32 { return uint32(t.number(r, column)) }
		i := &typeInfo{oid: oid("oid"), namespace: oid("typnamespace"), elem: oid("typelem"), array: oid("typarray"),
			base: oid("typbasetype"), collation: oid("typcollation"), name: t.get(r, "typname"), length: t.number(r, "typlen"),
			byValue: t.get(r, "typbyval") == "t", align: t.get(r, "typalign"), storage: t.get(r, "typstorage"),
			kind: t.get(r, "typtype"), category: t.get(r, "typcategory")}
		out.byOID[i.oid] = i
		if other := out.byName[i.name]; other == nil || other.namespace != oidCatalog {
			out.byName[i.name] = i
		}
	}
	return out, out.loadClasses()
}

func (t *typeTable) loadClasses() error {
	f, err := readFacts("pg_opclass")
	if err != nil {
		return err
	}
	t.btree = map[uint32]uint32{}
	for _, r := range f.rows {
		if f.number(r, "opcmethod") == 403 && f.get(r, "opcdefault") == "t" {
			t.btree[uint32(f.number(r, "opcintype"))] = uint32(f.number(r, "oid"))
		}
	}
	return nil
}

// isVector reports the array types that are not written with braces.
func isVector(oid uint32) bool { return oid == 22 || oid == 30 }

// engineTypes are the engine's types for those that catalog columns have.
func engineTypes() map[uint32]catalog.Type {
	return map[uint32]catalog.Type{16: catalog.Boolean, 17: catalog.Bytes, 18: catalog.String, 19: catalog.String, 20: catalog.Long,
		21: catalog.Int, 23: catalog.Int, 24: catalog.Long, 25: catalog.String, 26: catalog.Long, 28: catalog.Long, 194: catalog.String,
		700: catalog.Float, 701: catalog.Double, 869: catalog.String, 1033: catalog.String, 1043: catalog.String, 1184: catalog.TimestampTZ,
		1186: catalog.Interval, 1700: catalog.BigDecimal, 2206: catalog.Long, 2277: catalog.String, 3220: catalog.String, 3361: catalog.String,
		3402: catalog.String, 5017: catalog.String, 114: catalog.JSON, 1114: catalog.Timestamp}
}

// columnOf gives the engine's type for a PostgreSQL type.
func (t *typeTable) columnOf(oid uint32) (catalog.Type, error) {
	if s, ok := t.engine[oid]; ok {
		return s, nil
	}
	i, ok := t.byOID[oid]
	if !ok {
		return catalog.Type{}, errs.Bug("type %d is not in pg_type", oid)
	}
	if s, ok := t.engine[i.elem]; ok && (i.category == "A" || isVector(oid)) {
		return s.Array(), nil
	}
	if i.category == "A" { // pg_statistic's, which has no rows
		return catalog.String.Array(), nil
	}
	return catalog.Type{}, errs.Bug("type %s has no engine type", i.name)
}

// fieldTypes are PostgreSQL's types of the kinds that columns and results have.
func fieldTypes() map[catalog.Kind]uint32 {
	return map[catalog.Kind]uint32{catalog.KindInt: 23, catalog.KindLong: 20, catalog.KindFloat: 700, catalog.KindDouble: 701,
		catalog.KindBigDecimal: 1700, catalog.KindBoolean: 16, catalog.KindTimestamp: 1114, catalog.KindString: 25, catalog.KindJSON: 114,
		catalog.KindBytes: 17, catalog.KindTimestampTZ: 1184, catalog.KindInterval: 1186}
}

// fieldType gives PostgreSQL's type of a table's column.
func (t *typeTable) fieldType(ct catalog.Type) *typeInfo {
	i := t.byOID[t.field[ct.Kind]]
	if ct.MultiValue && i != nil {
		return t.byOID[i.array]
	}
	return i
}

// sqlNames are the types that the standard names differently from pg_type.
func sqlNames() map[uint32]string {
	return map[uint32]string{16: "boolean", 18: `"char"`, 20: "bigint", 21: "smallint", 23: "integer", 700: "real", 701: "double precision",
		1042: "character", 1043: "character varying", 1083: "time without time zone", 1114: "timestamp without time zone",
		1184: "timestamp with time zone", 1186: "interval", 1266: "time with time zone", 1560: "bit", 1562: "bit varying", 1700: "numeric"}
}

// format gives a type's name as format_type does. A typmod below 0 is none; ok is false for a type that is not known.
func (t *typeTable) format(oid uint32, typmod int64) (text string, ok bool) {
	i, ok := t.byOID[oid]
	if !ok {
		return "", false
	}
	if i.category == "A" && i.elem != 0 && !isVector(oid) && i.length == -1 {
		elem, ok := t.format(i.elem, typmod)
		return elem + "[]", ok
	}
	text, standard := t.names[oid]
	if !standard {
		text = quoteIdent(i.name)
		if i.namespace == 13207 {
			text = schemaInformation + "." + text
		}
	}
	return withModifier(text, oid, typmod), true
}

// withModifier adds a type's modifier to its name.
func withModifier(text string, oid uint32, typmod int64) string {
	if typmod < 0 {
		return text
	}
	n := strconv.FormatInt
	switch oid {
	case 1042, 1043:
		return text + "(" + n(typmod-4, 10) + ")"
	case 1700:
		m := typmod - 4
		return text + "(" + n(m>>16&0xffff, 10) + "," + n(m&0x7ff, 10) + ")"
	case 1560, 1562:
		return text + "(" + n(typmod, 10) + ")"
	case 1083, 1114, 1184, 1266:
		word, zone, _ := strings.Cut(text, " ")
		return word + "(" + n(typmod, 10) + ") " + zone
	}
	return text
}

// find reads a type's name, PostgreSQL's or the standard's, with [] for arrays and an optional schema.
func (t *typeTable) find(name string) (*typeInfo, bool) {
	text := strings.TrimSpace(name)
	base, array := strings.CutSuffix(text, "[]")
	for strings.HasSuffix(base, "[]") { // arrays of any number of dimensions are one type
		base = strings.TrimSuffix(base, "[]")
	}
	parts, err := splitName(stripModifier(base))
	if err != nil || len(parts) == 0 || len(parts) > 2 {
		return nil, false
	}
	last := parts[len(parts)-1]
	i, ok := t.byName[last]
	if !strings.Contains(base, `"`) {
		if oid, standard := t.standard[strings.Join(strings.Fields(last), " ")]; standard && len(parts) == 1 {
			i, ok = t.byOID[oid]
		}
	}
	if !ok || len(parts) == 2 && parts[0] != t.schemaOf(i) {
		return nil, false
	}
	if array {
		i, ok = t.byOID[i.array]
	}
	return i, ok
}

func (t *typeTable) schemaOf(i *typeInfo) string {
	if i.namespace == oidCatalog {
		return schemaCatalog
	}
	return schemaInformation
}

// stripModifier drops (n) or (n,m) from a type's name.
func stripModifier(name string) string {
	open := strings.IndexByte(name, '(')
	end := strings.IndexByte(name, ')')
	if open < 0 || end < open {
		return name
	}
	return strings.TrimSpace(name[:open] + name[end+1:])
}

// standardTypes are the names of the standard and PostgreSQL's short ones that pg_type has not.
func standardTypes() map[string]uint32 {
	out := map[string]uint32{"int": 23, "decimal": 1700, "dec": 1700, "float": 701, "timestamp": 1114, "time": 1083, "varchar": 1043,
		"char": 1042, "string": 25}
	for oid, name := range sqlNames() {
		out[name] = oid
	}
	return out
}
