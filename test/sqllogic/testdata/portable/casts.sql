# Casts in both forms.
portable

query I rowsort
SELECT CAST(0 AS integer)
----
0

query I rowsort
SELECT CAST(1 AS integer)
----
1

query I rowsort
SELECT CAST(-1 AS integer)
----
-1

query I rowsort
SELECT CAST('1' AS integer)
----
1

query I rowsort
SELECT CAST(' 2 ' AS integer)
----
2

query I rowsort
SELECT CAST('-3' AS integer)
----
-3

statement error 22P02
SELECT CAST('1.5' AS integer)

statement error 22P02
SELECT CAST('abc' AS integer)

statement error 22P02
SELECT CAST('' AS integer)

statement error 22P02
SELECT CAST('t' AS integer)

statement error 22P02
SELECT CAST('yes' AS integer)

statement error 22P02
SELECT CAST('off' AS integer)

query I rowsort
SELECT CAST(true AS integer)
----
1

query I rowsort
SELECT CAST(false AS integer)
----
0

query I rowsort
SELECT CAST(1e2 AS integer)
----
100

statement error 22P02
SELECT CAST('1e2' AS integer)

statement error 22P02
SELECT CAST('NaN' AS integer)

statement error 22P02
SELECT CAST('Infinity' AS integer)

query I rowsort
SELECT CAST(NULL AS integer)
----
NULL

statement error 22P02
SELECT CAST('2026-01-02 03:04:05' AS integer)

statement error 22P02
SELECT CAST('2026-01-02' AS integer)

statement error 22P02
SELECT CAST('2026-01-02T03:04:05' AS integer)

statement error 22P02
SELECT CAST('2026-02-30' AS integer)

query I rowsort
SELECT CAST(0 AS bigint)
----
0

query I rowsort
SELECT CAST(1 AS bigint)
----
1

query I rowsort
SELECT CAST(-1 AS bigint)
----
-1

query I rowsort
SELECT CAST('1' AS bigint)
----
1

query I rowsort
SELECT CAST(' 2 ' AS bigint)
----
2

query I rowsort
SELECT CAST('-3' AS bigint)
----
-3

statement error 22P02
SELECT CAST('1.5' AS bigint)

statement error 22P02
SELECT CAST('abc' AS bigint)

statement error 22P02
SELECT CAST('' AS bigint)

statement error 22P02
SELECT CAST('t' AS bigint)

statement error 22P02
SELECT CAST('yes' AS bigint)

statement error 22P02
SELECT CAST('off' AS bigint)

query I rowsort
SELECT CAST(1e2 AS bigint)
----
100

statement error 22P02
SELECT CAST('1e2' AS bigint)

statement error 22P02
SELECT CAST('NaN' AS bigint)

statement error 22P02
SELECT CAST('Infinity' AS bigint)

query I rowsort
SELECT CAST(NULL AS bigint)
----
NULL

query R rowsort
SELECT CAST(0 AS double precision)
----
0

query R rowsort
SELECT CAST(1 AS double precision)
----
1

query R rowsort
SELECT CAST(-1 AS double precision)
----
-1

query R rowsort
SELECT CAST(1.5 AS double precision)
----
1.5

query R rowsort
SELECT CAST(2.5 AS double precision)
----
2.5

query R rowsort
SELECT CAST(-2.5 AS double precision)
----
-2.5

query R rowsort
SELECT CAST('1' AS double precision)
----
1

query R rowsort
SELECT CAST(' 2 ' AS double precision)
----
2

query R rowsort
SELECT CAST('-3' AS double precision)
----
-3

query R rowsort
SELECT CAST('1.5' AS double precision)
----
1.5

statement error 22P02
SELECT CAST('abc' AS double precision)

statement error 22P02
SELECT CAST('' AS double precision)

statement error 22P02
SELECT CAST('t' AS double precision)

statement error 22P02
SELECT CAST('yes' AS double precision)

statement error 22P02
SELECT CAST('off' AS double precision)

query R rowsort
SELECT CAST(1e2 AS double precision)
----
100

query R rowsort
SELECT CAST('1e2' AS double precision)
----
100

query R rowsort
SELECT CAST('NaN' AS double precision)
----
NaN

