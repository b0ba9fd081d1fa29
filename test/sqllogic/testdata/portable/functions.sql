# Functions that PostgreSQL and Freshet have, at their edges: PostgreSQL gives the answers.
portable

query TTTTTT
SELECT substring('foobar' from 'o.b'), substring('foobar', 'o(.)b'), substring('foobar', 'x'), substring('foobar', '(x)|o'), substring(NULL, 'x'), substring('a', NULL)
----
oob|o|NULL|NULL|NULL|NULL

query BBBBBBBBBB
SELECT 'abc' ~ 'b', 'abc' ~* 'B', 'abc' !~ 'x', 'a.c' ~ '^a\.c$', 'foo' ~ '\mfoo\M', 'a b' ~ 'a\sb', 'a
b' ~ 'a.b', 'a
b' ~ '^b', 'xfoo' ~ '\yfoo', '\y' ~ '\\y'
----
t|t|t|t|t|t|t|f|f|t

query I
SELECT id FROM users WHERE name ~ ('^' || left(name, 1)) ORDER BY id
----
1
2
3
4
5
6
9
10

query BB
SELECT 'abc' ~ NULL, NULL ~ 'a'
----
NULL|NULL

statement error 2201B
SELECT 'abc' ~ '('

query B
SELECT name ~ name FROM users ORDER BY id
----
t
t
t
t
t
t
t
t

query Tt
SELECT regexp_replace('foo bar', '\mb', 'X', 'g'), regexp_split_to_array('a b', '\s+')
----
foo Xar|{a,b}

query T
SELECT json_object_keys('{"b":1,"a":{"c":2}}')
----
b
a

query T
SELECT k FROM jsonb_object_keys('{}') k
----

statement error 22023
SELECT json_object_keys('[1]')

statement error 2201F
SELECT sqrt(-1)

statement error 2201E
SELECT ln(0)

statement error 2201E
SELECT ln(-1)

query TTTT
SELECT left('abc', -1), right('abc', -1), left('abc', 10), left('', 1)
----
ab|bc|abc|(empty)

query IIII
SELECT length('äb'), char_length('äb'), octet_length('äb'), bit_length('äb')
----
2|2|3|24

query IIT
SELECT ascii('ä'), ascii(''), chr(228)
----
228|0|ä

query T
SELECT initcap('hello wORLD foo-bar o''neil')
----
Hello World Foo-Bar O'Neil

query TTTTTT
SELECT lpad('abc', 5), lpad('abc', 2), lpad('abc', 6, 'xy'), rpad('abc', 6, 'xy'), lpad('abc', -1), lpad('abc', 6, '')
----
\  abc|ab|xyxabc|abcxyx|(empty)|abc

query TTTTT
SELECT ltrim('xxabc', 'x'), rtrim('abcxx', 'xc'), btrim('xabcx', 'x'), trim(both 'x' from 'xax'), trim('  a  ')
----
abc|ab|abc|a|a

query TTT
SELECT repeat('ab', 3), repeat('ab', 0), repeat('ab', -1)
----
ababab|(empty)|(empty)

query TT
SELECT replace('abcabc', 'b', 'xx'), replace('abc', '', 'x')
----
axxcaxxc|abc

query TT
SELECT reverse('äbc'), translate('12345', '143', 'ax')
----
cbä|a2x5

query TTTTT
SELECT substring('abcdef', 2, 3), substring('abcdef' from 2 for 3), substring('abcdef', 0, 3), substring('abcdef', -1, 4), substring('abcdef', 3)
----
bcd|bcd|ab|ab|cdef

statement error 22011
SELECT substring('abcdef', 2, -1)

query III
SELECT position('b' in 'abc'), position('x' in 'abc'), position('' in 'abc')
----
2|0|1

query TTTTTT
SELECT concat_ws(',', 'a', NULL, 'b'), concat_ws(NULL, 'a', 'b'), concat('a', 'b'), concat('a'), concat(1, 2), concat('a', 'b', 'c', 'd')
----
a,b|NULL|ab|a|12|abcd

query tttt
SELECT string_to_array('a,b,,c', ','), string_to_array('a,b', NULL), string_to_array('', ','), string_to_array('a,NULL', ',', 'NULL')
----
{a,b,(empty),c}|{a,\,,b}|{}|{a,NULL}

