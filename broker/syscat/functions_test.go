package syscat

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
)

// invoke calls a function of the session with constants: text, numbers, booleans, nil for NULL.
func invoke(c *Catalog, name string, args ...any) (catalog.Value, error) {
	r, err := function.NewRegistry(c.Functions(session{}), nil)
	if err != nil {
		return catalog.Value{}, err
	}
	f, ok := r.Scalar(name)
	if !ok {
		return catalog.Value{}, fmt.Errorf("no function %s", name)
	}
	values := make([]catalog.Value, len(args))
	list := make([]function.Arg, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case nil:
			values[i] = catalog.NullValue(catalog.Null)
		case string:
			values[i] = catalog.StringValue(a)
		case int:
			values[i] = catalog.IntValue(int64(a))
		case int64:
			values[i] = catalog.LongValue(a)
		case bool:
			values[i] = catalog.BoolValue(a)
		}
		list[i] = function.Arg{Type: values[i].Type, Const: &values[i]}
	}
	b, err := f.Bind(list)
	if err != nil {
		return catalog.Value{}, err
	}
	in := make([]*vec.Vector, len(args))
	var out vec.Vector
	out.Reset(b.Type, 1)
	for i, v := range values {
		if v, err = expr.CastValue(v, b.Args[i]); err != nil {
			return catalog.Value{}, err
		}
		in[i] = &vec.Vector{}
		in[i].SetConst(v, 1)
		if v.Null && b.Strict {
			out.SetNull(0)
		}
	}
	if err := b.Eval(&function.EvalContext{}, in, 1, &out); err != nil {
		return catalog.Value{}, err
	}
	return out.At(0), nil
}

func text(v catalog.Value, err error) string {
	var e *errs.Error
	switch {
	case errors.As(err, &e):
		return e.Code + " " + e.Msg
	case err != nil:
		return "error " + err.Error()
	case v.Null:
		return "NULL"
	}
	return valueText(v)
}

