"""asyncpg: binary everywhere, its own protocol code."""

import asyncio
import time

import asyncpg
from compat import *


async def fails(what, awaitable, kind, **fields):
    try:
        await awaitable
        check(what, "no error", kind.__name__)
    except kind as e:
        for name, want in fields.items():
            check(f"{what}: {name}", getattr(e, name), want)


async def main():
    conn = await asyncpg.connect(host=PG["host"], port=PG["port"], user="compat", database="compat",
                                 server_settings={"application_name": "compat asyncpg"})
    check_rows("types", [tuple(r) for r in await conn.fetch(ALL)])
    for c, text in scalars():
        if c["type"] == "JSON":
            continue
        rows = await conn.fetch(f"SELECT id FROM types WHERE {c['name']} = $1 ORDER BY id", native(c, text))
        check(f"parameter {c['type']} {text}", [r[0] for r in rows], matches(c, text))
    for at, c in enumerate(COLUMNS):
        sql = {"INT": "int", "LONG": "bigint", "FLOAT": "real", "DOUBLE": "float8", "BIG_DECIMAL": "numeric", "BOOLEAN": "boolean",
               "TIMESTAMP": "timestamp", "STRING": "text", "JSON": "json", "BYTES": "bytea"}[c["type"]] + ("[]" if c["array"] else "")
        for row in ROWS:
            got = await conn.fetchval(f"SELECT $1::{sql}", native(c, row[at]))
            check(f"echo of {c['name']} as {sql}", canonical(c, got), row[at])
    rows = await conn.fetch("SELECT id FROM types WHERE id = ANY($1) ORDER BY id", [1, 3, 9])
    check("ANY", [r[0] for r in rows], [1, 3])
    rows = await conn.fetch("SELECT id FROM types WHERE s = ANY($1::text[]) ORDER BY id", ["plain", "NULL", None])
    check("ANY of texts", [r[0] for r in rows], [1, 6])

    await fails("unknown column", conn.fetch("SELECT nope FROM types"), asyncpg.UndefinedColumnError, position="8")
    await fails("unknown table", conn.fetch("SELECT 1 FROM typos"), asyncpg.UndefinedTableError, position="15",
                hint='Perhaps you meant to reference the table "types".')
    await fails("syntax", conn.fetch("SELEC 1"), asyncpg.PostgresSyntaxError, position="1")
    await fails("division", conn.fetch("SELECT 1/$1::int", 0), asyncpg.DivisionByZeroError)
    check("after errors", await conn.fetchval("SELECT 1"), 1)

    async with conn.transaction():
        count = total = 0
        async for r in conn.cursor("SELECT id FROM big", prefetch=5000):
            count += 1
            total += r[0]
        check("cursor", (count, total), (BIG_ROWS, BIG_ROWS * (BIG_ROWS - 1) // 2))
        cur = await conn.cursor("SELECT id FROM big ORDER BY id")
        check("portal", [r[0] for r in await cur.fetch(3)], [0, 1, 2])
        check("portal goes on", (await cur.fetchrow())[0], 3)
    async with conn.transaction():
        cur = await conn.cursor("SELECT id FROM big ORDER BY id")
        await fails("a moved portal", cur.forward(4), asyncpg.FeatureNotSupportedError)

    began = time.monotonic()
    await fails("deadline", conn.fetch(SLOW, timeout=0.4), asyncio.TimeoutError)
    fast("deadline", began)
    check("after the deadline", await conn.fetchval("SELECT 2"), 2)
    task = asyncio.ensure_future(conn.fetch(SLOW))
    await asyncio.sleep(0.3)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
    check("after a cancelled task", await conn.fetchval("SELECT 3"), 3)

    st = await conn.prepare("SELECT s, id FROM big WHERE id = $1")
    check("parameters of a statement", [p.name for p in st.get_parameters()], ["int8"])
    check("columns of a statement", [(a.name, a.type.name) for a in st.get_attributes()], [("s", "text"), ("id", "int8")])
    check("many executions", [(await st.fetchrow(i))[1] for i in range(20)], list(range(20)))

    # A statement whose table changes: asyncpg prepares it again by itself outside a transaction.
    wide = f"SELECT * FROM {EVOLVING} WHERE id = $1"
    for _ in range(3):
        check("before the change", tuple(await conn.fetchrow(wide, 7))[:2], (7, "row 7 of the big table"))
    add_column("extra")
    row = await conn.fetchrow(wide, 7)
    check("after the change", (tuple(row)[:2], "extra" in row), ((7, "row 7 of the big table"), True))

    pool = await asyncpg.create_pool(host=PG["host"], port=PG["port"], user="compat", database="compat", min_size=2, max_size=4)
    got = await asyncio.gather(*[pool.fetchval("SELECT $1::int8 * 2", i) for i in range(40)])
    check("pool", got, [2 * i for i in range(40)])
    await pool.close()
    await conn.close()
    finish()


asyncio.run(main())
