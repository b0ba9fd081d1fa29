# Pinot's statements over the whole of events, as its clients send them.

dialect http

query I rowsort
SELECT COUNT(*) FROM events
----
18000

query TI
SELECT country, COUNT(*) AS n FROM events GROUP BY country ORDER BY n DESC
----
DE|2799
FR|2461
US|2340
JP|2026
BR|1875
IN|1577
TR|1331
PL|1083
SE|867
NO|597

query TTR
SELECT country, device, SUM(amount) FROM events WHERE bot = false GROUP BY country, device ORDER BY SUM(amount) DESC LIMIT 5
----
DE|desktop|319489.86
DE|tablet|286829.93
DE|phone|281640.46
FR|desktop|274548.61
DE|tv|272104.69

query IIIIR rowsort
SELECT DISTINCTCOUNT(user_id), DISTINCTCOUNTHLL(device), MIN(latency), MAX(latency), AVG(latency) FROM events
----
1000|4|0|1999|997.3700345170538

query RR rowsort
SELECT PERCENTILE(latency, 95), PERCENTILE50(latency) FROM events
----
1902|995

query II
SELECT DATETRUNC('day', ts) AS d, COUNT(*) FROM events GROUP BY d ORDER BY d
----
1767225600000|17255
1767312000000|570
NULL|175

query TI
SELECT ToDateTime(ts, 'yyyy-MM-dd') AS ts, COUNT(*) FROM events GROUP BY ts ORDER BY ts
----
2026-01-01|17255
2026-01-02|570
NULL|175

query I rowsort
SELECT COUNT(*) FROM events WHERE REGEXP_LIKE(url, '^/shop/phone/1.$')
----
133

query I rowsort
SELECT COUNT(*) FROM events WHERE REGEXP_LIKE(country, '^d', 'i')
----
2799

query II rowsort
SELECT COUNT(*) FILTER (WHERE latency > 1000), SUM(latency) FILTER (WHERE bot) FROM events
----
8499|734636

query TI
SELECT device, COUNT(*) FROM events GROUP BY device HAVING COUNT(*) > 4500 ORDER BY device
----
desktop|4588
tablet|4523

query RIII rowsort
SELECT SUM(amount * latency), SUM(ADD(latency, 1)), SUM(SUB(latency, 1)), SUM(MULT(latency, 2)) FROM events WHERE id < 1000
----
4.5158649325e+08|956373|954471|1910844

query IT
SELECT id, country FROM events WHERE country IN ('SE', 'NO') AND latency > 1900 ORDER BY id
----
296|SE
368|NO
392|NO
965|SE
984|SE
1099|NO
1564|SE
1682|SE
1907|NO
2080|NO

query ITTTIBIRID rowsort
SELECT * FROM events WHERE id = 3
----
3|PL|tablet|/shop/phone/340|260|f|1532|236.71|354264205454|2026-01-01 00:00:19.387

query t
SELECT VALUEIN(tags, 'gift') FROM orders WHERE tags = 'gift' ORDER BY id LIMIT 2
----
{gift}
{gift}

query I rowsort
SELECT COUNT(*) FROM orders WHERE tags IN ('gift', 'late')
----
22

query TI
SELECT tags, COUNT(*) FROM orders GROUP BY tags ORDER BY COUNT(*) DESC, tags
----
gift|16
spicy|14
express|13
vegan|13
late|11
NULL|4

query RIR rowsort
SELECT MINMAXRANGE(latency), SUM(bytes), STDDEVPOP(latency) FROM events
----
1999|9899999203587775|578.8167672819123

query TI rowsort
SELECT LASTWITHTIME(country, ts, 'STRING'), FIRSTWITHTIME(id, ts, 'LONG') FROM events WHERE country IS NOT NULL AND id < 100
----
DE|0

query TI
SELECT CASE WHEN latency > 1000 THEN 'slow' ELSE 'fast' END AS speed, COUNT(*) FROM events GROUP BY speed ORDER BY speed
----
fast|9501
slow|8499

query I rowsort
SELECT COUNT(*) FROM events WHERE ts > ago('P365D')
----
17825

query I rowsort
SELECT COUNT(*) FROM events WHERE ts BETWEEN 1767225600000 AND 1767229200000
----
699

query TI
SELECT country, COUNT(*) FROM events WHERE country <> 'DE' GROUP BY country ORDER BY 2 DESC LIMIT 3
----
FR|2461
US|2340
JP|2026

query I rowsort
SELECT COUNT(*) FROM events WHERE country != 'DE' AND NOT device = 'tv'
----
11025

query V rowsort
SELECT MAX(ts) - MIN(ts) FROM events
----
89323931

query T
SELECT DISTINCT device FROM events ORDER BY device
----
desktop
phone
tablet
tv

query TI rowsort
SELECT MODE(device), COUNT(DISTINCT device) FROM events
----
desktop|4

query t rowsort
SELECT ARRAYAGG(device, 'STRING', true) FROM events WHERE id < 1
----
{phone}

query r rowsort
SELECT HISTOGRAM(latency, 0, 2000, 4) FROM events
----
{4292,4293,4200,4308}
