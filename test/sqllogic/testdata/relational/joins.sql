# Joins of every kind.
portable

query IT
SELECT o.id, u.name FROM orders o JOIN users u ON o.user_id = u.id ORDER BY o.id LIMIT 10
----
1|Fatma
2|Bob
3|Cem
4|Fatma
6|Fatma
8|Emil
9|Cem
10|Dora
11|Cem
12|Ann

query IT
SELECT o.id, u.name FROM orders o INNER JOIN users u ON u.id = o.user_id WHERE u.city = 'Köln' ORDER BY 1
----
3|Cem
9|Cem
11|Cem
12|Ann
22|Ann
24|Ann
28|Cem
32|Cem
38|Ann

query IT
SELECT o.id, u.name FROM orders o LEFT JOIN users u ON o.user_id = u.id ORDER BY o.id
----
1|Fatma
2|Bob
3|Cem
4|Fatma
5|NULL
6|Fatma
7|NULL
8|Emil
9|Cem
10|Dora
11|Cem
12|Ann
13|NULL
14|Bob
15|NULL
16|Fatma
17|NULL
18|Fatma
19|NULL
20|NULL
21|NULL
22|Ann
23|NULL
24|Ann
25|NULL
26|NULL
27|Fatma
28|Cem
29|Fatma
30|Fatma
31|Emil
32|Cem
33|NULL
34|Emil
35|NULL
36|Dora
37|NULL
38|Ann
39|NULL
40|NULL

query IT
SELECT o.id, u.name FROM orders o RIGHT JOIN users u ON o.user_id = u.id ORDER BY u.id, o.id
----
12|Ann
22|Ann
24|Ann
38|Ann
2|Bob
14|Bob
3|Cem
9|Cem
11|Cem
28|Cem
32|Cem
10|Dora
36|Dora
8|Emil
31|Emil
34|Emil
1|Fatma
4|Fatma
6|Fatma
16|Fatma
18|Fatma
27|Fatma
29|Fatma
30|Fatma
NULL|Gus
NULL|Ida

query II
SELECT o.id, u.id FROM orders o FULL JOIN users u ON o.user_id = u.id ORDER BY o.id NULLS LAST, u.id
----
1|6
2|2
3|3
4|6
5|NULL
6|6
7|NULL
8|5
9|3
10|4
11|3
12|1
13|NULL
14|2
15|NULL
16|6
17|NULL
18|6
19|NULL
20|NULL
21|NULL
22|1
23|NULL
24|1
25|NULL
26|NULL
27|6
28|3
29|6
30|6
31|5
32|3
33|NULL
34|5
35|NULL
36|4
37|NULL
38|1
39|NULL
40|NULL
NULL|9
NULL|10

query I rowsort
SELECT count(*) FROM orders CROSS JOIN users
----
320

query I rowsort
SELECT count(*) FROM orders, users
----
320

query I rowsort
SELECT count(*) FROM orders o, users u WHERE o.user_id = u.id
----
24

query I rowsort
SELECT count(*) FROM orders o, users u, items i WHERE o.user_id = u.id AND i.order_id = o.id
----
45

query I rowsort
SELECT count(*) FROM orders o JOIN users u ON true
----
320

query I rowsort
SELECT count(*) FROM orders o JOIN users u ON false
----
0

query I rowsort
SELECT count(*) FROM orders o LEFT JOIN users u ON false
----
40

query I rowsort
SELECT count(*) FROM orders o FULL JOIN users u ON false
----
48

query I rowsort
SELECT count(*) FROM orders o JOIN users u ON o.user_id < u.id
----
124

query II
SELECT o.id, u.id FROM orders o LEFT JOIN users u ON o.user_id = u.id AND u.city = 'Köln' ORDER BY o.id LIMIT 12
----
1|NULL
2|NULL
3|3
4|NULL
5|NULL
6|NULL
7|NULL
8|NULL
9|3
10|NULL
11|3
12|1

query II
SELECT o.id, u.id FROM orders o LEFT JOIN users u ON o.user_id = u.id AND o.paid ORDER BY o.id LIMIT 12
----
1|NULL
2|2
3|NULL
4|NULL
5|NULL
6|NULL
7|NULL
8|NULL
9|NULL
10|NULL
11|NULL
12|1

