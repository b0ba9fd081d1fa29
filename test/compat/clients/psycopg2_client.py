"""psycopg2: text results, parameters spliced by the client, libpq underneath."""

import time

import psycopg2
import psycopg2.extensions
from compat import *

conn = psycopg2.connect(application_name="compat psycopg2", **PG)
cur = conn.cursor()


def text_json(value, cursor):
    return value


# JSON as the server sent it, not parsed.
psycopg2.extensions.register_type(psycopg2.extensions.new_type((114,), "JSONTEXT", text_json), conn)
cur.execute(ALL)
check_rows("types", cur.fetchall())
check("type codes", [d.type_code for d in cur.description][:11], [20, 23, 20, 700, 701, 1700, 16, 1114, 25, 114, 17])

for c, text in scalars():
    if c["type"] == "JSON":
        continue
    cast = "::real" if c["type"] == "FLOAT" else ""
    cur.execute(f"SELECT id FROM types WHERE {c['name']} = %s{cast} ORDER BY id", (native(c, text),))
    check(f"parameter {c['type']} {text}", [r[0] for r in cur.fetchall()], matches(c, text))
cur.execute("SELECT id FROM types WHERE id IN %s ORDER BY id", ((1, 3, 9),))
check("IN with a tuple", cur.fetchall(), [(1,), (3,)])
cur.execute("SELECT id FROM types WHERE id = ANY(%s) ORDER BY id", ([1, 3, 9],))
check("ANY with a list", cur.fetchall(), [(1,), (3,)])
cur.execute("SELECT id FROM types WHERE s IS NULL AND %s IS NULL", (None,))
check("NULL", cur.fetchall(), [(2,)])
conn.commit()


def fails(what, sql, code, position=None, hint=None):
    try:
        cur.execute(sql)
        check(what, "no error", code)
    except psycopg2.Error as e:
        check(what, e.pgcode, code)
        if position:
            check(what + ": position", e.diag.statement_position, str(position))
        if hint:
            check(what + ": hint", e.diag.message_hint, hint)
    conn.rollback()


fails("unknown column", "SELECT nope FROM types", "42703", 8)
fails("a suggestion", "SELECT count(*) FROM typos", "42P01", 22, 'Perhaps you meant to reference the table "types".')
fails("syntax", "SELEC 1", "42601", 1)
fails("division", "SELECT 1/0", "22012")
fails("cast", "SELECT 'x'::int", "22P02", 8)
fails("write", "INSERT INTO types (id) VALUES (9)", "25006")
cur.execute("SELECT count(*) FROM types")
check("after errors", cur.fetchone(), (len(ROWS),))

try:
    cur.execute("SELECT nope")
except psycopg2.Error:
    pass
check("transaction", conn.info.transaction_status, psycopg2.extensions.TRANSACTION_STATUS_INERROR)
try:
    cur.execute("SELECT 1")
    check("failed transaction", "no error", "25P02")
except psycopg2.errors.InFailedSqlTransaction:
    pass
conn.rollback()

fails("COPY", "COPY types TO STDOUT", "0A000", 1)
named = conn.cursor("named")
try:
    named.execute("SELECT 1")
    check("server cursor", "no error", "0A000")
except psycopg2.errors.FeatureNotSupported as e:
    check("server cursor", str(e).splitlines()[0], "DECLARE CURSOR is not supported in this version")
conn.rollback()
conn.autocommit = True
cur.execute("SELECT id, s FROM big ORDER BY id")
rows = cur.fetchall()
check("large result", (len(rows), sum(r[0] for r in rows), rows[-1][1]),
      (BIG_ROWS, BIG_ROWS * (BIG_ROWS - 1) // 2, f"row {BIG_ROWS - 1} of the big table"))

began = time.monotonic()
after(0.3, conn.cancel)
try:
    cur.execute(SLOW)
    check("cancel", "no error", "57014")
except psycopg2.errors.QueryCanceled as e:
    check("cancel", str(e).strip(), "canceling statement due to user request")
fast("cancel", began)

cur.execute("SET statement_timeout = '200ms'")
began = time.monotonic()
try:
    cur.execute(SLOW)
    check("timeout", "no error", "57014")
except psycopg2.errors.QueryCanceled as e:
    check("timeout", str(e).strip(), "canceling statement due to statement timeout")
fast("timeout", began)
cur.execute("RESET statement_timeout")

cur.execute("SELECT 1; SELECT 2; SELECT 3")
check("several statements", cur.fetchall(), [(3,)])
cur.execute("SHOW TimeZone")
check("show", cur.fetchone(), ("UTC",))
cur.execute("SELECT now()")
check("now() has a zone", cur.fetchone()[0].utcoffset().total_seconds(), 0.0)
check("server version", conn.server_version, 150000)
conn.close()
finish()