// TestFunctions has answers that PostgreSQL 15 gives for the same table, but for object ids, sizes and rights to write.
func TestFunctions(t *testing.T) {
	c, _ := newCatalog(t, sampleTable(t), plainTable("orderItems", 2))
	oid := int64(now(t, c).byName["t1"].oid)
	key := oid + 3
	for _, x := range []struct {
		name string
		args []any
		want string
	}{
		{"regclassin", []any{"t1"}, fmt.Sprint(oid)}, {"regclassin", []any{"public.t1"}, fmt.Sprint(oid)}, {"regclassin", []any{"shop.public.t1"}, fmt.Sprint(oid)},
		{"regclassin", []any{"pg_class"}, "1259"}, {"regclassin", []any{"pg_catalog.PG_CLASS"}, "1259"}, {"regclassin", []any{"42"}, "42"}, {"regclassin", []any{"-"}, "0"},
		{"regclassin", []any{"nope"}, `42P01 relation "nope" does not exist`}, {"regclassin", []any{`a.b`}, `3F000 schema "a" does not exist`},
		{"regclassin", []any{"public.b"}, `42P01 relation "public.b" does not exist`}, {"regclassin", []any{"other.public.t1"}, `0A000 cross-database references are not implemented: "other.public.t1"`},
		{"regclassin", []any{`"T1"`}, `42P01 relation "T1" does not exist`}, {"regclassin", []any{""}, "42602 invalid name syntax"}, {"regclassin", []any{`"a`}, "42602 invalid name syntax"},
		{"regclassin", []any{nil}, "NULL"}, {"regclassin", []any{"t1_pkey"}, fmt.Sprint(key)},
		{"to_regclass", []any{"nope"}, "NULL"}, {"to_regclass", []any{"pg_type"}, "1247"},
		{"regclassout", []any{oid}, "t1"}, {"regclassout", []any{1259}, "pg_class"}, {"regclassout", []any{77}, "77"}, {"regclassout", []any{0}, "-"},
		{"regclassout", []any{13377}, "information_schema.routines"},
		{"regtypein", []any{"int4"}, "23"}, {"regtypein", []any{"integer"}, "23"}, {"regtypein", []any{"double  precision"}, "701"}, {"regtypein", []any{"character varying(20)"}, "1043"},
		{"regtypein", []any{"int8[]"}, "1016"}, {"regtypein", []any{"pg_catalog.text"}, "25"}, {"regtypein", []any{`"char"`}, "18"}, {"regtypein", []any{"char"}, "1042"},
		{"regtypein", []any{"t1"}, fmt.Sprint(oid + 1)}, {"regtypein", []any{"hstore"}, `42704 type "hstore" does not exist`}, {"to_regtype", []any{"hstore"}, "NULL"},
		{"regtypeout", []any{23}, "integer"}, {"regtypeout", []any{1007}, "integer[]"}, {"regtypeout", []any{18}, `"char"`}, {"regtypeout", []any{oid + 2}, "t1[]"}, {"regtypeout", []any{13340}, "information_schema.referential_constraints[]"},
		{"regprocin", []any{"array_in"}, "750"}, {"regprocin", []any{"pg_catalog.array_in"}, "750"}, {"regprocin", []any{"nope"}, `42883 function "nope" does not exist`},
		{"regprocout", []any{750}, "array_in"}, {"regprocedureout", []any{750}, "array_in(cstring,oid,integer)"}, {"regprocedurein", []any{"array_in(cstring,oid,integer)"}, "750"},
		{"regprocin", []any{"int4in"}, "42"}, {"regprocin", []any{"avg"}, `42725 more than one function named "avg"`},
		{"regnamespacein", []any{"public"}, "2200"}, {"regnamespacein", []any{"zzz"}, `3F000 schema "zzz" does not exist`}, {"regnamespaceout", []any{11}, "pg_catalog"},
		{"regrolein", []any{"freshet"}, "10"}, {"regrolein", []any{"zzz"}, `42704 role "zzz" does not exist`}, {"regroleout", []any{10}, "freshet"},
		{"regoperatorin", []any{"=(integer,integer)"}, "96"}, {"regoperatorout", []any{96}, "=(integer,integer)"}, {"regoperatorout", []any{558}, "-(NONE,integer)"}, {"regoperout", []any{96}, "="}, {"to_regoperator", []any{"=(integer,nope)"}, "NULL"},
		{"format_type", []any{1043, 24}, "character varying(20)"}, {"format_type", []any{1700, 655366}, "numeric(10,2)"}, {"format_type", []any{1114, 3}, "timestamp(3) without time zone"},
		{"format_type", []any{1015, 24}, "character varying(20)[]"}, {"format_type", []any{23, nil}, "integer"}, {"format_type", []any{nil, nil}, "NULL"}, {"format_type", []any{0, nil}, "-"},
		{"format_type", []any{99999, -1}, "???"}, {"format_type", []any{22, -1}, "int2vector"}, {"format_type", []any{oid + 1, -1}, "t1"}, {"format_type", []any{1186, -1}, "interval"},
		{"pg_get_userbyid", []any{10}, "freshet"}, {"pg_get_userbyid", []any{99}, "unknown (OID=99)"},
		{"pg_get_indexdef", []any{key}, "CREATE UNIQUE INDEX t1_pkey ON public.t1 USING btree (s, i)"}, {"pg_get_indexdef", []any{key, 2, true}, "i"},
		{"pg_get_indexdef", []any{key, 0, true}, "CREATE UNIQUE INDEX t1_pkey ON t1 USING btree (s, i)"}, {"pg_get_indexdef", []any{key, 9, false}, ""}, {"pg_get_indexdef", []any{oid}, "NULL"},
		{"pg_get_indexdef", []any{2703}, "CREATE UNIQUE INDEX pg_type_oid_index ON pg_catalog.pg_type USING btree (oid)"},
		{"pg_get_constraintdef", []any{oid + 4, true}, "PRIMARY KEY (s, i)"}, {"pg_get_constraintdef", []any{10116}, "UNIQUE (proname, proargtypes, pronamespace)"},
		{"pg_get_constraintdef", []any{1}, "XX000 cache lookup failed for constraint 1"},
		{"pg_table_is_visible", []any{oid}, "t"}, {"pg_table_is_visible", []any{13377}, "f"}, {"pg_table_is_visible", []any{5}, "NULL"}, {"pg_type_is_visible", []any{23}, "t"},
		{"pg_get_function_arguments", []any{750}, "cstring, oid, integer"}, {"pg_get_function_result", []any{750}, "anyarray"},
		{"has_table_privilege", []any{"t1", "select"}, "t"}, {"has_table_privilege", []any{"ann", oid, "INSERT"}, "f"}, {"has_table_privilege", []any{"t1", "INSERT, SELECT"}, "t"},
		{"has_table_privilege", []any{"t1", "fly"}, `22023 unrecognized privilege type: "fly"`}, {"has_table_privilege", []any{"zzz", "t1", "select"}, `42704 role "zzz" does not exist`},
		{"has_table_privilege", []any{"nope", "select"}, `42P01 relation "nope" does not exist`}, {"has_table_privilege", []any{5, "select"}, "NULL"},
		{"has_any_column_privilege", []any{"ann", `"public"."t1"`, "select"}, "t"}, {"has_column_privilege", []any{"t1", "s", "select"}, "t"},
		{"has_schema_privilege", []any{"public", "USAGE, CREATE"}, "t"}, {"has_schema_privilege", []any{"public", "CREATE"}, "f"}, {"has_schema_privilege", []any{"zzz", "USAGE"}, `3F000 schema "zzz" does not exist`},
		{"has_database_privilege", []any{"shop", "CONNECT"}, "t"}, {"has_database_privilege", []any{"zzz", "CONNECT"}, `3D000 database "zzz" does not exist`}, {"pg_has_role", []any{"freshet", "USAGE"}, "f"},
		{"pg_has_role", []any{"ann", "MEMBER"}, "t"}, {"pg_size_pretty", []any{int64(10239)}, "10239 bytes"}, {"pg_size_pretty", []any{int64(10240)}, "10 kB"}, {"pg_size_pretty", []any{int64(10751)}, "10 kB"},
		{"pg_size_pretty", []any{int64(10752)}, "11 kB"}, {"pg_size_pretty", []any{int64(12345678901)}, "11 GB"}, {"pg_size_pretty", []any{int64(-5000000)}, "-4883 kB"},
		{"pg_total_relation_size", []any{"t1"}, "2000"}, {"pg_relation_size", []any{key}, "0"}, {"pg_relation_size", []any{5}, "NULL"}, {"pg_database_size", []any{"shop"}, "12000"},
		{"pg_encoding_to_char", []any{6}, "UTF8"}, {"pg_encoding_to_char", []any{99}, ""}, {"pg_char_to_encoding", []any{"utf-8"}, "6"}, {"pg_char_to_encoding", []any{"x"}, "-1"},
		{"pg_relation_is_publishable", []any{oid}, "t"}, {"pg_relation_is_publishable", []any{1259}, "f"}, {"pg_index_column_has_property", []any{key, 1, "asc"}, "t"},
		{"pg_index_column_has_property", []any{key, 1, "nope"}, "NULL"}, {"pg_describe_object", []any{1259, oid, 1}, "column s of table t1"}, {"pg_get_serial_sequence", []any{"t1", "s"}, "NULL"},
		{"pg_get_serial_sequence", []any{"t1", "zz"}, `42703 column "zz" of relation "t1" does not exist`}, {"obj_description", []any{oid, "pg_class"}, "a table"}, {"obj_description", []any{oid, "pg_type"}, "NULL"}, {"obj_description", []any{oid}, "a table"}, {"obj_description", []any{oid, "nope"}, "NULL"},
		{"obj_description", []any{2200, "pg_namespace"}, "standard public schema"}, {"obj_description", []any{14000, "pg_namespace"}, "relations of Freshet itself"}, {"obj_description", []any{23, "pg_type"}, "-2 billion to 2 billion integer, 4-byte storage"},
		{"col_description", []any{oid, 1}, "a column"}, {"col_description", []any{oid, 2}, "NULL"}, {"col_description", []any{oid, 99}, "NULL"}, {"col_description", []any{key, 1}, "NULL"},
		{"pg_get_constraintdef", []any{13222, true}, "CHECK (VALUE >= 0)"}, {"inet_client_port", nil, "5000"},
		{"regclassin", []any{"orderItems"}, fmt.Sprint(now(t, c).byName["orderItems"].oid)}, {"regclassout", []any{int64(now(t, c).byName["orderItems"].oid)}, `"orderItems"`},
		{"pg_typeof", []any{int64(1)}, "bigint"}, {"pg_get_expr", []any{"'x'::text", oid}, "'x'::text"}, {"pg_table_is_visible", []any{"a", "b"}, "42883 function pg_table_is_visible(string, string) does not exist"},
	} {
		if got := text(invoke(c, x.name, x.args...)); got != x.want {
			t.Errorf("%s%v = %s, want %s", x.name, x.args, got, x.want)
		}
	}
}

