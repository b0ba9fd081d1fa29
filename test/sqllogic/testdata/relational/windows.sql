# Window functions and their frames.
portable

query II
SELECT id, row_number() OVER (ORDER BY id) FROM users ORDER BY id
----
1|1
2|2
3|3
4|4
5|5
6|6
9|7
10|8

query II
SELECT id, row_number() OVER (ORDER BY id DESC) FROM users ORDER BY id
----
1|8
2|7
3|6
4|5
5|4
6|3
9|2
10|1

query ITI
SELECT id, status, row_number() OVER (PARTITION BY status ORDER BY id) FROM orders ORDER BY status, id
----
5|baked|1
6|baked|2
7|baked|3
13|baked|4
17|baked|5
18|baked|6
19|baked|7
21|baked|8
22|baked|9
24|baked|10
28|baked|11
33|baked|12
36|baked|13
38|baked|14
1|cancelled|1
11|cancelled|2
23|cancelled|3
25|cancelled|4
26|cancelled|5
30|cancelled|6
34|cancelled|7
3|created|1
10|created|2
14|created|3
27|created|4
39|created|5
40|created|6
4|delivered|1
9|delivered|2
20|delivered|3
29|delivered|4
32|delivered|5
2|paid|1
8|paid|2
12|paid|3
15|paid|4
16|paid|5
31|paid|6
35|paid|7
37|paid|8

query III
SELECT id, rank() OVER (ORDER BY quantity), dense_rank() OVER (ORDER BY quantity) FROM orders ORDER BY id LIMIT 15
----
1|1|1
2|1|1
3|26|6
4|23|5
5|31|7
6|35|8
7|1|1
8|35|8
9|26|6
10|23|5
11|35|8
12|12|3
13|15|4
14|35|8
15|26|6

query IRR
SELECT id, percent_rank() OVER (ORDER BY quantity), cume_dist() OVER (ORDER BY quantity) FROM orders ORDER BY id LIMIT 10
----
1|0|0.125
2|0|0.125
3|0.6410256410256411|0.75
4|0.5641025641025641|0.625
5|0.7692307692307693|0.85
6|0.8717948717948718|1
7|0|0.125
8|0.8717948717948718|1
9|0.6410256410256411|0.75
10|0.5641025641025641|0.625

query III
SELECT id, ntile(4) OVER (ORDER BY id), ntile(3) OVER (ORDER BY id) FROM users ORDER BY id
----
1|1|1
2|1|1
3|2|1
4|2|2
5|3|2
6|3|2
9|4|3
10|4|3

query III
SELECT id, lag(id) OVER (ORDER BY id), lead(id) OVER (ORDER BY id) FROM users ORDER BY id
----
1|NULL|2
2|1|3
3|2|4
4|3|5
5|4|6
6|5|9
9|6|10
10|9|NULL

query III
SELECT id, lag(id, 2) OVER (ORDER BY id), lead(id, 2, -1) OVER (ORDER BY id) FROM users ORDER BY id
----
1|NULL|3
2|NULL|4
3|1|5
4|2|6
5|3|9
6|4|10
9|5|-1
10|6|-1

query IR
SELECT id, lag(price, 1, 0) OVER (PARTITION BY status ORDER BY id) FROM orders ORDER BY id LIMIT 15
----
1|0
2|0
3|0
4|0
5|0
6|17.51
7|9.63
8|22.11
9|24.35
10|11.98
11|11.04
12|10.6
13|41.82
14|27.09
15|13

query IIII
SELECT id, first_value(id) OVER (ORDER BY id), last_value(id) OVER (ORDER BY id), nth_value(id, 2) OVER (ORDER BY id) FROM users ORDER BY id
----
1|1|1|NULL
2|1|2|2
3|1|3|2
4|1|4|2
5|1|5|2
6|1|6|2
9|1|9|2
10|1|10|2

