-- sum by 2 million users, the ten largest
-- goal: 2.5
-- ceiling: 4.2 4.9
SELECT userId, sum(price) AS total FROM events GROUP BY userId ORDER BY total DESC, userId LIMIT 10
