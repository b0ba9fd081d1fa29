# CTEs, set operations, VALUES, set-returning functions, LATERAL, DISTINCT ON.
portable

query I
SELECT 1 UNION SELECT 2 ORDER BY 1
----
1
2

query I rowsort
SELECT 1 UNION SELECT 1
----
1

query I rowsort
SELECT 1 UNION ALL SELECT 1
----
1
1

query I
SELECT id FROM users UNION SELECT user_id FROM orders ORDER BY 1 NULLS FIRST
----
NULL
1
2
3
4
5
6
7
8
9
10

query I
SELECT id FROM users UNION ALL SELECT referrer FROM users ORDER BY 1 NULLS LAST
----
1
1
1
2
2
3
4
4
4
5
6
6
9
10
NULL
NULL

query I
SELECT id FROM users INTERSECT SELECT user_id FROM orders ORDER BY 1
----
1
2
3
4
5
6

query I
SELECT id FROM users EXCEPT SELECT user_id FROM orders ORDER BY 1
----
9
10

query I
SELECT user_id FROM orders INTERSECT ALL SELECT id FROM users ORDER BY 1
----
1
2
3
4
5
6

query I
SELECT user_id FROM orders EXCEPT ALL SELECT id FROM users ORDER BY 1 NULLS FIRST
----
NULL
NULL
NULL
1
1
1
2
3
3
3
3
4
5
5
6
6
6
6
6
6
6
7
7
7
7
8
8
8
8
8
8
8
8
8

query T
SELECT city FROM users UNION SELECT city FROM orders ORDER BY 1 NULLS LAST
----
Aachen
Berlin
Bonn
Hamburg
Köln
NULL

query TT
SELECT city, 'u' FROM users UNION ALL SELECT city, 'o' FROM orders WHERE id < 4 ORDER BY 1 NULLS LAST, 2
----
Aachen|u
Berlin|u
Bonn|u
Hamburg|u
Köln|o
Köln|u
Köln|u
Köln|u
NULL|o
NULL|o
NULL|u

query I
SELECT 1 UNION SELECT 2 UNION ALL SELECT 2 ORDER BY 1
----
1
2
2

query I
SELECT 1 UNION (SELECT 2 UNION ALL SELECT 2) ORDER BY 1
----
1
2

query I
SELECT 1 UNION SELECT 2 INTERSECT SELECT 2 ORDER BY 1
----
1
2

query I rowsort
(SELECT 1 UNION SELECT 2) INTERSECT SELECT 2
----
2

query I rowsort
SELECT 1 EXCEPT SELECT 2 EXCEPT SELECT 1
----

query T rowsort
SELECT NULL UNION SELECT NULL
----
NULL

query I
SELECT 1 AS a UNION SELECT 2 AS b ORDER BY a
----
1
2

statement error 42703
SELECT 1 AS a UNION SELECT 2 AS b ORDER BY b

query R
SELECT 1 UNION SELECT 2.5 ORDER BY 1
----
1
2.5

statement error 22P02
SELECT 1 UNION SELECT 'a'

statement error 42601
SELECT 1, 2 UNION SELECT 1

statement error 42804
SELECT id FROM users UNION SELECT name FROM users

query I
(SELECT id FROM users ORDER BY id LIMIT 2) UNION ALL (SELECT id FROM users ORDER BY id DESC LIMIT 2) ORDER BY 1
----
1
2
9
10

query I
SELECT id FROM users UNION ALL SELECT id FROM users ORDER BY 1 LIMIT 3 OFFSET 1
----
1
2
2

query I rowsort
SELECT count(*) FROM (SELECT id FROM users UNION ALL SELECT id FROM orders) x
----
48

query TI
SELECT x.k, count(*) FROM (SELECT city AS k FROM users UNION ALL SELECT city FROM orders) x GROUP BY x.k ORDER BY 1 NULLS FIRST
----
NULL|12
Aachen|5
Berlin|7
Bonn|11
Hamburg|1
Köln|12

