# Sub-queries: scalar, EXISTS, IN, ANY and ALL, correlated or not.
portable

query I rowsort
SELECT (SELECT 1)
----
1

query I rowsort
SELECT (SELECT count(*) FROM orders)
----
40

query I rowsort
SELECT (SELECT id FROM orders WHERE id = -1)
----
NULL

statement error 21000
SELECT (SELECT id FROM orders)

statement error 42601
SELECT (SELECT id, price FROM orders LIMIT 1)

query IR
SELECT id, (SELECT max(price) FROM orders) FROM users ORDER BY id
----
1|59.92
2|59.92
3|59.92
4|59.92
5|59.92
6|59.92
9|59.92
10|59.92

query II
SELECT id, (SELECT count(*) FROM orders o WHERE o.user_id = u.id) FROM users u ORDER BY id
----
1|4
2|2
3|5
4|2
5|3
6|8
9|0
10|0

query IR
SELECT id, (SELECT max(o.price) FROM orders o WHERE o.user_id = u.id) AS m FROM users u ORDER BY m DESC NULLS LAST, id
----
3|59.92
6|58.84
1|49.89
4|32.47
2|29.54
5|26.16
9|NULL
10|NULL

query IT
SELECT id, (SELECT name FROM users u WHERE u.id = o.user_id) FROM orders o ORDER BY id LIMIT 10
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

query I
SELECT id FROM users u WHERE (SELECT count(*) FROM orders o WHERE o.user_id = u.id) > 4 ORDER BY id
----
3
6

query I
SELECT id FROM orders WHERE price > (SELECT avg(price) FROM orders) ORDER BY id
----
7
9
13
16
18
23
24
25
26
27
28
29
35
36
37
39
40

query I
SELECT id FROM orders o WHERE price > (SELECT avg(price) FROM orders i WHERE i.status = o.status) ORDER BY id
----
7
9
13
16
18
23
24
25
26
27
28
29
35
36
37
39
40

query I
SELECT id FROM orders o WHERE price = (SELECT max(price) FROM orders i WHERE i.city = o.city) ORDER BY id
----
16
25
27
35

query I
SELECT id FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id) ORDER BY id
----
1
2
3
4
5
6

query I
SELECT id FROM users u WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id) ORDER BY id
----
9
10

query I
SELECT id FROM users u WHERE EXISTS (SELECT * FROM orders o WHERE o.user_id = u.id AND o.city = u.city) ORDER BY id
----
1
3
5
6

query BBB rowsort
SELECT EXISTS (SELECT 1 FROM orders WHERE id = 1), EXISTS (SELECT 1 FROM orders WHERE id = -1), NOT EXISTS (SELECT 1 FROM orders)
----
t|f|f

query IB
SELECT id, EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id AND o.paid) FROM users u ORDER BY id
----
1|t
2|t
3|f
4|f
5|f
6|t
9|f
10|f

query I rowsort
SELECT count(*) FROM orders WHERE EXISTS (SELECT 1)
----
40

query I
SELECT id FROM orders WHERE user_id IN (SELECT id FROM users WHERE city = 'Köln') ORDER BY id
----
3
9
11
12
22
24
28
32
38

query I
SELECT id FROM orders WHERE user_id NOT IN (SELECT id FROM users WHERE city = 'Köln') ORDER BY id
----
1
2
4
5
6
7
8
10
14
15
16
17
18
19
20
21
23
25
27
29
30
31
33
34
35
36
37
40

query I
SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM orders) ORDER BY id
----

query I
SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM orders WHERE user_id IS NOT NULL) ORDER BY id
----
9
10

query I
SELECT id FROM users WHERE referrer IN (SELECT id FROM users) ORDER BY id
----
2
3
4
5
6
9

query IB
SELECT id, referrer IN (SELECT id FROM users WHERE id < 3) FROM users ORDER BY id
----
1|NULL
2|t
3|t
4|t
5|f
6|f
9|f
10|NULL

query IB
SELECT id, id NOT IN (SELECT referrer FROM users) FROM users ORDER BY id
----
1|f
2|f
3|NULL
4|f
5|NULL
6|f
9|NULL
10|NULL

query I
SELECT id FROM users WHERE id IN (SELECT 1 WHERE false) ORDER BY id
----

query I
SELECT id FROM users WHERE id NOT IN (SELECT 1 WHERE false) ORDER BY id
----
1
2
3
4
5
6
9
10

query BB rowsort
SELECT NULL IN (SELECT 1 WHERE false), NULL NOT IN (SELECT 1)
----
f|NULL

query I
SELECT id FROM orders o WHERE id IN (SELECT order_id FROM items i WHERE i.quantity = o.quantity) ORDER BY id
----
2
7
20
21
28
29
30
32
40

query I
SELECT id FROM orders o WHERE status IN (SELECT status FROM orders i WHERE i.id < o.id AND i.city = o.city) ORDER BY id LIMIT 10
----
14
18
19
22
25
26
28
32
34
35

query I
SELECT id FROM orders WHERE (user_id, city) IN (SELECT id, city FROM users) ORDER BY id
----
6
12
16
31
32

query I
SELECT id FROM orders WHERE quantity = ANY (SELECT quantity FROM items) ORDER BY id LIMIT 10
----
1
2
7
12
20
21
23
24
28
29

query I
SELECT id FROM orders WHERE price > ALL (SELECT price FROM items) ORDER BY id LIMIT 10
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

