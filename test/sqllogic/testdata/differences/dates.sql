# Statements whose answers differ from PostgreSQL's: docs/sql/differences.md says why.
portable

# An offset as a time zone counts east of Greenwich, as in ISO 8601; PostgreSQL's counts west.

onlyif postgres
query Z rowsort
SELECT timestamp '2026-01-01' AT TIME ZONE '+02:00'
----
2026-01-01 02:00:00+00

onlyif freshet
query Z rowsort
SELECT timestamp '2026-01-01' AT TIME ZONE '+02:00'
----
2025-12-31 22:00:00+00