query T
SELECT country FROM events UNION SELECT city FROM users ORDER BY 1 NULLS LAST
----
Aachen
BR
Berlin
Bonn
DE
FR
GR
Hamburg
IN
JP
Köln
NO
PL
PT
SE
TR
US
NULL

query I rowsort
SELECT count(*) FROM (SELECT user_id FROM events EXCEPT SELECT id FROM users) x
----
992

query I rowsort
SELECT count(*) FROM (SELECT user_id, country FROM events INTERSECT SELECT user_id, country FROM events WHERE bot) x
----
737

query I rowsort
VALUES (1), (2), (3)
----
1
2
3

query IT
VALUES (1, 'a'), (2, 'b') ORDER BY 1 DESC
----
2|b
1|a

query R rowsort
VALUES (1), (NULL), (2.5)
----
1
2.5
NULL

statement error 42601
VALUES (1), (2, 3)

query IT
SELECT * FROM (VALUES (1, 'one'), (2, 'two')) AS v(n, s) ORDER BY n
----
1|one
2|two

query TT
SELECT v.s, u.name FROM (VALUES (1, 'one'), (2, 'two'), (77, 'x')) AS v(n, s) LEFT JOIN users u ON u.id = v.n ORDER BY v.n
----
one|Ann
two|Bob
x|NULL

query II
SELECT column1, column2 FROM (VALUES (1, 2), (3, 4)) x ORDER BY 1
----
1|2
3|4

query I rowsort
SELECT sum(column1) FROM (VALUES (1), (2), (3)) x
----
6

query I
SELECT id FROM users WHERE id IN (VALUES (1), (2)) ORDER BY id
----
1
2

query I
VALUES (1) UNION SELECT 2 ORDER BY 1
----
1
2

statement error 22P02
SELECT * FROM (VALUES (1), ('a')) x

query I rowsort
WITH a AS (SELECT 1 AS x) SELECT x FROM a
----
1

query T
WITH a AS (SELECT id, name FROM users) SELECT name FROM a WHERE id < 3 ORDER BY name
----
Ann
Bob

query I rowsort
WITH a AS (SELECT id FROM users), b AS (SELECT id FROM a WHERE id > 3) SELECT count(*) FROM b
----
5

query I rowsort
WITH a(n) AS (SELECT id FROM users) SELECT max(n) FROM a
----
10

query TT
WITH a AS (SELECT status, count(*) AS c FROM orders GROUP BY status) SELECT x.status, y.status FROM a x JOIN a y ON x.c < y.c ORDER BY 1, 2
----
cancelled|baked
cancelled|paid
created|baked
created|cancelled
created|paid
delivered|baked
delivered|cancelled
delivered|created
delivered|paid
paid|baked

query I rowsort
WITH orders AS (SELECT 1 AS id) SELECT id FROM orders
----
1

query I
WITH a AS (SELECT 1 AS x), b AS (SELECT 2 AS x) SELECT * FROM a UNION ALL SELECT * FROM b ORDER BY 1
----
1
2

query I rowsort
WITH a AS MATERIALIZED (SELECT id FROM users) SELECT count(*) FROM a
----
8

query I rowsort
WITH a AS NOT MATERIALIZED (SELECT id FROM users) SELECT count(*) FROM a
----
8

query I rowsort
SELECT * FROM (WITH a AS (SELECT 5 AS x) SELECT x + 1 AS y FROM a) z
----
6

query I rowsort
SELECT (WITH a AS (SELECT count(*) AS c FROM users) SELECT c FROM a)
----
8

statement error 42712
WITH a AS (SELECT 1), a AS (SELECT 2) SELECT * FROM a

statement error 42P01
WITH a AS (SELECT x FROM b), b AS (SELECT 1 AS x) SELECT * FROM a

statement error 42P10
WITH a(p, q) AS (SELECT 1) SELECT * FROM a

query I
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n ORDER BY i
----
1
2
3
4
5

query II rowsort
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT count(*), sum(i) FROM n
----
1000|500500

query I
WITH RECURSIVE n(i) AS (VALUES (1) UNION SELECT (i * 2) % 7 FROM n) SELECT i FROM n ORDER BY i
----
1
2
4

