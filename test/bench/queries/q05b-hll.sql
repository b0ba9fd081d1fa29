-- approximate distinct users by country
-- compare: approximate 0.1
SELECT country, distinctcounthll(userId, 12) FROM events GROUP BY country ORDER BY country LIMIT 1000
-- duckdb: SELECT country, approx_count_distinct(userId) FROM events GROUP BY country ORDER BY country LIMIT 1000
