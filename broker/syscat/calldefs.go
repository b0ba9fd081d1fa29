package syscat

import (
	"slices"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
)

// visibilityCalls tell whether a bare name means the object: NULL for an id that is nobody's.
func visibilityCalls() []call {
	byID := func(find func(q *request, id int64) (visible, ok bool)) func(*request, []any) (any, error) {
		return func(q *request, args []any) (any, error) {
			id, _ := args[0].(int64)
			visible, ok := find(q, id)
			if !ok {
				return nil, nil
			}
			return visible, nil
		}
	}
	catalogOnly := func(find func(q *request, id int64) (string, bool)) func(*request, []any) (any, error) {
		return byID(func(q *request, id int64) (bool, bool) { _, ok := find(q, id); return ok, ok })
	}
	none := byID(func(*request, int64) (bool, bool) { return false, false })
	var out []call
	for _, v := range []struct {
		name, what string
		eval       func(*request, []any) (any, error)
	}{
		{"pg_table_is_visible", "relation", byID(func(q *request, id int64) (bool, bool) {
			o, ok := q.snapshot.object(uint32(id))
			return ok && q.snapshot.visible(o), ok
		})},
		{"pg_type_is_visible", "type", byID(func(q *request, id int64) (bool, bool) {
			i, static := q.c.types.byOID[uint32(id)]
			_, ok := q.formatType(uint32(id), -1)
			return ok && (!static || i.namespace == oidCatalog), ok
		})},
		{"pg_function_is_visible", "function", byID(func(q *request, id int64) (bool, bool) {
			f, ok := q.c.function(id)
			return ok && f.namespace == oidCatalog, ok
		})},
		{"pg_operator_is_visible", "operator", catalogOnly((*request).operatorName)},
		{"pg_collation_is_visible", "collation", catalogOnly((*request).collationName)},
		{"pg_opclass_is_visible", "operator class", catalogOnly(func(q *request, id int64) (string, bool) { return "", q.isFact("pg_opclass", id) })},
		{"pg_opfamily_is_visible", "operator family", catalogOnly(func(q *request, id int64) (string, bool) { return "", q.isFact("pg_opfamily", id) })},
		{"pg_conversion_is_visible", "conversion", none}, {"pg_statistics_obj_is_visible", "statistics object", none},
		{"pg_ts_config_is_visible", "text search configuration", none}, {"pg_ts_dict_is_visible", "text search dictionary", none},
		{"pg_ts_parser_is_visible", "text search parser", none}, {"pg_ts_template_is_visible", "text search template", none},
	} {
		out = append(out, call{name: v.name, doc: "Whether the bare name of a " + v.what + " finds it.", forms: []string{"o"},
			result: catalog.Boolean, eval: v.eval})
	}
	return out
}

// isFact reports whether a file of facts has a row of that id.
func (q *request) isFact(file string, id int64) bool {
	t, err := q.c.facts.read(file)
	if err != nil {
		return false
	}
	_, ok := t.byOID[id]
	return ok
}

func null(*request, []any) (any, error) { return nil, nil }

// definitionCalls write objects as the statements that would make them.
func definitionCalls() []call {
	text := catalog.String
	out := []call{
		{name: "format_type", doc: "The name of a type with its modifier.", forms: []string{"oi"}, result: text, nulls: true, eval: formatType},
		{name: "pg_get_userbyid", doc: "The name of a role.", forms: []string{"o"}, result: text, eval: func(q *request, args []any) (any, error) {
			id, _ := args[0].(int64)
			if name, ok := q.roleName(id); ok {
				return name, nil
			}
			return "unknown (OID=" + decimal(uint32(id)) + ")", nil
		}},
		{name: "pg_get_expr", doc: "An expression of the catalog as text.", forms: []string{"so", "sob"}, result: text,
			eval: func(_ *request, args []any) (any, error) { return args[0], nil }},
		{name: "pg_get_indexdef", doc: "The statement that makes an index, or one of its columns.", forms: []string{"o", "oib"}, result: text, eval: indexDef},
		{name: "pg_get_constraintdef", doc: "The definition of a constraint.", forms: []string{"o", "ob"}, result: text, eval: constraintDef},
		{name: "pg_get_viewdef", doc: "The query of a view; the catalog's own views have none.", forms: []string{"r", "rb", "ri"}, result: text,
			eval: func(q *request, args []any) (any, error) { _, err := q.relation(args[0]); return nil, err }},
		{name: "pg_get_functiondef", doc: "The statement that would make a function.", forms: []string{"o"}, result: text, eval: functionDef},
		{name: "pg_get_function_arguments", doc: "The arguments of a function.", forms: []string{"o"}, result: text, eval: functionArguments},
		{name: "pg_get_function_identity_arguments", doc: "The arguments that tell a function from others.", forms: []string{"o"}, result: text, eval: functionArguments},
		{name: "pg_get_function_result", doc: "The type that a function gives.", forms: []string{"o"}, result: text, eval: functionResult},
		{name: "obj_description", doc: "The comment on an object of a catalog relation.", forms: []string{"os", "o"}, result: text, eval: objectComment},
		{name: "col_description", doc: "The comment on a column.", forms: []string{"oi"}, result: text, eval: columnComment},
		{name: "pg_get_serial_sequence", doc: "Always NULL: there are no sequences.", forms: []string{"ss"}, result: text, eval: serialSequence},
	}
	for name, forms := range map[string][]string{
		"pg_get_function_arg_default": {"oi"}, "pg_get_function_sqlbody": {"o"}, "pg_get_ruledef": {"o", "ob"}, "pg_get_triggerdef": {"o", "ob"},
		"pg_get_partkeydef": {"o"}, "pg_get_partition_constraintdef": {"o"}, "pg_get_statisticsobjdef": {"o"}, "pg_get_statisticsobjdef_columns": {"o"},
		"shobj_description": {"os"}, "pg_relation_filepath": {"r"},
		"pg_tablespace_location": {"o"},
	} {
		f := call{name: name, doc: "Always NULL: nothing in Freshet has one.", forms: forms, result: text, eval: null}
		if name == "pg_tablespace_location" {
			f.doc, f.eval = "Always empty.", func(*request, []any) (any, error) { return "", nil }
		}
		out = append(out, f)
	}
	return out
}

