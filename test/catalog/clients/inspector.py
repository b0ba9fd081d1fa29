"""Prints what SQLAlchemy's inspector and reflection say of a server, a section for each call: inspector.py PORT."""

import pprint
import sys

import sqlalchemy as sa
from sqlalchemy.engine.reflection import ObjectKind, ObjectScope
from sqlalchemy.schema import CreateTable

engine = sa.create_engine(f"postgresql+psycopg2://freshet@127.0.0.1:{sys.argv[1]}/postgres")
inspector = sa.inspect(engine)


def plain(x):
    """Values as text that does not depend on object identity or on the order of sets and mappings."""
    if isinstance(x, dict):
        return {str(k): plain(v) for k, v in sorted(x.items(), key=lambda e: str(e[0]))}
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    if isinstance(x, (str, int, float, bool, type(None))):
        return x
    return repr(x)


def show(name, call, *args, **kwargs):
    print("=== sqlalchemy", name, *args, *(f"{k}={v}" for k, v in kwargs.items()))
    try:
        value = plain(call(*args, **kwargs))
    except Exception as error:  # what is raised is part of the comparison
        value = f"{type(error).__name__}: {error}"
    pprint.pprint(value, width=150, sort_dicts=True)


for name in ["get_schema_names", "get_table_names", "get_view_names", "get_materialized_view_names", "get_temp_table_names",
             "get_temp_view_names", "get_sequence_names", "get_foreign_table_names", "get_enums", "get_domains",
             "get_sorted_table_and_fkc_names"]:
    show(name, getattr(inspector, name))
print("=== sqlalchemy default_schema_name")
print(inspector.default_schema_name)
for name in ["get_table_names", "get_view_names", "get_sequence_names"]:
    show(name, getattr(inspector, name), schema="public")
show("get_table_names", inspector.get_table_names, schema="nothing")
show("get_view_names sorted", lambda: sorted(inspector.get_view_names(schema="information_schema")))
tables = ["arrays", "orderItems", "orders", "t1"]
of_table = ["get_columns", "get_pk_constraint", "get_foreign_keys", "get_indexes", "get_unique_constraints", "get_check_constraints",
            "get_table_comment", "get_table_options"]
for table in tables + ["nothing"]:
    for name in of_table + ["has_table"]:
        show(name, getattr(inspector, name), table)
    show("get_columns", inspector.get_columns, table, schema="public")
show("has_index", inspector.has_index, "orders", "orders_pkey")
show("has_index", inspector.has_index, "orders", "nothing")
show("has_schema", inspector.has_schema, "public")
show("has_schema", inspector.has_schema, "nothing")
show("has_sequence", inspector.has_sequence, "orders_seq")
for name in ["get_multi_columns", "get_multi_pk_constraint", "get_multi_foreign_keys", "get_multi_indexes", "get_multi_unique_constraints",
             "get_multi_check_constraints", "get_multi_table_comment", "get_multi_table_options"]:
    show(name, getattr(inspector, name))
    show(name, getattr(inspector, name), schema="public", filter_names=["orders", "t1"], kind=ObjectKind.ANY, scope=ObjectScope.ANY)
for schema in ["pg_catalog", "information_schema"]:
    show("get_columns", inspector.get_columns, "pg_class" if schema == "pg_catalog" else "tables", schema=schema)
show("get_indexes", inspector.get_indexes, "pg_class", schema="pg_catalog")
metadata = sa.MetaData()
show("reflect", lambda: metadata.reflect(engine))
for table in metadata.sorted_tables:
    print("=== sqlalchemy reflected", table.name)
    print(CreateTable(table).compile(engine))
    print(table.comment, [c.comment for c in table.columns])
show("Table", lambda: CreateTable(sa.Table("orders", sa.MetaData(), schema="public", autoload_with=engine)).compile(engine).string)
