package syscat

import (
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function"
)

// staticObjects are the relations of the catalog itself, as pg_class lists them.
type staticObjects struct {
	byOID     map[uint32]*object
	byName    map[string]*object // schema.name
	relations []*object          // without indexes
	own       []*object          // those of schema freshet, which have no facts
	// constraints are definitions by object id.
	constraints map[uint32]constraintText
}

// constraintText is a constraint's definition, also as it is shown to people.
type constraintText struct{ definition, pretty string }

// declareFacts declares the relations of PostgreSQL.
func (c *Catalog) declareFacts() error {
	t, err := readFacts("columns")
	if err != nil {
		return err
	}
	for _, r := range t.rows {
		oid := uint32(t.number(r, "base"))
		ct, err := c.types.columnOf(oid)
		if err != nil {
			return err
		}
		c.addColumn(t.get(r, "schema"), t.get(r, "relation"), Column{Name: t.get(r, "column"), Type: ct, OID: oid})
	}
	return nil
}

func (c *Catalog) addColumn(schema, name string, column Column) {
	if c.relations[schema] == nil {
		c.relations[schema] = map[string]*relation{}
	}
	r := c.relations[schema][name]
	if r == nil {
		r = &relation{Relation: Relation{Schema: schema, Name: name, System: systemColumns()}, index: map[string]int{}}
		c.relations[schema][name] = r
	}
	r.index[column.Name] = len(r.Columns)
	r.Columns = append(r.Columns, column)
}

func schemaName(oid uint32) string {
	switch oid {
	case oidCatalog:
		return schemaCatalog
	case oidPublic:
		return schemaPublic
	case oidFreshet:
		return schemaFreshet
	default:
		return schemaInformation
	}
}

func loadStaticObjects(c *Catalog) (*staticObjects, error) {
	classes, err := readFacts("pg_class")
	if err != nil {
		return nil, err
	}
	s := &staticObjects{byOID: map[uint32]*object{}, byName: map[string]*object{}}
	for _, r := range classes.rows {
		o := &object{oid: uint32(classes.number(r, "oid")), namespace: uint32(classes.number(r, "relnamespace")),
			name: classes.get(r, "relname"), kind: classes.get(r, "relkind"), fixed: true}
		o.schema = schemaName(o.namespace)
		s.add(c, o)
	}
	attrs, err := readFacts("pg_attribute")
	if err != nil {
		return nil, err
	}
	for _, r := range attrs.rows {
		o := s.byOID[uint32(attrs.number(r, "attrelid"))]
		typ := c.types.byOID[uint32(attrs.number(r, "atttypid"))]
		if o == nil || typ == nil {
			return nil, errs.Bug("pg_attribute has a row for relation %d, type %d", attrs.number(r, "attrelid"), attrs.number(r, "atttypid"))
		}
		o.attrs = append(o.attrs, attribute{num: int(attrs.number(r, "attnum")), name: attrs.get(r, "attname"), typ: typ,
			notNull: attrs.get(r, "attnotnull") == "t"})
	}
	if err := s.addIndexes(); err != nil {
		return nil, err
	}
	for i, name := range ownNames() {
		r := c.relations[schemaFreshet][name]
		o := &object{oid: oidOwnRelation + uint32(i), namespace: oidFreshet, schema: schemaFreshet, name: name, kind: "v", fixed: true}
		for n, column := range r.Columns {
			o.attrs = append(o.attrs, attribute{num: n + 1, name: column.Name, typ: c.types.byOID[column.OID]})
		}
		s.add(c, o)
		s.own = append(s.own, o)
	}
	return s, nil
}

func (s *staticObjects) add(c *Catalog, o *object) {
	s.byOID[o.oid] = o
	s.byName[o.schema+"."+o.name] = o
	if r := c.relations[o.schema][o.name]; r != nil {
		r.oid = o.oid
	}
	if o.kind == "r" || o.kind == "v" {
		s.relations = append(s.relations, o)
	}
}

// addIndexes tells indexes their tables and constraints their definitions.
func (s *staticObjects) addIndexes() error {
	indexes, err := readFacts("pg_index")
	if err != nil {
		return err
	}
	for _, r := range indexes.rows {
		index, table := s.byOID[uint32(indexes.number(r, "indexrelid"))], s.byOID[uint32(indexes.number(r, "indrelid"))]
		if index == nil || table == nil {
			return errs.Bug("pg_index has a row for %d, which is not in pg_class", indexes.number(r, "indexrelid"))
		}
		index.indexed, index.unique = table, indexes.get(r, "indisunique") == "t"
	}
	constraints, err := readFacts("pg_constraint")
	if err != nil {
		return err
	}
	s.constraints = map[uint32]constraintText{}
	for _, r := range constraints.rows {
		s.constraints[uint32(constraints.number(r, "oid"))] = constraintText{constraints.get(r, "definition"), constraints.get(r, "pretty")}
	}
	return nil
}

// functionFact is a row of pg_proc, as far as names and definitions need it.
type functionFact struct {
	oid, namespace, result uint32
	name, kind             string
	args                   []string // type ids, as written
	returnsSet             bool
	signature              string // of a function that PostgreSQL has not
	properties             string // a line of CREATE FUNCTION, "" for the usual ones
}

// loadFunctions lists the functions: those of PostgreSQL that its catalogs refer to or that the registry has under that
// name, then the registry's others.
func loadFunctions(c *Catalog) ([]functionFact, error) {
	t, err := readFacts("pg_proc")
	if err != nil {
		return nil, err
	}
	built := c.builtNames()
	seen := map[string]bool{}
	var out []functionFact
	for _, r := range t.rows {
		if t.get(r, "support") != "t" && !built[function.Canonical(t.get(r, "proname"))] {
			continue
		}
		f := functionFact{oid: uint32(t.number(r, "oid")), namespace: uint32(t.number(r, "pronamespace")),
			result: uint32(t.number(r, "prorettype")), name: t.get(r, "proname"), kind: t.get(r, "prokind"),
			returnsSet: t.get(r, "proretset") == "t", properties: functionProperties(t, r)}
		if args, err := parseFact(t.get(r, "proargtypes"), Column{Type: stringArray}); err == nil {
			f.args, _ = args.([]string)
		}
		seen[function.Canonical(f.name)] = true
		out = append(out, f)
	}
	return append(out, c.ownFunctions(seen)...), nil
}

// functionProperties writes what CREATE FUNCTION says between language and body.
func functionProperties(t *factTable, r []string) string {
	out := map[string]string{"i": " IMMUTABLE", "s": " STABLE"}[t.get(r, "provolatile")] +
		map[string]string{"s": " PARALLEL SAFE", "r": " PARALLEL RESTRICTED"}[t.get(r, "proparallel")]
	if t.get(r, "proisstrict") == "t" {
		out += " STRICT"
	}
	if t.get(r, "proleakproof") == "t" {
		out += " LEAKPROOF"
	}
	if out != "" {
		out += "\n"
	}
	return out
}

// builtNames are the canonical names of all functions.
func (c *Catalog) builtNames() map[string]bool {
	out := map[string]bool{}
	for _, f := range c.describedFunctions() {
		out[function.Canonical(f.name)] = true
		for _, a := range f.aliases {
			out[function.Canonical(a)] = true
		}
	}
	return out
}