// TestTableRows has the rows of a table that PostgreSQL 15 gives for the same one, object ids by name.
func TestTableRows(t *testing.T) {
	c, _ := newCatalog(t, sampleTable(t))
	s := now(t, c)
	oid := s.byName["t1"].oid
	named := func(row string) string {
		for i, name := range []string{"<t1>", "<type>", "<array>", "<pkey>", "<constraint>"} {
			row = strings.ReplaceAll(row, fmt.Sprint(oid+uint32(i)), name)
		}
		return row
	}
	for _, x := range []struct{ relation, columns, contains, want string }{
		{"pg_catalog.pg_class", "oid,relname,relnamespace,reltype,relowner,relam,reltuples,relhasindex,relkind,relnatts,relreplident", "'t1'",
			"<t1>|'t1'|2200|<type>|10|2|200|true|'r'|12|'d'"},
		{"pg_catalog.pg_class", "oid,relname,relam,relhasindex,relkind,relnatts", "'t1_pkey'", "<pkey>|'t1_pkey'|403|false|'i'|2"},
		{"pg_catalog.pg_attribute", "attrelid,attname,atttypid,attlen,attnum,attndims,attbyval,attalign,attstorage,attnotnull,atthasdef,attcollation", "|'ml'|",
			"<t1>|'ml'|1016|-1|7|1|false|'d'|'x'|false|true|0"},
		{"pg_catalog.pg_index", "indexrelid,indrelid,indnatts,indisunique,indisprimary,indkey,indcollation,indclass,indoption", fmt.Sprint(oid),
			"<pkey>|<t1>|2|true|true|[1 2]|[100 0]|[3126 1978]|[0 0]"},
		{"pg_catalog.pg_constraint", "oid,conname,contype,conrelid,conindid,conkey", "t1_pkey", "<constraint>|'t1_pkey'|'p'|<t1>|<pkey>|[1 2]"},
		{"pg_catalog.pg_tables", "schemaname,tablename,tableowner,hasindexes", "'t1'", "'public'|'t1'|'freshet'|true"},
		{"pg_catalog.pg_indexes", "indexname,indexdef", "t1", "'t1_pkey'|'CREATE UNIQUE INDEX t1_pkey ON public.t1 USING btree (s, i)'"},
		{"information_schema.columns", "table_name,column_name,column_default,is_nullable,data_type,numeric_precision,udt_name", "'t1'|'i'",
			"'t1'|'i'|''-5'::integer'|'NO'|'integer'|32|'int4'"},
		{"information_schema.columns", "table_name,column_name,ordinal_position,data_type,character_octet_length,datetime_precision", "'t1'|'s'", "'t1'|'s'|1|'text'|1073741824|NULL"},
		{"information_schema.element_types", "object_name,collection_type_identifier,data_type,dtd_identifier", "'t1'|'7'", "'t1'|'7'|'bigint'|'a7'"},
		{"information_schema.key_column_usage", "constraint_name,column_name,ordinal_position", "'i'", "'t1_pkey'|'i'|2"},
		{"freshet.tables", "table_name,state,columns,row_count,segments,partitions,primary_key", "", "'t1'|'READY'|12|200|2|1|'s, i'"},
		{"freshet.partitions", "table_name,state,next_offset,high_watermark,lag_offsets,lag_ms,newest_event", "", "'t1'|'CONSUMING'|15|18|3|250|NULL"},
		{"freshet.queries", "query_id,pid,elapsed_ms,query", "", "'q1'|7|5000|'SELECT 1'"},
		{"pg_catalog.pg_stat_activity", "pid,usename,client_addr,client_port,state,query", "7|", "7|'ann'|'10.0.0.1'|5000|'active'|'SELECT 1'"},
		{"pg_catalog.pg_settings", "name,setting,context,source,boot_val,reset_val", "TimeZone", "'TimeZone'|'Europe/Berlin'|'user'|'session'|'UTC'|'UTC'"},
	} {
		schema, name, _ := strings.Cut(x.relation, ".")
		var got []string
		for _, row := range scan(t, c, schema, name, strings.Split(x.columns, ",")...) {
			if strings.Contains(row, x.contains) {
				got = append(got, named(row))
			}
		}
		if len(got) != 1 || got[0] != x.want {
			t.Errorf("%s:\n got %s\nwant %s", x.relation, strings.Join(got, "\n    "), x.want)
		}
	}
	defaults := scan(t, c, "pg_catalog", "pg_attrdef", "adnum", "adbin")
	want := `1|''it''s'::text' 2|''-5'::integer' 3|'true' 7|''{7}'::bigint[]' 9|''-1.5'::numeric'`
	if got := strings.Join(defaults, " "); got != want {
		t.Errorf("defaults:\n got %s\nwant %s", got, want)
	}
}