query I
WITH RECURSIVE f(a, b) AS (SELECT 0, 1 UNION ALL SELECT b, a + b FROM f WHERE b < 100) SELECT a FROM f ORDER BY a
----
0
1
1
2
3
5
8
13
21
34
55
89

query II
WITH RECURSIVE t(id, depth) AS (SELECT id, 0 FROM users WHERE referrer IS NULL UNION ALL SELECT u.id, t.depth + 1 FROM users u JOIN t ON u.referrer = t.id) SELECT id, depth FROM t ORDER BY depth, id
----
1|0
10|0
2|1
3|1
4|2
5|3
6|3
9|4

query T
WITH RECURSIVE t(id, path) AS (SELECT id, name FROM users WHERE referrer IS NULL UNION ALL SELECT u.id, t.path || '>' || u.name FROM t JOIN users u ON u.referrer = t.id) SELECT path FROM t ORDER BY path
----
Ann
Ann>Bob
Ann>Bob>Dora
Ann>Bob>Dora>Emil
Ann>Bob>Dora>Fatma
Ann>Bob>Dora>Fatma>Gus
Ann>Cem
Ida

query I
WITH RECURSIVE up(id, referrer) AS (SELECT id, referrer FROM users WHERE id = 9 UNION ALL SELECT u.id, u.referrer FROM users u, up WHERE u.id = up.referrer) SELECT id FROM up ORDER BY id
----
1
2
4
6
9

statement error 42P19
WITH RECURSIVE n(i) AS (SELECT i + 1 FROM n) SELECT * FROM n

statement error 42P19
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT count(*) FROM n) SELECT * FROM n

statement error 42P19
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT a.i FROM n a, n b) SELECT * FROM n

query I rowsort
SELECT * FROM generate_series(1, 5)
----
1
2
3
4
5

query I
SELECT * FROM generate_series(1, 10, 3) AS g(x) ORDER BY x DESC
----
10
7
4
1

query I rowsort
SELECT * FROM generate_series(5, 1, -2)
----
1
3
5

query I rowsort
SELECT * FROM generate_series(5, 1)
----

statement error 22023
SELECT * FROM generate_series(1, 5, 0)

query I rowsort
SELECT sum(g) FROM generate_series(1, 100) g
----
5050

query II
SELECT g, g * g FROM generate_series(1, 4) AS g ORDER BY g
----
1|1
2|4
3|9
4|16

query I rowsort
SELECT generate_series(1, 3)
----
1
2
3

query II rowsort
SELECT generate_series(1, 3), generate_series(1, 2)
----
1|1
2|2
3|NULL

query D
SELECT g FROM generate_series(timestamp '2026-01-01', timestamp '2026-01-03', interval '12 hours') g ORDER BY g
----
2026-01-01 00:00:00
2026-01-01 12:00:00
2026-01-02 00:00:00
2026-01-02 12:00:00
2026-01-03 00:00:00

query II
SELECT d.day, count(o.id) FROM generate_series(1, 5) AS d(day) LEFT JOIN orders o ON extract(day FROM o.ts) = d.day GROUP BY d.day ORDER BY d.day
----
1|1
2|2
3|2
4|2
5|2

query I
SELECT * FROM unnest(ARRAY[3, 1, 2]) AS u(x) ORDER BY x
----
1
2
3

query T rowsort
SELECT unnest(ARRAY['a', 'b'])
----
a
b

query IT
SELECT * FROM unnest(ARRAY[1, 2], ARRAY['a', 'b', 'c']) AS u(n, s) ORDER BY 2
----
1|a
2|b
NULL|c

query II
SELECT * FROM unnest(ARRAY[10, 20]) WITH ORDINALITY AS u(x, n) ORDER BY n
----
10|1
20|2

query IT
SELECT o.id, t FROM orders o, unnest(o.tags) AS t WHERE o.id < 6 ORDER BY 1, 2
----
1|gift
1|spicy
2|express
2|gift
3|gift
3|late
3|vegan
4|express
4|late
4|vegan
5|express
5|gift
5|vegan