query R rowsort
SELECT CAST('Infinity' AS double precision)
----
Infinity

query R rowsort
SELECT CAST(NULL AS double precision)
----
NULL

query R rowsort
SELECT CAST(0 AS real)
----
0

query R rowsort
SELECT CAST(1 AS real)
----
1

query R rowsort
SELECT CAST(-1 AS real)
----
-1

query R rowsort
SELECT CAST(1.5 AS real)
----
1.5

query R rowsort
SELECT CAST(2.5 AS real)
----
2.5

query R rowsort
SELECT CAST(-2.5 AS real)
----
-2.5

query R rowsort
SELECT CAST('1' AS real)
----
1

query R rowsort
SELECT CAST(' 2 ' AS real)
----
2

query R rowsort
SELECT CAST('-3' AS real)
----
-3

query R rowsort
SELECT CAST('1.5' AS real)
----
1.5

statement error 22P02
SELECT CAST('abc' AS real)

statement error 22P02
SELECT CAST('' AS real)

statement error 22P02
SELECT CAST('t' AS real)

statement error 22P02
SELECT CAST('yes' AS real)

statement error 22P02
SELECT CAST('off' AS real)

query R rowsort
SELECT CAST(1e2 AS real)
----
100

query R rowsort
SELECT CAST('1e2' AS real)
----
100

query R rowsort
SELECT CAST('NaN' AS real)
----
NaN

query R rowsort
SELECT CAST('Infinity' AS real)
----
Infinity

query R rowsort
SELECT CAST(NULL AS real)
----
NULL

query N rowsort
SELECT CAST(0 AS numeric)
----
0

query N rowsort
SELECT CAST(1 AS numeric)
----
1

query N rowsort
SELECT CAST(-1 AS numeric)
----
-1

query N rowsort
SELECT CAST(1.5 AS numeric)
----
1.5

query N rowsort
SELECT CAST(2.5 AS numeric)
----
2.5

query N rowsort
SELECT CAST(-2.5 AS numeric)
----
-2.5

query N rowsort
SELECT CAST('1' AS numeric)
----
1

query N rowsort
SELECT CAST(' 2 ' AS numeric)
----
2

query N rowsort
SELECT CAST('-3' AS numeric)
----
-3

query N rowsort
SELECT CAST('1.5' AS numeric)
----
1.5

statement error 22P02
SELECT CAST('abc' AS numeric)

statement error 22P02
SELECT CAST('' AS numeric)

statement error 22P02
SELECT CAST('t' AS numeric)

statement error 22P02
SELECT CAST('yes' AS numeric)

statement error 22P02
SELECT CAST('off' AS numeric)

query N rowsort
SELECT CAST(1e2 AS numeric)
----
100

query N rowsort
SELECT CAST('1e2' AS numeric)
----
100

query N rowsort
SELECT CAST(NULL AS numeric)
----
NULL

query T rowsort
SELECT CAST(0 AS text)
----
0

query T rowsort
SELECT CAST(1 AS text)
----
1

query T rowsort
SELECT CAST(-1 AS text)
----
-1

query T rowsort
SELECT CAST(1.5 AS text)
----
1.5

query T rowsort
SELECT CAST(2.5 AS text)
----
2.5

query T rowsort
SELECT CAST(-2.5 AS text)
----
-2.5

query T rowsort
SELECT CAST('1' AS text)
----
1

query T rowsort
SELECT CAST(' 2 ' AS text)
----
\ 2\x20

query T rowsort
SELECT CAST('-3' AS text)
----
-3

query T rowsort
SELECT CAST('1.5' AS text)
----
1.5

query T rowsort
SELECT CAST('abc' AS text)
----
abc

query T rowsort
SELECT CAST('' AS text)
----
(empty)

query T rowsort
SELECT CAST('t' AS text)
----
t

query T rowsort
SELECT CAST('yes' AS text)
----
yes

query T rowsort
SELECT CAST('off' AS text)
----
off

query T rowsort
SELECT CAST(true AS text)
----
true

query T rowsort
SELECT CAST(false AS text)
----
false

query T rowsort
SELECT CAST(1e2 AS text)
----
100

query T rowsort
SELECT CAST('1e2' AS text)
----
1e2