// TestObjectIDs shows that ids stay while a table lives, whatever comes and goes around it, and over restarts.
func TestObjectIDs(t *testing.T) {
	c, w := newCatalog(t, plainTable("a", 1), plainTable("b", 1))
	before := now(t, c)
	a, b := before.byName["a"].oid, before.byName["b"].oid
	if a < firstTable || b < firstTable || a == b {
		t.Fatalf("object ids %d and %d", a, b)
	}
	if now(t, c) != before {
		t.Error("the snapshot is built again without a change")
	}
	w.tables = append(w.tables[1:], plainTable("c", 1))
	after := now(t, c)
	if after.byName["b"].oid != b || after.byName["a"] != nil {
		t.Errorf("b has id %d, had %d", after.byName["b"].oid, b)
	}
	again := plainTable("b", 1)
	again.Config.Incarnation = "another"
	w.tables = []Table{again}
	if got := now(t, c).byName["b"].oid; got == b {
		t.Errorf("a table that was made again keeps id %d", got)
	}
	other, _ := newCatalog(t, plainTable("b", 1))
	if got := now(t, other).byName["b"].oid; got != b {
		t.Errorf("another process gives b the id %d, not %d", got, b)
	}
	seen := map[uint32]bool{}
	var many []Table
	for i := range 5000 {
		many = append(many, plainTable(fmt.Sprintf("t%d", i), 1))
	}
	w.tables = many
	for _, x := range now(t, c).tables {
		if seen[x.oid] || x.oid >= 1<<31-tableOIDs {
			t.Fatalf("object id %d of %s is taken or too large", x.oid, x.name())
		}
		seen[x.oid] = true
	}
}

