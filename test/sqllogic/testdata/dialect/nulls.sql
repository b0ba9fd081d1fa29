# NULL is SQL's; SET enableNullHandling = false gives Pinot's default values.

query IIT rowsort
SELECT id, i, s FROM types WHERE id = 5
----
5|NULL|NULL

query III rowsort
SELECT count(*), count(i), sum(i) FROM types WHERE id IN (5, 1)
----
2|1|1

statement ok
SET enableNullHandling = false

query IIIRTB rowsort
SELECT id, i, l, d, s, b FROM types WHERE id = 5
----
5|-2147483648|-9223372036854775808|-Infinity|null|f

query II rowsort
SELECT count(*), count(i) FROM types WHERE id IN (5, 1)
----
2|2

query I rowsort
SELECT count(*) FROM types WHERE i = -2147483648
----
3

query I rowsort
SELECT count(*) FROM types WHERE s = 'null'
----
2

query I rowsort
SELECT count(*) FROM types WHERE i IS NULL
----
2

query II
SELECT i, count(*) FROM types WHERE id IN (4, 5, 13) GROUP BY i ORDER BY i
----
-2147483648|3

statement ok
RESET enableNullHandling

query II rowsort
SELECT id, i FROM types WHERE id = 5
----
5|NULL

dialect http

query IIT rowsort
SELECT id, i, s FROM types WHERE id = 5
----
5|NULL|NULL

query IIIRTB rowsort
SET enableNullHandling = false; SELECT id, i, l, d, s, b FROM types WHERE id = 5
----
5|-2147483648|-9223372036854775808|-Infinity|null|f

query II rowsort
SELECT id, i FROM types WHERE id = 5 option(enableNullHandling=false)
----
5|-2147483648

query I rowsort
SELECT count(i) FROM types option(enableNullHandling=true)
----
16
