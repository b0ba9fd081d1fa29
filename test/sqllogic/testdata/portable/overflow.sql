# What leaves a type is an error, and so is division by zero.
portable

onlyif freshet
statement ok
SET integer_division = on

statement error 22003
SELECT 9223372036854775807 + 1

statement error 22003
SELECT -9223372036854775807 - 2

statement error 22003
SELECT 9223372036854775807 * 2

statement error 22003
SELECT CAST(9223372036854775807 AS bigint) + CAST(1 AS bigint)

statement error 22003
SELECT CAST(2147483648 AS integer)

statement error 22003
SELECT CAST(-2147483649 AS integer)

statement error 22003
SELECT CAST(9223372036854775808 AS bigint)

statement error 22003
SELECT CAST('9223372036854775808' AS bigint)

statement error 22003
SELECT CAST('2147483648' AS integer)

statement error 22003
SELECT CAST(1e19 AS bigint)

statement error 22003
SELECT CAST(1e10 AS integer)

statement error 22003
SELECT CAST('1e400' AS double precision)

statement error 22012
SELECT 1 / 0

statement error 22012
SELECT 1 % 0

statement error 22012
SELECT 1.0 / 0

statement error 22012
SELECT CAST(1 AS double precision) / 0

statement error 22012
SELECT mod(5, 0)

statement error 22012
SELECT div(5, 0)

statement error 22012
SELECT 1 / (1 - 1)

statement error 22012
SELECT 0 / 0

statement error 2201F
SELECT sqrt(-1)

statement error 2201E
SELECT ln(0)

statement error 2201E
SELECT ln(-1)

statement error 22003
SELECT CAST(-9223372036854775808 AS bigint) / -1

statement error 22003
SELECT abs(CAST(-9223372036854775808 AS bigint))

statement error 22003
SELECT - CAST(-9223372036854775808 AS bigint)

query I rowsort
SELECT CAST(-9223372036854775808 AS bigint) % -1
----
0

statement error 22003
SELECT CAST(40000 AS bigint) * 300000000000000

statement error 22003
SELECT factorial(-1)

statement error 22P02
SELECT CAST('NaN' AS integer)

statement error 22P02
SELECT CAST('Infinity' AS bigint)

statement error 22003
SELECT CAST(CAST('NaN' AS double precision) AS integer)

statement error 22003
SELECT l + 1 FROM types WHERE id = 3

statement error 22003
SELECT l - 1 FROM types WHERE id = 4

statement error 22003
SELECT l * 2 FROM types WHERE id = 3

statement error 22003
SELECT abs(l) FROM types WHERE id = 4

statement error 22003
SELECT -l FROM types WHERE id = 4

statement error 22003
SELECT CAST(l AS integer) FROM types WHERE id = 3

statement error 22003
SELECT CAST(d AS bigint) FROM types WHERE id = 3

statement error 22003
SELECT CAST(d AS integer) FROM types WHERE id = 15

statement error 22012
SELECT 1 / i FROM types WHERE id = 0

statement error 22012
SELECT i / 0 FROM types WHERE id = 1

statement error 22012
SELECT l % 0 FROM types WHERE id = 1

statement error 22012
SELECT d / 0 FROM types WHERE id = 1

statement error 22012
SELECT n / 0 FROM types WHERE id = 1

statement error 22003
SELECT CAST(n AS bigint) FROM types WHERE id = 3

query I rowsort
SELECT sum(i) FROM types
----
312

query I rowsort
SELECT count(*) FROM types WHERE 1 / i > 0 AND i <> 0 AND i IS NOT NULL AND id = 1
----
1

query I rowsort
SELECT 1 / i FROM types WHERE id = 5
----
NULL

query I rowsort
SELECT i / 0 FROM types WHERE id = 5
----
NULL

query I rowsort
SELECT i / 0 FROM types WHERE id = 999
----

query I rowsort
SELECT sum(1 / quantity) FROM orders
----
5

query I rowsort
SELECT count(*) FROM orders WHERE quantity / 0 = 1 AND id < 0
----
0
