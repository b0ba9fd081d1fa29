# GROUP BY, HAVING, aliases and positions.
portable

query TI
SELECT status, count(*) FROM orders GROUP BY status ORDER BY status
----
baked|14
cancelled|7
created|6
delivered|5
paid|8

query TI
SELECT status, count(*) FROM orders GROUP BY 1 ORDER BY 2 DESC, 1
----
baked|14
paid|8
cancelled|7
created|6
delivered|5

query TTI
SELECT status, city, count(*) FROM orders GROUP BY status, city ORDER BY 1, 2 NULLS LAST
----
baked|Aachen|2
baked|Berlin|1
baked|Bonn|4
baked|Köln|3
baked|NULL|4
cancelled|Bonn|3
cancelled|Köln|2
cancelled|NULL|2
created|Aachen|1
created|Berlin|3
created|Bonn|1
created|NULL|1
delivered|Bonn|1
delivered|Köln|2
delivered|NULL|2
paid|Aachen|1
paid|Berlin|2
paid|Bonn|1
paid|Köln|2
paid|NULL|2

query TTI
SELECT status, city, count(*) FROM orders GROUP BY 2, 1 ORDER BY 1, 2 NULLS LAST
----
baked|Aachen|2
baked|Berlin|1
baked|Bonn|4
baked|Köln|3
baked|NULL|4
cancelled|Bonn|3
cancelled|Köln|2
cancelled|NULL|2
created|Aachen|1
created|Berlin|3
created|Bonn|1
created|NULL|1
delivered|Bonn|1
delivered|Köln|2
delivered|NULL|2
paid|Aachen|1
paid|Berlin|2
paid|Bonn|1
paid|Köln|2
paid|NULL|2

query TI
SELECT status AS s, count(*) AS n FROM orders GROUP BY s ORDER BY n DESC, s
----
baked|14
paid|8
cancelled|7
created|6
delivered|5

query T
SELECT status s FROM orders GROUP BY s ORDER BY s
----
baked
cancelled
created
delivered
paid

query I
SELECT count(*) FROM orders GROUP BY status ORDER BY 1
----
5
6
7
8
14

query T
SELECT status FROM orders GROUP BY status HAVING count(*) > 7 ORDER BY status
----
baked
paid

query TI
SELECT status, sum(quantity) FROM orders GROUP BY status HAVING sum(quantity) > 30 ORDER BY status
----
baked|65
paid|42

query TI
SELECT status, sum(quantity) FROM orders GROUP BY status HAVING sum(quantity) > 30 AND min(price) < 20 ORDER BY status
----
baked|65
paid|42

query T
SELECT status FROM orders GROUP BY status HAVING status LIKE '%d' ORDER BY status
----
baked
cancelled
created
delivered
paid

query T
SELECT status FROM orders GROUP BY status HAVING max(price) IS NULL ORDER BY status
----

query I rowsort
SELECT count(*) FROM orders HAVING count(*) > 10
----
40

query I rowsort
SELECT count(*) FROM orders HAVING count(*) > 100
----

query I rowsort
SELECT 1 FROM orders HAVING 1 = 1
----
1

query I rowsort
SELECT sum(quantity) FROM orders HAVING max(id) = 40
----
179

query II
SELECT quantity % 3, count(*) FROM orders GROUP BY quantity % 3 ORDER BY 1
----
0|8
1|17
2|15

query II
SELECT quantity % 3 + 1, count(*) FROM orders GROUP BY quantity % 3 ORDER BY 1
----
1|8
2|17
3|15

query IR
SELECT quantity % 3 AS m, sum(price) FROM orders GROUP BY m ORDER BY m
----
0|195.63000000000002
1|509.4000000000001
2|448.7199999999999

query TI
SELECT status || '!' , count(*) FROM orders GROUP BY status ORDER BY 1
----
baked!|14
cancelled!|7
created!|6
delivered!|5
paid!|8

