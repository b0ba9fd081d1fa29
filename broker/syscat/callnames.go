package syscat

import (
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
)

// nameCalls turn names into object ids and back: what PostgreSQL does by casts to regclass, regtype and so on.
func nameCalls() []call {
	type finder = func(q *request, text string) (int64, error)
	type namer = func(q *request, id int64) (string, bool)
	var out []call
	for _, k := range []struct {
		kind, what string
		find       finder
		name       namer
	}{
		{"regclass", "a relation", (*request).relationID, (*request).relationName},
		{"regtype", "a type", (*request).typeID, (*request).typeName},
		{"regproc", "a function", (*request).functionID, (*request).functionName},
		{"regprocedure", "a function", (*request).functionID, (*request).procedureName},
		{"regnamespace", "a schema", (*request).schemaID, (*request).schemaName},
		{"regrole", "a role", (*request).roleID, (*request).roleName},
		{"regcollation", "a collation", (*request).collationID, (*request).collationName},
		{"regoper", "an operator", (*request).operatorID, (*request).operatorName},
		{"regoperator", "an operator", (*request).operatorID, (*request).operandsName},
	} {
		in := func(q *request, args []any) (any, error) {
			text, _ := args[0].(string)
			if id, err := strconv.ParseUint(text, 10, 32); err == nil {
				return int64(id), nil
			}
			if text == "-" {
				return int64(0), nil
			}
			return intResult(k.find(q, text))
		}
		out = append(out, call{name: k.kind + "in", doc: "The object id of " + k.what + ", from its name or number.", forms: []string{"s"},
			result: catalog.Long, eval: in},
			call{name: "to_" + k.kind, doc: "The object id of " + k.what + ", NULL if there is none of that name.", forms: []string{"s"},
				result: catalog.Long, eval: func(q *request, args []any) (any, error) {
					id, err := in(q, args)
					if err != nil {
						return nil, nil //nolint:nilerr // a name that means nothing is the answer, not a failure
					}
					return id, nil
				}},
			call{name: k.kind + "out", doc: "The name of " + k.what + ", or its object id as text.", forms: []string{"o"}, result: catalog.String,
				eval: func(q *request, args []any) (any, error) {
					id, _ := args[0].(int64)
					if id == 0 {
						return "-", nil
					}
					if name, ok := k.name(q, id); ok {
						return name, nil
					}
					return strconv.FormatInt(id, 10), nil
				}})
	}
	return out
}

func intResult(id int64, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return id, nil
}

// relationID finds a relation by the text of a name.
func (q *request) relationID(text string) (int64, error) {
	parts, err := splitName(text)
	if err != nil {
		return 0, err
	}
	if len(parts) == 3 { // database.schema.name
		if q.session != nil && parts[0] != q.session.Info().Database {
			return 0, errs.User(errs.FeatureNotSupported, "cross-database references are not implemented: %s", quoted(text))
		}
		parts = parts[1:]
	}
	schema, name := "", parts[len(parts)-1]
	if len(parts) == 2 {
		schema = parts[0]
	}
	if len(parts) > 2 {
		return 0, errs.User("42601", "improper relation name (too many dotted names): %s", text)
	}
	if _, err := q.schemaID(quoteIdent(schema)); schema != "" && err != nil {
		return 0, err
	}
	if o, ok := q.snapshot.named(schema, name); ok {
		return int64(o.oid), nil
	}
	if o := q.anyCase(schema, lastPart(text)); o != nil {
		return int64(o.oid), nil
	}
	return 0, errs.User(errs.UndefinedTable, "relation %s does not exist", quoted(strings.Join(parts, ".")))
}

// anyCase finds a table whose name keeps a case that the text of a name has lost: the only one that differs in nothing else.
func (q *request) anyCase(schema, name string) *object {
	var found *object
	for _, t := range q.snapshot.tables {
		if schema != "" && schema != schemaPublic || !strings.EqualFold(t.name(), name) {
			continue
		}
		if t.name() == name {
			return t.rel
		}
		if found != nil {
			return nil
		}
		found = t.rel
	}
	return found
}

func quoted(text string) string { return `"` + text + `"` }

// lastPart is what stands behind the last dot, as written.
func lastPart(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '.')+1:]
}

