-- count of one country over all rows
SELECT count(*) FROM events WHERE country = 'ac0'
