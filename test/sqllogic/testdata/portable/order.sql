# ORDER BY, LIMIT, OFFSET, DISTINCT.
portable

query I
SELECT id FROM orders ORDER BY price, id
----
21
38
6
8
1
3
12
20
15
31
5
19
2
30
4
17
32
34
10
14
36
29
28
23
26
7
18
39
35
24
40
37
25
16
13
27
9
11
22
33

query I
SELECT id FROM orders ORDER BY price DESC, id
----
11
22
33
9
27
13
16
25
37
40
24
35
39
18
7
26
23
28
29
36
14
10
34
32
17
4
30
2
19
5
31
15
20
12
3
1
8
6
38
21

query I
SELECT id FROM orders ORDER BY price NULLS FIRST, id
----
11
22
33
21
38
6
8
1
3
12
20
15
31
5
19
2
30
4
17
32
34
10
14
36
29
28
23
26
7
18
39
35
24
40
37
25
16
13
27
9

query I
SELECT id FROM orders ORDER BY price DESC NULLS LAST, id
----
9
27
13
16
25
37
40
24
35
39
18
7
26
23
28
29
36
14
10
34
32
17
4
30
2
19
5
31
15
20
12
3
1
8
6
38
21
11
22
33

query I
SELECT id FROM orders ORDER BY city, status DESC, id
----
16
40
6
38
31
35
10
14
39
7
8
29
27
23
26
34
21
22
28
36
12
37
20
32
1
25
17
18
19
2
15
4
9
3
11
30
5
13
24
33

query I
SELECT id FROM orders ORDER BY city DESC, paid, id DESC
----
30
9
4
33
15
13
5
2
24
11
3
32
37
25
18
17
12
20
19
1
34
29
28
27
22
8
36
26
23
21
39
14
35
31
10
7
40
38
16
6

query IR
SELECT id, price FROM orders ORDER BY 2 DESC NULLS LAST, 1 LIMIT 5
----
9|59.92
27|58.84
13|54.3
16|54.23
25|54.17

query IR
SELECT id, price AS p FROM orders ORDER BY p NULLS FIRST, id LIMIT 5
----
11|NULL
22|NULL
33|NULL
21|5.16
38|6.82

query II
SELECT id, -quantity AS q FROM orders ORDER BY q, id LIMIT 5
----
6|-8
8|-8
11|-8
14|-8
17|-8

query II
SELECT id, quantity AS price FROM orders ORDER BY price, id LIMIT 5
----
1|1
2|1
7|1
21|1
23|1

query I
SELECT id FROM orders ORDER BY quantity * 2 - id, id LIMIT 5
----
40
39
38
32
34

query I
SELECT id FROM orders ORDER BY length(status), status, id LIMIT 10
----
2
8
12
15
16
31
35
37
5
6

query I
SELECT id FROM orders ORDER BY paid, id LIMIT 10
----
4
8
9
14
22
27
28
29
30
32

query I
SELECT id FROM orders ORDER BY paid DESC, id LIMIT 10
----
1
3
6
7
10
11
19
20
21
23

query I
SELECT id FROM orders ORDER BY ts DESC, id LIMIT 5
----
17
34
27
26
25

query I
SELECT id FROM orders ORDER BY ts NULLS FIRST, id LIMIT 5
----
17
34
28
29
1

query I
SELECT id FROM orders ORDER BY discount, id LIMIT 12
----
1
9
13
19
28
35
2
6
10
14
20
24

query I
SELECT id FROM orders ORDER BY discount DESC NULLS LAST, id LIMIT 12
----
11
15
21
5
7
12
22
27
34
38
4
8

query I
SELECT id FROM orders ORDER BY note, id LIMIT 12
----
5
13
18
19
27
30
1
3
15
22
28
39

query I
SELECT id FROM orders ORDER BY note DESC NULLS LAST, id LIMIT 12
----
2
8
9
35
37
6
12
14
24
25
34
10

query I
SELECT id FROM orders ORDER BY id LIMIT 0
----

query I
SELECT id FROM orders ORDER BY id LIMIT 3
----
1
2
3

query I
SELECT id FROM orders ORDER BY id LIMIT 3 OFFSET 5
----
6
7
8

query I
SELECT id FROM orders ORDER BY id OFFSET 37
----
38
39
40

query I
SELECT id FROM orders ORDER BY id OFFSET 100
----

query I
SELECT id FROM orders ORDER BY id LIMIT 3 OFFSET 39
----
40

query I
SELECT id FROM orders ORDER BY id LIMIT ALL OFFSET 38
----
39
40

query I
SELECT id FROM orders ORDER BY id LIMIT NULL OFFSET 38
----
39
40

