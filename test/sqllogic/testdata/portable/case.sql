# CASE, COALESCE and their laziness.
portable

query I rowsort
SELECT CASE WHEN true THEN 1 END
----
1

query I rowsort
SELECT CASE WHEN false THEN 1 END
----
NULL

query I rowsort
SELECT CASE WHEN false THEN 1 ELSE 2 END
----
2

query T rowsort
SELECT CASE WHEN 1 = 2 THEN 'a' WHEN 2 = 2 THEN 'b' ELSE 'c' END
----
b

query T rowsort
SELECT CASE 3 WHEN 1 THEN 'one' WHEN 3 THEN 'three' END
----
three

query I rowsort
SELECT CASE 'x' WHEN 'y' THEN 1 ELSE 0 END
----
0

query R rowsort
SELECT CASE WHEN true THEN 1 ELSE 1 / 0 END
----
1

query I rowsort
SELECT CASE WHEN 1 = 1 THEN 1 WHEN 1 / 0 = 1 THEN 2 END
----
1

query R rowsort
SELECT CASE WHEN true THEN 1 ELSE 2.5 END
----
1

query I rowsort
SELECT CASE WHEN true THEN NULL ELSE 2 END
----
NULL

query I rowsort
SELECT CASE WHEN NULL THEN 1 WHEN true THEN 2 END
----
2

statement error 42804
SELECT CASE WHEN 1 THEN 2 END

statement error 22P02
SELECT CASE WHEN true THEN 1 ELSE 'x' END

query T rowsort
SELECT CASE WHEN true THEN 'a' ELSE 'b' END || 'c'
----
ac

query IT
SELECT id, CASE WHEN i > 0 THEN 'pos' WHEN i < 0 THEN 'neg' WHEN i = 0 THEN 'zero' ELSE 'null' END FROM types ORDER BY id
----
0|zero
1|pos
2|neg
3|pos
4|neg
5|null
6|pos
7|neg
8|pos
9|pos
10|pos
11|pos
12|pos
13|null
14|pos
15|pos
16|pos
17|pos

query IT
SELECT id, CASE i WHEN 1 THEN 'one' WHEN 7 THEN 'seven' ELSE 'other' END FROM types ORDER BY id
----
0|other
1|one
2|other
3|other
4|other
5|other
6|seven
7|other
8|other
9|other
10|other
11|other
12|other
13|other
14|other
15|other
16|other
17|other

query IR
SELECT id, CASE WHEN i = 0 THEN 0 ELSE 100 / i END FROM types WHERE id < 5 AND id <> 3 AND id <> 4 ORDER BY id
----
0|0
1|100
2|-100

query II
SELECT id, CASE WHEN i <> 0 THEN i % i END FROM types WHERE id < 9 ORDER BY id
----
0|NULL
1|0
2|0
3|0
4|0
5|NULL
6|0
7|0
8|0

query IT
SELECT id, CASE WHEN b THEN s ELSE 'no' END FROM types ORDER BY id
----
0|no
1|a
2|no
3|zebra
4|no
5|no
6|50% off
7|no
8|back\\slash
9|ÄÖÜ ß €
10|ÄÖÜ ß €
11|no
12|12
13|no
14|line\nbreak
15|no
16|no
17|null

query II
SELECT id, CASE WHEN b THEN i ELSE l END FROM types ORDER BY id
----
0|0
1|1
2|-1
3|2147483647
4|-9223372036854775808
5|NULL
6|7
7|-7
8|100
9|42
10|42
11|-12
12|3
13|5
14|99
15|4
16|5
17|6

query ID
SELECT id, CASE WHEN b IS NULL THEN t END FROM types ORDER BY id
----
0|NULL
1|NULL
2|NULL
3|NULL
4|NULL
5|NULL
6|NULL
7|NULL
8|NULL
9|NULL
10|NULL
11|NULL
12|NULL
13|NULL
14|NULL
15|NULL
16|NULL
17|NULL

query II
SELECT id, CASE WHEN s LIKE 'a%' THEN 1 WHEN s LIKE 'z%' THEN 2 ELSE 3 END FROM types WHERE s IS NOT NULL ORDER BY id
----
0|3
1|1
2|3
3|2
4|3
6|3
7|1
8|3
9|3
10|3
11|3
12|3
13|3
14|3
15|3
16|3
17|3

