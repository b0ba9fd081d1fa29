-- count of one country over all rows
-- goal: 20
-- ceiling: 72
SELECT count(*) FROM events WHERE country = 'ac0'
