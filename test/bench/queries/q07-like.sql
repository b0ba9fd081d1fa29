-- substring search over 100,000 distinct URLs
SELECT count(*) FROM events WHERE url LIKE '%veggie%'
