# Statements whose answers differ from PostgreSQL's: docs/sql/differences.md says why.
portable

# INT op INT is LONG.

onlyif postgres
statement error 22003
SELECT 2147483647 + 1 > 0

onlyif freshet
query B
SELECT 2147483647 + 1 > 0
----
t

# Floating results that leave DOUBLE are infinities or NaN, as in IEEE and Pinot.

onlyif postgres
statement error 2201F
SELECT power(0, -1)

onlyif freshet
query R
SELECT power(0, -1)
----
Infinity

onlyif postgres
statement error 2201F
SELECT power(-8, 0.5)

onlyif freshet
query R
SELECT power(-8, 0.5)
----
NaN

onlyif postgres
statement error 22003
SELECT CAST(1e300 AS double precision) * CAST(1e300 AS double precision)

onlyif freshet
query R
SELECT CAST(1e300 AS double precision) * CAST(1e300 AS double precision)
----
Infinity

onlyif postgres
statement error 22003
SELECT exp(1000)

onlyif freshet
query R
SELECT exp(1000)
----
Infinity

onlyif postgres
statement error 22003
SELECT asin(2)

onlyif freshet
query R
SELECT asin(2)
----
NaN

onlyif postgres
statement error 22003
SELECT acos(-2)

onlyif freshet
query R
SELECT acos(-2)
----
NaN

# SUM of LONG is a LONG; PostgreSQL's is numeric.

onlyif postgres
query N rowsort
SELECT sum(l) FROM types WHERE id IN (3, 1)
----
9223372036854775808

onlyif freshet
statement error 22003
SELECT sum(l) FROM types WHERE id IN (3, 1)
