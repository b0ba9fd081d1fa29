package syscat

import (
	"context"
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function"
)

// sizeCalls tell how much there is.
func sizeCalls() []call {
	size := func(q *request, args []any) (any, error) {
		o, err := q.relation(args[0])
		if err != nil || o == nil {
			return nil, err
		}
		return q.bytes(o), nil
	}
	whole := func(q *request, _ []any) (any, error) {
		total := int64(0)
		for _, t := range q.snapshot.tables {
			total += q.bytes(t.rel)
		}
		return total, nil
	}
	rows := func(q *request, args []any) (any, error) {
		o, err := q.relation(args[0])
		if err != nil || o == nil || o.table == nil {
			return int64(0), err
		}
		n, _ := q.c.size(context.Background(), o.table)
		return max(n, 0), nil
	}
	zero := func(*request, []any) (any, error) { return int64(0), nil }
	out := []call{
		{name: "pg_relation_size", doc: "Bytes of a table.", forms: []string{"r", "rs"}, eval: size},
		{name: "pg_table_size", doc: "Bytes of a table.", forms: []string{"r"}, eval: size},
		{name: "pg_total_relation_size", doc: "Bytes of a table with its indexes.", forms: []string{"r"}, eval: size},
		{name: "pg_indexes_size", doc: "Always 0: indexes are part of their table.", forms: []string{"r"}, eval: zero},
		{name: "pg_database_size", doc: "Bytes of all tables.", forms: []string{"u"}, eval: whole},
		{name: "pg_tablespace_size", doc: "Bytes of all tables.", forms: []string{"u"}, eval: whole},
		{name: "pg_stat_get_live_tuples", doc: "Rows of a table.", forms: []string{"r"}, eval: rows},
		{name: "pg_stat_get_tuples_inserted", doc: "Rows of a table.", forms: []string{"r"}, eval: rows},
	}
	for _, name := range []string{"numscans", "tuples_returned", "tuples_fetched", "tuples_updated", "tuples_deleted", "tuples_hot_updated",
		"dead_tuples", "blocks_fetched", "blocks_hit", "mod_since_analyze", "vacuum_count", "autovacuum_count", "analyze_count", "autoanalyze_count"} {
		out = append(out, call{name: "pg_stat_get_" + name, doc: "Always 0: not counted.", forms: []string{"o"}, eval: zero})
	}
	for i := range out {
		out[i].result = catalog.Long
	}
	return append(out, call{name: "pg_size_pretty", doc: "A number of bytes with a unit.", forms: []string{"i"}, result: catalog.String,
		eval: func(_ *request, args []any) (any, error) {
			n, _ := args[0].(int64)
			return prettySize(n), nil
		}})
}

// bytes gives a relation's size, 0 where there is none.
func (q *request) bytes(o *object) int64 {
	if o.table == nil || o.kind != "r" {
		return 0
	}
	_, n := q.c.size(context.Background(), o.table)
	return max(n, 0)
}

// prettySize writes bytes as PostgreSQL does: a unit holds up to 10,239 of it, halves round up.
func prettySize(n int64) string {
	units := []string{"bytes", "kB", "MB", "GB", "TB", "PB"}
	limit := int64(10 * 1024)
	halves := n // twice the value, once a unit was passed
	for i, unit := range units {
		if i == 0 {
			if abs(n) < limit {
				return strconv.FormatInt(n, 10) + " " + unit
			}
			halves = n >> 9
			continue
		}
		if rounded := (halves + sign(halves)) / 2; abs(rounded) < limit || i == len(units)-1 {
			return strconv.FormatInt(rounded, 10) + " " + unit
		}
		halves >>= 10
	}
	return ""
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

func sign(n int64) int64 {
	if n < 0 {
		return -1
	}
	return 1
}

// stateCalls tell about the server and the session.
func stateCalls() []call {
	constant := func(x any) func(*request, []any) (any, error) {
		return func(*request, []any) (any, error) { return x, nil }
	}
	instant := func(q *request, _ []any) (any, error) { return q.c.cfg.Started.UnixMilli(), nil }
	remote := func(part int) func(*request, []any) (any, error) {
		return func(q *request, _ []any) (any, error) {
			host, port := address(q.session.Info().Remote)
			if part == 0 {
				return orNull(host), nil
			}
			if n, ok := port.(int); ok {
				return int64(n), nil
			}
			return nil, nil
		}
	}
	return []call{
		{name: "pg_postmaster_start_time", doc: "When the server started.", forms: []string{""}, result: catalog.TimestampTZ, eval: instant},
		{name: "pg_conf_load_time", doc: "When the settings were read: at start.", forms: []string{""}, result: catalog.TimestampTZ, eval: instant},
		{name: "pg_my_temp_schema", doc: "Always 0: there are no temporary tables.", forms: []string{""}, result: catalog.Long, eval: constant(int64(0))},
		{name: "pg_is_other_temp_schema", doc: "Always false.", forms: []string{"o"}, result: catalog.Boolean, eval: constant(false)},
		{name: "inet_server_addr", doc: "Always NULL: not told.", forms: []string{""}, result: catalog.String, eval: null},
		{name: "inet_server_port", doc: "Always NULL: not told.", forms: []string{""}, result: catalog.Int, eval: null},
		{name: "inet_client_addr", doc: "Address of the client.", forms: []string{""}, result: catalog.String, eval: remote(0)},
		{name: "inet_client_port", doc: "Port of the client.", forms: []string{""}, result: catalog.Int, eval: remote(1)},
		{name: "txid_current", doc: "Always 1: statements only read.", forms: []string{""}, result: catalog.Long, eval: constant(int64(1))},
		{name: "pg_current_xact_id", doc: "Always 1: statements only read.", forms: []string{""}, result: catalog.Long, eval: constant(int64(1))},
		{name: "txid_current_if_assigned", doc: "Always NULL.", forms: []string{""}, result: catalog.Long, eval: null},
		{name: "getdatabaseencoding", doc: "Always UTF8.", forms: []string{""}, result: catalog.String, eval: constant("UTF8")},
		{name: "pg_client_encoding", doc: "Always UTF8.", forms: []string{""}, result: catalog.String, eval: constant("UTF8")},
		{name: "pg_advisory_unlock_all", doc: "Does nothing: there are no locks.", forms: []string{""}, result: catalog.String,
			volatile: function.Volatile, eval: constant("")},
		{name: "pg_jit_available", doc: "Always false.", forms: []string{""}, result: catalog.Boolean, eval: constant(false)},
		{name: "row_security_active", doc: "Always false.", forms: []string{"r"}, result: catalog.Boolean, eval: constant(false)},
		{name: "pg_encoding_to_char", doc: "The name of an encoding.", forms: []string{"i"}, result: catalog.String,
			eval: func(_ *request, args []any) (any, error) {
				id, _ := args[0].(int64)
				return map[int64]string{0: "SQL_ASCII", 6: "UTF8", 8: "LATIN1"}[id], nil
			}},
		{name: "pg_char_to_encoding", doc: "The number of an encoding, -1 for one that is not known.", forms: []string{"s"}, result: catalog.Int,
			eval: func(_ *request, args []any) (any, error) {
				name, _ := args[0].(string)
				id, ok := map[string]int64{"sqlascii": 0, "utf8": 6, "unicode": 6, "latin1": 8}[strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))]
				if !ok {
					return int64(-1), nil
				}
				return id, nil
			}},
	}
}