query TTI
SELECT upper(status), lower(city), count(*) FROM orders WHERE city IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
----
BAKED|aachen|2
BAKED|berlin|1
BAKED|bonn|4
BAKED|köln|3
CANCELLED|bonn|3
CANCELLED|köln|2
CREATED|aachen|1
CREATED|berlin|3
CREATED|bonn|1
DELIVERED|bonn|1
DELIVERED|köln|2
PAID|aachen|1
PAID|berlin|2
PAID|bonn|1
PAID|köln|2

query BTIR
SELECT paid, status, count(*), avg(price) FROM orders GROUP BY paid, status ORDER BY paid NULLS LAST, status
----
f|baked|3|21.72
f|cancelled|2|24.439999999999998
f|created|4|46.4225
f|delivered|4|35.895
f|paid|1|10.6
t|baked|5|34.885000000000005
t|cancelled|1|54.17
t|paid|6|34.51833333333334
NULL|baked|6|26.548333333333336
NULL|cancelled|4|30.583333333333332
NULL|created|2|19.535
NULL|delivered|1|14.4
NULL|paid|1|16.23

query NI
SELECT discount, count(*) FROM orders GROUP BY discount ORDER BY discount NULLS FIRST
----
NULL|4
0|6
0.1|12
1.25|8
2.5|7
12.34567890123456789|3

query RI
SELECT price, count(*) FROM orders GROUP BY price HAVING count(*) > 1 ORDER BY price
----
NULL|3

query IR
SELECT user_id, sum(price) AS total FROM orders GROUP BY user_id ORDER BY total DESC NULLS LAST, user_id LIMIT 3
----
6|257.28
8|243.33
7|145.07

query IDD
SELECT user_id, min(ts), max(ts) FROM orders GROUP BY user_id ORDER BY user_id NULLS FIRST
----
NULL|2026-01-12 05:00:21.999|2026-01-27 08:28:32.999
1|2026-01-11 05:10:17.999|2026-01-25 04:30:39
2|2026-01-03 02:35:27|2026-01-15 11:38:23.999
3|2026-01-01 22:41:42.125|2026-01-12 17:23:39.125
4|2026-01-09 16:19:44.5|2026-01-11 02:11:09.5
5|2026-01-04 08:02:57.5|2026-01-09 03:31:03.5
6|2026-01-02 05:45:27.999|2026-01-28 13:07:25.999
7|2026-01-06 03:29:00.125|2026-01-24 23:22:57.999
8|2026-01-06 09:33:31.125|2026-01-26 08:02:49

query II
SELECT user_id, count(DISTINCT status) FROM orders GROUP BY user_id ORDER BY user_id NULLS FIRST
----
NULL|3
1|2
2|2
3|4
4|2
5|2
6|5
7|4
8|4

query T
SELECT status FROM orders GROUP BY status, city, paid ORDER BY status LIMIT 4
----
baked
baked
baked
baked

query I
SELECT max(quantity) - min(quantity) FROM orders GROUP BY status ORDER BY 1
----
4
6
7
7
7

query TIB
SELECT status, count(*) * 2 + 1, sum(quantity) * 1.0 / count(*) > 4.5 FROM orders GROUP BY status ORDER BY status
----
baked|29|t
cancelled|15|f
created|13|t
delivered|11|f
paid|17|t

query TN
SELECT status, round(avg(price)::numeric, 2) FROM orders GROUP BY status ORDER BY status
----
baked|28.52
cancelled|32.47
created|37.46
delivered|31.6
paid|29.24

query TTIR
SELECT category, product, sum(quantity), sum(price * quantity) FROM items GROUP BY category, product ORDER BY category NULLS LAST, product
----
dessert|Tiramisu|33|138.60000000000002
drink|Cola|28|70
drink|Water|18|34.19999999999999
pizza|Diavola|14|133
pizza|Funghi|20|178.00000000000003
pizza|Margherita|29|217.5
NULL|Bread|14|28

query TITT
SELECT category, count(DISTINCT product), min(product), max(product) FROM items GROUP BY category ORDER BY category NULLS FIRST
----
NULL|1|Bread|Bread
dessert|1|Tiramisu|Tiramisu
drink|2|Cola|Water
pizza|3|Diavola|Margherita

