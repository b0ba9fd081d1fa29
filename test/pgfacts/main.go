// Command pgfacts writes the tables of facts in broker/syscat/data from a PostgreSQL 15 server: which columns the catalog
// relations have, and the rows that are the same in every database. Run it against a fresh server whose superuser is
// called freshet:
//
//	go run ./test/pgfacts -dsn 'host=127.0.0.1 user=freshet dbname=postgres' -out broker/syscat/data
//
// A file begins with a line of column names; "name=text" gives the value that an empty field of the column stands for,
// the most frequent one. Fields are PostgreSQL's text form, NULL is \N, the empty text \e, escapes are those of COPY.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// relations are those whose rows are kept, with the condition that says which rows.
var relations = map[string]string{
	"pg_type": "", "pg_proc": "", "pg_operator": "", "pg_cast": "", "pg_opclass": "", "pg_opfamily": "", "pg_amop": "",
	"pg_amproc": "", "pg_am": "", "pg_language": "lanname <> 'plpgsql'", "pg_aggregate": "", "pg_range": "",
	"pg_collation": "collname in ('default','C','POSIX','ucs_basic') or collname = 'C.UTF-8'", "pg_tablespace": "",
	"pg_namespace":  "",
	"pg_class":      "relkind <> 't'",
	"pg_attribute":  "attnum > 0 and attrelid in (select oid from pg_class where relkind <> 't')",
	"pg_index":      "indrelid in (select oid from pg_class where relkind <> 't')",
	"pg_constraint": "connamespace <> 2200",
	"pg_authid":     "", "pg_auth_members": "",
	"pg_description": describedSQL,
}

// describedSQL leaves out comments on what Freshet does not have: text search, conversions, extensions.
const describedSQL = `classoid in ('pg_type'::regclass, 'pg_proc'::regclass, 'pg_operator'::regclass, 'pg_am'::regclass, 'pg_language'::regclass,
	'pg_namespace'::regclass, 'pg_collation'::regclass, 'pg_cast'::regclass, 'pg_opclass'::regclass, 'pg_opfamily'::regclass)
	and not (classoid = 'pg_language'::regclass and description ~ '^PL/pgSQL')`

// replaced are columns whose values say something about the server's storage or sources, and what stands there instead.
var replaced = map[string]string{
	"pg_class.relpages": "0", "pg_class.relfilenode": "0", "pg_class.reltoastrelid": "0", "pg_class.relfrozenxid": "0",
	"pg_class.relminmxid": "0", "pg_class.relallvisible": "0", "pg_class.reltuples": "-1",
	"pg_type.typdefaultbin": "null", "pg_proc.proargdefaults": "null", "pg_proc.prosrc": "''", "pg_proc.probin": "null",
	"pg_proc.prosqlbody": "null", "pg_authid.rolpassword": "null", "pg_constraint.conbin": "null",
	"pg_index.indexprs": "null", "pg_index.indpred": "null",
}

