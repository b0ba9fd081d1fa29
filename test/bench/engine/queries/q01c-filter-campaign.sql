-- count of one of 5,000 campaigns: more values than segments count, so that all rows are read
-- goal: 20
SELECT count(*) FROM events WHERE campaign = 'campaign-product-42'
