-- exact distinct users by country
-- goal: 5
-- ceiling: 8.0 9.5
SELECT country, distinctcount(userId) FROM events GROUP BY country ORDER BY country LIMIT 1000
-- duckdb: SELECT country, count(DISTINCT userId) FROM events GROUP BY country ORDER BY country LIMIT 1000
-- clickhouse: SELECT country, uniqExact(userId) FROM events GROUP BY country ORDER BY country LIMIT 1000
