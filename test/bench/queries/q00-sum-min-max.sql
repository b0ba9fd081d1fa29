-- sum, min and max of one column, no filter
SELECT sum(price), min(price), max(price) FROM events