query I
SELECT id FROM types WHERE CASE WHEN i > 0 THEN b ELSE false END ORDER BY id
----
1
3
6
8
9
10
12
14
17

query I
SELECT id FROM types WHERE CASE WHEN i = 0 THEN false ELSE 10 % i > 1 END ORDER BY id
----
3
4
6
7
8
9
10
11
14
15
17

query R rowsort
SELECT coalesce(1, 1 / 0)
----
1

statement error 22012
SELECT coalesce(NULL, 1 / 0)

query IT
SELECT id, coalesce(s, 'x') || '!' FROM types ORDER BY id
----
0|!
1|a!
2|A!
3|zebra!
4|Zebra!
5|x!
6|50% off!
7|a_b!
8|back\\slash!
9|ÄÖÜ ß €!
10|ÄÖÜ ß €!
11|\  padded  !
12|12!
13|3.5!
14|line\nbreak!
15|true!
16|2026-01-02!
17|null!

query IR
SELECT id, coalesce(d, i, 0) FROM types WHERE id IN (5, 12, 13) ORDER BY id
----
5|0
12|2.5
13|-2.5

statement error 22P02
SELECT coalesce('a', 1)

query TII
SELECT CASE WHEN quantity > 5 THEN 'big' ELSE 'small' END AS size, count(*), sum(quantity) FROM orders GROUP BY size ORDER BY size
----
big|15|106
small|25|73

query TI
SELECT CASE WHEN quantity > 5 THEN 'big' ELSE 'small' END, count(*) FROM orders GROUP BY 1 ORDER BY 1
----
big|15
small|25

query TIRR
SELECT CASE WHEN price IS NULL THEN 'none' WHEN price < 20 THEN 'low' WHEN price < 40 THEN 'mid' ELSE 'high' END AS band, count(*), min(price), max(price) FROM orders GROUP BY band ORDER BY band
----
high|14|40.05|59.92
low|11|5.16|17.51
mid|12|20.32|36.62
none|3|NULL|NULL

query RII rowsort
SELECT sum(CASE WHEN paid THEN price ELSE 0 END), sum(CASE WHEN NOT paid THEN 1 END), count(CASE WHEN paid THEN 1 END) FROM orders
----
400.82|14|12

query TI
SELECT status, sum(CASE WHEN paid THEN 1 ELSE 0 END) AS paid_orders FROM orders GROUP BY status ORDER BY paid_orders DESC, status
----
paid|6
baked|5
cancelled|1
created|0
delivered|0

query I
SELECT id FROM orders ORDER BY CASE status WHEN 'created' THEN 1 WHEN 'paid' THEN 2 WHEN 'baked' THEN 3 ELSE 4 END, id LIMIT 12
----
3
10
14
27
39
40
2
8
12
15
16
31

query T rowsort
SELECT CASE WHEN count(*) > 10 THEN 'many' ELSE 'few' END FROM orders
----
many

query TT
SELECT status, CASE WHEN count(*) > 7 THEN 'many' ELSE 'few' END FROM orders GROUP BY status ORDER BY status
----
baked|many
cancelled|few
created|few
delivered|few
paid|many

query TT
SELECT country, CASE WHEN sum(amount) > 500000 THEN 'A' ELSE 'B' END FROM events GROUP BY country ORDER BY country
----
BR|A
DE|A
FR|A
GR|B
IN|A
JP|A
NO|B
PL|A
PT|B
SE|B
TR|A
US|A
NULL|B

query TIR
SELECT device, sum(CASE WHEN bot THEN 1 ELSE 0 END), avg(CASE WHEN latency > 1000 THEN latency END) FROM events GROUP BY device ORDER BY device
----
desktop|203|1496.3640574339972
phone|202|1506.3788022813687
tablet|189|1508.0158197507192
tv|174|1496.0646511627906

query I rowsort
SELECT CASE WHEN CASE WHEN true THEN false END THEN 1 ELSE 2 END
----
2

query T
SELECT CASE id WHEN 1 THEN CASE WHEN i = 1 THEN 'a' END ELSE 'b' END FROM types WHERE id < 3 ORDER BY id
----
b
a
b
