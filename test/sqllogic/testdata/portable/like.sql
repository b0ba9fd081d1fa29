# LIKE, ILIKE, SIMILAR TO and regular expressions.
portable

query BBBBBBB rowsort
SELECT 'abc' LIKE 'abc', 'abc' LIKE 'a%', 'abc' LIKE '%c', 'abc' LIKE '%b%', 'abc' LIKE '_b_', 'abc' LIKE 'a_', 'abc' LIKE ''
----
t|t|t|t|t|f|f

query BBBBBB rowsort
SELECT '' LIKE '', '' LIKE '%', '' LIKE '_', 'a' LIKE '%%', 'a' LIKE '_%', 'a' LIKE '%_'
----
t|t|f|t|t|t

query BBBB rowsort
SELECT 'a%b' LIKE 'a\%b', 'axb' LIKE 'a\%b', 'a_b' LIKE 'a\_b', 'axb' LIKE 'a\_b'
----
t|f|t|f

query BB rowsort
SELECT 'a%b' LIKE 'a!%b' ESCAPE '!', 'axb' LIKE 'a!%b' ESCAPE '!'
----
t|f

query BB rowsort
SELECT 'a\b' LIKE 'a\b' ESCAPE '', 'a\b' LIKE 'a\\b'
----
t|t

query BBBB rowsort
SELECT 'ABC' LIKE 'abc', 'ABC' ILIKE 'abc', 'aBc' ILIKE '%B%', 'xyz' NOT ILIKE 'X%'
----
f|t|t|f

query BB rowsort
SELECT 'abc' NOT LIKE 'a%', 'abc' NOT LIKE 'b%'
----
f|t

query BBB rowsort
SELECT 'äöü' LIKE '_ö_', 'äöü' LIKE 'ä%', '€' LIKE '_'
----
t|t|t

query BBBBBBBBB rowsort
SELECT 'a.c' LIKE 'a.c', 'abc' LIKE 'a.c', 'a*c' LIKE 'a*c', 'a(c' LIKE 'a(c', 'a[b]c' LIKE 'a[b]c', 'a^c' LIKE 'a^c', 'a$c' LIKE 'a$c', 'a+c' LIKE 'a+c', 'a|c' LIKE 'a|c'
----
t|f|t|t|t|t|t|t|t

query BBBB rowsort
SELECT 'aaa' LIKE '%aa%aa%', 'aaaa' LIKE '%aa%aa%', 'abcabc' LIKE '%bc%bc', 'mississippi' LIKE 'm%iss%ip%i'
----
f|t|t|t

query BBB rowsort
SELECT E'line\nbreak' LIKE 'line%', E'line\nbreak' LIKE '%break', E'line\nbreak' LIKE 'line_break'
----
t|t|t

statement error 22025
SELECT 'abc' LIKE 'a' ESCAPE 'xy'

query I
SELECT id FROM types WHERE s LIKE '%' ORDER BY id
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
13
14
15
16
17

query I
SELECT id FROM types WHERE s LIKE 'a%' ORDER BY id
----
1
7

query I
SELECT id FROM types WHERE s LIKE '%a%' ORDER BY id
----
1
3
4
7
8
11
14

query I
SELECT id FROM types WHERE s LIKE '%\%%' ORDER BY id
----
6

query I
SELECT id FROM types WHERE s LIKE '%\_%' ORDER BY id
----
7

query I
SELECT id FROM types WHERE s LIKE '_' ORDER BY id
----
1
2

query I
SELECT id FROM types WHERE s LIKE '___%' ORDER BY id
----
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
SELECT id FROM types WHERE s LIKE '' ORDER BY id
----
0

query I
SELECT id FROM types WHERE s NOT LIKE '%e%' ORDER BY id
----
0
1
2
6
7
8
9
10
12
13
16
17

query I
SELECT id FROM types WHERE s ILIKE 'z%' ORDER BY id
----
3
4

query I
SELECT id FROM types WHERE s ILIKE '%A%' ORDER BY id
----
1
2
3
4
7
8
11
14

query I
SELECT id FROM types WHERE s LIKE '%ß%' ORDER BY id
----
9
10

query I
SELECT id FROM types WHERE s LIKE 'back\\slash' ORDER BY id
----
8

query I
SELECT id FROM types WHERE s LIKE '  %  ' ORDER BY id
----
11