query I
SELECT id FROM orders ORDER BY id FETCH FIRST 2 ROWS ONLY
----
1
2

query I
SELECT id FROM orders ORDER BY id FETCH FIRST ROW ONLY
----
1

query I
SELECT id FROM orders ORDER BY id OFFSET 2 ROWS FETCH NEXT 2 ROWS ONLY
----
3
4

query I
SELECT id FROM orders ORDER BY id LIMIT 1 + 1
----
1
2

statement error 2201W
SELECT id FROM orders ORDER BY id LIMIT -1

statement error 2201X
SELECT id FROM orders ORDER BY id OFFSET -1

statement error 22P02
SELECT id FROM orders LIMIT 'x'

statement error 42P10
SELECT id FROM orders LIMIT id

query I
SELECT id FROM types ORDER BY i, id
----
4
7
2
0
1
12
15
16
17
6
11
9
10
14
8
3
5
13

query I
SELECT id FROM types ORDER BY i DESC, id
----
5
13
3
8
14
9
10
11
6
17
16
15
12
1
0
2
7
4

query I
SELECT id FROM types ORDER BY l NULLS FIRST, id
----
5
12
4
11
7
2
0
1
15
13
16
17
6
9
10
14
8
3

query I
SELECT id FROM types WHERE id <> 15 ORDER BY d, id
----
17
4
13
2
7
0
11
8
6
1
12
9
10
14
3
16
5

query I
SELECT id FROM types WHERE id <> 15 ORDER BY f DESC NULLS LAST, id
----
16
3
14
12
9
10
1
6
8
11
0
7
2
4
17
5
13

query I
SELECT id FROM types ORDER BY n, id
----
4
2
7
17
0
11
8
6
1
12
9
10
15
16
14
3
5
13

query I
SELECT id FROM types ORDER BY n DESC NULLS LAST, id
----
3
14
16
15
9
10
12
1
6
8
11
0
17
7
2
4
5
13

query I
SELECT id FROM types ORDER BY s, id
----
0
11
12
16
13
6
2
4
1
7
8
14
17
15
3
9
10
5

query I
SELECT id FROM types ORDER BY s DESC, id
----
5
9
10
3
15
17
14
8
7
1
4
2
6
13
16
12
11
0

query I
SELECT id FROM types ORDER BY t, id
----
16
15
4
2
0
9
10
8
1
11
14
6
7
12
3
17
5
13

query I
SELECT id FROM types ORDER BY b, id
----
0
2
4
7
11
15
16
1
3
6
8
9
10
12
14
17
5
13

query I
SELECT id FROM types ORDER BY x, id
----
0
1
4
16
6
17
14
11
12
7
8
9
10
3
2
15
5
13

query I
SELECT id FROM types ORDER BY x DESC NULLS LAST, id
----
15
2
3
9
10
8
7
12
11
14
17
6
16
4
1
0
5
13

query I
SELECT id FROM types ORDER BY i % 3, l, id
----
4
7
2
11
0
17
9
10
14
12
1
15
6
8
3
16
13
5

statement error 22003
SELECT id FROM types ORDER BY abs(i) DESC NULLS LAST, id

query I
SELECT id FROM types ORDER BY b NULLS FIRST, i DESC NULLS LAST, s, id
----
13
5
11
16
15
0
2
7
4
3
8
14
9
10
6
17
12
1

query I
SELECT id FROM types ORDER BY d, id
----
17
4
13
2
7
0
11
8
6
1
12
9
10
14
3
16
15
5

query I
SELECT id FROM types ORDER BY f DESC, id
----
5
13
15
16
3
14
12
9
10
1
6
8
11
0
7
2
4
17

statement error 22003
SELECT i FROM types WHERE i IS NOT NULL ORDER BY -i, id LIMIT 4

query T
SELECT s FROM types ORDER BY lower(s) NULLS FIRST, s LIMIT 6
----
NULL
(empty)
\  padded \x20
12
2026-01-02
3.5

statement error 42P10
SELECT id FROM types ORDER BY 2

statement error 42P10
SELECT id FROM types ORDER BY 0

statement error 42703
SELECT id FROM types ORDER BY nosuch

statement error 42702
SELECT id, i AS id FROM types ORDER BY id

query T
SELECT DISTINCT status FROM orders ORDER BY status
----
baked
cancelled
created
delivered
paid

query T
SELECT DISTINCT status FROM orders ORDER BY status DESC LIMIT 2
----
paid
delivered

query TB
SELECT DISTINCT status, paid FROM orders ORDER BY status, paid NULLS FIRST
----
baked|NULL
baked|f
baked|t
cancelled|NULL
cancelled|f
cancelled|t
created|NULL
created|f
delivered|NULL
delivered|f
paid|NULL
paid|f
paid|t

