"""psycopg 3: server and client binding, text and binary, pipelines, prepared statements."""

import time

import psycopg
import psycopg.types
from compat import *
from psycopg.types.json import set_json_loads

set_json_loads(lambda s: s if isinstance(s, str) else bytes(s).decode())


def read(conn, what):
    for binary in (False, True):
        cur = conn.cursor(binary=binary)
        cur.execute(ALL)
        check_rows(f"{what}, binary {binary}", cur.fetchall())


def parameters(conn, what):
    for c, text in scalars():
        if c["type"] == "JSON":
            continue
        for mark in ("%s", "%t", "%b"):
            if what == "client binding" and mark != "%s":
                continue
            cast = "::real" if c["type"] == "FLOAT" else ""
            rows = conn.execute(f"SELECT id FROM types WHERE {c['name']} = {mark}{cast} ORDER BY id", (native(c, text),)).fetchall()
            check(f"{what}: parameter {mark} {c['type']} {text}", [r[0] for r in rows], matches(c, text))
    for ids in ([1, 3, 9], []):
        rows = conn.execute("SELECT id FROM types WHERE id = ANY(%s) ORDER BY id", (ids,)).fetchall()
        check(f"{what}: ANY({ids})", [r[0] for r in rows], [i for i in ids if i < 9])
    rows = conn.execute("SELECT id FROM types WHERE s = ANY(%s) ORDER BY id", (["plain", "NULL", 'x"\\,{}'],)).fetchall()
    check(f"{what}: ANY of texts", rows, [(1,), (6,)])
    check(f"{what}: NULL", conn.execute("SELECT %s::int, %s::text", (None, None)).fetchone(), (None, None))


def errors(conn, what):
    for sql, code, position in (("SELECT nope FROM types", "42703", "8"), ("SELEC 1", "42601", "1"), ("SELECT 1/0", "22012", None),
                                ("SELECT f(1)", "42883", "8"), ("SELECT 'x'::timestamp", "22007", "8")):
        try:
            conn.execute(sql)
            check(what + sql, "no error", code)
        except psycopg.Error as e:
            check(what + sql, (e.sqlstate, e.diag.statement_position), (code, position))
    try:
        conn.execute("SELECT id FROM types WHERE i = %s", ("abc",))
        check(what + ": bad value", "no error", "22P02")
    except psycopg.Error as e:
        check(what + ": bad value", e.sqlstate, "22P02")


with psycopg.connect(**PG, autocommit=True) as conn:
    read(conn, "server binding")
    parameters(conn, "server binding")
    errors(conn, "server binding ")

    # A statement is prepared from its sixth execution on.
    for i in range(12):
        got = conn.execute("SELECT s FROM big WHERE id = %s", (i,)).fetchone()
        check("prepared", got, (f"row {i} of the big table",))

    with conn.pipeline():
        cursors = [conn.execute("SELECT %s::int8 + 1", (i,)) for i in range(50)]
    check("pipeline", [c.fetchone() for c in cursors], [(i + 1,) for i in range(50)])
    try:
        with conn.pipeline() as p:
            first = conn.execute("SELECT 1")
            bad = conn.execute("SELECT nope")
            last = conn.execute("SELECT 2")
            p.sync()
            check("pipeline with an error", "no error", "42703")
    except psycopg.Error as e:
        check("pipeline with an error", e.sqlstate, "42703")
    check("after the pipeline", conn.execute("SELECT 5").fetchone(), (5,))

    cur = conn.cursor()
    total = count = 0
    for row in cur.stream("SELECT id FROM big"):
        count += 1
        total += row[0]
    check("stream", (count, total), (BIG_ROWS, BIG_ROWS * (BIG_ROWS - 1) // 2))

    began = time.monotonic()
    after(0.3, conn.cancel)
    try:
        conn.execute(SLOW)
        check("cancel", "no error", "57014")
    except psycopg.errors.QueryCanceled:
        pass
    fast("cancel", began)
    check("after the cancel", conn.execute("SELECT 6").fetchone(), (6,))

    # A prepared statement goes on after its table changed.
    wide = f"SELECT * FROM {EVOLVING} WHERE id = %s"
    narrow = f"SELECT s FROM {EVOLVING} WHERE id = %s"
    for _ in range(8):
        check("before the change", conn.execute(wide, (7,), prepare=True).fetchone()[:2], (7, "row 7 of the big table"))
        conn.execute(narrow, (7,), prepare=True)
    add_column("extra")
    check("after the change, its columns", conn.execute(narrow, (7,), prepare=True).fetchone(), ("row 7 of the big table",))
    try:
        conn.execute(wide, (7,), prepare=True)
        check("after the change, all columns", "no error", "0A000")
    except psycopg.Error as e:
        check("after the change, all columns", (e.sqlstate, e.diag.message_primary), ("0A000", "cached plan must not change result type"))

    for copy in ("COPY types FROM STDIN", "COPY (SELECT 1) TO STDOUT"):
        try:
            with conn.cursor().copy(copy) as c:
                c.read()
            check(copy, "no error", "0A000")
        except psycopg.errors.FeatureNotSupported as e:
            check(copy, e.diag.message_primary, "COPY is not supported")
    check("after COPY", conn.execute("SELECT 7").fetchone(), (7,))
    info = psycopg.types.TypeInfo.fetch(conn, "int8")
    check("TypeInfo", (info.oid, info.array_oid, info.regtype), (20, 1016, "bigint"))
    check("TypeInfo of nothing", psycopg.types.TypeInfo.fetch(conn, "hstore"), None)

with psycopg.connect(**PG) as conn:
    try:
        with conn.cursor("named") as named:
            named.execute("SELECT 1")
        check("server cursor", "no error", "0A000")
    except psycopg.errors.FeatureNotSupported as e:
        check("server cursor", e.diag.message_primary, "DECLARE CURSOR is not supported in this version")

with psycopg.connect(**PG, cursor_factory=psycopg.ClientCursor, autocommit=True) as conn:
    parameters(conn, "client binding")
    errors(conn, "client binding ")

with psycopg.connect(**PG) as conn:
    notices = []
    conn.add_notice_handler(lambda d: notices.append((d.severity, d.sqlstate, d.message_primary)))
    conn.execute("BEGIN")
    check("notice", notices, [("WARNING", "25001", "there is already a transaction in progress")])
    with conn.transaction():
        check("savepoint", conn.execute("SELECT 1").fetchone(), (1,))
    conn.rollback()
finish()
