package syscat

import (
	"slices"
	"strconv"
)

// informationRows are the relations of information_schema that have rows. Columns that name the database are put in by
// the scan.
func informationRows() map[string]func(*snapshot, *builder) {
	return map[string]func(*snapshot, *builder){
		"information_schema_catalog_name": func(_ *snapshot, b *builder) { b.add() },
		"schemata":                        schemataRows,
		"character_sets": func(_ *snapshot, b *builder) {
			b.add("character_set_name", "UTF8", "character_repertoire", "UCS", "form_of_use", "UTF8")
		},
		"tables":                  infoTablesRows,
		"columns":                 infoColumnsRows,
		"views":                   infoViewsRows,
		"table_constraints":       tableConstraintRows,
		"key_column_usage":        keyColumnRows,
		"constraint_column_usage": constraintColumnRows,
		"constraint_table_usage":  constraintTableRows,
		"check_constraints":       checkConstraintRows,
		"element_types":           elementTypeRows,
		"column_udt_usage":        columnTypeRows,
		"table_privileges":        tablePrivilegeRows,
		"role_table_grants":       tablePrivilegeRows,
		"column_privileges":       columnPrivilegeRows,
		"role_column_grants":      columnPrivilegeRows,
		"enabled_roles":           func(_ *snapshot, b *builder) { b.add() },
		"collations":              collationRows,
		"routines":                routineRows,
	}
}

func schemataRows(_ *snapshot, b *builder) {
	owners := map[string]string{schemaPublic: "pg_database_owner"}
	for _, name := range []string{schemaPublic, schemaInformation, schemaCatalog, schemaFreshet} {
		owner := Owner
		if o, ok := owners[name]; ok {
			owner = o
		}
		b.add("schema_name", name, "schema_owner", owner)
	}
}

// yes writes a boolean as information_schema does.
func yes(on bool) string {
	if on {
		return "YES"
	}
	return "NO"
}

func tableType(o *object) string {
	if o.kind == "v" {
		return "VIEW"
	}
	return "BASE TABLE"
}

func infoTablesRows(s *snapshot, b *builder) {
	for _, o := range s.relations() {
		b.add("table_schema", o.schema, "table_name", o.name, "table_type", tableType(o), "is_insertable_into", "NO", "is_typed", "NO")
	}
}

func infoViewsRows(s *snapshot, b *builder) {
	for _, o := range s.relations() {
		if o.kind == "v" {
			b.add("table_schema", o.schema, "table_name", o.name, "check_option", "NONE", "is_updatable", "NO", "is_insertable_into", "NO",
				"is_trigger_updatable", "NO", "is_trigger_deletable", "NO", "is_trigger_insertable_into", "NO")
		}
	}
}

func infoColumnsRows(s *snapshot, b *builder) {
	b.usual("is_self_referencing", "NO", "is_identity", "NO", "identity_cycle", "NO", "is_generated", "NEVER", "is_updatable", "NO")
	for _, o := range s.relations() {
		for i := range o.attrs {
			a := &o.attrs[i]
			typ, domain := s.c.types.below(a.typ)
			facts := s.c.types.informationType(typ)
			row := []any{"table_schema", o.schema, "table_name", o.name, "column_name", a.name, "ordinal_position", a.num,
				"column_default", orNull(a.defaultText), "is_nullable", yes(!a.notNull), "udt_schema", s.c.types.schemaOf(typ), "udt_name", typ.name,
				"dtd_identifier", strconv.Itoa(a.num)}
			if domain {
				row = append(row, "domain_schema", schemaInformation, "domain_name", a.typ.name)
			}
			b.add(append(row, facts...)...)
		}
	}
}

// below gives the type that a domain stands for.
func (t *typeTable) below(i *typeInfo) (base *typeInfo, domain bool) {
	if i.kind == "d" && t.byOID[i.base] != nil {
		return t.byOID[i.base], true
	}
	return i, false
}

// informationType gives what information_schema tells about a type: pairs of column name and value.
func (t *typeTable) informationType(i *typeInfo) []any {
	name, _ := t.format(i.oid, -1)
	if i.category == "A" && i.length == -1 && i.elem != 0 {
		return []any{"data_type", "ARRAY"}
	}
	out := []any{"data_type", name}
	number := func(precision, radix int, scale any) []any {
		return append(out, "numeric_precision", precision, "numeric_precision_radix", radix, "numeric_scale", scale)
	}
	switch i.oid {
	case 20:
		return number(64, 2, 0)
	case 21:
		return number(16, 2, 0)
	case 23:
		return number(32, 2, 0)
	case 700:
		return number(24, 2, nil)
	case 701:
		return number(53, 2, nil)
	case 1700:
		return append(out, "numeric_precision_radix", 10)
	case 25, 1042, 1043:
		return append(out, "character_octet_length", 1<<30)
	case 1083, 1114, 1184, 1186, 1266:
		return append(out, "datetime_precision", 6)
	case 1082:
		return append(out, "datetime_precision", 0)
	}
	return out
}

func tableConstraintRows(s *snapshot, b *builder) {
	b.usual("is_deferrable", "NO", "initially_deferred", "NO", "enforced", "YES")
	for _, t := range s.tables {
		if t.pkey != nil {
			b.add("constraint_schema", schemaPublic, "constraint_name", t.pkey.name, "table_schema", schemaPublic, "table_name", t.name(),
				"constraint_type", "PRIMARY KEY")
		}
	}
	s.eachNotNull(func(t *table, a *attribute, name string) {
		b.add("constraint_schema", schemaPublic, "constraint_name", name, "table_schema", schemaPublic, "table_name", t.name(),
			"constraint_type", "CHECK")
	})
}

