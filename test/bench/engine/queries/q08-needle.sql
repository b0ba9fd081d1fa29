-- the newest ten rows of one user, by scan
-- goal: 2
-- ceiling: 2.9
SELECT ts, url, price FROM events WHERE userId = 1234567 ORDER BY ts DESC, url LIMIT 10
-- clickhouse: SELECT toUnixTimestamp64Milli(ts) AS t, url, price FROM events WHERE userId = 1234567 ORDER BY t DESC, url LIMIT 10
