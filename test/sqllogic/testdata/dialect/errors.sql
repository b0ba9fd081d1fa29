# Errors: SQLSTATE, position in characters, hint.

statement error 42601 @1
SELEC 1

statement error 42601 @11
SELECT 1 +

statement error 42601 @10
SELECT (1

statement error 42601 @8
SELECT 'abc

statement error 42601 @8
SELECT "abc

statement error 42601 @14
SELECT 1 FROM

statement error 42601 @13
SELECT FROM WHERE

statement error 42601 @27
SELECT * FROM orders WHERE

statement error 42601 @27
SELECT * FROM orders GROUP

statement error 42601 @14
SELECT id id id FROM orders

statement error 42601 @10
SELECT 1 /* comment

statement error 42703 @8
SELECT äöü FROM orders

statement error 42703 @13
SELECT 'ä', nosuch FROM orders

statement error 42703 @12
SELECT id, nosuch FROM orders

statement error 42703 @29
SELECT id FROM orders WHERE nosuch = 1

statement error 42703 @32
SELECT id FROM orders ORDER BY nosuch

statement error 22P02
SELECT id FROM orders WHERE status + 1 = 2

statement error 22P02 @37
SELECT id FROM orders WHERE price = 'abc'

statement error 22P02 @40
SELECT id FROM orders WHERE quantity = 'abc'

statement error 42804 @29
SELECT id FROM orders WHERE quantity

statement error 42804 @33
SELECT id FROM orders WHERE NOT quantity

statement error 42804 @29
SELECT id FROM orders WHERE id AND true

statement error 22P02
SELECT -status FROM orders

statement error 22P02
SELECT status * 2 FROM orders

statement error 42883 @8
SELECT upper(1, 2)

statement error 42883 @8
SELECT nosuch()

statement error 42803 @35
SELECT count(*) FROM orders WHERE sum(price) > 1

statement error 42803 @8
SELECT price, count(*) FROM orders

statement error 22P02 @13
SELECT CAST('x' AS int)

statement error 22P02
SELECT CAST(status AS int) FROM orders

statement error 42704 @11
SELECT 1::nosuch

statement error 22003 @8
SELECT 99999999999999999999::bigint

statement error 22012
SELECT 1 / 0

statement error 22012
SELECT 5 % 0

statement error 22P02 @13
SELECT sqrt('x')

statement error 22023 @8
SELECT date_trunc('x', ts) FROM orders

statement error 22023 @8
SELECT extract(foo FROM ts) FROM orders

statement error 22025 @28
SELECT 'a' LIKE 'b' ESCAPE 'cc'

statement error 2201B @8
SELECT regexp_like('a', '(')

statement error 2201W @16
SELECT 1 LIMIT -1

statement error 22P02 @16
SELECT 1 LIMIT 'a'

statement error 2201X @38
SELECT id FROM orders LIMIT 1 OFFSET -1

statement error 42P02
SELECT $1

statement error 42601 @8
SELECT * 

statement error 42P01 @8
SELECT x.* FROM orders

statement error 42601 @22
SELECT count(DISTINCT) FROM orders

statement error 42803 @12
SELECT sum(count(*)) FROM orders

statement error 0A000 @1
SELECT id FROM orders FOR UPDATE

statement error 0A000 @1
SELECT id INTO x FROM orders

statement error 0A000 @1
COPY orders FROM '/etc/passwd'

statement error 0A000 @8
SELECT pg_sleep(-1, 2)

statement error 42703 @18
SELECT 1; SELECT nosuch

statement error 22023 @8
SELECT toDateTime(0, 'qqqq')

statement error 22007
SELECT fromDateTime('x', 'yyyy-MM-dd')

statement error 22023 @8
SELECT dateTimeConvert(1, 'x', 'y', 'z')

statement error 22P02
SELECT json_extract_scalar('{', '$.a', 'INT')

statement error 42883 @8
SELECT ST_NoSuch(1)

statement error 22P02 @45
SELECT count(*) FROM orders WHERE id IN (1, 'x')

statement error 22P02 @36
SELECT CASE WHEN 1 = 1 THEN 1 ELSE 'x' END

statement error 22007 @34
SELECT id FROM orders WHERE ts > 'not a time'

statement error 22008 @18
SELECT timestamp '2026-02-30'

statement error 22007 @17
SELECT interval '1 fortnight'

# A cast that fails counts only on rows that the other conjuncts keep.

query I rowsort
SELECT id FROM types WHERE s::int = 12 AND id = 12
----
12

query I rowsort
SELECT id FROM types WHERE id = 12 AND s::int = 12
----
12

statement error 22P02
SELECT id FROM types WHERE s::int = 12

query I rowsort
SELECT count(*) FROM orders WHERE status = 'nosuch' AND CAST(status AS int) = 1
----
0
