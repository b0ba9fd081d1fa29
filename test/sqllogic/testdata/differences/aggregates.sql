# Statements whose answers differ from PostgreSQL's: docs/sql/differences.md says why.
portable

# SUM and AVG of text read numbers in it, as in Pinot.

onlyif postgres
statement error 42883
SELECT sum(status) FROM orders

onlyif freshet
query
SELECT sum(status) FROM orders
----

onlyif postgres
statement error 42883
SELECT avg(status) FROM orders

onlyif freshet
query
SELECT avg(status) FROM orders
----

# MIN and MAX take any ordered type; bool_and takes numbers.

onlyif postgres
statement error 42883
SELECT min(paid) FROM orders

onlyif freshet
query
SELECT min(paid) FROM orders
----

onlyif postgres
statement error 42883
SELECT bool_and(quantity) FROM orders

onlyif freshet
query
SELECT bool_and(quantity) FROM orders
----

