# Aggregates, with FILTER and DISTINCT.
portable

query III rowsort
SELECT count(*), count(price), count(DISTINCT price) FROM orders
----
40|37|37

query IRNI rowsort
SELECT sum(quantity), sum(price), sum(discount), sum(id) FROM orders
----
179|1153.75|65.73703670370370367|820

query RRR rowsort
SELECT avg(quantity), avg(price), avg(id) FROM orders
----
4.475|31.18243243243243|20.5

query IIRRTTDD rowsort
SELECT min(quantity), max(quantity), min(price), max(price), min(status), max(status), min(ts), max(ts) FROM orders
----
1|8|5.16|59.92|baked|paid|2026-01-01 22:41:42.125|2026-01-28 13:07:25.999

query NN rowsort
SELECT min(discount), max(discount) FROM orders
----
0|12.34567890123456789

query III rowsort
SELECT count(*) FILTER (WHERE paid), count(*) FILTER (WHERE NOT paid), count(*) FILTER (WHERE paid IS NULL) FROM orders
----
12|14|14

query RR rowsort
SELECT sum(price) FILTER (WHERE status = 'paid'), avg(price) FILTER (WHERE status = 'paid') FROM orders
----
233.94|29.2425

query RIR rowsort
SELECT sum(price) FILTER (WHERE false), count(*) FILTER (WHERE false), min(price) FILTER (WHERE NULL) FROM orders
----
NULL|0|NULL

query TI
SELECT status, count(*) FILTER (WHERE quantity > 4) FROM orders GROUP BY status ORDER BY status
----
baked|6
cancelled|2
created|3
delivered|2
paid|5

query TIR
SELECT status, sum(quantity) FILTER (WHERE city = 'Bonn'), max(price) FILTER (WHERE paid) FROM orders GROUP BY status ORDER BY status
----
baked|16|54.3
cancelled|8|54.17
created|4|NULL
delivered|2|NULL
paid|8|54.23

query IIII rowsort
SELECT count(DISTINCT status), count(DISTINCT city), count(DISTINCT paid), count(DISTINCT user_id) FROM orders
----
5|4|2|8

query IRI rowsort
SELECT sum(DISTINCT quantity), avg(DISTINCT quantity), min(DISTINCT quantity) FROM orders
----
36|4.5|1

query TI
SELECT status, count(DISTINCT city) FROM orders GROUP BY status ORDER BY status
----
baked|4
cancelled|2
created|3
delivered|2
paid|4

query TI
SELECT status, sum(DISTINCT quantity) FROM orders GROUP BY status ORDER BY status
----
baked|28
cancelled|24
created|25
delivered|16
paid|34

query I rowsort
SELECT count(DISTINCT status) FILTER (WHERE paid) FROM orders
----
3

query I rowsort
SELECT count(DISTINCT city || status) FROM orders
----
15

query I rowsort
SELECT count(ALL status) FROM orders
----
40

query BBB rowsort
SELECT bool_and(paid), bool_or(paid), every(paid) FROM orders
----
f|t|f

query TBB
SELECT status, bool_and(quantity > 1), bool_or(quantity > 7) FROM orders GROUP BY status ORDER BY status
----
baked|f|t
cancelled|f|t
created|t|t
delivered|t|f
paid|f|t

query BB rowsort
SELECT bool_and(b), bool_or(b) FROM types WHERE id = 5
----
NULL|NULL

query RRRR rowsort
SELECT stddev_pop(quantity), stddev_samp(quantity), var_pop(quantity), var_samp(quantity) FROM orders
----
2.3343896418550183|2.364128288418918|5.449375|5.589102564102564

query RR rowsort
SELECT stddev(price), variance(price) FROM orders
----
16.68433037403749|278.36688003002996

query RR rowsort
SELECT stddev_samp(quantity), var_pop(quantity) FROM orders WHERE id = 1
----
NULL|0

query TRR
SELECT status, stddev_pop(price), var_samp(price) FROM orders GROUP BY status ORDER BY status
----
baked|16.195482973656574|286.1385477272727
cancelled|14.08039969445312|237.9091866666666
created|16.068771992076226|309.84652000000006
delivered|15.461108110352248|298.80733000000004
paid|17.949471962985427|368.2097642857142

