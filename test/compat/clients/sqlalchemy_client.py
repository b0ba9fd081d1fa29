"""SQLAlchemy core over psycopg2 and psycopg 3: text() queries and expressions, no reflection."""

import sqlalchemy as sa
from compat import *

for driver in ("psycopg2", "psycopg"):
    engine = sa.create_engine(f"postgresql+{driver}://compat@127.0.0.1:{PG['port']}/compat", pool_pre_ping=True, use_native_hstore=False,
                              json_deserializer=lambda s: s)
    with engine.connect() as conn:
        rows = conn.execute(sa.text(f"SELECT {NAMES.replace(' j,', ' CAST(j AS text) AS j,')} FROM types ORDER BY id")).fetchall()
        check_rows(driver, [tuple(r) for r in rows])
        for c, text in scalars():
            if c["type"] in ("JSON", "FLOAT"):
                continue
            rows = conn.execute(sa.text(f"SELECT id FROM types WHERE {c['name']} = :v ORDER BY id"), {"v": native(c, text)}).fetchall()
            check(f"{driver}: parameter {c['type']} {text}", [r[0] for r in rows], matches(c, text))
        rows = conn.execute(sa.text("SELECT id FROM types WHERE id IN :ids ORDER BY id").bindparams(sa.bindparam("ids", expanding=True)),
                            {"ids": [1, 3, 9]}).fetchall()
        check(driver + ": expanding IN", [r[0] for r in rows], [1, 3])
        t = sa.table("big", sa.column("id"), sa.column("s"))
        query = sa.select(sa.func.count(), sa.func.min(t.c.s)).where(t.c.id.between(5, 9)).group_by(t.c.id % 2).order_by(sa.desc(sa.func.count()))
        check(driver + ": select()", [tuple(r) for r in conn.execute(query)], [(3, "row 5 of the big table"), (2, "row 6 of the big table")])
        check(driver + ": limit", conn.execute(sa.select(t.c.id).order_by(t.c.id).limit(2).offset(3)).scalars().all(), [3, 4])
    with engine.begin() as conn:
        check(driver + ": scalar", conn.execute(sa.text("SELECT 1")).scalar(), 1)
    with engine.connect().execution_options(stream_results=False, yield_per=None) as conn:
        try:
            conn.execute(sa.text("SELECT nope FROM types"))
            check(driver + ": error", "none", "UndefinedColumn")
        except sa.exc.ProgrammingError as e:
            check(driver + ": error", type(e.orig).__name__, "UndefinedColumn")
        conn.rollback()
        check(driver + ": after the error", conn.execute(sa.text("SELECT 2")).scalar(), 2)
    engine.dispose()
finish()