query I
SELECT id FROM orders WHERE price < ANY (SELECT price FROM items) ORDER BY id
----
21
38

query I
SELECT id FROM orders WHERE price > SOME (SELECT price FROM items WHERE category = 'pizza') ORDER BY id LIMIT 5
----
1
2
3
4
5

query BBB rowsort
SELECT 1 = ANY (SELECT 1 WHERE false), 1 = ALL (SELECT 1 WHERE false), NULL = ALL (SELECT 1 WHERE false)
----
f|t|t

query BBBB rowsort
SELECT 1 = ANY (SELECT NULL::int), 1 <> ALL (SELECT NULL::int), 2 > ANY (SELECT referrer FROM users), 0 > ALL (SELECT referrer FROM users)
----
NULL|NULL|t|f

query I
SELECT id FROM users u WHERE u.id >= ALL (SELECT v.id FROM users v WHERE v.city = u.city) ORDER BY id
----
2
4
5
6
9
10

query TI
SELECT a.s, a.n FROM (SELECT status AS s, count(*) AS n FROM orders GROUP BY status) a WHERE a.n > 7 ORDER BY a.s
----
baked|14
paid|8

query R rowsort
SELECT avg(n) FROM (SELECT count(*) AS n FROM orders GROUP BY user_id) x
----
4.444444444444445

query I
SELECT x.y FROM (SELECT id * 2 AS y FROM users) x ORDER BY y LIMIT 3
----
2
4
6

query IT
SELECT * FROM (SELECT id, name FROM users ORDER BY id LIMIT 3) x ORDER BY id DESC
----
3|Cem
2|Bob
1|Ann

query I rowsort
SELECT count(*) FROM (SELECT DISTINCT city FROM orders) x
----
5

query R rowsort
SELECT max(total) FROM (SELECT order_id, sum(price * quantity) AS total FROM items GROUP BY order_id HAVING count(*) > 1) t
----
58.5

query II rowsort
SELECT * FROM (SELECT 1 AS a, 2 AS b) x
----
1|2

query II rowsort
SELECT x.* FROM (SELECT 1, 2) AS x(p, q)
----
1|2

query I rowsort
SELECT p FROM (SELECT 1, 2) AS x(p, q) WHERE q = 2
----
1

statement error 42P10
SELECT 1 FROM (SELECT 1, 2) AS x(a, b, c)

query I
SELECT * FROM (SELECT * FROM (SELECT id FROM users WHERE id > 3) a WHERE id < 9) b ORDER BY id
----
4
5
6

query TI
SELECT status, (SELECT count(*) FROM orders i WHERE i.status = o.status AND i.paid) FROM orders o GROUP BY status ORDER BY status
----
baked|5
cancelled|1
created|0
delivered|0
paid|6

query T
SELECT status FROM orders o GROUP BY status HAVING count(*) > (SELECT avg(c) FROM (SELECT count(*) AS c FROM orders GROUP BY status) x) ORDER BY status
----
baked

query I
SELECT id FROM orders ORDER BY (SELECT name FROM users u WHERE u.id = orders.user_id) NULLS LAST, id LIMIT 5
----
12
22
24
38
2

query T rowsort
SELECT CASE WHEN EXISTS (SELECT 1 FROM orders WHERE price > 59) THEN 'yes' ELSE 'no' END
----
yes

query T rowsort
SELECT coalesce((SELECT name FROM users WHERE id = 77), 'nobody')
----
nobody

query I
SELECT id FROM users u WHERE (SELECT sum(quantity) FROM orders o WHERE o.user_id = u.id AND EXISTS (SELECT 1 FROM items i WHERE i.order_id = o.id AND i.category = 'drink')) > 5 ORDER BY id
----
3
5
6

query I
SELECT u.id FROM users u WHERE u.id IN (SELECT o.user_id FROM orders o WHERE o.id IN (SELECT i.order_id FROM items i WHERE i.product = 'Cola')) ORDER BY 1
----
2
3
4
5

query I rowsort
SELECT count(*) FROM events WHERE user_id IN (SELECT id FROM users)
----
130

query I rowsort
SELECT count(*) FROM events e WHERE EXISTS (SELECT 1 FROM users u WHERE u.id = e.user_id AND u.level = 'gold')
----
50

query I rowsort
SELECT count(*) FROM events WHERE latency > (SELECT avg(latency) FROM events)
----
8528

query TI
SELECT country, count(*) FROM events WHERE user_id NOT IN (SELECT id * 10 FROM users) GROUP BY country ORDER BY country NULLS FIRST
----
NULL|579
BR|1866
DE|2783
FR|2446
GR|113
IN|1559
JP|2013
NO|595
PL|1075
PT|344
SE|861
TR|1326
US|2317

statement error 21000
SELECT id FROM users WHERE id = (SELECT user_id FROM orders WHERE price > 10)

query i rowsort
SELECT ARRAY(SELECT id FROM users ORDER BY id)
----
{1,2,3,4,5,6,9,10}

query Ii
SELECT id, ARRAY(SELECT o.id FROM orders o WHERE o.user_id = u.id ORDER BY 1) FROM users u ORDER BY id
----
1|{12,22,24,38}
2|{2,14}
3|{3,9,11,28,32}
4|{10,36}
5|{8,31,34}
6|{1,4,6,16,18,27,29,30}
9|{}
10|{}

statement error 42601
SELECT id IN (SELECT id, name FROM users) FROM users

statement error 42703
SELECT nosuch FROM (SELECT id FROM users) x
