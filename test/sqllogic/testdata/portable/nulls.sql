# NULL in comparisons, logic, functions and aggregates.
portable

query B rowsort
SELECT NULL = NULL
----
NULL

query B rowsort
SELECT NULL <> 1
----
NULL

query B rowsort
SELECT NULL IS NULL
----
t

query B rowsort
SELECT NULL IS NOT NULL
----
f

query B rowsort
SELECT 1 IS NULL
----
f

query B rowsort
SELECT NULL AND true
----
NULL

query B rowsort
SELECT NULL AND false
----
f

query B rowsort
SELECT NULL OR true
----
t

query B rowsort
SELECT NULL OR false
----
NULL

query B rowsort
SELECT NOT NULL
----
NULL

query B rowsort
SELECT true AND NULL AND false
----
f

query B rowsort
SELECT false OR NULL OR true
----
t

query B rowsort
SELECT (NULL = 1) IS NULL
----
t

query BBBBBB rowsort
SELECT NULL IS TRUE, NULL IS NOT TRUE, NULL IS FALSE, NULL IS NOT FALSE, NULL IS UNKNOWN, NULL IS NOT UNKNOWN
----
f|t|f|t|t|f

query BBB rowsort
SELECT true IS UNKNOWN, false IS NOT TRUE, true IS NOT FALSE
----
f|t|t

query BBB rowsort
SELECT 1 IS DISTINCT FROM NULL, NULL IS DISTINCT FROM NULL, 1 IS NOT DISTINCT FROM 1
----
t|f|t

query ITI rowsort
SELECT coalesce(NULL, 1), coalesce(NULL, NULL, 'x'), coalesce(1, 2)
----
1|x|1

query T rowsort
SELECT coalesce(NULL, NULL)
----
NULL

query IIT rowsort
SELECT nullif(1, 1), nullif(1, 2), nullif('a', 'b')
----
NULL|1|a

query TI rowsort
SELECT nullif(NULL, 1), nullif(1, NULL)
----
NULL|1

query T rowsort
SELECT NULL || 'a'
----
NULL

query BBB rowsort
SELECT 1 IN (NULL), 1 IN (1, NULL), 1 NOT IN (1, NULL)
----
NULL|t|f

query B rowsort
SELECT 1 NOT IN (2, NULL)
----
NULL

query B rowsort
SELECT NULL IN (1, 2)
----
NULL

query BB rowsort
SELECT NULL BETWEEN 1 AND 2, 1 BETWEEN NULL AND 2
----
NULL|NULL

query BB rowsort
SELECT 3 BETWEEN NULL AND 2, 0 BETWEEN 1 AND NULL
----
f|f

query BB rowsort
SELECT NULL LIKE 'a', 'a' LIKE NULL
----
NULL|NULL

query TIIT rowsort
SELECT upper(NULL), length(NULL), abs(NULL), substr(NULL, 1)
----
NULL|NULL|NULL|NULL

query II rowsort
SELECT greatest(NULL, 1, 2), least(NULL, 1, 2)
----
2|1

query I rowsort
SELECT CASE WHEN NULL THEN 1 ELSE 2 END
----
2

query I rowsort
SELECT CASE NULL WHEN NULL THEN 1 ELSE 2 END
----
2

query T rowsort
SELECT CASE 1 WHEN NULL THEN 'n' WHEN 1 THEN 'one' END
----
one

query ITD rowsort
SELECT CAST(NULL AS int), CAST(NULL AS text), CAST(NULL AS timestamp)
----
NULL|NULL|NULL

query I
SELECT id FROM types WHERE i IS NULL ORDER BY id
----
5
13

query I
SELECT id FROM types WHERE i IS NOT NULL ORDER BY id
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
SELECT id FROM types WHERE l IS NULL ORDER BY id
----
5
12

query I
SELECT id FROM types WHERE s IS NULL ORDER BY id
----
5

query I
SELECT id FROM types WHERE b IS NULL OR t IS NULL ORDER BY id
----
5
13

query I
SELECT id FROM types WHERE n IS NULL AND d IS NOT NULL ORDER BY id
----
13

query I
SELECT id FROM types WHERE ms IS NULL ORDER BY id
----
5
13

query I
SELECT id FROM types WHERE ml IS NOT NULL ORDER BY id
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
13
14
15
16
17

query I
SELECT id FROM types WHERE j IS NULL ORDER BY id
----
5

query I
SELECT id FROM types WHERE x IS NULL ORDER BY id
----
5
13

query I
SELECT id FROM types WHERE i = NULL ORDER BY id
----

query I
SELECT id FROM types WHERE i <> NULL ORDER BY id
----

query I
SELECT id FROM types WHERE NOT (i = 1) ORDER BY id
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
11
12
14
15
16
17