query TT
SELECT array_to_string(ARRAY['a', NULL, 'b'], ','), array_to_string(ARRAY['a', NULL, 'b'], ',', '*')
----
a,b|a,*,b

query IIIIi
SELECT array_length(ARRAY[1,2], 1), array_length(ARRAY[]::int[], 1), cardinality(ARRAY[]::int[]), array_position(ARRAY[1,2,1], 1), array_positions(ARRAY[1,2,1], 1)
----
2|NULL|0|1|{1,3}

query DDDD
SELECT date_trunc('week', timestamp '2026-01-04'), date_trunc('quarter', timestamp '2026-05-04'), date_trunc('century', timestamp '2026-05-04'), date_trunc('millennium', timestamp '2026-05-04')
----
2025-12-29 00:00:00|2026-04-01 00:00:00|2001-01-01 00:00:00|2001-01-01 00:00:00

query Z
SELECT date_trunc('day', timestamptz '2026-01-04 01:00+00', 'Europe/Berlin')
----
2026-01-03 23:00:00+00

query IITII
SELECT greatest(1, NULL, 3), least(NULL, 2), greatest('a', 'b'), nullif(1, 1), coalesce(NULL, 1)
----
3|2|b|NULL|1

query BBRR
SELECT random() < 1, pi() > 3, degrees(pi()), radians(180)
----
t|t|180|3.141592653589793

query ttBITI
SELECT regexp_match('foobar', 'o(b)(a)'), regexp_split_to_array('a1b2', '\d'), regexp_like('abc', 'B', 'i'), regexp_count('aXbXc', 'X'), regexp_substr('abc', 'b.'), regexp_instr('abcb', 'b')
----
{b,a}|{a,b,(empty)}|t|2|bc|2

query TTNDZ
SELECT to_char(1234.5, '9,999.99'), to_char(timestamp '2026-01-04', 'YYYY-MM-DD'), to_number('1,234', '9,999'), to_date('2026-01-04', 'YYYY-MM-DD'), to_timestamp('2026-01-04 05', 'YYYY-MM-DD HH24')
----
\ 1,234.50|2026-01-04|1234|2026-01-04 00:00:00|2026-01-04 05:00:00+00

query BBBB
SELECT isfinite(timestamp '2026-01-04'), now() = now(), current_date = now()::date, localtimestamp = now()::timestamp
----
t|t|t|t

query D
SELECT date_bin('15 minutes', timestamp '2026-01-04 01:22', timestamp '2026-01-01')
----
2026-01-04 01:15:00

query TTTT
SELECT quote_ident('a b'), quote_literal('a''b'), quote_nullable(NULL), format('%s %I %L', 'a', 'b c', 'd')
----
"a b"|'a''b'|\NULL|a "b c" 'd'

query TBB
SELECT overlay('abcdef' placing 'xx' from 2 for 3), normalize('ä', NFD) = 'ä', 'ä' IS NORMALIZED
----
axxef|f|t

query III
SELECT bit_and(x), bit_or(x), bit_xor(x) FROM (VALUES (12), (10)) t(x)
----
8|14|6

query BBB
SELECT 3 IN (1, 2, NULL), 3 NOT IN (1, 2, NULL), NULL IN (1)
----
NULL|NULL|NULL

query VVB
SELECT interval '1 day 02:03:04', interval '36 hours', interval '90 minutes' = interval '01:30'
----
93784000|129600000|t

statement error 42601
SELECT '{1,2}'::int[], ARRAY[1,2][1], (ARRAY[1,2])[3]

query TTT
SELECT U&'\0041', E'a\nb', $$a'b$$
----
A|a\nb|a'b

query JJJIT
SELECT json_build_object('a', 1), json_build_array(1, 'a'), to_json('a'::text), json_array_length('[1,2]'), json_typeof('{}')
----
{"a" : 1}|[1, "a"]|"a"|2|object

query RRRRR
SELECT ceiling(1.2::float8), pow(2, 3), cbrt(8), sinh(1), asind(0.5)
----
2|8|2|1.1752011936438014|30
