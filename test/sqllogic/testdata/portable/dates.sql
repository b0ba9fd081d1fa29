# Timestamps, dates, intervals and zones.
portable

query DDD rowsort
SELECT timestamp '2026-01-02 03:04:05', timestamp '2026-01-02 03:04:05.678', timestamp '2026-01-02'
----
2026-01-02 03:04:05|2026-01-02 03:04:05.678|2026-01-02 00:00:00

query DD rowsort
SELECT date '2026-01-02', date '2024-02-29'
----
2026-01-02 00:00:00|2024-02-29 00:00:00

statement error 22008
SELECT date '2026-02-29'

statement error 22008
SELECT timestamp '2026-13-01'

statement error 22008
SELECT timestamp '2026-01-01 25:00:00'

statement error 22007
SELECT timestamp 'not a time'

query DDD rowsort
SELECT timestamp '2026-01-02T03:04:05', timestamp '2026-01-02 03:04', timestamp '2026-1-2 3:4:5'
----
2026-01-02 03:04:05|2026-01-02 03:04:00|2026-01-02 03:04:05

query DD rowsort
SELECT timestamp '2026-01-31' + interval '1 day', timestamp '2026-01-31' - interval '1 day'
----
2026-02-01 00:00:00|2026-01-30 00:00:00

query DDD rowsort
SELECT timestamp '2026-01-31' + interval '1 month', timestamp '2024-02-29' + interval '1 year', timestamp '2026-03-31' - interval '1 month'
----
2026-02-28 00:00:00|2025-02-28 00:00:00|2026-02-28 00:00:00

query DDD rowsort
SELECT timestamp '2026-01-01' + interval '90 minutes', timestamp '2026-01-01' + interval '1 hour 30 minutes', timestamp '2026-01-01' + interval '1.5 hours'
----
2026-01-01 01:30:00|2026-01-01 01:30:00|2026-01-01 01:30:00

query DD rowsort
SELECT timestamp '2026-01-01' + interval '1 week', timestamp '2026-01-01' + interval '2 weeks 3 days'
----
2026-01-08 00:00:00|2026-01-18 00:00:00

query DD rowsort
SELECT timestamp '2026-01-01' + interval '-1 day', timestamp '2026-01-01' + interval '1 day -2 hours'
----
2025-12-31 00:00:00|2026-01-01 22:00:00

query DD rowsort
SELECT timestamp '2026-01-01' + interval '01:02:03', timestamp '2026-01-01' + interval '1 day 01:02:03'
----
2026-01-01 01:02:03|2026-01-02 01:02:03

query DD rowsort
SELECT timestamp '2026-01-01' + interval 'P1D', timestamp '2026-01-01' + interval 'PT1H30M'
----
2026-01-02 00:00:00|2026-01-01 01:30:00

query DDD rowsort
SELECT timestamp '2026-01-01' + interval '1' day, timestamp '2026-01-01' + interval '2' hour, timestamp '2026-01-01' + interval '3' month
----
2026-01-02 00:00:00|2026-01-01 02:00:00|2026-04-01 00:00:00

query D rowsort
SELECT interval '1 day' + timestamp '2026-01-01'
----
2026-01-02 00:00:00

query DDD rowsort
SELECT timestamp '2026-01-01' + 2 * interval '1 day', timestamp '2026-01-01' + interval '1 day' * 3, timestamp '2026-01-01' + interval '1 day' / 2
----
2026-01-03 00:00:00|2026-01-04 00:00:00|2026-01-01 12:00:00

query VVVV rowsort
SELECT interval '1 day', interval '1 hour', interval '90 seconds', interval '1 day 2 hours'
----
86400000|3600000|90000|93600000

query VVV rowsort
SELECT interval '1 day' + interval '1 hour', interval '1 day' - interval '1 hour', - interval '1 day'
----
90000000|82800000|-86400000

query BBB rowsort
SELECT interval '1 day' = interval '24 hours', interval '1 day' > interval '23 hours', interval '60 seconds' = interval '1 minute'
----
t|t|t

statement error 22007
SELECT interval 'nonsense'

query VV rowsort
SELECT timestamp '2026-01-02' - timestamp '2026-01-01', timestamp '2026-01-01 12:00:00' - timestamp '2026-01-02'
----
86400000|-43200000

query BB rowsort
SELECT timestamp '2026-01-02' - timestamp '2026-01-01' = interval '1 day', timestamp '2026-01-02' - timestamp '2026-01-01' > interval '1 hour'
----
t|t

