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

# An aggregate over columns of an outer query alone belongs to the outer query in PostgreSQL; here it is refused.

onlyif postgres
statement error 21000
SELECT (SELECT sum(u.id) FROM orders) FROM users u WHERE u.id = 1

onlyif freshet
statement error 0A000 @16 columns of an outer query only
SELECT (SELECT sum(u.id) FROM orders) FROM users u WHERE u.id = 1
