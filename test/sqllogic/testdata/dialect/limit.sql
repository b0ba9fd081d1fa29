# LIMIT: 10 for the outermost query on Pinot HTTP without LIMIT; none elsewhere, but a maximum over the wire.

query I
SELECT id FROM orders ORDER BY id
----
1
2
3
4
5
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
18
19
20
21
22
23
24
25
26
27
28
29
30
31
32
33
34
35
36
37
38
39
40

statement ok
SET max_result_rows = 5

statement error 54000
SELECT id FROM orders

query I
SELECT id FROM orders ORDER BY id LIMIT 6
----
1
2
3
4
5
6

statement error 42601
RESET max_result_rows
dialect http

statement error 54000
SELECT id FROM orders ORDER BY id

query T
SELECT status FROM orders ORDER BY id LIMIT 12
----
cancelled
paid
created
delivered
baked
baked
baked
paid
delivered
created
cancelled
paid

query I
SELECT id FROM orders ORDER BY id LIMIT 2, 3
----
3
4
5

statement error 54000
SELECT user_id, count(*) FROM orders GROUP BY user_id ORDER BY user_id

statement error 54000
SELECT url, count(*) FROM events GROUP BY url ORDER BY 2 DESC, 1

statement error 54000
SELECT DISTINCT url FROM events ORDER BY url

query I
SELECT id FROM orders ORDER BY id OFFSET 38
----
39
40

query I
SELECT id FROM orders ORDER BY id LIMIT 0
----

query I rowsort
SELECT count(*) FROM (SELECT id FROM orders) x
----
40

statement error 54000
SELECT id FROM orders WHERE id IN (SELECT id FROM orders) ORDER BY id
