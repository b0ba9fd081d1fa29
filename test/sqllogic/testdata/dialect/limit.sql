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

statement ok
RESET max_result_rows

dialect http

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

query II
SELECT user_id, count(*) FROM orders GROUP BY user_id ORDER BY user_id
----
1|4
2|2
3|5
4|2
5|3
6|8
7|4
8|9
NULL|3

query TI
SELECT url, count(*) FROM events GROUP BY url ORDER BY 2 DESC, 1
----
/shop/tablet/299|27
/shop/phone/282|26
/shop/phone/23|24
/shop/tablet/60|24
/shop/desktop/222|23
/shop/phone/226|23
/shop/tablet/411|23
/shop/tablet/443|23
/shop/phone/293|22
/shop/phone/353|22

query T
SELECT DISTINCT url FROM events ORDER BY url
----
/shop/desktop/0
/shop/desktop/1
/shop/desktop/10
/shop/desktop/100
/shop/desktop/101
/shop/desktop/102
/shop/desktop/103
/shop/desktop/104
/shop/desktop/105
/shop/desktop/106

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

query I
SELECT id FROM orders WHERE id IN (SELECT id FROM orders) ORDER BY id
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