// propertyCalls tell what indexes can do and what relations allow.
func propertyCalls() []call {
	boolean := func(name, doc string, form string, eval func(q *request, args []any) (any, error)) call {
		return call{name: name, doc: doc, forms: []string{form}, result: catalog.Boolean, eval: eval}
	}
	return []call{
		boolean("pg_relation_is_publishable", "Whether a relation is an ordinary table.", "r", func(q *request, args []any) (any, error) {
			o, err := q.relation(args[0])
			if err != nil || o == nil {
				return nil, err
			}
			return o.kind == "r" && !o.fixed, nil
		}),
		boolean("pg_column_is_updatable", "Always false: SQL only reads.", "rib", func(*request, []any) (any, error) { return false, nil }),
		boolean("pg_index_column_has_property", "What a column of an index can do.", "ris", indexColumnProperty),
		boolean("pg_index_has_property", "What an index can do.", "rs", func(q *request, args []any) (any, error) {
			o, err := q.relation(args[0])
			if err != nil || o == nil || o.kind != "i" {
				return nil, err
			}
			return propertyOf(args[1], map[string]bool{"clusterable": true, "index_scan": true, "bitmap_scan": true, "backward_scan": true}), nil
		}),
		boolean("pg_indexam_has_property", "What an access method can do.", "os", func(_ *request, args []any) (any, error) {
			if args[0] != int64(403) {
				return nil, nil
			}
			return propertyOf(args[1], map[string]bool{"can_order": true, "can_unique": true, "can_multi_col": true, "can_exclude": true, "can_include": true}), nil
		}),
		{name: "pg_relation_is_updatable", doc: "Always 0: SQL only reads.", forms: []string{"rb"}, result: catalog.Int,
			eval: func(*request, []any) (any, error) { return int64(0), nil }},
		{name: "pg_sequence_last_value", doc: "Always NULL: there are no sequences.", forms: []string{"r"}, result: catalog.Long, eval: null},
		{name: "pg_describe_object", doc: "An object in words.", forms: []string{"ooi"}, result: catalog.String, eval: describeObject},
	}
}

func propertyOf(name any, properties map[string]bool) any {
	text, _ := name.(string)
	has, ok := properties[strings.ToLower(text)]
	if !ok {
		return nil
	}
	return has
}

func indexColumnProperty(q *request, args []any) (any, error) {
	o, err := q.relation(args[0])
	column, _ := args[1].(int64)
	if err != nil || o == nil || o.kind != "i" || column < 1 || column > int64(len(o.attrs)) {
		return nil, err
	}
	return propertyOf(args[2], map[string]bool{"asc": true, "desc": false, "nulls_first": false, "nulls_last": true, "orderable": true,
		"distance_orderable": false, "returnable": true, "search_array": true, "search_nulls": true}), nil
}

// describeObject words relations, columns, types and schemas.
func describeObject(q *request, args []any) (any, error) {
	class, _ := args[0].(int64)
	id, _ := args[1].(int64)
	column, _ := args[2].(int64)
	kinds := map[string]string{"r": "table", "v": "view", "i": "index"}
	switch class {
	case 1259:
		o, ok := q.snapshot.object(uint32(id))
		if !ok {
			break
		}
		text := kinds[o.kind] + " " + q.display(o)
		if column > 0 && column <= int64(len(o.attrs)) {
			return "column " + quoteIdent(o.attrs[column-1].name) + " of " + text, nil
		}
		return text, nil
	case 1247:
		if name, ok := q.typeName(id); ok {
			return "type " + name, nil
		}
	case 2615:
		if name, ok := q.schemaName(id); ok {
			return "schema " + quoteIdent(name), nil
		}
	case 1255:
		if name, ok := q.procedureName(id); ok {
			return "function " + name, nil
		}
	default:
		return nil, errs.User(errs.InvalidParameterValue, "unsupported object class: %d", class)
	}
	return nil, nil
}
