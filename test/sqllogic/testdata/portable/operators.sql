# Operators of arrays, JSON and intervals with months: PostgreSQL gives the answers.
portable

# Containment of arrays. NULL elements are equal to nothing.

query BBBBB
SELECT ARRAY[1,2,3] @> ARRAY[3,1], ARRAY[1,2,3] @> ARRAY[4], ARRAY[1] @> ARRAY[]::int[], ARRAY[]::int[] @> ARRAY[1], ARRAY[]::int[] @> ARRAY[]::int[]
----
t|f|t|f|t

query BBB
SELECT ARRAY[1,2] @> ARRAY[1,1,1], ARRAY[1,NULL] @> ARRAY[NULL]::int[], ARRAY[1,NULL] @> ARRAY[1]
----
t|f|t

query BBBB
SELECT ARRAY['a','b'] <@ ARRAY['a','b','c'], ARRAY['a','d'] <@ ARRAY['a','b','c'], ARRAY['a'] && ARRAY['b'], ARRAY['a','b'] && ARRAY['b','c']
----
t|f|f|t

query BBB
SELECT ARRAY[1,2] && NULL::int[], NULL::int[] @> ARRAY[1], ARRAY[1] <@ NULL::int[]
----
NULL|NULL|NULL

query BBB
SELECT ARRAY[1.5,2.5] @> ARRAY[2.5], ARRAY[true] && ARRAY[false, true], ARRAY[timestamp '2026-01-01'] <@ ARRAY[timestamp '2026-01-01']
----
t|t|t

query BB
SELECT ARRAY[1,2] @> '{2}', '{1,2,3}'::int[] && '{3,4}'
----
t|t

query I
SELECT id FROM types WHERE id < 8 AND ARRAY[id] <@ ARRAY[2,3,5,7] ORDER BY id
----
2
3
5
7

# Operators of JSON: keys, paths, containment.

query TTTT
SELECT '{"a":{"b":[10,20]}}'::jsonb #>> '{a,b,1}', '{"a":{"b":[10,20]}}'::jsonb #>> '{a,b,-1}', '{"a":1}'::jsonb #>> '{b}', '{"a":null}'::jsonb #>> '{a}'
----
20|20|NULL|NULL

query TTTT
SELECT '{"a":{"b":"x"}}'::jsonb #>> ARRAY['a','b'], '[[1,2],[3]]'::jsonb #>> '{1,0}', '[1]'::jsonb #>> '{x}', '5'::jsonb #>> '{}'
----
x|3|NULL|5

query TTT
SELECT '{"a":1}'::jsonb #>> NULL, NULL::jsonb #>> '{a}', '{"a":1}'::jsonb #>> ARRAY['a', NULL]
----
NULL|NULL|NULL

query TTTTTTT
SELECT '{"a":"x"}'::json ->> 'a', '["a","b"]'::json ->> 1, '["a","b"]'::json ->> -1, '["a","b"]'::json ->> 2, '{"a":"x"}'::json ->> 'b', '[1]'::json ->> 'a', '{"1":2}'::json ->> 1
----
x|b|b|NULL|NULL|NULL|NULL

query TTTT
SELECT '{"a":"\u00e4\n"}'::json ->> 'a', '{"a":true}'::json ->> 'a', '{"a":1.50}'::json ->> 'a', '{"":1}'::json ->> ''
----
ä\n|true|1.50|1

query TI
SELECT '{"a":{"b":{"c":1}}}'::json -> 'a' -> 'b' ->> 'c', ('[[1],[2,3]]'::json -> 1 ->> 1)::int + 1
----
1|4

query BBBB
SELECT '{"a":1,"b":2}'::jsonb @> '{"b":2}', '{"a":1,"b":2}'::jsonb @> '{"b":3}', '{"a":{"b":1,"c":2}}'::jsonb @> '{"a":{"c":2}}', '{"a":1}'::jsonb @> '{}'
----
t|f|t|t

query BBBBBBB
SELECT '[1,2,3]'::jsonb @> '[3,1]', '[1,2,3]'::jsonb @> '[3,3]', '[1,[2,3]]'::jsonb @> '[[3]]', '[1,2]'::jsonb @> '[[1]]', '[1,2]'::jsonb @> '2', '2'::jsonb @> '[2]', '[[2]]'::jsonb @> '2'
----
t|t|t|f|t|f|f

