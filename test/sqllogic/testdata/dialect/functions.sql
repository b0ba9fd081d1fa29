# A function's name has Pinot's meaning on both endpoints, except EXTRACT, date_part and round(x, n).

query TTT rowsort
SELECT substr('hello', 1, 3), substring('hello' from 1 for 3), substring('hello', 1, 3)
----
el|hel|hel

query II rowsort
SELECT strpos('abc', 'c'), position('c' in 'abc')
----
2|3

query TT rowsort
SELECT splitPart('a,b,c', ',', 0), split_part('a,b,c', ',', 1)
----
a|b

query TT rowsort
SELECT concat('a', 'b', '-'), 'a' || 'b'
----
a-b|ab

query IIIIII rowsort
SELECT year(ts), month(ts), day(ts), hour(ts), minute(ts), second(ts) FROM orders WHERE id = 1
----
2026|1|2|20|3|4

query III rowsort
SELECT extract(dow FROM timestamp '2026-05-03'), date_part('dow', timestamp '2026-05-03'), dayOfWeek(timestamp '2026-05-03')
----
0|0|7

query RRR rowsort
SELECT round(2.567, 2), round(1234.5), roundDecimal(2.567, 1)
----
2.57|1235|2.6

query DDD rowsort
SELECT dateTrunc('DAY', ts), date_trunc('day', ts), DATETRUNC('day', ts) FROM orders WHERE id = 1
----
2026-01-02 00:00:00|2026-01-02 00:00:00|2026-01-02 00:00:00

query III rowsort
SELECT toEpochSeconds(1767225600000), toEpochDays(1767225600000), fromEpochSeconds(1767225600)
----
1767225600|20454|1767225600000

query TI rowsort
SELECT toDateTime(1767225600000, 'yyyy-MM-dd'), fromDateTime('2026-01-01', 'yyyy-MM-dd')
----
2026-01-01|1767225600000

query TT rowsort
SELECT regexp_extract('foobar', '(o+)'), regexpReplace('foobar', 'o', '0')
----
oo|f00bar

query III rowsort
SELECT DISTINCTCOUNT(status), distinct_count(status), count(DISTINCT status) FROM orders
----
5|5|5

query BI rowsort
SELECT ago('PT1H') < now(), now() - ago('PT1H')
----
t|3600000

query I rowsort
SELECT dateTimeConvert(1767225661000, '1:MILLISECONDS:EPOCH', '1:SECONDS:EPOCH', '1:MINUTES')
----
1767225660

query IT rowsort
SELECT jsonExtractScalar('{"a":{"b":5}}', '$.a.b', 'INT'), jsonExtractScalar('{"a":1}', '$.x', 'STRING', 'none')
----
5|none

query IRRR rowsort
SELECT arrayLength(tags), arrayMin(mi), arrayMax(mi), arraySum(mi) FROM types, orders WHERE types.id = 1 AND orders.id = 1
----
2|1|3|6

query IRR rowsort
SELECT arrayLength(mi), arrayMin(mi), arrayMax(mi) FROM types WHERE id = 1
----
3|1|3

query RR rowsort
SELECT percentile(quantity, 50), percentileTDigest(quantity, 50) FROM orders
----
4|4

query RTI rowsort
SELECT mode(quantity), firstWithTime(status, ts, 'STRING'), lastWithTime(id, ts, 'LONG') FROM orders
----
4|baked|27

query RT rowsort
SELECT minMaxRange(quantity), sumPrecision(discount) FROM orders
----
7|65.73703670370370367
