-- approximate distinct users by country; DuckDB answers from 64 registers, hence the wide comparison
-- compare: approximate 0.35
-- goal: 4
-- ceiling: 7.4
SELECT country, distinctcounthll(userId, 12) FROM events GROUP BY country ORDER BY country LIMIT 1000
-- duckdb: SELECT country, approx_count_distinct(userId) FROM events GROUP BY country ORDER BY country LIMIT 1000
-- clickhouse: SELECT country, uniqHLL12(userId) FROM events GROUP BY country ORDER BY country LIMIT 1000