query II
SELECT o.id, u.id FROM orders o LEFT JOIN users u ON o.user_id = u.id WHERE u.id IS NULL ORDER BY o.id
----
5|NULL
7|NULL
13|NULL
15|NULL
17|NULL
19|NULL
20|NULL
21|NULL
23|NULL
25|NULL
26|NULL
33|NULL
35|NULL
37|NULL
39|NULL
40|NULL

query II
SELECT o.id, u.id FROM orders o LEFT JOIN users u ON o.user_id = u.id WHERE u.city = 'Bonn' ORDER BY o.id
----
2|2
14|2

query II
SELECT u.id, count(o.id) FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id ORDER BY u.id
----
1|4
2|2
3|5
4|2
5|3
6|8
9|0
10|0

query TRD
SELECT u.name, sum(o.price), max(o.ts) FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.name ORDER BY u.name
----
Ann|69.71000000000001|2026-01-25 04:30:39
Bob|51.65|2026-01-15 11:38:23.999
Cem|133.86|2026-01-12 17:23:39.125
Dora|59.56|2026-01-11 02:11:09.5
Emil|52.989999999999995|2026-01-09 03:31:03.5
Fatma|257.28|2026-01-28 13:07:25.999
Gus|NULL|NULL
Ida|NULL|NULL

query TTI
SELECT u.city, o.city, count(*) FROM users u JOIN orders o ON u.id = o.user_id GROUP BY u.city, o.city ORDER BY 1 NULLS LAST, 2 NULLS LAST
----
Aachen|Aachen|2
Aachen|Bonn|2
Aachen|Köln|2
Aachen|NULL|2
Berlin|Berlin|1
Berlin|Bonn|2
Bonn|Berlin|1
Bonn|NULL|1
Köln|Aachen|1
Köln|Bonn|2
Köln|Köln|2
Köln|NULL|4
NULL|Berlin|1
NULL|Bonn|1

query II
SELECT a.id, b.id FROM users a JOIN users b ON a.referrer = b.id ORDER BY a.id
----
2|1
3|1
4|2
5|4
6|4
9|6

query II
SELECT a.id, b.id FROM users a LEFT JOIN users b ON a.referrer = b.id ORDER BY a.id
----
1|NULL
2|1
3|1
4|2
5|4
6|4
9|6
10|NULL

query TTT
SELECT a.name, b.name, c.name FROM users a LEFT JOIN users b ON a.referrer = b.id LEFT JOIN users c ON b.referrer = c.id ORDER BY a.id
----
Ann|NULL|NULL
Bob|Ann|NULL
Cem|Ann|NULL
Dora|Bob|Ann
Emil|Dora|Bob
Fatma|Dora|Bob
Gus|Fatma|Dora
Ida|NULL|NULL

query II
SELECT a.id, b.id FROM users a, users b WHERE a.city = b.city AND a.id < b.id ORDER BY 1, 2
----
1|3
1|10
3|10

query II
SELECT a.id, b.id FROM users a JOIN users b ON a.city = b.city AND a.id <> b.id ORDER BY 1, 2
----
1|3
1|10
3|1
3|10
10|1
10|3

query I rowsort
SELECT count(*) FROM users a JOIN users b ON a.city IS NOT DISTINCT FROM b.city
----
14

query ITTITDITTITD
SELECT * FROM users a JOIN users b ON a.id = b.referrer ORDER BY a.id, b.id
----
1|Ann|Köln|NULL|gold|2020-02-29 00:00:00|2|Bob|Bonn|1|silver|2021-03-01 12:30:00
1|Ann|Köln|NULL|gold|2020-02-29 00:00:00|3|Cem|Köln|1|NULL|2021-12-31 23:59:59.999
2|Bob|Bonn|1|silver|2021-03-01 12:30:00|4|Dora|NULL|2|gold|2022-01-01 00:00:00
4|Dora|NULL|2|gold|2022-01-01 00:00:00|5|Emil|Berlin|4|bronze|NULL
4|Dora|NULL|2|gold|2022-01-01 00:00:00|6|Fatma|Aachen|4|silver|2023-06-15 06:07:08.009
6|Fatma|Aachen|4|silver|2023-06-15 06:07:08.009|9|Gus|Hamburg|6|bronze|2024-02-29 10:00:00

