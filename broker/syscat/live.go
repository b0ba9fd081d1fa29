package syscat

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/freshetdb/freshet/internal/errs"
)

// liveRows builds rows that may change without a table changing.
type liveRows = func(ctx context.Context, q *request, b *builder) error

func (c *Catalog) declareLive() error {
	for schema, relations := range map[string]map[string]liveRows{
		schemaCatalog: {"pg_authid": authidRows, "pg_roles": rolesRows, "pg_user": userRows, "pg_shadow": shadowRows, "pg_group": groupRows,
			"pg_settings": settingsRows, "pg_stat_activity": activityRows, "pg_timezone_names": zoneRows, "pg_stat_database": statDatabaseRows,
			"pg_stat_user_tables": statTablesRows, "pg_stat_all_tables": statTablesRows, "pg_statio_user_tables": statIORows,
			"pg_statio_all_tables": statIORows, "pg_stat_user_indexes": statIndexesRows, "pg_stat_all_indexes": statIndexesRows},
		schemaFreshet: {"tables": ownTablesRows, "segments": segmentsRows, "partitions": partitionsRows, "queries": queriesRows,
			"sessions": sessionsRows, "settings": ownSettingsRows},
	} {
		for name, f := range relations {
			r, err := c.at(schema, name)
			if err != nil {
				return err
			}
			r.live = f
		}
	}
	return nil
}

// role is a user or one of the roles that PostgreSQL predefines.
type role struct {
	oid               uint32
	name              string
	super, login, all bool // all: every other right
}