func main() {
	dsn := flag.String("dsn", "", "connection string of a PostgreSQL 15 server")
	out := flag.String("out", "", "folder to write to")
	flag.Parse()
	if err := run(context.Background(), *dsn, *out); err != nil {
		fmt.Fprintln(os.Stderr, "pgfacts:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dsn, out string) error {
	conn, err := pgconn.Connect(ctx, dsn)
	if err != nil {
		return fmt.Errorf("cannot connect: %w", err)
	}
	d := &dumper{ctx: ctx, conn: conn, out: out}
	if err := d.all(); err != nil {
		return err
	}
	return conn.Close(ctx)
}

type dumper struct {
	ctx  context.Context
	conn *pgconn.PgConn
	out  string
}

func (d *dumper) all() error {
	if err := d.dump("columns", columnsSQL); err != nil {
		return err
	}
	if err := d.dump("keywords", "select word, catcode, barelabel, catdesc, baredesc from pg_get_keywords() order by 1"); err != nil {
		return err
	}
	if err := d.dump("zones", "select name from pg_timezone_names where name !~ '^posix' and name <> 'Factory' order by name collate \"C\""); err != nil {
		return err
	}
	if err := d.dump("settings", `select name, unit, category, context, vartype, min_val, max_val, enumvals from pg_settings order by name collate "C"`); err != nil {
		return err
	}
	for name, where := range relations {
		list, err := d.columns(name)
		if err != nil {
			return err
		}
		if name == "pg_proc" {
			list += ", " + supportSQL + " as support"
		}
		if name == "pg_constraint" {
			list += ", pg_get_constraintdef(oid) as definition, pg_get_constraintdef(oid, true) as pretty"
		}
		text := "select " + list + " from pg_catalog." + name
		if where != "" {
			text += " where " + where
		}
		if err := d.dump(name, text+" order by "+orElse(orders[name], "1, 2")); err != nil {
			return err
		}
	}
	return nil
}

// orders are the orders that differ from that of the first two columns: aggregates without ORDER BY show them.
var orders = map[string]string{"pg_opclass": "ctid", "pg_type": "ctid", "pg_description": "classoid, objoid, objsubid", "pg_attribute": "attrelid, attnum"}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// columnsSQL lists the columns of all relations. base is the type that a domain stands for.
const columnsSQL = `select n.nspname as schema, c.relname as relation, a.attname as column,
	case when t.typtype = 'd' then t.typbasetype else t.oid end as base
	from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid join pg_type t on t.oid = a.atttypid
	where c.relkind in ('r', 'v') and n.nspname in ('pg_catalog', 'information_schema') and attnum > 0
	order by n.nspname desc, c.relname collate "C", a.attnum`

// supportSQL says of a function that another catalog refers to it.
const supportSQL = `oid in (select unnest(array[typinput, typoutput, typreceive, typsend, typmodin, typmodout, typanalyze, typsubscript]::oid[]) from pg_type
	union all select unnest(array[oprcode, oprrest, oprjoin]::oid[]) from pg_operator union all select castfunc from pg_cast
	union all select amhandler from pg_am union all select amproc from pg_amproc
	union all select unnest(array[aggtransfn, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn, aggmtransfn, aggminvtransfn, aggmfinalfn]::oid[]) from pg_aggregate
	union all select unnest(array[rngcanonical, rngsubdiff]::oid[]) from pg_range
	union all select unnest(array[laninline, lanvalidator, lanplcallfoid]) from pg_language)`

// columns gives the select list of a relation.
func (d *dumper) columns(name string) (string, error) {
	_, rows, err := d.query(`select attname, atttypid::regtype from pg_attribute where attrelid = '` + name + `'::regclass and attnum > 0 order by attnum`)
	if err != nil {
		return "", err
	}
	list := make([]string, len(rows))
	for i, r := range rows {
		column := *r[0]
		switch with, ok := replaced[name+"."+column]; {
		case ok:
			list[i] = with + ` as "` + column + `"`
		case strings.HasPrefix(*r[1], "reg"):
			list[i] = column + "::oid"
		default:
			list[i] = column
		}
	}
	return strings.Join(list, ", "), nil
}

func (d *dumper) query(text string) (columns []string, rows [][]*string, err error) {
	results, err := d.conn.Exec(d.ctx, text).ReadAll()
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", text, err)
	}
	for _, f := range results[0].FieldDescriptions {
		columns = append(columns, f.Name)
	}
	for _, r := range results[0].Rows {
		row := make([]*string, len(r))
		for i, v := range r {
			if v != nil {
				s := string(v)
				row[i] = &s
			}
		}
		rows = append(rows, row)
	}
	return columns, rows, nil
}

// dump writes what a query gives.
func (d *dumper) dump(name, text string) error {
	columns, rows, err := d.query(text)
	if err != nil {
		return err
	}
	usual := make([]string, len(columns))
	for c := range columns {
		counts := map[string]int{}
		for _, r := range rows {
			f := field(r[c])
			if counts[f]++; counts[f] > counts[usual[c]] {
				usual[c] = f
			}
		}
	}
	var b strings.Builder
	for c, column := range columns {
		fmt.Fprintf(&b, "%s%s=%s", tab(c), column, usual[c])
	}
	b.WriteByte('\n')
	for _, r := range rows {
		for c := range columns {
			f := field(r[c])
			if f == usual[c] {
				f = ""
			}
			b.WriteString(tab(c) + f)
		}
		b.WriteByte('\n')
	}
	return os.WriteFile(filepath.Join(d.out, name+".tsv"), []byte(b.String()), 0o644)
}

func tab(column int) string {
	if column == 0 {
		return ""
	}
	return "\t"
}

func field(v *string) string {
	switch {
	case v == nil:
		return `\N`
	case *v == "":
		return `\e`
	}
	return strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`).Replace(*v)
}
