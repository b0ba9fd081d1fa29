-- sum by 200 countries
-- goal: 4
-- ceiling: 8.1 7.8
SELECT country, sum(price) FROM events GROUP BY country ORDER BY country LIMIT 1000