query II
SELECT order_id, count(*) FROM items GROUP BY order_id HAVING count(*) > 2 ORDER BY order_id
----
2|3
3|3
6|3
7|3
9|3
10|3
16|3
21|3
25|3
34|3
39|3
41|3

query IR
SELECT order_id, sum(price * quantity) AS total FROM items GROUP BY order_id ORDER BY total DESC, order_id LIMIT 5
----
25|58.5
38|57
17|40.3
16|39.900000000000006
9|39.4

query II
SELECT line, count(*) FROM items GROUP BY line ORDER BY line
----
1|40
2|28
3|12

query III
SELECT i, l, count(*) FROM types GROUP BY i, l ORDER BY i NULLS FIRST, l NULLS FIRST
----
NULL|NULL|1
NULL|5|1
-2147483648|-9223372036854775808|1
-7|-7|1
-1|-1|1
0|0|1
1|1|1
3|NULL|1
4|4|1
5|5|1
6|6|1
7|7|1
12|-12|1
42|42|2
99|99|1
100|10000000000|1
2147483647|9223372036854775807|1

query TI
SELECT s, count(*) FROM types GROUP BY s HAVING count(*) > 1 ORDER BY s
----
ÄÖÜ ß €|2

query NI
SELECT n, count(*) FROM types GROUP BY n ORDER BY n NULLS LAST
----
-99999999999999999999999999999999999999|1
-1|1
-0.5|1
-0.1|1
0|1
0.000000000000000000001|1
0.1|1
0.5|1
1|1
2.5|1
2.718281828459045|2
4|1
5|1
9007199254740993|1
99999999999999999999999999999999999999|1
NULL|2

query RI
SELECT d, count(*) FROM types WHERE id <> 15 GROUP BY d ORDER BY d NULLS LAST
----
-Infinity|1
-1.7976931348623157e+308|1
-2.5|1
-1|1
-0.5|1
0|1
1e-300|1
0.1|1
0.5|1
1|1
2.5|1
3.141592653589793|2
9.007199254740992e+15|1
1.7976931348623157e+308|1
Infinity|1
NULL|1

query RI
SELECT f, count(*) FROM types WHERE id <> 15 GROUP BY f ORDER BY f NULLS LAST
----
-Infinity|1
-3.4028235e+38|1
-1|1
-0.5|1
0|1
1e-10|1
0.1|1
0.5|1
1|1
1.25|2
2.5|1
1.6777216e+07|1
3.4028235e+38|1
Infinity|1
NULL|2

query DI
SELECT t, count(*) FROM types GROUP BY t ORDER BY t NULLS FIRST
----
NULL|2
0001-01-01 00:00:00|1
1582-10-15 00:00:00|1
1900-01-01 00:00:00|1
1969-12-31 23:59:59.999|1
1970-01-01 00:00:00|1
2000-01-01 00:00:00|2
2024-02-29 00:00:00|1
2026-01-02 03:04:05.678|1
2026-01-31 23:59:59.999|1
2026-02-28 00:00:00|1
2026-03-29 02:30:00|1
2026-10-25 02:30:00|1
2026-12-31 23:59:59|1
2262-04-11 23:47:16.854|1
9999-12-31 23:59:59.999|1

query BII
SELECT b, sum(i), sum(l) FROM types WHERE id NOT IN (3, 4) GROUP BY b ORDER BY b NULLS FIRST
----
NULL|NULL|5
f|13|-11
t|300|10000000197

query XI
SELECT x, count(*) FROM types GROUP BY x ORDER BY x NULLS FIRST
----
NULL|2
\x|1
\x00|1
\x00ff00|1
\x01|1
\x0102|1
\x02|1
\x0a|1
\x20|1
\x31|1
\x7f|1
\x80|1
\xc3bc|2
\xdeadbeef|1
\xff|1
\xff00ff|1

query BI
SELECT i > 5, count(*) FROM types GROUP BY i > 5 ORDER BY 1 NULLS FIRST
----
NULL|2
f|8
t|8

