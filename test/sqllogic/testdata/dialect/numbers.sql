# Numbers: floating division, 22012 on the wire and IEEE over HTTP, LONG for INT op INT, 22003 for what leaves LONG.

query RRRR rowsort
SELECT 1 / 2, 7 / 2, -7 / 2, 6 / 3
----
0.5|3.5|-3.5|2

query III rowsort
SELECT div(7, 2), div(-7, 2), div(7.5, 2)
----
3|-3|3

query R rowsort
SELECT quantity / 2 FROM orders WHERE id = 1
----
0.5

statement ok
SET integer_division = on

query IIIR rowsort
SELECT 1 / 2, 7 / 2, -7 / 2, 7 / 2.0
----
0|3|-3|3.5

statement ok
SET integer_division = off

query R rowsort
SELECT 1 / 2
----
0.5

statement error 22012
SELECT 1 / 0

statement error 22012
SELECT quantity / 0 FROM orders

statement error 22012
SELECT 1 % 0

statement ok
SET division_by_zero = ieee

query RRR rowsort
SELECT 1 / 0, -1 / 0, 0 / 0
----
Infinity|-Infinity|NaN

statement ok
SET division_by_zero = error

statement error 22012
SELECT 1.0 / 0

statement ok
RESET division_by_zero

query III rowsort
SELECT 2147483647 + 1, 2147483647 * 2, -2147483648 - 1
----
2147483648|4294967294|-2147483649

statement error 22003
SELECT 9223372036854775807 + 1

statement error 22003
SELECT l + 1 FROM types WHERE id = 3

query III rowsort
SELECT min(i), max(i), -i FROM types WHERE id = 1 GROUP BY i
----
1|1|-1

query BBTD rowsort
SELECT min(b), max(b), min(s), max(t) FROM types
----
f|t|(empty)|9999-12-31 23:59:59.999

query II rowsort
SELECT sum(i), sum(id) FROM types
----
312|153

statement error 22003
SELECT sum(l) FROM types WHERE l > 0

query I rowsort
SELECT sum(l) FROM types WHERE id IN (3, 4)
----
-1

query RII rowsort
SELECT avg(i), count(*), distinctcount(i) FROM types WHERE i IS NOT NULL
----
19.5|16|15

query RRN rowsort
SELECT 0.1 + 0.2, 1.10 + 2, n + n FROM types WHERE id = 6
----
0.30000000000000004|3.1|1

query I rowsort
SELECT count(*) FROM types WHERE i > 5.5
----
8

query I rowsort
SELECT count(*) FROM types WHERE i < 99999999999
----
16

dialect http

query RRRR rowsort
SELECT 1 / 2, 1 / 0, -1 / 0, 0 / 0
----
0.5|Infinity|-Infinity|NaN

statement error 22012
SET division_by_zero = error; SELECT 1 / 0

query I rowsort
SET integer_division = true; SELECT 7 / 2
----
3

query R rowsort
SELECT quantity / 0 FROM orders WHERE id = 1
----
Infinity

statement error 22003
SELECT sum(l) FROM types WHERE l > 0
