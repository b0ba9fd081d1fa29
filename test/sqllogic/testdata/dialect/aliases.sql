# ORDER BY: alias first. GROUP BY and HAVING: on Pinot HTTP the alias wins, on the wire the column. WHERE: an alias last.

query I
SELECT -id AS id FROM users ORDER BY id
----
-10
-9
-6
-5
-4
-3
-2
-1

query II
SELECT quantity % 2 AS quantity, count(*) FROM orders GROUP BY quantity ORDER BY 1, 2
----
0|5
0|6
0|6
0|8
1|3
1|3
1|4
1|5

query II
SELECT quantity % 2 AS k, count(*) FROM orders GROUP BY k ORDER BY k
----
0|25
1|15

query TI
SELECT upper(status) AS u, id FROM orders WHERE u = 'PAID' ORDER BY id LIMIT 3
----
PAID|2
PAID|8
PAID|12

query I rowsort
SELECT -id AS id FROM users WHERE id = 1
----
-1

statement error 42803 @40
SELECT count(*) AS c FROM orders WHERE c > 1

query TI
SELECT status, count(*) AS c FROM orders GROUP BY status HAVING c > 7 ORDER BY status
----
baked|14
paid|8

dialect http

query I
SELECT -id AS id FROM users ORDER BY id
----
-10
-9
-6
-5
-4
-3
-2
-1

query II
SELECT quantity % 2 AS quantity, count(*) FROM orders GROUP BY quantity ORDER BY 1, 2
----
0|25
1|15

query II
SELECT quantity % 2 AS k, count(*) FROM orders GROUP BY k ORDER BY k
----
0|25
1|15

query TI
SELECT upper(status) AS u, id FROM orders WHERE u = 'PAID' ORDER BY id LIMIT 3
----
PAID|2
PAID|8
PAID|12

query I rowsort
SELECT -id AS id FROM users WHERE id = 1
----
-1

query TI
SELECT status, count(*) AS c FROM orders GROUP BY status HAVING c > 7 ORDER BY status
----
baked|14
paid|8

query I
SELECT sum(quantity) AS quantity FROM orders GROUP BY status HAVING quantity > 30 ORDER BY quantity
----
42
65

statement error 42803 @40
SELECT count(*) AS c FROM orders WHERE c > 1