query RRR rowsort
SELECT covar_pop(price, quantity), covar_samp(price, quantity), corr(price, quantity) FROM orders
----
-3.172746530314097|-3.2608783783783775|-0.08242083761277362

query IR rowsort
SELECT regr_count(price, quantity), regr_slope(price, quantity) FROM orders
----
37|-0.5799052069425901

query III rowsort
SELECT sum(quantity * 2), sum(quantity) * 2, sum(quantity + 1) - count(*) FROM orders
----
358|358|179

query RR rowsort
SELECT sum(price * quantity), avg(price + quantity) FROM orders
----
4902.979999999999|35.53378378378378

query IR rowsort
SELECT max(quantity) + min(quantity), max(price) - min(price) FROM orders
----
9|54.760000000000005

query IN rowsort
SELECT abs(min(-quantity)), round(avg(price)::numeric, 3) FROM orders
----
8|31.182

query IIII rowsort
SELECT min(i), max(i), min(l), max(l) FROM types
----
-2147483648|2147483647|-9223372036854775808|9223372036854775807

query IR rowsort
SELECT sum(i), avg(i) FROM types WHERE id NOT IN (3, 4)
----
313|22.357142857142858

query IR rowsort
SELECT sum(l), avg(l) FROM types WHERE id NOT IN (3, 4)
----
10000000191|7.142857279285715e+08

query RRRR rowsort
SELECT sum(d), avg(d), min(d), max(d) FROM types WHERE id NOT IN (3, 4, 15, 16, 17)
----
9.007199254740998e+15|7.505999378950831e+14|-2.5|9.007199254740992e+15

query NNN rowsort
SELECT sum(n), min(n), max(n) FROM types
----
9007199254741009.936563656918090000001|-99999999999999999999999999999999999999|99999999999999999999999999999999999999

query R rowsort
SELECT avg(n) FROM types WHERE id IN (1, 6, 12)
----
1.3333333333333333

query RR rowsort
SELECT min(f), max(f) FROM types WHERE id NOT IN (15)
----
-Infinity|Infinity

query R rowsort
SELECT sum(f) FROM types WHERE id IN (1, 2, 6, 9)
----
1.75

query TTDD rowsort
SELECT min(s), max(s), min(t), max(t) FROM types
----
(empty)|ÄÖÜ ß €|0001-01-01 00:00:00|9999-12-31 23:59:59.999

query R rowsort
SELECT sum(d) FROM types WHERE id IN (16, 1)
----
Infinity

query R rowsort
SELECT sum(d) FROM types WHERE id IN (16, 17)
----
NaN

query RR rowsort
SELECT max(d), min(d) FROM types WHERE id IN (16, 17, 1)
----
Infinity|-Infinity

query IIRII rowsort
SELECT count(i), sum(i), avg(i), min(i), max(i) FROM types WHERE i IS NULL
----
0|NULL|NULL|NULL|NULL

query I rowsort
SELECT count(*) FROM types WHERE false
----
0

query I rowsort
SELECT sum(i) FROM types WHERE false
----
NULL

query II rowsort
SELECT i, count(*) FROM types WHERE false GROUP BY i
----

query I rowsort
SELECT count(*) FROM events
----
18000

query IRII rowsort
SELECT sum(latency), avg(latency), min(latency), max(latency) FROM events
----
17048046|997.3700345170538|0|1999

query RRIR rowsort
SELECT sum(amount), avg(amount), sum(bytes), avg(bytes) FROM events
----
8.69679488e+06|493.09944321596646|9899999203587775|5.499999557548763e+11

query IIII rowsort
SELECT count(DISTINCT country), count(DISTINCT url), count(DISTINCT user_id), count(DISTINCT latency) FROM events
----
12|1500|1000|2000

query III rowsort
SELECT sum(bytes) FILTER (WHERE bot), sum(bytes) FILTER (WHERE NOT bot), sum(bytes) FILTER (WHERE bot IS NULL) FROM events
----
412495345450673|8565018259575842|922485598561260

