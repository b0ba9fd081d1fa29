-- three keys with a filter
-- goal: 5
-- ceiling: 8.7 7.3
SELECT country, device, status, count(*), sum(price) FROM events WHERE price > 100 GROUP BY country, device, status ORDER BY country, device, status LIMIT 100000
