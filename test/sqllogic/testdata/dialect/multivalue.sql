# Multi-value columns: a predicate holds if any element matches; <> and NOT IN if none equals; a key groups by each element.

query I
SELECT id FROM types WHERE mi = 7 ORDER BY id
----
6

query I
SELECT id FROM types WHERE mi = 1 ORDER BY id
----
1
11
12

query I
SELECT id FROM types WHERE mi <> 1 ORDER BY id
----
0
2
3
4
6
7
8
9
10
14
15
16
17

query I
SELECT id FROM types WHERE NOT (mi = 1) ORDER BY id
----
0
2
3
4
6
7
8
9
10
14
15
16
17

query I
SELECT id FROM types WHERE mi > 50 ORDER BY id
----
3
8
14

query I
SELECT id FROM types WHERE mi >= 99 ORDER BY id
----
3
8
14

query I
SELECT id FROM types WHERE mi < 0 ORDER BY id
----
2
3
4
7

query I
SELECT id FROM types WHERE mi BETWEEN 2 AND 6 ORDER BY id
----
1
12
15
16
17

query I
SELECT id FROM types WHERE mi IN (1, 42) ORDER BY id
----
1
9
10
11
12

query I
SELECT id FROM types WHERE mi NOT IN (1, 42) ORDER BY id
----
0
2
3
4
6
7
8
14
15
16
17

query I
SELECT id FROM types WHERE mi IN (3) AND mi IN (2) ORDER BY id
----
1
12

query I
SELECT id FROM types WHERE mi IS NULL ORDER BY id
----
5
13

query I
SELECT id FROM types WHERE mi IS NOT NULL ORDER BY id
----
0
1
2
3
4
6
7
8
9
10
11
12
14
15
16
17

query I
SELECT id FROM types WHERE ml = -7 OR ml = 43 ORDER BY id
----
7
9
10

query I
SELECT id FROM types WHERE mf = 0.25 ORDER BY id
----
6

query I
SELECT id FROM types WHERE md < 0 ORDER BY id
----
1
2
4
7
13
17

query I
SELECT id FROM types WHERE mb = true ORDER BY id
----
1
3
4
6
7
8
9
10
14
17

query I
SELECT id FROM types WHERE mb = false ORDER BY id
----
0
1
2
6
7
11
13
15
16

query I
SELECT id FROM types WHERE ms = 'a' ORDER BY id
----
0
1
2

query I
SELECT id FROM types WHERE ms <> 'a' ORDER BY id
----
3
4
6
7
8
9
10
11
12
14
15
16
17

query I
SELECT id FROM types WHERE ms IN ('a', 'z') ORDER BY id
----
0
1
2
4

query I
SELECT id FROM types WHERE ms LIKE 'z%' ORDER BY id
----
3
4

query I
SELECT id FROM types WHERE ms > 'y' ORDER BY id
----
3
4
9
10

query I
SELECT id FROM types WHERE mt > '2026-01-01' ORDER BY id
----
1
3
6
7
11
13
14
17

query I
SELECT id FROM types WHERE mt = '2000-01-01' ORDER BY id
----
9
10

query Iit
SELECT id, mi, ms FROM types WHERE id IN (1, 5, 6, 13) ORDER BY id
----
1|{1,2,3}|{a,b,c}
5|NULL|NULL
6|{7,7,7}|{50%,off}
13|NULL|NULL

query II
SELECT mi, count(*) FROM types GROUP BY mi ORDER BY mi NULLS FIRST
----
NULL|2
-2147483648|2
-7|1
-1|1
0|1
1|3
2|2
3|2
4|1
5|1
6|1
7|3
42|2
99|1
100|1
200|1
2147483647|1

query TI
SELECT ms, count(*) FROM types GROUP BY ms ORDER BY ms NULLS FIRST
----
NULL|2
12|1
2026-01-02|1
50%|1
A|1
Zebra|1
a|3
a_b|1
b|1
c|1
it's|1
l|1
null|1
off|1
padded|1
true|1
x y|1
z|1
zebra|1
ß|2
ü|2