query BBBBBBB
SELECT '"a"'::jsonb @> '"a"', '1'::jsonb @> '1.0', '1e2'::jsonb @> '100', 'null'::jsonb @> 'null', 'true'::jsonb @> 'false', '"1"'::jsonb @> '1', '{"a":[]}'::jsonb @> '{"a":{}}'
----
t|t|t|t|f|f|f

query BBBB
SELECT '{"b":2}'::jsonb <@ '{"a":1,"b":2}'::jsonb, '[]'::jsonb <@ '[1]'::jsonb, '{}'::jsonb <@ '[]'::jsonb, '{"a":"\u0062"}'::jsonb <@ '{"a":"b"}'::jsonb
----
t|t|f|t

query BBBBBBB
SELECT '{"a":1}'::jsonb ? 'a', '{"a":1}'::jsonb ? 'b', '["a","b"]'::jsonb ? 'b', '[1]'::jsonb ? '1', '"a"'::jsonb ? 'a', '1'::jsonb ? '1', '{"x":{"a":1}}'::jsonb ? 'a'
----
t|f|t|f|t|f|f

query BBBBBB
SELECT '{"a":1}'::jsonb ?| ARRAY['b','a'], '{"a":1}'::jsonb ?| ARRAY['b'], '{"a":1}'::jsonb ?& ARRAY['a'], '{"a":1}'::jsonb ?& ARRAY['a','b'], '{"a":1}'::jsonb ?| ARRAY[]::text[], '{"a":1}'::jsonb ?& ARRAY[]::text[]
----
t|f|t|f|f|t

query BBB
SELECT NULL::jsonb @> '{}', '{}'::jsonb @> NULL, '{}'::jsonb ? NULL
----
NULL|NULL|NULL

query TTT
SELECT jsonb_extract_path_text('{"a":[{"b":5}]}', 'a', '0', 'b'), jsonb_extract_path_text('{"a":1}', 'x'), json_extract_path_text('[1,2]', '5')
----
5|NULL|NULL

query ITT
SELECT id, j ->> 'a', j #>> '{a,b}' FROM types WHERE id < 9 ORDER BY id
----
0|NULL|NULL
1|1|NULL
2|-1|NULL
3|NULL|NULL
4|NULL|NULL
5|NULL|NULL
6|{"b":[{"c":"deep"}]}|[{"c":"deep"}]
7|NULL|NULL
8|NULL|NULL

query I
SELECT count(*) FROM types WHERE j ->> 'a' IS NOT NULL
----
8

# Errors of JSON.

statement error 22P02
SELECT '{a'::json ->> 'a'

statement error 22P02
SELECT '{"a":1}'::jsonb #>> '{a'

statement error 42883
SELECT ARRAY[1] @> 1

statement error 42883
SELECT ARRAY[1] && ARRAY['a']

statement error 42883
SELECT 1 @> 2

# Intervals with months: the day of the month stays, or is the last of a shorter month; then days and times are added.

query DDDD
SELECT timestamp '2026-01-31' + interval '1 month', timestamp '2026-03-31' - interval '1 month', timestamp '2024-02-29' + interval '1 year', timestamp '2024-02-29' + interval '4 years'
----
2026-02-28 00:00:00|2026-02-28 00:00:00|2025-02-28 00:00:00|2028-02-29 00:00:00

query DDD
SELECT timestamp '2026-01-31 10:30' + interval '1 month 2 days 03:00', timestamp '2026-01-31' - interval '1 year 2 months 3 days', timestamp '2026-01-01' - interval '-1 month'
----
2026-03-02 13:30:00|2024-11-27 00:00:00|2026-02-01 00:00:00

query DDDD
SELECT interval '1 month' + timestamp '2026-12-31', timestamp '2026-01-15' + interval '18 months', timestamp '2026-01-15' + interval '1 decade', timestamp '2026-01-15' + interval '1 century'
----
2027-01-31 00:00:00|2027-07-15 00:00:00|2036-01-15 00:00:00|2126-01-15 00:00:00

query DDD
SELECT timestamp '2026-01-15' + interval '1.5 years', timestamp '2026-01-15' + interval '0.5 month', timestamp '2026-01-15' + interval '1 year -12 months'
----
2027-07-15 00:00:00|2026-01-30 00:00:00|2026-01-15 00:00:00

