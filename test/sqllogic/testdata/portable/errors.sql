# Errors that PostgreSQL gives with the same SQLSTATE at the same position.
portable

statement error 42601 @1
SELEC 1

statement error 42601 @10
SELECT (1

statement error 42601 @27
SELECT 1 FROM orders WHERE

statement error 42601 @27
SELECT * FROM orders GROUP

statement error 42703 @12
SELECT id, nosuch FROM orders

statement error 42703 @13
SELECT 'ä', nosuch FROM orders

statement error 42703 @29
SELECT id FROM orders WHERE nosuch = 1

statement error 42703 @32
SELECT id FROM orders ORDER BY nosuch

statement error 42703 @32
SELECT id FROM orders GROUP BY nosuch

statement error 42703 @8
SELECT o.nosuch FROM orders o

statement error 42P01 @8
SELECT x.id FROM orders o

statement error 42P01 @16
SELECT id FROM nosuch

statement error 42883 @8
SELECT nosuch(1)

statement error 42803 @8
SELECT price, count(*) FROM orders

statement error 42803 @8
SELECT status FROM orders GROUP BY city

statement error 42803 @35
SELECT count(*) FROM orders WHERE sum(price) > 1

statement error 42803 @12
SELECT sum(count(*)) FROM orders

statement error 42804 @29
SELECT id FROM orders WHERE quantity

statement error 42804 @33
SELECT id FROM orders WHERE NOT quantity

statement error 42804 @29
SELECT id FROM orders WHERE id AND true

statement error 22P02 @8
SELECT 'abc'::int

statement error 22007 @8
SELECT 'abc'::timestamp

statement error 22P02 @8
SELECT 'abc'::boolean

statement error 42704 @11
SELECT 1::nosuch

statement error 42P10 @19
SELECT 1 ORDER BY 5

statement error 42P10 @32
SELECT id FROM orders ORDER BY 0

statement error 42P10 @32
SELECT id FROM orders GROUP BY 9

statement error 42804 @18
SELECT CASE WHEN 1 THEN 2 END

statement error 22P02 @35
SELECT CASE WHEN true THEN 1 ELSE 'x' END

statement error 22P02 @20
SELECT coalesce(1, 'x')

statement error 22P02 @40
SELECT id FROM orders WHERE quantity = 'abc'

statement error 22P02 @37
SELECT id FROM orders WHERE price > 'abc'

statement error 22P02 @45
SELECT id FROM orders WHERE quantity IN (1, 'x')

statement error 22P02 @52
SELECT id FROM orders WHERE quantity BETWEEN 1 AND 'x'

statement error 42803 @8
SELECT * FROM orders HAVING count(*) > 1

statement error 42702 @8
SELECT id FROM orders JOIN users ON true

statement error 42P01 @8
SELECT x.* FROM orders

statement error 42883 @8
SELECT upper(1, 2)

statement error 22023
SELECT extract(foo FROM timestamp '2026-01-01')

statement error 22007 @17
SELECT interval '1 fortnight'

statement error 22008 @18
SELECT timestamp '2026-02-30'

statement error 22003
SELECT 9999999999::int

statement error 2201W
SELECT 1 LIMIT -1

statement error 22P02 @23
SELECT 1 UNION SELECT 'a'

statement error 42601 @26
SELECT 1, 2 UNION SELECT 1

statement error 42712
SELECT * FROM users u JOIN orders u ON true

statement error 42601 @8
SELECT (SELECT 1, 2)

statement error 42601 @10
SELECT 1 IN (SELECT 1, 2)

statement error 42P20 @28
SELECT id FROM users WHERE sum(id) OVER () > 1

statement error 42601 @14
VALUES (1), (2, 3)

statement error 42P10 @45
SELECT DISTINCT status FROM orders ORDER BY price

statement error 42P10 @21
SELECT DISTINCT ON (status) id FROM orders ORDER BY id

statement error 42P01 @36
WITH a AS (SELECT 1) SELECT * FROM b

statement error 42601 @13
SELECT $1 + 