query TI
SELECT ms, count(*) FROM types WHERE ms = 'a' GROUP BY ms ORDER BY ms
----
A|1
a|3
b|1
c|1

query ITI
SELECT mi, ms, count(*) FROM types WHERE id IN (1, 6) GROUP BY mi, ms ORDER BY mi, ms
----
1|a|1
1|b|1
1|c|1
2|a|1
2|b|1
2|c|1
3|a|1
3|b|1
3|c|1
7|50%|3
7|off|3

query BI
SELECT mb, count(*) FROM types GROUP BY mb ORDER BY mb NULLS LAST
----
f|10
t|12
NULL|2

query I
SELECT DISTINCT mi FROM types WHERE id IN (1, 6) ORDER BY mi
----
1
2
3
7

query IIIIR rowsort
SELECT sumMV(mi), countMV(mi), minMV(mi), maxMV(mi), avgMV(mi) FROM types WHERE id < 3
----
5|5|-1|3|1

query IIIRI rowsort
SELECT sum(mi), min(mi), max(mi), avg(mi), count(mi) FROM types WHERE id < 3
----
5|-1|3|1|3

query II rowsort
SELECT distinctCountMV(ms), distinctCount(ms) FROM types
----
20|20

query II
SELECT arrayLength(mi), arrayLength(ms) FROM types WHERE id IN (1, 5) ORDER BY id
----
3|3
NULL|NULL

query t
SELECT valueIn(ms, 'a', 'b') FROM types WHERE id IN (1, 2) ORDER BY id
----
{a,b}
{a}

query TI
SELECT tags, count(*) FROM orders GROUP BY tags ORDER BY tags NULLS LAST
----
express|13
gift|16
late|11
spicy|14
vegan|13
NULL|4

query TI
SELECT tags, sum(quantity) FROM orders WHERE tags <> 'gift' GROUP BY tags ORDER BY tags
----
express|25
late|22
spicy|40
vegan|43

query I
SELECT id FROM orders WHERE tags = 'express' AND tags = 'gift' ORDER BY id
----
2
5
22
23
24
33
38

query I rowsort
SELECT count(*) FROM orders WHERE tags = 'express' OR tags IS NULL
----
17

query I rowsort
SELECT count(*) FROM orders WHERE tags NOT IN ('express', 'gift')
----
14

query I rowsort
SELECT count(*) FROM orders WHERE tags LIKE 'e%'
----
13

query TI rowsort
SELECT category, count(*) FROM items WHERE toppings = 'cheese' GROUP BY category
----
pizza|9

query TII
SELECT toppings, count(*), sum(quantity) FROM items GROUP BY toppings ORDER BY toppings NULLS FIRST
----
NULL|47|93
basil|14|27
cheese|9|18
chili|12|23
ham|15|29
olives|15|30

# Two multi-value columns compare as whole arrays.

query I
SELECT count(*) FROM types WHERE mi = ml
----
7

query I
SELECT id FROM types ORDER BY mi, id
----
4
7
2
0
11
1
12
15
16
17
6
9
10
14
8
3
5
13

statement error 42883 @11
SELECT mi + 1 FROM types

query BI rowsort
SELECT arrayContains(mi, 7), arrayIndexOf(mi, 7) FROM types WHERE id = 6
----
t|0

query II rowsort
SELECT mi[1], cardinality(mi) FROM types WHERE id = 1
----
1|3

query iiiii
SELECT arrayConcatInt(mi, mi), arraySliceInt(mi, 0, 2), arrayReverseInt(mi), arraySortInt(mi), arrayDistinctInt(mi) FROM types WHERE id IN (1, 6) ORDER BY id
----
{1,2,3,1,2,3}|{1,2}|{3,2,1}|{1,2,3}|{1,2,3}
{7,7,7,7,7,7}|{7,7}|{7,7,7}|{7,7,7}|{7}