query R rowsort
SELECT extract(epoch FROM timestamp '2026-01-02' - timestamp '2026-01-01')
----
86400

query III rowsort
SELECT extract(year FROM timestamp '2026-05-06 07:08:09.123'), extract(month FROM timestamp '2026-05-06'), extract(day FROM timestamp '2026-05-06')
----
2026|5|6

query IIR rowsort
SELECT extract(hour FROM timestamp '2026-05-06 07:08:09.123'), extract(minute FROM timestamp '2026-05-06 07:08:09.123'), extract(second FROM timestamp '2026-05-06 07:08:09.123')
----
7|8|9.123

query IIIII rowsort
SELECT extract(dow FROM timestamp '2026-05-03'), extract(isodow FROM timestamp '2026-05-03'), extract(doy FROM timestamp '2026-05-03'), extract(week FROM timestamp '2026-01-01'), extract(isoyear FROM timestamp '2027-01-01')
----
0|7|123|1|2026

query IIII rowsort
SELECT extract(quarter FROM timestamp '2026-05-06'), extract(century FROM timestamp '2026-05-06'), extract(decade FROM timestamp '2026-05-06'), extract(millennium FROM timestamp '2026-05-06')
----
2|21|202|3

query RR rowsort
SELECT extract(milliseconds FROM timestamp '2026-05-06 07:08:09.123'), extract(microseconds FROM timestamp '2026-05-06 07:08:09.123')
----
9123|9.123e+06

query RRR rowsort
SELECT extract(epoch FROM timestamp '1970-01-02'), extract(epoch FROM timestamp '2026-05-06 07:08:09.123'), extract(epoch FROM timestamp '1969-12-31 23:59:59')
----
86400|1.778051289123e+09|-1

statement error 22023
SELECT extract(nonsense FROM timestamp '2026-05-06')

query IIR rowsort
SELECT date_part('year', timestamp '2026-05-06'), date_part('hour', timestamp '2026-05-06 07:08:09'), date_part('epoch', timestamp '2026-05-06')
----
2026|7|1.7780256e+09

query DDD rowsort
SELECT date_trunc('year', timestamp '2026-05-06 07:08:09.123'), date_trunc('month', timestamp '2026-05-06 07:08:09.123'), date_trunc('day', timestamp '2026-05-06 07:08:09.123')
----
2026-01-01 00:00:00|2026-05-01 00:00:00|2026-05-06 00:00:00

query DDD rowsort
SELECT date_trunc('hour', timestamp '2026-05-06 07:08:09.123'), date_trunc('minute', timestamp '2026-05-06 07:08:09.123'), date_trunc('second', timestamp '2026-05-06 07:08:09.123')
----
2026-05-06 07:00:00|2026-05-06 07:08:00|2026-05-06 07:08:09

query DDD rowsort
SELECT date_trunc('week', timestamp '2026-05-06 07:08:09.123'), date_trunc('quarter', timestamp '2026-05-06 07:08:09.123'), date_trunc('decade', timestamp '2026-05-06')
----
2026-05-04 00:00:00|2026-04-01 00:00:00|2020-01-01 00:00:00

statement error 22023
SELECT date_trunc('nonsense', timestamp '2026-05-06')

query D rowsort
SELECT date_bin('15 minutes', timestamp '2026-05-06 07:08:09', timestamp '2026-01-01')
----
2026-05-06 07:00:00

query TTTT rowsort
SELECT to_char(timestamp '2026-05-06 07:08:09.123', 'YYYY-MM-DD HH24:MI:SS'), to_char(timestamp '2026-05-06 17:08:09', 'HH12:MI AM'), to_char(timestamp '2026-05-06', 'Mon DD, YYYY'), to_char(timestamp '2026-05-06', 'Day')
----
2026-05-06 07:08:09|05:08 PM|May 06, 2026|Wednesday

query TTTTT rowsort
SELECT to_char(timestamp '2026-05-06', 'DDD'), to_char(timestamp '2026-05-06', 'IYYY-IW'), to_char(timestamp '2026-05-06', 'Q'), to_char(timestamp '2026-05-06 07:08:09.123', 'MS'), to_char(timestamp '2026-05-06', 'FMMonth')
----
126|2026-19|2|123|May

query D rowsort
SELECT to_date('2026-05-06', 'YYYY-MM-DD')
----
2026-05-06 00:00:00

query DD rowsort
SELECT make_timestamp(2026, 5, 6, 7, 8, 9.5), make_date(2026, 5, 6)
----
2026-05-06 07:08:09.5|2026-05-06 00:00:00

