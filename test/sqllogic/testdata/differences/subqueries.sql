# Statements whose answers differ from PostgreSQL's: docs/sql/differences.md says why.
portable

# A sub-query in FROM needs no alias.

onlyif postgres
statement error 42601
SELECT * FROM (SELECT id FROM users)

onlyif freshet
query I rowsort
SELECT * FROM (SELECT id FROM users)
----
1
10
2
3
4
5
6
9
