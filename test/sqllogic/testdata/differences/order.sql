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
