-- sum, min and max of one column, no filter
-- goal: 15
-- ceiling: 36 28
SELECT sum(price), min(price), max(price) FROM events
