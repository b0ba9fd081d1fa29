# Statements whose answers differ from PostgreSQL's: docs/sql/differences.md says why.
portable

# Text compares with numbers: as text.

onlyif postgres
statement error 42883
SELECT id FROM types WHERE s IN (1, 2)

onlyif freshet
query I
SELECT id FROM types WHERE s IN (1, 2)
----