query ITT
SELECT id, first_value(name) OVER (PARTITION BY city ORDER BY id), last_value(name) OVER (PARTITION BY city ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM users ORDER BY id
----
1|Ann|Ida
2|Bob|Bob
3|Ann|Ida
4|Dora|Dora
5|Emil|Emil
6|Fatma|Fatma
9|Gus|Gus
10|Ann|Ida

query II
SELECT id, sum(quantity) OVER () FROM orders ORDER BY id LIMIT 3
----
1|179
2|179
3|179

query II
SELECT id, sum(quantity) OVER (ORDER BY id) FROM orders ORDER BY id LIMIT 10
----
1|1
2|2
3|8
4|13
5|20
6|28
7|29
8|37
9|43
10|48

query II
SELECT id, sum(quantity) OVER (PARTITION BY status ORDER BY id) FROM orders ORDER BY id LIMIT 10
----
1|1
2|1
3|6
4|5
5|7
6|15
7|16
8|9
9|11
10|11

query II
SELECT id, sum(quantity) OVER (ORDER BY quantity) FROM orders ORDER BY id LIMIT 10
----
1|5
2|5
3|103
4|73
5|131
6|179
7|5
8|179
9|103
10|73

query II
SELECT id, sum(quantity) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM orders ORDER BY id LIMIT 10
----
1|1
2|2
3|8
4|12
5|18
6|20
7|16
8|17
9|15
10|19

query II
SELECT id, sum(quantity) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM orders ORDER BY id LIMIT 10
----
1|2
2|8
3|12
4|18
5|20
6|16
7|17
8|15
9|19
10|19

query II
SELECT id, sum(quantity) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) FROM orders ORDER BY id LIMIT 5
----
1|179
2|178
3|177
4|171
5|166

query II
SELECT id, sum(quantity) OVER (ORDER BY id ROWS BETWEEN 3 FOLLOWING AND 5 FOLLOWING) FROM orders ORDER BY id DESC LIMIT 6
----
40|NULL
39|NULL
38|NULL
37|2
36|6
35|10

query II
SELECT id, sum(quantity) OVER (ORDER BY id ROWS BETWEEN 5 PRECEDING AND 3 PRECEDING) FROM orders ORDER BY id LIMIT 6
----
1|NULL
2|NULL
3|NULL
4|1
5|2
6|8