query I
SELECT id FROM types WHERE (i = 1) IS NULL ORDER BY id
----
5
13

query I
SELECT id FROM types WHERE (i = 1) IS NOT TRUE ORDER BY id
----
0
2
3
4
5
6
7
8
9
10
11
12
13
14
15
16
17

query I
SELECT id FROM types WHERE b ORDER BY id
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
SELECT id FROM types WHERE NOT b ORDER BY id
----
0
2
4
7
11
15
16

query I
SELECT id FROM types WHERE b IS TRUE ORDER BY id
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
SELECT id FROM types WHERE b IS NOT TRUE ORDER BY id
----
0
2
4
5
7
11
13
15
16

query I
SELECT id FROM types WHERE b IS FALSE ORDER BY id
----
0
2
4
7
11
15
16

query I
SELECT id FROM types WHERE b IS NOT FALSE ORDER BY id
----
1
3
5
6
8
9
10
12
13
14
17

query I
SELECT id FROM types WHERE b IS UNKNOWN ORDER BY id
----
5
13

query I
SELECT id FROM types WHERE b = true ORDER BY id
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
SELECT id FROM types WHERE b <> true ORDER BY id
----
0
2
4
7
11
15
16

query I
SELECT id FROM types WHERE i = 42 OR l IS NULL ORDER BY id
----
5
9
10
12

query I
SELECT id FROM types WHERE i = 42 AND l IS NULL ORDER BY id
----

query I
SELECT id FROM types WHERE NOT (i = 42 OR l = 42) ORDER BY id
----
0
1
2
3
4
6
7
8
11
14
15
16
17

query I
SELECT id FROM types WHERE NOT (i = 42 AND b) ORDER BY id
----
0
1
2
3
4
6
7
8
11
12
14
15
16
17

query I
SELECT id FROM types WHERE i NOT IN (1, 2, NULL) ORDER BY id
----

query I
SELECT id FROM types WHERE i IN (1, 2, NULL) ORDER BY id
----
1

query I
SELECT id FROM types WHERE s NOT IN ('a', 'A') ORDER BY id
----
0
3
4
6
7
8
9
10
11
12
13
14
15
16
17

query IBI
SELECT id, i IS NULL, coalesce(i, -99) FROM types ORDER BY id
----
0|f|0
1|f|1
2|f|-1
3|f|2147483647
4|f|-2147483648
5|t|-99
6|f|7
7|f|-7
8|f|100
9|f|42
10|f|42
11|f|12
12|f|3
13|t|-99
14|f|99
15|f|4
16|f|5
17|f|6

query II
SELECT id, coalesce(i, l, id) FROM types ORDER BY id
----
0|0
1|1
2|-1
3|2147483647
4|-2147483648
5|5
6|7
7|-7
8|100
9|42
10|42
11|12
12|3
13|5
14|99
15|4
16|5
17|6

query IT
SELECT id, coalesce(s, 'none') FROM types ORDER BY id
----
0|(empty)
1|a
2|A
3|zebra
4|Zebra
5|none
6|50% off
7|a_b
8|back\\slash
9|ÄÖÜ ß €
10|ÄÖÜ ß €
11|\  padded \x20
12|12
13|3.5
14|line\nbreak
15|true
16|2026-01-02
17|null

query II
SELECT id, nullif(i, 42) FROM types ORDER BY id
----
0|0
1|1
2|-1
3|2147483647
4|-2147483648
5|NULL
6|7
7|-7
8|100
9|NULL
10|NULL
11|12
12|3
13|NULL
14|99
15|4
16|5
17|6

query IT
SELECT id, nullif(s, '') FROM types ORDER BY id
----
0|NULL
1|a
2|A
3|zebra
4|Zebra
5|NULL
6|50% off
7|a_b
8|back\\slash
9|ÄÖÜ ß €
10|ÄÖÜ ß €
11|\  padded \x20
12|12
13|3.5
14|line\nbreak
15|true
16|2026-01-02
17|null

query II
SELECT id, i + l FROM types WHERE id IN (5, 12, 13, 1) ORDER BY id
----
1|2
5|NULL
12|NULL
13|NULL

query IT
SELECT id, s || '-' || i FROM types WHERE id IN (5, 1, 13) ORDER BY id
----
1|a-1
5|NULL
13|NULL

query IBBB
SELECT id, b AND i > 0, b OR i > 0, NOT b FROM types ORDER BY id
----
0|f|f|t
1|t|t|f
2|f|f|t
3|t|t|f
4|f|f|t
5|NULL|NULL|NULL
6|t|t|f
7|f|f|t
8|t|t|f
9|t|t|f
10|t|t|f
11|f|t|t
12|t|t|f
13|NULL|NULL|NULL
14|t|t|f
15|f|t|t
16|f|t|t
17|t|t|f