func (q *request) relationName(id int64) (string, bool) {
	o, ok := q.snapshot.object(uint32(id))
	if !ok {
		return "", false
	}
	return q.display(o), true
}

// display writes a relation's name, with its schema where the bare name does not find it.
func (q *request) display(o *object) string {
	if q.snapshot.visible(o) {
		return quoteIdent(o.name)
	}
	return quoteIdent(o.schema) + "." + quoteIdent(o.name)
}

func (q *request) typeID(text string) (int64, error) {
	if i, ok := q.c.types.find(text); ok {
		return int64(i.oid), nil
	}
	base, array := strings.CutSuffix(strings.TrimSpace(text), "[]")
	parts, err := splitName(base)
	if err != nil {
		return 0, err
	}
	name := parts[len(parts)-1]
	for _, t := range q.snapshot.tables { // row types
		switch {
		case len(parts) == 2 && parts[0] != schemaPublic:
		case t.name() == name && array, "_"+t.name() == name:
			return int64(t.arrayType()), nil
		case t.name() == name:
			return int64(t.rowType()), nil
		}
	}
	return 0, errs.User(errs.UndefinedObject, "type %s does not exist", quoted(strings.Join(parts, ".")))
}

func (q *request) typeName(id int64) (string, bool) { return q.formatType(uint32(id), -1) }

// formatType gives a type's name; ok is false for an id that is no type's.
func (q *request) formatType(oid uint32, typmod int64) (string, bool) {
	if text, ok := q.c.types.format(oid, typmod); ok {
		return text, true
	}
	if o, ok := q.snapshot.byOID[oid-1]; ok && o.kind == "r" && o.table.rowType() == oid {
		return quoteIdent(o.name), true
	}
	if o, ok := q.snapshot.byOID[oid-2]; ok && o.kind == "r" && o.table.arrayType() == oid {
		return quoteIdent(o.name) + "[]", true
	}
	return "", false
}

// functionID finds a function by name; a list of argument types may follow. Of several the first one counts.
func (q *request) functionID(text string) (int64, error) {
	name, args, listed := strings.Cut(text, "(")
	parts, err := splitName(name)
	if err != nil {
		return 0, err
	}
	last := parts[len(parts)-1]
	var found *functionFact
	matches := 0
	for i := range q.c.functions {
		f := &q.c.functions[i]
		if f.name != last || len(parts) == 2 && parts[0] != schemaName(f.namespace) {
			continue
		}
		if listed && !q.sameArguments(f, strings.TrimSuffix(strings.TrimSpace(args), ")")) {
			continue
		}
		if found == nil {
			found = f
		}
		matches++
	}
	switch {
	case found == nil:
		return 0, errs.User(errs.UndefinedFunction, "function %s does not exist", quoted(text))
	case matches > 1 && !listed:
		return 0, errs.User("42725", "more than one function named %s", quoted(text))
	}
	return int64(found.oid), nil
}

func (q *request) sameArguments(f *functionFact, list string) bool {
	var names []string
	if strings.TrimSpace(list) != "" {
		names = strings.Split(list, ",")
	}
	if len(names) != len(f.args) {
		return false
	}
	for i, n := range names {
		id, err := q.typeID(n)
		if err != nil || strconv.FormatInt(id, 10) != f.args[i] {
			return false
		}
	}
	return true
}

func (c *Catalog) function(id int64) (*functionFact, bool) {
	f, ok := c.byFunction[id]
	return f, ok
}

func (q *request) functionName(id int64) (string, bool) {
	f, ok := q.c.function(id)
	if !ok {
		return "", false
	}
	return quoteIdent(f.name), true
}

func (q *request) procedureName(id int64) (string, bool) {
	f, ok := q.c.function(id)
	if !ok {
		return "", false
	}
	return quoteIdent(f.name) + "(" + strings.Join(q.argumentTypes(f), ",") + ")", true
}

func (q *request) argumentTypes(f *functionFact) []string {
	out := make([]string, len(f.args))
	for i, a := range f.args {
		out[i] = a
		if id, err := strconv.ParseUint(a, 10, 32); err == nil {
			if name, ok := q.formatType(uint32(id), -1); ok {
				out[i] = name
			}
		}
	}
	return out
}

