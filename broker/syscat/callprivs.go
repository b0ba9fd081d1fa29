package syscat

import (
	"slices"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
)

// privilege is a kind of object with the rights that there are, and those that everybody has: SQL only reads.
type privilege struct {
	kind         string
	find         func(q *request, arg any) (exists bool, err error)
	rights, have []string
	column       bool // a column's name or number comes between object and right
}

// privilegeCalls tell what the session may do.
func privilegeCalls() []call {
	none := func(*request, any) (bool, error) { return true, nil }
	relation := func(q *request, arg any) (bool, error) { o, err := q.relation(arg); return o != nil, err }
	tableRights := []string{"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "RULE"}
	columnRights := []string{"SELECT", "INSERT", "UPDATE", "REFERENCES"}
	named := func(find func(q *request, text string) (int64, error)) func(*request, any) (bool, error) {
		return func(q *request, arg any) (bool, error) {
			if text, ok := arg.(string); ok {
				_, err := find(q, text)
				return err == nil, err
			}
			return true, nil
		}
	}
	database := func(q *request, arg any) (bool, error) {
		if text, ok := arg.(string); ok && q.session != nil && text != q.session.Info().Database {
			return false, errs.User(errs.InvalidCatalogName, "database %s does not exist", quoted(text))
		}
		return true, nil
	}
	var out []call
	for _, p := range []privilege{
		{kind: "table", find: relation, rights: tableRights, have: []string{"SELECT"}},
		{kind: "any_column", find: relation, rights: columnRights, have: []string{"SELECT"}},
		{kind: "column", find: relation, rights: columnRights, have: []string{"SELECT"}, column: true},
		{kind: "sequence", find: relation, rights: []string{"USAGE", "SELECT", "UPDATE"}},
		{kind: "schema", find: named((*request).schemaID), rights: []string{"CREATE", "USAGE"}, have: []string{"USAGE"}},
		{kind: "database", find: database, rights: []string{"CREATE", "TEMPORARY", "TEMP", "CONNECT"}, have: []string{"CONNECT"}},
		{kind: "function", find: named((*request).functionID), rights: []string{"EXECUTE"}, have: []string{"EXECUTE"}},
		{kind: "type", find: named((*request).typeID), rights: []string{"USAGE"}, have: []string{"USAGE"}},
		{kind: "language", find: none, rights: []string{"USAGE"}, have: []string{"USAGE"}},
		{kind: "tablespace", find: none, rights: []string{"CREATE"}},
		{kind: "server", find: none, rights: []string{"USAGE"}},
		{kind: "foreign_data_wrapper", find: none, rights: []string{"USAGE"}},
		{kind: "parameter", find: none, rights: []string{"SET", "ALTER SYSTEM"}, have: []string{"SET"}},
	} {
		out = append(out, p.call())
	}
	return append(out, call{name: "pg_has_role", doc: "Whether a user is a member of a role.", forms: []string{"us", "uus"},
		result: catalog.Boolean, eval: hasRole})
}

func (p privilege) call() call {
	forms := []string{"rs", "urs"}
	if p.column {
		forms = []string{"rus", "urus"}
	}
	return call{name: "has_" + p.kind + "_privilege", doc: "Whether a user, the session's by default, has a right.", forms: forms,
		result: catalog.Boolean, eval: func(q *request, args []any) (any, error) {
			if len(args) == len(forms[1]) {
				if err := q.checkUser(args[0]); err != nil {
					return nil, err
				}
				args = args[1:]
			}
			text, _ := args[len(args)-1].(string)
			exists, err := p.find(q, args[0])
			if err != nil {
				return nil, err
			}
			has, err := hasRight(text, p.rights, p.have)
			if err != nil || !exists {
				return nil, err
			}
			return has, nil
		}}
}

// checkUser refuses a user of a name that is neither the session's nor a role's. Object ids need not exist.
func (q *request) checkUser(arg any) error {
	name, ok := arg.(string)
	if !ok || name == "public" || q.session != nil && name == q.session.Info().User {
		return nil
	}
	_, err := q.roleID(quoteIdent(name))
	return err
}

// hasRight reads a list of rights: one of them is enough.
func hasRight(text string, rights, have []string) (bool, error) {
	has := false
	for _, word := range strings.Split(text, ",") {
		right := strings.ToUpper(strings.TrimSpace(word))
		base, grant := strings.CutSuffix(right, " WITH GRANT OPTION")
		if !slices.Contains(rights, base) {
			return false, errs.User(errs.InvalidParameterValue, "unrecognized privilege type: %s", quoted(strings.TrimSpace(word)))
		}
		has = has || !grant && slices.Contains(have, base)
	}
	return has, nil
}

// hasRole: everybody is a member of its own role only, Freshet's role of all.
func hasRole(q *request, args []any) (any, error) {
	user := any("")
	if q.session != nil {
		user = q.session.Info().User
	}
	if len(args) == 3 {
		user, args = args[0], args[1:]
	}
	text, _ := args[1].(string)
	if _, err := hasRight(strings.NewReplacer("with admin option", "", "WITH ADMIN OPTION", "").Replace(text), []string{"MEMBER", "USAGE", "SET"}, nil); err != nil {
		return nil, err
	}
	ids := make([]int64, 2)
	for i, x := range []any{user, args[0]} {
		if name, ok := x.(string); ok {
			id, err := q.roleID(quoteIdent(name))
			if err != nil {
				return nil, err
			}
			ids[i] = id
			continue
		}
		ids[i], _ = x.(int64)
	}
	return ids[0] == ids[1] || ids[0] == oidOwner, nil
}
