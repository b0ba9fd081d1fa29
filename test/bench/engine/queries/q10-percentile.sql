-- approximate 99th percentile by status, in the fast form
-- compare: approximate 0.02
-- goal: 20
-- ceiling: 74 61
SELECT status, percentilefast(price, 99) FROM events GROUP BY status ORDER BY status LIMIT 100
-- duckdb: SELECT status, approx_quantile(price, 0.99) FROM events GROUP BY status ORDER BY status LIMIT 100
-- clickhouse: SELECT status, quantileTDigest(0.99)(price) FROM events GROUP BY status ORDER BY status LIMIT 100
