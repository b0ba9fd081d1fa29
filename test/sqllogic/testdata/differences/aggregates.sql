# Statements whose answers differ from PostgreSQL's: docs/sql/differences.md says why.
portable

# SUM and AVG of text read numbers in it, as in Pinot.

onlyif postgres
statement error 42883
SELECT sum(status) FROM orders

onlyif freshet
statement error 22P02
SELECT sum(status) FROM orders

onlyif postgres
statement error 42883
SELECT avg(status) FROM orders

onlyif freshet
statement error 22P02
SELECT avg(status) FROM orders

# MIN and MAX take any ordered type; bool_and takes numbers.

onlyif postgres
statement error 42883
SELECT min(paid) FROM orders

onlyif freshet
query B
SELECT min(paid) FROM orders
----
f

onlyif postgres
statement error 42883
SELECT bool_and(quantity) FROM orders

onlyif freshet
query B
SELECT bool_and(quantity) FROM orders
----
t
