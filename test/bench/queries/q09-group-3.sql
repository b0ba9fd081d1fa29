-- three keys with a filter
SELECT country, device, status, count(*), sum(price) FROM events WHERE price > 100 GROUP BY country, device, status ORDER BY country, device, status LIMIT 100000