// eachNotNull visits the columns of tables that are not NULL, with the name of the constraint that says so.
func (s *snapshot) eachNotNull(visit func(t *table, a *attribute, name string)) {
	for _, t := range s.tables {
		for i := range t.rel.attrs {
			if a := &t.rel.attrs[i]; a.notNull {
				visit(t, a, decimal(oidPublic)+"_"+decimal(t.oid)+"_"+strconv.Itoa(a.num)+"_not_null")
			}
		}
	}
}

func checkConstraintRows(s *snapshot, b *builder) {
	s.eachNotNull(func(_ *table, a *attribute, name string) {
		b.add("constraint_schema", schemaPublic, "constraint_name", name, "check_clause", a.name+" IS NOT NULL")
	})
}

func keyColumnRows(s *snapshot, b *builder) {
	s.eachKeyColumn(func(t *table, column string, i int) {
		b.add("constraint_schema", schemaPublic, "constraint_name", t.pkey.name, "table_schema", schemaPublic, "table_name", t.name(),
			"column_name", column, "ordinal_position", i+1)
	})
}

func constraintColumnRows(s *snapshot, b *builder) {
	s.eachKeyColumn(func(t *table, column string, _ int) {
		b.add("table_schema", schemaPublic, "table_name", t.name(), "column_name", column, "constraint_schema", schemaPublic,
			"constraint_name", t.pkey.name)
	})
}

func constraintTableRows(s *snapshot, b *builder) {
	for _, t := range s.tables {
		if t.pkey != nil {
			b.add("table_schema", schemaPublic, "table_name", t.name(), "constraint_schema", schemaPublic, "constraint_name", t.pkey.name)
		}
	}
}

func (s *snapshot) eachKeyColumn(visit func(t *table, column string, i int)) {
	for _, t := range s.tables {
		for i, num := range t.key {
			if t.pkey != nil {
				visit(t, t.rel.attrs[num-1].name, i)
			}
		}
	}
}

func elementTypeRows(s *snapshot, b *builder) {
	for _, o := range s.relations() {
		for i := range o.attrs {
			a := &o.attrs[i]
			elem := s.c.types.byOID[a.typ.elem]
			if a.typ.category != "A" || a.typ.length != -1 || elem == nil {
				continue
			}
			name, _ := s.c.types.format(elem.oid, -1)
			b.add("object_schema", o.schema, "object_name", o.name, "object_type", objectType(o),
				"collection_type_identifier", strconv.Itoa(a.num), "data_type", name, "udt_schema", s.c.types.schemaOf(elem), "udt_name", elem.name,
				"dtd_identifier", "a"+strconv.Itoa(a.num))
		}
	}
}

func objectType(o *object) string {
	if o.kind == "v" {
		return "VIEW"
	}
	return "TABLE"
}

func columnTypeRows(s *snapshot, b *builder) {
	for _, o := range s.relations() {
		for i := range o.attrs {
			typ, _ := s.c.types.below(o.attrs[i].typ)
			b.add("udt_schema", s.c.types.schemaOf(typ), "udt_name", typ.name, "table_schema", o.schema, "table_name", o.name,
				"column_name", o.attrs[i].name)
		}
	}
}

func tablePrivilegeRows(s *snapshot, b *builder) {
	for _, o := range s.relations() {
		b.add("grantor", Owner, "table_schema", o.schema, "table_name", o.name, "privilege_type", "SELECT", "is_grantable", "NO",
			"with_hierarchy", "YES")
	}
}

func columnPrivilegeRows(s *snapshot, b *builder) {
	for _, o := range s.relations() {
		for i := range o.attrs {
			b.add("grantor", Owner, "table_schema", o.schema, "table_name", o.name, "column_name", o.attrs[i].name, "privilege_type", "SELECT",
				"is_grantable", "NO")
		}
	}
}

func collationRows(_ *snapshot, b *builder) {
	for _, name := range []string{"default", "C", "POSIX", "ucs_basic"} {
		b.add("collation_schema", schemaCatalog, "collation_name", name, "pad_attribute", "NO PAD")
	}
}

// routineRows are the functions, without arguments: information_schema tells one row for each.
func routineRows(s *snapshot, b *builder) {
	for _, f := range s.c.functions {
		if f.kind != "f" {
			continue
		}
		schema := schemaName(f.namespace)
		row := []any{"specific_schema", schema, "specific_name", f.name + "_" + decimal(f.oid), "routine_schema", schema, "routine_name", f.name,
			"routine_type", "FUNCTION", "routine_body", "EXTERNAL", "external_language", "INTERNAL", "parameter_style", "GENERAL",
			"is_deterministic", "NO", "sql_data_access", "MODIFIES", "is_null_call", "YES", "schema_level_routine", "YES",
			"max_dynamic_result_sets", 0, "security_type", "INVOKER", "as_locator", "NO", "is_udt_dependent", "NO",
			"new_savepoint_level", nil, "dtd_identifier", "0"}
		if typ := s.c.types.byOID[f.result]; typ != nil {
			name, _ := s.c.types.format(typ.oid, -1)
			row = append(row, "data_type", name, "type_udt_schema", s.c.types.schemaOf(typ), "type_udt_name", typ.name)
		}
		b.add(slices.Clip(row)...)
	}
}
