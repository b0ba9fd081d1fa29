package syscat

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
)

// declareRows gives the relations their sources of rows. Relations without any are empty: Freshet has nothing to show there.
func (c *Catalog) declareRows() error {
	for _, declare := range []func() error{c.declareFactRows, c.declareDerived, c.declareLive, c.declarePersonal} {
		if err := declare(); err != nil {
			return err
		}
	}
	return nil
}

// at finds a relation that has to exist.
func (c *Catalog) at(schema, name string) (*relation, error) {
	r, ok := c.relations[schema][name]
	if !ok {
		return nil, errs.Bug("there is no relation %s.%s", schema, name)
	}
	return r, nil
}

func (c *Catalog) declareFactRows() error {
	for _, name := range []string{"pg_type", "pg_proc", "pg_operator", "pg_cast", "pg_opclass", "pg_opfamily", "pg_amop", "pg_amproc", "pg_am",
		"pg_language", "pg_aggregate", "pg_range", "pg_collation", "pg_tablespace", "pg_namespace", "pg_class", "pg_attribute", "pg_index",
		"pg_constraint", "pg_auth_members", "pg_description"} {
		r, err := c.at(schemaCatalog, name)
		if err != nil {
			return err
		}
		r.facts = &facts{file: name}
	}
	keywords, err := c.at(schemaCatalog, "pg_get_keywords()")
	if err != nil {
		return err
	}
	keywords.facts = &facts{file: "keywords"}
	c.relations[schemaCatalog]["pg_proc"].facts.keep = c.isFunction("oid")
	c.relations[schemaCatalog]["pg_aggregate"].facts.keep = c.isFunction("aggfnoid")
	c.relations[schemaCatalog]["pg_description"].facts.keep = func(t *factTable, row []string) bool {
		return t.number(row, "classoid") != oidProcClass || c.isFunction("objoid")(t, row)
	}
	return nil
}

// isFunction tells the rows whose column is the object id of one of our functions.
func (c *Catalog) isFunction(column string) func(t *factTable, row []string) bool {
	return func(t *factTable, row []string) bool {
		_, ok := c.byFunction[t.number(row, column)]
		return ok
	}
}

func (c *Catalog) declareDerived() error {
	type rows = func(*snapshot, *builder)
	for schema, relations := range map[string]map[string]rows{
		schemaCatalog: {"pg_class": classRows, "pg_attribute": attributeRows, "pg_attrdef": attrdefRows, "pg_index": indexRows,
			"pg_constraint": constraintRows, "pg_type": typeRows, "pg_namespace": namespaceRows, "pg_tables": tablesRows, "pg_views": viewsRows,
			"pg_indexes": indexesRows, "pg_proc": procRows, "pg_database": databaseRows,
			"pg_description": descriptionRows},
		schemaInformation: informationRows(),
		schemaFreshet:     {"functions": ownFunctionRows},
	} {
		for name, f := range relations {
			r, err := c.at(schema, name)
			if err != nil {
				return err
			}
			r.derived = f
		}
	}
	class := c.relations[schemaCatalog]["pg_class"]
	class.fresh = map[int]freshColumn{class.index["reltuples"]: classTuples}
	return nil
}

// declarePersonal declares the columns that hold the session's database or user.
func (c *Catalog) declarePersonal() error {
	database := func(s Session) catalog.Value { return catalog.StringValue(s.Info().Database) }
	user := func(s Session) catalog.Value { return catalog.StringValue(s.Info().User) }
	set := func(schema, name string, value func(Session) catalog.Value, columns ...string) error {
		r, err := c.at(schema, name)
		if err != nil {
			return err
		}
		if r.personal == nil {
			r.personal = map[int]func(Session) catalog.Value{}
		}
		for _, column := range columns {
			i, ok := r.index[column]
			if !ok {
				return errs.Bug("%s.%s has no column %s", schema, name, column)
			}
			r.personal[i] = value
		}
		return nil
	}
	if err := set(schemaCatalog, "pg_database", database, "datname"); err != nil {
		return err
	}
	for name, columns := range databaseColumns() {
		if err := set(schemaInformation, name, database, columns...); err != nil {
			return err
		}
	}
	for _, name := range []string{"table_privileges", "role_table_grants", "column_privileges", "role_column_grants", "enabled_roles", "applicable_roles"} {
		column := "grantee"
		if name == "enabled_roles" {
			column = "role_name"
		}
		if err := set(schemaInformation, name, user, column); err != nil {
			return err
		}
	}
	return nil
}

// databaseColumns are the columns of information_schema that name the database in every row.
func databaseColumns() map[string][]string {
	return map[string][]string{
		"information_schema_catalog_name": {"catalog_name"}, "schemata": {"catalog_name"}, "character_sets": {"default_collate_catalog"},
		"tables": {"table_catalog"}, "columns": {"table_catalog", "udt_catalog"}, "views": {"table_catalog"},
		"table_constraints": {"constraint_catalog", "table_catalog"}, "key_column_usage": {"constraint_catalog", "table_catalog"},
		"constraint_column_usage": {"constraint_catalog", "table_catalog"}, "constraint_table_usage": {"constraint_catalog", "table_catalog"},
		"check_constraints": {"constraint_catalog"}, "element_types": {"object_catalog", "udt_catalog"},
		"table_privileges": {"table_catalog"}, "role_table_grants": {"table_catalog"}, "column_privileges": {"table_catalog"},
		"role_column_grants": {"table_catalog"}, "column_udt_usage": {"udt_catalog", "table_catalog"}, "collations": {"collation_catalog"},
		"routines": {"specific_catalog", "routine_catalog", "type_udt_catalog"},
	}
}