// TestNumberLiteral has what pg_get_expr of PostgreSQL 15 gives for a number that was written so.
func TestNumberLiteral(t *testing.T) {
	for in, want := range map[string]string{"0": "0", "2147483647": "2147483647", "2147483648": "'2147483648'::bigint", "-5": "'-5'::integer",
		"-2147483647": "'-2147483647'::integer", "-2147483648": "'-2147483648'::integer", "9223372036854775807": "'9223372036854775807'::bigint",
		"-9223372036854775808": "'-9223372036854775808'::bigint", "9223372036854775808": "'9223372036854775808'::numeric", "1.5": "1.5",
		"-1.5": "'-1.5'::numeric", "1e+20": "'100000000000000000000'::numeric", "1e-07": "0.0000001", "Infinity": "'Infinity'::double precision"} {
		if got := numberLiteral(in); got != want {
			t.Errorf("numberLiteral(%s) = %s, want %s", in, got, want)
		}
	}
}

// TestParseIdent has PostgreSQL 15's answers.
func TestParseIdent(t *testing.T) {
	for in, want := range map[string]string{"public.t1": "public,t1", ` A . "B c" `: "a,B c", `"a""b".c$1`: `a"b,c$1`, "é.x": "é,x"} {
		if got, err := identParts(in); err != nil || strings.Join(got, ",") != want {
			t.Errorf("parse_ident(%s) = %v, %v, want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"a b", "", "a.", "1a", `"a`, ".a", "a..b", `""`} {
		if got, err := identParts(in); err == nil || errs.As(err).Code != "22023" {
			t.Errorf("parse_ident(%s) = %v, %v, want an error 22023", in, got, err)
		}
	}
}
