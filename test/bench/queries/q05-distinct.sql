-- exact distinct users by country
SELECT country, distinctcount(userId) FROM events GROUP BY country ORDER BY country LIMIT 1000
-- duckdb: SELECT country, count(DISTINCT userId) FROM events GROUP BY country ORDER BY country LIMIT 1000