query II
SELECT id, count(*) OVER (ORDER BY quantity RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM orders ORDER BY id LIMIT 10
----
1|11
2|11
3|12
4|16
5|15
6|10
7|11
8|10
9|12
10|16

query II
SELECT id, count(*) OVER (ORDER BY quantity RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) FROM orders ORDER BY id LIMIT 10
----
1|40
2|40
3|15
4|18
5|10
6|6
7|40
8|6
9|15
10|18

query IR
SELECT id, sum(price) OVER (ORDER BY price RANGE BETWEEN 5 PRECEDING AND CURRENT ROW) FROM orders WHERE price IS NOT NULL ORDER BY id LIMIT 10
----
1|38.09
2|59.94
3|43.25
4|89.5
5|77.14
6|21.61
7|122.53
8|27.050000000000004
9|118.76
10|173.00000000000003

query II
SELECT id, count(*) OVER (ORDER BY quantity DESC RANGE BETWEEN 2 PRECEDING AND CURRENT ROW) FROM orders ORDER BY id LIMIT 10
----
1|14
2|14
3|15
4|12
5|10
6|6
7|14
8|6
9|15
10|12

query II
SELECT id, count(*) OVER (ORDER BY quantity GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM orders ORDER BY id LIMIT 10
----
1|11
2|11
3|12
4|16
5|15
6|10
7|11
8|10
9|12
10|16

query II
SELECT id, count(*) OVER (ORDER BY quantity GROUPS CURRENT ROW) FROM orders ORDER BY id LIMIT 10
----
1|5
2|5
3|5
4|3
5|4
6|6
7|5
8|6
9|5
10|3

query II
SELECT id, sum(id) OVER (ORDER BY quantity ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW) FROM orders ORDER BY id LIMIT 5
----
1|819
2|818
3|817
4|816
5|815

query II
SELECT id, count(*) OVER (ORDER BY quantity RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE GROUP) FROM orders ORDER BY id LIMIT 10
----
1|0
2|0
3|25
4|22
5|30
6|34
7|0
8|34
9|25
10|22

query II
SELECT id, count(*) OVER (ORDER BY quantity RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE TIES) FROM orders ORDER BY id LIMIT 10
----
1|1
2|1
3|26
4|23
5|31
6|35
7|1
8|35
9|26
10|23

query IRRR
SELECT id, avg(price) OVER (PARTITION BY city), min(price) OVER (PARTITION BY city), max(price) OVER (PARTITION BY city) FROM orders ORDER BY id LIMIT 10
----
1|28.783333333333328|11.04|54.17
2|30.97555555555556|11.98|59.92
3|30.97555555555556|11.98|59.92
4|30.97555555555556|11.98|59.92
5|30.97555555555556|11.98|59.92
6|30.662499999999998|6.82|54.23
7|34.79|16.23|48.72
8|31.61444444444444|5.16|58.84
9|30.97555555555556|11.98|59.92
10|34.79|16.23|48.72

query IRR
SELECT id, min(price) OVER (ORDER BY id ROWS 3 PRECEDING), max(price) OVER (ORDER BY id ROWS 3 PRECEDING) FROM orders ORDER BY id LIMIT 12
----
1|11.04|11.04
2|11.04|22.11
3|11.04|22.11
4|11.04|24.35
5|11.98|24.35
6|9.63|24.35
7|9.63|41.82
8|9.63|41.82
9|9.63|59.92
10|10.6|59.92
11|10.6|59.92
12|13|59.92

query III
SELECT id, count(price) OVER (ORDER BY id), count(*) OVER (ORDER BY id) FROM orders ORDER BY id LIMIT 24
----
1|1|1
2|2|2
3|3|3
4|4|4
5|5|5
6|6|6
7|7|7
8|8|8
9|9|9
10|10|10
11|10|11
12|11|12
13|12|13
14|13|14
15|14|15
16|15|16
17|16|17
18|17|18
19|18|19
20|19|20
21|20|21
22|20|22
23|21|23
24|22|24

query II
SELECT id, count(*) FILTER (WHERE paid) OVER (ORDER BY id) FROM orders ORDER BY id LIMIT 10
----
1|0
2|1
3|1
4|1
5|2
6|2
7|2
8|2
9|2
10|2

query IR
SELECT id, price - lag(price) OVER (ORDER BY id) AS delta FROM orders ORDER BY id LIMIT 10
----
1|NULL
2|11.07
3|-10.129999999999999
4|12.370000000000001
5|-6.84
6|-7.880000000000001
7|32.19
8|-31.22
9|49.32
10|-32.83

query III
SELECT id, row_number() OVER w, sum(id) OVER w FROM users WINDOW w AS (ORDER BY id) ORDER BY id
----
1|1|1
2|2|3
3|3|6
4|4|10
5|5|15
6|6|21
9|7|30
10|8|40

query II
SELECT id, sum(id) OVER (w ROWS 1 PRECEDING) FROM users WINDOW w AS (ORDER BY id) ORDER BY id
----
1|1
2|3
3|5
4|7
5|9
6|11
9|15
10|19

query II
SELECT id, rank() OVER (PARTITION BY city ORDER BY price DESC NULLS LAST, id) AS r FROM orders ORDER BY city NULLS LAST, r LIMIT 12
----
16|1
40|2
6|3
38|4
35|1
39|2
7|3
14|4
10|5
31|6
27|1
26|2

query ITI
SELECT * FROM (SELECT id, status, row_number() OVER (PARTITION BY status ORDER BY price DESC NULLS LAST, id) AS r FROM orders) x WHERE r <= 2 ORDER BY status, r
----
13|baked|1
24|baked|2
25|cancelled|1
26|cancelled|2
27|created|1
40|created|2
9|delivered|1
29|delivered|2
16|paid|1
37|paid|2

query TII
SELECT status, count(*), rank() OVER (ORDER BY count(*) DESC) FROM orders GROUP BY status ORDER BY 3, 1
----
baked|14|1
paid|8|2
cancelled|7|3
created|6|4
delivered|5|5

query TII
SELECT status, sum(quantity), sum(sum(quantity)) OVER (ORDER BY status) FROM orders GROUP BY status ORDER BY status
----
baked|65|65
cancelled|25|90
created|29|119
delivered|18|137
paid|42|179

query TB
SELECT status, sum(quantity) * 100.0 / sum(sum(quantity)) OVER () > 20 FROM orders GROUP BY status ORDER BY status
----
baked|t
cancelled|f
created|f
delivered|f
paid|t

query I
SELECT DISTINCT count(*) OVER (PARTITION BY status) FROM orders ORDER BY 1
----
5
6
7
8
14

query I
SELECT id FROM users ORDER BY row_number() OVER (ORDER BY name DESC)
----
10
9
6
5
4
3
2
1

query III
SELECT id, row_number() OVER (ORDER BY since NULLS FIRST), row_number() OVER (ORDER BY since DESC NULLS LAST) FROM users ORDER BY id
----
1|2|7
2|3|6
3|4|5
4|5|4
5|1|8
6|6|3
9|7|2
10|8|1

query ITD
SELECT id, lag(name) OVER (ORDER BY id), lead(since) OVER (ORDER BY id) FROM users ORDER BY id
----
1|NULL|2021-03-01 12:30:00
2|Ann|2021-12-31 23:59:59.999
3|Bob|2022-01-01 00:00:00
4|Cem|NULL
5|Dora|2023-06-15 06:07:08.009
6|Emil|2024-02-29 10:00:00
9|Fatma|2025-10-26 01:30:00
10|Gus|NULL

query IB
SELECT id, bool_or(paid) OVER (ORDER BY id ROWS 2 PRECEDING) FROM orders ORDER BY id LIMIT 8
----
1|NULL
2|t
3|t
4|t
5|t
6|t
7|t
8|f

query II
SELECT id, sum(quantity) OVER (ORDER BY ts RANGE BETWEEN interval '1 day' PRECEDING AND CURRENT ROW) FROM orders WHERE ts IS NOT NULL ORDER BY id LIMIT 10
----
1|5
2|4
3|8
4|12
5|13
6|8
7|17
8|8
9|18
10|16

query TII
SELECT country, count(*), sum(count(*)) OVER (ORDER BY country) FROM events WHERE country IS NOT NULL GROUP BY country ORDER BY country
----
BR|1875|1875
DE|2799|4674
FR|2461|7135
GR|116|7251
IN|1577|8828
JP|2026|10854
NO|597|11451
PL|1083|12534
PT|347|12881
SE|867|13748
TR|1331|15079
US|2340|17419

query II
SELECT id, row_number() OVER (PARTITION BY country ORDER BY latency DESC NULLS LAST, id) AS r FROM events ORDER BY r, id LIMIT 5
----
267|1
311|1
1826|1
3488|1
4256|1

query I rowsort
SELECT count(*) FROM (SELECT lag(latency) OVER (ORDER BY id) AS p, latency FROM events) x WHERE latency > p
----
8124

query I rowsort
SELECT max(r) FROM (SELECT rank() OVER (ORDER BY user_id) AS r FROM events) x
----
17980

query R rowsort
SELECT avg(s) FROM (SELECT sum(latency) OVER (ORDER BY id ROWS BETWEEN 99 PRECEDING AND CURRENT ROW) AS s FROM events) x
----
94462.814888888889

statement error 42809
SELECT row_number() FROM users

statement error 42P20
SELECT id FROM users WHERE row_number() OVER (ORDER BY id) = 1

statement error 42803
SELECT sum(row_number() OVER ()) FROM users

statement error 42P20
SELECT row_number() OVER (ORDER BY row_number() OVER ()) FROM users

statement error 42P20
SELECT id, sum(id) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND 1 PRECEDING) FROM users

statement error 22013
SELECT id, sum(id) OVER (ORDER BY id ROWS -1 PRECEDING) FROM users

statement error 42704
SELECT sum(id) OVER nosuch FROM users

statement error 42P20
SELECT id, count(*) OVER (RANGE 1 PRECEDING) FROM users

statement error 22014
SELECT ntile(0) OVER (ORDER BY id) FROM users

statement error 22P02
SELECT lag(id, 1, 'x') OVER (ORDER BY id) FROM users

statement error 42883
SELECT nosuch(id) OVER (ORDER BY id) FROM users

statement error 42809
SELECT id, upper(name) OVER (ORDER BY id) FROM users