query T
SELECT DISTINCT city FROM orders ORDER BY 1 NULLS LAST OFFSET 1
----
Berlin
Bonn
Köln
NULL

query I
SELECT DISTINCT quantity % 2 FROM orders ORDER BY 1
----
0
1

query IB
SELECT DISTINCT quantity % 3, paid FROM orders ORDER BY 1, 2 NULLS FIRST
----
0|NULL
0|f
0|t
1|NULL
1|f
1|t
2|NULL
2|f
2|t

query T
SELECT DISTINCT upper(status) AS u FROM orders ORDER BY u
----
BAKED
CANCELLED
CREATED
DELIVERED
PAID

query I rowsort
SELECT DISTINCT 1 FROM orders
----
1

query I
SELECT DISTINCT count(*) FROM orders GROUP BY status ORDER BY 1
----
5
6
7
8
14

query BB
SELECT DISTINCT b, i > 0 FROM types ORDER BY 1 NULLS FIRST, 2 NULLS FIRST
----
NULL|NULL
f|f
f|t
t|t

query R
SELECT DISTINCT d FROM types WHERE id IN (9, 10, 0, 1) ORDER BY d
----
0
1
3.141592653589793

query N
SELECT DISTINCT n FROM types WHERE id IN (9, 10, 12) ORDER BY n
----
2.5
2.718281828459045

statement error 42P10
SELECT DISTINCT status FROM orders ORDER BY price

statement error 42601
SELECT DISTINCT ALL status FROM orders

query T
SELECT ALL status FROM orders ORDER BY status LIMIT 2
----
baked
baked

query TT
SELECT DISTINCT category, product FROM items ORDER BY 1 NULLS LAST, 2
----
dessert|Tiramisu
drink|Cola
drink|Water
pizza|Diavola
pizza|Funghi
pizza|Margherita
NULL|Bread

query T
SELECT DISTINCT country FROM events ORDER BY country NULLS FIRST
----
NULL
BR
DE
FR
GR
IN
JP
NO
PL
PT
SE
TR
US

query TB
SELECT DISTINCT device, bot FROM events ORDER BY device DESC, bot NULLS LAST
----
tv|f
tv|t
tv|NULL
tablet|f
tablet|t
tablet|NULL
phone|f
phone|t
phone|NULL
desktop|f
desktop|t
desktop|NULL

query I
SELECT DISTINCT user_id FROM events ORDER BY user_id LIMIT 5
----
0
1
2
3
4

query I
SELECT DISTINCT user_id FROM events ORDER BY user_id DESC OFFSET 990
----
9
8
7
6
5
4
3
2
1
0

query I
SELECT id FROM events ORDER BY id LIMIT 5
----
0
1
2
3
4

query I
SELECT id FROM events ORDER BY id DESC LIMIT 5
----
17999
17998
17997
17996
17995

query I
SELECT id FROM events ORDER BY ts DESC NULLS LAST, id LIMIT 5
----
17999
17998
17997
17996
17995

query IR
SELECT id, amount FROM events ORDER BY amount DESC NULLS LAST, id LIMIT 8
----
3027|999.98
11753|999.97
9218|999.84
13627|999.83
12997|999.82
7005|999.78
3542|999.69
13468|999.44

query IIT
SELECT id, latency, country FROM events ORDER BY latency NULLS FIRST, country DESC NULLS LAST, id LIMIT 8
----
242|NULL|US
330|NULL|US
522|NULL|US
541|NULL|US
684|NULL|US
770|NULL|US
802|NULL|US
931|NULL|US

query I
SELECT id FROM events ORDER BY url, id LIMIT 8
----
335
2174
6119
7325
8165
8507
10397
11552

query I
SELECT id FROM events WHERE country = 'SE' ORDER BY bytes DESC LIMIT 5
----
9959
366
1107
9756
16466

query I
SELECT id FROM events ORDER BY id LIMIT 3 OFFSET 8190
----
8190
8191
8192

query I
SELECT id FROM events ORDER BY id LIMIT 3 OFFSET 17998
----
17998
17999

query I
SELECT id FROM events ORDER BY id DESC LIMIT 2 OFFSET 17000
----
999
998

query I
SELECT id FROM events WHERE latency > 1990 ORDER BY bytes LIMIT 10 OFFSET 20
----
10730
8759
4256
8387
4537
11612
8503
784
5889
9495

query TT
SELECT country, device FROM events ORDER BY country DESC NULLS LAST, device, id LIMIT 3
----
US|desktop
US|desktop
US|desktop

query II
SELECT latency % 10 AS k, id FROM events ORDER BY k DESC NULLS LAST, id LIMIT 5
----
9|11
9|27
9|29
9|34
9|36
