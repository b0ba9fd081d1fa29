"""SQLAlchemy 2.0 over psycopg2 and psycopg 3, and 1.4 (which Superset has) over psycopg2: text() queries, expressions,
reflection by the inspector, the ORM's SELECT."""

import sqlalchemy as sa
from compat import *
from sqlalchemy.orm import Session, declarative_base

OLD = sa.__version__.startswith("1.")
KINDS = {"INT": "INTEGER", "LONG": "BIGINT", "FLOAT": "REAL", "DOUBLE": "DOUBLE PRECISION" if OLD else "DOUBLE_PRECISION", "BIG_DECIMAL": "NUMERIC",
         "BOOLEAN": "BOOLEAN", "TIMESTAMP": "TIMESTAMP", "STRING": "TEXT", "JSON": "JSON", "BYTES": "BYTEA"}


def reflection(driver, engine):
    i = sa.inspect(engine)
    check(driver + ": schemas", i.get_schema_names(), ["freshet", "information_schema", "public"])
    names = i.get_table_names()
    check(driver + ": tables", {"types", "big", "keyed"} - set(names), set())
    check(driver + ": has_table", (i.has_table("types"), i.has_table("nope")), (True, False))
    check(driver + ": views", i.get_view_names(), [])
    columns = i.get_columns("types")
    check(driver + ": columns", [c["name"] for c in columns], [c["name"] for c in COLUMNS] + ["at"])
    for c, want in zip(columns, COLUMNS):
        kind = c["type"].item_type if want["array"] else c["type"]
        check(driver + ": type of " + c["name"], type(kind).__name__, KINDS[want["type"]].replace(" PRECISION", "_PRECISION"))
        check(driver + ": nullable " + c["name"], c["nullable"], True)
    check(driver + ": key", (i.get_pk_constraint("keyed")["constrained_columns"], i.get_pk_constraint("types")["constrained_columns"]), (["s", "i"], []))
    check(driver + ": indexes", (i.get_indexes("types"), i.get_indexes("keyed")), ([], []))
    check(driver + ": foreign keys", i.get_foreign_keys("keyed"), [])
    check(driver + ": unique constraints", i.get_unique_constraints("keyed"), [])
    check(driver + ": check constraints", i.get_check_constraints("types"), [])
    check(driver + ": comment", i.get_table_comment("types"), {"text": None})
    check(driver + ": enums", i.get_enums(), [])
    check(driver + ": sequences", i.get_sequence_names(), [])
    try:
        i.get_columns("nope")
        check(driver + ": columns of nothing", "none", "NoSuchTableError")
    except sa.exc.NoSuchTableError:
        pass
    table = sa.Table("types", sa.MetaData(), autoload_with=engine)
    with engine.connect() as conn:
        got = conn.execute(sa.select(table.c.id, table.c.ms).where(table.c.s == "plain")).fetchall()
        check(driver + ": reflected table", [tuple(r) for r in got], [(1, ["a", "b c"])])
    base = declarative_base()

    class Big(base):
        __tablename__ = "big"
        id = sa.Column(sa.BigInteger, primary_key=True)
        s = sa.Column(sa.Text)

    with Session(engine) as session:
        check(driver + ": ORM get", session.get(Big, 7).s, "row 7 of the big table")
        found = session.execute(sa.select(Big).where(Big.id < 3).order_by(Big.id.desc())).scalars().all()
        check(driver + ": ORM select", [b.id for b in found], [2, 1, 0])
        check(driver + ": ORM count", session.execute(sa.select(sa.func.count()).select_from(Big)).scalar(), BIG_ROWS)
        session.add(Big(id=-1, s="x"))
        try:
            session.flush()
            check(driver + ": ORM insert", "none", "ReadOnlySqlTransaction")
        except sa.exc.DBAPIError as e:
            check(driver + ": ORM insert", type(e.orig).__name__, "ReadOnlySqlTransaction")
    with engine.connect().execution_options(stream_results=True) as conn:
        try:
            conn.execute(sa.text("SELECT id FROM big"))
            check(driver + ": stream_results", "none", "DECLARE CURSOR is not supported in this version")
        except sa.exc.DBAPIError as e:
            check(driver + ": stream_results", str(e.orig).splitlines()[0], "DECLARE CURSOR is not supported in this version")


for driver in ("psycopg2",) if OLD else ("psycopg2", "psycopg"):
    engine = sa.create_engine(f"postgresql+{driver}://compat@127.0.0.1:{PG['port']}/compat", future=True, pool_pre_ping=True, use_native_hstore=False,
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
    reflection(driver, engine)
    engine.dispose()
finish()