query T rowsort
SELECT CAST('NaN' AS text)
----
NaN

query T rowsort
SELECT CAST('Infinity' AS text)
----
Infinity

query T rowsort
SELECT CAST(NULL AS text)
----
NULL

query T rowsort
SELECT CAST('2026-01-02 03:04:05' AS text)
----
2026-01-02 03:04:05

query T rowsort
SELECT CAST('2026-01-02' AS text)
----
2026-01-02

query T rowsort
SELECT CAST('2026-01-02T03:04:05' AS text)
----
2026-01-02T03:04:05

query T rowsort
SELECT CAST('2026-02-30' AS text)
----
2026-02-30

query B rowsort
SELECT CAST(0 AS boolean)
----
f

query B rowsort
SELECT CAST(1 AS boolean)
----
t

query B rowsort
SELECT CAST(-1 AS boolean)
----
t

query B rowsort
SELECT CAST('1' AS boolean)
----
t

statement error 22P02
SELECT CAST('abc' AS boolean)

statement error 22P02
SELECT CAST('' AS boolean)

query B rowsort
SELECT CAST('t' AS boolean)
----
t

query B rowsort
SELECT CAST('yes' AS boolean)
----
t

query B rowsort
SELECT CAST('off' AS boolean)
----
f

query B rowsort
SELECT CAST(true AS boolean)
----
t

query B rowsort
SELECT CAST(NULL AS boolean)
----
NULL

query B rowsort
SELECT CAST(' true ' AS boolean)
----
t

query D rowsort
SELECT CAST(NULL AS timestamp)
----
NULL

query D rowsort
SELECT CAST('2026-01-02 03:04:05' AS timestamp)
----
2026-01-02 03:04:05

query D rowsort
SELECT CAST('2026-01-02' AS timestamp)
----
2026-01-02 00:00:00

query D rowsort
SELECT CAST('2026-01-02T03:04:05' AS timestamp)
----
2026-01-02 03:04:05

statement error 22008
SELECT CAST('2026-02-30' AS timestamp)

statement error 22007
SELECT CAST('abc' AS timestamp)

statement error 22007
SELECT CAST('' AS timestamp)

query II
SELECT id, i::int FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 12) ORDER BY id
----
0|0
1|1
2|-1
5|NULL
6|7
7|-7
9|42
12|3

query II
SELECT id, l::int FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 12) ORDER BY id
----
0|0
1|1
2|-1
5|NULL
6|7
7|-7
9|42
12|NULL

query II
SELECT id, d::int FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 12) ORDER BY id
----
0|0
1|1
2|-1
5|NULL
6|0
7|0
9|3
12|2

query II
SELECT id, i::bigint FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 12) ORDER BY id
----
0|0
1|1
2|-1
5|NULL
6|7
7|-7
9|42
12|3

query II
SELECT id, l::bigint FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 12) ORDER BY id
----
0|0
1|1
2|-1
5|NULL
6|7
7|-7
9|42
12|NULL

query II
SELECT id, d::bigint FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 12) ORDER BY id
----
0|0
1|1
2|-1
5|NULL
6|0
7|0
9|3
12|2

query IR
SELECT id, i::float8 FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 12) ORDER BY id
----
0|0
1|1
2|-1
5|NULL
6|7
7|-7
9|42
12|3

query IR
SELECT id, l::float8 FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 12) ORDER BY id
----
0|0
1|1
2|-1
5|NULL
6|7
7|-7
9|42
12|NULL

query IR
SELECT id, d::float8 FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 12) ORDER BY id
----
0|0
1|1
2|-1
5|NULL
6|0.5
7|-0.5
9|3.141592653589793
12|2.5

query IR
SELECT id, n::float8 FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 12) ORDER BY id
----
0|0
1|1
2|-1
5|NULL
6|0.5
7|-0.5
9|2.718281828459045
12|2.5

query IN
SELECT id, i::numeric FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 12) ORDER BY id
----
0|0
1|1
2|-1
5|NULL
6|7
7|-7
9|42
12|3

query IN
SELECT id, l::numeric FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 12) ORDER BY id
----
0|0
1|1
2|-1
5|NULL
6|7
7|-7
9|42
12|NULL