query ITTITDT
SELECT a.*, b.name FROM users a JOIN users b ON a.id = b.referrer ORDER BY a.id, b.id
----
1|Ann|Köln|NULL|gold|2020-02-29 00:00:00|Bob
1|Ann|Köln|NULL|gold|2020-02-29 00:00:00|Cem
2|Bob|Bonn|1|silver|2021-03-01 12:30:00|Dora
4|Dora|NULL|2|gold|2022-01-01 00:00:00|Emil
4|Dora|NULL|2|gold|2022-01-01 00:00:00|Fatma
6|Fatma|Aachen|4|silver|2023-06-15 06:07:08.009|Gus

query IT
SELECT id, name FROM users NATURAL JOIN (SELECT 1 AS id) x ORDER BY id
----
1|Ann

query ITI
SELECT * FROM (SELECT id, name FROM users) a JOIN (SELECT user_id AS id, count(*) AS n FROM orders GROUP BY user_id) b USING (id) ORDER BY id
----
1|Ann|4
2|Bob|2
3|Cem|5
4|Dora|2
5|Emil|3
6|Fatma|8

query I
SELECT id FROM (SELECT id FROM users) a FULL JOIN (SELECT user_id AS id FROM orders) b USING (id) GROUP BY id ORDER BY id NULLS FIRST
----
NULL
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

query IT
SELECT o.id, i.product FROM orders o JOIN items i ON i.order_id = o.id WHERE o.status = 'paid' ORDER BY o.id, i.line
----
2|Cola
2|Tiramisu
2|Funghi
8|Cola
15|Cola
15|Margherita
16|Tiramisu
16|Funghi
16|Diavola
31|Cola
31|Tiramisu
35|Margherita
37|Cola
37|Water

query TTR
SELECT o.status, i.category, sum(i.price * i.quantity) FROM orders o JOIN items i ON i.order_id = o.id GROUP BY o.status, i.category ORDER BY 1, 2 NULLS LAST
----
baked|dessert|42
baked|drink|20.1
baked|pizza|188.6
baked|NULL|10
cancelled|dessert|16.8
cancelled|drink|9.4
cancelled|pizza|118.6
cancelled|NULL|4
created|dessert|42.00000000000001
created|drink|25.1
created|pizza|47.8
created|NULL|4
delivered|dessert|8.4
delivered|drink|9.5
delivered|pizza|90.89999999999999
paid|dessert|29.4
paid|drink|31.9
paid|pizza|51.2

query I
SELECT o.id FROM orders o LEFT JOIN items i ON i.order_id = o.id WHERE i.order_id IS NULL ORDER BY o.id
----
5
12
33

query I
SELECT i.order_id FROM items i LEFT JOIN orders o ON i.order_id = o.id WHERE o.id IS NULL ORDER BY 1
----
41
41
41
42
42
43

query TII
SELECT u.name, count(DISTINCT o.id), sum(i.quantity) FROM users u JOIN orders o ON o.user_id = u.id JOIN items i ON i.order_id = o.id GROUP BY u.name ORDER BY u.name
----
Ann|3|11
Bob|2|8
Cem|5|21
Dora|2|9
Emil|3|11
Fatma|8|29

query TTI
SELECT u.name, i.product, sum(i.quantity) AS q FROM users u JOIN orders o ON o.user_id = u.id JOIN items i ON i.order_id = o.id WHERE i.category = 'pizza' GROUP BY u.name, i.product HAVING sum(i.quantity) > 3 ORDER BY q DESC, 1, 2
----
Ann|Diavola|8
Cem|Margherita|5

query I rowsort
SELECT count(*) FROM users u JOIN (orders o JOIN items i ON i.order_id = o.id) ON o.user_id = u.id
----
45

query I rowsort
SELECT count(*) FROM (users u LEFT JOIN orders o ON o.user_id = u.id) LEFT JOIN items i ON i.order_id = o.id
----
48

query II
SELECT o.id, i.line FROM orders o JOIN items i ON i.order_id = o.id AND i.quantity >= o.quantity ORDER BY 1, 2
----
1|1
2|1
2|2
2|3
7|1
7|2
7|3
20|2
21|1
21|2
21|3
23|1
28|1
29|2
30|1
32|1
40|2