query BI
SELECT i IS NULL, count(*) FROM types GROUP BY 1 ORDER BY 1
----
f|16
t|2

query TI rowsort
SELECT 'const', count(*) FROM types GROUP BY 1
----
const|18

query TI
SELECT country, count(*) FROM events GROUP BY country ORDER BY country NULLS FIRST
----
NULL|581
BR|1875
DE|2799
FR|2461
GR|116
IN|1577
JP|2026
NO|597
PL|1083
PT|347
SE|867
TR|1331
US|2340

query TTII
SELECT country, device, count(*), sum(bytes) FROM events GROUP BY country, device ORDER BY 3 DESC, 1, 2 LIMIT 10
----
DE|desktop|762|428448127136355
DE|phone|685|369286288305921
DE|tv|681|376895267731314
DE|tablet|671|375548317519649
FR|phone|620|345985788692464
FR|desktop|619|332656412022373
FR|tv|612|342659986428574
FR|tablet|610|340477989809435
US|tablet|602|331930420339422
US|desktop|593|328420331993699

query TRRRR
SELECT country, sum(amount), avg(amount), min(amount), max(amount) FROM events GROUP BY country ORDER BY country NULLS LAST
----
BR|931113.2700000013|504.39505417118164|0.05|999.97
DE|1.3411802400000012e+06|490.73554335894664|0.65|999.98
FR|1.221366680000003e+06|505.53256622516676|0.71|999.44
GR|57805.88000000001|502.6598260869566|2.27|990.74
IN|750175.9999999998|484.6098191214469|1.03|998.36
JP|966632.0200000008|488.6916177957537|0.19|999.37
NO|291959.43000000005|500.7880445969126|3.52|999.82
PL|503638.60000000027|479.65580952380975|3.02|996.79
PT|165859.03|495.1015820895522|7.57|993.71
SE|420092.75999999995|493.0666197183098|2.26|999.12
TR|632204.6399999994|484.4479999999996|0.19|999.78
US|1.1374187099999988e+06|494.1002215464808|0.23|999.84
NULL|277347.6200000004|483.1840069686418|1.74|996.17

query II
SELECT user_id, count(*) FROM events GROUP BY user_id ORDER BY 2 DESC, 1 LIMIT 10
----
431|34
690|33
765|33
521|32
95|31
913|31
171|30
441|30
144|29
358|29

query II
SELECT user_id, sum(bytes) FROM events GROUP BY user_id HAVING count(*) > 28 ORDER BY user_id
----
95|16502811962294
144|18837382816273
171|14873842074991
358|15256598674574
431|17687809079676
441|16112412882429
521|15474035845483
533|12495415990763
690|18339634464282
765|18371196905344
882|13018268597729
913|19809186877089
918|13374007547320
977|13022278999878
982|15221162475518

query III
SELECT user_id % 10 AS bucket, count(*), sum(latency) FROM events GROUP BY bucket ORDER BY bucket
----
0|1779|1714421
1|1839|1726561
2|1773|1681666
3|1757|1628597
4|1807|1720769
5|1810|1708369
6|1862|1735563
7|1822|1741956
8|1787|1706561
9|1764|1683583

query TI
SELECT url, count(*) FROM events GROUP BY url ORDER BY 2 DESC, 1 LIMIT 5
----
/shop/tablet/299|27
/shop/phone/282|26
/shop/phone/23|24
/shop/tablet/60|24
/shop/desktop/222|23

query I
SELECT count(*) FROM events GROUP BY url HAVING count(*) > 25 ORDER BY 1 DESC
----
27
26

query II
SELECT latency, count(*) FROM events GROUP BY latency ORDER BY count(*) DESC, latency NULLS FIRST LIMIT 5
----
NULL|907
628|19
35|18
154|18
1709|18

query BI
SELECT latency / 500.0 > 2, count(*) FROM events GROUP BY 1 ORDER BY 1 NULLS LAST
----
f|8594
t|8499
NULL|907

query II
SELECT id, count(*) FROM events GROUP BY id ORDER BY id DESC LIMIT 3
----
17999|1
17998|1
17997|1