query DDI rowsort
SELECT min(ts), max(ts), count(ts) FROM events
----
2026-01-01 00:00:04.683|2026-01-02 00:48:48.614|17825

query RR rowsort
SELECT stddev_pop(latency), var_samp(amount) FROM events
----
578.816767281912|83090.36560711812

query RR rowsort
SELECT corr(latency, amount), covar_pop(latency, bytes) FROM events
----
-0.007518278418125857|-2.287411529411753e+12

query TR
SELECT country, stddev_samp(latency) FROM events GROUP BY country ORDER BY country NULLS LAST
----
BR|585.099810307182
DE|569.863981653128
FR|570.191196500544
GR|555.64881633028
IN|587.456179631925
JP|574.526716194474
NO|582.467218298732
PL|592.295460887611
PT|569.428975942063
SE|581.822865490181
TR|579.645814377387
US|585.960905797257
NULL|571.963608038836

query TIIR
SELECT country, count(*) FILTER (WHERE bot), count(*) FILTER (WHERE latency > 1500), sum(amount) FILTER (WHERE device = 'tv') FROM events GROUP BY country ORDER BY country NULLS LAST
----
BR|83|428|225134.79000000004
DE|110|671|318421.52000000014
FR|105|562|296166.30000000016
GR|4|28|18952.73
IN|70|375|182821.5000000001
JP|78|473|253501.61999999988
NO|33|143|67849.00000000001
PL|48|260|120366.25999999998
PT|12|77|35333.31000000001
SE|38|212|96375.27999999998
TR|58|327|156716.06999999998
US|108|584|274189.14999999997
NULL|21|156|70253.62000000002

query TTTTT
SELECT device, min(country), max(country), min(url), max(url) FROM events GROUP BY device ORDER BY device
----
desktop|BR|US|/shop/desktop/0|/shop/tablet/99
phone|BR|US|/shop/desktop/0|/shop/tablet/99
tablet|BR|US|/shop/desktop/0|/shop/tablet/99
tv|BR|US|/shop/desktop/0|/shop/tablet/99

query TI
SELECT device, sum(DISTINCT latency) FROM events GROUP BY device ORDER BY device
----
desktop|1785251
phone|1755618
tablet|1758824
tv|1769000

query I rowsort
SELECT sum(latency) FROM events WHERE amount > 500 AND country IN ('DE', 'FR') AND NOT bot
----
2018056

query R rowsort
SELECT avg(amount) FROM events WHERE url LIKE '%phone%' AND latency BETWEEN 100 AND 900
----
494.98466075388063

query II rowsort
SELECT count(*), sum(bytes % 1000) FROM events WHERE bytes > 1000000000000
----
1683|841492

query T rowsort
SELECT string_agg(status, ',') FROM orders WHERE id = 1
----
cancelled

query i rowsort
SELECT array_agg(id ORDER BY id) FROM users
----
{1,2,3,4,5,6,9,10}

query t rowsort
SELECT array_agg(name ORDER BY name DESC) FROM users WHERE city = 'Köln'
----
{Ida,Cem,Ann}

query T rowsort
SELECT string_agg(DISTINCT city, '|' ORDER BY city) FROM users
----
Aachen\|Berlin\|Bonn\|Hamburg\|Köln

query R rowsort
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY quantity) FROM orders
----
4

query I rowsort
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY quantity) FROM orders
----
4

query T rowsort
SELECT mode() WITHIN GROUP (ORDER BY status) FROM orders
----
baked

query III rowsort
SELECT bit_and(quantity), bit_or(quantity), bit_xor(quantity) FROM orders
----
0|15|1

statement error 42809
SELECT count()

statement error 42883
SELECT sum()  FROM orders

statement error 42601
SELECT sum(DISTINCT) FROM orders

statement error 42803
SELECT count(*) FILTER (WHERE sum(price) > 1) FROM orders

statement error 42804
SELECT count(*) FILTER (WHERE quantity) FROM orders

statement error 42601
SELECT price FILTER (WHERE paid) FROM orders

statement error 42809
SELECT abs(DISTINCT price) FROM orders

statement error 42601
SELECT count(DISTINCT *) FROM orders

statement error 42883
SELECT sum(price, quantity) FROM orders