// schemas are the schemas by object id.
func schemas() map[int64]string {
	return map[int64]string{oidCatalog: schemaCatalog, oidPublic: schemaPublic, 13207: schemaInformation, oidFreshet: schemaFreshet, 99: "pg_toast"}
}

func (q *request) schemaID(text string) (int64, error) {
	parts, err := splitName(text)
	if err != nil {
		return 0, err
	}
	for id, name := range schemas() {
		if name == parts[len(parts)-1] {
			return id, nil
		}
	}
	return 0, errs.User("3F000", "schema %s does not exist", quoted(parts[len(parts)-1]))
}

func (q *request) schemaName(id int64) (string, bool) {
	name, ok := schemas()[id]
	return name, ok
}

func (q *request) roleID(text string) (int64, error) {
	parts, err := splitName(text)
	if err != nil {
		return 0, err
	}
	roles, err := q.roles()
	if err != nil {
		return 0, err
	}
	for _, r := range roles {
		if r.name == parts[0] || r.name == text {
			return int64(r.oid), nil
		}
	}
	return 0, errs.User(errs.UndefinedObject, "role %s does not exist", quoted(text))
}

func (q *request) roleName(id int64) (string, bool) {
	roles, err := q.roles()
	if err != nil {
		return "", false
	}
	for _, r := range roles {
		if int64(r.oid) == id {
			return r.name, true
		}
	}
	return "", false
}

// collations are the collations by object id.
func collations() map[int64]string {
	return map[int64]string{100: "default", 950: "C", 951: "POSIX", 12340: "ucs_basic"}
}

func (q *request) collationID(text string) (int64, error) {
	parts, err := splitName(text)
	if err != nil {
		return 0, err
	}
	for id, name := range collations() {
		if name == parts[len(parts)-1] || strings.EqualFold(name, text) {
			return id, nil
		}
	}
	return 0, errs.User(errs.UndefinedObject, "collation %s for encoding \"UTF8\" does not exist", quoted(text))
}

func (q *request) collationName(id int64) (string, bool) {
	name, ok := collations()[id]
	return quoteIdent(name), ok
}

func (q *request) operatorID(text string) (int64, error) {
	t, err := q.c.facts.read("pg_operator")
	if err != nil {
		return 0, err
	}
	name, args, listed := strings.Cut(text, "(")
	name = strings.TrimPrefix(strings.TrimSpace(name), schemaCatalog+".")
	want := strings.Split(strings.TrimSuffix(strings.TrimSpace(args), ")"), ",")
	found, matches := int64(0), 0
	for _, r := range t.rows {
		if t.get(r, "oprname") != name {
			continue
		}
		if listed && !q.sameOperands(t, r, want) {
			continue
		}
		found = t.number(r, "oid")
		matches++
	}
	switch {
	case matches == 0:
		return 0, errs.User(errs.UndefinedFunction, "operator does not exist: %s", text)
	case matches > 1:
		return 0, errs.User("42725", "more than one operator named %s", text)
	}
	return found, nil
}

func (q *request) sameOperands(t *factTable, row []string, want []string) bool {
	if len(want) != 2 {
		return false
	}
	for i, column := range []string{"oprleft", "oprright"} {
		if strings.EqualFold(strings.TrimSpace(want[i]), "none") {
			if t.number(row, column) != 0 {
				return false
			}
			continue
		}
		id, err := q.typeID(want[i])
		if err != nil || id != t.number(row, column) {
			return false
		}
	}
	return true
}

// operandsName is an operator with the types of its operands.
func (q *request) operandsName(id int64) (string, bool) {
	t, err := q.c.facts.read("pg_operator")
	if err != nil {
		return "", false
	}
	r, ok := t.byOID[id]
	if !ok {
		return "", false
	}
	types := make([]string, 2)
	for i, column := range []string{"oprleft", "oprright"} {
		if types[i], ok = q.formatType(uint32(t.number(r, column)), -1); !ok {
			types[i] = "NONE"
		}
	}
	return t.get(r, "oprname") + "(" + strings.Join(types, ",") + ")", true
}

func (q *request) operatorName(id int64) (string, bool) {
	t, err := q.c.facts.read("pg_operator")
	if err != nil {
		return "", false
	}
	r, ok := t.byOID[id]
	if !ok {
		return "", false
	}
	return t.get(r, "oprname"), true
}
