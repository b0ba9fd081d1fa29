-- count of one country within 6 of 24 hours: block ranges of the time column
-- goal: 30
-- ceiling: 92 49
SELECT count(*) FROM events WHERE country = 'ac0' AND ts >= 1767247200000 AND ts < 1767268800000
-- duckdb: SELECT count(*) FROM events WHERE country = 'ac0' AND ts >= TIMESTAMP '2026-01-01 06:00:00' AND ts < TIMESTAMP '2026-01-01 12:00:00'
-- clickhouse: SELECT count(*) FROM events WHERE country = 'ac0' AND ts >= toDateTime64('2026-01-01 06:00:00', 3, 'UTC') AND ts < toDateTime64('2026-01-01 12:00:00', 3, 'UTC')
