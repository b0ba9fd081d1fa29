# SET k = v; SELECT and option(k=v) are query options; unknown ones are accepted with a notice. BOOLEAN compares with 0 and 1.

query I rowsort
SELECT count(*) FROM orders WHERE paid = 1
----
12

query I rowsort
SELECT count(*) FROM orders WHERE paid = 0
----
14

query I rowsort
SELECT count(*) FROM orders WHERE paid = true
----
12

query I rowsort
SELECT count(*) FROM orders WHERE paid <> 1
----
14

query I rowsort
SELECT count(*) FROM orders WHERE paid = 'true'
----
12

statement error 22P02 @40
SELECT count(*) FROM orders WHERE paid = 2

query ITTITD rowsort
SELECT * FROM users WHERE id = 1
----
1|Ann|Köln|NULL|gold|2020-02-29 00:00:00

query T rowsort
SHOW server_version
----
15.0 (freshet test)

query T rowsort
SHOW server_version_num
----
150000

statement error 42704 @1
SET nosuchsetting = 1; SELECT 1

statement ok
SET "timeoutMs" = 5000

query T rowsort
SHOW timeoutMs
----
5000

query BTTT rowsort
SELECT version() LIKE 'PostgreSQL 15.0%', current_database(), current_user, current_schema()
----
t|test|test|public

query IBB rowsort
SELECT $docId, $segmentName IS NOT NULL, $hostName IS NOT NULL FROM types WHERE id = 0
----
0|t|t

query BBB rowsort
SELECT 'b' > 'a', 'B' < 'a', 'é' > 'z'
----
t|t|t

statement error 25006 @1
INSERT INTO orders VALUES (1)

statement error 25006 @1
UPDATE orders SET id = 1

statement error 25006 @1
DELETE FROM orders

statement error 25006 @1
CREATE TABLE x (a int)

statement error 25006 @1
DROP TABLE orders

statement ok
BEGIN

query I rowsort
SELECT 1
----
1

statement ok
COMMIT

statement ok
BEGIN

statement error 22012
SELECT 1 / 0

statement error 25P02
SELECT 1

statement ok
ROLLBACK

query I rowsort
SELECT 1
----
1

statement error 42601 @9
SELECT ?

dialect http

query I rowsort
SET nosuch = 1; SELECT 1
----
1

query I rowsort
SELECT 1 option(nosuch=1)
----
1

query I rowsort
SELECT count(*) FROM orders option(timeoutMs=1000, useMultistageEngine=true)
----
40

query I rowsort
SET timeoutMs = 1000; SET numGroupsLimit = 3; SELECT count(*) FROM orders
----
40

query I rowsort
SELECT count(*) FROM orders WHERE paid = 1
----
12

statement error 42601 @34
SELECT count(*) FROM orders WHERE

statement error 42P01 @22
SELECT count(*) FROM nosuch