query ITI
SELECT id, url, count(*) FROM events GROUP BY id, url ORDER BY id LIMIT 3
----
0|/shop/phone/176|1
1|/shop/tablet/200|1
2|/shop/desktop/351|1

query TBTI
SELECT device, bot, country, count(*) FROM events WHERE country IN ('DE', 'SE') GROUP BY device, bot, country ORDER BY 1, 2 NULLS FIRST, 3
----
desktop|NULL|DE|62
desktop|NULL|SE|25
desktop|f|DE|664
desktop|f|SE|196
desktop|t|DE|36
desktop|t|SE|10
phone|NULL|DE|71
phone|NULL|SE|25
phone|f|DE|588
phone|f|SE|183
phone|t|DE|26
phone|t|SE|13
tablet|NULL|DE|62
tablet|NULL|SE|21
tablet|f|DE|589
tablet|f|SE|184
tablet|t|DE|20
tablet|t|SE|7
tv|NULL|DE|67
tv|NULL|SE|22
tv|f|DE|586
tv|f|SE|173
tv|t|DE|28
tv|t|SE|8

query TIII
SELECT device, count(DISTINCT country), count(DISTINCT user_id), count(DISTINCT url) FROM events GROUP BY device ORDER BY device
----
desktop|12|996|1426
phone|12|993|1430
tablet|12|989|1431
tv|12|985|1433

query II
SELECT bytes % 7, count(*) FROM events GROUP BY 1 ORDER BY 1
----
0|2583
1|2591
2|2524
3|2623
4|2519
5|2551
6|2609

query RI
SELECT floor(amount / 100), count(*) FROM events GROUP BY 1 ORDER BY 1 NULLS LAST
----
0|1838
1|1789
2|1785
3|1800
4|1806
5|1768
6|1715
7|1751
8|1649
9|1736
NULL|363

query T
SELECT country FROM events GROUP BY country HAVING avg(latency) > 1000 ORDER BY country
----
DE
GR
JP
SE
TR
US
NULL

query TR
SELECT device, sum(amount) FILTER (WHERE country = 'DE') FROM events GROUP BY device ORDER BY device
----
desktop|370736.0299999999
phone|329227.81
tablet|322794.87999999995
tv|318421.52000000014

query I
SELECT sum(quantity) AS quantity FROM orders GROUP BY quantity ORDER BY quantity
----
5
9
12
15
28
30
32
48

query II
SELECT quantity AS price, count(*) FROM orders GROUP BY quantity ORDER BY price
----
1|5
2|6
3|3
4|8
5|3
6|5
7|4
8|6

query T
SELECT status FROM orders GROUP BY status ORDER BY count(*) DESC, status
----
baked
paid
cancelled
created
delivered

query T
SELECT status FROM orders GROUP BY status ORDER BY sum(price) / count(*) DESC NULLS LAST
----
created
delivered
paid
cancelled
baked

query IT
SELECT count(*), status FROM orders GROUP BY orders.status ORDER BY orders.status
----
14|baked
7|cancelled
6|created
5|delivered
8|paid

query TI
SELECT o.status, count(*) FROM orders o GROUP BY o.status ORDER BY o.status
----
baked|14
cancelled|7
created|6
delivered|5
paid|8

query TI
SELECT o.status AS st, count(*) c FROM orders AS o GROUP BY st ORDER BY c, st
----
delivered|5
created|6
cancelled|7
paid|8
baked|14

statement error 42803
SELECT status, price FROM orders GROUP BY status

statement error 42703
SELECT status FROM orders GROUP BY nosuch

statement error 42P10
SELECT status FROM orders GROUP BY 3

statement error 42803
SELECT status, count(*) FROM orders WHERE count(*) > 1 GROUP BY status

statement error 42803
SELECT status FROM orders HAVING count(*) > 1

statement error 42803
SELECT sum(sum(price)) FROM orders

statement error 42803
SELECT sum(price), status FROM orders

statement error 42803
SELECT * FROM orders GROUP BY status

statement error 42803
SELECT status FROM orders GROUP BY sum(price)
