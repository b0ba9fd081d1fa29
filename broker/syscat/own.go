package syscat

import (
	"slices"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/function"
)

var stringArray = catalog.String.Array()

// ownRelations are the relations of schema freshet: pairs of column name and PostgreSQL type.
func ownRelations() map[string][]Column {
	text := func(names ...string) []Column { return columnsOf(25, catalog.String, names) }
	long := func(names ...string) []Column { return columnsOf(20, catalog.Long, names) }
	instant := func(names ...string) []Column { return columnsOf(1184, catalog.TimestampTZ, names) }
	integer := func(names ...string) []Column { return columnsOf(23, catalog.Int, names) }
	return map[string][]Column{
		"tables": slices.Concat(text("table_name", "table_type", "time_column", "topic", "state", "reason"), integer("columns"),
			long("row_count", "bytes"), integer("segments", "partitions", "schema_version", "config_version"), text("primary_key", "incarnation")),
		"segments": slices.Concat(text("table_name", "segment_name", "status"), integer("partition_id"), long("sequence", "start_offset",
			"end_offset", "row_count", "bytes"), instant("min_time", "max_time", "created_at")),
		"partitions": slices.Concat(text("table_name"), integer("partition_id"), text("state", "reason", "segment_name"),
			long("start_offset", "next_offset", "high_watermark", "lag_offsets", "lag_ms", "row_count"), instant("consumed_at", "newest_event")),
		"queries": slices.Concat(text("query_id", "client_query_id"), integer("pid"), text("user_name", "database_name",
			"application_name", "client_address"), instant("started_at"), long("elapsed_ms"), text("query")),
		"sessions": slices.Concat(integer("pid"), text("user_name", "database_name", "application_name", "client_address", "protocol"),
			instant("started_at")),
		"settings":  slices.Concat(text("name", "value", "initial_value", "reset_value"), columnsOf(16, catalog.Boolean, []string{"settable"}), text("description")),
		"functions": slices.Concat(text("name"), columnsOf(1009, stringArray, []string{"aliases"}), text("kind", "family", "signature", "volatility", "description", "example")),
	}
}

func columnsOf(oid uint32, t catalog.Type, names []string) []Column {
	out := make([]Column, len(names))
	for i, n := range names {
		out[i] = Column{Name: n, Type: t, OID: oid}
	}
	return out
}

// ownNames are the relations of schema freshet in the order of their object ids: new ones go to the end.
func ownNames() []string {
	return []string{"tables", "segments", "partitions", "queries", "sessions", "settings", "functions"}
}

func (c *Catalog) declareOwn() {
	relations := ownRelations()
	for _, name := range ownNames() {
		for _, column := range relations[name] {
			c.addColumn(schemaFreshet, name, column)
		}
	}
	for name, columns := range functionRelations() {
		for _, column := range columns {
			c.addColumn(schemaCatalog, name+"()", column)
		}
	}
}

// functionRelations are functions without arguments that stand for relations in FROM.
func functionRelations() map[string][]Column {
	return map[string][]Column{
		"pg_get_keywords": slices.Concat(columnsOf(25, catalog.String, []string{"word"}), columnsOf(18, catalog.String, []string{"catcode"}),
			columnsOf(16, catalog.Boolean, []string{"barelabel"}), columnsOf(25, catalog.String, []string{"catdesc", "baredesc"})),
	}
}

// described is a function for pg_proc and freshet.functions.
type described struct {
	name, kind, family, signature, volatility, doc, example string
	aliases                                                 []string
}

// describedFunctions lists all functions: scalars, aggregates and those of a session over the catalog.
func (c *Catalog) describedFunctions() []described {
	var out []described
	volatility := []string{"immutable", "stable", "volatile"}
	for _, f := range slices.Concat(c.cfg.Scalars, c.Functions(nil)) {
		out = append(out, described{name: strings.ToLower(f.Name), kind: "scalar", family: f.Family, signature: f.Signature,
			volatility: volatility[min(int(f.Volatility), len(volatility)-1)], doc: f.Doc, example: f.Example, aliases: lowered(f.Aliases)})
	}
	for _, f := range c.cfg.Aggregates {
		out = append(out, described{name: strings.ToLower(f.Name), kind: "aggregate", family: f.Family, signature: f.Signature,
			volatility: "immutable", doc: f.Doc, example: f.Example, aliases: lowered(f.Aliases)})
	}
	slices.SortStableFunc(out, func(a, b described) int { return strings.Compare(a.name, b.name) })
	return slices.CompactFunc(out, func(a, b described) bool { return a.name == b.name && a.kind == b.kind })
}

func lowered(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = strings.ToLower(n)
	}
	return out
}

// ownFunctions are the functions that PostgreSQL does not have under any of their names.
func (c *Catalog) ownFunctions(seen map[string]bool) []functionFact {
	var out []functionFact
	for _, f := range c.describedFunctions() {
		if seen[function.Canonical(f.name)] || slices.ContainsFunc(f.aliases, func(a string) bool { return seen[function.Canonical(a)] }) {
			continue
		}
		kind := "f"
		if f.kind == "aggregate" {
			kind = "a"
		}
		out = append(out, functionFact{oid: oidOwnFunction + uint32(len(out)), namespace: oidCatalog, result: 2276, name: f.name, kind: kind,
			signature: f.signature})
	}
	return out
}
