# Statements whose answers differ from PostgreSQL's: docs/sql/differences.md says why.
portable

# A constant that is no number orders nothing.

onlyif postgres
statement error 42601
SELECT id FROM types ORDER BY 'const', id LIMIT 2

onlyif freshet
query I
SELECT id FROM types ORDER BY 'const', id LIMIT 2
----
0
1

# WITH TIES is not built.

onlyif postgres
query I
SELECT quantity FROM orders ORDER BY quantity FETCH FIRST 3 ROWS WITH TIES
----
1
1
1
1
1

onlyif freshet
statement error 0A000 WITH TIES is not supported
SELECT quantity FROM orders ORDER BY quantity FETCH FIRST 3 ROWS WITH TIES