query TI
SELECT t, count(*) FROM orders o CROSS JOIN LATERAL unnest(o.tags) AS t GROUP BY t ORDER BY t
----
express|13
gift|16
late|11
spicy|14
vegan|13

query IT
SELECT id, unnest(ms) FROM types WHERE id < 4 ORDER BY 1, 2
----
0|a
1|a
1|b
1|c
2|A
2|a
3|Zebra
3|zebra

query II
SELECT u.id, o.id FROM users u, LATERAL (SELECT id FROM orders WHERE user_id = u.id ORDER BY id LIMIT 2) o ORDER BY 1, 2
----
1|12
1|22
2|2
2|14
3|3
3|9
4|10
4|36
5|8
5|31
6|1
6|4

query IR
SELECT u.id, o.m FROM users u LEFT JOIN LATERAL (SELECT max(price) AS m FROM orders WHERE user_id = u.id) o ON true ORDER BY 1
----
1|49.89
2|29.54
3|59.92
4|32.47
5|26.16
6|58.84
9|NULL
10|NULL

query II
SELECT u.id, o.id FROM users u LEFT JOIN LATERAL (SELECT id FROM orders WHERE user_id = u.id AND quantity > 6 ORDER BY id LIMIT 1) o ON true ORDER BY 1, 2
----
1|NULL
2|14
3|11
4|36
5|8
6|6
9|NULL
10|NULL

query II
SELECT u.id, g FROM users u CROSS JOIN LATERAL generate_series(1, u.id) g WHERE u.id < 4 ORDER BY 1, 2
----
1|1
2|1
2|2
3|1
3|2
3|3

statement error 42P01
SELECT u.id FROM users u, (SELECT id FROM orders WHERE user_id = u.id) o

query TI
SELECT DISTINCT ON (status) status, id FROM orders ORDER BY status, id
----
baked|5
cancelled|1
created|3
delivered|4
paid|2

query TI
SELECT DISTINCT ON (status) status, id FROM orders ORDER BY status, price DESC NULLS LAST, id
----
baked|13
cancelled|25
created|27
delivered|9
paid|16

query TBI
SELECT DISTINCT ON (city, paid) city, paid, id FROM orders ORDER BY city NULLS FIRST, paid NULLS FIRST, id DESC
----
NULL|NULL|24
NULL|f|30
NULL|t|33
Aachen|NULL|6
Aachen|f|40
Aachen|t|16
Berlin|NULL|31
Berlin|f|39
Berlin|t|35
Bonn|NULL|36
Bonn|f|34
Köln|NULL|20
Köln|f|32
Köln|t|37

query II
SELECT DISTINCT ON (quantity % 2) quantity, id FROM orders ORDER BY quantity % 2, id
----
6|3
1|1

statement error 42P10
SELECT DISTINCT ON (status) status, id FROM orders ORDER BY id

query TII
SELECT DISTINCT ON (country) country, id, latency FROM events ORDER BY country NULLS LAST, latency DESC NULLS LAST, id
----
BR|16494|1997
DE|267|1999
FR|8336|1999
GR|311|1960
IN|5889|1999
JP|13593|1999
NO|7841|1990
PL|9495|1998
PT|3488|1999
SE|4256|1998
TR|17017|1999
US|1826|1999
NULL|13512|1992

query TTI
SELECT status, city, count(*) FROM orders GROUP BY GROUPING SETS ((status), (city), ()) ORDER BY 1 NULLS LAST, 2 NULLS LAST, 3
----
baked|NULL|14
cancelled|NULL|7
created|NULL|6
delivered|NULL|5
paid|NULL|8
NULL|Aachen|4
NULL|Berlin|6
NULL|Bonn|10
NULL|Köln|9
NULL|NULL|11
NULL|NULL|40

query TBI
SELECT status, paid, count(*) FROM orders GROUP BY ROLLUP (status, paid) ORDER BY 1 NULLS LAST, 2 NULLS LAST, 3
----
baked|f|3
baked|t|5
baked|NULL|6
baked|NULL|14
cancelled|f|2
cancelled|t|1
cancelled|NULL|4
cancelled|NULL|7
created|f|4
created|NULL|2
created|NULL|6
delivered|f|4
delivered|NULL|1
delivered|NULL|5
paid|f|1
paid|t|6
paid|NULL|1
paid|NULL|8
NULL|NULL|40

