# Statements whose answers differ from PostgreSQL's: docs/sql/differences.md says why.
portable

# array_reverse exists (Pinot's arrayReverse).

onlyif postgres
statement error 42883
SELECT array_remove(ARRAY[1, 2, 1], 1), array_reverse(ARRAY[1])

onlyif freshet
query ii
SELECT array_remove(ARRAY[1, 2, 1], 1), array_reverse(ARRAY[1])
----
{2}|{1}

# The grammar is that of PostgreSQL 17: it has hexadecimal numbers and underscores in numbers.

onlyif postgres
statement error 42601
SELECT 0x1F

onlyif freshet
query I
SELECT 0x1F
----
31

onlyif postgres
statement error 42601
SELECT 1_000

onlyif freshet
query I
SELECT 1_000
----
1000

# X'1F' is BYTES, as in Pinot; there are no bit strings.

onlyif postgres
query X rowsort
SELECT X'1F'
----
00011111

onlyif freshet
query X rowsort
SELECT X'1F'
----
\x1f

onlyif postgres
query T rowsort
SELECT B'101'
----
101

onlyif freshet
statement error 0A000
SELECT B'101'

# No TABLESAMPLE, no system columns, no whole-row values.

onlyif postgres
query I rowsort
SELECT id FROM users TABLESAMPLE SYSTEM (100)
----
1
10
2
3
4
5
6
9

onlyif freshet
statement error 0A000
SELECT id FROM users TABLESAMPLE SYSTEM (100)

onlyif postgres
query B
SELECT xmin IS NOT NULL FROM users WHERE id = 1
----
t

onlyif freshet
statement error 42703
SELECT xmin FROM users WHERE id = 1

onlyif postgres
query T rowsort
SELECT users FROM users WHERE id = 1
----
(1,Ann,Köln,,gold,"2020-02-29 00:00:00")

onlyif freshet
statement error 42703
SELECT users FROM users WHERE id = 1

onlyif postgres
query I rowsort
SELECT count(users) FROM users
----
8

onlyif freshet
statement error 42703
SELECT count(users) FROM users