query BBB rowsort
SELECT timestamp '2026-01-01' < timestamp '2026-01-02', timestamp '2026-01-01' = date '2026-01-01', timestamp '2026-01-01' > '2025-12-31'
----
t|t|t

query ZZ rowsort
SELECT timestamp '2026-06-01 12:00:00' AT TIME ZONE 'Europe/Berlin', timestamp '2026-01-01 12:00:00' AT TIME ZONE 'America/New_York'
----
2026-06-01 10:00:00+00|2026-01-01 17:00:00+00

query DD rowsort
SELECT timestamp '2026-06-01 12:00:00' AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Berlin', timestamp '2026-01-01 12:00:00' AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Kolkata'
----
2026-06-01 14:00:00|2026-01-01 17:30:00

query ZZ rowsort
SELECT timestamp '2026-03-29 02:30:00' AT TIME ZONE 'Europe/Berlin', timestamp '2026-10-25 02:30:00' AT TIME ZONE 'Europe/Berlin'
----
2026-03-29 01:30:00+00|2026-10-25 01:30:00+00

statement error 22023
SELECT timestamp '2026-01-01' AT TIME ZONE 'Nowhere/City'

query ZZ rowsort
SELECT timestamptz '2026-01-01 12:00:00+02', timestamptz '2026-01-01 12:00:00Z'
----
2026-01-01 10:00:00+00|2026-01-01 12:00:00+00

query BBB rowsort
SELECT now() > timestamp '2020-01-01', now() = now(), current_timestamp = now()
----
t|t|t

query B rowsort
SELECT isfinite(timestamp '2026-01-01')
----
t

query B rowsort
SELECT (timestamp '2026-01-01', interval '1 day') OVERLAPS (timestamp '2026-01-01 12:00:00', interval '1 day')
----
t

query ID
SELECT id, t FROM types ORDER BY t, id
----
16|0001-01-01 00:00:00
15|1582-10-15 00:00:00
4|1900-01-01 00:00:00
2|1969-12-31 23:59:59.999
0|1970-01-01 00:00:00
9|2000-01-01 00:00:00
10|2000-01-01 00:00:00
8|2024-02-29 00:00:00
1|2026-01-02 03:04:05.678
11|2026-01-31 23:59:59.999
14|2026-02-28 00:00:00
6|2026-03-29 02:30:00
7|2026-10-25 02:30:00
12|2026-12-31 23:59:59
3|2262-04-11 23:47:16.854
17|9999-12-31 23:59:59.999
5|NULL
13|NULL

query ID
SELECT id, t + interval '1 day' FROM types WHERE id IN (1, 2, 5, 8) ORDER BY id
----
1|2026-01-03 03:04:05.678
2|1970-01-01 23:59:59.999
5|NULL
8|2024-03-01 00:00:00

query ID
SELECT id, t - interval '1 hour' FROM types WHERE id IN (1, 2, 5, 8) ORDER BY id
----
1|2026-01-02 02:04:05.678
2|1969-12-31 22:59:59.999
5|NULL
8|2024-02-28 23:00:00

query IIII
SELECT id, extract(year FROM t), extract(month FROM t), extract(day FROM t) FROM types ORDER BY id
----
0|1970|1|1
1|2026|1|2
2|1969|12|31
3|2262|4|11
4|1900|1|1
5|NULL|NULL|NULL
6|2026|3|29
7|2026|10|25
8|2024|2|29
9|2000|1|1
10|2000|1|1
11|2026|1|31
12|2026|12|31
13|NULL|NULL|NULL
14|2026|2|28
15|1582|10|15
16|1|1|1
17|9999|12|31

query IIR
SELECT id, extract(hour FROM t), extract(second FROM t) FROM types WHERE id < 15 ORDER BY id
----
0|0|0
1|3|5.678
2|23|59.999
3|23|16.854
4|0|0
5|NULL|NULL
6|2|0
7|2|0
8|0|0
9|0|0
10|0|0
11|23|59.999
12|23|59
13|NULL|NULL
14|0|0

query IIIII
SELECT id, extract(dow FROM t), extract(doy FROM t), extract(quarter FROM t), extract(week FROM t) FROM types WHERE id < 15 ORDER BY id
----
0|4|1|1|1
1|5|2|1|1
2|3|365|4|1
3|5|101|2|15
4|1|1|1|1
5|NULL|NULL|NULL|NULL
6|0|88|1|13
7|0|298|4|43
8|4|60|1|9
9|6|1|1|52
10|6|1|1|52
11|6|31|1|5
12|4|365|4|53
13|NULL|NULL|NULL|NULL
14|6|59|1|9