query TBI
SELECT status, paid, count(*) FROM orders GROUP BY CUBE (status, paid) ORDER BY 1 NULLS LAST, 2 NULLS LAST, 3
----
baked|f|3
baked|t|5
baked|NULL|6
baked|NULL|14
cancelled|f|2
cancelled|t|1
cancelled|NULL|4
cancelled|NULL|7
created|f|4
created|NULL|2
created|NULL|6
delivered|f|4
delivered|NULL|1
delivered|NULL|5
paid|f|1
paid|t|6
paid|NULL|1
paid|NULL|8
NULL|f|14
NULL|t|12
NULL|NULL|14
NULL|NULL|40

query TII
SELECT status, grouping(status), sum(quantity) FROM orders GROUP BY ROLLUP (status) ORDER BY 2, 1
----
baked|0|65
cancelled|0|25
created|0|29
delivered|0|18
paid|0|42
NULL|1|179

query TBII
SELECT status, paid, grouping(status, paid), count(*) FROM orders GROUP BY CUBE (status, paid) ORDER BY 3, 1 NULLS LAST, 2 NULLS LAST
----
baked|f|0|3
baked|t|0|5
baked|NULL|0|6
cancelled|f|0|2
cancelled|t|0|1
cancelled|NULL|0|4
created|f|0|4
created|NULL|0|2
delivered|f|0|4
delivered|NULL|0|1
paid|f|0|1
paid|t|0|6
paid|NULL|0|1
baked|NULL|1|14
cancelled|NULL|1|7
created|NULL|1|6
delivered|NULL|1|5
paid|NULL|1|8
NULL|f|2|14
NULL|t|2|12
NULL|NULL|2|14
NULL|NULL|3|40

query TI
SELECT status, count(*) FROM orders GROUP BY ROLLUP (status) HAVING count(*) > 8 ORDER BY 2
----
baked|14
NULL|40

query TTR
SELECT city, status, sum(price) FROM orders GROUP BY city, ROLLUP (status) ORDER BY 1 NULLS FIRST, 2 NULLS LAST
----
NULL|baked|121.7
NULL|cancelled|22.72
NULL|created|11.98
NULL|delivered|84.27000000000001
NULL|paid|38.11
NULL|NULL|278.78
Aachen|baked|16.450000000000003
Aachen|created|51.97
Aachen|paid|54.23
Aachen|NULL|122.65
Berlin|baked|41.82
Berlin|created|101.97
Berlin|paid|64.95
Berlin|NULL|208.73999999999998
Bonn|baked|74.25
Bonn|cancelled|106.86999999999999
Bonn|created|58.84
Bonn|delivered|33.97
Bonn|paid|10.6
Bonn|NULL|284.53
Köln|baked|88.05000000000001
Köln|cancelled|65.21000000000001
Köln|delivered|39.74
Köln|paid|66.05
Köln|NULL|259.05

query TTI
SELECT country, device, count(*) FROM events GROUP BY ROLLUP (country, device) HAVING grouping(country) = 1 OR country = 'DE' ORDER BY 1 NULLS LAST, 2 NULLS LAST
----
DE|desktop|762
DE|phone|685
DE|tablet|671
DE|tv|681
DE|NULL|2799
NULL|NULL|18000

query TBI
SELECT device, bot, sum(latency) FROM events GROUP BY GROUPING SETS ((device, bot), (device), ()) ORDER BY 1 NULLS LAST, 2 NULLS LAST, 3
----
desktop|f|3733297
desktop|t|198176
desktop|NULL|393198
desktop|NULL|4324671
phone|f|3589888
phone|t|192145
phone|NULL|446849
phone|NULL|4228882
tablet|f|3641930
tablet|t|159620
tablet|NULL|449482
tablet|NULL|4251032
tv|f|3645486
tv|t|184695
tv|NULL|413280
tv|NULL|4243461
NULL|NULL|17048046

statement error 42803
SELECT grouping(status) FROM orders