query DDDD
SELECT timestamp '2026-01-15' + interval '3' month, timestamp '2026-01-15' + interval '2' year, timestamp '2026-01-15' + 'P1Y2M3DT4H'::interval, timestamp '2026-01-15' - 'P1M'::interval
----
2026-04-15 00:00:00|2028-01-15 00:00:00|2027-03-18 04:00:00|2025-12-15 00:00:00

query DDD
SELECT timestamp '2026-01-31' + interval '1 month' + interval '1 month', timestamp '2026-01-31' + interval '2 months', timestamp '2026-03-31' + interval '1 month' - interval '1 day'
----
2026-03-28 00:00:00|2026-03-31 00:00:00|2026-04-29 00:00:00

query DD
SELECT date_trunc('month', timestamp '2026-02-14 05:06') + interval '1 month' - interval '1 day', date_trunc('quarter', timestamp '2026-05-14') + interval '3 months'
----
2026-02-28 00:00:00|2026-07-01 00:00:00

query DD
SELECT NULL::timestamp + interval '1 month', timestamp '0001-03-31' - interval '1 month'
----
NULL|0001-02-28 00:00:00

query I
SELECT count(*) FROM orders WHERE ts >= timestamp '2026-02-01' - interval '1 month' AND ts < timestamp '2026-02-01'
----
38

query B
SELECT min(ts + interval '1 month') = min(ts) + interval '1 month' FROM orders
----
t

query ID
SELECT id, ts + interval '1 month 1 day' FROM orders ORDER BY id LIMIT 5
----
1|2026-02-03 20:03:04
2|2026-02-04 02:35:27
3|2026-02-05 04:34:07.125
4|2026-02-06 06:31:43.999
5|2026-02-07 09:33:31.125

query D
SELECT g FROM generate_series(timestamp '2026-01-31', timestamp '2026-07-01', interval '1 month') g
----
2026-01-31 00:00:00
2026-02-28 00:00:00
2026-03-28 00:00:00
2026-04-28 00:00:00
2026-05-28 00:00:00
2026-06-28 00:00:00

query D
SELECT g FROM generate_series(timestamp '2026-01-31', timestamp '2025-06-01', interval '-2 months') g
----
2026-01-31 00:00:00
2025-11-30 00:00:00
2025-09-30 00:00:00
2025-07-30 00:00:00

query D
SELECT g FROM generate_series(timestamp '2026-01-01', timestamp '2026-03-01', interval '1 month 1 day') g
----
2026-01-01 00:00:00
2026-02-02 00:00:00

query D
SELECT g FROM generate_series(timestamp '2026-01-01', timestamp '2025-03-01', interval '1 month') g
----

statement error 22007
SELECT g FROM generate_series(timestamp '2020-01-01', timestamp '2029-12-31', interval '1 quarter') g

query DI
SELECT g, count(o.id) FROM generate_series(timestamp '2025-12-01', timestamp '2026-03-01', interval '1 month') g LEFT JOIN orders o ON o.ts >= g AND o.ts < g + interval '1 month' GROUP BY g ORDER BY g
----
2025-12-01 00:00:00|0
2026-01-01 00:00:00|38
2026-02-01 00:00:00|0
2026-03-01 00:00:00|0

statement error 42883
SELECT 1 + interval '1 month'

# OVERLAPS

query BB
SELECT (timestamp '2026-01-01', timestamp '2026-01-10') OVERLAPS (timestamp '2026-01-10', timestamp '2026-01-20'), (timestamp '2026-01-01', timestamp '2026-01-11') OVERLAPS (timestamp '2026-01-10', timestamp '2026-01-20')
----
f|t

query BB
SELECT (timestamp '2026-01-10', timestamp '2026-01-01') OVERLAPS (timestamp '2026-01-20', timestamp '2026-01-05'), (timestamp '2026-01-01', timestamp '2026-01-01') OVERLAPS (timestamp '2026-01-01', timestamp '2026-01-01')
----
t|t

query BBB
SELECT (timestamp '2026-01-01', interval '1 month') OVERLAPS (timestamp '2026-01-31', interval '1 hour'), (timestamp '2026-01-01', interval '1 month') OVERLAPS (timestamp '2026-02-01', interval '1 hour'), (timestamp '2026-01-02', interval '-1 day') OVERLAPS (timestamp '2026-01-01', interval '1 hour')
----
t|f|t

