-- count by minute: 1,440 groups of a computed key
-- goal: 8
-- ceiling: 25.7 23
SELECT dateTrunc('minute', ts) AS minute, count(*) FROM events GROUP BY dateTrunc('minute', ts) ORDER BY minute LIMIT 2000
-- duckdb: SELECT date_trunc('minute', ts) AS m, count(*) FROM events GROUP BY m ORDER BY m LIMIT 2000
-- clickhouse: SELECT toUnixTimestamp(toStartOfMinute(ts)) * 1000 AS m, count(*) FROM events GROUP BY m ORDER BY m LIMIT 2000
