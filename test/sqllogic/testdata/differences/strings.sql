# Statements whose answers differ from PostgreSQL's: docs/sql/differences.md says why.
portable

# concat is Pinot's: the third argument is a separator.

onlyif postgres
query TTT rowsort
SELECT concat('a', 'b', 'c'), concat('a', NULL, 'b'), concat('a', 1, true)
----
abc|ab|a1t

onlyif freshet
query TTT rowsort
SELECT concat('a', 'b', 'c'), concat('a', NULL, 'b'), concat('a', 1, true)
----
acb|NULL|atrue1

# split_part is Pinot's: it counts from 0, and gives null as a text where there is no such part.

onlyif postgres
query TTTT rowsort
SELECT split_part('a,b,c', ',', 1), split_part('a,b,c', ',', 3), split_part('a,b,c', ',', 4), split_part('abc', 'x', 1)
----
a|c|(empty)|abc

onlyif freshet
query TTTT rowsort
SELECT split_part('a,b,c', ',', 1), split_part('a,b,c', ',', 3), split_part('a,b,c', ',', 4), split_part('abc', 'x', 1)
----
b|null|null|null

# A text that becomes BYTES is hexadecimal, as in Pinot.

onlyif postgres
query TT rowsort
SELECT encode('abc'::bytea, 'hex'), encode('abc'::bytea, 'base64')
----
616263|YWJj

onlyif freshet
statement error 22P02
SELECT encode('abc'::bytea, 'hex'), encode('abc'::bytea, 'base64')

# substr is Pinot's: positions count from 0 and the last argument is an end. SUBSTRING is PostgreSQL's.

onlyif postgres
query IT
SELECT id, substr(s, 1, 2) FROM types ORDER BY id
----
0|(empty)
1|a
2|A
3|ze
4|Ze
5|NULL
6|50
7|a_
8|ba
9|ÄÖ
10|ÄÖ
11|\ \x20
12|12
13|3.
14|li
15|tr
16|20
17|nu

onlyif freshet
query IT
SELECT id, substr(s, 1, 2) FROM types ORDER BY id
----
0|(empty)
1|(empty)
2|(empty)
3|e
4|e
5|NULL
6|0
7|_
8|a
9|Ö
10|Ö
11|\\x20
12|2
13|.
14|i
15|r
16|0
17|u

onlyif postgres
query TI
SELECT substr(status, 1, 1) AS k, count(*) FROM orders GROUP BY k ORDER BY k
----
b|14
c|13
d|5
p|8

onlyif freshet
query TI
SELECT substr(status, 1, 1) AS k, count(*) FROM orders GROUP BY k ORDER BY k
----
(empty)|40

# split_part is Pinot's: it counts from 0, and gives null as a text where there is no such part.

onlyif postgres
query TI
SELECT split_part(url, '/', 3) AS part, count(*) FROM events GROUP BY part ORDER BY part
----
desktop|6000
phone|6000
tablet|6000

onlyif freshet
query TI
SELECT split_part(url, '/', 3) AS part, count(*) FROM events GROUP BY part ORDER BY part
----
null|18000

# substr is Pinot's: positions count from 0 and the last argument is an end. SUBSTRING is PostgreSQL's.

onlyif postgres
query TI
SELECT upper(substr(device, 1, 1)) || substr(device, 2), count(*) FROM events GROUP BY 1 ORDER BY 1
----
Desktop|4588
Phone|4470
Tablet|4523
Tv|4419

onlyif freshet
query TI
SELECT upper(substr(device, 1, 1)) || substr(device, 2), count(*) FROM events GROUP BY 1 ORDER BY 1
----
(empty)|4419
blet|4523
one|4470
sktop|4588

# strpos is Pinot's: it counts from 0.

onlyif postgres
query II rowsort
SELECT bit_length('abc'), strpos('abc', 'c')
----
24|3

onlyif freshet
query II rowsort
SELECT bit_length('abc'), strpos('abc', 'c')
----
24|2