query IBB
SELECT id, (i > 0) IS TRUE, (i > 0) IS NOT FALSE FROM types ORDER BY id
----
0|f|f
1|t|t
2|f|f
3|t|t
4|f|f
5|f|t
6|t|t
7|f|f
8|t|t
9|t|t
10|t|t
11|t|t
12|t|t
13|f|t
14|t|t
15|t|t
16|t|t
17|t|t

query IIIIIIIII rowsort
SELECT count(*), count(i), count(l), count(f), count(d), count(n), count(b), count(s), count(t) FROM types
----
18|16|16|16|17|16|16|17|16

query IIII rowsort
SELECT count(j), count(x), count(mi), count(ms) FROM types
----
17|16|16|16

query IIIR rowsort
SELECT sum(i), min(i), max(i), avg(i) FROM types WHERE id = 5
----
NULL|NULL|NULL|NULL

query IIIRII rowsort
SELECT sum(i), min(i), max(i), avg(i), count(i), count(*) FROM types WHERE id = 999
----
NULL|NULL|NULL|NULL|0|0

query TTDDII rowsort
SELECT min(s), max(s), min(t), max(t), min(b::int), max(b::int) FROM types WHERE id = 5
----
NULL|NULL|NULL|NULL|NULL|NULL

query III rowsort
SELECT count(DISTINCT i), count(DISTINCT s), count(DISTINCT b) FROM types
----
15|16|2

query II
SELECT i, count(*) FROM types GROUP BY i ORDER BY i NULLS FIRST
----
NULL|2
-2147483648|1
-7|1
-1|1
0|1
1|1
3|1
4|1
5|1
6|1
7|1
12|1
42|2
99|1
100|1
2147483647|1

query BII
SELECT b, count(*), count(b) FROM types GROUP BY b ORDER BY b NULLS LAST
----
f|7|7
t|9|9
NULL|2|0

query TBI
SELECT status, paid, count(*) FROM orders GROUP BY status, paid ORDER BY status, paid NULLS FIRST
----
baked|NULL|6
baked|f|3
baked|t|5
cancelled|NULL|4
cancelled|f|2
cancelled|t|1
created|NULL|2
created|f|4
delivered|NULL|1
delivered|f|4
paid|NULL|1
paid|f|1
paid|t|6

query TI
SELECT city, count(*) FROM orders GROUP BY city ORDER BY city NULLS FIRST
----
NULL|11
Aachen|4
Berlin|6
Bonn|10
Köln|9

query TI rowsort
SELECT city, count(*) FROM orders WHERE city IS NULL GROUP BY city
----
NULL|11

query T
SELECT DISTINCT city FROM orders ORDER BY city NULLS LAST
----
Aachen
Berlin
Bonn
Köln
NULL

query B
SELECT DISTINCT paid FROM orders ORDER BY paid NULLS FIRST
----
NULL
f
t

query I rowsort
SELECT count(*) FROM orders WHERE price IS NULL
----
3

query I rowsort
SELECT count(*) FROM orders WHERE price > 0 OR price IS NULL
----
40

query I rowsort
SELECT count(*) FROM orders WHERE price > 10 AND discount IS NULL
----
4

query I rowsort
SELECT count(*) FROM orders WHERE NOT (price > 10)
----
3

query I rowsort
SELECT count(*) FROM orders WHERE (price > 10) IS UNKNOWN
----
3

query I rowsort
SELECT count(*) FROM orders WHERE paid IS NOT TRUE
----
28

query I rowsort
SELECT count(*) FROM orders WHERE paid IS DISTINCT FROM true
----
28

query I rowsort
SELECT count(*) FROM orders WHERE user_id IS NOT DISTINCT FROM NULL
----
3

query RN rowsort
SELECT sum(price), sum(discount) FROM orders WHERE paid IS NULL
----
320.74|30.19135780246913578

query I rowsort
SELECT count(*) FROM events WHERE country IS NULL
----
581

query I rowsort
SELECT count(*) FROM events WHERE bot IS NOT TRUE AND latency IS NULL
----
865

query I rowsort
SELECT count(*) FROM events WHERE NOT bot
----
15481

query IIIII rowsort
SELECT count(*), count(latency), count(amount), count(ts), count(bot) FROM events
----
18000|17093|17637|17825|16249

query BII
SELECT bot, count(*), sum(latency) FROM events GROUP BY bot ORDER BY bot NULLS FIRST
----
NULL|1751|1702809
f|15481|14610601
t|768|734636

query I
SELECT id FROM users WHERE referrer IS NULL ORDER BY id
----
1
10

query IIT
SELECT id, coalesce(referrer, 0), coalesce(level, '?') FROM users ORDER BY id
----
1|0|gold
2|1|silver
3|1|?
4|2|gold
5|4|bronze
6|4|silver
9|6|bronze
10|0|gold
