# Statements whose answers differ from PostgreSQL's: docs/sql/differences.md says why.
portable

# COALESCE and CASE are lazy also where PostgreSQL folds a constant first.

onlyif postgres
statement error 22012
SELECT id, coalesce(i, 1 / 0) FROM types WHERE i = 7 ORDER BY id

onlyif freshet
query IR
SELECT id, coalesce(i, 1 / 0) FROM types WHERE i = 7 ORDER BY id
----
6|7