// roles lists Freshet's own role, the users of open sessions and the predefined roles.
func (q *request) roles() ([]role, error) {
	out := []role{{oid: oidOwner, name: Owner, super: true, login: true, all: true}}
	names := []string{}
	if q.session != nil {
		names = append(names, q.session.Info().User)
	}
	if q.c.cfg.Activity != nil {
		for _, s := range q.c.cfg.Activity.Sessions() {
			names = append(names, s.User)
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if name != Owner && name != "" {
			out = append(out, role{oid: userOID(name), name: name, login: true})
		}
	}
	t, err := q.c.facts.read("pg_authid")
	if err != nil {
		return nil, err
	}
	for _, r := range t.rows {
		if oid := uint32(t.number(r, "oid")); oid != oidOwner {
			out = append(out, role{oid: oid, name: t.get(r, "rolname")})
		}
	}
	return out, nil
}

// userOID gives a user's object id: from the name, as users are not stored.
func userOID(name string) uint32 {
	if name == Owner {
		return oidOwner
	}
	h := fnv.New32a()
	if _, err := h.Write([]byte(name)); err != nil { // never fails
		return 0
	}
	return firstTable + h.Sum32()%(1<<31-firstTable)
}

func (q *request) eachRole(visit func(r role)) error {
	roles, err := q.roles()
	for _, r := range roles {
		visit(r)
	}
	return err
}

func authidRows(_ context.Context, q *request, b *builder) error {
	return q.eachRole(func(r role) {
		b.add("oid", r.oid, "rolname", r.name, "rolsuper", r.super, "rolinherit", true, "rolcreaterole", r.all, "rolcreatedb", r.all,
			"rolcanlogin", r.login, "rolreplication", r.all, "rolbypassrls", r.all, "rolconnlimit", -1)
	})
}

func rolesRows(_ context.Context, q *request, b *builder) error {
	return q.eachRole(func(r role) {
		b.add("oid", r.oid, "rolname", r.name, "rolsuper", r.super, "rolinherit", true, "rolcreaterole", r.all, "rolcreatedb", r.all,
			"rolcanlogin", r.login, "rolreplication", r.all, "rolbypassrls", r.all, "rolconnlimit", -1, "rolpassword", "********")
	})
}

func userRows(_ context.Context, q *request, b *builder) error {
	return q.eachRole(func(r role) {
		if r.login {
			b.add("usename", r.name, "usesysid", r.oid, "usecreatedb", r.all, "usesuper", r.super, "userepl", r.all, "usebypassrls", r.all,
				"passwd", "********")
		}
	})
}

func shadowRows(_ context.Context, q *request, b *builder) error {
	return q.eachRole(func(r role) {
		if r.login {
			b.add("usename", r.name, "usesysid", r.oid, "usecreatedb", r.all, "usesuper", r.super, "userepl", r.all, "usebypassrls", r.all)
		}
	})
}

func groupRows(_ context.Context, q *request, b *builder) error {
	return q.eachRole(func(r role) {
		if !r.login {
			b.add("groname", r.name, "grosysid", r.oid, "grolist", []int64{})
		}
	})
}

// sortedSettings lists the session's settings by name.
func (q *request) sortedSettings() []Setting {
	if q.session == nil {
		return nil
	}
	out := slices.Clone(q.session.Settings())
	slices.SortFunc(out, func(a, b Setting) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return out
}

// settingsRows are the session's settings; what PostgreSQL says of those it has too comes from the facts.
func settingsRows(_ context.Context, q *request, b *builder) error {
	t, err := q.c.facts.read("settings")
	if err != nil {
		return err
	}
	byName := make(map[string][]string, len(t.rows))
	for _, r := range t.rows {
		byName[strings.ToLower(t.get(r, "name"))] = r
	}
	for _, s := range q.sortedSettings() {
		settingContext, source := "user", "default"
		if s.Fixed {
			settingContext = "internal"
		}
		if s.Value != s.Initial {
			source = "session"
		}
		row := []any{"name", s.Name, "setting", s.Value, "short_desc", s.About, "context", settingContext, "source", source,
			"boot_val", s.Initial, "reset_val", s.Reset, "pending_restart", false, "category", "Customized Options", "vartype", "string"}
		if r, ok := byName[strings.ToLower(s.Name)]; ok {
			row = append(row, "category", t.get(r, "category"), "vartype", t.get(r, "vartype"), "unit", orNull(t.get(r, "unit")),
				"min_val", orNull(t.get(r, "min_val")), "max_val", orNull(t.get(r, "max_val")))
			if text := t.get(r, "enumvals"); text != "" {
				row = append(row, "enumvals", arrayElements(text))
			}
		}
		b.addLast(row)
	}
	return nil
}

// addLast appends a row of pairs, where the last value of a column counts.
func (b *builder) addLast(pairs []any) {
	last := map[any]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		last[pairs[i]] = pairs[i+1]
	}
	flat := make([]any, 0, 2*len(last))
	for k, v := range last {
		flat = append(flat, k, v)
	}
	b.add(flat...)
}

// millis gives an instant, NULL for the zero time.
func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// instantOf gives an instant, NULL for a time that is not known.
func instantOf(ms int64) any {
	if ms <= 0 {
		return nil
	}
	return ms
}

func activityRows(_ context.Context, q *request, b *builder) error {
	if q.c.cfg.Activity == nil {
		return nil
	}
	running := map[int32]int{}
	queries := q.c.cfg.Activity.Queries()
	for i, x := range queries {
		running[x.PID] = i // of several, the youngest
	}
	b.usual("datid", oidDatabase, "backend_type", "client backend")
	for _, s := range q.c.cfg.Activity.Sessions() {
		row := []any{"datname", s.Database, "pid", s.PID, "usesysid", userOID(s.User), "usename", s.User, "application_name", s.Application,
			"backend_start", millis(s.Started)}
		host, port := address(s.Remote)
		if host != "" {
			row = append(row, "client_addr", host, "client_port", port)
		}
		if i, ok := running[s.PID]; ok {
			at := millis(queries[i].Started)
			row = append(row, "state", "active", "query", queries[i].SQL, "query_start", at, "xact_start", at, "state_change", at)
		} else {
			row = append(row, "state", "idle", "query", "")
		}
		b.add(row...)
	}
	return nil
}

func statDatabaseRows(_ context.Context, q *request, b *builder) error {
	sessions := 0
	if q.c.cfg.Activity != nil {
		sessions = len(q.c.cfg.Activity.Sessions())
	}
	name := ""
	if q.session != nil {
		name = q.session.Info().Database
	}
	b.add("datid", oidDatabase, "datname", name, "numbackends", sessions)
	return nil
}

func statTablesRows(ctx context.Context, q *request, b *builder) error {
	b.usual("schemaname", schemaPublic, "n_dead_tup", 0, "n_tup_upd", 0, "n_tup_del", 0, "seq_scan", 0, "seq_tup_read", 0, "n_tup_hot_upd", 0,
		"n_mod_since_analyze", 0, "n_ins_since_vacuum", 0, "vacuum_count", 0, "autovacuum_count", 0, "analyze_count", 0, "autoanalyze_count", 0)
	for _, t := range q.snapshot.tables {
		rows, _ := q.c.size(ctx, t)
		b.add("relid", t.oid, "relname", t.name(), "n_live_tup", max(rows, 0), "n_tup_ins", max(rows, 0))
	}
	return nil
}

func statIORows(_ context.Context, q *request, b *builder) error {
	for _, t := range q.snapshot.tables {
		b.add("relid", t.oid, "schemaname", schemaPublic, "relname", t.name(), "heap_blks_read", 0, "heap_blks_hit", 0)
	}
	return nil
}

func statIndexesRows(_ context.Context, q *request, b *builder) error {
	for _, t := range q.snapshot.tables {
		if t.pkey != nil {
			b.add("relid", t.oid, "indexrelid", t.pkey.oid, "schemaname", schemaPublic, "relname", t.name(), "indexrelname", t.pkey.name,
				"idx_scan", 0, "idx_tup_read", 0, "idx_tup_fetch", 0)
		}
	}
	return nil
}

// zones are time zones that were loaded once.
type zones struct {
	once sync.Once
	list []*time.Location
	err  error
}

// load gives the zones that this machine's data base knows too; one that cannot be used is not listed.
func (z *zones) load() ([]*time.Location, error) {
	z.once.Do(func() {
		t, err := readFacts("zones")
		if err != nil {
			z.err = err
			return
		}
		for _, r := range t.rows {
			if zone, err := time.LoadLocation(t.get(r, "name")); err == nil {
				z.list = append(z.list, zone)
			}
		}
	})
	return z.list, z.err
}

func zoneRows(_ context.Context, q *request, b *builder) error {
	list, err := q.c.zones.load()
	now := q.c.cfg.Clock.Now()
	for _, zone := range list {
		at := now.In(zone)
		abbrev, offset := at.Zone()
		b.add("name", zone.String(), "abbrev", abbrev, "utc_offset", int64(offset)*1000, "is_dst", at.IsDST())
	}
	return err
}

// failed says what could not be listed.
func failed(what, table string, err error) error {
	return errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "cannot list the %s of table %q", what, table).Wrap(fmt.Errorf("%w", err))
}