query IN
SELECT id, n::numeric FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 12) ORDER BY id
----
0|0
1|1
2|-1
5|NULL
6|0.5
7|-0.5
9|2.718281828459045
12|2.5

query IT
SELECT id, i::text FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 12) ORDER BY id
----
0|0
1|1
2|-1
5|NULL
6|7
7|-7
9|42
12|3

query IT
SELECT id, l::text FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 12) ORDER BY id
----
0|0
1|1
2|-1
5|NULL
6|7
7|-7
9|42
12|NULL

query IT
SELECT id, d::text FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 12) ORDER BY id
----
0|0
1|1
2|-1
5|NULL
6|0.5
7|-0.5
9|3.141592653589793
12|2.5

query IT
SELECT id, n::text FROM types WHERE id IN (0, 1, 2, 5, 6, 7, 9, 12) ORDER BY id
----
0|0
1|1
2|-1
5|NULL
6|0.5
7|-0.5
9|2.718281828459045
12|2.5

query IT
SELECT id, CAST(b AS text) FROM types WHERE id < 12 ORDER BY id
----
0|false
1|true
2|false
3|true
4|false
5|NULL
6|true
7|false
8|true
9|true
10|true
11|false

query IT
SELECT id, CAST(t AS text) FROM types WHERE id < 12 ORDER BY id
----
0|1970-01-01 00:00:00
1|2026-01-02 03:04:05.678
2|1969-12-31 23:59:59.999
3|2262-04-11 23:47:16.854
4|1900-01-01 00:00:00
5|NULL
6|2026-03-29 02:30:00
7|2026-10-25 02:30:00
8|2024-02-29 00:00:00
9|2000-01-01 00:00:00
10|2000-01-01 00:00:00
11|2026-01-31 23:59:59.999

query II
SELECT id, b::int FROM types WHERE id < 8 ORDER BY id
----
0|0
1|1
2|0
3|1
4|0
5|NULL
6|1
7|0

query I
SELECT id FROM types WHERE i::boolean ORDER BY id
----
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

query IT
SELECT id, i::text || '!' FROM types ORDER BY id
----
0|0!
1|1!
2|-1!
3|2147483647!
4|-2147483648!
5|NULL
6|7!
7|-7!
8|100!
9|42!
10|42!
11|12!
12|3!
13|NULL
14|99!
15|4!
16|5!
17|6!

query I rowsort
SELECT s::bigint FROM types WHERE id = 12
----
12

statement error 22P02
SELECT s::int FROM types WHERE id = 1

query R rowsort
SELECT s::double precision FROM types WHERE id = 13
----
3.5

query D rowsort
SELECT s::timestamp FROM types WHERE id = 16
----
2026-01-02 00:00:00

query B rowsort
SELECT s::boolean FROM types WHERE id = 15
----
t

query I rowsort
SELECT count(*) FROM types WHERE id = 12 AND s::int = 12
----
1

query I rowsort
SELECT '1'::int + '2'::int
----
3

query I rowsort
SELECT 1::bigint::text::int
----
1

query I rowsort
SELECT int '5'
----
5

query R rowsort
SELECT float8 '1.5'
----
1.5

query N rowsort
SELECT numeric '1.50'
----
1.5

query B rowsort
SELECT bool 't'
----
t

query T rowsort
SELECT text 'x'
----
x

query D rowsort
SELECT timestamp '2026-01-02 03:04:05.678'
----
2026-01-02 03:04:05.678

query D rowsort
SELECT date '2026-01-02'
----
2026-01-02 00:00:00

query B rowsort
SELECT CAST('5' AS int) = 5
----
t

query X rowsort
SELECT '\xff'::bytea
----
\xff

query J rowsort
SELECT '{"a":1}'::json
----
{"a":1}

query T rowsort
SELECT 'a'::varchar
----
a

query T rowsort
SELECT 'abc'::varchar(2)
----
ab

query N rowsort
SELECT 1.005::numeric(10, 2)
----
1.01

statement error 42704
SELECT 'nope'::nosuchtype

query T rowsort
SELECT 12345678901::text
----
12345678901

query R rowsort
SELECT 0.1::real
----
0.1

query R rowsort
SELECT 0.1::real::double precision
----
0.10000000149011612
