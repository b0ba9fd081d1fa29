-- the newest ten rows of one user, by scan
SELECT ts, url, price FROM events WHERE userId = 1234567 ORDER BY ts DESC, url LIMIT 10