func formatType(q *request, args []any) (any, error) {
	oid, ok := args[0].(int64)
	if !ok {
		return nil, nil
	}
	typmod := int64(-1)
	if m, ok := args[1].(int64); ok {
		typmod = m
	}
	if oid == 0 {
		return "-", nil
	}
	if text, ok := q.formatType(uint32(oid), typmod); ok {
		return text, nil
	}
	return "???", nil
}

func indexDef(q *request, args []any) (any, error) {
	id, _ := args[0].(int64)
	o, ok := q.snapshot.object(uint32(id))
	if !ok || o.kind != "i" {
		return nil, nil
	}
	if len(args) == 3 {
		column, _ := args[1].(int64)
		switch pretty, _ := args[2].(bool); {
		case column > 0 && column <= int64(len(o.attrs)):
			return quoteIdent(o.attrs[column-1].name), nil
		case column != 0:
			return "", nil
		default:
			return q.indexText(o, pretty), nil
		}
	}
	return q.indexText(o, false), nil
}

// indexText writes an index; pretty leaves out a schema that the search path has.
func (q *request) indexText(o *object, pretty bool) string {
	if o.table != nil {
		text := indexDefinition(o.table)
		if pretty && q.snapshot.visible(o.table.rel) {
			text = strings.Replace(text, " ON "+schemaPublic+".", " ON ", 1)
		}
		return text
	}
	names := make([]string, len(o.attrs))
	for i, a := range o.attrs {
		names[i] = quoteIdent(a.name)
	}
	table := schemaCatalog + "." + quoteIdent(o.indexed.name)
	if pretty {
		table = q.display(o.indexed)
	}
	unique := ""
	if o.unique {
		unique = "UNIQUE "
	}
	return "CREATE " + unique + "INDEX " + quoteIdent(o.name) + " ON " + table + " USING btree (" + strings.Join(names, ", ") + ")"
}

func constraintDef(q *request, args []any) (any, error) {
	id, _ := args[0].(int64)
	if t, ok := q.snapshot.defs[uint32(id)]; ok {
		return "PRIMARY KEY (" + keyColumns(t) + ")", nil
	}
	text, ok := q.c.static.constraints[uint32(id)]
	if !ok {
		return nil, errs.User(errs.Internal, "cache lookup failed for constraint %d", id)
	}
	if len(args) == 2 && args[1] == true {
		return orNull(text.pretty), nil
	}
	return orNull(text.definition), nil
}

func functionDef(q *request, args []any) (any, error) {
	id, _ := args[0].(int64)
	f, ok := q.c.function(id)
	if !ok {
		return nil, errs.User(errs.Internal, "cache lookup failed for function %d", id)
	}
	if f.kind == "a" {
		return nil, errs.User(errs.WrongObjectType, "%s is an aggregate function", quoted(f.name))
	}
	return "CREATE OR REPLACE FUNCTION " + schemaName(f.namespace) + "." + quoteIdent(f.name) + "(" + q.arguments(f) + ")\n RETURNS " +
		q.result(f) + "\n LANGUAGE internal\n" + f.properties + "AS $function$" + f.name + "$function$\n", nil
}

// arguments writes the arguments of a function; Freshet's own functions show those of their signature.
func (q *request) arguments(f *functionFact) string {
	if f.signature == "" {
		return strings.Join(q.argumentTypes(f), ", ")
	}
	if _, args, ok := strings.Cut(f.signature, "("); ok {
		return strings.TrimSuffix(args, ")")
	}
	return ""
}

func (q *request) result(f *functionFact) string {
	text, _ := q.formatType(f.result, -1)
	if f.returnsSet {
		return "SETOF " + text
	}
	return text
}

func functionArguments(q *request, args []any) (any, error) {
	id, _ := args[0].(int64)
	if f, ok := q.c.function(id); ok {
		return q.arguments(f), nil
	}
	return nil, nil
}

func functionResult(q *request, args []any) (any, error) {
	id, _ := args[0].(int64)
	if f, ok := q.c.function(id); ok && f.kind != "p" {
		return q.result(f), nil
	}
	return nil, nil
}

func serialSequence(q *request, args []any) (any, error) {
	o, err := q.relation(args[0])
	if err != nil || o == nil {
		return nil, err
	}
	column, _ := args[1].(string)
	if !slices.ContainsFunc(o.attrs, func(a attribute) bool { return a.name == column }) {
		return nil, errs.User(errs.UndefinedColumn, "column %s of relation %s does not exist", quoted(column), quoted(o.name))
	}
	return nil, nil
}
