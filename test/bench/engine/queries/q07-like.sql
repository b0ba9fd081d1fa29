-- substring search over 100,000 distinct URLs
-- goal: 15
-- ceiling: 16.9 19
SELECT count(*) FROM events WHERE url LIKE '%veggie%'
