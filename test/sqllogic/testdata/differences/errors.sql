# Statements whose answers differ from PostgreSQL's: docs/sql/differences.md says why.
portable

# Arithmetic on text reads the number in it, as in Pinot.

onlyif postgres
statement error 42883 @8
SELECT -status FROM orders

onlyif freshet
statement error 22P02
SELECT -status FROM orders
