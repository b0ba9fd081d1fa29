# Time zones with gaps and overlaps, times before 1970, ends of calendars: PostgreSQL gives the answers.
portable

query ZZZ
SELECT timestamp '2026-03-29 01:59' AT TIME ZONE 'Europe/Berlin', timestamp '2026-03-29 02:30' AT TIME ZONE 'Europe/Berlin', timestamp '2026-03-29 03:00' AT TIME ZONE 'Europe/Berlin'
----
2026-03-29 00:59:00+00|2026-03-29 01:30:00+00|2026-03-29 01:00:00+00

query ZZZ
SELECT timestamp '2026-10-25 01:59' AT TIME ZONE 'Europe/Berlin', timestamp '2026-10-25 02:30' AT TIME ZONE 'Europe/Berlin', timestamp '2026-10-25 03:00' AT TIME ZONE 'Europe/Berlin'
----
2026-10-24 23:59:00+00|2026-10-25 01:30:00+00|2026-10-25 02:00:00+00

query DDDD
SELECT timestamptz '2026-10-25 00:30+00' AT TIME ZONE 'Europe/Berlin', timestamptz '2026-10-25 01:30+00' AT TIME ZONE 'Europe/Berlin', timestamptz '2026-03-29 00:59:59.999+00' AT TIME ZONE 'Europe/Berlin', timestamptz '2026-03-29 01:00+00' AT TIME ZONE 'Europe/Berlin'
----
2026-10-25 02:30:00|2026-10-25 02:30:00|2026-03-29 01:59:59.999|2026-03-29 03:00:00

query DDD
SELECT timestamptz '2026-04-04 15:00+00' AT TIME ZONE 'Australia/Lord_Howe', timestamptz '2026-01-01 00:00+00' AT TIME ZONE 'Asia/Kathmandu', timestamptz '2011-12-30 10:00+00' AT TIME ZONE 'Pacific/Apia'
----
2026-04-05 01:30:00|2026-01-01 05:45:00|2011-12-31 00:00:00

query ZZZZ
SELECT date_trunc('day', timestamptz '2026-03-29 12:00+00', 'Europe/Berlin'), date_trunc('hour', timestamptz '2026-10-25 01:30+00', 'Europe/Berlin'), date_trunc('hour', timestamptz '2026-10-25 00:30+00', 'Europe/Berlin'), date_trunc('month', timestamptz '2026-03-31 22:30+00', 'Europe/Berlin')
----
2026-03-28 23:00:00+00|2026-10-25 01:00:00+00|2026-10-25 00:00:00+00|2026-03-31 22:00:00+00

query ZZZ
SELECT date_trunc('week', timestamptz '2026-03-29 23:00+00', 'Europe/Berlin'), date_trunc('year', timestamptz '2025-12-31 23:30+00', 'Europe/Berlin'), date_trunc('quarter', timestamptz '2026-06-30 22:30+00', 'Europe/Berlin')
----
2026-03-29 22:00:00+00|2025-12-31 23:00:00+00|2026-06-30 22:00:00+00

statement error 22023
SELECT timestamp '2026-01-01' AT TIME ZONE 'No/Where'

statement error 22008
SELECT timestamp '2024-02-29 00:00', timestamp '2023-02-29'

query DDDD
SELECT timestamp '2024-02-29 23:59:59.999', timestamp '1969-12-31 23:59:59.999', timestamp '0001-01-01', timestamp '9999-12-31 23:59:59.999'
----
2024-02-29 23:59:59.999|1969-12-31 23:59:59.999|0001-01-01 00:00:00|9999-12-31 23:59:59.999

query DDDDD
SELECT date_trunc('millisecond', timestamp '1969-12-31 23:59:59.999'), date_trunc('second', timestamp '1969-12-31 23:59:59.999'), date_trunc('day', timestamp '1969-12-31 23:59:59.999'), date_trunc('week', timestamp '1969-12-31'), date_trunc('decade', timestamp '1969-12-31')
----
1969-12-31 23:59:59.999|1969-12-31 23:59:59|1969-12-31 00:00:00|1969-12-29 00:00:00|1960-01-01 00:00:00

query IIIII
SELECT extract(isoyear FROM timestamp '2021-01-03'), extract(week FROM timestamp '2021-01-03'), extract(week FROM timestamp '2020-12-31'), extract(week FROM timestamp '2024-12-30'), extract(isodow FROM timestamp '2021-01-03')
----
2020|53|53|1|7

query DDD
SELECT date_bin('1 day', timestamp '1969-12-31 01:00', timestamp '1970-01-01'), date_bin('7 minutes', timestamp '2026-01-01 00:06:59', timestamp '2026-01-01'), date_bin('7 minutes', timestamp '2025-12-31 23:59', timestamp '2026-01-01')
----
1969-12-31 00:00:00|2026-01-01 00:00:00|2025-12-31 23:53:00

statement error 22008
SELECT date_bin('0 minutes', timestamp '2026-01-01', timestamp '2026-01-01')

query DD
SELECT timestamp '2026-01-01 24:00', timestamp '2026-01-01 23:59:60'
----
2026-01-02 00:00:00|2026-01-02 00:00:00

statement error 22008
SELECT timestamp '2026-13-01'

statement error 22008
SELECT timestamp '2026-01-01 25:00'

query ZZZ
SELECT '2026-01-01T00:00:00Z'::timestamptz, '2026-01-01 00:00:00+05:30'::timestamptz, '2026-01-01 00:00:00-0330'::timestamptz
----
2026-01-01 00:00:00+00|2025-12-31 18:30:00+00|2026-01-01 03:30:00+00
