# Statements whose answers differ from PostgreSQL's: docs/sql/differences.md says why.
portable

# Casts of fractions to integers drop the fraction, as in Pinot; PostgreSQL rounds.

onlyif postgres
query I rowsort
SELECT CAST(1.5 AS integer)
----
2

onlyif freshet
query I rowsort
SELECT CAST(1.5 AS integer)
----
1

onlyif postgres
query I rowsort
SELECT CAST(2.5 AS integer)
----
3

onlyif freshet
query I rowsort
SELECT CAST(2.5 AS integer)
----
2

onlyif postgres
query I rowsort
SELECT CAST(-2.5 AS integer)
----
-3

onlyif freshet
query I rowsort
SELECT CAST(-2.5 AS integer)
----
-2

onlyif postgres
query I rowsort
SELECT CAST(1.5 AS bigint)
----
2

onlyif freshet
query I rowsort
SELECT CAST(1.5 AS bigint)
----
1

onlyif postgres
query I rowsort
SELECT CAST(2.5 AS bigint)
----
3

onlyif freshet
query I rowsort
SELECT CAST(2.5 AS bigint)
----
2

onlyif postgres
query I rowsort
SELECT CAST(-2.5 AS bigint)
----
-3

onlyif freshet
query I rowsort
SELECT CAST(-2.5 AS bigint)
----
-2

# BIG_DECIMAL has no NaN and no infinity.

onlyif postgres
query N rowsort
SELECT CAST('NaN' AS numeric)
----
NaN

onlyif freshet
statement error 22P02
SELECT CAST('NaN' AS numeric)

onlyif postgres
query N rowsort
SELECT CAST('Infinity' AS numeric)
----
Infinity

onlyif freshet
statement error 22P02
SELECT CAST('Infinity' AS numeric)

# Casts of fractions to integers drop the fraction, as in Pinot; PostgreSQL rounds.

onlyif postgres
query II
SELECT id, n::int FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 12) ORDER BY id
----
0|0
1|1
2|-1
5|NULL
6|1
7|-1
9|3
12|3

onlyif freshet
query II
SELECT id, n::int FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 12) ORDER BY id
----
0|0
1|1
2|-1
5|NULL
6|0
7|0
9|2
12|2

onlyif postgres
query II
SELECT id, n::bigint FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 12) ORDER BY id
----
0|0
1|1
2|-1
5|NULL
6|1
7|-1
9|3
12|3

onlyif freshet
query II
SELECT id, n::bigint FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 12) ORDER BY id
----
0|0
1|1
2|-1
5|NULL
6|0
7|0
9|2
12|2

# A DOUBLE becomes the BIG_DECIMAL that prints like it; PostgreSQL rounds to 15 digits.

onlyif postgres
query IN
SELECT id, d::numeric FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 12) ORDER BY id
----
0|0
1|1
2|-1
5|NULL
6|0.5
7|-0.5
9|3.14159265358979
12|2.5

onlyif freshet
query IN
SELECT id, d::numeric FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 12) ORDER BY id
----
0|0
1|1
2|-1
5|NULL
6|0.5
7|-0.5
9|3.141592653589793
12|2.5

# BYTES as text is hexadecimal without a prefix, as in Pinot.

onlyif postgres
query T rowsort
SELECT x::text FROM types WHERE id = 3
----
\\xdeadbeef

onlyif freshet
query T rowsort
SELECT x::text FROM types WHERE id = 3
----
deadbeef

# Casts of fractions to integers drop the fraction, as in Pinot; PostgreSQL rounds.

onlyif postgres
query IIII rowsort
SELECT 1.7::int, 2.5::int, 3.5::int, -1.5::int
----
2|3|4|-2

onlyif freshet
query IIII rowsort
SELECT 1.7::int, 2.5::int, 3.5::int, -1.5::int
----
1|2|3|-1

onlyif postgres
query II rowsort
SELECT CAST(2.5 AS double precision)::int, CAST(3.5 AS double precision)::int
----
2|4

onlyif freshet
query II rowsort
SELECT CAST(2.5 AS double precision)::int, CAST(3.5 AS double precision)::int
----
2|3

# Casts that PostgreSQL lacks: numbers are milliseconds, booleans are numbers.

onlyif postgres
statement error 42846
SELECT CAST(1 AS timestamp)

onlyif freshet
query D
SELECT CAST(1 AS timestamp)
----
1970-01-01 00:00:00.001

onlyif postgres
statement error 42846
SELECT true::bigint

onlyif freshet
query I
SELECT true::bigint
----
1

onlyif postgres
statement error 42846
SELECT true::numeric

onlyif freshet
query N
SELECT true::numeric
----
1
