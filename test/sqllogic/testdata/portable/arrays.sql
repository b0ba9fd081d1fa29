# Arrays as values, JSON operators, and syntax.
portable

query itr rowsort
SELECT ARRAY[1, 2, 3], ARRAY['a', 'b'], ARRAY[1.5, 2]
----
{1,2,3}|{a,b}|{1.5,2}

query Ii
SELECT id, mi FROM types ORDER BY id
----
0|{0}
1|{1,2,3}
2|{-1}
3|{2147483647,-2147483648}
4|{-2147483648}
5|NULL
6|{7,7,7}
7|{-7}
8|{100,200}
9|{42}
10|{42}
11|{1}
12|{3,1,2}
13|NULL
14|{99}
15|{4}
16|{5}
17|{6}

query It
SELECT id, ms FROM types ORDER BY id
----
0|{a}
1|{a,b,c}
2|{A,a}
3|{zebra,Zebra}
4|{z}
5|NULL
6|{50%,off}
7|{a_b}
8|{x y,it's}
9|{ü,ß}
10|{ü,ß}
11|{padded}
12|{12}
13|NULL
14|{l}
15|{true}
16|{2026-01-02}
17|{null}

query Ir
SELECT id, md FROM types ORDER BY id
----
0|{0}
1|{1.5,-2.5}
2|{-1}
3|{1.7976931348623157e+308}
4|{-1.7976931348623157e+308}
5|NULL
6|{0.5}
7|{-0.5,0.5}
8|{0.1,0.2}
9|{3.141592653589793}
10|{3.141592653589793}
11|{1e-300}
12|NULL
13|{-2.5}
14|{9.007199254740992e+15}
15|{NaN}
16|{Infinity}
17|{-Infinity}

query Ib
SELECT id, mb FROM types ORDER BY id
----
0|{f}
1|{t,f}
2|{f,f}
3|{t}
4|{t,t}
5|NULL
6|{t,f,t}
7|{f,t}
8|{t}
9|{t}
10|{t}
11|{f}
12|NULL
13|{f}
14|{t}
15|{f}
16|{f}
17|{t}

query Id
SELECT id, mt FROM types ORDER BY id
----
0|{1970-01-01 00:00:00}
1|{2026-01-01 00:00:00,2026-06-30 12:00:00.5}
2|{1969-12-31 23:59:59.999}
3|{2262-04-11 23:47:16.854}
4|{1900-01-01 00:00:00}
5|NULL
6|{2026-03-29 02:30:00}
7|{2026-10-25 02:30:00}
8|{2024-02-29 00:00:00}
9|{2000-01-01 00:00:00}
10|{2000-01-01 00:00:00}
11|{2026-01-31 00:00:00}
12|NULL
13|{2026-02-28 00:00:00}
14|{2026-02-28 00:00:00}
15|{1582-10-15 00:00:00}
16|{0001-01-01 00:00:00}
17|{9999-12-31 23:59:59.999}

query Ix
SELECT id, mx FROM types ORDER BY id
----
0|{\x00}
1|{\x01,\xff}
2|{\xff}
3|{\xdead,\xbeef}
4|{\x}
5|NULL
6|{\x01,\x02}
7|{\x7f}
8|{\x80}
9|{\xc3bc}
10|{\xc3bc}
11|{\x20}
12|{\x31}
13|NULL
14|{\x0a}
15|{\xff}
16|{\x01}
17|{\x02}

query Iir
SELECT id, ml, mf FROM types ORDER BY id
----
0|{0}|{0}
1|{1,2}|{1.5,2.5}
2|{-1}|{-1}
3|{9223372036854775807,-9223372036854775808}|{3.4028235e+38}
4|{-9223372036854775808}|{-3.4028235e+38}
5|NULL|NULL
6|{7}|{0.5,0.25}
7|{-7,7}|{-0.5}
8|{10000000000}|{0.1}
9|{42,43}|{1.25}
10|{42,43}|{1.25}
11|{1}|{1e-10}
12|NULL|{2.5}
13|{5,5}|NULL
14|{99}|{1.6777216e+07}
15|{4}|{NaN}
16|{5}|{Infinity}
17|{6}|{-Infinity}

query I
SELECT id FROM types WHERE 7 = ANY (mi) ORDER BY id
----
6

query I
SELECT id FROM types WHERE 'a' = ANY (ms) ORDER BY id
----
0
1
2

query I
SELECT id FROM types WHERE 0 > ALL (mi) ORDER BY id
----
2
4
7

query III
SELECT id, cardinality(mi), array_length(ms, 1) FROM types ORDER BY id
----
0|1|1
1|3|3
2|1|2
3|2|2
4|1|1
5|NULL|NULL
6|3|2
7|1|1
8|2|2
9|1|2
10|1|2
11|1|1
12|3|1
13|NULL|NULL
14|1|1
15|1|1
16|1|1
17|1|1

query IIT
SELECT id, mi[1], ms[2] FROM types ORDER BY id
----
0|0|NULL
1|1|b
2|-1|a
3|2147483647|Zebra
4|-2147483648|NULL
5|NULL|NULL
6|7|off
7|-7|NULL
8|100|it's
9|42|ß
10|42|ß
11|1|NULL
12|3|NULL
13|NULL|NULL
14|99|NULL
15|4|NULL
16|5|NULL
17|6|NULL

query T rowsort
SELECT array_to_string(ms, '-') FROM types WHERE id = 1
----
a-b-c

query I rowsort
SELECT array_position(ms, 'b') FROM types WHERE id = 1
----
2

query iiii rowsort
SELECT ARRAY[1, 2] || 3, ARRAY[1] || ARRAY[2, 3], array_append(ARRAY[1], 2), array_cat(ARRAY[1], ARRAY[2])
----
{1,2,3}|{1,2,3}|{1,2}|{1,2}

query BBBB rowsort
SELECT ARRAY[1, 2] = ARRAY[1, 2], ARRAY[1, 2] @> ARRAY[1], ARRAY[1] && ARRAY[1, 2], ARRAY[1] <@ ARRAY[1, 2]
----
t|t|t|t

query t rowsort
SELECT string_to_array('a,b,c', ',')
----
{a,b,c}

query it rowsort
SELECT '{1,2}'::int[], '{a,b}'::text[]
----
{1,2}|{a,b}

query TJ rowsort
SELECT j ->> 'a', j -> 'b' FROM types WHERE id = 2
----
-1|[1,2,3]

query T rowsort
SELECT j #>> '{a,b,0,c}' FROM types WHERE id = 6
----
deep

query T
SELECT json_typeof(j) FROM types WHERE id < 5 ORDER BY id
----
object
object
object
array
string

query I rowsort
SELECT json_array_length('[1, 2, 3]')
----
3

query J
SELECT j -> 'a' FROM types WHERE id IN (0, 5, 7) ORDER BY id
----
NULL
NULL
null

query T rowsort
SELECT '{"a":1}'::json ->> 'b'
----
NULL

statement error 22P02
SELECT '{a'::json

query I
SELECT id FROM types WHERE j ->> 'a' = '1' ORDER BY id
----
1
10
11

query I rowsort
SELECT (j ->> 'a')::int + 1 FROM types WHERE id = 1
----
2

query I rowsort
SELECT /* a comment */ 1 -- and one more
----
1

query II rowsort
SELECT 1 AS "select", 2 AS "From"
----
1|2

query RRRR rowsort
SELECT 1.e2, .5, 1e-2, 1E+2
----
100|0.5|0.01|100

query BBBB rowsort
SELECT true, false, 't'::boolean, NOT true
----
t|f|t|f

query B rowsort
SELECT current_date = now()::date
----
t

query I rowsort
SELECT count(*) c FROM orders o
----
40

query III rowsort
SELECT (1), ((2)), (SELECT 3)
----
1|2|3

query I rowsort
SELECT 1 WHERE true
----
1

query I rowsort
SELECT 1 WHERE false
----

query I
SELECT 1 ORDER BY 1 LIMIT 1
----
1

statement ok
SELECT

statement error 42601
SELECT 1 = 1 = true

query BBB rowsort
SELECT NOT 1 = 2, NOT false AND false, (NOT false) AND false
----
t|f|f

query IIIII rowsort
SELECT 2 + 3 * 4 - 1, (2 + 3) * 4, -2 + 3, 2 - -2, 10 - 2 * 3 % 4
----
13|20|1|4|8

query BB rowsort
SELECT 'a' || 'b' || 'c' = 'abc', 1 + 1 = 2 AND 2 > 1 OR false
----
t|t

query IIIIII rowsort
SELECT 5 & 3, 5 | 3, 5 # 3, ~5, 1 << 4, 16 >> 2
----
1|7|6|-6|16|4

query RRI rowsort
SELECT 2 ^ 10, |/ 16, @ -5
----
1024|4|5

query BB rowsort
SELECT 1 <> ALL (ARRAY[2, 3]), 1 = SOME (ARRAY[1])
----
t|t

query B rowsort
SELECT pi() > 3.14 AND pi() < 3.15
----
t

query IB
SELECT id, i BETWEEN 0 AND 10 AND b FROM types WHERE id < 5 ORDER BY id
----
0|f
1|t
2|f
3|f
4|f

query I rowsort
SELECT row_number() OVER () FROM users WHERE id = 1
----
1

query I rowsort
SELECT id FROM ONLY users WHERE id = 1
----
1

query I rowsort
SELECT u.id FROM users AS u WHERE u.id = 1
----
1

query I rowsort
SELECT u.x FROM users AS u(x) WHERE u.x = 1
----
1

query ITTITD rowsort
TABLE users
----
10|Ida|Köln|NULL|gold|2025-10-26 01:30:00
1|Ann|Köln|NULL|gold|2020-02-29 00:00:00
2|Bob|Bonn|1|silver|2021-03-01 12:30:00
3|Cem|Köln|1|NULL|2021-12-31 23:59:59.999
4|Dora|NULL|2|gold|2022-01-01 00:00:00
5|Emil|Berlin|4|bronze|NULL
6|Fatma|Aachen|4|silver|2023-06-15 06:07:08.009
9|Gus|Hamburg|6|bronze|2024-02-29 10:00:00

query I rowsort
SELECT (users).id FROM users WHERE id = 1
----
1