query IR
SELECT id, extract(epoch FROM t) FROM types WHERE id < 15 ORDER BY id
----
0|0
1|1.767323045678e+09
2|-0.001
3|9.223372036854e+09
4|-2.2089888e+09
5|NULL
6|1.7747514e+09
7|1.7928954e+09
8|1.7091648e+09
9|9.466848e+08
10|9.466848e+08
11|1.769903999999e+09
12|1.798761599e+09
13|NULL
14|1.7722368e+09

query IDDD
SELECT id, date_trunc('day', t), date_trunc('month', t), date_trunc('year', t) FROM types WHERE id < 15 ORDER BY id
----
0|1970-01-01 00:00:00|1970-01-01 00:00:00|1970-01-01 00:00:00
1|2026-01-02 00:00:00|2026-01-01 00:00:00|2026-01-01 00:00:00
2|1969-12-31 00:00:00|1969-12-01 00:00:00|1969-01-01 00:00:00
3|2262-04-11 00:00:00|2262-04-01 00:00:00|2262-01-01 00:00:00
4|1900-01-01 00:00:00|1900-01-01 00:00:00|1900-01-01 00:00:00
5|NULL|NULL|NULL
6|2026-03-29 00:00:00|2026-03-01 00:00:00|2026-01-01 00:00:00
7|2026-10-25 00:00:00|2026-10-01 00:00:00|2026-01-01 00:00:00
8|2024-02-29 00:00:00|2024-02-01 00:00:00|2024-01-01 00:00:00
9|2000-01-01 00:00:00|2000-01-01 00:00:00|2000-01-01 00:00:00
10|2000-01-01 00:00:00|2000-01-01 00:00:00|2000-01-01 00:00:00
11|2026-01-31 00:00:00|2026-01-01 00:00:00|2026-01-01 00:00:00
12|2026-12-31 00:00:00|2026-12-01 00:00:00|2026-01-01 00:00:00
13|NULL|NULL|NULL
14|2026-02-28 00:00:00|2026-02-01 00:00:00|2026-01-01 00:00:00

query IDDD
SELECT id, date_trunc('hour', t), date_trunc('week', t), date_trunc('quarter', t) FROM types WHERE id < 15 ORDER BY id
----
0|1970-01-01 00:00:00|1969-12-29 00:00:00|1970-01-01 00:00:00
1|2026-01-02 03:00:00|2025-12-29 00:00:00|2026-01-01 00:00:00
2|1969-12-31 23:00:00|1969-12-29 00:00:00|1969-10-01 00:00:00
3|2262-04-11 23:00:00|2262-04-07 00:00:00|2262-04-01 00:00:00
4|1900-01-01 00:00:00|1900-01-01 00:00:00|1900-01-01 00:00:00
5|NULL|NULL|NULL
6|2026-03-29 02:00:00|2026-03-23 00:00:00|2026-01-01 00:00:00
7|2026-10-25 02:00:00|2026-10-19 00:00:00|2026-10-01 00:00:00
8|2024-02-29 00:00:00|2024-02-26 00:00:00|2024-01-01 00:00:00
9|2000-01-01 00:00:00|1999-12-27 00:00:00|2000-01-01 00:00:00
10|2000-01-01 00:00:00|1999-12-27 00:00:00|2000-01-01 00:00:00
11|2026-01-31 23:00:00|2026-01-26 00:00:00|2026-01-01 00:00:00
12|2026-12-31 23:00:00|2026-12-28 00:00:00|2026-10-01 00:00:00
13|NULL|NULL|NULL
14|2026-02-28 00:00:00|2026-02-23 00:00:00|2026-01-01 00:00:00

query I
SELECT id FROM types WHERE t >= '2026-01-01' AND t < '2027-01-01' ORDER BY id
----
1
6
7
11
12
14

query I
SELECT id FROM types WHERE t BETWEEN '2026-01-01' AND '2026-12-31 23:59:59' ORDER BY id
----
1
6
7
11
12
14

query I
SELECT id FROM types WHERE t > timestamp '2026-01-01' + interval '60 days' ORDER BY id
----
3
6
7
12
17

query I
SELECT id FROM types WHERE t = '1970-01-01' ORDER BY id
----
0

