-- sum by 2 million users, the ten largest
SELECT userId, sum(price) AS total FROM events GROUP BY userId ORDER BY total DESC, userId LIMIT 10