query BBBB
SELECT (timestamp '2026-01-01', NULL::timestamp) OVERLAPS (timestamp '2026-01-01', NULL::timestamp), (timestamp '2026-01-02', NULL::timestamp) OVERLAPS (timestamp '2026-01-01', timestamp '2026-01-03'), (NULL::timestamp, NULL::timestamp) OVERLAPS (timestamp '2026-01-01', timestamp '2026-01-03'), (timestamp '2026-01-04', NULL::timestamp) OVERLAPS (timestamp '2026-01-01', timestamp '2026-01-03')
----
NULL|t|NULL|NULL

query I
SELECT count(*) FROM orders WHERE (ts, interval '1 hour') OVERLAPS (timestamp '2026-01-02', timestamp '2026-01-03')
----
2

# SIMILAR TO

query BBBBB
SELECT 'abc' SIMILAR TO 'abc', 'abc' SIMILAR TO 'a', 'abc' SIMILAR TO '%(b|d)%', 'abc' SIMILAR TO '(b|c)%', 'xabc' SIMILAR TO '(x|y)abc'
----
t|f|t|f|t

query BBBBBB
SELECT 'aaa' SIMILAR TO 'a+', 'aaa' SIMILAR TO 'a{2}', 'aaa' SIMILAR TO 'a{2,}', 'aaa' SIMILAR TO 'a{1,2}', '' SIMILAR TO 'a*', 'b' SIMILAR TO 'a?b'
----
t|f|t|f|t|t

query BBBBBBB
SELECT 'a.c' SIMILAR TO 'a.c', 'abc' SIMILAR TO 'a.c', 'a^$c' SIMILAR TO 'a^$c', 'a' SIMILAR TO '[a-c]', 'd' SIMILAR TO '[^a-c]', ']' SIMILAR TO '[]]', '5' SIMILAR TO '[[:digit:]]'
----
t|f|t|t|t|t|t

query BBBBBB
SELECT 'a%c' SIMILAR TO 'a\%c', 'abc' SIMILAR TO 'a\%c', 'a%c' SIMILAR TO 'a#%c' ESCAPE '#', 'a\c' SIMILAR TO 'a\\c', 'a|b' SIMILAR TO 'a\|b', 'a_c' SIMILAR TO 'a#_c' ESCAPE '#'
----
t|f|t|t|t|t

query BBBB
SELECT 'ab' SIMILAR TO 'a|b', 'a' SIMILAR TO 'a|b', 'äö' SIMILAR TO '_ö', 'a
b' SIMILAR TO 'a_b'
----
f|t|t|t

query BBB
SELECT NULL SIMILAR TO 'a', 'a' SIMILAR TO NULL, 'a' NOT SIMILAR TO 'b'
----
NULL|NULL|t

query I
SELECT id FROM users WHERE name SIMILAR TO '(A|B)%' ORDER BY id
----
1
2

statement error 2201B
SELECT 'a' SIMILAR TO '('

# Square roots, absolute values, numeric(p, s).

query RRIRR
SELECT |/ 16, ||/ 27, @ -5, @ -2.5, (|/ 9) + 1
----
4|3.0000000000000004|5|2.5|4

query NNNNB
SELECT 1.005::numeric(10, 2), 123.456::numeric(5, 1), 99.5::numeric(3), (-2.5)::numeric(2, 0), 0.004::numeric(3, 2) = 0
----
1.01|123.5|100|-3|t

statement error 22003
SELECT 1000::numeric(3)

statement error 22003
SELECT 99.995::numeric(4, 2)

query NB
SELECT CAST('12.345' AS decimal(10, 2)), '1e3'::numeric(6, 2) = 1000
----
12.35|t

query IN
SELECT id, n::numeric(12, 1) FROM types WHERE abs(n) < 1000000 ORDER BY id
----
0|0
1|1
2|-1
6|0.5
7|-0.5
8|0.1
9|2.7
10|2.7
11|0
12|2.5
15|4
16|5
17|-0.1

query TTT
SELECT unistr('\0041\+0000e4\u20ac\U0001F600'), unistr('a\\b'), unistr('\d83d\de00')
----
Aä€😀|a\\b|😀

statement error 42601
SELECT unistr('\00')

statement error 42601
SELECT unistr('\d83d')

query DDD
SELECT timestamp '2026-1-2 3:4:5', timestamp '2026-01-02 3:4', timestamp '2026-1-2'
----
2026-01-02 03:04:05|2026-01-02 03:04:00|2026-01-02 00:00:00