query I
SELECT id FROM types WHERE extract(year FROM t) = 2026 ORDER BY id
----
1
6
7
11
12
14

query I
SELECT id FROM types WHERE date_trunc('month', t) = '2026-01-01' ORDER BY id
----
1
11

query I
SELECT id FROM types WHERE t IN ('1970-01-01', '2000-01-01 00:00:00') ORDER BY id
----
0
9
10

query I
SELECT id FROM types WHERE t::date = date '2026-01-02' ORDER BY id
----
1

statement error 22007
SELECT id FROM types WHERE t > 'soon' ORDER BY id

query IZ
SELECT id, since AT TIME ZONE 'Europe/Berlin' FROM users ORDER BY id
----
1|2020-02-28 23:00:00+00
2|2021-03-01 11:30:00+00
3|2021-12-31 22:59:59.999+00
4|2021-12-31 23:00:00+00
5|NULL
6|2023-06-15 04:07:08.009+00
9|2024-02-29 09:00:00+00
10|2025-10-25 23:30:00+00

query ID
SELECT id, since AT TIME ZONE 'UTC' AT TIME ZONE 'America/New_York' FROM users ORDER BY id
----
1|2020-02-28 19:00:00
2|2021-03-01 07:30:00
3|2021-12-31 18:59:59.999
4|2021-12-31 19:00:00
5|NULL
6|2023-06-15 02:07:08.009
9|2024-02-29 05:00:00
10|2025-10-25 21:30:00

query II
SELECT extract(year FROM since) AS y, count(*) FROM users GROUP BY y ORDER BY y NULLS FIRST
----
NULL|1
2020|1
2021|2
2022|1
2023|1
2024|1
2025|1

query DII
SELECT date_trunc('day', ts) AS day, count(*), sum(quantity) FROM orders GROUP BY day ORDER BY day NULLS FIRST LIMIT 8
----
NULL|2|11
2026-01-01 00:00:00|1|2
2026-01-02 00:00:00|2|3
2026-01-03 00:00:00|2|3
2026-01-04 00:00:00|2|13
2026-01-05 00:00:00|2|7
2026-01-06 00:00:00|2|11
2026-01-07 00:00:00|1|8

query II
SELECT extract(hour FROM ts) AS h, count(*) FROM orders GROUP BY h ORDER BY h NULLS FIRST
----
NULL|2
1|2
2|5
3|2
4|2
5|3
6|2
8|3
9|1
10|1
11|1
12|1
13|2
14|3
16|1
17|1
18|1
19|1
20|2
22|2
23|2

query DDV rowsort
SELECT min(ts), max(ts), max(ts) - min(ts) FROM orders
----
2026-01-01 22:41:42.125|2026-01-28 13:07:25.999|2298343874

query I rowsort
SELECT count(*) FROM orders WHERE ts - timestamp '2026-01-10' BETWEEN interval '0 days' AND interval '5 days'
----
9

query I rowsort
SELECT count(*) FROM events WHERE ts >= '2026-01-01 12:00:00' AND ts < '2026-01-02'
----
8636

query DIR
SELECT date_trunc('hour', ts) AS h, count(*), sum(amount) FROM events GROUP BY h ORDER BY h NULLS FIRST LIMIT 6
----
NULL|175|81513.61000000002
2026-01-01 00:00:00|699|330534.33000000037
2026-01-01 01:00:00|730|348318.05
2026-01-01 02:00:00|716|339289.68999999977
2026-01-01 03:00:00|731|353136.16000000044
2026-01-01 04:00:00|722|354699.90000000026

query DIR
SELECT date_trunc('day', ts) AS d, count(*), avg(latency) FROM events WHERE country = 'DE' GROUP BY d ORDER BY d
----
2026-01-01 00:00:00|2697|1006.43786521231
2026-01-02 00:00:00|80|885.2
NULL|22|1106.095238095238

query II
SELECT extract(minute FROM ts) AS m, count(*) FROM events WHERE ts < '2026-01-01 06:00:00' GROUP BY m ORDER BY 2 DESC, 1 LIMIT 5
----
50|83
32|82
44|82
3|81
53|79

query TI
SELECT to_char(ts, 'YYYY-MM-DD'), count(*) FROM events GROUP BY 1 ORDER BY 1 NULLS FIRST
----
NULL|175
2026-01-01|17255
2026-01-02|570

query DD rowsort
SELECT max(ts) + interval '1 second', min(ts) - interval '1 second' FROM events
----
2026-01-02 00:48:49.614|2026-01-01 00:00:03.683