query II
SELECT o.id, i.line FROM orders o LEFT JOIN items i ON i.order_id = o.id AND i.price > 9 ORDER BY 1, 2 LIMIT 15
----
1|NULL
2|NULL
3|NULL
4|NULL
5|NULL
6|NULL
7|NULL
8|NULL
9|NULL
10|NULL
11|NULL
12|NULL
13|NULL
14|NULL
15|NULL

query II rowsort
SELECT count(*), sum(e.latency) FROM events e JOIN users u ON e.user_id = u.id
----
130|122686

query TI
SELECT u.name, count(*) FROM events e JOIN users u ON e.user_id = u.id GROUP BY u.name ORDER BY 2 DESC, 1
----
Bob|20
Dora|19
Ida|18
Emil|16
Gus|16
Cem|14
Fatma|14
Ann|13

query I rowsort
SELECT count(*) FROM events e LEFT JOIN users u ON e.user_id = u.id WHERE u.id IS NULL
----
17870

query I rowsort
SELECT count(*) FROM events a JOIN events b ON a.id = b.id
----
18000

query I rowsort
SELECT count(*) FROM events a JOIN events b ON a.id = b.id + 1 AND a.country = b.country
----
1809

query II
SELECT t.id, o.id FROM types t JOIN orders o ON t.i = o.id ORDER BY 1, 2
----
1|1
6|7
11|12
12|3
15|4
16|5
17|6

query II
SELECT t.id, o.id FROM types t JOIN orders o ON t.l = o.id ORDER BY 1, 2
----
1|1
6|7
13|5
15|4
16|5
17|6

query II
SELECT t.id, o.id FROM types t JOIN orders o ON t.d = o.quantity ORDER BY 1, 2
----
1|1
1|2
1|7
1|21
1|23

query II
SELECT t.id, o.id FROM types t JOIN orders o ON t.n = o.discount ORDER BY 1, 2
----
0|1
0|9
0|13
0|19
0|28
0|35
8|2
8|6
8|10
8|14
8|20
8|24
8|29
8|30
8|32
8|33
8|36
8|39
12|5
12|7
12|12
12|22
12|27
12|34
12|38

query II
SELECT a.id, b.id FROM types a JOIN types b ON a.s = b.s ORDER BY 1, 2
----
0|0
1|1
2|2
3|3
4|4
6|6
7|7
8|8
9|9
9|10
10|9
10|10
11|11
12|12
13|13
14|14
15|15
16|16
17|17

query II
SELECT a.id, b.id FROM types a JOIN types b ON a.t = b.t ORDER BY 1, 2
----
0|0
1|1
2|2
3|3
4|4
6|6
7|7
8|8
9|9
9|10
10|9
10|10
11|11
12|12
14|14
15|15
16|16
17|17

query I rowsort
SELECT count(*) FROM types a JOIN types b ON a.b = b.b
----
130

query II
SELECT a.id, b.id FROM types a JOIN types b ON a.i = b.l AND a.b = b.b ORDER BY 1, 2
----
0|0
1|1
2|2
6|6
7|7
9|9
9|10
10|9
10|10
14|14
15|15
16|16
17|17

query T rowsort
SELECT name FROM users u JOIN orders o ON u.id = o.user_id WHERE o.id = 1
----
Fatma

statement error 42702
SELECT id FROM users u JOIN orders o ON u.id = o.user_id

statement error 42703
SELECT u.nosuch FROM users u JOIN orders o ON u.id = o.user_id

statement error 42P01
SELECT x.id FROM users u

statement error 42P01
SELECT users.id FROM users u

statement error 42712
SELECT 1 FROM users u JOIN orders u ON true

statement error 42803
SELECT 1 FROM users JOIN orders ON users.id = orders.user_id AND sum(1) > 0

statement error 42703
SELECT 1 FROM users JOIN orders USING (nosuch)

statement error 42804
SELECT 1 FROM users JOIN orders ON users.id

statement error 42P01
SELECT a.id FROM users a JOIN users b ON a.id = c.id JOIN users c ON true
