# Functions of text.
portable

query IIIII rowsort
SELECT length('abc'), length(''), length('äöü'), length('€'), length('😀')
----
3|0|3|1|1

query IIII rowsort
SELECT char_length('äöü'), character_length('abc'), octet_length('äöü'), octet_length('')
----
3|3|6|0

query TTTTT rowsort
SELECT upper('abc'), lower('ABC'), upper('äöü'), lower('ÄÖÜ'), upper('ß')
----
ABC|abc|ÄÖÜ|äöü|ß

query TT rowsort
SELECT initcap('hello world'), initcap('HELLO')
----
Hello World|Hello

query TTT rowsort
SELECT 'a' || 'b', 'a' || '', '' || ''
----
ab|a|(empty)

query TT rowsort
SELECT concat_ws(',', 'a', NULL, 'b'), concat_ws('-', 'x')
----
a,b|x

query TTT rowsort
SELECT substring('hello' from 2 for 3), substring('hello' from 2), substring('hello' for 2)
----
ell|ello|he

query TTTTT rowsort
SELECT substring('hello', 2), substring('hello', 2, 2), substring('hello', 0, 3), substring('hello', -1, 4), substring('hello', 10)
----
ello|el|he|he|(empty)

query T rowsort
SELECT substring('äöü', 2, 1)
----
ö

statement error 22011
SELECT substring('hello', 1, -1)

query TTTTTTT rowsort
SELECT left('hello', 2), left('hello', -2), left('hello', 0), left('hello', 10), right('hello', 2), right('hello', -2), right('hello', 10)
----
he|hel|(empty)|hello|lo|llo|hello

query TTTTTT rowsort
SELECT trim('  a  '), ltrim('  a  '), rtrim('  a  '), trim(both 'x' from 'xxaxx'), trim(leading 'x' from 'xxaxx'), trim(trailing 'x' from 'xxaxx')
----
a|a \x20|\  a|a|axx|xxa

query TT rowsort
SELECT btrim('xyaxy', 'xy'), btrim('  b ')
----
a|b

query TTTTT rowsort
SELECT lpad('a', 3, 'x'), rpad('a', 3, 'x'), lpad('abcd', 2, 'x'), lpad('a', 5, 'xy'), rpad('a', 5, 'xy')
----
xxa|axx|ab|xyxya|axyxy

query TTT rowsort
SELECT replace('banana', 'a', 'o'), replace('abc', 'x', 'y'), replace('abc', '', 'y')
----
bonono|abc|abc

query T rowsort
SELECT translate('12345', '143', 'ax')
----
a2x5

query TTTTT rowsort
SELECT reverse('abc'), reverse('äb'), repeat('ab', 3), repeat('a', 0), repeat('a', -1)
----
cba|bä|ababab|(empty)|(empty)

query IIII rowsort
SELECT position('b' in 'abc'), position('x' in 'abc'), position('' in 'abc'), position('ü' in 'äöü')
----
2|0|1|3

query IITT rowsort
SELECT ascii('a'), ascii(''), chr(65), chr(8364)
----
97|0|A|€

query TT rowsort
SELECT md5('abc'), md5('')
----
900150983cd24fb0d6963f7d28e17f72|d41d8cd98f00b204e9800998ecf8427e

query TT rowsort
SELECT to_hex(255), to_hex(16)
----
ff|10

query T rowsort
SELECT overlay('abcdef' placing 'XX' from 2 for 3)
----
aXXef

query T rowsort
SELECT overlay('abcdef' placing 'XX' from 2)
----
aXXdef

query TTT rowsort
SELECT quote_literal('it''s'), quote_ident('a b'), quote_ident('abc')
----
'it''s'|"a b"|abc

query TTTT rowsort
SELECT format('%s is %s', 'a', 1), format('%%'), format('%I', 'a b'), format('%L', 'it''s')
----
a is 1|%|"a b"|'it''s'

query IITT
SELECT id, length(s), upper(s), lower(s) FROM types ORDER BY id
----
0|0|(empty)|(empty)
1|1|A|a
2|1|A|a
3|5|ZEBRA|zebra
4|5|ZEBRA|zebra
5|NULL|NULL|NULL
6|7|50% OFF|50% off
7|3|A_B|a_b
8|10|BACK\\SLASH|back\\slash
9|7|ÄÖÜ ß €|äöü ß €
10|7|ÄÖÜ ß €|äöü ß €
11|10|\  PADDED \x20|\  padded \x20
12|2|12|12
13|3|3.5|3.5
14|10|LINE\nBREAK|line\nbreak
15|4|TRUE|true
16|10|2026-01-02|2026-01-02
17|4|\NULL|null

query ITT
SELECT id, left(s, 3), right(s, 2) FROM types ORDER BY id
----
0|(empty)|(empty)
1|a|a
2|A|A
3|zeb|ra
4|Zeb|ra
5|NULL|NULL
6|50%|ff
7|a_b|_b
8|bac|sh
9|ÄÖÜ|\ €
10|ÄÖÜ|\ €
11|\  p|\ \x20
12|12|12
13|3.5|.5
14|lin|ak
15|tru|ue
16|202|02
17|nul|ll

