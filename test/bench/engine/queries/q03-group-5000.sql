-- sum and count by 5,000 campaigns, the ten largest
-- goal: 4
-- ceiling: 6.7 5.5
SELECT campaign, sum(price), count(*) FROM events GROUP BY campaign ORDER BY count(*) DESC, campaign LIMIT 10