query I
SELECT id FROM types WHERE s LIKE '%k%' AND s LIKE '%b%' ORDER BY id
----
8
14

query I
SELECT id FROM types WHERE s LIKE 'a%' OR s LIKE 'z%' ORDER BY id
----
1
3
7

query I
SELECT id FROM types WHERE NOT s LIKE 'a%' ORDER BY id
----
0
2
3
4
6
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

query IB
SELECT id, s LIKE '%e%' FROM types ORDER BY id
----
0|f
1|f
2|f
3|t
4|t
5|NULL
6|f
7|f
8|f
9|f
10|f
11|t
12|f
13|f
14|t
15|t
16|f
17|f

query IB
SELECT id, s ~ '^[a-z]+$' FROM types ORDER BY id
----
0|f
1|t
2|f
3|t
4|f
5|NULL
6|f
7|f
8|f
9|f
10|f
11|f
12|f
13|f
14|f
15|t
16|f
17|t

query I
SELECT id FROM types WHERE s ~ 'a' ORDER BY id
----
1
3
4
7
8
11
14

query I
SELECT id FROM types WHERE s ~* 'a' ORDER BY id
----
1
2
3
4
7
8
11
14

query I
SELECT id FROM types WHERE s !~ 'a' ORDER BY id
----
0
2
6
9
10
12
13
15
16
17

query I
SELECT id FROM types WHERE s !~* 'a' ORDER BY id
----
0
6
9
10
12
13
15
16
17

query I
SELECT id FROM types WHERE s ~ '^[0-9]+$' ORDER BY id
----
12

query I
SELECT id FROM types WHERE s ~ '\d' ORDER BY id
----
6
12
13
16

query I
SELECT id FROM types WHERE s ~ '^.$' ORDER BY id
----
1
2

query I
SELECT id FROM types WHERE s ~ '(a|z)' ORDER BY id
----
1
3
4
7
8
11
14

query BBBBBBB rowsort
SELECT 'abc' ~ '^ab', 'abc' ~ 'c$', 'abc' ~ '^b', 'abc' ~ 'a.c', 'abc' ~ '', 'a' ~ 'a{2}', 'aa' ~ 'a{2}'
----
t|t|f|t|t|f|t

statement error 2201B
SELECT 'abc' ~ '('

statement error 2201B
SELECT 'abc' ~ 'a['

statement error 2201B
SELECT id FROM types WHERE s ~ '*a' ORDER BY id

query BBBB rowsort
SELECT 'abc' SIMILAR TO 'abc', 'abc' SIMILAR TO '%(b|d)%', 'abc' SIMILAR TO '(b|c)%', 'abc' NOT SIMILAR TO 'a'
----
t|t|f|t

query TI
SELECT product, count(*) FROM items WHERE product LIKE '%a%' GROUP BY product ORDER BY product
----
Bread|8
Cola|14
Diavola|8
Margherita|13
Tiramisu|15
Water|10

query I rowsort
SELECT count(*) FROM items WHERE category LIKE 'd%'
----
39

query I rowsort
SELECT count(*) FROM items WHERE category NOT LIKE 'd%'
----
33

query I
SELECT id FROM orders WHERE note LIKE '%\%%' ORDER BY id
----
1
3
15
22
28
39
40

query I
SELECT id FROM orders WHERE note LIKE '%o%' AND status LIKE '%d' ORDER BY id
----
1
3
4
7
15
16
22
28
29
38
39
40

query I rowsort
SELECT count(*) FROM events WHERE url LIKE '/shop/phone/%'
----
6000

query I rowsort
SELECT count(*) FROM events WHERE url LIKE '%/1_'
----
378

query I rowsort
SELECT count(*) FROM events WHERE url LIKE '/shop/%/4%9'
----
432

query I rowsort
SELECT count(*) FROM events WHERE url NOT LIKE '%t/%'
----
12000

query I rowsort
SELECT count(*) FROM events WHERE url ~ '^/shop/(phone|desktop)/[1-4]5?$'
----
191

query I rowsort
SELECT count(*) FROM events WHERE country LIKE '_R'
----
5783

query I rowsort
SELECT count(*) FROM events WHERE country || device LIKE 'D%p%'
----
1447

query BB rowsort
SELECT starts_with('alphabet', 'alph'), starts_with('alphabet', 'bet')
----
t|f

query B rowsort
SELECT regexp_like('Hello', 'hello', 'i')
----
t
