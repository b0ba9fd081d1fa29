# Statements whose answers differ from PostgreSQL's: docs/sql/differences.md says why.
portable

# An offset as a time zone counts east of Greenwich, as in ISO 8601; PostgreSQL's counts west.

onlyif postgres
query Z rowsort
SELECT timestamp '2026-01-01' AT TIME ZONE '+02:00'
----
2026-01-01 02:00:00+00

onlyif freshet
query Z rowsort
SELECT timestamp '2026-01-01' AT TIME ZONE '+02:00'
----
2025-12-31 22:00:00+00

# to_timestamp(n) is Pinot's: milliseconds; PostgreSQL's are seconds.

onlyif postgres
query ZZZ rowsort
SELECT to_timestamp(0), to_timestamp(1767225600), to_timestamp(1.5)
----
1970-01-01 00:00:00+00|2026-01-01 00:00:00+00|1970-01-01 00:00:01.5+00

onlyif freshet
query DDD rowsort
SELECT to_timestamp(0), to_timestamp(1767225600000), to_timestamp(1500)
----
1970-01-01 00:00:00|2026-01-01 00:00:00|1970-01-01 00:00:01.5

onlyif freshet
statement error 42883
SELECT to_timestamp(1.5)

# Intervals are milliseconds: what needs months as a value is refused.

onlyif postgres
query V rowsort
SELECT age(timestamp '2026-01-02', timestamp '2026-01-01')
----
86400000

onlyif freshet
statement error 0A000 function age is not supported
SELECT age(timestamp '2026-01-02', timestamp '2026-01-01')

onlyif postgres
query V
SELECT justify_days(interval '40 days') = interval '1 month 10 days'
----
t

onlyif freshet
statement error 0A000 function justify_days is not supported
SELECT justify_days(interval '40 days')

onlyif freshet
statement error 0A000 months and years are not supported
SELECT '1 month'::interval

onlyif freshet
statement error 0A000 months and years are not supported
SELECT interval '1 month' * 2

onlyif postgres
query T
SELECT (interval '1 month' * 2)::text
----
2 mons