query IT
SELECT id, trim(s) FROM types ORDER BY id
----
0|(empty)
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
11|padded
12|12
13|3.5
14|line\nbreak
15|true
16|2026-01-02
17|null

query IT
SELECT id, reverse(s) FROM types ORDER BY id
----
0|(empty)
1|a
2|A
3|arbez
4|arbeZ
5|NULL
6|ffo %05
7|b_a
8|hsals\\kcab
9|€ ß ÜÖÄ
10|€ ß ÜÖÄ
11|\  deddap \x20
12|21
13|5.3
14|kaerb\nenil
15|eurt
16|20-10-6202
17|llun

query IT
SELECT id, replace(s, 'a', 'A') FROM types ORDER BY id
----
0|(empty)
1|A
2|A
3|zebrA
4|ZebrA
5|NULL
6|50% off
7|A_b
8|bAck\\slAsh
9|ÄÖÜ ß €
10|ÄÖÜ ß €
11|\  pAdded \x20
12|12
13|3.5
14|line\nbreAk
15|true
16|2026-01-02
17|null

query IT
SELECT id, s || '/' || s FROM types WHERE id < 5 ORDER BY id
----
0|/
1|a/a
2|A/A
3|zebra/zebra
4|Zebra/Zebra

query II
SELECT id, position('e' in s) FROM types WHERE s IS NOT NULL ORDER BY id
----
0|0
1|0
2|0
3|2
4|2
6|0
7|0
8|0
9|0
10|0
11|7
12|0
13|0
14|4
15|4
16|0
17|0

query IT
SELECT id, lpad(s, 5, '*') FROM types ORDER BY id
----
0|*****
1|****a
2|****A
3|zebra
4|Zebra
5|NULL
6|50% o
7|**a_b
8|back\\
9|ÄÖÜ ß
10|ÄÖÜ ß
11|\  pad
12|***12
13|**3.5
14|line\n
15|*true
16|2026-
17|*null

query I
SELECT id FROM types WHERE length(s) = 1 ORDER BY id
----
1
2

query I
SELECT id FROM types WHERE upper(s) = 'A' ORDER BY id
----
1
2

query I
SELECT id FROM types WHERE s || 'x' = 'ax' ORDER BY id
----
1

query II
SELECT length(s), count(*) FROM types GROUP BY length(s) ORDER BY 1
----
0|1
1|2
2|1
3|2
4|2
5|2
7|3
10|4
NULL|1

query TI
SELECT upper(status), count(*) FROM orders GROUP BY upper(status) ORDER BY 1
----
BAKED|14
CANCELLED|7
CREATED|6
DELIVERED|5
PAID|8

query II
SELECT length(url), count(*) FROM events GROUP BY 1 ORDER BY 1
----
13|115
14|1251
15|5990
16|5864
17|4780

query TI
SELECT country || '-' || device AS k, count(*) FROM events WHERE country IN ('DE', 'FR') GROUP BY k ORDER BY k
----
DE-desktop|762
DE-phone|685
DE-tablet|671
DE-tv|681
FR-desktop|619
FR-phone|620
FR-tablet|610
FR-tv|612

query T
SELECT DISTINCT upper(country) FROM events ORDER BY 1 NULLS FIRST
----
NULL
BR
DE
FR
GR
IN
JP
NO
PL
PT
SE
TR
US

query TII
SELECT note, length(note), octet_length(note) FROM orders WHERE note IS NOT NULL GROUP BY note ORDER BY note
----
(empty)|0|0
50% off|7|7
a_b|3|3
no onions, please|17|17
ring twice|10|10
tab\there|8|8
ÄÖÜ ß|5|9

query I rowsort
SELECT count(*) FROM orders WHERE note = ''
----
6

query I rowsort
SELECT count(*) FROM orders WHERE length(note) = 0 OR note IS NULL
----
9

statement error 42601
SELECT 'it''s', 'a"b', E'tab\there', E'\\', E'\u00e4', U&'\00e4', 'multi' 'line'

query TT rowsort
SELECT $$dollar 'quoted'$$, $x$a$$b$x$
----
dollar 'quoted'|a$$b

statement error 42883
SELECT upper(), length('a', 'b')

statement error 42883
SELECT nosuchfunction('a')

query BBBBBBB rowsort
SELECT 'a' < 'B', 'a' < 'b', 'Z' < 'a', 'ä' > 'z', '' < 'a', 'a' < 'aa', '10' < '9'
----
f|t|t|t|t|t|t

query TT rowsort
SELECT min(s), max(s) FROM types
----
(empty)|ÄÖÜ ß €

query T rowsort
SELECT string_agg(product, ',' ORDER BY product) FROM items WHERE order_id < 4
----
Cola,Cola,Funghi,Tiramisu,Tiramisu,Tiramisu,Water

query B rowsort
SELECT 'abc' COLLATE "C" < 'abd'
----
t

query t rowsort
SELECT regexp_match('foobarbaz', 'b(.)')
----
{a}

query T rowsort
SELECT unistr('\00e4')
----
ä
