-- sum by 200 countries
SELECT country, sum(price) FROM events GROUP BY country ORDER BY country LIMIT 1000
