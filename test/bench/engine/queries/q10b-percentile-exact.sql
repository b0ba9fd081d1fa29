-- exact 99th percentile by status; percentile_disc takes the same rank as DuckDB's function
-- goal: 1.5
SELECT status, percentile_disc(0.99) WITHIN GROUP (ORDER BY price) FROM events GROUP BY status ORDER BY status LIMIT 100
-- duckdb: SELECT status, quantile_disc(price, 0.99) FROM events GROUP BY status ORDER BY status LIMIT 100
-- clickhouse: SELECT status, quantileExact(0.99)(price) FROM events GROUP BY status ORDER BY status LIMIT 100
