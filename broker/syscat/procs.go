package syscat

import "strconv"

func decimal(oid uint32) string { return strconv.FormatUint(uint64(oid), 10) }

// procRows are Freshet's functions that PostgreSQL does not have. Their arguments are any: the signature tells.
func procRows(s *snapshot, b *builder) {
	b.usual("pronamespace", oidCatalog, "proowner", oidOwner, "prolang", 12, "procost", 1, "prorows", 0, "provariadic", 0, "prosupport", 0,
		"prosecdef", false, "proleakproof", false, "proisstrict", false, "proretset", false, "provolatile", "s", "proparallel", "s",
		"pronargs", 0, "pronargdefaults", 0, "prosrc", "", "proargtypes", []int64{})
	for _, f := range s.c.functions {
		if f.signature != "" {
			b.add("oid", f.oid, "proname", f.name, "prokind", f.kind, "prorettype", f.result)
		}
	}
}

func ownFunctionRows(s *snapshot, b *builder) {
	for _, f := range s.c.describedFunctions() {
		b.add("name", f.name, "aliases", f.aliases, "kind", f.kind, "family", f.family, "signature", f.signature,
			"volatility", f.volatility, "description", f.doc, "example", orNull(f.example))
	}
}

func databaseRows(_ *snapshot, b *builder) {
	b.add("oid", oidDatabase, "datname", "", "datdba", oidOwner, "encoding", 6, "datlocprovider", "c", "datistemplate", false,
		"datallowconn", true, "datconnlimit", -1, "datfrozenxid", 0, "datminmxid", 0, "dattablespace", 1663, "datcollate", "C", "datctype", "C.UTF-8")
}
