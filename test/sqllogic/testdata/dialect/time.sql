# Time: UTC milliseconds; a function gives TIMESTAMP for TIMESTAMP and LONG for LONG; differences are LONG milliseconds.

query DI rowsort
SELECT dateTrunc('hour', ts), dateTrunc('hour', 1767225661000) FROM orders WHERE id = 1
----
2026-01-02 20:00:00|1767225600000

query IID rowsort
SELECT ts + 1000, ts - 1000, ts + INTERVAL '1 second' FROM orders WHERE id = 1
----
1767384185000|1767384183000|2026-01-02 20:03:05

query V rowsort
SELECT ts - timestamp '2026-01-01' FROM orders WHERE id = 1
----
158584000

query BB rowsort
SELECT ts - timestamp '2026-01-01' > INTERVAL '1 day', ts - timestamp '2026-01-01' > 1000 FROM orders WHERE id = 1
----
t|t

query R rowsort
SELECT extract(epoch FROM ts - timestamp '2026-01-01') FROM orders WHERE id = 1
----
158584

query ZIZ rowsort
SELECT now(), now() - 1000, now() + INTERVAL '1 hour'
----
2026-06-15 12:00:00+00|1781524799000|2026-06-15 13:00:00+00

query I rowsort
SELECT count(*) FROM orders WHERE ts > 1768000000000
----
22

query I rowsort
SELECT count(*) FROM orders WHERE ts > '2026-01-10T00:00:00Z'
----
22

query I rowsort
SELECT count(*) FROM orders WHERE ts > '2026-01-10'
----
22

query I rowsort
SELECT count(*) FROM orders WHERE ts BETWEEN '2026-01-10' AND 1769000000000
----
14

statement error 22007 @40
SELECT count(*) FROM orders WHERE ts > 'yesterday'

query T rowsort
SHOW TimeZone
----
UTC

statement ok
SET TimeZone = 'Europe/Berlin'

query ZD rowsort
SELECT now(), timestamp '2026-01-01'
----
2026-06-15 14:00:00+02|2026-01-01 00:00:00

statement ok
RESET TimeZone

query IDT rowsort
SELECT CAST(ts AS LONG), CAST(1767225600000 AS TIMESTAMP), CAST(ts AS STRING) FROM orders WHERE id = 1
----
1767384184000|2026-01-01 00:00:00|2026-01-02 20:03:04

dialect http

query DII rowsort
SELECT ts, dateTrunc('hour', ts), ts + 1000 FROM orders WHERE id = 1
----
2026-01-02 20:03:04|1767384000000|1767384185000

query II
SELECT dateTrunc('day', ts) AS d, count(*) FROM orders GROUP BY d ORDER BY d LIMIT 3
----
1767225600000|1
1767312000000|2
1767398400000|2

query D rowsort
SELECT CAST(dateTrunc('hour', ts) AS TIMESTAMP) FROM orders WHERE id = 1
----
2026-01-02 20:00:00

query BB rowsort
SELECT now() > 0, ago('P1D') < now()
----
t|t
